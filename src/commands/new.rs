//! `borgerpanel new`

mod theme;

use std::path::Path;

use crate::cli::{NewArgs, NewKind, Verdict};
use crate::console::say;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::site::content;
use crate::survey::ids::{self, Named};

const SURVEY_DA: &str = include_str!("new/survey.da.md");
const SURVEY_EN: &str = include_str!("new/survey.en.md");
const PAGE_DA: &str = include_str!("new/page.da.md");
const PANEL_DA: &str = include_str!("new/panel.da.md");
const PANEL_EN: &str = include_str!("new/panel.en.md");
const PAGE_EN: &str = include_str!("new/page.en.md");

/// Runs the command.
pub fn run(args: &NewArgs) -> Result<Verdict> {
    refuse_odd(&args.slug)?;
    match args.kind {
        NewKind::Survey => text(args, "surveys", SURVEY_DA, SURVEY_EN),
        NewKind::Page => text(args, "pages", PAGE_DA, PAGE_EN),
        NewKind::Panel => {
            let verdict = text(args, "panels", PANEL_DA, PANEL_EN)?;
            name_panel(args)?;
            Ok(verdict)
        }
        NewKind::Theme => theme::write(args),
    }
}

fn refuse_odd(name: &str) -> Result<()> {
    if ids::is_id(name, Named::Choice) && !name.contains('_') {
        return Ok(());
    }
    let suggestion = ids::slug(name, Named::Choice);
    Err(Error::new(format!("call it {name:?}")).hint(format!(
        "the name becomes an address: lower-case a to z, digits and hyphens, as in {suggestion}"
    )))
}

/// Writes the example in every language the site requires.
fn text(args: &NewArgs, folder: &str, danish: &str, english: &str) -> Result<Verdict> {
    let site = content::load(&args.content)?.config;
    let base = if site.default_language == "en" { english } else { danish };
    let mut files = vec![(format!("{}.md", args.slug), base)];
    for lang in site.languages_required.iter().filter(|lang| **lang != site.default_language) {
        let text = if lang == "da" { danish } else { english };
        files.push((format!("{}.{lang}.md", args.slug), text));
    }
    let folder = args.content.join(folder);
    for (name, _) in &files {
        refuse_existing(&folder.join(name))?;
    }
    std::fs::create_dir_all(&folder).during_at("make the folder", &folder)?;
    for (number, (name, text)) in files.iter().enumerate() {
        let path = folder.join(name);
        let text = if number == 0 { (*text).to_owned() } else { as_translation(text) };
        replace_file(&path, text.as_bytes(), Access::Shared)?;
        say!("wrote {}", path.display())?;
    }
    say!("next: edit it, then `borgerpanel check` and `borgerpanel preview`")?;
    Ok(Verdict::Fine)
}

/// A form needs its panel in site.toml, where its promises are.
fn name_panel(args: &NewArgs) -> Result<()> {
    if content::load(&args.content)?.config.panels.contains_key(&args.slug) {
        return Ok(());
    }
    let path = args.content.join("site.toml");
    let mut settings = std::fs::read_to_string(&path).during_at("read the settings", &path)?;
    settings.push_str(&format!(
        "\n[panels.{slug}]\nname = \"{slug}\"\nminimum_age = 15\nmax_invitations_per_year = 10\n\
         min_days_between = 14\n",
        slug = args.slug
    ));
    replace_file(&path, settings.as_bytes(), Access::Shared)?;
    say!("added [panels.{}] to {}: give it its name", args.slug, path.display())
}

fn refuse_existing(path: &Path) -> Result<()> {
    if path.exists() {
        return Err(Error::new("write over").path(path).hint("choose another name"));
    }
    Ok(())
}

/// The example without what belongs in the base file: attributes other than ids, and settings.
fn as_translation(text: &str) -> String {
    let mut out = String::new();
    let mut fences = 0;
    for line in text.lines() {
        fences += usize::from(line == "---" && fences < 2);
        let setting =
            fences == 1 && !["---", "title", "summary"].iter().any(|k| line.starts_with(k));
        if setting {
            continue;
        }
        out.push_str(&ids_only(line));
        out.push('\n');
    }
    out
}

/// `{#often required}` becomes `{#often}`.
fn ids_only(line: &str) -> String {
    match (line.find("{#"), line.ends_with('}')) {
        (Some(at), true) => {
            let inside = &line[at + 1..line.len() - 1];
            let id = inside.split(' ').next().unwrap_or(inside);
            format!("{}{{{id}}}", &line[..at])
        }
        _ => line.to_owned(),
    }
}
