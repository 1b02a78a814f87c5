//! A kiosk whose disk damages the database: it goes on by itself, and every answer it thanked for is at
//! the central, still on the kiosk, or named as lost under its signature.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use borgerpanel::store::central::audit::Finding;
use borgerpanel::store::record::{Kind, Lost, Uid};
use borgerpanel::store::{Health, Mixing};

use crate::fleet::{Line, Machine, Town, copy_files, copy_of, read_uids};

/// A kiosk as the power left it: rows in the file and in the log, some of them at the central, large
/// ones, private ones with and without a number.
struct Scene {
    town: Town,
    central: tempfile::TempDir,
    kiosk: tempfile::TempDir,
    /// All that was acknowledged; those with a number have it.
    acknowledged: HashMap<Uid, Option<u64>>,
}

impl Scene {
    fn new() -> Scene {
        let mut town = Town::new();
        let mut kiosk = Machine::enrolled(&town, "valby");
        let mut acknowledged = HashSet::new();
        store(&kiosk, 12, &mut acknowledged);
        kiosk.outbox().mix_in(Mixing::All).expect("mixed in");
        kiosk.sync(&Line::good(&town)).expect("sent");
        store(&kiosk, 12, &mut acknowledged);
        // Closing folds the log into the file.
        kiosk.stop();
        kiosk.start();
        kiosk.outbox().mix_in(Mixing::All).expect("mixed in");
        store(&kiosk, 12, &mut acknowledged);
        let image = copy_of(kiosk.folder.path());
        let rows = kiosk.outbox().rows_after(0, 1000, usize::MAX).expect("read");
        let numbers: HashMap<Uid, u64> =
            rows.iter().map(|row| (row.sealed.label.uid, row.seq)).collect();
        let number = |uid: Uid| (uid, numbers.get(&uid).copied());
        town.stop();
        let central = copy_of(town.folder.path());
        Scene {
            town,
            central,
            kiosk: image,
            acknowledged: acknowledged.into_iter().map(number).collect(),
        }
    }

    /// Starts a kiosk on a copy of the image that was damaged so, lets it send, and looks where
    /// everything is. Returns how many were lost.
    fn damage(&mut self, what: &str, damage: impl FnOnce(&Path)) -> usize {
        self.town.stop();
        for entry in std::fs::read_dir(self.town.folder.path()).expect("listed") {
            std::fs::remove_file(entry.expect("a file").path()).expect("removed");
        }
        copy_files(self.central.path(), self.town.folder.path());
        self.town.start();
        let folder = copy_of(self.kiosk.path());
        damage(folder.path());
        let kiosk = Machine::at(folder);
        assert_eq!(kiosk.outbox().progress().health, Health::Fine, "{what}");
        kiosk.store(Uid::random());
        kiosk.sync(&Line::good(&self.town)).unwrap_or_else(|error| panic!("{what}: {error}"));
        kiosk.outbox().mix_in(Mixing::All).expect("mixed in");
        kiosk.sync(&Line::good(&self.town)).expect("sent");
        self.look(what, &kiosk)
    }

    fn look(&self, what: &str, kiosk: &Machine) -> usize {
        let audit = self.town.central().audit().expect("audited");
        let mut lost: Vec<Lost> = Vec::new();
        for finding in audit.findings {
            match finding {
                Finding::Lost { first, last, reason, .. } => {
                    lost.push(Lost { first, last, reason });
                }
                other => panic!("{what}: {other:?}"),
            }
        }
        assert_eq!(audit.sums.quarantined, 0, "{what}: a wrong row was believed");
        let mut there = self.town.everything();
        there.extend(read_uids(self.town.central().path(), "SELECT uid FROM sealed"));
        there.extend(kiosk.everything());
        let is_named = |seq: Option<u64>| match seq {
            Some(seq) => lost.iter().any(|range| (range.first..=range.last).contains(&seq)),
            None => lost.iter().any(|range| matches!(&*range.reason, "waiting" | "end-unknown")),
        };
        let gone = self.acknowledged.iter().filter(|(uid, _)| !there.contains(uid));
        let gone: Vec<_> = gone.collect();
        for (uid, seq) in &gone {
            let beyond = lost.iter().find(|range| range.reason == "end-unknown");
            let is_beyond = beyond.is_some_and(|end| seq.is_some_and(|seq| seq >= end.first));
            assert!(is_named(**seq) || is_beyond, "{what}: {uid} ({seq:?}) is gone: {lost:?}");
        }
        if !gone.is_empty() {
            let flags = self.town.central().kiosks().expect("listed").remove(0).flags;
            assert!(flags.contains(&"lost".to_owned()), "{what}: {flags:?}");
        }
        gone.len()
    }
}

/// Stores forms with something private, and now and then a sign-up that takes several pages.
fn store(kiosk: &Machine, forms: usize, acknowledged: &mut HashSet<Uid>) {
    for number in 0..forms {
        let uid = Uid::random();
        acknowledged.extend(kiosk.store_form(uid));
        acknowledged.insert(uid);
        if number % 4 == 0 {
            let noise: String = (0..6000).map(|_| fastrand::alphanumeric()).collect();
            let json = format!("{{\"text\":\"{noise}\"}}");
            let signup = kiosk.seal(Uid::random(), "v1", Kind::Signup, Some(&json));
            acknowledged.insert(signup.label.uid);
            kiosk.outbox().store(signup).expect("stored");
        }
    }
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).expect("read");
    change(&mut bytes);
    std::fs::write(path, bytes).expect("written");
}

fn overwrite(bytes: &mut [u8], chance: &mut fastrand::Rng, length: usize) {
    let start = chance.usize(..bytes.len());
    let end = (start + length).min(bytes.len());
    bytes[start..end].iter_mut().for_each(|byte| *byte = chance.u8(..));
}

fn overwrite_pages(bytes: &mut [u8], chance: &mut fastrand::Rng) {
    for _ in 0..chance.usize(1..5) {
        let page = chance.usize(..bytes.len().div_ceil(4096)) * 4096;
        let end = (page + 4096).min(bytes.len());
        bytes[page..end].iter_mut().for_each(|byte| *byte = chance.u8(..));
    }
}

#[test]
fn whatever_the_disk_does_nothing_is_lost_without_a_word() {
    let mut scene = Scene::new();
    let mut lost = 0;
    let more = std::env::var("SALVAGE_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    for seed in 0..more.unwrap_or(48) {
        let mut chance = fastrand::Rng::with_seed(seed);
        let what = format!("seed {seed}");
        lost += scene.damage(&what, |folder| {
            let (main, log) = (folder.join("kiosk.db"), folder.join("kiosk.db-wal"));
            match seed % 6 {
                0 => change(&main, |bytes| overwrite_pages(bytes, &mut chance)),
                1 => change(&main, |bytes| {
                    (0..chance.usize(1..9)).for_each(|_| {
                        let length = chance.usize(1..65);
                        overwrite(bytes, &mut chance, length);
                    });
                }),
                2 => change(&log, |bytes| {
                    (0..chance.usize(1..4)).for_each(|_| {
                        let length = chance.usize(1..5000);
                        overwrite(bytes, &mut chance, length);
                    });
                }),
                3 => change(&main, |bytes| bytes.truncate(chance.usize(..bytes.len()))),
                4 => change(&main, |bytes| {
                    let length = chance.usize(16..4097);
                    bytes[..length].iter_mut().for_each(|byte| *byte = chance.u8(..));
                }),
                _ => {
                    change(&main, |bytes| overwrite_pages(bytes, &mut chance));
                    change(&log, |bytes| overwrite_pages(bytes, &mut chance));
                }
            }
        });
    }
    assert!(lost > 0, "the test damages too little to show anything");
    assert_eq!(scene.damage("no damage", |_| {}), 0);
}
