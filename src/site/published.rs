//! Published results, as `content/results/<slug>/` holds them: made elsewhere, shown as they are.
//!
//! `index.html` is what stands below the title in the default language, `index.<lang>.html` in another;
//! the build puts the frame around it. The other files that `results` writes, such as `data/results.csv`, lie
//! beside the page at `/r/<slug>/`; any other is told as a mistake, and never published.

use std::collections::BTreeMap;
use std::path::Path;

use walkdir::WalkDir;

use super::results::panel::PREFIX;
use super::theme::slashed;
use super::tree::Tree;
use crate::error::{Context, Result};
use crate::results::files::{is_of_panel, is_of_survey};

/// The results of one survey.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    pub slug: String,
    /// Pieces of HTML by language; that of the default language under "".
    pub pages: BTreeMap<String, String>,
    pub files: Tree,
    /// Files that nothing here writes, from the folder on: nobody has audited what they say.
    pub strays: Vec<String>,
}

impl Published {
    /// The page in `lang`, or in the default language; with the language it is in ("" for that).
    pub fn page(&self, lang: &str) -> Option<(&str, &str)> {
        let found = self.pages.get_key_value(lang).or_else(|| self.pages.get_key_value(""));
        found.map(|(lang, html)| (lang.as_str(), html.as_str()))
    }
}

/// The results in `folder`, by slug; none where there is no such folder.
pub fn load(folder: &Path) -> Result<Vec<Published>> {
    let mut found: BTreeMap<String, Published> = BTreeMap::new();
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        let entry = entry.during_at("read the results", folder)?;
        let name = slashed(entry.path().strip_prefix(folder).unwrap_or(entry.path()));
        let hidden = name.split('/').any(|part| part.starts_with('.') || part.ends_with('~'));
        let Some((slug, file)) = name.split_once('/').filter(|_| !hidden) else { continue };
        if !entry.file_type().is_file() {
            continue;
        }
        let published = found.entry(slug.to_owned()).or_default();
        published.slug = slug.to_owned();
        let is_known = is_of_survey(file) || slug.starts_with(PREFIX) && is_of_panel(file);
        if !is_known {
            published.strays.push(file.to_owned());
            continue;
        }
        let bytes = std::fs::read(entry.path()).during_at("read", entry.path())?;
        match language(file) {
            Some(lang) => {
                let html = String::from_utf8(bytes).during_at("read as UTF-8", entry.path())?;
                published.pages.insert(lang.to_owned(), html);
            }
            None => {
                published.files.insert(file.to_owned(), bytes);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// `en` of `index.en.html`, "" of `index.html`; none of other files.
fn language(file: &str) -> Option<&str> {
    let middle = file.strip_prefix("index.")?.strip_suffix("html")?;
    Some(middle.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_data_are_told_apart() {
        assert_eq!(language("index.html"), Some(""));
        assert_eq!(language("index.en.html"), Some("en"));
        assert_eq!(language("data/index.html"), None);
        assert_eq!(language("data/results.csv"), None);
    }
}
