//! What was erased stays so, by the real commands and files: when a backup comes back that was made before,
//! when kiosks and homes send the same again, and when the note of it cannot be written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::authors::copy;
use crate::backup::{has_age, town, visit};
use crate::chain::{Town, form, post};
use crate::collecting::encode;
use crate::panel::{Office, close, uid};
use crate::stick::Road;

const LIST: &str = "data/central/erased.jsonl";

fn erase(town: &Town, uid: &str) {
    town.desk.says(&["central", "erase", uid, "--reason", "withdrawn"], 0);
}

/// The numbers in this table that still have content.
fn full(town: &Town, table: &str) -> BTreeSet<String> {
    let sql = format!("SELECT lower(hex(uid)) FROM {table} WHERE body IS NOT NULL");
    town.texts(&sql).into_iter().collect()
}

fn set_back(town: &Town, more: &[&str]) -> String {
    let data = town.desk.path("data/central");
    let grave = (0..).map(|number| town.desk.path(&format!("dead-{number}")));
    let grave = grave.into_iter().find(|path| !path.exists()).expect("a free name");
    fs::rename(data, grave).expect("moved away");
    let restore = ["central", "restore", "night.age", "--identity", "safe"];
    town.desk.says(&[&restore[..], more].concat(), 0)
}

#[test]
fn what_was_erased_after_a_backup_stays_erased_when_it_comes_back() {
    if !has_age() {
        return;
    }
    let town = town();
    let (central, _kiosk) = (town.central(), town.kiosk());
    town.enrol();
    town.wait_until_ready();
    let mut thanked = BTreeSet::new();
    visit(&town, 4, &mut thanked);
    let before: Vec<String> = thanked.iter().cloned().collect();
    let private = full(&town, "private");
    let private: Vec<&String> = private.iter().collect();
    erase(&town, &before[0]);
    town.desk.says(&["central", "backup", "night.age"], 0);
    visit(&town, 2, &mut thanked);
    let since = thanked.iter().find(|uid| !before.contains(uid)).expect("another").clone();
    let (home, fields) = form(&town.survey(), 90);
    let at_home = encode(&fields);
    assert_eq!(post(town.central_address(), &at_home), Some(303));
    for uid in [&before[1], &since, &home, private[0]] {
        erase(&town, uid);
    }
    let list = fs::read_to_string(town.desk.path(LIST)).expect("a list");
    assert!(list.contains(&since) && list.contains(&home) && list.contains(private[0]), "{list}");
    for word in ["lod", "valby", "groen"] {
        assert!(!list.contains(word), "{word} tells something: {list}");
    }
    drop(central);

    let left: BTreeSet<String> = thanked
        .iter()
        .filter(|uid| **uid != before[0] && **uid != before[1] && **uid != since)
        .cloned()
        .collect();
    let check = |who: &str| {
        let central = town.central();
        town.drain();
        assert_eq!(full(&town, "response"), left, "{who}");
        assert!(!full(&town, "private").contains(private[0]), "{who}");
        // Somebody's browser sends the same form again.
        assert_eq!(post(town.central_address(), &at_home), Some(303), "{who}");
        assert_eq!(full(&town, "response"), left, "{who}");
        let told = town.desk.says(&["central", "audit"], 0);
        assert!(told.contains("erased 4"), "{who}: {told}");
        drop(central);
    };
    let told = set_back(&town, &["--erased", "dead-0/erased.jsonl"]);
    assert!(told.contains("2 that were erased since the backup are erased again"), "{told}");
    assert!(told.contains("2 that were erased and are not in it"), "{told}");
    check("told of the list");
    let log = town.texts("SELECT detail FROM audit_log WHERE action = 'restored'");
    assert_eq!(log, ["night.age: 2 erased again, 2 kept away"]);

    // The next disk dies; the list alone was put where the new central is to be.
    let kept = fs::read(town.desk.path(LIST)).expect("the restored central has the list, too");
    fs::rename(town.desk.path("data/central"), town.desk.path("dead-1")).expect("moved away");
    fs::create_dir(town.desk.path("data/central")).expect("a folder");
    fs::write(town.desk.path(LIST), kept).expect("the list");
    town.desk.says(&["central", "restore", "night.age", "--identity", "safe"], 0);
    check("found the list");

    // Without it, what was erased since is back, and it says so. What the backup knew, it knows.
    let told = set_back(&town, &[]);
    assert!(told.contains("is back, unless `--erased FILE`"), "{told}");
    assert!(full(&town, "response").contains(&before[1]));
    assert!(!full(&town, "response").contains(&before[0]));
    let list = fs::read_to_string(town.desk.path(LIST)).expect("a list");
    assert!(list.contains(&before[0]) && !list.contains(&before[1]), "{list}");
}

#[test]
fn a_list_that_cannot_be_understood_is_named_before_anything_comes_back() {
    if !has_age() {
        return;
    }
    let town = town();
    town.desk.says(&["central", "backup", "night.age"], 0);
    fs::write(town.desk.path("odd"), "{\"erasure\":{}}\n").expect("written");
    for (list, why) in [("odd", "line 1 of"), ("none", "does not exist")] {
        let restore = ["central", "restore", "night.age", "--identity", "safe", "--data", "new"];
        let refused = town.desk.run(&[&restore[..], &["--erased", list]].concat());
        let told = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{list}: {told}");
        assert!(told.contains(why), "{list}: {told}");
        let names = fs::read_dir(town.desk.path("new")).into_iter().flatten();
        let names = names.map(|one| one.expect("one").file_name());
        let left: Vec<_> = names.filter(|name| name != "backup.lock").collect();
        assert!(left.is_empty(), "{list}: nothing is left of it but {left:?}");
    }
}

#[test]
fn what_cannot_be_noted_is_not_erased() {
    let town = Town::new();
    let central = town.central();
    let (uid, fields) = form(&town.survey(), 1);
    assert_eq!(post(town.central_address(), &encode(&fields)), Some(303));
    fs::create_dir(town.desk.path(LIST)).expect("something in the way");
    let refused = town.desk.run(&["central", "erase", &uid, "--reason", "withdrawn"]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("erased.jsonl"), "{told}");
    assert!(full(&town, "response").contains(&uid));
    let private = town.desk.run(&["central", "private", "lod", "--erase"]);
    assert_eq!(private.status.code(), Some(2), "private answers neither");
    assert!(!full(&town, "private").is_empty());
    fs::remove_dir(town.desk.path(LIST)).expect("out of the way");
    erase(&town, &uid);
    assert!(full(&town, "response").is_empty());
    drop(central);
}

/// Numbers that were answered twice, at two copies of a kiosk with a stick each.
fn answered_twice(road: &mut Road, count: usize) -> Vec<String> {
    let (data, old) = (road.town.desk.path("data/kiosk"), road.town.desk.path("old"));
    copy(&data, &old);
    let uids: Vec<String> = (0..count).map(|_| form(&road.town.survey(), 7).0).collect();
    for seed in [7, 8] {
        fs::remove_dir_all(&data).expect("gone");
        copy(&old, &data);
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
        let kept = road.town.desk.path(&format!("stick-{seed}"));
        fs::rename(road.town.desk.path("stick"), kept).expect("kept");
    }
    uids
}

#[test]
fn what_was_rejected_or_accepted_and_erased_does_not_come_back_either() {
    if !has_age() {
        return;
    }
    for is_in_the_backup in [false, true] {
        let mut road = Road::of(town());
        let backup = ["central", "backup", "night.age"];
        if !is_in_the_backup {
            road.town.desk.says(&backup, 0);
        }
        let firsts: BTreeSet<String> = answered_twice(&mut road, 3).into_iter().collect();
        let town = &road.town;
        if is_in_the_backup {
            town.desk.says(&backup, 0);
        }
        let waiting = || -> Vec<Value> {
            let json = town.desk.says(&["central", "quarantine", "list", "--json"], 0);
            serde_json::from_str(&json).expect("JSON")
        };
        let ids = waiting();
        assert_eq!(ids.len(), 3, "{ids:?}");
        let id = |number: usize| ids[number]["id"].as_str().expect("an id");
        town.desk.says(&["central", "quarantine", "reject", id(0)], 0);
        town.desk.says(&["central", "quarantine", "accept", id(1)], 0);
        let accepted: Vec<String> = full(town, "response").difference(&firsts).cloned().collect();
        assert_eq!(accepted.len(), 1);
        erase(town, &accepted[0]);
        set_back(town, &["--erased", "dead-0/erased.jsonl"]);
        for _ in 0..2 {
            for stick in ["stick-7", "stick-8"] {
                town.desk.says(&["central", "import", stick], 0);
            }
            assert_eq!(full(town, "response"), firsts, "in the backup: {is_in_the_backup}");
            let left = waiting();
            assert_eq!(left.len(), 1, "in the backup: {is_in_the_backup}: {left:?}");
            assert_eq!(left[0]["id"], ids[2]["id"]);
        }
        let told = town.desk.run(&["central", "audit"]);
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(!told.contains("add up") && !told.contains("nowhere"), "{told}");
    }
}

fn due(town: &Town, code: i32) -> String {
    town.desk.says(&["central", "erase", "--due"], code)
}

/// As if all that stands there had come long ago.
fn age(town: &Town, table: &str, which: &str) {
    let path = town.desk.path("data/central/central.db");
    let database = rusqlite::Connection::open(path).expect("the central's database");
    let sql = format!("UPDATE {table} SET day = '2026-01-05' WHERE {which}");
    assert!(database.execute(&sql, []).expect("changed") > 0);
}

#[test]
fn what_waits_in_quarantine_goes_when_its_survey_promised_and_private_answers_after_the_last_day() {
    let mut road = Road::of(Town::new());
    answered_twice(&mut road, 3);
    let town = &road.town;
    let private = full(town, "private").len();
    assert!(private >= 3, "{private}");
    assert!(due(town, 1).contains("no response has been kept"));
    // One of six is of a version that nobody here knows.
    let database = rusqlite::Connection::open(town.desk.path("data/central/central.db"));
    let database = database.expect("the central's database");
    let strange =
        "UPDATE quarantine SET version = 'ff' WHERE uid = (SELECT min(uid) FROM quarantine)";
    assert_eq!(database.execute(strange, []).expect("changed"), 1);
    age(town, "quarantine", "version <> 'ff'");
    let told = due(town, 0);
    assert!(told.contains("lod: 2 in quarantine that came on"), "{told}");
    age(town, "quarantine", "version = 'ff'");
    let told = due(town, 0);
    assert!(told.contains("lod: 1 in quarantine, of a version that is not known"), "{told}");
    assert_eq!(town.texts("SELECT uid FROM quarantine WHERE body <> x''").len(), 0);
    assert_eq!(full(town, "private").len(), private, "somebody answered today");
    age(town, "response", "uid <> (SELECT max(uid) FROM response)");
    assert!(!due(town, 0).contains("private"), "somebody still answered today");
    age(town, "response", "true");
    let told = due(town, 0);
    assert!(told.contains(&format!("lod: {private} private answers, all from")), "{told}");
    assert!(full(town, "private").is_empty() && full(town, "response").is_empty());
    assert!(due(town, 1).contains("no response has been kept"));
    for stick in ["stick-7", "stick-8"] {
        town.desk.says(&["central", "import", stick], 0);
    }
    assert!(full(town, "private").is_empty() && full(town, "response").is_empty());
    let told = String::from_utf8(town.desk.run(&["central", "audit"]).stdout).expect("UTF-8");
    assert!(!told.contains("add up") && told.contains("quarantined 0"), "{told}");
}

#[test]
fn private_answers_go_by_the_day_their_survey_closed_and_the_shortest_promise_holds() {
    let mut road = Road::of(Town::new());
    let survey = road.town.desk.path("content/surveys/lod.md");
    let text = fs::read_to_string(&survey).expect("the survey");
    let promise = "keep_answers_months: 6\n";
    assert!(text.contains(promise));
    let database = road.town.desk.path("data/central/central.db");
    let forget = || {
        let database = rusqlite::Connection::open(&database).expect("the central's database");
        database.execute("DELETE FROM survey_version", []).expect("as if it had never run");
    };
    let written = |front: &str| fs::write(&survey, text.replace(promise, front)).expect("written");
    written("");
    forget();
    road.visit(2);
    road.export();
    road.import();
    let town = &road.town;
    let told = due(town, 1);
    assert!(told.contains("lod: 2 responses stay: nothing says for how long"), "{told}");
    assert!(told.contains("private answers stay"), "{told}");
    written("keep_answers_months: 6\n");
    town.desk.says(&["central", "import", "stick"], 0);
    assert!(!due(town, 1).contains("stay"));
    // Neither is part of the version; whoever answered had read of six months.
    written("keep_answers_months: 60\ncloses: 2026-03-01\n");
    town.desk.says(&["central", "import", "stick"], 0);
    assert!(due(town, 0).contains("private answers, all from"));
    assert!(full(town, "private").is_empty());
    assert_eq!(full(town, "response").len(), 2, "they were given today");
}

/// Of whoever leaves while a survey is open nothing is known at its end, and their answers have no background:
/// alone in that, each would be known for the answer of somebody who left.
#[test]
fn answers_of_members_who_left_meanwhile_stay_and_hide_among_others() {
    let office = Office::new();
    let running = office.run();
    for number in 0..18 {
        let district = if number < 9 { "valby" } else { "vanloese" };
        assert_eq!(office.sign_up(&format!("m{number}@example.dk"), "1970", district), 303);
    }
    office.confirm_all();
    office.desk.says(&["invite", "parker"], 0);
    let mails = office.mails().remove("invitation").expect("mails");
    let members = office.members();
    for (number, mail) in mails.iter().enumerate() {
        let token = mail.token.expect("a link").to_hex();
        let times = number.to_string();
        let reply = office.answer_with(&token, &uid(number as u32), &times, "da");
        assert_eq!(reply.0, 303);
    }
    let left: Vec<String> = mails[..2]
        .iter()
        .map(|mail| {
            let member = members.member(mail.member).expect("read").expect("a member");
            member.fields.email.to_string()
        })
        .collect();
    for address in &left {
        office.desk.says(&["panel", "erase", address], 0);
    }
    let token = mails[0].token.expect("a link").to_hex();
    assert!(office.get(&format!("/i/{token}")).starts_with("HTTP/1.1 404"), "it opens nothing");
    let database = office.desk.path("data/central/spool.db");
    let spool = rusqlite::Connection::open(database).expect("the spool");
    let waiting: i64 =
        spool.query_row("SELECT count(*) FROM waiting", [], |row| row.get(0)).expect("a number");
    assert_eq!(waiting, 18, "what was sent is not taken back");
    close(&office, running);
    let mut shared: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in
        office.texts("SELECT background || '|' || (body ->> '$.answers.times') FROM response")
    {
        let (background, number) = row.split_once('|').expect("both");
        shared.entry(background.to_owned()).or_default().push(number.parse().expect("a number"));
    }
    assert_eq!(shared.values().map(Vec::len).sum::<usize>(), 18);
    assert!(shared.values().all(|numbers| numbers.len() >= 5), "{shared:?}");
    let blank = &shared["{}"];
    assert!([0, 1].iter().all(|number| blank.contains(number)), "{shared:?}");
    assert!(shared.keys().any(|background| background.contains("va")), "others keep theirs");
    // Counts are of those who can be counted still: nobody is put back who has left.
    let counts = members.counts().expect("read");
    assert_eq!(counts.iter().map(|one| one.invited).sum::<u64>(), 16, "{counts:?}");
    assert_eq!(counts.iter().map(|one| one.answered).sum::<u64>(), 16);
    office.desk.says(&["central", "audit"], 0);
}
