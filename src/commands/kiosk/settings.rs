//! `kiosk.toml` in the kiosk's folder.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::commands::settings;
use crate::crypto::PinHash;
use crate::error::{Context, Error, Result};
use crate::server::kiosk::hours::{EXAMPLE, Hours};
use crate::site::config::OwnRules;
use crate::site::settings_keys::{Key, key};
use crate::sync::push::read_address;

/// The file's name.
pub const FILE: &str = "kiosk.toml";

/// From a small tablet's, upright, to a wall's: whatever else stands there was meant otherwise.
const SCREEN_WIDTHS_MM: std::ops::RangeInclusive<u32> = 100..=2000;

/// The settings; [`KEYS`] says what each means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KioskSettings {
    pub central: Option<String>,
    pub name: Option<String>,
    pub location: Option<String>,
    pub surveys: Vec<String>,
    pub listen: String,
    pub hosts: Vec<String>,
    pub screen_width_mm: Option<u32>,
    pub idle_seconds: Option<u32>,
    pub idle_warning_seconds: Option<u32>,
    pub hours: Option<String>,
    pub pin_hash: Option<String>,
    pub sync_every_seconds: u64,
    pub database_pages_max: Option<u32>,
}

impl Default for KioskSettings {
    fn default() -> KioskSettings {
        KioskSettings {
            central: None,
            name: None,
            location: None,
            surveys: Vec::new(),
            listen: "127.0.0.1:8080".to_owned(),
            hosts: Vec::new(),
            screen_width_mm: None,
            idle_seconds: None,
            idle_warning_seconds: None,
            hours: None,
            pin_hash: None,
            sync_every_seconds: 60,
            database_pages_max: None,
        }
    }
}

impl KioskSettings {
    /// The settings in the kiosk's folder; the defaults where there is no file.
    pub fn load(folder: &Path) -> Result<KioskSettings> {
        let path = folder.join(FILE);
        let settings: KioskSettings = settings::read(&path, KEYS)?;
        match settings.screen_width_mm {
            Some(width) if !SCREEN_WIDTHS_MM.contains(&width) => {
                Err(Error::new("use the settings in")
                    .path(&path)
                    .source(format!("`screen_width_mm` is {width}, which no screen is wide"))
                    .hint("measure the lit area from left to right, as the screen stands"))
            }
            _ => Ok(settings),
        }
    }

    /// Where the central is by now, if not where the kiosk was enrolled.
    pub fn central_address(&self) -> Result<Option<String>> {
        let read = |text| read_address(text).during(format!("use the setting `central` {text:?}"));
        self.central.as_deref().map(read).transpose()
    }

    /// How often to send. Never without a pause.
    pub fn sync_every(&self) -> Duration {
        Duration::from_secs(self.sync_every_seconds.max(1))
    }

    /// When the place is open; none: always.
    pub fn opening_hours(&self) -> Result<Option<Hours>> {
        let read = |text: &String| {
            Hours::read(text).map_err(|wrong| {
                Error::new(format!("use the setting `hours` {text:?}"))
                    .source(wrong)
                    .hint(format!("write it as in `hours = \"{EXAMPLE}\"`"))
            })
        };
        self.hours.as_ref().map(read).transpose()
    }

    /// What staff type; none: the staff page is off.
    pub fn pin(&self) -> Result<Option<PinHash>> {
        let read = |text: &String| {
            PinHash::read(text).ok_or_else(|| {
                Error::new("use the setting `pin_hash`")
                    .source("it is not what `borgerpanel kiosk pin` prints")
                    .hint("run `borgerpanel kiosk pin`, and put the whole line it prints there")
            })
        };
        self.pin_hash.as_ref().map(read).transpose()
    }

    /// Its own patience and screen.
    pub fn own_rules(&self) -> OwnRules {
        OwnRules {
            idle_seconds: self.idle_seconds,
            idle_warning_seconds: self.idle_warning_seconds,
            screen_width_mm: self.screen_width_mm,
        }
    }

    /// How its database is opened.
    pub fn database(&self) -> crate::store::Options {
        crate::store::Options { max_pages: self.database_pages_max }
    }
}

/// In the order the documentation shows them.
pub const KEYS: &[Key] = &[
    key("central", "", "address", "The central's address, where it has moved since the enrolment."),
    key(
        "name",
        "",
        "text",
        "What it is called until it is enrolled; then its central's name for it counts.",
    ),
    key("location", "", "text", "Where it stands, for people."),
    key("surveys", "[]", "slugs", "The surveys shown here. Empty: all that are for kiosks."),
    key(
        "listen",
        "\"127.0.0.1:8080\"",
        "host:port",
        "The address it serves at; `--listen` goes before.",
    ),
    key(
        "hosts",
        "[]",
        "host names",
        "Names it may be called by, beside the address it listens on.",
    ),
    key(
        "screen_width_mm",
        "",
        "millimetres",
        "The width of the screen as it stands: text and buttons then have their sizes in millimetres, \
         a capital of the largest text at least 7.3.",
    ),
    key("idle_seconds", "", "seconds", "Idle time before it asks. Empty: what site.toml says."),
    key(
        "idle_warning_seconds",
        "",
        "seconds",
        "How long it asks before it starts afresh. Empty: what site.toml says.",
    ),
    key(
        "hours",
        "",
        "days and times",
        "When the place is open, as in `08:00-22:00` or `mon-fri 08:00-21:00, sat 10:00-16:00`. Empty: \
         always.",
    ),
    key(
        "pin_hash",
        "",
        "hash",
        "The line that `borgerpanel kiosk pin` prints: opens the page /kiosk/status. Empty: it stays \
         shut.",
    ),
    key(
        "sync_every_seconds",
        "60",
        "seconds",
        "The longest pause between two talks with the central.",
    ),
    key(
        "database_pages_max",
        "",
        "pages of 4 KiB",
        "The most room for stored answers; beyond it the disk counts as full.",
    ),
];

/// For docs/settings.md.
pub fn reference() -> String {
    settings::reference("data/kiosk/kiosk.toml", "One kiosk's own settings.", KEYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_hours_name_the_key_the_text_and_an_example() {
        let settings = KioskSettings { hours: Some("man 8-21".into()), ..Default::default() };
        let told = settings.opening_hours().expect_err("no such day").to_string();
        for part in ["`hours`", "\"man 8-21\"", "`man`", EXAMPLE] {
            assert!(told.contains(part), "{part} in {told}");
        }
    }

    #[test]
    fn a_pin_in_the_clear_is_refused() {
        let settings = KioskSettings { pin_hash: Some("4839".into()), ..Default::default() };
        let told = settings.pin().expect_err("no hash").to_string();
        assert!(told.contains("`borgerpanel kiosk pin`") && !told.contains("4839"), "{told}");
    }

    #[test]
    fn refuses_a_width_that_no_screen_has() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join(FILE), "screen_width_mm = 39\n").expect("a file");
        let error = KioskSettings::load(folder.path()).expect_err("centimetres were meant");
        assert!(error.to_string().contains("`screen_width_mm` is 39"), "{error}");
    }
}
