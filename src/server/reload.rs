//! Events for browsers that are open (server-sent events): "the page has changed, load it anew".

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::http::Body;

/// How often something is sent where nothing happens: only writing shows that a client has left.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// The first thing sent: come back after a second where the connection broke (a restart).
const GREETING: &[u8] = b"retry: 1000\n\n";

/// One event: a name, and data of one or more lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub name: &'static str,
    pub data: String,
}

impl Event {
    /// As it goes over the wire.
    fn encode(&self) -> Vec<u8> {
        let mut text = format!("event: {}\n", self.name);
        // A lone carriage return ends a line too, so none may be left in one.
        for line in self.data.split(['\n', '\r']) {
            text.push_str(&format!("data: {line}\n"));
        }
        text.push('\n');
        text.into_bytes()
    }
}

/// Tells every open page.
pub struct Reloads {
    heartbeat: Duration,
    listeners: Mutex<Vec<Sender<Vec<u8>>>>,
}

impl Default for Reloads {
    fn default() -> Reloads {
        Reloads::with_heartbeat(HEARTBEAT)
    }
}

impl Reloads {
    /// With another pause between heartbeats.
    pub fn with_heartbeat(heartbeat: Duration) -> Reloads {
        Reloads { heartbeat, listeners: Mutex::default() }
    }

    /// Sends `event` to everybody who listens, and forgets those who have left.
    pub fn publish(&self, event: &Event) {
        let bytes = event.encode();
        self.listeners().retain(|listener| listener.send(bytes.clone()).is_ok());
    }

    /// A stream of the events from now on, for [`super::http::Response::events`]. It ends when
    /// the `Reloads` is dropped, or when writing it fails.
    pub fn subscribe(&self) -> Body {
        let (sender, receiver) = channel();
        self.listeners().push(sender);
        let unread = io::Cursor::new(GREETING.to_vec());
        Body::Stream(Box::new(Listening { receiver, unread, heartbeat: self.heartbeat }))
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<Sender<Vec<u8>>>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One subscription as bytes.
struct Listening {
    receiver: Receiver<Vec<u8>>,
    unread: io::Cursor<Vec<u8>>,
    heartbeat: Duration,
}

impl Read for Listening {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.unread.read(into)?;
        if count > 0 || into.is_empty() {
            return Ok(count);
        }
        let next = match self.receiver.recv_timeout(self.heartbeat) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => b": \n\n".to_vec(),
            Err(RecvTimeoutError::Disconnected) => return Ok(0),
        };
        self.unread = io::Cursor::new(next);
        self.unread.read(into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(stream: &mut Box<dyn Read + Send>) -> String {
        let mut bytes = [0; 256];
        let count = stream.read(&mut bytes).expect("a read");
        String::from_utf8(bytes[..count].to_vec()).expect("UTF-8")
    }

    fn stream(reloads: &Reloads) -> Box<dyn Read + Send> {
        let Body::Stream(stream) = reloads.subscribe() else { panic!("a stream") };
        stream
    }

    #[test]
    fn sends_every_listener_every_event_and_heartbeats_between() {
        let reloads = Reloads::with_heartbeat(Duration::from_millis(5));
        let (mut one, mut other) = (stream(&reloads), stream(&reloads));
        reloads.publish(&Event { name: "problems", data: "a\nb\rc".to_owned() });
        for listener in [&mut one, &mut other] {
            assert_eq!(next(listener), "retry: 1000\n\n");
            assert_eq!(next(listener), "event: problems\ndata: a\ndata: b\ndata: c\n\n");
            assert_eq!(next(listener), ": \n\n");
        }
        drop(reloads);
        assert_eq!(next(&mut one), "");
    }

    #[test]
    fn forgets_listeners_who_left() {
        let reloads = Reloads::default();
        drop(stream(&reloads));
        let _stays = stream(&reloads);
        reloads.publish(&Event { name: "reload", data: String::new() });
        assert_eq!(reloads.listeners().len(), 1);
    }
}
