//! A day, as people write it.

use jiff::civil::Date as Day;

use super::author::{self, Author};
use super::{Offered, Reading, Rules, moment, wording};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::normal;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// `{date min=2026-01-01 max=today}`
pub struct Date;

const WORDS: moment::Words =
    moment::Words { format: "date-format", min: "date-min", max: "date-max" };

/// Years that a date in a survey can be of: beyond them it is a slip.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

impl Rules for Date {
    fn name(&self) -> &'static str {
        "date"
    }

    fn read(&self, question: &Question, fields: &Fields, offered: &Offered) -> Reading {
        moment::read(question, fields, &offered.today, &WORDS, read)
    }

    fn is_moment(&self) -> bool {
        true
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        wording::write(question, answer)
    }

    fn sample(&self, question: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer {
        let end = |limit: &Option<crate::survey::model::Limit>, otherwise: &str| {
            let text =
                limit.as_ref().and_then(|limit| limit.moment(&offered.today).map(str::to_owned));
            text.unwrap_or_else(|| otherwise.to_owned()).parse::<Day>()
        };
        let (Ok(first), Ok(last)) =
            (end(&question.min, "2020-01-01"), end(&question.max, "2026-12-31"))
        else {
            return Answer::Unanswered;
        };
        // Only the last day may be given, and lie before any that was thought of.
        let first = if question.min.is_none() { first.min(last) } else { first };
        let days = (last - first).get_days().max(0);
        let day = first.saturating_add(jiff::Span::new().days(rng.i32(0..=days)));
        Answer::Text(day.max(first).to_string())
    }
}

impl Author for Date {
    fn keyword(&self) -> Option<&'static str> {
        Some("date")
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["date", "min", "max"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        author::refuse_answers(source, self.name(), notes);
        let expected = ["a day such as 2026-11-30, or today", "en dag som 2026-11-30 eller today"];
        let limit = |text: &str| match text {
            "today" => Some(text.to_owned()),
            day => iso(day),
        };
        moment::limits(source, question, expected, limit, notes);
    }
}

/// `2026-11-30`, `30-11-2026`, `30.11.2026`, `30/11/2026` and `30 11 2026` as `2026-11-30`.
pub fn read(raw: &str) -> Option<String> {
    let text = normal::text(raw);
    if let Some(day) = iso(&text) {
        return Some(day);
    }
    // `3. 2. 2026` has two marks between; before the day and after the year there is none.
    let marks = ['-', '.', '/', ' '];
    if text.starts_with(marks) || text.ends_with(marks) {
        return None;
    }
    let parts: Vec<&str> = text.split(marks).filter(|part| !part.is_empty()).collect();
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let [day, month, year] = parts.as_slice() else { return None };
    if !(digits(day, 2) && digits(month, 2) && digits(year, 4) && year.len() == 4) {
        return None;
    }
    iso(&format!("{year}-{month:0>2}-{day:0>2}"))
}

/// A day that exists, written as `2026-11-30` and in no other way.
fn iso(text: &str) -> Option<String> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let day: Day = text.parse().ok().filter(|_| shaped)?;
    YEARS.contains(&day.year()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in ["2026-02-03", "3-2-2026", "03.02.2026", "3/2/2026", " 3 2 2026 ", "3. 2. 2026"]
        {
            assert_eq!(read(text).as_deref(), Some("2026-02-03"), "{text}");
        }
        for wrong in [
            "30-02-2026",
            "2026-2-3",
            "3-2-26",
            "1-1-1899",
            "2200-01-01",
            "3",
            "a-b-c",
            "1-2-3-2026",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read("29-02-2024").as_deref(), Some("2024-02-29"));
    }
}
