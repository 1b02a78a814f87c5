//! A content folder, read: settings, pages of text, compiled surveys, and every mistake in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::assets;
use super::catalogue;
use super::config::SiteConfig;
use super::published::{self, Published};
use super::render::{Article, Headlines};
use super::theme::slashed;
use super::tree::Tree;
use crate::diag::{Diagnostic, Sources};
use crate::error::{Context, Error, Result};
use crate::survey::catalogue::UNKNOWN_PANEL;
use crate::survey::compile::{Facts, File, Files, Input, Shelf, compile};
use crate::survey::findings::{self, Findings};
use crate::survey::frontmatter::{self, FrontMatter, Required};
use crate::survey::ids::{self, Named};
use crate::survey::model::SIGNUP;
use crate::survey::picture::{self, Picture, Pictures};
use crate::survey::source::{self, Notes};
use crate::survey::trend::Shared;
use crate::survey::{Definition, map, prose, trend};

/// Addresses a page of text cannot have, as the program answers there itself.
pub const RESERVED: &[&str] =
    &["api", "assets", "healthz", "i", "kiosk", "kode", "panel", "r", "s", "staff"];

const PAGE_KEYS: &[&str] = &["title", "lead", "order"];

/// Everything a site is made from. Where a diagnostic is an error, parts are missing.
#[derive(Debug, Default)]
pub struct Content {
    pub folder: PathBuf,
    pub config: SiteConfig,
    /// The home page (slug "") and the pages of text, each in its languages.
    pub articles: Vec<Article>,
    /// In the order of lists.
    pub surveys: Vec<Definition>,
    /// The panels' sign-up forms.
    pub signups: Vec<Definition>,
    /// Questions of surveys that stand in a block.
    pub shared: Vec<Shared>,
    /// By slug.
    pub results: Vec<Published>,
    /// What staff found, by slug and language; that of the default language under "".
    pub findings: BTreeMap<String, BTreeMap<String, Findings>>,
    /// The pictures of surveys and pages, by their path on the site.
    pub pictures: Tree,
    pub diagnostics: Vec<Diagnostic>,
    /// The text of every file read, by its path as messages show it.
    pub sources: Sources,
}

impl Content {
    /// True where nothing can be built from it.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// What staff found in a survey, in `lang` or in the default language.
    pub fn findings_in(&self, slug: &str, lang: &str) -> Option<&Findings> {
        let own = self.findings.get(slug)?;
        own.get(lang).or_else(|| own.get(""))
    }

    /// The panel that these results are of, where they are of no survey.
    pub fn panel_of<'a>(&self, results: &'a Published) -> Option<&'a str> {
        let is_of_survey = self.surveys.iter().any(|one| one.slug == results.slug);
        let slug = results.slug.strip_prefix(super::results::panel::PREFIX)?;
        (!is_of_survey && self.config.panels.contains_key(slug)).then_some(slug)
    }

    /// The first finding of each survey whose results are published, in words alone.
    pub fn headlines(&self) -> Headlines {
        let is_published = |slug: &str| self.results.iter().any(|results| results.slug == slug);
        let published = self.findings.iter().filter(|(slug, _)| is_published(slug));
        let first = |(lang, findings): (&String, &Findings)| {
            Some((lang.clone(), findings.found.first()?.plain.clone()))
        };
        published
            .map(|(slug, by_lang)| (slug.clone(), by_lang.iter().filter_map(first).collect()))
            .collect()
    }

    /// The folder of the theme `site.toml` names: `themes/<name>` beside the content folder.
    pub fn theme_folder(&self) -> Option<PathBuf> {
        let name = self.config.theme.as_str();
        (name != "default").then(|| themes_beside(&self.folder).join(name))
    }
}

/// Where the themes of the content folder `content` lie.
pub fn themes_beside(content: &Path) -> PathBuf {
    content.parent().unwrap_or(Path::new("")).join("themes")
}

/// Texts that take the place of files, by path: what an editor has and has not saved.
pub type Unsaved = BTreeMap<PathBuf, String>;

/// Reads `folder`. Author mistakes are diagnostics; only what cannot be read at all is an error.
pub fn load(folder: &Path) -> Result<Content> {
    load_with(folder, &Unsaved::new())
}

/// Reads `folder` as it would be with these texts saved.
pub fn load_with(folder: &Path, unsaved: &Unsaved) -> Result<Content> {
    let mut reader = Reader::new(folder, unsaved);
    if !folder.join("site.toml").is_file() {
        return Err(Error::new("find the settings")
            .path(folder.join("site.toml"))
            .hint("name the folder that holds site.toml with --content"));
    }
    let path = reader.read("site.toml")?;
    match SiteConfig::parse(&path, &reader.content.sources[&path]) {
        Ok(config) => reader.content.config = config,
        Err(mut found) => {
            // Nothing below can be judged without languages and panels.
            reader.content.diagnostics.append(&mut found);
            return Ok(reader.content);
        }
    }
    let mut names = markdown_files(folder)?;
    names.extend(reader.new_names().filter(|name| !names.contains(name)).collect::<Vec<_>>());
    let home = reader.group(names.iter().filter(|name| name.starts_with("_index.")), "")?;
    let pages = reader.group(names.iter(), "pages/")?;
    let stock = reader.stock(&names)?;
    reader.articles(&home, &pages);
    reader.surveys(&stock);
    reader.signups(&stock);
    reader.results()?;
    // The names of themes are read where texts are coded.
    let of_findings = names.iter().filter(|name| !name.ends_with(".themes.md"));
    let findings = reader.group(of_findings, "results/")?;
    reader.findings(&findings);
    let content = &mut reader.content;
    content.surveys.sort_by(|a, b| (a.settings.order, &a.slug).cmp(&(b.settings.order, &b.slug)));
    crate::diag::sort(&mut content.diagnostics);
    Ok(reader.content)
}

/// Reads one survey that no site is around, with the translations beside it.
pub fn load_lone(path: &Path, unsaved: &Unsaved) -> Result<Content> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut reader = Reader::new(folder, unsaved);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let slug = name.as_deref().and_then(|name| name.strip_suffix(".md")).unwrap_or_default();
    let Some(slug) = Some(slug).filter(|slug| !slug.is_empty()) else {
        return Err(Error::new("check").path(path).hint("name a Markdown file, as in park.md"));
    };
    let slug = slug.split('.').next().unwrap_or(slug).to_owned();
    let mut group = Group { base: Some(reader.read(&format!("{slug}.md"))?), ..Group::default() };
    for lang in ["da", "en"] {
        let name = format!("{slug}.{lang}.md");
        let path = folder.join(&name);
        if path.is_file() || unsaved.contains_key(&path) {
            group.translations.push((lang.to_owned(), reader.read(&name)?));
        }
    }
    reader.content.config = config_of_none();
    let surveys = Groups::from([(slug, group)]);
    let facts = Facts { lone: true, ..reader.facts() };
    reader.surveys(&Stock { facts, surveys, ..Stock::default() });
    crate::diag::sort(&mut reader.content.diagnostics);
    Ok(reader.content)
}

/// What is assumed where no `site.toml` says it.
fn config_of_none() -> SiteConfig {
    SiteConfig {
        default_language: "da".to_owned(),
        languages: vec!["da".to_owned(), "en".to_owned()],
        ..SiteConfig::default()
    }
}

/// Reads what the surveys of `folder` are compiled from, and compiles none; mistakes in `site.toml`
/// or in the files are left to [`load`].
pub fn load_stock(folder: &Path) -> Result<(Stock, Sources)> {
    let unsaved = Unsaved::new();
    let mut reader = Reader::new(folder, &unsaved);
    let path = reader.read("site.toml")?;
    let config = SiteConfig::parse(&path, &reader.content.sources[&path]);
    reader.content.config = config.unwrap_or_else(|_| config_of_none());
    let stock = reader.stock(&markdown_files(folder)?)?;
    Ok((stock, reader.content.sources))
}

/// Every `.md` file, relative, with `/`, sorted. A folder that cannot be listed is an error: a site
/// that lacks a survey without a word would be worse.
pub fn markdown_files(folder: &Path) -> Result<Vec<String>> {
    files_with(folder, &["md"])
}

/// Every file with one of these endings, relative, with `/`, sorted.
fn files_with(folder: &Path, endings: &[&str]) -> Result<Vec<String>> {
    let has_ending = |name: &str| {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        ending.is_some_and(|ending| endings.contains(&ending.as_str()))
    };
    let mut names = Vec::new();
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        let entry = entry.during_at("read the content", folder)?;
        let name = slashed(entry.path().strip_prefix(folder).unwrap_or(entry.path()));
        let hidden = name.split('/').any(|part| part.starts_with('.') || part.ends_with('~'));
        if entry.file_type().is_file() && has_ending(&name) && !hidden {
            names.push(name);
        }
    }
    Ok(names)
}

/// The base file and translations (language, path) of one slug.
#[derive(Debug, Default)]
struct Group {
    base: Option<String>,
    translations: Vec<(String, String)>,
}

type Groups = BTreeMap<String, Group>;

/// Maps by name: their paths.
type Maps = BTreeMap<String, String>;

/// What the surveys of a content folder are compiled from, beside the texts of its files.
#[derive(Debug, Default)]
pub struct Stock {
    pub facts: Facts,
    surveys: Groups,
    panels: Groups,
    blocks: Groups,
    maps: Maps,
    pictures: Pictures,
}

impl Stock {
    /// The surveys and their files in `sources`, by slug.
    pub fn surveys<'a>(
        &'a self,
        sources: &'a Sources,
    ) -> impl Iterator<Item = (&'a str, Files<'a>)> {
        let surveys = self.surveys.iter();
        surveys.filter_map(|(slug, group)| Some((slug.as_str(), files(sources, group)?)))
    }

    /// The same for the panels' sign-up forms.
    fn signups<'a>(&'a self, sources: &'a Sources) -> impl Iterator<Item = (String, Files<'a>)> {
        let panels = self.panels.iter();
        panels.filter_map(|(slug, group)| Some((format!("{SIGNUP}{slug}"), files(sources, group)?)))
    }

    /// What can be named in them.
    pub fn shelf<'a>(&'a self, sources: &'a Sources) -> Shelf<'a> {
        let blocks = self.blocks.iter().filter_map(|(slug, group)| {
            Some((format!("blocks/{slug}.md"), files(sources, group)?))
        });
        let maps = self.maps.iter();
        let maps = maps.map(|(name, path)| (name.clone(), File { path, text: &sources[path] }));
        let (blocks, maps) = (blocks.collect(), maps.collect());
        Shelf { blocks, maps, pictures: self.pictures.clone() }
    }
}

/// Folders whose pictures belong to a text; a theme's and a map's do not.
const WITH_PICTURES: &[&str] = &["surveys/", "panels/", "blocks/", "pages/"];

struct Reader<'a> {
    content: Content,
    unsaved: &'a Unsaved,
    /// What texts can show, by path as messages show it.
    pictures: Pictures,
    /// Files that are not UTF-8: said once, then left out.
    unreadable: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn new(folder: &Path, unsaved: &'a Unsaved) -> Reader<'a> {
        let content = Content { folder: folder.to_owned(), ..Content::default() };
        let (pictures, unreadable) = (Pictures::new(), BTreeSet::new());
        Reader { content, unsaved, pictures, unreadable }
    }

    /// The `.md` files that are not on the disk yet, as `markdown_files` would name them.
    fn new_names(&self) -> impl Iterator<Item = String> {
        let inside = |path: &PathBuf| Some(slashed(path.strip_prefix(&self.content.folder).ok()?));
        self.unsaved.keys().filter_map(inside).filter(|name| name.ends_with(".md"))
    }

    /// Reads a file into the sources; returns its path as messages show it.
    fn read(&mut self, name: &str) -> Result<String> {
        let path = self.content.folder.join(name);
        let shown = slashed(&path);
        let (text, wrong) = match self.unsaved.get(&path) {
            Some(text) => source::decode(&shown, text.as_bytes()),
            None => source::decode(&shown, &std::fs::read(&path).during_at("read", &path)?),
        };
        if let Some(wrong) = wrong {
            self.content.diagnostics.push(wrong);
            self.unreadable.insert(shown.clone());
        }
        self.content.sources.insert(shown.clone(), text);
        Ok(shown)
    }

    /// The files straight in `folder`, by slug: `om.md` and `om.en.md` are one.
    fn group<'n>(
        &mut self,
        names: impl Iterator<Item = &'n String>,
        folder: &str,
    ) -> Result<Groups> {
        let mut groups = Groups::new();
        for name in names {
            let Some(stem) = name.strip_prefix(folder).and_then(|rest| rest.strip_suffix(".md"))
            else {
                continue;
            };
            if stem.contains('/') {
                continue;
            }
            let path = self.read(name)?;
            if self.unreadable.contains(&path) {
                continue;
            }
            let (slug, lang) = match stem.split_once('.') {
                Some((slug, lang)) => (slug, Some(lang)),
                None => (stem, None),
            };
            if self.name_is_sound(&path, slug, lang) {
                let group = groups.entry(slug.to_owned()).or_default();
                match lang {
                    None => group.base = Some(path),
                    Some(lang) => group.translations.push((lang.to_owned(), path)),
                }
            }
        }
        self.without_base(&groups);
        Ok(groups)
    }

    fn maps(&mut self) -> Result<Maps> {
        let mut maps = Maps::new();
        for name in files_with(&self.content.folder, &["svg"])? {
            let stem = name.strip_prefix("maps/").and_then(|name| name.strip_suffix(".svg"));
            if let Some(stem) = stem.filter(|stem| !stem.contains('/')).map(str::to_owned) {
                maps.insert(stem, self.read(&name)?);
            }
        }
        Ok(maps)
    }

    fn pictures(&mut self) -> Result<()> {
        for name in files_with(&self.content.folder, picture::ENDINGS)? {
            if !WITH_PICTURES.iter().any(|folder| name.starts_with(folder)) {
                continue;
            }
            let path = self.content.folder.join(&name);
            let bytes = std::fs::read(&path).during_at("read", &path)?;
            let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
            let stem = stem.rsplit('/').next().unwrap_or(stem);
            let place = assets::hashed_path(&ids::slug(stem, Named::Choice), ending, &bytes);
            let (width, height) = dimensions(ending, &bytes);
            let address = format!("/{place}");
            let picture = Picture { address, width, height, bytes: bytes.len() };
            self.pictures.insert(slashed(&path), picture);
            self.content.pictures.insert(place, bytes);
        }
        Ok(())
    }

    fn name_is_sound(&mut self, path: &str, slug: &str, lang: Option<&str>) -> bool {
        let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let home = slug == "_index" && !path.ends_with(&format!("pages/{slug}.md"));
        if !home && (slug.is_empty() || !slug.bytes().all(sound)) {
            self.note(path, &catalogue::FILE_NAME).arg("name", slug);
            return false;
        }
        let unknown = lang.filter(|lang| !self.content.config.languages.iter().any(|l| l == lang));
        if let Some(lang) = unknown {
            self.note(path, &catalogue::UNKNOWN_LANGUAGE).arg("name", lang);
        }
        unknown.is_none()
    }

    fn without_base(&mut self, groups: &Groups) {
        for (slug, group) in groups.iter().filter(|(_, group)| group.base.is_none()) {
            for (_, path) in &group.translations {
                let base = format!("{slug}.md");
                self.note(path, &catalogue::NO_BASE).arg("name", path).arg("base", base);
            }
        }
    }

    fn note(&mut self, path: &str, entry: &'static crate::diag::Entry) -> &mut Diagnostic {
        self.content.diagnostics.push(Diagnostic::new(path, 0..0, entry));
        self.content.diagnostics.last_mut().expect("pushed on the line above")
    }

    fn articles(&mut self, home: &Groups, pages: &Groups) {
        let home = home.get("_index").map(|group| ("", group));
        for (slug, group) in
            home.into_iter().chain(pages.iter().map(|(slug, group)| (slug.as_str(), group)))
        {
            let Some(base) = &group.base else { continue };
            let languages = &self.content.config.languages;
            if RESERVED.contains(&slug) || languages.iter().any(|lang| lang == slug) {
                let wrong = self.note(base, &catalogue::ADDRESS_TAKEN);
                wrong.arg("address", format!("/{slug}/")).arg("reserved", RESERVED.join(", "));
                continue;
            }
            self.missing_translations(slug, group);
            let lang = self.content.config.default_language.clone();
            self.article(slug, &lang, base);
            for (lang, path) in &group.translations {
                self.article(slug, lang, path);
            }
        }
    }

    fn missing_translations(&mut self, slug: &str, group: &Group) {
        let Some(base) = &group.base else { return };
        let slug = if slug.is_empty() { "_index" } else { slug };
        let config = &self.content.config;
        let has = |lang: &String| group.translations.iter().any(|(known, _)| known == lang);
        let required = config.languages_required.iter();
        let missing: Vec<String> = required
            .filter(|lang| **lang != config.default_language && !has(lang))
            .cloned()
            .collect();
        for lang in missing {
            let wrong = self.note(base, &catalogue::MISSING_TRANSLATION_FILE);
            wrong.arg("name", format!("{slug}.{lang}.md")).arg("lang", lang);
        }
    }

    fn article(&mut self, slug: &str, lang: &str, path: &str) {
        let text = &self.content.sources[path];
        let mut notes = Notes::with_pictures(path, &self.pictures);
        let front = frontmatter::read(text, Required::Yes, &mut notes);
        check_page_keys(&front, &mut notes);
        let string = |name: &str| {
            let value = front.find(name).map(|key| &key.value);
            value.and_then(|value| value.as_str()).map(str::to_owned)
        };
        let title = string("title").unwrap_or_else(|| {
            let span = front.find("title").map_or(front.span.clone(), |key| key.span.clone());
            let wrong = notes.add(&catalogue::PAGE_FRONT_MATTER, span);
            wrong.arg("why", "`title` is missing or no text");
            String::new()
        });
        let order = front.find("order").and_then(|key| key.value.as_i64());
        let article = Article {
            slug: slug.to_owned(),
            lang: lang.to_owned(),
            title,
            lead: string("lead"),
            body: prose::paragraphs(text, front.body..text.len(), &mut notes),
            order: order.unwrap_or_default(),
        };
        for pipe in std::mem::take(&mut notes.pipes) {
            // A page of text has no answers to show.
            let wrong = notes.add(&crate::survey::catalogue::UNKNOWN_ID, pipe.span);
            wrong.arg("name", pipe.name).arg("known", "–");
        }
        self.content.articles.push(article);
        self.content.diagnostics.append(&mut notes.list);
    }

    fn results(&mut self) -> Result<()> {
        let folder = self.content.folder.join("results");
        self.content.results = published::load(&folder)?;
        for results in self.content.results.clone() {
            let path = slashed(&folder.join(&results.slug));
            let is_of_survey = self.content.surveys.iter().any(|one| one.slug == results.slug);
            if !is_of_survey && self.content.panel_of(&results).is_none() {
                self.note(&path, &catalogue::RESULTS_OF_NONE).arg("name", &results.slug);
            } else if results.page("").is_none() {
                self.note(&path, &catalogue::RESULTS_WITHOUT_PAGE).arg("name", &results.slug);
            }
            for stray in &results.strays {
                let path = format!("{path}/{stray}");
                self.note(&path, &catalogue::RESULTS_STRAY).arg("name", stray);
            }
        }
        Ok(())
    }

    /// `results/<slug>.md` and its translations.
    fn findings(&mut self, groups: &Groups) {
        for (slug, group) in groups {
            let base = group.base.iter().map(|path| ("", path));
            let others = group.translations.iter().map(|(lang, path)| (lang.as_str(), path));
            let files: Vec<(String, String)> =
                base.chain(others).map(|(lang, path)| (lang.to_owned(), path.clone())).collect();
            for (lang, path) in files {
                if !self.content.surveys.iter().any(|survey| survey.slug == *slug) {
                    self.note(&path, &catalogue::RESULTS_OF_NONE).arg("name", slug);
                    continue;
                }
                let mut notes = Notes::new(&path);
                let read = findings::read(&self.content.sources[&path], &mut notes);
                self.content.diagnostics.append(&mut notes.list);
                self.content.findings.entry(slug.clone()).or_default().insert(lang, read);
            }
        }
    }

    fn facts(&self) -> Facts {
        let config = &self.content.config;
        Facts {
            default_language: config.default_language.clone(),
            languages: config.languages.clone(),
            languages_required: config.languages_required.clone(),
            translation_fallback: config.translation_fallback,
            panels: config.panels.keys().cloned().collect(),
            lone: false,
        }
    }

    /// Everything beside the pages of text; `names` are the Markdown files.
    fn stock(&mut self, names: &[String]) -> Result<Stock> {
        let blocks = self.group(names.iter(), "blocks/")?;
        let maps = self.maps()?;
        self.pictures()?;
        let surveys = self.group(names.iter(), "surveys/")?;
        let panels = self.group(names.iter(), "panels/")?;
        let pictures = self.pictures.clone();
        Ok(Stock { facts: self.facts(), surveys, panels, blocks, maps, pictures })
    }

    fn surveys(&mut self, stock: &Stock) {
        let sources = &self.content.sources;
        let shelf = stock.shelf(sources);
        let mut trends = Vec::new();
        for (slug, survey) in stock.surveys(sources) {
            let input = Input { slug, survey, shelf: &shelf, site: &stock.facts };
            let mut compiled = compile(&input);
            self.content.surveys.extend(compiled.definition);
            trends.append(&mut compiled.trends);
            self.content.shared.append(&mut compiled.shared);
            tell(&mut self.content.diagnostics, compiled.diagnostics);
        }
        // A survey with mistakes of its own may have the question all the same.
        let definitions = &self.content.surveys;
        let is_broken = |slug: &str| {
            stock.surveys.contains_key(slug) && !definitions.iter().any(|known| known.slug == slug)
        };
        trends.retain(|one| !one.earlier.split('.').next().is_some_and(is_broken));
        let mut found = trend::check(&trends, definitions);
        self.content.diagnostics.append(&mut found);
    }

    fn signups(&mut self, stock: &Stock) {
        let sources = &self.content.sources;
        let shelf = stock.shelf(sources);
        for (slug, survey) in stock.signups(sources) {
            let panel = slug.trim_start_matches(SIGNUP);
            if !stock.facts.panels.iter().any(|known| known == panel) {
                let mut wrong = Diagnostic::new(survey.base.path, 0..0, &UNKNOWN_PANEL);
                source::suggest(
                    wrong.arg("name", panel),
                    panel,
                    stock.facts.panels.iter().map(String::as_str),
                );
                self.content.diagnostics.push(wrong);
                continue;
            }
            let compiled =
                compile(&Input { slug: &slug, survey, shelf: &shelf, site: &stock.facts });
            self.content.signups.extend(compiled.definition);
            tell(&mut self.content.diagnostics, compiled.diagnostics);
        }
    }
}

/// A mistake in a block would else be told once for every survey that takes it in.
fn tell(told: &mut Vec<Diagnostic>, found: Vec<Diagnostic>) {
    for diagnostic in found {
        let is_it = |known: &Diagnostic| {
            known.file == diagnostic.file
                && known.span == diagnostic.span
                && known.entry.code == diagnostic.entry.code
        };
        if !told.iter().any(is_it) {
            told.push(diagnostic);
        }
    }
}

fn files<'a>(sources: &'a Sources, group: &'a Group) -> Option<Files<'a>> {
    let file = |path: &'a String| File { path, text: &sources[path] };
    let translations = group.translations.iter();
    Some(Files {
        base: file(group.base.as_ref()?),
        translations: translations.map(|(lang, path)| (lang.as_str(), file(path))).collect(),
    })
}

/// Width and height in pixels; 0 where they cannot be told.
fn dimensions(ending: &str, bytes: &[u8]) -> (u32, u32) {
    if ending.eq_ignore_ascii_case("svg") {
        return std::str::from_utf8(bytes).ok().and_then(map::size).unwrap_or_default();
    }
    let size = imagesize::blob_size(bytes).ok();
    let pixels = |length: usize| u32::try_from(length).unwrap_or_default();
    size.map_or((0, 0), |size| (pixels(size.width), pixels(size.height)))
}

fn check_page_keys(front: &FrontMatter, notes: &mut Notes) {
    for key in &front.keys {
        if !PAGE_KEYS.contains(&key.name.as_str()) {
            let wrong = notes.add(&crate::survey::catalogue::UNKNOWN_KEY, key.span.clone());
            wrong.arg("name", &key.name);
            source::suggest(wrong, &key.name, PAGE_KEYS.iter().copied());
        }
    }
}
