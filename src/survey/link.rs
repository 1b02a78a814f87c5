//! Conditions and skips: every name is looked up, now that all questions and pages are known.

use std::collections::BTreeMap;
use std::ops::Range;

use super::attributes::{Attribute, Attributes};
use super::carry;
use super::catalogue as c;
use super::compile::File;
use super::condition::{Condition, Operand, Value};
use super::expr;
use super::model::{Ending, Page, Question};
use super::satisfy::{self, Outcome};
use super::source::{Notes, suggest};
use super::tree::{AnswersSource, PageSource, QuestionSource};
use super::typecheck::{self, Scope};

/// A survey that is being linked: its page sources (no endings among them) and what they became.
pub struct Linked<'a> {
    pub sources: &'a [&'a PageSource],
    pub endings: &'a [Ending],
    /// What `from` asks for besides a question's own condition, by its id.
    pub carried: &'a BTreeMap<String, Condition>,
}

/// Adds the conditions of all pages, questions, choices and rows, and checks the skips.
pub fn link<'f>(linked: &Linked, pages: &mut [Page], files: &[File<'f>], notes: &mut Notes<'f>) {
    let before = pages.to_vec();
    let all: Vec<&Question> = before.iter().flat_map(|page| &page.questions).collect();
    let targets = Targets { pages: &before, endings: linked.endings };
    let mut asked = 0;
    for (at, (page, source)) in pages.iter_mut().zip(linked.sources).enumerate() {
        let file = files[source.origin];
        notes.file = file.path;
        let first = asked;
        let scope = Scope { earlier: &all[..asked], later: &all[asked..] };
        page.condition = condition("if", &source.attributes, scope, file.text, notes);
        for (question, source) in page.questions.iter_mut().zip(&source.questions) {
            let file = files[source.origin];
            notes.file = file.path;
            let mut linker =
                Linker { all: &all, asked, text: file.text, notes: &mut *notes, targets: &targets };
            linker.question(question, source, at);
            if page.shuffle {
                linker.note_shuffled(question, source, first);
            }
            let carried = linked.carried.get(&question.id).cloned();
            question.condition = carry::both(question.condition.take(), carried);
            asked += 1;
        }
    }
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
        // What an answer has to fulfil may speak of itself.
        self.asked += 1;
        question.check = self.condition("check", &source.attributes);
        self.asked -= 1;
        match &source.answers {
            AnswersSource::List { items, .. } => {
                for (choice, item) in question.choices.iter_mut().zip(items) {
                    choice.condition = self.condition("if", &item.attributes).map(Box::new);
                    if let Some(goto) = item.attributes.find("goto") {
                        if question.private {
                            self.notes
                                .add(&c::LOOKS_AT_PRIVATE, goto.span.clone())
                                .arg("name", &question.id);
                        }
                        self.targets.check(goto, page, self.notes);
                    }
                }
            }
            AnswersSource::Table { rows, .. } => {
                let statements = rows.iter().filter_map(|row| row.first());
                for (row, cell) in question.rows.iter_mut().zip(statements) {
                    let own = self.condition("if", &cell.attributes);
                    row.condition = own.or(row.condition.take());
                }
            }
            AnswersSource::Nothing | AnswersSource::Lines { .. } => {}
        }
    }

    /// A question that looks at another of its page, or skips some of them, needs their order.
    fn note_shuffled(&mut self, question: &Question, source: &QuestionSource, first: usize) {
        let beside: Vec<&str> = self.all[first..]
            .iter()
            .map(|one| one.id.as_str())
            .filter(|id| *id != question.id)
            .collect();
        let mut looks = question.choices.iter().any(|choice| choice.goto.is_some());
        let mut see = |left: &Operand, right: &[Value]| {
            let others = right.iter().filter_map(|value| match value {
                Value::Other(operand) => Some(operand),
                Value::Number(_) | Value::Text(_) => None,
            });
            looks |= std::iter::once(left).chain(others).any(|operand| match operand {
                Operand::Q(id) | Operand::Count(id) | Operand::Row([id, _]) => {
                    beside.contains(&id.as_str())
                }
                Operand::Builtin(_) => false,
            });
        };
        let parts = question.choices.iter().filter_map(|choice| choice.condition.as_deref());
        let rows = question.rows.iter().filter_map(|row| row.condition.as_ref());
        let own = question.condition.iter().chain(&question.check);
        own.chain(parts).chain(rows).for_each(|condition| condition.visit(&mut see));
        if looks {
            self.notes.add(&c::SHUFFLED_PAGE, source.span.clone());
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
    if name == "if" {
        note_private(&condition, scope, &span, notes);
    }
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

/// Who is asked what would tell a private answer, which is to stand by itself.
fn note_private(condition: &Condition, scope: Scope, span: &Range<usize>, notes: &mut Notes) {
    let mut found = None;
    condition.visit(&mut |operand, _| {
        if let Operand::Q(id) | Operand::Count(id) | Operand::Row([id, _]) = operand {
            let private = scope.earlier.iter().find(|one| one.id == *id && one.private);
            found = found.take().or(private.map(|question| question.id.clone()));
        }
    });
    if let Some(name) = found {
        notes.add(&c::LOOKS_AT_PRIVATE, span.clone()).arg("name", name);
    }
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
