//! The rounds so far, `rounds.json` beside the numbers: what is being written, and what earlier pulls
//! showed.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::verdict::Judgement;
use crate::console::say;
use crate::durable::{self, Access};
use crate::error::{Context, Result};

const FILE: &str = "rounds.json";

/// The file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Book {
    pub open: Option<Round>,
    pub pulls: Vec<Pull>,
}

/// A round that was begun and not judged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Round {
    /// 32 hex digits.
    pub seed: String,
    /// As measured before the numbers began.
    pub syncs_per_second: u64,
}

/// A round that was judged.
#[derive(Debug, Serialize, Deserialize)]
pub struct Pull {
    pub acknowledged: u64,
    pub kept: u64,
    pub faults: usize,
    pub syncs_per_second: u64,
}

impl Book {
    /// An empty one where there is none. One that the disk damaged is none either: what it said of
    /// earlier rounds is gone, and the number noted still counts.
    pub fn load(folder: &Path) -> Book {
        let text = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Writes it so that the old or the new one is there.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).during("write the rounds down")?;
        durable::replace_file(&folder.join(FILE), text.as_bytes(), Access::Shared)
    }

    /// Closes the open round.
    pub fn judged(&mut self, judgement: &Judgement) {
        let round = self.open.take();
        self.pulls.push(Pull {
            acknowledged: judgement.acknowledged,
            kept: judgement.kept,
            faults: judgement.faults.len(),
            syncs_per_second: round.map_or(0, |round| round.syncs_per_second),
        });
    }

    /// A table of all pulls.
    pub fn show(&self) -> Result<()> {
        say!("\npull  acknowledged       kept  syncs/s  verdict")?;
        for (number, pull) in (1..).zip(&self.pulls) {
            let verdict = if pull.faults == 0 { "kept its word" } else { "LIED" };
            say!(
                "{number:>4}  {:>12}  {:>9}  {:>7}  {verdict}",
                pull.acknowledged,
                pull.kept,
                pull.syncs_per_second
            )?;
        }
        let lies = self.pulls.iter().filter(|pull| pull.faults > 0).count();
        say!("\n{} pulls, {lies} with losses", self.pulls.len())
    }
}
