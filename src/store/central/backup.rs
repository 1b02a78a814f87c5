//! Copies of the database for backups: taken while the central works, checked, and with the files that a
//! central needs beside it as a table of their own, so that a backup is one file and whole.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use super::log::{self, Entry};
use super::{Central, SCHEMA};
use crate::store::error::StoreError;
use crate::store::record::Epoch;
use crate::store::sqlite::Options;

/// A file beside the database: its name in the central's folder, and what it holds.
pub type Beside = (String, Vec<u8>);

/// How far a kiosk's epoch had come when a copy was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub kiosk: String,
    pub epoch: Epoch,
    pub high_seq: u64,
}

impl Central {
    /// Copies the database as it is at one moment, with `files` in it, and checks the copy. Visitors and
    /// kiosks are not kept waiting.
    ///
    /// The copy is plain text, so it loses its name `at` before anything is in it: however the process
    /// ends, the system takes the file back.
    pub fn copy(
        &self,
        at: &Path,
        files: impl FnOnce() -> Result<Vec<Beside>, StoreError>,
    ) -> Result<(File, Vec<Mark>), StoreError> {
        let own = super::connect(self.path(), &Options::default())?;
        let (file, mut copy) = nameless(at)?;
        // In one step: in several it would begin anew whenever something is written meanwhile.
        Backup::new(&own, &mut copy)?.step(-1)?;
        say_it_has_no_log(&file).map_err(|error| io(at, &error))?;
        check(&copy)?;
        copy.execute_batch(
            "CREATE TABLE beside (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
        )?;
        for (name, bytes) in files()? {
            copy.execute("INSERT INTO beside (name, bytes) VALUES (?1, ?2)", params![name, bytes])?;
        }
        let marks = marks(&copy)?;
        Ok((file, marks))
    }

    /// A backup that could be opened again holds everything up to these marks. Kiosks hear of it at
    /// their next word.
    pub fn note_backup(&self, marks: &[Mark], entry: &Entry) -> Result<(), StoreError> {
        self.write(|desk| {
        let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for mark in marks {
            transaction.execute(
                "UPDATE watermark SET backed_up = max(backed_up, ?3) WHERE kiosk = ?1 AND epoch = ?2",
                params![mark.kiosk, mark.epoch.0, mark.high_seq as i64],
            )?;
        }
        log::append(&transaction, entry)?;
        Ok(transaction.commit()?)
        })
    }

    /// All up to this number is in a backup; 0 where nothing is.
    pub fn backed_up(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError> {
        let found: Option<i64> = self
            .desk()
            .prepare_cached("SELECT backed_up FROM watermark WHERE kiosk = ?1 AND epoch = ?2")?
            .query_row(params![kiosk, epoch.0], |row| row.get(0))
            .optional()?;
        Ok(found.unwrap_or(0).max(0) as u64)
    }
}

/// A new file that has lost its name, and SQLite's hold of it: SQLite opens files by their names alone.
fn nameless(at: &Path) -> Result<(File, Connection), StoreError> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(at).map_err(|error| io(at, &error))?;
    let copy = Connection::open_with_flags(at, OpenFlags::SQLITE_OPEN_READ_WRITE);
    std::fs::remove_file(at).map_err(|error| io(at, &error))?;
    let copy = copy?;
    // What fails half-way is thrown away, and SQLite makes a journal beside no file without a name.
    copy.pragma_update(None, "journal_mode", "OFF")?;
    Ok((file, copy))
}

/// Takes from the copy that it has a log beside it, as its original has: SQLite makes none where there is no
/// name, and could read nothing. These are bytes 18 and 19 of a database; that something changed is in the
/// counter at 24, and again at 92 (<https://www.sqlite.org/fileformat2.html#the_database_header>).
fn say_it_has_no_log(mut copy: &File) -> io::Result<()> {
    let mut head = [0; 100];
    copy.rewind()?;
    copy.read_exact(&mut head)?;
    let counter = u32::from_be_bytes([head[24], head[25], head[26], head[27]]).wrapping_add(1);
    head[18..20].copy_from_slice(&[1, 1]);
    head[24..28].copy_from_slice(&counter.to_be_bytes());
    head[92..96].copy_from_slice(&counter.to_be_bytes());
    copy.rewind()?;
    copy.write_all(&head)
}

fn io(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Io(format!("{}: {error}", path.display()))
}

/// Takes the files out of a copy, which is a central's database again afterwards. An error where it is
/// none, or is not whole.
pub fn unpack(path: &Path) -> Result<Vec<Beside>, StoreError> {
    let copy = Connection::open(path)?;
    let id: i32 = copy.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id != SCHEMA.application_id {
        return Err(StoreError::Corrupt("it is no central's database".to_owned()));
    }
    check(&copy)?;
    // Keys and members lay in it: their pages must not stay behind, empty by name alone.
    copy.pragma_update(None, "secure_delete", "ON")?;
    let files = {
        let mut query = copy.prepare("SELECT name, bytes FROM beside ORDER BY name")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    copy.execute_batch("DROP TABLE beside")?;
    Ok(files)
}

/// Ends the way of a log beside the file; an error where somebody else has it open.
pub(super) fn without_log(copy: &Connection) -> Result<(), StoreError> {
    Ok(copy.pragma_update(None, "journal_mode", "DELETE")?)
}

fn check(copy: &Connection) -> Result<(), StoreError> {
    let found: String = copy.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(StoreError::Corrupt(found)) }
}

fn marks(copy: &Connection) -> Result<Vec<Mark>, StoreError> {
    let mut query = copy.prepare("SELECT kiosk, epoch, high_seq FROM watermark")?;
    let rows = query.query_map([], |row| {
        Ok(Mark {
            kiosk: row.get(0)?,
            epoch: Epoch(row.get(1)?),
            high_seq: row.get::<_, i64>(2)?.max(0) as u64,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
