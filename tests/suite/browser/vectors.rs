//! The shared vectors against the browser's evaluator.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Browser, PHONE};
use crate::vectors;

/// Every case in one call: the module is imported as the page does, and judges them in order.
pub(super) const JUDGE: &str = r#"
const [source, cases, done] = arguments;
const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
const bare = (problems) => problems.map(({ values, ...problem }) => problem);
const judge = ({ evaluate, readFields }) => cases.map(({ survey, fields, context }) => {
  const came = evaluate(survey, readFields(survey, fields), context);
  const { path, visible, ending, answers } = came;
  const [problems, nudges] = [came.problems, came.nudges].map(bare);
  return { path, visible, problems, nudges, ending, answers };
});
import(url).then(judge).then(done, (cause) => done(String(cause.stack)));
"#;

/// The evaluator with the readers of every kind, as one module.
pub(super) fn evaluator() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/default/js");
    let readers = fs::read_dir(folder.join("kinds")).expect("the readers are a folder");
    let readers = readers.map(|entry| entry.expect("an entry of the folder").path());
    let mut readers: Vec<_> = readers.collect();
    readers.sort();
    let files = std::iter::once(folder.join("evaluate.js")).chain(readers);
    files.map(|path| fs::read_to_string(path).expect("a readable script")).collect()
}

#[test]
fn the_browser_judges_every_vector_as_expected() {
    let Some(browser) = Browser::start(PHONE) else { return };
    let cases = vectors::all();
    let came_to = browser.run_async(JUDGE, vec![evaluator().into(), Value::from(cases.clone())]);
    let results = came_to.as_array().unwrap_or_else(|| panic!("{came_to}"));
    let differences = vectors::differences(&cases, results);
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
