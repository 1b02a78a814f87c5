//! Results for the staff pages: what `results SURVEY --preview` writes, made in memory, and written nowhere.

use std::collections::BTreeMap;
use std::path::Path;

use super::{made, page, rules, totals};
use crate::cli::ResultsPublishArgs;
use crate::commands::results::gather::{Gathering, Wanted};
use crate::error::Result;
use crate::results::audit;
use crate::results::audit::agree::with_rules;
use crate::results::protect::Earlier;
use crate::results::publish::Publication;
use crate::results::releases;
use crate::results::sheet::Sheet;
use crate::results::weights::Cap;
use crate::server::staff::bureau::{Draft, Page, Quality};

/// Where a central's answers and the site's files lie.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The central's folder.
    pub data: &'a Path,
    pub content: &'a Path,
    pub theme: Option<&'a Path>,
}

impl Place<'_> {
    fn gather(self, survey: &str) -> Result<Gathering> {
        Gathering::of(&Wanted {
            survey,
            data: self.data,
            responses: None,
            targets: None,
            content: self.content,
            // A draft is of figures alone.
            words: false,
        })
    }
}

/// The page, refused where publishing would be.
pub fn draft(place: Place, survey: &str) -> Result<Draft> {
    let gathering = place.gather(survey)?;
    let rules = rules(&gathering);
    let people = gathering.gathered.sample.people.len() as u32;
    if people < rules.min_answers {
        return Ok(Draft::TooFew { people, least: rules.min_answers });
    }
    let (least_invited, least) = (releases::TARGETED_INVITED, releases::TARGETED_ANSWERED);
    let is_enough = match gathering.invited {
        _ if gathering.narrowed_by.is_empty() => true,
        Some(invited) => releases::has_results(invited, people),
        None => people >= least,
    };
    if !is_enough {
        return Ok(Draft::PartTooSmall { people, least_invited, least });
    }
    let args = args(place, &gathering, survey);
    let nothing = Earlier::default();
    let publication = made(&args, &gathering, &rules, &nothing, &[])?;
    let others = match &gathering.gathered.others {
        Some(others) if others.people.len() as u32 >= rules.min_answers => {
            Some(totals(&args, &gathering, others, &rules, &nothing)?)
        }
        _ => None,
    };
    let found: Vec<String> = others.iter().chain([&publication]).flat_map(found).collect();
    // What somebody could be found in is not shown to staff either.
    let bodies = match found.is_empty() {
        true => bodies(&gathering, &publication, others.as_ref(), &args)?,
        false => BTreeMap::new(),
    };
    let hidden = publication.figures.iter().filter(|figure| figure.value.is_none()).count();
    let hidden = hidden + publication.withheld.len();
    Ok(Draft::Made(Box::new(Page { bodies, people, found, hidden })))
}

/// As the command is typed. `out` is where the build would look for the pieces of a page, so that pieces are
/// made; nobody writes them.
fn args(place: Place, gathering: &Gathering, survey: &str) -> ResultsPublishArgs {
    ResultsPublishArgs {
        survey: survey.to_owned(),
        data: place.data.to_owned(),
        out: gathering.content.folder.join("results").join(survey),
        responses: None,
        targets: None,
        cap: Cap::default(),
        earlier: Vec::new(),
        themes: Vec::new(),
        companion: None,
        preview: true,
        content: place.content.to_owned(),
        theme: place.theme.map(Path::to_owned),
        json: false,
    }
}

/// What both audits find.
fn found(publication: &Publication) -> Vec<String> {
    let report = audit::audit(&publication.open, Some(&publication.companion));
    let sheet =
        Sheet { survey: publication.open.survey.clone(), figures: publication.figures.clone() };
    let broken = report.broken.into_iter().chain(with_rules(&publication.open, &sheet));
    let cells = report.r#unsafe.iter().map(|cell| {
        format!(
            "{}, {} {}, {}: {}",
            cell.question, cell.variable, cell.group, cell.choice, cell.why
        )
    });
    broken.chain(cells).collect()
}

fn bodies(
    gathering: &Gathering,
    publication: &Publication,
    others: Option<&Publication>,
    args: &ResultsPublishArgs,
) -> Result<BTreeMap<String, String>> {
    let files = page::files(gathering, publication, others, &[], args)?;
    let config = &gathering.content.config;
    let body = |lang: &String| {
        let name = page::name_of(config, lang);
        let (_, bytes) = files.iter().find(|(path, _)| *path == Path::new(&name))?;
        Some((lang.clone(), String::from_utf8_lossy(bytes).into_owned()))
    };
    Ok(config.languages.iter().filter_map(body).collect())
}

/// How the answers look that count.
pub fn quality(place: Place, survey: &str) -> Result<Quality> {
    let counted = place.gather(survey)?.gathered.sample.counted;
    Ok(Quality {
        people: u64::from(counted.complete),
        flagged: u64::from(counted.flagged),
        flags: counted.flags.into_iter().map(|(flag, n)| (flag, u64::from(n))).collect(),
    })
}
