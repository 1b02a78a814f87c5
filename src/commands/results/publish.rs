//! `borgerpanel results SURVEY --out DIR`: the page of a survey's results, its data, and the audit before any
//! of it is written.

mod page;

use std::path::{Path, PathBuf};

use serde_json::json;

use super::gather::{Gathering, Wanted};
use crate::cli::{ResultsPublishArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::{complain, say};
use crate::crypto;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::results::audit;
use crate::results::protect::{Earlier, Rules};
use crate::results::publish::{Plan, Publication, publish, splits, steps};
use crate::results::releases::{self, Relation};
use crate::results::sample::Sample;
use crate::results::sheet::{Open, Sheet};
use crate::survey::settings::Phase;

/// Runs the command. The verdict is no where results would say too much; then nothing is written.
pub fn run(args: &ResultsPublishArgs) -> Result<Verdict> {
    let gathering = Gathering::of(&Wanted {
        survey: &args.survey,
        data: &args.data,
        responses: args.responses.as_deref(),
        targets: args.targets.as_deref(),
        content: &args.content,
    })?;
    must_be_over(args, &gathering)?;
    let rules = rules(&gathering);
    let people = gathering.gathered.sample.people.len();
    if (people as u32) < rules.min_answers {
        say!(
            "{people} answers count: fewer than {} have no results at all, since they could tell who gave which",
            rules.min_answers
        )?;
        return Ok(Verdict::No);
    }
    if let (false, Some(invited)) = (gathering.narrowed_by.is_empty(), gathering.invited)
        && !releases::has_results(invited, people as u32)
    {
        say!(
            "{invited} were invited and {people} answers count: a survey of a part of the panel has results from {} invited and {} answers on",
            releases::TARGETED_INVITED,
            releases::TARGETED_ANSWERED
        )?;
        return Ok(Verdict::No);
    }
    let mut publication = made(args, &gathering, &rules, &Earlier::default())?;
    let before = earlier(args)?;
    if !before.is_empty() {
        let mut known = Earlier::default();
        for release in &before {
            match releases::relate(release, &publication.open, None) {
                Ok(relation) => known.add(&release.figures, relation == Relation::Same),
                Err(refusal) => {
                    say!("not published: {refusal}")?;
                    return Ok(Verdict::No);
                }
            }
        }
        publication = made(args, &gathering, &rules, &known)?;
    }
    let others = match &gathering.gathered.others {
        Some(others) if others.people.len() as u32 >= rules.min_answers => {
            Some(totals(args, &gathering, others, &rules)?)
        }
        _ => None,
    };
    for part in others.iter().chain([&publication]) {
        if !is_safe(part)? {
            return Ok(Verdict::No);
        }
    }
    let files = page::files(&gathering, &publication, others.as_ref(), args)?;
    write(&args.out, files)?;
    keep_companion(args, &publication)?;
    tell(args, &gathering, &publication)?;
    Ok(Verdict::Fine)
}

/// Results of a survey that goes on would have to be made again, and the two told apart by subtraction.
fn must_be_over(args: &ResultsPublishArgs, gathering: &Gathering) -> Result<()> {
    let Gathering { content, definition, .. } = gathering;
    if args.preview {
        return stay_inside(&args.out, &content.folder);
    }
    let zone = content.config.zone();
    let phase = definition.settings.phase_at(&SystemClock.here(&zone), &zone);
    // A file of answers to a survey without an end is all there is.
    let is_endless = definition.settings.closes.is_none() && args.responses.is_some();
    if phase == Phase::Closed || is_endless {
        return Ok(());
    }
    Err(Error::new(format!("publish the results of {}", definition.slug))
        .source("it is not closed yet")
        .hint(
            "give it a `closes` that is over, or look at a page for the house alone with --preview",
        ))
}

/// A preview is no publication.
fn stay_inside(out: &Path, content: &Path) -> Result<()> {
    let there = std::path::absolute(out).during_at("find", out)?;
    let content = std::path::absolute(content).during_at("find", content)?;
    match there.starts_with(&content) {
        false => Ok(()),
        true => Err(Error::new("write a preview")
            .path(out)
            .source("whatever lies there is published by the next build")
            .hint("write it somewhere else")),
    }
}

/// The site's thresholds, which are never lower than the program's.
fn rules(gathering: &Gathering) -> Rules {
    let least = Rules::default();
    let own = &gathering.content.config.results;
    Rules {
        threshold: own.threshold.max(least.threshold),
        min_group: own.min_group.max(least.min_group),
        ..least
    }
}

/// What stands in DIR already, and what `--earlier` names.
fn earlier(args: &ResultsPublishArgs) -> Result<Vec<Open>> {
    let folders = std::iter::once(&args.out).chain(&args.earlier);
    let files =
        folders.map(|folder| folder.join("data/results.json")).filter(|path| path.is_file());
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).during_at("read", &path)?;
        Open::from_json(&text).during_at("understand", &path)
    };
    files.map(read).collect()
}

fn made(
    args: &ResultsPublishArgs,
    gathering: &Gathering,
    rules: &Rules,
    earlier: &Earlier,
) -> Result<Publication> {
    let survey = gathering.definition.base();
    let targets = gathering.targets.as_ref();
    let ages = &gathering.content.config.age_groups;
    let splits = splits(survey, targets, ages, &gathering.narrowed_by);
    let plan = Plan {
        survey,
        targets,
        splits: &splits,
        cap: args.cap,
        rules: *rules,
        earlier,
        seed: u64::from_le_bytes(crypto::random()),
    };
    publish(&gathering.gathered.sample, &plan).map_err(|fault| {
        Error::new(format!("weigh the answers to {}", gathering.definition.slug))
            .source(fault)
            .hint("the targets file has to fit the survey's choices: its categories are their ids")
    })
}

/// Whoever was not invited: neither weighed nor split.
fn totals(
    args: &ResultsPublishArgs,
    gathering: &Gathering,
    others: &Sample,
    rules: &Rules,
) -> Result<Publication> {
    let plan = Plan {
        survey: gathering.definition.base(),
        targets: None,
        splits: &[],
        cap: args.cap,
        rules: *rules,
        earlier: &Earlier::default(),
        seed: u64::from_le_bytes(crypto::random()),
    };
    publish(others, &plan).during("add up the answers of those who were not invited")
}

/// Both audits; what is not safe is said, and stops everything.
fn is_safe(publication: &Publication) -> Result<bool> {
    let mut report = audit::audit(&publication.open, Some(&publication.companion));
    let sheet =
        Sheet { survey: publication.open.survey.clone(), figures: publication.figures.clone() };
    report.broken.extend(audit::agree::with_rules(&publication.open, &sheet));
    for broken in &report.broken {
        say!("not published: {broken}")?;
    }
    for cell in &report.r#unsafe {
        say!(
            "not published: {}, {} {}, {}: {}",
            cell.question,
            cell.variable,
            cell.group,
            cell.choice,
            cell.why
        )?;
    }
    Ok(report.is_safe())
}

fn write(out: &Path, files: Vec<(PathBuf, Vec<u8>)>) -> Result<()> {
    for (name, bytes) in files {
        let path = out.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).during_at("make the folder", folder)?;
        }
        replace_file(&path, &bytes, Access::Shared)?;
    }
    Ok(())
}

/// What the insider's audit needs stays in the house: beside the central's database, or where it is asked
/// for.
fn keep_companion(args: &ResultsPublishArgs, publication: &Publication) -> Result<()> {
    let path = match (&args.companion, &args.responses) {
        (Some(path), _) => path.clone(),
        (None, None) => args.data.join("companions").join(format!("{}.json", args.survey)),
        (None, Some(_)) => return Ok(()),
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).during_at("make the folder", folder)?;
    }
    replace_file(&path, publication.companion.to_json().as_bytes(), Access::Private)
}

fn tell(args: &ResultsPublishArgs, gathering: &Gathering, publication: &Publication) -> Result<()> {
    let weights = &publication.weights;
    let hidden = publication.figures.iter().filter(|figure| figure.value.is_none()).count();
    let steps = steps(weights);
    let is_weighted = gathering.targets.is_some();
    if args.json {
        return say!(
            "{:#}",
            json!({
                "people": publication.open.people, "weighted": is_weighted,
                "n_eff": weights.n_eff, "deff": weights.deff, "steps": steps,
                "figures": publication.figures.len(), "hidden": hidden,
                "withheld": publication.withheld.len(), "out": args.out,
            })
        );
    }
    let counted = &gathering.gathered.sample.counted;
    say!(
        "{} answers count; {} left half-way, {} were led to an end of their own, {} are by people the targets do not count",
        counted.complete,
        counted.partial,
        counted.screened,
        counted.out_of_scope
    )?;
    match is_weighted {
        true => say!("weighted: they say as much as {:.0} answers drawn at random", weights.n_eff)?,
        false => complain!(
            "borgerpanel: there is no targets file, so the answers are not weighted; the page says so"
        ),
    }
    steps.iter().try_for_each(|step| say!("weights: {step}"))?;
    say!(
        "{} figures, {hidden} of them hidden, {} tables not shown; both audits find everybody safe",
        publication.figures.len(),
        publication.withheld.len()
    )?;
    say!("wrote {}", args.out.display())
}
