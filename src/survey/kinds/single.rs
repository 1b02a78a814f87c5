//! One of several choices; `{dropdown}` shows them as a list that opens.

use super::Rules;
use super::author::{self, Author};
use crate::survey::model::Question;
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, QuestionSource};

/// `- ( ) A` or `- A`
pub struct Single;

impl Rules for Single {
    fn name(&self) -> &'static str {
        "single"
    }
}

impl Author for Single {
    fn attributes(&self) -> &'static [&'static str] {
        &["dropdown", "shuffle"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        question.dropdown = source.attributes.has("dropdown");
        question.shuffle = source.attributes.has("shuffle");
        if let AnswersSource::List { items, .. } = &source.answers {
            question.choices = author::choices(items, notes);
        }
    }
}
