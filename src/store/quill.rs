//! The one connection by which a process writes to a database, passed from hand to hand in [turn](Turn).
//!
//! SQLite forgets the pages a connection has read as soon as another one has written. With a connection each,
//! every visitor's answer would have the next batch read anew all that it needs, while others wait.
//!
//! After a failed disk nothing is tried again on that connection, whoever had it: the next gets a new one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::error::StoreError;
use super::turn::{Held, Turn};

/// The connection, and whose turn it is.
#[derive(Default)]
pub struct Quill {
    turn: Turn,
    /// None until it is needed, and after it failed. Whoever has the turn locks it, and nobody else: so
    /// there is no order of locks to mind.
    connection: Mutex<Option<Connection>>,
    opened: AtomicU64,
}

/// Who wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// Somebody waits for a page.
    Visitor,
    /// Nobody looks at it meanwhile.
    Batch,
}

/// It is in somebody's hand, until this is dropped. Never ask for a second one meanwhile, nor for
/// anything that another may hold who waits for this.
pub struct Taken<'a> {
    quill: &'a Quill,
    // Dropped in this order: the connection is free before the next has the turn.
    connection: MutexGuard<'a, Option<Connection>>,
    _held: Held<'a>,
}

impl Quill {
    /// With a connection that was opened already.
    pub fn holding(connection: Option<Connection>) -> Quill {
        let opened = AtomicU64::new(u64::from(connection.is_some()));
        Quill { connection: Mutex::new(connection), opened, ..Quill::default() }
    }

    /// Waits for its turn.
    pub fn take(&self, hand: Hand) -> Taken<'_> {
        let held = match hand {
            Hand::Visitor => self.turn.take_for_visitors(),
            Hand::Batch => self.turn.take_for_batch(),
        };
        // Whoever panicked took the connection along (`Taken::write`).
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        Taken { quill: self, connection, _held: held }
    }

    /// How many connections there have been.
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }
}

impl Taken<'_> {
    /// The connection, where there is one.
    pub fn connection(&self) -> Option<&Connection> {
        self.connection.as_ref()
    }

    /// Closes the connection: the next one is new.
    pub fn throw_away(&mut self) {
        *self.connection = None;
    }

    /// Writes; by a new connection, from `connect`, where there is none. One that failed, or during whose
    /// use somebody panicked, is closed and never used again.
    pub fn write<D>(
        mut self,
        connect: impl FnOnce() -> Result<Connection, StoreError>,
        work: impl FnOnce(&mut Connection) -> Result<D, StoreError>,
    ) -> Result<D, StoreError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let connection = connect()?;
                self.quill.opened.fetch_add(1, Ordering::Relaxed);
                connection
            }
        };
        let worked = work(&mut connection);
        if !worked.as_ref().is_err_and(StoreError::spoils_connection) {
            *self.connection = Some(connection);
        }
        worked
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn connect() -> Result<Connection, StoreError> {
        Ok(Connection::open_in_memory()?)
    }

    /// Whether what one hand left is there for the next.
    fn is_still_there(quill: &Quill) -> bool {
        let look = |connection: &mut Connection| {
            let table = "SELECT 1 FROM sqlite_temp_schema";
            let is_there = connection.prepare(table)?.exists([])?;
            connection.execute_batch("CREATE TEMP TABLE IF NOT EXISTS left_behind (x)")?;
            Ok(is_there)
        };
        quill.take(Hand::Batch).write(connect, look).expect("written")
    }

    #[test]
    fn all_write_by_one_connection_until_the_disk_fails_under_any_of_them() {
        for hand in [Hand::Visitor, Hand::Batch] {
            let quill = Quill::holding(None);
            assert!(!is_still_there(&quill), "it is new");
            let poison = StoreError::Sql("a row that cannot be there".to_owned());
            let written = quill.take(hand).write(connect, |_| Err::<(), _>(poison.clone()));
            assert_eq!(written, Err(poison));
            assert!(is_still_there(&quill), "the disk is well");
            let failed = StoreError::Io("pulled out".to_owned());
            let written = quill.take(hand).write(connect, |_| Err::<(), _>(failed.clone()));
            assert_eq!(written, Err(failed));
            assert!(!is_still_there(&quill), "another one");
            assert_eq!(quill.opened(), 2);
        }
    }

    #[test]
    fn a_panic_costs_the_connection_and_not_the_turn() {
        let quill = Quill::holding(None);
        assert!(!is_still_there(&quill));
        let work = |_: &mut Connection| -> Result<(), StoreError> { panic!("a mistake of ours") };
        let wrong =
            catch_unwind(AssertUnwindSafe(|| quill.take(Hand::Visitor).write(connect, work)));
        assert!(wrong.is_err());
        assert!(!is_still_there(&quill), "it may be in the middle of a transaction");
        assert!(is_still_there(&quill));
    }
}
