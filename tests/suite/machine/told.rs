//! The real servers under the eyes of a service manager, which is a socket of the test's.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::authors::Desk;
use crate::preview::Running;

const PROGRAM: &str = env!("CARGO_BIN_EXE_borgerpanel");

/// How long a server may take to start, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A service manager's end of the socket.
pub struct Manager {
    heard: UnixDatagram,
    /// For `NOTIFY_SOCKET`.
    pub name: String,
}

impl Manager {
    /// At an abstract address, as containers have it.
    pub fn hidden() -> Manager {
        let name = format!("borgerpanel-told-{}-{:x}", std::process::id(), fastrand::u64(..));
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let heard = UnixDatagram::bind_addr(&address).expect("a socket");
        Manager { heard, name: format!("@{name}") }
    }

    /// At a path, as `/run/systemd/notify` is.
    pub fn at(path: &std::path::Path) -> Manager {
        let heard = UnixDatagram::bind(path).expect("a socket");
        Manager { heard, name: path.display().to_string() }
    }

    /// What is told next, if anything is within `patience`.
    pub fn next(&self, patience: Duration) -> Option<String> {
        self.heard.set_read_timeout(Some(patience)).expect("a timeout");
        let mut bytes = [0; 512];
        let length = self.heard.recv(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes[..length]).into_owned())
    }

    /// Waits until something is told that begins like this.
    pub fn wait_for(&self, begins: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut all = Vec::new();
        while Instant::now() < deadline {
            match self.next(PATIENCE) {
                Some(told) if told.starts_with(begins) => return told,
                told => all.push(told),
            }
        }
        panic!("no {begins} among {all:?}");
    }
}

pub fn terminate(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("told");
}

/// Ready, petted at half of the watchdog's two seconds with the state, and told of the end.
fn tells(desk: &Desk, manager: &Manager, server: &[&str], state: &str) {
    let mut command = Command::new(PROGRAM);
    command.args(server).args(["--listen", "127.0.0.1:0"]).current_dir(desk.path(""));
    command.env("NOTIFY_SOCKET", &manager.name).env("WATCHDOG_USEC", "2000000");
    command.env_remove("WATCHDOG_PID").stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = Running(command.spawn().expect("the program starts"));
    assert_eq!(manager.next(PATIENCE).as_deref(), Some("READY=1"));
    for _ in 0..3 {
        assert_eq!(manager.next(PATIENCE), Some(format!("WATCHDOG=1\nSTATUS={state}")));
    }
    terminate(running.0.id());
    manager.wait_for("STOPPING=1");
    let ended = running.0.wait().expect("it ends");
    assert!(ended.success(), "{ended}");
}

#[test]
fn a_kiosk_tells_that_it_answers_and_what_it_has_not_sent() {
    let desk = Desk::new();
    let manager = Manager::at(&desk.path("notify"));
    tells(&desk, &manager, &["kiosk", "run"], "not-enrolled, 0 answers not sent yet");
}

#[test]
fn a_central_tells_that_it_answers() {
    let desk = Desk::new();
    desk.says(&["central", "init"], 0);
    tells(&desk, &Manager::hidden(), &["central", "run"], "ok, 0 answers not sent yet");
}

#[test]
fn a_watchdog_of_the_program_that_started_it_is_left_alone() {
    let (desk, manager) = (Desk::new(), Manager::hidden());
    let mut command = Command::new(PROGRAM);
    command.args(["kiosk", "run", "--listen", "127.0.0.1:0"]).current_dir(desk.path(""));
    command.env("NOTIFY_SOCKET", &manager.name).env("WATCHDOG_USEC", "2000000");
    command.env("WATCHDOG_PID", "1").stdout(Stdio::null()).stderr(Stdio::null());
    let _running = Running(command.spawn().expect("the program starts"));
    assert_eq!(manager.next(PATIENCE).as_deref(), Some("READY=1"));
    let told = manager.wait_for("STATUS=");
    assert!(!told.contains("WATCHDOG"), "{told}");
}
