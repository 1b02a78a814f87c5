//! The words of `borgerpanel central …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::CentralStaffArgs;

/// Where a central keeps its databases, keys and settings.
#[derive(Debug, Args)]
pub struct CentralData {
    #[arg(long, value_name = "DIR", default_value = "data/central")]
    pub data: PathBuf,
}

/// `borgerpanel central …`
#[derive(Debug, Subcommand)]
pub enum CentralCommand {
    /// Make a central's databases and keys
    Init(CentralInitArgs),
    /// Make a central's keys alone, as on an inner machine
    Keygen(CentralKeygenArgs),
    /// Receive from kiosks, serve the site and take answers from homes
    Run(CentralRunArgs),
    /// Build and sign what kiosks are to show; they fetch it while syncing
    Release(CentralReleaseArgs),
    /// Make a one-time code for a new kiosk
    Enroll(CentralEnrollArgs),
    /// Take in what `kiosk export` wrote to a stick; may run beside `central run`
    Import(CentralImportArgs),
    /// The kiosks, and what came from each; `kiosks revoke NAME` shuts one out
    Kiosks(CentralKiosksArgs),
    /// On an inner machine: open what a central with `keep_sealed` kept, out of its backups
    Open(CentralOpenArgs),
    /// Prove that nothing is missing; exit 1 where something is
    Audit(CentralAuditArgs),
    /// What could not be stored as it came; `quarantine accept|reject ID` decides
    Quarantine(CentralQuarantineArgs),
    /// Erase responses that were kept for as long as their survey promised, or single ones
    Erase(CentralEraseArgs),
    /// Copy all of it into an encrypted file; beside `central run`
    Backup(CentralBackupArgs),
    /// Make a central out of a backup
    Restore(CentralRestoreArgs),
    /// List a survey's private answers (a prize draw, "kontakt mig"), or erase them after use
    Private(CentralPrivateArgs),
    /// Who may use the staff pages, and their passwords
    Staff(CentralStaffArgs),
}

/// `borgerpanel central init`
#[derive(Debug, Args)]
pub struct CentralInitArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// Answers stay sealed here: the folder with the seal.pub and recovery.pub of the inner machine
    #[arg(long, value_name = "DIR")]
    pub keep_sealed: Option<PathBuf>,
}

/// `borgerpanel central keygen`
#[derive(Debug, Args)]
pub struct CentralKeygenArgs {
    #[command(flatten)]
    pub at: CentralData,
}

/// `borgerpanel central run`
#[derive(Debug, Args)]
pub struct CentralRunArgs {
    #[command(flatten)]
    pub at: CentralData,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub theme: Option<PathBuf>,
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    pub listen: String,
}

/// `borgerpanel central release`
#[derive(Debug, Args)]
pub struct CentralReleaseArgs {
    #[command(flatten)]
    pub at: CentralData,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub theme: Option<PathBuf>,
    /// Also write the release here, for a stick
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel central enroll`
#[derive(Debug, Args)]
pub struct CentralEnrollArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// The kiosk's name, as in hovedbiblioteket
    #[arg(required_unless_present = "request")]
    pub name: Option<String>,
    /// Without a network: what `kiosk enroll --request` wrote
    #[arg(long, value_name = "FILE", requires = "reply", conflicts_with = "name")]
    pub request: Option<PathBuf>,
    /// Where the answer for the kiosk goes
    #[arg(long, value_name = "FILE", requires = "request")]
    pub reply: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel central import`
#[derive(Debug, Args)]
pub struct CentralImportArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// What `borgerpanel kiosk export` wrote, or the folder they are in
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Where the kiosk's receipts go: the stick
    #[arg(long, value_name = "DIR")]
    pub receipt: Option<PathBuf>,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub theme: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel central open`
#[derive(Debug, Args)]
pub struct CentralOpenArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// What `central backup` wrote there
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The file with the secret half of a key it was encrypted for, as `age-keygen` wrote it
    #[arg(long, value_name = "FILE")]
    pub identity: PathBuf,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub theme: Option<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel central kiosks`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct CentralKiosksArgs {
    #[command(flatten)]
    pub at: CentralData,
    #[arg(long)]
    pub json: bool,
    #[command(subcommand)]
    pub change: Option<KiosksChange>,
}

/// `borgerpanel central kiosks …`
#[derive(Debug, Subcommand)]
pub enum KiosksChange {
    /// From now on take in nothing that this kiosk signs: it was stolen, or is out of use
    Revoke(KiosksRevokeArgs),
}

/// `borgerpanel central kiosks revoke`
#[derive(Debug, Args)]
pub struct KiosksRevokeArgs {
    #[command(flatten)]
    pub at: CentralData,
    pub name: String,
}

/// `borgerpanel central audit`
#[derive(Debug, Args)]
pub struct CentralAuditArgs {
    #[command(flatten)]
    pub at: CentralData,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel central quarantine`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct CentralQuarantineArgs {
    #[command(flatten)]
    pub at: CentralData,
    #[arg(long)]
    pub json: bool,
    #[command(subcommand)]
    pub decision: Option<QuarantineDecision>,
}

/// `borgerpanel central quarantine …`
#[derive(Debug, Subcommand)]
pub enum QuarantineDecision {
    /// What waits; the same as without a word
    List(QuarantineListArgs),
    /// Judge it again and store it
    Accept(QuarantineVerdictArgs),
    /// Empty it for good
    Reject(QuarantineVerdictArgs),
}

/// `borgerpanel central quarantine list`
#[derive(Debug, Args)]
pub struct QuarantineListArgs {
    #[command(flatten)]
    pub at: CentralData,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel central quarantine accept` and `reject`
#[derive(Debug, Args)]
pub struct QuarantineVerdictArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// As `borgerpanel central quarantine` shows it
    pub id: String,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
}

/// `borgerpanel central erase`
#[derive(Debug, Args)]
pub struct CentralEraseArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// The numbers of responses or private answers, 32 digits each
    #[arg(value_name = "UID", required_unless_present = "due", requires = "reason")]
    pub uids: Vec<String>,
    /// Why; kept with what is left, so nothing personal
    #[arg(long)]
    pub reason: Option<String>,
    /// All that were kept for as long as `keep_answers_months` of their survey says
    #[arg(long, conflicts_with = "uids")]
    pub due: bool,
    /// Only say how many there are
    #[arg(long, requires = "due")]
    pub dry_run: bool,
}

/// `borgerpanel central backup`
#[derive(Debug, Args)]
pub struct CentralBackupArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// Replaced where it exists
    #[arg(required_unless_present = "rotate")]
    pub file: Option<PathBuf>,
    /// One into `[backup] directory` of central.toml, and those that are too old away, as `central run` does
    #[arg(long, conflicts_with = "file")]
    pub rotate: bool,
}

/// `borgerpanel central restore`
#[derive(Debug, Args)]
pub struct CentralRestoreArgs {
    #[command(flatten)]
    pub at: CentralData,
    pub file: PathBuf,
    /// The file with the secret half of a key it was encrypted for, as `age-keygen` wrote it
    #[arg(long, value_name = "FILE")]
    pub identity: PathBuf,
    /// The old folder's `erased.jsonl`: what was erased since the backup stays so. One that lies in the new
    /// folder is heard without being named
    #[arg(long, value_name = "FILE")]
    pub erased: Option<PathBuf>,
}

/// `borgerpanel central private`
#[derive(Debug, Args)]
pub struct CentralPrivateArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// The survey's name in its address
    pub survey: String,
    #[arg(long, conflicts_with_all = ["csv", "erase"])]
    pub json: bool,
    #[arg(long, conflicts_with = "erase")]
    pub csv: bool,
    /// Erase them for good; how many there were stays known
    #[arg(long)]
    pub erase: bool,
}
