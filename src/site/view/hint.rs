//! What the rules ask for, said before anybody can break them, and what a keyboard is to show.

use crate::site::words::Words;
use crate::survey::Question;

/// A line for one question. Where the author wrote a help text of their own, it is taken to say so.
pub(super) fn hint(question: &Question, words: &Words) -> Option<String> {
    let kind = question.kind.rules().name();
    let fill = |key: &str, values: &[(&str, &str)]| Some(words.fill(key, values));
    match kind {
        "longtext" => fill("private_hint", &[]),
        _ if question.help.is_some() => None,
        "year" | "date" | "time" | "email" | "tel" | "postcode" => {
            fill(&format!("{kind}_hint"), &[])
        }
        "multiple" => count_hint(question, words),
        "matrix-multiple" => fill("pick_rows", &[]),
        "ranking" => {
            let top = question.top.unwrap_or_default();
            let all = usize::try_from(top).is_ok_and(|top| top >= question.choices.len());
            let key = if all { "rank_all" } else { "rank_top" };
            fill(key, &[("top", &top.to_string())])
        }
        "points" => fill("share_hint", &[("share", &share(question))]),
        _ => None,
    }
}

fn count_hint(question: &Question, words: &Words) -> Option<String> {
    let number = |value: f64| value.to_string();
    let fill = |key: &str, values: &[(&str, &str)]| Some(words.fill(key, values));
    match (question.least().map(number), question.most().map(number)) {
        (Some(min), Some(max)) if min == max => fill("pick_exact", &[("max", &max)]),
        (Some(min), Some(max)) => fill("pick_between", &[("min", &min), ("max", &max)]),
        (None, Some(max)) => fill("pick_up_to", &[("max", &max)]),
        (Some(min), None) => fill("pick_at_least", &[("min", &min)]),
        (None, None) => fill("pick_many", &[]),
    }
}

/// What is shared, with its unit.
fn share(question: &Question) -> String {
    let share = question.share.unwrap_or_default();
    match &question.unit {
        Some(unit) => format!("{share} {unit}"),
        None => share.to_string(),
    }
}

/// Digits alone where only whole numbers from 0 fit; the decimal keyboard has no minus on phones,
/// so numbers that may be negative get the ordinary one, and so do dates and times: the keyboards
/// of digits do not all have their signs.
pub(super) fn inputmode(question: &Question) -> &'static str {
    let negative = question.least().is_none_or(|min| min < 0.0);
    let fractions = question.step.is_some_and(|step| step.fract() != 0.0);
    match question.kind.rules().name() {
        "year" | "postcode" => "numeric",
        "number" if negative => "text",
        "number" if fractions => "decimal",
        "number" => "numeric",
        "email" => "email",
        "tel" => "tel",
        _ => "text",
    }
}

/// What a kiosk's own keyboard has on its keys: `email`, or `digits` and the signs that the kind reads;
/// letters where it is empty.
pub(super) fn keys(question: &Question) -> &'static str {
    match (question.kind.rules().name(), inputmode(question)) {
        ("email", _) => "email",
        ("date", _) => "digits .",
        ("time", _) => "digits .:",
        ("tel", _) => "digits +",
        ("number", "text") => "digits ,-",
        ("number", "decimal") => "digits ,",
        ("number" | "year" | "postcode", _) => "digits",
        _ => "",
    }
}

/// The purpose of a field about the person who answers, as HTML names it.
pub(super) fn autocomplete(kind: &str) -> &'static str {
    match kind {
        "email" => "email",
        "tel" => "tel",
        "postcode" => "postal-code",
        _ => "",
    }
}
