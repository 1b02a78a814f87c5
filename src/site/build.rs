//! A build: content and theme in, two folders of files out. [`build`] does it all.
//!
//! `<out>/` can be copied to any web server; `<out>.release/` beside it is for the program's own
//! servers and for kiosks, and is never published.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::catalogue;
use super::config::OwnRules;
use super::content::{self, Content};
use super::contrast;
use super::links::{self, Leaving};
use super::pages::{self, Pages};
use super::render::Renderer;
use super::theme::{self, Theme};
use super::tokens;
use super::tree::{self, Changes, Made, Tree};
use crate::clock::Clock;
use crate::diag::{Diagnostic, Sources};
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::survey::settings::Phase;
use crate::survey::{self, Definition};

/// Lists the files of the build that made a release.
const MADE: &str = "built.json";

/// The most a survey may weigh on a phone, in bytes: page, style sheet, script and fonts.
pub const WEIGHT_MAX: usize = 120_000;

/// What to build, and where to.
#[derive(Debug, Clone)]
pub struct Options {
    pub content: PathBuf,
    /// In place of the theme `site.toml` names.
    pub theme: Option<PathBuf>,
    pub out: PathBuf,
    /// A kiosk's own, before `[kiosk]` in `site.toml`.
    pub kiosk: Option<OwnRules>,
}

/// What came of a build.
#[derive(Debug, Default)]
pub struct Outcome {
    /// None where there are errors; then nothing was written.
    pub site: Option<Site>,
    pub diagnostics: Vec<Diagnostic>,
    pub sources: Sources,
    pub changes: Changes,
    /// The heaviest survey: its address and what a phone fetches for it, in bytes.
    pub heaviest: Option<(String, usize)>,
}

/// A site as a server uses it: its definitions, and the renderer of its pages.
#[derive(Clone)]
pub struct Site {
    pub renderer: Renderer,
    /// In the order of lists.
    pub surveys: Vec<Definition>,
    /// The panels' sign-up forms.
    pub signups: Vec<Definition>,
    /// `<out>` and `<out>.release`.
    pub public: PathBuf,
    pub release: PathBuf,
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let slugs: Vec<_> = self.surveys.iter().map(|definition| &definition.slug).collect();
        f.debug_struct("Site").field("surveys", &slugs).field("public", &self.public).finish()
    }
}

impl Site {
    /// Whether the results of this survey are published.
    pub fn has_results(&self, slug: &str) -> bool {
        self.public.join("r").join(slug).join("index.html").is_file()
    }

    /// Surveys and sign-up forms.
    pub fn all(&self) -> impl Iterator<Item = &Definition> {
        self.surveys.iter().chain(&self.signups)
    }

    /// The survey of this slug.
    pub fn survey(&self, slug: &str) -> Option<&Definition> {
        self.surveys.iter().find(|definition| definition.slug == slug)
    }
}

/// Builds. Author mistakes come back in the outcome; what cannot be read or written is an error.
pub fn build(options: &Options) -> Result<Outcome> {
    make(options, None)
}

/// The same for others to answer: refused where a survey that is open by `clock` has choices without
/// ids, since answers would change their meaning when one is moved.
///
/// # Errors
/// As [`build`].
pub fn release(options: &Options, clock: &impl Clock) -> Result<Outcome> {
    make(options, Some(clock))
}

fn make(options: &Options, clock: Option<&dyn Clock>) -> Result<Outcome> {
    let release = release_folder(&options.out)?;
    let mut content = content::load(&options.content)?;
    content.config.kiosk = content.config.kiosk.with(options.kiosk.unwrap_or_default());
    for form in &content.signups {
        let panel = form.panel().and_then(|slug| content.config.panels.get_mut(slug));
        if let Some(panel) = panel.filter(|panel| panel.join.is_empty()) {
            panel.join = form.address();
        }
    }
    let theme_folder = options.theme.clone().or_else(|| content.theme_folder());
    let (theme, mut warnings) = Theme::load(theme_folder.as_deref())?;
    content.diagnostics.append(&mut warnings);
    check_theme(&theme, theme_folder.as_deref(), &mut content);
    if let Some(clock) = clock {
        refuse_positions(&mut content, clock);
    }
    if content.has_errors() {
        return Ok(refused(content));
    }
    let renderer = Renderer::new(&theme, &content.config, &content.articles)?
        .with_headlines(content.headlines());
    let pages = pages::render(&content, &theme, &renderer)?;
    check_links(&pages, &mut content);
    if content.has_errors() {
        return Ok(refused(content));
    }
    let changes = write(&options.out, &release, &pages)?;
    let heaviest = heaviest(&pages.public);
    let Content { surveys, signups, diagnostics, sources, .. } = content;
    let site = Some(Site { renderer, surveys, signups, public: options.out.clone(), release });
    Ok(Outcome { site, diagnostics, sources, changes, heaviest })
}

fn refuse_positions(content: &mut Content, clock: &dyn Clock) {
    let zone = content.config.zone();
    let now = clock.here(&zone);
    let is_open = |one: &&Definition| one.settings.phase_at(&now, &zone) == Phase::Open;
    let open = content.surveys.iter().filter(is_open);
    let files: Vec<String> = open.map(|one| format!("surveys/{}.md", one.slug)).collect();
    for note in &mut content.diagnostics {
        let by_position = note.entry.code == survey::catalogue::CODES_BY_POSITION.code;
        if by_position && files.iter().any(|file| Path::new(&note.file).ends_with(file)) {
            note.entry = &catalogue::OPEN_BY_POSITION;
        }
    }
}

fn refused(content: Content) -> Outcome {
    let Content { diagnostics, sources, .. } = content;
    Outcome { diagnostics, sources, ..Outcome::default() }
}

/// `public` → `public.release`, beside it.
pub fn release_folder(out: &Path) -> Result<PathBuf> {
    let Some(name) = out.file_name() else {
        return Err(Error::new("build into")
            .path(out)
            .hint("name a folder of its own, as in --out public"));
    };
    let mut name = name.to_owned();
    name.push(".release");
    Ok(out.with_file_name(name))
}

fn check_theme(theme: &Theme, folder: Option<&Path>, content: &mut Content) {
    let shown = |name: &str| match folder {
        Some(folder) => folder.join(name).display().to_string(),
        None => name.to_owned(),
    };
    let css = theme.text(tokens::FILE).into_owned();
    let file = shown(tokens::FILE);
    let mut found = contrast::check(&file, &css);
    if !found.is_empty() {
        content.sources.insert(file, css);
    }
    content.diagnostics.append(&mut found);
    if let Err(why) = theme.logo() {
        let mut wrong = Diagnostic::new(&shown(theme::LOGO), 0..0, &catalogue::WRONG_LOGO);
        wrong.arg("why", why);
        content.diagnostics.push(wrong);
    }
}

fn check_links(pages: &Pages, content: &mut Content) {
    let public = links::check(&pages.public, Leaving::Allowed, &content.sources);
    let kiosk: Tree = pages
        .release
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix("kiosk/")?.to_owned(), bytes.clone())))
        .collect();
    let kiosk = links::check(&kiosk, Leaving::Refused, &content.sources);
    for found in public.into_iter().chain(kiosk) {
        let told = |one: &Diagnostic| one.span == found.span && one.args == found.args;
        if !content.diagnostics.iter().any(told) {
            content.diagnostics.push(found);
        }
    }
    crate::diag::sort(&mut content.diagnostics);
}

fn write(out: &Path, release: &Path, pages: &Pages) -> Result<Changes> {
    let path = release.join(MADE);
    // A list that is missing or damaged only means that nothing is known to be ours to remove.
    let old: Vec<Made> = std::fs::read(&path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let made = |index: usize| old.get(index).map(|made| made.files.clone()).unwrap_or_default();
    let public = tree::write(out, &pages.public, &made(0))?;
    let beside = tree::write(release, &pages.release, &made(1))?;
    // Old versions stay: answers to pages opened before this build name them. They are no longer
    // listed, so no later build removes them either; a server forgets them by their age.
    let list = |tree: &Tree| Made {
        files: tree.keys().filter(|path| !path.starts_with("versions/")).cloned().collect(),
    };
    let list = serde_json::to_vec(&[list(&pages.public), list(&pages.release)])
        .during_at("write as JSON", &path)?;
    if std::fs::read(&path).ok().as_deref() != Some(&list) {
        replace_file(&path, &list, Access::Shared)?;
    }
    Ok(public.and(beside))
}

/// Whether every file that the last build into `out` made is there; none of them is read.
pub fn is_there(out: &Path) -> bool {
    let Ok(release) = release_folder(out) else { return false };
    let list = std::fs::read(release.join(MADE)).ok();
    let made: Option<Vec<Made>> = list.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let is_whole =
        |(folder, made): (&Path, &Made)| made.files.iter().all(|path| folder.join(path).is_file());
    made.is_some_and(|made| made.len() == 2 && [out, &release].into_iter().zip(&made).all(is_whole))
}

fn heaviest(public: &Tree) -> Option<(String, usize)> {
    public
        .iter()
        .filter(|(path, _)| path.starts_with("s/") && path.matches('/').count() == 2)
        .map(|(path, page)| {
            (path.trim_end_matches("index.html").to_owned(), page.len() + fetched(public, page))
        })
        .max_by_key(|(_, weight)| *weight)
}

/// What a page fetches by itself to be read and used: style sheet, script and fonts.
fn fetched(public: &Tree, page: &[u8]) -> usize {
    let html = String::from_utf8_lossy(page);
    let addresses: BTreeSet<&str> =
        html.split('"').filter_map(|part| part.strip_prefix("/assets/")).collect();
    let counted = |name: &&str| [".css", ".js", ".woff2"].iter().any(|end| name.ends_with(end));
    let files = addresses.into_iter().filter(counted);
    files.filter_map(|name| public.get(&format!("assets/{name}"))).map(Vec::len).sum()
}
