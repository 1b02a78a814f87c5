//! Erasing: the content goes, the uid stays as a tombstone, so that a stick that comes late brings nothing
//! back and the audit's sums hold. What was done is in the audit log, in the same transaction; and before
//! that is committed it is on the disk in the [`roll`], so that no backup brings it back either.

use rusqlite::{Connection, ToSql, Transaction, TransactionBehavior};
use serde_json::json;

use super::Central;
use super::log::{self, Entry};
use super::private::Erasure;
use super::roll::{self, Deed, Erased};
use crate::crypto::Digest;
use crate::store::error::StoreError;
use crate::store::record::Uid;

/// What of a survey has been kept for as long as it promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub survey: String,
    pub kept: Kept,
    /// YYYY-MM-DD: this day's and earlier ones.
    pub through: String,
}

/// Where it is, and the version that promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Responses, by the day they were given.
    Responses { version: String },
    /// All private answers: they have no day, so whoever asks knows that none is later.
    Private { version: String },
    /// What waits in quarantine, by the day it came.
    Quarantined { version: String },
    /// What waits there and is of a version that nobody here knows.
    OfUnknownVersion,
}

/// Rows with content, by what could tell how long they may stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// `response`, `private`, `quarantine`, or `sealed` for sign-ups.
    pub table: String,
    pub survey: String,
    pub version: String,
    pub rows: u64,
}

/// Where content is that can be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Responses,
    Private,
    Quarantine,
}

impl Place {
    pub(super) const ALL: [Place; 3] = [Place::Responses, Place::Private, Place::Quarantine];

    /// The rows that have any, with `uid` and `sha256`.
    fn full(self) -> &'static str {
        match self {
            Place::Responses => "response LEFT JOIN record USING (uid) WHERE body IS NOT NULL",
            Place::Private => "private LEFT JOIN record USING (uid) WHERE body IS NOT NULL",
            Place::Quarantine => "quarantine WHERE settled IS NULL",
        }
    }

    /// Empties rows; `?1` is what is left of them. The background is the response's, too.
    pub(super) fn emptying(self) -> &'static str {
        match self {
            Place::Responses => {
                "UPDATE response SET body = NULL, background = '{}', duration_s = NULL, erased = ?1
                 WHERE body IS NOT NULL"
            }
            Place::Private => "UPDATE private SET body = NULL, erased = ?1 WHERE body IS NOT NULL",
            Place::Quarantine => {
                "UPDATE quarantine SET settled = ?1, body = x'' WHERE settled IS NULL"
            }
        }
    }

    /// What is left of a row.
    pub(super) fn left(self, erasure: &Erasure) -> String {
        let Erasure { reason, day, by } = erasure;
        let left = match self {
            Place::Quarantine => {
                // A person's decision is a verdict of its own.
                let verdict = if reason == REJECTED { REJECTED } else { "erased" };
                json!({ "verdict": verdict, "reason": reason, "day": day, "by": by })
            }
            Place::Responses | Place::Private => json!(erasure),
        };
        left.to_string()
    }
}

/// Why a person erased what was in quarantine.
pub(super) const REJECTED: &str = "rejected";

impl Central {
    /// How many there are to erase.
    pub fn count_due(&self, due: &Due) -> Result<usize, StoreError> {
        due.with_rows(|rows| Ok(rows.found(&self.desk())?.len()))
    }

    /// Erases them. Returns how many there were.
    pub fn erase_due(
        &self,
        due: &Due,
        erasure: &Erasure,
        entry: &Entry,
    ) -> Result<usize, StoreError> {
        due.with_rows(|rows| self.erase(&[rows], erasure, entry))
    }

    /// The latest day on which a response to this version was given, or anything of it came into
    /// quarantine: its private answers were given with a response, so on no later one.
    pub fn last_day(&self, version: &str) -> Result<Option<String>, StoreError> {
        let last = self.desk().query_row(
            "SELECT max(day) FROM (SELECT day FROM response WHERE version = ?1
                 UNION ALL SELECT day FROM quarantine WHERE version = ?1)",
            [version],
            |row| row.get(0),
        )?;
        Ok(last)
    }

    /// All that has content.
    pub fn stock(&self) -> Result<Vec<Stock>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare(
            "SELECT 'response', survey, version, count(*) FROM response WHERE body IS NOT NULL GROUP BY 2, 3
             UNION ALL SELECT 'private', survey, version, count(*) FROM private WHERE body IS NOT NULL
                 GROUP BY 2, 3
             UNION ALL SELECT 'quarantine', survey, version, count(*) FROM quarantine WHERE settled IS NULL
                 GROUP BY 2, 3
             UNION ALL SELECT 'sealed', survey, version, count(*) FROM sealed WHERE length(body) > 0
                 GROUP BY 2, 3",
        )?;
        let stock = query.query_map([], |row| {
            let rows = row.get::<_, i64>(3)? as u64;
            Ok(Stock { table: row.get(0)?, survey: row.get(1)?, version: row.get(2)?, rows })
        })?;
        Ok(stock.collect::<Result<_, _>>()?)
    }

    /// Erases all that goes by this number: a response, a private answer, and what waits in quarantine.
    /// False where there is none, or it is erased already.
    pub fn erase_one(
        &self,
        uid: Uid,
        erasure: &Erasure,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        let values: [&dyn ToSql; 1] = [&uid.0];
        let rows = Place::ALL.map(|place| Rows { place, which: "uid = ?2", values: &values });
        Ok(self.erase(&rows, erasure, entry)? > 0)
    }

    /// Erases rows in one transaction. Returns how many there were.
    pub(super) fn erase(
        &self,
        rows: &[Rows],
        erasure: &Erasure,
        entry: &Entry,
    ) -> Result<usize, StoreError> {
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut records = Vec::new();
            for rows in rows {
                records.extend(rows.found(&transaction)?);
            }
            let count = records.len();
            if count > 0 {
                // Rows stand in an order of their own; the numbers' order tells nothing.
                records.sort_unstable();
                let deed = Deed { erasure: erasure.clone(), records };
                roll::append(&roll::beside(self.path()), &deed)?;
                for rows in rows {
                    rows.empty(&transaction, erasure)?;
                }
                log::append(&transaction, entry)?;
            }
            transaction.commit()?;
            fold(desk)?;
            Ok(count)
        })
    }
}

impl Due {
    fn with_rows<T>(&self, then: impl FnOnce(Rows) -> T) -> T {
        const DAY: &str = "version = ?2 AND day <= ?3";
        const UNKNOWN: &str = "survey = ?2 AND day <= ?3
             AND version NOT IN (SELECT version FROM survey_version)";
        let (survey, through) = (&self.survey, &self.through);
        match &self.kept {
            Kept::Responses { version } => {
                let values: &[&dyn ToSql] = &[version, through];
                then(Rows { place: Place::Responses, which: DAY, values })
            }
            Kept::Private { version } => {
                then(Rows { place: Place::Private, which: "version = ?2", values: &[version] })
            }
            Kept::Quarantined { version } => {
                let values: &[&dyn ToSql] = &[version, through];
                then(Rows { place: Place::Quarantine, which: DAY, values })
            }
            Kept::OfUnknownVersion => {
                let values: &[&dyn ToSql] = &[survey, through];
                then(Rows { place: Place::Quarantine, which: UNKNOWN, values })
            }
        }
    }
}

/// Rows that are erased together: `which` is a condition of SQL, its values from `?2` on.
pub(super) struct Rows<'a> {
    pub place: Place,
    pub which: &'a str,
    pub values: &'a [&'a dyn ToSql],
}

impl Rows<'_> {
    fn found(&self, desk: &Connection) -> Result<Vec<Erased>, StoreError> {
        let (full, which) = (self.place.full(), self.which);
        let mut query = desk.prepare(&format!("SELECT uid, sha256 FROM {full} AND {which}"))?;
        let found = query.query_map(&*self.with(&""), |row| {
            let sha256: Option<[u8; 32]> = row.get(1)?;
            Ok(Erased { uid: Uid(row.get(0)?), sha256: sha256.map(Digest) })
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    fn empty(&self, desk: &Transaction, erasure: &Erasure) -> Result<(), StoreError> {
        let left = self.place.left(erasure);
        let sql = format!("{} AND {}", self.place.emptying(), self.which);
        desk.execute(&sql, &*self.with(&left))?;
        Ok(())
    }

    fn with<'a>(&'a self, first: &'a dyn ToSql) -> Vec<&'a dyn ToSql> {
        [first].into_iter().chain(self.values.iter().copied()).collect()
    }
}

/// Until a checkpoint the old pages are still in the WAL. Somebody reading just now keeps it from being
/// emptied; then the next checkpoint does it.
pub(super) fn fold(desk: &Connection) -> Result<(), StoreError> {
    desk.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}
