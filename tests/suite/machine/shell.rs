//! The screen with Debian's own Chromium: watched, ended, started again, and nothing left of it.
//!
//! Tests have no screen and run as root, so the browser is a script that adds `--headless` and
//! `--no-sandbox`; `kiosk shell` itself never does. Where there is no Chromium they say so and are
//! skipped, but with `BROWSER_TESTS=required` they fail.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::told::{Manager, PATIENCE, terminate};
use crate::authors::Desk;
use crate::preview::{Running, start};

const PROGRAM: &str = env!("CARGO_BIN_EXE_borgerpanel");
const CHROMIUM: &str = "/usr/bin/chromium";

/// All that Chromium is given, but for its folder.
const FLAGS: &str = "--kiosk --noerrdialogs --disable-infobars --no-first-run \
    --no-default-browser-check --hide-crash-restore-bubble --disable-pinch \
    --overscroll-history-navigation=0 --pull-to-refresh=0 --password-store=basic \
    --enable-speech-dispatcher --ozone-platform=wayland --disable-component-update \
    --disable-background-networking --disable-sync";

/// How long a page may be silent in these tests: it gives a sign of life every 10 seconds.
const SILENCE_SECONDS: &str = "13";

fn has_chromium() -> bool {
    let is_there = Path::new(CHROMIUM).exists();
    let required = std::env::var("BROWSER_TESTS").is_ok_and(|value| value == "required");
    assert!(is_there || !required, "BROWSER_TESTS=required, and there is no {CHROMIUM}");
    if !is_there {
        eprintln!("skipped: there is no {CHROMIUM}");
    }
    is_there
}

/// A desk with a folder for the browser's, and the script that stands for the browser.
struct Screen {
    desk: Desk,
}

impl Screen {
    fn new() -> Screen {
        let desk = Desk::new();
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$@\" > {flags}\necho $$ >> {pids}\n\
             exec {CHROMIUM} --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \"$@\"\n",
            flags = desk.path("flags").display(),
            pids = desk.path("pids").display(),
        );
        fs::write(desk.path("browser"), script).expect("written");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(desk.path("browser"), mode).expect("a mode");
        fs::create_dir(desk.path("run")).expect("a folder");
        Screen { desk }
    }

    fn shell(&self, address: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(["kiosk", "shell", "--patience", SILENCE_SECONDS]);
        command.arg("--server").arg(format!("http://{address}"));
        command.arg("--browser").arg(self.desk.path("browser"));
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "RUNTIME_DIRECTORY"] {
            command.env_remove(name);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The first processes of the browsers that were started.
    fn browsers(&self) -> Vec<Pid> {
        let pids = fs::read_to_string(self.desk.path("pids")).unwrap_or_default();
        pids.lines()
            .map(|pid| Pid::from_raw(pid.parse().expect("a number")).expect("one"))
            .collect()
    }

    /// Waits for this many browsers; the last.
    fn browser(&self, number: usize) -> Pid {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let browsers = self.browsers();
            if browsers.len() >= number {
                assert_eq!(browsers.len(), number, "one was started too many");
                return browsers[number - 1];
            }
            assert!(Instant::now() < deadline, "{} of {number} browsers", browsers.len());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The folders that browsers live in.
    fn folders(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.desk.path("run")).expect("a folder");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    }

    /// Nothing is left: no file, and no process that was given a folder of this desk.
    fn is_as_before(&self) {
        assert_eq!(self.folders(), [""; 0].map(PathBuf::from));
        let own = self.desk.path("run").display().to_string();
        for entry in fs::read_dir("/proc").expect("/proc").flatten() {
            let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).into_owned();
            assert!(!words.contains(&own), "{words}");
        }
    }
}

fn signal(browser: Pid, signal: Signal) {
    kill_process_group(browser, signal).expect("its processes");
}

/// Ends the shell as systemd does; it waits for a browser that does not listen, and no longer.
fn end(mut shell: Child) {
    terminate(shell.id());
    let ended = shell.wait().expect("it ends");
    assert!(ended.success(), "{ended}");
}

#[test]
fn the_watchdog_is_petted_while_the_page_lives_and_no_longer() {
    if !has_chromium() {
        return;
    }
    let (screen, manager) = (Screen::new(), Manager::hidden());
    let (_server, address) = start(&screen.desk, &["kiosk", "run", "--listen", "127.0.0.1:0"]);
    let mut command = screen.shell(&address);
    command.env("NOTIFY_SOCKET", &manager.name).env("WATCHDOG_USEC", "4000000");
    // The first process of a unit is cage: the watchdog is meant for the shell all the same.
    command.env("WATCHDOG_PID", "1").env("RUNTIME_DIRECTORY", screen.desk.path("run"));
    let shell = command.spawn().expect("the program starts");
    manager.wait_for("READY=1\nWATCHDOG=1\nSTATUS=the page is shown");
    assert!(manager.wait_for("").starts_with("WATCHDOG=1\n"));

    let folders = screen.folders();
    assert_eq!(folders.len(), 1, "{folders:?}");
    let mode = fs::metadata(&folders[0]).expect("the folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let given = fs::read_to_string(screen.desk.path("flags")).expect("its flags");
    let profile = folders[0].join("profile");
    let flags: Vec<&str> = FLAGS.split_whitespace().collect();
    let page = format!("http://{address}/kiosk/");
    let wanted = format!("{}\n--user-data-dir={}\n{page}\n", flags.join("\n"), profile.display());
    assert_eq!(given, wanted);

    signal(screen.browser(1), Signal::STOP);
    manager.wait_for("STATUS=the page gives no sign of life");
    let quiet = Instant::now() + Duration::from_secs(5);
    while Instant::now() < quiet {
        let told = manager.next(Duration::from_secs(5)).unwrap_or_default();
        assert!(!told.contains("WATCHDOG"), "{told}");
    }
    end(shell);
    manager.wait_for("STOPPING=1");
    screen.browser(1);
    screen.is_as_before();
}

#[test]
fn a_browser_that_ends_or_hangs_is_started_again_in_a_fresh_folder() {
    if !has_chromium() {
        return;
    }
    let screen = Screen::new();
    let free = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
    let address = free.to_string();
    let mut command = screen.shell(&address);
    // Of one that was killed, whose number nobody has.
    fs::create_dir(screen.desk.path("run/kiosk-shell-2147483647-0")).expect("a folder");
    let shell = command.env("TMPDIR", screen.desk.path("run")).spawn().expect("the program starts");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(screen.browsers(), [], "nothing answers there yet");
    let _server: (Running, String) = start(&screen.desk, &["kiosk", "run", "--listen", &address]);
    let first = screen.browser(1);
    let folder = screen.folders();
    assert_eq!(folder.len(), 1, "{folder:?}");
    signal(first, Signal::KILL);
    let second = screen.browser(2);
    assert_eq!(screen.folders().len(), 1);
    assert_ne!(screen.folders(), folder);
    // Long enough for its page to live.
    std::thread::sleep(Duration::from_secs(8));
    signal(second, Signal::STOP);
    screen.browser(3);
    end(shell);
    screen.is_as_before();
}
