//! Taking in one batch: insert or ignore, watermark, commit, in ONE transaction. Whatever else
//! happens on the way, exactly-once comes from the key of the table `record` and from nothing else.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params, params};

use super::response::{self, Accepted};
use super::{Central, fleet, private};
use crate::crypto::{Digest, KeyId};
use crate::response::Private;
use crate::store::error::StoreError;
use crate::store::record::{Epoch, Lost, SALVAGED, Sealed, TORN, Uid};

/// What opening a record came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Judged {
    /// A response, sound.
    Response(Box<Accepted>),
    /// A private record, sound.
    Private(Box<Private>),
    /// A sign-up: stays sealed.
    Sealed,
    /// Nobody here knows its version yet: stays sealed and is judged again when somebody does.
    UnknownVersion,
    /// It could not be opened or is not sound; the reason is a stable word, as in `damaged`.
    Refused(String),
}

/// The reason in `quarantine` for [`Judged::UnknownVersion`].
pub const UNKNOWN_VERSION: &str = "unknown-version";
/// The reason in `quarantine` for a second content under one uid.
pub const OTHER_CONTENT: &str = "other-content";

/// A row of a batch, opened and judged before the transaction begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub seq: u64,
    pub sealed: Sealed,
    /// What the kiosk said of the row. What it is, is computed here.
    pub declared: Digest,
    pub judged: Judged,
}

/// A batch whose head was verified.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub kiosk: String,
    pub key: KeyId,
    pub epoch: Epoch,
    pub base: u64,
    /// The head as it was signed, and its signature in hex.
    pub head: String,
    pub signature: String,
    pub items: Vec<Item>,
    pub lost: Vec<Lost>,
    /// The epoch is over: its database was set aside.
    pub past: bool,
    /// YYYY-MM-DD.
    pub day: String,
}

/// How far a kiosk's epoch has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Watermark {
    pub high_seq: u64,
    /// What the kiosk said of the row at `high_seq`.
    pub tip: Option<Digest>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    pub watermark: Watermark,
    pub stored: u64,
    pub dup: u64,
    pub quarantined: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Stored,
    Dup,
    Quarantined,
}

impl Central {
    /// Takes in a batch. Returns when all of it is on the disk; an error means that none of it is.
    pub fn receive(&self, delivery: &Delivery) -> Result<Outcome, StoreError> {
        let mut desk = self.desk();
        let mut transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        begin(&transaction, delivery)?;
        let mut outcome = Outcome::default();
        for item in &delivery.items {
            match place_alone(&mut transaction, delivery, item)? {
                Place::Stored => outcome.stored += 1,
                Place::Dup => outcome.dup += 1,
                Place::Quarantined => outcome.quarantined += 1,
            }
        }
        note_lost(&transaction, delivery)?;
        outcome.watermark = advance(&transaction, &delivery.kiosk, delivery.epoch)?;
        let new = outcome.stored + outcome.quarantined;
        count(&transaction, delivery, new)?;
        transaction.commit()?;
        Ok(outcome)
    }

    /// How far this epoch of a kiosk has come; nothing where it is new.
    pub fn watermark(&self, kiosk: &str, epoch: Epoch) -> Result<Watermark, StoreError> {
        Ok(watermark(&self.desk(), kiosk, epoch)?.unwrap_or_default())
    }
}

/// Makes the epoch known. Where the kiosk had another before, a person should hear of it: its
/// database was set back or made anew.
fn begin(desk: &Connection, delivery: &Delivery) -> Result<(), StoreError> {
    if delivery.past {
        return begin_past(desk, delivery);
    }
    let is_new = desk.execute(
        "INSERT INTO watermark (kiosk, epoch, base, high_seq) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT DO NOTHING",
        params![delivery.kiosk, delivery.epoch.0, delivery.base as i64],
    )?;
    let has_others = desk
        .prepare_cached("SELECT 1 FROM watermark WHERE kiosk = ?1 AND epoch <> ?2")?
        .exists(params![delivery.kiosk, delivery.epoch.0])?;
    if is_new == 1 && has_others {
        fleet::flag(desk, &delivery.kiosk, fleet::NEW_EPOCH, &delivery.day)?;
    }
    Ok(())
}

/// An epoch that is over is earlier than all that are known.
fn begin_past(desk: &Connection, delivery: &Delivery) -> Result<(), StoreError> {
    desk.execute(
        "INSERT INTO watermark (ordinal, kiosk, epoch, base, high_seq)
         SELECT coalesce(min(ordinal), 1) - 1, ?1, ?2, ?3, ?3 FROM watermark
         WHERE true ON CONFLICT (kiosk, epoch) DO NOTHING",
        params![delivery.kiosk, delivery.epoch.0, delivery.base as i64],
    )?;
    Ok(())
}

/// Places one row in a savepoint of its own: a poison row is quarantined and never blocks the queue.
fn place_alone(
    transaction: &mut rusqlite::Transaction<'_>,
    delivery: &Delivery,
    item: &Item,
) -> Result<Place, StoreError> {
    let savepoint = transaction.savepoint()?;
    match place(&savepoint, delivery, item) {
        Ok(place) => {
            savepoint.commit()?;
            Ok(place)
        }
        Err(StoreError::Sql(_)) => {
            // Dropping the savepoint undoes the row, and only the row.
            drop(savepoint);
            let refused = Item { judged: Judged::Refused("poison".to_owned()), ..item.clone() };
            place(transaction, delivery, &refused)
        }
        Err(error) => Err(error),
    }
}

fn place(desk: &Connection, delivery: &Delivery, item: &Item) -> Result<Place, StoreError> {
    let label = &item.sealed.label;
    let digest = item.sealed.digest();
    let place = match known(desk, label.uid)? {
        Known::As(first) if first == digest => Place::Dup,
        Known::As(_) | Known::FromHome => {
            fleet::flag(desk, &delivery.kiosk, OTHER_CONTENT, &delivery.day)?;
            quarantine(desk, delivery, item, OTHER_CONTENT)?
        }
        Known::No => {
            desk.prepare_cached("INSERT INTO record (uid, sha256) VALUES (?1, ?2)")?
                .execute(params![label.uid.0, digest.0])?;
            settle(desk, delivery, item)?
        }
    };
    note_received(desk, delivery, item)?;
    Ok(place)
}

enum Known {
    No,
    As(Digest),
    /// The same uid was answered from a home.
    FromHome,
}

fn known(desk: &Connection, uid: Uid) -> Result<Known, StoreError> {
    let first = desk
        .prepare_cached("SELECT sha256 FROM record WHERE uid = ?1")?
        .query_row([uid.0], |row| row.get(0))
        .optional()?;
    match first {
        Some(first) => Ok(Known::As(Digest(first))),
        None if response::exists(desk, uid)? || private::exists(desk, uid)? => Ok(Known::FromHome),
        None => Ok(Known::No),
    }
}

/// Puts a record that is new where it belongs.
fn settle(desk: &Connection, delivery: &Delivery, item: &Item) -> Result<Place, StoreError> {
    match &item.judged {
        Judged::Response(accepted) => {
            response::insert(desk, accepted)?;
            Ok(Place::Stored)
        }
        Judged::Private(record) => {
            private::insert(desk, record)?;
            Ok(Place::Stored)
        }
        Judged::Sealed => {
            keep_sealed(desk, &item.sealed)?;
            Ok(Place::Stored)
        }
        Judged::UnknownVersion => quarantine(desk, delivery, item, UNKNOWN_VERSION),
        Judged::Refused(reason) => quarantine(desk, delivery, item, reason),
    }
}

/// Keeps a sign-up as it came.
pub(super) fn keep_sealed(desk: &Connection, sealed: &Sealed) -> Result<(), StoreError> {
    let label = &sealed.label;
    desk.prepare_cached(
        "INSERT INTO sealed (uid, kind, survey, version, kiosk, epoch, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        label.uid.0,
        label.kind.name(),
        label.survey,
        label.version,
        label.kiosk,
        label.epoch.0,
        sealed.body,
    ])?;
    Ok(())
}

fn quarantine(
    desk: &Connection,
    delivery: &Delivery,
    item: &Item,
    reason: &str,
) -> Result<Place, StoreError> {
    let label = &item.sealed.label;
    let is_new = desk
        .prepare_cached(
            "INSERT INTO quarantine (uid, sha256, sender, kind, survey, version, kiosk, epoch, body,
                 reason, day)
             VALUES (:uid, :sha256, :sender, :kind, :survey, :version, :kiosk, :epoch, :body,
                 :reason, :day)
             ON CONFLICT DO NOTHING",
        )?
        .execute(named_params! {
            ":uid": label.uid.0,
            ":sha256": item.sealed.digest().0,
            ":sender": delivery.kiosk,
            ":kind": label.kind.name(),
            ":survey": label.survey,
            ":version": label.version,
            ":kiosk": label.kiosk,
            ":epoch": label.epoch.0,
            ":body": item.sealed.body,
            ":reason": reason,
            ":day": delivery.day,
        })?;
    Ok(if is_new == 1 { Place::Quarantined } else { Place::Dup })
}

/// Notes that the number came, and whether it came before with another record: a cloned card.
fn note_received(desk: &Connection, delivery: &Delivery, item: &Item) -> Result<(), StoreError> {
    let at = params![delivery.kiosk, delivery.epoch.0, item.seq as i64, item.sealed.label.uid.0];
    let has_twin = desk
        .prepare_cached(
            "SELECT 1 FROM received WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3 AND uid <> ?4",
        )?
        .exists(at)?;
    if has_twin {
        fleet::flag(desk, &delivery.kiosk, fleet::CLONED, &delivery.day)?;
    }
    desk.prepare_cached(
        "INSERT INTO received (kiosk, epoch, seq, uid, sha256, key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        delivery.kiosk,
        delivery.epoch.0,
        item.seq as i64,
        item.sealed.label.uid.0,
        item.declared.0,
        delivery.key.0,
    ])?;
    Ok(())
}

fn note_lost(desk: &Connection, delivery: &Delivery) -> Result<(), StoreError> {
    for lost in &delivery.lost {
        desk.prepare_cached(
            "INSERT INTO lost (kiosk, epoch, first, last, reason, day)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            delivery.kiosk,
            delivery.epoch.0,
            lost.first as i64,
            lost.last as i64,
            lost.reason,
            delivery.day,
        ])?;
        if ![SALVAGED, TORN].contains(&&*lost.reason) {
            fleet::flag(desk, &delivery.kiosk, fleet::LOST, &delivery.day)?;
        }
    }
    Ok(())
}

fn watermark(
    desk: &Connection,
    kiosk: &str,
    epoch: Epoch,
) -> Result<Option<Watermark>, StoreError> {
    Ok(desk
        .prepare_cached("SELECT high_seq, tip FROM watermark WHERE kiosk = ?1 AND epoch = ?2")?
        .query_row(params![kiosk, epoch.0], |row| {
            let tip: Option<[u8; 32]> = row.get(1)?;
            Ok(Watermark { high_seq: row.get::<_, i64>(0)? as u64, tip: tip.map(Digest) })
        })
        .optional()?)
}

/// Moves the watermark over everything that is there, or named as lost, without a gap.
fn advance(desk: &Connection, kiosk: &str, epoch: Epoch) -> Result<Watermark, StoreError> {
    let before = watermark(desk, kiosk, epoch)?.unwrap_or_default();
    let mut high_seq = before.high_seq;
    loop {
        let reached = skip_lost(desk, kiosk, epoch, skip_received(desk, kiosk, epoch, high_seq)?)?;
        if reached == high_seq {
            break;
        }
        high_seq = reached;
    }
    if high_seq == before.high_seq {
        return Ok(before);
    }
    let tip: Option<[u8; 32]> = desk
        .prepare_cached(
            "SELECT sha256 FROM received WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3
             ORDER BY uid LIMIT 1",
        )?
        .query_row(params![kiosk, epoch.0, high_seq as i64], |row| row.get(0))
        .optional()?;
    desk.prepare_cached(
        "UPDATE watermark SET high_seq = ?3, tip = ?4, last = max(last, ?3)
         WHERE kiosk = ?1 AND epoch = ?2",
    )?
    .execute(params![kiosk, epoch.0, high_seq as i64, tip])?;
    Ok(Watermark { high_seq, tip: tip.map(Digest) })
}

fn skip_received(
    desk: &Connection,
    kiosk: &str,
    epoch: Epoch,
    mut high_seq: u64,
) -> Result<u64, StoreError> {
    let mut query = desk.prepare_cached(
        "SELECT DISTINCT seq FROM received WHERE kiosk = ?1 AND epoch = ?2 AND seq > ?3
         ORDER BY seq",
    )?;
    let mut rows = query.query(params![kiosk, epoch.0, high_seq as i64])?;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? as u64 != high_seq + 1 {
            break;
        }
        high_seq += 1;
    }
    Ok(high_seq)
}

fn skip_lost(
    desk: &Connection,
    kiosk: &str,
    epoch: Epoch,
    high_seq: u64,
) -> Result<u64, StoreError> {
    let last: Option<i64> = desk
        .prepare_cached(
            "SELECT max(last) FROM lost WHERE kiosk = ?1 AND epoch = ?2 AND first <= ?3 + 1
             AND last > ?3",
        )?
        .query_row(params![kiosk, epoch.0, high_seq as i64], |row| row.get(0))?;
    Ok(last.map_or(high_seq, |last| last as u64))
}

/// Counts what was new and keeps the head. New rows in an epoch that the kiosk had left mean that
/// two machines go by one name: the card was cloned.
fn count(desk: &Connection, delivery: &Delivery, new: u64) -> Result<(), StoreError> {
    desk.prepare_cached("UPDATE kiosk SET received = received + ?2 WHERE name = ?1")?
        .execute(params![delivery.kiosk, new as i64])?;
    let was_left = desk
        .prepare_cached(
            "SELECT 1 FROM watermark AS this JOIN watermark AS later USING (kiosk)
             WHERE this.kiosk = ?1 AND this.epoch = ?2 AND later.ordinal > this.ordinal",
        )?
        .exists(params![delivery.kiosk, delivery.epoch.0])?;
    if new > 0 && was_left {
        fleet::flag(desk, &delivery.kiosk, fleet::CLONED, &delivery.day)?;
    }
    desk.prepare_cached(
        "INSERT INTO delivery (head, signature, key, day) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![delivery.head, delivery.signature, delivery.key.0, delivery.day])?;
    Ok(())
}
