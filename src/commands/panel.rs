//! `borgerpanel panel`

mod bounces;
pub mod composition;
mod import;
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
        PanelCommand::Import(args) => import::run(args),
        PanelCommand::Composition(args) => composition::run(args),
        PanelCommand::Bounces(args) => bounces::run(args),
        PanelCommand::Simulate(args) => simulate::run(args),
    }
}
