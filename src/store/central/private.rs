//! Private answers in the table `private`: stored, listed for the staff who use them, erased after.
//! What staff did is in the audit log, in the same transaction.

use rusqlite::{Connection, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::Central;
use super::erase::{Place, Rows};
use super::log::{self, Entry};
use crate::response::Private;
use crate::store::error::StoreError;
use crate::store::record::Uid;

/// Who erases, and why; kept with what is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    pub reason: String,
    /// YYYY-MM-DD.
    pub day: String,
    pub by: String,
}

impl Central {
    /// The private answers of a survey that are not erased, in the order of their random numbers.
    pub fn private(&self, survey: &str, entry: &Entry) -> Result<Vec<Private>, StoreError> {
        let bodies = self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let bodies: Vec<String> = transaction
                .prepare(
                    "SELECT body FROM private WHERE survey = ?1 AND body IS NOT NULL ORDER BY uid",
                )?
                .query_map([survey], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            log::append(&transaction, entry)?;
            transaction.commit()?;
            Ok(bodies)
        })?;
        let read = |body: &String| {
            serde_json::from_str(body).map_err(|wrong| {
                StoreError::Corrupt(format!("a private record of {survey}: {wrong}"))
            })
        };
        bodies.iter().map(read).collect()
    }

    /// Erases the private answers of a survey and keeps their numbers, so that nothing comes twice
    /// and the audit's sums hold. Returns how many there were.
    pub fn erase_private(
        &self,
        survey: &str,
        erasure: &Erasure,
        entry: &Entry,
    ) -> Result<usize, StoreError> {
        let rows = Rows { place: Place::Private, which: "survey = ?2", values: &[&survey] };
        self.erase(&[rows], erasure, entry)
    }
}

/// Writes the row.
pub(super) fn insert(desk: &Connection, private: &Private) -> Result<(), StoreError> {
    let uid = Uid::from_hex(&private.uid)
        .ok_or_else(|| StoreError::Sql(format!("{:?} is no uid", private.uid)))?;
    let body =
        serde_json::to_string(private).map_err(|wrong| StoreError::Sql(wrong.to_string()))?;
    desk.prepare_cached(
        "INSERT INTO private (uid, survey, version, body) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![uid.0, private.survey, private.version, body])?;
    Ok(())
}

/// Whether a private record has this uid, erased or not.
pub(super) fn exists(desk: &Connection, uid: Uid) -> Result<bool, StoreError> {
    Ok(desk.prepare_cached("SELECT 1 FROM private WHERE uid = ?1")?.exists([uid.0])?)
}
