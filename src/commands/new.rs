//! `borgerpanel new`

use crate::cli::{NewArgs, Verdict};
use crate::error::{Error, Result};

/// Runs the command.
pub fn run(_args: &NewArgs) -> Result<Verdict> {
    Err(Error::new("run new").hint("this command is being built"))
}
