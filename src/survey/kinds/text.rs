//! A short text: one line.

use super::Rules;
use super::author::{self, Author};
use crate::survey::model::Question;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// A line `____`
pub struct Text;

impl Rules for Text {
    fn name(&self) -> &'static str {
        "text"
    }
}

impl Author for Text {
    fn attributes(&self) -> &'static [&'static str] {
        &["maxlength"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        question.maxlength = author::whole(&source.attributes, "maxlength", notes);
    }
}
