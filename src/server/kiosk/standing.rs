//! How a kiosk is: the one source of `kiosk status` and of the page for staff.

use std::path::Path;

use super::super::outbox::free_bytes;
use super::kept::Kept;
use super::news::News;
use crate::error::Result;
use crate::store::aside::{self, SetAside};
use crate::store::outbox::{self, Status};
use crate::store::record::Told;
use crate::store::{CentralId, Health, Outbox};
use crate::sync::enrol::Enrolment;
use crate::sync::release::shelf::Shelf;

/// Less than this is a full disk: SQLite needs room to write what it then takes back.
const FREE_BYTES_MIN: u64 = 1024 * 1024;
/// A response sealed for two keys with its label and indexes, rounded up: most take half of it.
const ANSWER_BYTES: u64 = 6 * 1024;

/// The words of a central that answers and says no (`SyncError::name`).
const REFUSALS: [&str; 5] = ["refused", "revoked", "unknown-key", "other-central", "other-keys"];

/// What is stored, what is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name at its central; before the enrolment the one in its settings.
    pub kiosk: Option<String>,
    /// The central's address; none before the enrolment.
    pub central: Option<String>,
    pub health: Health,
    /// None where the database cannot be read.
    pub status: Option<Status>,
    pub disk_free_bytes: Option<u64>,
    /// Damaged databases that were set aside and that nobody has looked at: an alarm, also where
    /// `health` is fine again.
    pub set_aside: Vec<SetAside>,
    /// How things went with it while it ran.
    pub news: News,
    /// The warmest part that can be asked, in whole degrees Celsius.
    pub temperature_c: Option<i64>,
}

impl Standing {
    /// Looks into the kiosk's folder, beside a running kiosk or without one; `name` is the settings'.
    pub fn read(folder: &Path, name: Option<String>) -> Result<Standing> {
        let enrolment = Enrolment::load(folder)?;
        let central: Option<CentralId> = enrolment.as_ref().map(|found| found.admission.central_id);
        let (health, status) = outbox::inspect(folder, central);
        let free = free_bytes(&folder.join(outbox::FILE));
        let health = match free {
            // Other troubles may be no more than that, too.
            Some(free) if free < FREE_BYTES_MIN && health != Health::Corrupt => Health::DiskFull,
            _ => health,
        };
        let enrolled = enrolment.as_ref().map(|found| found.admission.kiosk.clone());
        let address = enrolment.map(|found| found.central);
        Ok(Standing {
            kiosk: enrolled.or(name),
            central: address,
            health,
            status,
            disk_free_bytes: free,
            set_aside: aside::list(folder).into_iter().filter(SetAside::alarms).collect(),
            news: Kept::<News>::load(folder).memory(),
            temperature_c: temperature_c(Path::new("/sys/class")),
        })
    }

    /// For about how many answers there is room; none where the disk tells nothing.
    pub fn room_answers(&self) -> Option<u64> {
        Some(self.disk_free_bytes?.saturating_sub(FREE_BYTES_MIN) / ANSWER_BYTES)
    }

    /// What is wrong, in stable words, the worst first; nothing where all is well. A kiosk without a
    /// network is well: it keeps what it gets.
    pub fn alarms(&self) -> Vec<&'static str> {
        let heard = self.news.trouble.as_ref().map(|trouble| trouble.word.as_str());
        let is_shut_out = heard.is_some_and(|word| REFUSALS.contains(&word));
        [
            (self.health != Health::Fine, self.health.name()),
            (!self.set_aside.is_empty(), "set-aside"),
            (self.central.is_none(), "not-enrolled"),
            (is_shut_out, "central-refuses"),
            (self.news.is_clock_wrong(), "clock-wrong"),
        ]
        .into_iter()
        .filter_map(|(is_so, word)| is_so.then_some(word))
        .collect()
    }

    /// The same figures for a photograph: whoever helps from afar sees what staff see. No address, no
    /// secret, nothing about anybody who answered.
    pub fn card(&self, release: Option<&str>) -> String {
        let or = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let status = self.status.as_ref();
        let trouble = self.news.trouble.as_ref();
        let alarms = self.alarms();
        [
            ("kiosk", or(self.kiosk.clone())),
            ("state", if alarms.is_empty() { "ok".to_owned() } else { alarms.join(" ") }),
            ("stored", or(status.map(|status| status.stored.to_string()))),
            ("unsent", or(status.map(|status| status.unsynced.to_string()))),
            ("last sync", or(status.and_then(|status| status.last_sync.clone()))),
            ("trouble", or(trouble.map(|trouble| format!("{} {}", trouble.word, trouble.since)))),
            ("last answer", or(self.news.last_answer.map(|hour| hour.to_string()))),
            ("clock", or(self.news.clock_skew_s.map(|skew| format!("{skew:+} s")))),
            ("disk", or(self.disk_free_bytes.map(|free| format!("{} MB", free / 1_000_000)))),
            ("celsius", or(self.temperature_c.map(|degrees| degrees.to_string()))),
            ("release", or(release.map(str::to_owned))),
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ]
        .map(|(name, value)| format!("{name}: {value}"))
        .join("\n")
    }
}

/// What a central hears of the kiosk in `folder`; `place` is the settings'.
pub fn tell(folder: &Path, outbox: &Outbox, news: &News, place: Option<&String>) -> Told {
    let (health, free) = (outbox.progress().health, free_bytes(outbox.path()));
    let is_full = free.is_some_and(|free| free < FREE_BYTES_MIN);
    let alarms = [
        (health != Health::Fine, health.name()),
        (is_full && health == Health::Fine, Health::DiskFull.name()),
        (outbox.set_aside().iter().any(SetAside::alarms), "set-aside"),
        (news.is_clock_wrong(), "clock-wrong"),
    ];
    let alarms = alarms.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word.to_owned());
    let shown = Shelf::of(folder).current().ok().flatten();
    Told {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        release: shown.map(|current| current.now.id.to_string()),
        disk_free: free,
        place: place.cloned(),
        alarms: alarms.collect(),
    }
}

/// The warmest sensor of the machine's, by the two ways in which Linux shows them.
fn temperature_c(class: &Path) -> Option<i64> {
    let listed =
        |folder: &str| std::fs::read_dir(class.join(folder)).into_iter().flatten().flatten();
    let zones = listed("thermal").map(|zone| zone.path().join("temp"));
    let chips = listed("hwmon").map(|chip| chip.path().join("temp1_input"));
    let read = |path: std::path::PathBuf| std::fs::read_to_string(path).ok()?.trim().parse().ok();
    let warmest: i64 = zones.chain(chips).filter_map(read).max()?;
    Some(warmest / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warmest_sensor_counts_and_none_is_no_mistake() {
        let class = tempfile::tempdir().expect("a folder");
        assert_eq!(temperature_c(class.path()), None);
        for (sensor, millis) in
            [("thermal/thermal_zone0/temp", "41000\n"), ("hwmon/hwmon1/temp1_input", "57600\n")]
        {
            let path = class.path().join(sensor);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, millis).expect("written");
        }
        assert_eq!(temperature_c(class.path()), Some(57));
    }
}
