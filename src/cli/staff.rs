//! The words of `borgerpanel central staff …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::CentralData;

/// `borgerpanel central staff`
#[derive(Debug, Args)]
pub struct CentralStaffArgs {
    #[command(subcommand)]
    pub deed: StaffDeed,
}

/// `borgerpanel central staff …`
#[derive(Debug, Subcommand)]
pub enum StaffDeed {
    /// Add somebody, and print their one-time password: an administrator, or with --panel of panels alone
    Add(StaffAddArgs),
    /// Everybody of the staff
    List(StaffListArgs),
    /// Print a new one-time password for somebody, whose sessions end
    Password(StaffNameArgs),
    /// Take somebody off the staff, whose sessions end
    Remove(StaffNameArgs),
    /// For somebody who has lost the phone: the password alone opens again
    SecondFactorOff(StaffNameArgs),
}

/// `borgerpanel central staff add`
#[derive(Debug, Args)]
pub struct StaffAddArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// A name or a mail address, as in anna or anna@example.dk
    pub name: String,
    /// Sees and does what is of this panel alone; may be given several times
    #[arg(long, value_name = "SLUG")]
    pub panel: Vec<String>,
    /// Where site.toml names the panels
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
}

/// `borgerpanel central staff list`
#[derive(Debug, Args)]
pub struct StaffListArgs {
    #[command(flatten)]
    pub at: CentralData,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel central staff password`, `remove` and `second-factor-off`
#[derive(Debug, Args)]
pub struct StaffNameArgs {
    #[command(flatten)]
    pub at: CentralData,
    pub name: String,
}
