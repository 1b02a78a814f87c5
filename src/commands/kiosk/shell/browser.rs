//! Chromium: how it is started for a kiosk, and how it is ended with all its processes.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::error::{Context, Result};

/// Every one exists in today's Chromium; many recipes name some that are gone. Neither
/// `--no-sandbox` nor `--remote-debugging-port` may ever be among them.
const FLAGS: [&str; 15] = [
    "--kiosk",
    "--noerrdialogs",
    "--disable-infobars",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-crash-restore-bubble",
    "--disable-pinch",
    "--overscroll-history-navigation=0",
    "--pull-to-refresh=0",
    "--password-store=basic",
    "--enable-speech-dispatcher",
    "--ozone-platform=wayland",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-sync",
];

/// How long Chromium may take to end when it is asked to, in steps.
const GRACE_STEPS: u32 = 50;
const GRACE_STEP: Duration = Duration::from_millis(100);

/// What a service manager tells the shell is not for the browser.
const NOT_INHERITED: [&str; 4] =
    ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "RUNTIME_DIRECTORY"];

/// A browser that was started, with the processes it starts.
pub struct Browser(Child);

impl Browser {
    /// Opens `page`; all that is kept is kept in `folder`.
    pub fn start(program: &Path, folder: &Path, page: &str) -> Result<Browser> {
        let mut command = Command::new(program);
        command.args(FLAGS);
        command.arg(format!("--user-data-dir={}", folder.join("profile").display())).arg(page);
        // Certificates, fonts and shaders are kept elsewhere than in the profile: there too.
        command.env("HOME", folder).env("XDG_CACHE_HOME", folder.join("cache"));
        command.env("TMPDIR", folder);
        NOT_INHERITED.iter().for_each(|name| {
            command.env_remove(name);
        });
        command.stdin(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        orphans::adopt();
        let started = command.spawn().during_at("start the browser", program);
        started.map(Browser).map_err(|error| {
            error.hint("install Debian's `chromium`, or name another with --browser")
        })
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<String> {
        match self.0.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(status.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Asks all its processes to end, and then makes them.
    pub fn end(mut self) {
        signal(&mut self.0, Ending::Asked);
        for _ in 0..GRACE_STEPS {
            if self.ended().is_some() {
                break;
            }
            thread::sleep(GRACE_STEP);
        }
        // Also where the first process is gone: others of its group may not be.
        signal(&mut self.0, Ending::Forced);
        let _ = self.0.wait();
        orphans::end();
    }
}

/// How hard a process is told to end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Asked,
    Forced,
}

#[cfg(unix)]
fn signal(child: &mut Child, how: Ending) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = if how == Ending::Asked { Signal::TERM } else { Signal::KILL };
    // Nobody left to hear it is what was wanted.
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, signal);
    }
}

#[cfg(not(unix))]
fn signal(child: &mut Child, how: Ending) {
    if how == Ending::Forced {
        let _ = child.kill();
    }
}

/// Processes that a browser's started and left, in a group of their own: speech-dispatcher, which
/// Chromium starts for "Læs op" and which remembers what it read.
#[cfg(target_os = "linux")]
mod orphans {
    use std::fs;

    use rustix::process::waitpid;
    use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper};

    /// From now on whoever loses its parent becomes a child of this process.
    pub fn adopt() {
        // Where it cannot be, systemd still ends all that is in the unit.
        let _ = set_child_subreaper(Some(getpid()));
    }

    /// Ends them all, and those that they leave.
    pub fn end() {
        loop {
            let left = children();
            if left.is_empty() {
                return;
            }
            for child in left {
                let _ = kill_process(child, Signal::KILL);
                let _ = waitpid(Some(child), WaitOptions::empty());
            }
        }
    }

    fn children() -> Vec<Pid> {
        let Ok(threads) = fs::read_dir("/proc/self/task") else { return Vec::new() };
        let lists = threads
            .flatten()
            .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        let all: Vec<String> = lists.collect();
        let numbers = all.iter().flat_map(|list| list.split_whitespace());
        numbers.filter_map(|number| Pid::from_raw(number.parse().ok()?)).collect()
    }
}

/// Elsewhere there is no such thing.
#[cfg(not(target_os = "linux"))]
mod orphans {
    pub fn adopt() {}
    pub fn end() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_flag_opens_a_door_and_none_is_gone() {
        let never = ["--no-sandbox", "--remote-debugging-port", "--remote-debugging-pipe"];
        let gone = [
            "--disable-session-crashed-bubble",
            "--disable-translate",
            "--enable-virtual-keyboard",
        ];
        for flag in FLAGS {
            assert!(!never.iter().chain(&gone).any(|bad| flag.starts_with(bad)), "{flag}");
        }
    }
}
