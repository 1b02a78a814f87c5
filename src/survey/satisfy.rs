//! Can a condition hold, and can it fail? Decided by trying every way the operands it names can
//! differ: each code, each number around a limit, each set of the choices it asks for.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::condition::{Condition, Fact, Operand, Value};
use super::model::Question;
use super::typecheck::CHANNELS;

/// What trying came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Sometimes,
    Never,
    Always,
    /// Too many ways to try.
    Unknown,
}

/// More combinations than this are not tried.
const TRIES_MAX: usize = 100_000;

/// Tries `condition` over everything the questions it names allow.
pub fn judge(condition: &Condition, questions: &[&Question]) -> Outcome {
    if compares_answers(condition) {
        return Outcome::Unknown;
    }
    let mut subjects = Vec::new();
    collect(condition, &mut subjects);
    let domains: Vec<(Operand, Vec<Fact>)> = subjects
        .iter()
        .map(|subject| (subject.clone(), domain(subject, condition, questions)))
        .collect();
    let tries = domains.iter().try_fold(1usize, |product, (_, domain)| {
        product.checked_mul(domain.len()).filter(|product| *product <= TRIES_MAX)
    });
    let Some(tries) = tries else { return Outcome::Unknown };
    let (mut held, mut failed) = (false, false);
    for number in 0..tries {
        match condition.holds(&|operand| nth(&domains, number, operand)) {
            true => held = true,
            false => failed = true,
        }
        if held && failed {
            return Outcome::Sometimes;
        }
    }
    if held { Outcome::Always } else { Outcome::Never }
}

/// Two answers compared with each other have too many ways to differ.
fn compares_answers(condition: &Condition) -> bool {
    let mut found = false;
    condition.visit(&mut |_, right| {
        found |= right.iter().any(|value| matches!(value, Value::Other(_)));
    });
    found
}

/// The fact of `operand` in the `number`-th combination, its digits in mixed base.
fn nth(domains: &[(Operand, Vec<Fact>)], mut number: usize, operand: &Operand) -> Fact {
    let subject = subject_of(operand);
    for (candidate, domain) in domains {
        let fact = &domain[number % domain.len()];
        number /= domain.len();
        if *candidate == subject {
            return match (operand, fact) {
                (Operand::Count(_), Fact::Set(set)) => Fact::Number(set.len() as f64),
                (Operand::Count(_), _) => Fact::Number(0.0),
                _ => fact.clone(),
            };
        }
    }
    Fact::Unanswered
}

/// `count(what)` and `what` are about the same answer.
fn subject_of(operand: &Operand) -> Operand {
    match operand {
        Operand::Count(question) => Operand::Q(question.clone()),
        other => other.clone(),
    }
}

fn collect(condition: &Condition, found: &mut Vec<Operand>) {
    condition.visit(&mut |operand, _| {
        let subject = subject_of(operand);
        if !found.contains(&subject) {
            found.push(subject);
        }
    });
}

fn values_of(subject: &Operand, condition: &Condition) -> Vec<Value> {
    let mut values = Vec::new();
    condition.visit(&mut |operand, right| {
        if operand == subject {
            values.extend_from_slice(right);
        }
    });
    values
}

fn domain(subject: &Operand, condition: &Condition, questions: &[&Question]) -> Vec<Fact> {
    let values = values_of(subject, condition);
    let find = |id: &String| questions.iter().find(|question| question.id == *id);
    let mut facts = match subject {
        Operand::Q(id) | Operand::Count(id) => {
            find(id).map_or_else(Vec::new, |question| answers(question, &values))
        }
        Operand::Row([id, _]) => {
            find(id).map_or_else(Vec::new, |question| answers_of_part(question, &values))
        }
        Operand::Builtin(name) if name == "channel" => {
            // Somebody always answers somewhere.
            return CHANNELS.iter().map(|channel| Fact::Text((*channel).to_owned())).collect();
        }
        Operand::Builtin(name) if name == "today" => return days(&values),
        Operand::Builtin(_) => numbers(&values, Some(0.0), Some(130.0), 1.0),
    };
    facts.push(Fact::Unanswered);
    facts
}

fn code(id: &str, dontknow: bool) -> Fact {
    if dontknow { Fact::DontKnow(id.to_owned()) } else { Fact::Text(id.to_owned()) }
}

fn answers(question: &Question, values: &[Value]) -> Vec<Fact> {
    match question.kind.rules().name() {
        "single" | "place" => {
            question.choices.iter().map(|choice| code(&choice.id, choice.dontknow)).collect()
        }
        "multiple" | "ranking" => sets(question, values),
        "date" | "time" => moments(question, values),
        "consent" => vec![Fact::Text("yes".to_owned())],
        "scale" => question
            .scale
            .iter()
            .flat_map(|scale| scale.from..=scale.to)
            .map(|value| Fact::Number(value as f64))
            .collect(),
        "year" => numbers(
            values,
            question.least().or(Some(1000.0)),
            question.most().or(Some(9999.0)),
            1.0,
        ),
        "number" => {
            numbers(values, question.least(), question.most(), question.step.unwrap_or(1.0))
        }
        _ => texts(values),
    }
}

/// Each limit, its neighbours on both sides, and the ends, within what can be answered.
fn numbers(values: &[Value], min: Option<f64>, max: Option<f64>, step: f64) -> Vec<Fact> {
    let base = min.unwrap_or(0.0);
    let on_step = |value: f64| {
        let nearest = base + ((value - base) / step).round() * step;
        // 3 × 0.1 is not 0.3 to the bit: a limit on a step is taken as it is written.
        if (nearest - value).abs() < step * 1e-6 { value } else { nearest }
    };
    let mut found: Vec<f64> = min.into_iter().chain(max).collect();
    for value in values {
        if let Value::Number(limit) = value {
            found.extend([limit - step, *limit, limit + step].map(on_step));
        }
    }
    found
        .retain(|value| min.is_none_or(|min| *value >= min) && max.is_none_or(|max| *value <= max));
    if found.is_empty() {
        found.push(base);
    }
    found.into_iter().map(Fact::Number).collect()
}

/// One row of a matrix, or one choice's share of the points.
fn answers_of_part(question: &Question, values: &[Value]) -> Vec<Fact> {
    match question.kind.rules().name() {
        "points" => numbers(values, Some(0.0), question.share.map(f64::from), 1.0),
        "matrix-multiple" => {
            let columns = question.columns.clone();
            sets(&Question { choices: columns, ..question.clone() }, values)
        }
        _ => question.columns.iter().map(|column| code(&column.id, column.dontknow)).collect(),
    }
}

/// Around each day or time that is named; limits are left aside, as `today` moves.
fn moments(question: &Question, values: &[Value]) -> Vec<Fact> {
    if question.kind.rules().name() == "date" {
        return days(values);
    }
    let mut found: BTreeSet<String> = ["00:00".to_owned(), "23:59".to_owned()].into();
    for value in values {
        if let Value::Text(time) = value {
            let minutes = time.split_once(':').and_then(|(hour, minute)| {
                Some(hour.parse::<u32>().ok()? * 60 + minute.parse::<u32>().ok()?)
            });
            let around = minutes.into_iter().flat_map(|at| [at.saturating_sub(1), at, at + 1]);
            let inside = around.filter(|at| *at < 24 * 60);
            found.extend(inside.map(|at| format!("{:02}:{:02}", at / 60, at % 60)));
        }
    }
    found.into_iter().map(Fact::Date).collect()
}

fn days(values: &[Value]) -> Vec<Fact> {
    let mut days: BTreeSet<String> = ["0001-01-01".to_owned(), "9999-12-31".to_owned()].into();
    for value in values {
        if let Value::Text(day) = value {
            days.insert(day.clone());
            let around = day.parse::<Date>().map(|day| [day.yesterday(), day.tomorrow()]);
            days.extend(around.into_iter().flatten().flatten().map(|day| day.to_string()));
        }
    }
    days.into_iter().map(Fact::Date).collect()
}

fn texts(values: &[Value]) -> Vec<Fact> {
    let named = values.iter().filter_map(|value| match value {
        Value::Text(text) => Some(text.clone()),
        Value::Number(_) | Value::Other(_) => None,
    });
    // And a text that nobody named.
    named.chain(std::iter::once("\u{0}".to_owned())).map(Fact::Text).collect()
}

/// Every set of the choices that are named, filled up with unnamed ones to every possible size.
fn sets(question: &Question, values: &[Value]) -> Vec<Fact> {
    let is_named =
        |id: &str| values.iter().any(|value| matches!(value, Value::Text(text) if text == id));
    let alone = |id: &str| question.choice(id).is_some_and(|c| c.exclusive || c.dontknow);
    let ids = || question.choices.iter().map(|choice| choice.id.clone());
    let named: Vec<String> = ids().filter(|id| is_named(id) && !alone(id)).collect();
    let others: Vec<String> = ids().filter(|id| !is_named(id) && !alone(id)).collect();
    let max =
        question.most().or(question.top.map(f64::from)).map_or(usize::MAX, |max| max as usize);
    let mut sets: Vec<Fact> = ids().filter(|id| alone(id)).map(|id| Fact::Set(vec![id])).collect();
    // 2^12 sets and more would only run into the limit of tries.
    for bits in 0..1u32 << named.len().min(12) {
        let picked: Vec<String> = (0..named.len())
            .filter(|at| *at < 12 && bits & (1 << at) != 0)
            .map(|at| named[at].clone())
            .collect();
        for fill in 0..=others.len() {
            let set: Vec<String> = picked.iter().chain(&others[..fill]).cloned().collect();
            if !set.is_empty()
                && set.len() <= max
                && set.len() as f64 >= question.least().unwrap_or(0.0)
            {
                sets.push(Fact::Set(set));
            }
        }
    }
    sets
}
