//! The ways an answer can differ, as far as the survey's conditions can tell: each code, each number
//! around a limit, each day next to a named one.
//!
//! Where a kind is new here, or has too many ways, there is no list, and whoever asks must take
//! anything for possible. What is listed may hold a little more than can be answered (a text over
//! `maxlength`), never less.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::condition::{Fact, Value};
use super::model::{Limit, Question};
use super::typecheck::CHANNELS;

/// How the answer to a question is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One code, number, day or text.
    One,
    /// Some of its choices.
    Some,
    /// One for each row, or for each choice.
    Parts,
    /// Some of its columns for each row.
    PartsOfSome,
    /// Not known here.
    Unknown,
}

/// How the answer to `question` is made up.
pub fn shape(question: &Question) -> Shape {
    match question.kind.rules().name() {
        // The map is not at hand, as where a file is checked alone: it may have any areas.
        "place" if question.choices.is_empty() => Shape::Unknown,
        "single" | "place" | "consent" | "scale" | "number" | "year" | "date" | "time" | "text"
        | "longtext" | "email" | "tel" | "postcode" => Shape::One,
        "multiple" | "ranking" => Shape::Some,
        "matrix" | "differential" | "points" => Shape::Parts,
        "matrix-multiple" => Shape::PartsOfSome,
        _ => Shape::Unknown,
    }
}

/// Whether more is listed than can be answered: what follows from it may be told as impossible, not
/// as possible.
pub fn is_vague(question: &Question) -> bool {
    match question.kind.rules().name() {
        "single" | "place" | "consent" | "scale" | "number" | "year" | "multiple" | "matrix"
        | "differential" | "matrix-multiple" | "time" => false,
        "date" => [&question.min, &question.max].into_iter().flatten().any(is_today),
        "ranking" => question.choices.iter().any(|choice| choice.condition.is_some()),
        _ => true,
    }
}

/// The answers to a question of [`Shape::One`] that conditions with `values` can tell apart.
pub fn of_question(question: &Question, values: &[Value]) -> Option<Vec<Fact>> {
    let (least, most) = (question.least(), question.most());
    match question.kind.rules().name() {
        "single" | "place" => {
            Some(question.choices.iter().map(|choice| code(&choice.id, choice.dontknow)).collect())
        }
        "consent" => Some(vec![Fact::Text("yes".to_owned())]),
        "scale" => {
            let scale = question.scale.as_ref()?;
            Some((scale.from..=scale.to).map(|value| Fact::Number(value as f64)).collect())
        }
        "year" => numbers(values, least.or(Some(0.0)), most.or(Some(9999.0)), 1.0),
        "number" => numbers(values, least, most, question.step.unwrap_or(1.0)),
        "date" => Some(within(days(values, question), question)),
        "time" => Some(within(times(values, question), question)),
        "text" | "longtext" | "email" | "tel" | "postcode" => Some(texts(values)),
        _ => None,
    }
}

/// The same for a row of a matrix, or for one choice's share of the points.
pub fn of_part(question: &Question, values: &[Value]) -> Option<Vec<Fact>> {
    match question.kind.rules().name() {
        "points" => numbers(values, Some(0.0), question.share.map(f64::from), 1.0),
        "matrix" | "differential" => {
            Some(question.columns.iter().map(|column| code(&column.id, column.dontknow)).collect())
        }
        _ => None,
    }
}

/// The same for `channel`, `today` and, where nothing else is known of it, `age`.
pub fn of_builtin(name: &str, values: &[Value]) -> Option<Vec<Fact>> {
    match name {
        "channel" => {
            Some(CHANNELS.iter().map(|channel| Fact::Text((*channel).to_owned())).collect())
        }
        "today" => Some(moments(named_days(values, None))),
        "age" => numbers(values, Some(0.0), Some(130.0), 1.0),
        _ => None,
    }
}

fn code(id: &str, dontknow: bool) -> Fact {
    if dontknow { Fact::DontKnow(id.to_owned()) } else { Fact::Text(id.to_owned()) }
}

/// As near to a step as this share of it is on it: 3 × 0.1 is not 0.3 to the bit.
const NEAR: f64 = 1e-4;

/// More limits of one number are not told apart: no author writes them by hand.
const LIMITS_MAX: usize = 300;

/// More steps away than this, a number has no digits left to tell steps apart.
const STEPS_MAX: f64 = 1e10;

/// Each limit that can be answered, its neighbours on both sides, and the ends.
pub fn numbers(
    values: &[Value],
    min: Option<f64>,
    max: Option<f64>,
    step: f64,
) -> Option<Vec<Fact>> {
    let base = min.unwrap_or(0.0);
    let mut limits: Vec<f64> = values.iter().filter_map(number).chain(min).chain(max).collect();
    limits.push(base);
    let steps = |value: f64| (value - base) / step;
    // Nor are they told apart by a step of 0.
    let told_apart = |limit: &f64| (-STEPS_MAX..=STEPS_MAX).contains(&steps(*limit));
    if limits.len() > LIMITS_MAX || !limits.iter().all(told_apart) {
        return None;
    }
    // A limit on a step is taken as it is written.
    let as_written = |value: f64| {
        let near = limits.iter().find(|limit| (**limit - value).abs() <= step * NEAR);
        near.copied().unwrap_or(value)
    };
    let around = limits.iter().flat_map(|limit| {
        let (at, nearest) = (steps(*limit), steps(*limit).round());
        let on_step = (at - nearest).abs() <= NEAR;
        let (below, above) =
            if on_step { (nearest - 1.0, nearest + 1.0) } else { (at.floor(), at.ceil()) };
        let middle = if on_step { nearest } else { below };
        [below, middle, above].map(|steps| as_written(base + steps * step))
    });
    let mut found: Vec<f64> = around
        .filter(|value| min.is_none_or(|min| *value >= min) && max.is_none_or(|max| *value <= max))
        .collect();
    found.sort_by(f64::total_cmp);
    found.dedup();
    Some(found.into_iter().map(Fact::Number).collect())
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Text(_) | Value::Other(_) => None,
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Number(_) | Value::Other(_) => None,
    }
}

fn is_today(limit: &Limit) -> bool {
    *limit == Limit::Text("today".to_owned())
}

/// The limits of a day or a time, as they are written; `today` moves, and is left aside.
fn limit(limit: &Option<Limit>) -> Option<&str> {
    match limit {
        Some(Limit::Text(text)) if text != "today" => Some(text),
        _ => None,
    }
}

fn within(mut found: BTreeSet<String>, question: &Question) -> Vec<Fact> {
    let (min, max) = (limit(&question.min), limit(&question.max));
    found.retain(|moment| {
        min.is_none_or(|min| moment.as_str() >= min) && max.is_none_or(|max| moment.as_str() <= max)
    });
    moments(found)
}

fn moments(found: BTreeSet<String>) -> Vec<Fact> {
    found.into_iter().map(Fact::Date).collect()
}

/// The days that are named, those around them, and the ends of all days.
fn days(values: &[Value], question: &Question) -> BTreeSet<String> {
    named_days(values, Some(question))
}

fn named_days(values: &[Value], question: Option<&Question>) -> BTreeSet<String> {
    let mut days: BTreeSet<String> = ["0001-01-01".to_owned(), "9999-12-31".to_owned()].into();
    let limits = question.into_iter().flat_map(|one| [limit(&one.min), limit(&one.max)]).flatten();
    for day in values.iter().filter_map(text).chain(limits) {
        days.insert(day.to_owned());
        let around = day.parse::<Date>().map(|day| [day.yesterday(), day.tomorrow()]);
        days.extend(around.into_iter().flatten().flatten().map(|day| day.to_string()));
    }
    days
}

fn times(values: &[Value], question: &Question) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = ["00:00".to_owned(), "23:59".to_owned()].into();
    let limits = [limit(&question.min), limit(&question.max)].into_iter().flatten();
    for time in values.iter().filter_map(text).chain(limits) {
        let minutes = time.split_once(':').and_then(|(hour, minute)| {
            Some(hour.parse::<u32>().ok()? * 60 + minute.parse::<u32>().ok()?)
        });
        let around = minutes.into_iter().flat_map(|at| [at.saturating_sub(1), at, at + 1]);
        let inside = around.filter(|at| *at < 24 * 60);
        found.extend(inside.map(|at| format!("{:02}:{:02}", at / 60, at % 60)));
    }
    found
}

fn texts(values: &[Value]) -> Vec<Fact> {
    let named: BTreeSet<&str> = values.iter().filter_map(text).collect();
    // And a text that nobody named.
    named.into_iter().chain(["\u{0}"]).map(|text| Fact::Text(text.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(limits: &[f64], min: Option<f64>, max: Option<f64>, step: f64) -> Vec<f64> {
        let values: Vec<Value> = limits.iter().map(|limit| Value::Number(*limit)).collect();
        let facts = numbers(&values, min, max, step).expect("not too many steps");
        let number = |fact| if let Fact::Number(number) = fact { number } else { f64::NAN };
        facts.into_iter().map(number).collect()
    }

    #[test]
    fn numbers_lie_on_steps_within_the_ends() {
        assert_eq!(tried(&[2.5], Some(0.0), Some(9.5), 1.0), [0.0, 1.0, 2.0, 3.0, 9.0]);
        assert_eq!(tried(&[0.3], None, None, 0.1), [-0.1, 0.0, 0.1, 0.2, 0.3, 0.4]);
        assert_eq!(tried(&[], Some(0.5), Some(3.0), 2.0), [0.5, 2.5]);
        assert_eq!(tried(&[18.0], None, None, 1.0), [-1.0, 0.0, 1.0, 17.0, 18.0, 19.0]);
    }

    #[test]
    fn numbers_too_far_apart_to_tell_are_not_judged() {
        assert_eq!(numbers(&[Value::Number(1e15)], None, None, 0.1), None);
        assert_eq!(numbers(&[Value::Number(1.0)], None, None, 0.0), None);
    }
}
