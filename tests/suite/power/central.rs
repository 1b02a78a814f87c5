//! A central whose disk is full: nothing is thanked for that is not kept, homes get a page that says so,
//! kiosks keep what they have, and once there is room all of it arrives.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::kiosk::{fill, health_at, in_a_namespace, is_refused_kindly, mount};
use super::{CUT, Disk};
use crate::chain::{Book, Town, all_arrived, form, post};
use crate::collecting::encode;
use crate::preview::{Running, get};

fn start_on(disk: &Disk, town: &Town) -> Running {
    let mut program = Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
    let address = town.central_address();
    program.args(["central", "run", "--listen", address]).current_dir(town.desk.path(""));
    program.stdout(Stdio::null()).stderr(Stdio::null());
    let running = Running(disk.beneath(&mut program).spawn().expect("the program starts"));
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not listen");
        thread::sleep(Duration::from_millis(20));
    }
    running
}

/// Visitors of a kiosk and at home while the central's disk becomes full, and while it has room again.
fn drill(town: &Town, becomes_full: impl Fn(), has_room: impl Fn()) {
    town.enrol();
    let _kiosk = town.kiosk();
    town.wait_until_ready();
    let (survey, mut book) = (town.survey(), Book::default());
    let central = town.central_address().to_owned();
    let mut send = |address: &str, seed: u64| {
        let (uid, fields) = form(&survey, seed);
        let body = encode(&fields);
        book.tried.insert(uid.clone());
        let status = post(address, &body);
        if status == Some(303) {
            book.thanked.insert(uid);
        }
        (status, body)
    };
    assert_eq!(send(&central, 1).0, Some(303));
    assert_eq!(send(&town.kiosk, 2).0, Some(303));
    town.drain();
    becomes_full();
    let refused = (0..500).map(|seed| send(&central, 100 + seed)).find(|sent| sent.0 != Some(303));
    let (status, body) = refused.expect("a full disk refuses");
    assert_eq!(status, Some(503));
    assert!(is_refused_kindly(&central, &body), "not refused, or with no page");
    assert_eq!(health_at(&central), "disk-full");
    assert!(get(&central, "/s/lod/").starts_with("HTTP/1.1 200 "), "pages are shown");
    // Enough for more than one page of the database.
    for seed in 0..20 {
        assert_eq!(send(&town.kiosk, 1000 + seed).0, Some(303), "the kiosk has a disk of its own");
    }
    assert!(!town.desk.run(&["kiosk", "sync", "--all"]).status.success(), "it cannot take them");
    assert!(town.unsynced() >= 20, "the kiosk keeps what it has");
    has_room();
    // The same form again, as the page asks for.
    assert_eq!(post(&central, &body), Some(303), "and goes on with room");
    assert_eq!(health_at(&central), "ok");
    assert_eq!(send(&central, 2000).0, Some(303));
    all_arrived(town, &book, "after the central's disk was full");
    town.desk.says(&["central", "audit"], 0);
}

#[test]
fn a_central_that_can_write_nothing_refuses_and_kiosks_keep_all() {
    let town = Town::new();
    let fault = town.desk.path("fault");
    let disk = Disk::under(&town.desk.path("data/central"));
    let _central = start_on(&disk.with("POWER_FAULT_FILE", fault.display()), &town);
    let becomes_full = || std::fs::write(&fault, "write 28").expect("written");
    drill(&town, becomes_full, || std::fs::remove_file(&fault).expect("removed"));
}

/// A small disk of the central's own, mounted for this process and its children alone.
#[test]
fn a_central_whose_small_disk_fills_up_goes_on_when_there_is_room() {
    if std::env::var_os("POWER_MOUNTED").is_none() {
        return in_a_namespace(
            "power::central::a_central_whose_small_disk_fills_up_goes_on_when_there_is_room",
        );
    }
    let town = Town::new();
    let data = town.desk.path("data/central");
    moved_onto_a_disk(&town, &data);
    let _central = town.central();
    let ballast = data.join("ballast");
    drill(&town, || fill(&ballast), || std::fs::remove_file(&ballast).expect("room again"));
}

fn moved_onto_a_disk(town: &Town, data: &Path) {
    let kept = town.desk.path("kept");
    crate::authors::copy(data, &kept);
    mount(&["-t", "tmpfs", "-o", "size=64m,mode=0700", "none"], data);
    crate::authors::copy(&kept, data);
}

/// The power goes at each sync of an erasure in turn.
#[test]
fn what_is_erased_is_on_the_list_whenever_the_power_goes() {
    let town = Town::new();
    let central = town.central();
    let (uid, fields) = form(&town.survey(), 1);
    assert_eq!(post(town.central_address(), &encode(&fields)), Some(303));
    drop(central);
    let (mut cuts, mut only_listed) = (0, 0);
    for (at, mode) in (1..).flat_map(|at| [(at, "lost"), (at, "torn")]) {
        let trial = town.desk.path("trial");
        let _ = std::fs::remove_dir_all(&trial);
        crate::authors::copy(&town.desk.path("data/central"), &trial);
        let disk = Disk::under(&trial).with("POWER_CUT", at).with("POWER_MODE", mode);
        let mut program = Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
        program.args(["central", "erase", &uid, "--reason", "withdrawn", "--data", "trial"]);
        let ended = disk.beneath(program.current_dir(town.desk.path(""))).output();
        let code = ended.expect("the program starts").status.code();
        let database = rusqlite::Connection::open(trial.join("central.db")).expect("whole");
        let sql = "SELECT body IS NULL FROM response WHERE uid = unhex(?1)";
        let is_erased: bool =
            database.query_row(sql, [&uid], |row| row.get(0)).expect("it is there");
        let list = std::fs::read_to_string(trial.join("erased.jsonl")).unwrap_or_default();
        let is_listed = list.lines().any(|line| line.contains(&uid) && line.ends_with('}'));
        assert!(!is_erased || is_listed, "sync {at}, {mode}: erased, and no list says so");
        if code == Some(0) {
            assert!(is_erased);
            break;
        }
        assert_eq!(code, Some(CUT), "sync {at}, {mode}");
        cuts += 1;
        only_listed += u32::from(is_listed && !is_erased);
    }
    // The line, its file's name, and then the log of the database.
    assert!(cuts >= 6 && only_listed >= 1, "{cuts} cuts, {only_listed} before the commit");
}
