//! The wall clock, in the one place that reads it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

/// Where the time comes from: the machine's clock, or a fixed time in tests.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// The present moment as people in `zone` read it from the wall.
    fn here(&self, zone: &TimeZone) -> ZonedDateTime {
        self.now().to_zoned_datetime(zone.clone())
    }

    /// The present moment as files are stamped, in whole seconds.
    fn file_time(&self) -> SystemTime {
        // A clock before 1970 is a clock without a battery: every file then looks new.
        let seconds = u64::try_from(self.now().as_second()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// The day people in `zone` have.
    fn today(&self, zone: &TimeZone) -> Date {
        self.here(zone).date()
    }
}

/// The time zone with this IANA name. Denmark's are part of the program, as a kiosk's system may be without a
/// database of zones; for others the machine needs one.
pub fn zone(name: &str) -> Option<TimeZone> {
    // The machine's own first: it may know of rules that are newer than the program.
    TimeZone::get(name).ok().or_else(|| danish(name))
}

fn danish(name: &str) -> Option<TimeZone> {
    match name {
        "Europe/Copenhagen" => Some(jiff::tz::get!("Europe/Copenhagen")),
        "Atlantic/Faroe" => Some(jiff::tz::get!("Atlantic/Faroe")),
        "America/Nuuk" => Some(jiff::tz::get!("America/Nuuk")),
        _ => None,
    }
}

/// Whether this machine has a database of time zones.
pub fn has_zones() -> bool {
    !jiff::tz::db().is_definitively_empty()
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that is never before the latest moment that is known: after a dead battery a machine begins
/// in 1970, and its visitors would be shut out of every survey.
pub struct NotBefore<C, F> {
    clock: C,
    latest: F,
    /// The moment known last, and when it was learned.
    learned: Mutex<Option<(Timestamp, Instant)>>,
}

impl<C: Clock, F: Fn() -> Option<Timestamp> + Send + Sync> NotBefore<C, F> {
    /// `latest` says what is known.
    pub fn new(clock: C, latest: F) -> NotBefore<C, F> {
        NotBefore { clock, latest, learned: Mutex::default() }
    }
}

impl<C: Clock, F: Fn() -> Option<Timestamp> + Send + Sync> Clock for NotBefore<C, F> {
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        let Some(latest) = (self.latest)().filter(|latest| now < *latest) else { return now };
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        let (latest, since) = match *learned {
            Some(known) if known.0 == latest => known,
            _ => *learned.insert((latest, Instant::now())),
        };
        // It goes on from there: hours pass, and who waits has waited.
        latest + since.elapsed()
    }
}

/// A clock that stands still.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denmark_has_its_summer_time_without_a_database() {
        let zone = danish("Europe/Copenhagen").expect("part of the program");
        let hour = |text: &str| {
            let moment: Timestamp = text.parse().expect("a moment");
            moment.to_zoned_datetime(zone.clone()).hour()
        };
        assert_eq!((hour("2026-11-27T11:00:00Z"), hour("2031-07-01T11:00:00Z")), (12, 13));
        assert_eq!(danish("Europe/Lisbon"), None);
    }
}
