//! Several statements with the same choices, written as a table whose first cell is empty.

use std::collections::BTreeMap;

use super::author::{self, Author};
use super::{Offered, Reading, Rules};
use crate::survey::answer::Answer;
use crate::survey::catalogue as c;
use crate::survey::fields::Fields;
use crate::survey::model::{Choice, Question, Row};
use crate::survey::problem::Problem;
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

    fn read(&self, question: &Question, fields: &Fields, offered: &Offered) -> Reading {
        let mut rows = BTreeMap::new();
        let mut problems = Vec::new();
        let is_column = |code: &str| question.columns.iter().any(|column| column.id == code);
        for row in &offered.rows {
            let name = field(question, row);
            let mut given: Vec<&str> = fields.all(&name).filter(|code| !code.is_empty()).collect();
            given.dedup();
            let code = match given.as_slice() {
                [] => continue,
                codes if codes.iter().any(|code| !is_column(code)) => Err("unknown-choice"),
                [code] => Ok(*code),
                _ => Err("one-only"),
            };
            match code {
                Ok(code) => {
                    rows.insert(row.clone(), code.to_owned());
                }
                Err(code) => problems.push(Problem::new(code, &question.id).on_row(row)),
            }
        }
        let answer = if rows.is_empty() { Answer::Unanswered } else { Answer::Rows(rows) };
        Reading { answer, problems }
    }

    fn missing(&self, question: &Question, answer: &Answer, offered: &Offered) -> Vec<Problem> {
        let answered = |row: &str| matches!(answer, Answer::Rows(rows) if rows.contains_key(row));
        let open = offered.rows.iter().filter(|row| question.required && !answered(row));
        open.map(|row| Problem::new("required-row", &question.id).on_row(row)).collect()
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        match answer {
            Answer::Rows(rows) => {
                rows.iter().map(|(row, code)| (field(question, row), code.clone())).collect()
            }
            _ => Vec::new(),
        }
    }

    fn sample(&self, question: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer {
        let mut rows = BTreeMap::new();
        for row in &offered.rows {
            if (question.required || rng.f32() < 0.95)
                && let Some(column) = rng.choice(&question.columns)
            {
                rows.insert(row.clone(), column.id.clone());
            }
        }
        if rows.is_empty() { Answer::Unanswered } else { Answer::Rows(rows) }
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

/// The name of a row's fields.
fn field(question: &Question, row: &str) -> String {
    format!("{}.{row}", question.id)
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
        .map(|(cell, id)| Row { id, text: cell.text.clone(), ..Row::default() })
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
