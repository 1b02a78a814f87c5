//! `borgerpanel kiosk receipt FILE…`: hears what the central signed for, from a stick.

use std::path::Path;

use super::settings::KioskSettings;
use crate::cli::{KioskReceiptArgs, Verdict};
use crate::clock::SystemClock;
use crate::commands::parcels;
use crate::console::{complain, say};
use crate::error::{Error, Result};
use crate::store::Outbox;
use crate::sync::enrol;
use crate::sync::exchange::{Kiosk, SyncError};
use crate::sync::message::Signed;
use crate::sync::stick::{Heard, RECEIPT};

/// More than any receipt has.
const BYTES_MAX: u64 = 64 * 1024;

/// Runs the command. The verdict is no where a file does not count, or all has to be written again.
pub fn run(args: &KioskReceiptArgs) -> Result<Verdict> {
    let folder = &args.at.data;
    let outbox = Outbox::open_with(folder, KioskSettings::load(folder)?.database())?;
    let enrolment = super::enrolled(folder, "hear receipts")?;
    let key = enrol::own_key(folder)?;
    let kiosk = Kiosk {
        outbox: &outbox,
        enrolment: &enrolment,
        key: &key,
        clock: &SystemClock,
        told: None,
    };
    let mut verdict = Verdict::Fine;
    for file in parcels::named(&args.files, RECEIPT)? {
        match hear(&kiosk, &file) {
            Ok(Heard::Sent(through)) => {
                say!("{}: all up to number {through} is at the central", file.display())?;
            }
            Ok(Heard::Past) => say!("{}: of an earlier epoch, no news", file.display())?,
            Ok(Heard::Back(to)) => {
                verdict = Verdict::No;
                say!(
                    "{}: the central was set back to number {to}; run `borgerpanel kiosk export` \
                     again, what it lost is still here",
                    file.display()
                )?;
            }
            Ok(Heard::NewEpoch) => {
                verdict = Verdict::No;
                say!(
                    "{}: the central knows more of this kiosk than it does itself, which must be an \
                     old copy; a new epoch has begun: run `borgerpanel kiosk export` again",
                    file.display()
                )?;
            }
            Err(error) => {
                verdict = Verdict::No;
                complain!("borgerpanel: {error}");
            }
        }
    }
    let status = outbox
        .status(Some(enrolment.admission.central_id))
        .map_err(|error| error.at("read the kiosk's database", outbox.path()))?;
    say!("{} left to send", status.unsynced)?;
    Ok(verdict)
}

fn hear(kiosk: &Kiosk, file: &Path) -> Result<Heard> {
    let bytes = parcels::read(file, BYTES_MAX)?;
    let signed: Signed = serde_json::from_slice(&bytes).map_err(|_| {
        Error::new("hear a receipt")
            .path(file)
            .source("it is none, or was not copied to its end")
            .hint("take what `borgerpanel central import --receipt DIR` wrote")
    })?;
    kiosk.hear(&signed).map_err(|error| {
        let hint = match error {
            SyncError::Reply(_) | SyncError::Mismatch => {
                "it is another kiosk's or another central's, or was changed; nothing was marked as sent"
            }
            _ => error.advice(),
        };
        Error::new("hear a receipt").path(file).source(error).hint(hint)
    })
}
