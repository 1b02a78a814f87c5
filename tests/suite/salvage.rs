//! A kiosk whose disk damages the database: it goes on by itself, and every answer it thanked for is at
//! the central, still on the kiosk, or named as lost under its signature.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use borgerpanel::store::central::audit::Finding;
use borgerpanel::store::record::{Epoch, Kind, Lost, Uid};
use borgerpanel::store::{Health, Mixing, Outbox, StoreError};

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
        for finding in audit.findings.into_iter().chain(audit.torn) {
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
            None => {
                let reasons = ["waiting", "missing", "end-unknown", "torn"];
                lost.iter().any(|range| reasons.contains(&&*range.reason))
            }
        };
        let gone = self.acknowledged.iter().filter(|(uid, _)| !there.contains(uid));
        let gone: Vec<_> = gone.collect();
        for (uid, seq) in &gone {
            let beyond = lost.iter().find(|range| range.reason == "end-unknown");
            let is_beyond = beyond.is_some_and(|end| seq.is_some_and(|seq| seq >= end.first));
            assert!(is_named(**seq) || is_beyond, "{what}: {uid} ({seq:?}) is gone: {lost:?}");
        }
        if !gone.is_empty() && lost.iter().any(|range| range.reason != "torn") {
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
    // More of them with SALVAGE_SEEDS=1000.
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

/// Until `is_so`, for half a minute at most.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn damage_that_shows_while_the_kiosk_runs_is_set_aside_without_a_person() {
    let town = Town::new();
    let mut kiosk = Machine::enrolled(&town, "valby");
    let mut acknowledged = HashSet::new();
    store(&kiosk, 30, &mut acknowledged);
    // Closing folds the log into the file.
    kiosk.stop();
    kiosk.start();
    let before = kiosk.outbox().life().expect("a life").epoch;
    // Not by reading and writing the file whole in this process: that would drop SQLite's locks.
    let page = |number: usize| {
        let file = format!("of={}", kiosk.outbox().path().display());
        let seek = format!("seek={number}");
        let dd = ["if=/dev/urandom", &file, "bs=4096", "count=1", &seek, "conv=notrunc"];
        assert!(Command::new("dd").args(dd).output().expect("dd").status.success());
    };
    (12..20).for_each(page);
    let failed = kiosk.outbox().rows_after(0, 1000, usize::MAX);
    assert!(matches!(failed, Err(StoreError::Corrupt(_))), "{failed:?}");
    wait_until("it goes on", || kiosk.outbox().life().is_ok_and(|life| life.epoch != before));
    let aside = kiosk.outbox().set_aside();
    assert!(matches!(&aside[..], [one] if one.alarms() && one.folder.join("kiosk.db").exists()));
    let account = aside[0].account.as_ref().expect("salvaged");
    assert!(account.salvage.lost > 0 && account.salvage.brought_over > 0, "{account:?}");
    kiosk.store(Uid::random());
    assert_eq!(kiosk.sync(&Line::good(&town)).expect("sent").accounts, 1);
    assert_eq!(kiosk.sync(&Line::good(&town)).expect("sent").accounts, 0, "said once");
    let flags = town.central().kiosks().expect("listed").remove(0).flags;
    assert!(flags.contains(&"lost".to_owned()), "{flags:?}");
    let there = &town.everything() | &kiosk.everything();
    let lost = account.losses().map(|range| range.last - range.first + 1).sum::<u64>() as usize;
    let signups = read_uids(town.central().path(), "SELECT uid FROM sealed").len();
    assert!(acknowledged.len() < there.len() + signups + lost);
}

#[test]
fn nobody_elses_database_is_moved_away() {
    let town = Town::new();
    let mut kiosk = Machine::enrolled(&town, "valby");
    store(&kiosk, 5, &mut HashSet::new());
    kiosk.stop();
    let folder = copy_of(kiosk.folder.path());
    // Another process keeps it open, as a backup would.
    let held = Command::new(std::env::current_exe().expect("this test"))
        .args(["salvage::hold_a_database_open", "--exact", "--ignored", "--nocapture"])
        .env("BORGERPANEL_TEST_FOLDER", folder.path())
        .spawn();
    let mut held = held.expect("started");
    wait_until("it is held", || folder.path().join("held").exists());
    change(&folder.path().join("kiosk.db"), |bytes| bytes[4096..].fill(0xA5));
    let said = Outbox::open(folder.path()).map(|_| ()).expect_err("held").to_string();
    assert!(said.contains("another program has it open"), "{said}");
    assert!(folder.path().join("kiosk.db").exists() && !folder.path().join("damaged").exists());
    held.kill().expect("killed");
    held.wait().expect("reaped");
    let outbox = Outbox::open(folder.path()).expect("goes on now");
    assert_eq!(outbox.set_aside().len(), 1);
}

/// Not a test of its own: what `nobody_elses_database_is_moved_away` runs.
#[test]
#[ignore = "run by another test"]
fn hold_a_database_open() {
    let folder = std::env::var_os("BORGERPANEL_TEST_FOLDER").expect("set by the other test");
    let folder = Path::new(&folder);
    let desk = rusqlite::Connection::open(folder.join("kiosk.db")).expect("opened");
    let rows: i64 = desk.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0)).unwrap();
    assert!(rows > 0);
    std::fs::write(folder.join("held"), "").expect("said");
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn a_move_that_was_cut_off_is_finished() {
    let scene = Scene::new();
    let folder = copy_of(scene.kiosk.path());
    let aside = folder.path().join("damaged/1");
    std::fs::create_dir_all(&aside).expect("made");
    std::fs::rename(folder.path().join("kiosk.db"), aside.join("kiosk.db")).expect("moved");
    let kiosk = Machine::at(folder);
    assert!(aside.join("kiosk.db-wal").exists(), "the log came along");
    let numbered = scene.acknowledged.iter().filter(|(_, seq)| seq.is_some());
    assert!(numbered.map(|(uid, _)| *uid).collect::<HashSet<_>>().is_subset(&kiosk.uids()));
    assert_eq!(kiosk.everything().len(), scene.acknowledged.len());
    assert!(!kiosk.outbox().set_aside()[0].account.as_ref().expect("salvaged").has_losses());
}

#[test]
fn emptied_answers_are_nowhere_any_more_and_still_known() {
    let town = Town::new();
    let kiosk = Machine::enrolled(&town, "valby");
    let uids: Vec<Uid> = (0..40).map(|_| Uid::random()).collect();
    uids.iter().for_each(|uid| kiosk.store(*uid));
    kiosk.sync(&Line::good(&town)).expect("sent");
    let rows = kiosk.outbox().rows_after(0, 100, usize::MAX).expect("read");
    let epoch = kiosk.outbox().life().expect("a life").epoch;
    assert_eq!(kiosk.outbox().empty_through(Epoch::random(), 40), Ok(0), "another life's");
    assert_eq!(kiosk.outbox().empty_through(epoch, 30), Ok(30));
    wait_until("the log is folded", || {
        let log = kiosk.folder.path().join("kiosk.db-wal");
        std::fs::metadata(log).is_ok_and(|log| log.len() == 0)
    });
    let copy = copy_of(kiosk.folder.path());
    let bytes = std::fs::read(copy.path().join("kiosk.db")).expect("read");
    let is_there = |row: &borgerpanel::store::outbox::Row| {
        let canary = &row.sealed.body[100..132];
        bytes.windows(canary.len()).any(|window| window == canary)
    };
    assert!(!rows[..30].iter().any(is_there), "emptied answers are still in the file");
    assert!(rows[30..].iter().all(is_there), "the test can find what is there");
    // Their pages are used again, their uids are known, also in a database begun after damage.
    let size = || std::fs::metadata(kiosk.outbox().path()).expect("there").len();
    let before = size();
    (0..20).for_each(|_| kiosk.store(Uid::random()));
    assert!(size() <= before + 8192, "{before} became {}", size());
    change(&copy.path().join("kiosk.db"), |bytes| bytes[..100].fill(0));
    let fresh = Machine::at(copy);
    fresh.store(uids[0]);
    let life = fresh.outbox().life().expect("a life");
    assert_eq!((life.base, life.last), (30, 40), "a late repetition uses no number");
    fresh.store(Uid::random());
    assert_eq!(fresh.sync(&Line::good(&town)).expect("sent").stored, 1);
    assert_eq!(town.central().audit().expect("audited").findings, []);
}

#[test]
fn a_kiosk_starts_on_a_full_or_read_only_disk_and_takes_answers_when_there_is_room() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let unshare = |command: &[&str]| {
        let mut unshare = Command::new("unshare");
        unshare.args(["-rm"]).args(command).env("BORGERPANEL_TEST_FOLDER", folder.path());
        unshare.output()
    };
    let own = folder.path().display().to_string();
    let mount = ["mount", "-t", "tmpfs", "tmpfs", &own];
    if !unshare(&mount).is_ok_and(|tried| tried.status.success()) {
        println!("skipped: no disk can be mounted here (`unshare -rm mount …` is refused)");
        return;
    }
    let exe = std::env::current_exe().expect("this test").display().to_string();
    let ran = ["salvage::on_a_small_disk", "--exact", "--ignored", "--nocapture"];
    let output = unshare(&[&[&*exe], &ran[..]].concat()).expect("ran");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{output:?}");
}

/// Not a test of its own: runs where it may mount a disk of its own.
#[test]
#[ignore = "run by another test"]
fn on_a_small_disk() {
    let folder = std::env::var_os("BORGERPANEL_TEST_FOLDER").expect("set by the other test");
    let folder = Path::new(&folder);
    let mount = |options: &str| {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder);
        assert!(mount.status().expect("mount").success(), "mounted {options}");
    };
    let town = Town::new();
    let sealer = Machine::enrolled(&town, "valby");
    let sealed = || sealer.seal(Uid::random(), "v1", Kind::Response, None);
    let is_fine = |outbox: &Outbox| outbox.progress().health == Health::Fine;

    mount("size=2m");
    let filler = folder.join("filler");
    let full = std::fs::write(&filler, vec![1; 4 << 20]);
    assert!(full.is_err(), "the disk is full");
    let data = folder.join("data");
    let outbox = Outbox::open_patiently(&data, Default::default()).expect("starts");
    assert_eq!(outbox.progress().health, Health::DiskFull);
    assert_eq!(outbox.store(sealed()), Err(StoreError::DiskFull));
    assert_eq!(outbox.life(), Err(StoreError::DiskFull));
    wait_until("failures are counted", || outbox.progress().failures > 2);
    std::fs::remove_file(&filler).expect("made room");
    wait_until("there is room", || is_fine(&outbox));
    assert_eq!(outbox.progress().failures, 0);
    assert!(outbox.store(sealed()).is_ok());
    // Full again, while it runs.
    assert!(std::fs::write(&filler, vec![1; 4 << 20]).is_err());
    let refused = (0..2000).find_map(|_| outbox.store(sealed()).err());
    assert_eq!(refused, Some(StoreError::DiskFull));
    std::fs::remove_file(&filler).expect("made room");
    wait_until("there is room again", || is_fine(&outbox));
    assert!(outbox.store(sealed()).is_ok());
    drop(outbox);

    mount("size=2m,ro");
    let outbox = Outbox::open_patiently(&data, Default::default()).expect("starts");
    assert_eq!(outbox.progress().health, Health::ReadOnly);
    assert_eq!(outbox.store(sealed()), Err(StoreError::ReadOnly));
    mount("remount,rw");
    wait_until("it can be written", || is_fine(&outbox));
    assert!(outbox.store(sealed()).is_ok());
}
