//! The whole chain with real processes: page, POST, sealed outbox, sync, central.db. Whatever is killed
//! at whatever moment, every answer that was thanked for arrives, and none twice.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Range;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use borgerpanel::crypto;
use borgerpanel::response::{Context, sample};
use borgerpanel::survey::Definition;
use rusqlite::Connection;

use crate::authors::Desk;
use crate::collecting::encode;
use crate::preview::{Running, get};
use crate::private;

/// A central and a kiosk in a folder of their own, on ports that stay the same when they restart.
pub struct Town {
    pub desk: Desk,
    central: String,
    pub kiosk: String,
}

/// An address that stays free while nobody listens on it: below the ports that systems give to those who
/// ask for any, which by then could be another test's.
pub fn free_address() -> String {
    const PORTS: std::ops::Range<u16> = 20_000..32_000;
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let begin = std::process::id() as u16 % 60 * 200;
    let next = || {
        let offset = (begin + TAKEN.fetch_add(1, Ordering::Relaxed)) % PORTS.len() as u16;
        format!("127.0.0.1:{}", PORTS.start + offset)
    };
    let mut addresses = std::iter::repeat_with(next).take(PORTS.len());
    addresses.find(|address| TcpListener::bind(address).is_ok()).expect("a free port")
}

/// Starts a server and waits until it listens.
pub fn serve(command: Command, address: &str) -> Running {
    serve_logged(command, address, tempfile::tempfile().expect("a file"))
}

/// The same, with a log that can be read later.
pub fn serve_logged(mut command: Command, address: &str, mut log: File) -> Running {
    let stderr = log.try_clone().expect("a handle");
    command.stdout(Stdio::null()).stderr(stderr);
    let mut running = Running(spawn(&mut command));
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        let ended = running.0.try_wait().expect("a child");
        if ended.is_some() || begun.elapsed() > Duration::from_secs(120) {
            let mut told = String::new();
            log.rewind().and_then(|()| log.read_to_string(&mut told)).expect("what it said");
            panic!("{command:?} does not listen on {address}, {ended:?}: {told}");
        }
        thread::sleep(Duration::from_millis(20));
    }
    running
}

/// Another test that starts a program just now holds one that was just written open for a moment.
pub fn spawn(command: &mut Command) -> Child {
    for _ in 0..100 {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                thread::sleep(Duration::from_millis(20));
            }
            spawned => return spawned.expect("it starts"),
        }
    }
    panic!("the program stays busy")
}

impl Town {
    pub fn new() -> Town {
        let town = Town { desk: Desk::new(), central: free_address(), kiosk: free_address() };
        private::add_survey(&town.desk.path("content"));
        town.desk.says(&["central", "init"], 0);
        town
    }

    pub fn central(&self) -> Running {
        self.start(&["central", "run", "--listen", &self.central], &self.central)
    }

    pub fn kiosk(&self) -> Running {
        self.start(&["kiosk", "run", "--listen", &self.kiosk], &self.kiosk)
    }

    fn start(&self, args: &[&str], address: &str) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
        command.args(args).current_dir(self.desk.path(""));
        serve(command, address)
    }

    pub fn enrol(&self) {
        self.enrol_at(&self.central);
    }

    /// Enrols the kiosk with the central that is reached at this address.
    pub fn enrol_at(&self, address: &str) {
        let json = self.desk.says(&["central", "enroll", "valby", "--json"], 0);
        let reply: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let code = reply["code"].as_str().expect("a code");
        let central = format!("http://{address}");
        self.desk.says(&["kiosk", "enroll", "--central", &central, "--code", code], 0);
    }

    /// Waits until the kiosk knows that it is enrolled.
    pub fn wait_until_ready(&self) {
        let begun = Instant::now();
        while !get(&self.kiosk, "/healthz").contains("\"status\":\"ok\"") {
            assert!(begun.elapsed() < Duration::from_secs(60), "it does not see its enrolment");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Syncs until nothing is left.
    pub fn drain(&self) {
        let begun = Instant::now();
        loop {
            self.desk.run(&["kiosk", "sync", "--all"]);
            let status = self.status();
            if status["unsynced"] == 0 {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "still unsynced: {status}");
        }
    }

    fn status(&self) -> serde_json::Value {
        let json = self.desk.says(&["kiosk", "status", "--json"], 0);
        serde_json::from_str(&json).expect("JSON")
    }

    pub fn unsynced(&self) -> u64 {
        self.status()["unsynced"].as_u64().expect("a number")
    }

    pub fn central_address(&self) -> &str {
        &self.central
    }

    /// Sends a made-up answer to the kiosk as a browser does; what comes back.
    pub fn answer(&self, seed: u64) -> String {
        let fields = crate::collecting::filled(&self.survey(), seed);
        let (host, body) = (&self.kiosk, encode(&fields));
        let path = format!("/s/{}/", self.survey().slug);
        let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n");
        let kind = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close";
        let length = body.len();
        let request = format!("{head}{kind}\r\nContent-Length: {length}\r\n\r\n{body}");
        crate::preview::fetch(host, &request)
    }

    pub fn kiosks(&self) -> serde_json::Value {
        let json = self.desk.says(&["central", "kiosks", "--json"], 0);
        serde_json::from_str::<serde_json::Value>(&json).expect("JSON")[0].clone()
    }

    /// The uids in the central's table `response`, as they stand there.
    pub fn uids(&self) -> Vec<String> {
        self.texts("SELECT lower(hex(uid)) FROM response")
    }

    pub fn texts(&self, sql: &str) -> Vec<String> {
        let path = self.desk.path("data/central/central.db");
        let database = Connection::open(path).expect("the central's database");
        let mut rows = database.prepare(sql).expect("a table");
        let uids = rows.query_map([], |row| row.get(0)).expect("rows");
        uids.collect::<Result<_, _>>().expect("texts")
    }

    /// Each form of it has a private answer, sometimes two.
    pub fn survey(&self) -> Definition {
        private::survey()
    }
}

/// What visitors tried and what they were thanked for, by uid.
#[derive(Default)]
pub struct Book {
    pub tried: BTreeSet<String>,
    pub thanked: BTreeSet<String>,
}

/// Posts one form; true for a thank-you. A broken connection is no answer.
pub fn post(address: &str, body: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let head = format!(
        "POST /s/lod/ HTTP/1.1\r\nHost: {address}\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).ok()?;
    reply.split(' ').nth(1)?.parse().ok()
}

/// A form as this visitor fills it in, under a uid of its own.
pub fn form(survey: &Definition, seed: u64) -> (String, Vec<(String, String)>) {
    fill_in(survey, &mut fastrand::Rng::with_seed(seed))
}

pub fn fill_in(survey: &Definition, rng: &mut fastrand::Rng) -> (String, Vec<(String, String)>) {
    let context = Context { today: "2026-11-24".to_owned(), channel: "kiosk".to_owned() };
    let uid = crypto::hex(&crypto::random::<16>());
    let mut fields = sample::fill_in(survey.base(), &context, rng).0;
    fields.push(("_v".to_owned(), survey.version.clone()));
    fields.push(("_id".to_owned(), uid.clone()));
    (uid, fields)
}

/// Answers as a visitor does until told to stop: the same form again where nothing came back.
pub fn visit(address: &str, survey: &Definition, seed: u64, over: &AtomicBool, book: &Mutex<Book>) {
    let mut rng = fastrand::Rng::with_seed(seed);
    while !over.load(Ordering::Relaxed) {
        let (uid, fields) = fill_in(survey, &mut rng);
        book.lock().expect("the book").tried.insert(uid.clone());
        let body = encode(&fields);
        while !over.load(Ordering::Relaxed) {
            match post(address, &body) {
                Some(303) => {
                    book.lock().expect("the book").thanked.insert(uid);
                    break;
                }
                _ => thread::sleep(Duration::from_millis(20)),
            }
        }
    }
}

/// Both programs of a town, killed again and again while visitors answer.
pub struct Both<'t> {
    town: &'t Town,
    central: Option<Running>,
    kiosk: Option<Running>,
}

impl Both<'_> {
    pub fn running(town: &Town, central: Running, kiosk: Running) -> Both<'_> {
        Both { town, central: Some(central), kiosk: Some(kiosk) }
    }

    /// Kills one of the two with SIGKILL after so many milliseconds, and starts it again; `meanwhile`
    /// happens while there is no central.
    pub fn kill_one(
        &mut self,
        rng: &mut fastrand::Rng,
        after_ms: Range<u64>,
        meanwhile: impl FnOnce(),
    ) {
        thread::sleep(Duration::from_millis(rng.u64(after_ms)));
        if rng.bool() {
            drop(self.kiosk.take());
            self.kiosk = Some(self.town.kiosk());
        } else {
            drop(self.central.take());
            meanwhile();
            self.central = Some(self.town.central());
        }
    }
}

/// Everybody who was thanked is at the central, nobody twice, every form whole, and nothing else.
pub fn all_arrived(town: &Town, book: &Book, about: &str) {
    town.drain();
    assert!(!book.thanked.is_empty(), "{about}: nobody was thanked");
    let uids = town.uids();
    let unique: BTreeSet<String> = uids.iter().cloned().collect();
    assert_eq!(uids.len(), unique.len(), "{about}: nothing twice");
    let lost: Vec<_> = book.thanked.difference(&unique).collect();
    assert!(lost.is_empty(), "{about}: lost {lost:?} of {}", book.thanked.len());
    let strange: Vec<_> = unique.difference(&book.tried).collect();
    assert!(strange.is_empty(), "{about}: never sent {strange:?}");
    let contacts = "SELECT body FROM private WHERE body ->> '$.answers.contact' IS NOT NULL";
    assert_eq!(town.texts(contacts).len(), uids.len(), "{about}: every form came whole");
}

#[test]
fn an_answer_goes_all_the_way_and_a_central_that_was_away_gets_everything_once() {
    let town = Town::new();
    let kiosk = town.kiosk();
    let survey = town.survey();
    // Without a central the page is shown and answers are refused.
    assert!(get(&town.kiosk, "/healthz").contains("not-enrolled"));
    let central = town.central();
    town.enrol();
    // The running kiosk learns of it by itself.
    town.wait_until_ready();
    let book = Mutex::new(Book::default());
    let send = |number: u64| {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| visit(&town.kiosk, &survey, number, &over, &book));
            let wanted = book.lock().expect("the book").thanked.len() + 5;
            while book.lock().expect("the book").thanked.len() < wanted {
                thread::sleep(Duration::from_millis(5));
            }
            over.store(true, Ordering::Relaxed);
        });
    };
    send(1);
    drop(central);
    send(2);
    let stored = town.status()["stored"].as_u64().expect("a number");
    let central = town.central();
    town.drain();
    let uids = town.uids();
    let unique: BTreeSet<String> = uids.iter().cloned().collect();
    assert_eq!(uids.len(), unique.len());
    assert!(book.lock().expect("the book").thanked.is_subset(&unique));
    let private = town.texts("SELECT body FROM private").len() as u64;
    assert!(private >= 10, "{private}");
    assert_eq!(unique.len() as u64 + private, stored);
    assert_eq!(town.kiosks()["received"], stored);
    assert_eq!(town.kiosks()["kiosk"], "valby");
    town.desk.says(&["central", "audit"], 0);
    drop((kiosk, central));
}

/// Whether the process locks the database itself, not only its shared memory.
#[cfg(target_os = "linux")]
fn holds_its_lock(process: u32, database: &std::path::Path) -> bool {
    use std::os::linux::fs::MetadataExt;
    let inode = std::fs::metadata(database).expect("the database").st_ino();
    let locks = std::fs::read_to_string("/proc/locks").expect("the kernel's list of locks");
    let of_process = |line: &&str| line.split_whitespace().nth(4) == Some(&process.to_string());
    let its: Vec<&str> = locks.lines().filter(of_process).collect();
    // In some containers the list is empty.
    its.is_empty() || its.iter().any(|line| line.contains(&format!(":{inode} ")))
}

/// Whoever looks into a running server's database closes it again. If the server had lost its locks,
/// SQLite would take the looker for the last one and delete the WAL the server goes on writing to.
#[test]
fn looking_into_a_database_beside_its_server_loses_nothing_when_the_server_is_killed() {
    let town = Town::new();
    let (kiosk, central) = (town.kiosk(), town.central());
    town.enrol();
    town.wait_until_ready();
    town.desk.says(&["central", "audit"], 0);
    town.status();
    town.uids();
    #[cfg(target_os = "linux")]
    for (server, file) in [(&central, "data/central/central.db"), (&kiosk, "data/kiosk/kiosk.db")] {
        assert!(holds_its_lock(server.0.id(), &town.desk.path(file)), "{file} is not locked");
    }
    let survey = town.survey();
    let context = Context { today: "2026-11-24".to_owned(), channel: "web".to_owned() };
    let mut thanked = BTreeSet::new();
    for (address, seed) in [(&town.central, 1), (&town.kiosk, 2)] {
        let uid = crypto::hex(&crypto::random::<16>());
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut fields = sample::fill_in(survey.base(), &context, &mut rng).0;
        fields.push(("_v".to_owned(), survey.version.clone()));
        fields.push(("_id".to_owned(), uid.clone()));
        assert_eq!(post(address, &encode(&fields)), Some(303));
        thanked.insert(uid);
    }
    drop((kiosk, central));
    let central = town.central();
    town.drain();
    let arrived: BTreeSet<String> = town.uids().into_iter().collect();
    assert!(thanked.is_subset(&arrived), "thanked for {thanked:?}, there are {arrived:?}");
    drop(central);
}

#[test]
fn killing_kiosk_and_central_at_any_moment_loses_nothing_and_doubles_nothing() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    let town = Town::new();
    let central = town.central();
    town.enrol();
    let mut both = Both::running(&town, central, town.kiosk());
    let survey = town.survey();
    let (over, book) = (Arc::new(AtomicBool::new(false)), Mutex::new(Book::default()));
    thread::scope(|scope| {
        for visitor in 0..4 {
            let (over, book, survey, address) = (&over, &book, &survey, town.kiosk.as_str());
            scope.spawn(move || visit(address, survey, seed ^ visitor, over, book));
        }
        for _ in 0..8 {
            // A sync by hand beside the kiosk's own, while there is no central.
            both.kill_one(&mut rng, 50..700, || drop(town.desk.run(&["kiosk", "sync"])));
        }
        thread::sleep(Duration::from_millis(300));
        over.store(true, Ordering::Relaxed);
    });
    let book = book.into_inner().expect("the book");
    all_arrived(&town, &book, &format!("seed {seed}"));
    town.desk.says(&["central", "audit"], 0);
    println!("{} tried, {} thanked", book.tried.len(), book.thanked.len());
}
