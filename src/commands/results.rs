//! `borgerpanel results`

mod audit;
mod columns;
mod estimate;
mod people;
mod weight;

use crate::cli::{ResultsCommand, Verdict};
use crate::error::Result;

/// Runs the command.
pub fn run(command: &ResultsCommand) -> Result<Verdict> {
    match command {
        ResultsCommand::Weight(args) => weight::run(args),
        ResultsCommand::Estimate(args) => estimate::run(args),
        ResultsCommand::Audit(args) => audit::run(args),
    }
}
