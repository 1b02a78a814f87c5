//! The shared vectors against the browser's evaluator.

use serde_json::Value;

use super::{Browser, PHONE};
use crate::vectors;

/// Every case in one call: the module is imported as the page does, and judges them in order.
pub(super) const JUDGE: &str = r#"
const [source, cases, done] = arguments;
const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
const judge = ({ evaluate, readFields }) => cases.map(({ survey, fields, context }) => {
  const came = evaluate(survey, readFields(survey, fields), context);
  const { path, visible, ending, answers } = came;
  const problems = came.problems.map(({ values, ...problem }) => problem);
  return { path, visible, problems, ending, answers };
});
import(url).then(judge).then(done, (cause) => done(String(cause.stack)));
"#;

#[test]
fn the_browser_judges_every_vector_as_expected() {
    let Some(browser) = Browser::start(PHONE) else { return };
    let source = include_str!("../../../themes/default/js/evaluate.js");
    let cases = vectors::all();
    let came_to = browser.run_async(JUDGE, vec![source.into(), Value::from(cases.clone())]);
    let results = came_to.as_array().unwrap_or_else(|| panic!("{came_to}"));
    let differences = vectors::differences(&cases, results);
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
