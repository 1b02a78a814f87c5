//! What the kinds that ask how to reach somebody share: one line, read into one form.

use super::author;
use super::{Reading, single_value};
use crate::survey::answer::Answer;
use crate::survey::catalogue as c;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// Reads what `read` understands; `problem` is what is said of anything else.
pub fn read(
    question: &Question,
    fields: &Fields,
    problem: &str,
    read: impl Fn(&str) -> Option<String>,
) -> Reading {
    let Some(raw) = single_value(question, fields) else {
        return Reading::fine(Answer::Unanswered);
    };
    match read(raw) {
        Some(text) => Reading::fine(Answer::Text(text)),
        None => Reading::wrong(Problem::new(problem, &question.id)),
    }
}

/// Notes a question that would put a name to the answers around it.
pub fn note_if_open(source: &QuestionSource, kind: &str, notes: &mut Notes) {
    author::refuse_answers(source, kind, notes);
    let attributes = &source.attributes;
    if !attributes.has("private") && attributes.value("maps") != Some("email") {
        let span = attributes.find(kind).map_or(&source.span, |attribute| &attribute.span);
        notes.add(&c::CONTACT_NOT_PRIVATE, span.clone()).arg("name", kind);
    }
}
