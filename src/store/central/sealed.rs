//! What stays sealed here: sign-ups, and where the key that opens is on an inner machine (`keep_sealed`)
//! everything. [`Central::sealed_after`] reads it out of a copy, there; [`Central::take_opened`] puts it
//! where it belongs.

use rusqlite::{Connection, Row, TransactionBehavior, params};

use super::Central;
use super::ledger::take_opened;
use super::receive::{Care, Delivery, Outcome, Tables};
use crate::store::error::StoreError;
use crate::store::record::{Epoch, Kind, Label, Sealed, Uid};

/// A record, and the kiosk that brought it; none where it came straight from a home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    pub sealed: Sealed,
    pub sender: Option<String>,
}

impl Central {
    /// The next records that have their content, in the order of their random numbers, at most `rows_max`.
    pub fn sealed_after(
        &self,
        after: Option<Uid>,
        rows_max: usize,
    ) -> Result<Vec<Brought>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(
            "SELECT kind, uid, survey, version, kiosk, epoch, body, sender FROM sealed
             WHERE uid > ?1 AND length(body) > 0 ORDER BY uid LIMIT ?2",
        )?;
        let after = after.map_or_else(Vec::new, |uid| uid.0.to_vec());
        let mut rows = query.query(params![after, rows_max as i64])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let label = label(row, 0)?;
            found
                .push(Brought { sealed: Sealed { label, body: row.get(6)? }, sender: row.get(7)? });
        }
        Ok(found)
    }

    /// Takes in what another central kept sealed, in one transaction: once, however often it comes.
    /// Numbers, watermarks and signed heads are the other's to keep.
    pub fn take_opened(&self, delivery: &Delivery) -> Result<Outcome, StoreError> {
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = take_opened(&mut Tables::of(&transaction, Care::EachRow)?, delivery)?;
            let new = (outcome.stored + outcome.quarantined) as i64;
            transaction.execute("UPDATE central SET opened = opened + ?1", [new])?;
            transaction.commit()?;
            Ok(outcome)
        })
    }
}

/// A record's label, whose columns kind, uid, survey, version, kiosk, epoch begin at `first`.
pub(super) fn label(row: &Row, first: usize) -> Result<Label, StoreError> {
    let kind: String = row.get(first)?;
    Ok(Label {
        kind: Kind::named(&kind)
            .ok_or_else(|| StoreError::Corrupt(format!("a record of kind {kind:?}")))?,
        uid: Uid(row.get(first + 1)?),
        survey: row.get(first + 2)?,
        version: row.get(first + 3)?,
        kiosk: row.get(first + 4)?,
        epoch: Epoch(row.get(first + 5)?),
    })
}

/// Keeps a record as it came.
pub(super) fn insert(
    desk: &Connection,
    sealed: &Sealed,
    sender: Option<&str>,
) -> Result<(), StoreError> {
    write(desk, &sealed.label, &sealed.body, sender)
}

/// Keeps that a record came, and nothing of what is in it.
pub(super) fn insert_empty(
    desk: &Connection,
    sealed: &Sealed,
    sender: Option<&str>,
) -> Result<(), StoreError> {
    write(desk, &sealed.label, &[], sender)
}

fn write(
    desk: &Connection,
    label: &Label,
    body: &[u8],
    sender: Option<&str>,
) -> Result<(), StoreError> {
    desk.prepare_cached(
        "INSERT INTO sealed (uid, kind, survey, version, kiosk, epoch, body, sender)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        label.uid.0,
        label.kind.name(),
        label.survey,
        label.version,
        label.kiosk,
        label.epoch.0,
        body,
        sender,
    ])?;
    Ok(())
}

/// Whether a record of this uid is kept sealed.
pub(super) fn exists(desk: &Connection, uid: Uid) -> Result<bool, StoreError> {
    Ok(desk.prepare_cached("SELECT 1 FROM sealed WHERE uid = ?1")?.exists([uid.0])?)
}
