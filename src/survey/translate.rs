//! A translation laid over its base: the base's pages with the translation's texts. Pages, questions
//! and choices match by id, else by position; whatever is missing or too much is noted.

use std::ops::Range;

use super::assemble;
use super::attributes::Attributes;
use super::catalogue as c;
use super::condition::Condition;
use super::cue;
use super::kinds::scale;
use super::model::{Ending, Page, Question, Survey, Text};
use super::source::{Notes, suggest};
use super::tree::{AnswersSource, CellSource, ItemSource, PageSource, QuestionSource, Tree};

/// What a translation may say besides ids: attributes that are texts.
const TEXT_ATTRIBUTES: &[&str] = &["#", "unit", "cue"];

/// The base file's own things that a translation is laid over.
pub struct Base<'a> {
    pub tree: &'a Tree,
    /// The pages of `tree` that are no endings, compiled.
    pub pages: &'a [Page],
    pub endings: &'a [Ending],
    /// The whole survey in its base language.
    pub survey: &'a Survey,
}

/// A file in another language.
pub struct Translated {
    pub intro: Option<Text>,
    pub pages: Vec<Page>,
    pub endings: Vec<Ending>,
}

/// Lays `translation` over `base`.
pub fn translate(base: &Base, translation: &Tree, notes: &mut Notes) -> Translated {
    let mut translator = Translator { notes, survey: base.survey };
    let start = 0..0;
    let intro = translator.text(&base.tree.intro, &translation.intro, INTRO, "", &start);
    let mut done = Translated { intro, pages: Vec::new(), endings: Vec::new() };
    let mut used = vec![false; translation.pages.len()];
    let (mut pages, mut endings) = (base.pages.iter(), base.endings.iter());
    for (position, source) in base.tree.pages.iter().enumerate() {
        if source.attributes.has("ending") {
            let Some(ending) = endings.next() else { continue };
            let page = find(&translation.pages, &mut used, &ending.id, position, |page| page);
            done.endings.push(translator.ending(ending, source, page));
        } else {
            let Some(page) = pages.next() else { continue };
            let found = find(&translation.pages, &mut used, &page.id, position, |page| page);
            done.pages.push(translator.page(page, source, found));
        }
    }
    let known: Vec<&str> = base.pages.iter().map(|page| page.id.as_str()).collect();
    for (page, _) in translation.pages.iter().zip(used).filter(|(_, used)| !used) {
        translator.extra(["the page", "siden"], &page.attributes, &page.span, &known);
    }
    done
}

const INTRO: [&str; 2] = ["the text before the first page", "teksten før første side"];
const PAGE_TEXT: [&str; 2] = ["the text at the top of the page", "teksten øverst på siden"];
const TITLE: [&str; 2] = ["the title of the page", "sidens titel"];
const HELP: [&str; 2] = ["the help of", "hjælpen til"];
const NOTE: [&str; 2] = ["the note under", "noten under"];
const QUESTION: [&str; 2] = ["the question", "spørgsmålet"];

/// Something with attributes, for matching.
trait Named {
    fn attributes(&self) -> &Attributes;
}

impl Named for PageSource {
    fn attributes(&self) -> &Attributes {
        &self.attributes
    }
}

impl Named for QuestionSource {
    fn attributes(&self) -> &Attributes {
        &self.attributes
    }
}

impl Named for ItemSource {
    fn attributes(&self) -> &Attributes {
        &self.attributes
    }
}

impl Named for CellSource {
    fn attributes(&self) -> &Attributes {
        &self.attributes
    }
}

/// The element with this id; else the one at this position, if it has no id.
fn find<'t, T, N: Named + 't>(
    elements: &'t [T],
    used: &mut [bool],
    id: &str,
    position: usize,
    named: impl Fn(&'t T) -> &'t N,
) -> Option<&'t T> {
    let by_id =
        elements.iter().position(|element| named(element).attributes().value("#") == Some(id));
    let free = |at: &usize| {
        elements.get(*at).is_some_and(|element| named(element).attributes().id().is_none())
    };
    let at = by_id.or_else(|| Some(position).filter(free))?;
    used[at] = true;
    Some(&elements[at])
}

struct Translator<'s, 'n, 'f> {
    notes: &'n mut Notes<'f>,
    survey: &'s Survey,
}

impl Translator<'_, '_, '_> {
    fn page(&mut self, base: &Page, source: &PageSource, found: Option<&PageSource>) -> Page {
        let mut page = base.clone();
        let Some(found) = found else {
            let text = base.title.as_ref().map_or(base.id.as_str(), |title| title.plain.as_str());
            self.missing(["the page", "siden"], &base.id, text, &(0..0));
            return page;
        };
        self.check_attributes(&found.attributes, &["#", "cue"]);
        page.title = self.text(&base.title, &found.title, TITLE, &base.id, &found.span);
        page.intro = self.text(&base.intro, &found.intro, PAGE_TEXT, &base.id, &found.span);
        page.cue = self.cue(&base.cue, &base.condition, &found.attributes, &found.span);
        let mut used = vec![false; found.questions.len()];
        let sources = base.questions.iter().zip(&source.questions).enumerate();
        page.questions = sources
            .map(|(position, (question, source))| {
                match find(&found.questions, &mut used, &question.id, position, |question| question)
                {
                    Some(translated) => self.question(question, source, translated),
                    None => {
                        self.missing(QUESTION, &question.id, &question.text.plain, &found.span);
                        question.clone()
                    }
                }
            })
            .collect();
        let known: Vec<&str> = base.questions.iter().map(|question| question.id.as_str()).collect();
        for (question, _) in found.questions.iter().zip(used).filter(|(_, used)| !used) {
            self.extra(QUESTION, &question.attributes, &question.span, &known);
        }
        page
    }

    fn ending(&mut self, base: &Ending, _: &PageSource, found: Option<&PageSource>) -> Ending {
        let Some(found) = found else {
            self.missing(["the ending", "afslutningen"], &base.id, &base.title.plain, &(0..0));
            return base.clone();
        };
        self.check_attributes(&found.attributes, &["#", "ending"]);
        Ending {
            id: base.id.clone(),
            title: found.title.clone().unwrap_or_default(),
            text: found.intro.clone().unwrap_or_default(),
        }
    }

    fn question(
        &mut self,
        base: &Question,
        source: &QuestionSource,
        found: &QuestionSource,
    ) -> Question {
        self.check_attributes(&found.attributes, TEXT_ATTRIBUTES);
        let mut question = base.clone();
        let id = base.id.as_str();
        question.text = found.text.clone();
        question.help = self.text(&base.help, &found.help, HELP, id, &found.span);
        question.note = self.text(&base.note, &found.note, NOTE, id, &found.span);
        question.cue = self.cue(&base.cue, &base.condition, &found.attributes, &found.span);
        // `km` is the same in most languages, so a unit may be left out.
        question.unit = found.attributes.value("unit").map(str::to_owned).or(question.unit);
        self.answers(&mut question, &source.answers, found);
        question
    }

    fn answers(&mut self, question: &mut Question, base: &AnswersSource, found: &QuestionSource) {
        let same_form = assemble::kind_by_form(base) == assemble::kind_by_form(&found.answers);
        if !same_form {
            return self.shape(&question.id, &found.span);
        }
        match &found.answers {
            AnswersSource::List { items, .. } => {
                for item in items {
                    self.check_attributes(&item.attributes, &["#"]);
                }
                if question.scale.is_some() {
                    self.labels(question, items, found);
                } else {
                    self.choices(question, items, found);
                }
            }
            AnswersSource::Table { header, rows, .. } => {
                let columns = header.get(1..).unwrap_or_default();
                let statements: Vec<&CellSource> =
                    rows.iter().filter_map(|row| row.first()).collect();
                for cell in columns.iter().chain(statements.iter().copied()) {
                    self.check_attributes(&cell.attributes, &["#"]);
                }
                let targets = question.columns.iter_mut().map(|c| (c.id.as_str(), &mut c.text));
                let columns: Vec<&CellSource> = columns.iter().collect();
                let lost = self.cells(targets.collect(), &columns);
                let targets = question.rows.iter_mut().map(|r| (r.id.as_str(), &mut r.text));
                let lost = self.cells(targets.collect(), &statements) || lost;
                if lost {
                    self.shape(&question.id, &found.span);
                }
            }
            AnswersSource::Nothing | AnswersSource::Lines { .. } => {}
        }
    }

    fn choices(&mut self, question: &mut Question, items: &[ItemSource], found: &QuestionSource) {
        let mut used = vec![false; items.len()];
        for (position, choice) in question.choices.iter_mut().enumerate() {
            match find(items, &mut used, &choice.id, position, |item| item) {
                Some(item) => {
                    if item.other != choice.other {
                        self.shape(&choice.id, &item.span);
                    }
                    choice.text = item.text.clone();
                }
                None => {
                    let span = found.answers.span().unwrap_or(&found.span);
                    self.missing(["the choice", "svaret"], &choice.id, &choice.text.plain, span);
                }
            }
        }
        let known: Vec<&str> = question.choices.iter().map(|choice| choice.id.as_str()).collect();
        for (item, _) in items.iter().zip(used).filter(|(_, used)| !used) {
            self.extra(["the choice", "svaret"], &item.attributes, &item.span, &known);
        }
    }

    fn labels(&mut self, question: &mut Question, items: &[ItemSource], found: &QuestionSource) {
        let Some(scale) = &mut question.scale else { return };
        let translated: Vec<_> = items.iter().filter_map(|i| scale::split_label(&i.text)).collect();
        for label in &mut scale.labels {
            match translated.iter().find(|candidate| candidate.value == label.value) {
                Some(candidate) => label.text = candidate.text.clone(),
                None => {
                    let span = found.answers.span().unwrap_or(&found.span);
                    let value = label.value.to_string();
                    self.missing(["the label", "teksten ved"], &value, &label.text.plain, span);
                }
            }
        }
        if translated.len() != items.len() || translated.len() != scale.labels.len() {
            self.shape(&question.id, &found.span);
        }
    }

    /// Fills in the texts of columns or rows; true where they do not match.
    fn cells(&mut self, targets: Vec<(&str, &mut Text)>, cells: &[&CellSource]) -> bool {
        let mut used = vec![false; cells.len()];
        let mut lost = targets.len() != cells.len();
        for (position, (id, text)) in targets.into_iter().enumerate() {
            match find(cells, &mut used, id, position, |cell| *cell) {
                Some(cell) => text.clone_from(&cell.text),
                None => lost = true,
            }
        }
        lost
    }

    /// A text that both languages have, or neither.
    fn text(
        &mut self,
        base: &Option<Text>,
        found: &Option<Text>,
        what: [&str; 2],
        id: &str,
        span: &Range<usize>,
    ) -> Option<Text> {
        match (base, found) {
            (Some(base), None) => {
                self.missing(what, id, &base.plain, span);
                Some(base.clone())
            }
            (None, Some(_)) => {
                let name = said(what, id);
                self.notes
                    .add(&c::EXTRA_TRANSLATION, span.clone())
                    .phrase("what", &name[0], &name[1]);
                None
            }
            (_, found) => found.clone(),
        }
    }

    /// A cue of the author's own; left out, one is made where the condition is simple enough.
    fn cue(
        &mut self,
        base: &Option<String>,
        condition: &Option<Condition>,
        found: &Attributes,
        span: &Range<usize>,
    ) -> Option<String> {
        let sayable = || {
            condition.as_ref().is_some_and(|condition| cue::make(condition, self.survey).is_some())
        };
        match (base, found.value("cue")) {
            (Some(base), None) if !sayable() => {
                self.missing(["the attribute", "egenskaben"], "cue", base, span);
                Some(base.clone())
            }
            (_, found) => found.map(str::to_owned),
        }
    }

    fn check_attributes(&mut self, attributes: &Attributes, known: &[&str]) {
        for attribute in &attributes.list {
            if !known.contains(&attribute.name.as_str()) {
                self.notes
                    .add(&c::ATTRIBUTE_IN_TRANSLATION, attribute.span.clone())
                    .arg("name", &attribute.name);
            }
        }
    }

    fn missing(&mut self, what: [&str; 2], id: &str, text: &str, span: &Range<usize>) {
        let name = said(what, id);
        let short: String = text.chars().take(80).collect();
        self.notes
            .add(&c::MISSING_TRANSLATION, span.clone())
            .phrase("what", &name[0], &name[1])
            .arg("text", short);
    }

    fn extra(
        &mut self,
        what: [&str; 2],
        attributes: &Attributes,
        span: &Range<usize>,
        known: &[&str],
    ) {
        let id = attributes.value("#").unwrap_or_default();
        let name = said(what, id);
        let span = attributes.id().map_or(span, |attribute| &attribute.value_span);
        let note = self.notes.add(&c::EXTRA_TRANSLATION, span.clone());
        note.phrase("what", &name[0], &name[1]);
        suggest(note, id, known.iter().copied());
    }

    fn shape(&mut self, id: &str, span: &Range<usize>) {
        let name = said(["the answers of", "svarene til"], id);
        self.notes.add(&c::TRANSLATION_SHAPE, span.clone()).phrase("what", &name[0], &name[1]);
    }
}

fn said(what: [&str; 2], id: &str) -> [String; 2] {
    what.map(|words| if id.is_empty() { words.to_owned() } else { format!("{words} `{id}`") })
}
