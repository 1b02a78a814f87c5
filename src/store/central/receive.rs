//! Taking in one batch: insert or ignore, watermark, commit, in ONE transaction. Whatever else
//! happens on the way, exactly-once comes from the keys of the tables `content` and `response` and from nothing else.
//! What is decided is in `ledger`; here are its tables.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params, params};

use super::ledger::{Known, Ledger, take_in};
use super::response::{self, Accepted, Written};
use super::restore::is_content_erased;
use super::{Central, fleet, private, sealed, thin};
use crate::crypto::{Digest, KeyId};
use crate::response::Private;
use crate::store::error::StoreError;
use crate::store::outbox::Row;
use crate::store::record::{Epoch, Lost, Sealed, Uid};

/// What opening a record came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Judged {
    /// A response, sound.
    Response(Box<Accepted>),
    /// A private record, sound.
    Private(Box<Private>),
    /// A sign-up, or anything where the key that opens is elsewhere: stays sealed.
    Sealed,
    /// An answer with a letter's code, which is in the spool by now: of it only its number is kept here,
    /// as of a sign-up that was taken to the panel.
    Spooled,
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
    /// What the kiosk said of the row.
    pub declared: Digest,
    /// What it is: of the sealed bytes, computed before anything is locked.
    pub digest: Digest,
    pub judged: Judged,
    /// Of a response, as it will be written.
    pub(super) written: Option<Written>,
}

impl Item {
    /// A row, and what opening it came to.
    pub fn new(row: Row, judged: Judged) -> Item {
        let digest = row.sealed.digest();
        let written = match &judged {
            // What cannot be written says so where it is to be.
            Judged::Response(accepted) => Written::of(accepted).ok(),
            _ => None,
        };
        Item { seq: row.seq, sealed: row.sealed, declared: row.digest, digest, judged, written }
    }
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

impl Central {
    /// Takes in a batch. Returns when all of it is on the disk; an error means that none of it is.
    pub fn receive(&self, delivery: &Delivery) -> Result<Outcome, StoreError> {
        let outcome = self.take_in(delivery)?;
        self.fold_after(delivery.items.len());
        Ok(outcome)
    }

    fn take_in(&self, delivery: &Delivery) -> Result<Outcome, StoreError> {
        match self.attempt(delivery, Care::Whole) {
            // A poison row is among them.
            Err(StoreError::Sql(_)) => self.attempt(delivery, Care::EachRow),
            outcome => outcome,
        }
    }

    fn attempt(&self, delivery: &Delivery, care: Care) -> Result<Outcome, StoreError> {
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = take_in(&mut Tables::of(&transaction, care)?, delivery)?;
            transaction.commit()?;
            Ok(outcome)
        })
    }

    /// How far this epoch of a kiosk has come; nothing where it is new.
    pub fn watermark(&self, kiosk: &str, epoch: Epoch) -> Result<Watermark, StoreError> {
        Ok(watermark(&self.desk(), kiosk, epoch)?.unwrap_or_default())
    }
}

/// Whether single rows can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Not: a row that cannot be there fails the whole attempt, which costs less where none does.
    Whole,
    EachRow,
}

/// The tables as they are within a transaction.
pub(super) struct Tables<'a> {
    desk: &'a Connection,
    care: Care,
    /// Whether anything was erased elsewhere at all; where nothing was, no row is looked up.
    has_erased: bool,
}

impl<'a> Tables<'a> {
    pub(super) fn of(desk: &'a Connection, care: Care) -> Result<Tables<'a>, StoreError> {
        let has_erased =
            desk.prepare_cached("SELECT 1 FROM erased_elsewhere LIMIT 1")?.exists([])?;
        Ok(Tables { desk, care, has_erased })
    }

    /// Where rows are taken back.
    fn run(&self, sql: &str) -> Result<(), StoreError> {
        if self.care == Care::EachRow {
            self.desk.prepare_cached(sql)?.execute([])?;
        }
        Ok(())
    }

    fn is_content_erased(&self, digest: Digest) -> Result<bool, StoreError> {
        Ok(self.has_erased && is_content_erased(self.desk, digest)?)
    }
}

impl Ledger for Tables<'_> {
    fn mark(&mut self) -> Result<(), StoreError> {
        self.run("SAVEPOINT row")
    }

    fn keep(&mut self) -> Result<(), StoreError> {
        self.run("RELEASE row")
    }

    fn undo(&mut self) -> Result<(), StoreError> {
        if self.care == Care::Whole {
            return Err(StoreError::Sql("a row that has to be taken in by itself".to_owned()));
        }
        self.run("ROLLBACK TO row")?;
        self.run("RELEASE row")
    }

    fn note_epoch(&mut self, delivery: &Delivery) -> Result<bool, StoreError> {
        let sql = match delivery.past {
            false => {
                "INSERT INTO watermark (kiosk, epoch, base, high_seq) VALUES (?1, ?2, ?3, ?3)
                 ON CONFLICT DO NOTHING"
            }
            true => {
                "INSERT INTO watermark (ordinal, kiosk, epoch, base, high_seq)
                 SELECT coalesce(min(ordinal), 1) - 1, ?1, ?2, ?3, ?3 FROM watermark
                 WHERE true ON CONFLICT (kiosk, epoch) DO NOTHING"
            }
        };
        let mut insert = self.desk.prepare_cached(sql)?;
        let base = delivery.base as i64;
        Ok(insert.execute(params![delivery.kiosk, delivery.epoch.0, base])? == 1)
    }

    fn has_other_epoch(&self, kiosk: &str, epoch: Epoch) -> Result<bool, StoreError> {
        let mut query =
            self.desk.prepare_cached("SELECT 1 FROM watermark WHERE kiosk = ?1 AND epoch <> ?2")?;
        Ok(query.exists(params![kiosk, epoch.0])?)
    }

    fn was_left(&self, kiosk: &str, epoch: Epoch) -> Result<bool, StoreError> {
        let mut query = self.desk.prepare_cached(
            "SELECT 1 FROM watermark AS this JOIN watermark AS later USING (kiosk)
             WHERE this.kiosk = ?1 AND this.epoch = ?2 AND later.ordinal > this.ordinal",
        )?;
        Ok(query.exists(params![kiosk, epoch.0])?)
    }

    fn known(&self, uid: Uid) -> Result<Known, StoreError> {
        // One query: this is asked of every row while others wait.
        let mut query = self.desk.prepare_cached(
            "SELECT sha256 FROM content WHERE uid = ?1
             UNION ALL SELECT content FROM response WHERE uid = ?1
             UNION ALL SELECT NULL FROM private WHERE uid = ?1
             UNION ALL SELECT NULL FROM sealed WHERE uid = ?1
             LIMIT 1",
        )?;
        let found: Option<Option<[u8; 32]>> =
            query.query_row([uid.0], |row| row.get(0)).optional()?;
        Ok(match found {
            Some(Some(first)) => Known::As(Digest(first)),
            Some(None) => Known::FromHome,
            None => Known::No,
        })
    }

    fn note_record(&mut self, item: &Item, digest: Digest) -> Result<(), StoreError> {
        if let Judged::Response(_) = item.judged {
            // Its own row tells.
            return Ok(());
        }
        note_content(self.desk, item, digest)
    }

    fn insert(
        &mut self,
        delivery: &Delivery,
        item: &Item,
        digest: Digest,
    ) -> Result<(), StoreError> {
        if self.is_content_erased(digest)? {
            return match item.judged {
                // No row of its own will tell that it came.
                Judged::Response(_) => note_content(self.desk, item, digest),
                _ => Ok(()),
            };
        }
        match &item.judged {
            Judged::Response(accepted) => {
                let insert = |written: &Written| {
                    response::insert_written(self.desk, accepted, written, Some(digest))
                };
                item.written.as_ref().map_or_else(|| insert(&Written::of(accepted)?), insert)
            }
            Judged::Private(record) => private::insert(self.desk, record),
            Judged::Sealed => sealed::insert(self.desk, &item.sealed, Some(&delivery.kiosk)),
            Judged::Spooled => sealed::insert_empty(self.desk, &item.sealed, Some(&delivery.kiosk)),
            Judged::UnknownVersion | Judged::Refused(_) => {
                Err(StoreError::Sql("only what is sound has a place".to_owned()))
            }
        }
    }

    fn quarantine(
        &mut self,
        delivery: &Delivery,
        item: &Item,
        reason: &str,
    ) -> Result<bool, StoreError> {
        if self.is_content_erased(item.digest)? {
            return Ok(false);
        }
        quarantine(self.desk, delivery, item, reason)
    }

    fn has_twin(&self, delivery: &Delivery, item: &Item) -> Result<bool, StoreError> {
        let mut query = self.desk.prepare_cached(
            "SELECT 1 FROM received WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3 AND uid <> ?4",
        )?;
        let uid = item.sealed.label.uid;
        Ok(query.exists(params![delivery.kiosk, delivery.epoch.0, item.seq as i64, uid.0])?)
    }

    fn last_received(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError> {
        let last: Option<i64> = self
            .desk
            .prepare_cached("SELECT max(seq) FROM received WHERE kiosk = ?1 AND epoch = ?2")?
            .query_row(params![kiosk, epoch.0], |row| row.get(0))?;
        Ok(last.unwrap_or(0) as u64)
    }

    fn thinned_through(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError> {
        thin::thinned_through(self.desk, kiosk, epoch)
    }

    fn is_thinned(&self, delivery: &Delivery, item: &Item) -> Result<bool, StoreError> {
        thin::is_thinned(self.desk, &delivery.kiosk, delivery.epoch, item.seq)
    }

    fn note_received(&mut self, delivery: &Delivery, item: &Item) -> Result<(), StoreError> {
        self.desk
            .prepare_cached(
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

    fn note_lost(&mut self, delivery: &Delivery, lost: &Lost) -> Result<(), StoreError> {
        self.desk
            .prepare_cached(
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
        Ok(())
    }

    fn watermark(&self, kiosk: &str, epoch: Epoch) -> Result<Option<Watermark>, StoreError> {
        watermark(self.desk, kiosk, epoch)
    }

    fn received_through(&self, kiosk: &str, epoch: Epoch, seq: u64) -> Result<u64, StoreError> {
        let mut query = self.desk.prepare_cached(
            "SELECT DISTINCT seq FROM received WHERE kiosk = ?1 AND epoch = ?2 AND seq > ?3
             ORDER BY seq",
        )?;
        let mut rows = query.query(params![kiosk, epoch.0, seq as i64])?;
        let mut through = seq;
        while let Some(row) = rows.next()? {
            if row.get::<_, i64>(0)? as u64 != through + 1 {
                break;
            }
            through += 1;
        }
        Ok(through)
    }

    fn lost_through(&self, kiosk: &str, epoch: Epoch, seq: u64) -> Result<u64, StoreError> {
        let last: Option<i64> = self
            .desk
            .prepare_cached(
                "SELECT max(last) FROM lost WHERE kiosk = ?1 AND epoch = ?2 AND first <= ?3 + 1
                 AND last > ?3",
            )?
            .query_row(params![kiosk, epoch.0, seq as i64], |row| row.get(0))?;
        Ok(last.map_or(seq, |last| last as u64))
    }

    fn declared(&self, kiosk: &str, epoch: Epoch, seq: u64) -> Result<Option<Digest>, StoreError> {
        let declared: Option<[u8; 32]> = self
            .desk
            .prepare_cached(
                "SELECT sha256 FROM received WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3
                 ORDER BY uid LIMIT 1",
            )?
            .query_row(params![kiosk, epoch.0, seq as i64], |row| row.get(0))
            .optional()?;
        Ok(declared.map(Digest))
    }

    fn set_watermark(
        &mut self,
        kiosk: &str,
        epoch: Epoch,
        watermark: Watermark,
    ) -> Result<(), StoreError> {
        let tip = watermark.tip.map(|tip| tip.0);
        self.desk
            .prepare_cached(
                "UPDATE watermark SET high_seq = ?3, tip = ?4, last = max(last, ?3)
                 WHERE kiosk = ?1 AND epoch = ?2",
            )?
            .execute(params![kiosk, epoch.0, watermark.high_seq as i64, tip])?;
        Ok(())
    }

    fn count_new(&mut self, kiosk: &str, new: u64) -> Result<(), StoreError> {
        self.desk
            .prepare_cached("UPDATE kiosk SET received = received + ?2 WHERE name = ?1")?
            .execute(params![kiosk, new as i64])?;
        Ok(())
    }

    fn keep_head(&mut self, delivery: &Delivery) -> Result<(), StoreError> {
        self.desk
            .prepare_cached(
                "INSERT INTO delivery (head, signature, key, day) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![delivery.head, delivery.signature, delivery.key.0, delivery.day])?;
        Ok(())
    }

    fn flag(&mut self, kiosk: &str, flag: &str, day: &str) -> Result<(), StoreError> {
        fleet::flag(self.desk, kiosk, flag, day)
    }
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

fn note_content(desk: &Connection, item: &Item, digest: Digest) -> Result<(), StoreError> {
    desk.prepare_cached("INSERT INTO content (uid, sha256) VALUES (?1, ?2)")?
        .execute(params![item.sealed.label.uid.0, digest.0])?;
    Ok(())
}

fn quarantine(
    desk: &Connection,
    delivery: &Delivery,
    item: &Item,
    reason: &str,
) -> Result<bool, StoreError> {
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
            ":sha256": item.digest.0,
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
    Ok(is_new == 1)
}
