//! Random surveys with random answers: server and browser must come to the same.
//!
//! The vectors hold what was thought of; this holds the rest. Answers are drawn from few values, many
//! of them odd, so that conditions meet and skips chain.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{Browser, PHONE, vectors::JUDGE};
use crate::vectors;

const CASES: usize = 1_000;
const KINDS: &[&str] =
    &["single", "multiple", "matrix", "scale", "number", "year", "text", "longtext", "consent"];
const CODES: &[&str] = &["a", "b", "c"];
/// What fields say: codes, numbers and texts in every form that is told apart somewhere.
const VALUES: &[&str] = &[
    "",
    "a",
    "a",
    "b",
    "b",
    "c",
    "d",
    "yes",
    "1",
    "2",
    "3",
    "7",
    "0",
    "-0",
    "2,5",
    "0.3",
    "\u{2212}1",
    "1.000,5",
    "1999",
    "2010",
    "01",
    " 2 ",
    "\u{a0}",
    "x\r\ny",
    "\u{feff}a\u{85}",
    "🌳🌳🌳",
    "e\u{301}e\u{301}",
    "\u{0}b",
    "123456789012345",
    "1234567890123456",
    "0,0000001",
    "1e3",
    "på\r",
];

#[test]
fn server_and_browser_agree_on_random_surveys() {
    let Some(browser) = Browser::start(PHONE) else { return };
    let seed = fastrand::u64(..);
    let mut rng = Rng::with_seed(seed);
    let cases: Vec<Value> = (0..CASES).map(|at| case(at, &mut rng)).collect();
    let source = include_str!("../../../themes/default/js/evaluate.js");
    let came_to = browser.run_async(JUDGE, vec![source.into(), Value::from(cases.clone())]);
    let results = came_to.as_array().unwrap_or_else(|| panic!("{came_to}"));
    let differing = cases.iter().zip(results).find(|(case, result)| case["expect"] != **result);
    if let Some((case, result)) = differing {
        panic!("seed {seed}: the browser came to {result}\n{case:#}");
    }
}

/// A survey, a form, and what the server makes of them.
fn case(at: usize, rng: &mut Rng) -> Value {
    let survey = survey(rng);
    let mut case = json!({
        "name": at.to_string(), "fields": fields(&survey, rng), "survey": survey,
        "context": {"today": "2026-11-24", "channel": rng.choice(["web", "kiosk"])},
    });
    case["expect"] = vectors::judged(&case);
    case
}

fn text() -> Value {
    json!({"html": "", "plain": ""})
}

fn survey(rng: &mut Rng) -> Value {
    let mut seen: Vec<(String, &str)> = Vec::new();
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

/// A question on page `at` of `count`; conditions look back at `seen`.
fn question(
    at: usize,
    count: usize,
    seen: &mut Vec<(String, &'static str)>,
    rng: &mut Rng,
) -> Value {
    let kind = *rng.choice(KINDS).expect("there are kinds");
    let id = format!("q{}", seen.len());
    let mut question = json!({"id": id, "kind": kind, "text": text(), "required": rng.bool()});
    maybe_if(&mut question, seen, rng);
    match kind {
        "single" | "multiple" => {
            let choices = CODES.iter().map(|code| choice(code, at, count, seen, rng));
            question["choices"] = choices.collect();
            if kind == "multiple" {
                maybe(&mut question, "min", &[json!(1), json!(2)], rng);
                maybe(&mut question, "max", &[json!(1), json!(2)], rng);
            }
        }
        "matrix" => {
            let row = |code: &&str, rng: &mut Rng| {
                let mut row = json!({"id": code, "text": text()});
                maybe_if(&mut row, seen, rng);
                row
            };
            question["rows"] = CODES[..2].iter().map(|code| row(code, rng)).collect();
            let columns = CODES.iter().map(|code| json!({"id": code, "text": text()}));
            question["columns"] = columns.collect();
        }
        "scale" => question["scale"] = json!({"from": rng.i64(-2..=1), "to": rng.i64(2..=7)}),
        "number" => {
            maybe(&mut question, "min", &[json!(-1), json!(0.5), json!(2)], rng);
            maybe(&mut question, "max", &[json!(2.5), json!(7), json!(2000)], rng);
            maybe(&mut question, "step", &[json!(0.1), json!(0.0000001), json!(2)], rng);
        }
        "year" => maybe(&mut question, "min", &[json!(1900), json!(2000)], rng),
        _ => maybe(&mut question, "maxlength", &[json!(1), json!(3), json!(4)], rng),
    }
    if matches!(kind, "number" | "year") {
        maybe(&mut question, "maps", &[json!("birth-year"), json!("age")], rng);
    }
    seen.push((id, kind));
    question
}

fn choice(code: &str, at: usize, count: usize, seen: &[(String, &str)], rng: &mut Rng) -> Value {
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

fn maybe_if(object: &mut Value, seen: &[(String, &str)], rng: &mut Rng) {
    if rng.u8(..4) == 0 {
        object["if"] = condition(seen, 2, rng);
    }
}

fn condition(seen: &[(String, &str)], depth: u32, rng: &mut Rng) -> Value {
    if depth > 0 && rng.u8(..3) == 0 {
        let mut part = || condition(seen, depth - 1, rng);
        let parts = [part(), part()];
        return match rng.u8(..3) {
            0 => json!({"op": "and", "of": parts}),
            1 => json!({"op": "or", "of": parts}),
            _ => json!({"op": "not", "of": parts[0]}),
        };
    }
    let op = *rng
        .choice(["eq", "ne", "lt", "le", "gt", "ge", "in", "has", "answered"].iter())
        .expect("there are comparisons");
    let mut condition =
        Map::from_iter([("op".into(), json!(op)), ("left".into(), operand(seen, rng))]);
    if op == "in" {
        condition.insert("right".into(), json!([value(rng), value(rng)]));
    } else if op != "answered" {
        condition.insert("right".into(), value(rng));
    }
    condition.into()
}

fn operand(seen: &[(String, &str)], rng: &mut Rng) -> Value {
    match rng.choice(seen) {
        Some((id, "matrix")) if rng.bool() => json!({"row": [id, rng.choice(CODES)]}),
        Some((id, "multiple")) if rng.bool() => json!({"count": id}),
        Some((id, _)) if rng.u8(..6) > 0 => json!({"q": id}),
        _ => json!({"builtin": rng.choice(["age", "today", "channel"])}),
    }
}

fn value(rng: &mut Rng) -> Value {
    let texts = ["a", "b", "yes", "web", "2026-11-24", "2"];
    let numbers = [0.0, 1.0, 2.0, 2.5, 16.0, 1999.0];
    if rng.bool() { json!(rng.choice(texts)) } else { json!(rng.choice(numbers)) }
}

fn fields(survey: &Value, rng: &mut Rng) -> Value {
    let questions = survey["pages"].as_array().into_iter().flatten();
    let questions = questions.flat_map(|page| page["questions"].as_array().into_iter().flatten());
    let ids: Vec<&str> = questions.filter_map(|question| question["id"].as_str()).collect();
    let mut fields: Vec<[String; 2]> = Vec::new();
    for id in ids {
        for name in [id.to_owned(), format!("{id}.a"), format!("{id}.b"), format!("{id}.a.text")] {
            for _ in 0..*rng.choice(&[0, 1, 1, 1, 2]).expect("there are counts") {
                let value = rng.choice(VALUES).expect("there are values");
                fields.push([name.clone(), (*value).to_owned()]);
            }
        }
    }
    json!(fields)
}
