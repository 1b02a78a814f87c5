//! `borgerpanel fmt`

use crate::cli::{FmtArgs, Verdict};
use crate::error::{Error, Result};

/// Runs the command.
pub fn run(_args: &FmtArgs) -> Result<Verdict> {
    Err(Error::new("run fmt").hint("this command is being built"))
}
