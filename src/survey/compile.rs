//! From files to a [`Definition`].
//!
//! 1. The base file's front matter (`front_settings`), its tree (`tree`), and those of the blocks it
//!    includes, as one row of pages (`gather`); the block of background questions behind them.
//! 2. Pages and questions (`assemble`), areas of maps, choices taken over (`carry`).
//! 3. Conditions and skips (`link`), answers shown in texts (`pipe`), what nobody
//!    reaches (`reach`).
//! 4. Each translation laid over (`translate`); cues for readers without JavaScript (`cue`).
//! 5. The digests (`digest`).
//!
//! Beside the way, `advice` warns of what makes a survey worse without making it wrong.
//!
//! Never fails and touches no disk: mistakes come back as diagnostics, and a definition only where
//! none of them is an error.

use std::collections::BTreeMap;

use super::advice;
use super::assemble::{self, Names};
use super::carry;
use super::catalogue as c;
use super::cue;
use super::digest;
use super::front_settings as front;
use super::frontmatter::{self, FrontMatter, Required};
use super::gather::{self, Gathered, Part};
use super::link::{self, Linked};
use super::map::{self, Map};
use super::model::{Choice, Definition, Ending, Page, Question, SIGNUP, Survey, Text};
use super::picture::Pictures;
use super::pipe;
use super::reach;
use super::settings::{Background, Settings};
use super::signup;
use super::source::{Notes, suggest};
use super::target;
use super::translate::{self, Base, Ids};
use super::tree::{self, PageSource};
use super::trend::{Shared, Trend};
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
    /// A text missing inside a translation is said in the base language.
    pub translation_fallback: bool,
    pub panels: Vec<String>,
    /// There is no site around the file: what only a site knows is not judged.
    pub lone: bool,
}

/// What lies beside the surveys and can be named in them.
#[derive(Debug, Clone, Default)]
pub struct Shelf<'a> {
    /// Shared questions by path, as in `blocks/baggrund.md`.
    pub blocks: BTreeMap<String, Files<'a>>,
    /// Maps by name, as in `districts`.
    pub maps: BTreeMap<String, File<'a>>,
    pub pictures: Pictures,
}

/// The block that `background: ask` appends.
pub const BACKGROUND: &str = "blocks/baggrund.md";

/// Everything a survey is made from.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    pub slug: &'a str,
    pub survey: Files<'a>,
    pub shelf: &'a Shelf<'a>,
    pub site: &'a Facts,
}

/// A survey, or why there is none.
#[derive(Debug)]
pub struct Compiled {
    /// None where there are errors.
    pub definition: Option<Definition>,
    pub diagnostics: Vec<Diagnostic>,
    /// What it is compared with, to be checked when every survey is known.
    pub trends: Vec<Trend>,
    /// Its questions that other surveys may have as well.
    pub shared: Vec<Shared>,
}

/// Compiles a survey.
pub fn compile(input: &Input) -> Compiled {
    let mut compiler = Compiler {
        input,
        notes: fresh_notes(input),
        is_sound: true,
        trends: Vec::new(),
        shared: Vec::new(),
    };
    let definition = compiler.run();
    let Compiler { notes, trends, shared, .. } = compiler;
    let diagnostics = notes.list;
    let sound = !diagnostics.iter().any(Diagnostic::is_error);
    Compiled { definition: definition.filter(|_| sound), diagnostics, trends, shared }
}

fn fresh_notes<'a>(input: &'a Input<'a>) -> Notes<'a> {
    let path = input.survey.base.path;
    if input.site.lone {
        Notes::new(path)
    } else {
        Notes::with_pictures(path, &input.shelf.pictures)
    }
}

struct Compiler<'a> {
    input: &'a Input<'a>,
    notes: Notes<'a>,
    /// The pages and questions of the base could be read as they were meant.
    is_sound: bool,
    trends: Vec<Trend>,
    shared: Vec<Shared>,
}

/// The survey in its base language, before translations are laid over it.
struct Built<'a> {
    gathered: Gathered<'a>,
    files: Vec<File<'a>>,
    pages: Vec<Page>,
    endings: Vec<Ending>,
    maps: BTreeMap<String, Map>,
}

impl<'a> Compiler<'a> {
    fn run(&mut self) -> Option<Definition> {
        let input = self.input;
        let text = input.survey.base.text;
        let front = frontmatter::read(text, Required::Yes, &mut self.notes);
        front::check_keys(&front, front::KEYS, &mut self.notes);
        let title = front::required_text(&front, "title", &mut self.notes);
        let summary = front::text(&front, "summary", &mut self.notes);
        let lang = front::language(&front, input.site, &mut self.notes);
        let mut settings = front::read(&front, input.site, &mut self.notes);
        if let Some(block) = input.shelf.blocks.get(BACKGROUND) {
            target::check_codes(&front, block.base.text, &mut self.notes);
        }
        self.note_missing_files(&front, &lang);
        let built = self.build(&front, &settings);
        let base = Survey {
            slug: input.slug.to_owned(),
            lang,
            title: plain_text(&title),
            summary,
            intro: built.gathered.parts[0].tree.intro.clone(),
            pages: built.pages.clone(),
            endings: built.endings.clone(),
            ..Survey::default()
        };
        if input.slug.starts_with(SIGNUP) {
            let sources = real_pages(&built.gathered.pages);
            signup::check(input, &sources, &built.pages, &built.files, &mut self.notes);
        }
        self.note_unreachable(&base, &built);
        collect_texts(&front, &base.lang, &mut settings);
        let mut languages = vec![base];
        // Against a base that was misread, a translation only echoes its mistakes.
        let translations = if self.is_sound { input.site.languages.as_slice() } else { &[] };
        for lang in translations {
            let translated = self.translation(lang, &languages[0], &built, &mut settings);
            languages.extend(translated);
        }
        languages.iter_mut().skip(1).for_each(carry::retell);
        self.add_cues(&mut languages, &built);
        self.advise(&languages[0], &built, &front, &settings);
        Some(define(input.slug, languages, built.maps, settings))
    }

    fn build(&mut self, front: &FrontMatter, settings: &Settings) -> Built<'a> {
        let mut gathered = gather::gather(self.input, front, &mut self.notes);
        let unread = self.has_errors();
        if !unread && gathered.pages.iter().all(|page| page.questions.is_empty()) {
            self.notes.file = self.input.survey.base.path;
            self.notes.add(&c::NO_QUESTIONS, front.span.clone());
        }
        if settings.background == Background::Ask {
            self.add_background(&mut gathered);
        }
        let files = gathered.files();
        let (mut names, before) = (Names::default(), self.notes.list.len());
        let made = assemble::assemble(&mut gathered.pages, &files, &mut names, &mut self.notes);
        let wrong = |notes: &[Diagnostic]| notes.iter().any(Diagnostic::is_error);
        self.is_sound = !unread && !wrong(&self.notes.list[before..]);
        let (mut pages, endings) = (made.pages, made.endings);
        let maps = self.place_areas(&gathered.pages, &mut pages, &files);
        let sources = real_pages(&gathered.pages);
        let carried = carry::carry(&sources, &mut pages, &files, &mut self.notes);
        let linked = Linked { sources: &sources, endings: &endings, carried: &carried };
        link::link(&linked, &mut pages, &files, &mut self.notes);
        self.check_pipes(&gathered, &pages);
        self.collect_trends(&sources, &files);
        Built { gathered, files, pages, endings, maps }
    }

    fn has_errors(&self) -> bool {
        self.notes.list.iter().any(Diagnostic::is_error)
    }

    /// The block of background questions behind the survey's own.
    fn add_background(&mut self, gathered: &mut Gathered<'a>) {
        match self.input.shelf.blocks.get(BACKGROUND) {
            Some(files) => gather::append(gathered, self.input, files, &mut self.notes),
            None if self.input.site.lone => {}
            None => {
                self.notes.file = self.input.survey.base.path;
                self.notes.add(&c::NO_BACKGROUND_BLOCK, 0..3);
            }
        }
    }

    /// Gives place questions the areas of their maps as choices.
    fn place_areas(
        &mut self,
        sources: &[PageSource],
        pages: &mut [Page],
        files: &[File<'a>],
    ) -> BTreeMap<String, Map> {
        let mut maps = BTreeMap::new();
        for (page, source) in pages.iter_mut().zip(real_pages(sources)) {
            for (question, source) in page.questions.iter_mut().zip(&source.questions) {
                let Some(name) = question.map.clone() else { continue };
                self.notes.file = files[source.origin].path;
                let Some(file) = self.input.shelf.maps.get(&name) else {
                    self.note_unknown_map(source, &name);
                    continue;
                };
                if !maps.contains_key(&name) {
                    self.notes.file = file.path;
                    maps.extend(
                        map::read(file.text, &mut self.notes).map(|map| (name.clone(), map)),
                    );
                }
                question.choices = maps.get(&name).map(areas).unwrap_or_default();
            }
        }
        maps
    }

    fn note_unknown_map(&mut self, source: &tree::QuestionSource, name: &str) {
        let known: Vec<&str> = self.input.shelf.maps.keys().map(String::as_str).collect();
        if self.input.site.lone && known.is_empty() {
            return;
        }
        let span = tree::span_of(source.attributes.find("place"), &source.span);
        let note = self.notes.add(&c::UNKNOWN_MAP, span);
        suggest(note.arg("name", name), name, known);
    }

    /// Judges where all lines together lead; after mistakes that would only echo them.
    fn note_unreachable(&mut self, base: &Survey, built: &Built) {
        if !self.has_errors() {
            let places = reach::places::collect(base, &built.gathered.pages, &built.files);
            reach::note(base, &places, &mut self.notes.list);
        }
    }

    /// Looks up the answers that texts show.
    fn check_pipes(&mut self, gathered: &Gathered<'a>, pages: &[Page]) {
        let all: Vec<&Question> = pages.iter().flat_map(|page| &page.questions).collect();
        for (origin, part) in gathered.parts.iter().enumerate() {
            self.notes.file = part.files.base.path;
            for pipe in &part.tree.pipes {
                let before = questions_before(gathered, pages, origin, pipe.span.start);
                pipe::check(pipe, &all[..before], &all[before..], &mut self.notes);
            }
        }
    }

    fn collect_trends(&mut self, sources: &[&PageSource], files: &[File<'a>]) {
        for source in sources.iter().flat_map(|page| &page.questions) {
            // The first file is the survey itself, the others are its blocks.
            if source.origin > 0 {
                self.shared.push(Shared {
                    survey: self.input.slug.to_owned(),
                    question: source.id.clone(),
                    block: files[source.origin].path.to_owned(),
                });
            }
            let attribute = source.attributes.find("trend");
            self.trends.extend(attribute.and_then(|attribute| {
                Some(Trend {
                    survey: self.input.slug.to_owned(),
                    question: source.id.clone(),
                    file: files[source.origin].path.to_owned(),
                    span: attribute.value_span.clone(),
                    earlier: attribute.value.clone()?,
                })
            }));
        }
    }

    fn note_missing_files(&mut self, front: &FrontMatter, lang: &str) {
        let has = |wanted: &str| {
            self.input.survey.translations.iter().any(|(language, _)| *language == wanted)
        };
        for wanted in self.input.site.languages_required.iter().filter(|wanted| *wanted != lang) {
            if !has(wanted) {
                self.notes
                    .add(&c::MISSING_TRANSLATION_FILE, front.span.clone())
                    .arg("name", format!("{}.{wanted}.md", file_stem(self.input.slug)))
                    .arg("lang", wanted);
            }
        }
    }

    fn translation(
        &mut self,
        lang: &str,
        base: &Survey,
        built: &Built<'a>,
        settings: &mut Settings,
    ) -> Option<Survey> {
        let find = |files: &'a Files<'a>| {
            files.translations.iter().find(|(language, _)| *language == lang).map(|(_, file)| *file)
        };
        let file = find(&self.input.survey).filter(|_| lang != base.lang)?;
        self.notes.file = file.path;
        let front = frontmatter::read(file.text, Required::Yes, &mut self.notes);
        front::check_keys(&front, front::TRANSLATED, &mut self.notes);
        let title = front::required_text(&front, "title", &mut self.notes);
        let summary = front::text(&front, "summary", &mut self.notes);
        if base.summary.is_some() && summary.is_none() && !self.input.site.translation_fallback {
            self.notes.add(&c::MISSING_KEY, front.span.clone()).arg("name", "summary");
        }
        collect_texts(&front, lang, settings);
        let mut survey = Survey {
            lang: lang.to_owned(),
            title: plain_text(&title),
            summary: summary.or_else(|| base.summary.clone()),
            ..base.clone()
        };
        let ids = Ids::of(&built.gathered.pages);
        for (origin, part) in built.gathered.parts.iter().enumerate() {
            let path = part.files.base.path;
            let falls_back = self.input.site.translation_fallback;
            let over = Base { path, falls_back, tree: &part.tree, ids: &ids, origin, survey: base };
            let Some(file) = find(part.files) else {
                self.note_untranslated_block(part, lang);
                continue;
            };
            let translated = self.lay_over(&over, file, lang);
            if origin == 0 {
                survey.intro.clone_from(&translated.intro);
            }
            take_over(&mut survey, translated);
        }
        name_areas(&mut survey, &built.maps);
        Some(survey)
    }

    fn lay_over(
        &mut self,
        base: &Base<'_, 'a>,
        file: File<'a>,
        lang: &str,
    ) -> translate::Translated {
        self.notes.file = file.path;
        let before = self.notes.list.len();
        let body = frontmatter::read(file.text, Required::No, &mut Notes::new(file.path)).body;
        let tree = tree::read(file.text, body, &mut self.notes);
        let translated = translate::translate(base, &tree, file, &mut self.notes);
        for pipe in &tree.pipes {
            let all: Vec<&Question> = base.survey.questions().collect();
            pipe::check(pipe, &all, &[], &mut self.notes);
        }
        for note in &mut self.notes.list[before..] {
            // What is missing from a file as a whole is shown at its beginning.
            if note.span == (0..0) && note.file == file.path {
                note.span = first_line(file.text);
            }
        }
        self.notes.file = file.path;
        advice::wording(&tree, file.text, lang, &mut self.notes);
        translated
    }

    /// Warns of what makes the base worse without making it wrong.
    fn advise(
        &mut self,
        base: &Survey,
        built: &Built<'a>,
        front: &FrontMatter,
        settings: &Settings,
    ) {
        for part in &built.gathered.parts {
            self.notes.file = part.files.base.path;
            advice::wording(&part.tree, part.files.base.text, &base.lang, &mut self.notes);
        }
        let sources = real_pages(&built.gathered.pages);
        let row = advice::Row { pages: &base.pages, sources: &sources, files: &built.files };
        advice::load(&row, settings, &mut self.notes);
        self.notes.file = self.input.survey.base.path;
        advice::whole(base, settings, front, &mut self.notes);
    }

    fn note_untranslated_block(&mut self, part: &Part<'a>, lang: &str) {
        let path = part.files.base.path;
        let name = path.rsplit('/').next().unwrap_or(path).replace(".md", &format!(".{lang}.md"));
        self.notes.file = path;
        self.notes
            .add(&c::MISSING_TRANSLATION_FILE, first_line(part.files.base.text))
            .arg("name", name)
            .arg("lang", lang);
    }

    /// Says conditions in words, in every language; notes those of the base that cannot be said.
    fn add_cues(&mut self, languages: &mut [Survey], built: &Built<'a>) {
        for survey in languages.iter_mut() {
            let said = survey.clone();
            for page in &mut survey.pages {
                if let (Some(condition), None) = (&page.condition, &page.cue) {
                    page.cue = cue::make(condition, &said);
                }
                for question in &mut page.questions {
                    if question.cue.is_none() {
                        question.cue = cue::of_question(question, &said);
                    }
                }
            }
        }
        let sources = real_pages(&built.gathered.pages);
        note_missing_cues(&languages[0].pages, &sources, &built.files, &mut self.notes);
    }
}

/// A sign-up form's slug says its folder, too.
fn file_stem(slug: &str) -> &str {
    slug.strip_prefix(SIGNUP).unwrap_or(slug)
}

/// The sources of pages, without those of endings: one for each compiled page.
fn real_pages(sources: &[PageSource]) -> Vec<&PageSource> {
    sources.iter().filter(|page| !page.attributes.has("ending")).collect()
}

/// A map's areas as choices, called as they are without a language.
fn areas(map: &Map) -> Vec<Choice> {
    let choice = |area: &map::Area| {
        let text = plain_text(map.title(area, ""));
        Choice { id: area.id.clone(), text, ..Choice::default() }
    };
    map.areas.iter().map(choice).collect()
}

/// Calls the areas of maps as the survey's language does.
fn name_areas(survey: &mut Survey, maps: &BTreeMap<String, Map>) {
    for question in survey.pages.iter_mut().flat_map(|page| &mut page.questions) {
        let Some(map) = question.map.as_ref().and_then(|name| maps.get(name)) else { continue };
        for (choice, area) in question.choices.iter_mut().zip(&map.areas) {
            choice.text = plain_text(map.title(area, &survey.lang));
        }
    }
}

/// How many questions stand on the pages before the one that holds a byte of a file.
fn questions_before(gathered: &Gathered, pages: &[Page], origin: usize, at: usize) -> usize {
    let begins = |place: usize, span: &std::ops::Range<usize>| place == origin && span.start <= at;
    let sources = real_pages(&gathered.pages);
    let page = sources.iter().rposition(|page| {
        begins(page.origin, &page.span)
            || page.questions.iter().any(|question| begins(question.origin, &question.span))
    });
    pages[..page.unwrap_or(0)].iter().map(|page| page.questions.len()).sum()
}

/// Puts what a file says in another language into the survey.
fn take_over(survey: &mut Survey, translated: translate::Translated) {
    for page in translated.pages {
        if let Some(own) = survey.pages.iter_mut().find(|own| own.id == page.id) {
            (own.title, own.intro, own.cue) = (page.title, page.intro, page.cue);
        }
    }
    let mut questions = translated.questions;
    for own in survey.pages.iter_mut().flat_map(|page| &mut page.questions) {
        if let Some(at) = questions.iter().position(|question| question.id == own.id) {
            *own = questions.swap_remove(at);
        }
    }
    for ending in translated.endings {
        if let Some(own) = survey.endings.iter_mut().find(|own| own.id == ending.id) {
            *own = ending;
        }
    }
}

fn note_missing_cues<'a>(
    pages: &[Page],
    sources: &[&PageSource],
    files: &[File<'a>],
    notes: &mut Notes<'a>,
) {
    for (page, source) in pages.iter().zip(sources) {
        let mut note = |unsaid: bool, origin: usize, attributes: &super::attributes::Attributes| {
            let at = attributes.find("if").or_else(|| attributes.find("from"));
            if let (true, Some(at)) = (unsaid, at) {
                notes.file = files[origin].path;
                notes.add(&c::CUE_NEEDED, at.span.clone());
            }
        };
        note(page.condition.is_some() && page.cue.is_none(), source.origin, &source.attributes);
        for (question, source) in page.questions.iter().zip(&source.questions) {
            let unsaid = question.condition.is_some() && question.cue.is_none();
            note(unsaid, source.origin, &source.attributes);
        }
    }
}

fn define(
    slug: &str,
    mut languages: Vec<Survey>,
    maps: BTreeMap<String, Map>,
    settings: Settings,
) -> Definition {
    let version = digest::version(&languages, &maps, &settings);
    let structure = digest::structure(&languages[0]);
    for survey in &mut languages {
        survey.version.clone_from(&version);
        survey.structure.clone_from(&structure);
    }
    Definition { slug: slug.to_owned(), version, structure, settings, languages, maps }
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

/// The first line of a file; its line end where it is empty.
fn first_line(text: &str) -> std::ops::Range<usize> {
    let end = text.find('\n').unwrap_or(text.len());
    0..end.max(1).min(text.len())
}

/// A title from the front matter is no Markdown.
fn plain_text(plain: &str) -> Text {
    let html = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Text { html: html.replace('"', "&quot;"), plain: plain.to_owned() }
}
