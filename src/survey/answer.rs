//! What somebody answered, in the form it is stored in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One answer. The JSON is bare: `"daily"`, `["sport","other"]`, `{"clean":"3"}`, `42`, `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// Asked, but not answered.
    Unanswered,
    Number(serde_json::Number),
    /// A choice's id, a text, or `"yes"` to a consent.
    Text(String),
    /// The ids chosen, in the survey's order; of a ranking, the best first.
    Choices(Vec<String>),
    /// A matrix: the column's id by the row's id; rows without an answer are absent.
    Rows(BTreeMap<String, String>),
    /// A matrix with several answers a row: the columns' ids by the row's id.
    RowChoices(BTreeMap<String, Vec<String>>),
    /// Points shared: how many each choice got.
    Points(BTreeMap<String, serde_json::Number>),
}

impl Answer {
    /// True unless the question was left open.
    pub fn is_answered(&self) -> bool {
        *self != Answer::Unanswered
    }
}

/// Answers by question id; the text of an "other" choice stands under `question.choice`.
pub type Answers = BTreeMap<String, Answer>;
