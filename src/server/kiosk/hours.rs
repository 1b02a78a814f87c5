//! Opening hours: `"08:00-22:00"`, or by weekday as libraries have them, as in
//! `"mon-fri 08:00-21:00, sat 10:00-16:00"`. Pure.
//!
//! They are what the clock on the wall says. A day that is not named is closed; without any hours the
//! place is always open.

use jiff::civil::{DateTime, Weekday};
use jiff::{SignedDuration, ZonedDateTime};

/// How they are written, for messages.
pub const EXAMPLE: &str = "mon-fri 08:00-21:00, sat 10:00-16:00";

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const MINUTES_A_DAY: u16 = 24 * 60;

/// How far ahead an opening is looked for: a week, and the hour that ends summer time.
const LOOK_AHEAD_MINUTES: i64 = (7 * 24 + 2) * 60;

/// When a place is open, every week alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// From Monday: the spans of each day, in order.
    week: [Vec<Span>; 7],
    written: String,
}

/// Minutes since midnight; `to` is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    from: u16,
    to: u16,
}

/// Why a text says no opening hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error(
        "`{0}` is neither a day (mon, tue, wed, thu, fri, sat, sun) nor a time such as 08:00-21:00"
    )]
    Word(String),
    #[error(
        "`{0}` goes past midnight: end it at 24:00 and give the next day the rest, as in `fri 18:00-24:00, sat 00:00-02:00`"
    )]
    PastMidnight(String),
    #[error("`{0}` has no time, as in `sat 10:00-16:00`")]
    NoTime(String),
    #[error("`{0}` and another time of the same day overlap")]
    Overlap(String),
    #[error("it is empty")]
    Empty,
}

impl Hours {
    /// Reads the setting.
    ///
    /// # Errors
    /// At the first word that cannot be meant, which the message shows.
    pub fn read(text: &str) -> Result<Hours, Wrong> {
        let mut week: [Vec<Span>; 7] = Default::default();
        for part in text.split(',').map(str::trim) {
            let part_of_week = read_part(part)?;
            for day in part_of_week.days {
                for span in &part_of_week.spans {
                    let overlaps = |other: &Span| span.from < other.to && other.from < span.to;
                    if week[day].iter().any(overlaps) {
                        return Err(Wrong::Overlap(part.to_owned()));
                    }
                    week[day].push(*span);
                }
            }
        }
        week.iter_mut().for_each(|day| day.sort_unstable());
        Ok(Hours { week, written: text.trim().to_owned() })
    }

    /// Whether the place is open while the wall says `at`.
    pub fn is_open(&self, at: DateTime) -> bool {
        let minute = at.hour() as u16 * 60 + at.minute() as u16;
        let spans = &self.week[place(at.weekday())];
        spans.iter().any(|span| (span.from..span.to).contains(&minute))
    }

    /// The moment after `now` at which the place next opens; `now` is a moment when it is closed.
    ///
    /// Looks at minute after minute: a few thousand of them, now and then, and right by definition in
    /// the nights that have an hour twice or not at all.
    pub fn next_opening(&self, now: &ZonedDateTime) -> Option<ZonedDateTime> {
        let since_minute = SignedDuration::from_secs(now.second().into());
        let minute = now.timestamp().checked_sub(since_minute).ok()?;
        (1..=LOOK_AHEAD_MINUTES).find_map(|ahead| {
            let at = minute.checked_add(SignedDuration::from_mins(ahead)).ok()?;
            let at = at.to_zoned_datetime(now.time_zone().clone());
            self.is_open(at.datetime()).then_some(at)
        })
    }
}

impl std::fmt::Display for Hours {
    /// As they were written.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.written)
    }
}

/// `mon-fri 08:00-12:00 13:00-17:00`
struct PartOfWeek {
    days: Vec<usize>,
    spans: Vec<Span>,
}

fn read_part(part: &str) -> Result<PartOfWeek, Wrong> {
    let (mut days, mut spans) = (Vec::new(), Vec::new());
    for word in part.split_whitespace() {
        match read_days(word) {
            Some(named) if spans.is_empty() => days.extend(named),
            _ => spans.push(read_span(word)?),
        }
    }
    match (days.is_empty(), spans.is_empty()) {
        (_, false) if days.is_empty() => Ok(PartOfWeek { days: (0..7).collect(), spans }),
        (_, false) => Ok(PartOfWeek { days, spans }),
        (false, true) => Err(Wrong::NoTime(part.to_owned())),
        (true, true) => Err(Wrong::Empty),
    }
}

/// `sat`, or `fri-mon` over the week's end.
fn read_days(word: &str) -> Option<Vec<usize>> {
    let day = |name: &str| DAYS.iter().position(|known| name.eq_ignore_ascii_case(known));
    let Some((from, to)) = word.split_once('-') else { return Some(vec![day(word)?]) };
    let (from, to) = (day(from)?, day(to)?);
    Some((0..=(to + 7 - from) % 7).map(|after| (from + after) % 7).collect())
}

fn read_span(word: &str) -> Result<Span, Wrong> {
    let unknown = || Wrong::Word(word.to_owned());
    let (from, to) = word.split_once(['-', '–']).ok_or_else(unknown)?;
    let (from, to) = (minute(from).ok_or_else(unknown)?, minute(to).ok_or_else(unknown)?);
    if from < to { Ok(Span { from, to }) } else { Err(Wrong::PastMidnight(word.to_owned())) }
}

/// `08:00` or `8.00`; `24:00` is the day's end.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once([':', '.'])?;
    let number = |text: &str, length: std::ops::RangeInclusive<usize>| {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && length.contains(&text.len()) { text.parse::<u16>().ok() } else { None }
    };
    let (hour, minute) = (number(hour, 1..=2)?, number(minute, 2..=2)?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= MINUTES_A_DAY).then_some(all)
}

fn place(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).expect("a day is 0 to 6 days after Monday")
}

#[cfg(test)]
#[path = "hours/tests.rs"]
mod tests;
