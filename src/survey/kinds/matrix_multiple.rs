//! Several statements with the same choices, any number of them for each: a table with `[ ]` in its
//! cells.

use std::collections::BTreeMap;

use super::author::Author;
use super::table::{self, Form};
use super::{Offered, Reading, Rules};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::{Choice, Question};
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// `| Renholdelse | [ ] | [ ] |`
pub struct MatrixMultiple;

impl Rules for MatrixMultiple {
    fn name(&self) -> &'static str {
        "matrix-multiple"
    }

    fn read(&self, question: &Question, fields: &Fields, offered: &Offered) -> Reading {
        let mut rows = BTreeMap::new();
        let mut problems = Vec::new();
        for row in &offered.rows {
            match read_row(question, &table::given(question, row, fields)) {
                Ok(codes) if codes.is_empty() => {}
                Ok(codes) => {
                    rows.insert(row.clone(), codes);
                }
                Err(code) => problems.push(Problem::new(code, &question.id).on_row(row)),
            }
        }
        let answer = if rows.is_empty() { Answer::Unanswered } else { Answer::RowChoices(rows) };
        Reading { answer, problems }
    }

    fn missing(&self, question: &Question, answer: &Answer, offered: &Offered) -> Vec<Problem> {
        table::missing(question, &offered.rows, |row| has_row(answer, row))
    }

    fn is_whole(&self, _: &Question, answer: &Answer, offered: &Offered) -> bool {
        offered.rows.iter().all(|row| has_row(answer, row))
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        let Answer::RowChoices(rows) = answer else { return Vec::new() };
        let fields = rows.iter().flat_map(|(row, codes)| {
            codes.iter().map(|code| (table::field(question, row), code.clone()))
        });
        fields.collect()
    }

    fn sample(&self, question: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer {
        let mut rows = BTreeMap::new();
        let (alone, together): (Vec<&Choice>, Vec<&Choice>) =
            question.columns.iter().partition(|column| column.dontknow);
        for row in &offered.rows {
            let mut codes: Vec<String> = together
                .iter()
                .filter(|_| rng.f32() < 0.4)
                .map(|column| column.id.clone())
                .collect();
            if codes.is_empty() && (question.required || rng.f32() < 0.5) {
                let one = rng.choice(&alone).or(together.first());
                codes.extend(one.map(|column| column.id.clone()));
            }
            if !codes.is_empty() {
                rows.insert(row.clone(), codes);
            }
        }
        if rows.is_empty() { Answer::Unanswered } else { Answer::RowChoices(rows) }
    }
}

impl Author for MatrixMultiple {
    fn attributes(&self) -> &'static [&'static str] {
        &["shuffle", "from"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        table::compile(source, Form::Many, question, notes);
    }
}

/// The columns ticked in a row, in the table's order.
fn read_row(question: &Question, given: &[&str]) -> Result<Vec<String>, &'static str> {
    let is_column = |code: &&str| question.columns.iter().any(|column| column.id == **code);
    if !given.iter().all(is_column) {
        return Err("unknown-choice");
    }
    let ticked: Vec<&Choice> =
        question.columns.iter().filter(|column| given.contains(&column.id.as_str())).collect();
    if ticked.len() > 1 && ticked.iter().any(|column| column.stands_alone()) {
        return Err("exclusive");
    }
    Ok(ticked.into_iter().map(|column| column.id.clone()).collect())
}

fn has_row(answer: &Answer, row: &str) -> bool {
    matches!(answer, Answer::RowChoices(rows) if rows.contains_key(row))
}
