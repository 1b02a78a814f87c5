//! The private socket between gate and tiny_http, and tiny_http's server on it.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::{Service, worker};
use crate::error::{Context, Error, Result};
use crate::server::permits::Permits;

#[cfg(not(unix))]
pub use loopback::{Place, Socket};
#[cfg(unix)]
pub use unix::{Place, Socket};

/// One opening of tiny_http.
pub struct Door {
    /// Counts openings.
    pub number: u64,
    server: Arc<tiny_http::Server>,
    workers: usize,
    /// A place is taken by each worker that has not ended.
    working: Arc<Permits>,
    address: Address,
}

#[cfg(unix)]
type Address = std::path::PathBuf;
#[cfg(not(unix))]
type Address = std::net::SocketAddr;

impl Door {
    /// A new socket at `place`, with `workers` threads that serve it.
    pub fn open(
        place: &Place,
        number: u64,
        workers: usize,
        service: &Arc<Service>,
    ) -> Result<Door> {
        let (listener, address) = place.listen(number)?;
        let opened = tiny_http::Server::from_listener(listener, None);
        let server = opened.map_err(|error| Error::new("open the inner server").source(error))?;
        let working = Permits::new(workers);
        let door = Door { number, server: Arc::new(server), workers, working, address };
        for _ in 0..workers {
            door.begin_worker(service.clone()).during("start a worker")?;
        }
        Ok(door)
    }

    fn begin_worker(&self, service: Arc<Service>) -> io::Result<()> {
        let server = self.server.clone();
        let place = self.working.take(Duration::ZERO);
        let named = thread::Builder::new().name("worker".to_owned());
        let begun = named.spawn(move || {
            worker::serve(&server, &service);
            // In this order: who waits for the places wants to be the server's last owner.
            drop(server);
            drop(place);
        });
        begun.map(|_| ())
    }

    /// Ends the workers and then the server, while its socket can still be reached: tiny_http
    /// wakes its accepting thread through it. Waits for handlers at most `grace`.
    pub fn close(self, grace: Duration) {
        self.unblock();
        self.working.wait_until_free(grace);
    }

    fn unblock(&self) {
        for _ in 0..self.workers {
            self.server.unblock();
        }
    }

    /// A connection to it.
    pub fn connect(&self) -> io::Result<Socket> {
        Socket::connect(&self.address)
    }
}

impl Drop for Door {
    /// Workers end when they are done with what they are at; the last takes the server with it.
    fn drop(&mut self) {
        self.unblock();
    }
}

/// A Unix socket in a folder that nobody else may enter.
#[cfg(unix)]
mod unix {
    use std::fs::{self, DirBuilder};
    use std::os::unix::fs::DirBuilderExt;
    use std::os::unix::net::UnixListener;
    pub use std::os::unix::net::UnixStream as Socket;
    use std::path::{Path, PathBuf};

    use rustix::process::{Pid, test_kill_process};

    use crate::error::{Context, Result};

    /// Begins the folders' names; the process's number follows.
    const PREFIX: &str = "borgerpanel-edge-";

    /// The private folder.
    pub struct Place(PathBuf);

    impl Place {
        /// Makes the folder, and removes those of processes that are gone.
        pub fn prepare() -> Result<Place> {
            let parent = runtime_folder();
            remove_stale(&parent);
            let name = format!("{PREFIX}{}-{:08x}", std::process::id(), fastrand::u32(..));
            let folder = parent.join(name);
            let made = DirBuilder::new().mode(0o700).create(&folder);
            made.during_at("make the private folder", &folder)?;
            Ok(Place(folder))
        }

        /// Listens at opening `number`.
        pub fn listen(&self, number: u64) -> Result<(UnixListener, PathBuf)> {
            let path = self.0.join(number.to_string());
            let listener = UnixListener::bind(&path).during_at("listen on", &path)?;
            Ok((listener, path))
        }

        /// Removes the folder; what cannot be removed the next start removes.
        pub fn remove(&self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            self.remove();
        }
    }

    /// systemd's folder for the unit, else the session's, else the temporary one.
    fn runtime_folder() -> PathBuf {
        let named =
            ["RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"].into_iter().filter_map(std::env::var_os);
        let mut folders = named.map(PathBuf::from).filter(|folder| is_usable(folder));
        folders.next().unwrap_or_else(std::env::temp_dir)
    }

    fn is_usable(folder: &Path) -> bool {
        // A socket's address holds 108 bytes, and 104 on macOS.
        let short = folder.as_os_str().len() < 50;
        short && rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
    }

    fn remove_stale(parent: &Path) {
        let Ok(entries) = fs::read_dir(parent) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name.to_str().is_some_and(is_stale) {
                // Another user's stays where it is: the folder's mode sees to that.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    fn is_stale(name: &str) -> bool {
        let number = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        let pid = number.and_then(|number| number.parse().ok()).and_then(Pid::from_raw);
        pid.is_some_and(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::os::unix::fs::PermissionsExt;

        #[test]
        fn the_folder_is_private_and_goes_away() {
            let place = Place::prepare().expect("a place");
            let (_listener, path) = place.listen(0).expect("a listener");
            let mode = fs::metadata(&place.0).expect("the folder").permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
            drop(place);
            assert!(!path.exists());
        }

        #[test]
        fn only_folders_of_processes_that_are_gone_are_stale() {
            assert!(!is_stale(&format!("{PREFIX}{}-1", std::process::id())));
            assert!(!is_stale("something else"));
            assert!(!is_stale(&format!("{PREFIX}x")));
            assert!(is_stale(&format!("{PREFIX}{}-1", i32::MAX)));
        }
    }
}

/// Loopback TCP, where there are no Unix sockets; the tickets keep other users out.
#[cfg(not(unix))]
mod loopback {
    pub use std::net::TcpStream as Socket;
    use std::net::{SocketAddr, TcpListener};

    use crate::error::{Context, Result};

    /// Nothing to prepare.
    pub struct Place;

    impl Place {
        /// Always possible.
        pub fn prepare() -> Result<Place> {
            Ok(Place)
        }

        /// Listens on a free port.
        pub fn listen(&self, _number: u64) -> Result<(TcpListener, SocketAddr)> {
            let listener = TcpListener::bind("127.0.0.1:0").during("listen on loopback")?;
            let address = listener.local_addr().during("read the loopback address")?;
            Ok((listener, address))
        }

        /// Nothing to remove.
        pub fn remove(&self) {}
    }
}
