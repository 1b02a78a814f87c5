//! Asking a server of ours, over the address everybody uses, whether it answers.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use serde::Deserialize;

/// More than `/healthz` ever says.
const REPLY_BYTES_MAX: u64 = 64 * 1024;

/// What `/healthz` said, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Health {
    /// `ok`, or what is wrong.
    pub status: Option<String>,
    /// Answers that are not at the central yet.
    pub unsynced: Option<u64>,
    /// Seconds since the kiosk's page gave its last sign of life.
    pub page_seen_s: Option<u64>,
}

impl Health {
    /// For a line of `systemctl status`.
    pub fn sentence(&self) -> String {
        let word = self.status.as_deref().unwrap_or("answering");
        match self.unsynced {
            Some(1) => format!("{word}, 1 answer not sent yet"),
            Some(number) => format!("{word}, {number} answers not sent yet"),
            None => word.to_owned(),
        }
    }
}

/// Asks the server at `address`. Any reply shows that it is alive, a refusal too: what it cannot
/// store, another start would not store either.
///
/// # Errors
/// Where nothing came within `patience` of each step (connecting, sending, each piece of the reply).
pub fn ask(address: SocketAddr, patience: Duration) -> io::Result<Health> {
    let mut stream = TcpStream::connect_timeout(&reachable(address), patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let host = reachable(address);
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut reply = Vec::new();
    stream.take(REPLY_BYTES_MAX).read_to_end(&mut reply)?;
    if !reply.starts_with(b"HTTP/1.1 ") {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let text = String::from_utf8_lossy(&reply);
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    // An error page is a reply too.
    Ok(serde_json::from_str(body).unwrap_or_default())
}

/// A server that listens everywhere is asked at home.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everywhere_is_asked_at_home() {
        let asked = |address: &str| reachable(address.parse().expect("an address")).to_string();
        assert_eq!(asked("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(asked("[::]:8080"), "[::1]:8080");
        assert_eq!(asked("10.1.2.3:80"), "10.1.2.3:80");
    }

    #[test]
    fn the_line_says_what_waits() {
        let told = |unsynced| Health { unsynced, status: Some("ok".into()), page_seen_s: None };
        assert_eq!(told(Some(1)).sentence(), "ok, 1 answer not sent yet");
        assert_eq!(told(Some(0)).sentence(), "ok, 0 answers not sent yet");
        assert_eq!(Health::default().sentence(), "answering");
    }
}
