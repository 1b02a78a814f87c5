//! What was promised in a town, and whether it was kept: every answer that somebody was thanked for is
//! at a central once and as it was, or it is named as lost, or a copy that was put back took it away.

use std::collections::{BTreeMap, BTreeSet};

use borgerpanel::store::central::audit::Finding;
use borgerpanel::store::central::fleet::CLONED;
use borgerpanel::store::central::receive::UNKNOWN_VERSION;
use borgerpanel::store::record::Uid;
use borgerpanel::sync::books::Books;

use super::stores::{Content, Device, Place, Registry};
use super::town::{Machine, Place as TownPlace, Town};

#[derive(Default)]
pub struct Promises {
    /// What somebody was thanked for.
    pub made: BTreeSet<Content>,
    /// That, and what was stored though nobody could be thanked any more.
    seen: BTreeSet<Content>,
    /// What centrals said thanks for themselves.
    pub homes: [BTreeSet<Uid>; 2],
    /// What kiosks dropped by no fault of the protocol: their disks lost it, or were set back.
    pub dropped: BTreeSet<Content>,
    /// Of these, what was nowhere any more at some moment, and no kiosk can say so.
    pub by_nature: BTreeSet<Content>,
    pub set_back: [bool; 2],
    /// Old copies of kiosks came back, or cards were cloned: two machines may seem to be one.
    pub has_doubles: bool,
    pub has_damage: bool,
    /// A kiosk got another name or central.
    pub has_moved: bool,
    /// Enrolling settles a kiosk's flags.
    pub has_enrolled: bool,
    /// How many were made up so far.
    pub contents: u64,
}

impl Promises {
    /// Somebody is thanked for it.
    pub fn make(&mut self, content: Content) {
        self.see(content);
        self.made.insert(content);
    }

    /// It was stored, and nobody was thanked.
    pub fn see(&mut self, content: Content) {
        self.seen.insert(content);
    }
}

/// Whether all promises were kept. To be asked when all is settled.
pub fn judge<D: Device, R: Registry>(town: &Town<D, R>) -> Result<(), String> {
    for number in 0..town.places.len() {
        stored_once(town, number)?;
    }
    nothing_from_nowhere(town)?;
    town.kiosks.iter().try_for_each(|kiosk| what_counts_is_there(kiosk, &town.places))?;
    let findings: Vec<Finding> =
        town.places.iter().flat_map(|place| place.post.central.books.audit()).collect();
    all_kept_or_named(town, &findings)?;
    audit_agrees(town, &findings)?;
    twins_are_flagged(town)
}

fn stored_once<D: Device, R: Registry>(town: &Town<D, R>, number: usize) -> Result<(), String> {
    let books = &town.places[number].post.central.books;
    let homes = books.homes();
    let mut placed: BTreeSet<Uid> = BTreeSet::new();
    let mut contents: BTreeSet<Content> = BTreeSet::new();
    for uid in &homes {
        if !placed.insert(*uid) {
            return Err(format!("{uid} was answered at home, and is at central {number} twice"));
        }
    }
    for (content, place) in books.contents() {
        let uid = content.0;
        if !contents.insert(content) {
            return Err(format!("a content of {uid} is at central {number} twice"));
        }
        match place {
            Place::Quarantine(reason) if reason == UNKNOWN_VERSION => {
                return Err(format!("{uid} still waits for a version at central {number}"));
            }
            Place::Quarantine(_) => {}
            _ if placed.insert(uid) => {}
            _ => return Err(format!("{uid} is at central {number} twice")),
        }
    }
    let homes: BTreeSet<Uid> = homes.into_iter().collect();
    match town.promises.homes[number].difference(&homes).next() {
        Some(uid) => Err(format!("{uid} was answered at home, and central {number} lost it")),
        None => Ok(()),
    }
}

fn nothing_from_nowhere<D: Device, R: Registry>(town: &Town<D, R>) -> Result<(), String> {
    match town.at_centrals().difference(&town.promises.seen).next() {
        Some((uid, _)) => Err(format!("nobody ever gave what is stored under {uid}")),
        None => Ok(()),
    }
}

/// What a kiosk takes for sent is at the central it is enrolled at, or was given up under a signature:
/// then only `kiosk salvage` brings it, from a copy that has it.
pub fn what_counts_is_there<D: Device, R: Registry>(
    kiosk: &Machine<D>,
    places: &[TownPlace<R>],
) -> Result<(), String> {
    let central = &places[kiosk.setup.central].post.central;
    let life = kiosk.disk.store.life().expect("read");
    let through = kiosk.disk.store.acknowledged(central.id()).expect("read").max(life.base);
    let there: BTreeSet<Content> =
        central.books.contents().into_iter().map(|(content, _)| content).collect();
    for (seq, content) in kiosk.disk.store.kept() {
        let Some(seq) = seq.filter(|seq| *seq <= through) else { continue };
        if !there.contains(&content) && !is_named(&central.books.audit(), seq) {
            let (uid, name) = (content.0, &kiosk.setup.name);
            return Err(format!("{uid} is left behind on {name}: it counts as sent, as {seq}"));
        }
    }
    Ok(())
}

/// Whether a number was given up.
fn is_named(findings: &[Finding], seq: u64) -> bool {
    findings.iter().any(|finding| {
        matches!(finding, Finding::Lost { first, last, .. } if (*first..=*last).contains(&seq))
    })
}

fn all_kept_or_named<D: Device, R: Registry>(
    town: &Town<D, R>,
    findings: &[Finding],
) -> Result<(), String> {
    let (stored, lost) = (town.at_centrals(), town.lost());
    let mut numbers: BTreeMap<Content, Vec<u64>> = BTreeMap::new();
    for (seq, contents) in &lost {
        contents.iter().for_each(|content| numbers.entry(*content).or_default().push(*seq));
    }
    for content in town.promises.made.difference(&stored) {
        let uid = content.0;
        match numbers.get(content) {
            Some(numbers) if numbers.iter().any(|seq| is_named(findings, *seq)) => {}
            _ if town.promises.by_nature.contains(content) => {}
            // A clone's database was set aside, and its twin has sent the numbers it lost.
            Some(_) if town.promises.has_doubles && town.promises.has_damage => {}
            Some(numbers) => return Err(format!("{uid} is lost as {numbers:?}, and not named")),
            None => return Err(format!("{uid} was acknowledged, and no central has it")),
        }
    }
    Ok(())
}

/// The audit finds what happened, and nothing else.
fn audit_agrees<D: Device, R: Registry>(
    town: &Town<D, R>,
    findings: &[Finding],
) -> Result<(), String> {
    let promises = &town.promises;
    let was_set_back = promises.set_back.contains(&true);
    let may_be = |finding: &Finding| match finding {
        Finding::Cloned { .. } => promises.has_doubles || promises.has_damage,
        Finding::Missing { .. } => promises.has_doubles || promises.has_moved || was_set_back,
        Finding::Lost { reason, .. } if reason == "emptied" => {
            promises.has_doubles || promises.has_moved || was_set_back
        }
        Finding::Lost { .. } => {
            town.kiosks.iter().any(|kiosk| !kiosk.setup.lost.is_empty()) || promises.has_doubles
        }
        _ => false,
    };
    match findings.iter().find(|finding| !may_be(finding)) {
        Some(finding) => Err(format!("the audit finds what did not happen: {finding:?}")),
        None => Ok(()),
    }
}

/// A number that came with two uids is a cloned card, and somebody is told.
fn twins_are_flagged<D: Device, R: Registry>(town: &Town<D, R>) -> Result<(), String> {
    if town.promises.has_enrolled {
        return Ok(());
    }
    for place in &town.places {
        for kiosk in place.post.central.books.twins() {
            if !place.post.central.books.flags(&kiosk).iter().any(|flag| flag == CLONED) {
                return Err(format!("{kiosk} gave a number twice, and is not flagged"));
            }
        }
    }
    Ok(())
}
