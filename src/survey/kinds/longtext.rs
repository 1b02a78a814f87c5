//! A long text: several lines.

use super::Rules;
use super::author::{self, Author};
use crate::survey::model::Question;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// Three lines `____`
pub struct LongText;

impl Rules for LongText {
    fn name(&self) -> &'static str {
        "longtext"
    }
}

impl Author for LongText {
    fn attributes(&self) -> &'static [&'static str] {
        &["maxlength"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        question.maxlength = author::whole(&source.attributes, "maxlength", notes);
    }
}
