//! The words of `borgerpanel results …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ResultsAuditArgs;
use crate::results::weights::Cap;

/// `borgerpanel results …`
#[derive(Debug, Subcommand)]
pub enum ResultsCommand {
    /// Weigh any CSV of respondents to the margins of a population
    Weight(ResultsWeightArgs),
    /// Shares and means of a CSV of respondents, with errors and intervals; never for publication
    Estimate(ResultsEstimateArgs),
    /// Say whether anybody could be found in what is published
    Audit(ResultsAuditArgs),
}

/// Whom to weigh, and to what.
#[derive(Debug, Args)]
pub struct ResultsSample {
    /// A CSV with a row a respondent, and for each variable of the targets a column of its name
    #[arg(long, value_name = "FILE")]
    pub respondents: PathBuf,
    /// The population: variable,category,population
    #[arg(long, value_name = "FILE")]
    pub targets: PathBuf,
    /// No weight is higher, if that can be; `none` is plain raking, for comparisons
    #[arg(long, value_name = "N|none", default_value = "5", value_parser = cap)]
    pub cap: Cap,
    /// Leave out who is not of the population; may be said more than once
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = scope)]
    pub out_of_scope: Vec<(String, String)>,
    /// Where the population's figures come from, if the targets file does not say
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
}

/// `borgerpanel results weight`
#[derive(Debug, Args)]
pub struct ResultsWeightArgs {
    #[command(flatten)]
    pub sample: ResultsSample,
    /// The column that tells respondents apart
    #[arg(long, value_name = "COLUMN")]
    pub id: String,
    /// Write id,w: one row for each who is in scope; the mean is 1
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel results estimate`
#[derive(Debug, Args)]
pub struct ResultsEstimateArgs {
    #[command(flatten)]
    pub sample: ResultsSample,
    /// The column that tells respondents apart, if it is not called id
    #[arg(long, value_name = "COLUMN", default_value = "id")]
    pub id: String,
    /// Every estimate at full precision, as one JSON array
    #[arg(long)]
    pub json: bool,
}

fn cap(word: &str) -> Result<Cap, String> {
    if word == "none" {
        return Ok(Cap::None);
    }
    let number = word.parse::<f64>().ok().filter(|it| (1.0..=1000.0).contains(it));
    number.map(Cap::At).ok_or_else(|| "a number from 1 to 1000, or `none`".to_owned())
}

fn scope(word: &str) -> Result<(String, String), String> {
    let (column, value) = word.split_once('=').ok_or("write COLUMN=VALUE")?;
    Ok((column.trim().to_owned(), value.trim().to_owned()))
}
