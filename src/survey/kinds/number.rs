//! A number, with limits, a step and a unit.

use super::author::{self, Author};
use super::{Offered, Reading, Rules, numeric};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// `{number min= max= step= unit=}`
pub struct Number;

impl Rules for Number {
    fn name(&self) -> &'static str {
        "number"
    }

    fn read(&self, question: &Question, fields: &Fields, _: &Offered) -> Reading {
        numeric::read(question, fields)
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        numeric::write(question, answer)
    }

    fn sample(&self, question: &Question, _: &Offered, rng: &mut fastrand::Rng) -> Answer {
        let least = question.least().unwrap_or(0.0);
        numeric::sample(question, least, question.most().unwrap_or(least + 100.0), rng)
    }
}

impl Author for Number {
    fn keyword(&self) -> Option<&'static str> {
        Some("number")
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["number", "min", "max", "step", "unit"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        author::refuse_answers(source, "number", notes);
        author::limits(source, question, notes);
        question.step = author::number(&source.attributes, "step", notes);
        if let (Some(step), Some(at)) = (question.step, source.attributes.find("step"))
            && step <= 0.0
        {
            author::note_value(at, ["a number over 0", "et tal over 0"], notes);
        }
        question.unit = source.attributes.value("unit").map(str::to_owned);
    }
}
