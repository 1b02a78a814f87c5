//! A central and kiosks in temporary folders, joined by a transport that fails as it is told.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use borgerpanel::clock::Clock;
use borgerpanel::crypto::{SealSecret, SigningKey};
use borgerpanel::response::record::{Background, Status};
use borgerpanel::response::{Private, Response};
use borgerpanel::store::central::log::Entry;
use borgerpanel::store::outbox::Form;
use borgerpanel::store::record::{Kind, Label, Sealed, Uid};
use borgerpanel::store::{Central, Options, Outbox, Stored};
use borgerpanel::sync::enrol::{self, Code, Enrolment, Request};
use borgerpanel::sync::envelope;
use borgerpanel::sync::exchange::{self, Report, SyncError, Transport, TransportError};
use borgerpanel::sync::message::Signed;
use borgerpanel::sync::reception::{Intake, Keys, Reception, Refusal, Verdict};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A clock that a test sets.
#[derive(Clone)]
pub struct Hand(pub Arc<AtomicI64>);

impl Hand {
    pub fn new() -> Hand {
        Hand(Arc::new(AtomicI64::new(1_790_000_000)))
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).expect("a second of our era")
    }
}

/// Takes what parses, but for one version that it may or may not know.
#[derive(Clone)]
pub struct Stub {
    pub central: Arc<Central>,
}

/// A version nobody knows until it is registered.
pub const NEW_VERSION: &str = "new";

impl Intake for Stub {
    fn judge(&self, _survey: &str, version: &str, body: &str) -> Verdict {
        if version == NEW_VERSION && self.central.definition(version).expect("read").is_none() {
            return Verdict::UnknownVersion;
        }
        match serde_json::from_str::<Response>(body) {
            Ok(response) => Verdict::Accepted {
                structure: "structure".to_owned(),
                flags: if response.day.as_str() > "2026-12-01" {
                    vec!["late".to_owned()]
                } else {
                    vec![]
                },
                response: Box::new(response),
            },
            Err(_) => Verdict::Refused("unsound".to_owned()),
        }
    }

    fn judge_private(&self, _survey: &str, version: &str, body: &str) -> Verdict {
        if version == NEW_VERSION && self.central.definition(version).expect("read").is_none() {
            return Verdict::UnknownVersion;
        }
        match serde_json::from_str::<Private>(body) {
            Ok(private) => Verdict::Private(Box::new(private)),
            Err(_) => Verdict::Refused("unsound".to_owned()),
        }
    }
}

/// A central's machine.
pub struct Town {
    pub folder: tempfile::TempDir,
    pub clock: Hand,
    pub reception: Option<Reception<Stub>>,
    open: SealSecret,
    sign: SigningKey,
}

impl Town {
    pub fn new() -> Town {
        let mut town = Town {
            folder: tempfile::tempdir().expect("a temporary folder"),
            clock: Hand::new(),
            reception: None,
            open: SealSecret::generate(),
            sign: SigningKey::generate(),
        };
        town.start();
        town
    }

    pub fn start(&mut self) {
        let central =
            Arc::new(Central::create(self.folder.path(), Options::default()).expect("a central"));
        self.reception = Some(Reception {
            central: Arc::clone(&central),
            keys: Keys {
                open: vec![self.open.clone()],
                sign: self.sign.clone(),
                seal: vec![self.open.public()],
            },
            intake: Stub { central },
            clock: Arc::new(self.clock.clone()),
            zone: TimeZone::UTC,
        });
    }

    pub fn stop(&mut self) {
        self.reception = None;
    }

    pub fn reception(&self) -> &Reception<Stub> {
        self.reception.as_ref().expect("the central runs")
    }

    pub fn central(&self) -> &Central {
        &self.reception().central
    }

    /// The uids of all responses, straight from the database; each once, or this panics.
    pub fn uids(&self) -> HashSet<Uid> {
        let mut uids = HashSet::new();
        for uid in read_uids(self.central().path(), "SELECT uid FROM response") {
            assert!(uids.insert(uid), "a response is there twice");
        }
        uids
    }

    /// The uids of all responses and private records; each once, or this panics.
    pub fn everything(&self) -> HashSet<Uid> {
        let mut uids = self.uids();
        for uid in read_uids(self.central().path(), "SELECT uid FROM private") {
            assert!(uids.insert(uid), "a private record is there twice");
        }
        uids
    }

    pub fn code(&self, kiosk: &str) -> Code {
        let (code, now) = (Code::random(), self.clock.now());
        let entry = Entry {
            at: now.to_string(),
            actor: "console".to_owned(),
            action: "code",
            detail: kiosk.to_owned(),
        };
        let expires = now.as_second() + enrol::CODE_SECONDS;
        self.central().add_code(code.hash(), kiosk, expires, &entry).expect("kept");
        code
    }
}

/// A kiosk's machine.
pub struct Machine {
    pub folder: tempfile::TempDir,
    pub outbox: Option<Outbox>,
    pub enrolment: Enrolment,
    pub key: SigningKey,
    /// The kiosk's own clock.
    pub clock: Hand,
}

impl Machine {
    pub fn enrolled(town: &Town, name: &str) -> Machine {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = enrol::own_key(folder.path()).expect("a key");
        let code = town.code(name);
        let request = Request::new(&code, &key);
        let reply = town.reception().admit(&request).expect("let in");
        let enrolment = Enrolment {
            central: "http://127.0.0.1".to_owned(),
            admission: reply.verify(&code, &request).expect("genuine"),
            enrolled: town.clock.now().to_string(),
        };
        enrolment.save(folder.path()).expect("saved");
        Machine::at(folder)
    }

    /// A machine on what is in this folder.
    pub fn at(folder: tempfile::TempDir) -> Machine {
        Machine {
            outbox: Some(Outbox::open(folder.path()).expect("opened")),
            enrolment: Enrolment::load(folder.path()).expect("read").expect("enrolled"),
            key: enrol::own_key(folder.path()).expect("a key"),
            clock: Hand::new(),
            folder,
        }
    }

    pub fn outbox(&self) -> &Outbox {
        self.outbox.as_ref().expect("the kiosk runs")
    }

    pub fn store(&self, uid: Uid) {
        self.store_as(uid, "v1");
    }

    pub fn store_as(&self, uid: Uid, version: &str) {
        self.outbox().store(self.seal(uid, version, Kind::Response, None)).expect("stored");
    }

    /// Stores a form with a private record set apart from it. Returns that one's uid where the form
    /// was not known yet.
    pub fn store_form(&self, uid: Uid) -> Option<Uid> {
        let apart = Uid::random();
        let record = Private {
            v: 1,
            uid: apart.to_string(),
            survey: "trafik".to_owned(),
            version: "v1".to_owned(),
            answers: BTreeMap::new(),
        };
        let json = serde_json::to_string(&record).expect("JSON");
        let form = Form {
            record: self.seal(uid, "v1", Kind::Response, None),
            apart: vec![self.seal(apart, "v1", Kind::Private, Some(&json))],
        };
        (self.outbox().store(form).expect("stored") == Stored::New).then_some(apart)
    }

    pub fn seal(&self, uid: Uid, version: &str, kind: Kind, json: Option<&str>) -> Sealed {
        let label = Label {
            kind,
            uid,
            survey: "trafik".to_owned(),
            version: version.to_owned(),
            kiosk: self.enrolment.admission.kiosk.clone(),
            epoch: self.outbox().life().expect("a life").epoch,
        };
        let made = serde_json::to_string(&response(&label)).expect("JSON");
        envelope::seal(label, json.unwrap_or(&made), &self.enrolment.admission.seal_keys)
            .expect("sealed")
    }

    pub fn sync(&self, transport: &impl Transport) -> Result<Report, SyncError> {
        let kiosk = exchange::Kiosk {
            outbox: self.outbox(),
            enrolment: &self.enrolment,
            key: &self.key,
            clock: &self.clock,
            told: None,
        };
        kiosk.send_all(transport)
    }

    /// All that is in its outbox.
    pub fn uids(&self) -> HashSet<Uid> {
        let rows = self.outbox().rows_after(0, 100_000, usize::MAX).expect("read");
        rows.iter().map(|row| row.sealed.label.uid).collect()
    }

    /// All that is in its outbox or waits to get there.
    pub fn everything(&self) -> HashSet<Uid> {
        let mut uids = self.uids();
        uids.extend(read_uids(self.outbox().path(), "SELECT uid FROM waiting"));
        uids
    }

    pub fn stop(&mut self) {
        self.outbox = None;
    }

    pub fn start(&mut self) {
        self.outbox = Some(Outbox::open(self.folder.path()).expect("opened"));
    }
}

pub fn response(label: &Label) -> Response {
    Response {
        v: 1,
        uid: label.uid.to_string(),
        survey: label.survey.clone(),
        version: label.version.clone(),
        channel: "kiosk".to_owned(),
        invited: false,
        assisted: false,
        status: Status::Complete,
        kiosk: Some(label.kiosk.clone()),
        lang: "da".to_owned(),
        day: "2026-11-23".to_owned(),
        duration_s: Some(60),
        background: Background::default(),
        answers: BTreeMap::new(),
        shown: BTreeMap::new(),
        flags: Vec::new(),
    }
}

/// What happens to one message on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// It never arrives.
    Lost,
    /// It arrives, the reply does not.
    ReplyLost,
    /// It arrives twice.
    Twice,
    /// Only a part of it arrives.
    Truncated,
    /// A bit of it is another.
    Changed,
    /// A captive portal answers in the central's place.
    Portal,
}

/// A line to the central, with the faults to come; none left means none.
pub struct Line<'a> {
    pub town: &'a Town,
    pub faults: RefCell<Vec<Fault>>,
    /// Every bundle that went over it.
    pub heard: RefCell<Vec<Vec<u8>>>,
}

impl<'a> Line<'a> {
    pub fn good(town: &'a Town) -> Line<'a> {
        Line::with(town, &[])
    }

    /// With these faults, the first one first.
    pub fn with(town: &'a Town, faults: &[Fault]) -> Line<'a> {
        let faults = RefCell::new(faults.iter().rev().copied().collect());
        Line { town, faults, heard: RefCell::default() }
    }

    fn carry<T>(
        &self,
        deliver: impl Fn(Option<Fault>) -> Result<T, Refusal>,
    ) -> Result<T, TransportError> {
        let gone = || Err(TransportError::Unreachable("a cut".to_owned()));
        let said = |result: Result<T, Refusal>| {
            result.map_err(|refusal| TransportError::Refused {
                status: 400,
                problem: refusal.to_string(),
            })
        };
        match self.faults.borrow_mut().pop().unwrap_or(Fault::None) {
            Fault::None => said(deliver(None)),
            Fault::Lost => gone(),
            Fault::ReplyLost => {
                let _ = deliver(None);
                gone()
            }
            Fault::Twice => {
                let _ = deliver(None);
                said(deliver(None))
            }
            Fault::Portal => Err(TransportError::Nonsense("<html>".to_owned())),
            fault => said(deliver(Some(fault))),
        }
    }
}

impl Transport for Line<'_> {
    fn ask(&self, question: &Signed) -> Result<Signed, TransportError> {
        self.carry(|_| self.town.reception().stand(question))
    }

    fn push(&self, bundle: &[u8]) -> Result<Signed, TransportError> {
        self.heard.borrow_mut().push(bundle.to_vec());
        self.carry(|fault| {
            let mut bytes = bundle.to_vec();
            match fault {
                Some(Fault::Truncated) => bytes.truncate(bytes.len() * 2 / 3),
                Some(_) => {
                    let at = bytes.len() / 2;
                    bytes[at] ^= 1;
                }
                None => {}
            }
            self.town.reception().take(&bytes)
        })
    }
}

pub fn read_uids(database: &Path, sql: &str) -> Vec<Uid> {
    let desk = rusqlite::Connection::open(database).expect("opened");
    let mut query = desk.prepare(sql).expect("prepared");
    let rows = query.query_map([], |row| row.get(0).map(Uid)).expect("queried");
    rows.map(|uid| uid.expect("a uid")).collect()
}

/// Copies the files of a folder into another; the databases in it must be closed.
pub fn copy_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("listed") {
        let path: PathBuf = entry.expect("a file").path();
        let name = path.file_name().expect("a name");
        std::fs::copy(&path, to.join(name)).expect("copied");
    }
}

/// A copy of a folder.
pub fn copy_of(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    copy_files(folder, copy.path());
    copy
}
