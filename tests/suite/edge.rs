//! The HTTP edge against real sockets: what it refuses, what it withstands, how it serves.

#[cfg(unix)]
mod apart;
mod attacks;
#[cfg(target_os = "linux")]
mod odd;
#[cfg(target_os = "linux")]
pub mod real;
mod serving;
#[cfg(target_os = "linux")]
mod siege;
#[cfg(target_os = "linux")]
mod soak;
mod strict;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use borgerpanel::server::edge::{Running, Server};
use borgerpanel::server::http::{Body, Method, Request, Response};
use borgerpanel::server::limits::Limits;
use borgerpanel::server::reload::Reloads;

/// How long a fresh visitor may wait, whatever else goes on.
const VISITOR: Duration = Duration::from_secs(3);

/// How long a test waits for what must come at all.
const PATIENCE: Duration = Duration::from_secs(15);

/// A body that fits neither into a socket's buffers nor into the gate's share for one reply.
const BIG: usize = 12 << 20;

/// A server with a handler that has something for every test.
struct Site {
    running: Running,
    /// Requests that came as far as the handler.
    handled: Arc<AtomicUsize>,
    reloads: Arc<Reloads>,
    folder: tempfile::TempDir,
}

impl Site {
    fn start(limits: Limits) -> Site {
        Site::listen("127.0.0.1:0", limits)
    }

    fn listen(listen: &str, limits: Limits) -> Site {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("big"), vec![b'x'; BIG]).expect("a big file");
        std::fs::write(folder.path().join("small"), "lille fil").expect("a small file");
        let handled = Arc::new(AtomicUsize::new(0));
        let reloads = Arc::new(Reloads::with_heartbeat(Duration::from_millis(50)));
        let inside = Inside {
            handled: handled.clone(),
            reloads: reloads.clone(),
            root: folder.path().to_owned(),
        };
        let handler = move |request: &Request| inside.answer(request);
        let running = Server::start(listen, Arc::new(handler), limits).expect("a server");
        Site { running, handled, reloads, folder }
    }

    fn address(&self) -> SocketAddr {
        self.running.address()
    }

    fn handled(&self) -> usize {
        self.handled.load(Ordering::SeqCst)
    }

    fn connect(&self) -> TcpStream {
        connect(self.address())
    }

    /// Sends `text` on a connection of its own and reads until the server closes.
    fn ask(&self, text: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect();
        stream.write_all(text.as_ref()).expect("sent");
        read_all(&mut stream)
    }

    fn get(&self, path: &str) -> String {
        self.ask(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
    }

    /// A visitor who comes now is served soon.
    fn visit(&self, during: &str) {
        visit(self.address(), during);
    }
}

struct Inside {
    handled: Arc<AtomicUsize>,
    reloads: Arc<Reloads>,
    root: std::path::PathBuf,
}

impl Inside {
    fn answer(&self, request: &Request) -> Response {
        self.handled.fetch_add(1, Ordering::SeqCst);
        match request.path.as_str() {
            "/" => Response::html(200, "<p>Hej</p>"),
            "/echo" => Response::bytes(200, "application/octet-stream", request.body.clone()),
            "/peer" => Response::bytes(200, "text/plain", request.peer.to_string()),
            "/headers" => Response::bytes(200, "text/plain", format!("{:?}", request.headers)),
            "/panic" => panic!("told in confidence: {:?}", request.body),
            "/inject" => Response::see_other("/a\r\nSet-Cookie: a=b"),
            "/oslo" => Response::see_other("/s/ø/"),
            "/slow" => {
                std::thread::sleep(Duration::from_millis(700));
                Response::html(200, "<p>Endelig</p>")
            }
            "/events" => Response::events(self.reloads.subscribe()),
            "/broken" => Response::events(Body::Stream(Box::new(Broken))),
            "/bytes" => Response::bytes(200, "application/octet-stream", vec![b'y'; BIG]),
            "/big" | "/small" | "/missing" => self.file(&request.path[1..]),
            _ if request.method == Method::Post => Response::html(422, "<p>Der er et problem</p>"),
            _ => Response::html(404, "<p>Ikke her</p>"),
        }
    }

    fn file(&self, name: &str) -> Response {
        let response = Response::bytes(200, "text/plain", "");
        Response { body: Body::File(self.root.join(name)), ..response }
    }
}

/// A stream that panics.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        panic!("a stream that breaks")
    }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

/// Everything until the other side closes or resets.
fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn status(reply: &str) -> u16 {
    let code = reply.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    code.and_then(|code| code.parse().ok()).unwrap_or(0)
}

fn body(reply: &str) -> &str {
    reply.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn visit(address: SocketAddr, during: &str) {
    let begun = Instant::now();
    let mut stream = connect(address);
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").expect("sent");
    let reply = read_all(&mut stream);
    assert!(reply.ends_with("<p>Hej</p>"), "{during}: {reply}");
    assert!(begun.elapsed() < VISITOR, "{during}: a visitor waited {:?}", begun.elapsed());
}

/// Waits until `done`, or fails.
fn until(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
