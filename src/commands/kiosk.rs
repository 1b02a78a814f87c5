//! `borgerpanel kiosk`

use crate::cli::{KioskCommand, Verdict};
use crate::error::{Error, Result};

/// Runs the command.
pub fn run(_args: &KioskCommand) -> Result<Verdict> {
    Err(Error::new("run kiosk").hint("this command is being built"))
}
