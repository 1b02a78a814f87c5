//! Random histories of a town: kiosks collect, lines fail, cards are cloned, old copies come back.
//! After each, the central has exactly what was promised. A history is its seed: a failing one prints
//! it, and `BORGERPANEL_SEED=n cargo test history` replays it;
//! `BORGERPANEL_HISTORIES=n` runs more of them.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use borgerpanel::store::Mixing;
use borgerpanel::store::central::audit::Finding;
use borgerpanel::store::record::Uid;
use fastrand::Rng;

use crate::fleet::{Fault, Line, Machine, Town, copy_files, copy_of};

const HISTORIES: u64 = 12;
const STEPS: usize = 50;
const KIOSKS_MAX: usize = 5;

struct History {
    rng: Rng,
    town: Town,
    kiosks: Vec<Machine>,
    /// An old copy of each kiosk's folder.
    copies: Vec<Option<tempfile::TempDir>>,
    central_copy: Option<tempfile::TempDir>,
    /// Bundles that were on the line, delivered or not.
    recorded: Vec<Vec<u8>>,
    /// Every uid that was ever acknowledged to a visitor.
    ever: HashSet<Uid>,
    /// Those that no restored backup has taken away by nature.
    promised: HashSet<Uid>,
    /// Old copies came back, or cards were cloned: then two machines may seem to be one.
    has_doubles: bool,
}

impl History {
    fn new(seed: u64) -> History {
        let town = Town::new();
        let kiosks: Vec<_> =
            ["valby", "sundby"].map(|name| Machine::enrolled(&town, name)).into_iter().collect();
        History {
            rng: Rng::with_seed(seed),
            copies: kiosks.iter().map(|_| None).collect(),
            central_copy: None,
            recorded: Vec::new(),
            ever: HashSet::new(),
            promised: HashSet::new(),
            has_doubles: false,
            town,
            kiosks,
        }
    }

    fn step(&mut self) {
        let kiosk = self.rng.usize(..self.kiosks.len());
        match self.rng.u8(..20) {
            0..8 => self.collect(kiosk),
            8..13 => self.send(kiosk),
            13 => self.replay(),
            14 => self.restart(kiosk),
            15 => self.copy_kiosk(kiosk),
            16 => self.set_kiosk_back(kiosk),
            17 => self.clone_card(kiosk),
            18 => self.copy_or_set_back_central(),
            _ => self.jump(kiosk),
        }
    }

    fn collect(&mut self, kiosk: usize) {
        for _ in 0..self.rng.usize(1..4) {
            let uid = Uid(std::array::from_fn(|_| self.rng.u8(..)));
            let apart = self.kiosks[kiosk].store_form(uid).expect("a new form");
            if self.rng.u8(..4) == 0 {
                // The visitor's browser asks again.
                assert_eq!(self.kiosks[kiosk].store_form(uid), None);
            }
            self.ever.extend([uid, apart]);
            self.promised.extend([uid, apart]);
        }
    }

    fn send(&mut self, kiosk: usize) {
        use Fault::*;
        let all = [None, None, None, Lost, ReplyLost, Twice, Truncated, Changed, Portal];
        let faults: Vec<_> = (0..4).map(|_| all[self.rng.usize(..all.len())]).collect();
        let line = Line::with(&self.town, &faults);
        // Whether it works does not matter: only what is promised does.
        let _ = self.kiosks[kiosk].sync(&line);
        self.recorded.extend(line.heard.into_inner());
    }

    /// An old or lost batch arrives late.
    fn replay(&mut self) {
        if !self.recorded.is_empty() {
            let bundle = &self.recorded[self.rng.usize(..self.recorded.len())];
            let _ = self.town.reception().take(bundle);
        }
    }

    fn restart(&mut self, kiosk: usize) {
        self.kiosks[kiosk].stop();
        self.kiosks[kiosk].start();
    }

    fn copy_kiosk(&mut self, kiosk: usize) {
        self.kiosks[kiosk].stop();
        self.copies[kiosk] = Some(copy_of(self.kiosks[kiosk].folder.path()));
        self.kiosks[kiosk].start();
    }

    fn set_kiosk_back(&mut self, kiosk: usize) {
        let Some(copy) = &self.copies[kiosk] else { return };
        self.kiosks[kiosk].stop();
        copy_files(copy.path(), self.kiosks[kiosk].folder.path());
        self.kiosks[kiosk].start();
        self.has_doubles = true;
        self.forget_what_is_nowhere();
    }

    fn clone_card(&mut self, kiosk: usize) {
        if self.kiosks.len() < KIOSKS_MAX {
            self.kiosks[kiosk].stop();
            let twin = copy_of(self.kiosks[kiosk].folder.path());
            self.kiosks[kiosk].start();
            self.kiosks.push(Machine::at(twin));
            self.copies.push(None);
            self.has_doubles = true;
        }
    }

    fn copy_or_set_back_central(&mut self) {
        self.town.stop();
        match self.central_copy.take() {
            None => self.central_copy = Some(copy_of(self.town.folder.path())),
            Some(copy) => {
                copy_files(copy.path(), self.town.folder.path());
                // What a later life of the central had on the line is not sent to this one.
                self.recorded.clear();
            }
        }
        self.town.start();
        self.forget_what_is_nowhere();
    }

    fn jump(&mut self, kiosk: usize) {
        let seconds = self.rng.i64(-10_000_000..10_000_000);
        self.kiosks[kiosk].clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    /// What only a replaced file held is lost by nature.
    fn forget_what_is_nowhere(&mut self) {
        let mut somewhere = self.town.everything();
        self.kiosks.iter().for_each(|kiosk| somewhere.extend(kiosk.everything()));
        self.promised.retain(|uid| somewhere.contains(uid));
    }

    /// The lines hold at last.
    fn settle(&mut self) {
        for kiosk in &self.kiosks {
            kiosk.outbox().mix_in(Mixing::All).expect("mixed in");
            kiosk.sync(&Line::good(&self.town)).expect("nothing in the way");
            let central = self.town.central().id();
            assert_eq!(kiosk.outbox().status(Some(central)).expect("figures").unsynced, 0);
        }
    }

    fn judge(&self) {
        let stored = self.town.everything();
        assert!(stored.is_superset(&self.promised), "acknowledged answers are missing");
        assert!(stored.is_subset(&self.ever), "answers came from nowhere");
        let union: HashSet<Uid> = self.kiosks.iter().flat_map(|kiosk| kiosk.everything()).collect();
        assert!(stored.is_superset(&union), "answers are left behind on a kiosk");
        let audit = self.town.central().audit().expect("audited");
        assert_eq!(audit.sums.received, stored.len() as u64);
        let is_expected =
            |finding: &Finding| matches!(finding, Finding::Cloned { .. }) && self.has_doubles;
        let unexpected: Vec<_> =
            audit.findings.iter().filter(|finding| !is_expected(finding)).collect();
        assert!(unexpected.is_empty(), "{unexpected:?}");
    }
}

#[test]
fn whatever_happens_the_central_has_what_was_promised_once() {
    let number = |name| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    let seeds = match number("BORGERPANEL_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("BORGERPANEL_HISTORIES").unwrap_or(HISTORIES),
    };
    for seed in seeds {
        println!("history {seed}");
        let mut history = History::new(seed);
        (0..STEPS).for_each(|_| history.step());
        history.settle();
        history.judge();
    }
}
