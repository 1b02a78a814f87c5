//! `borgerpanel check`

use crate::cli::{CheckArgs, Verdict};
use crate::error::{Error, Result};

/// Runs the command.
pub fn run(_args: &CheckArgs) -> Result<Verdict> {
    Err(Error::new("run check").hint("this command is being built"))
}
