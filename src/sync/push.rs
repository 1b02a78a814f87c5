//! The way to a central over HTTP. Whatever is not a 200 with what was asked for in it does not
//! count: captive portals answer 200, too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::Agent;

use super::enrol;
use super::exchange::{Transport, TransportError};
use super::message::Signed;
use super::release::desk::CHUNK_BYTES;
use super::release::fetch::Source;
use super::release::manifest::Id;
use crate::crypto;

/// The path of questions and batches.
pub const SYNC_PATH: &str = "/api/v1/sync";
/// The path of enrolment.
pub const ENROL_PATH: &str = "/api/v1/enroll";

/// The path of releases; an id follows, and `?from=N`, the byte to begin at.
pub const RELEASE_PATH: &str = "/api/v1/release/";

/// A batch of 1 MB on a line of 100 kbit/s takes 80 s.
const CALL_TIMEOUT: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest reply is a piece of a release; a receipt has about 1 kB.
const REPLY_BYTES_MAX: u64 = CHUNK_BYTES + 1024;

/// Why an address cannot be a central's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("it should begin with https://")]
    NoScheme,
    #[error("it names no host")]
    NoHost,
    #[error("it should be a host and perhaps a port, without a path")]
    Path,
    #[error("plain http is for this machine and its own network alone; use https")]
    PlainHttp,
}

/// The address of a central as it is kept: `https://host[:port]`, without a slash at its end.
pub fn read_address(text: &str) -> Result<String, AddressError> {
    let text = text.trim().trim_end_matches('/');
    let (scheme, rest) = text.split_once("://").ok_or(AddressError::NoScheme)?;
    let is_plain = match scheme {
        "https" => false,
        "http" => true,
        _ => return Err(AddressError::NoScheme),
    };
    if rest.contains(['/', '?', '#', '@', ' ']) {
        return Err(AddressError::Path);
    }
    match host_of(rest) {
        "" => Err(AddressError::NoHost),
        host if is_plain && !is_local(host) => Err(AddressError::PlainHttp),
        _ => Ok(text.to_owned()),
    }
}

/// The host of `host[:port]`, without the brackets of an IPv6 address.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// This machine, or a network of its own that the internet does not reach.
fn is_local(host: &str) -> bool {
    match host.parse() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => {
            ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
        // A name without a dot is resolved by the local network only.
        Err(_) => host.ends_with(".local") || host.ends_with(".localhost") || !host.contains('.'),
    }
}

fn is_this_machine(host: &str) -> bool {
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| loopback.contains(&ip))
}

/// A central at an address. Keeps its connection for the next call.
pub struct Http {
    agent: Agent,
    address: String,
}

impl Http {
    /// `address` is one that [`read_address`] gave.
    pub fn new(address: &str) -> Http {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(CALL_TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .user_agent(concat!("borgerpanel/", env!("CARGO_PKG_VERSION")));
        let (_, authority) = address.split_once("://").unwrap_or(("", address));
        if is_this_machine(host_of(authority)) {
            // A proxy set up for the internet does not know this machine.
            config = config.proxy(None);
        }
        Http { agent: config.build().new_agent(), address: address.to_owned() }
    }

    /// Asks to be let in.
    pub fn enrol(&self, request: &enrol::Request) -> Result<enrol::Reply, TransportError> {
        self.post(ENROL_PATH, "application/json", &to_json(request))
    }

    fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<T, TransportError> {
        let request = self.agent.post(format!("{}{path}", self.address));
        read(request.header("Content-Type", content_type).send(body))
    }
}

impl Transport for Http {
    fn ask(&self, question: &Signed) -> Result<Signed, TransportError> {
        let text = crypto::hex(question.text.as_bytes());
        let url =
            format!("{}{SYNC_PATH}?question={text}&signature={}", self.address, question.signature);
        read(self.agent.get(url).call())
    }

    fn push(&self, bundle: &[u8]) -> Result<Signed, TransportError> {
        self.post(SYNC_PATH, "application/octet-stream", bundle)
    }
}

impl Source for Http {
    fn piece(&self, id: Id, from: u64) -> Result<Vec<u8>, TransportError> {
        let url = format!("{}{RELEASE_PATH}{id}?from={from}", self.address);
        bytes(self.agent.get(url).call(), |reply| {
            let kind = reply.headers().get("content-type");
            // A captive portal sends a page.
            kind.is_some_and(|kind| kind == "application/octet-stream")
        })
    }
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("messages are texts and numbers")
}

type Reply = ureq::http::Response<ureq::Body>;

fn read<T: DeserializeOwned>(called: Result<Reply, ureq::Error>) -> Result<T, TransportError> {
    let body = bytes(called, |_| true)?;
    serde_json::from_slice(&body).map_err(|wrong| TransportError::Nonsense(wrong.to_string()))
}

/// The body of a 200 that `is_ours`.
fn bytes(
    called: Result<Reply, ureq::Error>,
    is_ours: impl Fn(&Reply) -> bool,
) -> Result<Vec<u8>, TransportError> {
    let unreachable = |error: ureq::Error| TransportError::Unreachable(error.to_string());
    let mut reply = called.map_err(unreachable)?;
    let status = reply.status().as_u16();
    let read = reply.body_mut().with_config().limit(REPLY_BYTES_MAX).read_to_vec();
    let body = match read {
        Ok(body) => body,
        Err(ureq::Error::BodyExceedsLimit(_)) => {
            return Err(TransportError::Nonsense("its reply is far too long".to_owned()));
        }
        Err(error) => return Err(unreachable(error)),
    };
    if status != 200 {
        return Err(TransportError::Refused { status, problem: problem_in(&body) });
    }
    match is_ours(&reply) {
        true => Ok(body),
        false => Err(TransportError::Nonsense("it sends something else".to_owned())),
    }
}

/// The word a central gives with a refusal; a proxy gives none.
fn problem_in(body: &[u8]) -> String {
    let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let word = json.as_ref().and_then(|json| json["problem"].as_str());
    word.unwrap_or("without a reason").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hosts_by_https_or_near_by() {
        let fine = ["https://panel.example.dk/", "http://127.0.0.1:8090", "http://[::1]:8090"];
        for address in fine.into_iter().chain(["http://localhost:80", "http://central.local"]) {
            assert_eq!(read_address(address).as_deref(), Ok(address.trim_end_matches('/')));
        }
        for (address, wrong) in [
            ("panel.example.dk", AddressError::NoScheme),
            ("ftp://panel.example.dk", AddressError::NoScheme),
            ("https://", AddressError::NoScheme),
            ("https://:80", AddressError::NoHost),
            ("https://panel.example.dk/api", AddressError::Path),
            ("https://me@panel.example.dk", AddressError::Path),
            ("http://panel.example.dk", AddressError::PlainHttp),
            ("http://8.8.8.8", AddressError::PlainHttp),
        ] {
            assert_eq!(read_address(address), Err(wrong), "{address}");
        }
    }

    #[test]
    fn nobody_there_is_unreachable() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        drop(listener);
        let refused = Http::new(&address).push(b"");
        assert!(matches!(refused, Err(TransportError::Unreachable(_))), "{refused:?}");
    }
}
