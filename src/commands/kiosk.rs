//! `borgerpanel kiosk`

mod enroll;
pub mod settings;
mod status;
mod sync;

use crate::cli::{KioskCommand, Verdict};
use crate::error::{Error, Result};

/// Runs the command.
pub fn run(command: &KioskCommand) -> Result<Verdict> {
    match command {
        KioskCommand::Run(_) => Err(Error::new("run kiosk").hint("this command is being built")),
        KioskCommand::Enroll(args) => enroll::run(args),
        KioskCommand::Status(args) => status::run(args),
        KioskCommand::Sync(args) => sync::run(args),
    }
}
