//! A panel's sign-up form is a survey that asks for a member's fields and nothing else: exactly these are
//! kept of a member, so that nothing else may be asked.

use super::catalogue as c;
use super::compile::{File, Input};
use super::model::Page;
use super::source::Notes;
use super::tree::PageSource;

/// What every member has told: whom to write to, and when they were born.
const NEEDED: [&str; 2] = ["email", "birth-year"];

/// A question in which somebody agrees to something.
const CONSENT: &str = "consent";

/// Notes what a sign-up form lacks, and what it must not ask.
pub fn check<'a>(
    input: &Input<'a>,
    sources: &[&PageSource],
    pages: &[Page],
    files: &[File<'a>],
    notes: &mut Notes<'a>,
) {
    let (mut fields, mut consents) = (Vec::new(), false);
    for (page, source) in pages.iter().zip(sources) {
        for (question, source) in page.questions.iter().zip(&source.questions) {
            let is_consent = question.kind.rules().name() == CONSENT;
            consents |= is_consent && question.required;
            match &question.maps {
                Some(field) if question.required => fields.push(field.clone()),
                Some(_) => {}
                None if is_consent => {}
                None => {
                    notes.file = files[source.origin].path;
                    notes.add(&c::SIGNUP_QUESTION, source.span.clone());
                }
            }
        }
    }
    notes.file = input.survey.base.path;
    let has = |field: &&str| fields.iter().any(|known| known == field);
    for field in NEEDED.iter().filter(|field| !has(field)) {
        notes
            .add(&c::SIGNUP_FIELD, 0..3)
            .arg("field", format!("maps={field}"))
            .arg("example", format!("{{required maps={field}}}"));
    }
    if !consents {
        notes
            .add(&c::SIGNUP_FIELD, 0..3)
            .arg("field", CONSENT)
            .arg("example", format!("{{{CONSENT} required}}"));
    }
}
