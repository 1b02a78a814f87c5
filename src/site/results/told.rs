//! Who answered, and how the figures were made: in sentences.

use jiff::civil::Date;

use super::super::words::Words;
use super::names::Names;
use super::table::thousands;
use super::{written, written_interval};
use crate::results::channel;
use crate::results::figure::{Measure, Value};
use crate::results::page::{Asked, NotWeighted, Report, Weighting};
use crate::results::sample::Counted;
use crate::results::tabulate::{Why, columns};
use crate::survey::settings::{Moment, Sample};

/// Whom the figures are of.
pub(super) fn who(report: &Report<'_>, asked: &[Asked], names: &Names<'_>) -> Vec<String> {
    let words = names.words;
    let counted = report.counted;
    let n = thousands(counted.complete, words);
    let mut told = Vec::new();
    let when = when(report, words);
    told.push(match report.invited {
        Some(invited) if report.definition.settings.sample == Sample::Panel => {
            let invited = thousands(invited, words);
            words.fill("results_who_invited", &[("n", &n), ("invited", &invited), ("when", &when)])
        }
        _ => words.fill("results_who", &[("n", &n), ("when", &when)]),
    });
    told.extend(channels(counted, asked, words));
    told.push(words.ui("results_volunteers").to_owned());
    told.push(match report.weighting {
        Some(weighting) if weighting.variables.is_empty() => {
            words.ui("results_weighted_none").to_owned()
        }
        Some(weighting) => {
            let list: Vec<String> =
                weighting.variables.iter().map(|one| names.variable(one).to_lowercase()).collect();
            words.fill("results_weighted", &[("variables", &listed(&list, words))])
        }
        None => words.ui("results_unweighted").to_owned(),
    });
    told
}

/// Of a survey by invitation, whoever else answered.
pub(super) fn others(counted: &Counted, words: &Words) -> String {
    words.fill("results_others_who", &[("n", &thousands(counted.complete, words))])
}

/// On which days. The answers of members bear one day for all, and so the survey's own are told.
fn when(report: &Report<'_>, words: &Words) -> String {
    let settings = &report.definition.settings;
    let (from, to) = match (settings.sample, settings.opens, settings.closes, &report.counted.days)
    {
        (Sample::Panel, Some(opens), Some(closes), _) => {
            (words.moment(opens), words.moment(closes))
        }
        (Sample::Panel, ..) | (_, _, _, None) => return String::new(),
        (_, _, _, Some((first, last))) => (day(first, words), day(last, words)),
    };
    match from == to {
        true => words.fill("results_when_day", &[("day", &from)]),
        false => words.fill("results_when", &[("from", &from), ("to", &to)]),
    }
}

fn day(day: &str, words: &Words) -> String {
    match day.parse::<Date>() {
        Ok(date) => words.moment(Moment::Day(date)),
        Err(_) => day.to_owned(),
    }
}

/// The share of each channel that is a group of its own, and the kiosks that may be named.
fn channels(counted: &Counted, asked: &[Asked], words: &Words) -> Vec<String> {
    let mut told = Vec::new();
    let shares = channel::shares(asked, counted.complete).into_iter().map(|(channel, share)| {
        let share = written(Value::Percent(share), words);
        words.fill(&format!("results_channel_{channel}"), &[("share", &share)])
    });
    let shares: Vec<String> = shares.collect();
    if !shares.is_empty() {
        told.push(words.fill("results_channels", &[("list", &listed(&shares, words))]));
    }
    let locations: Vec<String> =
        counted.locations().into_iter().map(|(name, _)| name.to_owned()).collect();
    if !locations.is_empty() {
        told.push(words.fill("results_locations", &[("list", &listed(&locations, words))]));
    }
    told
}

/// How the figures were made, what they do not say, and what is hidden.
pub(super) fn method(report: &Report<'_>, names: &Names<'_>) -> Vec<String> {
    let words = names.words;
    let ui = |key: &str| words.ui(key).to_owned();
    let mut told = vec![uncertainty(report, words)];
    if let Some(weighting) = report.weighting {
        let date = weighting.date.parse::<Date>();
        let date = date.map_or_else(|_| weighting.date.clone(), |it| words.moment(Moment::Day(it)));
        told.push(words.fill(
            "results_targets",
            &[
                ("source", &weighting.source),
                ("date", &date),
                ("population", &weighting.population),
            ],
        ));
        if let Some((low, high)) = weighting.bounds_tenths
            && !weighting.variables.is_empty()
        {
            let (low, high) = (times(low, words), times(high, words));
            told.push(words.fill("results_bounds", &[("low", &low), ("high", &high)]));
        }
        told.extend(steps(weighting, names));
    }
    if !report.coded.is_empty() {
        told.push(words.fill("results_coded", &[("n", &report.threshold.to_string())]));
    }
    told.push(ui("results_rounded"));
    told.extend(not_counted(report.counted, words));
    told.extend(quality(report, words));
    let (k, group) = (report.threshold.to_string(), report.min_group.to_string());
    told.push(ui("results_differ_how"));
    told.push(words.fill("results_hidden_why", &[("n", &k), ("group", &group)]));
    told.extend(withheld(report, names));
    told
}

/// A bound of weights: `0,2`, and `5` where it is whole.
fn times(tenths: u32, words: &Words) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        _ => written(Value::Tenths(i64::from(tenths)), words),
    }
}

/// Every step off the plain way of weighting.
fn steps(weighting: &Weighting, names: &Names<'_>) -> Vec<String> {
    let words = names.words;
    let mut told = Vec::new();
    if let (Some(from), Some((_, to))) = (weighting.raised_from_tenths, weighting.bounds_tenths) {
        let (from, to) = (times(from, words), times(to, words));
        told.push(words.fill("results_step_cap", &[("from", &from), ("to", &to)]));
    }
    let merged = weighting.merged.iter();
    let merged: Vec<String> =
        merged.map(|(variable, group)| names.group(variable, group)).collect();
    if !merged.is_empty() {
        let key = match weighting.is_merged_by_force {
            true => "results_step_merged_forced",
            false => "results_step_merged",
        };
        told.push(words.fill(key, &[("list", &merged.join("; "))]));
    }
    told.extend(weighting.dropped.iter().map(|(variable, why)| {
        let key = match why {
            NotWeighted::Unknown => "results_dropped_unknown",
            NotWeighted::SmallGroup => "results_dropped_small",
            NotWeighted::OneGroup => "results_dropped_one",
            NotWeighted::Unreachable => "results_dropped_unreachable",
        };
        words.fill(key, &[("variable", &names.variable(variable).to_lowercase())])
    }));
    told
}

/// The interval in words, with one of the page's own as the example.
fn uncertainty(report: &Report<'_>, words: &Words) -> String {
    let mut totals = report.figures.iter().filter(|it| it.group.is_none());
    let example = totals.find_map(|figure| match (figure.measure, figure.low, figure.high) {
        (Measure::Percent, Some(low), Some(high)) if low != high => Some((low, high)),
        _ => None,
    });
    match example {
        Some(ends) => {
            let example = written_interval(ends, words);
            let key = match report.weighting {
                Some(weighting) if !weighting.variables.is_empty() => "results_interval",
                _ => "results_interval_unweighted",
            };
            words.fill(key, &[("example", &example)])
        }
        None => words.ui("results_interval_none").to_owned(),
    }
}

/// Those who are in no base, to the nearest ten.
fn not_counted(counted: &Counted, words: &Words) -> Vec<String> {
    let each = [
        ("results_partial", counted.partial),
        ("results_screened", counted.screened),
        ("results_out_of_scope", counted.out_of_scope),
        ("results_other_versions", counted.other_versions),
    ];
    let some = each.into_iter().filter(|(_, many)| *many > 0);
    some.map(|(key, many)| words.fill(key, &[("n", &about(many, words))])).collect()
}

/// `under 10`, `about 40`.
fn about(n: u32, words: &Words) -> String {
    match n {
        0..=9 => words.ui("results_under_ten").to_owned(),
        _ => words.fill("results_about", &[("n", &thousands((n + 5) / 10 * 10, words))]),
    }
}

fn quality(report: &Report<'_>, words: &Words) -> Option<String> {
    let counted = report.counted;
    if counted.flagged == 0 {
        return None;
    }
    let many = about(counted.flagged, words);
    let mut told = words.fill("results_flagged", &[("n", &many)]);
    if let Some(points) = report.moved_unflagged {
        told.push(' ');
        told.push_str(&words.fill("results_moved", &[("n", &points.to_string())]));
    }
    Some(told)
}

/// The tables that are not shown, by the variable they would have been by.
fn withheld(report: &Report<'_>, names: &Names<'_>) -> Vec<String> {
    let words = names.words;
    let mut variables: Vec<&str> = Vec::new();
    for one in report.withheld {
        if !variables.contains(&one.variable.as_str()) {
            variables.push(&one.variable);
        }
    }
    let items = columns(names.survey).len();
    let (mut whole, mut told) = (Vec::new(), Vec::new());
    for variable in variables {
        let those = report.withheld.iter().filter(|one| one.variable == variable);
        let list: Vec<String> = those
            .map(|one| match &one.row {
                Some(row) => format!("“{}”", names.row(&one.question, row)),
                None => format!("“{}”", names.question(&one.question)),
            })
            .collect();
        let is_all = list.len() + withheld_whole(report) >= items;
        let list = listed(&list, words);
        match variable {
            "" => told.push(words.fill("results_withheld_questions", &[("list", &list)])),
            _ if is_all => whole.push(names.variable(variable).to_lowercase()),
            _ => {
                let variable = names.variable(variable).to_lowercase();
                let values = [("variable", variable.as_str()), ("list", list.as_str())];
                told.push(words.fill("results_withheld", &values));
            }
        }
    }
    if !whole.is_empty() {
        let variables = listed(&whole, words);
        told.insert(0, words.fill("results_withheld_all", &[("variables", &variables)]));
    }
    told
}

/// How many items are not shown at all, and so in no list of a variable.
fn withheld_whole(report: &Report<'_>) -> usize {
    report.withheld.iter().filter(|one| one.variable.is_empty()).count()
}

/// Questions without figures, and why; background questions are seen in every table.
pub(super) fn left_out(report: &Report<'_>, names: &Names<'_>) -> Vec<String> {
    let key = |why: Why| match why {
        Why::Words => Some("results_left_words"),
        Why::Exact => Some("results_left_exact"),
        Why::Contact => Some("results_left_contact"),
        Why::Private => Some("results_left_private"),
        Why::Consent => Some("results_left_consent"),
        Why::Background => None,
    };
    let each = report.left_out.iter().filter_map(|one| Some((one, key(one.why)?)));
    each.map(|(one, key)| names.words.fill(key, &[("question", &names.question(&one.question))]))
        .collect()
}

/// `a, b og c`.
pub(super) fn listed(list: &[String], words: &Words) -> String {
    match list.split_last() {
        Some((last, before)) if !before.is_empty() => {
            format!("{} {} {last}", before.join(", "), words.ui("and"))
        }
        _ => list.concat(),
    }
}
