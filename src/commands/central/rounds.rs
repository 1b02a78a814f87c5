//! What a running central does by itself, in a thread beside its server.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::error::{Context, Result};
use crate::server::app::App;
use crate::server::chores::Chores;

/// Between two rounds. A sign-up that came from a kiosk waits so long for its mail.
const EVERY: Duration = Duration::from_secs(10);

/// The thread; it ends when this is dropped, after the round under way.
pub struct Rounds {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Rounds {
    /// Starts it.
    pub fn start(chores: Chores, app: Arc<App>) -> Result<Rounds> {
        let (stop, stopped) = channel::<()>();
        let rounds = move || {
            loop {
                chores.run(&app.published());
                if stopped.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("rounds".to_owned());
        let thread = thread.spawn(rounds).during("start a thread")?;
        Ok(Rounds { stop: Some(stop), thread: Some(thread) })
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
