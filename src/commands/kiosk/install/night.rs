//! When a kiosk starts afresh. Pure.

use jiff::civil::{DateTime, Time, date};

use crate::server::kiosk::hours::Hours;

/// Best first: deep in the night, but not in the hour that summer time takes away or gives twice.
const TIMES: [&str; 12] = [
    "03:30", "04:00", "04:30", "05:00", "01:00", "00:30", "05:30", "06:00", "23:00", "22:00",
    "12:00", "07:00",
];

/// How late the timer may be, and how long a machine takes to start, in minutes.
const LASTS_MINUTES: [i64; 4] = [0, 10, 20, 30];

/// A time at which the place is closed on all days of the week; where there is none, the best all
/// the same.
pub fn restart(hours: Option<&Hours>) -> &'static str {
    let Some(hours) = hours else { return TIMES[0] };
    let is_quiet = |time: &&str| {
        let begins = |day: i8| at(day, time);
        // A Monday, and the days after it: every week is alike.
        (23..30).map(begins).all(|begin| {
            let minutes =
                LASTS_MINUTES.iter().map(|&minutes| jiff::SignedDuration::from_mins(minutes));
            minutes.map(|late| begin.saturating_add(late)).all(|then| !hours.is_open(then))
        })
    };
    TIMES.iter().copied().find(|time| is_quiet(time)).unwrap_or(TIMES[0])
}

fn at(day: i8, time: &str) -> DateTime {
    let time: Time = time.parse().expect("the times above are times");
    date(2026, 11, day).to_datetime(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restart_of(hours: &str) -> &'static str {
        restart(Some(&Hours::read(hours).expect("hours")))
    }

    #[test]
    fn outside_the_hours_of_every_day() {
        assert_eq!(restart(None), "03:30");
        assert_eq!(restart_of("mon-fri 08:00-21:00"), "03:30");
        assert_eq!(restart_of("fri 18:00-24:00, sat 00:00-04:10, sun 03:00-03:20"), "04:30");
        assert_eq!(restart_of("00:00-22:00"), "23:00");
    }

    #[test]
    fn a_place_that_never_closes_is_restarted_all_the_same() {
        assert_eq!(restart_of("00:00-24:00"), "03:30");
    }
}
