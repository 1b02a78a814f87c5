//! Heads of replies: reading tiny_http's, writing the client's.

use super::refusal::Refusal;
use crate::server::error_page;
use crate::server::headers;
use crate::server::http::{Body, Method, Response};
use crate::server::limits::ErrorPage;

/// The most header lines a reply from inside may have.
const HEADERS_MAX: usize = 96;

/// What the gate says itself about the connection, and the server's name, which is nobody's business.
const DROPPED: [&str; 5] =
    ["connection", "content-length", "keep-alive", "server", "transfer-encoding"];

/// A reply's head, as it came from inside.
#[derive(Debug)]
pub struct ReplyHead {
    pub status: u16,
    /// `None`: until it ends.
    pub length: Option<u64>,
    /// The lines to pass on, each with its line end.
    lines: Vec<u8>,
    /// Where it ended.
    pub end: usize,
}

/// Reads a reply's head; `None` while it is not whole, an error where it is none.
pub fn parse(bytes: &[u8]) -> Result<Option<ReplyHead>, httparse::Error> {
    let mut lines = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut reply = httparse::Response::new(&mut lines);
    let httparse::Status::Complete(end) = reply.parse(bytes)? else { return Ok(None) };
    let mut head =
        ReplyHead { status: reply.code.unwrap_or(500), length: None, lines: Vec::new(), end };
    for line in reply.headers.iter() {
        let name = line.name.to_ascii_lowercase();
        if name == "content-length" {
            head.length = std::str::from_utf8(line.value).ok().and_then(|text| text.parse().ok());
        }
        if !DROPPED.contains(&name.as_str()) {
            push_line(&mut head.lines, line.name.as_bytes(), line.value);
        }
    }
    Ok(Some(head))
}

/// How a reply's end is told to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    Length(u64),
    Chunks,
    /// By closing, for HTTP/1.0.
    Close,
    /// There is no body by definition (304).
    None,
}

impl ReplyHead {
    /// The head for the client.
    pub fn write(&self, framing: Framing, keep_alive: bool) -> Vec<u8> {
        let mut head = status_line(self.status);
        head.extend_from_slice(&self.lines);
        match framing {
            Framing::Length(length) => {
                push_line(&mut head, b"Content-Length", length.to_string().as_bytes());
            }
            Framing::Chunks => push_line(&mut head, b"Transfer-Encoding", b"chunked"),
            Framing::Close | Framing::None => {}
        }
        if !keep_alive {
            push_line(&mut head, b"Connection", b"close");
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

/// A refusal's whole reply; the connection ends after it.
pub fn refusal(refusal: Refusal, method: Option<Method>, page: &ErrorPage) -> Vec<u8> {
    let status = refusal.status();
    let mut response = page(status);
    headers::complete(&mut response, "");
    if !headers::are_clean(&mut response) {
        response = error_page::plain(status);
        headers::complete(&mut response, "");
    }
    let body = page_bytes(&response, status);
    let mut reply = status_line(status);
    for (name, value) in response.headers.iter().filter(|(name, _)| is_passed_on(name)) {
        push_line(&mut reply, name.as_bytes(), value.as_bytes());
    }
    match status {
        405 => push_line(&mut reply, b"Allow", b"GET, HEAD, POST"),
        429 | 503 => push_line(&mut reply, b"Retry-After", b"2"),
        _ => {}
    }
    push_line(&mut reply, b"Content-Length", body.len().to_string().as_bytes());
    push_line(&mut reply, b"Connection", b"close");
    reply.extend_from_slice(b"\r\n");
    if method != Some(Method::Head) {
        reply.extend_from_slice(&body);
    }
    reply
}

fn is_passed_on(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !DROPPED.contains(&lower.as_str()) && lower != "allow" && lower != "retry-after"
}

/// A refusal's page is small and in memory; a setting that made it a file gets the built-in one.
fn page_bytes(response: &Response, status: u16) -> Vec<u8> {
    match &response.body {
        Body::Bytes(bytes) => bytes.clone(),
        Body::File(_) | Body::Stream(_) => match error_page::plain(status).body {
            Body::Bytes(bytes) => bytes,
            Body::File(_) | Body::Stream(_) => Vec::new(),
        },
    }
}

fn push_line(into: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    into.extend_from_slice(name);
    into.extend_from_slice(b": ");
    into.extend_from_slice(value);
    into.extend_from_slice(b"\r\n");
}

fn status_line(status: u16) -> Vec<u8> {
    format!("HTTP/1.1 {status} {}\r\n", reason(status)).into_bytes()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        303 => "See Other",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        // The phrase is for people with a terminal; clients go by the number.
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn passes_a_reply_on_without_what_concerns_the_inner_connection() {
        let bytes = b"HTTP/1.1 200 OK\r\nServer: tiny-http (Rust)\r\nConnection: close\r\n\
            Content-Type: text/html\r\nContent-Length: 2\r\n\r\nhi";
        let head = parse(bytes).expect("a reply").expect("whole");
        assert_eq!((head.status, head.length, head.end), (200, Some(2), bytes.len() - 2));
        let text = String::from_utf8(head.write(Framing::Length(2), true)).expect("ASCII");
        assert_eq!(text, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n");
    }

    #[test]
    fn a_refusal_is_whole_and_closes() {
        let plain: ErrorPage = Arc::new(error_page::plain);
        let text = refusal(Refusal::Busy, Some(Method::Get), &plain);
        let text = String::from_utf8(text).expect("UTF-8");
        for part in
            ["503 Service", "Retry-After: 2", "Connection: close", "Content-Security-Policy"]
        {
            assert!(text.contains(part), "{part}");
        }
        let head_only = refusal(Refusal::Method, Some(Method::Head), &plain);
        assert!(head_only.ends_with(b"\r\n\r\n"));
    }

    #[test]
    fn a_page_that_would_inject_a_header_is_replaced() {
        let bad: ErrorPage = Arc::new(|status| Response::html(status, "x").with("X", "a\r\nB: c"));
        let text = String::from_utf8(refusal(Refusal::Syntax, None, &bad)).expect("UTF-8");
        assert!(!text.contains("B: c") && text.contains("forsiden"));
    }
}
