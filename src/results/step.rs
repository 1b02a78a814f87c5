//! What was done so that weights exist: the method box of a page names every one of these.

use std::fmt;

use serde::Serialize;

/// One step off the plain way.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// A group was counted together with another.
    Merged {
        #[serde(flatten)]
        merged: Merged,
        /// No weights within the bounds would have met the margins otherwise; else the group was small.
        is_forced: bool,
    },
    /// A margin is not weighted by.
    Dropped {
        variable: String,
        #[serde(flatten)]
        why: Dropped,
    },
    /// No weights up to `from` meet the margins, so they may go to `to`.
    Cap {
        from: f64,
        to: f64,
        /// It was proven that there are none; else they were not found in the sweeps that are allowed.
        is_proven: bool,
    },
}

/// Which group went where. Names of merged groups are their categories' ids, joined with `+`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Merged {
    pub variable: String,
    pub category: String,
    pub into: String,
    /// People of `category` in the sample.
    pub n: usize,
}

/// Why a margin is not weighted by.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Dropped {
    /// This share (0 to 1) of the sample is unknown by it.
    Unknown { share: f64 },
    /// A gender with few people, which is never merged.
    NeverMerged { category: String, n: usize },
    /// All of the sample is one group of it.
    OneGroup,
    /// It keeps the others from being met; this share of the sample's weight was missing.
    Unreachable { share: f64 },
}

impl Step {
    /// Taken because no weights within the bounds met all margins; else because of what the sample is.
    pub fn is_forced(&self) -> bool {
        match self {
            Step::Merged { is_forced, .. } => *is_forced,
            Step::Dropped { why, .. } => matches!(why, Dropped::Unreachable { .. }),
            Step::Cap { .. } => true,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Merged { merged: Merged { variable, category, into, n }, is_forced } => {
                write!(out, "{variable}: {category} ({n} people) is counted together with {into}")?;
                match is_forced {
                    true => write!(out, ", since no weights within the bounds met all margins"),
                    false => Ok(()),
                }
            }
            Step::Dropped { variable, why } => write!(out, "not weighted by {variable}: {why}"),
            Step::Cap { from, to, is_proven } => {
                let how = match is_proven {
                    true => "infeasible: no weights",
                    false => "not reached: no weights were found that",
                };
                write!(
                    out,
                    "cap {from} is {how} up to {from} meet all margins; they may go to {to}"
                )
            }
        }
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dropped::Unknown { share } => write!(out, "{:.0} % are unknown by it", 100.0 * share),
            Dropped::NeverMerged { category, n } => {
                write!(out, "{category} has {n} people, and genders are never merged")
            }
            Dropped::OneGroup => write!(out, "everybody is in one group of it"),
            Dropped::Unreachable { share } => {
                let share = 100.0 * share;
                write!(out, "it could not be met together with the others ({share:.1} % short)")
            }
        }
    }
}
