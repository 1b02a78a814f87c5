//! What a power cut left half-written in the log: kept where it is whole, and its numbers passed over
//! where it is not.

use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;
use super::outbox::{insert, life};
use super::salvage::Found;
use super::waiting;

/// What was being written as the power went, or was last, and SQLite passed over. Where all of it is
/// there it is kept after all; of a part nothing is, since a response without what was set apart from
/// it would be taken for the whole when its form is sent again. Its numbers leave a gap, which the
/// kiosk signs for: nothing tells a transaction that was cut off from one that the disk damaged.
pub(super) fn mend(desk: &mut Connection, torn: &Found) -> Result<(), StoreError> {
    let life = life(desk)?;
    if torn.last <= life.last && torn.waiting.is_empty() {
        return Ok(());
    }
    let mut transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let numbered = torn.rows.range(life.last + 1..).count() as u64;
    if torn.is_last_sure && numbered == torn.last.saturating_sub(life.last) {
        let savepoint = transaction.savepoint()?;
        for (_, row) in torn.rows.range(life.last + 1..) {
            waiting::forget(&savepoint, row.sealed.label.uid)?;
            insert(&savepoint, &row.sealed)?;
        }
        for waiting in torn.waiting.values() {
            waiting::insert_found(&savepoint, waiting)?;
        }
        if torn.waited == Some(waiting::count(&savepoint)?) {
            savepoint.commit()?;
        }
    }
    pass_over(&transaction, torn.last)?;
    Ok(transaction.commit()?)
}

/// Leaves the numbers up to `seq` out that are not given yet.
fn pass_over(desk: &Connection, seq: u64) -> Result<(), StoreError> {
    let last = life(desk)?.last;
    if seq > last {
        desk.execute("INSERT INTO torn VALUES (?1, ?2)", [last as i64 + 1, seq as i64])?;
        count_to(desk, seq)?;
    }
    Ok(())
}

/// Makes the next number at least `seq` + 1.
fn count_to(desk: &Connection, seq: u64) -> Result<(), StoreError> {
    desk.execute(
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox', 0
         WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox')",
        [],
    )?;
    desk.execute(
        "UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'outbox'",
        [seq as i64],
    )?;
    Ok(())
}
