//! A release read back: what a kiosk has in place of a content folder.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::build::Site;
use super::config::SiteConfig;
use super::render::{Article, Headlines, Renderer};
use super::theme::Theme;
use crate::error::{Context, Result};
use crate::survey::Definition;

/// Opens the release in `folder` (`public.release`); `public` is where its public pages lie.
pub fn open(folder: &Path, public: &Path) -> Result<Site> {
    let config: SiteConfig = json(&folder.join("site.json"))?;
    let articles: Vec<Article> = json(&folder.join("articles.json"))?;
    // Releases made before there were any have no such file.
    let found = folder.join("headlines.json");
    let headlines = if found.is_file() { json(&found)? } else { Headlines::new() };
    let own = folder.join("theme");
    let (theme, _) = Theme::load(own.is_dir().then_some(own.as_path()))?;
    let mut surveys = definitions(&folder.join("surveys"))?;
    surveys.sort_by(|a, b| (a.settings.order, &a.slug).cmp(&(b.settings.order, &b.slug)));
    let mut signups = definitions(&folder.join("panels"))?;
    signups.sort_by(|a, b| a.slug.cmp(&b.slug));
    Ok(Site {
        renderer: Renderer::new(&theme, &config, &articles)?.with_headlines(headlines),
        surveys,
        signups,
        public: public.to_owned(),
        release: folder.to_owned(),
    })
}

fn definitions(folder: &Path) -> Result<Vec<Definition>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(folder).during_at("list", folder)? {
        let path = entry.during_at("list", folder)?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            found.push(json(&path)?);
        }
    }
    Ok(found)
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = std::fs::read(path).during_at("read", path)?;
    serde_json::from_slice(&bytes).during_at("read the release's", path)
}
