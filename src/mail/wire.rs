//! The line to a mail server: bytes, encrypted or not, with a deadline for each command, and replies
//! read from them. What a server sends is measured before it is kept.

use std::fmt;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// The longest line of a reply (RFC 5321, 4.5.3.1.5 has 512 octets; some servers are talkative), and the
/// most lines of one.
const LINE_MAX: u64 = 4096;
const LINES_MAX: usize = 100;

/// A socket that gives up at a moment, however slowly the other side drips.
#[derive(Debug)]
struct Timed {
    tcp: TcpStream,
    deadline: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl Read for Timed {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.tcp.set_read_timeout(Some(self.left()?))?;
        self.tcp.read(bytes)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.tcp.set_write_timeout(Some(self.left()?))?;
        self.tcp.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

#[derive(Debug)]
enum Stream {
    Plain(Timed),
    Encrypted(Box<StreamOwned<ClientConnection, Timed>>),
}

impl Stream {
    fn timed(&mut self) -> &mut Timed {
        match self {
            Stream::Plain(timed) => timed,
            Stream::Encrypted(tls) => &mut tls.sock,
        }
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(timed) => timed.read(bytes),
            Stream::Encrypted(tls) => tls.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(timed) => timed.write(bytes),
            Stream::Encrypted(tls) => tls.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Plain(timed) => timed.flush(),
            Stream::Encrypted(tls) => tls.flush(),
        }
    }
}

/// Why a line could not be encrypted.
pub enum TlsError {
    /// The connection broke.
    Io(io::Error),
    /// The extra roots are none.
    Roots(String),
    /// The host is no name.
    Name,
    /// The other side is not who it should be, or speaks something else.
    Refused(String),
}

/// A line to a mail server.
#[derive(Debug)]
pub struct Wire {
    stream: BufReader<Stream>,
}

impl Wire {
    /// A line that is not encrypted.
    pub fn plain(tcp: TcpStream, patience: Duration) -> io::Result<Wire> {
        // Commands are short and each waits for its reply.
        tcp.set_nodelay(true)?;
        let timed = Timed { tcp, deadline: Instant::now() + patience };
        Ok(Wire { stream: BufReader::new(Stream::Plain(timed)) })
    }

    /// The same line, encrypted, to a server that proved to be `host`.
    pub fn encrypted(
        self,
        host: &str,
        roots: Option<&[u8]>,
        patience: Duration,
    ) -> Result<Wire, TlsError> {
        let Stream::Plain(mut timed) = self.stream.into_inner() else {
            return Err(TlsError::Refused("it is encrypted already".to_owned()));
        };
        timed.deadline = Instant::now() + patience;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| TlsError::Name)?;
        let config = tls_config(roots)?;
        let refused = |error: rustls::Error| TlsError::Refused(error.to_string());
        let connection = ClientConnection::new(Arc::new(config), name).map_err(refused)?;
        let mut tls = StreamOwned::new(connection, timed);
        while tls.conn.is_handshaking() {
            tls.conn.complete_io(&mut tls.sock).map_err(tls_error)?;
        }
        Ok(Wire { stream: BufReader::new(Stream::Encrypted(Box::new(tls))) })
    }

    /// Whether the other side said something that nobody asked for.
    pub fn has_more(&self) -> bool {
        !self.stream.buffer().is_empty()
    }

    /// This machine, as a server may call it: its address, since it may have no name (RFC 5321, 4.1.3).
    pub fn own_name(&mut self) -> String {
        let address = self.stream.get_mut().timed().tcp.local_addr();
        match address.map(|address| address.ip()) {
            Ok(IpAddr::V4(ip)) => format!("[{ip}]"),
            Ok(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
            Err(_) => "[127.0.0.1]".to_owned(),
        }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8], patience: Duration) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.timed().deadline = Instant::now() + patience;
        stream.write_all(bytes)?;
        stream.flush()
    }

    /// Sends a command and reads the reply.
    pub fn ask(&mut self, command: &str, patience: Duration) -> io::Result<Reply> {
        debug_assert!(!command.contains(['\r', '\n']), "fields are checked before they come here");
        self.send(format!("{command}\r\n").as_bytes(), patience)?;
        self.reply(patience)
    }

    /// Reads one reply, of one line or several.
    pub fn reply(&mut self, patience: Duration) -> io::Result<Reply> {
        self.stream.get_mut().timed().deadline = Instant::now() + patience;
        let mut lines = Vec::new();
        while lines.len() < LINES_MAX {
            let line = self.line()?;
            let goes_on = line.as_bytes().get(3) == Some(&b'-');
            lines.push(line);
            if !goes_on {
                return Reply::parse(&lines).ok_or_else(|| ErrorKind::InvalidData.into());
            }
        }
        Err(ErrorKind::InvalidData.into())
    }

    fn line(&mut self) -> io::Result<String> {
        let mut bytes = Vec::new();
        (&mut self.stream).take(LINE_MAX).read_until(b'\n', &mut bytes)?;
        match bytes.last() {
            Some(b'\n') => Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned()),
            _ if bytes.len() as u64 == LINE_MAX => Err(ErrorKind::InvalidData.into()),
            _ => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// A failure of the line in words.
pub fn told(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => {
            "the mail server did not answer in time".to_owned()
        }
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => "the mail server hung up".to_owned(),
        ErrorKind::InvalidData => "the mail server says what is not SMTP".to_owned(),
        _ => format!("the connection to the mail server broke: {error}"),
    }
}

fn tls_error(error: io::Error) -> TlsError {
    // rustls puts its own errors into one of these.
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(inner) => TlsError::Refused(inner.to_string()),
        None => TlsError::Io(error),
    }
}

fn tls_config(extra: Option<&[u8]>) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra {
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| TlsError::Roots(error.to_string()))?;
            roots.add(certificate).map_err(|error| TlsError::Roots(error.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(TlsError::Roots("there is none in it".to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Refused(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// What a server replied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub code: u16,
    /// The finer code of RFC 3463, as in `5.1.1`, where it gives one.
    pub finer: Option<(u16, u16, u16)>,
    /// Its words, line by line, without the code.
    pub lines: Vec<String>,
}

impl Reply {
    /// A reply of these lines; none where they are not SMTP's.
    pub fn parse(lines: &[String]) -> Option<Reply> {
        let code =
            |line: &str| line.get(..3)?.parse::<u16>().ok().filter(|c| (200..600).contains(c));
        let first = code(lines.first()?)?;
        if lines.iter().any(|line| code(line) != Some(first)) {
            return None;
        }
        // Its words end up on staff's terminal.
        let words = |line: &String| {
            let words = line.get(4..).unwrap_or_default();
            words.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect::<String>()
        };
        let lines: Vec<String> = lines.iter().map(words).collect();
        let finer = finer_code(lines.first()?).filter(|(class, ..)| *class == first / 100);
        Some(Reply { code: first, finer, lines })
    }

    /// 2xx.
    pub fn is_fine(&self) -> bool {
        (200..300).contains(&self.code)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.lines.join(" ");
        let cut: String = words.chars().take(300).collect();
        write!(f, "{} {}", self.code, cut.trim())
    }
}

/// A status code of RFC 3463 that a text begins with.
pub fn finer_code(text: &str) -> Option<(u16, u16, u16)> {
    let word = text.split_whitespace().next()?;
    let mut parts = word.split('.').map(|part| part.parse().ok());
    let code = (parts.next()??, parts.next()??, parts.next()??);
    (parts.next().is_none() && matches!(code.0, 2 | 4 | 5)).then_some(code)
}

/// A mail on its way: a dot that begins a line is doubled (RFC 5321, 4.5.2). It ends with a line's end.
pub fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 16);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Base64 (RFC 4648, 4), for logging in.
pub fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= three.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read_whole_or_not_at_all() {
        let parse = |lines: &[&str]| {
            Reply::parse(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
        };
        let reply = parse(&["550-5.1.1 no such", "550 5.1.1 user"]).expect("a reply");
        assert_eq!((reply.code, reply.finer), (550, Some((5, 1, 1))));
        assert_eq!(reply.to_string(), "550 5.1.1 no such 5.1.1 user");
        assert_eq!(parse(&["250 4.1.1 odd"]).expect("a reply").finer, None);
        for wrong in [&["hello"][..], &["99 a"], &["250-a", "550 b"], &["HTTP/1.1 400"], &["æ50 a"]]
        {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_dot_at_the_beginning_of_a_line_is_doubled() {
        assert_eq!(stuffed(b".\r\na.b\r\n..c"), b"..\r\na.b\r\n...c\r\n");
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        // RFC 4648, 10.
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
