//! Random surveys and forms, for what holds whatever was asked and answered.
//!
//! Answers are drawn from few values, many of them odd, so that conditions meet and skips chain.

mod conditions;
pub mod fields;

use borgerpanel::survey::kinds::ALL;
use fastrand::Rng;
use serde_json::{Value, json};

use conditions::condition;

const CODES: &[&str] = &["a", "b", "c"];
/// A question drawn so far: its id and its kind.
type Seen = (String, &'static str);

/// The questions of a survey.
pub fn questions(survey: &Value) -> impl Iterator<Item = &Value> {
    let pages = survey["pages"].as_array().into_iter().flatten();
    pages.flat_map(|page| page["questions"].as_array().into_iter().flatten())
}

fn text() -> Value {
    json!({"html": "", "plain": ""})
}

/// A survey of all kinds, with conditions, skips, limits and checks, few of them sensible.
pub fn survey(rng: &mut Rng) -> Value {
    let mut seen: Vec<Seen> = Vec::new();
    let count = rng.usize(1..=4);
    let pages: Vec<Value> = (0..count)
        .map(|at| {
            let mut page = json!({"id": format!("p{at}")});
            maybe_if(&mut page, &seen, rng);
            let asked = rng.usize(0..=4);
            page["questions"] = (0..asked).map(|_| question(at, count, &mut seen, rng)).collect();
            page
        })
        .collect();
    json!({
        "slug": "s", "version": "", "structure": "", "lang": "da", "title": text(), "pages": pages,
        "endings": [{"id": "young", "title": text(), "text": text()}],
    })
}

/// A question on page `at` of `count`; conditions look back at `seen`, a check at itself too.
fn question(at: usize, count: usize, seen: &mut Vec<Seen>, rng: &mut Rng) -> Value {
    let kind = rng.choice(ALL).expect("there are kinds").name();
    let id = format!("q{}", seen.len());
    let mut question = json!({"id": id, "kind": kind, "text": text(), "required": rng.bool()});
    for flag in ["expected", "private"] {
        maybe(&mut question, flag, &[json!(true)], rng);
    }
    maybe_if(&mut question, seen, rng);
    add_choices(&mut question, [at, count], seen, rng);
    add_limits(&mut question, rng);
    seen.push((id, kind));
    if rng.u8(..3) == 0 {
        question["check"] = condition(seen, 1, rng);
        question["message"] = "m".into();
    }
    question
}

/// What can be chosen: choices, or rows and columns.
fn add_choices(question: &mut Value, place: [usize; 2], seen: &[Seen], rng: &mut Rng) {
    match question["kind"].as_str().unwrap_or_default() {
        "single" | "multiple" | "ranking" | "points" | "place" => {
            let choices = CODES.iter().map(|code| choice(code, place, seen, rng));
            question["choices"] = choices.collect();
        }
        "matrix" | "matrix-multiple" | "differential" => {
            let row = |code: &&str, rng: &mut Rng| {
                let mut row = json!({"id": code, "text": text()});
                maybe_if(&mut row, seen, rng);
                row
            };
            question["rows"] = CODES[..2].iter().map(|code| row(code, rng)).collect();
            let column = |code: &&str, rng: &mut Rng| {
                let mut column = json!({"id": code, "text": text()});
                maybe(&mut column, "dontknow", &[json!(true)], rng);
                column
            };
            question["columns"] = CODES.iter().map(|code| column(code, rng)).collect();
        }
        _ => {}
    }
}

/// What the kind's answers are held to.
fn add_limits(question: &mut Value, rng: &mut Rng) {
    let days = ["1950-06-01", "2026-01-31", "2024-02-29", "today", "2026-11-25"].map(Value::from);
    let times = ["08:00", "08:30", "16:00"].map(Value::from);
    match question["kind"].as_str().unwrap_or_default() {
        "multiple" => limits(question, &[json!(1), json!(2)], &[json!(1), json!(2)], rng),
        "ranking" => question["top"] = rng.i64(1..=3).into(),
        "points" => question["share"] = (*rng.choice(&[10, 100]).expect("two sums")).into(),
        "scale" => question["scale"] = json!({"from": rng.i64(-2..=1), "to": rng.i64(2..=7)}),
        "number" => {
            let least = [json!(-1), json!(0.5), json!(2)];
            limits(question, &least, &[json!(2.5), json!(7), json!(2000)], rng);
            maybe(question, "step", &[json!(0.1), json!(0.0000001), json!(2)], rng);
            maybe(question, "maps", &[json!("birth-year"), json!("age")], rng);
        }
        "year" => {
            limits(question, &[json!(1900), json!(2000)], &[json!(2005)], rng);
            maybe(question, "maps", &[json!("birth-year"), json!("age")], rng);
        }
        "date" => limits(question, &days, &days, rng),
        "time" => limits(question, &times, &times, rng),
        "text" | "longtext" => maybe(question, "maxlength", &[1, 3, 4].map(Value::from), rng),
        _ => {}
    }
}

fn limits(question: &mut Value, least: &[Value], most: &[Value], rng: &mut Rng) {
    maybe(question, "min", least, rng);
    maybe(question, "max", most, rng);
}

fn choice(code: &str, [at, count]: [usize; 2], seen: &[Seen], rng: &mut Rng) -> Value {
    let mut choice = json!({"id": code, "text": text()});
    for flag in ["other", "exclusive", "dontknow"] {
        if rng.u8(..8) == 0 {
            choice[flag] = true.into();
        }
    }
    let later = format!("p{}", rng.usize(at + 1..=count));
    let target = if later == format!("p{count}") { json!("end") } else { json!(later) };
    if rng.u8(..5) == 0 {
        choice["goto"] = rng.choice([target, json!("young")]).expect("two targets");
    }
    maybe_if(&mut choice, seen, rng);
    choice
}

fn maybe(object: &mut Value, name: &str, values: &[Value], rng: &mut Rng) {
    if rng.u8(..3) == 0 {
        object[name] = rng.choice(values).expect("there are values").clone();
    }
}

fn maybe_if(object: &mut Value, seen: &[Seen], rng: &mut Rng) {
    if rng.u8(..4) == 0 {
        object["if"] = condition(seen, 2, rng);
    }
}
