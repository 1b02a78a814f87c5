//! Several statements with the same choices, written as a table whose first cell is empty.

use super::Rules;
use super::author::{self, Author};
use crate::survey::catalogue as c;
use crate::survey::model::{Choice, Question, Row};
use crate::survey::source::Notes;
use crate::survey::tree::{AnswersSource, CellSource, QuestionSource};

/// A table.
pub struct Matrix;

/// People tire of more statements than this (Det Fælles Designsystem has no matrix; the number is
/// the design's own).
const ROWS_MAX: usize = 7;

impl Rules for Matrix {
    fn name(&self) -> &'static str {
        "matrix"
    }
}

impl Author for Matrix {
    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        let AnswersSource::Table { header, rows, span } = &source.answers else { return };
        let Some((corner, columns)) = header.split_first() else { return };
        if !corner.text.plain.is_empty() {
            notes.add(&c::TABLE_CORNER, corner.span.clone());
        }
        if columns.last().is_some_and(|cell| cell.text.plain.is_empty()) && columns.len() > 1 {
            notes
                .add(&c::NOT_BUILT, columns[columns.len() - 1].span.clone())
                .arg("name", "semantic differential");
        }
        question.columns = read_columns(columns, notes);
        question.rows = read_rows(rows, notes);
        if question.columns.len() < 2 || question.rows.is_empty() {
            notes.add(&c::BROKEN_TABLE, span.clone());
        }
        if question.rows.len() > ROWS_MAX {
            notes.add(&c::TOO_MANY_ROWS, source.span.clone()).arg("count", question.rows.len());
        }
    }
}

fn read_columns(cells: &[CellSource], notes: &mut Notes) -> Vec<Choice> {
    let parts: Vec<_> = cells.iter().map(|cell| (&cell.attributes, &cell.span)).collect();
    let codes = author::codes(&parts, notes);
    note_empty(cells, notes);
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

fn read_rows(rows: &[Vec<CellSource>], notes: &mut Notes) -> Vec<Row> {
    let statements: Vec<&CellSource> = rows.iter().filter_map(|row| row.first()).collect();
    let parts: Vec<_> = statements.iter().map(|cell| (&cell.attributes, &cell.span)).collect();
    let codes = author::codes(&parts, notes);
    for body in rows.iter().flat_map(|row| row.iter().skip(1)) {
        note_body(body, notes);
    }
    for cell in &statements {
        note_empty(std::slice::from_ref(*cell), notes);
    }
    statements
        .iter()
        .zip(codes)
        .map(|(cell, id)| Row { id, text: cell.text.clone(), condition: None })
        .collect()
}

fn note_body(cell: &CellSource, notes: &mut Notes) {
    let text = cell.text.plain.as_str();
    if text == "[ ]" || text == "[]" {
        notes.add(&c::NOT_BUILT, cell.span.clone()).arg("name", "[ ] in a matrix");
    } else if !text.is_empty() && text != "( )" {
        notes.add(&c::TABLE_BODY, cell.span.clone()).arg("text", text);
    }
}

fn note_empty(cells: &[CellSource], notes: &mut Notes) {
    for cell in cells.iter().filter(|cell| cell.text.plain.is_empty()) {
        notes.add(&c::EMPTY_TEXT, cell.span.clone());
    }
}
