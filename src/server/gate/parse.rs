//! A request's head, strictly: pure bytes in, a clean [`Head`] or a [`Refusal`] out.
//!
//! What is lenient elsewhere is where requests are smuggled, so everything that two readers could
//! understand in two ways is refused: bare line feeds, several or odd lengths, transfer codings,
//! absolute addresses, a missing or second `Host`. [`find_end`] looks for the end of the head as it
//! arrives and refuses what can no longer become good; [`parse`] then reads it whole.

use std::net::IpAddr;

use super::refusal::Refusal;
use crate::server::http::Method;

/// The head's greatest length in bytes, blank line included.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;

/// The address's greatest length in bytes.
pub const TARGET_BYTES_MAX: usize = 8 * 1024;

/// A request line must have ended by then: the address, a method and a version.
const LINE_BYTES_MAX: usize = TARGET_BYTES_MAX + 32;

/// The most header lines.
pub const HEADERS_MAX: usize = 64;

/// The gate's own header names; a client's are dropped.
pub const OWN_PREFIX: &str = "x-gate-";

/// Headers between a client and the next hop alone, or that the gate has taken care of.
const DROPPED: [&str; 13] = [
    "connection",
    "content-length",
    "expect",
    "forwarded",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "x-forwarded-for",
    "x-real-ip",
];

/// A head that may be handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub method: Method,
    /// Path and query as they came: ASCII without spaces, beginning with `/`.
    pub target: String,
    /// Whether the client wants the connection kept.
    pub keep_alive: bool,
    /// False for HTTP/1.0, which knows no chunks.
    pub chunks: bool,
    /// The body's length in bytes.
    pub length: u64,
    /// Whether the client waits for `100 Continue`.
    pub expects_continue: bool,
    /// The last address of `X-Forwarded-For`; worth something from a trusted proxy only.
    pub forwarded_for: Option<IpAddr>,
    /// The others, names in lower case, values in ASCII.
    pub headers: Vec<(String, String)>,
}

/// Where the head ends (after its blank line), or `None` while it may still become one.
///
/// `from` is how much was looked at before: a byte at a time must not cost a square.
pub fn find_end(bytes: &[u8], from: usize) -> Result<Option<usize>, Refusal> {
    for at in from.saturating_sub(3)..bytes.len() {
        match bytes[at] {
            b'\n' if at == 0 || bytes[at - 1] != b'\r' => return Err(Refusal::BareLineFeed),
            b'\n' if bytes[..at].ends_with(b"\r\n\r") => return ending(at + 1),
            b'\n' | b'\t' | b' '..=b'~' | 0x80.. => {}
            b'\r' if bytes.get(at + 1).is_none_or(|next| *next == b'\n') => {}
            _ => return Err(Refusal::ControlCharacter),
        }
        if at >= HEAD_BYTES_MAX {
            return Err(Refusal::HeadTooLarge);
        }
        if at == LINE_BYTES_MAX && !bytes[..at].contains(&b'\n') {
            return Err(Refusal::TargetTooLong);
        }
    }
    Ok(None)
}

fn ending(end: usize) -> Result<Option<usize>, Refusal> {
    if end > HEAD_BYTES_MAX { Err(Refusal::HeadTooLarge) } else { Ok(Some(end)) }
}

/// Reads a head that [`find_end`] found, blank line included.
pub fn parse(bytes: &[u8]) -> Result<Head, Refusal> {
    let mut lines = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut lines);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(end)) if end == bytes.len() => {}
        Ok(_) => return Err(Refusal::Syntax),
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::TooManyHeaders),
        Err(httparse::Error::Version) => return Err(Refusal::Version),
        Err(_) => return Err(Refusal::Syntax),
    }
    let method = method(request.method.unwrap_or_default())?;
    let target = target(request.path.unwrap_or_default())?;
    let http_11 = request.version == Some(1);
    let lines = Lines(request.headers);
    lines.host()?;
    if lines.all("transfer-encoding").next().is_some() {
        return Err(Refusal::TransferEncoding);
    }
    Ok(Head {
        method,
        target: target.to_owned(),
        keep_alive: http_11 && !lines.wants_close(),
        chunks: http_11,
        length: lines.length(method)?,
        expects_continue: lines.expects_continue()?,
        forwarded_for: lines.forwarded_for(),
        headers: lines.handed_on(),
    })
}

fn method(name: &str) -> Result<Method, Refusal> {
    match name {
        "GET" => Ok(Method::Get),
        "HEAD" => Ok(Method::Head),
        "POST" => Ok(Method::Post),
        _ => Err(Refusal::Method),
    }
}

fn target(target: &str) -> Result<&str, Refusal> {
    if target.len() > TARGET_BYTES_MAX {
        return Err(Refusal::TargetTooLong);
    }
    let plain = target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if plain && target.starts_with('/') { Ok(target) } else { Err(Refusal::Target) }
}

/// The header lines of one head.
struct Lines<'a>(&'a [httparse::Header<'a>]);

impl<'a> Lines<'a> {
    fn all(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .iter()
            .filter(move |line| line.name.eq_ignore_ascii_case(name))
            .map(|line| line.value.trim_ascii())
    }

    /// The value of a header that may be there once.
    fn single(&self, name: &'static str, twice: Refusal) -> Result<Option<&'a [u8]>, Refusal> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() { Err(twice) } else { Ok(first) }
    }

    fn host(&self) -> Result<(), Refusal> {
        let host = self.single("host", Refusal::HostTwice)?.ok_or(Refusal::HostMissing)?;
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(byte);
        if host.is_empty() || !host.iter().all(allowed) { Err(Refusal::Host) } else { Ok(()) }
    }

    fn length(&self, method: Method) -> Result<u64, Refusal> {
        let length = match self.single("content-length", Refusal::LengthTwice)? {
            None if method == Method::Post => return Err(Refusal::LengthMissing),
            None => 0,
            Some(value) => read_length(value)?,
        };
        // A body that no handler expects is where one reader's body is another's next request.
        if method != Method::Post && length > 0 { Err(Refusal::BodyUnexpected) } else { Ok(length) }
    }

    fn expects_continue(&self) -> Result<bool, Refusal> {
        match self.single("expect", Refusal::Expectation)? {
            None => Ok(false),
            Some(value) if value.eq_ignore_ascii_case(b"100-continue") => Ok(true),
            Some(_) => Err(Refusal::Expectation),
        }
    }

    fn wants_close(&self) -> bool {
        self.all("connection")
            .flat_map(|value| value.split(|byte| *byte == b','))
            .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
    }

    fn forwarded_for(&self) -> Option<IpAddr> {
        let value = self.all("x-forwarded-for").last()?;
        let last = value.rsplit(|byte| *byte == b',').next()?;
        let address: IpAddr = std::str::from_utf8(last).ok()?.trim().parse().ok()?;
        Some(address.to_canonical())
    }

    fn handed_on(&self) -> Vec<(String, String)> {
        let named = self.0.iter().map(|line| (line.name.to_ascii_lowercase(), line.value));
        named
            .filter(|(name, _)| !DROPPED.contains(&name.as_str()) && !name.starts_with(OWN_PREFIX))
            .map(|(name, value)| (name, ascii(value.trim_ascii())))
            .collect()
    }
}

/// Digits alone: no sign, no list, no leading zero. A length beyond all limits is still a length.
fn read_length(value: &[u8]) -> Result<u64, Refusal> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    if !digits || (value.len() > 1 && value[0] == b'0') {
        return Err(Refusal::Length);
    }
    let text = std::str::from_utf8(value).map_err(|_| Refusal::Length)?;
    Ok(text.parse().unwrap_or(u64::MAX))
}

/// Bytes beyond ASCII percent-encoded: tiny_http drops the connection over one in a cookie.
fn ascii(value: &[u8]) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value {
        if byte.is_ascii() {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests;
