//! Releases with real processes: a central that releases while it runs, a kiosk that shows what comes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use borgerpanel::survey::Definition;
use borgerpanel::sync::release::shelf::Shelf;

use crate::chain::Town;
use crate::collecting::{encode, filled, status};
use crate::preview::{fetch, get};

const PARKS: &str = "/s/groenne-omraader/";

fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} takes too long");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What kiosks are to be asked from now on.
fn reword(content: &Path, from: &str, to: &str) {
    let path = content.join("surveys/groenne-omraader.md");
    let text = std::fs::read_to_string(&path).expect("the survey");
    assert!(text.contains(from), "{from}");
    std::fs::write(&path, text.replace(from, to)).expect("written");
}

/// Releases the folder `stuff`, also into the file `out`; the release's id.
fn release(town: &Town, out: &str) -> String {
    let args = ["central", "release", "--content", "stuff", "--json", "--out", out];
    let said = town.desk.says(&args, 0);
    let json: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    json["release"].as_str().expect("an id").to_owned()
}

fn shown(town: &Town) -> String {
    let json = town.desk.says(&["kiosk", "status", "--json"], 0);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    json["release"].as_str().unwrap_or_default().to_owned()
}

fn post(address: &str, definition: &Definition, seed: u64) -> String {
    let mut fields = filled(definition, seed);
    fields.push(("_id".to_owned(), format!("{seed:032x}")));
    let body = encode(&fields);
    let head = format!(
        "POST {PARKS} HTTP/1.1\r\nHost: {address}\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    fetch(address, &(head + &body))
}

/// The survey as the kiosk shows it now, from the release in use.
fn definition(town: &Town) -> Definition {
    let releases = town.desk.path("data/kiosk/releases");
    let current = std::fs::read(releases.join("current")).expect("a release");
    let current: serde_json::Value = serde_json::from_slice(&current).expect("JSON");
    let now = &current["now"];
    let name = format!("{}-{}", now["number"], now["id"].as_str().expect("an id"));
    let path = releases.join(name).join("public.release/surveys/groenne-omraader.json");
    serde_json::from_slice(&std::fs::read(path).expect("the survey")).expect("JSON")
}

/// A style sheet of this survey's page.
fn style(page: &str) -> String {
    let mut parts = page.split('"').filter(|part| part.starts_with("/assets/survey."));
    let style = parts.find(|part| part.contains(".css")).expect("a style sheet");
    style.split('?').next().unwrap_or_default().to_owned()
}

#[test]
fn a_kiosk_without_content_shows_each_release_and_its_visitors_notice_nothing() {
    let town = Town::new();
    let (content, kiosk_data) = (town.desk.path("content"), town.desk.path("data/kiosk"));
    std::fs::create_dir_all(&kiosk_data).expect("a folder");
    let settings = "sync_every_seconds = 1\nidle_seconds = 45\nscreen_width_mm = 500\n";
    std::fs::write(kiosk_data.join("kiosk.toml"), settings).expect("settings");
    let central = town.central();
    town.enrol();
    // From here on there is no content folder but the central's own.
    std::fs::rename(&content, town.desk.path("stuff")).expect("moved");
    let first = release(&town, "one.release");
    let synced = town.desk.says(&["kiosk", "sync"], 0);
    assert!(synced.contains(&format!("release {first}")), "{synced}");
    // One that has nothing at all fetches it before it starts.
    std::fs::remove_dir_all(kiosk_data.join("releases")).expect("removed");
    let kiosk = town.kiosk();
    town.wait_until_ready();
    assert!(get(&town.kiosk, "/healthz").contains(&first));
    assert_eq!(shown(&town), first);

    let (page, old) = (get(&town.kiosk, PARKS), definition(&town));
    assert_eq!(status(&page), 200);
    assert!(page.contains("Hvor ofte") && page.contains("data-idle=\"45\""), "{page}");
    let css = style(&page);
    assert!(page.contains(&format!("{css}?mm=500")));
    assert!(get(&town.kiosk, &format!("{css}?mm=500")).contains(":root{--mm:0.20000vw}"));

    // Somebody has the page open; the running central releases another one.
    reword(&town.desk.path("stuff"), "Hvor ofte", "Hvor tit");
    let second = release(&town, "two.release");
    assert_ne!(first, second);
    eventually("the switch", || get(&town.kiosk, PARKS).contains("Hvor tit"));
    let new = definition(&town);
    assert_ne!(old.version, new.version);
    assert_eq!(status(&post(&town.kiosk, &old, 1)), 303, "begun before the switch");
    assert_eq!(status(&get(&town.kiosk, &css)), 200, "the looks of a page of before");
    assert_eq!(status(&post(&town.kiosk, &new, 2)), 303);
    town.drain();
    // Neither version is a stranger to the central, which was not started anew.
    let mut versions = town.texts("SELECT version FROM response");
    versions.sort();
    let mut wanted = vec![old.version, new.version];
    wanted.sort();
    assert_eq!(versions, wanted);
    assert!(town.texts("SELECT reason FROM quarantine").is_empty());

    // The central is away: a stick does it, beside the running kiosk.
    drop(central);
    reword(&town.desk.path("stuff"), "Hvor tit", "Hvor mange gange");
    let third = release(&town, "three.release");
    town.desk.says(&["kiosk", "release", "three.release"], 0);
    eventually("the stick", || get(&town.kiosk, PARKS).contains("Hvor mange gange"));
    assert!(get(&town.kiosk, "/healthz").contains(&third));
    let again = town.desk.run(&["kiosk", "release", "one.release"]);
    let told = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.code() == Some(2) && told.contains("older than the one in use"), "{told}");
    assert!(told.contains("make a new release of the old content"), "{told}");
    let nowhere = town.desk.run(&["kiosk", "release", "nowhere.release"]);
    let missing = String::from_utf8_lossy(&nowhere.stderr).into_owned();
    assert!(nowhere.status.code() == Some(2) && missing.contains("the stick is in"), "{missing}");
    assert_eq!(shown(&town), third);
    let told = town.desk.says(&["kiosk", "status"], 0);
    assert!(told.contains(&third) && told.contains("refused"), "{told}");
    drop(kiosk);
    // And after a power cut it is the same.
    let _kiosk = town.kiosk();
    assert!(get(&town.kiosk, PARKS).contains("Hvor mange gange"));
}

/// A kiosk with a first release in use and a second one beside it, and their ids.
fn between_two() -> (Town, [String; 2]) {
    let town = Town::new();
    let central = town.central();
    town.enrol();
    drop(central);
    std::fs::rename(town.desk.path("content"), town.desk.path("stuff")).expect("moved");
    let first = release(&town, "one.release");
    town.desk.says(&["kiosk", "release", "one.release"], 0);
    reword(&town.desk.path("stuff"), "Hvor ofte", "Hvor tit");
    let second = release(&town, "two.release");
    (town, [first, second])
}

/// A disk that takes no more than a little: what is written to a file beyond 8 KiB fails.
#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_while_unpacking_changes_nothing() {
    let (town, [first, _]) = between_two();
    let program = env!("CARGO_BIN_EXE_borgerpanel");
    let script = format!("trap '' XFSZ; ulimit -f 16; exec {program} kiosk release two.release");
    let full = Command::new("sh").args(["-c", &script]).current_dir(town.desk.path("")).output();
    let full = full.expect("sh runs");
    let told = String::from_utf8_lossy(&full.stderr).into_owned();
    assert_eq!(full.status.code(), Some(2), "{told}");
    assert!(told.contains("make room on the disk; the site in use stays"), "{told}");
    let releases = town.desk.path("data/kiosk/releases");
    let current = std::fs::read_to_string(releases.join("current")).expect("there");
    assert!(current.contains(&first), "{current}");
    let entries = std::fs::read_dir(&releases).expect("a folder").flatten();
    assert_eq!(entries.filter(|entry| entry.path().is_dir()).count(), 1, "nothing is left of it");
    town.desk.says(&["kiosk", "release", "two.release"], 0);
}

#[test]
fn mistakes_in_the_content_make_no_release() {
    let town = Town::new();
    let path = town.desk.path("content/surveys/groenne-omraader.md");
    std::fs::write(&path, "# Ingen spørgsmål {nonsense").expect("written");
    let refused = town.desk.run(&["central", "release"]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && told.contains("no release was made"), "{told}");
    assert!(!town.desk.path("data/central/releases/current").exists());
    let left = std::fs::read_dir(town.desk.path("data/central/releases")).expect("a folder");
    assert_eq!(left.count(), 0);
}

#[test]
fn killed_at_any_moment_the_kiosk_has_the_old_one_or_the_new_one_whole() {
    let (town, [first, second]) = between_two();
    let shelf = Shelf::of(&town.desk.path("data/kiosk"));
    let current = shelf.folder().join("current");
    let before = std::fs::read(&current).expect("the first");
    let mut rng = fastrand::Rng::with_seed(7);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..15 {
        let child = Command::new(env!("CARGO_BIN_EXE_borgerpanel"))
            .args(["kiosk", "release", "two.release"])
            .current_dir(town.desk.path(""))
            .stdout(Stdio::null())
            .spawn();
        let mut child = child.expect("it starts");
        std::thread::sleep(Duration::from_millis(rng.u64(0..300)));
        let _ = child.kill();
        let _ = child.wait();
        let (found, site) = shelf.open_current().expect("readable").expect("one of them");
        let id = found.now.id.to_string();
        let text =
            serde_json::to_string(site.survey("groenne-omraader").expect("it")).expect("JSON");
        assert_eq!(text.contains("Hvor tit"), id == second);
        assert!(id == first || id == second, "{id}");
        seen.insert(id);
        // Once more from the beginning, with all that the last one left.
        std::fs::write(&current, &before).expect("written");
    }
    assert!(seen.contains(&first), "never killed in time: {seen:?}");
    town.desk.says(&["kiosk", "release", "two.release"], 0);
    assert_eq!(shown(&town), second);
}
