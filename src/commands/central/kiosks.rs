//! `borgerpanel central kiosks`: the kiosks, and what came from each.

use crate::cli::{CentralKiosksArgs, KiosksChange, KiosksRevokeArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::error::{Context, Result};
use crate::store::central::fleet::Kiosk;
use crate::store::central::log::Entry;
use crate::store::{Central, Options};

/// Runs the command.
pub fn run(args: &CentralKiosksArgs) -> Result<Verdict> {
    if let Some(KiosksChange::Revoke(args)) = &args.change {
        return revoke(args);
    }
    let central = Central::open(&args.at.data, Options::default())?;
    let kiosks = central.kiosks().map_err(|error| error.at("read", central.path()))?;
    if args.json {
        say!("{}", serde_json::to_string(&kiosks).during("write the kiosks as JSON")?)?;
    } else if kiosks.is_empty() {
        say!("no kiosk is enrolled yet: `borgerpanel central enroll NAME` makes a code")?;
    } else {
        print(&kiosks)?;
    }
    Ok(Verdict::Fine)
}

/// The verdict is no where there was no such kiosk to shut out.
fn revoke(args: &KiosksRevokeArgs) -> Result<Verdict> {
    let central = Central::open(&args.at.data, Options::default())?;
    let entry = Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action: "revoked",
        detail: args.name.clone(),
    };
    let revoked = central
        .revoke(&args.name, &entry)
        .map_err(|error| error.at("revoke a kiosk in", central.path()))?;
    if !revoked {
        say!("no kiosk called {} is let in; `borgerpanel central kiosks` lists them", args.name)?;
        return Ok(Verdict::No);
    }
    say!("{} is shut out: nothing that it signs is taken in any more", args.name)?;
    say!(
        "what came from it stays, what it still holds is sealed; \
         `borgerpanel central enroll {}` lets a machine in again under this name",
        args.name
    )?;
    Ok(Verdict::Fine)
}

fn print(kiosks: &[Kiosk]) -> Result<()> {
    let width = kiosks.iter().map(|kiosk| kiosk.kiosk.len()).max().unwrap_or(0).max(5);
    say!("{:width$}  received  quarantined  unsent  last seen             flags", "kiosk")?;
    for kiosk in kiosks {
        let mut flags = kiosk.flags.clone();
        if kiosk.revoked {
            flags.push("revoked".to_owned());
        }
        let seen = kiosk.last_seen.as_deref().unwrap_or("never");
        say!(
            "{:width$}  {:8}  {:11}  {:6}  {:20.20}  {}",
            kiosk.kiosk,
            kiosk.received,
            kiosk.quarantined,
            kiosk.unsent,
            seen,
            flags.join(" ")
        )?;
    }
    Ok(())
}
