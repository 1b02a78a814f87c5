//! A kiosk's collector: seals each response for the central and puts it into the outbox.

use std::sync::{Arc, PoisonError, RwLock};

use super::collect::{Collector, Refused, State};
use crate::crypto::SealPublic;
use crate::response::Response;
use crate::store::error::StoreError;
use crate::store::outbox::Outbox;
use crate::store::record::{Kind, Label, Uid};
use crate::survey::Definition;
use crate::sync::envelope::{self, SealError};

/// Whom a kiosk seals for: known once it is enrolled.
#[derive(Debug, Clone)]
pub struct Recipients {
    /// The kiosk's name at its central.
    pub kiosk: String,
    /// The central's key and the recovery key.
    pub keys: Vec<SealPublic>,
}

/// Seals and stores; cannot read what it stored.
pub struct SealedOutbox {
    outbox: Arc<Outbox>,
    recipients: RwLock<Option<Recipients>>,
}

impl SealedOutbox {
    /// Without `recipients` every response is refused.
    pub fn new(outbox: Arc<Outbox>, recipients: Option<Recipients>) -> SealedOutbox {
        SealedOutbox { outbox, recipients: RwLock::new(recipients) }
    }

    /// From now on seals for these: the kiosk was enrolled while it ran.
    pub fn enrol(&self, recipients: Recipients) {
        *self.recipients.write().unwrap_or_else(PoisonError::into_inner) = Some(recipients);
    }

    /// Whether it knows whom to seal for.
    pub fn is_enrolled(&self) -> bool {
        self.recipients().is_some()
    }

    fn recipients(&self) -> Option<Recipients> {
        self.recipients.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Collector for SealedOutbox {
    fn store(&self, response: &Response, _: &Definition) -> Result<(), Refused> {
        let recipients = self.recipients().ok_or(Refused::NotEnrolled)?;
        let mut response = response.clone();
        response.kiosk = Some(recipients.kiosk.clone());
        let life = self.outbox.life().map_err(refused)?;
        let uid = Uid::from_hex(&response.uid);
        let label = Label {
            kind: Kind::Response,
            uid: uid.expect("a response's uid is 32 hex digits"),
            survey: response.survey.clone(),
            version: response.version.clone(),
            kiosk: recipients.kiosk,
            epoch: life.epoch,
        };
        let json = serde_json::to_string(&response).expect("a response is made of texts");
        let sealed =
            envelope::seal(label, &json, &recipients.keys).map_err(|wrong| match wrong {
                SealError::TooLong => Refused::TooLong,
                SealError::Recipients => Refused::NotEnrolled,
            })?;
        self.outbox.store(sealed).map(|_| ()).map_err(refused)
    }

    fn state(&self) -> State {
        let enrolled = self.is_enrolled();
        let status = self.outbox.status(None);
        let health = self.outbox.progress().health;
        let word = match (&status, enrolled) {
            (Err(wrong), _) => wrong.to_string(),
            (Ok(_), false) => "not-enrolled".to_owned(),
            (Ok(_), true) => health.name().to_owned(),
        };
        State {
            can_store: enrolled && word == crate::store::error::Health::default().name(),
            word,
            unsynced: status.map_or(0, |status| status.unsynced),
            disk_free_bytes: free_bytes(self.outbox.path()),
        }
    }
}

fn refused(error: StoreError) -> Refused {
    match error {
        StoreError::Busy => Refused::Busy,
        other => Refused::Disk(format!("{other}; {}", other.advice())),
    }
}

/// What the disk under `path` has left.
pub fn free_bytes(path: &std::path::Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let disk = rustix::fs::statvfs(path.parent()?).ok()?;
        Some(disk.f_bavail * disk.f_frsize)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}
