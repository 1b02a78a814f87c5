//! `borgerpanel kiosk`

mod enroll;
mod event;
mod install;
mod pin;
mod release;
pub mod run;
mod salvage;
pub mod settings;
mod shell;
mod showing;
mod status;
mod sync;
mod torture;

use crate::cli::{KioskCommand, Verdict};
use crate::error::Result;

/// Runs the command.
pub fn run(command: &KioskCommand) -> Result<Verdict> {
    match command {
        KioskCommand::Run(args) => run::run(args),
        KioskCommand::Enroll(args) => enroll::run(args),
        KioskCommand::Status(args) => status::run(args),
        KioskCommand::Sync(args) => sync::run(args),
        KioskCommand::Salvage(args) => salvage::run(args),
        KioskCommand::Release(args) => release::run(args),
        KioskCommand::Install(args) => install::run(args),
        KioskCommand::Shell(args) => shell::run(args),
        KioskCommand::Pin => pin::run(),
        KioskCommand::Torture(args) => torture::run(args),
    }
}
