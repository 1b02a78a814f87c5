//! Durable POSTs through the whole way (gate, tiny_http, evaluate, seal, outbox) at 1, 8 and 64
//! clients, beside two floors of the same run: raw fsyncs, and the outbox's group commit alone.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use borgerpanel::clock::SystemClock;
use borgerpanel::crypto::{self, SealSecret};
use borgerpanel::response::{Context, sample};
use borgerpanel::server::app::{App, Channel, Options, Published};
use borgerpanel::server::edge::{Running, Server};
use borgerpanel::server::headers::Hosts;
use borgerpanel::server::limits::Limits;
use borgerpanel::server::outbox::{Recipients, SealedOutbox};
use borgerpanel::server::versions::Versions;
use borgerpanel::site;
use borgerpanel::store::outbox::Outbox;
use borgerpanel::store::record::{Kind, Label, Sealed, Uid};
use borgerpanel::survey::Definition;

/// How long each figure is measured.
const SPAN: Duration = Duration::from_secs(4);

pub fn run() {
    let folder = tempfile::Builder::new().prefix("bench").tempdir_in("target").expect("a folder");
    let fsyncs = raw_fsyncs(folder.path());
    println!("durable POSTs (floor: {fsyncs:.0} raw fsyncs/s of 4 KB on this disk)");
    println!(
        "  clients   POST/s      p50       p99   group commit alone/s   POST / group   POST / fsync"
    );
    for clients in [1, 8, 64] {
        let posts = posts(clients, &folder.path().join(format!("kiosk-{clients}")));
        let commits = commits(clients, &folder.path().join(format!("commit-{clients}")));
        println!(
            "  {clients:>7} {:>8.0} {:>8.1?} {:>9.1?} {:>22.0} {:>14.2} {:>14.2}",
            posts.rate,
            posts.at(0.5),
            posts.at(0.99),
            commits.rate,
            posts.rate / commits.rate,
            posts.rate / fsyncs,
        );
    }
    println!();
}

/// What a number of clients came to.
struct Figures {
    /// A second.
    rate: f64,
    waits: Vec<Duration>,
}

impl Figures {
    fn at(&self, share: f64) -> Duration {
        let at = ((self.waits.len() as f64 * share) as usize).min(self.waits.len() - 1);
        self.waits[at]
    }
}

fn raw_fsyncs(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("raw")).expect("a file");
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < SPAN {
        file.write_all(&[7; 4096]).expect("written");
        file.sync_data().expect("synced");
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

/// Runs `clients` threads of `work` for [`SPAN`].
fn measure<W: FnMut() + Send + 'static>(clients: usize, mut make: impl FnMut() -> W) -> Figures {
    let over = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let threads: Vec<_> = (0..clients)
        .map(|_| {
            let (mut work, over) = (make(), over.clone());
            thread::spawn(move || {
                let mut waits = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    work();
                    waits.push(begun.elapsed());
                }
                waits
            })
        })
        .collect();
    thread::sleep(SPAN);
    over.store(true, Ordering::Relaxed);
    let mut waits: Vec<Duration> =
        threads.into_iter().flat_map(|thread| thread.join().expect("a client")).collect();
    let rate = waits.len() as f64 / begun.elapsed().as_secs_f64();
    waits.sort();
    Figures { rate, waits }
}

fn commits(clients: usize, folder: &Path) -> Figures {
    let outbox = Arc::new(Outbox::open(folder).expect("an outbox"));
    let epoch = outbox.life().expect("a life").epoch;
    measure(clients, move || {
        let outbox = outbox.clone();
        move || {
            let label = Label {
                kind: Kind::Response,
                uid: Uid::random(),
                survey: "groenne-omraader".to_owned(),
                version: "0".repeat(64),
                kiosk: "bench".to_owned(),
                epoch,
            };
            // As large as a sealed response for two recipients.
            outbox.store(Sealed { label, body: vec![1; 2200] }).expect("stored");
        }
    })
}

fn posts(clients: usize, folder: &Path) -> Figures {
    let (_running, address, survey) = kiosk(folder);
    let mut seed = 0;
    measure(clients, move || {
        seed += 1;
        let mut client = Client::new(&address, &survey, seed);
        move || client.post()
    })
}

fn kiosk(folder: &Path) -> (Running, String, Definition) {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    let options =
        site::Options { content, theme: None, out: folder.join("site/public"), kiosk: None };
    std::fs::create_dir_all(folder.join("site")).expect("a folder");
    let site = site::build(&options).expect("a build").site.expect("no errors");
    let survey = site.survey("groenne-omraader").expect("the survey").clone();
    let keys = vec![SealSecret::generate().public(), SealSecret::generate().public()];
    let recipients = Recipients { kiosk: "bench".to_owned(), keys };
    let outbox = Arc::new(Outbox::open(folder).expect("an outbox"));
    let app = Arc::new(App::new(
        Options {
            channel: Channel::Kiosk,
            kiosk: None,
            surveys: Vec::new(),
            clock: Arc::new(SystemClock),
            collector: Arc::new(SealedOutbox::new(outbox, Some(recipients))),
            api: None,
        },
        Published { site, versions: Versions::default(), release: String::new() },
    ));
    let handler = app.clone();
    let answer = Arc::new(move |request: &_| handler.answer(request));
    let running = Server::start("127.0.0.1:0", answer, Limits::default()).expect("a server");
    app.allow(Hosts::new(running.address(), &[]));
    let address = running.address().to_string();
    (running, address, survey)
}

/// A browser that keeps its connection and answers again and again.
struct Client {
    stream: BufReader<TcpStream>,
    address: String,
    form: String,
}

impl Client {
    fn new(address: &str, survey: &Definition, seed: u64) -> Client {
        let today = "2026-11-24".to_owned();
        let context = Context { today, channel: "kiosk".to_owned() };
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut fields = sample::fill_in(survey.base(), &context, &mut rng).0;
        fields.push(("_v".to_owned(), survey.version.clone()));
        let form: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("no delay");
        Client { stream: BufReader::new(stream), address: address.to_owned(), form: form.join("&") }
    }

    fn post(&mut self) {
        let body = format!("{}&_id={}", self.form, crypto::hex(&crypto::random::<16>()));
        let request = format!(
            "POST /s/groenne-omraader/ HTTP/1.1\r\nHost: {}\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).expect("sent");
        let (mut status, mut length) = (String::new(), 0);
        self.stream.read_line(&mut status).expect("a status");
        assert!(status.contains(" 303 "), "{status}");
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("a header");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        self.stream.read_exact(&mut vec![0; length]).expect("a body");
    }
}

fn escape(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    value.bytes().map(byte).collect()
}
