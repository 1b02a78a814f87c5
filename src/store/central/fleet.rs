//! The kiosks a central knows: their keys, the codes that let them in, what came from each.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::Serialize;

use super::Central;
use super::log::{self, Entry};
use crate::crypto::{Digest, KeyId, VerifyingKey};
use crate::store::error::StoreError;
use crate::store::record::{Epoch, Told};

/// The kiosk's database was set back or made anew.
pub const NEW_EPOCH: &str = "new-epoch";
/// Two machines go by this kiosk's name and key.
pub const CLONED: &str = "cloned";
/// The kiosk said that rows are lost.
pub const LOST: &str = "lost";

/// A key a kiosk signs by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KioskKey {
    pub kiosk: String,
    pub key: VerifyingKey,
    pub is_revoked: bool,
}

/// What is known of a kiosk, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kiosk {
    pub kiosk: String,
    /// Of its latest epoch.
    pub high_seq: u64,
    /// What it has stored but not sent, as it last said.
    pub unsent: u64,
    /// Rows that were new when they came.
    pub received: u64,
    pub quarantined: u64,
    /// RFC 3339; none before it spoke for the first time.
    pub last_seen: Option<String>,
    /// How far its clock was ahead of the central's, seconds.
    pub skew_s: Option<i64>,
    pub flags: Vec<String>,
    pub revoked: bool,
    /// None where it never told: an earlier program, or only ever by stick.
    pub told: Option<Told>,
}

/// What a kiosk said when it asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub kiosk: String,
    pub epoch: Epoch,
    /// Its highest number.
    pub last: u64,
    pub skew_s: i64,
    /// RFC 3339.
    pub at: String,
    pub told: Option<Told>,
}

impl Central {
    /// The key of this id.
    pub fn kiosk_key(&self, id: KeyId) -> Result<Option<KioskKey>, StoreError> {
        let found: Option<(String, String, bool)> = self
            .desk()
            .prepare_cached("SELECT kiosk, key, revoked IS NOT NULL FROM kiosk_key WHERE id = ?1")?
            .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let read = |(kiosk, key, is_revoked): (String, String, bool)| {
            let key = VerifyingKey::from_hex(&key)
                .ok_or_else(|| StoreError::Corrupt(format!("the key of kiosk {kiosk}")))?;
            Ok(KioskKey { kiosk, key, is_revoked })
        };
        found.map(read).transpose()
    }

    /// Keeps the hash of a one-time code for a kiosk; `expires` and `now` are Unix seconds.
    pub fn add_code(
        &self,
        hash: Digest,
        kiosk: &str,
        expires: i64,
        entry: &Entry,
    ) -> Result<(), StoreError> {
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute("DELETE FROM enrol_code WHERE kiosk = ?1", [kiosk])?;
            transaction.execute(
                "INSERT INTO enrol_code (hash, kiosk, expires) VALUES (?1, ?2, ?3)",
                params![hash.0, kiosk, expires],
            )?;
            log::append(&transaction, entry)?;
            Ok(transaction.commit()?)
        })
    }

    /// The codes that can still be used, as their hashes.
    pub fn open_codes(&self, now: i64) -> Result<Vec<Digest>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached("SELECT hash FROM enrol_code WHERE expires > ?1")?;
        let hashes = query.query_map([now], |row| row.get(0))?;
        Ok(hashes.map(|hash| hash.map(Digest)).collect::<Result<_, _>>()?)
    }

    /// Uses up a code: the kiosk it was made for now signs by `key` and by no earlier one. Its flags
    /// are settled by that. None where the code was used or has expired meanwhile.
    pub fn enrol(
        &self,
        hash: Digest,
        key: &VerifyingKey,
        at: jiff::Timestamp,
    ) -> Result<Option<String>, StoreError> {
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let kiosk: Option<String> = transaction
                .query_row(
                    "DELETE FROM enrol_code WHERE hash = ?1 AND expires > ?2 RETURNING kiosk",
                    params![hash.0, at.as_second()],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(kiosk) = kiosk else { return Ok(None) };
            let (at, id) = (at.to_string(), key.id());
            transaction
                .execute("INSERT INTO kiosk (name) VALUES (?1) ON CONFLICT DO NOTHING", [&kiosk])?;
            revoke_keys(&transaction, &kiosk, &at)?;
            transaction.execute("DELETE FROM kiosk_flag WHERE kiosk = ?1", [&kiosk])?;
            transaction.execute(
                "INSERT INTO kiosk_key (id, kiosk, key, enrolled) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET kiosk = excluded.kiosk, revoked = NULL",
                params![id.0, kiosk, key.to_string(), at],
            )?;
            let detail = format!("{kiosk} by key {id}");
            log::append(
                &transaction,
                &Entry { at, actor: kiosk.clone(), action: "enrolled", detail },
            )?;
            transaction.commit()?;
            Ok(Some(kiosk))
        })
    }

    /// From now on nothing this kiosk signs is taken in. False where it has no valid key.
    pub fn revoke(&self, kiosk: &str, entry: &Entry) -> Result<bool, StoreError> {
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let revoked = revoke_keys(&transaction, kiosk, &entry.at)?;
            if revoked > 0 {
                log::append(&transaction, entry)?;
            }
            transaction.commit()?;
            Ok(revoked > 0)
        })
    }

    /// Notes that a kiosk spoke.
    pub fn note_contact(&self, contact: &Contact) -> Result<(), StoreError> {
        let told = contact.told.as_ref().map(serde_json::to_string).transpose();
        let told = told.map_err(|wrong| StoreError::Sql(wrong.to_string()))?;
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute(
                "UPDATE kiosk SET last_seen = ?2, skew_s = ?3, told = coalesce(?4, told)
                 WHERE name = ?1",
                params![contact.kiosk, contact.at, contact.skew_s, told],
            )?;
            transaction.execute(
                "UPDATE watermark SET last = max(last, ?3) WHERE kiosk = ?1 AND epoch = ?2",
                params![contact.kiosk, contact.epoch.0, contact.last as i64],
            )?;
            Ok(transaction.commit()?)
        })
    }

    /// Every kiosk, by name.
    pub fn kiosks(&self) -> Result<Vec<Kiosk>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare(
            "SELECT k.name, coalesce(w.high_seq, 0), coalesce(w.last - w.high_seq, 0), k.received,
                 (SELECT count(*) FROM quarantine
                     WHERE sender = k.name AND settled IS NULL), k.last_seen, k.skew_s,
                 (SELECT json_group_array(flag) FROM kiosk_flag WHERE kiosk = k.name),
                 NOT EXISTS (SELECT 1 FROM kiosk_key WHERE kiosk = k.name AND revoked IS NULL),
                 k.told
             FROM kiosk AS k LEFT JOIN watermark AS w
                 ON w.ordinal = (SELECT max(ordinal) FROM watermark WHERE kiosk = k.name)
             ORDER BY k.name",
        )?;
        let kiosks = query.query_map([], |row| {
            let flags: String = row.get(7)?;
            let told: Option<String> = row.get(9)?;
            Ok(Kiosk {
                kiosk: row.get(0)?,
                high_seq: row.get::<_, i64>(1)? as u64,
                unsent: row.get::<_, i64>(2)?.max(0) as u64,
                received: row.get::<_, i64>(3)? as u64,
                quarantined: row.get::<_, i64>(4)? as u64,
                last_seen: row.get(5)?,
                skew_s: row.get(6)?,
                flags: serde_json::from_str(&flags).unwrap_or_default(),
                revoked: row.get(8)?,
                told: told.and_then(|told| serde_json::from_str(&told).ok()),
            })
        })?;
        Ok(kiosks.collect::<Result<_, _>>()?)
    }
}

/// Marks a kiosk for people to look at; the first day stands.
pub(super) fn flag(
    desk: &Connection,
    kiosk: &str,
    flag: &str,
    day: &str,
) -> Result<(), StoreError> {
    desk.prepare_cached(
        "INSERT INTO kiosk_flag (kiosk, flag, day) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?
    .execute([kiosk, flag, day])?;
    Ok(())
}

fn revoke_keys(desk: &Connection, kiosk: &str, at: &str) -> Result<usize, StoreError> {
    Ok(desk.execute(
        "UPDATE kiosk_key SET revoked = ?2 WHERE kiosk = ?1 AND revoked IS NULL",
        [kiosk, at],
    )?)
}
