//! `borgerpanel central staff`: who may use the staff pages. For whoever has the central's machine; all of it
//! may be done beside `central run`, which hears of it with the next request.

use std::path::Path;

use crate::cli::{StaffAddArgs, StaffDeed, StaffListArgs, StaffNameArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::crypto::{PinHash, random};
use crate::error::{Context, Error, Result};
use crate::site::content;
use crate::store::central::log::Entry;
use crate::store::central::staff::{Listed, Password, Role, Staff, read_name};
use crate::store::{Central, Options, StoreError};

/// Runs the command.
pub fn run(deed: &StaffDeed) -> Result<Verdict> {
    match deed {
        StaffDeed::Add(args) => add(args),
        StaffDeed::List(args) => list(args),
        StaffDeed::Password(args) => give_password(args),
        StaffDeed::Remove(args) => remove(args),
        StaffDeed::SecondFactorOff(args) => turn_factor_off(args),
    }
}

/// A one-time password: 100 random bits in letters that nobody mistakes for others, in groups.
pub fn one_time() -> String {
    /// Crockford's base32.
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    // 256 is a multiple of 32, so every letter is as likely.
    let letters: Vec<char> =
        random::<20>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// Adds somebody with a one-time password, which is returned; none where the name is taken.
pub fn admit(central: &Central, staff: &Staff) -> Result<Option<String>> {
    let password = one_time();
    let hash = Password::OneTime(PinHash::of(&password));
    let detail = match &staff.role {
        Role::Administrator => format!("{}, administrator", staff.name),
        Role::Panels(panels) => format!("{}, of {}", staff.name, panels.join(" ")),
    };
    let entry = entry("staff-added", &detail);
    // The day it is here is enough: nothing depends on it.
    let day = SystemClock.now().to_string()[..10].to_owned();
    let is_new = stored(central, central.add_staff(staff, &hash, &day, &entry))?;
    Ok(is_new.then_some(password))
}

/// What is printed for whoever carries it to them.
pub fn say_password(name: &str, password: &str) -> Result<()> {
    say!("  user      {name}")?;
    say!("  password  {password}")?;
    say!(
        "\nIt is for one login at /staff/login, where they choose their own; it is not shown again."
    )
}

fn add(args: &StaffAddArgs) -> Result<Verdict> {
    let central = Central::open(&args.at.data, Options::default())?;
    let name = read_name(&args.name).ok_or_else(|| {
        Error::new(format!("add {}", args.name)).source("it is no name of staff").hint(
            "letters, digits, `.`, `-`, `_` and `@`, at most 40, beginning with a letter or a digit; \
             `console` and the like are taken by the log",
        )
    })?;
    require_panels(&args.content, &args.panel)?;
    let role = match args.panel.is_empty() {
        true => Role::Administrator,
        false => Role::Panels(args.panel.clone()),
    };
    let staff = Staff { name, role };
    let Some(password) = admit(&central, &staff)? else {
        say!(
            "there is somebody called {} already; `borgerpanel central staff password {}` gives \
             them a new password",
            staff.name,
            staff.name
        )?;
        return Ok(Verdict::No);
    };
    match &staff.role {
        Role::Administrator => say!("added {}, who may see and do everything\n", staff.name)?,
        Role::Panels(panels) => say!("added {}, of {}\n", staff.name, panels.join(" and "))?,
    }
    say_password(&staff.name, &password)?;
    Ok(Verdict::Fine)
}

/// A slip of the pen would give somebody a panel that there is not.
fn require_panels(content: &Path, panels: &[String]) -> Result<()> {
    if panels.is_empty() {
        return Ok(());
    }
    if !content.join("site.toml").is_file() {
        return say!("no site.toml in {}: take care to spell panels as it does", content.display());
    }
    let known: Vec<String> = content::load(content)?.config.panels.into_keys().collect();
    match panels.iter().find(|panel| !known.contains(panel)) {
        None => Ok(()),
        Some(unknown) => Err(Error::new(format!("find the panel {unknown}"))
            .path(content.join("site.toml"))
            .source(match known.is_empty() {
                true => "it has no panels".to_owned(),
                false => format!("its panels are {}", known.join(", ")),
            })
            .hint("name one of its [panels], or the content folder with --content")),
    }
}

fn list(args: &StaffListArgs) -> Result<Verdict> {
    let central = Central::open(&args.at.data, Options::default())?;
    let staff = stored(&central, central.staff())?;
    if args.json {
        say!("{}", serde_json::to_string(&staff).during("write the staff as JSON")?)?;
    } else if staff.is_empty() {
        say!("there is nobody yet: `borgerpanel central staff add NAME` adds an administrator")?;
    } else {
        print(&staff)?;
    }
    Ok(Verdict::Fine)
}

fn print(staff: &[Listed]) -> Result<()> {
    let width = staff.iter().map(|one| one.name.chars().count()).max().unwrap_or(0).max(4);
    say!("{:width$}  added       second factor  sees", "name")?;
    for one in staff {
        let sees = match one.role {
            "administrator" => "everything".to_owned(),
            _ => one.panels.join(" "),
        };
        let waits =
            if one.must_change { ", has not logged in with the one-time password" } else { "" };
        let factor = if one.second_factor { "on" } else { "off" };
        say!("{:width$}  {}  {factor:13}  {sees}{waits}", one.name, one.created)?;
    }
    Ok(())
}

fn give_password(args: &StaffNameArgs) -> Result<Verdict> {
    let central = Central::open(&args.at.data, Options::default())?;
    let (name, password) = (plain(&args.name), one_time());
    let hash = Password::OneTime(PinHash::of(&password));
    let entry = entry("password-given", &name);
    if !stored(&central, central.set_password(&name, &hash, &entry))? {
        return nobody(&name);
    }
    say!("{name} has a new one-time password, and is logged out everywhere\n")?;
    say_password(&name, &password)?;
    Ok(Verdict::Fine)
}

fn remove(args: &StaffNameArgs) -> Result<Verdict> {
    let central = Central::open(&args.at.data, Options::default())?;
    let name = plain(&args.name);
    if !stored(&central, central.remove_staff(&name, &entry("staff-removed", &name)))? {
        return nobody(&name);
    }
    say!("{name} is off the staff, and logged out everywhere")?;
    let left = stored(&central, central.staff())?;
    if !left.iter().any(|one| one.role == "administrator") {
        say!("there is no administrator now: `borgerpanel central staff add NAME` adds one")?;
    }
    Ok(Verdict::Fine)
}

fn turn_factor_off(args: &StaffNameArgs) -> Result<Verdict> {
    let central = Central::open(&args.at.data, Options::default())?;
    let name = plain(&args.name);
    let entry = entry("second-factor-off", &name);
    if !stored(&central, central.set_factor(&name, None, &entry))? {
        say!(
            "there is nobody called {name} with a second factor; `borgerpanel central staff list`"
        )?;
        return Ok(Verdict::No);
    }
    say!("{name} logs in with the password alone, until they switch it on again")?;
    Ok(Verdict::Fine)
}

fn nobody(name: &str) -> Result<Verdict> {
    say!("there is nobody called {name}; `borgerpanel central staff list` has all names")?;
    Ok(Verdict::No)
}

/// As names are kept; one that cannot be one is nobody's.
fn plain(name: &str) -> String {
    read_name(name).unwrap_or_else(|| name.to_owned())
}

fn entry(action: &'static str, detail: &str) -> Entry {
    Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action,
        detail: detail.to_owned(),
    }
}

fn stored<T>(central: &Central, done: std::result::Result<T, StoreError>) -> Result<T> {
    done.map_err(|error| error.at("read or write", central.path()))
}

#[cfg(test)]
mod tests {
    use super::one_time;

    #[test]
    fn one_time_passwords_are_long_different_and_easily_read_out() {
        let (one, other) = (one_time(), one_time());
        assert_ne!(one, other);
        assert_eq!(one.len(), 23);
        assert!(one.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-'));
    }
}
