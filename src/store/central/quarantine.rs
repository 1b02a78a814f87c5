//! What waits for a person: records that could not be stored as they came. [`Central::free`] lets one go
//! where it belongs, [`Central::reject`] empties it; either way its uid and digest stay, so that the same
//! content does not come again.

use rusqlite::{Connection, TransactionBehavior, named_params, params};
use serde_json::json;

use super::erase::{Place, REJECTED, Rows, fold};
use super::log::{self, Entry};
use super::private::Erasure;
use super::receive::Judged;
use super::sealed::label;
use super::{Central, private, response};
use crate::crypto::Digest;
use crate::store::error::StoreError;
use crate::store::record::{Sealed, Uid};

/// A record in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The digest of what is sealed: a uid may wait with several contents.
    pub id: Digest,
    /// The kiosk that sent it.
    pub sender: String,
    /// A stable word.
    pub reason: String,
    /// YYYY-MM-DD.
    pub day: String,
    pub sealed: Sealed,
}

impl Central {
    /// All that nobody has decided about, by kiosk and survey.
    pub fn quarantine(&self) -> Result<Vec<Waiting>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare(
            "SELECT sha256, sender, reason, day, kind, uid, survey, version, kiosk, epoch, body
             FROM quarantine WHERE settled IS NULL ORDER BY sender, survey, reason, sha256",
        )?;
        let mut rows = query.query([])?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next()? {
            let label = label(row, 4)?;
            waiting.push(Waiting {
                id: Digest(row.get(0)?),
                sender: row.get(1)?,
                reason: row.get(2)?,
                day: row.get(3)?,
                sealed: Sealed { label, body: row.get(10)? },
            });
        }
        Ok(waiting)
    }

    /// Lets a record go where it belongs. `uid` is the one it is stored under: its own, or where that has
    /// another content a fresh one, which then counts as received. False where somebody was quicker.
    pub fn free(
        &self,
        waiting: &Waiting,
        judged: &Judged,
        uid: Uid,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if !settle(&transaction, waiting, entry)? {
                return Ok(false);
            }
            if uid != waiting.sealed.label.uid {
                transaction.execute(
                    "INSERT INTO content (uid, sha256) VALUES (?1, ?2)",
                    params![uid.0, waiting.id.0],
                )?;
            }
            match judged {
                Judged::Response(accepted) => response::insert(&transaction, accepted)?,
                Judged::Private(record) => private::insert(&transaction, record)?,
                Judged::Sealed | Judged::Spooled | Judged::UnknownVersion | Judged::Refused(_) => {
                    return Ok(false);
                }
            }
            transaction.commit()?;
            fold(desk)?;
            Ok(true)
        })
    }

    /// Empties a record for good. False where somebody was quicker.
    pub fn reject(&self, waiting: &Waiting, entry: &Entry) -> Result<bool, StoreError> {
        let erasure = Erasure {
            reason: REJECTED.to_owned(),
            day: entry.at.get(..10).unwrap_or_default().to_owned(),
            by: entry.actor.clone(),
        };
        let rows = Rows {
            place: Place::Quarantine,
            which: "uid = ?2 AND sha256 = ?3",
            values: &[&waiting.sealed.label.uid.0, &waiting.id.0],
        };
        Ok(self.erase(&[rows], &erasure, entry)? > 0)
    }
}

fn settle(desk: &Connection, waiting: &Waiting, entry: &Entry) -> Result<bool, StoreError> {
    let day = entry.at.get(..10).unwrap_or_default();
    let settled = json!({ "verdict": "accepted", "day": day, "by": entry.actor }).to_string();
    let count = desk.execute(
        "UPDATE quarantine SET settled = :settled, body = x''
         WHERE uid = :uid AND sha256 = :sha256 AND settled IS NULL",
        named_params! {
            ":settled": settled,
            ":uid": waiting.sealed.label.uid.0,
            ":sha256": waiting.id.0,
        },
    )?;
    if count == 1 {
        log::append(desk, entry)?;
    }
    Ok(count == 1)
}
