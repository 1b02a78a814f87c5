//! What is wrong with an answer, said as a stable code; the words are the theme's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One thing a citizen has to put right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// Kebab-case, the same in Rust, in the browser and in the theme's texts: `required`, `min`.
    pub code: String,
    pub question: String,
    /// The statement of a matrix it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// What the words mention, as in `{"max": "3"}`. Not compared by the shared vectors.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

impl Problem {
    /// A problem with a whole question.
    pub fn new(code: &str, question: &str) -> Problem {
        Problem {
            code: code.to_owned(),
            question: question.to_owned(),
            row: None,
            values: BTreeMap::new(),
        }
    }

    /// Says which statement of a matrix it is about.
    #[must_use]
    pub fn on_row(mut self, row: &str) -> Problem {
        self.row = Some(row.to_owned());
        self
    }

    /// Adds something the words mention.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Problem {
        self.values.insert(name.to_owned(), value.to_string());
        self
    }
}
