//! From files to a [`Definition`].
//!
//! 1. The base file: front matter (`front_settings`), tree (`tree`), pages (`assemble`).
//! 2. The block of background questions behind it, less what the survey maps itself.
//! 3. Conditions and skips (`link`).
//! 4. Each translation laid over (`translate`); cues for readers without JavaScript (`cue`).
//! 5. The digests (`digest`).
//!
//! Never fails and touches no disk: mistakes come back as diagnostics, and a definition only where
//! none of them is an error.

use std::collections::BTreeMap;

use super::assemble::{self, Assembled, Names};
use super::catalogue as c;
use super::cue;
use super::digest;
use super::front_settings as front;
use super::frontmatter::{self, FrontMatter, Required};
use super::link::{self, Part};
use super::model::{Definition, Ending, Page, Survey, Text};
use super::settings::{Background, Settings};
use super::source::Notes;
use super::translate::{self, Base};
use super::tree::{self, Tree};
use crate::diag::Diagnostic;

/// A file: its path as messages show it, and its text (`source::decode`).
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    pub path: &'a str,
    pub text: &'a str,
}

/// A file and its translations by language.
#[derive(Debug, Clone)]
pub struct Files<'a> {
    pub base: File<'a>,
    pub translations: Vec<(&'a str, File<'a>)>,
}

/// What of the site's settings a survey depends on.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub default_language: String,
    pub languages: Vec<String>,
    pub languages_required: Vec<String>,
    pub panels: Vec<String>,
    /// There is no site around the file: what only a site knows is not judged.
    pub lone: bool,
}

/// Everything a survey is made from.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    pub slug: &'a str,
    pub survey: Files<'a>,
    /// blocks/baggrund.md
    pub background: Option<Files<'a>>,
    pub site: &'a Facts,
}

/// A survey, or why there is none.
#[derive(Debug)]
pub struct Compiled {
    /// None where there are errors.
    pub definition: Option<Definition>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles a survey.
pub fn compile(input: &Input) -> Compiled {
    let mut compiler = Compiler::new(input);
    let definition = compiler.run();
    let diagnostics = compiler.diagnostics;
    let sound = !diagnostics.iter().any(Diagnostic::is_error);
    Compiled { definition: definition.filter(|_| sound), diagnostics }
}

/// A file of the base language, read.
struct Loaded<'a> {
    files: &'a Files<'a>,
    front: FrontMatter,
    tree: Tree,
    /// Its pages are `pages[first..first + count]` of the survey.
    first: usize,
    count: usize,
    endings: Vec<Ending>,
}

struct Compiler<'a> {
    input: &'a Input<'a>,
    diagnostics: Vec<Diagnostic>,
    names: Names,
    pages: Vec<Page>,
    /// The pages and questions of the base could be read as they were meant.
    is_sound: bool,
}

impl<'a> Compiler<'a> {
    fn new(input: &'a Input<'a>) -> Compiler<'a> {
        Compiler {
            input,
            diagnostics: Vec::new(),
            names: Names::default(),
            pages: Vec::new(),
            is_sound: true,
        }
    }

    fn run(&mut self) -> Option<Definition> {
        let mut notes = Notes::new(self.input.survey.base.path);
        let text = self.input.survey.base.text;
        let front = frontmatter::read(text, Required::Yes, &mut notes);
        front::check_keys(&front, front::KEYS, &mut notes);
        let title = front::required_text(&front, "title", &mut notes);
        let summary = front::text(&front, "summary", &mut notes);
        let lang = front::text(&front, "lang", &mut notes)
            .unwrap_or_else(|| self.input.site.default_language.clone());
        let mut settings = front::read(&front, self.input.site, &mut notes);
        self.note_missing_files(&front, &lang, &mut notes);
        self.diagnostics.append(&mut notes.list);

        let mut parts = vec![self.load(&self.input.survey, front)];
        let unread = self.diagnostics.iter().any(Diagnostic::is_error);
        if !unread && self.pages.iter().all(|page| page.questions.is_empty()) {
            let span = parts[0].front.span.clone();
            let mut notes = Notes::new(self.input.survey.base.path);
            notes.add(&c::NO_QUESTIONS, span);
            self.diagnostics.append(&mut notes.list);
        }
        parts.extend(self.background(&settings));
        self.link(&parts);
        let base = Survey {
            slug: self.input.slug.to_owned(),
            lang,
            title: plain_text(&title),
            summary,
            intro: parts[0].tree.intro.clone(),
            pages: self.pages.clone(),
            endings: parts.iter().flat_map(|part| part.endings.clone()).collect(),
            ..Survey::default()
        };
        collect_texts(&parts[0].front, &base.lang, &mut settings);
        let mut languages = vec![base];
        // Against a base that was misread, a translation only echoes its mistakes.
        let translations = if self.is_sound { self.input.site.languages.as_slice() } else { &[] };
        for lang in translations {
            let translated = self.translation(lang, &languages[0], &parts, &mut settings);
            languages.extend(translated);
        }
        self.add_cues(&mut languages, &parts);
        Some(define(self.input.slug, languages, settings))
    }

    fn load(&mut self, files: &'a Files<'a>, front: FrontMatter) -> Loaded<'a> {
        let mut notes = Notes::new(files.base.path);
        let tree = tree::read(files.base.text, front.body, &mut notes);
        self.take_in(files, front, tree, notes)
    }

    /// Adds the pages of a file to the survey's.
    fn take_in(
        &mut self,
        files: &'a Files<'a>,
        front: FrontMatter,
        mut tree: Tree,
        mut notes: Notes,
    ) -> Loaded<'a> {
        let Assembled { pages, endings } =
            assemble::assemble(&mut tree, files.base.text, &mut self.names, &mut notes);
        self.is_sound &= !notes.list.iter().any(Diagnostic::is_error);
        self.diagnostics.append(&mut notes.list);
        let (first, count) = (self.pages.len(), pages.len());
        self.pages.extend(pages);
        Loaded { files, front, tree, first, count, endings }
    }

    /// The block of background questions, where the survey asks for it.
    fn background(&mut self, settings: &Settings) -> Option<Loaded<'a>> {
        if settings.background != Background::Ask {
            return None;
        }
        let Some(files) = &self.input.background else {
            if self.input.site.lone {
                return None;
            }
            let mut notes = Notes::new(self.input.survey.base.path);
            notes.add(&c::NO_BACKGROUND_BLOCK, 0..3);
            self.diagnostics.append(&mut notes.list);
            return None;
        };
        let mut notes = Notes::new(files.base.path);
        let front = frontmatter::read(files.base.text, Required::No, &mut notes);
        let mut tree = tree::read(files.base.text, front.body, &mut notes);
        for page in &mut tree.pages {
            page.questions.retain(|question| {
                !question.attributes.value("maps").is_some_and(|field| self.names.maps(field))
            });
        }
        tree.pages.retain(|page| !page.questions.is_empty() || page.attributes.has("ending"));
        Some(self.take_in(files, front, tree, notes))
    }

    fn link(&mut self, parts: &[Loaded]) {
        let endings: Vec<Ending> = parts.iter().flat_map(|part| part.endings.clone()).collect();
        for part in parts {
            let mut notes = Notes::new(part.files.base.path);
            let mut linked = Part {
                source: part.files.base.text,
                tree: &part.tree,
                notes: &mut notes,
                first: part.first,
            };
            link::link(&mut linked, &mut self.pages, &endings);
            self.diagnostics.append(&mut notes.list);
        }
    }

    fn note_missing_files(&self, front: &FrontMatter, lang: &str, notes: &mut Notes) {
        let has = |wanted: &str| {
            self.input.survey.translations.iter().any(|(language, _)| *language == wanted)
        };
        for wanted in self.input.site.languages_required.iter().filter(|wanted| *wanted != lang) {
            if !has(wanted) {
                notes
                    .add(&c::MISSING_TRANSLATION_FILE, front.span.clone())
                    .arg("name", format!("{}.{wanted}.md", self.input.slug))
                    .arg("lang", wanted);
            }
        }
    }

    fn translation(
        &mut self,
        lang: &str,
        base: &Survey,
        parts: &[Loaded<'a>],
        settings: &mut Settings,
    ) -> Option<Survey> {
        let find = |files: &Files<'a>| {
            files.translations.iter().find(|(language, _)| *language == lang).map(|(_, file)| *file)
        };
        let file = find(&self.input.survey).filter(|_| lang != base.lang)?;
        let mut notes = Notes::new(file.path);
        let front = frontmatter::read(file.text, Required::Yes, &mut notes);
        front::check_keys(&front, front::TRANSLATED, &mut notes);
        let title = front::required_text(&front, "title", &mut notes);
        let summary = front::text(&front, "summary", &mut notes);
        if base.summary.is_some() && summary.is_none() {
            notes.add(&c::MISSING_KEY, front.span.clone()).arg("name", "summary");
        }
        collect_texts(&front, lang, settings);
        self.diagnostics.append(&mut notes.list);
        let mut survey = Survey {
            lang: lang.to_owned(),
            title: plain_text(&title),
            summary: summary.or_else(|| base.summary.clone()),
            pages: Vec::new(),
            endings: Vec::new(),
            ..base.clone()
        };
        for (number, part) in parts.iter().enumerate() {
            let pages = &base.pages[part.first..part.first + part.count];
            let over = Base { tree: &part.tree, pages, endings: &part.endings, survey: base };
            let Some(file) = find(part.files) else {
                self.note_untranslated_block(part, lang);
                survey.pages.extend_from_slice(pages);
                survey.endings.extend_from_slice(&part.endings);
                continue;
            };
            let translated = self.lay_over(&over, file, number > 0);
            if number == 0 {
                survey.intro = translated.intro;
            }
            survey.pages.extend(translated.pages);
            survey.endings.extend(translated.endings);
        }
        Some(survey)
    }

    fn lay_over(&mut self, base: &Base, file: File, is_block: bool) -> translate::Translated {
        let mut notes = Notes::new(file.path);
        let body = frontmatter::read(file.text, Required::No, &mut Notes::new(file.path)).body;
        let mut tree = tree::read(file.text, body, &mut notes);
        if is_block {
            drop_unasked(&mut tree, base);
        }
        let translated = translate::translate(base, &tree, &mut notes);
        for note in &mut notes.list {
            // What is missing from a file as a whole is shown at its beginning.
            if note.span == (0..0) {
                note.span = 0..file.text.find('\n').unwrap_or(0).max(1).min(file.text.len());
            }
        }
        self.diagnostics.append(&mut notes.list);
        translated
    }

    fn note_untranslated_block(&mut self, part: &Loaded, lang: &str) {
        let path = part.files.base.path;
        let name = path.rsplit('/').next().unwrap_or(path).replace(".md", &format!(".{lang}.md"));
        let mut notes = Notes::new(path);
        notes
            .add(&c::MISSING_TRANSLATION_FILE, 0..part.files.base.text.find('\n').unwrap_or(0))
            .arg("name", name)
            .arg("lang", lang);
        self.diagnostics.append(&mut notes.list);
    }

    /// Says conditions in words, in every language; notes those of the base that cannot be said.
    fn add_cues(&mut self, languages: &mut [Survey], parts: &[Loaded]) {
        for survey in languages.iter_mut() {
            let said = survey.clone();
            for page in &mut survey.pages {
                if let (Some(condition), None) = (&page.condition, &page.cue) {
                    page.cue = cue::make(condition, &said);
                }
                for question in &mut page.questions {
                    if let (Some(condition), None) = (&question.condition, &question.cue) {
                        question.cue = cue::make(condition, &said);
                    }
                }
            }
        }
        for part in parts {
            let mut notes = Notes::new(part.files.base.path);
            let pages = &languages[0].pages[part.first..part.first + part.count];
            note_missing_cues(pages, &part.tree, &mut notes);
            self.diagnostics.append(&mut notes.list);
        }
    }
}

fn note_missing_cues(pages: &[Page], tree: &Tree, notes: &mut Notes) {
    let sources = tree.pages.iter().filter(|page| !page.attributes.has("ending"));
    for (page, source) in pages.iter().zip(sources) {
        let mut note = |unsaid: bool, attributes: &super::attributes::Attributes| {
            if let (true, Some(at)) = (unsaid, attributes.find("if")) {
                notes.add(&c::CUE_NEEDED, at.span.clone());
            }
        };
        note(page.condition.is_some() && page.cue.is_none(), &source.attributes);
        for (question, source) in page.questions.iter().zip(&source.questions) {
            note(question.condition.is_some() && question.cue.is_none(), &source.attributes);
        }
    }
}

/// A block's translation has questions that this survey does not take from the block.
fn drop_unasked(tree: &mut Tree, base: &Base) {
    let asked: Vec<&str> =
        base.pages.iter().flat_map(|page| &page.questions).map(|q| q.id.as_str()).collect();
    for page in &mut tree.pages {
        page.questions
            .retain(|question| question.attributes.value("#").is_none_or(|id| asked.contains(&id)));
    }
    tree.pages.retain(|page| !page.questions.is_empty());
}

fn define(slug: &str, mut languages: Vec<Survey>, settings: Settings) -> Definition {
    let version = digest::version(&languages, &settings);
    let structure = digest::structure(&languages[0]);
    for survey in &mut languages {
        survey.version.clone_from(&version);
        survey.structure.clone_from(&structure);
    }
    Definition {
        slug: slug.to_owned(),
        version,
        structure,
        settings,
        languages,
        maps: BTreeMap::new(),
    }
}

fn collect_texts(front: &FrontMatter, lang: &str, settings: &mut Settings) {
    let mut ignored = Notes::new("");
    for (name, texts) in
        [("purpose", &mut settings.purpose), ("legal_basis", &mut settings.legal_basis)]
    {
        if let Some(text) = front::text(front, name, &mut ignored) {
            texts.insert(lang.to_owned(), text);
        }
    }
}

/// A title from the front matter is no Markdown.
fn plain_text(plain: &str) -> Text {
    let html = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Text { html: html.replace('"', "&quot;"), plain: plain.to_owned() }
}
