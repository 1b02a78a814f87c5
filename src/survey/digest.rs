//! The digests that name a survey: `version` over all that a visitor can see or that decides the
//! path, `structure` over the same without texts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::map::Map;
use super::model::Survey;
use super::settings::Settings;
use crate::crypto;

/// Keys whose values are words for people.
const TEXTS: &[&str] =
    &["text", "title", "help", "note", "intro", "cue", "unit", "message", "right", "image"];

/// The version of a survey in all its languages.
pub fn version(languages: &[Survey], maps: &BTreeMap<String, Map>, settings: &Settings) -> String {
    let mut surveys = json!(languages);
    if let Value::Array(surveys) = &mut surveys {
        for survey in surveys {
            // The summary stands in lists only; the digests are what is being made.
            remove(survey, &["summary", "version", "structure"]);
        }
    }
    let mut decisive = json!({
        "surveys": surveys,
        "sample": settings.sample,
        "background": settings.background,
        "sensitive": settings.sensitive,
        "partial": settings.partial,
        "purpose": settings.purpose,
        "legal_basis": settings.legal_basis,
        "contact": settings.contact,
    });
    if !maps.is_empty() {
        decisive["maps"] = json!(maps);
    }
    crypto::sha256_hex(canonical(&decisive).as_bytes())
}

/// The structure of a survey: equal for two versions that differ in wording only.
pub fn structure(base: &Survey) -> String {
    let mut survey = json!(base);
    remove(&mut survey, &["summary", "version", "structure", "lang"]);
    remove_texts(&mut survey);
    crypto::sha256_hex(canonical(&survey).as_bytes())
}

fn remove(value: &mut Value, keys: &[&str]) {
    if let Value::Object(object) = value {
        object.retain(|key, _| !keys.contains(&key.as_str()));
    }
}

fn remove_texts(value: &mut Value) {
    match value {
        Value::Object(object) => {
            // The right end of a row is words; the right side of a comparison decides the path.
            let compares = object.contains_key("op");
            let decides = |key: &str| !TEXTS.contains(&key) || (compares && key == "right");
            object.retain(|key, _| decides(key));
            object.values_mut().for_each(remove_texts);
        }
        Value::Array(values) => values.iter_mut().for_each(remove_texts),
        _ => {}
    }
}

/// JSON without spaces, keys sorted whatever features serde_json was built with.
fn canonical(value: &Value) -> String {
    sorted(value).to_string()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<(&String, &Value)> = object.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries = entries.into_iter().map(|(key, value)| (key.clone(), sorted(value)));
            Value::Object(entries.collect::<serde_json::Map<String, Value>>())
        }
        Value::Array(values) => Value::Array(values.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structure_knows_what_is_compared_but_no_words() {
        let structure = |right: &str, end: &str| {
            let text = |plain: &str| json!({"html": plain, "plain": plain});
            let survey = json!({
                "slug": "s", "version": "", "structure": "", "lang": "da", "title": text("T"),
                "pages": [{
                    "id": "p",
                    "if": {"op": "eq", "left": {"builtin": "channel"}, "right": right},
                    "questions": [{
                        "id": "d", "kind": "differential", "text": text("D"),
                        "rows": [{"id": "r", "text": text("A"), "right": text(end)}],
                    }],
                }],
            });
            super::structure(&serde_json::from_value(survey).expect("a survey"))
        };
        assert_eq!(structure("web", "B"), structure("web", "C"));
        assert_ne!(structure("web", "B"), structure("kiosk", "B"));
    }
}
