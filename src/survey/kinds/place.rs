//! An area of a map, `{place=districts}`, or the same from a list.

use super::author::Author;
use super::single::Single;
use super::{Offered, Reading, Rules};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// `{place=districts}`: the areas of content/maps/districts.svg are its choices.
pub struct Place;

impl Rules for Place {
    fn name(&self) -> &'static str {
        "place"
    }

    fn read(&self, question: &Question, fields: &Fields, offered: &Offered) -> Reading {
        Single.read(question, fields, offered)
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        Single.write(question, answer)
    }

    fn sample(&self, question: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer {
        Single.sample(question, offered, rng)
    }
}

impl Author for Place {
    fn keyword(&self) -> Option<&'static str> {
        Some("place")
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["place"]
    }

    /// The areas are filled in where the maps are known (`compile`).
    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        super::author::refuse_answers(source, self.name(), notes);
        question.map = source.attributes.value("place").map(str::to_owned);
    }
}
