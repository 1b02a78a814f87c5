//! What the kinds whose answer is a text share, and the text fields of "other" choices.

use super::{Reading, single_value};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::normal;
use crate::survey::problem::Problem;

/// The most code points behind an "other" choice.
pub const OTHER_LENGTH_MAX: usize = 500;

/// Reads a text up to the question's `maxlength`. Over-long is an error, never cut off.
pub fn read(question: &Question, fields: &Fields) -> Reading {
    let Some(raw) = single_value(question, fields) else {
        return Reading::fine(Answer::Unanswered);
    };
    let text = normal::text(raw);
    let length = normal::length(&text);
    match question.maxlength.filter(|max| length > *max as usize) {
        Some(max) => Reading::wrong(too_long(question, length, max as usize)),
        None => Reading::fine(Answer::Text(text)),
    }
}

/// What is wrong with a text of `length` code points.
pub fn too_long(question: &Question, length: usize, max: usize) -> Problem {
    Problem::new("too-long", &question.id).with("max", max).with("length", length)
}

/// The field a form would send.
pub fn write(question: &Question, answer: &Answer) -> Vec<(String, String)> {
    match answer {
        Answer::Text(text) => vec![(question.id.clone(), text.clone())],
        _ => Vec::new(),
    }
}

/// One of `samples`, or nothing, which is what most people write.
pub fn sample(question: &Question, samples: &[&str], rng: &mut fastrand::Rng) -> Answer {
    let fits =
        |text: &&&str| question.maxlength.is_none_or(|max| normal::length(text) <= max as usize);
    match rng.choice(samples).filter(fits) {
        Some(text) if question.required || rng.f32() < 0.4 => Answer::Text((*text).to_owned()),
        None if question.required => Answer::Text("x".to_owned()),
        _ => Answer::Unanswered,
    }
}
