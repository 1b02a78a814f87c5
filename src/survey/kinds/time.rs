//! A time of day.

use super::author::{self, Author};
use super::{Offered, Reading, Rules, moment, wording};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::{Limit, Question};
use crate::survey::normal;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// `{time min=08:00 max=20:00}`
pub struct Time;

const WORDS: moment::Words =
    moment::Words { format: "time-format", min: "time-min", max: "time-max" };

impl Rules for Time {
    fn name(&self) -> &'static str {
        "time"
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

    fn sample(&self, question: &Question, _: &Offered, rng: &mut fastrand::Rng) -> Answer {
        let minutes = |limit: &Option<Limit>, otherwise: u32| match limit {
            Some(Limit::Text(text)) => minutes_of(text).unwrap_or(otherwise),
            _ => otherwise,
        };
        let (first, last) = (minutes(&question.min, 0), minutes(&question.max, 24 * 60 - 1));
        let at = rng.u32(first..=last.max(first));
        Answer::Text(format!("{:02}:{:02}", at / 60, at % 60))
    }
}

impl Author for Time {
    fn keyword(&self) -> Option<&'static str> {
        Some("time")
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["time", "min", "max"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        author::refuse_answers(source, self.name(), notes);
        moment::limits(
            source,
            question,
            ["a time such as 08:30", "et tidspunkt som 08:30"],
            read,
            notes,
        );
    }
}

/// `8:30`, `08:30` and `8.30` as `08:30`.
pub fn read(raw: &str) -> Option<String> {
    let text = normal::text(raw);
    let (hour, minute) = text.split_once([':', '.'])?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let shaped =
        (1..=2).contains(&hour.len()) && minute.len() == 2 && digits(hour) && digits(minute);
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (shaped && hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

fn minutes_of(time: &str) -> Option<u32> {
    let (hour, minute) = time.split_once(':')?;
    Some(hour.parse::<u32>().ok()? * 60 + minute.parse::<u32>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, time) in
            [("8:30", "08:30"), (" 08.30 ", "08:30"), ("0:00", "00:00"), ("23:59", "23:59")]
        {
            assert_eq!(read(text).as_deref(), Some(time));
        }
        for wrong in ["24:00", "8:60", "8:3", "830", "+8:30", "8:30:00", "8 30", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
