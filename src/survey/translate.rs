//! A translation laid over its base: the base's pages with the translation's texts. Pages, questions
//! and choices match by id, else by position; whatever is missing or too much is noted.

use std::collections::BTreeMap;
use std::ops::Range;

use super::assemble;
use super::attributes::Attributes;
use super::catalogue as c;
use super::compile::File;
use super::condition::Condition;
use super::cue;
use super::kinds::scale;
use super::model::{Ending, Page, Question, Survey, Text};
use super::pairing::{self, Pairs};
use super::source::{Notes, suggest};
use super::tree::{AnswersSource, CellSource, ItemSource, PageSource, QuestionSource, Tree};

/// What a translation may say besides ids: attributes that are texts.
const TEXT_ATTRIBUTES: &[&str] = &["#", "unit", "cue", "message"];

/// The base that a translation is laid over: one file of a survey.
pub struct Base<'a, 'f> {
    /// As messages show it.
    pub path: &'f str,
    /// What a translation leaves out is said in the base's words, and not noted.
    pub falls_back: bool,
    pub tree: &'a Tree,
    pub ids: &'a Ids,
    /// Which of the survey's files it is.
    pub origin: usize,
    /// The whole survey in its base language.
    pub survey: &'a Survey,
}

impl Base<'_, '_> {
    /// The id a page was given; empty where the survey does not take it from the file.
    fn page_id(&self, page: &PageSource) -> &str {
        let id = self.ids.pages.get(&(self.origin, page.span.start));
        id.map_or("", String::as_str)
    }

    /// The same of a question.
    fn question_id(&self, question: &QuestionSource) -> &str {
        let id = self.ids.questions.get(&(self.origin, question.span.start));
        id.map_or("", String::as_str)
    }
}

/// The page and number of the question with this id.
fn find_question(pages: &[PageSource], id: &str) -> Option<(usize, usize)> {
    let mut pages = pages.iter().enumerate();
    pages.find_map(|(at, page)| {
        let named = |one: &QuestionSource| one.attributes.value("#") == Some(id);
        Some((at, page.questions.iter().position(named)?))
    })
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

/// Lays `translation`, which `file` holds, over `base`.
pub fn translate<'f>(
    base: &Base<'_, 'f>,
    translation: &Tree,
    file: File<'f>,
    notes: &mut Notes<'f>,
) -> Translated {
    let files = [file.path, base.path];
    let falls_back = base.falls_back;
    let mut translator = Translator { notes, survey: base.survey, files, falls_back };
    let intro = translator.text(&base.tree.intro, &translation.intro, INTRO, "", [&(0..0); 2]);
    let mut done = Translated { intro, ..Translated::default() };
    let ids: Vec<&str> = base.tree.pages.iter().map(|page| base.page_id(page)).collect();
    let pages = translator.pair(&ids, &base.tree.pages, &translation.pages);
    let mut unused: Vec<Vec<bool>> =
        translation.pages.iter().map(|page| vec![true; page.questions.len()]).collect();
    for (source, at) in base.tree.pages.iter().zip(&pages.found) {
        let found = at.map(|at| &translation.pages[at]);
        translator.page_texts(base, source, found, &mut done);
        translator.questions(base, source, (*at, &translation.pages), &mut unused, &mut done);
    }
    translator.extras(base, translation, &pages.extra, &unused);
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

struct Translator<'s, 'n, 'f> {
    notes: &'n mut Notes<'f>,
    survey: &'s Survey,
    /// The translation's path and the base's.
    files: [&'f str; 2],
    falls_back: bool,
}

impl Translator<'_, '_, '_> {
    /// Pairs elements of the base, whose ids are `ids`, with the translation's; says in both files
    /// where one id is written in two ways.
    fn pair<B: Named, T: Named>(&mut self, ids: &[&str], base: &[B], translation: &[T]) -> Pairs {
        let named: Vec<Option<&str>> =
            translation.iter().map(|element| element.attributes().value("#")).collect();
        let pairs = pairing::pair(ids, &named);
        for (at, other) in &pairs.misnamed {
            let spans = [translation[*other].attributes(), base[*at].attributes()]
                .map(|attributes| attributes.id().map(|id| id.value_span.clone()));
            let names = [named[*other].unwrap_or_default(), ids[*at]];
            for (own, span) in spans.into_iter().enumerate() {
                let Some(span) = span else { continue };
                self.notes.file = self.files[own];
                self.notes
                    .add(&c::ID_DIFFERS, span.clone())
                    .arg("id", names[own])
                    .arg("other", names[1 - own])
                    .arg("file", self.files[1 - own])
                    .fix(span, names[1 - own]);
            }
            self.notes.file = self.files[0];
        }
        pairs
    }

    /// The texts of a page or an ending.
    fn page_texts(
        &mut self,
        base: &Base,
        source: &PageSource,
        found: Option<&PageSource>,
        done: &mut Translated,
    ) {
        let id = base.page_id(source);
        if let Some(ending) = base.survey.endings.iter().find(|ending| ending.id == id) {
            done.endings.push(self.ending(ending, found));
        } else if let Some(page) = base.survey.pages.iter().find(|page| page.id == id) {
            done.pages.extend(self.page(page, source, found));
        }
    }

    /// The questions of a page, whose translations stand on the page paired with it, or elsewhere
    /// under their ids. `unused` loses those that were found.
    fn questions(
        &mut self,
        base: &Base,
        source: &PageSource,
        (at, pages): (Option<usize>, &[PageSource]),
        unused: &mut [Vec<bool>],
        done: &mut Translated,
    ) {
        let ids: Vec<&str> = source.questions.iter().map(|one| base.question_id(one)).collect();
        let here = at.map_or(&[][..], |at| &pages[at].questions);
        let pairs = self.pair(&ids, &source.questions, here);
        for ((source, id), found) in source.questions.iter().zip(ids).zip(pairs.found) {
            let Some(question) = base.survey.question(id) else { continue };
            let place = at.zip(found).or_else(|| find_question(pages, id));
            match place {
                Some((page, number)) => {
                    unused[page][number] = false;
                    let found = &pages[page].questions[number];
                    done.questions.push(self.question(question, source, found));
                }
                // Where the page is missing, that is said once.
                None if at.is_none() => {}
                None => {
                    let span = at.map_or(0..0, |at| pages[at].span.clone());
                    self.missing(QUESTION, id, &question.text.plain, &span);
                }
            }
        }
    }

    fn page(
        &mut self,
        base: &Page,
        source: &PageSource,
        found: Option<&PageSource>,
    ) -> Option<Page> {
        let Some(found) = found else {
            // An empty page that only includes others has nothing to translate.
            if !source.implicit || !source.questions.is_empty() {
                let text =
                    base.title.as_ref().map_or(base.id.as_str(), |title| title.plain.as_str());
                self.missing(["the page", "siden"], &base.id, text, &(0..0));
            }
            return None;
        };
        self.check_attributes(&found.attributes, &["#", "cue"]);
        Some(Page {
            title: self.text(&base.title, &found.title, TITLE, &base.id, [&found.span; 2]),
            intro: self.text(
                &base.intro,
                &found.intro,
                PAGE_TEXT,
                &base.id,
                [&found.span, &found.intro_at],
            ),
            cue: self.cue(&base.cue, &base.condition, &found.attributes, &found.span),
            ..base.clone()
        })
    }

    /// What the translation has and the base has not. What this survey leaves out of a block is in
    /// the block's translation all the same.
    fn extras(&mut self, base: &Base, translation: &Tree, extra: &[usize], unused: &[Vec<bool>]) {
        let known: Vec<&str> = base.survey.pages.iter().map(|page| page.id.as_str()).collect();
        for (at, page) in translation.pages.iter().enumerate() {
            if extra.contains(&at) && unused[at].iter().all(|unused| *unused) {
                self.extra(["the page", "siden"], &page.attributes, &page.span, &known);
                continue;
            }
            self.extra_questions(base, page, &unused[at]);
        }
    }

    fn extra_questions(&mut self, base: &Base, page: &PageSource, unused: &[bool]) {
        let known: Vec<&str> =
            base.survey.questions().map(|question| question.id.as_str()).collect();
        for (question, _) in page.questions.iter().zip(unused).filter(|(_, unused)| **unused) {
            let id = question.attributes.value("#");
            let mut of_file = base.tree.pages.iter().flat_map(|page| &page.questions);
            let left_out = id.is_some() && of_file.any(|one| one.attributes.value("#") == id);
            if !left_out {
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
        let [help, note] = &found.prose_at;
        question.text = found.text.clone();
        question.help = self.text(&base.help, &found.help, HELP, id, [&found.span, help]);
        question.note = self.text(&base.note, &found.note, NOTE, id, [&found.span, note]);
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
                match base {
                    _ if question.scale.is_some() => self.labels(question, items, found),
                    AnswersSource::List { items: own, .. } => {
                        self.choices(question, own, items, found);
                    }
                    _ => {}
                }
            }
            AnswersSource::Table { header, rows, .. } => {
                if let AnswersSource::Table { header: own, rows: own_rows, .. } = base {
                    self.columns(question, own, header, found);
                    self.rows(question, own_rows, rows, found);
                }
            }
            AnswersSource::Nothing | AnswersSource::Lines { .. } => {}
        }
    }

    fn choices(
        &mut self,
        question: &mut Question,
        base: &[ItemSource],
        items: &[ItemSource],
        found: &QuestionSource,
    ) {
        let ids: Vec<String> = question.choices.iter().map(|choice| choice.id.clone()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let pairs = self.pair(&ids, base, items);
        for (choice, at) in question.choices.iter_mut().zip(pairs.found) {
            match at.map(|at| &items[at]) {
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
        for item in pairs.extra.into_iter().map(|at| &items[at]) {
            self.extra(["the choice", "svaret"], &item.attributes, &item.span, &ids);
        }
    }

    fn columns(
        &mut self,
        question: &mut Question,
        base: &[CellSource],
        header: &[CellSource],
        found: &QuestionSource,
    ) {
        // The last header cell of a differential names nothing.
        let ends = usize::from(question.kind.rules().name() == "differential");
        let between = |cells: &[CellSource]| -> Vec<CellSource> {
            cells.get(1..cells.len().saturating_sub(ends)).unwrap_or_default().to_vec()
        };
        let (base, cells) = (between(base), between(header));
        for cell in &cells {
            self.check_attributes(&cell.attributes, &["#"]);
        }
        let ids: Vec<String> = question.columns.iter().map(|column| column.id.clone()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let pairs = self.pair(&ids, &base, &cells);
        for (column, at) in question.columns.iter_mut().zip(&pairs.found) {
            if let Some(at) = at {
                column.text.clone_from(&cells[*at].text);
            }
        }
        self.note_lost(&pairs, &question.id, found);
    }

    fn rows(
        &mut self,
        question: &mut Question,
        base: &[Vec<CellSource>],
        rows: &[Vec<CellSource>],
        found: &QuestionSource,
    ) {
        let first = |rows: &[Vec<CellSource>]| -> Vec<CellSource> {
            rows.iter().filter_map(|row| row.first().cloned()).collect()
        };
        let (base, cells) = (first(base), first(rows));
        for cell in &cells {
            self.check_attributes(&cell.attributes, &["#"]);
        }
        let ids: Vec<String> = question.rows.iter().map(|row| row.id.clone()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let pairs = self.pair(&ids, &base, &cells);
        for (row, at) in question.rows.iter_mut().zip(&pairs.found) {
            let Some(at) = at else { continue };
            row.text.clone_from(&cells[*at].text);
            if let (Some(right), Some(end)) = (&mut row.right, rows[*at].last()) {
                right.clone_from(&end.text);
            }
        }
        self.note_lost(&pairs, &question.id, found);
    }

    fn note_lost(&mut self, pairs: &Pairs, id: &str, found: &QuestionSource) {
        if !pairs.extra.is_empty() || pairs.found.contains(&None) {
            let span = found.answers.span().unwrap_or(&found.span).clone();
            self.shape(id, &span);
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

    /// A text that both languages have, or neither.
    fn text(
        &mut self,
        base: &Option<Text>,
        found: &Option<Text>,
        what: [&str; 2],
        id: &str,
        [missing, extra]: [&Range<usize>; 2],
    ) -> Option<Text> {
        match (base, found) {
            (Some(base), None) => {
                self.missing(what, id, &base.plain, missing);
                Some(base.clone())
            }
            (None, Some(_)) => {
                let name = said(what, id);
                self.notes
                    .add(&c::EXTRA_TRANSLATION, extra.clone())
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
        if self.falls_back {
            return;
        }
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
