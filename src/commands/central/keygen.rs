//! `borgerpanel central keygen`: makes a central's keys and nothing else.

use crate::cli::{CentralKeygenArgs, Verdict};
use crate::console::say;
use crate::error::Result;
use crate::sync::keys;

/// Runs the command. Keys that are there are kept; where none is missing the verdict is no.
pub fn run(args: &CentralKeygenArgs) -> Result<Verdict> {
    let data = &args.at.data;
    let folder = data.join(keys::FOLDER);
    if keys::load(data).is_ok() {
        say!("the keys in {} are there already; nothing was changed", folder.display())?;
        return Ok(Verdict::No);
    }
    keys::make(data)?;
    say!("made the keys in {}:", folder.display())?;
    say!("  seal.key      opens answers: keep a copy in a safe")?;
    say!("  recovery.key  opens them, too: carry it to another safe, it must not stay here")?;
    say!("  seal.pub and recovery.pub are for `borgerpanel central init --keep-sealed DIR`")?;
    say!("a lost key is a lost survey: nobody can open without one of the two")?;
    Ok(Verdict::Fine)
}
