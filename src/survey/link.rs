//! Conditions and skips: every name is looked up, now that all questions and pages are known.

use std::ops::Range;

use super::attributes::{Attribute, Attributes};
use super::catalogue as c;
use super::condition::Condition;
use super::expr;
use super::model::{Ending, Page, Question};
use super::satisfy::{self, Outcome};
use super::source::{Notes, suggest};
use super::tree::{AnswersSource, PageSource, QuestionSource, Tree};
use super::typecheck::{self, Scope};

/// One file's share of a survey: its pages are `pages[first..first + n]`, where n is the number of
/// its page sources that are no endings.
pub struct Part<'a, 'n, 'f> {
    pub source: &'a str,
    pub tree: &'a Tree,
    pub notes: &'n mut Notes<'f>,
    pub first: usize,
}

/// Adds the conditions of `part`'s pages, questions, choices and rows, and checks its skips.
pub fn link(part: &mut Part, pages: &mut [Page], endings: &[Ending]) {
    let before = pages.to_vec();
    let all: Vec<&Question> = before.iter().flat_map(|page| &page.questions).collect();
    let targets = Targets { pages: &before, endings };
    let mut asked: usize = before[..part.first].iter().map(|page| page.questions.len()).sum();
    let sources = part.tree.pages.iter().filter(|page| !page.attributes.has("ending"));
    for (page, (at, source)) in pages[part.first..].iter_mut().zip((part.first..).zip(sources)) {
        link_page(page, source, &all, asked, part.source, part.notes);
        for (question, source) in page.questions.iter_mut().zip(&source.questions) {
            let mut linker = Linker {
                all: &all,
                asked,
                text: part.source,
                notes: part.notes,
                targets: &targets,
            };
            linker.question(question, source, at);
            asked += 1;
        }
    }
}

fn link_page(
    page: &mut Page,
    source: &PageSource,
    all: &[&Question],
    asked: usize,
    text: &str,
    notes: &mut Notes,
) {
    let scope = Scope { earlier: &all[..asked], later: &all[asked..] };
    page.condition = condition("if", &source.attributes, scope, text, notes);
}

struct Linker<'a, 'n, 'f> {
    all: &'a [&'a Question],
    /// How many questions come before the one at hand.
    asked: usize,
    text: &'a str,
    notes: &'n mut Notes<'f>,
    targets: &'a Targets<'a>,
}

impl Linker<'_, '_, '_> {
    fn question(&mut self, question: &mut Question, source: &QuestionSource, page: usize) {
        question.condition = self.condition("if", &source.attributes);
        self.asked += 1;
        question.check = self.condition("check", &source.attributes);
        self.asked -= 1;
        match &source.answers {
            AnswersSource::List { items, .. } => {
                for (choice, item) in question.choices.iter_mut().zip(items) {
                    choice.condition = self.condition("if", &item.attributes);
                    if let Some(goto) = item.attributes.find("goto") {
                        self.targets.check(goto, page, self.notes);
                    }
                }
            }
            AnswersSource::Table { rows, .. } => {
                let statements = rows.iter().filter_map(|row| row.first());
                for (row, cell) in question.rows.iter_mut().zip(statements) {
                    row.condition = self.condition("if", &cell.attributes);
                }
            }
            AnswersSource::Nothing | AnswersSource::Lines { .. } => {}
        }
    }

    fn condition(&mut self, name: &str, attributes: &Attributes) -> Option<Condition> {
        let scope = Scope { earlier: &self.all[..self.asked], later: &self.all[self.asked..] };
        condition(name, attributes, scope, self.text, self.notes)
    }
}

/// The condition of an element, checked; none, with notes, where it is wrong.
fn condition(
    name: &str,
    attributes: &Attributes,
    scope: Scope,
    text: &str,
    notes: &mut Notes,
) -> Option<Condition> {
    let attribute = attributes.find(name).filter(|attribute| attribute.value.is_some())?;
    // From the source, so that spans hold whatever NFC did to the value.
    let span = attribute.value_span.clone();
    let expr = match expr::parse(&text[span.clone()], span.start) {
        Ok(expr) => expr,
        Err(wrong) => {
            let [en, da] = &wrong.why;
            notes.add(&c::CONDITION_SYNTAX, at_least_one(wrong.span, text)).phrase("why", en, da);
            return None;
        }
    };
    let condition = typecheck::check(&expr, scope, notes)?;
    match satisfy::judge(&condition, scope.earlier) {
        Outcome::Never => {
            notes.add(&c::NEVER_TRUE, span);
        }
        Outcome::Always => {
            notes.add(&c::ALWAYS_TRUE, span);
        }
        Outcome::Sometimes | Outcome::Unknown => {}
    }
    Some(condition)
}

/// A span at the end of a condition is widened to the sign before it, so that there is something to
/// underline.
fn at_least_one(span: Range<usize>, text: &str) -> Range<usize> {
    if span.is_empty() {
        let before = text[..span.start].chars().next_back().map_or(0, char::len_utf8);
        return span.start - before..span.end;
    }
    span
}

/// Where a `goto` can lead.
struct Targets<'a> {
    pages: &'a [Page],
    endings: &'a [Ending],
}

impl Targets<'_> {
    fn check(&self, goto: &Attribute, page: usize, notes: &mut Notes) {
        let Some(name) = goto.value.as_deref() else { return };
        let known = || {
            self.pages[page + 1..]
                .iter()
                .map(|page| page.id.as_str())
                .chain(self.endings.iter().map(|ending| ending.id.as_str()))
                .chain(std::iter::once("end"))
        };
        if known().any(|target| target == name) {
            return;
        }
        let backwards = self.pages[..=page].iter().any(|earlier| earlier.id == name);
        let entry = if backwards { &c::GOTO_BACKWARDS } else { &c::GOTO_UNKNOWN };
        let note = notes.add(entry, goto.value_span.clone());
        note.arg("name", name);
        if backwards {
            note.arg("known", known().collect::<Vec<_>>().join(", "));
        } else {
            suggest(note, name, known().collect::<Vec<_>>());
        }
    }
}
