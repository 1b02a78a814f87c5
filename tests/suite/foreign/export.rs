//! Surveys as XLSForms: what `pyxform` says about them, and what comes back.
//!
//! Where there is no `pyxform` the test says so and is skipped, but with `PYXFORM_TESTS=required` it
//! fails. `PYXFORM_PYTHON` names the Python that has it.

use std::process::Command;

use borgerpanel::foreign;
use borgerpanel::foreign::report::Done;
use borgerpanel::foreign::xlsform::write::{self, Exported};
use borgerpanel::survey::compile::Shelf;
use borgerpanel::survey::condition::Condition;
use borgerpanel::survey::{Definition, Facts, File, Files, Input, compile};

use super::sound;

const EVERYTHING: &str = include_str!("../../fixtures/foreign/everything.md");
const EVERYTHING_EN: &str = include_str!("../../fixtures/foreign/everything.en.md");
const MAP: &str = include_str!("../../fixtures/foreign/districts.svg");

fn everything() -> Definition {
    let languages = vec!["da".to_owned(), "en".to_owned()];
    let default_language = "da".to_owned();
    let facts = Facts { default_language, languages, lone: true, ..Facts::default() };
    let base = File { path: "everything.md", text: EVERYTHING };
    let english = File { path: "everything.en.md", text: EVERYTHING_EN };
    let survey = Files { base, translations: vec![("en", english)] };
    let map = File { path: "maps/districts.svg", text: MAP };
    let shelf = Shelf { maps: [("districts".to_owned(), map)].into(), ..Shelf::default() };
    let made = compile(&Input { slug: "everything", survey, shelf: &shelf, site: &facts });
    let notes: Vec<String> =
        made.diagnostics.iter().map(|note| note.message(Default::default())).collect();
    made.definition.unwrap_or_else(|| panic!("{notes:#?}"))
}

fn exported(definition: &Definition) -> Exported {
    write::write(definition).expect("a workbook")
}

/// The Python that has `pyxform`, or why there is none.
fn python() -> Result<String, String> {
    let python = std::env::var("PYXFORM_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", "import pyxform"]).output();
    match found {
        Ok(output) if output.status.success() => Ok(python),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(wrong) => Err(format!("{python}: {wrong}")),
    }
}

#[test]
fn pyxform_accepts_what_is_exported() {
    let python = match python() {
        Ok(python) => python,
        Err(cause) if std::env::var("PYXFORM_TESTS").is_ok_and(|value| value == "required") => {
            panic!("tests with pyxform are required: {cause}")
        }
        Err(cause) => {
            eprintln!("skipped, no pyxform: {cause}");
            return;
        }
    };
    let folder = tempfile::tempdir().expect("a folder");
    let form = folder.path().join("everything.xlsx");
    std::fs::write(&form, exported(&everything()).bytes).expect("a file");
    let script = "import sys; from pyxform.xls2xform import convert; \
                  r = convert(sys.argv[1]); print(len(r.xform)); print(r.warnings)";
    let output = Command::new(python).args(["-c", script]).arg(&form).output().expect("it runs");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!said.contains("sanitized"), "{said}");
}

#[test]
fn a_round_trip_keeps_kinds_ids_choices_and_conditions() {
    let before = everything();
    let imported = foreign::import(&exported(&before).bytes, "x").expect("a form");
    let after = sound(&imported);
    let languages = |definition: &Definition| -> Vec<String> {
        definition.languages.iter().map(|survey| survey.lang.clone()).collect()
    };
    assert_eq!(languages(&before), languages(&after));
    // Kinds that a form has not, and what they come back as.
    let others = [
        ("points", ""),
        ("differential", "matrix"),
        ("matrix-multiple", ""),
        ("place", "single"),
        ("year", "number"),
        ("email", "text"),
        ("tel", "text"),
        ("postcode", "text"),
    ];
    for question in before.base().questions() {
        let kind = question.kind.rules().name();
        let expected = others.iter().find(|(from, _)| *from == kind).map_or(kind, |(_, to)| to);
        if expected.is_empty() {
            continue;
        }
        let found = after.base().question(&question.id);
        let found = found.unwrap_or_else(|| panic!("{}\n{}", question.id, imported.files[0].text));
        assert_eq!(found.kind.rules().name(), expected, "{}", question.id);
        let ids = |choices: &[borgerpanel::survey::Choice]| -> Vec<(String, bool, bool)> {
            choices.iter().map(|c| (c.id.clone(), c.other, c.condition.is_some())).collect()
        };
        assert_eq!(ids(&found.choices), ids(&question.choices), "{}", question.id);
        assert_eq!(ids(&found.columns), ids(&question.columns), "{}", question.id);
        let rows = |q: &borgerpanel::survey::Question| -> Vec<String> {
            q.rows.iter().map(|row| row.id.clone()).collect()
        };
        assert_eq!(rows(found), rows(question), "{}", question.id);
        // What stands there without an answer is lost on the way.
        assert_eq!(found.text.plain.replace('…', "ven"), question.text.plain, "{}", question.id);
        assert_eq!(found.required, question.required, "{}", question.id);
        assert_eq!(found.scale, question.scale, "{}", question.id);
        if kind != "year" {
            assert_eq!((&found.min, &found.max), (&question.min, &question.max), "{}", question.id);
        }
        // A form does not know what it is shown on.
        let said = question.condition.as_ref().filter(|_| question.id != "kiosk");
        if let Some(condition) = said {
            // A jump over the question is a further condition of it.
            let kept = match &found.condition {
                Some(Condition::And { of }) => {
                    of.contains(condition) || found.condition == question.condition
                }
                other => other.as_ref() == Some(condition),
            };
            assert!(kept, "{}: {:?}", question.id, found.condition);
        }
    }
    for page in before.base().pages.iter().filter(|page| page.condition.is_some()) {
        let found = after.base().pages.iter().find(|found| found.id == page.id);
        assert_eq!(found.and_then(|found| found.condition.clone()), page.condition, "{}", page.id);
    }
}

#[test]
fn what_a_form_cannot_say_is_named() {
    let report = exported(&everything()).report;
    let said = |word: &str, done: Done| {
        let found = report.items.iter().any(|item| item.why.contains(word) && item.done == done);
        assert!(found, "{word} is not in {report:#?}");
    };
    said("expected", Done::Dropped);
    said("private", Done::Dropped);
    said("maps", Done::Dropped);
    said("from", Done::Replaced);
    said("goto", Done::Replaced);
    said("dontknow", Done::Dropped);
    said("share", Done::Replaced);
    said("differential", Done::Replaced);
    said("one end", Done::Replaced);
    said("top", Done::Dropped);
    said("`channel`", Done::Dropped);
    said("labels of the scale", Done::Replaced);
}
