//! What `results.json` says beside its figures: when they were answered, and the page's sentences about them.
//! A remark names the figures that it is made of, so that the auditor can see that all of them are shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sheet::SheetError;

/// All of a release's remarks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remarks {
    /// The first and the last day of answers, `YYYY-MM-DD`.
    pub days: Option<(String, String)>,
    /// Which groups differ, a remark a table.
    pub differences: Vec<Remark>,
    /// What has changed since an earlier survey.
    pub trends: Vec<Remark>,
}

/// A sentence or two about some figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    pub question: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// Empty: of everybody.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variable: String,
    /// The figures that it is about; none where it says that there is nothing to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cites: Vec<Cited>,
    /// By language.
    pub words: BTreeMap<String, String>,
}

/// A figure of the remark's question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    pub measure: String,
    /// As in `results.csv`; empty for figures of a whole question.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub choice: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
}

impl Remarks {
    /// Those of a `results.json`; none in one that was made before there were any.
    ///
    /// # Errors
    /// Where it is not such a file.
    pub fn from_json(text: &str) -> Result<Remarks, SheetError> {
        Ok(serde_json::from_str(text)?)
    }
}
