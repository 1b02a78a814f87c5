//! A kiosk and a central, real processes, and between them a proxy that misbehaves in every way a
//! network can, while both are killed again and again: nothing is lost, nothing is there twice, and the
//! audit finds nothing.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;

use crate::chain::{Book, Both, Town, all_arrived, visit};

/// What becomes of one request and its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    None,
    RequestDropped,
    ReplyDropped,
    Twice,
    RequestTruncated,
    ReplyTruncated,
    Delayed,
    Reset,
    Altered,
    /// A captive portal's page, with 200.
    Portal,
    /// JSON of the right form that nobody signed, with 200.
    Unsigned,
    /// An old request arrives once more, before this one.
    RequestReplayed,
    /// An old reply comes in the place of this one.
    ReplyReplayed,
}

const FAULTS: [Fault; 12] = [
    Fault::RequestDropped,
    Fault::ReplyDropped,
    Fault::Twice,
    Fault::RequestTruncated,
    Fault::ReplyTruncated,
    Fault::Delayed,
    Fault::Reset,
    Fault::Altered,
    Fault::Portal,
    Fault::Unsigned,
    Fault::RequestReplayed,
    Fault::ReplyReplayed,
];

const PORTAL: &str =
    "<!doctype html><title>Velkommen til byens wifi</title><p>Log ind for at fortsætte.";

/// What all connections share.
struct Shared {
    central: String,
    /// From now on it behaves.
    is_calm: AtomicBool,
    is_over: AtomicBool,
    /// Requests so far, which with `seed` decide what becomes of the next.
    count: AtomicU64,
    seed: u64,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    requests: Vec<Vec<u8>>,
    replies: Vec<Vec<u8>>,
    /// How often what was done.
    done: BTreeMap<Fault, u32>,
}

struct Proxy {
    address: String,
    shared: Arc<Shared>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Proxy {
    fn before(central: &str, seed: u64) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("an option");
        let address = listener.local_addr().expect("its address").to_string();
        let shared = Arc::new(Shared {
            central: central.to_owned(),
            is_calm: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            count: AtomicU64::new(0),
            seed,
            memory: Mutex::default(),
        });
        let own = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            while !own.is_over.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((client, _)) => {
                        let own = Arc::clone(&own);
                        thread::spawn(move || own.serve(client));
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        thread::sleep(Duration::from_millis(5));
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        });
        Proxy { address, shared, thread: Some(thread) }
    }

    fn done(&self) -> BTreeMap<Fault, u32> {
        self.shared.memory.lock().expect("no panic").done.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn serve(&self, mut client: TcpStream) {
        client.set_nonblocking(false).expect("an option");
        while let Some(request) = read_message(&mut client) {
            let request = self.addressed(&request);
            let fault = self.choose();
            let Some(reply) = self.pass(&request, fault) else {
                if fault == Fault::Reset {
                    set_socket_linger(&client, Some(Duration::ZERO)).expect("an option");
                }
                return;
            };
            let length =
                if fault == Fault::ReplyTruncated { reply.len() * 2 / 3 } else { reply.len() };
            if client.write_all(&reply[..length]).is_err() || length < reply.len() {
                return;
            }
        }
    }

    /// The request as if the central had been called by its own name.
    fn addressed(&self, request: &[u8]) -> Vec<u8> {
        let (head, body) = request.split_at(head_length(request).expect("a whole message"));
        let head = String::from_utf8_lossy(head);
        let line = |line: &str| match line.to_ascii_lowercase().starts_with("host:") {
            true => format!("Host: {}\r\n", self.central),
            false => line.to_owned(),
        };
        let head: String = head.split_inclusive("\r\n").map(line).collect();
        [head.as_bytes(), body].concat()
    }

    /// Every other request comes through; the others meet one fault after another, in an order that is
    /// another in each round.
    fn choose(&self) -> Fault {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let (round, at) = (number / 2 / FAULTS.len() as u64, number / 2 % FAULTS.len() as u64);
        let fault = match self.is_calm.load(Ordering::Relaxed) || number % 2 == 1 {
            true => Fault::None,
            false => {
                let mut faults = FAULTS;
                fastrand::Rng::with_seed(self.seed ^ round).shuffle(&mut faults);
                faults[at as usize]
            }
        };
        *self.memory.lock().expect("no panic").done.entry(fault).or_default() += 1;
        fault
    }

    /// The reply that the kiosk is to get; none where the connection ends.
    fn pass(&self, request: &[u8], fault: Fault) -> Option<Vec<u8>> {
        match fault {
            Fault::RequestDropped | Fault::Reset => return None,
            Fault::Portal => return Some(made_up("text/html", PORTAL)),
            Fault::Unsigned => {
                let json = format!("{{\"text\":\"{{}}\",\"signature\":\"{}\"}}", "ab".repeat(64));
                return Some(made_up("application/json", &json));
            }
            Fault::Delayed => thread::sleep(Duration::from_millis(300)),
            Fault::RequestReplayed => {
                if let Some(old) = self.old(|memory| &memory.requests) {
                    self.ask(&old);
                }
            }
            Fault::Twice => drop(self.ask(request)),
            _ => {}
        }
        let reply = match fault {
            Fault::RequestTruncated => self.ask(&request[..request.len() * 2 / 3]),
            Fault::Altered => self.ask(&altered(request)),
            _ => self.ask(request),
        };
        let old = self.old(|memory| &memory.replies);
        let mut memory = self.memory.lock().expect("no panic");
        memory.requests.push(request.to_vec());
        memory.replies.extend(reply.clone());
        drop(memory);
        match fault {
            Fault::ReplyDropped => None,
            Fault::ReplyReplayed => old.or(reply),
            _ => reply,
        }
    }

    fn old(&self, of: impl Fn(&Memory) -> &Vec<Vec<u8>>) -> Option<Vec<u8>> {
        let memory = self.memory.lock().expect("no panic");
        fastrand::choice(of(&memory)).cloned()
    }

    /// Brings the central these bytes, whole or not, and takes what it says.
    fn ask(&self, request: &[u8]) -> Option<Vec<u8>> {
        let mut central = TcpStream::connect(&self.central).ok()?;
        central.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        central.write_all(request).ok()?;
        central.shutdown(std::net::Shutdown::Write).ok()?;
        read_message(&mut central)
    }
}

/// A bit of the body, or of the query, is another.
fn altered(request: &[u8]) -> Vec<u8> {
    let mut altered = request.to_vec();
    let body = head_length(request).expect("a whole message");
    let at = if body < request.len() { fastrand::usize(body..request.len()) } else { 60 };
    altered[at] ^= 1;
    altered
}

fn made_up(kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}")
        .into()
}

fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// A whole request or reply; none where it ends before.
fn read_message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut bytes, mut piece) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        if let Some(head) = head_length(&bytes) {
            let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(Some(0), |length| length.trim().parse().ok())?;
            if bytes.len() >= head + length {
                return Some(bytes);
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
        }
    }
}

#[test]
fn a_misbehaving_network_and_kills_on_both_sides_lose_nothing_and_double_nothing() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut rng = fastrand::Rng::with_seed(seed);
    let town = Town::new();
    let proxy = Proxy::before(town.central_address(), seed);
    let central = town.central();
    // The code is good once, so the enrolment itself goes the straight way.
    town.enrol();
    let settings = format!("central = \"http://{}\"\nsync_every_seconds = 1\n", proxy.address);
    std::fs::write(town.desk.path("data/kiosk/kiosk.toml"), settings).expect("written");
    let mut both = Both::running(&town, central, town.kiosk());
    let survey = town.survey();
    let (over, book) = (AtomicBool::new(false), Mutex::new(Book::default()));
    thread::scope(|scope| {
        for visitor in 0..2 {
            let (over, book, survey, address) = (&over, &book, &survey, town.kiosk.as_str());
            scope.spawn(move || visit(address, survey, seed ^ visitor, over, book));
        }
        scope.spawn(|| {
            // Staff who are impatient: more rounds than the kiosk's own.
            while !over.load(Ordering::Relaxed) {
                town.desk.run(&["kiosk", "sync", "--all"]);
            }
        });
        for _ in 0..6 {
            both.kill_one(&mut rng, 300..1500, || {});
        }
        // Until every fault was met twice.
        let begun = Instant::now();
        while proxy.shared.count.load(Ordering::Relaxed) < 4 * FAULTS.len() as u64 {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "seed {seed}: the kiosk hardly asks"
            );
            thread::sleep(Duration::from_millis(20));
        }
        over.store(true, Ordering::Relaxed);
    });
    proxy.shared.is_calm.store(true, Ordering::Relaxed);
    let book = book.into_inner().expect("the book");
    all_arrived(&town, &book, &format!("seed {seed}"));
    assert_eq!(town.kiosks()["flags"], serde_json::json!([]), "seed {seed}");
    town.desk.says(&["central", "audit"], 0);
    let done = proxy.done();
    assert_eq!(done.len(), 1 + FAULTS.len(), "seed {seed}: {done:?}");
    println!("{} thanked; {done:?}", book.thanked.len());
}
