//! A central outside that opens nothing (`keep_sealed`), and the inner machine that does: by the real
//! commands, with a real kiosk and real homes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::backup::{has_age, key};
use crate::chain::{Town, form, post};
use crate::collecting::encode;

/// A town whose central keeps everything sealed. The keys are in `inside`, where the inner machine's data
/// are.
fn town() -> Town {
    let town = Town::new();
    fs::remove_dir_all(town.desk.path("data/central")).expect("no central yet");
    town.desk.says(&["central", "keygen", "--data", "inside"], 0);
    town.desk.says(&["central", "keygen", "--data", "inside"], 1);
    town.desk.says(&["central", "init", "--data", "inside"], 0);
    town.desk.says(&["central", "init", "--keep-sealed", "inside/keys"], 0);
    let settings = town.desk.path("data/central/central.toml");
    let mut text = fs::read_to_string(&settings).expect("settings");
    let public = key(&town, "safe");
    text.push_str(&format!("\n[backup]\nrecipients = [\"{public}\"]\n"));
    fs::write(&settings, text).expect("settings");
    town
}

fn send(town: &Town, address: &str, seeds: std::ops::Range<u64>, thanked: &mut BTreeSet<String>) {
    for seed in seeds {
        let (uid, fields) = form(&town.survey(), seed);
        assert_eq!(post(address, &encode(&fields)), Some(303));
        assert_eq!(post(address, &encode(&fields)), Some(303), "the same form again");
        thanked.insert(uid);
    }
}

fn uids(database: &Path, table: &str) -> BTreeSet<String> {
    texts(database, &format!("SELECT lower(hex(uid)) FROM {table}"))
}

fn texts(database: &Path, sql: &str) -> BTreeSet<String> {
    let database = Connection::open(database).expect("a database");
    let mut query = database.prepare(sql).expect("a query");
    let rows = query.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("texts")
}

fn open(town: &Town, file: &str, verdict: i32) -> serde_json::Value {
    let args = ["central", "open", file, "--identity", "safe", "--data", "inside", "--json"];
    let json = town.desk.says(&args, verdict);
    serde_json::from_str::<serde_json::Value>(&json).expect("JSON")[0].clone()
}

#[test]
fn what_a_central_keeps_sealed_is_opened_inside_and_nowhere_else() {
    if !has_age() {
        return;
    }
    let town = town();
    let (central, _kiosk) = (town.central(), town.kiosk());
    town.enrol();
    town.wait_until_ready();
    let mut thanked = BTreeSet::new();
    send(&town, &town.kiosk, 0..4, &mut thanked);
    send(&town, town.central_address(), 4..9, &mut thanked);
    town.drain();
    let outside = town.desk.path("data/central/central.db");
    assert!(uids(&outside, "response").is_empty() && uids(&outside, "private").is_empty());
    let kept = uids(&outside, "sealed");
    assert!(thanked.is_subset(&kept) && kept.len() > thanked.len(), "private answers, too");
    let audit = town.desk.says(&["central", "audit"], 0);
    assert!(audit.contains('5'), "five came from homes: {audit}");

    town.desk.says(&["central", "backup", "night.age"], 0);
    let outcome = open(&town, "night.age", 0);
    assert_eq!(outcome["stored"], kept.len() as u64);
    let inside = town.desk.path("inside/central.db");
    assert_eq!(uids(&inside, "response"), thanked);
    assert_eq!(uids(&inside, "private").len(), kept.len() - thanked.len());
    let places =
        texts(&inside, "SELECT DISTINCT channel || ' ' || coalesce(kiosk, '') FROM response");
    assert_eq!(places, ["kiosk valby", "web "].map(str::to_owned).into());
    let flags = texts(&inside, "SELECT flags FROM response WHERE flags LIKE '%renamed%'");
    assert!(flags.is_empty());
    town.desk.says(&["central", "audit", "--data", "inside"], 0);

    // The next night's holds the same ones again.
    send(&town, town.central_address(), 9..11, &mut thanked);
    town.desk.says(&["central", "backup", "night.age"], 0);
    let outcome = open(&town, "night.age", 0);
    assert_eq!(outcome["dup"], kept.len() as u64);
    assert_eq!(uids(&inside, "response"), thanked);
    assert!(!town.desk.path("inside/opening").exists(), "nothing is left lying about");
    drop(central);
}

#[test]
fn a_row_that_was_made_up_outside_is_quarantined_inside_alone() {
    if !has_age() {
        return;
    }
    let town = town();
    let central = town.central();
    let mut thanked = BTreeSet::new();
    send(&town, town.central_address(), 0..3, &mut thanked);
    drop(central);
    let outside = Connection::open(town.desk.path("data/central/central.db")).expect("it");
    let changed = outside
        .execute(
            "UPDATE sealed SET body = zeroblob(600) WHERE uid = (SELECT min(uid) FROM sealed)",
            [],
        )
        .expect("changed");
    assert_eq!(changed, 1);
    outside
        .execute("UPDATE survey_version SET definition = replace(definition, 'Kan', 'Vil')", [])
        .expect("changed");
    drop(outside);
    town.desk.says(&["central", "backup", "night.age"], 0);
    let outcome = open(&town, "night.age", 1);
    assert_eq!(outcome["quarantined"], 1);
    let list = town.desk.says(&["central", "quarantine", "--data", "inside"], 0);
    assert!(list.contains("malformed") && list.contains(" web "), "{list}");
    town.desk.says(&["central", "audit", "--data", "inside"], 0);
    // A second time it is known, like all others.
    let outcome = open(&town, "night.age", 0);
    assert_eq!(outcome["stored"], 0);
}

#[test]
fn a_central_that_is_to_keep_sealed_does_not_run_beside_the_key() {
    let town = Town::new();
    let folder = town.desk.path("data/central");
    fs::write(folder.join("central.toml"), "keep_sealed = true\n").expect("settings");
    let refused = town.desk.run(&["central", "run", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("carry data/central/keys/seal.key to the inner machine"), "{told}");
    fs::write(folder.join("central.toml"), "").expect("settings");
    fs::remove_file(folder.join("keys/seal.key")).expect("lost");
    let refused = town.desk.run(&["central", "run", "--listen", "127.0.0.1:0"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("put keys/seal.key back"), "{told}");
    let elsewhere = town.desk.run(&["central", "open", "x", "--identity", "y"]);
    let told = String::from_utf8_lossy(&elsewhere.stderr).into_owned();
    assert!(told.contains("run this on the inner machine"), "{told}");
}
