//! A year, as in a birth year.

use super::author::{self, Author};
use super::{Offered, Reading, Rules, numeric, single_value};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::normal;
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// `{year min= max=}`
pub struct Year;

impl Rules for Year {
    fn name(&self) -> &'static str {
        "year"
    }

    fn read(&self, question: &Question, fields: &Fields, _: &Offered) -> Reading {
        let is_year = |raw: &str| {
            let text = normal::text(raw);
            text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if single_value(question, fields).is_some_and(|raw| !is_year(raw)) {
            return Reading::wrong(Problem::new("number-format", &question.id));
        }
        numeric::read(question, fields)
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        // A year has four digits, also the first thousand of them.
        numeric::write(question, answer)
            .into_iter()
            .map(|(name, year)| (name, format!("{year:0>4}")))
            .collect()
    }

    fn sample(&self, question: &Question, _: &Offered, rng: &mut fastrand::Rng) -> Answer {
        let (least, most) = (question.least().unwrap_or(1935.0), question.most().unwrap_or(2008.0));
        numeric::sample(question, least, most, rng)
    }
}

impl Author for Year {
    fn keyword(&self) -> Option<&'static str> {
        Some("year")
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["year", "min", "max"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        author::refuse_answers(source, "year", notes);
        author::limits(source, question, notes);
        for name in ["min", "max"] {
            let Some(attribute) = source.attributes.find(name) else { continue };
            let value = attribute.value.as_deref().unwrap_or_default();
            // What is no number at all was noted on the line above.
            let is_number = value.parse::<f64>().is_ok();
            if is_number && (value.len() != 4 || !value.bytes().all(|byte| byte.is_ascii_digit())) {
                let expected = ["a year of four digits", "et årstal med fire cifre"];
                author::note_value(attribute, expected, notes);
            }
        }
    }
}
