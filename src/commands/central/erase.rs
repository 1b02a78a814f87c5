//! `borgerpanel central erase`: responses that were kept for as long as their survey promised, or single ones.
//! What is left of each is its number, so that it never comes again.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::cli::{CentralEraseArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::error::{Error, Result};
use crate::store::central::erase::Due;
use crate::store::central::log::Entry;
use crate::store::central::private::Erasure;
use crate::store::record::Uid;
use crate::store::{Central, Options, StoreError};

/// Runs the command. The verdict is no where there was nothing to erase.
pub fn run(args: &CentralEraseArgs) -> Result<Verdict> {
    let central = Central::open(&args.at.data, Options::default())?;
    let erased = match args.due {
        true => erase_due(&central, args.dry_run)?,
        false => erase_named(&central, args)?,
    };
    if erased > 0 && !args.dry_run {
        say!("backups that were made before still hold them; restoring one needs this again")?;
    }
    Ok(if erased == 0 { Verdict::No } else { Verdict::Fine })
}

fn erase_due(central: &Central, is_dry: bool) -> Result<usize> {
    let today = SystemClock.today(&jiff::tz::TimeZone::UTC);
    let at = |error: StoreError| error.at("erase in", central.path());
    let mut all = 0;
    for due in due(central, today).map_err(at)? {
        let Due { survey, through, .. } = &due;
        let detail = format!("{survey} through {through}");
        let count = match is_dry {
            true => central.count_due(&due).map_err(at)?,
            false => central.erase_due(&due, &erasure("retention"), &entry(detail)).map_err(at)?,
        };
        if count > 0 {
            let word = if is_dry { "would be erased" } else { "erased" };
            say!("{survey}: {count} from {through} or before {word}")?;
        }
        all += count;
    }
    if all == 0 {
        say!("no response has been kept for longer than its survey promised")?;
    }
    Ok(all)
}

/// What each version promised counts for those who answered it.
fn due(central: &Central, today: Date) -> std::result::Result<Vec<Due>, StoreError> {
    let mut found = Vec::new();
    for definition in central.definitions()? {
        let Some(months) = definition.settings.keep_answers_months else { continue };
        let Ok(through) = today.checked_sub(i64::from(months).months()) else { continue };
        let through = through.to_string();
        found.push(Due { survey: definition.slug, version: definition.version, through });
    }
    Ok(found)
}

fn erase_named(central: &Central, args: &CentralEraseArgs) -> Result<usize> {
    let uids = args.uids.iter().map(|text| read_uid(text)).collect::<Result<Vec<_>>>()?;
    let reason = args.reason.as_deref().unwrap_or_default();
    let mut erased = 0;
    for uid in uids {
        let is_done = central
            .erase_one(uid, &erasure(reason), &entry(format!("one response: {reason}")))
            .map_err(|error| error.at("erase in", central.path()))?;
        match is_done {
            true => say!("{uid}: erased")?,
            false => say!("{uid}: no response of this number has any content here")?,
        }
        erased += usize::from(is_done);
    }
    Ok(erased)
}

fn read_uid(text: &str) -> Result<Uid> {
    Uid::from_hex(&text.to_ascii_lowercase()).ok_or_else(|| {
        Error::new(format!("erase the response {text:?}"))
            .source("a response's number has 32 digits, 0 to 9 and a to f")
            .hint("copy it from `SELECT lower(hex(uid)) FROM response …`")
    })
}

fn erasure(reason: &str) -> Erasure {
    let now = SystemClock.now().to_string();
    Erasure {
        reason: reason.to_owned(),
        day: now.get(..10).unwrap_or_default().to_owned(),
        by: "console".to_owned(),
    }
}

fn entry(detail: String) -> Entry {
    Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action: "erased",
        detail,
    }
}
