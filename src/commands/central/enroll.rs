//! `borgerpanel central enroll`: makes a one-time code for a kiosk.

use jiff::Timestamp;
use serde_json::json;

use crate::cli::{CentralEnrollArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::error::{Context, Error, Result};
use crate::store::central::log::Entry;
use crate::store::{Central, Options};
use crate::sync::enrol::{CODE_SECONDS, Code};

const NAME_BYTES_MAX: usize = 64;

/// Runs the command.
pub fn run(args: &CentralEnrollArgs) -> Result<Verdict> {
    if !is_name(&args.name) {
        return Err(Error::new(format!("enrol a kiosk called {:?}", args.name))
            .hint("use lower-case letters a to z, digits and hyphens, as in hovedbiblioteket"));
    }
    let central = Central::open(&args.at.data, Options::default())?;
    let (code, now) = (Code::random(), SystemClock.now());
    let expires = now.as_second() + CODE_SECONDS;
    let entry = Entry {
        at: now.to_string(),
        actor: "console".to_owned(),
        action: "code",
        detail: args.name.clone(),
    };
    central
        .add_code(code.hash(), &args.name, expires, &entry)
        .map_err(|error| error.at("keep the code in", central.path()))?;
    let expires = Timestamp::from_second(expires).during("read the clock")?;
    if args.json {
        let code = code.to_string();
        say!("{}", json!({ "code": code, "kiosk": args.name, "expires": expires.to_string() }))?;
    } else {
        say!("{code}")?;
        say!("good once, for {}, until {expires}; on the kiosk:", args.name)?;
        say!("  borgerpanel kiosk enroll --central URL --code {code}")?;
    }
    Ok(Verdict::Fine)
}

/// Names go into addresses, file names and tables.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty()
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
        for name in ["", "Valby", "østerbro", "a b", "-a", "a-", "../x"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
