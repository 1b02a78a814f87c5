//! A mail server for tests: real SMTP on a port of this machine, with STARTTLS and logging in where a
//! test wants them. It keeps what it took, and misbehaves where it is told to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The root that a client has to trust for a server of [`Manners::encrypts`].
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/mail/ca.pem");
const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/mail/server.pem");
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/mail/server.key");

/// A mail that was taken: its receipt was written, if perhaps never read.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The envelope's.
    pub from: String,
    pub to: String,
    /// As it came, dots taken back, lines ending in CRLF.
    pub raw: String,
}

impl Mail {
    /// A header, decoded; empty where there is none.
    pub fn header(&self, name: &str) -> String {
        let (head, _) = self.raw.split_once("\r\n\r\n").unwrap_or((&self.raw, ""));
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let value = head.split("\r\n").find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        decoded_words(&value.unwrap_or_default())
    }

    pub fn subject(&self) -> String {
        self.header("Subject")
    }

    /// The part without markup.
    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    pub fn html(&self) -> String {
        self.part("text/html")
    }

    /// Every web address of the plain text, in its order.
    pub fn links(&self) -> Vec<String> {
        let text = self.text();
        let words = text.split_whitespace().filter_map(|word| Some(&word[word.find("http")?..]));
        words.map(|word| word.trim_end_matches([')', '.', ',', '>']).to_owned()).collect()
    }

    fn part(&self, kind: &str) -> String {
        let boundary = self.raw.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next());
        let boundary = format!("\r\n--{}", boundary.expect("a mail of several parts"));
        let mut parts = self.raw.split(&boundary).skip(1);
        let part = parts.find_map(|part| {
            let (head, body) = part.split_once("\r\n\r\n")?;
            head.contains(kind).then_some(body)
        });
        let bytes = unquoted(part.unwrap_or_else(|| panic!("no {kind} in {}", self.raw)));
        String::from_utf8(bytes).expect("UTF-8").replace("\r\n", "\n")
    }
}

fn decoded_words(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.replace("?= =?utf-8?q?", "");
    while let Some(at) = rest.find("=?utf-8?q?") {
        let after = rest[at + 10..].to_owned();
        let (word, tail) = after.split_once("?=").expect("a word ends");
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        bytes.extend(unquoted(&word.replace('_', " ")));
        rest = tail.to_owned();
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).expect("UTF-8")
}

fn unquoted(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'=' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(&tail[..2]).expect("two digits");
        bytes.push(u8::from_str_radix(digits, 16).expect("hex"));
        rest = &tail[2..];
    }
    bytes
}

/// Where a connection can be cut or slowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Before the greeting.
    Greeting,
    Hello,
    Mail,
    Rcpt,
    /// DATA was said, and is not answered.
    Data,
    /// Some of the mail came.
    Body,
    /// The whole mail came and is thrown away.
    Lost,
    /// The whole mail was taken, and the receipt is not written.
    Kept,
}

pub const STEPS: [Step; 8] = [
    Step::Greeting,
    Step::Hello,
    Step::Mail,
    Step::Rcpt,
    Step::Data,
    Step::Body,
    Step::Lost,
    Step::Kept,
];

/// How the server behaves. The default takes everything, in plain text.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    /// Answers by address and by what was asked: `550 5.1.1 no such user`.
    pub answers: BTreeMap<String, String>,
    /// Addresses that are told `451 4.7.1` so many times.
    pub not_yet: BTreeMap<String, usize>,
    /// Cuts the connection at a step, so many times, after so many mails.
    pub cut: Option<Cut>,
    pub slow: Option<(Step, Duration)>,
    /// Offers STARTTLS, and takes no mail without.
    pub encrypts: bool,
    /// Is encrypted from the first byte.
    pub at_once: bool,
    /// Says "go ahead" to STARTTLS with another reply behind it, as one who sits between would.
    pub slips_in: bool,
    /// Who has to log in, and how.
    pub login: Option<(String, String)>,
    /// Knows AUTH LOGIN alone, as old servers do.
    pub asks_in_turn: bool,
    /// Answers of commands by their first word, instead of the usual: `MAIL` → `550 no`.
    pub says: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy)]
pub struct Cut {
    pub at: Step,
    pub after: usize,
    pub times: usize,
}

#[derive(Debug, Default)]
struct State {
    manners: Manners,
    mails: Vec<Mail>,
    connections: usize,
    logins: BTreeSet<String>,
    encrypted: usize,
}

/// A running server. It ends with the test.
pub struct Postbox {
    pub port: u16,
    state: Arc<Mutex<State>>,
    is_over: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Postbox {
    /// A server that takes everything.
    pub fn open() -> Postbox {
        Postbox::with(Manners::default())
    }

    pub fn with(manners: Manners) -> Postbox {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("an option");
        let port = listener.local_addr().expect("its address").port();
        let state = Arc::new(Mutex::new(State { manners, ..State::default() }));
        let is_over = Arc::new(AtomicBool::new(false));
        let (own, over) = (Arc::clone(&state), Arc::clone(&is_over));
        let thread = thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                match listener.accept() {
                    Ok((tcp, _)) => {
                        let own = Arc::clone(&own);
                        thread::spawn(move || Talk::serve(&own, tcp));
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        thread::sleep(Duration::from_millis(2));
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        });
        Postbox { port, state, is_over, thread: Some(thread) }
    }

    /// Behaves otherwise from now on; what it has stays.
    pub fn behave(&self, manners: Manners) {
        self.lock().manners = manners;
    }

    /// What it took, in the order it came.
    pub fn mails(&self) -> Vec<Mail> {
        self.lock().mails.clone()
    }

    /// Waits until it has so many, at most half a minute.
    pub fn wait_for(&self, count: usize) -> Vec<Mail> {
        let end = Instant::now() + Duration::from_secs(30);
        while self.lock().mails.len() < count {
            assert!(Instant::now() < end, "{} mails, not {count}", self.lock().mails.len());
            thread::sleep(Duration::from_millis(5));
        }
        self.mails()
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.lock().connections
    }

    /// Who logged in.
    pub fn logins(&self) -> BTreeSet<String> {
        self.lock().logins.clone()
    }

    /// How many connections were encrypted.
    pub fn encrypted(&self) -> usize {
        self.lock().encrypted
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }
}

impl Drop for Postbox {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

trait Line: Read + Write + Send {}
impl<T: Read + Write + Send> Line for T {}

/// One connection.
struct Talk<'a> {
    state: &'a Mutex<State>,
    line: BufReader<Box<dyn Line>>,
    tcp: TcpStream,
    is_encrypted: bool,
    is_known: bool,
    from: Option<String>,
    to: Option<String>,
}

/// The connection is over.
struct Over;

type Go = Result<(), Over>;

impl Talk<'_> {
    fn serve(state: &Mutex<State>, tcp: TcpStream) {
        tcp.set_nonblocking(false).expect("an option");
        tcp.set_nodelay(true).expect("an option");
        tcp.set_read_timeout(Some(Duration::from_secs(60))).expect("an option");
        state.lock().expect("no panic").connections += 1;
        let line: Box<dyn Line> = Box::new(tcp.try_clone().expect("a socket"));
        let line = BufReader::new(line);
        let mut talk =
            Talk { state, line, tcp, is_encrypted: false, is_known: false, from: None, to: None };
        let _ = talk.run();
        let _ = talk.tcp.shutdown(Shutdown::Both);
    }

    fn manners(&self) -> Manners {
        self.state.lock().expect("no panic").manners.clone()
    }

    /// What a step brings with it: waiting, or the end.
    fn pass(&self, step: Step) -> Go {
        if let Some((at, pause)) = self.manners().slow
            && at == step
        {
            thread::sleep(pause);
        }
        let mut state = self.state.lock().expect("no panic");
        let taken = state.mails.len();
        match &mut state.manners.cut {
            Some(cut) if cut.at == step && cut.times > 0 && taken >= cut.after => {
                cut.times -= 1;
                Err(Over)
            }
            _ => Ok(()),
        }
    }

    fn say(&mut self, reply: &str) -> Go {
        let line = self.line.get_mut();
        line.write_all(format!("{reply}\r\n").as_bytes())
            .and_then(|()| line.flush())
            .map_err(|_| Over)
    }

    fn hear(&mut self) -> Result<String, Over> {
        let mut bytes = Vec::new();
        match self.line.read_until(b'\n', &mut bytes) {
            Ok(_) if bytes.ends_with(b"\r\n") => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            _ => Err(Over),
        }
    }

    fn run(&mut self) -> Go {
        if self.manners().at_once {
            self.shake_hands()?;
        }
        self.pass(Step::Greeting)?;
        self.say("220 postbox ESMTP")?;
        loop {
            let heard = self.hear()?;
            let command = heard.trim_end();
            let word = command.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            if let Some(said) = self.manners().says.get(&word) {
                self.say(said)?;
                continue;
            }
            match word.as_str() {
                "EHLO" => self.hello()?,
                "STARTTLS" => self.encrypt()?,
                "AUTH" => self.log_in(command)?,
                "MAIL" => self.mail(command)?,
                "RCPT" => self.rcpt(command)?,
                "DATA" => self.data()?,
                "RSET" => {
                    (self.from, self.to) = (None, None);
                    self.say("250 2.0.0 forgotten")?;
                }
                "QUIT" => {
                    self.say("221 2.0.0 goodbye")?;
                    return Err(Over);
                }
                _ => self.say("500 5.5.2 what?")?,
            }
        }
    }

    fn hello(&mut self) -> Go {
        self.pass(Step::Hello)?;
        let manners = self.manners();
        let mut lines = vec!["postbox", "8BITMIME", "ENHANCEDSTATUSCODES"];
        if manners.encrypts && !self.is_encrypted {
            lines.push("STARTTLS");
        } else if manners.login.is_some() {
            lines.push(if manners.asks_in_turn { "AUTH LOGIN" } else { "AUTH LOGIN PLAIN" });
        }
        let last = lines.pop().expect("three at least");
        for line in lines {
            self.say(&format!("250-{line}"))?;
        }
        self.say(&format!("250 {last}"))
    }

    fn encrypt(&mut self) -> Go {
        if !self.manners().encrypts || self.is_encrypted {
            return self.say("503 5.5.1 not here");
        }
        if self.manners().slips_in {
            return self.say("220 2.0.0 go ahead\r\n250 AUTH PLAIN");
        }
        self.say("220 2.0.0 go ahead")?;
        self.shake_hands()
    }

    fn shake_hands(&mut self) -> Go {
        let certificates = CertificateDer::pem_file_iter(CERTIFICATE).expect("a file");
        let certificates = certificates.map(|one| one.expect("a certificate")).collect();
        let key = PrivateKeyDer::from_pem_file(KEY).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .expect("they belong together");
        let mut tls = ServerConnection::new(Arc::new(config)).expect("a configuration");
        let mut tcp = self.tcp.try_clone().expect("a socket");
        while tls.is_handshaking() {
            tls.complete_io(&mut tcp).map_err(|_| Over)?;
        }
        self.line = BufReader::new(Box::new(StreamOwned::new(tls, tcp)));
        self.is_encrypted = true;
        self.state.lock().expect("no panic").encrypted += 1;
        Ok(())
    }

    fn log_in(&mut self, command: &str) -> Go {
        let manners = self.manners();
        let Some((user, password)) = manners.login else { return self.say("503 5.5.1 not here") };
        if manners.encrypts && !self.is_encrypted {
            return self.say("538 5.7.11 encrypt first");
        }
        let given = if manners.asks_in_turn {
            let given = [self.ask("VXNlcm5hbWU6")?, self.ask("UGFzc3dvcmQ6")?];
            command == "AUTH LOGIN" && given == [user.as_bytes(), password.as_bytes()]
        } else {
            let right = format!("\0{user}\0{password}");
            let given = command.strip_prefix("AUTH PLAIN ").map(unbased);
            given.as_deref() == Some(right.as_bytes())
        };
        if !given {
            return self.say("535 5.7.8 wrong name or password");
        }
        self.is_known = true;
        self.state.lock().expect("no panic").logins.insert(user);
        self.say("235 2.7.0 welcome")
    }

    /// One question of AUTH LOGIN.
    fn ask(&mut self, question: &str) -> Result<Vec<u8>, Over> {
        self.say(&format!("334 {question}"))?;
        Ok(unbased(self.hear()?.trim_end()))
    }

    fn mail(&mut self, command: &str) -> Go {
        self.pass(Step::Mail)?;
        let manners = self.manners();
        if manners.encrypts && !self.is_encrypted {
            return self.say("530 5.7.0 encrypt first");
        }
        if manners.login.is_some() && !self.is_known {
            return self.say("530 5.7.0 log in first");
        }
        self.from = between(command);
        match self.from {
            Some(_) => self.say("250 2.1.0 sender"),
            None => self.say("501 5.5.4 MAIL FROM:<address>"),
        }
    }

    fn rcpt(&mut self, command: &str) -> Go {
        self.pass(Step::Rcpt)?;
        let Some(to) = between(command).filter(|_| self.from.is_some()) else {
            return self.say("503 5.5.1 who is it from?");
        };
        let not_yet = {
            let mut state = self.state.lock().expect("no panic");
            let left = state.manners.not_yet.get_mut(&to).filter(|left| **left > 0);
            left.map(|left| *left -= 1).is_some()
        };
        if not_yet {
            return self.say("451 4.7.1 come back later");
        }
        if let Some(answer) = self.manners().answers.get(&to) {
            return self.say(answer);
        }
        self.to = Some(to);
        self.say("250 2.1.5 recipient")
    }

    fn data(&mut self) -> Go {
        self.pass(Step::Data)?;
        let (Some(from), Some(to)) = (self.from.take(), self.to.take()) else {
            return self.say("503 5.5.1 to whom?");
        };
        self.say("354 go ahead")?;
        let mut raw = String::new();
        loop {
            let line = self.hear()?;
            if line == ".\r\n" {
                break;
            }
            self.pass(Step::Body)?;
            raw.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        self.pass(Step::Lost)?;
        self.state.lock().expect("no panic").mails.push(Mail { from, to, raw });
        self.pass(Step::Kept)?;
        self.say("250 2.0.0 taken")
    }
}

fn between(command: &str) -> Option<String> {
    let (_, rest) = command.split_once('<')?;
    rest.split_once('>').map(|(address, _)| address.to_owned())
}

fn unbased(text: &str) -> Vec<u8> {
    let value = |sign: u8| match sign {
        b'A'..=b'Z' => u32::from(sign - b'A'),
        b'a'..=b'z' => u32::from(sign - b'a') + 26,
        b'0'..=b'9' => u32::from(sign - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let bits =
            four.iter().fold(0, |bits, sign| bits << 6 | value(*sign)) << (6 * (4 - four.len()));
        bytes.extend(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}
