//! Something to agree to before going on: one box that must be ticked.

use super::Rules;
use super::author::Author;
use crate::survey::catalogue as c;
use crate::survey::ids::{self, Named};
use crate::survey::model::{Choice, Question};
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, QuestionSource};

/// `{consent}` over one `- [ ] Jeg giver samtykke til …`
pub struct Consent;

impl Rules for Consent {
    fn name(&self) -> &'static str {
        "consent"
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
        // The answer is stored as "yes" whatever the box is called; its id is for translations.
        let id = items[0].attributes.id().map(|at| ids::check(at, Named::Choice, notes));
        question.choices = vec![Choice {
            id: id.unwrap_or_else(|| "yes".to_owned()),
            text: items[0].text.clone(),
            ..Choice::default()
        }];
    }
}
