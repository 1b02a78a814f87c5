//! What a reception needs of a central's store: the [`Central`], or one in memory for the simulation.

use std::path::Path;

use crate::crypto::KeyId;
use crate::store::central::fleet::{Contact, KioskKey};
use crate::store::central::receive::{Delivery, Outcome, Watermark};
use crate::store::record::{CentralId, Epoch};
use crate::store::{Central, StoreError};

/// A central's tables, as far as kiosks are received at them. The words on [`Central`]'s methods of the
/// same names say what each does.
pub trait Books: Send + Sync {
    fn id(&self) -> CentralId;
    fn kiosk_key(&self, id: KeyId) -> Result<Option<KioskKey>, StoreError>;
    fn note_contact(&self, contact: &Contact) -> Result<(), StoreError>;
    fn watermark(&self, kiosk: &str, epoch: Epoch) -> Result<Watermark, StoreError>;
    /// All up to this number is in a backup, and will be there again whatever happens to the database.
    fn backed_up(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError>;
    fn receive(&self, delivery: &Delivery) -> Result<Outcome, StoreError>;
    /// Where releases lie, beside the database.
    fn folder(&self) -> &Path;
}

impl Books for Central {
    fn id(&self) -> CentralId {
        self.id()
    }

    fn kiosk_key(&self, id: KeyId) -> Result<Option<KioskKey>, StoreError> {
        self.kiosk_key(id)
    }

    fn note_contact(&self, contact: &Contact) -> Result<(), StoreError> {
        self.note_contact(contact)
    }

    fn watermark(&self, kiosk: &str, epoch: Epoch) -> Result<Watermark, StoreError> {
        self.watermark(kiosk, epoch)
    }

    fn backed_up(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError> {
        self.backed_up(kiosk, epoch)
    }

    fn receive(&self, delivery: &Delivery) -> Result<Outcome, StoreError> {
        self.receive(delivery)
    }

    fn folder(&self) -> &Path {
        self.path().parent().unwrap_or_else(|| Path::new("."))
    }
}
