//! The files of a publication, made in memory: nothing is written before all of it is there.

use std::path::{Path, PathBuf};

use super::before;
use crate::cli::ResultsPublishArgs;
use crate::commands::offsite::is_same_place;
use crate::commands::results::gather::Gathering;
use crate::error::{Context, Error, Result};
use crate::results::audit::remarks::objections;
use crate::results::files::{FILES, STEPS, STYLE};
pub use crate::results::files::{JSON, OTHERS};
use crate::results::open_data::{About, data_package, dcat, excel_csv};
use crate::results::page::{DataFile, Report, Voice, most_moved};
use crate::results::protect::{Earlier, Rules};
use crate::results::publish::{Plan, Publication, publish, represented, unflagged, weighting};
use crate::results::remarks::Remarks;
use crate::results::sheet::Sheet;
use crate::results::steps;
use crate::results::weights::Cap;
use crate::results::workbook::workbook;
use crate::site::config::SiteConfig;
use crate::site::{Renderer, Theme};

type Made = Vec<(PathBuf, Vec<u8>)>;

/// The page in every language, and the data.
pub fn files(
    gathering: &Gathering,
    publication: &Publication,
    others: Option<&Publication>,
    voices: &[Voice],
    args: &ResultsPublishArgs,
) -> Result<Made> {
    let content = &gathering.content;
    let theme = match &args.theme {
        Some(folder) => Theme::load(Some(folder))?.0,
        None => Theme::builtin(),
    };
    let renderer = Renderer::new(&theme, &content.config, &content.articles)?;
    let counted = &gathering.gathered.sample.counted;
    let weighting =
        gathering.targets.as_ref().and_then(|targets| weighting(&publication.weights, targets));
    let mut represented = match &gathering.targets {
        Some(_) => represented(&publication.weights, publication.open.min_group),
        None => Vec::new(),
    };
    let kept = gathering.steps.as_ref();
    let answered = |variable: &str, group: usize| {
        let mut groupings = publication.weights.groupings.iter();
        groupings.find(|one| one.variable == variable).map_or(0, |one| one.people(group) as u32)
    };
    kept.into_iter().for_each(|kept| steps::add_steps(&mut represented, kept, answered));
    let trends = before::trends(gathering, &publication.open)?;
    // The pieces of a draft are shown without the files beside them.
    let offered = if args.preview && is_piece(gathering, args) { &[][..] } else { &FILES };
    let of_files: Vec<DataFile> = offered
        .iter()
        .map(|(name, kind)| DataFile { name: (*name).into(), kind: (*kind).into() })
        .collect();
    let gathered_others = gathering.gathered.others.as_ref();
    let report = Report {
        definition: &gathering.definition,
        named_by: &content.signups,
        figures: &publication.figures,
        counted,
        invited: gathering.invited,
        others: others
            .zip(gathered_others)
            .map(|(others, sample)| (&sample.counted, others.figures.as_slice())),
        left_out: &gathering.gathered.left_out,
        weighting: weighting.as_ref(),
        represented: &represented,
        evenness: kept.and_then(|kept| kept.evenness).filter(|_| !represented.is_empty()),
        withheld: &publication.withheld,
        moved_unflagged: moved(gathering, publication, args.cap),
        threshold: publication.open.threshold,
        min_group: publication.open.min_group,
        example: gathering.is_example,
        coded: voices,
        files: &of_files,
        trends: &trends,
    };
    // The record first, the pages last: what is public is never more than what is on record.
    let data = Path::new("data");
    let told = renderer.results_said(&report, &content.config.languages);
    let days = counted.days.clone();
    let remarks = Remarks { days, differences: told.differences, trends: told.trends };
    if let Some(objection) = objections(&publication.open, &remarks).into_iter().next() {
        return Err(Error::new("say what the figures mean").source(objection));
    }
    let record = publication.open.to_json_with(&remarks);
    let mut made = vec![(data.join(JSON), record.into_bytes())];
    made.extend(others.map(|others| (data.join(OTHERS), others.open.to_json().into_bytes())));
    for (name, bytes) in data_files(gathering, &renderer, &report, publication)? {
        made.push((data.join(name), bytes));
    }
    made.extend(pages(gathering, &renderer, &report, args)?);
    Ok(made)
}

/// Pieces where the next build puts a frame around them, and whole pages anywhere else.
fn pages(
    gathering: &Gathering,
    renderer: &Renderer,
    report: &Report,
    args: &ResultsPublishArgs,
) -> Result<Made> {
    let config = &gathering.content.config;
    let is_piece = is_piece(gathering, args);
    let mut made = Made::new();
    for lang in &config.languages {
        let findings = gathering.content.findings_in(&report.definition.slug, lang);
        let body = renderer.results_body(report, findings, lang)?;
        let name = name_of(config, lang);
        let html = match is_piece {
            true => body,
            false => renderer.results_alone(report.definition, lang, &body, args.preview)?,
        };
        made.push((PathBuf::from(name), html.into_bytes()));
    }
    if !is_piece {
        made.push((PathBuf::from(STYLE), renderer.style_of_results()));
    }
    Ok(made)
}

/// The name of the page in `lang`.
pub fn name_of(config: &SiteConfig, lang: &str) -> String {
    match lang == config.default_language {
        true => "index.html".to_owned(),
        false => format!("index.{lang}.html"),
    }
}

fn is_piece(gathering: &Gathering, args: &ResultsPublishArgs) -> bool {
    let slug = &gathering.definition.slug;
    is_same_place(&args.out, &gathering.content.folder.join("results").join(slug))
}

fn data_files(
    gathering: &Gathering,
    renderer: &Renderer,
    report: &Report,
    publication: &Publication,
) -> Result<Vec<(&'static str, Vec<u8>)>> {
    let config = &gathering.content.config;
    let lang = config.default_language.as_str();
    let (heads, spoken) = renderer.results_spoken(report, lang);
    let sheet =
        Sheet { survey: report.definition.slug.clone(), figures: publication.figures.clone() };
    let about = about(gathering, report);
    let names = FILES.map(|(name, _)| name);
    let title = match lang {
        "da" => "Resultater",
        _ => "Results",
    };
    let book = workbook(title, &heads, report.figures, &spoken).map_err(|error| {
        Error::new("write the workbook")
            .source(error)
            .hint("a question or choice is too long for a cell")
    })?;
    Ok(vec![
        ("results.csv", sheet.to_csv().during("write results.csv")?.into_bytes()),
        (STEPS, steps::csv(report.represented, report.evenness).into_bytes()),
        ("results-excel.csv", excel_csv(&heads, report.figures, &spoken).into_bytes()),
        ("results.xlsx", book),
        ("datapackage.json", data_package(&about).into_bytes()),
        ("dcat.jsonld", dcat(&about, &names).into_bytes()),
    ])
}

fn about(gathering: &Gathering, report: &Report) -> About {
    let config = &gathering.content.config;
    let surveys = config.languages.iter().map(|lang| (lang, report.definition.in_language(lang)));
    let titles = surveys.clone().map(|(lang, survey)| (lang.clone(), survey.title.plain.clone()));
    let told = surveys.filter_map(|(lang, survey)| Some((lang.clone(), survey.summary.clone()?)));
    About {
        slug: report.definition.slug.clone(),
        titles: titles.collect(),
        descriptions: told.collect(),
        publisher: config.controller.name.clone(),
        contact: report.definition.settings.contact.clone().unwrap_or_default(),
        site: config.hosts.first().map(|host| format!("https://{host}")).unwrap_or_default(),
        days: report.counted.days.clone(),
        license: None,
        example: gathering.is_example,
    }
}

/// The most that a total moves without the answers that look careless.
fn moved(gathering: &Gathering, publication: &Publication, cap: Cap) -> Option<u8> {
    let rules = Rules::default();
    let sound = unflagged(&gathering.gathered.sample, rules.min_answers)?;
    let plan = Plan {
        survey: gathering.definition.base(),
        targets: gathering.targets.as_ref(),
        splits: &[],
        cap,
        rules,
        earlier: &Earlier::default(),
        districts: &[],
        beside: &[],
        seed: 0,
    };
    let without = publish(&sound, &plan).ok()?;
    most_moved(&publication.figures, &without.figures)
}
