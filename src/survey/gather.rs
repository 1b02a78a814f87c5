//! The files of a survey brought together: what it includes stands where the line
//! `{{include "…"}}` stood, each page and question with the number of the file it came from.

use super::catalogue as c;
use super::compile::{File, Files, Input};
use super::frontmatter::{self, FrontMatter, Required};
use super::source::{Notes, suggest};
use super::tree::{self, IncludeSource, PageSource, Tree};

/// Includes within includes end here: deeper is a mistake, if it is not a circle.
const DEPTH_MAX: usize = 8;

/// A file of the survey: the number of each is its place in [`Gathered::parts`].
#[derive(Debug)]
pub struct Part<'a> {
    pub files: &'a Files<'a>,
    pub tree: Tree,
}

/// A survey's files, and its pages over all of them.
#[derive(Debug)]
pub struct Gathered<'a> {
    pub parts: Vec<Part<'a>>,
    pub pages: Vec<PageSource>,
}

impl<'a> Gathered<'a> {
    /// The base files, by their numbers.
    pub fn files(&self) -> Vec<File<'a>> {
        self.parts.iter().map(|part| part.files.base).collect()
    }
}

/// Reads the survey's own file, whose front matter is `front`, and everything it includes.
pub fn gather<'a>(
    input: &'a Input<'a>,
    front: &FrontMatter,
    notes: &mut Notes<'a>,
) -> Gathered<'a> {
    let mut gatherer =
        Gatherer { input, notes, done: Gathered { parts: Vec::new(), pages: Vec::new() } };
    gatherer.file(&input.survey, front.body, 0);
    gatherer.done
}

/// Adds a block behind everything else, less the questions tied to fields that are asked already.
pub fn append<'a>(
    gathered: &mut Gathered<'a>,
    input: &'a Input<'a>,
    files: &'a Files<'a>,
    notes: &mut Notes<'a>,
) {
    let asked: Vec<String> = gathered
        .pages
        .iter()
        .flat_map(|page| &page.questions)
        .filter_map(|question| question.attributes.value("maps").map(str::to_owned))
        .collect();
    let (first, own) = (gathered.pages.len(), gathered.parts.len());
    if gathered.parts.iter().any(|part| part.files.base.path == files.base.path) {
        return;
    }
    let done = std::mem::replace(gathered, Gathered { parts: Vec::new(), pages: Vec::new() });
    let mut gatherer = Gatherer { input, notes, done };
    gatherer.block(files, 0);
    *gathered = gatherer.done;
    let is_new = |maps: Option<&str>| maps.is_none_or(|maps| !asked.iter().any(|one| one == maps));
    for page in &mut gathered.pages {
        page.questions
            .retain(|question| question.origin < own || is_new(question.attributes.value("maps")));
    }
    let mut at = 0;
    gathered.pages.retain(|page| {
        at += 1;
        at <= first || !page.questions.is_empty() || page.attributes.has("ending")
    });
}

struct Gatherer<'a, 'n> {
    input: &'a Input<'a>,
    notes: &'n mut Notes<'a>,
    done: Gathered<'a>,
}

impl<'a> Gatherer<'a, '_> {
    fn block(&mut self, files: &'a Files<'a>, depth: usize) {
        self.notes.file = files.base.path;
        let front = frontmatter::read(files.base.text, Required::No, self.notes);
        self.file(files, front.body, depth);
    }

    fn file(&mut self, files: &'a Files<'a>, body: usize, depth: usize) {
        self.notes.file = files.base.path;
        let mut tree = tree::read(files.base.text, body, self.notes);
        let origin = self.done.parts.len();
        for page in &mut tree.pages {
            page.origin = origin;
            page.questions.iter_mut().for_each(|question| question.origin = origin);
        }
        let (pages, includes) = (tree.pages.clone(), tree.includes.clone());
        self.done.parts.push(Part { files, tree });
        self.include(&includes, (0, 0), files, depth);
        for (number, page) in (1..).zip(pages) {
            let questions = self.open(page);
            self.include(&includes, (number, 0), files, depth);
            for (count, question) in (1..).zip(questions) {
                let page = self.done.pages.last_mut().expect("a page was opened for it");
                page.questions.push(question);
                self.include(&includes, (number, count), files, depth);
            }
        }
    }

    /// Begins a page; questions that stand before any page of an included file go on with the page
    /// that is open.
    fn open(&mut self, mut page: PageSource) -> Vec<tree::QuestionSource> {
        let questions = std::mem::take(&mut page.questions);
        let goes_on = self.done.pages.last().is_some_and(|last| !last.attributes.has("ending"));
        if !page.implicit || !goes_on {
            self.done.pages.push(page);
        }
        questions
    }

    /// The files included at a place: behind so many pages and questions.
    fn include(
        &mut self,
        includes: &[IncludeSource],
        place: (usize, usize),
        from: &'a Files<'a>,
        depth: usize,
    ) {
        for include in includes.iter().filter(|include| (include.pages, include.questions) == place)
        {
            self.notes.file = from.base.path;
            let blocks = &self.input.shelf.blocks;
            let Some(files) = blocks.get(&include.path) else {
                self.note_unknown(include);
                continue;
            };
            let known = |part: &Part| part.files.base.path == files.base.path;
            if depth >= DEPTH_MAX || self.done.parts.iter().any(known) {
                self.notes.add(&c::INCLUDE_TWICE, include.span.clone()).arg("name", &include.path);
                continue;
            }
            self.block(files, depth + 1);
        }
    }

    fn note_unknown(&mut self, include: &IncludeSource) {
        // Alone, a file cannot know what lies around it.
        if self.input.site.lone && self.input.shelf.blocks.is_empty() {
            return;
        }
        let known: Vec<&str> = self.input.shelf.blocks.keys().map(String::as_str).collect();
        let note = self.notes.add(&c::UNKNOWN_INCLUDE, include.span.clone());
        suggest(note.arg("name", &include.path), &include.path, known);
        note.fix = None;
    }
}
