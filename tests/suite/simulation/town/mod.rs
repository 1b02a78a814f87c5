//! A town and what happens in it: kiosks, two centrals, sticks, and what was promised to whom.

mod mishap;
mod stick;
mod visitor;

use std::cell::{Cell, RefCell};
use std::sync::{Arc, LazyLock};

use borgerpanel::crypto::{SealSecret, SigningKey};
use borgerpanel::store::Mixing;
use borgerpanel::store::record::Uid;
use borgerpanel::sync::books::Books;
use borgerpanel::sync::enrol::{Admission, Enrolment};
use borgerpanel::sync::exchange::{self, Report, SyncError};
use borgerpanel::sync::message::{PROTOCOL, Receipt};
use borgerpanel::sync::queue::Queue;
use borgerpanel::sync::reception::{Keys, Reception};
use jiff::tz::TimeZone;

use crate::fleet::Hand;
use crate::simulation::bug::Bug;
use crate::simulation::fuse::{Fuse, Fused, Guarded};
use crate::simulation::line::{Judge, Line, Parcel, Post, Traffic, Words, deliver, judge_again};
use crate::simulation::promise::{self, Promises};
use crate::simulation::step::{Cut, Fault, Step};
use crate::simulation::stores::{Content, Device, Registry};

const KIOSKS_MAX: usize = 5;
/// Sending is tried so often at last: a kiosk that gets stuck begins anew the next time.
const LAST_TRIES: usize = 3;

static SIGN: LazyLock<Vec<SigningKey>> =
    LazyLock::new(|| (0..64).map(|_| SigningKey::generate()).collect());
static SEAL: LazyLock<SealSecret> = LazyLock::new(SealSecret::generate);

/// A kiosk's machine.
pub struct Machine<D: Device> {
    pub disk: Fused<D>,
    pub setup: Setup,
    pub clock: Hand,
    image: Option<(D::Image, Setup)>,
}

/// What is on a kiosk's card beside the database.
#[derive(Clone)]
pub struct Setup {
    pub name: String,
    pub central: usize,
    pub enrolment: Enrolment,
    pub key: SigningKey,
    /// The heads it wrote to sticks: the only ones whose receipts count.
    exported: Vec<Parcel>,
    /// What its disk lost, by number: the simulation's own notes.
    pub lost: Vec<(u64, Content)>,
}

/// A central's machine.
pub struct Place<R: Registry> {
    pub post: Post<R>,
    clock: Hand,
    image: Option<R::Image>,
    backup: Option<R::Image>,
}

pub struct Town<D: Device, R: Registry> {
    pub words: Words,
    pub bug: Option<Bug>,
    pub kiosks: Vec<Machine<D>>,
    pub places: Vec<Place<R>>,
    pub promises: Promises,
    traffic: RefCell<Traffic>,
    sticks: Vec<Parcel>,
    receipts: Vec<Receipt>,
    /// Uids so far; each is its number.
    uids: u64,
    /// Those that forms came under.
    forms: Vec<Uid>,
    names: usize,
    /// What happened that can be compared between stores.
    pub told: Vec<String>,
}

impl<D: Device, R: Registry> Town<D, R> {
    pub fn new(words: Words, bug: Option<Bug>) -> Town<D, R> {
        let mut town = Town {
            words,
            bug,
            kiosks: Vec::new(),
            places: (0..2).map(|number| place(number, bug)).collect(),
            promises: Promises::default(),
            traffic: RefCell::default(),
            sticks: Vec::new(),
            receipts: Vec::new(),
            uids: 0,
            forms: Vec::new(),
            names: 0,
            told: Vec::new(),
        };
        for _ in 0..2 {
            let setup = town.enrolled(0, None);
            let disk = Fused { store: D::new(bug), fuse: Fuse::default() };
            town.kiosks.push(Machine { disk, setup, clock: Hand::new(), image: None });
        }
        town
    }

    /// Carries out one step. An error says what was broken by it.
    pub fn carry_out(&mut self, step: &Step) -> Result<(), String> {
        let kiosks = self.kiosks.len();
        match *step {
            Step::Collect { kiosk, forms, sort } => {
                (0..forms).try_for_each(|_| self.collect(kiosk % kiosks, sort))?;
            }
            Step::CollectCut { kiosk, is_stored } => self.collect_cut(kiosk % kiosks, is_stored),
            Step::Home { central, is_taken } => self.answer_at_home(central, is_taken),
            Step::Sync { kiosk, ref faults, cut } => {
                // Whether it works does not matter: only what was promised does.
                let _ = self.sync(kiosk % kiosks, faults, cut)?;
            }
            Step::Arrive { message } => self.arrive(message)?,
            Step::Replay { message } => self.replay(message)?,
            Step::Export { kiosk } => self.export(kiosk % kiosks),
            Step::Import { file, is_cut } => self.import(file, is_cut)?,
            Step::Receipt { file, kiosk } => self.read_receipt(file, kiosk % kiosks),
            Step::Restart { kiosk } => self.kiosks[kiosk % kiosks].disk.store.restart(),
            Step::CopyKiosk { kiosk } => {
                let machine = &mut self.kiosks[kiosk % kiosks];
                machine.image = Some((machine.disk.store.image(), machine.setup.clone()));
            }
            Step::SetKioskBack { kiosk } => self.set_kiosk_back(kiosk % kiosks),
            Step::Clone { kiosk } => self.clone_card(kiosk % kiosks),
            Step::LoseRows { kiosk, nth, rows } => self.lose_rows(kiosk % kiosks, nth, rows),
            Step::Damage { kiosk } => {
                self.kiosks[kiosk % kiosks].disk.store.damage();
                self.promises.has_damage = true;
            }
            Step::FillKiosk { kiosk, is_full } => {
                self.kiosks[kiosk % kiosks].disk.fuse.fill(is_full);
            }
            Step::FillCentral { central, is_full } => {
                self.places[central].post.central.fuse.fill(is_full);
            }
            Step::CopyCentral { central } => {
                let place = &mut self.places[central];
                place.image = Some(place.post.central.books.image());
            }
            Step::SetCentralBack { central } => self.set_central_back(central, false)?,
            Step::BackUp { central } => {
                let place = &mut self.places[central];
                place.backup = Some(place.post.central.books.image());
                place.post.central.books.note_backup();
            }
            Step::RestoreBackup { central } => self.set_central_back(central, true)?,
            Step::Register { central } => self.register(central)?,
            Step::KioskClock { kiosk, seconds } => {
                jump(&self.kiosks[kiosk % kiosks].clock, seconds)
            }
            Step::CentralClock { central, seconds } => jump(&self.places[central].clock, seconds),
            Step::Revoke { kiosk } => {
                let setup = &self.kiosks[kiosk % kiosks].setup;
                self.places[setup.central].post.central.books.revoke(&setup.name);
            }
            Step::Enrol { kiosk, is_renamed, other_central } => {
                self.enrol(kiosk % kiosks, is_renamed, other_central);
            }
            Step::MixIn { kiosk } => {
                let _ = self.kiosks[kiosk % kiosks].disk.mix_in(Mixing::All);
            }
        }
        Ok(())
    }

    /// The lines hold at last, disks have room, centrals know all versions, and who was revoked is
    /// enrolled again: then everything must come.
    pub fn settle(&mut self) -> Result<(), String> {
        for central in 0..self.places.len() {
            self.places[central].post.central.fuse.fill(false);
            self.register(central)?;
        }
        for kiosk in 0..self.kiosks.len() {
            let machine = &self.kiosks[kiosk];
            machine.disk.fuse.fill(false);
            machine.disk.mix_in(Mixing::All).map_err(|error| error.to_string())?;
            self.settle_kiosk(kiosk)?;
        }
        Ok(())
    }

    fn settle_kiosk(&mut self, kiosk: usize) -> Result<(), String> {
        let is_by_stick = !self.kiosks[kiosk].setup.exported.is_empty();
        // A stick tells nothing of databases that were set aside, nor that a central was set back.
        if is_by_stick && !self.promises.has_damage && self.promises.set_back == [false; 2] {
            return self.settle_by_stick(kiosk);
        }
        let mut last = None;
        for _ in 0..LAST_TRIES {
            match self.sync(kiosk, &[], None)? {
                Ok(_) => return self.must_be_acknowledged(kiosk),
                Err(error) if matches!(error.name(), "revoked" | "unknown-key") => {
                    self.enrol(kiosk, true, false);
                }
                Err(error) => last = Some(error),
            }
        }
        Err(format!("kiosk {kiosk} cannot send: {last:?}"))
    }

    fn must_be_acknowledged(&self, kiosk: usize) -> Result<(), String> {
        let Machine { disk, setup, .. } = &self.kiosks[kiosk];
        let life = disk.life().expect("read");
        let central = self.places[setup.central].post.central.id();
        let acknowledged = disk.acknowledged(central).expect("read").max(life.base);
        if acknowledged == life.last {
            return Ok(());
        }
        Err(format!("kiosk {kiosk} has sent all, and {acknowledged} of {} count", life.last))
    }

    /// One round of sending. The outer error is a broken promise, the inner one an everyday failure.
    fn sync(
        &mut self,
        kiosk: usize,
        faults: &[Fault],
        cut: Option<Cut>,
    ) -> Result<Result<Report, SyncError>, String> {
        let machine = &self.kiosks[kiosk];
        let place = &self.places[machine.setup.central];
        if let Some(cut) = cut {
            let fuse = if cut.at_central { &place.post.central.fuse } else { &machine.disk.fuse };
            fuse.light(cut.calls, cut.moment);
        }
        let is_let_in = self.is_let_in(&machine.setup);
        let stored = || place.post.central.books.contents().len();
        let before = if is_let_in { 0 } else { stored() };
        let line = Line {
            post: &place.post,
            central: machine.setup.central,
            key: &machine.setup.key,
            words: self.words,
            faults: RefCell::new(faults.iter().copied().collect()),
            traffic: &self.traffic,
            bug: self.bug,
            own: &|seq| machine.disk.digest_at(seq).ok().flatten(),
            is_deceived: Cell::new(false),
        };
        let result = exchange::Kiosk {
            outbox: &machine.disk,
            enrolment: &machine.setup.enrolment,
            key: &machine.setup.key,
            clock: &machine.clock,
            told: None,
        }
        .talk(&line);
        let is_deceived = line.is_deceived.get();
        if !is_let_in && stored() > before {
            return Err(format!("kiosk {kiosk} is not let in, and its answers were taken"));
        }
        if place.post.central.fuse.mend() {
            place.post.central.books.restart();
        }
        self.told.push(told(kiosk, &result));
        let machine = &mut self.kiosks[kiosk];
        if machine.disk.fuse.mend() {
            machine.disk.store.restart();
        }
        if result.is_ok() && !is_deceived {
            promise::what_counts_is_there(&self.kiosks[kiosk], &self.places)?;
        }
        Ok(result)
    }

    fn is_let_in(&self, setup: &Setup) -> bool {
        let books = &self.places[setup.central].post.central.books;
        let known = books.kiosk_key(setup.key.verifying().id()).expect("read");
        known.is_some_and(|known| !known.is_revoked && known.kiosk == setup.name)
    }

    fn arrive(&mut self, message: usize) -> Result<(), String> {
        let late = &mut self.traffic.borrow_mut().late;
        if late.is_empty() {
            return Ok(());
        }
        let message = message % late.len();
        let parcel = late.remove(message);
        self.bring(&parcel).map(|_| ())
    }

    fn replay(&mut self, message: usize) -> Result<(), String> {
        let traffic = self.traffic.borrow();
        let Some(last) = traffic.parcels.len().checked_sub(1) else { return Ok(()) };
        self.bring(&traffic.parcels[message % (last + 1)]).map(|_| ())
    }

    /// A parcel arrives by itself. None where it was refused.
    fn bring(&self, parcel: &Parcel) -> Result<Option<Receipt>, String> {
        let post = &self.places[parcel.central].post;
        let key = post.central.books.kiosk_key(parcel.head.key).expect("read");
        let taken = deliver(post, parcel);
        if taken.is_ok() && key.is_none_or(|key| key.is_revoked) {
            return Err(format!("a batch of {}, revoked, was taken", parcel.head.kiosk));
        }
        Ok(taken.ok())
    }

    fn register(&mut self, central: usize) -> Result<(), String> {
        let post = &self.places[central].post;
        post.central.books.register();
        for sealed in post.central.books.held() {
            let judged = judge_again(post, &sealed, self.words);
            post.central
                .books
                .settle_held(&sealed, &judged)
                .map_err(|error| format!("a held row stops the others: {error}"))?;
        }
        Ok(())
    }

    fn enrol(&mut self, kiosk: usize, is_renamed: bool, other_central: bool) {
        let setup = &self.kiosks[kiosk].setup;
        let central = if other_central { 1 - setup.central } else { setup.central };
        let name = (!is_renamed).then(|| setup.name.clone());
        let (exported, lost) = (setup.exported.clone(), setup.lost.clone());
        self.promises.has_moved |= is_renamed || other_central;
        self.promises.has_enrolled = true;
        let setup = self.enrolled(central, name);
        self.kiosks[kiosk].setup = Setup { exported, lost, ..setup };
    }

    /// Enrols a kiosk; without a name, under one of its own.
    fn enrolled(&mut self, central: usize, name: Option<String>) -> Setup {
        self.names += 1;
        let name = name.unwrap_or_else(|| format!("kiosk-{}", self.names));
        let key = SIGN[self.names % SIGN.len()].clone();
        let post = &self.places[central].post;
        post.central.books.enrol(&name, &key.verifying());
        let admission = Admission {
            v: PROTOCOL,
            central_id: post.central.id(),
            kiosk: name.clone(),
            verifying_key: post.keys.sign.verifying(),
            seal_keys: post.keys.seal.clone(),
        };
        let enrolment = Enrolment { central: String::new(), admission, enrolled: String::new() };
        Setup { name, central, enrolment, key, exported: Vec::new(), lost: Vec::new() }
    }

    /// What came of it all, without what is random: to be compared between stores.
    pub fn outcome(&self) -> Vec<String> {
        let mut outcome = self.told.clone();
        for (number, place) in self.places.iter().enumerate() {
            let books = &place.post.central.books;
            let mut contents: Vec<String> = books
                .contents()
                .into_iter()
                .map(|((uid, _), place)| format!("central {number} has {uid} as {place:?}"))
                .collect();
            contents.extend(books.homes().iter().map(|uid| format!("central {number}: {uid}")));
            contents.extend(books.audit().iter().map(|finding| {
                // Epochs are random.
                let mut json = serde_json::to_value(finding).expect("JSON");
                json.as_object_mut().expect("named fields").remove("epoch");
                format!("central {number} finds {json}")
            }));
            contents.sort_unstable();
            outcome.extend(contents);
            for kiosk in 0..=self.names {
                let flags = books.flags(&format!("kiosk-{kiosk}"));
                outcome.push(format!("central {number} flags kiosk-{kiosk} {flags:?}"));
            }
        }
        outcome
    }
}

fn place<R: Registry>(number: u8, bug: Option<Bug>) -> Place<R> {
    let books = R::new(number + 1, bug);
    let central = Arc::new(Guarded { books, fuse: Fuse::default(), bug });
    let clock = Hand::new();
    let keys = Keys {
        open: vec![SEAL.clone()],
        sign: SIGN[usize::from(number)].clone(),
        seal: vec![SEAL.public()],
    };
    let post = Reception {
        intake: Judge(Arc::clone(&central)),
        central,
        keys,
        clock: Arc::new(clock.clone()),
        zone: TimeZone::UTC,
    };
    Place { post, clock, image: None, backup: None }
}

fn jump(clock: &Hand, seconds: i64) {
    clock.0.fetch_add(seconds, std::sync::atomic::Ordering::Relaxed);
}

fn told(kiosk: usize, result: &Result<Report, SyncError>) -> String {
    match result {
        Ok(report) => format!(
            "kiosk {kiosk} sent: {} stored, {} dup, {} quarantined, {} batches, new epoch {}",
            report.stored, report.dup, report.quarantined, report.batches, report.has_begun_epoch
        ),
        Err(error) => format!("kiosk {kiosk} could not send: {}", error.name()),
    }
}
