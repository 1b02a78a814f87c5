//! Where a kiosk's database lives: opened, checked, and where it is damaged set aside for a fresh one.
//!
//! Everybody who has it open holds the lock of its folder, shared. Who gets that lock alone is the only
//! one, and may put things in order; where others are inside it is not touched. The lock is on the
//! folder and not on a file, so that a full or read-only disk has it too.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use super::error::StoreError;
use super::salvage::{self, wal::Tail};
use super::sqlite::{self, Options, Schema};
use super::{aside, outbox, torn};

/// The longest the check at start takes. A gigabyte is read in 2 to 10 s; where it takes longer people
/// wait before a dark screen, and what was not looked at is found when it is read.
const CHECK_PATIENCE: Duration = Duration::from_secs(5);
/// A real number of steps stays below this; beyond it the header is damaged.
const VERSIONS_MAX: i64 = 1000;

/// The home of one kiosk's database.
pub(super) struct Home {
    folder: PathBuf,
    path: PathBuf,
    schema: &'static Schema,
    options: Options,
    /// Held while one of our connections is open.
    lock: Mutex<Option<File>>,
    /// For all but storing, so that no visitor waits behind a long read.
    desk: Mutex<Option<Connection>>,
    /// SQLite said that it is damaged: what it said once is not believed sound again.
    is_damaged: AtomicBool,
    /// A salvage is still to be done.
    is_pending: AtomicBool,
    /// Why it is not open.
    closed: Mutex<Option<StoreError>>,
}

impl Home {
    pub fn new(folder: &Path, schema: &'static Schema, options: Options) -> Home {
        Home {
            folder: folder.to_owned(),
            path: folder.join(outbox::FILE),
            schema,
            options,
            lock: Mutex::default(),
            desk: Mutex::default(),
            is_damaged: AtomicBool::new(false),
            is_pending: AtomicBool::new(false),
            closed: Mutex::default(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn is_damaged(&self) -> bool {
        self.is_damaged.load(Ordering::Relaxed)
    }

    pub fn is_pending(&self) -> bool {
        self.is_pending.load(Ordering::Relaxed)
    }

    /// Notes what an error says of the file.
    pub fn note(&self, error: &StoreError) {
        if matches!(error, StoreError::Corrupt(_)) {
            self.is_damaged.store(true, Ordering::Relaxed);
        }
    }

    /// The writer's connection. Its earlier one is closed.
    pub fn connect(&self) -> Result<Connection, StoreError> {
        let mut desk = hold(&self.desk);
        let mut lock = hold(&self.lock);
        if self.is_damaged() {
            (*desk, *lock) = (None, None);
        }
        let connected = match &*lock {
            Some(_) => self.open(),
            None => self.enter(&mut lock),
        };
        // What is read from a log after a failed sync, or after a crash during one, may be in the
        // kernel's memory alone, where no later sync would take it for unwritten. Folded into the file
        // it is written once more.
        let connected = connected.and_then(|connection| {
            sqlite::fold_log(&connection)?;
            Ok(connection)
        });
        if let Err(error) = &connected {
            self.note(error);
        }
        *hold(&self.closed) = connected.as_ref().err().cloned();
        connected
    }

    /// Works with the desk's connection. One that failed is not used again.
    pub fn at_desk<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut desk = hold(&self.desk);
        if hold(&self.lock).is_none() {
            let why = hold(&self.closed).clone();
            return Err(why.unwrap_or(StoreError::Busy));
        }
        let mut connection = match desk.take() {
            Some(connection) => connection,
            None => self.open().inspect_err(|error| self.note(error))?,
        };
        let worked = work(&mut connection).inspect_err(|error| self.note(error));
        if !worked.as_ref().is_err_and(|error| error.spoils_connection()) {
            *desk = Some(connection);
        }
        worked
    }

    /// Salvages what was set aside, where that could not be finished before.
    pub fn salvage_pending(&self, connection: &mut Connection) -> Result<(), StoreError> {
        aside::salvage_pending(connection, &self.folder)?;
        self.is_pending.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// The last to close its connection, to a sound database: folds the log into it.
    pub fn close(&self, connection: &Connection) {
        *hold(&self.desk) = None;
        if !self.is_damaged() {
            // It is folded at the next start instead.
            let _ = sqlite::leave_log(connection, false);
        }
    }

    /// Closing leaves the log alone: by then the file may be known to be damaged.
    fn open(&self) -> Result<Connection, StoreError> {
        let connection = sqlite::open(&self.path, self.schema, &self.options)?;
        sqlite::leave_log(&connection, true)?;
        Ok(connection)
    }

    fn enter(&self, lock: &mut Option<File>) -> Result<Connection, StoreError> {
        crate::durable::create_folder(&self.folder).map_err(from_io)?;
        let folder = File::open(&self.folder).map_err(from_io)?;
        let mut connection = match folder.try_lock() {
            Ok(()) => self.put_in_order()?,
            Err(TryLockError::WouldBlock) => {
                folder.lock_shared().map_err(from_io)?;
                self.open()?
            }
            Err(TryLockError::Error(error)) => return Err(from_io(error)),
        };
        folder.unlock().and_then(|()| folder.lock_shared()).map_err(from_io)?;
        self.is_damaged.store(false, Ordering::Relaxed);
        self.is_pending.store(true, Ordering::Relaxed);
        match self.salvage_pending(&mut connection) {
            // Taking new answers goes first; the writer tries again when it has nothing to do.
            Err(error) if !error.spoils_connection() => {}
            salvaged => salvaged?,
        }
        *lock = Some(folder);
        Ok(connection)
    }

    /// Opens the database, or where it is damaged a fresh one. Nobody else is inside.
    fn put_in_order(&self) -> Result<Connection, StoreError> {
        aside::finish_move(&self.folder).map_err(from_io)?;
        let (tail, found) = salvage::read_tail(&self.path)?;
        let checked = match (tail, self.is_damaged()) {
            (Tail::Damaged, _) => Err(StoreError::Corrupt("its log".to_owned())),
            (_, true) => Err(StoreError::Corrupt("as was seen before".to_owned())),
            _ => self.open().and_then(|connection| check(&connection).map(|()| connection)),
        };
        let mut connection = match checked {
            Err(error) if self.is_damage(&error) => {
                self.be_alone()?;
                aside::set_aside(&self.folder).map_err(from_io)?;
                return self.open();
            }
            checked => checked?,
        };
        if tail == Tail::Torn {
            // Else what mends would be written over the torn frames, and where the power goes again in it, the
            // ends of two transactions lie there as if the disk had damaged what was promised.
            sqlite::fold_log(&connection)?;
            torn::mend(&mut connection, &found)?;
        }
        Ok(connection)
    }

    /// What opening says where the header or the schema is damaged. Of a file that is a central's
    /// nothing is moved.
    fn is_damage(&self, error: &StoreError) -> bool {
        match error {
            StoreError::Corrupt(_) | StoreError::Sql(_) => true,
            StoreError::Newer { found, .. } => *found > VERSIONS_MAX,
            StoreError::Foreign { .. } => {
                let is_central = |bytes: Vec<u8>| bytes.get(68..72) == Some(b"BPC1");
                !std::fs::read(&self.path).is_ok_and(is_central)
            }
            _ => false,
        }
    }

    /// Other programs (a backup, a person with an SQL tool) know nothing of our lock, but SQLite locks
    /// the file as long as they have it open.
    fn be_alone(&self) -> Result<(), StoreError> {
        #[cfg(unix)]
        {
            use rustix::fs::{FlockOperation, fcntl_lock};
            let opened = File::options().read(true).write(true).open(&self.path);
            let Ok(file) = opened else { return Ok(()) };
            fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive)
                .map_err(|_| StoreError::Corrupt("another program has it open".to_owned()))?;
        }
        Ok(())
    }
}

/// Pages and trees first, then the checksums of the rows no central has yet.
fn check(connection: &Connection) -> Result<(), StoreError> {
    let interrupt = connection.get_interrupt_handle();
    let (finished, waits) = sync_channel::<()>(0);
    thread::scope(|scope| {
        scope.spawn(move || {
            // Ends when the check does, or ends the check.
            if waits.recv_timeout(CHECK_PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout)
            {
                interrupt.interrupt();
            }
        });
        let checked = outbox::check(connection);
        drop(finished);
        match checked {
            // It was ended.
            Err(StoreError::Busy) => Ok(()),
            checked => checked,
        }
    })
}

fn from_io(error: std::io::Error) -> StoreError {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull => StoreError::DiskFull,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly,
        _ => StoreError::Io(error.to_string()),
    }
}

/// A panic under one of these locks leaves what it guards whole: a transaction is rolled back.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
