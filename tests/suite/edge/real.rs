//! A real `borgerpanel kiosk run` in a process of its own, seen from outside: what it answers, and what
//! the system says of it. `benches/figures` looks at the same with the program as it is released.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use borgerpanel::crypto::{self, SealSecret, SigningKey};
use borgerpanel::response::{Context, sample};
use borgerpanel::site::release;
use borgerpanel::store::record::CentralId;
use borgerpanel::sync::enrol::{Admission, Enrolment, own_key};

/// How long a fresh visitor may wait, whatever else goes on.
pub const VISITOR: Duration = Duration::from_secs(3);

/// The most the process may ever occupy, in bytes. Unoptimised, the program's own text is 20 MB more, and
/// each of two thousand stacks is twice as deep.
pub const MEMORY_MAX: usize = if cfg!(debug_assertions) { 112 << 20 } else { 64 << 20 };

const SURVEY: &str = "groenne-omraader";

/// A kiosk that is enrolled at a central that cannot be reached.
pub struct Kiosk {
    child: Ended,
    pub address: SocketAddr,
    /// A filled-in form, without its id.
    form: String,
    log: tempfile::NamedTempFile,
    _folder: Option<tempfile::TempDir>,
}

/// What a process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Resident, in bytes.
    pub memory: usize,
    pub threads: usize,
    pub files: usize,
}

impl Kiosk {
    /// Starts it with the shipped content and at most so many descriptors.
    pub fn start(descriptors: u64) -> Kiosk {
        let folder = tempfile::tempdir().expect("a folder");
        enrol(folder.path(), "http://127.0.0.1:9");
        let kiosk = Kiosk::start_at(folder.path(), descriptors);
        Kiosk { _folder: Some(folder), ..kiosk }
    }

    /// The same in a folder of somebody else's, which holds an enrolment already.
    pub fn start_at(folder: &Path, descriptors: u64) -> Kiosk {
        let log = tempfile::NamedTempFile::new().expect("a log");
        let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
        // The shell sets the limit and becomes the program.
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -n {descriptors}; exec \"$0\" \"$@\"")])
            .arg(env!("CARGO_BIN_EXE_borgerpanel"))
            .args(["kiosk", "run", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .arg("--content")
            .arg(content)
            .stdout(Stdio::piped())
            .stderr(log.reopen().expect("a second handle"))
            .spawn()
            .expect("the program starts");
        let mut told = BufReader::new(child.stdout.take().expect("piped")).lines();
        let address = loop {
            let line = told.next().expect("a line before the end").expect("UTF-8");
            if let Some(address) = line.strip_prefix("listening on http://") {
                break address.parse().expect("an address");
            }
        };
        let site = folder.join("site");
        let site = release::open(&site.join("public.release"), &site.join("public"));
        let site = site.expect("the site it built");
        let survey = site.survey(SURVEY).expect("the survey");
        let context = Context { today: "2026-11-24".to_owned(), channel: "kiosk".to_owned() };
        let mut rng = fastrand::Rng::with_seed(5);
        let mut fields = sample::fill_in(survey.base(), &context, &mut rng).0;
        fields.push(("_v".to_owned(), survey.version.clone()));
        Kiosk { child: Ended(child), address, form: encode(&fields), log, _folder: None }
    }

    /// A visitor who comes now gets a page and stores an answer, each on a new connection and soon.
    pub fn visit(&self, during: &str) {
        let page = self.timed(during, || self.get(&format!("/s/{SURVEY}/")));
        assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("</html>"), "{during}: {page}");
        let reply = self.timed(during, || self.post());
        assert!(reply.starts_with("HTTP/1.1 303 "), "{during}: {reply}");
    }

    fn timed(&self, during: &str, ask: impl FnOnce() -> String) -> String {
        let begun = Instant::now();
        let reply = ask();
        assert!(begun.elapsed() < VISITOR, "{during}: a visitor waited {:?}", begun.elapsed());
        reply
    }

    /// A page on a connection of its own.
    pub fn get(&self, path: &str) -> String {
        let host = self.address;
        self.ask(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    }

    /// A new answer on a connection of its own.
    pub fn post(&self) -> String {
        self.ask(self.posting("Connection: close\r\n"))
    }

    /// The request that stores a new answer.
    pub fn posting(&self, lines: &str) -> String {
        let body = format!("{}&_id={}", self.form, crypto::hex(&crypto::random::<16>()));
        let (host, length) = (self.address, body.len());
        format!(
            "POST /s/{SURVEY}/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n{lines}\r\n{body}"
        )
    }

    /// Sends `text` and reads until the kiosk closes.
    pub fn ask(&self, text: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect();
        // Refused early, the rest finds nobody who reads it.
        let _ = stream.write_all(text.as_ref());
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        String::from_utf8_lossy(&reply).into_owned()
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(15))).expect("a timeout");
        stream.set_write_timeout(Some(Duration::from_secs(5))).expect("a timeout");
        stream
    }

    pub fn standing(&self) -> Standing {
        standing(self.child.0.id())
    }

    /// The most memory it has had since its start, in bytes.
    pub fn peak(&self) -> usize {
        of_status(self.child.0.id(), "VmHWM:") << 10
    }

    /// Waits until it holds no more threads and files than `before`; what it holds then.
    pub fn settle(&self, before: Standing) -> Standing {
        let begun = Instant::now();
        loop {
            let now = self.standing();
            let is_back = now.threads <= before.threads + 1 && now.files <= before.files + 2;
            if is_back || begun.elapsed() > Duration::from_secs(30) {
                assert!(is_back, "{before:?} has become {now:?}");
                return now;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What it has complained about.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log.path()).expect("the log")
    }
}

/// A program that is ended when nobody needs it any more.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Makes `folder` a kiosk's that is enrolled at a central nobody runs.
fn enrol(folder: &Path, central: &str) {
    own_key(folder).expect("a key");
    let keys = [SealSecret::generate(), SealSecret::generate()];
    let admission = Admission {
        v: 1,
        central_id: CentralId(crypto::random()),
        kiosk: "torvet".to_owned(),
        verifying_key: SigningKey::generate().verifying(),
        seal_keys: keys.iter().map(SealSecret::public).collect(),
    };
    let enrolled = "2026-11-23T10:00:00Z".to_owned();
    let enrolment = Enrolment { central: central.to_owned(), admission, enrolled };
    enrolment.save(folder).expect("saved");
}

/// What the process of this number holds, as Linux tells.
pub fn standing(pid: u32) -> Standing {
    let files = fs::read_dir(format!("/proc/{pid}/fd")).expect("a process").count();
    let of = |what| of_status(pid, what);
    Standing { memory: of("VmRSS:") << 10, threads: of("Threads:"), files }
}

fn of_status(pid: u32, what: &str) -> usize {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = text.lines().find_map(|line| line.strip_prefix(what)).expect("a figure");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

fn encode(fields: &[(String, String)]) -> String {
    let escape =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}
