//! How figures, days and moments are written on the staff pages, and how coarsely what counts people is.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Caller;
use crate::site::sheet::Fact;
use crate::site::words::Words;
use crate::survey::settings::Moment;

/// A day's answers are told from so many on; fewer are "1–4". Whoever stood beside a kiosk, or knows who was
/// going to answer, should not read here whether the answer came and counted.
pub const FEW: u64 = 5;

/// People of a panel are told to the nearest so many, and none below: the rule of `panel composition`.
const ROUND: u64 = 10;

/// The words and the wall clock of one page.
pub struct Teller<'a> {
    pub words: &'a Words,
    caller: &'a Caller<'a>,
    zone: TimeZone,
    pub now: Timestamp,
}

impl<'a> Teller<'a> {
    pub fn of(caller: &'a Caller<'a>) -> Teller<'a> {
        let renderer = &caller.published.site.renderer;
        Teller {
            words: renderer.room_words(caller.lang),
            caller,
            zone: renderer.config().zone(),
            now: caller.desk.means.clock.now(),
        }
    }

    /// A word.
    pub fn word(&self, key: &str) -> String {
        self.words.ui(key).to_owned()
    }

    /// A sentence with its gaps filled.
    pub fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.words.fill(key, values)
    }

    /// A word made of a stable one, which stands for itself where there is none.
    pub fn named(&self, prefix: &str, stable: &str) -> String {
        let key = format!("{prefix}_{}", stable.replace('-', "_"));
        self.words.ui.get(&key).map_or_else(|| stable.to_owned(), Clone::clone)
    }

    pub fn fact(&self, label: &str, value: impl Into<String>) -> Fact {
        Fact { label: self.word(label), value: value.into(), bad: false }
    }

    pub fn today(&self) -> Date {
        self.now.to_zoned_datetime(self.zone.clone()).date()
    }

    /// `1.234` or `1,234`.
    pub fn number(&self, number: u64) -> String {
        grouped(number, self.words.ui("room_thousands"))
    }

    /// Answers of a day: exact from [`FEW`] on.
    pub fn few(&self, count: u64) -> String {
        match count {
            0 => "0".to_owned(),
            1..FEW => self.word("room_few"),
            count => self.number(count),
        }
    }

    /// People of a panel: to the nearest ten.
    pub fn about(&self, count: u64) -> String {
        match count {
            0..ROUND => self.word("room_under_ten"),
            count => self.number(in_tens(count)),
        }
    }

    /// `24. november 2026`; what is no day stands for itself.
    pub fn day(&self, day: &str) -> String {
        day.parse().map_or_else(|_| day.to_owned(), |day| self.date(day))
    }

    pub fn date(&self, day: Date) -> String {
        self.at(Moment::Day(day))
    }

    /// A moment as the wall clock shows it.
    pub fn moment(&self, at: Timestamp) -> String {
        self.at(Moment::Time(at.to_zoned_datetime(self.zone.clone()).datetime()))
    }

    pub fn at(&self, moment: Moment) -> String {
        self.caller.published.site.renderer.moment(moment, self.caller.lang)
    }

    /// "for 3 timer siden".
    pub fn ago(&self, at: Timestamp) -> String {
        let (key, n) = span(self.now.duration_since(at));
        let key = if n == 1 { format!("{key}_one") } else { key.to_owned() };
        self.say(&key, &[("n", &n.to_string())])
    }

    /// `1,5 GB`.
    pub fn gigabytes(&self, bytes: u64) -> String {
        let tenths = bytes / 100_000_000;
        let mark = self.words.ui("room_decimal");
        match tenths {
            0..100 => format!("{}{mark}{} GB", tenths / 10, tenths % 10),
            _ => format!("{} GB", self.number(tenths / 10)),
        }
    }

    /// Whole percent of a share from 0 to 1.
    pub fn percent(&self, share: f64) -> String {
        format!("{:.0} %", 100.0 * share)
    }

    /// `0,85`.
    pub fn decimal(&self, number: f64, digits: usize) -> String {
        format!("{number:.digits$}").replace('.', self.words.ui("room_decimal"))
    }
}

/// How long a bar is for so many answers of a day: the few are all the same.
pub fn drawn(count: u64) -> u64 {
    match count {
        1..FEW => FEW - 1,
        count => count,
    }
}

/// People of a panel as a number: 0 where they are too few to be told.
pub fn in_tens(count: u64) -> u64 {
    match count {
        0..ROUND => 0,
        count => (count + ROUND / 2) / ROUND * ROUND,
    }
}

fn span(gone: SignedDuration) -> (&'static str, i64) {
    let minutes = gone.as_mins().max(0);
    match minutes {
        0 => ("room_ago_now", 0),
        1..60 => ("room_ago_minutes", minutes),
        60..2880 => ("room_ago_hours", minutes / 60),
        _ => ("room_ago_days", minutes / 1440),
    }
}

fn grouped(number: u64, mark: &str) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push_str(mark);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped_by_three() {
        let all = [0, 999, 1000, 160_000, 1_234_567].map(|number| grouped(number, "."));
        assert_eq!(all, ["0", "999", "1.000", "160.000", "1.234.567"]);
    }

    #[test]
    fn a_few_of_a_day_look_all_alike() {
        assert_eq!([0, 1, 2, 4, 5, 6].map(drawn), [0, 4, 4, 4, 5, 6]);
    }

    #[test]
    fn people_are_told_in_tens_and_a_few_not_at_all() {
        assert_eq!([0, 1, 9, 10, 14, 15, 32].map(in_tens), [0, 0, 0, 10, 10, 20, 30]);
    }

    #[test]
    fn a_span_is_told_in_its_own_measure() {
        let told = |minutes| span(SignedDuration::from_mins(minutes));
        assert_eq!(told(-5), ("room_ago_now", 0));
        assert_eq!(told(59), ("room_ago_minutes", 59));
        assert_eq!(told(130), ("room_ago_hours", 2));
        assert_eq!(told(3 * 1440 + 5), ("room_ago_days", 3));
    }
}
