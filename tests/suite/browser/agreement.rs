//! Random surveys with random answers: server and browser must come to the same. The vectors hold what
//! was thought of; this holds the rest.

use std::collections::BTreeSet;

use borgerpanel::survey::kinds::ALL;
use fastrand::Rng;
use serde_json::{Value, json};

use super::vectors::{JUDGE, evaluator};
use super::{Browser, PHONE};
use crate::drawn::{fields, questions, survey};
use crate::vectors;

const CASES: usize = 1_000;
/// What may be wrong with an answer, and what is asked for once more: a run that does not meet them
/// all shows less than it says.
const CODES_MET: &[&str] = &[
    "check",
    "consent",
    "date-format",
    "date-max",
    "date-min",
    "email-format",
    "exclusive",
    "expected",
    "number-format",
    "number-max",
    "number-min",
    "number-step",
    "one-only",
    "postcode-format",
    "ranking-short",
    "ranking-twice",
    "required",
    "required-row",
    "share-number",
    "share-sum",
    "tel-format",
    "time-format",
    "time-max",
    "time-min",
    "too-few",
    "too-long",
    "too-many",
    "unknown-choice",
];

#[test]
fn server_and_browser_agree_on_random_surveys() {
    let Some(browser) = Browser::start(PHONE) else { return };
    let seed = fastrand::u64(..);
    let mut rng = Rng::with_seed(seed);
    let cases: Vec<Value> = (0..CASES).map(|at| case(at, &mut rng)).collect();
    let came_to = browser.run_async(JUDGE, vec![evaluator().into(), Value::from(cases.clone())]);
    let results = came_to.as_array().unwrap_or_else(|| panic!("{came_to}"));
    let differing = cases.iter().zip(results).find(|(case, result)| case["expect"] != **result);
    if let Some((case, result)) = differing {
        panic!("seed {seed}: the browser came to {result}\n{case:#}");
    }
}

#[test]
fn random_surveys_meet_every_problem_and_answer_of_every_kind() {
    let mut rng = Rng::with_seed(7);
    let (mut codes, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    for at in 0..CASES {
        let case = case(at, &mut rng);
        let expected = &case["expect"];
        let problems =
            ["problems", "nudges"].into_iter().flat_map(|list| expected[list].as_array());
        codes.extend(problems.flatten().map(|problem| problem["code"].to_string()));
        let answered = |question: &&Value| {
            let id = question["id"].as_str().unwrap_or_default();
            expected["answers"].get(id).is_some_and(|answer| !answer.is_null())
        };
        kinds.extend(questions(&case["survey"]).filter(answered).map(|it| it["kind"].to_string()));
    }
    let wanted = |names: Vec<&str>| names.iter().map(|name| format!("\"{name}\"")).collect();
    assert_eq!(codes, wanted(CODES_MET.to_vec()));
    assert_eq!(kinds, wanted(ALL.iter().map(|rules| rules.name()).collect()));
}

/// A survey, a form, and what the server makes of them.
fn case(at: usize, rng: &mut Rng) -> Value {
    let survey = survey(rng);
    let mut case = json!({
        "name": at.to_string(), "fields": fields::of(&survey, rng), "survey": survey,
        "context": {"today": "2026-11-24", "channel": rng.choice(["web", "kiosk"])},
    });
    case["expect"] = vectors::judged(&case);
    case
}
