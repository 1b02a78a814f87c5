//! Random conditions over the questions drawn so far: of every form that the compiler makes, and of
//! types that it would not let meet.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{CODES, Seen};

const COMPARISONS: &[&str] =
    &["eq", "ne", "lt", "le", "gt", "ge", "lt", "ge", "in", "has", "has", "answered"];
const TEXTS: &[&str] =
    &["a", "b", "yes", "web", "2", "2026-11-24", "2026-01-31", "08:30", "2200", "a@b.dk"];
const NUMBERS: &[f64] = &[0.0, 1.0, 2.0, 2.5, 16.0, 40.0, 60.0, 1999.0];

pub fn condition(seen: &[Seen], depth: u32, rng: &mut Rng) -> Value {
    if depth > 0 && rng.u8(..3) == 0 {
        let mut part = || condition(seen, depth - 1, rng);
        let parts = [part(), part()];
        return match rng.u8(..3) {
            0 => json!({"op": "and", "of": parts}),
            1 => json!({"op": "or", "of": parts}),
            _ => json!({"op": "not", "of": parts[0]}),
        };
    }
    let op = *rng.choice(COMPARISONS).expect("there are comparisons");
    let left = if op == "has" { several(seen, rng) } else { operand(seen, rng) };
    let mut condition = Map::from_iter([("op".into(), json!(op)), ("left".into(), left)]);
    match op {
        "answered" => {}
        "has" => {
            condition.insert("right".into(), json!(rng.choice(CODES)));
        }
        "in" => {
            condition.insert("right".into(), json!([side(seen, rng), side(seen, rng)]));
        }
        _ => {
            condition.insert("right".into(), side(seen, rng));
        }
    }
    condition.into()
}

/// What can be compared: any question, a part of one, a count, or what is no question.
fn operand(seen: &[Seen], rng: &mut Rng) -> Value {
    match rng.choice(seen) {
        Some((id, "matrix" | "matrix-multiple" | "differential" | "points")) if rng.u8(..3) > 0 => {
            json!({"row": [id, rng.choice(CODES)]})
        }
        Some((id, "multiple" | "ranking")) if rng.bool() => json!({"count": id}),
        Some((id, _)) if rng.u8(..6) > 0 => json!({"q": id}),
        _ => json!({"builtin": rng.choice(["age", "today", "channel"])}),
    }
}

/// Preferably something that several choices can be taken of.
fn several(seen: &[Seen], rng: &mut Rng) -> Value {
    let fitting = |(_, kind): &&Seen| matches!(*kind, "multiple" | "ranking" | "matrix-multiple");
    let fitting: Vec<&Seen> = seen.iter().filter(fitting).collect();
    match rng.choice(fitting) {
        Some((id, "matrix-multiple")) => json!({"row": [id, rng.choice(&CODES[..2])]}),
        Some((id, _)) => json!({"q": id}),
        None => operand(seen, rng),
    }
}

/// The right side of a comparison.
fn side(seen: &[Seen], rng: &mut Rng) -> Value {
    match rng.u8(..5) {
        0 | 1 => operand(seen, rng),
        2 => json!(rng.choice(NUMBERS)),
        _ => json!(rng.choice(TEXTS)),
    }
}
