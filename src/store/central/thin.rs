//! What came, thinned once it is in a backup. Until then `received` has number and uid of each row beside
//! each other, so that it can be said which row is missing; afterwards it would only tell which answers came
//! one after the other, and ranges prove as well that none is missing.

use rusqlite::{Connection, TransactionBehavior, params};

use super::Central;
use super::backup::Mark;
use crate::store::error::StoreError;
use crate::store::record::Epoch;
use crate::store::sqlite::fold_log;

/// Rows thinned at a time: visitors wait for no more.
const ROWS: i64 = 5_000;

/// Numbers without a gap that came under one key.
struct Run {
    first: i64,
    last: i64,
    key: Vec<u8>,
    rows: i64,
}

impl Central {
    /// Thins what a backup holds. What a crash leaves undone the next backup does.
    pub fn thin(&self, marks: &[Mark]) -> Result<(), StoreError> {
        for mark in marks {
            while self.thin_some(mark)? {}
        }
        self.write(|desk| fold_log(desk))
    }

    /// Thins some of it; false where nothing is left.
    fn thin_some(&self, mark: &Mark) -> Result<bool, StoreError> {
        self.write(|desk| {
            let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let of = (&mark.kiosk, mark.epoch.0);
            let end: Option<i64> = transaction
                .prepare_cached(
                    "SELECT max(seq) FROM (SELECT seq FROM received
                     WHERE kiosk = ?1 AND epoch = ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4)",
                )?
                .query_row(params![of.0, of.1, mark.high_seq as i64, ROWS], |row| row.get(0))?;
            let Some(end) = end else { return Ok(false) };
            for run in runs(&transaction, mark, end)? {
                keep(&transaction, mark, &run)?;
            }
            transaction
                .prepare_cached(
                    "DELETE FROM received WHERE kiosk = ?1 AND epoch = ?2 AND seq <= ?3",
                )?
                .execute(params![of.0, of.1, end])?;
            transaction.commit()?;
            Ok(true)
        })
    }
}

/// The runs up to `end`, in the order of numbers.
fn runs(desk: &Connection, mark: &Mark, end: i64) -> Result<Vec<Run>, StoreError> {
    let mut query = desk.prepare_cached(
        "SELECT seq, key FROM received WHERE kiosk = ?1 AND epoch = ?2 AND seq <= ?3
         ORDER BY key, seq",
    )?;
    let mut rows = query.query(params![mark.kiosk, mark.epoch.0, end])?;
    let mut runs: Vec<Run> = Vec::new();
    while let Some(row) = rows.next()? {
        let (seq, key): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        match runs.last_mut().filter(|run| run.key == key && seq <= run.last + 1) {
            Some(run) => (run.last, run.rows) = (seq, run.rows + 1),
            None => runs.push(Run { first: seq, last: seq, key, rows: 1 }),
        }
    }
    Ok(runs)
}

/// Writes a run down, as the end of one that is there where it goes on.
fn keep(desk: &Connection, mark: &Mark, run: &Run) -> Result<(), StoreError> {
    let before = "FROM received_range
         WHERE kiosk = ?1 AND epoch = ?2 AND key = ?3 AND last = ?4 - 1";
    let values = params![mark.kiosk, mark.epoch.0, run.key, run.first];
    // A cloned card may have left two that end there.
    let (first, rows): (Option<i64>, Option<i64>) = desk
        .prepare_cached(&format!("SELECT min(first), sum(rows) {before}"))?
        .query_row(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    desk.prepare_cached(&format!("DELETE {before}"))?.execute(values)?;
    let (first, rows) = (first.unwrap_or(run.first), rows.unwrap_or(0));
    desk.prepare_cached(
        "INSERT INTO received_range (kiosk, epoch, first, last, key, rows)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET rows = rows + excluded.rows",
    )?
    .execute(params![mark.kiosk, mark.epoch.0, first, run.last, run.key, rows + run.rows])?;
    Ok(())
}

/// The highest number of an epoch that was thinned; 0 where none was.
pub(super) fn thinned_through(
    desk: &Connection,
    kiosk: &str,
    epoch: Epoch,
) -> Result<u64, StoreError> {
    let last: Option<i64> = desk
        .prepare_cached("SELECT max(last) FROM received_range WHERE kiosk = ?1 AND epoch = ?2")?
        .query_row(params![kiosk, epoch.0], |row| row.get(0))?;
    Ok(last.unwrap_or(0) as u64)
}

/// Whether this number came, and was thinned.
pub(super) fn is_thinned(
    desk: &Connection,
    kiosk: &str,
    epoch: Epoch,
    seq: u64,
) -> Result<bool, StoreError> {
    let mut query = desk.prepare_cached(
        "SELECT 1 FROM received_range
         WHERE kiosk = ?1 AND epoch = ?2 AND first <= ?3 AND last >= ?3",
    )?;
    Ok(query.exists(params![kiosk, epoch.0, seq as i64])?)
}
