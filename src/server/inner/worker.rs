//! One worker: a request from tiny_http, the handler under a net, the reply.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Once};
use std::thread;
use std::time::Duration;

use super::{HELD_BYTES_MAX, ID_HEADER, PEER_HEADER, Service};
use crate::console::complain;
use crate::server::error_page;
use crate::server::headers;
use crate::server::http::{Body, Method, Request, Response};
use crate::server::permits::Permit;
use crate::sync::reception::OPENING;

thread_local! {
    /// Whether this thread runs a handler or a handler's stream.
    static SERVING: Cell<bool> = const { Cell::new(false) };
}

/// Keeps the text of handlers' panics out of the log: it may hold what somebody answered.
///
/// Other threads' panics are told as before.
pub fn quieten_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told_before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if SERVING.get() || thread::current().name() == Some(OPENING) {
                let place = panic.location().map(ToString::to_string).unwrap_or_default();
                complain!("borgerpanel: a handler panicked at {place}; whoever asked got 500");
            } else {
                told_before(panic);
            }
        }));
    });
}

/// Serves until the door closes or tiny_http fails.
pub fn serve(server: &tiny_http::Server, service: &Arc<Service>) {
    SERVING.set(true);
    while let Ok(request) = server.recv() {
        answer(request, service);
    }
}

fn answer(mut inner: tiny_http::Request, service: &Arc<Service>) {
    let ticket = inner.headers().iter().find(|header| header.field.equiv(ID_HEADER));
    let Some(_place) = ticket.and_then(|ticket| service.redeem(ticket.value.as_str())) else {
        // Not from the gate, or the gate has given it up: nobody reads an answer.
        let _ = inner.respond(tiny_http::Response::empty(403));
        return;
    };
    let response = match read(&mut inner, service) {
        Some(request) => handled(&request, service),
        None => error(400, service, ""),
    };
    send(inner, response, service);
}

fn handled(request: &Request, service: &Service) -> Response {
    let reply = catch_unwind(AssertUnwindSafe(|| (service.handler)(request)));
    let mut response = reply.unwrap_or_else(|_| page(500, service));
    headers::complete(&mut response, &request.path);
    if headers::are_clean(&mut response) { response } else { error(500, service, &request.path) }
}

/// The page for `status`, with all headers.
fn error(status: u16, service: &Service, path: &str) -> Response {
    let mut response = page(status, service);
    headers::complete(&mut response, path);
    response
}

/// The server's own page; the built-in one where making that panics too or would not go through.
fn page(status: u16, service: &Service) -> Response {
    let made = catch_unwind(AssertUnwindSafe(|| (service.error_page)(status)));
    let clean = made.ok().filter(|page| matches!(page.body, Body::Bytes(_)));
    let clean = clean.and_then(|mut page| headers::are_clean(&mut page).then_some(page));
    clean.unwrap_or_else(|| error_page::plain(status))
}

/// The request as handlers see it; `None` where it is not what the gate hands in.
fn read(inner: &mut tiny_http::Request, service: &Service) -> Option<Request> {
    let method = match inner.method() {
        tiny_http::Method::Get => Method::Get,
        tiny_http::Method::Head => Method::Head,
        tiny_http::Method::Post => Method::Post,
        _ => return None,
    };
    let (path, query) = inner.url().split_once('?').unwrap_or((inner.url(), ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let mut headers = Vec::with_capacity(inner.headers().len());
    let mut peer = None;
    for header in inner.headers() {
        let name = header.field.as_str().as_str().to_ascii_lowercase();
        match name.as_str() {
            PEER_HEADER => peer = header.value.as_str().parse::<IpAddr>().ok(),
            ID_HEADER | "connection" => {}
            _ => headers.push((name, header.value.to_string())),
        }
    }
    let mut body = Vec::with_capacity(inner.body_length()?.min(service.body_bytes_max));
    let most = service.body_bytes_max as u64;
    inner.as_reader().take(most).read_to_end(&mut body).ok()?;
    let whole = inner.body_length() == Some(body.len());
    whole.then_some(Request { method, path, query, headers, body, peer: peer? })
}

/// Sends `response`; what goes at the client's speed gets a thread of its own.
fn send(inner: tiny_http::Request, response: Response, service: &Arc<Service>) {
    match response.body {
        Body::Bytes(ref bytes) if bytes.len() <= HELD_BYTES_MAX => send_bytes(inner, response),
        Body::Bytes(_) => match service.downloads.take(Duration::ZERO) {
            Some(place) => aside(place, move || send_bytes(inner, response)),
            None => send_busy(inner, service),
        },
        Body::File(ref path) => match open(path) {
            Ok(file) => send_open(inner, response, file, service),
            Err(_) => send_bytes(inner, error(404, service, "")),
        },
        Body::Stream(_) => match service.events.take(Duration::ZERO) {
            Some(place) => aside(place, move || send_stream(inner, response)),
            None => send_busy(inner, service),
        },
    }
}

fn send_open(
    inner: tiny_http::Request,
    response: Response,
    (file, length): (File, usize),
    service: &Service,
) {
    if length <= HELD_BYTES_MAX {
        return send_file(inner, &response, file, length);
    }
    match service.downloads.take(Duration::ZERO) {
        Some(place) => aside(place, move || send_file(inner, &response, file, length)),
        None => send_busy(inner, service),
    }
}

fn send_busy(inner: tiny_http::Request, service: &Service) {
    send_bytes(inner, error(503, service, "").with("Retry-After", "2"));
}

/// Runs `work` in a thread of its own, which holds `place` until it has ended.
fn aside(place: Permit, work: impl FnOnce() + Send + 'static) {
    let named = thread::Builder::new().name("stream".to_owned());
    // Where there is no thread the request is dropped, which tiny_http answers with 500.
    let _ = named.spawn(move || {
        SERVING.set(true);
        // A stream's panic ends the stream; the hook has told where.
        let _ = catch_unwind(AssertUnwindSafe(work));
        drop(place);
    });
}

/// A regular file and its length in bytes.
fn open(path: &Path) -> io::Result<(File, usize)> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    let length = usize::try_from(about.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
    if about.is_file() { Ok((file, length)) } else { Err(io::ErrorKind::NotFound.into()) }
}

fn send_bytes(inner: tiny_http::Request, response: Response) {
    let headers = tiny_headers(&response);
    let Body::Bytes(bytes) = response.body else { return };
    let length = bytes.len();
    send_sized(inner, response.status, headers, io::Cursor::new(bytes), length);
}

fn send_file(inner: tiny_http::Request, response: &Response, file: File, length: usize) {
    // A file that grows meanwhile is sent as long as it was announced.
    let file = file.take(length as u64);
    send_sized(inner, response.status, tiny_headers(response), file, length);
}

fn send_sized(
    inner: tiny_http::Request,
    status: u16,
    headers: Vec<tiny_http::Header>,
    body: impl Read,
    length: usize,
) {
    let reply = tiny_http::Response::new(status.into(), headers, body, Some(length), None);
    // Never chunks: the gate tells the client the length. An error means the gate has left.
    let _ = inner.respond(reply.with_chunked_threshold(usize::MAX));
}

fn tiny_headers(response: &Response) -> Vec<tiny_http::Header> {
    let made = |(name, value): &(&'static str, String)| {
        tiny_http::Header::from_bytes(name.as_bytes(), value.as_bytes()).ok()
    };
    response.headers.iter().filter_map(made).collect()
}

/// tiny_http would keep events in its buffer until the stream ends, so this writes them itself.
fn send_stream(inner: tiny_http::Request, response: Response) {
    let mut writer = inner.into_writer();
    let mut head = format!("HTTP/1.1 {} Stream\r\n", response.status);
    for (name, value) in &response.headers {
        if !name.eq_ignore_ascii_case("content-length") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str("\r\n");
    let Body::Stream(mut stream) = response.body else { return };
    // An error means that the gate has left, and so has the client.
    let _ = copy_flushing(&mut stream, &mut writer, head.as_bytes());
}

fn copy_flushing(from: &mut impl Read, to: &mut impl Write, head: &[u8]) -> io::Result<()> {
    to.write_all(head)?;
    to.flush()?;
    let mut piece = [0; 16 * 1024];
    loop {
        let count = match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(&piece[..count])?;
        to.flush()?;
    }
}
