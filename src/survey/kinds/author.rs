//! The author's side of a kind: from what stands in the source to a question.

use std::ops::Range;

use crate::survey::attributes::{Attribute, Attributes};
use crate::survey::catalogue as c;
use crate::survey::ids::{self, Named, Taken};
use crate::survey::model::{Choice, Limit, Question};
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, ItemSource, QuestionSource};

/// How a kind is written.
pub trait Author {
    /// The word that asks for this kind, as in `{number}`; none where the answers' form tells.
    fn keyword(&self) -> Option<&'static str> {
        None
    }

    /// The attributes that mean something besides those every question has ([`COMMON`]).
    fn attributes(&self) -> &'static [&'static str];

    /// The attributes its choices can have.
    fn of_choices(&self) -> &'static [&'static str] {
        OF_CHOICE
    }

    /// Fills in what is the kind's own: choices, rows, limits.
    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes);
}

/// Attributes of every question.
pub const COMMON: &[&str] =
    &["#", "required", "expected", "if", "cue", "maps", "check", "message", "private", "trend"];

/// Attributes of a choice.
pub const OF_CHOICE: &[&str] = &["#", "exclusive", "dontknow", "goto", "if", "pin"];

/// Attributes of a matrix's column.
pub const OF_COLUMN: &[&str] = &["#", "dontknow"];

/// Attributes of a matrix's row.
pub const OF_ROW: &[&str] = &["#", "if"];

/// The choices of a list.
pub fn choices(items: &[ItemSource], notes: &mut Notes) -> Vec<Choice> {
    if items.len() == 1 {
        notes.add(&c::ONE_CHOICE, items[0].span.clone());
    }
    let parts: Vec<(&Attributes, &Range<usize>)> =
        items.iter().map(|item| (&item.attributes, &item.span)).collect();
    let codes = codes(&parts, notes);
    items
        .iter()
        .zip(codes)
        .map(|(item, id)| Choice {
            id,
            text: item.text.clone(),
            other: item.other,
            exclusive: item.attributes.has("exclusive"),
            dontknow: item.attributes.has("dontknow"),
            pin: item.attributes.has("pin"),
            image: item.image.clone(),
            goto: item.attributes.value("goto").map(str::to_owned),
            condition: None,
        })
        .collect()
}

/// The code of each element: its id, else its position, never its label.
pub fn codes(parts: &[(&Attributes, &Range<usize>)], notes: &mut Notes) -> Vec<String> {
    let mut register = ids::Register::default();
    let written: Vec<Option<String>> = parts
        .iter()
        .enumerate()
        .map(|(at, (attributes, _))| {
            let attribute = attributes.id()?;
            let id = ids::check(attribute, Named::Choice, notes);
            register.take(&id, Taken::Nth(at + 1), &attribute.value_span, notes);
            Some(id)
        })
        .collect();
    if let Some(missing) = written.iter().position(Option::is_none) {
        notes.add(&c::CODES_BY_POSITION, parts[missing].1.clone());
    }
    let codes = |at: usize| (at + 1).to_string();
    for (at, (_, span)) in parts.iter().enumerate().filter(|(at, _)| written[*at].is_none()) {
        if written.iter().flatten().any(|id| *id == codes(at)) {
            notes.add(&c::POSITION_CLASH, (*span).clone()).arg("id", codes(at));
        }
    }
    written.into_iter().enumerate().map(|(at, id)| id.unwrap_or_else(|| codes(at))).collect()
}

/// The number that is the value of `name`, noted where it is none.
pub fn number(attributes: &Attributes, name: &'static str, notes: &mut Notes) -> Option<f64> {
    let attribute = attributes.find(name)?;
    let value = attribute.value.as_deref()?;
    let read = value.parse::<f64>().ok().filter(|_| is_decimal(value));
    if read.is_none() {
        note_value(attribute, ["a number such as 3 or 0.5", "et tal som 3 eller 0.5"], notes);
    }
    read
}

/// Plain decimals only: `f64` would also read `inf` and `1e9`.
fn is_decimal(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let slipped = has_leading_zero(whole);
    all_digits(whole) && all_digits(part) && !slipped && whole.len() + part.len() <= 15
}

/// `020`: a digit before it was lost, or one has slipped in.
pub fn has_leading_zero(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

/// The whole number, 1 or more, that is the value of `name`.
pub fn whole(attributes: &Attributes, name: &'static str, notes: &mut Notes) -> Option<u32> {
    let attribute = attributes.find(name)?;
    let value = attribute.value.as_deref()?;
    let read = value.parse::<u32>().ok().filter(|read| *read > 0 && !has_leading_zero(value));
    if read.is_none() {
        note_value(attribute, ["a whole number, 1 or more", "et helt tal, mindst 1"], notes);
    }
    read
}

/// Notes that an attribute has a value it cannot have.
/// `expected` says in English and in Danish what would be right.
pub fn note_value(attribute: &Attribute, expected: [&str; 2], notes: &mut Notes) {
    notes
        .add(&c::ATTRIBUTE_VALUE, attribute.value_span.clone())
        .arg("name", &attribute.name)
        .arg("value", attribute.value.as_deref().unwrap_or_default())
        .phrase("expected", expected[0], expected[1]);
}

/// Reads `min` and `max`, and notes them where they are the wrong way round.
pub fn limits(source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
    let (min, max) =
        (number(&source.attributes, "min", notes), number(&source.attributes, "max", notes));
    (question.min, question.max) = (min.map(Limit::Number), max.map(Limit::Number));
    if let (Some(min), Some(max), Some(at)) = (min, max, source.attributes.find("min"))
        && min > max
    {
        notes.add(&c::MIN_OVER_MAX, at.span.clone()).arg("min", min).arg("max", max);
    }
}

/// Notes text fields where a choice cannot have one.
pub fn refuse_others(items: &[ItemSource], kind: &str, notes: &mut Notes) {
    for item in items.iter().filter(|item| item.other) {
        notes.add(&c::ATTRIBUTE_NOT_HERE, item.span.clone()).arg("name", "____").arg("kind", kind);
    }
}

/// Notes a question without the list it is answered with; choices of an earlier one do as well.
pub fn note_no_list(source: &QuestionSource, notes: &mut Notes) {
    if !source.attributes.has("from") {
        notes.add(&c::QUESTION_WITHOUT_ANSWERS, source.span.clone());
    }
}

/// Notes answers under a question whose kind has none.
pub fn refuse_answers(source: &QuestionSource, kind: &str, notes: &mut Notes) {
    let what = match &source.answers {
        AnswersSource::Nothing => return,
        AnswersSource::Lines { .. } => ["answer lines", "svarlinjer"],
        AnswersSource::List { .. } => ["choices", "svar at vælge mellem"],
        AnswersSource::Table { .. } => ["a table", "en tabel"],
    };
    let span = source.answers.span().cloned().unwrap_or_else(|| source.span.clone());
    notes.add(&c::ANSWERS_NOT_ALLOWED, span).arg("kind", kind).phrase("what", what[0], what[1]);
}
