//! The shared vectors (`tests/vectors`) against the server's evaluator.

use std::collections::BTreeMap;
use std::path::Path;

use borgerpanel::response::{Context, evaluate};
use borgerpanel::survey::fields::Fields;
use borgerpanel::survey::model::Survey;
use borgerpanel::survey::problem::Problem;
use serde_json::{Value, json};

/// Every case of every file, in the files' order.
pub fn all() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the vectors are a folder")
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    files.iter().flat_map(|path| cases(path)).collect()
}

fn cases(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("a readable file");
    serde_json::from_str(&text).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

/// The cases where `results`, in the same order, are not what is expected; as lines to print.
pub fn differences(cases: &[Value], results: &[Value]) -> Vec<String> {
    assert_eq!(cases.len(), results.len(), "a result for each case");
    let line = |(case, result): (&Value, &Value)| {
        let expected = expected(case);
        let line = || format!("{}\n  expected {expected}\n  but got  {result}", case["name"]);
        (expected != *result).then(line)
    };
    cases.iter().zip(results).filter_map(line).collect()
}

/// What a case expects; most say nothing of nudges, since there are none.
fn expected(case: &Value) -> Value {
    let mut expected = case["expect"].clone();
    let named = expected.as_object_mut().expect("what is expected is an object");
    named.entry("nudges").or_insert_with(|| json!([]));
    expected
}

pub fn judged(case: &Value) -> Value {
    let part = |name: &str| case[name].clone();
    let survey: Survey = serde_json::from_value(part("survey")).expect("a survey");
    let fields = Fields(serde_json::from_value(part("fields")).expect("names and values"));
    let context: BTreeMap<String, String> =
        serde_json::from_value(part("context")).expect("a context");
    let context = Context { today: context["today"].clone(), channel: context["channel"].clone() };
    let came_to = evaluate(&survey, &fields, &context);
    json!({
        "path": came_to.path, "visible": came_to.visible, "problems": bare(&came_to.problems),
        "nudges": bare(&came_to.nudges), "ending": came_to.ending, "answers": came_to.answers,
    })
}

/// Problems without what their words mention.
fn bare(problems: &[Problem]) -> Vec<Value> {
    let one = |problem: &Problem| match &problem.row {
        Some(row) => json!({"code": problem.code, "question": problem.question, "row": row}),
        None => json!({"code": problem.code, "question": problem.question}),
    };
    problems.iter().map(one).collect()
}

#[test]
fn the_server_judges_every_vector_as_expected() {
    let cases = all();
    assert!(cases.len() >= 850, "only {} vectors", cases.len());
    let results: Vec<Value> = cases.iter().map(judged).collect();
    let differences = differences(&cases, &results);
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
