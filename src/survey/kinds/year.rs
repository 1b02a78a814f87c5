//! A year, as in a birth year.

use super::Rules;
use super::author::{self, Author};
use crate::survey::model::Question;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// `{year min= max=}`
pub struct Year;

impl Rules for Year {
    fn name(&self) -> &'static str {
        "year"
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
    }
}
