//! What a running central does by itself, in a thread beside its server.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::console::complain;
use crate::error::{Context, Result};
use crate::mail::outgoing::Report;
use crate::server::app::{App, Published};
use crate::server::chores::Chores;
use crate::server::mailer::Mailer;

/// Between two rounds. A sign-up that came from a kiosk waits so long for its mail.
const EVERY: Duration = Duration::from_secs(5);

/// The thread; it ends when this is dropped, after the round under way.
pub struct Rounds {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Rounds {
    /// Starts it.
    pub fn start(chores: Chores, mailer: Mailer, app: Arc<App>) -> Result<Rounds> {
        let (stop, stopped) = channel::<()>();
        let rounds = move || {
            let mut post = Post::default();
            loop {
                let published = app.published();
                chores.run(&published);
                let mut wait = |pause| goes_on(&stopped, pause);
                post.send(&mailer, &published, &mut wait);
                if !goes_on(&stopped, EVERY) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("rounds".to_owned());
        let thread = thread.spawn(rounds).during("start a thread")?;
        Ok(Rounds { stop: Some(stop), thread: Some(thread) })
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
}

impl Post {
    fn send(
        &mut self,
        mailer: &Mailer,
        published: &Published,
        wait: &mut dyn FnMut(Duration) -> bool,
    ) {
        let news = match mailer.send(published, wait) {
            Ok(Some(report)) => self.news(&report),
            Ok(None) if mailer.smtp.host.is_none() && mailer.is_idle().is_ok_and(|idle| !idle) => {
                "mails wait, and `smtp.host` in central.toml names no server to hand them in at"
                    .to_owned()
            }
            Ok(None) => return,
            Err(error) => error.to_string(),
        };
        if !news.is_empty() && news != self.said {
            complain!("borgerpanel: {news}");
        }
        self.said = news;
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
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic was told by the panic's own message.
            let _ = thread.join();
        }
    }
}
