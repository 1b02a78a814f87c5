//! `borgerpanel central`

mod audit;
mod backup;
mod bureau;
mod enroll;
mod erase;
mod import;
mod init;
mod keygen;
mod kiosks;
mod open;
mod private;
mod quarantine;
pub mod release;
mod rounds;
pub mod run;
pub mod settings;
pub mod staff;

use crate::cli::{CentralCommand, Verdict};
use crate::error::Result;

/// Runs the command.
pub fn run(command: &CentralCommand) -> Result<Verdict> {
    match command {
        CentralCommand::Run(args) => run::run(args),
        CentralCommand::Init(args) => init::run(args),
        CentralCommand::Keygen(args) => keygen::run(args),
        CentralCommand::Release(args) => release::run(args),
        CentralCommand::Enroll(args) => enroll::run(args),
        CentralCommand::Import(args) => import::run(args),
        CentralCommand::Kiosks(args) => kiosks::run(args),
        CentralCommand::Open(args) => open::run(args),
        CentralCommand::Audit(args) => audit::run(args),
        CentralCommand::Backup(args) => backup::run(args),
        CentralCommand::Restore(args) => backup::restore(args),
        CentralCommand::Quarantine(args) => quarantine::run(args),
        CentralCommand::Erase(args) => erase::run(args),
        CentralCommand::Private(args) => private::run(args),
        CentralCommand::Staff(args) => staff::run(&args.deed),
    }
}
