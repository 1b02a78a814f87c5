//! The drill for a central that lost the key which opens answers: the recovery key in its place opens all.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::backup::visit;
use crate::chain::Town;

fn check(town: &Town, thanked: &BTreeSet<String>) {
    assert_eq!(town.uids().len(), thanked.len());
    assert_eq!(&town.uids().into_iter().collect::<BTreeSet<_>>(), thanked);
    let contacts = "SELECT body FROM private WHERE body ->> '$.answers.contact' IS NOT NULL";
    assert_eq!(town.texts(contacts).len(), thanked.len(), "private answers, too");
    town.desk.says(&["central", "audit"], 0);
}

/// Moves the recovery key out of the safe and into the place of the lost one.
fn recover(town: &Town) {
    fs::rename(town.desk.path("safe.key"), town.desk.path("data/central/keys/seal.key"))
        .expect("moved");
}

/// A town whose central had its recovery key in a safe, and then loses the other one.
fn town(thanked: &mut BTreeSet<String>) -> Town {
    let town = Town::new();
    let keys = town.desk.path("data/central/keys");
    fs::rename(keys.join("recovery.key"), town.desk.path("safe.key")).expect("in a safe");
    let (central, kiosk) = (town.central(), town.kiosk());
    town.enrol();
    town.wait_until_ready();
    visit(&town, 2, thanked);
    drop(central);
    // These wait on the kiosk, sealed for both keys.
    for _ in 0..3 {
        let (uid, fields) = crate::chain::form(&town.survey(), thanked.len() as u64);
        let body = crate::collecting::encode(&fields);
        assert_eq!(crate::chain::post(&town.kiosk, &body), Some(303));
        thanked.insert(uid);
    }
    drop(kiosk);
    fs::remove_file(keys.join("seal.key")).expect("lost");
    fs::remove_file(keys.join("seal.pub")).expect("lost");
    town
}

#[test]
fn the_recovery_key_in_place_of_a_lost_one_opens_all_that_waits_and_all_that_comes() {
    let mut thanked = BTreeSet::new();
    let town = town(&mut thanked);
    let refused = town.desk.run(&["central", "run", "--listen", "127.0.0.1:0"]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("seal.key"), "{told}");
    recover(&town);
    let (_central, kiosk) = (town.central(), town.kiosk());
    town.drain();
    check(&town, &thanked);
    visit(&town, 1, &mut thanked);
    check(&town, &thanked);
    // One that is enrolled from now on seals for the recovery key alone.
    drop(kiosk);
    town.enrol();
    let _kiosk = town.kiosk();
    town.wait_until_ready();
    visit(&town, 1, &mut thanked);
    check(&town, &thanked);
}

#[test]
fn what_came_while_a_wrong_key_was_there_waits_for_the_right_one() {
    let mut thanked = BTreeSet::new();
    let town = town(&mut thanked);
    // Somebody helps themselves: a new key opens nothing that kiosks seal for the old ones.
    town.desk.says(&["central", "init"], 0);
    let (central, _kiosk) = (town.central(), town.kiosk());
    town.drain();
    drop(central);
    let waiting = || -> Vec<Value> {
        let json = town.desk.says(&["central", "quarantine", "list", "--json"], 0);
        serde_json::from_str(&json).expect("JSON")
    };
    let held = waiting();
    assert!(held.len() >= 3 && held.iter().all(|one| one["reason"] == "other-keys"), "{held:?}");
    let id = |one: &Value| one["id"].as_str().expect("an id").to_owned();
    let early = town.desk.says(&["central", "quarantine", "accept", &id(&held[0])], 1);
    assert!(early.contains("once the key is back"), "{early}");
    recover(&town);
    for one in &held {
        town.desk.says(&["central", "quarantine", "accept", &id(one)], 0);
    }
    assert!(waiting().is_empty());
    check(&town, &thanked);
}
