//! The road without a network, with real processes and files: answers go out on a stick, receipts come
//! back on it. Whatever is lost, doubled, cut off, restored or carried twice on the way, every answer that
//! was thanked for is at the central once.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::authors::copy;
use crate::chain::{Town, form, post};
use crate::collecting::encode;

/// A central that is not running, a kiosk that is enrolled there, and a stick.
pub struct Road {
    pub town: Town,
    pub thanked: BTreeSet<String>,
}

impl Road {
    pub fn new() -> Road {
        Road::of(Town::new())
    }

    pub fn of(town: Town) -> Road {
        let central = town.central();
        town.enrol();
        drop(central);
        Road { town, thanked: BTreeSet::new() }
    }

    /// So many visitors are thanked at the kiosk, which is stopped afterwards.
    pub fn visit(&mut self, visitors: u64) {
        let kiosk = self.town.kiosk();
        self.town.wait_until_ready();
        for _ in 0..visitors {
            let (uid, fields) = form(&self.town.survey(), self.thanked.len() as u64);
            assert_eq!(post(&self.town.kiosk, &encode(&fields)), Some(303));
            self.thanked.insert(uid);
        }
        drop(kiosk);
    }

    fn stick(&self) -> PathBuf {
        self.town.desk.path("stick")
    }

    /// An empty stick.
    fn clear(&self) {
        fs::remove_dir_all(self.stick()).expect("a stick");
    }

    pub fn export(&self) -> u64 {
        self.export_with("--all")
    }

    fn export_with(&self, what: &str) -> u64 {
        let json = self.town.desk.says(&["kiosk", "export", "stick", what, "--json"], 0);
        let told: Value = serde_json::from_str(&json).expect("JSON");
        told["records"].as_u64().expect("a number")
    }

    /// What came of it: new and known already.
    pub fn import(&self) -> (u64, u64) {
        let args = ["central", "import", "stick", "--receipt", "stick", "--json"];
        let told: Value = serde_json::from_str(&self.town.desk.says(&args, 0)).expect("JSON");
        let sum = |name: &str| {
            let files = told.as_array().expect("a list").iter();
            files.map(|file| file[name].as_u64().expect("a number")).sum()
        };
        (sum("stored"), sum("dup"))
    }

    fn receipt(&self, code: i32) -> String {
        self.town.desk.says(&["kiosk", "receipt", "stick"], code)
    }

    fn unsynced(&self) -> u64 {
        let json = self.town.desk.says(&["kiosk", "status", "--json"], 0);
        let status: Value = serde_json::from_str(&json).expect("JSON");
        status["unsynced"].as_u64().expect("a number")
    }

    /// What was thanked for is at the central, and nothing twice. The audit's verdict is `code`.
    fn check(&self, code: i32) -> String {
        let uids = self.town.uids();
        assert_eq!(uids.len(), self.thanked.len());
        assert_eq!(BTreeSet::from_iter(uids), self.thanked);
        self.town.desk.says(&["central", "audit"], code)
    }

    fn files(&self, ending: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.stick()).expect("a stick");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let mut found: Vec<_> =
            paths.filter(|path| path.extension().is_some_and(|own| own == ending)).collect();
        found.sort();
        found
    }
}

#[test]
fn answers_go_by_stick_and_only_the_receipt_marks_them_as_sent() {
    let mut road = Road::new();
    road.visit(4);
    let waiting = road.unsynced();
    assert_eq!(road.export(), waiting);
    assert_eq!(road.unsynced(), waiting, "a stick is no acknowledgement");
    assert_eq!(road.import(), (waiting, 0));
    assert_eq!(road.unsynced(), waiting, "nor is what the kiosk has not heard of");
    road.check(0);
    // Carried twice, both ways.
    assert_eq!(road.import(), (0, waiting));
    road.receipt(0);
    road.receipt(0);
    assert_eq!(road.unsynced(), 0);
    let told = road.town.desk.says(&["kiosk", "export", "stick"], 1);
    assert!(told.contains("nothing to write"), "{told}");
    assert_eq!(road.export_with("--again"), waiting, "all that is kept, sent or not");
    assert_eq!(road.import(), (0, waiting));
    // What is on the stick is sealed.
    let bytes = fs::read(&road.files("answers")[0]).expect("a batch");
    assert!(!String::from_utf8_lossy(&bytes).contains("answers"));
    road.check(0);
}

#[test]
fn a_stick_and_the_network_may_bring_the_same() {
    let mut road = Road::new();
    road.visit(3);
    let first = road.export();
    let central = road.town.central();
    road.visit(2);
    road.town.drain();
    drop(central);
    assert_eq!(road.import(), (0, first), "all had come by the network");
    road.receipt(0);
    assert_eq!(road.unsynced(), 0);
    road.check(0);
}

#[test]
fn a_receipt_that_is_lost_costs_another_stick_and_nothing_else() {
    let mut road = Road::new();
    road.visit(2);
    let first = road.export();
    road.import();
    road.clear();
    road.visit(2);
    let second = road.export();
    assert!(second > first);
    assert_eq!(road.import(), (second - first, first));
    road.receipt(0);
    assert_eq!(road.unsynced(), 0);
    road.check(0);
}

#[test]
fn a_file_that_was_cut_off_or_changed_is_refused_by_itself() {
    let mut road = Road::new();
    road.visit(2);
    let all = road.export();
    let whole = road.files("answers").remove(0);
    let bytes = fs::read(&whole).expect("a batch");
    let changed = {
        let mut changed = bytes.clone();
        *changed.last_mut().expect("bytes") ^= 1;
        changed
    };
    let bad = [bytes[..bytes.len() - 7].to_vec(), changed, b"BPSB\x01\xff\xff\xff\xff".to_vec()];
    for (number, bytes) in bad.iter().enumerate() {
        fs::write(road.stick().join(format!("0-{number}.answers")), bytes).expect("written");
    }
    let output = road.town.desk.run(&["central", "import", "stick", "--receipt", "stick"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert_eq!(told.matches("kiosk export").count(), 3, "{told}");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains(&format!("{all} new, 0 known already, 0 quarantined")), "{told}");
    road.check(0);
    // A receipt that was changed marks nothing.
    let path = road.files("receipt").remove(0);
    let text = fs::read_to_string(&path).expect("a receipt");
    fs::write(&path, text.replace("\\\"high_seq\\\":", "\\\"high_seq\\\":1")).expect("written");
    road.receipt(1);
    assert_eq!(road.unsynced(), all);
}

#[test]
fn a_kiosk_that_was_set_back_learns_it_from_a_receipt_and_sends_all_under_a_new_epoch() {
    let mut road = Road::new();
    road.visit(2);
    let data = road.town.desk.path("data/kiosk");
    let old = road.town.desk.path("old");
    copy(&data, &old);
    road.visit(3);
    road.export();
    road.import();
    road.clear();
    // The machine is set up again from the old copy, and goes on collecting.
    fs::remove_dir_all(&data).expect("gone");
    copy(&old, &data);
    road.visit(2);
    road.export();
    road.import();
    let told = road.receipt(1);
    assert!(told.contains("a new epoch has begun"), "{told}");
    road.clear();
    road.export();
    road.import();
    road.receipt(0);
    assert_eq!(road.unsynced(), 0);
    let told = road.check(1);
    assert!(told.contains("two machines use its key"), "{told}");
}

#[test]
fn a_central_that_was_set_back_gets_again_what_it_lost() {
    let mut road = Road::new();
    road.visit(2);
    road.export();
    road.import();
    let data = road.town.desk.path("data/central");
    let old = road.town.desk.path("old");
    copy(&data, &old);
    road.receipt(0);
    road.visit(2);
    road.clear();
    road.export();
    road.import();
    road.receipt(0);
    fs::remove_dir_all(&data).expect("gone");
    copy(&old, &data);
    road.visit(1);
    road.clear();
    road.export();
    road.import();
    let told = road.receipt(1);
    assert!(told.contains("set back"), "{told}");
    assert!(road.unsynced() > 0);
    road.export();
    road.import();
    road.receipt(0);
    assert_eq!(road.unsynced(), 0);
    road.check(0);
}

#[test]
fn a_kiosk_that_is_revoked_or_another_central_is_refused_with_what_to_do() {
    let mut road = Road::new();
    road.visit(1);
    road.export();
    let desk = &road.town.desk;
    desk.says(&["central", "init", "--data", "other"], 0);
    let elsewhere = desk.run(&["central", "import", "stick", "--data", "other"]);
    let told = String::from_utf8_lossy(&elsewhere.stderr);
    assert_eq!(elsewhere.status.code(), Some(1), "{told}");
    assert!(told.contains("no kiosk is known by this key"), "{told}");
    assert!(desk.says(&["central", "kiosks", "revoke", "nobody"], 1).contains("no kiosk called"));
    desk.says(&["central", "kiosks", "revoke", "valby"], 0);
    let refused = desk.run(&["central", "import", "stick"]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(told.contains("revoked") && told.contains("central enroll NAME"), "{told}");
    assert!(desk.says(&["central", "kiosks"], 0).contains("revoked"));
    assert!(road.town.uids().is_empty());
}

#[test]
fn a_kiosk_that_never_had_a_network_is_enrolled_by_files() {
    let mut road = Road { town: Town::new(), thanked: BTreeSet::new() };
    let desk = &road.town.desk;
    let told = desk.says(&["central", "enroll", "valby", "--json"], 0);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let code = told["code"].as_str().expect("a code");
    let enroll = ["kiosk", "enroll", "--central", "https://panel.example.dk", "--code"];
    let at_kiosk =
        |code: &str, way: &str, file: &str| desk.run(&[&enroll[..], &[code, way, file]].concat());
    assert!(at_kiosk(code, "--request", "ask").status.success());
    let admit = ["central", "enroll", "--request", "ask", "--reply", "answer"];
    desk.says(&admit, 0);
    let again = desk.run(&admit);
    let told = String::from_utf8_lossy(&again.stderr);
    assert_eq!(again.status.code(), Some(2), "a code is good once: {told}");
    assert!(told.contains("central enroll NAME"), "{told}");
    let other = at_kiosk("0000-0000-0000", "--reply", "answer");
    assert!(!other.status.success(), "an answer to another code does not count");
    assert!(at_kiosk(code, "--reply", "answer").status.success());
    road.visit(1);
    road.export();
    road.import();
    road.receipt(0);
    road.check(0);
}

#[test]
fn a_second_content_under_one_uid_waits_for_a_person_and_never_comes_twice() {
    let mut road = Road::new();
    let data = road.town.desk.path("data/kiosk");
    let old = road.town.desk.path("old");
    road.visit(1);
    copy(&data, &old);
    // Two copies of a kiosk take two answers from a page that was served once; and once more.
    let uids: Vec<String> = (0..2).map(|_| form(&road.town.survey(), 7).0).collect();
    for seed in [7, 8] {
        let kiosk = road.town.kiosk();
        road.town.wait_until_ready();
        for uid in &uids {
            let mut fields = form(&road.town.survey(), seed).1;
            fields.retain(|(name, _)| name != "_id");
            fields.push(("_id".to_owned(), uid.clone()));
            assert_eq!(post(&road.town.kiosk, &encode(&fields)), Some(303));
        }
        drop(kiosk);
        road.export();
        road.import();
        fs::remove_dir_all(&data).expect("gone");
        copy(&old, &data);
    }
    let desk = &road.town.desk;
    let listed = || -> Vec<Value> {
        let json = desk.says(&["central", "quarantine", "list", "--json"], 0);
        serde_json::from_str(&json).expect("JSON")
    };
    let waiting = listed();
    assert_eq!(waiting.len(), 2, "{waiting:?}");
    assert!(waiting.iter().all(|one| one["reason"] == "other-content"), "{waiting:?}");
    let id = |number: usize| waiting[number]["id"].as_str().expect("an id");
    desk.says(&["central", "quarantine", "accept", id(0)], 0);
    desk.says(&["central", "quarantine", "reject", id(1)], 0);
    assert!(listed().is_empty());
    assert!(!desk.run(&["central", "quarantine", "accept", id(0)]).status.success());
    let stored = road.town.uids().len();
    assert_eq!(stored, 1 + 2 + 1, "the first visitor's, both first contents, and the accepted one");
    // The same stick again brings neither back.
    road.import();
    assert!(listed().is_empty());
    assert_eq!(road.town.uids().len(), stored);
    let told = desk.says(&["central", "audit"], 1);
    assert!(told.contains("erased 1") && told.contains("quarantined 0"), "{told}");
    assert!(!told.contains("does not add up"), "{told}");
    let log = road.town.texts("SELECT action FROM audit_log");
    assert!(
        log.contains(&"accepted".to_owned()) && log.contains(&"rejected".to_owned()),
        "{log:?}"
    );
}

#[test]
fn what_was_erased_leaves_a_number_and_no_late_stick_brings_it_back() {
    let mut road = Road::new();
    road.visit(3);
    road.export();
    road.import();
    let desk = &road.town.desk;
    let database = rusqlite::Connection::open(desk.path("data/central/central.db")).expect("it");
    let uids: Vec<&String> = road.thanked.iter().collect();
    // The survey promises six months.
    let to_day = |uid: &str, day: &str| {
        let sql = "UPDATE response SET day = ?2 WHERE uid = unhex(?1)";
        assert_eq!(database.execute(sql, [uid, day]).expect("changed"), 1);
    };
    to_day(uids[0], "2026-01-05");
    let erase = |args: &[&str], code: i32| desk.says(&[&["central", "erase"], args].concat(), code);
    assert!(erase(&["--due", "--dry-run"], 0).contains("lod: 1 from"));
    assert!(erase(&["--due"], 0).contains("lod: 1 from"));
    assert!(erase(&["--due"], 1).contains("no response"));
    assert!(!desk.run(&["central", "erase", uids[1]]).status.success(), "a reason has to be given");
    erase(&[uids[1], "--reason", "a name in free text"], 0);
    erase(&[uids[1], "--reason", "again"], 1);
    assert_eq!(desk.run(&["central", "erase", "x", "--reason", "y"]).status.code(), Some(2));
    road.import();
    let left = road.town.texts("SELECT lower(hex(uid)) FROM response WHERE body IS NOT NULL");
    assert_eq!(left, [uids[2].as_str()]);
    let erased = road.town.texts("SELECT erased || background FROM response WHERE body IS NULL");
    assert!(erased.iter().all(|text| text.ends_with("{}")), "{erased:?}");
    assert!(erased.iter().any(|text| text.contains("retention")), "{erased:?}");
    assert!(road.check(0).contains("erased 2"));
}
