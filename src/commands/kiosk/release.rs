//! `borgerpanel kiosk release FILE`: takes a release from a stick. A kiosk that runs beside shows it within
//! a second or two.

use crate::cli::{KioskReleaseArgs, Verdict};
use crate::console::say;
use crate::error::{Error, Result};
use crate::sync::enrol::Enrolment;
use crate::sync::release::manifest::Trust;
use crate::sync::release::shelf::Shelf;

/// Runs the command.
pub fn run(args: &KioskReleaseArgs) -> Result<Verdict> {
    let what = format!("use the release {}", args.file.display());
    let Some(enrolment) = Enrolment::load(&args.at.data)? else {
        return Err(Error::new(what)
            .source("this kiosk is not enrolled, so it cannot know whose signature to trust")
            .hint("first `borgerpanel kiosk enroll --central URL --code CODE`"));
    };
    let admission = &enrolment.admission;
    let trust = Trust::Pinned { key: &admission.verifying_key, central: admission.central_id };
    let installed = Shelf::of(&args.at.data).install(&args.file, trust);
    let (entry, is_new) = installed.map_err(|flaw| flaw.during(what))?;
    match is_new {
        true => say!("release {} of {} is in use now", entry.id, entry.made)?,
        false => say!("release {} of {} is in use already", entry.id, entry.made)?,
    }
    Ok(Verdict::Fine)
}
