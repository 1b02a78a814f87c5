//! Something to agree to before going on: one box that must be ticked.

use super::author::Author;
use super::{Offered, Reading, Rules};
use crate::survey::answer::Answer;
use crate::survey::catalogue as c;
use crate::survey::fields::Fields;
use crate::survey::ids::{self, Named};
use crate::survey::marker::Marker;
use crate::survey::model::{Choice, Question};
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, QuestionSource};

/// `{consent}` over one `- [ ] Jeg giver samtykke til …`
pub struct Consent;

impl Rules for Consent {
    fn name(&self) -> &'static str {
        "consent"
    }

    fn read(&self, question: &Question, fields: &Fields, _: &Offered) -> Reading {
        match fields.all(&question.id).find(|value| !value.is_empty()) {
            None => Reading::fine(Answer::Unanswered),
            Some("yes") => Reading::fine(Answer::Text("yes".to_owned())),
            Some(_) => Reading::wrong(Problem::new("unknown-choice", &question.id)),
        }
    }

    /// Without the tick nothing may be kept, whether the author wrote `required` or not.
    fn missing(&self, question: &Question, answer: &Answer, _: &Offered) -> Vec<Problem> {
        let given = answer.is_answered();
        let problem = || Problem::new("consent", &question.id);
        if given { Vec::new() } else { vec![problem()] }
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        match answer {
            Answer::Text(yes) => vec![(question.id.clone(), yes.clone())],
            _ => Vec::new(),
        }
    }

    fn sample(&self, _: &Question, _: &Offered, _: &mut fastrand::Rng) -> Answer {
        Answer::Text("yes".to_owned())
    }
}

impl Author for Consent {
    fn keyword(&self) -> Option<&'static str> {
        Some("consent")
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["consent"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        let items = match &source.answers {
            AnswersSource::List { items, .. } if items.len() == 1 => items,
            other => {
                let span = other.span().cloned().unwrap_or_else(|| source.span.clone());
                notes.add(&c::ANSWERS_NOT_ALLOWED, span).arg("kind", "consent").phrase(
                    "what",
                    "anything but one `- [ ] …`",
                    "andet end én `- [ ] …`",
                );
                return;
            }
        };
        let text = items[0].text.plain.as_str();
        if items[0].marker == Marker::Plain && text.starts_with(['[', '(']) {
            let start: String = text.chars().take(3).collect();
            notes.add(&c::BROKEN_MARKER, items[0].marker_span.clone()).arg("text", start);
        }
        // The answer is stored as "yes" whatever the box is called; its id is for translations.
        let id = items[0].attributes.id().map(|at| ids::check(at, Named::Choice, notes));
        question.choices = vec![Choice {
            id: id.unwrap_or_else(|| "yes".to_owned()),
            text: items[0].text.clone(),
            ..Choice::default()
        }];
    }
}
