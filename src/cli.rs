//! What the user typed, and which command answers it.

mod central;
mod panel;
mod results;
mod results_audit;
mod staff;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use central::*;
pub use panel::*;
pub use results::*;
pub use results_audit::*;
pub use staff::*;

use crate::commands;
use crate::error::{Context, Result};

/// Surveys in Markdown become a site, a kiosk that collects offline, and a central SQLite.
#[derive(Debug, Parser)]
#[command(name = "borgerpanel", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything on this machine: a site, a central, and one kiosk that syncs to it
    Demo(DemoArgs),
    /// Write a commented example to start from
    New(NewArgs),
    /// Say what is wrong in surveys and pages, where, and how to mend it
    Check(CheckArgs),
    /// Tell an editor what is wrong while a survey is written (docs/editors.md)
    Lsp(LspArgs),
    /// Write missing ids into surveys and tidy their attributes; never changes the meaning
    Fmt(FmtArgs),
    /// Make the static site
    Build(BuildArgs),
    /// Show phone, kiosk and text side by side, following every save; answers go nowhere
    Preview(PreviewArgs),
    /// Take over a survey from XLSForm or LimeSurvey, and say what does not come along
    Import(ImportArgs),
    /// Write a survey or its answers for another program
    Export(ExportArgs),
    /// Make one file that is a whole kiosk: copy it, run it
    Pack(PackArgs),
    /// The kiosk: collects answers on this machine, offline too
    #[command(subcommand)]
    Kiosk(KioskCommand),
    /// The central: receives what the kiosks collected
    #[command(subcommand)]
    Central(CentralCommand),
    /// The panel's members
    #[command(subcommand)]
    Panel(PanelCommand),
    /// Invite members to a survey, or remind them
    Invite(InviteArgs),
    /// What the answers say of the city
    Results(Box<ResultsArgs>),
}

/// `borgerpanel demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The kiosk's port; the central takes the next free one from 8090
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Fill in this many made-up answers through the kiosk
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub answers: u32,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    /// Where the demo keeps its databases
    #[arg(long, value_name = "DIR", default_value = "data/demo")]
    pub data: PathBuf,
}

/// What `borgerpanel new` can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NewKind {
    Survey,
    Page,
    Panel,
    Theme,
}

/// `borgerpanel new`
#[derive(Debug, Args)]
pub struct NewArgs {
    pub kind: NewKind,
    /// The name in the address, or of the folder: lower-case letters, digits and hyphens
    pub slug: String,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
}

/// The language of messages to authors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MessageLanguage {
    Da,
    En,
}

/// `borgerpanel check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// A content folder or one file in it
    #[arg(default_value = "content")]
    pub path: PathBuf,
    /// Count warnings as errors, and require an id on every question
    #[arg(long)]
    pub strict: bool,
    /// One JSON array of diagnostics; with --watch, one on a line after every change
    #[arg(long)]
    pub json: bool,
    /// Check again whenever a file changes, until Ctrl-C
    #[arg(long)]
    pub watch: bool,
    /// The language of messages; the site's own where nothing is said
    #[arg(long)]
    pub lang: Option<MessageLanguage>,
}

/// `borgerpanel lsp`
#[derive(Debug, Args)]
pub struct LspArgs {
    /// The language of messages; the site's own where nothing is said
    #[arg(long)]
    pub lang: Option<MessageLanguage>,
    /// Editors pass it by habit; standard input and output are used in any case
    #[arg(long, hide = true)]
    pub stdio: bool,
}

/// `borgerpanel fmt`
#[derive(Debug, Args)]
pub struct FmtArgs {
    /// A content folder or one file in it
    #[arg(default_value = "content")]
    pub path: PathBuf,
    /// Change nothing; exit 1 where something would change
    #[arg(long)]
    pub check: bool,
}

/// `borgerpanel build`
#[derive(Debug, Args)]
pub struct BuildArgs {
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    /// Files that take the place of the built-in theme's
    #[arg(long, value_name = "DIR")]
    pub theme: Option<PathBuf>,
    #[arg(long, value_name = "DIR", default_value = "public")]
    pub out: PathBuf,
}

/// `borgerpanel preview`
#[derive(Debug, Clone, Args)]
pub struct PreviewArgs {
    /// The website's port, or the next free one; the kiosk's pages take the one after it
    #[arg(long, default_value_t = 8000)]
    pub port: u16,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub theme: Option<PathBuf>,
}

/// `borgerpanel import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// An XLSForm (.xlsx), or a LimeSurvey structure (.lss, .txt, .tsv)
    pub file: PathBuf,
    #[arg(long, value_name = "DIR", default_value = "content/surveys")]
    pub to: PathBuf,
    /// Write over files that are there
    #[arg(long)]
    pub force: bool,
    /// The report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What `borgerpanel export` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    Csv,
    Xlsx,
    Sav,
    R,
    Ddi,
    Datapackage,
    Xlsform,
}

/// `borgerpanel export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub at: CentralData,
    /// The survey's name, as in its address
    pub survey: String,
    #[arg(long)]
    pub format: ExportFormat,
    /// A file, of `datapackage` a folder; other files of the format lie beside it
    #[arg(long, value_name = "PATH")]
    pub out: PathBuf,
    /// Read answers from this file, a response as JSON on each line, and not from the central
    #[arg(long, value_name = "FILE")]
    pub responses: Option<PathBuf>,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    /// The report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel pack`
#[derive(Debug, Args)]
pub struct PackArgs {
    /// The kiosk whose settings are packed
    #[command(flatten)]
    pub at: KioskData,
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[arg(long, value_name = "DIR", default_value = "content")]
    pub content: PathBuf,
    #[arg(long, value_name = "DIR")]
    pub theme: Option<PathBuf>,
    /// Also the kiosk's enrolment and its key: for one machine alone
    #[arg(long)]
    pub with_enrolment: bool,
}

/// Where a component keeps its databases, keys and settings.
#[derive(Debug, Args)]
pub struct KioskData {
    #[arg(long, value_name = "DIR", default_value = "data/kiosk")]
    pub data: PathBuf,
}

/// `borgerpanel kiosk …`
#[derive(Debug, Subcommand)]
pub enum KioskCommand {
    /// Serve the surveys and collect answers
    Run(KioskRunArgs),
    /// Make this kiosk known to a central, with the code `central enroll` printed
    Enroll(KioskEnrollArgs),
    /// What is stored, what is sent
    Status(KioskStatusArgs),
    /// Send what is stored now; may run beside `kiosk run`
    Sync(KioskSyncArgs),
    /// Write what is not sent yet to a stick, for `central import`; may run beside `kiosk run`
    Export(KioskExportArgs),
    /// Take back from the stick what the central signed for
    Receipt(KioskReceiptArgs),
    /// Read what is left of a damaged database; without FILE, say what was set aside
    Salvage(KioskSalvageArgs),
    /// Take a release from a file (a stick); may run beside `kiosk run`, which then shows it
    Release(KioskReleaseArgs),
    /// Make this Debian machine a kiosk: units, policy and limits, by files alone
    Install(KioskInstallArgs),
    /// Show the kiosk's page in a full-screen browser, and watch over it
    Shell(KioskShellArgs),
    /// Read a PIN for staff from standard input, and print its line for kiosk.toml
    Pin,
    /// Find out whether a disk keeps what it says it has written: pull the plug while this runs
    Torture(KioskTortureArgs),
}

/// `borgerpanel kiosk run`
#[derive(Debug, Args)]
pub struct KioskRunArgs {
    #[command(flatten)]
    pub at: KioskData,
    /// Show this folder, whatever releases there are [default: the release; without one, content]
    #[arg(long, value_name = "DIR")]
    pub content: Option<PathBuf>,
    #[arg(long, value_name = "DIR")]
    pub theme: Option<PathBuf>,
    /// [default: the setting `listen`, 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
}

/// `borgerpanel kiosk release`
#[derive(Debug, Args)]
pub struct KioskReleaseArgs {
    #[command(flatten)]
    pub at: KioskData,
    /// What `borgerpanel central release --out FILE` wrote
    pub file: PathBuf,
}

/// `borgerpanel kiosk enroll`
#[derive(Debug, Args)]
pub struct KioskEnrollArgs {
    #[command(flatten)]
    pub at: KioskData,
    /// The central's address, as in `https://panel.example.dk`
    #[arg(long, value_name = "URL")]
    pub central: String,
    #[arg(long)]
    pub code: String,
    /// Without a network, first: write this file, for `central enroll --request`
    #[arg(long, value_name = "FILE", conflicts_with = "reply")]
    pub request: Option<PathBuf>,
    /// Without a network, then: read what `central enroll` wrote
    #[arg(long, value_name = "FILE")]
    pub reply: Option<PathBuf>,
}

/// `borgerpanel kiosk status`
#[derive(Debug, Args)]
pub struct KioskStatusArgs {
    #[command(flatten)]
    pub at: KioskData,
    /// As a code for a phone's photo, to send to whoever helps
    #[arg(long, conflicts_with = "json")]
    pub qr: bool,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel kiosk salvage`
#[derive(Debug, Args)]
pub struct KioskSalvageArgs {
    #[command(flatten)]
    pub at: KioskData,
    /// A kiosk.db, damaged or not, with its -wal beside it; it is only read
    #[arg(value_name = "FILE", conflicts_with = "done")]
    pub file: Option<PathBuf>,
    /// Somebody has looked: ends the alarm about what was set aside
    #[arg(long)]
    pub done: bool,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel kiosk sync`
#[derive(Debug, Args)]
pub struct KioskSyncArgs {
    #[command(flatten)]
    pub at: KioskData,
    /// Also private answers that wait for others to hide among: before a kiosk is taken away
    #[arg(long)]
    pub all: bool,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel kiosk export`
#[derive(Debug, Args)]
pub struct KioskExportArgs {
    #[command(flatten)]
    pub at: KioskData,
    /// A folder on the stick
    #[arg(value_name = "DIR")]
    pub to: PathBuf,
    /// Everything that is still here, sent or not: after the central was set back
    #[arg(long)]
    pub again: bool,
    /// Also private answers that wait for others to hide among: before a kiosk is taken away
    #[arg(long)]
    pub all: bool,
    #[arg(long)]
    pub json: bool,
}

/// `borgerpanel kiosk receipt`
#[derive(Debug, Args)]
pub struct KioskReceiptArgs {
    #[command(flatten)]
    pub at: KioskData,
    /// What `borgerpanel central import --receipt` wrote, or the folder they are in
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// `borgerpanel kiosk torture`
#[derive(Debug, Args)]
pub struct KioskTortureArgs {
    /// A folder on the disk to be tested
    #[arg(long, value_name = "DIR")]
    pub disk: PathBuf,
    /// Where numbers are told, too: a file on another disk, or HOST:PORT of another machine
    #[arg(long, value_name = "FILE|ADDRESS")]
    pub witness: Option<String>,
    /// After the plug was pulled: the last number that was shown
    #[arg(long, value_name = "NUMBER")]
    pub acknowledged: Option<u64>,
    /// Write for so long at most
    #[arg(long, value_name = "N", default_value_t = 600)]
    pub seconds: u64,
}

/// `borgerpanel kiosk install`
#[derive(Debug, Args)]
pub struct KioskInstallArgs {
    /// Print every file that would be written, and write none
    #[arg(long)]
    pub dry_run: bool,
    /// Where the kiosk keeps its database, key and settings; its `hours` decide the nightly restart
    #[arg(long, value_name = "DIR", default_value = "/var/lib/borgerpanel-kiosk")]
    pub data: PathBuf,
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Write below this folder, as for an image of a disk
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Write over files that somebody changed; theirs are kept beside, as FILE.before
    #[arg(long)]
    pub force: bool,
}

/// `borgerpanel kiosk shell`
#[derive(Debug, Args)]
pub struct KioskShellArgs {
    /// Where `borgerpanel kiosk run` listens
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub server: String,
    /// The program to start
    #[arg(long, value_name = "PROGRAM", default_value = "chromium")]
    pub browser: PathBuf,
    /// How long the page may be silent, in seconds; it gives a sign of life every 10
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub patience: u64,
}

/// What a command that could run answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Fine,
    /// The answer is no: authoring errors, a failed audit, a file `fmt --check` would change.
    No,
    /// It was asked for its help, or asked in words it does not know: clap has said so.
    Explained(u8),
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> ExitCode {
        match verdict {
            Verdict::Fine => ExitCode::SUCCESS,
            Verdict::No => ExitCode::from(1),
            Verdict::Explained(code) => ExitCode::from(code),
        }
    }
}

/// Parses the command line and runs it. Wrong words are explained by clap, and the exit code is 2.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Result<Verdict> {
    let args = as_a_kiosk(args.into_iter().collect())?;
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(words) => return explain(&words),
    };
    match cli.command {
        Command::Demo(args) => commands::demo::run(&args),
        Command::New(args) => commands::new::run(&args),
        Command::Check(args) => commands::check::run(&args),
        Command::Lsp(args) => commands::lsp::run(&args),
        Command::Fmt(args) => commands::fmt::run(&args),
        Command::Build(args) => commands::build::run(&args),
        Command::Preview(args) => commands::preview::run(&args),
        Command::Import(args) => commands::import::run(&args),
        Command::Export(args) => commands::export::run(&args),
        Command::Pack(args) => commands::pack::run(&args),
        Command::Kiosk(command) => commands::kiosk::run(&command),
        Command::Central(command) => commands::central::run(&command),
        Command::Panel(command) => commands::panel::run(&command),
        Command::Invite(args) => commands::invite::run(&args),
        Command::Results(args) => commands::results::run(&args),
    }
}

/// A packed program that is started without a word is a kiosk.
fn as_a_kiosk(mut args: Vec<OsString>) -> Result<Vec<OsString>> {
    if args.len() == 1 {
        match commands::pack::carried::own_cargo()? {
            Some(_) => args.extend(["kiosk", "run"].map(OsString::from)),
            None => commands::pack::carried::refuse_broken_off()?,
        }
    }
    Ok(args)
}

/// Shows the help that was asked for, or what is wrong with the words.
fn explain(words: &clap::Error) -> Result<Verdict> {
    words.print().during("write to the terminal")?;
    let code = u8::try_from(words.exit_code()).unwrap_or(2);
    Ok(Verdict::Explained(code))
}
