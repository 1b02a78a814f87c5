//! `borgerpanel results weight`: weights for any CSV of respondents.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::people::{Weighed, weighed};
use crate::cli::{ResultsWeightArgs, Verdict};
use crate::commands::inputs;
use crate::console::{complain, say};
use crate::durable::{Access, replace_file};
use crate::error::{Context, Result};
use crate::results::step::Step;
use crate::results::weights::{Cap, Grouping, Weights};

/// Runs the command.
pub fn run(args: &ResultsWeightArgs) -> Result<Verdict> {
    let sample = &args.sample;
    let read = [Some(sample.respondents.as_path()), Some(sample.targets.as_path())];
    inputs::keep("write the weights", args.out.as_deref(), &read)?;
    let Some(weighed) = weighed(&args.sample)? else { return Ok(Verdict::No) };
    let Some(ids) = ids(args, &weighed) else { return Ok(Verdict::No) };
    if let Some(path) = &args.out {
        let written = table(ids, &weighed.weights.w).during("write the weights")?;
        replace_file(path, &written, Access::Shared)?;
    }
    match args.json {
        true => say!("{}", report(args, &weighed))?,
        false => print(&weighed)?,
    }
    Ok(Verdict::Fine)
}

/// What tells respondents apart; none where it does not, after saying why.
fn ids<'a>(args: &ResultsWeightArgs, weighed: &'a Weighed) -> Option<&'a [String]> {
    let at = args.sample.respondents.display();
    let Some(ids) = weighed.people.column(&args.id) else {
        let names = weighed.people.names.join(", ");
        complain!("{at}: there is no column `{}`, which --id names; there are {names}", args.id);
        return None;
    };
    let mut seen = HashSet::new();
    let twice = ids.iter().find(|id| id.is_empty() || !seen.insert(id.as_str()));
    if let Some(id) = twice {
        let what = if id.is_empty() { "is empty".to_owned() } else { format!("has `{id}` twice") };
        complain!("{at}: the column `{}` {what}; weights would not be told apart by it", args.id);
        return None;
    }
    Some(ids)
}

fn table(ids: &[String], weights: &[f64]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "w"])?;
    for (id, weight) in ids.iter().zip(weights) {
        writer.write_record([id.as_str(), &format!("{weight:.12}")])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Everything as JSON: shares are between 0 and 1, a bound that is none is null.
fn report(args: &ResultsWeightArgs, weighed: &Weighed) -> Value {
    let Weighed { weights, out_of_scope, source, .. } = weighed;
    let Weights { n, n_eff, deff, g_min, g_max, low, high, gap, .. } = weights;
    let cap = match args.sample.cap {
        Cap::At(cap) => json!(cap),
        Cap::None => json!("none"),
    };
    let steps = weights.steps.iter().map(|step| {
        let mut told = json!(step);
        told["text"] = json!(step.to_string());
        told
    });
    json!({
        "n": n,
        "out_of_scope": out_of_scope,
        "n_eff": n_eff,
        "deff": deff,
        "g_min": g_min,
        "g_max": g_max,
        "gap": gap,
        "cap": cap,
        // Whether the cap and the margins held together, without the ladder.
        "feasible": !weights.steps.iter().any(Step::is_forced),
        "low": low,
        "high": high.is_finite().then_some(high),
        "source": source,
        "margins": weights.groupings.iter().map(|it| margin(it, weights)).collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
    })
}

/// A margin's groups: in the sample, as they are to be, and as they are when weighted.
fn margin(grouping: &Grouping, weights: &Weights) -> Value {
    let n = weights.n as f64;
    let class = |class: usize| {
        let own = grouping.classes.iter().zip(&weights.w).filter(|(it, _)| **it == class);
        let weighted: f64 = own.map(|(_, w)| w).sum();
        json!({
            "n": grouping.people(class),
            "target_share": grouping.targets[class] / n,
            "weighted_share": weighted / n,
        })
    };
    let groups = grouping.groups.iter().enumerate().map(|(at, categories)| {
        let mut told = class(at);
        told["categories"] = json!(categories);
        told
    });
    json!({
        "variable": grouping.variable,
        "is_raked": grouping.is_raked,
        "groups": groups.collect::<Vec<_>>(),
        "unknown": class(grouping.groups.len()),
    })
}

fn print(weighed: &Weighed) -> Result<()> {
    let Weighed { weights, out_of_scope, source, .. } = weighed;
    let Weights { n, n_eff, deff, g_min, g_max, gap, .. } = weights;
    say!("population: {source}")?;
    say!("{n} respondents, {out_of_scope} out of scope")?;
    for grouping in &weights.groupings {
        let unknown = grouping.people(grouping.groups.len());
        let used = if grouping.is_raked { "weighted by" } else { "not weighted by" };
        let (variable, groups) = (&grouping.variable, grouping.groups.len());
        say!("{used} {variable}: {groups} groups, {unknown} unknown")?;
    }
    weights.steps.iter().try_for_each(|step| say!("{step}"))?;
    say!("weights from {g_min:.3} to {g_max:.3}; margins are met to {gap:.0e}")?;
    say!("they tell as much as {n_eff:.0} respondents without weights (design effect {deff:.2})")
}
