//! `borgerpanel central quarantine`: what could not be stored as it came, and what a person makes of it.

use std::path::Path;

use serde_json::{Value, json};

use super::run::open;
use crate::cli::{CentralQuarantineArgs, QuarantineDecision, QuarantineVerdictArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::error::{Error, Result};
use crate::store::central::log::Entry;
use crate::store::central::quarantine::Waiting;
use crate::store::{Central, Options};
use crate::sync::reception::{LATE_CODE, OTHER_CODE, UNKNOWN_CODE, USED_CODE};

/// Signs of an id that are shown, and enough to name it.
const SHOWN: usize = 12;

/// Runs the command.
pub fn run(args: &CentralQuarantineArgs) -> Result<Verdict> {
    match &args.decision {
        None => list(&args.at.data, args.json),
        Some(QuarantineDecision::List(args)) => list(&args.at.data, args.json),
        Some(QuarantineDecision::Accept(accept)) => self::accept(accept),
        Some(QuarantineDecision::Reject(reject)) => self::reject(reject),
    }
}

fn list(data: &Path, is_json: bool) -> Result<Verdict> {
    let waiting = all(&Central::open(data, Options::default())?)?;
    if is_json {
        say!("{}", Value::from(waiting.iter().map(in_json).collect::<Vec<_>>()))?;
        return Ok(Verdict::Fine);
    }
    if waiting.is_empty() {
        say!("nothing is in quarantine")?;
    }
    for one in &waiting {
        let label = &one.sealed.label;
        say!(
            "{}  {}  {}  {} of {}: {}",
            shown(one),
            one.day,
            one.sender,
            label.kind.name(),
            label.survey,
            one.reason
        )?;
        say!("  {}", advice(&one.reason))?;
    }
    Ok(Verdict::Fine)
}

/// What a reason means to whoever decides.
fn advice(reason: &str) -> &'static str {
    match reason {
        "unknown-version" => {
            "waits for the survey's version and goes by itself once `central run` has built it"
        }
        "other-content" => {
            "its number is known with another answer: `accept` stores it beside that, under a number \
             of its own"
        }
        "other-keys" => "sealed for a key that is not here: `accept` once the key is back",
        UNKNOWN_CODE => "its code was never given, or was mistyped into another: `reject`",
        USED_CODE => "its code was used before, and the first answer counts: `reject`",
        OTHER_CODE => "its code is another survey's, where it can still be used: `reject`",
        LATE_CODE => {
            "its survey was over when the kiosk sent it, and codes are forgotten then: `reject`"
        }
        "damaged" | "malformed" | "inside-broken" => "it cannot be opened any more: `reject`",
        _ => "it does not fit its survey: `accept` judges it again, `reject` empties it",
    }
}

fn accept(args: &QuarantineVerdictArgs) -> Result<Verdict> {
    let (reception, _) = open(&args.at.data, &args.content, None)?;
    let waiting = named(&reception.central, &args.id)?;
    let entry = entry("accepted", &waiting);
    let freed = reception
        .accept(&waiting, &entry)
        .map_err(|error| error.at("write to", reception.central.path()))?;
    match freed {
        Ok(()) => {
            say!("{} is stored", shown(&waiting))?;
            Ok(Verdict::Fine)
        }
        Err(reason) => {
            say!("{} stays: {reason}; {}", shown(&waiting), advice(&reason))?;
            Ok(Verdict::No)
        }
    }
}

fn reject(args: &QuarantineVerdictArgs) -> Result<Verdict> {
    let central = Central::open(&args.at.data, Options::default())?;
    let waiting = named(&central, &args.id)?;
    let is_done = central
        .reject(&waiting, &entry("rejected", &waiting))
        .map_err(|error| error.at("write to", central.path()))?;
    say!("{} is empty now; the same will not come again", shown(&waiting))?;
    Ok(if is_done { Verdict::Fine } else { Verdict::No })
}

fn all(central: &Central) -> Result<Vec<Waiting>> {
    central.quarantine().map_err(|error| error.at("read", central.path()))
}

/// The one record whose id begins so.
fn named(central: &Central, id: &str) -> Result<Waiting> {
    let all = all(central)?;
    let mut fitting = all.into_iter().filter(|one| one.id.to_string().starts_with(id));
    match (fitting.next(), fitting.next()) {
        (Some(only), None) if id.len() >= 4 => Ok(only),
        (found, _) => {
            let why = if found.is_some() { "it fits several" } else { "nothing of that id waits" };
            Err(Error::new(format!("decide about {id:?}"))
                .source(why)
                .hint("`borgerpanel central quarantine` lists what waits; copy an id from there"))
        }
    }
}

/// Nothing of what somebody answered belongs into the log.
fn entry(action: &'static str, waiting: &Waiting) -> Entry {
    Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action,
        detail: format!("{} of {}: {}", shown(waiting), waiting.sender, waiting.reason),
    }
}

fn shown(waiting: &Waiting) -> String {
    waiting.id.to_string()[..SHOWN].to_owned()
}

fn in_json(waiting: &Waiting) -> Value {
    json!({
        "id": shown(waiting),
        "kiosk": waiting.sender,
        "kind": waiting.sealed.label.kind.name(),
        "survey": waiting.sealed.label.survey,
        "reason": waiting.reason,
        "day": waiting.day,
    })
}
