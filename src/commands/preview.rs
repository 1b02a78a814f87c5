//! `borgerpanel preview`

pub mod watch;

use crate::cli::{PreviewArgs, Verdict};
use crate::error::{Error, Result};

/// Runs the command.
pub fn run(_args: &PreviewArgs) -> Result<Verdict> {
    Err(Error::new("run preview").hint("this command is being built"))
}
