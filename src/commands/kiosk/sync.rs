//! `borgerpanel kiosk sync`: sends what is stored now. May run beside `kiosk run`.

use std::path::Path;

use serde_json::json;

use super::settings::KioskSettings;
use crate::cli::{KioskSyncArgs, Verdict};
use crate::clock::SystemClock;
use crate::console::say;
use crate::error::{Error, Result};
use crate::server::kiosk::kept::Kept;
use crate::server::kiosk::news::News;
use crate::server::kiosk::standing;
use crate::store::{Mixing, Outbox};
use crate::sync::enrol::{self, Enrolment};
use crate::sync::exchange::{Kiosk, Report};
use crate::sync::push::Http;
use crate::sync::release::fetch::Fetcher;
use crate::sync::release::shelf::Entry;

/// What was sent, and the release that came after it.
pub struct Round {
    pub report: Report,
    pub released: Result<Option<Entry>>,
    pub enrolment: Enrolment,
}

/// Sends everything, then fetches the release that the central announces. What was sent is sent: a release
/// that cannot be had changes nothing about it.
pub fn round(folder: &Path, settings: &KioskSettings, outbox: &Outbox) -> Result<Round> {
    let enrolment = super::enrolled(folder, "send answers")?;
    let key = enrol::own_key(folder)?;
    let news = Kept::<News>::load(folder).memory();
    let told = standing::tell(folder, outbox, &news, settings.location.as_ref());
    let kiosk =
        Kiosk { outbox, enrolment: &enrolment, key: &key, clock: &SystemClock, told: Some(&told) };
    let address = settings.central_address()?.unwrap_or_else(|| enrolment.central.clone());
    let http = Http::new(&address);
    let report = kiosk.send_all(&http).map_err(|error| {
        let advice = error.advice();
        Error::new(format!("send answers to {address}")).source(error).hint(advice)
    })?;
    let released = match report.announced {
        Some(id) => Fetcher::new(folder).look(id, &http, &enrolment, &|| true),
        None => Ok(None),
    };
    Ok(Round { report, released, enrolment })
}

/// Runs the command.
pub fn run(args: &KioskSyncArgs) -> Result<Verdict> {
    let folder = &args.at.data;
    let settings = KioskSettings::load(folder)?;
    let outbox = Outbox::open_with(folder, settings.database())?;
    if args.all {
        outbox
            .mix_in(Mixing::All)
            .map_err(|error| error.at("write to the kiosk's database", outbox.path()))?;
    }
    let Round { report, released, enrolment } = round(folder, &settings, &outbox)?;
    let status = outbox
        .status(Some(enrolment.admission.central_id))
        .map_err(|error| error.at("read the kiosk's database", outbox.path()))?;
    if args.json {
        let shown = json!({
            "stored": report.stored,
            "dup": report.dup,
            "quarantined": report.quarantined,
            "batches": report.batches,
            "new_epoch": report.has_begun_epoch,
            "unsynced": status.unsynced,
            "waiting": status.waiting,
            "release": released.as_ref().ok().and_then(|new| new.as_ref()).map(|new| new.id),
        });
        say!("{shown}")?;
    } else {
        say!(
            "sent {} new, {} known already, {} quarantined; {} left",
            report.stored,
            report.dup,
            report.quarantined,
            status.unsynced
        )?;
        if status.waiting > 0 {
            say!(
                "{} of them are private answers that wait until there are enough to hide among; \
                 `--all` sends them now",
                status.waiting
            )?;
        }
    }
    if let Some(entry) = released?
        && !args.json
    {
        say!("release {} of {} is in use now", entry.id, entry.made)?;
    }
    Ok(Verdict::Fine)
}
