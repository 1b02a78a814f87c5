//! The statements of a matrix, and the pairs of a semantic differential.

use serde::Serialize;

use super::choice::{self, ChoiceView};
use super::{Given, message};
use crate::survey::{Question, Row, Text};

/// A statement of a matrix.
#[derive(Debug, Serialize)]
pub struct RowView<'a> {
    pub id: &'a str,
    pub text: &'a Text,
    /// The other end of a semantic differential.
    pub right: Option<&'a Text>,
    pub problem: String,
    pub cells: Vec<ChoiceView<'a>>,
}

impl<'a> RowView<'a> {
    pub(super) fn new(question: &'a Question, row: &'a Row, given: &Given<'a>) -> RowView<'a> {
        let cells = question.columns.iter();
        let told = message::of(question, Some(&row.id), given);
        RowView {
            id: &row.id,
            text: &row.text,
            right: row.right.as_ref(),
            problem: told.map(|told| told.text).unwrap_or_default(),
            cells: cells
                .map(|column| choice::listed(column, &question.id, Some(&row.id), given.kept))
                .collect(),
        }
    }
}
