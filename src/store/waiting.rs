//! Where a kiosk's private records wait before they get a number: side by side in the outbox, a
//! response and what was set apart from it would tell that they belong together.
//!
//! They are stored in the transaction of their response, durable like it, under a random key. They
//! enter the outbox in the order of those keys, which is none, and as a crowd ([`Outbox::mix_in`]):
//! - when [`CROWD`] forms of one survey's version wait, all of them go;
//! - after some [`DAYS`] everything goes, few or not, at the first call of a day: a moment that no
//!   visitor chose;
//! - at a person's word, everything goes.

use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params, params};

use super::error::StoreError;
use super::outbox::Outbox;
use super::record::{Sealed, Uid};
use super::salvage::Waiting;
use super::writer::Stored;
use crate::crypto::{self, Digest};

/// How many forms have to wait for a crowd: fewer are too easily told apart.
pub const CROWD: u64 = 10;
/// So many days pass, at least and at most, until everything goes. They are counted as they change,
/// not as they are dated: a clock that jumps by years has jumped by one.
pub const DAYS: RangeInclusive<u8> = 4..=7;

/// The second step of the kiosk's database. `opens` is 1 for one record of each form and 0 for its
/// others, so that the sum counts forms without saying which records came together.
pub(super) const SCHEMA: &str = "
    CREATE TABLE waiting (
        key INTEGER PRIMARY KEY,
        opens INTEGER NOT NULL CHECK (opens IN (0, 1)),
        uid BLOB NOT NULL CHECK (length(uid) = 16),
        kind TEXT NOT NULL,
        survey TEXT NOT NULL,
        version TEXT NOT NULL,
        kiosk TEXT NOT NULL,
        epoch BLOB NOT NULL,
        body BLOB NOT NULL,
        sha256 BLOB NOT NULL CHECK (length(sha256) = 32)
    ) STRICT;
    CREATE TABLE patience (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        day TEXT NOT NULL,
        days_left INTEGER NOT NULL
    ) STRICT;
";

/// Who may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mixing<'a> {
    /// Crowds, and everything when its time has come. The day is YYYY-MM-DD.
    Due { day: &'a str },
    /// Everything: a person said so.
    All,
}

impl Outbox {
    /// Lets waiting records into the outbox. Returns how many went. Other processes may do the same.
    pub fn mix_in(&self, mixing: Mixing<'_>) -> Result<usize, StoreError> {
        self.at_desk(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let is_all = match mixing {
                Mixing::Due { day } => has_waited_long(&transaction, day)?,
                Mixing::All => true,
            };
            let keys = keys(&transaction, if is_all { 0 } else { CROWD })?;
            for key in &keys {
                admit(&transaction, *key)?;
            }
            transaction.commit()?;
            Ok(keys.len())
        })
    }
}

/// Writes what was set apart from one form, in the transaction of its response.
pub(super) fn insert(desk: &Connection, apart: &[Sealed]) -> Result<(), StoreError> {
    apart.iter().enumerate().try_for_each(|(number, sealed)| write(desk, number == 0, sealed))
}

/// Writes a waiting record of a damaged database, unless it is there already.
pub(super) fn insert_found(desk: &Connection, found: &Waiting) -> Result<Stored, StoreError> {
    let known = desk
        .prepare_cached(
            "SELECT 1 FROM outbox WHERE uid = ?1 UNION ALL SELECT 1 FROM waiting WHERE uid = ?1",
        )?
        .exists([found.sealed.label.uid.0])?;
    if known {
        return Ok(Stored::Known);
    }
    write(desk, found.opens, &found.sealed)?;
    Ok(Stored::New)
}

/// The record waits no longer: it has its number.
pub(super) fn forget(desk: &Connection, uid: Uid) -> Result<(), StoreError> {
    let gone = desk.prepare_cached("DELETE FROM waiting WHERE uid = ?1")?.execute([uid.0])?;
    count_on(desk, -(gone as i64))
}

fn count_on(desk: &Connection, more: i64) -> Result<(), StoreError> {
    if more != 0 {
        desk.prepare_cached("UPDATE life SET waiting = max(waiting + ?1, 0)")?.execute([more])?;
    }
    Ok(())
}

/// Whether all that waits is as it was stored.
pub(super) fn check(desk: &Connection) -> Result<(), StoreError> {
    let mut query = desk.prepare("SELECT body, sha256 FROM waiting")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (body, digest): (Vec<u8>, [u8; 32]) = (row.get(0)?, row.get(1)?);
        if Digest::of(&body).0 != digest {
            return Err(StoreError::Corrupt("a private record that waits".to_owned()));
        }
    }
    Ok(())
}

fn write(desk: &Connection, opens: bool, sealed: &Sealed) -> Result<(), StoreError> {
    let label = &sealed.label;
    desk.prepare_cached(
        "INSERT INTO waiting
             (key, opens, uid, kind, survey, version, kiosk, epoch, body, sha256, proof)
         VALUES
             (:key, :opens, :uid, :kind, :survey, :version, :kiosk, :epoch, :body, :sha256, :proof)",
    )?
    .execute(named_params! {
        ":key": (u64::from_le_bytes(crypto::random()) >> 1) as i64,
        ":opens": opens,
        ":uid": label.uid.0,
        ":kind": label.kind.name(),
        ":survey": label.survey,
        ":version": label.version,
        ":kiosk": label.kiosk,
        ":epoch": label.epoch.0,
        ":body": sealed.body,
        ":sha256": sealed.digest().0,
        ":proof": sealed.proof().0,
    })?;
    count_on(desk, 1)
}

/// How many wait; none in a database that has not taken this step yet.
pub(super) fn count(desk: &Connection) -> Result<u64, StoreError> {
    let is_there =
        desk.prepare_cached("SELECT 1 FROM sqlite_schema WHERE name = 'waiting'")?.exists([])?;
    if !is_there {
        return Ok(0);
    }
    Ok(desk.query_row("SELECT count(*) FROM waiting", [], |row| row.get::<_, i64>(0))? as u64)
}

/// Notes the day, and whether with it the time has come for everything.
fn has_waited_long(desk: &Connection, day: &str) -> Result<bool, StoreError> {
    let patience: Option<(String, u8)> = desk
        .query_row("SELECT day, days_left FROM patience", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (is_over, days_left) = match patience {
        Some((before, _)) if before == day => return Ok(false),
        Some((_, days_left)) if days_left > 1 => (false, days_left - 1),
        before => (before.is_some(), fastrand::u8(DAYS)),
    };
    desk.execute(
        "INSERT INTO patience (one, day, days_left) VALUES (1, ?1, ?2)
         ON CONFLICT (one) DO UPDATE SET day = excluded.day, days_left = excluded.days_left",
        params![day, days_left],
    )?;
    Ok(is_over)
}

/// The keys of those of whose survey and version at least `crowd` forms wait, all surveys mixed.
fn keys(desk: &Connection, crowd: u64) -> Result<Vec<i64>, StoreError> {
    let mut query = desk.prepare_cached(
        "SELECT key FROM waiting WHERE (survey, version) IN
             (SELECT survey, version FROM waiting GROUP BY 1, 2 HAVING sum(opens) >= ?1)
         ORDER BY key",
    )?;
    let keys = query.query_map([crowd as i64], |row| row.get(0))?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// Gives a waiting record its number. One that has one already, which cannot be, would be left out
/// rather than stop all that come after it.
fn admit(desk: &Connection, key: i64) -> Result<(), StoreError> {
    let own: [u8; 32] = desk
        .prepare_cached("SELECT sha256 FROM waiting WHERE key = ?1")?
        .query_row([key], |row| row.get(0))?;
    let digest = digest_behind_last(desk, Digest(own))?;
    desk.prepare_cached(
        "INSERT INTO outbox (uid, kind, survey, version, kiosk, epoch, body, sha256, proof)
         SELECT uid, kind, survey, version, kiosk, epoch, body, ?2, proof FROM waiting
         WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM outbox WHERE uid = waiting.uid)",
    )?
    .execute(params![key, digest.0])?;
    desk.prepare_cached("DELETE FROM waiting WHERE key = ?1")?.execute([key])?;
    count_on(desk, -1)
}

/// The digest a private record gets in the outbox covers that of the row before it, too. A copy of
/// this database, a clone's or an old one that was put back, may give the same record the same number
/// behind other rows. With its own digest alone a central would take the two for one, and what
/// stands before it in the copy would never be sent.
pub(super) fn digest_behind_last(desk: &Connection, own: Digest) -> Result<Digest, StoreError> {
    let last: Option<[u8; 32]> = desk
        .prepare_cached("SELECT sha256 FROM outbox ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(Digest::of(&[last.unwrap_or_default(), own.0].concat()))
}
