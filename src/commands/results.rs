//! `borgerpanel results`

mod audit;
mod coded;
mod columns;
mod estimate;
mod folder;
mod gather;
mod items;
mod people;
mod publish;
mod themes;
mod weight;

pub use publish::draft::{Place, draft, quality};

use crate::cli::{ResultsArgs, ResultsCommand, Verdict};
use crate::error::{Error, Result};

/// Runs the command.
pub fn run(args: &ResultsArgs) -> Result<Verdict> {
    match (&args.command, &args.publish) {
        (Some(ResultsCommand::Themes(args)), _) => themes::run(args),
        (Some(ResultsCommand::Weight(args)), _) => weight::run(args),
        (Some(ResultsCommand::Estimate(args)), _) => estimate::run(args),
        (Some(ResultsCommand::Audit(args)), _) => audit::run(args),
        (None, Some(args)) => publish::run(args),
        (None, None) => Err(Error::new("publish results")
            .source("no survey is named")
            .hint("`borgerpanel results SURVEY --out DIR`")),
    }
}
