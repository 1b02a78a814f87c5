//! `borgerpanel central init`: makes a central's database, keys and settings.

use std::fs;
use std::path::Path;

use super::{settings, staff};
use crate::cli::{CentralInitArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::settings::write_example;
use crate::console::say;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::store::central::FILE;
use crate::store::central::log::Entry;
use crate::store::central::staff::{Role, Staff};
use crate::store::{Central, Options};
use crate::sync::keys;

/// The first administrator's name.
const FIRST: &str = "admin";

/// Switches the setting on in a file that was just written.
fn keep_sealed(path: &Path) -> Result<()> {
    let text = fs::read_to_string(path).during_at("read the settings", path)?;
    let switched = text.replacen("#keep_sealed = false", "keep_sealed = true", 1);
    replace_file(path, switched.as_bytes(), Access::Shared)?;
    if settings::CentralSettings::load(path.parent().unwrap_or(Path::new(".")))?.keep_sealed {
        return Ok(());
    }
    Err(Error::new("keep answers sealed")
        .path(path)
        .source("the settings that were there already say otherwise")
        .hint("write `keep_sealed = true` into it"))
}

/// Runs the command. What is there already is kept; where nothing is missing the verdict is no.
pub fn run(args: &CentralInitArgs) -> Result<Verdict> {
    let folder = &args.at.data;
    if folder.join(FILE).exists() && keys::load(folder).is_ok() {
        say!("{} is a central already; nothing was changed", folder.display())?;
        return Ok(Verdict::No);
    }
    let central = Central::create(folder, Options::default())?;
    write_example(&folder.join(settings::FILE), settings::KEYS)?;
    match &args.keep_sealed {
        Some(from) => {
            keys::make_outer(folder, from)?;
            keep_sealed(&folder.join(settings::FILE))?;
        }
        None => keys::make(folder)?,
    }
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
    if args.keep_sealed.is_some() {
        say!(
            "\nAnswers stay sealed here. `central backup` makes what `central open` opens inside."
        )?;
    }
    let first = Staff { name: FIRST.to_owned(), role: Role::Administrator };
    match staff::admit(&central, &first)? {
        Some(password) => {
            say!("\nThe first administrator of the staff pages:\n")?;
            staff::say_password(FIRST, &password)?;
        }
        None => say!("\n`borgerpanel central staff password {FIRST}` gives {FIRST} a password.")?,
    }
    say!("\nNext: `borgerpanel central run`, then `borgerpanel central enroll NAME` for a kiosk.")?;
    Ok(Verdict::Fine)
}
