//! Erasing responses: the content goes, the uid stays as a tombstone, so that a stick that comes late brings
//! nothing back and the audit's sums hold. What was done is in the audit log, in the same transaction.

use rusqlite::{Connection, TransactionBehavior, params};

use super::Central;
use super::log::{self, Entry};
use super::private::Erasure;
use crate::store::error::StoreError;
use crate::store::record::Uid;

/// Responses to one version of a survey that have been kept for as long as it promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub survey: String,
    pub version: String,
    /// YYYY-MM-DD: this day's and earlier ones.
    pub through: String,
}

impl Central {
    /// How many there are to erase.
    pub fn count_due(&self, due: &Due) -> Result<usize, StoreError> {
        let count: i64 = self.desk().query_row(
            "SELECT count(*) FROM response WHERE version = ?1 AND day <= ?2 AND body IS NOT NULL",
            params![due.version, due.through],
            |row| row.get(0),
        )?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// Erases them. Returns how many there were.
    pub fn erase_due(
        &self,
        due: &Due,
        erasure: &Erasure,
        entry: &Entry,
    ) -> Result<usize, StoreError> {
        self.erase(
            "version = ?2 AND day <= ?3",
            params![in_json(erasure), due.version, due.through],
            entry,
        )
    }

    /// Erases one response. False where there is none of this uid, or it is erased already.
    pub fn erase_one(
        &self,
        uid: Uid,
        erasure: &Erasure,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        Ok(self.erase("uid = ?2", params![in_json(erasure), uid.0], entry)? == 1)
    }

    fn erase(
        &self,
        which: &str,
        values: &[&dyn rusqlite::ToSql],
        entry: &Entry,
    ) -> Result<usize, StoreError> {
        let mut desk = self.desk();
        let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // The background is the response's, too.
        let count = transaction.execute(
            &format!(
                "UPDATE response SET body = NULL, background = '{{}}', duration_s = NULL, erased = ?1
                 WHERE body IS NOT NULL AND {which}"
            ),
            values,
        )?;
        if count > 0 {
            log::append(&transaction, entry)?;
        }
        transaction.commit()?;
        fold(&desk)?;
        Ok(count)
    }
}

fn in_json(erasure: &Erasure) -> String {
    serde_json::to_string(erasure).expect("an erasure is made of texts")
}

/// Until a checkpoint the old pages are still in the WAL. Somebody reading just now keeps it from being
/// emptied; then the next checkpoint does it.
pub(super) fn fold(desk: &Connection) -> Result<(), StoreError> {
    desk.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}
