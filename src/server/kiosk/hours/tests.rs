//! What the setting may say, and what it means on every minute of a week.

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

use super::*;

fn hours(text: &str) -> Hours {
    Hours::read(text).unwrap_or_else(|wrong| panic!("{text:?}: {wrong}"))
}

fn copenhagen() -> TimeZone {
    TimeZone::get("Europe/Copenhagen").expect("a zone that is built in")
}

/// The moment of a time on the wall in Copenhagen, by the rules of the zone.
fn here(text: &str) -> ZonedDateTime {
    text.parse::<Timestamp>().expect("a time").to_zoned_datetime(copenhagen())
}

#[test]
fn every_day_or_by_weekday() {
    // 2026-11-23 is a Monday.
    let monday = date(2026, 11, 23);
    let daily = hours("08:00-22:00");
    assert!(!daily.is_open(monday.at(7, 59, 59, 0)) && daily.is_open(monday.at(8, 0, 0, 0)));
    assert!(daily.is_open(monday.at(21, 59, 59, 0)) && !daily.is_open(monday.at(22, 0, 0, 0)));
    let library = hours(EXAMPLE);
    let open_at_noon = |after: i64| {
        library.is_open(monday.checked_add(after.days()).expect("a day").at(12, 0, 0, 0))
    };
    assert_eq!(
        [0, 1, 2, 3, 4, 5, 6].map(open_at_noon),
        [true, true, true, true, true, true, false]
    );
    let lunch = hours("Mon 8.00-12.00 13:00–17:00, sat-sun 00:00-24:00");
    assert!(lunch.is_open(monday.at(11, 59, 0, 0)) && lunch.is_open(monday.at(13, 0, 0, 0)));
    assert!(!lunch.is_open(monday.at(12, 30, 0, 0)));
    assert!(lunch.is_open(date(2026, 11, 29).at(23, 59, 0, 0)));
    assert_eq!(
        hours("fri-mon 10:00-11:00"),
        Hours {
            written: "fri-mon 10:00-11:00".into(),
            ..hours("mon 10:00-11:00, fri sat sun 10:00-11:00")
        }
    );
}

#[test]
fn what_cannot_be_meant_is_said() {
    for (text, part) in [
        ("", "empty"),
        ("mon 08:00-21:00,", "empty"),
        ("mandag 08:00-21:00", "`mandag` is neither a day"),
        ("mon-fri 08:00", "`08:00`"),
        ("mon-fri 8-21", "`8-21`"),
        ("08:00-25:00", "`08:00-25:00`"),
        ("08:60-21:00", "`08:60-21:00`"),
        ("fri 22:00-02:00", "goes past midnight"),
        ("fri 22:00-22:00", "goes past midnight"),
        ("sat", "`sat` has no time"),
        ("08:00-22:00, sat 10:00-16:00", "overlap"),
        ("sat 10:00-16:00 mon", "`mon`"),
    ] {
        let wrong = Hours::read(text).expect_err(text).to_string();
        assert!(wrong.contains(part), "{text:?}: {wrong}");
    }
}

#[test]
fn the_next_opening_is_tomorrow_or_after_the_weekend() {
    let library = hours(EXAMPLE);
    let next = |now: &str| library.next_opening(&here(now)).expect("one").datetime().to_string();
    assert_eq!(next("2026-11-24T20:00:30Z"), "2026-11-25T08:00:00");
    assert_eq!(next("2026-11-24T06:59:59Z"), "2026-11-24T08:00:00");
    assert_eq!(next("2026-11-28T15:00:00Z"), "2026-11-30T08:00:00");
    let rare = hours("mon 10:00-11:00");
    let next = rare.next_opening(&here("2026-11-23T10:00:00Z")).expect("one");
    assert_eq!(next.datetime().to_string(), "2026-11-30T10:00:00");
}

#[test]
fn nights_with_an_hour_twice_or_not_at_all() {
    // On 2027-03-28 the wall goes from 01:59 to 03:00, on 2026-10-25 twice over 02:00 to 02:59.
    let lost = hours("sun 02:00-02:30, mon 08:00-09:00");
    let next = lost.next_opening(&here("2027-03-28T00:30:00Z")).expect("one");
    assert_eq!(next.datetime().to_string(), "2027-03-29T08:00:00");
    let twice = hours("sun 02:00-02:30");
    let next = twice.next_opening(&here("2026-10-25T00:45:00Z")).expect("one");
    assert_eq!(next.timestamp().to_string(), "2026-10-25T01:00:00Z");
    let after = hours("08:00-09:00");
    let next = after.next_opening(&here("2026-10-24T20:00:00Z")).expect("one");
    assert_eq!(next.timestamp().to_string(), "2026-10-25T07:00:00Z");
}

prop_compose! {
    /// Up to three spans a day, which do not touch, and the same as a setting.
    fn week()(cuts in proptest::collection::vec(
        proptest::collection::btree_set(0u16..=1440, 0..=6), 7)
    ) -> (Vec<Vec<(u16, u16)>>, String) {
        let spans: Vec<Vec<(u16, u16)>> = cuts.iter().map(|cuts| {
            let cuts: Vec<u16> = cuts.iter().copied().collect();
            cuts.chunks_exact(2).map(|two| (two[0], two[1])).collect()
        }).collect();
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let parts = spans.iter().zip(DAYS).filter(|(spans, _)| !spans.is_empty());
        let parts = parts.map(|(spans, day)| {
            let times = spans.iter().map(|(from, to)| format!(" {}-{}", clock(*from), clock(*to)));
            format!("{day}{}", times.collect::<String>())
        });
        let text = parts.collect::<Vec<_>>().join(", ");
        (spans, text)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_minute_of_a_week_is_open_or_closed((spans, text) in week()) {
        prop_assume!(!text.is_empty());
        let hours = hours(&text);
        for (day, spans) in spans.iter().enumerate() {
            let midnight = date(2026, 11, 23 + day as i8).at(0, 0, 0, 0);
            for minute in 0..1440_u16 {
                let at = midnight.checked_add(i64::from(minute).minutes()).expect("a time");
                let wanted = spans.iter().any(|(from, to)| (*from..*to).contains(&minute));
                prop_assert_eq!(hours.is_open(at), wanted, "{} {}", &text, at);
            }
        }
    }

    #[test]
    fn between_now_and_the_next_opening_it_is_closed(
        (_, text) in week(),
        // From October to April: both nights that the clocks change in.
        start in 1_790_000_000_i64..1_807_000_000,
    ) {
        prop_assume!(!text.is_empty());
        let hours = hours(&text);
        let now = Timestamp::from_second(start).expect("a time");
        let at = |now: Timestamp| now.to_zoned_datetime(copenhagen());
        prop_assume!(!hours.is_open(at(now).datetime()));
        let next = hours.next_opening(&at(now)).expect("it opens at least once a week");
        prop_assert!(hours.is_open(next.datetime()) && next.timestamp() > now);
        prop_assert_eq!(next.second(), 0);
        let mut then = now;
        while then < next.timestamp() {
            prop_assert!(!hours.is_open(at(then).datetime()), "{} {}", &text, at(then));
            then = then.checked_add(60.seconds()).expect("a time");
        }
    }

    #[test]
    fn never_panics(text in "[a-z0-9:., -]{0,40}|\\PC{0,20}") {
        let _ = Hours::read(&text);
    }
}
