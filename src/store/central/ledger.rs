//! What to make of one batch, decided without any SQL: a [`Ledger`] looks up and writes, inside one
//! transaction; [`take_in`] decides. `receive` is the ledger of SQLite; the simulation of the sync has
//! one in memory and runs the same decisions over it.

use super::fleet;
use super::receive::{Delivery, Item, Judged, OTHER_CONTENT, Outcome, UNKNOWN_VERSION, Watermark};
use crate::crypto::Digest;
use crate::store::error::StoreError;
use crate::store::record::{Epoch, Lost, SALVAGED, TORN, Uid};

/// What is known of a uid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    No,
    /// It came from a kiosk, first with this content.
    As(Digest),
    /// The same uid was answered from a home.
    FromHome,
}

impl Known {
    /// Whether a row with this content is a second one under its uid.
    fn is_other_than(self, digest: Digest) -> bool {
        match self {
            Known::No => false,
            Known::As(first) => first != digest,
            Known::FromHome => true,
        }
    }
}

/// A central's tables, within one transaction that is committed as a whole or not at all.
pub trait Ledger {
    /// Begins what [`Ledger::undo`] takes back, and nothing before it.
    fn mark(&mut self) -> Result<(), StoreError>;

    /// Keeps all since the mark.
    fn keep(&mut self) -> Result<(), StoreError>;

    /// Takes back all since the mark.
    fn undo(&mut self) -> Result<(), StoreError>;

    /// Makes an epoch known, which begins after `base`: as the kiosk's latest, or where it is `past`
    /// as earlier than all others. True where it is new.
    fn note_epoch(&mut self, delivery: &Delivery) -> Result<bool, StoreError>;

    /// Whether the kiosk had another epoch, too.
    fn has_other_epoch(&self, kiosk: &str, epoch: Epoch) -> Result<bool, StoreError>;

    /// Whether the kiosk has had another epoch since.
    fn was_left(&self, kiosk: &str, epoch: Epoch) -> Result<bool, StoreError>;

    fn known(&self, uid: Uid) -> Result<Known, StoreError>;

    /// Makes the first content of a uid known, unless [`Ledger::insert`] will.
    fn note_record(&mut self, item: &Item, digest: Digest) -> Result<(), StoreError>;

    /// Puts a sound record where its kind belongs, and makes its content known where nothing else does.
    /// `StoreError::Sql` where it cannot be there.
    fn insert(
        &mut self,
        delivery: &Delivery,
        item: &Item,
        digest: Digest,
    ) -> Result<(), StoreError>;

    /// Keeps a record aside, sealed. False where this very content is there already.
    fn quarantine(
        &mut self,
        delivery: &Delivery,
        item: &Item,
        reason: &str,
    ) -> Result<bool, StoreError>;

    /// Whether the item's number came before with another uid.
    fn has_twin(&self, delivery: &Delivery, item: &Item) -> Result<bool, StoreError>;

    /// The highest number of the epoch that is noted with its uid; 0 where none is.
    fn last_received(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError>;

    /// The highest number of the epoch that is kept in ranges alone ([`Ledger::is_thinned`]); 0 where none is.
    fn thinned_through(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError>;

    /// Whether the item's number came before, and it is not known any more with which uid.
    fn is_thinned(&self, delivery: &Delivery, item: &Item) -> Result<bool, StoreError>;

    /// Notes that the item's number came, with its uid.
    fn note_received(&mut self, delivery: &Delivery, item: &Item) -> Result<(), StoreError>;

    /// Notes numbers that will never come.
    fn note_lost(&mut self, delivery: &Delivery, lost: &Lost) -> Result<(), StoreError>;

    /// None where the epoch is not known.
    fn watermark(&self, kiosk: &str, epoch: Epoch) -> Result<Option<Watermark>, StoreError>;

    /// The last of the numbers that came and follow `seq` without a gap; `seq` where none does.
    fn received_through(&self, kiosk: &str, epoch: Epoch, seq: u64) -> Result<u64, StoreError>;

    /// The highest number that a range of lost ones reaches which begins at or before `seq` + 1;
    /// `seq` where none reaches further.
    fn lost_through(&self, kiosk: &str, epoch: Epoch, seq: u64) -> Result<u64, StoreError>;

    /// What the kiosk said of the row at this number; of several rows, of that with the least uid.
    fn declared(&self, kiosk: &str, epoch: Epoch, seq: u64) -> Result<Option<Digest>, StoreError>;

    fn set_watermark(
        &mut self,
        kiosk: &str,
        epoch: Epoch,
        watermark: Watermark,
    ) -> Result<(), StoreError>;

    /// Adds to what came from a kiosk and was new.
    fn count_new(&mut self, kiosk: &str, new: u64) -> Result<(), StoreError>;

    /// Keeps the signed head: the kiosk's own word for what it sent.
    fn keep_head(&mut self, delivery: &Delivery) -> Result<(), StoreError>;

    /// Marks a kiosk for people to look at; the first day stands.
    fn flag(&mut self, kiosk: &str, flag: &str, day: &str) -> Result<(), StoreError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Stored,
    Dup,
    Quarantined,
}

impl Outcome {
    fn count(&mut self, place: Place) {
        match place {
            Place::Stored => self.stored += 1,
            Place::Dup => self.dup += 1,
            Place::Quarantined => self.quarantined += 1,
        }
    }
}

/// Takes in a batch. Nothing may be said of it before the transaction is committed.
pub fn take_in(ledger: &mut impl Ledger, delivery: &Delivery) -> Result<Outcome, StoreError> {
    begin(ledger, delivery)?;
    let mut outcome = Outcome::default();
    let mut came = Came {
        received: ledger.last_received(&delivery.kiosk, delivery.epoch)?,
        thinned: ledger.thinned_through(&delivery.kiosk, delivery.epoch)?,
    };
    for item in &delivery.items {
        outcome.count(alone(ledger, item, |ledger, item| place(ledger, delivery, item, came))?);
        came.received = came.received.max(item.seq);
    }
    note_lost(ledger, delivery)?;
    outcome.watermark = advance(ledger, &delivery.kiosk, delivery.epoch)?;
    count(ledger, delivery, outcome.stored + outcome.quarantined)?;
    Ok(outcome)
}

/// Takes in records that another central took in and kept sealed. Which numbers they had is that one's
/// to prove; here each is once, or in quarantine.
pub fn take_opened(ledger: &mut impl Ledger, delivery: &Delivery) -> Result<Outcome, StoreError> {
    let mut outcome = Outcome::default();
    for item in &delivery.items {
        let place = alone(ledger, item, |ledger, item| {
            let known = ledger.known(item.sealed.label.uid)?;
            keep(ledger, delivery, item, known, item.digest)
        })?;
        outcome.count(place);
    }
    Ok(outcome)
}

/// Makes the epoch known. Where the kiosk had another before, a person should hear of it: its
/// database was set back or made anew. One that is over is no news.
fn begin(ledger: &mut impl Ledger, delivery: &Delivery) -> Result<(), StoreError> {
    let is_new = ledger.note_epoch(delivery)?;
    if is_new && !delivery.past && ledger.has_other_epoch(&delivery.kiosk, delivery.epoch)? {
        ledger.flag(&delivery.kiosk, fleet::NEW_EPOCH, &delivery.day)?;
    }
    Ok(())
}

/// Places one row by itself: a poison row is quarantined and never blocks the queue.
fn alone<L: Ledger>(
    ledger: &mut L,
    item: &Item,
    place: impl Fn(&mut L, &Item) -> Result<Place, StoreError>,
) -> Result<Place, StoreError> {
    ledger.mark()?;
    match place(ledger, item) {
        Ok(place) => {
            ledger.keep()?;
            Ok(place)
        }
        Err(StoreError::Sql(_)) => {
            ledger.undo()?;
            let refused = Item { judged: Judged::Refused("poison".to_owned()), ..item.clone() };
            place(ledger, &refused)
        }
        Err(error) => Err(error),
    }
}

/// The highest numbers of the epoch that came: rows above them need not be looked for, and in most batches
/// all are above.
#[derive(Debug, Clone, Copy)]
struct Came {
    /// With a uid that is still known, this batch's rows up to here included.
    received: u64,
    /// In ranges.
    thinned: u64,
}

fn place(
    ledger: &mut impl Ledger,
    delivery: &Delivery,
    item: &Item,
    came: Came,
) -> Result<Place, StoreError> {
    let digest = item.digest;
    let known = ledger.known(item.sealed.label.uid)?;
    if known.is_other_than(digest) {
        ledger.flag(&delivery.kiosk, OTHER_CONTENT, &delivery.day)?;
    }
    let place = keep(ledger, delivery, item, known, digest)?;
    let is_thinned = item.seq <= came.thinned && ledger.is_thinned(delivery, item)?;
    let is_new = known == Known::No;
    // A number that came before came with another uid where this one is new.
    let has_twin = item.seq <= came.received && ledger.has_twin(delivery, item)?;
    if has_twin || (is_thinned && is_new) {
        ledger.flag(&delivery.kiosk, fleet::CLONED, &delivery.day)?;
    }
    // What was thinned and comes again stays thinned.
    if is_new || !is_thinned {
        ledger.note_received(delivery, item)?;
    }
    Ok(place)
}

/// Keeps a row, of whose uid this much is known, unless this very content is there already.
fn keep(
    ledger: &mut impl Ledger,
    delivery: &Delivery,
    item: &Item,
    known: Known,
    digest: Digest,
) -> Result<Place, StoreError> {
    match known {
        Known::As(first) if first == digest => Ok(Place::Dup),
        Known::As(_) | Known::FromHome => quarantine(ledger, delivery, item, OTHER_CONTENT),
        Known::No => {
            ledger.note_record(item, digest)?;
            settle(ledger, delivery, item, digest)
        }
    }
}

/// Puts a record that is new where it belongs.
fn settle(
    ledger: &mut impl Ledger,
    delivery: &Delivery,
    item: &Item,
    digest: Digest,
) -> Result<Place, StoreError> {
    match &item.judged {
        Judged::Response(_) | Judged::Private(_) | Judged::Sealed | Judged::Spooled => {
            ledger.insert(delivery, item, digest)?;
            Ok(Place::Stored)
        }
        Judged::UnknownVersion => quarantine(ledger, delivery, item, UNKNOWN_VERSION),
        Judged::Refused(reason) => quarantine(ledger, delivery, item, reason),
    }
}

fn quarantine(
    ledger: &mut impl Ledger,
    delivery: &Delivery,
    item: &Item,
    reason: &str,
) -> Result<Place, StoreError> {
    let is_new = ledger.quarantine(delivery, item, reason)?;
    Ok(if is_new { Place::Quarantined } else { Place::Dup })
}

fn note_lost(ledger: &mut impl Ledger, delivery: &Delivery) -> Result<(), StoreError> {
    for lost in &delivery.lost {
        ledger.note_lost(delivery, lost)?;
        if ![SALVAGED, TORN].contains(&&*lost.reason) {
            ledger.flag(&delivery.kiosk, fleet::LOST, &delivery.day)?;
        }
    }
    Ok(())
}

/// Moves the watermark over everything that is there, or named as lost, without a gap.
fn advance(ledger: &mut impl Ledger, kiosk: &str, epoch: Epoch) -> Result<Watermark, StoreError> {
    let before = ledger.watermark(kiosk, epoch)?.unwrap_or_default();
    let mut high_seq = before.high_seq;
    loop {
        let received = ledger.received_through(kiosk, epoch, high_seq)?;
        let reached = ledger.lost_through(kiosk, epoch, received)?;
        if reached == high_seq {
            break;
        }
        high_seq = reached;
    }
    if high_seq == before.high_seq {
        return Ok(before);
    }
    let watermark = Watermark { high_seq, tip: ledger.declared(kiosk, epoch, high_seq)? };
    ledger.set_watermark(kiosk, epoch, watermark)?;
    Ok(watermark)
}

/// Counts what was new and keeps the head. New rows in an epoch that the kiosk had left mean that
/// two machines go by one name: the card was cloned.
fn count(ledger: &mut impl Ledger, delivery: &Delivery, new: u64) -> Result<(), StoreError> {
    ledger.count_new(&delivery.kiosk, new)?;
    if new > 0 && ledger.was_left(&delivery.kiosk, delivery.epoch)? {
        ledger.flag(&delivery.kiosk, fleet::CLONED, &delivery.day)?;
    }
    ledger.keep_head(delivery)
}
