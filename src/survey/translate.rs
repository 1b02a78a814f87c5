//! A translation laid over its base: the base's pages with the translation's texts. Pages, questions
//! and choices match by id, else by position; whatever is missing or too much is noted.

use std::collections::BTreeMap;
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
const TEXT_ATTRIBUTES: &[&str] = &["#", "unit", "cue", "message"];

/// The base that a translation is laid over: one file of a survey.
pub struct Base<'a> {
    pub tree: &'a Tree,
    pub ids: &'a Ids,
    /// Which of the survey's files it is.
    pub origin: usize,
    /// The whole survey in its base language.
    pub survey: &'a Survey,
}

/// The ids that the elements of a survey's files were given, by file and byte; what the survey does
/// not take from a file is not among them.
#[derive(Debug, Default)]
pub struct Ids {
    pages: BTreeMap<(usize, usize), String>,
    questions: BTreeMap<(usize, usize), String>,
}

impl Ids {
    /// Those of all page sources.
    pub fn of(sources: &[PageSource]) -> Ids {
        let mut ids = Ids::default();
        for page in sources {
            ids.pages.insert((page.origin, page.span.start), page.id.clone());
            for question in &page.questions {
                ids.questions.insert((question.origin, question.span.start), question.id.clone());
            }
        }
        ids
    }
}

/// A file's share of a survey in another language.
#[derive(Default)]
pub struct Translated {
    pub intro: Option<Text>,
    /// Texts of pages; their questions are still the base's.
    pub pages: Vec<Page>,
    pub questions: Vec<Question>,
    pub endings: Vec<Ending>,
}

/// Lays `translation` over `base`.
pub fn translate(base: &Base, translation: &Tree, notes: &mut Notes) -> Translated {
    let mut translator = Translator { notes, survey: base.survey };
    let start = 0..0;
    let intro = translator.text(&base.tree.intro, &translation.intro, INTRO, "", &start);
    let mut done = Translated { intro, ..Translated::default() };
    let mut used = Used::of(translation);
    for (position, source) in base.tree.pages.iter().enumerate() {
        let id = base.ids.pages.get(&(base.origin, source.span.start));
        let at = used.page(translation, id.map_or("", String::as_str), position);
        let found = at.map(|at| &translation.pages[at]);
        let ending = id.and_then(|id| base.survey.endings.iter().find(|ending| ending.id == *id));
        if let Some(ending) = ending {
            done.endings.push(translator.ending(ending, found));
            continue;
        }
        if let Some(page) = id.and_then(|id| base.survey.pages.iter().find(|page| page.id == *id)) {
            done.pages.extend(translator.page(page, source, found));
        }
        for (number, source) in source.questions.iter().enumerate() {
            let id = base.ids.questions.get(&(base.origin, source.span.start));
            let Some(question) = id.and_then(|id| base.survey.question(id)) else { continue };
            match used.question(translation, &question.id, (at, number)) {
                Some(found) => done.questions.push(translator.question(question, source, found)),
                // Where the page is missing, that is said once.
                None if found.is_none() => {}
                None => {
                    let span = found.map_or(start.clone(), |page| page.span.clone());
                    translator.missing(QUESTION, &question.id, &question.text.plain, &span);
                }
            }
        }
    }
    translator.unused(base, translation, &used);
    done
}

/// What of a translation was laid over something.
struct Used {
    pages: Vec<bool>,
    questions: Vec<Vec<bool>>,
}

impl Used {
    fn of(translation: &Tree) -> Used {
        Used {
            pages: vec![false; translation.pages.len()],
            questions: translation
                .pages
                .iter()
                .map(|page| vec![false; page.questions.len()])
                .collect(),
        }
    }

    /// The page with this id; else the one at this position, if it has no id.
    fn page(&mut self, translation: &Tree, id: &str, position: usize) -> Option<usize> {
        let at = position_of(&translation.pages, id, position)?;
        self.pages[at] = true;
        Some(at)
    }

    /// The question with this id on any page; else the one at this place, if it has no id.
    fn question<'t>(
        &mut self,
        translation: &'t Tree,
        id: &str,
        (page, position): (Option<usize>, usize),
    ) -> Option<&'t QuestionSource> {
        let with_id = |page: &PageSource| {
            page.questions.iter().position(|one| one.attributes.value("#") == Some(id))
        };
        let anywhere = || {
            let mut pages = translation.pages.iter().enumerate();
            pages.find_map(|(at, page)| Some((at, with_id(page)?)))
        };
        let here = page.and_then(|at| {
            Some((at, position_of(&translation.pages[at].questions, id, position)?))
        });
        let named = here.filter(|(at, number)| {
            translation.pages[*at].questions[*number].attributes.id().is_some()
        });
        let (at, number) = named.or_else(anywhere).or(here)?;
        self.questions[at][number] = true;
        Some(&translation.pages[at].questions[number])
    }
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

impl Named for &CellSource {
    fn attributes(&self) -> &Attributes {
        &self.attributes
    }
}

/// The element with this id; else the one at this position, if it has no id.
fn position_of<N: Named>(elements: &[N], id: &str, position: usize) -> Option<usize> {
    let by_id = elements.iter().position(|element| element.attributes().value("#") == Some(id));
    let free =
        |at: &usize| elements.get(*at).is_some_and(|element| element.attributes().id().is_none());
    by_id.or_else(|| Some(position).filter(free))
}

/// The same, and marks it as used.
fn find<'t, N: Named>(
    elements: &'t [N],
    used: &mut [bool],
    id: &str,
    position: usize,
) -> Option<&'t N> {
    let at = position_of(elements, id, position)?;
    used[at] = true;
    Some(&elements[at])
}

struct Translator<'s, 'n, 'f> {
    notes: &'n mut Notes<'f>,
    survey: &'s Survey,
}

impl Translator<'_, '_, '_> {
    fn page(
        &mut self,
        base: &Page,
        source: &PageSource,
        found: Option<&PageSource>,
    ) -> Option<Page> {
        let Some(found) = found else {
            // Questions that stand before any page have none to translate.
            if !source.implicit || !source.questions.is_empty() {
                let text =
                    base.title.as_ref().map_or(base.id.as_str(), |title| title.plain.as_str());
                self.missing(["the page", "siden"], &base.id, text, &(0..0));
            }
            return None;
        };
        self.check_attributes(&found.attributes, &["#", "cue"]);
        Some(Page {
            title: self.text(&base.title, &found.title, TITLE, &base.id, &found.span),
            intro: self.text(&base.intro, &found.intro, PAGE_TEXT, &base.id, &found.span),
            cue: self.cue(&base.cue, &base.condition, &found.attributes, &found.span),
            ..base.clone()
        })
    }

    /// What the translation has and the base has not. What this survey leaves out of a block is in
    /// the block's translation all the same.
    fn unused(&mut self, base: &Base, translation: &Tree, used: &Used) {
        let known: Vec<&str> = base.survey.pages.iter().map(|page| page.id.as_str()).collect();
        let of_file = |id: Option<&str>, position: usize| match id {
            Some(id) => base.tree.pages.iter().any(|page| page.attributes.value("#") == Some(id)),
            None => position < base.tree.pages.len(),
        };
        for (at, page) in translation.pages.iter().enumerate() {
            if !used.pages[at] && !of_file(page.attributes.value("#"), at) {
                let any_used = used.questions[at].contains(&true);
                if !any_used {
                    self.extra(["the page", "siden"], &page.attributes, &page.span, &known);
                }
                continue;
            }
            self.unused_questions(base, page, &used.questions[at]);
        }
    }

    fn unused_questions(&mut self, base: &Base, page: &PageSource, used: &[bool]) {
        let known: Vec<&str> =
            base.survey.questions().map(|question| question.id.as_str()).collect();
        let of_file = |id: Option<&str>| {
            let mut all = base.tree.pages.iter().flat_map(|page| &page.questions);
            id.is_some() && all.any(|question| question.attributes.value("#") == id)
        };
        for (question, _) in page.questions.iter().zip(used).filter(|(_, used)| !**used) {
            if !of_file(question.attributes.value("#")) {
                self.extra(QUESTION, &question.attributes, &question.span, &known);
            }
        }
    }

    fn ending(&mut self, base: &Ending, found: Option<&PageSource>) -> Ending {
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
        question.message = self.message(&base.message, found);
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
                let ends = usize::from(question.kind.rules().name() == "differential");
                let columns = header.get(1..header.len().saturating_sub(ends)).unwrap_or_default();
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
                for (row, cells) in question.rows.iter_mut().zip(rows) {
                    let end = cells.last().filter(|_| row.right.is_some() && cells.len() > 1);
                    row.right = end.map(|cell| cell.text.clone()).or(row.right.take());
                }
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
            match find(items, &mut used, &choice.id, position) {
                Some(item) => {
                    if item.other != choice.other || item.image.is_some() != choice.image.is_some()
                    {
                        self.shape(&choice.id, &item.span);
                    }
                    if let (Some(image), Some(told)) = (&mut choice.image, &item.image) {
                        image.alt.clone_from(&told.alt);
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
        let mut lost = targets.len() != cells.len();
        for (position, (id, text)) in targets.into_iter().enumerate() {
            match position_of(cells, id, position) {
                Some(at) => text.clone_from(&cells[at].text),
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

    fn message(&mut self, base: &Option<String>, found: &QuestionSource) -> Option<String> {
        let told = found.attributes.value("message").map(str::to_owned);
        if let (Some(base), None) = (base, &told) {
            self.missing(["the attribute", "egenskaben"], "message", base, &found.span);
        }
        told.or_else(|| base.clone())
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
