//! A stolen kiosk: what people wrote, in whichever way their visit went, is found nowhere on its disk, in
//! no log and in no core file. The browser's side is in `browser/canary.rs`.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use borgerpanel::crypto;

use crate::chain::Town;
use crate::collecting::encode;
use crate::power::Disk;
use crate::preview::{Running, get};

const DANISH: &str = "---\ntitle: Kanarie\nopens: 2026-01-01\npartial: keep\n---\n\
    ## Hvor ofte? {#often required}\n\n- Dagligt {#daily}\n- Aldrig {#never}\n\n\
    ## Hvad mener du? {#think maxlength=200}\n\n____\n\n\
    ## Din e-mail? {#contact private maxlength=80}\n\n____\n";
const ENGLISH: &str = "---\ntitle: Canary\n---\n\
    ## How often? {#often}\n\n- Daily {#daily}\n- Never {#never}\n\n\
    ## What do you think? {#think}\n\n____\n\n\
    ## Your e-mail? {#contact}\n\n____\n";

/// What was written: a sentence, a name, an e-mail address. Nowhere else in the project.
const CANARIES: [&str; 3] =
    ["Fuglene på Æblevej 17", "Kristoffer Rævsgaard", "kanarie.fugl@eksempel-by.dk"];

/// The ways in which a text may lie on a disk.
fn spellings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let form = encode(&[(String::new(), text.to_owned())]);
    let escaped: String = text
        .chars()
        .map(
            |char| {
                if char.is_ascii() { char.to_string() } else { format!("\\u{:04x}", char as u32) }
            },
        )
        .collect();
    let latin: Vec<u8> =
        text.chars().map(|char| u8::try_from(char as u32).expect("Latin-1")).collect();
    let mut all = vec![
        ("plain", text.as_bytes().to_vec()),
        ("urlencoded", form.as_bytes()[1..].to_vec()),
        ("urlencoded with +", form[1..].replace("%20", "+").into_bytes()),
        ("urlencoded in small letters", form[1..].to_lowercase().into_bytes()),
        ("in JSON", escaped.into_bytes()),
        ("Latin-1", latin),
        ("small letters", text.to_lowercase().into_bytes()),
        ("hex", crypto::hex(text.as_bytes()).into_bytes()),
        ("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16, the other way", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("UTF-32", text.chars().flat_map(|char| (char as u32).to_le_bytes()).collect()),
    ];
    all.extend((0..3).map(|shift| ("base64", base64(text.as_bytes(), shift))));
    all
}

/// The letters of base64 that `text` alone decides, where `shift` bytes stand before it.
fn base64(text: &[u8], shift: usize) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes = [&[0; 3][..shift], text].concat();
    let letters = bytes.chunks_exact(3).flat_map(|three| {
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        [18, 12, 6, 0].map(|by| LETTERS[(bits >> by) as usize & 63])
    });
    letters.skip([0, 2, 3][shift]).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| match path.symlink_metadata().expect("about it") {
            about if about.is_dir() => files(&path),
            about if about.is_file() => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

/// Where on the kiosk's machine a canary is: all but the central, which is another machine.
fn found(town: &Town) -> Vec<String> {
    let elsewhere = town.desk.path("data/central");
    let mut places = Vec::new();
    for path in files(&town.desk.path("")) {
        if path.starts_with(&elsewhere) {
            continue;
        }
        let bytes = fs::read(&path).expect("read");
        for canary in CANARIES {
            for (spelling, needle) in spellings(canary) {
                if bytes.windows(needle.len()).any(|part| part == needle) {
                    places.push(format!("{}: {canary:?}, {spelling}", path.display()));
                }
            }
        }
    }
    places
}

/// A kiosk whose log is a file, which may write core files as far as its shell is concerned.
fn kiosk(town: &Town, disk: Option<&Disk>) -> Running {
    let log = || File::options().create(true).append(true).open(town.desk.path("kiosk.log"));
    let mut program = Command::new("sh");
    program
        .args(["-c", "ulimit -c unlimited; exec \"$0\" kiosk run --listen \"$1\""])
        .args([env!("CARGO_BIN_EXE_borgerpanel"), &town.kiosk])
        .current_dir(town.desk.path(""))
        .env("RUST_BACKTRACE", "full")
        .stdout(Stdio::from(log().expect("a log")))
        .stderr(Stdio::from(log().expect("a log")));
    if let Some(disk) = disk {
        disk.beneath(&mut program);
    }
    let running = Running(program.spawn().expect("the program starts"));
    let begun = Instant::now();
    while TcpStream::connect(&town.kiosk).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    town.wait_until_ready();
    running
}

/// What a visitor sends: `more` after the canaries.
struct Visit<'a> {
    address: &'a str,
    version: String,
}

impl Visit<'_> {
    fn fields(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let [think, name, contact] = CANARIES;
        let text = format!("{think}, hilsen {name}");
        let uid = crypto::hex(&crypto::random::<16>());
        let all =
            [("think", text.as_str()), ("contact", contact), ("_v", &self.version), ("_id", &uid)];
        let all = more.iter().filter(|(name, _)| !name.is_empty()).chain(&all);
        all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The status; 0 where the kiosk had heard enough before all was sent.
    fn send(&self, path: &str, head: &str, body: &str) -> u16 {
        let mut stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        let (host, length) = (self.address, body.len());
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\n{head}Content-Length: {length}\r\n\
             Connection: close\r\n\r\n"
        );
        let mut reply = Vec::new();
        let sent =
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        let _ = sent.and_then(|()| stream.read_to_end(&mut reply));
        let line = String::from_utf8_lossy(&reply);
        line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    fn post(&self, more: &[(&str, &str)]) -> u16 {
        self.send("/s/kanarie/", FORM, &encode(&self.fields(more)))
    }
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// Every way a visit can go, with the status it gets.
fn every_way(visit: &Visit) {
    let whole = [("often", "daily")];
    assert_eq!(visit.post(&whole), 303);
    assert_eq!(visit.post(&[]), 422, "a question is open");
    assert_eq!(visit.post(&[("often", "daily"), ("_part", "1")]), 204, "left half-way");
    assert_eq!(visit.post(&[("often", "daily"), ("_switch", "en")]), 200, "in English, please");
    let long = CANARIES.join(" ").repeat(40);
    assert_eq!(visit.post(&[("often", "daily"), ("think", &long)]), 422, "longer than the field");
    let vast = CANARIES.join(" ").repeat(20_000);
    let body = encode(&visit.fields(&[("think", &vast)]));
    let status = visit.send("/s/kanarie/", FORM, &body);
    assert!([413, 0].contains(&status), "longer than any form: {status}");
    let stale = Visit { address: visit.address, version: "0".repeat(64) };
    assert_eq!(stale.post(&whole), 422, "of a version that is not known");
    let body = encode(&visit.fields(&whole));
    assert_eq!(visit.send("/s/kanarie/", "Content-Type: application/json\r\n", &body), 415);
    assert_eq!(visit.send("/s/findes-ikke/", FORM, &body), 404);
    let [_, name, contact] = CANARIES;
    let telling = format!(
        "{FORM}Cookie: who={contact}\r\nUser-Agent: {contact}\r\nReferer: http://{contact}/\r\n"
    );
    assert_eq!(visit.send("/s/kanarie/", &telling, &body), 303);
    let address =
        encode(&[("who".to_owned(), name.to_owned()), ("at".to_owned(), contact.to_owned())]);
    get(visit.address, &format!("/s/kanarie/?{address}"));
    get(visit.address, &format!("/{address}"));
    get(visit.address, &format!("/kode/?{address}"));
    // Cut off in the middle, and no HTTP at all.
    for words in [
        format!(
            "POST /s/kanarie/ HTTP/1.1\r\nHost: {}\r\n{FORM}Content-Length: 9999\r\n\r\n{body}",
            visit.address
        ),
        CANARIES.join("\r\n"),
    ] {
        let mut stream = TcpStream::connect(visit.address).expect("it listens");
        stream.write_all(words.as_bytes()).expect("sent");
    }
}

fn visit(town: &Town) -> Visit<'_> {
    let page = get(&town.kiosk, "/s/kanarie/");
    let (_, after) = page.split_once("name=\"_v\" value=\"").expect("the page names its version");
    Visit { address: &town.kiosk, version: after[..64].to_owned() }
}

/// Sends the signal until it kills. The first SEGV only ends Rust's watch for stack overflows: its
/// handler waits for the fault to come again, which one that was sent does not.
fn crash(running: &mut Running, signal: &str) {
    let begun = Instant::now();
    let status = loop {
        let sent = Command::new("kill").args(["-s", signal, &running.0.id().to_string()]).status();
        assert!(sent.expect("kill").success(), "{signal}");
        std::thread::sleep(Duration::from_millis(50));
        if let Some(status) = running.0.try_wait().expect("asked") {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{signal} does not end it");
    };
    assert_eq!(status.code(), None, "{signal}");
}

/// A core file of a process that may write one lies in the folder: the search would see it.
fn cores_are_written_here(folder: &Path) -> bool {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    if pattern.contains(['/', '|']) {
        println!("core files go elsewhere on this machine ({}): not looked for", pattern.trim());
        return false;
    }
    let died = Command::new("sh")
        .args(["-c", "ulimit -c unlimited; kill -SEGV $$"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status();
    died.expect("sh").code().is_none() && core_files(folder) > 0
}

fn core_files(folder: &Path) -> usize {
    let names =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    names.filter(|name| name.to_string_lossy().starts_with("core")).count()
}

#[test]
fn nothing_that_was_written_is_found_on_a_stolen_kiosk() {
    let town = Town::new();
    for (name, text) in [("kanarie.md", DANISH), ("kanarie.en.md", ENGLISH)] {
        fs::write(town.desk.path("content/surveys").join(name), text).expect("written");
    }
    let central = town.central();
    town.enrol();
    let fault = town.desk.path("fault");
    let disk = Disk::under(&town.desk.path("data/kiosk")).with("POWER_FAULT_FILE", fault.display());
    let running = kiosk(&town, Some(&disk));
    let visit = visit(&town);
    every_way(&visit);
    assert_eq!(found(&town), Vec::<String>::new(), "while it runs");
    for what in ["write 28", "write 5", "sync 5"] {
        fs::write(&fault, what).expect("written");
        assert_eq!(visit.post(&[("often", "daily")]), 503, "{what}");
        assert_eq!(visit.post(&[("often", "daily"), ("_part", "1")]), 503, "{what}");
    }
    fs::remove_file(&fault).expect("removed");
    assert_eq!(visit.post(&[("often", "never")]), 303);
    assert_eq!(found(&town), Vec::<String>::new(), "after the disk failed");
    drop(running);

    // Killed by its own mistake, as far as the kernel knows, with answers in memory.
    for signal in ["SEGV", "ABRT"] {
        let mut running = kiosk(&town, None);
        every_way(&visit);
        crash(&mut running, signal);
    }
    assert_eq!(core_files(&town.desk.path("")), 0, "no core file");
    assert_eq!(found(&town), Vec::<String>::new(), "after it crashed");

    // It was all there: the central has it.
    town.drain();
    let kept = town.texts("SELECT body FROM response UNION ALL SELECT body FROM private").concat();
    for canary in CANARIES {
        assert!(kept.contains(canary), "{canary} never arrived");
    }
    assert_eq!(found(&town), Vec::<String>::new(), "after it was sent");
    drop(central);
}

/// Without this nobody could know that the test above can fail.
#[test]
fn the_search_finds_what_is_planted() {
    let town = Town::new();
    assert_eq!(found(&town), Vec::<String>::new());
    for canary in CANARIES {
        for (spelling, needle) in spellings(canary) {
            let planted = [b"SQLite".as_slice(), &needle, b"\0\0"].concat();
            let path = town.desk.path("data/planted");
            fs::create_dir_all(path.parent().expect("data")).expect("made");
            fs::write(&path, planted).expect("written");
            assert!(!found(&town).is_empty(), "{canary}, {spelling}");
        }
    }
    assert_eq!(base64(b"kanarie", 0), b"a2FuYXJp");
    assert_eq!(base64(b"kanarie", 1), b"thbmFy");
    let folder = town.desk.path("");
    if cores_are_written_here(&folder) {
        assert!(core_files(&folder) > 0);
    }
}
