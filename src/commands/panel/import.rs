//! `borgerpanel panel import FILE`: people who said yes elsewhere. Each row is held to what a sign-up is held to;
//! where one is refused, nothing is stored unless `--partial` says so.

use serde_json::json;

use crate::cli::{PanelImportArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::serving::{self, Sources};
use crate::console::say;
use crate::error::{Context, Error, Result};
use crate::panel::roster::{self, Desk, Entrant, Fault, Roster};
use crate::server::app::Published;
use crate::server::homes::applicant;
use crate::store::central::log::Entry;
use crate::store::members::Members;
use crate::store::members::import::Imported;
use crate::store::members::member::{Applicant, Moment};
use crate::store::{Central, Options};

/// What stands before somebody's word, where the version of a form stands elsewhere.
const WORD: &str = "import: ";

/// Runs the command. The verdict is no where a row was refused.
pub fn run(args: &PanelImportArgs) -> Result<Verdict> {
    let data = &args.at.data;
    let sources =
        Sources { content: &args.content, theme: args.theme.as_deref(), data, kiosk: None };
    let published = serving::publish(&sources)?;
    let roster = read(args, &published)?;
    let is_refused = !roster.faults.is_empty() && !args.partial;
    let imported = match is_refused || args.dry_run || roster.entrants.is_empty() {
        true => None,
        false => Some(store(args, &published, &roster.entrants)?),
    };
    match args.json {
        true => say!("{}", told(&roster, imported, args))?,
        false => tell(&roster, imported, args)?,
    }
    Ok(if roster.faults.is_empty() { Verdict::Fine } else { Verdict::No })
}

fn read(args: &PanelImportArgs, published: &Published) -> Result<Roster> {
    let bytes = std::fs::read(&args.file).during_at("read", &args.file)?;
    let config = published.site.renderer.config();
    let rules = config.panels.iter().map(|(slug, panel)| (slug.as_str(), panel.rules()));
    let desk = Desk {
        forms: &published.site.signups,
        rules: rules.collect(),
        languages: &config.languages,
        default_language: &config.default_language,
        day: SystemClock.today(&config.zone()),
    };
    roster::read(&bytes, &desk).map_err(|fault| {
        Error::new("read the members in").path(&args.file).source(fault).hint(
            "the first line names the columns: email;birth_year;gender;district;education;language;panels",
        )
    })
}

fn store(args: &PanelImportArgs, published: &Published, entrants: &[Entrant]) -> Result<Imported> {
    let data = &args.at.data;
    let members = Members::open(data)?;
    let forms = &published.site.signups;
    let applicants = |entrant: &Entrant| -> Vec<Applicant> {
        let of = |signup: &crate::response::SignUp| {
            applicant(signup, forms.iter().find(|form| form.slug == signup.survey)?)
        };
        entrant.signups.iter().filter_map(of).collect()
    };
    let people: Vec<Vec<Applicant>> = entrants.iter().map(applicants).collect();
    let now = SystemClock.now();
    let day = SystemClock.today(&published.site.renderer.config().zone()).to_string();
    let word = args.confirmed_by.as_ref().map(|word| format!("{WORD}{}", word.trim()));
    let central = Central::open(data, Options::default())?;
    let entry = Entry {
        at: now.to_string(),
        actor: "console".to_owned(),
        action: "members-imported",
        detail: match &word {
            Some(word) => format!("{} rows; {word}", people.len()),
            None => format!("{} rows, each asked by mail", people.len()),
        },
    };
    central.log(&entry).map_err(|error| error.at("write to the audit log of", central.path()))?;
    members
        .import(&people, word.as_deref(), Moment { day: &day, now: now.as_second() })
        .map_err(|error| error.at("take members into", members.path()))
}

fn tell(roster: &Roster, imported: Option<Imported>, args: &PanelImportArgs) -> Result<()> {
    for Fault { line, why } in &roster.faults {
        say!("{}:{line}: {why}", args.file.display())?;
    }
    let refused = refused(roster);
    match imported {
        Some(Imported { new, joined, known }) => {
            say!(
                "{new} new, {joined} in a further panel, {known} known already, {refused} refused"
            )?;
            match &args.confirmed_by {
                Some(word) => say!("they are members at once, on this word: {word}")?,
                None => say!("each is asked by mail, and is a member once they have confirmed it")?,
            }
        }
        None if args.dry_run => {
            say!(
                "{} rows could be taken in, {refused} are refused; nothing was stored",
                roster.entrants.len()
            )?;
        }
        None if refused > 0 && !args.partial => say!(
            "nothing was stored: mend the {refused} rows above, or take in the other {} with --partial",
            roster.entrants.len()
        )?,
        None => say!("there is nobody in it to take in")?,
    }
    Ok(())
}

/// Rows, each of which may have several faults.
fn refused(roster: &Roster) -> usize {
    let mut lines: Vec<u64> = roster.faults.iter().map(|fault| fault.line).collect();
    lines.dedup();
    lines.len()
}

fn told(roster: &Roster, imported: Option<Imported>, args: &PanelImportArgs) -> serde_json::Value {
    let faults =
        roster.faults.iter().map(|Fault { line, why }| json!({ "line": line, "why": why }));
    let Imported { new, joined, known } = imported.unwrap_or_default();
    json!({
        "rows": roster.entrants.len() + refused(roster),
        "stored": imported.is_some(),
        "new": new,
        "joined": joined,
        "known": known,
        "refused": faults.collect::<Vec<_>>(),
        "confirmed_by": args.confirmed_by,
    })
}
