//! `borgerpanel demo`

use crate::cli::{DemoArgs, Verdict};
use crate::error::{Error, Result};

/// Runs the command.
pub fn run(_args: &DemoArgs) -> Result<Verdict> {
    Err(Error::new("run demo").hint("this command is being built"))
}
