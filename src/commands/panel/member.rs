//! `borgerpanel panel show`, `export` and `erase`: what members can do on their own page, done by staff for
//! somebody who rings. Each is in the central's log, without the address.

use std::path::Path;

use crate::cli::{PanelExportArgs, PanelMemberArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::panel::email::Email;
use crate::store::central::log::Entry;
use crate::store::members::Members;
use crate::store::members::member::Member;
use crate::store::{Central, Options};

/// Shows what is known of a member.
pub fn show(args: &PanelMemberArgs) -> Result<Verdict> {
    let Some((members, member)) = find(&args.at.data, &args.address)? else { return unknown() };
    log(&args.at.data, "member-shown", &member)?;
    say!("{}", in_json(&members, &member)?)?;
    Ok(Verdict::Fine)
}

/// Writes what is known of a member into a file.
pub fn export(args: &PanelExportArgs) -> Result<Verdict> {
    let Some((members, member)) = find(&args.at.data, &args.address)? else { return unknown() };
    log(&args.at.data, "member-exported", &member)?;
    replace_file(&args.out, in_json(&members, &member)?.as_bytes(), Access::Private)?;
    say!("{} has everything that is known of this member", args.out.display())?;
    Ok(Verdict::Fine)
}

/// Erases a member.
pub fn erase(args: &PanelMemberArgs) -> Result<Verdict> {
    let Some((members, member)) = find(&args.at.data, &args.address)? else { return unknown() };
    log(&args.at.data, "member-erased", &member)?;
    members
        .erase(&[member.id], "console", &SystemClock.today(&jiff::tz::TimeZone::UTC).to_string())
        .map_err(|error| error.at("erase a member in", members.path()))?;
    say!("erased; backups that were made before forget them when they are thrown away")?;
    Ok(Verdict::Fine)
}

fn unknown() -> Result<Verdict> {
    say!("nobody has signed up with this address")?;
    Ok(Verdict::No)
}

fn find(data: &Path, address: &str) -> Result<Option<(Members, Member)>> {
    let email = Email::read(address).map_err(|wrong| {
        Error::new(format!("look for {address:?}")).source(wrong).hint("write the whole address")
    })?;
    let members = Members::open(data)?;
    let found = members.by_email(&email).map_err(|error| error.at("read", members.path()))?;
    Ok(found.map(|member| (members, member)))
}

fn in_json(members: &Members, member: &Member) -> Result<String> {
    let dossier = members.dossier(member.id).map_err(|error| error.at("read", members.path()))?;
    serde_json::to_string_pretty(&dossier).during("write what is known of a member")
}

/// The member's random id says who it was for as long as there is such a member, and nothing after.
fn log(data: &Path, action: &'static str, member: &Member) -> Result<()> {
    let central = Central::open(data, Options::default())?;
    let entry = Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action,
        detail: member.id.to_string(),
    };
    central.log(&entry).map_err(|error| error.at("write to the audit log of", central.path()))
}
