//! The real databases, behind the simulation's words for stores. They lie in memory where there is a
//! file system for that: what the power does to a disk is tried elsewhere (`power`).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use borgerpanel::crypto::{Digest, KeyId, VerifyingKey};
use borgerpanel::store::aside::SetAside;
use borgerpanel::store::central::audit::Finding;
use borgerpanel::store::central::backup::Mark;
use borgerpanel::store::central::fleet::{Contact, KioskKey};
use borgerpanel::store::central::log::Entry;
use borgerpanel::store::central::receive::{Delivery, Judged, Outcome, Watermark};
use borgerpanel::store::central::response::Accepted;
use borgerpanel::store::outbox::{Acknowledgement, FILE, Form, Life, Row};
use borgerpanel::store::record::{CentralId, Epoch, Kind, Label, Sealed, Uid};
use borgerpanel::store::{self, Mixing, Options, Outbox, StoreError, Stored};
use borgerpanel::sync::books::Books;
use borgerpanel::sync::enrol::Code;
use borgerpanel::sync::queue::Queue;
use tempfile::TempDir;

use super::bug::Bug;
use super::stores::{Content, Device, Place, Registry};
use crate::fleet::{NEW_VERSION, read_uids, response};

fn folder() -> TempDir {
    let quick = Path::new("/dev/shm");
    if quick.is_dir() { tempfile::tempdir_in(quick) } else { tempfile::tempdir() }
        .expect("a temporary folder")
}

/// Copies a folder with all that is in it. The databases in it must be closed.
fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("listed") {
        let path: PathBuf = entry.expect("a file").path();
        let copy = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            fs::create_dir_all(&copy).expect("made");
            copy_into(&path, &copy);
        } else {
            fs::copy(&path, copy).expect("copied");
        }
    }
}

fn empty(folder: &Path) {
    for entry in fs::read_dir(folder).expect("listed") {
        let path = entry.expect("a file").path();
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
            .expect("removed");
    }
}

fn copy_of(from: &Path) -> TempDir {
    let copy = folder();
    copy_into(from, copy.path());
    copy
}

/// A kiosk's `kiosk.db`.
pub struct Kiosk {
    outbox: Option<Outbox>,
    folder: TempDir,
}

impl Kiosk {
    fn at(folder: TempDir) -> Kiosk {
        Kiosk { outbox: Some(Outbox::open(folder.path()).expect("opened")), folder }
    }

    fn outbox(&self) -> &Outbox {
        self.outbox.as_ref().expect("it runs")
    }

    fn while_stopped<T>(&mut self, work: impl FnOnce(&Path) -> T) -> T {
        self.outbox = None;
        let worked = work(self.folder.path());
        self.outbox = Some(Outbox::open(self.folder.path()).expect("opened"));
        worked
    }
}

impl Device for Kiosk {
    type Image = TempDir;

    fn new(_: Option<Bug>) -> Kiosk {
        Kiosk::at(folder())
    }

    fn store(&self, form: Form) -> Result<Stored, StoreError> {
        self.outbox().store(form)
    }

    fn restart(&mut self) {
        self.while_stopped(|_| ());
    }

    fn image(&mut self) -> TempDir {
        self.while_stopped(copy_of)
    }

    fn on(image: &TempDir, _: Option<Bug>) -> Kiosk {
        Kiosk::at(copy_of(image.path()))
    }

    fn set_back(&mut self, image: &TempDir) {
        self.while_stopped(|folder| {
            empty(folder);
            copy_into(image.path(), folder);
        });
    }

    fn lose(&mut self, numbers: &[u64]) {
        let desk = rusqlite::Connection::open(self.outbox().path()).expect("opened");
        for number in numbers {
            desk.execute("DELETE FROM outbox WHERE seq = ?1", [*number as i64]).expect("deleted");
        }
    }

    fn damage(&mut self) {
        self.while_stopped(|folder| {
            let path = folder.join(FILE);
            let mut bytes = fs::read(&path).expect("read");
            bytes[..100].fill(0xA5);
            fs::write(path, bytes).expect("written");
        });
    }

    fn kept(&self) -> Vec<(Option<u64>, Content)> {
        let rows = self.outbox().rows_after(0, 100_000, usize::MAX).expect("read");
        let content = |sealed: &Sealed| (sealed.label.uid, sealed.digest());
        let mut kept: Vec<_> =
            rows.iter().map(|row| (Some(row.seq), content(&row.sealed))).collect();
        let waiting = read_contents(self.outbox().path(), "SELECT uid, sha256 FROM waiting");
        kept.extend(waiting.into_iter().map(|content| (None, content)));
        kept
    }
}

impl Queue for Kiosk {
    fn mix_in(&self, mixing: Mixing<'_>) -> Result<usize, StoreError> {
        self.outbox().mix_in(mixing)
    }

    fn life(&self) -> Result<Life, StoreError> {
        self.outbox().life()
    }

    fn begin_epoch(&self, from: Epoch) -> Result<Life, StoreError> {
        self.outbox().begin_epoch(from)
    }

    fn rows_after(
        &self,
        seq: u64,
        rows_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.outbox().rows_after(seq, rows_max, bytes_max)
    }

    fn digest_at(&self, seq: u64) -> Result<Option<Digest>, StoreError> {
        self.outbox().digest_at(seq)
    }

    fn why_lost(&self, seq: u64) -> Result<&'static str, StoreError> {
        self.outbox().why_lost(seq)
    }

    fn acknowledged(&self, central: CentralId) -> Result<u64, StoreError> {
        self.outbox().acknowledged(central)
    }

    fn acknowledge(&self, news: &Acknowledgement) -> Result<(), StoreError> {
        self.outbox().acknowledge(news)
    }

    fn empty_through(&self, epoch: Epoch, seq: u64) -> Result<usize, StoreError> {
        self.outbox().empty_through(epoch, seq)
    }

    fn set_aside(&self) -> Vec<SetAside> {
        self.outbox().set_aside()
    }

    fn note_told(&self, folder: &Path, central: CentralId) -> Result<(), StoreError> {
        self.outbox().note_told(folder, central)
    }

    fn tell_again(&self, central: CentralId) -> Result<(), StoreError> {
        self.outbox().tell_again(central)
    }
}

/// Up to which number of an epoch of a kiosk everything is in a backup.
type Backups = Vec<(String, Epoch, u64)>;

/// A central's `central.db`.
pub struct Central {
    id: CentralId,
    central: Mutex<Option<Arc<store::Central>>>,
    backups: Mutex<Backups>,
    folder: TempDir,
}

impl Central {
    fn central(&self) -> Arc<store::Central> {
        let central = self.central.lock().expect("nothing panics under it");
        Arc::clone(central.as_ref().expect("it runs"))
    }

    fn while_stopped<T>(&self, work: impl FnOnce(&Path) -> T) -> T {
        let mut central = self.central.lock().expect("nothing panics under it");
        *central = None;
        let worked = work(self.folder.path());
        *central = Some(open(self.folder.path()));
        worked
    }

    fn read<T>(&self, sql: &str, read: impl Fn(&rusqlite::Row<'_>) -> T) -> Vec<T> {
        let desk = rusqlite::Connection::open(self.central().path()).expect("opened");
        let mut query = desk.prepare(sql).expect("prepared");
        let rows = query.query_map([], |row| Ok(read(row))).expect("queried");
        rows.map(|row| row.expect("a row")).collect()
    }
}

fn open(folder: &Path) -> Arc<store::Central> {
    Arc::new(store::Central::create(folder, Options::default()).expect("a central"))
}

fn entry(action: &'static str) -> Entry {
    Entry {
        at: "2026-11-23T10:00:00Z".to_owned(),
        actor: "console".to_owned(),
        action,
        detail: String::new(),
    }
}

impl Books for Central {
    fn id(&self) -> CentralId {
        self.id
    }

    fn kiosk_key(&self, id: KeyId) -> Result<Option<KioskKey>, StoreError> {
        self.central().kiosk_key(id)
    }

    fn note_contact(&self, contact: &Contact) -> Result<(), StoreError> {
        self.central().note_contact(contact)
    }

    fn watermark(&self, kiosk: &str, epoch: Epoch) -> Result<Watermark, StoreError> {
        self.central().watermark(kiosk, epoch)
    }

    fn backed_up(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError> {
        let backups = self.backups.lock().expect("nothing panics under it");
        let known = backups.iter().find(|(name, of, _)| name == kiosk && *of == epoch);
        Ok(known.map_or(0, |(.., seq)| *seq))
    }

    fn receive(&self, delivery: &Delivery) -> Result<Outcome, StoreError> {
        self.central().receive(delivery)
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Registry for Central {
    type Image = (TempDir, Backups);

    fn new(_: u8, _: Option<Bug>) -> Central {
        let folder = folder();
        let central = open(folder.path());
        let id = central.id();
        Central { id, central: Mutex::new(Some(central)), backups: Mutex::default(), folder }
    }

    fn restart(&self) {
        self.while_stopped(|_| ());
    }

    fn image(&self) -> (TempDir, Backups) {
        let backups = self.backups.lock().expect("nothing panics under it").clone();
        (self.while_stopped(copy_of), backups)
    }

    fn set_back(&self, (image, backups): &(TempDir, Backups)) {
        self.while_stopped(|folder| {
            empty(folder);
            copy_into(image.path(), folder);
        });
        *self.backups.lock().expect("nothing panics under it") = backups.clone();
    }

    fn enrol(&self, kiosk: &str, key: &VerifyingKey) {
        let (code, now) = (Code::random(), jiff::Timestamp::from_second(1_790_000_000));
        let central = self.central();
        central.add_code(code.hash(), kiosk, i64::MAX, &entry("code")).expect("kept");
        let let_in = central.enrol(code.hash(), key, now.expect("a second of our era"));
        assert_eq!(let_in.expect("enrolled").as_deref(), Some(kiosk));
    }

    fn revoke(&self, kiosk: &str) {
        self.central().revoke(kiosk, &entry("revoked")).expect("revoked");
    }

    fn register(&self) {
        let mut definition = crate::responses::shipped().remove(0);
        definition.version = NEW_VERSION.to_owned();
        self.central().register(&definition).expect("registered");
    }

    fn is_registered(&self) -> bool {
        self.central().definition(NEW_VERSION).expect("read").is_some()
    }

    fn held(&self) -> Vec<Sealed> {
        self.central().held(None, 1000).expect("read")
    }

    fn settle_held(&self, sealed: &Sealed, judged: &Judged) -> Result<bool, StoreError> {
        self.central().settle_held(sealed, judged, &sealed.body)
    }

    fn store_home(&self, uid: Uid) -> Result<Stored, StoreError> {
        let label = Label {
            kind: Kind::Response,
            uid,
            survey: "trafik".to_owned(),
            version: "v1".to_owned(),
            kiosk: String::new(),
            epoch: Epoch([0; 16]),
        };
        let mut response = response(&label);
        response.kiosk = None;
        let accepted = Accepted { structure: "structure".to_owned(), response, flags: Vec::new() };
        self.central().store_response(accepted)
    }

    fn note_backup(&self) {
        let now = self.read("SELECT kiosk, epoch, high_seq FROM watermark", |row| {
            let seq: i64 = row.get(2).expect("a number");
            (row.get(0).expect("a name"), Epoch(row.get(1).expect("an epoch")), seq as u64)
        });
        let mark = |(kiosk, epoch, high_seq): &(String, Epoch, u64)| Mark {
            kiosk: kiosk.clone(),
            epoch: *epoch,
            high_seq: *high_seq,
        };
        self.central().thin(&now.iter().map(mark).collect::<Vec<_>>()).expect("thinned");
        *self.backups.lock().expect("nothing panics under it") = now;
    }

    /// What SQLite does of half a transaction is tried by `power`.
    fn die_within(&self, _: &Delivery, _: u32) -> Result<(), StoreError> {
        Ok(())
    }

    fn contents(&self) -> Vec<(Content, Place)> {
        let central = self.central();
        let of = |table: &str| {
            let sql = format!("SELECT uid, sha256 FROM {table} JOIN record USING (uid)");
            read_contents(central.path(), &sql)
        };
        let mut contents = Vec::new();
        contents.extend(of("response").into_iter().map(|content| (content, Place::Response)));
        contents.extend(of("private").into_iter().map(|content| (content, Place::Private)));
        contents.extend(of("sealed").into_iter().map(|content| (content, Place::Sealed)));
        contents.extend(self.read("SELECT uid, sha256, reason FROM quarantine", |row| {
            let (uid, digest) = (row.get(0).expect("a uid"), row.get(1).expect("a digest"));
            let place = Place::Quarantine(row.get(2).expect("a reason"));
            ((Uid(uid), Digest(digest)), place)
        }));
        contents
    }

    fn homes(&self) -> Vec<Uid> {
        let sql = "SELECT uid FROM response WHERE kiosk IS NULL";
        read_uids(self.central().path(), sql)
    }

    fn audit(&self) -> Vec<Finding> {
        self.central().audit().expect("audited").findings
    }

    fn flags(&self, kiosk: &str) -> Vec<String> {
        let mut kiosks = self.central().kiosks().expect("listed").into_iter();
        kiosks.find(|known| known.kiosk == kiosk).map_or_else(Vec::new, |known| known.flags)
    }

    fn twins(&self) -> Vec<String> {
        let sql = "SELECT kiosk FROM received GROUP BY kiosk, epoch, seq HAVING count(*) > 1
            UNION SELECT kiosk FROM received_range WHERE rows > last - first + 1
            UNION SELECT r.kiosk FROM received AS r JOIN received_range AS t
                ON t.kiosk = r.kiosk AND t.epoch = r.epoch AND r.seq BETWEEN t.first AND t.last
            UNION SELECT a.kiosk FROM received_range AS a JOIN received_range AS b
                ON a.kiosk = b.kiosk AND a.epoch = b.epoch AND b.first BETWEEN a.first AND a.last
                AND (a.first, a.last, a.key) <> (b.first, b.last, b.key)";
        self.read(sql, |row| row.get(0).expect("a name"))
    }
}

fn read_contents(database: &Path, sql: &str) -> Vec<Content> {
    let desk = rusqlite::Connection::open(database).expect("opened");
    let mut query = desk.prepare(sql).expect("prepared");
    let rows = query.query_map([], |row| Ok((Uid(row.get(0)?), Digest(row.get(1)?))));
    rows.expect("queried").map(|content| content.expect("a content")).collect()
}
