//! Who answered, and how the figures were made: in sentences.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::words::Words;
use super::names::Names;
use super::table::thousands;
use super::{written, written_interval};
use crate::results::figure::{Measure, Value};
use crate::results::page::Report;
use crate::results::sample::{Counted, LOCATION_MIN};
use crate::results::tabulate::Why;
use crate::survey::settings::{Moment, Sample};

/// Whom the figures are of.
pub(super) fn who(report: &Report<'_>, names: &Names<'_>) -> Vec<String> {
    let words = names.words;
    let counted = report.counted;
    let n = thousands(counted.complete, words);
    let mut told = Vec::new();
    let (from, to) = days(counted, words);
    told.push(match report.invited {
        Some(invited) if report.definition.settings.sample == Sample::Panel => {
            let invited = thousands(invited, words);
            words.fill(
                "results_who_invited",
                &[("n", &n), ("invited", &invited), ("from", &from), ("to", &to)],
            )
        }
        _ => words.fill("results_who", &[("n", &n), ("from", &from), ("to", &to)]),
    });
    told.extend(channels(counted, words));
    told.push(words.ui("results_volunteers").to_owned());
    told.push(match report.weighting {
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

fn days(counted: &Counted, words: &Words) -> (String, String) {
    let written = |day: &str| match day.parse::<Date>() {
        Ok(date) => words.moment(Moment::Day(date)),
        Err(_) => day.to_owned(),
    };
    counted
        .days
        .as_ref()
        .map_or_else(Default::default, |(first, last)| (written(first), written(last)))
}

/// The share of each channel, where none is so small that it tells of few; and the kiosks that may be
/// named.
fn channels(counted: &Counted, words: &Words) -> Vec<String> {
    let mut told = Vec::new();
    let channels: &BTreeMap<String, u32> = &counted.channels;
    if channels.len() > 1 && channels.values().all(|many| *many >= LOCATION_MIN) {
        let share = |many: u32| f64::from(many) / f64::from(counted.complete.max(1));
        let list: Vec<String> = channels
            .iter()
            .map(|(channel, many)| {
                let share = written(Value::of_share(share(*many)), words);
                words.fill(&format!("results_channel_{channel}"), &[("share", &share)])
            })
            .collect();
        told.push(words.fill("results_channels", &[("list", &listed(&list, words))]));
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
        if let Some((low, high)) = weighting.bounds_tenths {
            let tenths = |it: u32| written(Value::Tenths(i64::from(it)), words);
            let (low, high) = (tenths(low), tenths(high));
            told.push(words.fill("results_bounds", &[("low", &low), ("high", &high)]));
        }
        let dropped: Vec<String> =
            weighting.dropped.iter().map(|one| names.variable(one).to_lowercase()).collect();
        if !dropped.is_empty() {
            told.push(words.fill("results_dropped", &[("variables", &listed(&dropped, words))]));
        }
    }
    if !report.coded.is_empty() {
        told.push(words.fill("results_coded", &[("n", &report.threshold.to_string())]));
    }
    told.push(ui("results_rounded"));
    told.extend(not_counted(report.counted, words));
    told.extend(quality(report, words));
    let (k, group) = (report.threshold.to_string(), report.min_group.to_string());
    told.push(words.fill("results_hidden_why", &[("n", &k), ("group", &group)]));
    told.extend(withheld(report, names));
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
                Some(_) => "results_interval",
                None => "results_interval_unweighted",
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

fn withheld(report: &Report<'_>, names: &Names<'_>) -> Option<String> {
    let words = names.words;
    let list: Vec<String> = report
        .withheld
        .iter()
        .map(|one| {
            let question = match &one.row {
                Some(row) => names.row(&one.question, row),
                None => names.question(&one.question),
            };
            let variable = names.variable(&one.variable).to_lowercase();
            words.fill("results_withheld_one", &[("question", &question), ("variable", &variable)])
        })
        .collect();
    (!list.is_empty()).then(|| words.fill("results_withheld", &[("list", &list.join("; "))]))
}

/// Questions without figures, and why; background questions are seen in every table.
pub(super) fn left_out(report: &Report<'_>, names: &Names<'_>) -> Vec<String> {
    let key = |why: Why| match why {
        Why::Words => Some("results_left_words"),
        Why::Exact => Some("results_left_exact"),
        Why::Contact => Some("results_left_contact"),
        Why::Private => Some("results_left_private"),
        Why::Background => None,
    };
    let each = report.left_out.iter().filter_map(|one| Some((one, key(one.why)?)));
    each.map(|(one, key)| names.words.fill(key, &[("question", &names.question(&one.question))]))
        .collect()
}

/// `a, b og c`.
fn listed(list: &[String], words: &Words) -> String {
    match list.split_last() {
        Some((last, before)) if !before.is_empty() => {
            format!("{} {} {last}", before.join(", "), words.ui("and"))
        }
        _ => list.concat(),
    }
}
