//! A Danish postcode.

use super::author::{self, Author};
use super::{Offered, Reading, Rules, contact, wording};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::normal;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// `{postcode}`
pub struct Postcode;

impl Rules for Postcode {
    fn name(&self) -> &'static str {
        "postcode"
    }

    fn read(&self, question: &Question, fields: &Fields, _: &Offered) -> Reading {
        contact::read(question, fields, "postcode-format", read)
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        wording::write(question, answer)
    }

    fn sample(&self, _: &Question, _: &Offered, rng: &mut fastrand::Rng) -> Answer {
        Answer::Text(
            rng.choice(["1620", "2100", "2200", "2300", "2500"]).unwrap_or("2200").to_owned(),
        )
    }
}

impl Author for Postcode {
    fn keyword(&self) -> Option<&'static str> {
        Some("postcode")
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["postcode"]
    }

    fn compile(&self, source: &QuestionSource, _: &mut Question, notes: &mut Notes) {
        author::refuse_answers(source, self.name(), notes);
    }
}

/// Four digits from 0500 on: the lowest in use are large receivers' in Copenhagen (0555 and up).
pub fn read(raw: &str) -> Option<String> {
    let text = normal::text(raw);
    let fits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    (fits && text.as_str() >= "0500").then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postcodes_have_four_digits() {
        for text in ["2200", "0999", "9990"] {
            assert_eq!(read(text).as_deref(), Some(text));
        }
        for wrong in ["220", "22000", "DK-2200", "0001", "22 00"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
