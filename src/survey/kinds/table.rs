//! What the kinds written as a table share: columns from its header, statements from its rows.

use super::author;
use crate::survey::catalogue as c;
use crate::survey::fields::Fields;
use crate::survey::model::{Choice, Question, Row};
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, CellSource, QuestionSource};

/// People tire of more statements than this (Det Fælles Designsystem has no matrix; the number is
/// the design's own).
const ROWS_MAX: usize = 7;

/// How a table is filled in, as its form tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One column a row.
    One,
    /// `[ ]` in its cells.
    Many,
    /// Another label at the end of each row.
    Ends,
}

impl Form {
    /// The form of a table.
    pub fn of(header: &[CellSource], rows: &[Vec<CellSource>]) -> Form {
        let is_empty = |cell: &CellSource| cell.text.plain.is_empty() && !cell.attributes.has("#");
        if header.len() > 3 && header.last().is_some_and(is_empty) {
            return Form::Ends;
        }
        let body = rows.iter().flat_map(|row| row.iter().skip(1));
        match body.clone().any(|cell| is_box(&cell.text.plain)) {
            true => Form::Many,
            false => Form::One,
        }
    }

    /// The kind of question it is.
    pub fn kind(self) -> &'static str {
        match self {
            Form::One => "matrix",
            Form::Many => "matrix-multiple",
            Form::Ends => "differential",
        }
    }
}

fn is_box(text: &str) -> bool {
    text == "[ ]" || text == "[]"
}

/// The name of a row's fields.
pub fn field(question: &Question, row: &str) -> String {
    format!("{}.{row}", question.id)
}

/// What was sent for a row: each value once.
pub fn given<'f>(question: &Question, row: &str, fields: &'f Fields) -> Vec<&'f str> {
    let name = field(question, row);
    let mut given: Vec<&str> = Vec::new();
    for (key, value) in &fields.0 {
        if *key == name && !value.is_empty() && !given.contains(&value.as_str()) {
            given.push(value);
        }
    }
    given
}

/// What is wrong with the offered rows that were left open.
pub fn missing(
    question: &Question,
    rows: &[String],
    answered: impl Fn(&str) -> bool,
) -> Vec<Problem> {
    let open = rows.iter().filter(|row| question.required && !answered(row));
    open.map(|row| Problem::new("required-row", &question.id).on_row(row)).collect()
}

/// Fills in columns and rows.
pub fn compile(source: &QuestionSource, form: Form, question: &mut Question, notes: &mut Notes) {
    question.shuffle = source.attributes.has("shuffle");
    let AnswersSource::Table { header, rows, span } = &source.answers else {
        note_no_table(source, form, notes);
        return;
    };
    let Some((corner, columns)) = header.split_first() else { return };
    if !corner.text.plain.is_empty() {
        notes.add(&c::TABLE_CORNER, corner.span.clone());
    }
    let ends = usize::from(form == Form::Ends);
    let columns = &columns[..columns.len().saturating_sub(ends)];
    question.columns = read_columns(columns, notes);
    question.rows = read_rows(rows, form, notes);
    let carried = source.attributes.has("from");
    if question.columns.len() < 2 || (question.rows.is_empty() && !carried) {
        notes.add(&c::BROKEN_TABLE, span.clone());
    }
    if question.rows.len() > ROWS_MAX {
        notes.add(&c::TOO_MANY_ROWS, source.span.clone()).arg("count", question.rows.len());
    }
}

fn note_no_table(source: &QuestionSource, form: Form, notes: &mut Notes) {
    let span = source.answers.span().cloned().unwrap_or_else(|| source.span.clone());
    notes.add(&c::ANSWERS_NOT_ALLOWED, span).arg("kind", form.kind()).phrase(
        "what",
        "anything but a table",
        "andet end en tabel",
    );
}

fn read_columns(cells: &[CellSource], notes: &mut Notes) -> Vec<Choice> {
    let parts: Vec<_> = cells.iter().map(|cell| (&cell.attributes, &cell.span)).collect();
    let codes = author::codes(&parts, notes);
    cells.iter().for_each(|cell| note_empty(cell, notes));
    cells
        .iter()
        .zip(codes)
        .map(|(cell, id)| Choice {
            id,
            text: cell.text.clone(),
            dontknow: cell.attributes.has("dontknow"),
            ..Choice::default()
        })
        .collect()
}

fn read_rows(rows: &[Vec<CellSource>], form: Form, notes: &mut Notes) -> Vec<Row> {
    let statements: Vec<&CellSource> = rows.iter().filter_map(|row| row.first()).collect();
    let parts: Vec<_> = statements.iter().map(|cell| (&cell.attributes, &cell.span)).collect();
    let codes = author::codes(&parts, notes);
    rows.iter().for_each(|row| note_body(row, form, notes));
    statements.iter().for_each(|cell| note_empty(cell, notes));
    rows.iter()
        .filter_map(|row| row.split_first())
        .zip(codes)
        .map(|((cell, rest), id)| {
            let right = rest.last().filter(|_| form == Form::Ends).map(|cell| cell.text.clone());
            Row { id, text: cell.text.clone(), right, ..Row::default() }
        })
        .collect()
}

/// The cells that are ticked: empty, or `[ ]` in every one.
fn note_body(row: &[CellSource], form: Form, notes: &mut Notes) {
    let ends = usize::from(form == Form::Ends);
    let body = row.get(1..row.len().saturating_sub(ends)).unwrap_or_default();
    for cell in body {
        let text = cell.text.plain.as_str();
        let fits = match form {
            Form::Many => is_box(text),
            Form::One | Form::Ends => text.is_empty() || text == "( )",
        };
        let ticked = ["[x]", "[X]", "(x)", "(X)"].contains(&text);
        if ticked {
            let empty = if text.starts_with('[') { "[ ]" } else { "( )" };
            notes
                .add(&c::TICKED, cell.span.clone())
                .arg("empty", empty)
                .fix(cell.span.clone(), empty);
        } else if !fits {
            let note = notes.add(&c::TABLE_BODY, cell.span.clone()).arg("text", text);
            if form == Form::Many && (text.is_empty() || text == "( )") {
                note.arg("mixed", "");
            }
        }
    }
    if let Some(end) = row.last().filter(|_| form == Form::Ends && row.len() > 1) {
        note_empty(end, notes);
    }
}

fn note_empty(cell: &CellSource, notes: &mut Notes) {
    if cell.text.plain.is_empty() {
        notes.add(&c::EMPTY_TEXT, cell.span.clone());
    }
}
