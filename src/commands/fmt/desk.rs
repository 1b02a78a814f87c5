//! A file among those it is compiled with: what it means before and after it is tidied.

use std::path::{Path, PathBuf};

use crate::commands::check;
use crate::diag::Sources;
use crate::error::{Error, Result};
use crate::site::content::{self, Stock};
use crate::site::theme::slashed;
use crate::survey::format::{self, Role, format};
use crate::survey::{Facts, File, Files, Input, Shelf, compile};

/// The files around the one at hand. One that was tidied counts as that from then on.
pub struct Desk {
    site: Option<Site>,
}

struct Site {
    root: PathBuf,
    stock: Stock,
    sources: Sources,
}

/// The versions of the surveys that a file has a part in; none of one that has errors.
type Meaning = Vec<Option<String>>;

impl Desk {
    /// Everything in the site that `path` belongs to; a file may also stand alone.
    pub fn open(path: &Path) -> Result<Desk> {
        let Some(root) = check::site_folder(path) else { return Ok(Desk { site: None }) };
        let (stock, sources) = content::load_stock(&root)?;
        Ok(Desk { site: Some(Site { root, stock, sources }) })
    }

    /// `text`, which is that of the file `path`, tidied; none where it has errors.
    ///
    /// # Errors
    /// Where it would mean something else afterwards: a mistake of ours, and the author's file is
    /// worth more than its looks.
    pub fn tidied(&mut self, path: &Path, text: &str) -> Result<Option<String>> {
        let place = self.site.as_ref().map(|site| site.place(path)).unwrap_or(Place::Alone);
        let is_translation = is_translation(path);
        let before = self.meaning(&place, path, text);
        // The form of a translation can be tidied whatever is missing from it.
        if !is_translation && before.iter().all(Option::is_none) {
            return Ok(None);
        }
        for tidied in self.ways(&place, path, text) {
            if tidied == text || self.meaning(&place, path, &tidied) == before {
                return Ok(Some(tidied));
            }
            self.keep(path, text);
        }
        Err(Error::new("tidy without changing its meaning")
            .path(path)
            .hint("the file was left as it is; please report it together with the file"))
    }

    /// What the file means with this text, which it has from now on.
    fn meaning(&mut self, place: &Place, path: &Path, text: &str) -> Meaning {
        self.keep(path, text);
        match (&self.site, place) {
            (Some(site), Place::Survey(slug)) => site.versions(|known, _| known == slug),
            (Some(site), Place::Block) => {
                let takes_in =
                    |_: &str, text: &str| text.contains("include") || text.contains("background");
                let mut versions = site.versions(takes_in);
                versions.push(site.version_of_block(&site.key(path)));
                versions
            }
            _ if is_translation(path) => Vec::new(),
            _ => vec![version_alone(text)],
        }
    }

    fn keep(&mut self, path: &Path, text: &str) {
        let Some(site) = &mut self.site else { return };
        let key = site.key(path);
        if let Some(known) = site.sources.get_mut(&key) {
            text.clone_into(known);
        }
    }

    /// How it could be tidied, the best way first.
    fn ways(&self, place: &Place, path: &Path, text: &str) -> Vec<String> {
        if is_translation(path) {
            return vec![format(text, Role::Translation)];
        }
        let Some(site) = &self.site else { return vec![format(text, Role::Base)] };
        let key = site.key(path);
        let survey = Files { base: File { path: &key, text }, translations: Vec::new() };
        let shelf = site.stock.shelf(&site.sources);
        let input = Input { slug: "x", survey, shelf: &shelf, site: &site.stock.facts };
        match place {
            Place::Survey(_) => vec![format::survey(&input)],
            // In a survey that has a question of the same words it may be called otherwise.
            Place::Block => vec![format::survey(&input), format(text, Role::Block)],
            Place::Alone => vec![format(text, Role::Base)],
        }
    }
}

/// What a file is to its site.
enum Place {
    /// A survey of this slug, or a translation of it.
    Survey(String),
    Block,
    /// Nothing.
    Alone,
}

impl Site {
    /// The path as messages show it.
    fn key(&self, path: &Path) -> String {
        slashed(&self.root.join(path.strip_prefix(&self.root).unwrap_or(path)))
    }

    fn place(&self, path: &Path) -> Place {
        let key = self.key(path);
        let holds = |files: &Files| {
            let mut translations = files.translations.iter().map(|(_, file)| file);
            files.base.path == key || translations.any(|file| file.path == key)
        };
        let mut surveys = self.stock.surveys(&self.sources);
        if let Some((slug, _)) = surveys.find(|(_, files)| holds(files)) {
            return Place::Survey(slug.to_owned());
        }
        let shelf = self.stock.shelf(&self.sources);
        if shelf.blocks.values().any(holds) { Place::Block } else { Place::Alone }
    }

    /// The versions of the surveys whose slug and text are `wanted`: with their translations, and,
    /// since those may have mistakes of their own, without.
    fn versions(&self, wanted: impl Fn(&str, &str) -> bool) -> Meaning {
        let shelf = self.stock.shelf(&self.sources);
        let site = self.facts();
        let surveys = self.stock.surveys(&self.sources);
        let mut versions = Meaning::new();
        for (slug, survey) in surveys.filter(|(slug, files)| wanted(slug, files.base.text)) {
            let alone = Files { base: survey.base, translations: Vec::new() };
            for survey in [survey, alone] {
                let input = Input { slug, survey, shelf: &shelf, site: &site };
                versions.push(version(&input));
            }
        }
        versions
    }

    /// The version of the survey that a block alone makes.
    fn version_of_block(&self, key: &str) -> Option<String> {
        let text = with_front_matter(self.sources.get(key)?);
        let survey = Files { base: File { path: key, text: &text }, translations: Vec::new() };
        let shelf = self.stock.shelf(&self.sources);
        version(&Input { slug: "x", survey, shelf: &shelf, site: &self.facts() })
    }

    /// The site's, of which none asks for a translation that is not there yet.
    fn facts(&self) -> Facts {
        Facts { languages_required: Vec::new(), ..self.stock.facts.clone() }
    }
}

fn version(input: &Input) -> Option<String> {
    compile(input).definition.map(|definition| definition.version)
}

fn version_alone(text: &str) -> Option<String> {
    let whole = with_front_matter(text);
    let facts = Facts { default_language: "da".to_owned(), lone: true, ..Facts::default() };
    let survey = Files { base: File { path: "", text: &whole }, translations: Vec::new() };
    version(&Input { slug: "x", survey, shelf: &Shelf::default(), site: &facts })
}

/// A block needs none of its own.
fn with_front_matter(text: &str) -> String {
    match text.starts_with("---") {
        true => text.to_owned(),
        false => format!("---\ntitle: x\n---\n{text}"),
    }
}

fn is_translation(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem.to_string_lossy().contains('.'))
}
