//! A central's store in memory: its tables, as `store::central` has them, and its audit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use borgerpanel::crypto::{Digest, KeyId, VerifyingKey};
use borgerpanel::store::central::audit::Finding;
use borgerpanel::store::central::fleet::{CLONED, Contact, KioskKey};
use borgerpanel::store::central::ledger::take_in;
use borgerpanel::store::central::receive::{
    Delivery, Judged, OTHER_CONTENT, Outcome, UNKNOWN_VERSION, Watermark,
};
use borgerpanel::store::record::{CentralId, Epoch, Kind, Lost, SALVAGED, Sealed, TORN, Uid};
use borgerpanel::store::{StoreError, Stored};
use borgerpanel::sync::books::Books;

use super::tables::Transaction;
use crate::simulation::bug::Bug;
use crate::simulation::stores::{Content, Place, Registry};

/// What came from one epoch of a kiosk.
#[derive(Clone)]
pub struct Chapter {
    pub kiosk: String,
    pub epoch: Epoch,
    pub base: u64,
    pub ordinal: i64,
    pub watermark: Watermark,
    pub received: BTreeMap<(u64, Uid), Digest>,
    /// What came and was thinned: how often each number.
    pub thinned: BTreeMap<u64, usize>,
    pub lost: Vec<Lost>,
    pub backed_up: u64,
}

/// What is in quarantine.
#[derive(Clone)]
pub struct Held {
    pub sealed: Sealed,
    pub digest: Digest,
    pub sender: String,
    pub reason: String,
}

#[derive(Clone, Default)]
pub struct Tables {
    pub keys: Vec<(KeyId, KioskKey)>,
    pub flags: BTreeSet<(String, String)>,
    pub records: BTreeMap<Uid, Digest>,
    /// Responses, private and sealed records: what is where it belongs.
    pub placed: Vec<(Content, Kind)>,
    pub homes: BTreeSet<Uid>,
    pub quarantine: Vec<Held>,
    pub chapters: Vec<Chapter>,
    pub is_registered: bool,
}

impl Tables {
    pub fn chapter(&self, kiosk: &str, epoch: Epoch) -> Option<&Chapter> {
        self.chapters.iter().find(|known| known.epoch == epoch && known.kiosk == kiosk)
    }

    pub fn chapter_mut(&mut self, kiosk: &str, epoch: Epoch) -> Option<&mut Chapter> {
        self.chapters.iter_mut().find(|known| known.epoch == epoch && known.kiosk == kiosk)
    }

    /// The key of the table `response` or `private`.
    pub fn is_placed(&self, uid: Uid) -> bool {
        self.homes.contains(&uid) || self.placed.iter().any(|((known, _), _)| *known == uid)
    }
}

/// The store.
pub struct Central {
    id: CentralId,
    tables: Mutex<Tables>,
    bug: Option<Bug>,
}

impl Central {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().expect("nothing panics under it")
    }

    /// Runs a batch's transaction; `steps` are all it may take. None of it stays where it fails.
    fn transact(&self, delivery: &Delivery, steps: u32) -> Result<Outcome, StoreError> {
        let mut tables = self.tables();
        let mut transaction = Transaction::new(&mut tables, steps, self.bug);
        let outcome = take_in(&mut transaction, delivery);
        match outcome {
            Ok(outcome) => Ok(outcome),
            Err(error) if self.bug == Some(Bug::HalfTransaction) => Err(error),
            Err(error) => {
                transaction.roll_back();
                Err(error)
            }
        }
    }
}

impl Books for Central {
    fn id(&self) -> CentralId {
        self.id
    }

    fn kiosk_key(&self, id: KeyId) -> Result<Option<KioskKey>, StoreError> {
        let tables = self.tables();
        Ok(tables.keys.iter().find(|(known, _)| *known == id).map(|(_, key)| key.clone()))
    }

    fn note_contact(&self, _: &Contact) -> Result<(), StoreError> {
        Ok(())
    }

    fn watermark(&self, kiosk: &str, epoch: Epoch) -> Result<Watermark, StoreError> {
        let tables = self.tables();
        Ok(tables.chapter(kiosk, epoch).map_or(Watermark::default(), |known| known.watermark))
    }

    fn backed_up(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError> {
        Ok(self.tables().chapter(kiosk, epoch).map_or(0, |known| known.backed_up))
    }

    fn receive(&self, delivery: &Delivery) -> Result<Outcome, StoreError> {
        self.transact(delivery, u32::MAX)
    }

    fn folder(&self) -> &Path {
        Path::new("no such folder")
    }
}

impl Registry for Central {
    type Image = Tables;

    fn new(number: u8, bug: Option<Bug>) -> Central {
        Central { id: CentralId([number; 16]), tables: Mutex::default(), bug }
    }

    fn restart(&self) {}

    fn image(&self) -> Tables {
        self.tables().clone()
    }

    fn set_back(&self, image: &Tables) {
        *self.tables() = image.clone();
    }

    fn enrol(&self, kiosk: &str, key: &VerifyingKey) {
        self.revoke(kiosk);
        let mut tables = self.tables();
        tables.flags.retain(|(name, _)| name != kiosk);
        tables.keys.retain(|(id, _)| *id != key.id());
        let known = KioskKey { kiosk: kiosk.to_owned(), key: key.clone(), is_revoked: false };
        tables.keys.push((key.id(), known));
    }

    fn revoke(&self, kiosk: &str) {
        for (_, key) in &mut self.tables().keys {
            key.is_revoked |= key.kiosk == kiosk;
        }
    }

    fn register(&self) {
        self.tables().is_registered = true;
    }

    fn is_registered(&self) -> bool {
        self.tables().is_registered
    }

    fn held(&self) -> Vec<Sealed> {
        let tables = self.tables();
        let held = tables.quarantine.iter().filter(|held| held.reason == UNKNOWN_VERSION);
        let mut held: Vec<Sealed> = held.map(|held| held.sealed.clone()).collect();
        held.sort_by_key(|sealed| sealed.label.uid);
        held
    }

    fn settle_held(&self, sealed: &Sealed, judged: &Judged) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let (uid, digest) = (sealed.label.uid, sealed.digest());
        let is_it = |held: &Held| held.sealed.label.uid == uid && held.digest == digest;
        if let Judged::Refused(reason) = judged {
            tables.quarantine.iter_mut().filter(|held| is_it(held)).for_each(|held| {
                held.reason = reason.clone();
            });
            return Ok(false);
        }
        if *judged == Judged::UnknownVersion {
            return Ok(false);
        }
        if tables.is_placed(uid) {
            let mut held = tables.quarantine.iter_mut().filter(|held| is_it(held));
            if let Some(held) = held.next() {
                held.reason = OTHER_CONTENT.to_owned();
                let flag = (held.sender.clone(), held.reason.clone());
                tables.flags.insert(flag);
                tables.records.remove(&uid);
            }
            return Ok(false);
        }
        tables.quarantine.retain(|held| !is_it(held));
        tables.placed.push(((uid, digest), sealed.label.kind));
        Ok(true)
    }

    fn store_home(&self, uid: Uid) -> Result<Stored, StoreError> {
        let mut tables = self.tables();
        if tables.is_placed(uid) {
            return Ok(Stored::Known);
        }
        tables.homes.insert(uid);
        Ok(Stored::New)
    }

    fn note_backup(&self) {
        for chapter in &mut self.tables().chapters {
            chapter.backed_up = chapter.watermark.high_seq;
            let later = chapter.received.split_off(&(chapter.backed_up + 1, Uid([0; 16])));
            for (seq, _) in std::mem::replace(&mut chapter.received, later).into_keys() {
                *chapter.thinned.entry(seq).or_default() += 1;
            }
        }
    }

    fn die_within(&self, delivery: &Delivery, steps: u32) -> Result<(), StoreError> {
        let steps = steps.min(steps_of(delivery));
        self.transact(delivery, steps).map(|_| ())
    }

    fn contents(&self) -> Vec<(Content, Place)> {
        let tables = self.tables();
        let placed = tables.placed.iter().map(|(content, kind)| {
            let place = match kind {
                Kind::Response => Place::Response,
                Kind::Private => Place::Private,
                Kind::Signup => Place::Sealed,
            };
            (*content, place)
        });
        let held = tables.quarantine.iter().map(|held| {
            let place = Place::Quarantine(held.reason.clone());
            ((held.sealed.label.uid, held.digest), place)
        });
        placed.chain(held).collect()
    }

    fn homes(&self) -> Vec<Uid> {
        self.tables().homes.iter().copied().collect()
    }

    fn audit(&self) -> Vec<Finding> {
        audit(&self.tables())
    }

    fn flags(&self, kiosk: &str) -> Vec<String> {
        let tables = self.tables();
        let flags = tables.flags.iter().filter(|(name, _)| name == kiosk);
        flags.map(|(_, flag)| flag.clone()).collect()
    }

    fn twins(&self) -> Vec<String> {
        let tables = self.tables();
        let has_twins = |chapter: &&Chapter| {
            let thinned = chapter.thinned.iter().flat_map(|(seq, count)| vec![*seq; *count]);
            let mut numbers: Vec<u64> =
                chapter.received.keys().map(|(seq, _)| *seq).chain(thinned).collect();
            numbers.sort_unstable();
            let all = numbers.len();
            numbers.dedup();
            numbers.len() < all
        };
        tables.chapters.iter().filter(has_twins).map(|chapter| chapter.kiosk.clone()).collect()
    }
}

/// Fewer than a batch takes in any case, so that the power goes within it.
fn steps_of(delivery: &Delivery) -> u32 {
    4 + 5 * delivery.items.len() as u32
}

fn audit(tables: &Tables) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut chapters: Vec<&Chapter> = tables.chapters.iter().collect();
    chapters.sort_by_key(|chapter| (&chapter.kiosk, chapter.ordinal));
    for chapter in &chapters {
        missing(tables, chapter, &mut findings);
    }
    for chapter in &chapters {
        let named = chapter.lost.iter().filter(|lost| ![SALVAGED, TORN].contains(&&*lost.reason));
        findings.extend(named.map(|lost| Finding::Lost {
            kiosk: chapter.kiosk.clone(),
            epoch: chapter.epoch,
            first: lost.first,
            last: lost.last,
            reason: lost.reason.clone(),
        }));
    }
    let cloned = tables.flags.iter().filter(|(_, flag)| flag == CLONED);
    findings.extend(cloned.map(|(kiosk, _)| Finding::Cloned { kiosk: kiosk.clone() }));
    for chapter in &chapters {
        let gone = chapter.received.keys().filter(|(_, uid)| {
            let is_aside = |held: &Held| held.sealed.label.uid == *uid;
            !tables.is_placed(*uid) && !tables.quarantine.iter().any(is_aside)
        });
        findings.extend(gone.map(|(seq, uid)| Finding::Vanished {
            kiosk: chapter.kiosk.clone(),
            epoch: chapter.epoch,
            seq: *seq,
            uid: *uid,
        }));
    }
    let is_second = |held: &&Held| held.reason == OTHER_CONTENT;
    let seconds = tables.quarantine.iter().filter(is_second).count();
    let received = (tables.records.len() + seconds) as u64;
    let accounted = (tables.placed.len() + tables.quarantine.len()) as u64;
    if received != accounted {
        findings.push(Finding::Unbalanced { received, accounted });
    }
    findings
}

fn missing(tables: &Tables, chapter: &Chapter, findings: &mut Vec<Finding>) {
    let mut name = |first: u64, last: u64| {
        let (kiosk, epoch) = (chapter.kiosk.clone(), chapter.epoch);
        findings.push(Finding::Missing { kiosk, epoch, first, last });
    };
    let is_before = |known: &Chapter| {
        known.kiosk == chapter.kiosk
            && known.epoch != chapter.epoch
            && known.watermark.high_seq >= chapter.base
    };
    if chapter.base > 0 && !tables.chapters.iter().any(is_before) {
        name(1, chapter.base);
    }
    let came = chapter.received.keys().map(|(seq, _)| *seq);
    let came = came.chain(chapter.thinned.keys().copied()).map(|seq| (seq, seq));
    let lost = chapter.lost.iter().map(|lost| (lost.first, lost.last));
    let mut ranges: Vec<(u64, u64)> = came.chain(lost).collect();
    ranges.sort_unstable();
    let mut reached = chapter.base;
    for (first, last) in ranges {
        if first > reached + 1 {
            name(reached + 1, first - 1);
        }
        reached = reached.max(last);
    }
    if reached < chapter.watermark.high_seq {
        name(reached + 1, chapter.watermark.high_seq);
    }
}
