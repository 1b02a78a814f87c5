//! tiny_http on a private socket: takes what the gate hands in, calls the handler, answers.
//!
//! A request carries a ticket that the gate made; without a known one it is not ours and is not
//! handled. tiny_http's accepting thread ends for good on its first error, so the [`door`] can be
//! opened anew; a ticket is good for one request, so nothing is handled twice.

pub mod door;
mod worker;

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::http::Handler;
use super::limits::{ErrorPage, Limits};
use super::permits::{Permit, Permits};
use crate::console::complain;
use crate::error::Result;
use door::{Door, Place};

pub use door::Socket;

/// Names the peer, as the gate knows it.
pub const PEER_HEADER: &str = "x-gate-peer";

/// Names the ticket.
pub const ID_HEADER: &str = "x-gate-id";

/// A reply's body up to this many bytes is taken by the gate at once. A longer one is sent by a
/// thread of its own here, as it goes at its client's speed.
pub const HELD_BYTES_MAX: usize = 256 * 1024;

/// How long a handler that is still at work may keep the program from ending.
const CLOSING: Duration = Duration::from_secs(2);

/// What is behind the gate.
pub struct Inner {
    service: Arc<Service>,
    workers: usize,
    place: Place,
    door: Mutex<Option<Door>>,
}

/// What the workers share.
pub struct Service {
    handler: Handler,
    error_page: ErrorPage,
    body_bytes_max: usize,
    /// Those not taken yet, each with its place inside.
    tickets: Mutex<HashMap<u128, Permit>>,
    /// Event streams, until the thread that writes one has seen its client leave.
    events: Arc<Permits>,
    /// Replies too long to be taken at once.
    downloads: Arc<Permits>,
}

impl Inner {
    /// Opens tiny_http with a worker for every place inside.
    pub fn open(handler: Handler, limits: &Limits) -> Result<Inner> {
        worker::quieten_panics();
        let service = Arc::new(Service {
            handler,
            error_page: limits.error_page.clone(),
            body_bytes_max: limits.body_bytes_max,
            tickets: Mutex::default(),
            events: Permits::new(limits.streams_max),
            downloads: Permits::new(limits.streams_max),
        });
        let place = Place::prepare()?;
        let workers = limits.inside_max;
        let door = Door::open(&place, 0, workers, &service)?;
        Ok(Inner { service, workers, place, door: Mutex::new(Some(door)) })
    }

    /// A ticket for one request. Its place goes to the worker that takes the request and is free
    /// again when that is done: a handler that hangs costs a place, and never delays the others
    /// behind it.
    pub fn ticket(&self, place: Permit) -> Ticket {
        let id = fastrand::u128(..);
        self.service.tickets().insert(id, place);
        Ticket { id, service: self.service.clone() }
    }

    /// A connection to tiny_http, and the number of the door it was tried at.
    pub fn connect(&self) -> (io::Result<Socket>, u64) {
        let door = self.door();
        match &*door {
            Some(door) => (door.connect(), door.number),
            None => (Err(io::ErrorKind::NotConnected.into()), 0),
        }
    }

    /// Whether places for downloads are scarce.
    pub fn downloads_crowded(&self) -> bool {
        self.service.downloads.is_crowded()
    }

    /// Replaces the door `number`, unless somebody has already.
    pub fn reopen(&self, number: u64) {
        let mut door = self.door();
        if door.as_ref().is_none_or(|door| door.number != number) {
            return;
        }
        complain!("borgerpanel: the inner listener failed and is opened anew");
        // Out of file descriptors it fails; the old door stays, and the next request tries again.
        if let Ok(new) = Door::open(&self.place, number + 1, self.workers, &self.service) {
            *door = Some(new);
        }
    }

    /// Ends the workers. Requests still inside are abandoned.
    pub fn close(&self) {
        let door = self.door().take();
        if let Some(door) = door {
            door.close(CLOSING);
        }
        self.place.remove();
    }

    fn door(&self) -> MutexGuard<'_, Option<Door>> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    fn tickets(&self) -> MutexGuard<'_, HashMap<u128, Permit>> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of a ticket that was waiting; it is not any more.
    fn redeem(&self, ticket: &str) -> Option<Permit> {
        let id = u128::from_str_radix(ticket, 16).ok()?;
        self.tickets().remove(&id)
    }
}

/// The right to one request; printed as the header's value.
pub struct Ticket {
    id: u128,
    service: Arc<Service>,
}

impl Ticket {
    /// Whether a worker has taken the request.
    pub fn taken(&self) -> bool {
        !self.service.tickets().contains_key(&self.id)
    }

    /// Makes the ticket worthless and gives its place back; `None` where a worker has taken the
    /// request already.
    pub fn void(&self) -> Option<Permit> {
        self.service.tickets().remove(&self.id)
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.id)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.void();
    }
}
