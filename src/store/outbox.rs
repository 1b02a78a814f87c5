//! The kiosk's outbox, `kiosk.db`: sealed records in the order they came, kept until the central has
//! them, and in a backup.
//!
//! What was sent is no mark on each row but one number per central, the highest `seq` its signed
//! receipts cover without a gap: a central that was set back is served again by lowering it.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, named_params, params};

use super::aside::{self, Account, SetAside};
use super::error::{Health, StoreError};
use super::home::Home;
use super::record::{CentralId, Epoch, Kind, Label, Sealed, TORN, Uid};
use super::salvage::wal::Tail;
use super::salvage::{self, Found};
use super::sqlite::{self, Options, Schema};
use super::waiting;
use super::writer::{Idle, Progress, Stored, Table, Writer};
use crate::crypto::Digest;
use crate::error::Result;

/// The file's name in the kiosk's folder.
pub const FILE: &str = "kiosk.db";

/// `seq` is the key and the random `uid` an index: as the key of a table without rowid it is 7 to 15
/// times slower. `epoch` in `outbox` is the one the record was sealed in, which is inside it too.
/// AUTOINCREMENT never gives a number twice; the writer makes no gaps, so that a gap is damage.
const SCHEMA: Schema = Schema {
    what: "kiosk",
    application_id: 0x4250_4b31, // "BPK1"
    steps: &[FIRST, waiting::SCHEMA, PROOF],
};

/// What a row is checked by on this disk: its sha256 does not cover the label, and that of a private
/// record covers the row before. Rows of before this step have none. Records that wait have no
/// number, so they are counted: else nobody could tell whether one is gone.
const PROOF: &str = "
    ALTER TABLE life ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
    UPDATE life SET waiting = (SELECT count(*) FROM waiting);
    ALTER TABLE outbox ADD COLUMN proof BLOB CHECK (proof IS NULL OR length(proof) = 32);
    ALTER TABLE waiting ADD COLUMN proof BLOB CHECK (proof IS NULL OR length(proof) = 32);
    CREATE TABLE torn (
        first INTEGER PRIMARY KEY,
        last INTEGER NOT NULL
    ) STRICT;
";

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
    home: Arc<Home>,
    writer: Writer<Form>,
    bell: Mutex<Option<Bell>>,
}

impl Outbox {
    /// Opens or makes `kiosk.db` in `folder`, which is made where it is missing. One that is damaged is
    /// set aside (`aside`), and a fresh one begun with what could be read of it.
    pub fn open(folder: &Path) -> Result<Outbox> {
        Outbox::open_with(folder, Options::default())
    }

    /// [`Outbox::open`] with limits.
    pub fn open_with(folder: &Path, options: Options) -> Result<Outbox> {
        let home = Arc::new(Home::new(folder, &SCHEMA, options));
        let opened = Writer::start(Rows { home: Arc::clone(&home) });
        Outbox::around(home, opened)
    }

    /// For a kiosk that nobody looks after: where the disk is full, read-only or failing, this comes
    /// back all the same, and what is refused now is taken as soon as the disk allows.
    pub fn open_patiently(folder: &Path, options: Options) -> Result<Outbox> {
        let home = Arc::new(Home::new(folder, &SCHEMA, options));
        let opened = Writer::start_patiently(Rows { home: Arc::clone(&home) });
        Outbox::around(home, opened)
    }

    fn around(home: Arc<Home>, opened: Result<Writer<Form>, StoreError>) -> Result<Outbox> {
        let writer = opened.map_err(|error| error.at("open the kiosk's database", home.path()))?;
        Ok(Outbox { home, writer, bell: Mutex::new(None) })
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        self.home.path()
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
        self.at_desk(|desk| life(desk))
    }

    /// After which number all records still have their content: those before are in a backup.
    pub fn kept_after(&self) -> Result<u64, StoreError> {
        self.at_desk(|desk| {
            let last = "SELECT coalesce(max(seq), 0) FROM outbox WHERE state = 'emptied'";
            Ok(desk.query_row(last, [], |row| row.get::<_, i64>(0))? as u64)
        })
    }

    /// The records after `seq`: at most `rows_max`, and no more than fit into `bytes_max` unless the
    /// first alone is larger. One that the disk damaged is left out.
    pub fn rows_after(
        &self,
        seq: u64,
        rows_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.at_desk(|desk| {
            let mut query = desk.prepare_cached(
                "SELECT seq, uid, kind, survey, version, kiosk, epoch, body, sha256, proof
                 FROM outbox WHERE seq > ?1 AND state = 'kept' ORDER BY seq",
            )?;
            let mut found = query.query([seq as i64])?;
            let (mut rows, mut bytes) = (Vec::new(), 0);
            while let Some(found) = found.next()? {
                let row = read_row(found)?;
                if !is_sound(&row, found.get("proof")?) {
                    continue;
                }
                bytes += row.sealed.body.len() + ROW_OVERHEAD_BYTES;
                if rows.len() == rows_max || bytes > bytes_max && !rows.is_empty() {
                    break;
                }
                rows.push(row);
            }
            Ok(rows)
        })
    }

    /// What the record at `seq` was, even if it has been emptied since; none where the disk lost or
    /// damaged it.
    pub fn digest_at(&self, seq: u64) -> Result<Option<Digest>, StoreError> {
        self.at_desk(|desk| {
            let mut query = desk.prepare_cached(
                "SELECT seq, uid, kind, survey, version, kiosk, epoch, body, sha256, proof, state
                 FROM outbox WHERE seq = ?1",
            )?;
            let mut found = query.query([seq as i64])?;
            let Some(found) = found.next()? else { return Ok(None) };
            let row = read_row(found)?;
            let is_emptied = found.get::<_, String>("state")? == "emptied";
            Ok((is_emptied || is_sound(&row, found.get("proof")?)).then_some(row.digest))
        })
    }

    /// Why the record at `seq` cannot be sent: the word of a [`Lost`](super::record::Lost).
    pub fn why_lost(&self, seq: u64) -> Result<&'static str, StoreError> {
        let state: Option<String> = self.at_desk(|desk| {
            let mut query = desk.prepare_cached(
                "SELECT state FROM outbox WHERE seq = ?1
                 UNION ALL SELECT 'torn' FROM torn WHERE ?1 BETWEEN first AND last",
            )?;
            Ok(query.query_row([seq as i64], |row| row.get(0)).optional()?)
        })?;
        Ok(match state.as_deref() {
            None => "missing",
            Some("torn") => TORN,
            Some("emptied") => "emptied",
            Some(_) => "damaged",
        })
    }

    /// How far this central is in this life of the database.
    pub fn acknowledged(&self, central: CentralId) -> Result<u64, StoreError> {
        self.at_desk(|desk| acknowledged(desk, central))
    }

    /// Notes what a central's signed words say, higher or lower than before. Does nothing where the
    /// database has begun another life meanwhile.
    pub fn acknowledge(&self, news: &Acknowledgement) -> Result<(), StoreError> {
        self.at_desk(|desk| {
            desk.execute(
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
        })
    }

    /// Begins another life, as `from` turned out to be an old copy of what a central knows: all that
    /// is kept will be sent again. Does nothing where another process has done so already.
    pub fn begin_epoch(&self, from: Epoch) -> Result<Life, StoreError> {
        self.at_desk(|desk| {
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
        })
    }

    /// Empties the records up to `seq`: a central has them, and in a backup. Their uids stay, so
    /// that a late repetition is still known. Does nothing where the database has begun another life
    /// meanwhile: then the central's numbers are those of another copy's rows.
    pub fn empty_through(&self, epoch: Epoch, seq: u64) -> Result<usize, StoreError> {
        self.at_desk(|desk| {
            Ok(desk.execute(
                "UPDATE outbox SET body = x'', state = 'emptied'
                 WHERE seq <= ?1 AND state = 'kept' AND (SELECT epoch FROM life) = ?2",
                params![seq as i64, epoch.0],
            )?)
        })
    }

    /// Figures for people; `central` is the one the kiosk is enrolled at, none the one it last heard
    /// of.
    pub fn status(&self, central: Option<CentralId>) -> Result<Status, StoreError> {
        self.at_desk(|desk| status(desk, central))
    }

    /// Takes over what was found in another database of a kiosk. What is known already stays as it is.
    /// Where it is an earlier database of this very kiosk, which goes by `name`, its central is told
    /// what became of its numbers.
    pub fn take_over(&self, found: &Found, name: Option<&str>) -> Result<Account, StoreError> {
        let salvage = self.at_desk(|desk| aside::take_over(desk, found))?;
        let account = aside::account(found, salvage);
        let mut rows = found.rows.values().map(|row| &row.sealed);
        let is_own = name.is_some() && rows.all(|row| Some(row.label.kiosk.as_str()) == name);
        let is_earlier = found.epoch.is_some_and(|_| !found.rows.is_empty())
            && found.epoch != Some(self.life()?.epoch);
        if is_own && is_earlier {
            aside::keep(self.home.folder(), &account)
                .map_err(|error| StoreError::Io(error.to_string()))?;
        }
        Ok(account)
    }

    /// The damaged databases of this kiosk, the oldest first.
    pub fn set_aside(&self) -> Vec<SetAside> {
        aside::list(self.home.folder())
    }

    /// A central has signed for the account of the database in `folder`.
    pub fn note_told(&self, folder: &Path, central: CentralId) -> Result<(), StoreError> {
        self.change_accounts(|aside, told| {
            if aside == folder && !told.contains(&central) {
                told.push(central);
            }
        })
    }

    /// A central that was set back may have forgotten what it was told.
    pub fn tell_again(&self, central: CentralId) -> Result<(), StoreError> {
        self.change_accounts(|_, told| told.retain(|known| *known != central))
    }

    fn change_accounts(
        &self,
        change: impl Fn(&Path, &mut Vec<CentralId>),
    ) -> Result<(), StoreError> {
        for mut aside in self.set_aside() {
            let Some(account) = &mut aside.account else { continue };
            let before = account.told.clone();
            change(&aside.folder, &mut account.told);
            if account.told != before {
                aside.save().map_err(|error| StoreError::Io(error.to_string()))?;
            }
        }
        Ok(())
    }

    pub(super) fn at_desk<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.home.at_desk(work)
    }

    fn bell(&self) -> MutexGuard<'_, Option<Bell>> {
        self.bell.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a row takes in a batch beside its body, at most.
const ROW_OVERHEAD_BYTES: usize = 512;

/// How the writer writes records.
struct Rows {
    home: Arc<Home>,
}

impl Table for Rows {
    type Row = Form;

    fn connect(&self) -> Result<Connection, StoreError> {
        self.home.connect()
    }

    fn insert(&self, connection: &Connection, form: &Form) -> Result<Stored, StoreError> {
        let stored = insert(connection, &form.record).inspect_err(|error| self.home.note(error))?;
        if stored == Stored::New {
            waiting::insert(connection, &form.apart)?;
        }
        Ok(stored)
    }

    fn bytes(&self, form: &Form) -> usize {
        let all = form.apart.iter().chain([&form.record]);
        all.map(|sealed| sealed.body.len() + ROW_OVERHEAD_BYTES).sum()
    }

    fn is_spoiled(&self) -> bool {
        self.home.is_damaged()
    }

    fn note(&self, error: &StoreError) {
        self.home.note(error);
    }

    fn close(&self, connection: &Connection) {
        self.home.close(connection);
    }

    fn tend(&self, connection: &mut Connection, idle: Idle) -> Result<(), StoreError> {
        if idle.is_ill {
            probe(connection)?;
        }
        if self.home.is_pending() {
            self.home.salvage_pending(connection)?;
        }
        if idle.has_rested {
            sqlite::fold_log(connection)?;
        }
        Ok(())
    }
}

/// Writes a record. Looks first and inserts then: an insert that is ignored would use up a number and
/// leave a gap. The transaction has the write lock, so there is no race.
pub(super) fn insert(desk: &Connection, sealed: &Sealed) -> Result<Stored, StoreError> {
    let label = &sealed.label;
    let known =
        desk.prepare_cached("SELECT 1 FROM outbox WHERE uid = ?1")?.exists([label.uid.0])?;
    if known {
        return Ok(Stored::Known);
    }
    let digest = match label.kind {
        Kind::Private => waiting::digest_behind_last(desk, sealed.digest())?,
        Kind::Response | Kind::Signup => sealed.digest(),
    };
    write(desk, sealed, digest, "kept", Some(sealed.proof()))?;
    Ok(Stored::New)
}

/// Writes the tombstone of a record that an earlier database had emptied.
pub(super) fn insert_emptied(desk: &Connection, row: &Row) -> Result<(), StoreError> {
    write(desk, &row.sealed, row.digest, "emptied", None)
}

fn write(
    desk: &Connection,
    sealed: &Sealed,
    digest: Digest,
    state: &str,
    proof: Option<Digest>,
) -> Result<(), StoreError> {
    let label = &sealed.label;
    desk.prepare_cached(
        "INSERT INTO outbox
             (uid, kind, survey, version, kiosk, epoch, body, sha256, state, proof)
         VALUES (:uid, :kind, :survey, :version, :kiosk, :epoch, :body, :sha256, :state, :proof)",
    )?
    .execute(named_params! {
        ":uid": label.uid.0,
        ":kind": label.kind.name(),
        ":survey": label.survey,
        ":version": label.version,
        ":kiosk": label.kiosk,
        ":epoch": label.epoch.0,
        ":body": sealed.body,
        ":sha256": digest.0,
        ":state": state,
        ":proof": proof.map(|proof| proof.0),
    })?;
    Ok(())
}

/// Whether storing works again: needs room for a row, and writes something to the disk.
fn probe(connection: &Connection) -> Result<(), StoreError> {
    let probed = connection.execute_batch(
        "BEGIN IMMEDIATE;
         SAVEPOINT room;
         INSERT INTO waiting (opens, uid, kind, survey, version, kiosk, epoch, body, sha256)
         VALUES (0, zeroblob(16), 'private', '', '', '', x'', zeroblob(16384), zeroblob(32));
         ROLLBACK TO room;
         RELEASE room;
         UPDATE life SET base = base;
         COMMIT",
    );
    if probed.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    Ok(probed?)
}

/// Looks for damage: in pages and trees, then in the rows that no central has yet.
pub(super) fn check(desk: &Connection) -> Result<(), StoreError> {
    life(desk)?;
    let central = last_heard(desk)?;
    let after = central.map_or(Ok(0), |central| acknowledged(desk, central))?;
    let mut query = desk.prepare(
        "SELECT seq, uid, kind, survey, version, kiosk, epoch, body, sha256, proof
         FROM outbox WHERE seq > ?1 AND state = 'kept' ORDER BY seq",
    )?;
    let mut rows = query.query([after as i64])?;
    while let Some(found) = rows.next()? {
        let row = read_row(found)?;
        if !is_sound(&row, found.get("proof")?) {
            return Err(StoreError::Corrupt(format!("row {}", row.seq)));
        }
    }
    waiting::check(desk)?;
    let said: String = desk.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if said == "ok" { Ok(()) } else { Err(StoreError::Corrupt(said)) }
}

/// Whether the row is as it was stored.
fn is_sound(row: &Row, proof: Option<[u8; 32]>) -> bool {
    match proof {
        Some(proof) => proof == row.sealed.proof().0,
        // Only the row before could tell.
        None if row.sealed.label.kind == Kind::Private => true,
        None => row.digest == row.sealed.digest(),
    }
}

/// How the database in `folder` is, and its figures as far as they can be read: for `kiosk status`,
/// beside a running kiosk or without one. Writes nothing.
pub fn inspect(folder: &Path, central: Option<CentralId>) -> (Health, Option<Status>) {
    let path = folder.join(FILE);
    // While somebody puts the folder in order, there is nothing to see; nor does anybody begin to.
    let lock = File::open(folder).and_then(|folder| folder.lock_shared().map(|()| folder));
    // Opening would forget without a word what lies behind the damage.
    let is_damaged = matches!(salvage::read_tail(&path), Ok((Tail::Damaged, _)));
    let opened = match is_damaged {
        true => Err(StoreError::Corrupt("its log".to_owned())),
        false => sqlite::open(&path, &SCHEMA, &Options::default()),
    };
    let opened = opened.and_then(|desk| {
        let status = status(&desk, central)?;
        Ok((desk, status))
    });
    let inspected = match opened {
        Ok((desk, status)) => {
            // Taking the write lock and giving it back tells whether writing is possible at all.
            let probed = desk.execute_batch("BEGIN IMMEDIATE; ROLLBACK");
            let health = probed.map_err(StoreError::from).as_ref().err().map(Health::from);
            (health.unwrap_or_default(), Some(status))
        }
        Err(error) => (Health::from(&error), read_without_writing(&path, central).ok()),
    };
    drop(lock);
    inspected
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

pub(super) fn life(desk: &Connection) -> Result<Life, StoreError> {
    // Asked for before every answer.
    let mut query = desk.prepare_cached(
        "SELECT epoch, base,
             coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)
         FROM life",
    )?;
    Ok(query.query_row([], |row| {
        Ok(Life {
            epoch: Epoch(row.get(0)?),
            base: row.get::<_, i64>(1)? as u64,
            last: row.get::<_, i64>(2)? as u64,
        })
    })?)
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
