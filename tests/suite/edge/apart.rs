//! What concerns a whole process, its descriptors and its memory: the test program starts itself
//! again as a server and attacks from outside.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Resource, Rlimit, setrlimit};

use super::*;

/// Set in the process that is to be the server, to its number of descriptors.
const ROLE: &str = "BORGERPANEL_TEST_SERVER";

/// So few that the test soon has more connections.
const FEW: u64 = 160;

/// What attacks together may add to the server's memory, in bytes.
const GROWTH_MAX: usize = 48 << 20;

#[test]
fn hears_again_after_it_ran_out_of_descriptors() {
    let mut server = Server::start(FEW);
    visit(server.address, "at first");

    let idle: Vec<_> = (0..300).map(|_| connect(server.address)).collect();
    visit(server.address, "more connections than descriptors");
    drop(idle);

    let mut kept: Vec<_> = (0..10).map(|_| connect(server.address)).collect();
    kept.iter_mut().for_each(keep);
    server.say("starve");
    for stream in &mut kept[2..] {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").expect("sent");
    }
    // One or two descriptors are free now: enough for the gate, not for tiny_http behind it.
    drop(kept.drain(..2));
    std::thread::sleep(Duration::from_millis(300));
    for _ in 0..20 {
        // Nobody can be served now; what counts is that the server survives being asked.
        let mut stream = connect(server.address);
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
    std::thread::sleep(Duration::from_millis(300));
    server.say("feed");
    for _ in 0..5 {
        visit(server.address, "after starving");
    }
}

/// Has a connection served once, so that it is kept.
fn keep(stream: &mut TcpStream) {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").expect("sent");
    let mut reply = Vec::new();
    let mut piece = [0; 2048];
    while !reply.ends_with(b"<p>Hej</p>") {
        let count = stream.read(&mut piece).expect("a reply");
        reply.extend_from_slice(&piece[..count]);
    }
}

#[test]
fn the_log_of_a_panic_says_where_and_not_what() {
    let server = Server::start(1000);
    let mut stream = connect(server.address);
    let text = "POST /panic HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    stream.write_all(text.as_bytes()).expect("sent");
    let mut piece = [0; 12];
    stream.read_exact(&mut piece).expect("a status");
    assert_eq!(&piece, b"HTTP/1.1 500");
    let log = std::fs::read_to_string(server.log.path()).expect("the log");
    assert!(log.contains("a handler panicked at ") && log.contains("edge.rs"), "{log}");
    assert!(!log.contains("in confidence") && !log.contains("97"), "{log}");
}

#[test]
fn attacks_do_not_fill_the_memory() {
    let mut server = Server::start(1000);
    visit(server.address, "at first");
    let before = server.memory();

    let mut lazy: Vec<_> = (0..60).map(|_| connect(server.address)).collect();
    for stream in &mut lazy {
        stream.write_all(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n").expect("sent");
    }
    let mut half: Vec<_> = (0..200).map(|_| connect(server.address)).collect();
    for stream in &mut half {
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
        stream.write_all(format!("{head}{}", "a".repeat(30_000)).as_bytes()).expect("sent");
    }
    let huge = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n";
    let mut refused = connect(server.address);
    refused.write_all(huge.as_bytes()).expect("sent");
    assert_eq!(status(&read_all(&mut refused)), 413);
    endless_header(server.address);

    visit(server.address, "attacks on the memory");
    let after = server.memory();
    assert!(after <= before + GROWTH_MAX, "{before} bytes grew to {after}");
}

/// 100 MB of one header line.
fn endless_header(address: SocketAddr) {
    let mut stream = connect(address);
    let mut reader = stream.try_clone().expect("a second handle");
    let reading = std::thread::spawn(move || read_all(&mut reader));
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nX: ").expect("sent");
    let piece = vec![b'a'; 1 << 20];
    let sent = (0..100).take_while(|_| stream.write_all(&piece).is_ok()).count();
    drop(stream);
    assert_eq!(status(&reading.join().expect("read")), 431, "after {sent} MB");
}

/// The server's process; ended when dropped.
struct Server {
    child: Child,
    address: SocketAddr,
    told: BufReader<std::process::ChildStdout>,
    log: tempfile::NamedTempFile,
}

impl Server {
    fn start(descriptors: u64) -> Server {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "edge::apart::is_the_server", "--ignored", "--nocapture"]);
        command.env(ROLE, descriptors.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let log = tempfile::NamedTempFile::new().expect("a log");
        command.stderr(log.reopen().expect("a second handle"));
        let mut child = command.spawn().expect("the server's process");
        let mut told = BufReader::new(child.stdout.take().expect("its output"));
        let address = line(&mut told, "address ").parse().expect("an address");
        Server { child, address, told, log }
    }

    /// Says a word; what it answers.
    fn say(&mut self, word: &str) -> String {
        let mut input = self.child.stdin.as_ref().expect("its input");
        writeln!(input, "{word}").expect("said");
        line(&mut self.told, "done ")
    }

    /// What its memory occupies, in bytes; 0 where the system does not tell.
    fn memory(&mut self) -> usize {
        self.say("memory").parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The rest of the next line that begins so.
fn line(from: &mut impl BufRead, beginning: &str) -> String {
    let mut lines = from.lines().map_while(Result::ok);
    let found = lines
        .find_map(|line| line.find(beginning).map(|at| line[at + beginning.len()..].to_owned()));
    found.expect("the server's process lives")
}

#[test]
#[ignore = "the server's half of the other tests here"]
fn is_the_server() {
    let Some(descriptors) = std::env::var(ROLE).ok().and_then(|text| text.parse().ok()) else {
        return;
    };
    let few = Rlimit { current: Some(descriptors), maximum: Some(descriptors) };
    setrlimit(Resource::Nofile, few).expect("a limit");
    let site = Site::start(Limits::default());
    println!("\naddress {}", site.address());
    let mut eaten = Vec::new();
    for word in std::io::stdin().lines().map_while(Result::ok) {
        match word.as_str() {
            "starve" => eaten.extend(std::iter::from_fn(|| File::open("/dev/null").ok())),
            "feed" => eaten.clear(),
            _ => {}
        }
        println!("done {}", resident_bytes().unwrap_or(0));
    }
}

/// What this process occupies, where the system tells.
fn resident_bytes() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok().map(|kilobytes| kilobytes << 10)
}
