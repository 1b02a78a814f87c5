//! What a survey's page holds for its script: the survey's rules, and the words it may have to say.
//! Texts that stand in the page are not sent a second time; the script reads them there.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::parts::Parts;
use super::words::Words;
use crate::error::{Context, Result};
use crate::survey::Survey;

/// Of the survey's JSON, what no rule depends on.
const SHOWN_ONLY: &[&str] =
    &["cue", "image", "labels", "map", "summary", "trend", "unit", "version", "structure"];

/// The survey without its texts, safe inside a script element.
pub(super) fn survey(survey: &Survey) -> Result<String> {
    let mut value = serde_json::to_value(survey).during("write a page's data")?;
    drop_texts(&mut value);
    json_block(&value)
}

fn drop_texts(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(drop_texts),
        Value::Object(object) => {
            object.retain(|key, value| {
                !SHOWN_ONLY.contains(&key.as_str()) && value.get("plain").is_none()
            });
            object.values_mut().for_each(drop_texts);
        }
        _ => {}
    }
}

/// What the script says on every survey's page.
const SAID: &[&str] = &[
    "step",
    "step_last",
    "left",
    "left_one",
    "next",
    "review_back",
    "unanswered",
    "problems_one",
    "problems_many",
    "error_prefix",
    "nudge_title",
    "count_left",
    "count_over",
    "guard",
];

/// What a part of a survey has it say besides.
const SAID_BY: &[(&str, &[&str])] = &[
    ("date", &["date", "months"]),
    ("dropdown", &["found"]),
    ("ranking", &["rank_is", "rank_gone", "rank_full"]),
    ("points", &["share_left", "share_over", "share_done", "share_less", "share_more"]),
    ("place", &["map"]),
];

/// Problems that only these kinds have; the others may come from any, or from the server alone.
const PROBLEMS_OF: &[(&str, &[&str])] = &[
    ("consent", &["consent"]),
    ("date-", &["date"]),
    ("email-", &["email"]),
    ("exclusive", &["multiple", "matrix-multiple"]),
    ("number-", &["number", "year"]),
    ("postcode-", &["postcode"]),
    ("ranking-", &["ranking"]),
    ("required-row", &["matrix"]),
    ("share-", &["points"]),
    ("tel-", &["tel"]),
    ("time-", &["time"]),
    ("too-few", &["multiple"]),
    ("too-many", &["multiple"]),
    // What only a server can find.
    ("member-", &[]),
    ("required-other", &[]),
    ("stale", &[]),
    ("unknown-row", &[]),
];

#[derive(Serialize)]
struct Texts<'a> {
    problems: BTreeMap<&'a str, &'a str>,
    ui: BTreeMap<&'static str, &'a str>,
}

/// The words for the script of a survey with these parts.
pub(super) fn texts(words: &Words, parts: &Parts) -> Result<String> {
    let by_parts = SAID_BY.iter().filter(|(part, _)| parts.has(part)).flat_map(|(_, keys)| *keys);
    let ui = SAID.iter().chain(by_parts).map(|key| (*key, words.ui(key))).collect();
    let needed = |code: &str| {
        let kinds = PROBLEMS_OF.iter().find(|(start, _)| code.starts_with(start));
        kinds.is_none_or(|(_, kinds)| kinds.iter().any(|kind| parts.has(kind)))
    };
    let problems = words.problems.iter().map(|(code, text)| (code.as_str(), text.as_str()));
    let problems = problems.filter(|(code, _)| needed(code)).collect();
    json_block(&Texts { problems, ui })
}

/// The words that begin with `key_`: what stands on a kiosk's keyboard, and what its keys are called.
pub(super) fn keys(words: &Words) -> Result<String> {
    let keys = words.ui.iter().filter_map(|(name, text)| Some((name.strip_prefix("key_")?, text)));
    json_block(&keys.collect::<BTreeMap<_, _>>())
}

/// JSON that cannot end the script element it stands in.
fn json_block(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_string(value).during("write a page's data")?;
    Ok(json.replace('<', "\\u003c"))
}
