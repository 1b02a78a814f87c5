//! A short text: one line.

use super::author::{self, Author};
use super::{Offered, Reading, Rules, wording};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// A line `____`
pub struct Text;

/// The most code points where the author says nothing.
const LENGTH_MAX: u32 = 200;

/// What made-up answers say.
const SAMPLES: &[&str] = &["Mere lys", "Bænke", "Træer", "Ro", "Cykelstier"];

impl Rules for Text {
    fn name(&self) -> &'static str {
        "text"
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

impl Author for Text {
    fn attributes(&self) -> &'static [&'static str] {
        &["maxlength"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        let given = author::whole(&source.attributes, "maxlength", notes);
        question.maxlength = Some(given.unwrap_or(LENGTH_MAX));
    }
}
