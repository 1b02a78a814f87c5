//! One client's connection: read a whole request, have it answered, again.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::Gate;
use super::client::{Client, Stop, Wait};
use super::parse::{self, Head};
use super::refusal::Refusal;
use super::relay;
use super::reply;
use crate::server::http::Method;
use crate::server::limits::Limits;
use crate::server::permits::{AddressPermit, Permit};

/// What is read at a time, in bytes.
const PIECE: usize = 4 * 1024;

/// A body of no more bytes than this may have the last of the memory for all: far more than a form.
const MODEST_BYTES_MAX: usize = 64 * 1024;

/// How the client came to the proxy; worth something from a trusted proxy only.
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// A connection between two requests.
pub struct Connection {
    client: Client,
    gate: Arc<Gate>,
    peer: IpAddr,
    /// No request has come yet.
    fresh: bool,
    /// What came after the request before: clients may send the next one early.
    early: Vec<u8>,
}

/// A whole request, ready to be handed on.
pub struct Whole {
    pub head: Head,
    pub body: Vec<u8>,
    pub peer: IpAddr,
    /// The body's share of the memory for all.
    _held: Permit,
    /// The address's share, where the proxy says whose it is.
    _address: Option<AddressPermit>,
}

/// Why a connection ends.
pub enum End {
    /// The client has left, or nothing can be said any more.
    Silent,
    /// The last reply was sent.
    Done,
    /// With a page; a reply to HEAD has no body.
    Refused(Refusal, Option<Method>),
}

impl From<Stop> for End {
    fn from(_: Stop) -> End {
        End::Silent
    }
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> End {
        End::Refused(refusal, None)
    }
}

/// Serves `client` until it leaves, dawdles or errs.
pub fn serve(client: Client, gate: Arc<Gate>, peer: IpAddr) {
    let proxied = gate.limits.trusted_proxy == Some(peer);
    // Behind the proxy all connections come from one address; there, requests are counted.
    let place = if proxied { None } else { gate.addresses.take(peer) };
    let mut connection = Connection { client, gate, peer, fresh: true, early: Vec::new() };
    let end = if proxied || place.is_some() {
        connection.serve(proxied)
    } else {
        End::from(Refusal::TooMany)
    };
    match end {
        End::Silent => {}
        End::Done => connection.client.close_gently(),
        End::Refused(refusal, method) => connection.refuse(refusal, method),
    }
}

impl Connection {
    fn serve(&mut self, proxied: bool) -> End {
        let mut wait = Wait::idle(self.gate.limits.head, self.gate.limits.crowded);
        loop {
            match self.request(wait, proxied) {
                Ok(true) => wait = Wait::idle(self.gate.limits.idle, self.gate.limits.crowded),
                Ok(false) => return End::Done,
                Err(end) => return end,
            }
        }
    }

    /// One request and its reply; whether another may follow.
    fn request(&mut self, idle: Wait, proxied: bool) -> Result<bool, End> {
        let head = self.head(idle)?;
        let method = head.method;
        let whole = self.whole(head, proxied).map_err(|end| with_method(end, method))?;
        let relayed = relay::answer(&whole, &mut self.client, &self.gate);
        relayed.map_err(|end| with_method(end, method))
    }

    fn head(&mut self, idle: Wait) -> Result<Head, End> {
        let mut seen = 0;
        let mut wait = idle;
        let mut waiting = true;
        loop {
            if let Some(end) = parse::find_end(&self.early, seen)? {
                let head = parse::parse(&self.early[..end])?;
                self.early.drain(..end);
                self.fresh = false;
                return Ok(head);
            }
            seen = self.early.len();
            if seen > 0 && std::mem::replace(&mut waiting, false) {
                wait = self.begun(idle);
            }
            if let Err(stop) = self.read_more(PIECE, wait) {
                // To a connection on which nothing was asked a page would be an answer to
                // whatever is asked next: browsers connect ahead of need.
                let refused = stop == Stop::Late && !self.early.is_empty();
                return Err(if refused { Refusal::TooSlow.into() } else { End::Silent });
            }
        }
    }

    /// The wait for a head whose first byte is here. A connection's first is measured from the
    /// connection's beginning; a kept one may have been silent for long and starts anew.
    fn begun(&self, idle: Wait) -> Wait {
        let limits = &self.gate.limits;
        let wait = Wait::head(limits.head, limits.crowded);
        if self.fresh { wait.within(idle) } else { wait }
    }

    fn whole(&mut self, mut head: Head, proxied: bool) -> Result<Whole, End> {
        if !proxied {
            head.headers.retain(|(name, _)| name != FORWARDED_PROTO);
        }
        let limits = &self.gate.limits;
        let length = usize::try_from(head.length).unwrap_or(usize::MAX);
        if length > limits.body_bytes_max {
            return Err(Refusal::BodyTooLarge.into());
        }
        let peer = if proxied { head.forwarded_for.unwrap_or(self.peer) } else { self.peer };
        let address = match proxied && head.forwarded_for.is_some() {
            true => Some(self.gate.addresses.take(peer).ok_or(Refusal::TooMany)?),
            false => None,
        };
        let wait = Wait::new(Limits::allowance(limits.request, head.length), limits.crowded);
        if head.expects_continue && length > self.early.len() {
            self.client.write(b"HTTP/1.1 100 Continue\r\n\r\n", wait)?;
        }
        let mut held = Permit::empty(&self.gate.memory);
        let body = self.body(length, &mut held, wait)?;
        Ok(Whole { head, body, peer, _held: held, _address: address })
    }

    /// A body of `length` bytes. Memory is taken as it arrives, never as announced.
    fn body(&mut self, length: usize, held: &mut Permit, wait: Wait) -> Result<Vec<u8>, End> {
        let mut wait = wait;
        let (mut counted, mut moved) = (0, 0);
        while self.early.len() < length {
            let come = self.early.len();
            let more = come - counted;
            // Who sends much neither waits for memory nor takes the last of it: others could come, too.
            let has_room = match length > MODEST_BYTES_MAX {
                true => held.grow_modestly(more),
                false => held.grow_within(more, self.gate.limits.memory_wait),
            };
            if !has_room {
                return Err(Refusal::Busy.into());
            }
            counted = come;
            // A byte now and then is not moving, or a few such clients would hold all memory.
            if come - moved >= PIECE {
                wait = wait.moved(self.gate.limits.crowded);
                moved = come;
            }
            match self.read_more((length - come).clamp(PIECE, 16 * PIECE), wait) {
                Ok(()) => {}
                Err(Stop::Late) => return Err(Refusal::TooSlow.into()),
                Err(_) => return Err(End::Silent),
            }
        }
        let rest = self.early.split_off(length);
        Ok(std::mem::replace(&mut self.early, rest))
    }

    fn read_more(&mut self, piece: usize, wait: Wait) -> Result<(), Stop> {
        if self.early.is_empty() {
            // What the request before needed is nobody's while the next is waited for.
            self.early = Vec::new();
        }
        self.client.ready(wait)?;
        let mut read = vec![0; piece];
        let count = self.client.read(&mut read, wait)?;
        // No more than has come: doubling would hold twice what is counted.
        self.early.reserve_exact(count);
        self.early.extend_from_slice(&read[..count]);
        Ok(())
    }

    fn refuse(mut self, refusal: Refusal, method: Option<Method>) {
        let page = reply::refusal(refusal, method, &self.gate.limits.error_page);
        let wait = Wait::new(Duration::from_secs(5), self.gate.limits.crowded);
        if self.client.write(&page, wait).is_ok() {
            self.client.close_gently();
        }
    }
}

fn with_method(end: End, method: Method) -> End {
    match end {
        End::Refused(refusal, _) => End::Refused(refusal, Some(method)),
        End::Silent | End::Done => end,
    }
}
