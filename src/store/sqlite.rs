//! Opening a database: the pragmas in their one place, and migrations.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};

use super::error::StoreError;
use crate::durable;

/// Before 3.51.3 a WAL that was reset at the wrong moment could lose committed rows.
const LIBRARY_MIN: i32 = 3_051_003;
/// Longer than any commit here takes; shorter than a visitor's patience.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A kind of database and how it came to be.
pub struct Schema {
    /// As in "this is not a kiosk database".
    pub what: &'static str,
    /// Written into the file's header, so that a kiosk's file is never taken for a central's.
    pub application_id: i32,
    /// `steps[n]` leads from `user_version` n to n + 1. Released steps never change.
    pub steps: &'static [&'static str],
}

/// What may differ between databases of one schema.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The most pages (4 KiB each) the file may have; beyond it the disk counts as full.
    pub max_pages: Option<u32>,
}

/// Opens or makes the database at `path`, ready for use.
pub fn open(path: &Path, schema: &Schema, options: &Options) -> Result<Connection, StoreError> {
    if rusqlite::version_number() < LIBRARY_MIN {
        return Err(StoreError::Unsafe(format!("its version is {}", rusqlite::version())));
    }
    make_private(path)?;
    let mut connection = Connection::open(path)?;
    leave_log(&connection, true)?;
    set_pragmas(&connection, options)?;
    migrate(&mut connection, schema)?;
    leave_log(&connection, false)?;
    sync_names(path)?;
    Ok(connection)
}

/// Whether closing leaves the log as it is. Otherwise the last one to close folds it into the file and
/// deletes it, which is no help where one of the two is damaged.
pub fn leave_log(connection: &Connection, leave: bool) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, leave)?;
    Ok(())
}

/// Makes the names of the database and its log lasting. SQLite does so when it has made a log, but goes
/// on where that failed: a power cut would then take the log along, and all that is in it.
fn sync_names(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let synced = durable::sync_folder(folder.unwrap_or(Path::new(".")));
    synced.map_err(|error| StoreError::Io(error.to_string()))
}

/// Makes the file before SQLite does, for its owner alone; WAL and shared memory take its mode.
///
/// A file that is there is never opened here: closing it again would drop the POSIX locks of every
/// other connection of this process to it. The next process that closes the database would then
/// take itself for the last one and delete the WAL under the running server, and what was committed
/// from then on would be gone after a crash.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(made) => {
            // Kept open for ever, once in a database's life: another thread may have locked it by now.
            std::mem::forget(made);
            Ok(())
        }
        Err(error) => match error.kind() {
            std::io::ErrorKind::AlreadyExists => Ok(()),
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Err(StoreError::ReadOnly)
            }
            std::io::ErrorKind::StorageFull => Err(StoreError::DiskFull),
            _ => Err(StoreError::Io(error.to_string())),
        },
    }
}

/// In this order, because each line rests on those before it:
/// 1. `busy_timeout`, or the next pragma fails where another process is just opening the file;
/// 2. `journal_mode`, kept in the file, so it comes before what depends on it;
/// 3. `synchronous=FULL`: in WAL, NORMAL syncs at checkpoints only and lost acknowledged rows in 4 of
///    6 simulated power cuts, FULL in none of 24. Both are read back: SQLite ignores what it cannot
///    do (a network disk without shared memory stays in rollback mode) without an error;
/// 4. the rest, in any order: `secure_delete` overwrites what is deleted, `temp_store` keeps sorting
///    off the disk, `trusted_schema` keeps a doctored file from calling functions,
///    `cell_size_check` finds damaged pages earlier, and `journal_size_limit` takes back what one
///    large transaction made of the log (SQLite folds it at 4 MB, if no reader is in its way).
///
/// No `mmap_size`: an I/O error under mmap is a signal, not an error.
fn set_pragmas(connection: &Connection, options: &Options) -> Result<(), StoreError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let mode = switch_to_wal(connection)?;
    if mode != "wal" {
        return Err(StoreError::Unsafe(format!("the journal mode stays {mode}")));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    if synchronous != 2 {
        return Err(StoreError::Unsafe(format!("synchronous stays {synchronous}")));
    }
    connection.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA journal_size_limit = 4194304;",
    )?;
    if let Some(pages) = options.max_pages {
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    }
    Ok(())
}

/// For a database that takes in thousands of rows a second under random keys. Every row changes pages
/// of its own, so a batch of 500 writes 5 MB to the log; folding those into the file after each batch, as
/// SQLite does at 4 MB, would write and sync them all once more, and the next batch changes many of them
/// again. Whoever writes batches folds some of them together ([`fold_beside`]), and SQLite does so only
/// where that comes to nothing, as all wait for it: at 256 MB. A log of 128 MB may stay a file: cutting it takes
/// 30 ms while all wait, and growing again makes every sync write the file's new length, too. The cache spares
/// reading pages again.
pub fn expect_many_rows(connection: &Connection) -> Result<(), StoreError> {
    connection
        .execute_batch("PRAGMA cache_size = -32768; PRAGMA journal_size_limit = 134217728;")?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 65_536, |_| Ok(()))?;
    // Enough for every statement of a batch.
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Keeps so much of the database in memory, once it was read, in place of [`expect_many_rows`]' 32 MiB.
pub fn keep_in_memory(connection: &Connection, mib: u32) -> Result<(), StoreError> {
    Ok(connection.execute_batch(&format!("PRAGMA cache_size = -{};", u64::from(mib) * 1024))?)
}

/// Folds as much of the log into the file as nobody reads just now, while others write on. The log begins
/// anew with the next write after a fold that reached its end.
pub fn fold_beside(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}

/// Folds the log into the file and cuts it to nothing: what was emptied or deleted is then nowhere any
/// more. Leaves it for another time where somebody is reading.
pub fn fold_log(connection: &Connection) -> Result<(), StoreError> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

/// Switches, and says what the mode is by then. SQLite answers before it has written the change and
/// tells of a failure only whoever goes on to the statement's end; asked again, it names the mode it
/// wanted, while every commit takes the way of the old one.
fn switch_to_wal(connection: &Connection) -> Result<String, StoreError> {
    let mut statement = connection.prepare("PRAGMA journal_mode = WAL")?;
    let mut rows = statement.query([])?;
    let mut mode = String::new();
    while let Some(row) = rows.next()? {
        mode = row.get(0)?;
    }
    Ok(mode)
}

/// Brings the schema up to date in one transaction; refuses a database from the future or of
/// another kind.
fn migrate(connection: &mut Connection, schema: &Schema) -> Result<(), StoreError> {
    let known = schema.steps.len() as i64;
    if version(connection, schema)? == known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Once more, now alone: another process may have been quicker.
    let from = version(&transaction, schema)?;
    for step in &schema.steps[from as usize..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", schema.application_id)?;
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

/// How many steps the database has taken.
fn version(connection: &Connection, schema: &Schema) -> Result<i64, StoreError> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application_id, version) = (pragma("application_id")?, pragma("user_version")?);
    let known = schema.steps.len() as i64;
    let is_new = application_id == 0 && version == 0 && is_empty(connection)?;
    if application_id != i64::from(schema.application_id) && !is_new {
        return Err(StoreError::Foreign { wanted: schema.what });
    }
    if version > known {
        return Err(StoreError::Newer { found: version, known });
    }
    Ok(version.max(0))
}

fn is_empty(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection
        .query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIOSK: Schema =
        Schema { what: "kiosk", application_id: 7, steps: &["CREATE TABLE a (x INTEGER);"] };

    #[test]
    fn takes_the_missing_steps_and_keeps_the_rows() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.db");
        let first = open(&path, &KIOSK, &Options::default()).expect("made");
        first.execute("INSERT INTO a VALUES (1)", []).expect("a row");
        drop(first);
        let grown = Schema {
            steps: &["CREATE TABLE a (x INTEGER);", "ALTER TABLE a ADD COLUMN y INTEGER;"],
            ..KIOSK
        };
        let second = open(&path, &grown, &Options::default()).expect("migrated");
        let row = second.query_row("SELECT x, y FROM a", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
        });
        assert_eq!(row, Ok((1, None)));
    }

    #[test]
    fn refuses_a_newer_database_and_one_of_another_kind() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.db");
        open(&path, &KIOSK, &Options::default()).expect("made");
        let central = Schema { what: "central", application_id: 8, steps: KIOSK.steps };
        let foreign = open(&path, &central, &Options::default()).map(|_| ());
        assert_eq!(foreign, Err(StoreError::Foreign { wanted: "central" }));
        let older = Schema { what: "kiosk", application_id: 7, steps: &[] };
        let newer = open(&path, &older, &Options::default()).map(|_| ());
        assert_eq!(newer, Err(StoreError::Newer { found: 1, known: 0 }));
    }

    #[test]
    fn what_was_deleted_is_nowhere_in_the_file_once_the_log_is_folded() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.db");
        let steps = &[
            "CREATE TABLE a (id BLOB PRIMARY KEY, x TEXT NOT NULL UNIQUE) STRICT, WITHOUT ROWID;",
        ];
        let desk = open(&path, &Schema { steps, ..KIOSK }, &Options::default()).expect("made");
        let name = |number: u32| format!("somebody.{number}@example.dk");
        let write = |sql: &str, step: usize| {
            desk.execute_batch("BEGIN").expect("begun");
            for number in (0..3000).step_by(step) {
                desk.execute(sql, [name(number)]).expect("written");
            }
            desk.execute_batch("COMMIT").expect("done");
            fold_log(&desk).expect("folded");
        };
        let gone = || -> usize {
            let bytes = std::fs::read(&path).expect("the file");
            let log = std::fs::read(path.with_file_name("a.db-wal")).unwrap_or_default();
            let text = String::from_utf8_lossy(&[bytes, log].concat()).into_owned();
            (0..3000).step_by(3).filter(|number| !text.contains(&name(*number))).count()
        };
        // In random order, so that pages are divided again and again.
        write("INSERT INTO a VALUES (randomblob(16), ?1)", 1);
        assert_eq!(gone(), 0);
        write("DELETE FROM a WHERE x = ?1", 3);
        assert_eq!(gone(), 1000);
    }

    #[test]
    fn refuses_what_is_no_database() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.db");
        std::fs::write(&path, "this is a letter, not a database, and long enough to tell")
            .expect("written");
        let opened = open(&path, &KIOSK, &Options::default()).map(|_| ());
        assert!(matches!(opened, Err(StoreError::Corrupt(_))), "{opened:?}");
    }
}
