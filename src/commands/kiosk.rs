//! `borgerpanel kiosk`

mod enroll;
mod event;
mod export;
mod install;
mod pin;
mod receipt;
mod release;
pub mod run;
mod salvage;
pub mod settings;
mod shell;
mod showing;
mod status;
mod sync;
mod torture;

use std::path::Path;

use crate::cli::{KioskCommand, Verdict};
use crate::error::{Error, Result};
use crate::sync::enrol::Enrolment;

/// Runs the command.
pub fn run(command: &KioskCommand) -> Result<Verdict> {
    match command {
        KioskCommand::Run(args) => run::run(args),
        KioskCommand::Enroll(args) => enroll::run(args),
        KioskCommand::Status(args) => status::run(args),
        KioskCommand::Sync(args) => sync::run(args),
        KioskCommand::Export(args) => export::run(args),
        KioskCommand::Receipt(args) => receipt::run(args),
        KioskCommand::Salvage(args) => salvage::run(args),
        KioskCommand::Release(args) => release::run(args),
        KioskCommand::Install(args) => install::run(args),
        KioskCommand::Shell(args) => shell::run(args),
        KioskCommand::Pin => pin::run(),
        KioskCommand::Torture(args) => torture::run(args),
    }
}

/// The enrolment, without which there is nobody to `send` to.
fn enrolled(folder: &Path, send: &str) -> Result<Enrolment> {
    Enrolment::load(folder)?.ok_or_else(|| {
        Error::new(send)
            .source("this kiosk is not enrolled at a central")
            .hint("run `borgerpanel kiosk enroll --central URL --code CODE`; answers wait here")
    })
}
