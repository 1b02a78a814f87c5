//! Several of several choices, `{min=1 max=3}` of them.

use super::Rules;
use super::author::{self, Author};
use crate::survey::catalogue as c;
use crate::survey::model::Question;
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, QuestionSource};

/// `- [ ] A`
pub struct Multiple;

impl Rules for Multiple {
    fn name(&self) -> &'static str {
        "multiple"
    }
}

impl Author for Multiple {
    fn attributes(&self) -> &'static [&'static str] {
        &["min", "max", "shuffle"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        question.shuffle = source.attributes.has("shuffle");
        if let AnswersSource::List { items, .. } = &source.answers {
            question.choices = author::choices(items, notes);
        }
        author::limits(source, question, notes);
        for name in ["min", "max"] {
            // Half a choice cannot be ticked.
            author::whole(&source.attributes, name, notes);
        }
        note_unreachable_limits(source, question, notes);
    }
}

fn note_unreachable_limits(source: &QuestionSource, question: &Question, notes: &mut Notes) {
    let together =
        question.choices.iter().filter(|choice| !choice.exclusive && !choice.dontknow).count();
    for (name, value) in [("min", question.min), ("max", question.max)] {
        if let (Some(value), Some(at)) = (value, source.attributes.find(name))
            && value > together as f64
        {
            notes
                .add(&c::MAX_OVER_CHOICES, at.span.clone())
                .arg("name", name)
                .arg("value", value)
                .arg("count", together);
        }
    }
}
