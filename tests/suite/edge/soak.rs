//! Two days of a busy kiosk and its central, as fast as they go: what the processes hold at the end is
//! what they held once they were warm.
//!
//! `cargo test` sends a tenth of it, `cargo bench -- soak` the whole to the program as it is released.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::real::{Kiosk, Standing, standing};

/// What two days are taken to be. A visitor looks at ten pages and files and, one of ten, answers; the
/// screen's own page reports every 10 s, and asks as often whether it should close.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub pages: usize,
    pub posts: usize,
    pub heartbeats: usize,
    pub states: usize,
}

pub const TWO_DAYS: Load = Load { pages: 20_000, posts: 2_000, heartbeats: 17_280, states: 17_280 };

/// What the memory may differ by in the end, in bytes: SQLite's caches of pages fill up to 2 MB each.
pub const MEMORY_MARGIN: usize = 4 << 20;

/// Requests on one connection before the next is made, as a browser does.
const KEPT: usize = 40;

/// The load is sent in so many parts.
const PARTS: usize = 5;

/// After so many of them everything that is made once is made, batches as long as they get among it.
const WARM: usize = 3;

/// What was sent, and what the processes held.
pub struct Report {
    pub requests: usize,
    /// Until the last part was sent, pauses included.
    pub took: Duration,
    /// Of the kiosk and of the central, after each part.
    pub held: Vec<(Standing, Standing)>,
}

/// A kiosk and a central that it syncs with every second.
pub struct Town {
    central: Child,
    pub kiosk: Kiosk,
    _folder: tempfile::TempDir,
}

impl Town {
    pub fn start() -> Town {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path();
        let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
        std::os::unix::fs::symlink(content, at.join("content")).expect("a link");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        drop(listener);
        says(at, &["central", "init"]);
        let central = program(at, &["central", "run", "--listen", &address])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a central");
        let begun = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(120), "the central does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        let json = says(at, &["central", "enroll", "torvet", "--json"]);
        let reply: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let code = reply["code"].as_str().expect("a code");
        says(at, &["kiosk", "enroll", "--central", &format!("http://{address}"), "--code", code]);
        let data = at.join("data/kiosk");
        fs::write(data.join("kiosk.toml"), "sync_every_seconds = 1\n").expect("settings");
        Town { kiosk: Kiosk::start_at(&data, 4_096), central, _folder: folder }
    }

    /// Sends all of `load` in parts, and looks after each.
    pub fn soak(&self, load: Load) -> Report {
        let part = divided(load, PARTS);
        let begun = Instant::now();
        let mut report = Report { requests: 0, took: Duration::ZERO, held: Vec::new() };
        for _ in 0..PARTS {
            report.requests += self.send(part);
            report.took = begun.elapsed();
            let warm = report.held.get(WARM - 1).copied();
            report.held.push(self.rest(warm));
        }
        let log = self.kiosk.log();
        assert!(!log.contains("panicked"), "{log}");
        report
    }

    /// Four browsers at a time, each with its share of everything.
    fn send(&self, load: Load) -> usize {
        let share = divided(load, 4);
        std::thread::scope(|scope| {
            let browsers: Vec<_> =
                (0..4).map(|_| scope.spawn(|| browse(&self.kiosk, share))).collect();
            browsers.into_iter().map(|browser| browser.join().expect("a browser")).sum()
        })
    }

    /// What both hold once everything is synced and every connection has ended. On a machine with much else
    /// to do, threads and connections that are to go take their time to: what is more than when they were
    /// `warm` gets a minute.
    fn rest(&self, warm: Option<(Standing, Standing)>) -> (Standing, Standing) {
        let begun = Instant::now();
        while !self.kiosk.get("/healthz").contains("\"unsynced\":0") {
            assert!(begun.elapsed() < Duration::from_secs(120), "{}", self.kiosk.get("/healthz"));
            std::thread::sleep(Duration::from_millis(200));
        }
        // tiny_http lets a thread that has nothing to do go after five seconds.
        std::thread::sleep(Duration::from_millis(5_500));
        let begun = Instant::now();
        loop {
            let held = (self.kiosk.standing(), standing(self.central.id()));
            let is_back = |warm: (Standing, Standing)| {
                holds_no_more(warm.0, held.0) && holds_no_more(warm.1, held.1)
            };
            if warm.is_none_or(is_back) || begun.elapsed() > Duration::from_secs(60) {
                return held;
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        let _ = self.central.kill();
        let _ = self.central.wait();
    }
}

impl Report {
    /// Fails where either process holds more in the end than when it was warm.
    pub fn check(&self) {
        let (warm, last) = (self.held[WARM - 1], self.held[PARTS - 1]);
        for (who, warm, last) in [("the kiosk", warm.0, last.0), ("the central", warm.1, last.1)] {
            assert!(holds_no_more(warm, last), "{who}: {warm:?} became {last:?}");
        }
    }
}

/// Whether a process holds what it held when it was warm.
fn holds_no_more(warm: Standing, last: Standing) -> bool {
    last.memory <= warm.memory + MEMORY_MARGIN
        && last.threads <= warm.threads + 1
        && last.files <= warm.files + 2
}

fn divided(load: Load, by: usize) -> Load {
    Load {
        pages: load.pages / by,
        posts: load.posts / by,
        heartbeats: load.heartbeats / by,
        states: load.states / by,
    }
}

/// One browser's share, mixed evenly; how many requests it was.
fn browse(kiosk: &Kiosk, load: Load) -> usize {
    let host = kiosk.address;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let beat =
        format!("POST /kiosk/heartbeat HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n");
    let pages =
        ["/", "/kiosk/", "/s/groenne-omraader/", "/s/havnebade/", "/om/", "/en/", "/findes-ikke/"];
    let mut stream = kiosk.connect();
    let (mut asked, mut left) = (0, load);
    while left.pages + left.posts + left.heartbeats + left.states > 0 {
        let mut ask = |text: &str| {
            if asked % KEPT == 0 {
                stream = kiosk.connect();
            }
            asked += 1;
            exchange(&mut stream, text)
        };
        if take(&mut left.pages) {
            ask(&get(pages[left.pages % pages.len()]));
        }
        // As many of the rest as keep step with the pages.
        if left.posts * load.pages.max(1) > left.pages * load.posts && take(&mut left.posts) {
            assert_eq!(ask(&kiosk.posting("")), 303);
        }
        if take(&mut left.heartbeats) {
            ask(&beat);
        }
        if take(&mut left.states) {
            ask(&get("/kiosk/state"));
        }
        if left.pages == 0 && take(&mut left.posts) {
            assert_eq!(ask(&kiosk.posting("")), 303);
        }
    }
    asked
}

fn take(left: &mut usize) -> bool {
    let any = *left > 0;
    *left = left.saturating_sub(1);
    any
}

/// One request and its whole reply; the status.
fn exchange(stream: &mut TcpStream, text: &str) -> u16 {
    stream.write_all(text.as_bytes()).expect("sent");
    let (mut reply, mut piece) = (Vec::new(), [0; 32 * 1024]);
    loop {
        let count = stream.read(&mut piece).expect("a reply");
        assert!(count > 0, "it closed after {} bytes", reply.len());
        reply.extend_from_slice(&piece[..count]);
        let head = reply.windows(4).position(|four| four == b"\r\n\r\n");
        let Some(end) = head.map(|at| at + 4) else { continue };
        let head = String::from_utf8_lossy(&reply[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        if reply.len() >= end + length {
            let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
            return status.expect("a status");
        }
    }
}

fn program(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
    command.args(args).current_dir(folder);
    command
}

fn says(folder: &Path, args: &[&str]) -> String {
    let out = program(folder, args).output().expect("the program starts");
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn a_tenth_of_two_days_leaves_nothing_behind() {
    let town = Town::start();
    let by = if std::env::var_os("SOAK_WHOLE").is_some() { 1 } else { 10 };
    let report = town.soak(divided(TWO_DAYS, by));
    println!("{} requests in {:.1?}", report.requests, report.took);
    report.held.iter().for_each(|held| println!("{held:?}"));
    report.check();
}
