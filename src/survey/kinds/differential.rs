//! A semantic differential: a matrix whose rows lie between two opposite labels, written as a table
//! whose last header cell is empty too.

use super::author::Author;
use super::table::{self, Form};
use super::{Offered, Reading, Rules, matrix};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::problem::Problem;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// `| Rolig |  |  |  | Larmende |`
pub struct Differential;

impl Rules for Differential {
    fn name(&self) -> &'static str {
        "differential"
    }

    fn read(&self, question: &Question, fields: &Fields, offered: &Offered) -> Reading {
        matrix::read(question, fields, offered)
    }

    fn missing(&self, question: &Question, answer: &Answer, offered: &Offered) -> Vec<Problem> {
        matrix::missing(question, answer, offered)
    }

    fn is_whole(&self, _: &Question, answer: &Answer, offered: &Offered) -> bool {
        offered.rows.iter().all(|row| matrix::has_row(answer, row))
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        matrix::write(question, answer)
    }

    fn sample(&self, question: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer {
        matrix::sample(question, offered, rng)
    }
}

impl Author for Differential {
    fn attributes(&self) -> &'static [&'static str] {
        &["shuffle", "from"]
    }

    fn compile(&self, source: &QuestionSource, question: &mut Question, notes: &mut Notes) {
        table::compile(source, Form::Ends, question, notes);
    }
}
