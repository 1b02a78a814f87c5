//! `borgerpanel central audit`: proves that nothing is missing, or names what is.

use super::backup::rotation::troubles;
use super::settings::CentralSettings;
use crate::cli::{CentralAuditArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::error::{Context, Result};
use crate::store::central::audit::{Audit, Finding};
use crate::store::{Central, Options};

/// Runs the command. The verdict is no where there is anything to look at.
pub fn run(args: &CentralAuditArgs) -> Result<Verdict> {
    let central = Central::open(&args.at.data, Options::default())?;
    let audit = central.audit().map_err(|error| error.at("audit", central.path()))?;
    let settings = CentralSettings::load(&args.at.data)?.backup;
    let backups = troubles(&central, &args.at.data, &settings, SystemClock.now());
    if args.json {
        let mut told = serde_json::to_value(&audit).during("write the audit as JSON")?;
        told["backups"] = serde_json::json!(backups);
        say!("{told}")?;
    } else {
        print(&audit)?;
        backups.iter().try_for_each(|trouble| say!("PROBLEM with backups: {trouble}"))?;
    }
    let is_fine = audit.findings.is_empty() && backups.is_empty();
    Ok(if is_fine { Verdict::Fine } else { Verdict::No })
}

fn print(audit: &Audit) -> Result<()> {
    for account in &audit.accounts {
        say!(
            "{}  epoch {:.8}  {} to {}  {} unsent",
            account.kiosk,
            account.epoch.to_string(),
            account.base + 1,
            account.high_seq,
            account.unsent
        )?;
    }
    let sums = audit.sums;
    say!(
        "received {} = stored {} + erased {} + quarantined {} ({} of them waiting for a survey's \
         version); from homes {}, and {} private records",
        sums.received,
        sums.stored,
        sums.erased,
        sums.quarantined,
        sums.held,
        sums.homes,
        sums.homes_private
    )?;
    for rows in &audit.quarantine {
        say!("quarantined: {} of {} from {}: {}", rows.rows, rows.survey, rows.kiosk, rows.reason)?;
    }
    for torn in &audit.torn {
        say!("note: {}; the power went as they were written", describe(torn))?;
    }
    for finding in &audit.findings {
        say!("PROBLEM: {}", describe(finding))?;
    }
    if audit.findings.is_empty() {
        say!("nothing is missing")?;
    }
    Ok(())
}

fn describe(finding: &Finding) -> String {
    match finding {
        Finding::Missing { kiosk, epoch, first, last } => {
            format!("{kiosk}: rows {first} to {last} of epoch {epoch} never came; sync that kiosk")
        }
        Finding::Lost { kiosk, epoch, first, last, reason } => {
            format!("{kiosk}: rows {first} to {last} of epoch {epoch} are lost there ({reason})")
        }
        Finding::Cloned { kiosk } => {
            format!("{kiosk}: two machines use its key; enrol each again, under a name of its own")
        }
        Finding::Vanished { kiosk, epoch, seq, uid } => {
            format!("{kiosk}: row {seq} of epoch {epoch} came and is gone (uid {uid})")
        }
        Finding::Forged { key } => format!("a batch does not bear the signature of key {key}"),
        Finding::LogBroken { line } => format!("the audit log was changed at line {line}"),
        Finding::Unbalanced { received, accounted } => {
            format!("{received} were received, but {accounted} are accounted for")
        }
    }
}
