//! `{from="what chosen"}`: choices, or a matrix's rows, taken over from an earlier question.
//!
//! The compiler writes them out, each with a condition on the earlier answer, and asks the question
//! only where one of them is left: whoever evaluates needs to know nothing of it.

use std::collections::BTreeMap;

use super::attributes::Attribute;
use super::catalogue as c;
use super::compile::File;
use super::condition::{Condition, Operand, Value};
use super::model::{Carried, Choice, Page, Question, Row, Survey};
use super::source::{Notes, suggest};
use super::tree::{AnswersSource, PageSource};

/// Fills in the choices and rows that are taken over. What comes back are the conditions under which
/// each such question is asked, by its id.
pub fn carry<'a>(
    sources: &[&PageSource],
    pages: &mut [Page],
    files: &[File<'a>],
    notes: &mut Notes<'a>,
) -> BTreeMap<String, Condition> {
    let mut asked: Vec<Question> = Vec::new();
    let mut conditions = BTreeMap::new();
    for (page, source) in pages.iter_mut().zip(sources) {
        for (question, source) in page.questions.iter_mut().zip(&source.questions) {
            notes.file = files[source.origin].path;
            if let Some(from) = source.attributes.find("from") {
                let condition = fill_in(question, from, &source.answers, &asked, notes);
                conditions.extend(condition.map(|condition| (question.id.clone(), condition)));
            }
            asked.push(question.clone());
        }
    }
    conditions
}

fn fill_in(
    question: &mut Question,
    from: &Attribute,
    answers: &AnswersSource,
    asked: &[Question],
    notes: &mut Notes<'_>,
) -> Option<Condition> {
    let carried = read(from.value.as_deref()?);
    let Some(carried) = carried else {
        let value = from.value.as_deref().unwrap_or_default();
        notes.add(&c::FROM_SYNTAX, from.value_span.clone()).arg("value", value);
        return None;
    };
    let Some(source) = asked.iter().find(|question| question.id == carried.q) else {
        let note = notes.add(&c::UNKNOWN_ID, from.value_span.clone());
        let several = asked.iter().filter(|question| is_several(question));
        suggest(
            note.arg("name", &carried.q),
            &carried.q,
            several.map(|question| question.id.as_str()),
        );
        note.fix = None;
        return None;
    };
    if !is_several(source) {
        let value = from.value.as_deref().unwrap_or_default();
        let note = notes.add(&c::FROM_SYNTAX, from.value_span.clone()).arg("value", value);
        note.arg("single", &source.id);
        return None;
    }
    let has_rows = !question.columns.is_empty();
    if !question.rows.is_empty() || (!has_rows && answers.span().is_some()) {
        notes.add(&c::FROM_AND_LIST, from.span.clone());
        return None;
    }
    let taken: Vec<(&Choice, Condition)> = source
        .choices
        .iter()
        .filter(|choice| !choice.stands_alone())
        .map(|choice| (choice, condition(&carried, &choice.id)))
        .collect();
    if has_rows {
        question.rows = taken.iter().map(|(choice, condition)| row(choice, condition)).collect();
    } else {
        question.choices = taken.iter().map(|(one, condition)| choice(one, condition)).collect();
        question.top = question.top.map(|top| top.min(question.choices.len() as u32));
    }
    question.from = Some(carried);
    let of = taken.into_iter().map(|(_, condition)| condition).collect();
    Some(Condition::Or { of })
}

/// Several of its choices can be answered at once.
fn is_several(question: &Question) -> bool {
    matches!(question.kind.rules().name(), "multiple" | "ranking")
}

/// `what chosen`, `what not chosen`
fn read(value: &str) -> Option<Carried> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let (q, chosen) = match words.as_slice() {
        [q, "chosen"] => (q, true),
        [q, "not", "chosen"] => (q, false),
        _ => return None,
    };
    Some(Carried { q: (*q).to_owned(), chosen })
}

fn condition(carried: &Carried, code: &str) -> Condition {
    let left = Operand::Q(carried.q.clone());
    let has = Condition::Has { left, right: Value::Text(code.to_owned()) };
    if carried.chosen { has } else { Condition::Not { of: Box::new(has) } }
}

fn choice(source: &Choice, condition: &Condition) -> Choice {
    Choice {
        id: source.id.clone(),
        text: source.text.clone(),
        image: source.image.clone(),
        condition: Some(Box::new(condition.clone())),
        ..Choice::default()
    }
}

fn row(source: &Choice, condition: &Condition) -> Row {
    let (id, text) = (source.id.clone(), source.text.clone());
    Row { id, text, condition: Some(condition.clone()), ..Row::default() }
}

/// Gives what was taken over the words it has in the question it comes from: for translations.
pub fn retell(survey: &mut Survey) {
    let said = survey.clone();
    for question in survey.pages.iter_mut().flat_map(|page| &mut page.questions) {
        let Some(source) = question.from.as_ref().and_then(|from| said.question(&from.q)) else {
            continue;
        };
        for choice in &mut question.choices {
            if let Some(told) = source.choice(&choice.id) {
                choice.text.clone_from(&told.text);
                choice.image.clone_from(&told.image);
            }
        }
        for row in &mut question.rows {
            if let Some(told) = source.choice(&row.id) {
                row.text.clone_from(&told.text);
            }
        }
    }
}

/// A question's own condition, without what `from` added to it.
pub fn own_condition(question: &Question) -> Option<&Condition> {
    let condition = question.condition.as_ref()?;
    if question.from.is_none() {
        return Some(condition);
    }
    match condition {
        Condition::And { of } if of.len() == 2 => of.first(),
        _ => None,
    }
}

/// Both have to hold.
pub fn both(own: Option<Condition>, carried: Option<Condition>) -> Option<Condition> {
    match (own, carried) {
        (Some(own), Some(carried)) => Some(Condition::And { of: vec![own, carried] }),
        (one, other) => one.or(other),
    }
}
