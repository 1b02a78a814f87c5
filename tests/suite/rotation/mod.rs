//! Backups by themselves, with the real program, the real `age` and a clock that a test sets: who was erased
//! is in no file any more once the backups have rotated, and staff hear of it where none can be made.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::backup::{has_age, key_in};
use crate::chain::serve_logged;
use crate::panel::Office;
use crate::postbox::Postbox;
use crate::preview::Running;

const WHO: &str = "karla.vinterberg-ousen@minpost-naestved.example";
/// The whole, and what would tell enough.
const PARTS: [&str; 4] = [WHO, "karla.vinterberg", "vinterberg-ousen", "minpost-naestved"];

/// The clock, compiled once.
fn clock() -> &'static Path {
    static CLOCK: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_folder, clock) = CLOCK.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = folder.path().join("clock.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/rotation/clock.c");
        let compiled = Command::new("cc")
            .args(["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
            .args([&clock, &source])
            .output()
            .expect("a C compiler, which SQLite needs too");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        (folder, clock)
    });
    clock
}

/// The program, so many days from now.
fn on_day(office: &Office, day: u32, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
    command.args(args).current_dir(office.desk.path(""));
    command.env("LD_PRELOAD", clock()).env("CLOCK_AHEAD", (u64::from(day) * 24 * 3600).to_string());
    command
}

pub fn done_on_day(office: &Office, day: u32, args: &[&str]) -> Output {
    on_day(office, day, args).output().expect("the program starts")
}

pub fn told(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

fn run_on_day(office: &Office, day: u32) -> Running {
    let mut options = File::options();
    let log = options.create(true).read(true).append(true).open(office.desk.path("log"));
    let command = on_day(office, day, &["central", "run", "--listen", &office.address]);
    serve_logged(command, &office.address, log.expect("a log"))
}

/// A central that backs up into `backups` for the key in the file `safe`.
fn office(postbox: &Postbox, more: &str) -> Office {
    let office = Office::new();
    let public = key_in(&office.desk, "safe");
    office.mails_to(postbox);
    let path = office.desk.path("data/central/central.toml");
    let smtp = fs::read_to_string(&path).expect("settings");
    let backup =
        format!("\n[backup]\nrecipients = [\"{public}\"]\ndirectory = \"../../backups\"\n{more}");
    fs::write(path, smtp + &backup).expect("settings");
    office
}

/// The backups, the oldest first.
fn backups(office: &Office) -> Vec<PathBuf> {
    let names = fs::read_dir(office.desk.path("backups")).into_iter().flatten();
    let mut paths: Vec<PathBuf> = names.map(|one| one.expect("one").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "age"));
    paths.sort();
    paths
}

fn wait_for(what: &str, is: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The files below these folders in which a part of the address stands.
fn traces(folders: &[PathBuf]) -> Vec<(PathBuf, &'static str)> {
    let mut found = Vec::new();
    let mut left = folders.to_vec();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).expect("a folder").map(|one| one.expect("one").path()));
            continue;
        }
        let bytes = fs::read(&path).expect("a file").to_ascii_lowercase();
        let is_in = |part: &&&str| bytes.windows(part.len()).any(|own| own == part.as_bytes());
        found.extend(PARTS.iter().filter(is_in).map(|part| (path.clone(), *part)));
    }
    found
}

/// What a backup holds, opened with the key: a folder beside the others.
fn opened(office: &Office, backup: &Path) -> PathBuf {
    let name = format!("opened-{}", backup.file_stem().expect("a name").to_string_lossy());
    let (file, folder) = (backup.to_string_lossy().into_owned(), office.desk.path(&name));
    let _ = fs::remove_dir_all(&folder);
    office.desk.says(&["central", "restore", &file, "--identity", "safe", "--data", &name], 0);
    folder
}

fn sign_up_all(office: &Office, postbox: &Postbox) {
    for number in 0..40 {
        let email = format!("medlem{number}@example.dk");
        let email = if number == 23 { WHO } else { &*email };
        assert_eq!(office.sign_up(email, "1961", "valby"), 303);
    }
    for mail in postbox.wait_for(40) {
        let link = mail.links().into_iter().find(|link| link.contains("/panel/confirm/"));
        let link = link.expect("a link");
        let path = &link[link.find("/panel/").expect("a path")..];
        assert_eq!(office.post(path, &[]).0, 200);
    }
}

#[test]
fn who_was_erased_is_in_no_file_any_more_once_the_backups_have_rotated() {
    if !has_age() {
        return;
    }
    let postbox = Postbox::open();
    let office = office(&postbox, "");
    let running = run_on_day(&office, 0);
    wait_for("the first backup is made at once", || backups(&office).len() == 1);
    sign_up_all(&office, &postbox);
    let told_of = office.get("/panel/kbh/");
    assert!(told_of.contains("senest 30 dage efter"), "the form says how long");
    std::thread::sleep(Duration::from_secs(1));
    let by_hand = done_on_day(&office, 0, &["central", "backup", "--rotate"]);
    assert!(by_hand.status.success(), "{}", told(&by_hand));
    let with_her = backups(&office).pop().expect("a backup");
    assert_eq!(backups(&office).len(), 2);
    let data = office.desk.path("data");
    assert!(!traces(std::slice::from_ref(&data)).is_empty(), "she is a member");
    office.desk.says(&["panel", "erase", WHO], 0);
    assert_eq!(traces(&[data.clone(), office.desk.path("log")]), [], "erased at once");
    assert!(!traces(&[opened(&office, &with_her)]).is_empty(), "the backup has her");
    // What lies there and is nobody's business; and what a backup leaves that is killed.
    let half = PathBuf::from(format!("{}.4711.tmp", with_her.display()));
    fs::write(&half, "half").expect("written");
    fs::write(office.desk.path("backups/notes.txt"), "ours").expect("written");
    drop(running);

    // Three weeks later she is still there, and beside it a new one.
    let later = done_on_day(&office, 21, &["central", "backup", "--rotate"]);
    assert!(later.status.success(), "{}", told(&later));
    assert_eq!(backups(&office).len(), 3);
    assert!(!half.exists());
    // After thirty days the central does it by itself.
    let running = run_on_day(&office, 30);
    wait_for("the old ones go", || !with_her.exists() && backups(&office).len() == 2);
    drop(running);
    let mut all = vec![data, office.desk.path("backups"), office.desk.path("log")];
    all.extend(backups(&office).iter().map(|backup| opened(&office, backup)));
    assert_eq!(traces(&all), []);
    assert_eq!(fs::read_to_string(office.desk.path("backups/notes.txt")).expect("kept"), "ours");
    let deleted = office.texts("SELECT detail FROM audit_log WHERE action = 'backup-deleted'");
    assert_eq!(deleted.len(), 2, "{deleted:?}");
    let audit = done_on_day(&office, 30, &["central", "audit"]);
    assert!(audit.status.success(), "{}", told(&audit));
}

#[test]
fn where_no_backup_can_be_made_staff_hear_it_and_the_last_one_goes_when_a_promise_is_due() {
    if !has_age() {
        return;
    }
    let postbox = Postbox::open();
    let office = office(&postbox, "");
    let running = run_on_day(&office, 0);
    sign_up_all(&office, &postbox);
    drop(running);
    let made = done_on_day(&office, 0, &["central", "backup", "--rotate"]);
    assert!(made.status.success(), "{}", told(&made));
    let last = backups(&office).pop().expect("a backup");
    // From now on the key is a slip of the pen.
    let path = office.desk.path("data/central/central.toml");
    let settings = fs::read_to_string(&path).expect("settings");
    fs::write(&path, settings.replace("recipients = [\"age1", "recipients = [\"age1x"))
        .expect("written");
    let running = run_on_day(&office, 40);
    wait_for("the alarm", || office.get("/healthz").contains("\"alarms\":[\"backup\"]"));
    assert!(office.get("/").starts_with("HTTP/1.1 200"), "visitors notice nothing");
    drop(running);
    let log = fs::read_to_string(office.desk.path("log")).expect("a log");
    assert!(log.contains("NO BACKUP (1 in a row)"), "{log}");
    let audit = done_on_day(&office, 40, &["central", "audit"]);
    assert_eq!(audit.status.code(), Some(1));
    assert!(
        told(&audit).contains("PROBLEM with backups: the newest backup is of"),
        "{}",
        told(&audit)
    );
    assert!(last.exists(), "nobody was erased since: it is better than none");
    let erased = done_on_day(&office, 40, &["panel", "erase", WHO]);
    assert!(erased.status.success(), "{}", told(&erased));
    for (day, is_there) in [(60, true), (70, false)] {
        let tried = done_on_day(&office, day, &["central", "backup", "--rotate"]);
        assert_eq!(tried.status.code(), Some(2), "{}", told(&tried));
        assert_eq!(last.exists(), is_there, "day {day}: {}", told(&tried));
        let is_loud = told(&tried).contains("THE LAST BACKUP");
        assert_eq!(is_loud, !is_there, "day {day}: {}", told(&tried));
    }
    let left = fs::read_dir(office.desk.path("backups")).expect("a folder").count();
    assert_eq!(left, 0, "what could not be made left nothing");
}

#[test]
fn backups_are_kept_no_longer_than_people_are_told() {
    let postbox = Postbox::open();
    let office = Office::new();
    office.mails_to(&postbox);
    let path = office.desk.path("data/central/central.toml");
    for (backup, why) in [
        (
            "directory = \"b\"\nkeep_days = 60\n",
            "`controller.backup_days` in site.toml tells them 30 days",
        ),
        ("every_hours = 49\nkeep_days = 2\n", "make them more often"),
        ("keep_days = 0\n", "neither can be 0"),
    ] {
        fs::write(&path, format!("[backup]\n{backup}")).expect("settings");
        let refused = office.desk.run(&["central", "run", "--listen", &office.address]);
        assert_eq!(refused.status.code(), Some(2), "{backup}");
        assert!(told(&refused).contains(why), "{}", told(&refused));
    }
}
