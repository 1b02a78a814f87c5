//! What arrives at a central in a kiosk's name and is not its word: refused with a word, nothing of it
//! stored, and the log says why without saying what.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use borgerpanel::clock::{Clock, SystemClock};
use borgerpanel::crypto::{Digest, Purpose, SealPublic, Signature, SigningKey};
use borgerpanel::store::outbox::Row;
use borgerpanel::store::record::{CentralId, Kind, Label, Sealed, Uid};
use borgerpanel::sync::bundle;
use borgerpanel::sync::enrol::{Code, Enrolment, Request};
use borgerpanel::sync::message::{Head, Message, PROTOCOL, Question, Signed};
use borgerpanel::sync::push::Http;
use miniz_oxide::deflate::compress_to_vec;

use crate::chain::{Town, serve_logged};
use crate::fleet::Machine;

/// Words that are in no log: a survey, and what a head could say of itself.
const SECRETS: [&str; 3] = ["trafik", "valby", "kilroy"];

/// A real central whose log is kept, and a kiosk that it let in.
struct Scene {
    town: Town,
    log: std::path::PathBuf,
    kiosk: Machine,
}

impl Scene {
    /// The central must be running.
    fn enrolled(town: &Town, name: &str) -> Machine {
        let json = town.desk.says(&["central", "enroll", name, "--json"], 0);
        let reply: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let code = Code::read(reply["code"].as_str().expect("a code")).expect("a code");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let key = borgerpanel::sync::enrol::own_key(folder.path()).expect("a key");
        let request = Request::new(&code, &key);
        let central = format!("http://{}", town.central_address());
        let reply = Http::new(&central).enrol(&request).expect("let in");
        let admission = reply.verify(&code, &request).expect("genuine");
        let enrolled = SystemClock.now().to_string();
        Enrolment { central, admission, enrolled }.save(folder.path()).expect("saved");
        Machine::at(folder)
    }

    fn head(&self, rows: &[Row]) -> Head {
        Head {
            v: PROTOCOL,
            kiosk: self.kiosk.enrolment.admission.kiosk.clone(),
            key: self.kiosk.key.verifying().id(),
            central_id: self.kiosk.enrolment.admission.central_id,
            epoch: self.kiosk.outbox().life().expect("a life").epoch,
            base: 0,
            first: rows.first().expect("a row").seq,
            last: rows.last().expect("a row").seq,
            n: 0,
            sha256: Digest::of(b""),
            lost: Vec::new(),
            past: false,
        }
    }

    /// A batch under this head, signed by this key.
    fn bundle(head: Head, rows: &[Row], key: &SigningKey) -> Vec<u8> {
        bundle::write(head, rows, key).1
    }

    fn rows(&self, count: u64) -> Vec<Row> {
        let row = |seq| {
            let sealed = self.kiosk.seal(Uid::random(), "v1", Kind::Response, None);
            Row { seq, digest: sealed.digest(), sealed }
        };
        (1..=count).map(row).collect()
    }

    /// Status and problem of a POST.
    fn push(&self, body: &[u8], headers: &str) -> (u16, String) {
        use std::io::{Read, Write};
        let address = self.town.central_address();
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("an option");
        let length = body.len();
        let head = format!(
            "POST /api/v1/sync HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n\
             {headers}Connection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("sent");
        // It may be refused before its end.
        let _ = stream.write_all(body);
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        let reply = String::from_utf8_lossy(&reply);
        let status = crate::collecting::status(&reply);
        let json = reply.split("\r\n\r\n").nth(1).unwrap_or_default();
        let json: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
        (status, json["problem"].as_str().unwrap_or_default().to_owned())
    }

    fn stored(&self) -> Vec<String> {
        let tables =
            ["record", "response", "private", "sealed", "quarantine", "received", "delivery"];
        let counted = tables.map(|table| format!("SELECT '{table} ' || count(*) FROM {table}"));
        self.town.texts(&counted.join(" UNION ALL "))
    }

    fn refuses(&self, name: &str, body: &[u8], wanted: (u16, &str)) {
        let before = self.stored();
        let (status, problem) = self.push(body, "");
        assert_eq!((status, &*problem), wanted, "{name}");
        assert_eq!(self.stored(), before, "{name}");
    }
}

/// A batch's parts, put together anew.
fn assemble(head: &str, rows: &[u8]) -> Vec<u8> {
    [b"BPSB\x01", &(head.len() as u32).to_le_bytes()[..], head.as_bytes(), rows].concat()
}

fn parts(bundle: &[u8]) -> (Signed, Vec<u8>) {
    let length = u32::from_le_bytes(bundle[5..9].try_into().expect("four")) as usize;
    let head = serde_json::from_slice(&bundle[9..9 + length]).expect("a head");
    (head, bundle[9 + length..].to_vec())
}

fn text(signed: &Signed) -> String {
    serde_json::to_string(signed).expect("two texts")
}

/// An envelope whose content unpacks to far more than it is.
fn bomb(key: &SealPublic, label: Label) -> Sealed {
    let packed = compress_to_vec(&vec![0; 60_000_000], 9);
    let mut content = (packed.len() as u32).to_le_bytes().to_vec();
    content.extend(packed);
    content.resize(content.len().next_power_of_two(), 0);
    let closed = key.seal(&content);
    let length = (closed.len() as u32).to_le_bytes();
    let body = [b"BPSE\x01\x01", &key.id().0[..], &length, &closed].concat();
    Sealed { label, body }
}

#[cfg(target_os = "linux")]
fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn what_is_not_a_kiosks_word_is_refused_and_nothing_of_it_is_kept() {
    let town = Town::new();
    let log = town.desk.path("central.log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
    command.args(["central", "run", "--listen", town.central_address()]);
    command.current_dir(town.desk.path(""));
    let file = File::options().read(true).write(true).create_new(true).open(&log);
    let central = serve_logged(command, town.central_address(), file.expect("a log"));
    let kiosk = Scene::enrolled(&town, "valby");
    let scene = Scene { town, log, kiosk };
    let (rows, stranger) = (scene.rows(3), SigningKey::generate());
    let head = || scene.head(&rows);
    let own = &scene.kiosk.key;
    let good = Scene::bundle(head(), &rows, own);
    let (signed, written) = parts(&good);

    let unsigned = format!("{{\"text\":{:?}}}", signed.text);
    scene.refuses("unsigned", &assemble(&unsigned, &written), (400, "malformed"));
    let zeros = Signed { signature: Signature([0; 64]), ..signed.clone() };
    scene.refuses("signed by nobody", &assemble(&text(&zeros), &written), (403, "forged"));
    let forged = Scene::bundle(head(), &rows, &stranger);
    scene.refuses("signed by another", &forged, (403, "forged"));
    let signature = own.sign(Purpose::Question, signed.text.as_bytes());
    let misused = Signed { signature, ..signed.clone() };
    scene.refuses(
        "signed for another purpose",
        &assemble(&text(&misused), &written),
        (403, "forged"),
    );
    let unknown = Head { key: stranger.verifying().id(), ..head() };
    scene.refuses(
        "a key nobody knows",
        &Scene::bundle(unknown, &rows, &stranger),
        (403, "unknown-key"),
    );
    let renamed = Head { kiosk: "kilroy".to_owned(), ..head() };
    scene.refuses("another's name", &Scene::bundle(renamed, &rows, own), (403, "unknown-key"));
    let elsewhere = Head { central_id: CentralId([7; 16]), ..head() };
    scene.refuses("another central", &Scene::bundle(elsewhere, &rows, own), (409, "other-central"));
    let newer = Head { v: PROTOCOL + 1, ..head() };
    scene.refuses("another version", &Scene::bundle(newer, &rows, own), (400, "other-version"));

    for at in [0, 7, good.len() / 2, good.len() - 1] {
        let mut altered = good.clone();
        altered[at] ^= 4;
        let (status, problem) = scene.push(&altered, "");
        assert!((400..404).contains(&status), "altered at {at}: {status} {problem}");
        let (status, problem) = scene.push(&good[..at], "");
        assert!((400..404).contains(&status), "cut at {at}: {status} {problem}");
    }
    let more = signed.text.replace("\"last\":3", "\"last\":4");
    let more = Signed { text: more, ..signed.clone() };
    scene.refuses("an altered head", &assemble(&text(&more), &written), (403, "forged"));

    let many = scene.rows(bundle::ROWS_MAX as u64 + 1);
    let small: Vec<Row> = many
        .into_iter()
        .map(|row| Row { sealed: Sealed { body: vec![0; 40], ..row.sealed }, ..row })
        .collect();
    let head_of_many = scene.head(&small);
    scene.refuses("too many rows", &Scene::bundle(head_of_many, &small, own), (400, "malformed"));
    scene.refuses("too large", &vec![b'B'; (1 << 20) + 1], (413, ""));
    let endless = [&written[..42], b"\xff\xff", &written[44..]].concat();
    let endless_head = Head { n: 3, sha256: Digest::of(&endless), ..head() }.sign(own);
    let endless = assemble(&text(&endless_head), &endless);
    scene.refuses("a row that ends nowhere", &endless, (400, "malformed"));
    let deep = "[".repeat(500_000);
    scene.refuses("brackets without end", &assemble(&deep, b""), (400, "malformed"));
    let packed = compress_to_vec(&vec![b'B'; 100_000_000], 9);
    for coding in ["Content-Encoding: gzip\r\n", "Content-Encoding: deflate\r\n"] {
        let (status, _) = scene.push(&packed, coding);
        assert!((400..=415).contains(&status), "{coding} {status}");
    }
    let empty = |count: &String| count.ends_with(" 0");
    assert!(scene.stored().iter().all(empty), "{:?}", scene.stored());

    let question = Question {
        v: PROTOCOL,
        kiosk: "valby".to_owned(),
        key: own.verifying().id(),
        epoch: head().epoch,
        last: 3,
        clock: 0,
        nonce: "00".repeat(16),
        told: None,
    };
    let asked = borgerpanel::sync::exchange::Transport::ask(
        &Http::new(&scene.kiosk.enrolment.central),
        &question.sign(&stranger),
    );
    assert!(format!("{asked:?}").contains("403"), "{asked:?}");

    quarantines_bombs_alone(&scene, central.0.id());

    // The kiosk's place is given to another machine: its key is revoked.
    let other = Scene::enrolled(&scene.town, "valby");
    assert_ne!(other.key.verifying(), own.verifying());
    scene.refuses("revoked", &good, (403, "revoked"));
    drop(central);
    let log = std::fs::read_to_string(&scene.log).expect("the log");
    for word in ["forged", "unknown-key", "malformed", "revoked", "other-central"] {
        assert!(log.contains(&format!("refused: {word}")), "{word}: {log}");
    }
    let uids = rows.iter().map(|row| row.sealed.label.uid.to_string());
    for secret in SECRETS.iter().map(|word| (*word).to_owned()).chain(uids) {
        assert!(!log.contains(&secret), "{secret}: {log}");
    }
}

/// A stolen kiosk can sign what it likes; what it sealed is opened with care.
fn quarantines_bombs_alone(scene: &Scene, process: u32) {
    let key = &scene.kiosk.enrolment.admission.seal_keys[0];
    let mut rows = scene.rows(6);
    for row in rows.iter_mut().skip(1) {
        row.sealed = bomb(key, row.sealed.label.clone());
        row.digest = row.sealed.digest();
    }
    #[cfg(target_os = "linux")]
    let before = peak_memory(process);
    let bundle = Scene::bundle(scene.head(&rows), &rows, &scene.kiosk.key);
    assert_eq!(scene.push(&bundle, ""), (200, String::new()));
    #[cfg(target_os = "linux")]
    {
        let more = peak_memory(process).saturating_sub(before);
        assert!(more < 64 * 1024, "six small rows took {more} kB");
    }
    let reasons =
        "SELECT reason || ' ' || count(*) FROM quarantine GROUP BY reason ORDER BY reason";
    // The first is of a version that this central never published.
    assert_eq!(scene.town.texts(reasons), ["inside-broken 5", "unknown-version 1"]);
}
