//! How often somebody may be invited: the promise in `[panels.<slug>]`, kept per person.
//!
//! An invitation counts whichever panel sent it, as it lands in one mailbox. Who is in several panels is
//! held to the caps of each of those that invite: with a city's 10 a year and a district's 6, the
//! district sends nothing to somebody who had 6 from anywhere, and the city goes on to 10. Counting each
//! panel's own invitations alone would give them 16.

use std::collections::BTreeMap;

use jiff::civil::Date;

/// A year of invitations, in days: any so many days in a row hold no more than the cap.
pub const YEAR_DAYS: i32 = 365;

/// What one panel promises its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// Invitations in any 365 days.
    pub max_per_year: u32,
    /// Days from one invitation to the next, at least.
    pub min_days_between: u32,
}

/// An invitation that somebody had; a reminder is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// The survey's slug.
    pub survey: String,
    pub day: Date,
}

/// Why somebody is not invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Held {
    #[error("not a member of a panel that invites")]
    NoPanel,
    #[error("invited to this survey before")]
    Before,
    #[error("invited as often as promised")]
    Often,
    #[error("invited too short a time ago")]
    Lately,
}

/// The caps of all panels, by slug.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caps(pub BTreeMap<String, Cap>);

impl Caps {
    /// Whether somebody with this history, in any order, may be invited to `survey` on `day` by
    /// `panels`: those of the survey that they are in. A panel that has no cap does not exist, and
    /// invites nobody.
    ///
    /// Invitations on later days count as well, so that a clock that was set back breaks no promise.
    ///
    /// # Errors
    /// The first reason that stands against it.
    pub fn judge(
        &self,
        survey: &str,
        panels: &[&str],
        history: &[Invited],
        day: Date,
    ) -> Result<(), Held> {
        if history.iter().any(|one| one.survey == survey) {
            return Err(Held::Before);
        }
        let caps: Option<Vec<&Cap>> = panels.iter().map(|panel| self.0.get(*panel)).collect();
        let caps = caps.filter(|caps| !caps.is_empty()).ok_or(Held::NoPanel)?;
        let away = || history.iter().map(|one| days_between(one.day, day).abs());
        let had = away().filter(|days| *days < YEAR_DAYS).count();
        if caps.iter().any(|cap| had >= cap.max_per_year as usize) {
            return Err(Held::Often);
        }
        let nearest = away().min();
        let is_near = |cap: &&Cap| nearest.is_some_and(|days| days < clamped(cap.min_days_between));
        if caps.iter().any(is_near) { Err(Held::Lately) } else { Ok(()) }
    }
}

/// How many invitations somebody had in the 365 days up to `day`, itself included.
pub fn load(history: &[Invited], day: Date) -> usize {
    history.iter().filter(|one| (0..YEAR_DAYS).contains(&days_between(one.day, day))).count()
}

fn days_between(from: Date, to: Date) -> i32 {
    day_number(to) - day_number(from)
}

/// Days since 0000-03-01: years that begin in March end with the leap day, and their months follow a
/// line (H. Hinnant, "chrono-compatible low-level date algorithms", 2013). A panel's invitations are
/// counted by the million, and jiff's exact spans take several times as long.
fn day_number(day: Date) -> i32 {
    let (year, month) = (i32::from(day.year()), i32::from(day.month()));
    let year = if month > 2 { year } else { year - 1 };
    let in_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(day.day()) - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + in_year
}

fn clamped(days: u32) -> i32 {
    i32::try_from(days).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn caps() -> Caps {
        let cap = |max_per_year, min_days_between| Cap { max_per_year, min_days_between };
        let all = [
            ("kbh", cap(10, 14)),
            ("oesterbro", cap(6, 14)),
            ("tight", cap(2, 90)),
            ("shut", cap(0, 0)),
        ];
        Caps(all.into_iter().map(|(panel, cap)| (panel.to_owned(), cap)).collect())
    }

    fn day(number: i32) -> Date {
        date(2026, 1, 1) + number.days()
    }

    fn history(days: &[i32]) -> Vec<Invited> {
        days.iter().map(|at| Invited { survey: format!("s{at}"), day: day(*at) }).collect()
    }

    fn judge(panels: &[&str], days: &[i32], on: i32) -> Result<(), Held> {
        caps().judge("new", panels, &history(days), day(on))
    }

    #[test]
    fn says_what_stands_against_it() {
        assert_eq!(judge(&["kbh"], &[], 0), Ok(()));
        assert_eq!(judge(&[], &[], 0), Err(Held::NoPanel));
        assert_eq!(judge(&["kbh", "gone"], &[], 0), Err(Held::NoPanel));
        assert_eq!(judge(&["shut"], &[], 0), Err(Held::Often));
        assert_eq!(judge(&["kbh"], &[0], 13), Err(Held::Lately));
        assert_eq!(judge(&["kbh"], &[0], 14), Ok(()));
        assert_eq!(judge(&["tight"], &[0, 100], 364), Err(Held::Often));
        assert_eq!(judge(&["tight"], &[0, 100], 365), Ok(()));
        assert_eq!(caps().judge("s0", &["kbh"], &history(&[0]), day(900)), Err(Held::Before));
    }

    #[test]
    fn the_strictest_panel_that_invites_counts_and_every_invitation() {
        let six = [0, 20, 40, 60, 80, 100];
        assert_eq!(judge(&["oesterbro"], &six, 200), Err(Held::Often));
        assert_eq!(judge(&["kbh"], &six, 200), Ok(()));
        assert_eq!(judge(&["kbh", "oesterbro"], &six, 200), Err(Held::Often));
    }

    #[test]
    fn a_clock_that_was_set_back_breaks_no_promise() {
        assert_eq!(judge(&["kbh"], &[10], 0), Err(Held::Lately));
        assert_eq!(judge(&["tight"], &[200, 300], 0), Err(Held::Often));
    }

    #[test]
    fn the_load_is_of_a_year() {
        assert_eq!(load(&history(&[0, 1, 365, 400]), day(365)), 2);
    }

    /// Panels that invite, from day to day, in any order of days.
    fn asks() -> impl Strategy<Value = Vec<(i32, Vec<&'static str>, u8)>> {
        let panels = proptest::sample::subsequence(vec!["kbh", "oesterbro", "tight"], 1..=3);
        proptest::collection::vec((0..1200i32, panels, 0..40u8), 0..150)
    }

    #[test]
    fn days_are_counted_as_the_calendar_has_them() {
        let first = date(1899, 12, 30);
        for days in (0..80_000).step_by(7).chain(0..1600) {
            assert_eq!(days_between(first, first + days.days()), days);
        }
        assert_eq!(days_between(Date::MIN, Date::MAX), (Date::MAX - Date::MIN).get_days());
    }

    proptest! {
        #[test]
        fn over_any_sequence_the_cap_holds(asks in asks(), in_order: bool) {
            let (caps, mut asks) = (caps(), asks);
            if in_order {
                asks.sort_by_key(|(at, ..)| *at);
            }
            let mut history: Vec<Invited> = Vec::new();
            let mut sent: Vec<(i32, Vec<&str>)> = Vec::new();
            for (at, panels, survey) in asks {
                let survey = format!("s{survey}");
                if caps.judge(&survey, &panels, &history, day(at)).is_ok() {
                    history.push(Invited { survey, day: day(at) });
                    sent.push((at, panels));
                }
            }
            let mut surveys: Vec<&str> = history.iter().map(|one| one.survey.as_str()).collect();
            surveys.sort_unstable();
            surveys.dedup();
            prop_assert_eq!(surveys.len(), history.len(), "twice to one survey");
            for (panel, cap) in &caps.0 {
                let of_panel = || sent.iter().filter(|(_, panels)| panels.contains(&panel.as_str()));
                for (at, _) in of_panel() {
                    let in_year = of_panel().filter(|(other, _)| (0..YEAR_DAYS).contains(&(at - other)));
                    prop_assert!(in_year.count() <= cap.max_per_year as usize, "{}", panel);
                }
            }
            for (at, _) in &sent {
                let in_year = sent.iter().filter(|(other, _)| (0..YEAR_DAYS).contains(&(at - other)));
                prop_assert!(in_year.count() <= 10, "more than any panel promises");
            }
            let mut days: Vec<i32> = sent.iter().map(|(at, _)| *at).collect();
            days.sort_unstable();
            prop_assert!(days.windows(2).all(|two| two[1] - two[0] >= 14), "{:?}", days);
        }
    }
}
