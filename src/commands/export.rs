//! `borgerpanel export`

use crate::cli::{ExportArgs, ExportFormat, Verdict};
use crate::error::{Error, Result};

/// Runs the command.
pub fn run(args: &ExportArgs) -> Result<Verdict> {
    if args.format != ExportFormat::Xlsform {
        return Err(Error::new("export").hint("x"));
    }
    Ok(Verdict::Fine)
}
