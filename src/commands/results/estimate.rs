//! `borgerpanel results estimate`: every estimate at full precision, for statisticians and comparisons.

use serde::Serialize;

use super::columns::{Asked, Form, questions};
use super::gather::{Gathering, Wanted};
use super::items;
use super::people::weighed;
use crate::cli::{ResultsEstimateArgs, ResultsSample, Verdict};
use crate::console::say;
use crate::error::{Context, Error, Result};
use crate::results::estimate::{Estimate, Kind, Tally, quantiles, winsorised};
use crate::results::frame;
use crate::results::independence::{RaoScott, rao_scott};
use crate::results::interval::Interval;
use crate::results::weights::{Weights, weigh};

const QUANTILES: [(&str, f64); 5] =
    [("p10", 0.10), ("p25", 0.25), ("p50", 0.50), ("p75", 0.75), ("p90", 0.90)];

/// The names of the whole, and of who is unknown by a margin, as in the reference that these figures are
/// compared with.
const EVERYBODY: &str = "alle";
const UNKNOWN: &str = "(uoplyst)";

/// An estimate in a domain; shares are between 0 and 1, and what an estimate does not have is null.
#[derive(Debug, Serialize)]
struct Row<'a> {
    question: &'a str,
    category: &'a str,
    domain: &'a str,
    domain_value: &'a str,
    /// `share`, `mean`, `winsorised`, `quantile` or `test`.
    kind: &'static str,
    n: usize,
    n_eff: Option<f64>,
    estimate: f64,
    se_fixed: Option<f64>,
    se_calibrated: Option<f64>,
    /// As R has it: docs/results.md says how that differs from what is published.
    low: Option<f64>,
    high: Option<f64>,
    published_low: Option<f64>,
    published_high: Option<f64>,
    #[serde(flatten)]
    test: Option<Test>,
}

/// Of a test: `estimate` is its F.
#[derive(Debug, Serialize)]
struct Test {
    ndf: f64,
    ddf: f64,
    p: f64,
}

/// Groups that people are in, one each.
struct Domains<'a> {
    variable: &'a str,
    names: Vec<String>,
    /// By person, the place among the names.
    of: Vec<usize>,
}

/// Runs the command.
pub fn run(args: &ResultsEstimateArgs) -> Result<Verdict> {
    match &args.survey {
        Some(survey) => of_survey(args, survey),
        None => of_table(args),
    }
}

/// Of a survey: every item, in the sample that its results are made of.
fn of_survey(args: &ResultsEstimateArgs, survey: &str) -> Result<Verdict> {
    let gathering = Gathering::of(&Wanted {
        survey,
        data: &args.data,
        responses: args.responses.as_deref(),
        targets: args.targets.as_deref(),
        content: &args.content,
        words: false,
    })?;
    let sample = &gathering.gathered.sample;
    let weights = match &gathering.targets {
        Some(targets) => {
            let columns = frame::columns(targets, &sample.people);
            let weighed = weigh(&columns, sample.people.len(), args.cap);
            weighed.during(format!("weigh the answers to {survey}"))?
        }
        None => Weights::even(sample.people.len()),
    };
    tell(&items::questions(&sample.items), &weights, args.json)
}

/// Of somebody's own CSV.
fn of_table(args: &ResultsEstimateArgs) -> Result<Verdict> {
    let (Some(respondents), Some(targets)) = (&args.respondents, &args.targets) else {
        return Err(Error::new("estimate anything")
            .source("neither a survey nor --respondents with --targets is named"));
    };
    let sample = ResultsSample {
        respondents: respondents.clone(),
        targets: targets.clone(),
        cap: args.cap,
        out_of_scope: args.out_of_scope.clone(),
        source: args.source.clone(),
    };
    let Some(weighed) = weighed(&sample)? else { return Ok(Verdict::No) };
    let people = &weighed.people;
    let is_margin = |name: &str| weighed.targets.margins.iter().any(|it| it.variable == name);
    let names = people.names.iter().filter(|name| **name != args.id && !is_margin(name));
    let columns: Vec<(&str, &[String])> =
        names.filter_map(|name| Some((name.as_str(), people.column(name)?))).collect();
    tell(&questions(&columns), &weighed.weights, args.json)
}

fn tell(asked: &[Asked], weights: &Weights, json: bool) -> Result<Verdict> {
    let domains = domains(weights);
    let rows = asked.iter().flat_map(|it| rows(it, &domains, weights));
    let rows = rows.chain(tests(asked, &domains, weights));
    match json {
        true => {
            let rows: Vec<Row> = rows.collect();
            say!("{}", serde_json::to_string(&rows).during("write the estimates as JSON")?)?;
        }
        false => print(rows)?,
    }
    Ok(Verdict::Fine)
}

/// Everybody; then the groups of each margin, those who are unknown by it last.
fn domains(weights: &Weights) -> Vec<Domains<'_>> {
    let n = weights.n;
    let all = Domains { variable: EVERYBODY, names: vec![EVERYBODY.to_owned()], of: vec![0; n] };
    let margins = weights.groupings.iter().map(|grouping| {
        let names = grouping.groups.iter().map(|categories| categories.join("+"));
        Domains {
            variable: &grouping.variable,
            names: names.chain([UNKNOWN.to_owned()]).collect(),
            of: grouping.classes.clone(),
        }
    });
    std::iter::once(all).chain(margins).collect()
}

fn rows<'a>(asked: &'a Asked, domains: &'a [Domains], weights: &Weights) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for domains in domains {
        let mut tallies = vec![Tally::new(weights); domains.names.len()];
        for (person, given) in asked.given.iter().enumerate() {
            if let Some(given) = given {
                tallies[domains.of[person]].add(weights.cell(person), *given);
            }
        }
        for (at, tally) in tallies.iter().enumerate() {
            let Some(found) = tally.estimate(asked.kind, weights) else { continue };
            let kind = if asked.kind == Kind::Share { "share" } else { "mean" };
            rows.push(row(asked, &asked.category, (domains, at), kind, &found, weights));
            if asked.form == Form::Number {
                rows.extend(of_number(asked, domains, at, weights));
            }
        }
    }
    rows
}

fn row<'a>(
    asked: &'a Asked,
    category: &'a str,
    (domains, at): (&'a Domains, usize),
    kind: &'static str,
    found: &Estimate,
    weights: &Weights,
) -> Row<'a> {
    let Estimate { value, se, se_fixed, n, n_eff, low, high } = *found;
    let compared = match kind {
        "share" => found.uncapped(weights),
        _ => Interval { low, high },
    };
    Row {
        question: &asked.question,
        category,
        domain: domains.variable,
        domain_value: &domains.names[at],
        kind,
        n,
        n_eff: Some(n_eff),
        estimate: value,
        se_fixed: Some(se_fixed),
        se_calibrated: Some(se),
        low: Some(compared.low),
        high: Some(compared.high),
        published_low: Some(low),
        published_high: Some(high),
        test: None,
    }
}

/// The mean after winsorising, and quantiles.
fn of_number<'a>(
    asked: &'a Asked,
    domains: &'a Domains,
    at: usize,
    weights: &Weights,
) -> Vec<Row<'a>> {
    let own = asked.given.iter().zip(&domains.of);
    let base: Vec<bool> = own.map(|(given, of)| given.is_some() && *of == at).collect();
    let x: Vec<f64> = asked.given.iter().map(|given| given.unwrap_or_default()).collect();
    let tamed = winsorised(&x, &base, weights);
    let tamed =
        tamed.map(|found| row(asked, "winsorised", (domains, at), "winsorised", &found, weights));
    let values = quantiles(&x, &base, weights, &QUANTILES.map(|(_, p)| p)).unwrap_or_default();
    let n = base.iter().filter(|is_in| **is_in).count();
    let quantile = |((category, _), estimate): (&(&'static str, f64), f64)| Row {
        n,
        kind: "quantile",
        estimate,
        ..bare(&asked.question, category, (domains.variable, &domains.names[at]))
    };
    tamed.into_iter().chain(QUANTILES.iter().zip(values).map(quantile)).collect()
}

/// A row that has nothing yet but its place.
fn bare<'a>(
    question: &'a str,
    category: &'a str,
    (domain, domain_value): (&'a str, &'a str),
) -> Row<'a> {
    Row {
        question,
        category,
        domain,
        domain_value,
        kind: "",
        n: 0,
        n_eff: None,
        estimate: 0.0,
        se_fixed: None,
        se_calibrated: None,
        low: None,
        high: None,
        published_low: None,
        published_high: None,
        test: None,
    }
}

/// Whether the answers to a choice differ between the groups of each margin, those unknown left out.
fn tests<'a>(asked: &'a [Asked], domains: &'a [Domains], weights: &Weights) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    let choices = asked.iter().filter(|it| it.form == Form::Choice).collect::<Vec<_>>();
    for categories in choices.chunk_by(|a, b| a.question == b.question) {
        let chosen = |person: usize| {
            categories.iter().position(|category| category.given[person] == Some(1.0))
        };
        let answers: Vec<Option<usize>> = (0..weights.n).map(chosen).collect();
        for domains in &domains[1..] {
            let known = |of: &usize| (*of + 1 < domains.names.len()).then_some(*of);
            let groups: Vec<Option<usize>> = domains.of.iter().map(known).collect();
            let found = rao_scott(&answers, &groups, &weights.w);
            rows.extend(found.map(|RaoScott { f, ndf, ddf, p, n }| Row {
                n,
                kind: "test",
                estimate: f,
                test: Some(Test { ndf, ddf, p }),
                ..bare(&categories[0].question, "rao_scott", (domains.variable, ""))
            }));
        }
    }
    rows
}

/// The whole alone: a terminal is no place for 40 groups.
fn print<'a>(rows: impl Iterator<Item = Row<'a>>) -> Result<()> {
    say!("Not for publication: exact figures may tell who somebody is.")?;
    say!("{:<36} {:>10} {:>10} {:>23} {:>7}", "everybody", "estimate", "s.e.", "95 %", "n")?;
    for row in rows.filter(|row| row.domain == EVERYBODY) {
        let name: String = format!("{} {}", row.question, row.category).chars().take(36).collect();
        let Row { estimate, se_calibrated, published_low, published_high, n, .. } = row;
        let se = se_calibrated.map_or(String::new(), |se| format!("{se:.4}"));
        let ends = published_low.zip(published_high);
        let ends = ends.map_or(String::new(), |(low, high)| format!("{low:.4} to {high:.4}"));
        say!("{name:<36} {estimate:>10.4} {se:>10} {ends:>23} {n:>7}")?;
    }
    Ok(())
}
