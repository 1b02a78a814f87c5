//! `borgerpanel results audit`: can anybody be found in what is published?

use std::fs;
use std::path::{Path, PathBuf};

use super::folder;
use crate::cli::{ResultsAuditArgs, Verdict};
use crate::console::say;
use crate::error::{Context, Error, Result};
use crate::results::audit::{self, Report, agree, remarks};
use crate::results::companion::Companion;
use crate::results::releases::{self, Relation};
use crate::results::remarks::Remarks;
use crate::results::sheet::{Open, Sheet, SheetError};

/// Runs the command.
pub fn run(args: &ResultsAuditArgs) -> Result<Verdict> {
    let companion = args.companion.as_deref().map(read_companion).transpose()?;
    let (open, sheet, said) = match read(&args.results)? {
        Ok(read) => read,
        // What cannot be understood has not been made by this program: there is nothing to rely on.
        Err(broken) => {
            tell(&Report { broken: vec![broken], ..Report::default() }, args)?;
            return Ok(Verdict::No);
        }
    };
    let mut broken = agree::with_rules(&open, &sheet);
    broken.extend(remarks::objections(&open, &said));
    broken.extend(folder::faults(&args.results, &open, &sheet, &said)?);
    let mut together = open.clone();
    let mut others = Vec::new();
    for folder in &args.earlier {
        let (earlier, ..) = match read(folder)? {
            Ok(read) => read,
            Err(fault) => {
                broken.push(fault);
                continue;
            }
        };
        if earlier.survey != open.survey {
            others.push(earlier);
            continue;
        }
        match releases::relate(&earlier, &open, None) {
            Ok(Relation::Same) => broken.extend(join(&mut together, &earlier)),
            Ok(Relation::Apart) => broken.extend(beside(&open, &earlier)),
            Err(refusal) => broken.push(format!("{}: {refusal}", folder.display())),
        }
    }
    let mut report = audit::audit_beside(&together, companion.as_ref(), &others);
    report.broken.splice(0..0, broken);
    tell(&report, args)?;
    Ok(if report.is_safe() { Verdict::Fine } else { Verdict::No })
}

/// What the two files of a release say, and what the second says of its figures.
type Read = (Open, Sheet, Remarks);

/// Both files; what is wrong with one where it is there and cannot be understood.
fn read(folder: &Path) -> Result<Result<Read, String>> {
    let data = folder.join("data");
    let text = |name: &str| -> Result<(PathBuf, String)> {
        let path = data.join(name);
        let text = fs::read_to_string(&path).map_err(|error| {
            let hint = "name the folder that `borgerpanel results SURVEY --out` wrote";
            Error::new("read the published figures in").path(&path).source(error).hint(hint)
        })?;
        Ok((path, text))
    };
    let (csv_path, csv) = text("results.csv")?;
    let (json_path, json) = text("results.json")?;
    let fault = |path: &Path, error: SheetError| format!("{}: {error}", path.display());
    let understood = || -> Result<Read, String> {
        let sheet = Sheet::from_csv(&csv).map_err(|error| fault(&csv_path, error))?;
        let open = Open::from_json(&json).map_err(|error| fault(&json_path, error))?;
        let said = Remarks::from_json(&json).map_err(|error| fault(&json_path, error))?;
        Ok((open, sheet, said))
    };
    Ok(understood())
}

fn read_companion(path: &Path) -> Result<Companion> {
    let text = fs::read_to_string(path).during_at("read the companion", path)?;
    Companion::from_json(&text).during_at("understand the companion", path)
}

/// Of two releases of other people each hides the same cells: what only one of them hides, the other tells
/// but for those who came and went.
fn beside(now: &Open, earlier: &Open) -> Vec<String> {
    let mut broken = Vec::new();
    for figure in now.figures.iter().filter(|figure| figure.measure.is_share()) {
        let before = earlier.figures.iter().find(|other| {
            (&other.question, &other.row, &other.choices, &other.group, other.measure)
                == (&figure.question, &figure.row, &figure.choices, &figure.group, figure.measure)
        });
        let is_hidden = [before.map(|before| before.value.is_none()), Some(figure.value.is_none())];
        let what = match is_hidden {
            [Some(true), Some(false)] => "is shown, and was hidden before",
            [Some(false), Some(true)] => "is hidden, and was shown before",
            _ => continue,
        };
        broken.push(format!("{} {} {what}", figure.question, figure.choices.join("+")));
    }
    broken
}

/// What an earlier release of the same answers showed is known, though it is hidden now; and what it hid
/// stays hidden.
fn join(now: &mut Open, earlier: &Open) -> Vec<String> {
    let mut broken = Vec::new();
    for figure in &mut now.figures {
        let before = earlier.figures.iter().find(|other| {
            (&other.question, &other.row, &other.choices, &other.group, other.measure)
                == (&figure.question, &figure.row, &figure.choices, &figure.group, figure.measure)
        });
        match before {
            Some(before) if before.value.is_none() && figure.value.is_some() => {
                let choice = figure.choices.join("+");
                broken
                    .push(format!("{} {choice} is shown, and was hidden before", figure.question));
            }
            Some(before) if figure.value.is_none() => figure.value = before.value,
            _ => {}
        }
    }
    broken
}

fn tell(report: &Report, args: &ResultsAuditArgs) -> Result<()> {
    if args.json {
        let json = serde_json::to_string_pretty(report).expect("plain fields");
        return say!("{json}");
    }
    for broken in &report.broken {
        say!("broken: {broken}")?;
    }
    for cell in &report.r#unsafe {
        let who = match cell.attacker {
            audit::Attacker::Outsider => "whoever reads this",
            audit::Attacker::Insider => "an insider who guesses the weights",
        };
        let group = match cell.variable.as_str() {
            "" => "everybody".to_owned(),
            variable => format!("{variable} {}", cell.group),
        };
        say!("unsafe: {}, {group}, {}: {who} finds that {}", cell.question, cell.choice, cell.why)?;
    }
    let Report { items, targets, witnesses, .. } = report;
    let verdict = if report.is_safe() { "safe" } else { "not safe" };
    let without = if args.companion.is_some() { "" } else { ", without the companion" };
    say!(
        "{verdict}: {items} questions, {targets} cells to protect, {witnesses} worlds to show for it{without}"
    )
}
