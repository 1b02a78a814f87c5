//! `borgerpanel kiosk shell`: the screen. Opens Chromium, watches its page, and leaves nothing behind.
//!
//! 1. Waits until the server answers: a visitor never sees a browser's own error page.
//! 2. Starts [`browser`] in a fresh [`profile`].
//! 3. Once the page has given its first sign of life, systemd is told that all is ready; from then on its
//!    watchdog is petted while the signs are fresh, and no longer. Where nothing watches over it, it
//!    ends a browser that fell silent by itself.
//! 4. A browser that ended is started again, in another profile.

mod browser;
mod profile;

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use crate::cli::{KioskShellArgs, Verdict};
use crate::commands::health;
use crate::commands::notify::{Manager, watchdog_pause};
use crate::commands::serving::Stop;
use crate::console::complain;
use crate::error::{Context, Error, Result};
use browser::Browser;

/// How often it looks, at most: a third of what the page's signs of life take.
const LOOK: Duration = Duration::from_secs(3);

/// How long the server may take to say how it is.
const ANSWER: Duration = Duration::from_secs(2);

/// The pause before a browser that ended is started again.
const BREATH: Duration = Duration::from_secs(1);

/// How long a browser may take until its page's first sign of life.
const START_MAX: Duration = Duration::from_secs(120);

/// Runs the command until it is stopped.
pub fn run(args: &KioskShellArgs) -> Result<Verdict> {
    let shell = Shell {
        browser: args.browser.clone(),
        page: format!("{}/kiosk/", args.server.trim_end_matches('/')),
        server: server_address(&args.server)?,
        silence_max: Duration::from_secs(args.patience.max(1)),
        manager: Manager::named(),
        petting: watchdog_pause(),
        stop: Stop::new(),
    };
    shell.stop.listen()?;
    shell.work().map(|()| Verdict::Fine)
}

struct Shell {
    browser: std::path::PathBuf,
    page: String,
    server: SocketAddr,
    silence_max: Duration,
    manager: Option<Manager>,
    /// How often the watchdog wants to be petted; none where there is none.
    petting: Option<Duration>,
    stop: Stop,
}

impl Shell {
    fn work(&self) -> Result<()> {
        profile::remove_stale();
        let mut ready = false;
        while self.server_answers() {
            let folder = profile::Profile::make()?;
            let mut browser = Browser::start(&self.browser, folder.path(), &self.page)?;
            let goes_on = self.watch(&mut browser, &mut ready);
            browser.end();
            folder.remove()?;
            if !goes_on || self.stop.asked_within(BREATH) {
                break;
            }
        }
        self.tell("STOPPING=1");
        Ok(())
    }

    /// Waits for the server; false where the wish to end came first.
    fn server_answers(&self) -> bool {
        self.tell("STATUS=waiting for the server");
        while health::ask(self.server, ANSWER).is_err() {
            if self.stop.asked_within(BREATH) {
                return false;
            }
        }
        true
    }

    /// Until the browser ended (true: another is wanted), or the wish to end came (false).
    fn watch(&self, browser: &mut Browser, ready: &mut bool) -> bool {
        let mut began = Some(Instant::now());
        loop {
            match (self.page_is_alive(began), began) {
                (true, _) => {
                    began = None;
                    self.pet(ready);
                }
                (false, Some(begin)) if begin.elapsed() < START_MAX => {}
                (false, _) if self.petting.is_some() => {
                    // systemd sees that nobody pets, and starts all of it again.
                    self.tell("STATUS=the page gives no sign of life");
                }
                (false, _) => {
                    complain!("borgerpanel: the page gives no sign of life: its browser is ended");
                    return true;
                }
            }
            let pause = self.petting.map_or(LOOK, |pause| pause.min(LOOK));
            if self.stop.asked_within(pause) {
                return false;
            }
            if let Some(how) = browser.ended() {
                complain!("borgerpanel: the browser ended ({how}) and is started again");
                return true;
            }
        }
    }

    fn pet(&self, ready: &mut bool) {
        let first = if *ready { "" } else { "READY=1\n" };
        *ready = true;
        self.tell(&format!("{first}WATCHDOG=1\nSTATUS=the page is shown"));
    }

    /// Whether the page gave a sign of life lately; with `began`, since the browser was started.
    fn page_is_alive(&self, began: Option<Instant>) -> bool {
        let Ok(health) = health::ask(self.server, ANSWER) else { return false };
        // The server counts whole seconds, downwards: one is added so that an old page's last sign is
        // not taken for a new one's first.
        let silent = health.page_seen_s.map(|seconds| Duration::from_secs(seconds + 1));
        let limit = began.map_or(self.silence_max, |began| began.elapsed().min(self.silence_max));
        silent.is_some_and(|silent| silent <= limit)
    }

    fn tell(&self, lines: &str) {
        if let Some(manager) = &self.manager {
            manager.tell(lines);
        }
    }
}

fn server_address(server: &str) -> Result<SocketAddr> {
    let place = server.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    let op = format!("use the server's address {server:?}");
    let hint = "write it with its port, as in `--server http://127.0.0.1:8080`";
    let place = place.ok_or_else(|| Error::new(&op).hint(hint))?;
    let mut found = place.to_socket_addrs().during(&op).map_err(|error| error.hint(hint))?;
    found.next().ok_or_else(|| Error::new(&op).hint(hint))
}
