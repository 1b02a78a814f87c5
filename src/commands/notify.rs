//! What systemd is told (sd_notify): that we are ready, that we still answer, that we end.
//!
//! A server pets its watchdog only after it has asked itself over its own listening socket, see
//! [`Watch`]: a thread that lives on beside a server that hangs would prove nothing.

use std::net::SocketAddr;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::health;
use crate::error::{Context, Result};

pub use socket::Manager;

/// How often the state is told where there is no watchdog.
const LEISURE: Duration = Duration::from_secs(30);

/// How often a watchdog that bites after `WATCHDOG_USEC` wants to be petted; none where there is no
/// watchdog. Half of it, as sd_watchdog_enabled(3) advises.
pub fn watchdog_pause() -> Option<Duration> {
    pause_of(&std::env::var("WATCHDOG_USEC").ok()?)
}

fn pause_of(microseconds: &str) -> Option<Duration> {
    let bites_after: u64 = microseconds.parse().ok()?;
    (bites_after > 1).then(|| Duration::from_micros(bites_after / 2))
}

/// Whether the watchdog is meant for this process and not for one that started it.
fn is_ours() -> bool {
    std::env::var("WATCHDOG_PID").map_or(true, |pid| pid == std::process::id().to_string())
}

/// A thread that tells the service manager about a server until it is dropped.
pub struct Watch {
    stop: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
    manager: Manager,
}

impl Watch {
    /// Says that the server at `address` is ready, and goes on to watch it. None where no service
    /// manager listens.
    ///
    /// # Errors
    /// Where there can be no thread.
    pub fn begin(address: SocketAddr) -> Result<Option<Watch>> {
        let pause = watchdog_pause().filter(|_| is_ours());
        Manager::named().map(|manager| Watch::over(address, manager, pause)).transpose()
    }

    fn over(address: SocketAddr, manager: Manager, watchdog: Option<Duration>) -> Result<Watch> {
        manager.tell("READY=1");
        let (stop, stopped) = sync_channel(1);
        let told = manager.clone();
        let pause = watchdog.unwrap_or(LEISURE);
        let watch = move || {
            loop {
                // Connecting and reading may each take a third: together with the pause that is
                // less than the watchdog's whole time.
                if let Ok(health) = health::ask(address, pause / 3) {
                    let pet = if watchdog.is_some() { "WATCHDOG=1\n" } else { "" };
                    told.tell(&format!("{pet}STATUS={}", health.sentence()));
                }
                if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("watchdog".to_owned()).spawn(watch);
        let thread = Some(thread.during("start the watchdog's thread")?);
        Ok(Watch { stop, thread, manager })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.manager.tell("STOPPING=1");
        // It may have ended already.
        let _ = self.stop.try_send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(unix)]
mod socket {
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    use std::sync::Arc;

    /// The service manager's socket.
    #[derive(Clone)]
    pub struct Manager(Arc<(UnixDatagram, SocketAddr)>);

    impl Manager {
        /// The one that `NOTIFY_SOCKET` names.
        pub fn named() -> Option<Manager> {
            Manager::at(&std::env::var("NOTIFY_SOCKET").ok()?)
        }

        pub(super) fn at(name: &str) -> Option<Manager> {
            let address = match name.strip_prefix('@') {
                Some(name) => abstract_name(name)?,
                None => SocketAddr::from_pathname(name).ok()?,
            };
            let socket = UnixDatagram::unbound().ok()?;
            // A manager that is stuck must not hold up the server.
            socket.set_nonblocking(true).ok()?;
            Some(Manager(Arc::new((socket, address))))
        }

        /// Tells it `KEY=value` lines. One that does not listen any more misses them.
        pub fn tell(&self, lines: &str) {
            let (socket, address) = &*self.0;
            let _ = socket.send_to_addr(lines.as_bytes(), address);
        }
    }

    #[cfg(target_os = "linux")]
    fn abstract_name(name: &str) -> Option<SocketAddr> {
        use std::os::linux::net::SocketAddrExt;
        SocketAddr::from_abstract_name(name).ok()
    }

    #[cfg(not(target_os = "linux"))]
    fn abstract_name(_: &str) -> Option<SocketAddr> {
        None
    }
}

/// Elsewhere nobody listens.
#[cfg(not(unix))]
mod socket {
    /// There is none.
    #[derive(Clone)]
    pub enum Manager {}

    impl Manager {
        /// None.
        pub fn named() -> Option<Manager> {
            None
        }

        /// Never called.
        pub fn tell(&self, _: &str) {
            match *self {}
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::os::unix::net::UnixDatagram;

    use super::*;

    const PAUSE: Duration = Duration::from_millis(300);

    /// A service manager's end, and what a program is given to reach it.
    fn manager() -> (tempfile::TempDir, UnixDatagram, Manager) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let heard = UnixDatagram::bind(&path).expect("a socket");
        heard.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
        let manager = Manager::at(path.to_str().expect("UTF-8")).expect("its address");
        (folder, heard, manager)
    }

    fn next(heard: &UnixDatagram) -> Option<String> {
        let mut bytes = [0; 512];
        let length = heard.recv(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes[..length]).into_owned())
    }

    #[test]
    fn a_server_that_answers_is_told_of_and_one_that_hangs_is_not() {
        let server = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (_folder, heard, manager) = manager();
        let address = server.local_addr().expect("an address");
        let watch = Watch::over(address, manager, Some(PAUSE)).expect("a thread");
        assert_eq!(next(&heard).as_deref(), Some("READY=1"));
        let (mut stream, _) = server.accept().expect("it asks");
        let mut asked = [0; 256];
        let length = stream.read(&mut asked).expect("a request");
        assert!(asked[..length].starts_with(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:"));
        stream
            .write_all(b"HTTP/1.1 503 No\r\n\r\n{\"status\":\"disk-full\",\"unsynced\":7}")
            .expect("sent");
        drop(stream);
        let told = next(&heard).expect("it was petted");
        assert_eq!(told, "WATCHDOG=1\nSTATUS=disk-full, 7 answers not sent yet");
        // From now on nobody answers, though the system still takes its connections.
        heard.set_read_timeout(Some(4 * PAUSE)).expect("a timeout");
        assert_eq!(next(&heard), None);
        drop(watch);
        assert_eq!(next(&heard).as_deref(), Some("STOPPING=1"));
    }

    #[test]
    fn half_of_the_watchdogs_time() {
        assert_eq!(pause_of("30000000"), Some(Duration::from_secs(15)));
        assert_eq!(pause_of("0"), None);
        assert_eq!(pause_of("soon"), None);
    }
}
