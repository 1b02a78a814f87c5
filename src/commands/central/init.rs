//! `borgerpanel central init`: makes a central's database, keys and settings.

use super::settings;
use crate::cli::{CentralInitArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::settings::write_example;
use crate::console::say;
use crate::error::Result;
use crate::store::central::FILE;
use crate::store::central::log::Entry;
use crate::store::{Central, Options};
use crate::sync::keys;

/// Runs the command. What is there already is kept; where nothing is missing the verdict is no.
pub fn run(args: &CentralInitArgs) -> Result<Verdict> {
    let folder = &args.at.data;
    if folder.join(FILE).exists() && keys::load(folder).is_ok() {
        say!("{} is a central already; nothing was changed", folder.display())?;
        return Ok(Verdict::No);
    }
    let central = Central::create(folder, Options::default())?;
    keys::make(folder)?;
    write_example(&folder.join(settings::FILE), settings::KEYS)?;
    let entry = Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action: "init",
        detail: central.id().to_string(),
    };
    central.log(&entry).map_err(|error| error.at("write to the audit log of", central.path()))?;
    say!("made a central in {}", folder.display())?;
    if let Some(recovery) = keys::recovery_left_here(folder) {
        say!(
            "\nMove {} to a USB stick now and lock it away, best in two places:\n\
             if this machine is lost, nothing else can open what kiosks still hold.\n\
             It must not stay here, where whoever takes one key takes both.",
            recovery.display()
        )?;
    }
    say!("\nStaff pages are not built yet, so there is no password to keep.")?;
    say!("Next: `borgerpanel central run`, then `borgerpanel central enroll NAME` for a kiosk.")?;
    Ok(Verdict::Fine)
}
