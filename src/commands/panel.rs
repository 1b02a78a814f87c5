//! `borgerpanel panel`

mod list;
mod member;
mod simulate;

use crate::cli::{PanelCommand, Verdict};
use crate::error::Result;

/// Runs the command.
pub fn run(command: &PanelCommand) -> Result<Verdict> {
    match command {
        PanelCommand::List(args) => list::run(args),
        PanelCommand::Show(args) => member::show(args),
        PanelCommand::Export(args) => member::export(args),
        PanelCommand::Erase(args) => member::erase(args),
        PanelCommand::Simulate(args) => simulate::run(args),
    }
}
