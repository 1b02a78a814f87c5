//! The gate: takes connections, reads whole strict requests, hands them to tiny_http, sends replies.
//!
//! tiny_http 0.12 can neither be left alone with a slow client nor with an ambiguous request, so
//! it never meets one. A thread per connection with a small stack: 2,000 of them cost less than
//! an event loop costs its readers. In reading order: [`parse`] (pure) says what a request is,
//! [`client`] reads and writes against deadlines, [`connection`] makes requests whole, [`relay`]
//! has them answered, [`refusal`] and [`reply`] say no.

pub mod client;
pub mod connection;
pub mod parse;
pub mod refusal;
pub mod relay;
pub mod reply;

use std::io::ErrorKind;
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::inner::Inner;
use super::limits::Limits;
use super::permits::{Addresses, Permit, Permits};
use client::{Client, SLICE};

/// Enough for a connection in a debug build. Only what is touched of it counts, and a large array in any
/// function touches its whole length in every thread: buffers of more than a kilobyte are on the heap.
const STACK_BYTES: usize = 256 * 1024;

/// How long to rest after the system refused a connection or a thread.
const PAUSE: Duration = Duration::from_millis(50);

/// What all connections share.
pub struct Gate {
    pub limits: Limits,
    pub connections: Arc<Permits>,
    inside: Arc<Permits>,
    memory: Arc<Permits>,
    addresses: Arc<Addresses>,
    inner: Inner,
    stopping: AtomicBool,
}

impl Gate {
    /// A gate before `inner`.
    pub fn new(limits: Limits, inner: Inner) -> Arc<Gate> {
        Arc::new(Gate {
            connections: Permits::new(limits.connections_max),
            inside: Permits::new(limits.inside_max),
            memory: Permits::new(limits.memory_bytes_max),
            addresses: Addresses::new(limits.per_address_max),
            inner,
            stopping: AtomicBool::new(false),
            limits,
        })
    }

    /// Takes connections from `listener` until [`Gate::stop`] and one connection more.
    ///
    /// No receive timeout on the listener: Linux makes `accept` obey it, and a server that
    /// ends on that error is deaf after its first quiet minute.
    pub fn accept(self: &Arc<Gate>, listener: &TcpListener) {
        while !self.is_stopping() {
            // The place first: who has none waits in the backlog.
            let Some(place) = self.connections.take(SLICE) else { continue };
            match listener.accept() {
                Ok(_) if self.is_stopping() => {}
                Ok((stream, peer)) => self.begin(stream, peer.ip().to_canonical(), place),
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                // Out of file descriptors: only time helps.
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }

    fn begin(self: &Arc<Gate>, stream: TcpStream, peer: IpAddr, place: Permit) {
        let gate = self.clone();
        let named = thread::Builder::new().name("connection".to_owned()).stack_size(STACK_BYTES);
        let begun = named.spawn(move || {
            let client = Client::new(stream, gate.clone());
            connection::serve(client, gate, peer);
            drop(place);
        });
        if begun.is_err() {
            thread::sleep(PAUSE);
        }
    }

    /// Whether places or memory are scarce, so that the slow give way.
    pub fn is_crowded(&self) -> bool {
        self.connections.is_crowded() || self.memory.is_crowded()
    }

    /// From now on idle connections end, and the others after the request they are at.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Whether [`Gate::stop`] was called.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Lets what is inside finish, at most for the limits' grace, and closes tiny_http.
    pub fn finish(&self) {
        self.connections.wait_until_free(self.limits.grace);
        self.inner.close();
    }
}
