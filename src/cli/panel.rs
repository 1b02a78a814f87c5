//! The words of `borgerpanel panel …` and `borgerpanel invite`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::CentralData;

/// `borgerpanel panel …`
#[derive(Debug, Subcommand)]
pub enum PanelCommand {
    /// The panels, and how many members each has
    List(PanelListArgs),
    /// Everything that is known of one member
    Show(PanelMemberArgs),
    /// The same as a file, for the member who asks for it
    Export(PanelExportArgs),
    /// Erase a member; backups forget them when the old ones are thrown away
    Erase(PanelMemberArgs),
    /// Take in people who said yes elsewhere, from a table; each is asked by mail to confirm it
    Import(PanelImportArgs),
    /// How the panel is made up, beside the population: whole tens, small groups hidden
    Composition(PanelCompositionArgs),
    /// Read mails that came back, and mark the addresses that do not exist
    Bounces(PanelBouncesArgs),
    /// Send a year of surveys to made-up members, with and without `--balance`
    Simulate(PanelSimulateArgs),
}

/// `borgerpanel panel list`
#[derive(Debug, Args)]
pub struct PanelListArgs {
    #[command(flatten)]
    pub at: CentralData,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel panel show` and `erase`
#[derive(Debug, Args)]
pub struct PanelMemberArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// The member's e-mail address
    pub address: String,
}

/// `borgerpanel panel export`
#[derive(Debug, Args)]
pub struct PanelExportArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// The member's e-mail address
    pub address: String,
    /// Where the file goes, readable by you alone
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `borgerpanel panel import`
#[derive(Debug, Args)]
pub struct PanelImportArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// A table (CSV, UTF-8): email;birth_year;gender;district;education;language;panels
    pub file: PathBuf,
    /// Take in the rows that are fine where others are refused
    #[arg(long)]
    pub partial: bool,
    /// They are members at once, without a mail: who has their consents, and where they lie
    #[arg(long, value_name = "TEXT", value_parser = a_word)]
    pub confirmed_by: Option<String>,
    /// Only say what would be refused
    #[arg(long)]
    pub dry_run: bool,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub theme: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel panel composition`
#[derive(Debug, Args)]
pub struct PanelCompositionArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// One panel; all members without
    #[arg(value_name = "PANEL")]
    pub named: Option<String>,
    /// The same
    #[arg(long, value_name = "SLUG", conflicts_with = "named")]
    pub panel: Option<String>,
    /// Publish it there, at most once a quarter: `content/results/panel-<slug>` for the next build
    #[arg(long, value_name = "DIR", conflicts_with = "json")]
    pub out: Option<PathBuf>,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    /// The population; without, the file that site.toml names
    #[arg(long, value_name = "FILE")]
    pub targets: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel panel bounces`
#[derive(Debug, Args)]
pub struct PanelBouncesArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// Mails, mbox files, Maildir folders
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel invite`
#[derive(Debug, Args)]
pub struct InviteArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// The survey's name in its address; it says `sample: panel`
    pub survey: String,
    /// Only say whom it would reach
    #[arg(long)]
    pub dry_run: bool,
    /// Draw so many at random; all without
    #[arg(long, value_name = "N")]
    pub size: Option<usize>,
    /// Draw so that the answers to expect come closest to the population (content/targets)
    #[arg(long, requires = "size")]
    pub balance: bool,
    /// Remind those who have not answered, instead
    #[arg(long, conflicts_with_all = ["size", "letters"])]
    pub remind: bool,
    /// Letters instead of mails: a file for mail merge, with a code and a QR code for each
    #[arg(long, value_name = "FILE")]
    pub letters: Option<PathBuf>,
    /// Tell everybody who was invited what was answered, and what the city does (content/results/SURVEY.md)
    #[arg(long, conflicts_with_all = ["size", "letters", "remind", "unsure"])]
    pub findings: bool,
    /// Send what a crash left unsure once more: some may get it twice
    #[arg(long, conflicts_with_all = ["size", "letters", "remind", "dry_run"])]
    pub unsure: bool,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub theme: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel panel simulate`
#[derive(Debug, Args)]
pub struct PanelSimulateArgs {
    /// In the panel at the beginning
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = up_to(1_000_000))]
    pub members: u64,
    /// In the year
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = up_to(52))]
    pub surveys: u64,
    /// Invited to each
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = up_to(1_000_000))]
    pub size: u64,
    /// Another seed is another town, other members and other answers
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// The population that draws are balanced against
    #[arg(long, value_name = "FILE", default_value = "content/targets/koebenhavn.csv")]
    pub targets: PathBuf,
    #[arg(long)]
    pub json: bool,
}

/// Words that say something.
fn a_word(text: &str) -> Result<String, String> {
    match text.trim().is_empty() {
        true => Err("say who has their consents, and where they lie".to_owned()),
        false => Ok(text.to_owned()),
    }
}

fn up_to(most: u64) -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=most)
}
