//! Copies of the database for backups: taken while the central works, checked, and with the files that a
//! central needs beside it as a table of their own, so that a backup is one file and whole.

use std::path::Path;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

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
    /// Copies the database as it is at one moment into the new file `to`, with `files` in it, and checks
    /// the copy. Visitors and kiosks are not kept waiting.
    pub fn copy(&self, to: &Path, files: &[Beside]) -> Result<Vec<Mark>, StoreError> {
        let own = super::connect(self.path(), &Options::default())?;
        let mut copy = Connection::open(to)?;
        // In one step: in several it would begin anew whenever something is written meanwhile.
        Backup::new(&own, &mut copy)?.step(-1)?;
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        check(&copy)?;
        copy.execute_batch(
            "CREATE TABLE beside (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT",
        )?;
        for (name, bytes) in files {
            copy.execute("INSERT INTO beside (name, bytes) VALUES (?1, ?2)", params![name, bytes])?;
        }
        marks(&copy)
    }

    /// A backup that could be opened again holds everything up to these marks. Kiosks hear of it at
    /// their next word.
    pub fn note_backup(&self, marks: &[Mark], entry: &Entry) -> Result<(), StoreError> {
        let mut desk = self.desk();
        let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for mark in marks {
            transaction.execute(
                "UPDATE watermark SET backed_up = max(backed_up, ?3) WHERE kiosk = ?1 AND epoch = ?2",
                params![mark.kiosk, mark.epoch.0, mark.high_seq as i64],
            )?;
        }
        log::append(&transaction, entry)?;
        Ok(transaction.commit()?)
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

/// Takes the files out of a copy, which is a central's database again afterwards. An error where it is
/// none, or is not whole.
pub fn unpack(path: &Path) -> Result<Vec<Beside>, StoreError> {
    let copy = Connection::open(path)?;
    let id: i32 = copy.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id != SCHEMA.application_id {
        return Err(StoreError::Corrupt("it is no central's database".to_owned()));
    }
    check(&copy)?;
    let files = {
        let mut query = copy.prepare("SELECT name, bytes FROM beside ORDER BY name")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    copy.execute_batch("DROP TABLE beside")?;
    Ok(files)
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
