//! What results are made from: the answers, the survey, its population.

use std::path::{Path, PathBuf};

use crate::commands::answers::Answers;
use crate::error::{Context, Error, Result};
use crate::panel::target::Target;
use crate::response::steps::Steps;
use crate::response::targets::{Targets, Variable};
use crate::results::sample::{self, Gathered};
use crate::results::scope::Scope;
use crate::results::tabulate::{self, Why};
use crate::site::content::{self, Content};
use crate::store::StoreError;
use crate::store::members::{self, Members};
use crate::survey::Definition;
use crate::survey::settings::Sample as Whom;

/// Which survey, and where all that belongs to it lies.
pub struct Wanted<'a> {
    pub survey: &'a str,
    /// The central's folder.
    pub data: &'a Path,
    /// In place of the central.
    pub responses: Option<&'a Path>,
    /// In place of the file that survey or site name.
    pub targets: Option<&'a Path>,
    pub content: &'a Path,
    /// Whether what people wrote is kept, for coding.
    pub words: bool,
}

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
    /// Where everybody lives who was asked, of a survey of local panels alone.
    pub districts: Vec<String>,
    /// Of a survey by invitation, where the panel's database is at hand.
    pub invited: Option<u32>,
    /// The same: how the panel and the invited were made up when it was over.
    pub steps: Option<Steps>,
    /// The answers are made up.
    pub is_example: bool,
}

impl Gathering {
    /// Reads it all.
    pub fn of(wanted: &Wanted) -> Result<Gathering> {
        let content = content::load(wanted.content)?;
        let mut answers = match wanted.responses {
            Some(file) => Answers::of_file(file, &content, wanted.survey)?,
            None => Answers::of_central(wanted.data, wanted.survey, &content)?,
        };
        let definition = answers.newest().clone();
        let targets = targets(wanted, &content, &definition)?;
        targets.iter().for_each(|targets| answers.know(targets));
        let scope = Scope::of(targets.as_ref(), definition.base());
        let mut gathering = sample::Gathering::new(&definition, &answers.definitions, &scope);
        if wanted.words {
            gathering.hear(&written(&definition));
        }
        answers.each(|response, taken| gathering.add_without(&response, taken))?;
        let gathered = gathering.finish();
        let is_example = answers.are_made_up()?;
        let members = members(wanted, &definition)?;
        let at = |error: StoreError| error.at("read", &wanted.data.join(members::FILE));
        let slug = &definition.slug;
        let invited = members.as_ref().map(|members| members.invited(slug)).transpose();
        let steps = members.as_ref().map(|members| members.steps(slug)).transpose();
        Ok(Gathering {
            narrowed_by: narrowed_by(&content, &definition)?,
            districts: districts(&content, &definition),
            invited: invited.map_err(at)?.map(|invited| invited.len() as u32),
            steps: steps.map_err(at)?.flatten(),
            content,
            definition,
            gathered,
            targets,
            is_example,
        })
    }
}

/// The questions that people answer in their own words.
pub fn written(definition: &Definition) -> Vec<String> {
    let left_out = tabulate::left_out(definition.base()).into_iter();
    left_out.filter(|one| one.why == Why::Words).map(|one| one.question).collect()
}

/// The population that the survey speaks of; a survey of a part of the panel has its own or none.
fn targets(wanted: &Wanted, content: &Content, definition: &Definition) -> Result<Option<Targets>> {
    let named = |name: &str| content.folder.join("targets").join(format!("{name}.csv"));
    let settings = &definition.settings;
    let is_of_part = settings.target.is_some() || is_local(content, definition);
    let path: Option<PathBuf> = match (wanted.targets, &settings.targets, is_of_part) {
        (Some(file), _, _) => Some(file.to_owned()),
        (None, Some(name), _) => Some(named(name)),
        (None, None, true) => None,
        (None, None, false) => {
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

/// Whether only members of local panels, of some districts, were asked.
fn is_local(content: &Content, definition: &Definition) -> bool {
    let panels = &definition.settings.panels;
    let is_local = |slug: &String| {
        content.config.panels.get(slug).is_some_and(|panel| !panel.districts.is_empty())
    };
    definition.settings.sample == Whom::Panel && !panels.is_empty() && panels.iter().all(is_local)
}

fn districts(content: &Content, definition: &Definition) -> Vec<String> {
    if !is_local(content, definition) {
        return Vec::new();
    }
    let panels = definition.settings.panels.iter();
    let of_panels = panels.filter_map(|slug| content.config.panels.get(slug));
    let mut all: Vec<String> = of_panels.flat_map(|panel| panel.districts.clone()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn narrowed_by(content: &Content, definition: &Definition) -> Result<Vec<Variable>> {
    let settings = &definition.settings;
    let target = Target::read(&settings.panels, settings.target.as_deref())
        .during(format!("read whom {} is for", definition.slug))?;
    let of = |field: String| match field.as_str() {
        "birth-year" => Some(Variable::Age),
        field => Variable::named(field),
    };
    let local = is_local(content, definition).then_some(Variable::District);
    let mut narrowed: Vec<Variable> =
        target.fields().into_iter().filter_map(of).chain(local).collect();
    narrowed.sort_unstable();
    narrowed.dedup();
    Ok(narrowed)
}

/// The panel's database, where the survey is by invitation and the answers are the central's.
fn members(wanted: &Wanted, definition: &Definition) -> Result<Option<Members>> {
    let is_by_invitation = definition.settings.sample == Whom::Panel;
    let is_there = wanted.responses.is_none() && wanted.data.join(members::FILE).is_file();
    (is_by_invitation && is_there).then(|| Members::open(wanted.data)).transpose()
}
