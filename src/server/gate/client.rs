//! A client's socket, read and written against deadlines.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use super::Gate;
use crate::server::permits::Deadline;

/// No single system call waits longer, so that every thread sees soon that it has become crowded
/// or that the server is stopping.
pub const SLICE: Duration = Duration::from_millis(250);

/// How long a refused client may go on sending, so that it comes to read why.
const LINGER: Duration = Duration::from_secs(2);

/// Why no more bytes come or go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It closed, or the connection broke.
    Gone,
    /// The deadline passed.
    Late,
    /// The server is stopping and nothing had begun.
    Stopping,
}

/// How long to wait for a client.
#[derive(Debug, Clone, Copy)]
pub struct Wait {
    /// At the latest.
    until: Deadline,
    /// At the latest while connections are scarce.
    crowded: Deadline,
    /// At the latest while there are none left at all and the next visitor waits outside.
    full: Deadline,
    /// Whether stopping ends the wait at once.
    idle: bool,
}

impl Wait {
    /// `long`, or `crowded` where connections are scarce.
    pub fn new(long: Duration, crowded: Duration) -> Wait {
        Wait {
            until: Deadline::within(long),
            crowded: Deadline::within(crowded),
            full: Deadline::within(crowded / 2),
            idle: false,
        }
    }

    /// The wait for a head, which is one packet: it is hurried twice as much as others.
    pub fn head(long: Duration, crowded: Duration) -> Wait {
        Wait { full: Deadline::within(crowded / 5), ..Wait::new(long, crowded) }
    }

    /// A wait for something that has not begun. While connections are scarce a client that says
    /// nothing is the first to go: what it has to say would have come with its connection.
    pub fn idle(long: Duration, crowded: Duration) -> Wait {
        Wait { idle: true, ..Wait::head(long, crowded / 4) }
    }

    /// Ends no later than this one.
    #[must_use]
    pub fn within(self, other: Wait) -> Wait {
        Wait { until: self.until.or_before(other.until), ..self }
    }

    /// The same end, but `crowded` anew: something has moved.
    #[must_use]
    pub fn moved(self, crowded: Duration) -> Wait {
        let full = Deadline::within(crowded / 2);
        Wait { crowded: Deadline::within(crowded), full, ..self }
    }
}

/// One client.
pub struct Client {
    stream: TcpStream,
    gate: Arc<Gate>,
}

impl Client {
    /// Takes the accepted `stream`.
    pub fn new(stream: TcpStream, gate: Arc<Gate>) -> Client {
        // Failing leaves Nagle's delays, which is no reason to turn anybody away.
        let _ = stream.set_nodelay(true);
        Client { stream, gate }
    }

    /// Waits until there are bytes to read, so that nobody holds room for what may never come.
    pub fn ready(&mut self, wait: Wait) -> Result<(), Stop> {
        loop {
            let slice = self.slice(wait)?;
            self.stream.set_read_timeout(Some(slice)).map_err(|_| Stop::Gone)?;
            match self.stream.peek(&mut [0]) {
                Ok(0) => return Err(Stop::Gone),
                Ok(_) => return Ok(()),
                Err(error) if is_pause(&error) => {}
                Err(_) => return Err(Stop::Gone),
            }
        }
    }

    /// The next bytes.
    pub fn read(&mut self, into: &mut [u8], wait: Wait) -> Result<usize, Stop> {
        loop {
            let slice = self.slice(wait)?;
            self.stream.set_read_timeout(Some(slice)).map_err(|_| Stop::Gone)?;
            match self.stream.read(into) {
                Ok(0) => return Err(Stop::Gone),
                Ok(count) => return Ok(count),
                Err(error) if is_pause(&error) => {}
                Err(_) => return Err(Stop::Gone),
            }
        }
    }

    /// All of `bytes`, by the end of `wait`; while crowded, some of them every `crowded`.
    pub fn write(&mut self, mut bytes: &[u8], mut wait: Wait) -> Result<(), Stop> {
        while !bytes.is_empty() {
            let slice = self.slice(wait)?;
            self.stream.set_write_timeout(Some(slice)).map_err(|_| Stop::Gone)?;
            match self.stream.write(bytes) {
                Ok(0) => return Err(Stop::Gone),
                Ok(count) => {
                    bytes = &bytes[count..];
                    wait = wait.moved(self.gate.limits.crowded);
                }
                Err(error) if is_pause(&error) => {}
                Err(_) => return Err(Stop::Gone),
            }
        }
        Ok(())
    }

    /// Closes so that the client can read what was sent to it: with bytes of its own still
    /// unread, closing at once would make the kernel reset the connection and throw that away.
    pub fn close_gently(mut self) {
        let wait = Wait::idle(LINGER, self.gate.limits.crowded);
        let _ = self.stream.shutdown(Shutdown::Write);
        let mut rest = [0; 1024];
        while self.read(&mut rest, wait).is_ok() {}
    }

    fn slice(&self, wait: Wait) -> Result<Duration, Stop> {
        if wait.idle && self.gate.is_stopping() {
            return Err(Stop::Stopping);
        }
        let crowded = self.gate.is_crowded();
        let mut until = if crowded { wait.until.or_before(wait.crowded) } else { wait.until };
        if crowded && self.gate.connections.is_full() {
            until = until.or_before(wait.full);
        }
        let left = until.left();
        // While places are scarce a wait may become shorter than it was when it began.
        let slice = if crowded { SLICE / 2 } else { SLICE };
        if left.is_zero() { Err(Stop::Late) } else { Ok(left.min(slice)) }
    }
}

/// A system call that timed out or was interrupted, which is no end.
pub fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
