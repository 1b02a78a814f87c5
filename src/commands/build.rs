//! `borgerpanel build`

use crate::cli::{BuildArgs, Verdict};
use crate::error::{Error, Result};

/// Runs the command.
pub fn run(_args: &BuildArgs) -> Result<Verdict> {
    Err(Error::new("run build").hint("this command is being built"))
}
