//! A request and a response as handlers see them: whole, checked, and without a socket.

use std::io::Read;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// What a handler is: pure, so that another HTTP engine can take the edge's place.
pub type Handler = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

/// The methods the edge lets through; all others get 405 there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Post,
}

/// A complete request within the edge's limits.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    /// Percent-encoded as it came, beginning with `/`, without the query.
    pub path: String,
    /// What came after `?`, undecoded; empty where there was none.
    pub query: String,
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub peer: IpAddr,
}

impl Request {
    /// The first header called `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Debug for Request {
    /// Without the address and the body: both may be personal, and this may end up in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({:?}, {} bytes)", self.method, self.body.len())
    }
}

/// What is sent back.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
}

/// The bytes of a response, or where they come from.
pub enum Body {
    Bytes(Vec<u8>),
    /// A file, streamed.
    File(PathBuf),
    /// Server-sent events: read until it ends or the client leaves.
    Stream(Box<dyn Read + Send>),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Body::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Body::File(path) => write!(f, "File({})", path.display()),
            Body::Stream(_) => f.write_str("Stream"),
        }
    }
}

impl Response {
    /// A response with a body in memory.
    pub fn bytes(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
        Response {
            status,
            headers: vec![("Content-Type", content_type.to_owned())],
            body: Body::Bytes(body.into()),
        }
    }

    /// A page.
    pub fn html(status: u16, page: impl Into<Vec<u8>>) -> Response {
        Response::bytes(status, "text/html; charset=utf-8", page)
    }

    /// A JSON value.
    pub fn json(status: u16, value: &serde_json::Value) -> Response {
        Response::bytes(status, "application/json", value.to_string())
    }

    /// 303: the browser fetches `location` with GET, so that a reload posts nothing again.
    pub fn see_other(location: impl Into<String>) -> Response {
        Response::bytes(303, "text/plain", "").with("Location", location)
    }

    /// Server-sent events, as from [`super::reload::Reloads::subscribe`].
    pub fn events(body: Body) -> Response {
        let response = Response::bytes(200, "text/event-stream", "");
        // nginx would hold events back until its buffer is full.
        Response { body, ..response }.with("X-Accel-Buffering", "no")
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self
    }
}
