//! Clients that cost little: on two cores a lavish one would measure itself. A request is one write of
//! prepared bytes with a fresh id, a reply one read; what they still use is counted and told.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use borgerpanel::response::{Context, sample};
use borgerpanel::survey::Definition;

/// What a number of clients came to.
pub struct Figures {
    /// A second.
    pub rate: f64,
    /// Sorted.
    waits: Vec<Duration>,
    /// The clients' own part of one core.
    pub clients_cpu: f64,
}

impl Figures {
    /// So many of a hundred waited no longer.
    pub fn at(&self, percent: usize) -> Duration {
        self.waits[(self.waits.len() * percent / 100).min(self.waits.len() - 1)]
    }
}

/// Runs `clients` threads of `work` for `span`.
pub fn measure<W: FnMut() + Send + 'static>(
    clients: usize,
    span: Duration,
    mut make: impl FnMut() -> W,
) -> Figures {
    let over = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let threads: Vec<_> = (0..clients)
        .map(|_| {
            let (mut work, over) = (make(), over.clone());
            thread::spawn(move || {
                let mut waits = Vec::with_capacity(1 << 16);
                while !over.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    work();
                    waits.push(begun.elapsed());
                }
                (waits, own_cpu())
            })
        })
        .collect();
    thread::sleep(span);
    over.store(true, Ordering::Relaxed);
    let (mut waits, mut cpu) = (Vec::new(), Duration::ZERO);
    for thread in threads {
        let (own, used) = thread.join().expect("a client");
        waits.extend(own);
        cpu += used;
    }
    let seconds = begun.elapsed().as_secs_f64();
    waits.sort();
    Figures { rate: waits.len() as f64 / seconds, waits, clients_cpu: cpu.as_secs_f64() / seconds }
}

/// What this thread has used of the cores; nothing where the system does not tell.
fn own_cpu() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

/// A browser that keeps its connection and answers again and again.
pub struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    /// Where the id stands.
    id: usize,
    rng: fastrand::Rng,
    reply: Vec<u8>,
}

impl Client {
    /// A form of `survey`, filled in as `seed` would have it.
    pub fn new(address: &str, survey: &Definition, seed: u64) -> Client {
        let context = Context { today: "2026-11-24".to_owned(), channel: "kiosk".to_owned() };
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut fields = sample::fill_in(survey.base(), &context, &mut rng).0;
        fields.push(("_v".to_owned(), survey.version.clone()));
        fields.push(("_id".to_owned(), "0".repeat(32)));
        let form: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        let body = form.join("&");
        let request = format!(
            "POST /s/{}/ HTTP/1.1\r\nHost: {address}\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            survey.slug,
            body.len()
        );
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("no delay");
        let id = request.len() - 32;
        Client { stream, request: request.into_bytes(), id, rng, reply: vec![0; 8192] }
    }

    /// Stores a new answer and reads the thank-you.
    pub fn post(&mut self) {
        let id = format!("{:032x}", self.rng.u128(..));
        self.request[self.id..].copy_from_slice(id.as_bytes());
        self.stream.write_all(&self.request).expect("sent");
        let mut count = 0;
        // A redirect has no body: it ends with its head.
        while !self.reply[..count].ends_with(b"\r\n\r\n") {
            let more = self.stream.read(&mut self.reply[count..]).expect("a reply");
            assert!(more > 0, "it closed");
            count += more;
        }
        let is_thanked = self.reply.starts_with(b"HTTP/1.1 303 ");
        assert!(is_thanked, "{}", String::from_utf8_lossy(&self.reply[..count]));
    }
}

fn escape(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    value.bytes().map(byte).collect()
}
