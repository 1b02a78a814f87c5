//! A running server: started with a handler, stopped gracefully.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::gate::Gate;
use super::http::Handler;
use super::inner::Inner;
use super::limits::Limits;
use crate::error::{Context, Error, Result};

/// Connections the kernel keeps while all our places are taken.
#[cfg(unix)]
const BACKLOG: i32 = 1024;

/// Starts servers.
pub struct Server;

impl Server {
    /// Listens on `listen` (`host:port`; port 0 takes a free one) and answers with `handler`.
    ///
    /// # Errors
    /// Where the address cannot be listened on or there is no room for the private socket.
    pub fn start(listen: &str, handler: Handler, limits: Limits) -> Result<Running> {
        let listener = TcpListener::bind(listen).map_err(|error| {
            Error::new(format!("listen on {listen}"))
                .source(error)
                .hint("choose another address with --listen; another server may be running there")
        })?;
        lengthen_backlog(&listener);
        let address = listener.local_addr().during("read the address listened on")?;
        let inner = Inner::open(handler, &limits)?;
        let gate = Gate::new(limits, inner);
        let done = Arc::new(Done::default());
        let (accepting, ending) = (gate.clone(), done.clone());
        let named = thread::Builder::new().name("gate".to_owned());
        let begun = named.spawn(move || {
            accepting.accept(&listener);
            drop(listener);
            accepting.finish();
            ending.tell();
        });
        begun.during("start the gate's thread")?;
        Ok(Running(Arc::new(Handle { address, gate, done })))
    }
}

/// A server that answers until it is stopped or its last handle is dropped.
#[derive(Clone)]
pub struct Running(Arc<Handle>);

struct Handle {
    address: SocketAddr,
    gate: Arc<Gate>,
    done: Arc<Done>,
}

impl Running {
    /// The address listened on, with its real port.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// Begins to stop: nobody new, what is inside finishes. Returns at once; see [`Running::wait`].
    pub fn stop(&self) {
        self.0.stop();
    }

    /// Waits until the server has stopped.
    pub fn wait(&self) {
        self.0.done.wait();
    }
}

impl Handle {
    fn stop(&self) {
        self.gate.stop();
        // The accepting thread sleeps in `accept`; one connection wakes it. Where it is refused
        // the thread waits for a place instead and sees the stop by itself.
        let _ = TcpStream::connect_timeout(&reachable(self.address), Duration::from_secs(1));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop();
        self.done.wait();
    }
}

/// Where a server listening on all addresses is reached from this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The standard library asks for 128, which one crowd of browsers fills.
fn lengthen_backlog(listener: &TcpListener) {
    #[cfg(unix)]
    let _ = rustix::net::listen(listener, BACKLOG);
    #[cfg(not(unix))]
    let _ = listener;
}

#[derive(Default)]
struct Done {
    done: Mutex<bool>,
    told: Condvar,
}

impl Done {
    fn tell(&self) {
        *self.done.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.told.notify_all();
    }

    fn wait(&self) {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let _done =
            self.told.wait_while(done, |done| !*done).unwrap_or_else(PoisonError::into_inner);
    }
}
