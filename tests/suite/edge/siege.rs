//! Every attack of the design against a real kiosk: a visitor who comes in the middle of it is served
//! and stores an answer, the memory stays bounded, nothing panics, and afterwards nothing is held.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;

use super::real::{Kiosk, MEMORY_MAX, Standing};

/// Connections of one attack; a kiosk takes two thousand at a time.
const MANY: usize = 2_000;

/// Visits while an attack lasts.
const VISITS: usize = 2;

type Attack = fn(&Kiosk) -> Vec<TcpStream>;

/// Each gives the connections that are to stay while visitors come.
const ATTACKS: &[(&str, Attack)] = &[
    ("2,000 idle connections", |kiosk| many(kiosk, MANY, b"")),
    ("2,000 heads that never end", |kiosk| many(kiosk, MANY, b"GET / HTTP/1.1\r\nHost: a\r\nX: ")),
    ("500 heads of nearly 16 KB", |kiosk| {
        let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "a".repeat(16_000));
        many(kiosk, 500, head.as_bytes())
    }),
    ("2,000 bodies that were only begun", |kiosk| many(kiosk, MANY, half(1_000_000, 4).as_bytes())),
    ("300 half bodies of 1 MB", |kiosk| many(kiosk, 300, half(1_000_000, 60_000).as_bytes())),
    ("60 bodies of which a byte is missing", |kiosk| {
        many(kiosk, 60, half(1_000_000, 999_999).as_bytes())
    }),
    ("300 clients that ask 40 times and never read", |kiosk| {
        let host = kiosk.address;
        let page = format!("GET /s/groenne-omraader/ HTTP/1.1\r\nHost: {host}\r\n\r\n");
        many(kiosk, 300, page.repeat(40).as_bytes())
    }),
    ("announced lengths beyond all limits", |kiosk| {
        let huge = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n";
        for _ in 0..50 {
            assert!(kiosk.ask(huge).starts_with("HTTP/1.1 413 "));
        }
        many(kiosk, 200, huge.as_bytes())
    }),
    ("a header line of 100 MB", |kiosk| vec![endless_header(kiosk)]),
    ("3,000 times sent and reset", |kiosk| send_and_reset(kiosk, 3_000)),
    ("500 connections of noise", |kiosk| {
        let mut rng = fastrand::Rng::with_seed(7);
        (0..500)
            .map(|_| {
                let noise: Vec<u8> = (0..rng.usize(1..3_000)).map(|_| rng.u8(..)).collect();
                one(kiosk, &noise)
            })
            .collect()
    }),
];

/// Runs every attack, one after the other; what the kiosk held before and after, and its peak.
pub fn lay(kiosk: &Kiosk, tell: impl Fn(&str, Duration, usize)) -> (Standing, Standing, usize) {
    for _ in 0..50 {
        kiosk.visit("before");
    }
    std::thread::sleep(Duration::from_millis(300));
    let before = kiosk.standing();
    for (name, attack) in ATTACKS {
        let held = attack(kiosk);
        let mut longest = Duration::ZERO;
        for _ in 0..VISITS {
            let begun = Instant::now();
            kiosk.visit(name);
            longest = longest.max(begun.elapsed());
        }
        drop(held);
        tell(name, longest, kiosk.peak());
        assert!(kiosk.peak() < MEMORY_MAX, "{name}: {} bytes of memory", kiosk.peak());
    }
    let after = kiosk.settle(before);
    let log = kiosk.log();
    assert!(!log.contains("panicked") && !log.contains("opened anew"), "{log}");
    (before, after, kiosk.peak())
}

#[test]
fn a_real_kiosk_serves_its_visitors_through_every_attack() {
    let kiosk = Kiosk::start(4_096);
    let (before, after, peak) = lay(&kiosk, |name, longest, peak| {
        println!("{name}: a visit took at most {longest:.0?}, peak {} MB", peak >> 20);
    });
    println!("before {before:?}, after {after:?}, peak {} MB", peak >> 20);
}

#[test]
fn a_real_kiosk_with_few_descriptors_is_well_again() {
    let kiosk = Kiosk::start(160);
    kiosk.visit("at first");
    let before = kiosk.standing();
    let held = many(&kiosk, 400, b"GET / HTTP/1.1\r\nHost: a\r\n");
    kiosk.visit("more connections than descriptors");
    drop(held);
    for _ in 0..5 {
        kiosk.visit("afterwards");
    }
    kiosk.settle(before);
    assert!(!kiosk.log().contains("panicked"), "{}", kiosk.log());
}

fn many(kiosk: &Kiosk, count: usize, text: &[u8]) -> Vec<TcpStream> {
    (0..count).map(|_| one(kiosk, text)).collect()
}

/// What does not fit into the buffers is not sent: the attacker does not wait.
fn one(kiosk: &Kiosk, text: &[u8]) -> TcpStream {
    let mut stream = kiosk.connect();
    stream.set_nonblocking(true).expect("no waiting");
    let _ = stream.write(text);
    stream
}

fn half(length: usize, sent: usize) -> String {
    let head = "POST /s/groenne-omraader/ HTTP/1.1\r\nHost: a\r\nContent-Length: ";
    format!("{head}{length}\r\n\r\n{}", "a".repeat(sent))
}

fn endless_header(kiosk: &Kiosk) -> TcpStream {
    let mut stream = kiosk.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nX: ").expect("sent");
    let piece = vec![b'a'; 1 << 20];
    // It is cut at 16 KB, and the rest is read for two seconds at most.
    let sent = (0..100).take_while(|_| stream.write_all(&piece).is_ok()).count();
    let mut reply = [0; 12];
    let told = stream.read_exact(&mut reply).is_ok();
    assert!(!told || &reply == b"HTTP/1.1 431", "after {sent} MB");
    stream
}

fn send_and_reset(kiosk: &Kiosk, count: usize) -> Vec<TcpStream> {
    let host = kiosk.address;
    let page = format!("GET /s/groenne-omraader/ HTTP/1.1\r\nHost: {host}\r\n\r\n");
    for round in 0..count {
        let mut stream = kiosk.connect();
        // Lingering for no time makes closing a reset.
        set_socket_linger(&stream, Some(Duration::ZERO)).expect("an option");
        let text = match round % 3 {
            0 => page.clone(),
            1 => kiosk.posting(""),
            _ => half(1_000, 10),
        };
        let _ = stream.write_all(text.as_bytes());
    }
    Vec::new()
}
