//! A kiosk's collector: seals each response, and each private record, for the central and puts them
//! into the outbox.

use std::sync::{Arc, PoisonError, RwLock};

use super::collect::{Collector, Refused, State};
use super::seal::Seal;
use crate::crypto::SealPublic;
use crate::response::{ByLetter, Response, SetApart, SignUp};
use crate::store::error::{Health, StoreError};
use crate::store::outbox::{Form, Outbox};
use crate::store::writer::Stored;
use crate::survey::Definition;

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
    /// Called after each new response.
    stored: Option<Box<dyn Fn() + Send + Sync>>,
}

impl SealedOutbox {
    /// Without `recipients` every response is refused.
    pub fn new(outbox: Arc<Outbox>, recipients: Option<Recipients>) -> SealedOutbox {
        SealedOutbox { outbox, recipients: RwLock::new(recipients), stored: None }
    }

    /// `told` hears of each new response; the visitor waits for it.
    #[must_use]
    pub fn when_stored(self, told: impl Fn() + Send + Sync + 'static) -> SealedOutbox {
        SealedOutbox { stored: Some(Box::new(told)), ..self }
    }

    /// From now on seals for these: the kiosk was enrolled while it ran.
    pub fn enrol(&self, recipients: Recipients) {
        *self.recipients.write().unwrap_or_else(PoisonError::into_inner) = Some(recipients);
    }

    /// Whether it knows whom to seal for.
    pub fn is_enrolled(&self) -> bool {
        self.recipients().is_some()
    }

    /// Seals a form, and stores it durably.
    fn put(&self, seal: impl Fn(&Seal) -> Result<Form, Refused>) -> Result<Stored, Refused> {
        let recipients = self.recipients().ok_or(Refused::NotEnrolled)?;
        let life = self.outbox.life().map_err(refused)?;
        let keys = &recipients.keys;
        let form = seal(&Seal { keys, place: &recipients.kiosk, epoch: life.epoch })?;
        self.outbox.store(form).map_err(refused)
    }

    fn tell(&self, stored: Stored) {
        if let Some(told) = self.stored.as_ref().filter(|_| stored == Stored::New) {
            told();
        }
    }

    fn recipients(&self) -> Option<Recipients> {
        self.recipients.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Collector for SealedOutbox {
    fn store(
        &self,
        response: &Response,
        apart: &[SetApart],
        _: &Definition,
    ) -> Result<(), Refused> {
        let stored = self.put(|seal| {
            let apart = apart.iter().map(|apart| seal.private(apart, response));
            let apart = apart.collect::<Result<_, _>>()?;
            Ok(Form { record: seal.response(response)?, apart })
        })?;
        // A test is none of the answers that staff ask after.
        if response.channel != "preview" {
            self.tell(stored);
        }
        Ok(())
    }

    fn store_by_letter(&self, letter: &ByLetter) -> Result<(), Refused> {
        let stored =
            self.put(|seal| Ok(Form { record: seal.by_letter(letter)?, apart: Vec::new() }))?;
        self.tell(stored);
        Ok(())
    }

    fn sign_up(&self, signup: &SignUp, _: &Definition) -> Result<(), Refused> {
        self.put(|seal| Ok(Form { record: seal.signup(signup)?, apart: Vec::new() })).map(|_| ())
    }

    fn takes_answers(&self) -> bool {
        self.outbox.progress().health == Health::Fine
    }

    fn state(&self) -> State {
        let enrolled = self.is_enrolled();
        let status = self.outbox.status(None);
        let health = self.outbox.progress().health;
        let word = match (&status, enrolled) {
            (Err(wrong), _) => match Health::from(wrong) {
                Health::Fine => wrong.to_string(),
                ill => ill.name().to_owned(),
            },
            (Ok(_), false) => "not-enrolled".to_owned(),
            (Ok(_), true) => health.name().to_owned(),
        };
        State {
            can_store: enrolled && word == Health::default().name(),
            word,
            unsynced: status.map_or(0, |status| status.unsynced),
            disk_free_bytes: free_bytes(self.outbox.path()),
        }
    }

    fn set_aside(&self) -> usize {
        self.outbox.set_aside().iter().filter(|aside| aside.alarms()).count()
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
