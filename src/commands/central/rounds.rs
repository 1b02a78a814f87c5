//! What a running central does by itself, in a thread beside its server.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::backup::rotation::{self, Rotation};
use crate::console::complain;
use crate::error::{Context, Result};
use crate::mail::outgoing::Report;
use crate::server::app::{App, Published};
use crate::server::chores::Chores;
use crate::server::mailer::Mailer;

/// Between two rounds. A sign-up that came from a kiosk waits so long for its mail.
const EVERY: Duration = Duration::from_secs(5);
/// Twice as long each time, up to three quarters of an hour.
const STOPS_MAX: u32 = 9;

/// The threads; they end when this is dropped, after what is under way. Mails have one of their own, and
/// backups: ten thousand invitations must not keep a survey from closing.
pub struct Rounds {
    stops: Vec<Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Rounds {
    /// Starts them.
    pub fn start(
        chores: Chores,
        mailer: Mailer,
        mut rotation: Rotation,
        app: Arc<App>,
    ) -> Result<Rounds> {
        let mut rounds = Rounds { stops: Vec::new(), threads: Vec::new() };
        let own = app.clone();
        rounds.begin("rounds", move |stopped| {
            loop {
                chores.run(&own.published());
                if !goes_on(&stopped, EVERY) {
                    return;
                }
            }
        })?;
        let own = app.clone();
        rounds.begin("backups", move |stopped| {
            loop {
                rotation.run(own.published().site.renderer.config());
                if !goes_on(&stopped, rotation::EVERY) {
                    return;
                }
            }
        })?;
        rounds.begin("mail", move |stopped| {
            let mut post = Post::default();
            loop {
                let pause =
                    post.send(&mailer, &|| app.published(), &mut |pause| goes_on(&stopped, pause));
                if !goes_on(&stopped, pause) {
                    return;
                }
            }
        })?;
        Ok(rounds)
    }

    fn begin(
        &mut self,
        name: &str,
        work: impl FnOnce(Receiver<()>) + Send + 'static,
    ) -> Result<()> {
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::Builder::new().name(name.to_owned());
        self.threads.push(thread.spawn(move || work(stopped)).during("start a thread")?);
        self.stops.push(stop);
        Ok(())
    }
}

/// Waits; false where the central stops.
fn goes_on(stopped: &Receiver<()>, pause: Duration) -> bool {
    stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout)
}

/// The sending, and what was said of it last: a server that is away all night is one line, not thousands.
#[derive(Default)]
struct Post {
    said: String,
    /// How often in a row staff would have had to act.
    stops: u32,
}

impl Post {
    /// Sends what is due. Returns how long to wait before the next time: where staff have to act, longer and
    /// longer, as each try costs the city's name at the server.
    fn send(
        &mut self,
        mailer: &Mailer,
        published: &dyn Fn() -> Arc<Published>,
        wait: &mut dyn FnMut(Duration) -> bool,
    ) -> Duration {
        let (news, is_stopped) = match mailer.send(published, wait) {
            Ok(Some(report)) => (self.news(&report), report.stopped.is_some()),
            Ok(None) if mailer.smtp.host.is_none() && mailer.is_idle().is_ok_and(|idle| !idle) => (
                "mails wait, and `smtp.host` in central.toml names no server to hand them in at"
                    .to_owned(),
                false,
            ),
            Ok(None) => return EVERY,
            Err(error) => (error.to_string(), true),
        };
        if !news.is_empty() && news != self.said {
            complain!("borgerpanel: {news}");
        }
        self.said = news;
        self.stops = if is_stopped { (self.stops + 1).min(STOPS_MAX) } else { 0 };
        EVERY * 2_u32.pow(self.stops)
    }

    fn news(&self, report: &Report) -> String {
        let mut news = Vec::new();
        if !report.refused.is_empty() {
            news.push(format!("{} mails were refused for good", report.refused.len()));
        }
        if !report.unsure.is_empty() {
            news.push(format!(
                "{} mails may have arrived or not: `borgerpanel invite SURVEY --unsure` sends them once more",
                report.unsure.len()
            ));
        }
        news.extend(report.stopped.as_ref().map(ToString::to_string));
        news.join("; ")
    }
}

impl Drop for Rounds {
    fn drop(&mut self) {
        self.stops.clear();
        for thread in self.threads.drain(..) {
            // A panic was told by the panic's own message.
            let _ = thread.join();
        }
    }
}
