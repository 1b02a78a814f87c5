//! What a publication is made from: the answers, the survey, its population.

use std::path::{Path, PathBuf};

use crate::cli::ResultsPublishArgs;
use crate::clock::{Clock, SystemClock};
use crate::commands::answers::Answers;
use crate::error::{Context, Error, Result};
use crate::panel::target::Target;
use crate::response::targets::{Targets, Variable};
use crate::results::sample::{self, Gathered};
use crate::results::scope::Scope;
use crate::results::weights::Cap;
use crate::site::content::{self, Content};
use crate::store::members::Members;
use crate::survey::Definition;
use crate::survey::settings::{Phase, Sample as Whom};

/// All of it.
pub struct Gathering {
    pub content: Content,
    /// As it was asked last.
    pub definition: Definition,
    pub gathered: Gathered,
    /// None where the results are unweighted.
    pub targets: Option<Targets>,
    /// The variables that decide who was asked at all: no tables by them.
    pub narrowed_by: Vec<Variable>,
    /// Of a survey by invitation, where the panel's database is at hand.
    pub invited: Option<u32>,
    /// The answers are made up.
    pub is_example: bool,
    pub cap: Cap,
}

impl Gathering {
    /// Reads it all.
    pub fn of(args: &ResultsPublishArgs) -> Result<Gathering> {
        let content = content::load(&args.content)?;
        let answers = match &args.responses {
            Some(file) => Answers::of_file(file, &args.content, &args.survey)?,
            None => Answers::of_central(&args.data, &args.survey)?,
        };
        let definition = answers.newest().clone();
        must_be_over(args, &content, &definition)?;
        let targets = targets(args, &content, &definition)?;
        let scope = Scope::of(targets.as_ref(), definition.base());
        let mut gathering = sample::Gathering::new(&definition, &answers.definitions, &scope);
        answers.each(|response| gathering.add(&response))?;
        let gathered = gathering.finish();
        let is_example = answers.are_made_up()?;
        Ok(Gathering {
            narrowed_by: narrowed_by(&definition)?,
            invited: invited(args, &definition)?,
            content,
            definition,
            gathered,
            targets,
            is_example,
            cap: args.cap,
        })
    }
}

/// Results of a survey that goes on would have to be made again, and the two told apart by subtraction.
fn must_be_over(
    args: &ResultsPublishArgs,
    content: &Content,
    definition: &Definition,
) -> Result<()> {
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

/// The population that the survey speaks of; a survey of a part of the panel has its own or none.
fn targets(
    args: &ResultsPublishArgs,
    content: &Content,
    definition: &Definition,
) -> Result<Option<Targets>> {
    let named = |name: &str| content.folder.join("targets").join(format!("{name}.csv"));
    let settings = &definition.settings;
    let path: Option<PathBuf> = match (&args.targets, &settings.targets, &settings.target) {
        (Some(file), _, _) => Some(file.clone()),
        (None, Some(name), _) => Some(named(name)),
        (None, None, Some(_)) => None,
        (None, None, None) => {
            Some(named(&content.config.results.targets)).filter(|path| path.is_file())
        }
    };
    let Some(path) = path else { return Ok(None) };
    let text = std::fs::read_to_string(&path).during_at("read the targets", &path)?;
    Targets::read(&text).map(Some).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Error::new("read the targets").path(&path).source(faults.join("; "))
    })
}

fn narrowed_by(definition: &Definition) -> Result<Vec<Variable>> {
    let settings = &definition.settings;
    let target = Target::read(&settings.panels, settings.target.as_deref())
        .during(format!("read whom {} is for", definition.slug))?;
    let of = |field: String| match field.as_str() {
        "birth-year" => Some(Variable::Age),
        field => Variable::named(field),
    };
    Ok(target.fields().into_iter().filter_map(of).collect())
}

fn invited(args: &ResultsPublishArgs, definition: &Definition) -> Result<Option<u32>> {
    let is_by_invitation = definition.settings.sample == Whom::Panel;
    if !is_by_invitation || args.responses.is_some() || !args.data.join("panel.db").is_file() {
        return Ok(None);
    }
    let members = Members::open(&args.data)?;
    let invited =
        members.invited(&definition.slug).map_err(|error| error.at("read", members.path()))?;
    Ok(Some(invited.len() as u32))
}
