//! What a kiosk with 100 surveys costs before anybody comes: the program's size, the time from its start
//! to the first page, and what it holds while idle. The floor of a start is the program's own `--version`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{building, real};

const SURVEYS: usize = 100;
const PROGRAM: &str = env!("CARGO_BIN_EXE_borgerpanel");

pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    building::generate(&folder.path().join("content"), SURVEYS);
    let bytes = std::fs::metadata(PROGRAM).expect("the program").len();
    println!("a kiosk with {SURVEYS} surveys of 12 questions in 2 languages");
    println!("  the program             {:>8.2} MB", bytes as f64 / 1e6);
    println!("  floor: `--version`      {:>8.1?}", least(9, version));
    let (built, _) = start(folder.path());
    println!("  first start, it builds  {built:>8.1?}");
    let mut idle = 0;
    let again = least(9, || {
        let (took, held) = start(folder.path());
        idle = held;
        took
    });
    println!("  start to first page     {again:>8.1?}  the least of 9");
    println!("  resident while idle     {:>8.1} MB\n", idle as f64 / 1e6);
}

fn least(times: usize, mut took: impl FnMut() -> Duration) -> Duration {
    (0..times).map(|_| took()).min().expect("some")
}

fn version() -> Duration {
    let begun = Instant::now();
    let told = Command::new(PROGRAM).arg("--version").output().expect("it starts");
    assert!(told.status.success());
    begun.elapsed()
}

/// From the program's start to the last byte of the first page, and what it holds a second later.
fn start(folder: &std::path::Path) -> (Duration, usize) {
    let begun = Instant::now();
    let mut child = Command::new(PROGRAM)
        .args(["kiosk", "run", "--listen", "127.0.0.1:0"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut told = BufReader::new(child.stdout.take().expect("piped")).lines();
    let address = loop {
        let line = told.next().expect("it goes on").expect("UTF-8");
        if let Some(address) = line.strip_prefix("listening on http://") {
            break address.to_owned();
        }
    };
    let mut stream = TcpStream::connect(&address).expect("it listens");
    let ask = format!("GET /kiosk/ HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).expect("sent");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("a page");
    let took = begun.elapsed();
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("</html>"));
    std::thread::sleep(Duration::from_secs(1));
    let held = real::standing(child.id()).memory;
    child.kill().expect("ended");
    child.wait().expect("ended");
    (took, held)
}
