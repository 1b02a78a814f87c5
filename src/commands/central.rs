//! `borgerpanel central`

use crate::cli::{CentralCommand, Verdict};
use crate::error::{Error, Result};

/// Runs the command.
pub fn run(_args: &CentralCommand) -> Result<Verdict> {
    Err(Error::new("run central").hint("this command is being built"))
}
