//! `panel composition PANEL --out DIR`: the page of a panel, and the day it was published on, which is kept so that
//! nobody can compare two pages that are a few days apart.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::cli::{PanelCompositionArgs, Verdict};
use crate::commands::offsite::is_same_place;
use crate::console::say;
use crate::durable::{Access, create_folder, replace_file};
use crate::error::{Context, Result};
use crate::panel::composition::Told;
use crate::response::steps::QUARTER_DAYS;
use crate::response::targets::Targets;
use crate::results::files::{COMPOSITION, STYLE};
use crate::site::content::Content;
use crate::site::results::panel::{PREFIX, PanelPage, csv};
use crate::site::{Renderer, Theme};

/// What was published last, in the central's folder.
#[derive(Serialize, Deserialize)]
struct Last {
    day: Date,
    /// As it was told.
    figures: String,
}

/// Writes the page and its figures. The verdict is no where another was published less than a quarter ago.
pub fn publish(
    panel: &str,
    told: &Told,
    targets: &Targets,
    content: &Content,
    today: Date,
    args: &PanelCompositionArgs,
) -> Result<Verdict> {
    let Some(out) = &args.out else { return Ok(Verdict::Fine) };
    let kept = args.at.data.join("compositions").join(format!("{panel}.json"));
    let figures = csv(told);
    let last = last(&kept)?;
    let is_same = last.as_ref().is_some_and(|last| last.figures == figures);
    let day = match &last {
        // The same again tells nothing; its day stays, so that a quarter passes at some time.
        Some(last) if is_same => last.day,
        Some(last) if days_between(last.day, today) < QUARTER_DAYS => {
            say!(
                "not published: the last one is of {}, and the figures have changed since. Two that are less than \
                 {QUARTER_DAYS} days apart would show who came or left between them: wait until {}",
                last.day,
                last.day.saturating_add(jiff::Span::new().days(QUARTER_DAYS))
            )?;
            return Ok(Verdict::No);
        }
        _ => today,
    };
    let theme = Theme::builtin();
    let renderer = Renderer::new(&theme, &content.config, &content.articles)?;
    let about = targets.about.as_ref();
    let page = PanelPage { slug: panel, told, about, named_by: &content.signups, day };
    let files = files(&renderer, content, &page, out)?;
    // Kept first: whatever is cut short, what may be out has its day on record.
    create_folder(kept.parent().unwrap_or(&args.at.data)).during_at("make the folder of", &kept)?;
    let last = Last { day, figures: figures.clone() };
    let line = serde_json::to_vec(&last).during("write down what is published")?;
    replace_file(&kept, &line, Access::Private)?;
    for (name, bytes) in
        files.into_iter().chain([(Path::new("data").join(COMPOSITION), figures.into_bytes())])
    {
        let path = out.join(name);
        create_folder(path.parent().unwrap_or(out)).during_at("make the folder of", &path)?;
        replace_file(&path, &bytes, Access::Shared)?;
    }
    say!("wrote {}", out.display())?;
    Ok(Verdict::Fine)
}

fn last(path: &Path) -> Result<Option<Last>> {
    match fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        read => {
            let bytes = read.during_at("read", path)?;
            serde_json::from_slice(&bytes).map(Some).during_at("understand", path)
        }
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}

/// Pieces where the next build puts a frame around them, and whole pages anywhere else.
fn files(
    renderer: &Renderer,
    content: &Content,
    page: &PanelPage<'_>,
    out: &Path,
) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let config = &content.config;
    let own = content.folder.join("results").join(format!("{PREFIX}{}", page.slug));
    let is_piece = is_same_place(out, &own);
    let mut made = Vec::new();
    for lang in &config.languages {
        let body = renderer.panel_body(page, lang)?;
        let name = match *lang == config.default_language {
            true => "index.html".to_owned(),
            false => format!("index.{lang}.html"),
        };
        let html = match is_piece {
            true => body,
            false => renderer.panel_alone(page.slug, lang, &body)?,
        };
        made.push((PathBuf::from(name), html.into_bytes()));
    }
    if !is_piece {
        made.push((PathBuf::from(STYLE), renderer.style_of_results()));
    }
    Ok(made)
}
