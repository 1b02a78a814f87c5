//! A long text: several lines.

use super::author::{self, Author};
use super::{Offered, Reading, Rules, wording};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// Three lines `____`
pub struct LongText;

/// The most code points where the author says nothing.
const LENGTH_MAX: u32 = 5000;

/// What made-up answers say.
const SAMPLES: &[&str] = &[
    "Det fungerer godt i dag.",
    "Der mangler bænke ved stien.",
    "Mere lys om aftenen.",
    "Gerne flere træer og blomster.",
];

impl Rules for LongText {
    fn name(&self) -> &'static str {
        "longtext"
    }

    fn read(&self, question: &Question, fields: &Fields, _: &Offered) -> Reading {
        wording::read(question, fields)
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        wording::write(question, answer)
    }

    fn sample(&self, question: &Question, _: &Offered, rng: &mut fastrand::Rng) -> Answer {
        wording::sample(question, SAMPLES, rng)
    }
}

impl Author for LongText {
    fn attributes(&self) -> &'static [&'static str] {
        &["maxlength"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        let given = author::whole(&source.attributes, "maxlength", notes);
        question.maxlength = Some(given.unwrap_or(LENGTH_MAX));
    }
}
