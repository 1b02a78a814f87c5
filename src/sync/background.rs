//! Sending while a kiosk runs: a thread of its own that no visitor waits for.
//!
//! It sends when something new was stored, and every so often in any case, so that the central knows
//! that the kiosk is alive. After a failure it waits longer each time, from seconds to a quarter of an hour,
//! and never at the same moments as all the other kiosks. It waits for the enrolment to appear, and
//! notices when another takes its place.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::enrol::{self, Enrolment};
use super::exchange::{Kiosk, Report};
use super::push::Http;
use super::release::fetch::Fetcher;
use super::release::manifest::Id;
use super::release::shelf::Entry;
use crate::clock::Clock;
use crate::error::{Context, Error, Result};
use crate::store::Outbox;
use crate::store::record::Told;

const WAIT_MAX: Duration = Duration::from_secs(15 * 60);
/// New answers gather this long: somebody else may be just about to send theirs.
const GATHER: Duration = Duration::from_secs(2);
/// How often a kiosk looks for an enrolment that is not there yet.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What to send, from where, how often.
pub struct Plan {
    pub outbox: Arc<Outbox>,
    /// The kiosk's folder, where the enrolment is or will be.
    pub folder: PathBuf,
    /// The central's address, if it is another by now than at the enrolment.
    pub address: Option<String>,
    pub every: Duration,
    /// Whether it takes the releases of its central; one that shows a folder of its own does not.
    pub takes_releases: bool,
    pub clock: Arc<dyn Clock>,
    /// How the kiosk is, for the central.
    pub tell: Box<dyn Fn() -> Told + Send>,
    /// Told after every round: what the enrolment is, and how it went.
    pub told: Box<dyn Fn(&Round) + Send>,
}

/// A round, as it went.
#[derive(Debug)]
pub enum Round {
    /// The kiosk is enrolled now, or anew.
    Enrolled(Box<Enrolment>),
    Sent(Report),
    /// A release came, and is to be shown from now on.
    Released(Entry),
    /// One could not be had, or was refused; what is shown stays. The same is told once only.
    Refused(Error),
    /// Nothing could be sent, and the answers wait. `word` is stable (`SyncError::name`, `folder` where
    /// the kiosk's own files are at fault); of a series of one word only the first is told.
    Failed {
        word: &'static str,
        error: Error,
    },
}

/// The thread's handle. Dropping it stops the thread, after the call it is in.
pub struct Background {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Starts to send.
    pub fn start(plan: Plan) -> Result<Background> {
        let bell = Arc::new(Bell::default());
        let ring = Arc::clone(&bell);
        plan.outbox.ring_when_stored(move || ring.ring());
        let releases = plan.takes_releases.then(|| Fetcher::new(&plan.folder));
        let mut sender = Sender {
            plan,
            bell: Arc::clone(&bell),
            enrolment: None,
            failures: 0,
            trouble: "",
            releases,
            announced: None,
            refused: None,
        };
        let thread = thread::Builder::new()
            .name("sync".to_owned())
            .spawn(move || sender.run())
            .during("start to send in the background")?;
        Ok(Background { bell, thread: Some(thread) })
    }

    /// To send at once from elsewhere.
    pub fn hurry(&self) -> Hurry {
        Hurry(Arc::clone(&self.bell))
    }

    /// Ends after the call it is in; what is not sent is sent next time.
    pub fn stop(self) {
        drop(self);
    }
}

/// What came of sending at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The central has everything.
    Done,
    /// It cannot be reached, or there is none yet.
    Failed,
    /// It takes longer than whoever asked wanted to wait.
    Underway,
}

/// Asks the thread to send without waiting for its time; outlives it.
#[derive(Clone)]
pub struct Hurry(Arc<Bell>);

impl Hurry {
    /// Sends now, also after failures, and waits up to `patience` for what comes of it.
    pub fn send(&self, patience: Duration) -> Sent {
        let mut rung = self.0.rung();
        let before = rung.rounds;
        rung.is_hurried = true;
        self.0.changed.notify_all();
        // The round that is under way may have begun before the newest answer.
        let wanted = before + if rung.is_sending { 2 } else { 1 };
        let goes_on = |rung: &mut Rung| !rung.is_stopped && rung.rounds < wanted;
        let waited = self.0.changed.wait_timeout_while(rung, patience, goes_on);
        let rung = waited.unwrap_or_else(PoisonError::into_inner).0;
        match rung.rounds >= wanted {
            true if rung.is_well => Sent::Done,
            true => Sent::Failed,
            false => Sent::Underway,
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.bell.stop();
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was printed when it happened.
            let _ = thread.join();
        }
    }
}

struct Sender {
    plan: Plan,
    bell: Arc<Bell>,
    enrolment: Option<Enrolment>,
    failures: u32,
    /// The word of the last failure.
    trouble: &'static str,
    releases: Option<Fetcher>,
    announced: Option<Id>,
    /// Why a release could not be had, as it was told last.
    refused: Option<String>,
}

impl Sender {
    fn run(&mut self) {
        while !self.bell.is_stopped() {
            self.bell.begin_round();
            let wait = self.round();
            self.bell.end_round(self.failures == 0 && self.enrolment.is_some());
            // After whoever waits for a round was told: nothing that is sent waits for a release.
            self.fetch();
            self.bell.wait(wait, self.failures == 0 && self.enrolment.is_some());
        }
    }

    /// Sends once. Returns how long to wait.
    fn round(&mut self) -> Duration {
        match self.send() {
            Ok(None) => LOOK_EVERY,
            Ok(Some(report)) => {
                self.failures = 0;
                self.announced = report.announced;
                (self.plan.told)(&Round::Sent(report));
                self.plan.every
            }
            Err((word, error)) => {
                self.failures += 1;
                self.announced = None;
                if self.failures == 1 || self.trouble != word {
                    (self.plan.told)(&Round::Failed { word, error });
                }
                self.trouble = word;
                wait_after(self.failures, fastrand::f64())
            }
        }
    }

    /// None where the kiosk is not enrolled yet.
    fn send(&mut self) -> Result<Option<Report>, (&'static str, Error)> {
        let own = |error| ("folder", error);
        let found = Enrolment::load(&self.plan.folder).map_err(own)?;
        if let Some(found) = found.as_ref().filter(|found| self.enrolment.as_ref() != Some(*found))
        {
            (self.plan.told)(&Round::Enrolled(Box::new(found.clone())));
        }
        self.enrolment = found;
        let Some(enrolment) = &self.enrolment else { return Ok(None) };
        let key = enrol::own_key(&self.plan.folder).map_err(own)?;
        let told = (self.plan.tell)();
        let kiosk = Kiosk {
            outbox: self.plan.outbox.as_ref(),
            enrolment,
            key: &key,
            clock: self.plan.clock.as_ref(),
            told: Some(&told),
        };
        let address = self.plan.address.as_ref().unwrap_or(&enrolment.central);
        let sent = kiosk.send_all(&Http::new(address)).map_err(|error| {
            let (word, advice) = (error.name(), error.advice());
            (word, Error::new(format!("send answers to {address}")).source(error).hint(advice))
        })?;
        Ok(Some(sent))
    }
}

impl Sender {
    /// Goes on fetching the release the central spoke of, until there is something to send.
    fn fetch(&mut self) {
        let (Some(releases), Some(id), Some(enrolment)) =
            (&mut self.releases, self.announced.take(), &self.enrolment)
        else {
            return;
        };
        let address = self.plan.address.as_ref().unwrap_or(&enrolment.central);
        let goes_on = || self.bell.is_quiet();
        match releases.look(id, &Http::new(address), enrolment, &goes_on) {
            Ok(None) => {}
            Ok(Some(entry)) => {
                self.refused = None;
                (self.plan.told)(&Round::Released(entry));
            }
            Err(error) => {
                let why = Some(error.to_string());
                if self.refused != why {
                    self.refused = why;
                    (self.plan.told)(&Round::Refused(error));
                }
            }
        }
    }
}

/// Doubles with each failure, from a few seconds: a central that two hundred kiosks come back to at once
/// turns most of them away and has time for all within a minute. `chance` (0 to 1) spreads it over half
/// to one and a half times, so that those who were turned away together do not come back together.
fn wait_after(failures: u32, chance: f64) -> Duration {
    let doubled = GATHER.saturating_mul(1 << failures.min(10)).min(WAIT_MAX);
    doubled.mul_f64(0.5 + chance)
}

/// Wakes the thread.
#[derive(Default)]
struct Bell {
    rung: Mutex<Rung>,
    changed: Condvar,
}

#[derive(Default)]
struct Rung {
    is_rung: bool,
    is_stopped: bool,
    /// Somebody waits: no pause after failures, none to gather.
    is_hurried: bool,
    is_sending: bool,
    /// Rounds that ended, and whether the last one did well.
    rounds: u64,
    is_well: bool,
}

impl Bell {
    fn ring(&self) {
        self.rung().is_rung = true;
        self.changed.notify_all();
    }

    fn stop(&self) {
        self.rung().is_stopped = true;
        self.changed.notify_all();
    }

    fn begin_round(&self) {
        let mut rung = self.rung();
        rung.is_sending = true;
        rung.is_hurried = false;
    }

    fn end_round(&self, is_well: bool) {
        let mut rung = self.rung();
        rung.is_sending = false;
        rung.is_well = is_well;
        rung.rounds += 1;
        self.changed.notify_all();
    }

    fn is_stopped(&self) -> bool {
        self.rung().is_stopped
    }

    /// Whether nobody wants anything of the thread.
    fn is_quiet(&self) -> bool {
        let rung = self.rung();
        !(rung.is_rung || rung.is_stopped || rung.is_hurried)
    }

    /// Waits for the time, the stop, or, where `listens`, for the bell and a moment after it.
    fn wait(&self, time: Duration, listens: bool) {
        let goes_on =
            |rung: &mut Rung| !(rung.is_stopped || rung.is_hurried || listens && rung.is_rung);
        let waited = self.changed.wait_timeout_while(self.rung(), time, goes_on);
        let mut rung = waited.unwrap_or_else(PoisonError::into_inner).0;
        if rung.is_rung && listens {
            let goes_on = |rung: &mut Rung| !(rung.is_stopped || rung.is_hurried);
            let waited = self.changed.wait_timeout_while(rung, GATHER.min(time), goes_on);
            rung = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        rung.is_rung = false;
    }

    fn rung(&self) -> MutexGuard<'_, Rung> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_longer_after_each_failure_but_not_for_ever() {
        let waits: Vec<u64> = (1..11).map(|failures| wait_after(failures, 0.5).as_secs()).collect();
        assert_eq!(waits, [4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(wait_after(u32::MAX, 1.0).as_secs(), 1350);
        assert_eq!(wait_after(1, 0.0), GATHER);
    }
}
