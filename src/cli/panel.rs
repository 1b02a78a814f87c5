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

fn up_to(most: u64) -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=most)
}
