//! `borgerpanel central enroll`: makes a one-time code for a kiosk.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use crate::cli::{CentralEnrollArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::parcels;
use crate::console::say;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::server::seal::WEB;
use crate::store::central::log::Entry;
use crate::store::{Central, Options};
use crate::sync::enrol::{CODE_SECONDS, Code, Request};
use crate::sync::keys;
use crate::sync::reception::admit;

const NAME_BYTES_MAX: usize = 64;

/// More than any request has.
const BYTES_MAX: u64 = 64 * 1024;

/// Runs the command.
pub fn run(args: &CentralEnrollArgs) -> Result<Verdict> {
    if let (Some(request), Some(reply)) = (&args.request, &args.reply) {
        return admit_by_file(&args.at.data, request, reply);
    }
    let name = args.name.as_deref().unwrap_or_default();
    if !is_name(name) {
        return Err(Error::new(format!("enrol a kiosk called {name:?}")).hint(
            "use lower-case letters a to z, digits and hyphens, as in hovedbiblioteket; `web` is \
                 what answers from homes are called",
        ));
    }
    let central = Central::open(&args.at.data, Options::default())?;
    let (code, now) = (Code::random(), SystemClock.now());
    let expires = now.as_second() + CODE_SECONDS;
    let entry = Entry {
        at: now.to_string(),
        actor: "console".to_owned(),
        action: "code",
        detail: name.to_owned(),
    };
    central
        .add_code(code.hash(), name, expires, &entry)
        .map_err(|error| error.at("keep the code in", central.path()))?;
    let expires = Timestamp::from_second(expires).during("read the clock")?;
    if args.json {
        let code = code.to_string();
        say!("{}", json!({ "code": code, "kiosk": name, "expires": expires.to_string() }))?;
    } else {
        say!("{code}")?;
        say!("good once, for {name}, until {expires}; on the kiosk:")?;
        say!("  borgerpanel kiosk enroll --central URL --code {code}")?;
    }
    Ok(Verdict::Fine)
}

/// Lets a kiosk in that has no network: its request came on a stick, and the answer goes back on it.
fn admit_by_file(data: &Path, from: &Path, to: &Path) -> Result<Verdict> {
    let request: Request =
        serde_json::from_slice(&parcels::read(from, BYTES_MAX)?).map_err(|wrong| {
            Error::new("read a request to enrol")
                .path(from)
                .source(wrong)
                .hint("take what `borgerpanel kiosk enroll --request FILE` wrote")
        })?;
    let central = Central::open(data, Options::default())?;
    let keys = keys::load(data)?;
    let reply = admit(&central, &keys, SystemClock.now(), &request).map_err(|refusal| {
        Error::new("let a kiosk in").path(from).source(refusal).hint(
            "a code is good once and for a day: make another with `borgerpanel central enroll NAME`, \
             and use it at the kiosk",
        )
    })?;
    let json = serde_json::to_vec(&reply).during("write the answer")?;
    replace_file(to, &json, Access::Shared)?;
    say!("let in; carry {} to the kiosk, and there:", to.display())?;
    say!("  borgerpanel kiosk enroll --central URL --code CODE --reply FILE")?;
    Ok(Verdict::Fine)
}

/// Names go into addresses, file names and tables.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    // That one is for answers from homes.
    name != WEB
        && !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && name.bytes().all(plain)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_are_plain() {
        assert!(is_name("hovedbiblioteket") && is_name("oesterbro-2"));
        for name in ["", "web", "Valby", "østerbro", "a b", "-a", "a-", "../x"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
