//! The words of `borgerpanel results audit`.

use std::path::PathBuf;

use clap::Args;

/// `borgerpanel results audit`
#[derive(Debug, Args)]
pub struct ResultsAuditArgs {
    /// What was published, or is about to be: the folder with `data/results.csv` and `data/results.json`
    #[arg(value_name = "DIR")]
    pub results: PathBuf,
    /// An earlier release of the same survey, or one of another that the same people may have answered;
    /// may be said more than once
    #[arg(long, value_name = "DIR")]
    pub earlier: Vec<PathBuf>,
    /// The internal file that was made with the results: where the small cells are, and what an insider
    /// who guesses the weights would know
    #[arg(long, value_name = "FILE")]
    pub companion: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}
