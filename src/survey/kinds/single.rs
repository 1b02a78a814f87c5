//! One of several choices; `{dropdown}` shows them as a list that opens.

use super::author::{self, Author};
use super::{Offered, Reading, Rules};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, QuestionSource};

/// `- ( ) A` or `- A`
pub struct Single;

impl Rules for Single {
    fn name(&self) -> &'static str {
        "single"
    }

    fn read(&self, question: &Question, fields: &Fields, offered: &Offered) -> Reading {
        let mut chosen: Vec<&str> =
            fields.all(&question.id).filter(|value| !value.is_empty()).collect();
        chosen.dedup();
        match chosen.as_slice() {
            [] => Reading::fine(Answer::Unanswered),
            codes if codes.iter().any(|code| !offered.has(code)) => {
                Reading::wrong(Problem::new("unknown-choice", &question.id))
            }
            [code] => Reading::fine(Answer::Text((*code).to_owned())),
            _ => Reading::wrong(Problem::new("one-only", &question.id)),
        }
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        match answer {
            Answer::Text(code) => vec![(question.id.clone(), code.clone())],
            _ => Vec::new(),
        }
    }

    fn sample(&self, _: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer {
        rng.choice(&offered.choices).map_or(Answer::Unanswered, |code| Answer::Text(code.clone()))
    }
}

impl Author for Single {
    fn attributes(&self) -> &'static [&'static str] {
        &["dropdown", "shuffle", "from"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        question.dropdown = source.attributes.has("dropdown");
        question.shuffle = source.attributes.has("shuffle");
        if let AnswersSource::List { items, .. } = &source.answers {
            question.choices = author::choices(items, notes);
        }
    }
}
