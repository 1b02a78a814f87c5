//! The other road: batches as files on a stick, and receipts as files back. The bytes are those of a POST
//! and of its reply; writing a file is no acknowledgement of anything.
//!
//! Nothing can be asked on this road. A kiosk writes all that its central has not signed for, and what it
//! makes of a receipt, whenever and however often that comes, is decided by what it holds itself:
//!
//! | the receipt says | the kiosk |
//! |---|---|
//! | everything is there up to a row of ours | marks it as sent |
//! | less than was there before the batch (the central is an old copy) | goes back to that, for the next stick |
//! | more than we ever had, or another row at its number (the kiosk is an old copy) | begins another epoch, and has to write all again |
//! | something of an earlier epoch | learns nothing |

use super::bundle;
use super::exchange::{Kiosk, SyncError};
use super::message::{Head, Receipt, Signed};
use super::queue::Queue;
use super::session::is_old_copy;
use crate::store::outbox::Life;

/// How the files of batches end, and those of receipts.
pub const BATCH: &str = "answers";
pub const RECEIPT: &str = "receipt";

/// A batch as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    pub head: Head,
    pub bytes: Vec<u8>,
}

impl Parcel {
    /// The same batch has the same name: written again, it replaces itself.
    pub fn name(&self) -> String {
        let Head { kiosk, epoch, first, last, .. } = &self.head;
        let epoch = &epoch.to_string()[..8];
        format!("{kiosk}-{epoch}-{first:010}-{last:010}.{BATCH}")
    }
}

/// What a receipt was to a kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Everything up to this number is at the central.
    Sent(u64),
    /// The central has gone back to this number: what follows has to be written again.
    Back(u64),
    /// The kiosk is an old copy: all has to be written again, under a new epoch.
    NewEpoch,
    /// It is about an earlier epoch.
    Past,
}

impl<Q: Queue> Kiosk<'_, Q> {
    /// After which number the central has signed for nothing.
    pub fn unsigned_after(&self, life: Life) -> Result<u64, SyncError> {
        let central = self.enrolment.admission.central_id;
        Ok(self.outbox.acknowledged(central)?.max(life.base))
    }

    /// The next batch after this number; none where nothing is left.
    pub fn parcel(&self, life: Life, after: u64) -> Result<Option<Parcel>, SyncError> {
        if after >= life.last {
            return Ok(None);
        }
        let (head, rows) = self.batch(life, after)?;
        let (signed, bytes) = bundle::write(head, &rows, self.key);
        Ok(Some(Parcel { head: signed.claimed()?, bytes }))
    }

    /// Hears a receipt that was carried here.
    pub fn hear(&self, signed: &Signed) -> Result<Heard, SyncError> {
        let receipt: Receipt = signed.verify(&self.enrolment.admission.verifying_key)?;
        self.heed(&receipt, serde_json::to_string(signed).expect("two texts"))
    }

    /// Makes of a verified receipt what there is to be made; `kept` is how it came, for audits.
    pub fn heed(&self, receipt: &Receipt, kept: String) -> Result<Heard, SyncError> {
        let admission = &self.enrolment.admission;
        if receipt.central_id != admission.central_id || receipt.kiosk != admission.kiosk {
            return Err(SyncError::Mismatch);
        }
        let life = self.outbox.life()?;
        if receipt.epoch != life.epoch {
            return Ok(Heard::Past);
        }
        let own = self.outbox.digest_at(receipt.high_seq)?;
        if is_old_copy(life, receipt.high_seq, receipt.tip, own) {
            self.outbox.begin_epoch(life.epoch)?;
            return Ok(Heard::NewEpoch);
        }
        let is_back = receipt.high_seq.saturating_add(1) < receipt.first;
        let sent = self.outbox.acknowledged(receipt.central_id)?;
        let high_seq = if is_back { receipt.high_seq } else { receipt.high_seq.max(sent) };
        if high_seq < sent {
            // An old copy of the central may have forgotten what it was told, too.
            self.outbox.tell_again(receipt.central_id)?;
        }
        self.note(life, high_seq, receipt.backed_up_seq, Some(kept))?;
        Ok(if is_back { Heard::Back(high_seq) } else { Heard::Sent(high_seq) })
    }
}
