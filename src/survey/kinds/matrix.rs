//! Several statements with the same choices, written as a table whose first cell is empty.

use std::collections::BTreeMap;

use super::author::Author;
use super::table::{self, Form};
use super::{Offered, Reading, Rules};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// A table.
pub struct Matrix;

impl Rules for Matrix {
    fn name(&self) -> &'static str {
        "matrix"
    }

    fn read(&self, question: &Question, fields: &Fields, offered: &Offered) -> Reading {
        read(question, fields, offered)
    }

    fn missing(&self, question: &Question, answer: &Answer, offered: &Offered) -> Vec<Problem> {
        missing(question, answer, offered)
    }

    fn is_whole(&self, _: &Question, answer: &Answer, offered: &Offered) -> bool {
        offered.rows.iter().all(|row| has_row(answer, row))
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        write(question, answer)
    }

    fn sample(&self, question: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer {
        sample(question, offered, rng)
    }
}

impl Author for Matrix {
    fn attributes(&self) -> &'static [&'static str] {
        &["shuffle", "from"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        table::compile(source, Form::One, question, notes);
    }
}

/// One column for each offered row.
pub fn read(question: &Question, fields: &Fields, offered: &Offered) -> Reading {
    let mut rows = BTreeMap::new();
    let mut problems = Vec::new();
    let is_column = |code: &str| question.columns.iter().any(|column| column.id == code);
    for row in &offered.rows {
        let code = match table::given(question, row, fields).as_slice() {
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

/// The rows that `required` asks for.
pub fn missing(question: &Question, answer: &Answer, offered: &Offered) -> Vec<Problem> {
    table::missing(question, &offered.rows, |row| has_row(answer, row))
}

/// Whether a row has an answer.
pub fn has_row(answer: &Answer, row: &str) -> bool {
    matches!(answer, Answer::Rows(rows) if rows.contains_key(row))
}

/// The fields a form would send.
pub fn write(question: &Question, answer: &Answer) -> Vec<(String, String)> {
    match answer {
        Answer::Rows(rows) => {
            rows.iter().map(|(row, code)| (table::field(question, row), code.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// A column for nearly every row.
pub fn sample(question: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer {
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
