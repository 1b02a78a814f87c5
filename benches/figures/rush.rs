//! A real central under the load of a whole city, with a visitor answering at it all the while:
//! 100,000 sealed responses from ten kiosks, then two hundred kiosks that all come back at the same
//! moment. Everything is verified, opened, judged and stored; beside it the same rows written into plain
//! SQLite, and the floor of opening and judging them on every core.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use borgerpanel::clock::{Clock, SystemClock};
use borgerpanel::response::revalidate::revalidate;
use borgerpanel::store::central::log::Entry;
use borgerpanel::store::outbox::Row;
use borgerpanel::store::record::Uid;
use borgerpanel::store::{Central, Options, Outbox};
use borgerpanel::survey::Definition;
use borgerpanel::sync::background::{Background, Plan, Round};
use borgerpanel::sync::enrol::{self, Code, Enrolment, Request};
use borgerpanel::sync::exchange::Kiosk;
use borgerpanel::sync::push::Http;
use borgerpanel::sync::{envelope, keys};
use rusqlite::Connection;

use crate::load::Client;
use crate::sync;

/// The drain: so many kiosks with so many rows each.
const DRAIN: (usize, usize) = (10, 10_000);
/// The kiosks that come back at once.
const STORM: (usize, usize) = (200, 100);
/// A visitor's pause between two answers.
const PAUSE: Duration = Duration::from_millis(10);

pub fn run() {
    std::fs::create_dir_all("target").expect("a folder");
    let folder = tempfile::Builder::new().prefix("bench").tempdir_in("target").expect("a folder");
    let town = Town::begin(folder.path());
    let kiosks = town.fill("drain", DRAIN);
    let rows = DRAIN.0 * DRAIN.1;
    let (opening, bodies) = town.opening(&kiosks[0]);
    let plain = plain_inserts(folder.path(), rows, &bodies);
    println!("{rows} sealed responses from {} kiosks into a central of its own process", DRAIN.0);
    let before = town.cpu();
    let (took, waits) = town.beside_a_visitor(|| town.drain(&kiosks));
    let rate = rows as f64 / took.as_secs_f64();
    let cost = (town.cpu() - before).as_secs_f64() / rows as f64;
    println!("  {rate:.0} rows/s; all cores opening and judging alone: {opening:.0} rows/s");
    println!(
        "  the central's processor time for a row, its visitor's answers included: {:.0} µs",
        cost * 1e6
    );
    println!("  plain SQLite inserts of as many: {plain:.0} rows/s; ratio {:.2}", rate / plain);
    println!("  a visitor's answer meanwhile: {waits}");
    drop(kiosks);
    let kiosks = town.fill("storm", STORM);
    println!("{} kiosks with {} rows each come back at once", STORM.0, STORM.1);
    let (took, waits) = town.beside_a_visitor(|| town.storm(kiosks));
    println!("  all are served after {took:.1?}");
    println!("  a visitor's answer meanwhile: {waits}");
    town.check(rows + STORM.0 * STORM.1);
    println!();
}

/// Ended with the bench.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Town {
    folder: std::path::PathBuf,
    address: String,
    survey: Definition,
    running: Running,
}

/// A kiosk's folder with rows that wait.
struct Waiting {
    folder: std::path::PathBuf,
    outbox: Arc<Outbox>,
    enrolment: Enrolment,
}

impl Town {
    fn begin(folder: &Path) -> Town {
        let program = || Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
        let data = folder.join("central");
        let made = program()
            .args(["central", "init", "--data"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .expect("the program");
        assert!(made.success());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        drop(listener);
        let running = program()
            .args(["central", "run", "--listen", &address, "--data"])
            .arg(&data)
            .arg("--content")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("content"))
            .stdout(Stdio::null())
            .spawn()
            .expect("the program");
        let running = Running(running);
        while std::net::TcpStream::connect(&address).is_err() {
            thread::sleep(Duration::from_millis(50));
        }
        Town { folder: folder.to_owned(), address, survey: sync::survey(folder), running }
    }

    fn central(&self) -> Central {
        Central::open(&self.folder.join("central"), Options::default()).expect("the database")
    }

    /// Enrolled kiosks, their outboxes full. As many at a time as there are cores.
    fn fill(&self, name: &str, (kiosks, rows): (usize, usize)) -> Vec<Waiting> {
        let central = self.central();
        let mut filled = Vec::new();
        for number in 0..kiosks {
            let name = format!("{name}-{number}");
            let folder = self.folder.join(&name);
            let outbox = Arc::new(Outbox::open(&folder).expect("an outbox"));
            let enrolment = self.enrol(&central, &folder, &name);
            filled.push(Waiting { folder, outbox, enrolment });
        }
        // Sixteen threads a kiosk, so that their commits are grouped.
        let threads = rows.min(16);
        for kiosk in &filled {
            let epoch = kiosk.outbox.life().expect("a life").epoch;
            thread::scope(|scope| {
                for thread in 0..threads {
                    let share = (rows * (thread + 1) / threads) - rows * thread / threads;
                    scope.spawn(move || {
                        let mut rng = fastrand::Rng::new();
                        for _ in 0..share {
                            let admission = &kiosk.enrolment.admission;
                            let sealed = sync::response(
                                &self.survey,
                                epoch,
                                &admission.seal_keys,
                                &admission.kiosk,
                                &mut rng,
                            );
                            kiosk.outbox.store(sealed).expect("stored");
                        }
                    });
                }
            });
        }
        filled
    }

    fn enrol(&self, central: &Central, folder: &Path, name: &str) -> Enrolment {
        let (code, now) = (Code::random(), SystemClock.now());
        let entry = Entry {
            at: now.to_string(),
            actor: "bench".to_owned(),
            action: "code",
            detail: String::new(),
        };
        central.add_code(code.hash(), name, now.as_second() + 600, &entry).expect("a code");
        let request = Request::new(&code, &enrol::own_key(folder).expect("a key"));
        let address = format!("http://{}", self.address);
        let reply = Http::new(&address).enrol(&request).expect("let in");
        let admission = reply.verify(&code, &request).expect("the central's word");
        let enrolment = Enrolment { central: address, admission, enrolled: now.to_string() };
        enrolment.save(folder).expect("saved");
        enrolment
    }

    /// Rows a second that all cores open and judge, and what was in them.
    fn opening(&self, kiosk: &Waiting) -> (f64, Vec<String>) {
        let keys = keys::load(&self.folder.join("central")).expect("the central's keys");
        let rows = kiosk.outbox.rows_after(0, 10_000, usize::MAX).expect("rows");
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let begun = Instant::now();
        let bodies = thread::scope(|scope| {
            let open = |row: &Row| {
                let json = envelope::open(&row.sealed, &keys.open).expect("opened");
                revalidate(json.as_bytes(), &self.survey).expect("sound");
                json
            };
            let shares = rows.chunks(rows.len().div_ceil(cores));
            let at_work: Vec<_> = shares
                .map(|share| scope.spawn(move || share.iter().map(open).collect::<Vec<_>>()))
                .collect();
            at_work.into_iter().flat_map(|thread| thread.join().expect("opened")).collect()
        });
        (rows.len() as f64 / begun.elapsed().as_secs_f64(), bodies)
    }

    /// All of them send all they have; those that are turned away come again, as kiosks do.
    fn drain(&self, kiosks: &[Waiting]) {
        thread::scope(|scope| {
            for waiting in kiosks {
                scope.spawn(move || {
                    let key = enrol::own_key(&waiting.folder).expect("a key");
                    let kiosk = Kiosk {
                        outbox: waiting.outbox.as_ref(),
                        enrolment: &waiting.enrolment,
                        key: &key,
                        clock: &SystemClock,
                        told: None,
                    };
                    let http = Http::new(&waiting.enrolment.central);
                    while let Err(error) = kiosk.send_all(&http) {
                        println!("  turned away: {error}");
                        thread::sleep(Duration::from_secs(1));
                    }
                });
            }
        });
    }

    /// The real background threads of two hundred kiosks, begun at once.
    fn storm(&self, kiosks: Vec<Waiting>) {
        let (tell, told) = mpsc::channel();
        let running: Vec<Background> = kiosks
            .into_iter()
            .map(|waiting| {
                let tell = tell.clone();
                let plan = Plan {
                    outbox: waiting.outbox,
                    folder: waiting.folder,
                    address: None,
                    every: Duration::from_secs(3600),
                    takes_releases: false,
                    clock: Arc::new(SystemClock),
                    tell: Box::new(borgerpanel::store::record::Told::default),
                    told: Box::new(move |round| {
                        if matches!(round, Round::Sent(_)) {
                            tell.send(()).expect("heard");
                        }
                    }),
                };
                Background::start(plan).expect("a thread")
            })
            .collect();
        for _ in &running {
            told.recv_timeout(Duration::from_secs(60)).expect("all are served within a minute");
        }
        running.into_iter().for_each(Background::stop);
    }

    /// How long `work` took, and a visitor's answers meanwhile.
    fn beside_a_visitor(&self, work: impl FnOnce()) -> (Duration, String) {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let visitor = scope.spawn(|| {
                let mut client = Client::new(&self.address, &self.survey, 7);
                let mut waits = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    client.post();
                    waits.push(begun.elapsed());
                    thread::sleep(PAUSE);
                }
                waits.sort();
                waits
            });
            let begun = Instant::now();
            work();
            let took = begun.elapsed();
            over.store(true, Ordering::Relaxed);
            let waits = visitor.join().expect("no answer was refused");
            let at = |thousandth: usize| waits[(waits.len() - 1) * thousandth / 1000];
            let shown = format!(
                "{} answers, p50 {:.1?}, p99 {:.1?}, the longest {:.1?}",
                waits.len(),
                at(500),
                at(990),
                at(1000)
            );
            (took, shown)
        })
    }

    /// What the central has used of the cores: on a machine that others use too, the rate says less.
    fn cpu(&self) -> Duration {
        let path = format!("/proc/{}/stat", self.running.0.id());
        let text = std::fs::read_to_string(path).unwrap_or_default();
        // After the name in parentheses: state is the third field, utime and stime 14 and 15, in
        // hundredths of a second.
        let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 =
            fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(10 * ticks)
    }

    /// Nothing is lost, nothing is there twice.
    fn check(&self, from_kiosks: usize) {
        let audit = self.central().audit().expect("audited");
        assert_eq!(audit.findings, []);
        assert_eq!(audit.sums.received, from_kiosks as u64);
        println!("  the audit finds {} received and nothing wrong", audit.sums.received);
    }
}

/// Rows a second into a table with a unique uid, 500 to a durable transaction.
fn plain_inserts(folder: &Path, rows: usize, bodies: &[String]) -> f64 {
    let mut database = Connection::open(folder.join("plain.db")).expect("a database");
    database
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE response (id INTEGER PRIMARY KEY, uid BLOB UNIQUE, body TEXT);",
        )
        .expect("a table");
    let begun = Instant::now();
    for batch in 0..rows / 500 {
        let transaction = database.transaction().expect("begun");
        for row in 0..500 {
            let body = &bodies[(batch * 500 + row) % bodies.len()];
            transaction
                .prepare_cached("INSERT INTO response (uid, body) VALUES (?1, ?2)")
                .and_then(|mut insert| insert.execute((Uid::random().0, body)))
                .expect("inserted");
        }
        transaction.commit().expect("committed");
    }
    rows as f64 / begun.elapsed().as_secs_f64()
}
