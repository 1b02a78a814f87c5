//! The central's database, `central.db`.
//!
//! 1. [`fleet`]: which kiosks there are, and by which keys they sign.
//! 2. [`receive`]: one batch, one transaction; [`ledger`]: what is decided in it, without SQL.
//! 3. [`response`]: an answer and its columns; answers from homes. [`private`]: what was kept away from
//!    it.
//! 4. [`version`]: the surveys' definitions, and [`view`]s made from them for people with SQL tools.
//! 5. [`sealed`]: what is opened elsewhere, and [`signups`] on their way. [`quarantine`]: what waits for a
//!    person. [`erase`]: what goes for good; [`roll`]: the list of that.
//! 6. [`backup`]: copies of all of it, after which [`thin`] leaves less of what came; [`restore`]: one of them becomes a central again, without what was
//!    erased since.
//! 7. [`read`]: answers, one after the other, for whoever counts them; [`tally`]: how many there are.
//! 8. [`staff`]: who may use the staff pages.
//! 9. [`audit`] and [`log`]: proofs that nothing is missing and nothing was changed.

pub mod audit;
pub mod backup;
pub mod erase;
pub mod fleet;
pub mod ledger;
pub mod log;
pub mod private;
pub mod quarantine;
pub mod read;
pub mod receive;
pub mod response;
pub mod restore;
pub mod roll;
pub mod sealed;
pub mod signups;
pub mod staff;
pub mod tally;
pub mod thin;
pub mod version;
pub mod view;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::error::StoreError;
use super::quill::{Hand, Quill};
use super::record::CentralId;
use super::sqlite::{self, Options, Schema};
use super::writer::{Progress, Stored, Writer};
use crate::error::{Context, Error, Result};
use response::{Form, Homes};

/// The file's name in the central's folder.
pub const FILE: &str = "central.db";

const SCHEMA: Schema = Schema {
    what: "central",
    application_id: 0x4250_4331, // "BPC1"
    steps: &[
        include_str!("schema.sql"),
        include_str!("private.sql"),
        include_str!("kinds.sql"),
        include_str!("counted.sql"),
        include_str!("backup.sql"),
        include_str!("review.sql"),
        include_str!("erased.sql"),
        include_str!("sealed.sql"),
        include_str!("lean.sql"),
        include_str!("thin.sql"),
        include_str!("staff.sql"),
        // How each kiosk is, as JSON, in its own words of the last time it asked.
        "ALTER TABLE kiosk ADD COLUMN told TEXT;",
    ],
};

/// Rows go to random places: beyond this of a database each has its page read again, while others wait.
const QUILL_MIB: u32 = 128;

/// A row makes 2.6 pages of log: 85 MB, and what comes while it is folded. A page that several rows changed is
/// copied once, so the rarer it is folded the less there is to copy.
const FOLD_ROWS: usize = 8_000;

/// What comes while the log is folded is folded beside the writing, too, once: the rest is small.
const FOLDS_BESIDE: usize = 2;

/// The central's database. Share it by `Arc`; other processes may have it open too.
pub struct Central {
    path: PathBuf,
    id: CentralId,
    options: Options,
    /// For reading.
    desk: Mutex<Connection>,
    /// Folds the log into the file while others write.
    folder: Mutex<Connection>,
    /// Rows of batches since it did.
    unfolded: AtomicUsize,
    homes: Writer<Form>,
    /// By which all is written, that of `homes` first.
    quill: Arc<Quill>,
}

impl Central {
    /// Opens or makes `central.db` in `folder`, which is made where it is missing.
    pub fn create(folder: &Path, options: Options) -> Result<Central> {
        crate::durable::create_folder(folder).during_at("make the folder", folder)?;
        let path = folder.join(FILE);
        Central::open_at(&path, options)
            .map_err(|error| error.at("open the central's database", &path))
    }

    /// Opens the database that `central init` made.
    pub fn open(folder: &Path, options: Options) -> Result<Central> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Err(Error::new("open the central's database")
                .path(&path)
                .source("it does not exist")
                .hint("make it with `borgerpanel central init`, or name its folder with --data"));
        }
        Central::create(folder, options)
    }

    fn open_at(path: &Path, options: Options) -> Result<Central, StoreError> {
        let desk = connect(path, &options)?;
        let id = desk.query_row("SELECT id FROM central", [], |row| row.get(0)).map(CentralId)?;
        let folder = connect(path, &options)?;
        let quill = Arc::new(Quill::holding(Some(connect_to_write(path, &options)?)));
        let homes = Homes { path: path.to_owned(), options };
        let homes = Writer::start_beside(homes, Arc::clone(&quill))?;
        Ok(Central {
            path: path.to_owned(),
            id,
            options,
            desk: Mutex::new(desk),
            folder: Mutex::new(folder),
            unfolded: AtomicUsize::new(0),
            homes,
            quill,
        })
    }

    /// Which central this is.
    pub fn id(&self) -> CentralId {
        self.id
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Stores a form that came straight here, from a home. Returns when all of it is on the disk.
    pub fn store_response(&self, form: impl Into<Form>) -> Result<Stored, StoreError> {
        self.homes.store(form.into())
    }

    /// How the writing of answers from homes goes.
    pub fn progress(&self) -> Progress {
        self.homes.progress()
    }

    /// Folds the log into the file once enough rows of batches are in it. To be called with nothing locked:
    /// all but what is written meanwhile goes out beside whoever writes, and a visitor waits for that rest
    /// at most.
    fn fold_after(&self, rows: usize) {
        if self.unfolded.fetch_add(rows, Ordering::Relaxed) + rows < FOLD_ROWS {
            return;
        }
        // Where somebody is at it, the next batch will see.
        let Ok(folder) = self.folder.try_lock() else { return };
        self.unfolded.store(0, Ordering::Relaxed);
        // What is committed is safe in the log. Where folding fails, it is tried again after as many rows,
        // and by SQLite itself (`sqlite::expect_many_rows`).
        for _ in 0..FOLDS_BESIDE {
            let _ = sqlite::fold_beside(&folder);
        }
        let _taken = self.quill.take(Hand::Batch);
        // Nobody writes now: the log is folded to its end, and the next to write begins it anew.
        let _ = sqlite::fold_beside(&folder);
    }

    /// Writes, after the visitors who wait. The desk must not be held by then: what writes may have to wait
    /// for what reads, and never the other way round.
    fn write<D>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<D, StoreError>,
    ) -> Result<D, StoreError> {
        self.quill.take(Hand::Batch).write(|| connect_to_write(&self.path, &self.options), work)
    }

    /// Reads what is committed, beside whoever writes.
    fn desk(&self) -> MutexGuard<'_, Connection> {
        // A panic under this lock leaves a connection whose transaction is rolled back.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As [`connect`], for the one that writes.
fn connect_to_write(path: &Path, options: &Options) -> Result<Connection, StoreError> {
    let connection = connect(path, options)?;
    sqlite::keep_in_memory(&connection, QUILL_MIB)?;
    Ok(connection)
}

fn connect(path: &Path, options: &Options) -> Result<Connection, StoreError> {
    let connection = sqlite::open(path, &SCHEMA, options)?;
    sqlite::expect_many_rows(&connection)?;
    Ok(connection)
}
