//! What a database can refuse, in the words the layers above act on.

use rusqlite::ErrorCode;

/// Why something was not stored or could not be read. Nothing was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Too much at once, or another process holds the database: try again in a moment.
    #[error("the database is busy")]
    Busy,
    #[error("the disk is full")]
    DiskFull,
    #[error("the database cannot be written to")]
    ReadOnly,
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// The disk failed. What the connection believes is worth nothing any more: it is closed.
    #[error("the disk failed: {0}")]
    Io(String),
    #[error(
        "the database was made by a newer borgerpanel (schema {found}, this one knows {known})"
    )]
    Newer { found: i64, known: i64 },
    #[error("this is not a {wanted} database")]
    Foreign { wanted: &'static str },
    /// A setting that durability rests on did not take.
    #[error("SQLite does not keep its promise: {0}")]
    Unsafe(String),
    /// A mistake of ours in SQL, or data that breaks a rule.
    #[error("{0}")]
    Sql(String),
}

impl StoreError {
    /// True where the whole database is in trouble, not one row.
    pub fn concerns_all(&self) -> bool {
        !matches!(self, StoreError::Sql(_))
    }

    /// True where the connection must not be used again: after a failed fsync the kernel may have
    /// thrown the dirty pages away, and a second fsync would succeed without them.
    pub fn spoils_connection(&self) -> bool {
        matches!(self, StoreError::Io(_) | StoreError::Corrupt(_))
    }

    /// True where waiting may help, and no person is needed to decide something.
    pub fn may_pass(&self) -> bool {
        use StoreError::{Busy, Corrupt, DiskFull, Io, ReadOnly};
        matches!(self, Busy | DiskFull | ReadOnly | Io(_) | Corrupt(_))
    }

    /// What the owner can do.
    pub fn advice(&self) -> &'static str {
        match self {
            StoreError::Busy => "try again; if it stays so, another borgerpanel is at work on it",
            StoreError::DiskFull => "free some space; everything stored so far is safe",
            StoreError::ReadOnly => {
                "check the owner of the folder and whether the disk is mounted \
                                     read-only (it is after errors)"
            }
            StoreError::Corrupt(_) => {
                "a kiosk sets it aside and goes on by itself (`kiosk salvage`) where nothing \
                 else has it open; elsewhere stop, and copy the folder before anything else"
            }
            StoreError::Io(_) => "look at the system's log for disk errors; copy the folder",
            StoreError::Newer { .. } => {
                "use the newer borgerpanel: an older one could lose what it \
                                         does not know"
            }
            StoreError::Foreign { .. } => {
                "check `--data`: a kiosk and a central need a folder each"
            }
            StoreError::Unsafe(_) => "the folder must be on a local disk with a usual file system",
            StoreError::Sql(_) => "this is a mistake in borgerpanel; please report it",
        }
    }

    /// The same as an error with advice, about the database at `path`.
    pub fn at(self, op: &str, path: &std::path::Path) -> crate::error::Error {
        let advice = self.advice();
        crate::error::Error::new(op).path(path).source(self).hint(advice)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        // Making room for the shared memory beside a WAL fails so where the disk is full.
        let extended = error.sqlite_error().map(|error| error.extended_code);
        if extended == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) {
            return StoreError::DiskFull;
        }
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OperationInterrupted,
            ) => StoreError::Busy,
            Some(ErrorCode::DiskFull) => StoreError::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => StoreError::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Corrupt(error.to_string())
            }
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
                StoreError::Io(error.to_string())
            }
            _ => StoreError::Sql(error.to_string()),
        }
    }
}

/// How a database is, in one word for status pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Health {
    #[default]
    Fine,
    DiskFull,
    ReadOnly,
    Corrupt,
    Failing,
}

impl Health {
    /// The word: `ok`, `disk-full`, `read-only`, `corrupt` or `failing`.
    pub fn name(self) -> &'static str {
        match self {
            Health::Fine => "ok",
            Health::DiskFull => "disk-full",
            Health::ReadOnly => "read-only",
            Health::Corrupt => "corrupt",
            Health::Failing => "failing",
        }
    }
}

impl From<&StoreError> for Health {
    fn from(error: &StoreError) -> Health {
        match error {
            StoreError::Busy | StoreError::Sql(_) => Health::Fine,
            StoreError::DiskFull => Health::DiskFull,
            StoreError::ReadOnly => Health::ReadOnly,
            StoreError::Corrupt(_) | StoreError::Foreign { .. } => Health::Corrupt,
            StoreError::Io(_) | StoreError::Newer { .. } | StoreError::Unsafe(_) => Health::Failing,
        }
    }
}
