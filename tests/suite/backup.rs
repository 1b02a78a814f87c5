//! Backups of a central by the real commands and the real `age`: what was in one is there again, what came
//! after it the kiosks bring by themselves, and nobody reads it without the key.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::authors::Desk;
use crate::chain::{Town, form, post, spawn};
use crate::collecting::encode;
use crate::preview::Running;

/// Whether `age` is installed; says what is skipped where it is not, and insists where it has to be.
pub fn has_age() -> bool {
    let is_there = Command::new("age-keygen").arg("--version").output().is_ok();
    let is_required = std::env::var_os("AGE_TESTS").is_some_and(|word| word == "required");
    assert!(is_there || !is_required, "AGE_TESTS=required, and there is no `age`");
    if !is_there {
        println!("skipped: there is no `age` (Debian: apt install age)");
    }
    is_there
}

/// Makes a key of this name; its public half.
pub fn key(town: &Town, name: &str) -> String {
    key_in(&town.desk, name)
}

/// The same in this folder.
pub fn key_in(desk: &Desk, name: &str) -> String {
    let path = desk.path(name);
    let made = Command::new("age-keygen").arg("--output").arg(&path).output().expect("age-keygen");
    assert!(made.status.success());
    let text = fs::read_to_string(path).expect("a key");
    let line = text.lines().find_map(|line| line.strip_prefix("# public key: "));
    line.expect("a public half").to_owned()
}

/// A central that backs up for a key in the file `safe`, and a kiosk.
pub fn town() -> Town {
    let town = Town::new();
    let public = key(&town, "safe");
    let settings = format!("[backup]\nrecipients = [\"{public}\"]\n");
    fs::write(town.desk.path("data/central/central.toml"), settings).expect("settings");
    town
}

pub fn visit(town: &Town, visitors: u64, thanked: &mut BTreeSet<String>) {
    for _ in 0..visitors {
        let (uid, fields) = form(&town.survey(), thanked.len() as u64);
        assert_eq!(post(&town.kiosk, &encode(&fields)), Some(303));
        thanked.insert(uid);
    }
    town.drain();
}

/// Rows of the kiosk's that have let go of what they held, and all.
fn let_go(town: &Town) -> (i64, i64) {
    let database = Connection::open(town.desk.path("data/kiosk/kiosk.db")).expect("the kiosk's");
    let count = |sql: &str| database.query_row(sql, [], |row| row.get(0)).expect("a number");
    (
        count("SELECT count(*) FROM outbox WHERE state = 'emptied' AND body = x''"),
        count("SELECT count(*) FROM outbox"),
    )
}

#[test]
fn a_central_comes_back_from_its_backup_and_kiosks_bring_what_came_since() {
    if !has_age() {
        return;
    }
    let town = town();
    let (central, _kiosk) = (town.central(), town.kiosk());
    town.enrol();
    town.wait_until_ready();
    let mut thanked = BTreeSet::new();
    visit(&town, 3, &mut thanked);
    assert_eq!(let_go(&town).0, 0, "nothing is in a backup");
    let told = town.desk.says(&["central", "backup", "night.age"], 0);
    assert!(told.contains("written and opened again"), "{told}");
    // Which number had which uid is nowhere any more, and the audit still proves that none is missing.
    assert!(town.texts("SELECT lower(hex(uid)) FROM received").is_empty());
    assert_eq!(town.texts("SELECT kiosk FROM received_range"), ["valby"]);
    town.desk.says(&["central", "audit"], 0);
    town.drain();
    let (gone, all) = let_go(&town);
    assert_eq!(gone, all, "the kiosk heard that it is in a backup");
    visit(&town, 2, &mut thanked);
    assert!(let_go(&town).1 > let_go(&town).0);
    // The central's disk dies.
    drop(central);
    fs::rename(town.desk.path("data/central"), town.desk.path("dead")).expect("away");
    let restore = ["central", "restore", "night.age", "--identity", "safe"];
    town.desk.says(&restore, 0);
    let again = town.desk.run(&restore);
    let told = String::from_utf8_lossy(&again.stderr);
    assert!(!again.status.success() && told.contains("move its folder away"), "{told}");
    for part in ["central.db-wal", "keys/sign.key"] {
        let left = town.desk.path("left").join(part);
        fs::create_dir_all(left.parent().expect("a folder")).expect("made");
        fs::write(&left, "").expect("a part of an earlier one");
        let over = town.desk.run(&[&restore[..], &["--data", "left"]].concat());
        let told = String::from_utf8_lossy(&over.stderr);
        assert!(!over.status.success() && told.contains("a part of one"), "{part}: {told}");
        fs::remove_file(&left).expect("gone");
    }
    let _central = town.central();
    town.drain();
    let uids = town.uids();
    assert_eq!((uids.len(), BTreeSet::from_iter(uids)), (thanked.len(), thanked));
    town.desk.says(&["central", "audit"], 0);
    // A second one at the same time is refused.
    let lock = fs::File::create(town.desk.path("data/central/backup.lock")).expect("a lock");
    lock.lock().expect("locked");
    let beside = town.desk.run(&["central", "backup", "second.age"]);
    let told = String::from_utf8_lossy(&beside.stderr);
    assert!(!beside.status.success() && told.contains("another backup"), "{told}");
    let names = fs::read_dir(town.desk.path("data/central")).expect("a folder");
    let is_copy = |name: &str| name.contains("copy");
    assert!(
        !names
            .map(|one| one.expect("one").file_name())
            .any(|name| is_copy(&name.to_string_lossy()))
    );
}

#[test]
fn a_backup_opens_for_its_key_alone_and_only_whole() {
    if !has_age() {
        return;
    }
    let town = town();
    key(&town, "other");
    town.desk.says(&["central", "backup", "night.age"], 0);
    let bytes = fs::read(town.desk.path("night.age")).expect("a backup");
    assert!(bytes.starts_with(b"age-encryption.org/v1"));
    assert!(!bytes.windows(6).any(|part| part == b"SQLite"));
    let mut changed = bytes.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(town.desk.path("changed.age"), changed).expect("written");
    fs::write(town.desk.path("cut.age"), &bytes[..bytes.len() - 100]).expect("written");
    for (file, identity) in
        [("night.age", "other"), ("changed.age", "safe"), ("cut.age", "safe"), ("none.age", "safe")]
    {
        let refused = town.desk.run(&[
            "central",
            "restore",
            file,
            "--identity",
            identity,
            "--data",
            "restored",
        ]);
        let told = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{file}: {told}");
        assert!(told.contains("age"), "{file}: {told}");
        let names = fs::read_dir(town.desk.path("restored")).into_iter().flatten();
        let names = names.map(|one| one.expect("one").file_name());
        let left: Vec<_> = names.filter(|name| name != "backup.lock").collect();
        assert!(left.is_empty(), "{file}: nothing is left of it but {left:?}");
    }
}

#[test]
fn without_a_key_to_back_up_for_it_says_how_to_make_one() {
    let town = Town::new();
    let refused = town.desk.run(&["central", "backup", "night.age"]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("age-keygen") && told.contains("recipients"), "{told}");
}

/// All files below this folder, but for those a central works with.
fn strays(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(strays(&path)),
            false => found.push(path),
        }
    }
    found.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !["central.db", "panel.db", "spool.db"].iter().any(|known| name.starts_with(known))
    });
    found
}

/// Those in which this stands.
fn told_by(files: &[PathBuf], what: &str) -> Vec<PathBuf> {
    let tells = |path: &&PathBuf| {
        let bytes = fs::read(path).unwrap_or_default();
        bytes.windows(what.len()).any(|part| part == what.as_bytes())
    };
    files.iter().filter(tells).cloned().collect()
}

/// `age` of the same name that waits for as long as the file `hold` is there, before it begins.
fn slow_age(town: &Town) -> Command {
    use std::os::unix::fs::PermissionsExt;
    let folder = town.desk.path("bin");
    fs::create_dir(&folder).expect("a folder");
    let script = "#!/bin/sh\ntouch began\nwhile [ -e hold ]; do sleep 0.05; done\n\
                  PATH=\"$ITS_PATH\" exec age \"$@\"\n";
    fs::write(folder.join("age"), script).expect("written");
    fs::set_permissions(folder.join("age"), fs::Permissions::from_mode(0o755)).expect("a program");
    fs::write(town.desk.path("hold"), "").expect("written");
    let path = std::env::var("PATH").expect("a path");
    let mut command = Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
    command.current_dir(town.desk.path(""));
    command.env("ITS_PATH", &path).env("PATH", format!("{}:{path}", folder.display()));
    command
}

#[cfg(target_os = "linux")]
#[test]
fn a_backup_that_is_killed_leaves_no_plain_text() {
    if !has_age() {
        return;
    }
    let town = town();
    let central = town.central();
    let secret = "anna-and-nobody-else";
    let (_, mut fields) = form(&town.survey(), 1);
    fields.retain(|(name, _)| name != "contact");
    fields.push(("contact".to_owned(), secret.to_owned()));
    assert_eq!(post(town.central_address(), &encode(&fields)), Some(303));
    let mut program = slow_age(&town);
    let mut backup = Running(spawn(program.args(["central", "backup", "night.age"])));
    let begun = Instant::now();
    while !town.desk.path("began").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not begin to encrypt");
        thread::sleep(Duration::from_millis(20));
    }
    // Now the whole copy is made: the process has it open, and nothing has its name.
    let open = fs::read_dir(format!("/proc/{}/fd", backup.0.id())).expect("what it has open");
    let open: Vec<PathBuf> = open.map(|one| one.expect("one").path()).collect();
    let is_nameless = |path: &PathBuf| {
        fs::read_link(path).is_ok_and(|to| to.to_string_lossy().ends_with("copy (deleted)"))
    };
    let nameless: Vec<PathBuf> = open.into_iter().filter(is_nameless).collect();
    assert!(!told_by(&nameless, secret).is_empty(), "{nameless:?}");
    let folder = town.desk.path("data");
    assert!(told_by(&strays(&folder), secret).is_empty());
    backup.0.kill().expect("killed");
    backup.0.wait().expect("it ended");
    let strays = strays(&folder);
    assert!(told_by(&strays, secret).is_empty() && told_by(&strays, "SQLite format 3").is_empty());
    assert!(!town.desk.path("night.age").exists());
    fs::remove_file(town.desk.path("hold")).expect("let go");
    town.desk.says(&["central", "backup", "night.age"], 0);
    drop(central);
}

#[test]
fn what_a_killed_restore_left_behind_is_taken_away_at_the_next_start_and_backup() {
    if !has_age() {
        return;
    }
    let town = town();
    let leave = |data: &str| {
        let folder = town.desk.path(data);
        fs::create_dir_all(&folder).expect("a folder");
        let paths = ["central.db.copy", "central.db.copy-wal"].map(|name| folder.join(name));
        for path in &paths {
            fs::write(path, "SQLite format 3").expect("written");
        }
        paths
    };
    let left = leave("data/central");
    let central = town.central();
    assert!(!left.iter().any(|path| path.exists()), "run");
    let left = leave("data/central");
    town.desk.says(&["central", "backup", "night.age"], 0);
    assert!(!left.iter().any(|path| path.exists()), "backup");
    let left = leave("new");
    let restore = ["central", "restore", "night.age", "--identity", "safe", "--data", "new"];
    town.desk.says(&restore, 0);
    assert!(!left.iter().any(|path| path.exists()), "restore");
    // One that is at work keeps its own.
    let lock = fs::File::create(town.desk.path("data/central/backup.lock")).expect("a lock");
    lock.lock().expect("locked");
    drop(central);
    let left = leave("data/central");
    let _central = town.central();
    assert!(left.iter().all(|path| path.exists()), "somebody is at work");
}
