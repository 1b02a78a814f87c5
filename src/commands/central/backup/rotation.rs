//! Backups by themselves: made while hardly anybody is there, thrown away in time, and staff told where that
//! does not come to pass.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, ZonedDateTime};

use super::shelf::{Kept, Shelf, Why, overdue};
use super::{alone, make};
use crate::clock::Clock;
use crate::commands::central::settings::{Backup, CentralSettings};
use crate::console::complain;
use crate::error::{Error, Result};
use crate::server::app::Alarm;
use crate::site::config::SiteConfig;
use crate::store::Central;
use crate::store::central::log::Entry;
use crate::store::central::roll;

/// Between two looks at the shelf.
pub const EVERY: Duration = Duration::from_secs(60);
/// Hours of the day in which hardly anybody answers.
const QUIET: std::ops::Range<i8> = 2..5;
/// What has failed is tried again after a quarter of an hour, then after twice as long each time.
const AGAIN: Duration = Duration::from_secs(15 * 60);
const AGAIN_MAX: Duration = Duration::from_secs(4 * 3600);
/// So many times `every_hours` without a backup are too many.
const LATE: i64 = 2;

/// What was done in a round.
#[derive(Debug, Default)]
pub struct Done {
    /// The new backup's name and its bytes.
    pub made: Option<(String, u64)>,
    pub gone: Vec<(Kept, Why)>,
    pub dated_back: usize,
}

/// One round, by whoever alone makes backups here: what is due goes, a new one is made where `is_due` says so
/// of the newest, and what is due by then goes too. Old ones go whether or not a new one could be made.
pub fn round(
    central: &Central,
    data: &Path,
    settings: &Backup,
    clock: &dyn Clock,
    is_due: impl FnOnce(Option<Timestamp>) -> bool,
) -> Result<(Done, Result<()>)> {
    let _alone: File = alone(data)?;
    let shelf = shelf(central, data, settings)?;
    shelf.sweep()?;
    let mut done = Done { dated_back: shelf.date_back(clock.now())?, ..Done::default() };
    // Before the new one: where the disk is full, they make its room.
    throw_away(&shelf, central, data, settings, clock, &mut done)?;
    if !is_due(newest(&shelf.kept()?)) {
        return Ok((done, Ok(())));
    }
    let file = shelf.place(clock.now());
    let made = make(central, data, &file, &settings.recipients);
    let tried = made.map(|bytes| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        done.made = Some((name, bytes));
    });
    throw_away(&shelf, central, data, settings, clock, &mut done)?;
    Ok((done, tried))
}

fn shelf(central: &Central, data: &Path, settings: &Backup) -> Result<Shelf> {
    let Some(folder) = &settings.directory else {
        return Err(Error::new("make backups by themselves")
            .source("`[backup] directory` in central.toml names no folder")
            .hint("name one on another disk, as in `directory = \"/backups\"`"));
    };
    Shelf::open(&data.join(folder), central.id())
}

fn newest(kept: &[Kept]) -> Option<Timestamp> {
    kept.iter().filter(|one| one.is_whole).map(|one| one.made).max()
}

fn throw_away(
    shelf: &Shelf,
    central: &Central,
    data: &Path,
    settings: &Backup,
    clock: &dyn Clock,
    done: &mut Done,
) -> Result<()> {
    let now = clock.now();
    let kept = shelf.kept()?;
    // Read only where it decides something: it grows for ever.
    let is_old = |one: &Kept| now.duration_since(one.made) > SignedDuration::from_hours(24);
    let days = match newest(&kept).is_some() && kept.iter().all(is_old) {
        true => days_of_erasing(data)?,
        false => Vec::new(),
    };
    for (one, why) in overdue(&kept, now, settings.keep_days, |made| first_since(&days, made)) {
        shelf.remove(&one.path)?;
        let detail = match why {
            Why::Replaced => one.name(),
            Why::Promised(day) => format!("{}, the last: somebody was erased on {day}", one.name()),
        };
        let entry = Entry {
            at: now.to_string(),
            actor: "central".to_owned(),
            action: "backup-deleted",
            detail,
        };
        central.log(&entry).map_err(|error| error.at("note in", central.path()))?;
        done.gone.push((one, why));
    }
    Ok(())
}

fn days_of_erasing(data: &Path) -> Result<Vec<Date>> {
    let deeds = roll::read(&data.join(roll::FILE))?;
    Ok(deeds.iter().filter_map(|deed| deed.erasure.day.parse().ok()).collect())
}

/// The first day on which somebody was erased who may be in a backup of this moment. Days are the city's,
/// which may be one behind the name's.
fn first_since(days: &[Date], made: Timestamp) -> Option<Date> {
    let day = made.to_zoned_datetime(TimeZone::UTC).date();
    let day = day.checked_sub(1.day()).unwrap_or(day);
    days.iter().copied().filter(|erased| *erased >= day).min()
}

/// Whether it is time for a backup, if the newest is of this moment: as often as the settings say, and where
/// that is once a day or less, in the night. A central that sleeps at night has its turn by day.
pub fn is_due(here: &ZonedDateTime, newest: Option<Timestamp>, every_hours: u32) -> bool {
    let Some(newest) = newest else { return true };
    let (age, every) = (here.timestamp().duration_since(newest), i64::from(every_hours));
    let hours = SignedDuration::from_hours;
    match QUIET.contains(&here.hour()) {
        _ if every < 24 => age >= hours(every),
        // One a night: whatever was made by day, or in the night before, is at least three hours old.
        true => age >= hours(every - 21),
        false => age >= hours(every + 3),
    }
}

/// What staff have to look at: backups that are not made, or stay for too long. None where the city rotates
/// them itself.
pub fn troubles(central: &Central, data: &Path, settings: &Backup, now: Timestamp) -> Vec<String> {
    if settings.directory.is_none() {
        return Vec::new();
    }
    let kept = match shelf(central, data, settings).and_then(|shelf| shelf.kept()) {
        Ok(kept) => kept,
        Err(error) => return vec![error.to_string()],
    };
    let mut troubles = Vec::new();
    let late = SignedDuration::from_hours(LATE * i64::from(settings.every_hours));
    match newest(&kept) {
        None => troubles.push("there is no backup".to_owned()),
        Some(made) if now.duration_since(made) > late => {
            troubles.push(format!("the newest backup is of {made}"));
        }
        Some(_) => {}
    }
    let broken = kept.iter().filter(|one| !one.is_whole);
    troubles.extend(broken.map(|one| format!("{} is no backup: it is damaged", one.name())));
    let time = SignedDuration::from_hours(24 * i64::from(settings.keep_days));
    let old = kept.iter().filter(|one| now.duration_since(one.made) > time);
    troubles.extend(old.map(|one| {
        format!("{} is older than {} days, and is still there", one.name(), settings.keep_days)
    }));
    troubles
}

/// The rounds of a running central.
pub struct Rotation {
    pub central: Arc<Central>,
    pub data: std::path::PathBuf,
    pub clock: Arc<dyn Clock>,
    /// Where `/healthz` reads that backups fail.
    pub alarm: Arc<Alarm>,
    failures: u32,
    not_before: Option<Timestamp>,
}

impl Rotation {
    pub fn new(
        central: Arc<Central>,
        data: &Path,
        clock: Arc<dyn Clock>,
        alarm: Arc<Alarm>,
    ) -> Rotation {
        Rotation { central, data: data.to_owned(), clock, alarm, failures: 0, not_before: None }
    }

    /// Does what is due. Settings are read anew each time; whatever they say by now, nothing is kept for longer
    /// than `site` tells people.
    pub fn run(&mut self, site: &SiteConfig) {
        let told = match site.controller.backup_days {
            0 => u32::MAX,
            days => days,
        };
        let settings = CentralSettings::load(&self.data).and_then(|all| all.checked(&self.data));
        let tried = settings.and_then(|CentralSettings { mut backup, .. }| {
            backup.keep_days = backup.keep_days.min(told);
            match backup.directory {
                None => Ok(()),
                Some(_) => self.go_round(&backup, &site.zone()),
            }
        });
        match tried {
            Ok(()) => {}
            Err(error) => self.failed(&error),
        }
    }

    fn go_round(&mut self, settings: &Backup, zone: &TimeZone) -> Result<()> {
        // Somebody makes one by hand: the next look is in a minute.
        if alone(&self.data).is_err() {
            return Ok(());
        }
        let here = self.clock.here(zone);
        let waits = self.not_before.is_some_and(|until| here.timestamp() < until);
        let is_due = |newest| !waits && is_due(&here, newest, settings.every_hours);
        let (done, tried) = round(&self.central, &self.data, settings, &*self.clock, is_due)?;
        tell(&done);
        if done.made.is_some() {
            (self.failures, self.not_before) = (0, None);
            self.alarm.clear();
        }
        tried
    }

    fn failed(&mut self, error: &Error) {
        // Said as often as it is tried, and deletions go on meanwhile.
        if self.not_before.is_some_and(|until| self.clock.now() < until) {
            return;
        }
        let pause = AGAIN.saturating_mul(2_u32.pow(self.failures.min(8))).min(AGAIN_MAX);
        self.failures += 1;
        self.not_before = Some(self.clock.now() + pause);
        self.alarm.raise("backup");
        complain!(
            "borgerpanel: NO BACKUP ({} in a row): {error}\n  it is tried again in {} minutes",
            self.failures,
            pause.as_secs() / 60
        );
    }
}

/// For the log, and for whoever made a round by hand.
pub fn tell(done: &Done) {
    if done.dated_back > 0 {
        complain!(
            "borgerpanel: {} backups were dated later than now, by a wrong clock; they count as of today",
            done.dated_back
        );
    }
    for (one, why) in &done.gone {
        match why {
            Why::Replaced => {
                complain!("borgerpanel: the backup {} is deleted: it is too old", one.name())
            }
            Why::Promised(day) => complain!(
                "borgerpanel: THE LAST BACKUP {} IS DELETED. Somebody was erased on {day}, and was told that the \
                 backups forget it in time; no newer backup could be made. Look at why: there is none now",
                one.name()
            ),
        }
    }
    if let Some((name, bytes)) = &done.made {
        complain!("borgerpanel: backed up: {name}, {:.1} MB, opened again", *bytes as f64 / 1e6);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_day_it_is_made_in_the_night_and_by_day_where_nights_are_missed() {
        let here = |text: &str| -> ZonedDateTime { text.parse().expect("a moment") };
        let due = |now: &str, newest: &str, every| {
            let newest: Timestamp = newest.parse().expect("a moment");
            is_due(
                &here(&format!("2026-11-{now}:00+01:00[Europe/Copenhagen]")),
                Some(newest),
                every,
            )
        };
        assert!(is_due(&here("2026-11-28T12:00:00+01:00[Europe/Copenhagen]"), None, 24));
        // One that was made at 10 on the day before.
        for (now, is) in [("27T23:00", false), ("28T02:00", true), ("28T04:59", true)] {
            assert_eq!(due(now, "2026-11-27T09:00:00Z", 24), is, "{now}");
        }
        // The last night's, at 2.
        for (now, is) in
            [("28T04:00", false), ("28T12:00", false), ("29T01:59", false), ("29T02:00", true)]
        {
            assert_eq!(due(now, "2026-11-28T01:00:00Z", 24), is, "{now}");
        }
        // It was off in the night.
        assert!(due("29T08:00", "2026-11-28T01:30:00Z", 24));
        // Every other night; every six hours, at any time.
        assert!(!due("29T02:00", "2026-11-28T01:00:00Z", 48));
        assert!(due("30T02:00", "2026-11-28T01:00:00Z", 48));
        assert!(due("28T12:00", "2026-11-28T05:00:00Z", 6));
        assert!(!due("28T03:00", "2026-11-27T23:00:00Z", 6));
    }
}
