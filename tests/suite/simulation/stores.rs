//! What the simulation asks of a store beside what the protocol does: to be killed, copied, set back,
//! damaged, and looked into. `memory` and `disk` have one each.

use borgerpanel::crypto::{Digest, VerifyingKey};
use borgerpanel::store::central::audit::Finding;
use borgerpanel::store::central::receive::{Delivery, Judged};
use borgerpanel::store::outbox::Form;
use borgerpanel::store::record::{Sealed, Uid};
use borgerpanel::store::{StoreError, Stored};
use borgerpanel::sync::books::Books;
use borgerpanel::sync::queue::Queue;

use super::bug::Bug;

/// A content: under one uid there may be several, and each was promised to somebody.
pub type Content = (Uid, Digest);

/// A kiosk's store.
pub trait Device: Queue + Sized {
    /// All that is on its disk.
    type Image;

    fn new(bug: Option<Bug>) -> Self;
    fn store(&self, form: Form) -> Result<Stored, StoreError>;
    /// The process is killed, or the power goes, and it starts again.
    fn restart(&mut self);
    fn image(&mut self) -> Self::Image;
    /// Another machine on a copy of the disk.
    fn on(image: &Self::Image, bug: Option<Bug>) -> Self;
    /// The disk as it was.
    fn set_back(&mut self, image: &Self::Image);
    /// The disk loses these rows.
    fn lose(&mut self, numbers: &[u64]);
    /// The database's first page is gone; it is set aside, and a fresh one begun with what is whole.
    fn damage(&mut self);
    /// What can be sent: numbered, or waiting for its number (none).
    fn kept(&self) -> Vec<(Option<u64>, Content)>;
}

/// Where a content is at a central.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Response,
    Private,
    Sealed,
    Quarantine(String),
}

/// A central's store.
pub trait Registry: Books + Sized {
    /// All that is on its disk.
    type Image;

    fn new(number: u8, bug: Option<Bug>) -> Self;
    fn restart(&self);
    fn image(&self) -> Self::Image;
    fn set_back(&self, image: &Self::Image);
    /// The kiosk signs by this key from now on, and by no other.
    fn enrol(&self, kiosk: &str, key: &VerifyingKey);
    fn revoke(&self, kiosk: &str);
    /// The version nobody knew is known now.
    fn register(&self);
    fn is_registered(&self) -> bool;
    fn held(&self) -> Vec<Sealed>;
    fn settle_held(&self, sealed: &Sealed, judged: &Judged) -> Result<bool, StoreError>;
    /// Somebody answers at home.
    fn store_home(&self, uid: Uid) -> Result<Stored, StoreError>;
    /// All that is here now is in a backup that was verified.
    fn note_backup(&self);
    /// Begins the transaction of a batch and dies after so many of its steps.
    fn die_within(&self, delivery: &Delivery, steps: u32) -> Result<(), StoreError>;
    /// Every content that came from a kiosk, and where it is: each place where it is.
    fn contents(&self) -> Vec<(Content, Place)>;
    /// Every uid that was answered at home, each place where it is.
    fn homes(&self) -> Vec<Uid>;
    fn audit(&self) -> Vec<Finding>;
    fn flags(&self, kiosk: &str) -> Vec<String>;
    /// Kiosks of which one number came with two uids.
    fn twins(&self) -> Vec<String>;
}
