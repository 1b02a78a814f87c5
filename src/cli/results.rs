//! The words of `borgerpanel results …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ResultsAuditArgs;
use crate::results::weights::Cap;

/// `borgerpanel results SURVEY …`, or one of its commands
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ResultsArgs {
    #[command(subcommand)]
    pub command: Option<ResultsCommand>,
    #[command(flatten)]
    pub publish: Option<ResultsPublishArgs>,
}

/// `borgerpanel results SURVEY`
#[derive(Debug, Args)]
pub struct ResultsPublishArgs {
    /// The survey's name, as in its address; it is closed
    pub survey: String,
    /// The central's folder
    // Not flattened as elsewhere: clap does not see an optional group that has another inside.
    #[arg(long, value_name = "DIR", default_value = "data/central")]
    pub data: PathBuf,
    /// Where the page and its data go; content/results/SURVEY is published by the next build
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Read answers from this file, a response as JSON on each line, and not from the central
    #[arg(long, value_name = "FILE")]
    pub responses: Option<PathBuf>,
    /// The population, in place of the file that the survey or the site names
    #[arg(long, value_name = "FILE")]
    pub targets: Option<PathBuf>,
    /// No weight is higher, if that can be; `none` is plain raking, for comparisons
    #[arg(long, value_name = "N|none", default_value = "5", value_parser = cap)]
    pub cap: Cap,
    /// An earlier release, also of a survey with some of the same people; DIR's own counts anyway
    #[arg(long, value_name = "DIR")]
    pub earlier: Vec<PathBuf>,
    /// Free texts that staff coded (`results themes`); a second file of a question is a second coder's
    #[arg(long, value_name = "FILE")]
    pub themes: Vec<PathBuf>,
    /// Where the file for the insider's audit goes, which is never published
    #[arg(long, value_name = "FILE")]
    pub companion: Option<PathBuf>,
    /// A page for the house alone, also while the survey is open; not into the content folder
    #[arg(long)]
    pub preview: bool,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub theme: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel results …`
#[derive(Debug, Subcommand)]
pub enum ResultsCommand {
    /// Write the texts of a question for staff to code in themes; never for publication
    Themes(ResultsThemesArgs),
    /// Weigh any CSV of respondents to the margins of a population
    Weight(ResultsWeightArgs),
    /// Shares and means of a CSV of respondents, with errors and intervals; never for publication
    Estimate(ResultsEstimateArgs),
    /// Say whether anybody could be found in what is published
    Audit(ResultsAuditArgs),
}

/// `borgerpanel results themes`
#[derive(Debug, Args)]
pub struct ResultsThemesArgs {
    /// The survey's name, as in its address
    pub survey: String,
    /// The id of the question that people answered in their own words
    pub question: String,
    /// The CSV; not inside the site
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Take over what is coded already in this file
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// The central's folder
    #[arg(long, value_name = "DIR", default_value = "data/central")]
    pub data: PathBuf,
    /// Read answers from this file, a response as JSON on each line, and not from the central
    #[arg(long, value_name = "FILE")]
    pub responses: Option<PathBuf>,
    /// The population, in place of the file that the survey or the site names
    #[arg(long, value_name = "FILE")]
    pub targets: Option<PathBuf>,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    #[arg(long)]
    pub json: bool,
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
    /// A survey by its name; or say --respondents
    pub survey: Option<String>,
    /// A CSV with a row a respondent, and for each variable of the targets a column of its name
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "survey",
        conflicts_with = "survey"
    )]
    #[arg(requires = "targets")]
    pub respondents: Option<PathBuf>,
    /// The population; of a survey in place of the file that it or the site names
    #[arg(long, value_name = "FILE")]
    pub targets: Option<PathBuf>,
    /// No weight is higher, if that can be; `none` is plain raking, for comparisons
    #[arg(long, value_name = "N|none", default_value = "5", value_parser = cap)]
    pub cap: Cap,
    /// Of a CSV: leave out who is not of the population; may be said more than once
    #[arg(long, value_name = "COLUMN=VALUE", value_parser = scope, conflicts_with = "survey")]
    pub out_of_scope: Vec<(String, String)>,
    /// Of a CSV: where the population's figures come from, if the targets file does not say
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
    /// Of a CSV: the column that tells respondents apart, if it is not called id
    #[arg(long, value_name = "COLUMN", default_value = "id")]
    pub id: String,
    /// The central's folder
    #[arg(long, value_name = "DIR", default_value = "data/central")]
    pub data: PathBuf,
    /// Of a survey: read answers from this file, a response as JSON on each line
    #[arg(long, value_name = "FILE", requires = "survey")]
    pub responses: Option<PathBuf>,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
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
