//! The companion file: what the house's own auditor may know beside the published files. It stands for the
//! insider who guesses the weights, holds the places of small cells, and is never published.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::pattern::Pattern;
use super::presence::Presence;
use super::protect::{Secret, Small};
use super::sheet::SheetError;

/// Where a central keeps its companions.
pub const FOLDER: &str = "companions";

/// A survey's, in the central's folder.
pub fn path(data: &Path, survey: &str) -> PathBuf {
    data.join(FOLDER).join(format!("{survey}.json"))
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    pub v: u32,
    pub survey: String,
    pub items: Vec<CompanionItem>,
    /// Every release that there was, of other answers each, the last one last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Release>,
}

/// What was published then, and of whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The file of its figures.
    pub file: String,
    /// The figures: the text of that file.
    pub figures: String,
    pub presence: Presence,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanionItem {
    pub question: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    pub tables: Vec<CompanionTable>,
}

/// As published, but for the figures: see [`super::protect::SecretTable`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanionTable {
    /// Empty: everybody.
    pub variable: String,
    pub groups: Vec<Vec<String>>,
    /// By group, the residual last.
    pub asked: Vec<u32>,
    /// By part, choice and group: unweighted whole percents, null where hidden.
    pub percents: Vec<Vec<Vec<Option<u32>>>>,
    pub targets: Vec<Small>,
}

impl Companion {
    pub fn new(survey: &str) -> Companion {
        Companion { v: 1, survey: survey.to_owned(), items: Vec::new(), releases: Vec::new() }
    }

    /// Adds an item that is published.
    pub fn add(&mut self, pattern: &Pattern, secret: &Secret) {
        let tables =
            pattern.tables.iter().zip(&secret.tables).map(|(table, secret)| CompanionTable {
                variable: table.variable.map_or("", |variable| variable.name()).to_owned(),
                groups: table.groups.clone(),
                asked: secret.asked.clone(),
                percents: secret.percents.clone(),
                targets: secret.targets.clone(),
            });
        self.items.push(CompanionItem {
            question: pattern.question.clone(),
            row: pattern.row.clone(),
            tables: tables.collect(),
        });
    }

    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string(self).expect("plain fields");
        text.push('\n');
        text
    }

    /// # Errors
    /// Where it is not such a file.
    pub fn from_json(text: &str) -> Result<Companion, SheetError> {
        Ok(serde_json::from_str(text)?)
    }
}
