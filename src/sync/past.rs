//! Telling a central what became of a database that was set aside: in the epoch it was in, under signed
//! heads without rows. Each number after what the central has is `salvaged` (its row comes in a later
//! epoch), `damaged` (gone) or `end-unknown`.

use super::exchange::{Kiosk, SyncError, Talk};
use super::message::{Head, PROTOCOL};
use super::queue::Queue;
use super::session::Stuck;
use crate::crypto::Digest;
use crate::store::aside::Account;
use crate::store::record::{Epoch, Lost};

/// The most ranges under one head: about 60 KB.
const RANGES_MAX: usize = 1000;

impl<Q: Queue> Kiosk<'_, Q> {
    /// Tells the central of every database that was set aside and that it has not signed for yet.
    /// Returns of how many. While it has nothing of the present life nothing would show that it was set
    /// back, and forgot: then it is asked each time.
    pub(super) fn tell_past(&self, talk: &impl Talk) -> Result<u64, SyncError> {
        let central = self.enrolment.admission.central_id;
        let mut told = 0;
        for aside in self.outbox.set_aside() {
            let Some(account) = &aside.account else { continue };
            let Some(epoch) = account.epoch else { continue };
            let is_told = account.told.contains(&central);
            if is_told && self.outbox.acknowledged(central)? > 0 {
                continue;
            }
            // The life goes on in a database that was put back.
            if epoch != self.outbox.life()?.epoch {
                self.tell(epoch, account, talk)?;
                told += u64::from(!is_told);
            }
            self.outbox.note_told(&aside.folder, central)?;
        }
        Ok(told)
    }

    fn tell(&self, epoch: Epoch, account: &Account, talk: &impl Talk) -> Result<(), SyncError> {
        let standing = self.standing(epoch, account.last, talk)?;
        let mut after = standing.high_seq.max(account.base);
        while after < account.last {
            let lost = ranges_after(&account.numbers, after);
            let last = lost.last().map_or(account.last, |range| range.last);
            let head = Head {
                v: PROTOCOL,
                kiosk: self.enrolment.admission.kiosk.clone(),
                key: self.key.verifying().id(),
                central_id: self.enrolment.admission.central_id,
                epoch,
                base: account.base,
                first: after + 1,
                last,
                n: 0,
                sha256: Digest::of(b""),
                lost,
                past: true,
            };
            let brought = self.push(head, &[], talk)?;
            if brought.receipt.high_seq < last {
                return Err(Stuck.into());
            }
            after = brought.receipt.high_seq;
        }
        Ok(())
    }
}

/// What the central has already is not named again.
fn ranges_after(numbers: &[Lost], after: u64) -> Vec<Lost> {
    let open = numbers.iter().filter(|range| range.last > after);
    let clipped = open.map(|range| Lost { first: range.first.max(after + 1), ..range.clone() });
    clipped.take(RANGES_MAX).collect()
}
