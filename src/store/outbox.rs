//! The kiosk's outbox, `kiosk.db`: sealed records in the order they came, kept until the central has
//! them, and in a backup.
//!
//! What was sent is no mark on each row but one number per central, the highest `seq` its signed
//! receipts cover without a gap: a central that was set back is served again by lowering it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params, params};

use super::error::{Health, StoreError};
use super::record::{CentralId, Epoch, Kind, Label, Sealed, Uid};
use super::sqlite::{self, Options, Schema};
use super::waiting;
use super::writer::{Progress, Stored, Table, Writer};
use crate::crypto::Digest;
use crate::error::{Context, Result};

/// The file's name in the kiosk's folder.
pub const FILE: &str = "kiosk.db";

/// `seq` is the key and the random `uid` an index: as the key of a table without rowid it is 7 to 15
/// times slower. `epoch` in `outbox` is the one the record was sealed in, which is inside it too.
/// AUTOINCREMENT never gives a number twice; the writer makes no gaps, so that a gap is damage.
const SCHEMA: Schema = Schema {
    what: "kiosk",
    application_id: 0x4250_4b31, // "BPK1"
    steps: &[FIRST, waiting::SCHEMA],
};

const FIRST: &str = "
    CREATE TABLE life (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        epoch BLOB NOT NULL CHECK (length(epoch) = 16),
        base INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    INSERT INTO life (one, epoch) VALUES (1, randomblob(16));
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        uid BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
        kind TEXT NOT NULL,
        survey TEXT NOT NULL,
        version TEXT NOT NULL,
        kiosk TEXT NOT NULL,
        epoch BLOB NOT NULL,
        body BLOB NOT NULL,
        sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
        state TEXT NOT NULL DEFAULT 'kept' CHECK (state IN ('kept', 'emptied'))
    ) STRICT;
    CREATE TABLE acknowledged (
        central BLOB PRIMARY KEY,
        epoch BLOB NOT NULL,
        high_seq INTEGER NOT NULL,
        receipt TEXT,
        at TEXT NOT NULL
    ) STRICT;
";

/// A visitor's form: stored whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Its uid is the form's: where it is known, so is everything else, and nothing is stored again.
    pub record: Sealed,
    /// Private records that were set apart from it.
    pub apart: Vec<Sealed>,
}

impl From<Sealed> for Form {
    fn from(record: Sealed) -> Form {
        Form { record, apart: Vec::new() }
    }
}

/// Which life of the database this is, and how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    pub epoch: Epoch,
    /// The epoch begins after this `seq`: what was before is in a central's backup.
    pub base: u64,
    /// The highest `seq` ever given.
    pub last: u64,
}

/// A record with its place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub seq: u64,
    pub sealed: Sealed,
    /// As computed when it was stored. Differs from `sealed.digest()` where the disk damaged it; of a
    /// private record it covers the row before, too (`waiting`).
    pub digest: Digest,
}

/// How far a central is, as the kiosk knows from its signed words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    pub central: CentralId,
    pub epoch: Epoch,
    pub high_seq: u64,
    /// The receipt as it came, for audits; none where only a standing was heard.
    pub receipt: Option<String>,
    /// RFC 3339.
    pub at: String,
}

/// Figures for `kiosk status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub epoch: Epoch,
    pub stored: u64,
    pub unsynced: u64,
    /// Of these, private records that wait for a crowd.
    pub waiting: u64,
    pub acknowledged: u64,
    /// RFC 3339; none before the first time.
    pub last_sync: Option<String>,
}

/// Called when something new was stored.
type Bell = Box<dyn Fn() + Send + Sync>;

/// The kiosk's database. Share it by `Arc`; other processes may have it open too.
pub struct Outbox {
    path: PathBuf,
    writer: Writer<Form>,
    /// For all but storing, so that no visitor waits behind a long read.
    desk: Mutex<Connection>,
    bell: Mutex<Option<Bell>>,
}

impl Outbox {
    /// Opens or makes `kiosk.db` in `folder`, which is made where it is missing.
    pub fn open(folder: &Path) -> Result<Outbox> {
        Outbox::open_with(folder, Options::default())
    }

    /// [`Outbox::open`] with limits.
    pub fn open_with(folder: &Path, options: Options) -> Result<Outbox> {
        std::fs::create_dir_all(folder).during_at("make the folder", folder)?;
        let path = folder.join(FILE);
        let opened = Writer::start(Rows { path: path.clone(), options })
            .and_then(|writer| Ok((writer, sqlite::open(&path, &SCHEMA, &options)?)));
        let (writer, desk) =
            opened.map_err(|error| error.at("open the kiosk's database", &path))?;
        Ok(Outbox { path, writer, desk: Mutex::new(desk), bell: Mutex::new(None) })
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns when all of the form is on the disk; nothing may be promised to anybody before.
    pub fn store(&self, form: impl Into<Form>) -> Result<Stored, StoreError> {
        let stored = self.writer.store(form.into())?;
        if let Some(ring) = self.bell().as_ref().filter(|_| stored == Stored::New) {
            ring();
        }
        Ok(stored)
    }

    /// `ring` is called after each new record, by the thread that stored it: it must be quick.
    pub fn ring_when_stored(&self, ring: impl Fn() + Send + Sync + 'static) {
        *self.bell() = Some(Box::new(ring));
    }

    /// How the writing goes.
    pub fn progress(&self) -> Progress {
        self.writer.progress()
    }

    /// Which life this is.
    pub fn life(&self) -> Result<Life, StoreError> {
        life(&self.desk())
    }

    /// The records after `seq`: at most `rows_max`, and no more than fit into `bytes_max` unless the
    /// first alone is larger.
    pub fn rows_after(
        &self,
        seq: u64,
        rows_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let desk = self.desk();
        let mut query = desk.prepare_cached(
            "SELECT seq, uid, kind, survey, version, kiosk, epoch, body, sha256
             FROM outbox WHERE seq > ?1 AND state = 'kept' ORDER BY seq LIMIT ?2",
        )?;
        let mut found = query.query(params![seq as i64, rows_max as i64])?;
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while let Some(found) = found.next()? {
            let row = read_row(found)?;
            bytes += row.sealed.body.len() + ROW_OVERHEAD_BYTES;
            if bytes > bytes_max && !rows.is_empty() {
                break;
            }
            rows.push(row);
        }
        Ok(rows)
    }

    /// What the record at `seq` was, even if it has been emptied since.
    pub fn digest_at(&self, seq: u64) -> Result<Option<Digest>, StoreError> {
        let digest = self
            .desk()
            .prepare_cached("SELECT sha256 FROM outbox WHERE seq = ?1")?
            .query_row([seq as i64], |row| row.get(0))
            .optional()?;
        Ok(digest.map(Digest))
    }

    /// How far this central is in this life of the database.
    pub fn acknowledged(&self, central: CentralId) -> Result<u64, StoreError> {
        acknowledged(&self.desk(), central)
    }

    /// Notes what a central's signed words say, higher or lower than before. Does nothing where the
    /// database has begun another life meanwhile.
    pub fn acknowledge(&self, news: &Acknowledgement) -> Result<(), StoreError> {
        self.desk().execute(
            "INSERT INTO acknowledged (central, epoch, high_seq, receipt, at)
             SELECT :central, epoch, :high_seq, :receipt, :at FROM life WHERE epoch = :epoch
             ON CONFLICT (central) DO UPDATE SET
                 epoch = excluded.epoch, high_seq = excluded.high_seq, at = excluded.at,
                 receipt = coalesce(excluded.receipt, receipt)",
            named_params! {
                ":central": news.central.0,
                ":epoch": news.epoch.0,
                ":high_seq": news.high_seq as i64,
                ":receipt": news.receipt,
                ":at": news.at,
            },
        )?;
        Ok(())
    }

    /// Begins another life, as `from` turned out to be an old copy of what a central knows: all that
    /// is kept will be sent again. Does nothing where another process has done so already.
    pub fn begin_epoch(&self, from: Epoch) -> Result<Life, StoreError> {
        let mut desk = self.desk();
        let transaction = desk.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "UPDATE life SET epoch = ?1,
                 base = (SELECT coalesce(max(seq), 0) FROM outbox WHERE state = 'emptied')
             WHERE epoch = ?2",
            params![Epoch::random().0, from.0],
        )?;
        let life = life(&transaction)?;
        transaction.commit()?;
        Ok(life)
    }

    /// Empties the records up to `seq`: a central has them, and in a backup. Their uids stay, so
    /// that a late repetition is still known.
    pub fn empty_through(&self, seq: u64) -> Result<usize, StoreError> {
        Ok(self.desk().execute(
            "UPDATE outbox SET body = x'', state = 'emptied' WHERE seq <= ?1 AND state = 'kept'",
            [seq as i64],
        )?)
    }

    /// Figures for people; `central` is the one the kiosk is enrolled at, none the one it last heard
    /// of.
    pub fn status(&self, central: Option<CentralId>) -> Result<Status, StoreError> {
        status(&self.desk(), central)
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Connection> {
        // A panic under this lock leaves a connection whose transaction is rolled back.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bell(&self) -> MutexGuard<'_, Option<Bell>> {
        self.bell.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a row takes in a batch beside its body, at most.
const ROW_OVERHEAD_BYTES: usize = 512;

/// How the writer writes records.
struct Rows {
    path: PathBuf,
    options: Options,
}

impl Table for Rows {
    type Row = Form;

    fn connect(&self) -> Result<Connection, StoreError> {
        sqlite::open(&self.path, &SCHEMA, &self.options)
    }

    /// Looks first and inserts then: an insert that is ignored would use up a number and leave a
    /// gap. The transaction has the write lock, so there is no race.
    fn insert(&self, connection: &Connection, form: &Form) -> Result<Stored, StoreError> {
        let Form { record: sealed, apart } = form;
        let label = &sealed.label;
        let known = connection
            .prepare_cached("SELECT 1 FROM outbox WHERE uid = ?1")?
            .exists([label.uid.0])?;
        if known {
            return Ok(Stored::Known);
        }
        connection
            .prepare_cached(
                "INSERT INTO outbox (uid, kind, survey, version, kiosk, epoch, body, sha256)
                 VALUES (:uid, :kind, :survey, :version, :kiosk, :epoch, :body, :sha256)",
            )?
            .execute(named_params! {
                ":uid": label.uid.0,
                ":kind": label.kind.name(),
                ":survey": label.survey,
                ":version": label.version,
                ":kiosk": label.kiosk,
                ":epoch": label.epoch.0,
                ":body": sealed.body,
                ":sha256": sealed.digest().0,
            })?;
        waiting::insert(connection, apart)?;
        Ok(Stored::New)
    }

    fn bytes(&self, form: &Form) -> usize {
        let all = form.apart.iter().chain([&form.record]);
        all.map(|sealed| sealed.body.len() + ROW_OVERHEAD_BYTES).sum()
    }
}

/// How the database in `folder` is, and its figures as far as they can be read: for `kiosk status`,
/// beside a running kiosk or without one. Writes nothing.
pub fn inspect(folder: &Path, central: Option<CentralId>) -> (Health, Option<Status>) {
    let path = folder.join(FILE);
    let opened = sqlite::open(&path, &SCHEMA, &Options::default()).and_then(|desk| {
        let status = status(&desk, central)?;
        Ok((desk, status))
    });
    match opened {
        Ok((desk, status)) => {
            // Taking the write lock and giving it back tells whether writing is possible at all.
            let probed = desk.execute_batch("BEGIN IMMEDIATE; ROLLBACK");
            let health = probed.map_err(StoreError::from).as_ref().err().map(Health::from);
            (health.unwrap_or_default(), Some(status))
        }
        Err(error) => (Health::from(&error), read_without_writing(&path, central).ok()),
    }
}

/// For a disk that is full or read-only, where even opening fails, as it makes files. Sees what is in
/// the main file, not what waits in its WAL.
fn read_without_writing(path: &Path, central: Option<CentralId>) -> Result<Status, StoreError> {
    use rusqlite::OpenFlags;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let address = percent_encoded(path);
    let connection = Connection::open_with_flags(format!("file:{address}?immutable=1"), flags)?;
    status(&connection, central)
}

fn percent_encoded(path: &Path) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(byte);
    let encode = |byte: u8| match plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.as_os_str().as_encoded_bytes().iter().copied().map(encode).collect()
}

fn status(desk: &Connection, central: Option<CentralId>) -> Result<Status, StoreError> {
    let life = life(desk)?;
    let central = match central {
        None => last_heard(desk)?,
        known => known,
    };
    let high_seq = central.map_or(Ok(0), |central| acknowledged(desk, central))?.max(life.base);
    let count = |sql, after: u64| -> Result<u64, StoreError> {
        Ok(desk.query_row(sql, [after as i64], |row| row.get::<_, i64>(0))? as u64)
    };
    // The index on uid is a tenth of the table, so all are counted there.
    let waiting = waiting::count(desk)?;
    let stored = count("SELECT count(*) FROM outbox WHERE ?1 >= 0", 0)? + waiting;
    let unsynced = count("SELECT count(*) FROM outbox WHERE seq > ?1", high_seq)? + waiting;
    let last_sync = desk.query_row("SELECT max(at) FROM acknowledged", [], |row| row.get(0))?;
    let acknowledged = stored - unsynced;
    Ok(Status { epoch: life.epoch, stored, unsynced, waiting, acknowledged, last_sync })
}

fn life(desk: &Connection) -> Result<Life, StoreError> {
    Ok(desk.query_row(
        "SELECT epoch, base,
             coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)
         FROM life",
        [],
        |row| {
            Ok(Life {
                epoch: Epoch(row.get(0)?),
                base: row.get::<_, i64>(1)? as u64,
                last: row.get::<_, i64>(2)? as u64,
            })
        },
    )?)
}

fn last_heard(desk: &Connection) -> Result<Option<CentralId>, StoreError> {
    let central = desk
        .prepare_cached("SELECT central FROM acknowledged ORDER BY at DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(central.map(CentralId))
}

fn acknowledged(desk: &Connection, central: CentralId) -> Result<u64, StoreError> {
    let high_seq: Option<i64> = desk
        .prepare_cached(
            "SELECT high_seq FROM acknowledged JOIN life USING (epoch) WHERE central = ?1",
        )?
        .query_row([central.0], |row| row.get(0))
        .optional()?;
    Ok(high_seq.unwrap_or(0) as u64)
}

fn read_row(row: &rusqlite::Row<'_>) -> Result<Row, StoreError> {
    let kind: String = row.get("kind")?;
    let label = Label {
        kind: Kind::named(&kind)
            .ok_or_else(|| StoreError::Corrupt(format!("a record of kind {kind:?}")))?,
        uid: Uid(row.get("uid")?),
        survey: row.get("survey")?,
        version: row.get("version")?,
        kiosk: row.get("kiosk")?,
        epoch: Epoch(row.get("epoch")?),
    };
    let sealed = Sealed { label, body: row.get("body")? };
    Ok(Row { seq: row.get::<_, i64>("seq")? as u64, sealed, digest: Digest(row.get("sha256")?) })
}
