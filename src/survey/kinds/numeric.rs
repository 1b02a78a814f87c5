//! What the kinds whose answer is a number share.

use super::{Reading, single_value};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::normal::{self, Decimal};
use crate::survey::problem::Problem;

/// Reads a decimal number within the question's limits and on its steps (1 where none is given).
pub fn read(question: &Question, fields: &Fields) -> Reading {
    let Some(raw) = single_value(question, fields) else {
        return Reading::fine(Answer::Unanswered);
    };
    let Some(number) = normal::decimal(raw) else {
        return Reading::wrong(Problem::new("number-format", &question.id));
    };
    match wrong_value(question, number) {
        Some(problem) => Reading::wrong(problem),
        None => Reading::fine(Answer::Number(number.to_json())),
    }
}

fn wrong_value(question: &Question, number: Decimal) -> Option<Problem> {
    if let Some(min) = question.least().filter(|min| number.is_below(Decimal::of(*min))) {
        return Some(Problem::new("number-min", &question.id).with("min", min));
    }
    if let Some(max) = question.most().filter(|max| Decimal::of(*max).is_below(number)) {
        return Some(Problem::new("number-max", &question.id).with("max", max));
    }
    let step = question.step.unwrap_or(1.0);
    let base = Decimal::of(question.least().unwrap_or(0.0));
    let fits = number.is_on_step(base, Decimal::of(step));
    (!fits).then(|| Problem::new("number-step", &question.id).with("step", step))
}

/// The field a form would send.
pub fn write(question: &Question, answer: &Answer) -> Vec<(String, String)> {
    match answer {
        Answer::Number(number) => vec![(question.id.clone(), plain(number))],
        _ => Vec::new(),
    }
}

/// In digits, as people write it: JSON would say `1e-7`, which no form is read from.
fn plain(number: &serde_json::Number) -> String {
    match (number.as_i64(), number.as_f64()) {
        (None, Some(value)) => value.to_string(),
        _ => number.to_string(),
    }
}

/// A made-up number between `least` and `most`, on the question's steps.
pub fn sample(question: &Question, least: f64, most: f64, rng: &mut fastrand::Rng) -> Answer {
    let step = question.step.unwrap_or(1.0);
    let steps = ((most - least) / step).floor().clamp(0.0, 1e6) as u64;
    let value = least + rng.u64(0..=steps) as f64 * step;
    // Rounded to the digits of a step: 0.1 + 0.2 is 0.3 to people.
    let value = (value * 1e6).round() / 1e6;
    Answer::Number(Decimal::of(value).to_json())
}
