//! Which groups differ, and what has changed, in a sentence or two: the same words on the page and in
//! `results.json`.

use super::names::Names;
use super::people::begun;
use super::written;
use crate::results::differences::{self, Difference, Found};
use crate::results::figure::{Measure, Value};
use crate::results::item::Shape;
use crate::results::page::{ByVariable, Told};
use crate::results::remarks::Cited;
use crate::results::trend::{Change, Moved, Tracked, change};

/// What is said of a table, and the figures that it is said of.
pub(super) struct Said {
    pub(super) sentences: Vec<String>,
    pub(super) cites: Vec<Cited>,
}

impl Said {
    fn nothing(sentence: &str) -> Said {
        Said { sentences: vec![sentence.to_owned()], cites: Vec::new() }
    }
}

/// Which groups of a table differ for sure.
pub(super) fn of_groups(told: &Told, by: &ByVariable, question: &str, names: &Names<'_>) -> Said {
    let words = names.words;
    match differences::find(told, by) {
        Found::Hidden => Said::nothing(words.ui("results_differ_hidden")),
        Found::Alike { is_all: true } => Said::nothing(words.ui("results_differ_none")),
        Found::Alike { is_all: false } => Said::nothing(words.ui("results_differ_none_shown")),
        Found::Differ(found) => {
            let of = |one: &Difference| difference(one, told.shape, by, question, names);
            let cites = found.iter().flat_map(|one| {
                [&one.more, &one.less].map(|(group, _)| cited(one.measure, &one.choices, group))
            });
            Said { sentences: found.iter().map(of).collect(), cites: cites.collect() }
        }
    }
}

fn difference(
    one: &Difference,
    shape: Shape,
    by: &ByVariable,
    question: &str,
    names: &Names<'_>,
) -> String {
    let people = |(categories, _): &(Vec<String>, Value)| names.people(&by.variable, categories);
    let value = |(_, value): &(Vec<String>, Value)| written(*value, names.words);
    let key = match (one.measure, shape) {
        (Measure::Mean, _) => "results_differ_mean",
        (_, Shape::Multiple) => "results_differ_ticked",
        (_, Shape::Ranking { .. }) => "results_differ_ranked",
        (_, Shape::Budget) => "results_differ_points",
        _ => "results_differ_share",
    };
    let places = match shape {
        Shape::Ranking { places } => places.to_string(),
        _ => String::new(),
    };
    begun(&names.words.fill(
        key,
        &[
            ("more", &people(&one.more)),
            ("less", &people(&one.less)),
            ("choice", &names.choices(question, &one.choices)),
            ("a", &value(&one.more)),
            ("b", &value(&one.less)),
            ("n", &places),
        ],
    ))
}

/// What became of an item since it was asked before; `since` is when.
pub(super) fn of_time(tracked: &Tracked, since: &str, question: &str, names: &Names<'_>) -> Said {
    let words = names.words;
    let plain = |key: &str| Said::nothing(&words.fill(key, &[("since", since)]));
    match change(tracked) {
        Change::Steady => plain("results_trend_steady"),
        Change::Uneven => plain("results_trend_uneven"),
        Change::Unknown => plain("results_trend_unknown"),
        Change::Moved(moved) => {
            let cites = moved.iter().map(|one| cited(one.measure, &one.choices, &[]));
            let of = |one: &Moved| moved_sentence(one, since, question, names);
            Said { sentences: moved.iter().map(of).collect(), cites: cites.collect() }
        }
    }
}

fn moved_sentence(one: &Moved, since: &str, question: &str, names: &Names<'_>) -> String {
    let kind = match one.measure {
        Measure::Mean => "mean",
        _ => "share",
    };
    let way = if one.to > one.from { "up" } else { "down" };
    names.words.fill(
        &format!("results_trend_{kind}_{way}"),
        &[
            ("since", since),
            ("choice", &names.choices(question, &one.choices)),
            ("a", &written(one.from, names.words)),
            ("b", &written(one.to, names.words)),
        ],
    )
}

fn cited(measure: Measure, choices: &[String], group: &[String]) -> Cited {
    Cited { measure: measure.name().to_owned(), choice: choices.join("+"), group: group.join("+") }
}
