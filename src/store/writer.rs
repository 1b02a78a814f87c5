//! One thread that writes, and commits in groups: how a disk with 300 fsyncs a second stores
//! thousands of answers a second, each durable before it is acknowledged.
//!
//! 1. [`Writer::store`] puts a row on a bounded channel and waits; a full channel is `Busy`.
//! 2. The thread takes what has gathered meanwhile (up to 512 rows or 1 MB), writes it in one
//!    transaction with a savepoint per row, commits, and only then answers each of them. There is
//!    no timer: while one fsync runs, the next group gathers.
//! 3. After a failed disk nothing is tried again on that connection: it is closed, and the next
//!    group gets a new one.
//! 4. While nobody stores, the thread looks after the database ([`Table::tend`]): whether a disk
//!    that failed works again, and whether the log can be folded into the file.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use super::error::{Health, StoreError};
use super::quill::{Hand, Quill};

const GROUP_ROWS_MAX: usize = 512;
const GROUP_BYTES_MAX: usize = 1_000_000;
/// As many as wait at most: two groups' worth, 0.1 s of work on a slow disk.
const QUEUE_ROWS_MAX: usize = 1024;
/// A commit that takes longer is a dying disk. The row may still be stored: its uid makes asking
/// again safe.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often an idle thread looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// After so many looks without a row to store the log is folded: ten seconds.
const LOOKS_UNTIL_RESTED: u32 = 5;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    New,
    /// Its uid was there already; the first content was kept.
    Known,
}

/// Rows of one sort: how to write them.
pub trait Table: Send + 'static {
    type Row: Send + 'static;

    /// A connection ready for [`Table::insert`].
    fn connect(&self) -> Result<Connection, StoreError>;

    /// Writes one row inside the group's transaction.
    fn insert(&self, connection: &Connection, row: &Self::Row) -> Result<Stored, StoreError>;

    /// About how many bytes the row takes.
    fn bytes(&self, row: &Self::Row) -> usize;

    /// True where the connection must be closed and [`Table::connect`] called: something else found
    /// the database damaged.
    fn is_spoiled(&self) -> bool {
        false
    }

    /// Hears of a group that failed.
    fn note(&self, _: &StoreError) {}

    /// The connection is about to be closed, for good.
    fn close(&self, _: &Connection) {}

    /// Looks after the database while nobody stores.
    fn tend(&self, _: &mut Connection, _: Idle) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Why an idle thread looks after its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// The last thing that was tried failed: does it work again?
    pub is_ill: bool,
    /// Nothing was stored for a while, for the first time since something was.
    pub has_rested: bool,
}

struct Job<R> {
    /// Boxed, as the channel has room for a thousand of them from its beginning.
    row: Box<R>,
    answer: SyncSender<Result<Stored, StoreError>>,
}

/// How the writing goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub health: Health,
    /// Transactions committed.
    pub groups: u64,
    /// Rows in them, known ones included.
    pub rows: u64,
    /// Connections opened.
    pub connections: u64,
    /// How often in a row it failed, at least every few seconds: 0 where all is well. Busy counts
    /// for nothing. Where this has been above 0 for minutes, a restart may help.
    pub failures: u64,
}

/// The thread's other end. Dropping it finishes what waits and closes the database.
pub struct Writer<R: Send + 'static> {
    jobs: Option<SyncSender<Job<R>>>,
    thread: Option<JoinHandle<()>>,
    progress: Arc<Mutex<Progress>>,
}

impl<R: Send + 'static> Writer<R> {
    /// Opens the database and starts the thread.
    pub fn start(table: impl Table<Row = R>) -> Result<Writer<R>, StoreError> {
        let connection = table.connect()?;
        Writer::start_with(table, Ok(connection))
    }

    /// Starts the thread where others in this process write to the same database: by one connection, in turn
    /// ([`Hand::Visitor`]).
    pub fn start_beside(
        table: impl Table<Row = R>,
        quill: Arc<Quill>,
    ) -> Result<Writer<R>, StoreError> {
        Writer::spawn(table, quill, Progress::default())
    }

    /// Starts the thread also where the disk is full, read-only or failing: it tries again. What needs
    /// a person stays an error.
    pub fn start_patiently(table: impl Table<Row = R>) -> Result<Writer<R>, StoreError> {
        let opened = table.connect();
        match opened {
            Err(error) if !error.may_pass() => Err(error),
            opened => Writer::start_with(table, opened),
        }
    }

    fn start_with(
        table: impl Table<Row = R>,
        opened: Result<Connection, StoreError>,
    ) -> Result<Writer<R>, StoreError> {
        let mut progress = Progress::default();
        if let Err(error) = &opened {
            progress = Progress { health: error.into(), failures: 1, ..progress };
        }
        Writer::spawn(table, Arc::new(Quill::holding(opened.ok())), progress)
    }

    fn spawn(
        table: impl Table<Row = R>,
        quill: Arc<Quill>,
        progress: Progress,
    ) -> Result<Writer<R>, StoreError> {
        let (jobs, queue) = sync_channel(QUEUE_ROWS_MAX);
        let progress = Progress { connections: quill.opened(), ..progress };
        let progress = Arc::new(Mutex::new(progress));
        let pen =
            Pen { table, quill, queue, progress: Arc::clone(&progress), looks: LOOKS_UNTIL_RESTED };
        let thread = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || pen.run())
            .map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(Writer { jobs: Some(jobs), thread: Some(thread), progress })
    }

    /// Returns when the row is on the disk, or with the reason why it is not.
    pub fn store(&self, row: R) -> Result<Stored, StoreError> {
        let (answer, answered) = sync_channel(1);
        let jobs = self.jobs.as_ref().expect("the channel is there until the writer is dropped");
        jobs.try_send(Job { row: Box::new(row), answer }).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Io("the writer stopped".to_owned()),
        })?;
        match answered.recv_timeout(PATIENCE) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(StoreError::Busy),
            Err(RecvTimeoutError::Disconnected) => {
                Err(StoreError::Io("the writer stopped".to_owned()))
            }
        }
    }

    /// How the writing goes.
    pub fn progress(&self) -> Progress {
        *lock(&self.progress)
    }
}

impl<R: Send + 'static> Drop for Writer<R> {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was already told to whoever waited.
            let _ = thread.join();
        }
    }
}

/// The thread itself.
struct Pen<T: Table> {
    table: T,
    quill: Arc<Quill>,
    queue: Receiver<Job<T::Row>>,
    progress: Arc<Mutex<Progress>>,
    /// Without a row to store, since there was one.
    looks: u32,
}

impl<T: Table> Pen<T> {
    fn run(mut self) {
        loop {
            match self.queue.recv_timeout(LOOK_EVERY) {
                Ok(first) => {
                    let group = self.gather(first);
                    let written = self.write(&group);
                    self.note(&written);
                    answer(group, written);
                    self.looks = 0;
                }
                Err(RecvTimeoutError::Timeout) => self.look(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Some(connection) = self.quill.take(Hand::Visitor).connection() {
            self.table.close(connection);
        }
    }

    fn look(&mut self) {
        self.looks = self.looks.saturating_add(1);
        let has_rested = self.looks == LOOKS_UNTIL_RESTED;
        let is_ill = lock(&self.progress).failures > 0;
        if !is_ill && !has_rested && !self.table.is_spoiled() {
            return;
        }
        let tended = self.with_connection(|table, connection| {
            table.tend(connection, Idle { is_ill, has_rested })
        });
        self.note(&tended.map(|()| Vec::new()));
    }

    fn gather(&self, first: Job<T::Row>) -> Vec<Job<T::Row>> {
        let mut bytes = self.table.bytes(&first.row);
        let mut group = vec![first];
        while group.len() < GROUP_ROWS_MAX && bytes < GROUP_BYTES_MAX {
            let Ok(next) = self.queue.try_recv() else { break };
            bytes += self.table.bytes(&next.row);
            group.push(next);
        }
        group
    }

    /// One result per row, or one reason for all.
    fn write(&mut self, group: &[Job<T::Row>]) -> Result<Vec<RowResult>, StoreError> {
        self.with_connection(|table, connection| write_group(table, connection, group))
    }

    /// A connection that failed is closed, and never used again.
    fn with_connection<D>(
        &mut self,
        work: impl FnOnce(&T, &mut Connection) -> Result<D, StoreError>,
    ) -> Result<D, StoreError> {
        let mut taken = self.quill.take(Hand::Visitor);
        if self.table.is_spoiled() {
            taken.throw_away();
        }
        taken.write(|| self.table.connect(), |connection| work(&self.table, connection))
    }

    fn note(&self, written: &Result<Vec<RowResult>, StoreError>) {
        let mut progress = lock(&self.progress);
        progress.connections = self.quill.opened();
        match written {
            Ok(results) => {
                progress.groups += u64::from(!results.is_empty());
                progress.rows += results.iter().filter(|result| result.is_ok()).count() as u64;
                (progress.health, progress.failures) = (Health::Fine, 0);
            }
            // Busy says nothing about the disk, so the last word on it stands.
            Err(StoreError::Busy) => {}
            Err(error) => {
                progress.health = error.into();
                progress.failures += 1;
                self.table.note(error);
            }
        }
    }
}

fn write_group<T: Table>(
    table: &T,
    connection: &Connection,
    group: &[Job<T::Row>],
) -> Result<Vec<RowResult>, StoreError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let written = group
        .iter()
        .map(|job| write_row(table, connection, &job.row))
        .collect::<Result<Vec<_>, StoreError>>()
        .and_then(|results| {
            connection.execute_batch("COMMIT")?;
            Ok(results)
        });
    // SQLite takes some failures back by itself; asking it to do so again would be an error.
    if let Err(error) = &written
        && !connection.is_autocommit()
        && !error.spoils_connection()
    {
        connection.execute_batch("ROLLBACK")?;
    }
    written
}

/// The inner result is the row's own; the outer one ends the group.
fn write_row<T: Table>(
    table: &T,
    connection: &Connection,
    row: &T::Row,
) -> Result<RowResult, StoreError> {
    connection.execute_batch("SAVEPOINT one")?;
    match table.insert(connection, row) {
        Err(error) if error.concerns_all() => Err(error),
        Err(error) => {
            connection.execute_batch("ROLLBACK TO one; RELEASE one")?;
            Ok(Err(error))
        }
        Ok(stored) => {
            connection.execute_batch("RELEASE one")?;
            Ok(Ok(stored))
        }
    }
}

type RowResult = Result<Stored, StoreError>;

/// Whoever waited may be gone; then nobody needs the answer.
fn answer<R>(group: Vec<Job<R>>, written: Result<Vec<RowResult>, StoreError>) {
    match written {
        Ok(results) => {
            for (job, result) in group.into_iter().zip(results) {
                let _ = job.answer.send(result);
            }
        }
        Err(error) => {
            for job in group {
                let _ = job.answer.send(Err(error.clone()));
            }
        }
    }
}

/// A panic elsewhere while holding these figures leaves them whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::store::sqlite::{self, Options, Schema};

    const NUMBERS: Schema = Schema {
        what: "test",
        application_id: 1,
        steps: &["CREATE TABLE n (x INTEGER PRIMARY KEY) STRICT;"],
    };

    /// Refuses 13; from `failures` on the disk fails that many times.
    struct Numbers {
        path: PathBuf,
        failures: AtomicUsize,
    }

    impl Table for Numbers {
        type Row = i64;

        fn connect(&self) -> Result<Connection, StoreError> {
            sqlite::open(&self.path, &NUMBERS, &Options::default())
        }

        fn insert(&self, connection: &Connection, row: &i64) -> Result<Stored, StoreError> {
            let failing =
                self.failures
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            match (failing, row) {
                (Ok(_), _) => Err(StoreError::Io("pulled out".to_owned())),
                (Err(_), 13) => Err(StoreError::Sql("thirteen".to_owned())),
                (Err(_), row) => {
                    connection.execute("INSERT INTO n VALUES (?1)", [row])?;
                    Ok(Stored::New)
                }
            }
        }

        fn bytes(&self, _: &i64) -> usize {
            8
        }
    }

    fn numbers(failures: usize) -> (tempfile::TempDir, Writer<i64>) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("n.db");
        let table = Numbers { path, failures: AtomicUsize::new(failures) };
        (folder, Writer::start(table).expect("started"))
    }

    #[test]
    fn one_bad_row_does_not_fail_its_group() {
        let (_folder, writer) = numbers(0);
        thread::scope(|scope| {
            for row in 0..40 {
                let writer = &writer;
                scope.spawn(move || {
                    let stored = writer.store(row);
                    assert_eq!(stored.is_ok(), row != 13, "{row}: {stored:?}");
                });
            }
        });
        let progress = writer.progress();
        assert_eq!(progress.rows, 39);
        assert!(progress.groups <= 40, "{progress:?}");
    }

    #[test]
    fn a_failed_disk_costs_the_connection_and_is_not_acknowledged() {
        let (_folder, writer) = numbers(1);
        assert_eq!(writer.store(1), Err(StoreError::Io("pulled out".to_owned())));
        assert_eq!(writer.progress().health, Health::Failing);
        assert_eq!(writer.store(1), Ok(Stored::New));
        let progress = writer.progress();
        assert_eq!((progress.connections, progress.health), (2, Health::Fine));
    }
}
