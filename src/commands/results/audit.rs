//! `borgerpanel results audit`: can anybody be found in what is published?

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::{ResultsAuditArgs, Verdict};
use crate::console::say;
use crate::error::{Context, Error, Result};
use crate::results::audit::{self, Report, agree, remarks};
use crate::results::companion::Companion;
use crate::results::releases::{self, Relation};
use crate::results::remarks::Remarks;
use crate::results::sheet::{Open, Sheet};

/// Runs the command.
pub fn run(args: &ResultsAuditArgs) -> Result<Verdict> {
    let (open, sheet, said) = read(&args.results)?;
    let companion = args.companion.as_deref().map(read_companion).transpose()?;
    let mut broken = agree::with_rules(&open, &sheet);
    broken.extend(remarks::objections(&open, &said));
    for file in published(&args.results)? {
        broken.extend(finer(&args.results, &file)?);
    }
    let mut together = open.clone();
    let mut others = Vec::new();
    for folder in &args.earlier {
        let (earlier, ..) = read(folder)?;
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

/// The two files of a release, and what the second says of its figures.
fn read(folder: &Path) -> Result<(Open, Sheet, Remarks)> {
    let data = folder.join("data");
    let text = |name: &str| -> Result<(PathBuf, String)> {
        let path = data.join(name);
        let text = fs::read_to_string(&path).map_err(|error| {
            let hint = "name the folder that `borgerpanel results SURVEY --out` wrote";
            Error::new("read the published figures in").path(&path).source(error).hint(hint)
        })?;
        Ok((path, text))
    };
    let (path, csv) = text("results.csv")?;
    let sheet = Sheet::from_csv(&csv).during_at("understand", path)?;
    let (path, json) = text("results.json")?;
    let open = Open::from_json(&json).during_at("understand", &path)?;
    let said = Remarks::from_json(&json).during_at("understand", path)?;
    Ok((open, sheet, said))
}

fn read_companion(path: &Path) -> Result<Companion> {
    let text = fs::read_to_string(path).during_at("read the companion", path)?;
    Companion::from_json(&text).during_at("understand the companion", path)
}

/// Every file of a folder, in the order of their names.
fn published(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).during_at("list", &folder)? {
            let path = entry.during_at("list", &folder)?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// What a text file says that is finer than what is audited.
fn finer(folder: &Path, file: &Path) -> Result<Option<String>> {
    let name = file.strip_prefix(folder).unwrap_or(file).to_string_lossy().into_owned();
    let is_text =
        [".csv", ".json", ".jsonld", ".html", ".svg"].iter().any(|end| name.ends_with(end));
    if !is_text {
        return Ok(None);
    }
    let text = fs::read_to_string(file).during_at("read", file)?;
    let found = agree::too_fine(&name, &text);
    Ok(found.map(|number| format!("{name} says {number}, which is finer than what is audited")))
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
