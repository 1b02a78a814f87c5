//! What takes long: made once, in a thread of its own, and kept. Whoever asks waits a moment for it, and gets a
//! page that says "is being worked out" where that was not enough; no request takes the place of another.
//!
//! One thing is made at a time, so that a central with one free core stays a central. What was made is kept as
//! long as whoever asks finds it fresh; an older one is shown until the new one is there.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::clock::Clock;
use crate::console::complain;
use crate::error::Result;

/// Where it is made. Share it by `Arc`.
pub struct Workshop {
    shelf: Mutex<HashMap<String, Slot>>,
    changed: Condvar,
    bench: Mutex<()>,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Slot {
    made: Option<Made>,
    is_underway: bool,
}

#[derive(Clone)]
struct Made {
    /// None where it failed.
    thing: Option<Arc<dyn Any + Send + Sync>>,
    mark: u64,
    at: Timestamp,
    took: Duration,
}

/// How old something is.
#[derive(Debug, Clone, Copy)]
pub struct Age {
    pub seconds: i64,
    /// What whoever ordered it noted: of how many answers it was made, for instance.
    pub mark: u64,
    /// What making it cost.
    pub took: Duration,
}

/// An order.
pub struct Order<'a> {
    /// What it is, and of what.
    pub key: String,
    /// Kept with it, for [`Age::mark`].
    pub mark: u64,
    /// How long whoever asks waits.
    pub patience: Duration,
    pub is_fresh: &'a dyn Fn(Age) -> bool,
}

/// What came of an order.
pub enum Found<T> {
    Ready {
        thing: Arc<T>,
        at: Timestamp,
    },
    Underway,
    /// The console has the reason.
    Failed,
}

impl Workshop {
    /// An empty one.
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Workshop> {
        let (shelf, changed, bench) = (Mutex::default(), Condvar::new(), Mutex::default());
        Arc::new(Workshop { shelf, changed, bench, clock })
    }

    /// Gives what lies on the shelf, and has it made by `work` where it is not there or not fresh.
    pub fn order<T: Send + Sync + 'static>(
        self: &Arc<Workshop>,
        order: &Order,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Found<T> {
        if !self.is_fresh(order) {
            self.begin(order, work);
        }
        let deadline = Instant::now() + order.patience;
        let mut shelf = self.shelf();
        while shelf.get(&order.key).is_some_and(|slot| slot.is_underway) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(shelf, left);
            shelf = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let Some(made) = shelf.get(&order.key).and_then(|slot| slot.made.clone()) else {
            return Found::Underway;
        };
        match made.thing.map(Arc::downcast) {
            Some(Ok(thing)) => Found::Ready { thing, at: made.at },
            // Two kinds of things by one key: nothing to show, and nothing to fall over.
            Some(Err(_)) | None => Found::Failed,
        }
    }

    fn is_fresh(&self, order: &Order) -> bool {
        let shelf = self.shelf();
        let Some(slot) = shelf.get(&order.key) else { return false };
        let Some(made) = &slot.made else { return slot.is_underway };
        let seconds = self.clock.now().duration_since(made.at).as_secs();
        // What failed is tried again, but not by every request.
        let is_kept = match made.thing {
            Some(_) => (order.is_fresh)(Age { seconds, mark: made.mark, took: made.took }),
            None => seconds < 10,
        };
        slot.is_underway || is_kept
    }

    fn begin<T: Send + Sync + 'static>(
        self: &Arc<Workshop>,
        order: &Order,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) {
        let slot_of = |shelf: &mut HashMap<String, Slot>| {
            let slot = shelf.entry(order.key.clone()).or_default();
            !std::mem::replace(&mut slot.is_underway, true)
        };
        // Somebody else may have begun it meanwhile.
        if !slot_of(&mut self.shelf()) {
            return;
        }
        let end = End { shop: Arc::clone(self), key: order.key.clone(), made: None };
        let mark = order.mark;
        let begun = thread::Builder::new().name("workshop".to_owned()).spawn(move || {
            let mut end = end;
            let shop = Arc::clone(&end.shop);
            let _bench = shop.bench.lock().unwrap_or_else(PoisonError::into_inner);
            let start = Instant::now();
            let thing = work().map_err(|error| complain!("borgerpanel: {error}")).ok();
            let thing = thing.map(|thing| Arc::new(thing) as Arc<dyn Any + Send + Sync>);
            end.made = Some(Made { thing, mark, at: shop.clock.now(), took: start.elapsed() });
        });
        if let Err(error) = begun {
            complain!("borgerpanel: cannot begin to work out {}: {error}", order.key);
        }
    }

    fn shelf(&self) -> MutexGuard<'_, HashMap<String, Slot>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts on the shelf what was made, however the making ended: also by a panic, after which it has failed.
struct End {
    shop: Arc<Workshop>,
    key: String,
    made: Option<Made>,
}

impl Drop for End {
    fn drop(&mut self) {
        let failed =
            || Made { thing: None, mark: 0, at: self.shop.clock.now(), took: Duration::ZERO };
        let made = self.made.take().unwrap_or_else(failed);
        let mut shelf = self.shop.shelf();
        let slot = shelf.entry(self.key.clone()).or_default();
        slot.is_underway = false;
        // What failed does not take the place of what was made before.
        if made.thing.is_some() || slot.made.as_ref().is_none_or(|before| before.thing.is_none()) {
            slot.made = Some(made);
        }
        self.shop.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::channel;

    use super::*;
    use crate::clock::SystemClock;
    use crate::error::Error;

    const ENOUGH: Duration = Duration::from_secs(20);

    fn order<'a>(mark: u64, patience: Duration, is_fresh: &'a dyn Fn(Age) -> bool) -> Order<'a> {
        Order { key: "figure".to_owned(), mark, patience, is_fresh }
    }

    #[test]
    fn what_is_fresh_is_made_once_and_anew_when_it_is_not() {
        let shop = Workshop::new(Arc::new(SystemClock));
        let made = Arc::new(AtomicU32::new(0));
        let ask = |mark: u64| {
            let made = made.clone();
            let work = move || Ok(made.fetch_add(1, Ordering::SeqCst));
            match shop.order(&order(mark, ENOUGH, &|age| age.mark == mark), work) {
                Found::Ready { thing, .. } => *thing,
                _ => panic!("it is made in time"),
            }
        };
        assert_eq!((ask(1), ask(1), ask(2), ask(2)), (0, 0, 1, 1));
    }

    #[test]
    fn nobody_waits_longer_than_they_would_and_the_old_one_is_shown_meanwhile() {
        let shop = Workshop::new(Arc::new(SystemClock));
        let (go, wait) = channel();
        let slow =
            move || wait.recv().map(|()| 7_u32).map_err(|error| Error::new("x").source(error));
        let first = shop.order(&order(1, Duration::ZERO, &|_| true), slow);
        assert!(matches!(first, Found::Underway));
        go.send(()).expect("somebody waits");
        let done = shop.order(&order(1, ENOUGH, &|_| true), || Ok(8_u32));
        assert!(matches!(done, Found::Ready { thing, .. } if *thing == 7));
        let (_never, wait) = channel::<()>();
        let stuck =
            move || wait.recv().map(|()| 9_u32).map_err(|error| Error::new("x").source(error));
        let old = shop.order(&order(2, Duration::ZERO, &|_| false), stuck);
        assert!(matches!(old, Found::Ready { thing, .. } if *thing == 7));
    }

    #[test]
    fn a_failure_or_a_panic_is_told_and_blocks_nothing() {
        let shop = Workshop::new(Arc::new(SystemClock));
        let failed = shop.order::<u32>(&order(1, ENOUGH, &|_| true), || Err(Error::new("fail")));
        assert!(matches!(failed, Found::Failed));
        let mut other = order(1, ENOUGH, &|_| true);
        other.key = "other".to_owned();
        let fallen = shop.order::<u32>(&other, || panic!("on purpose"));
        assert!(matches!(fallen, Found::Failed));
        other.key = "third".to_owned();
        let next = shop.order(&other, || Ok(1_u32));
        assert!(matches!(next, Found::Ready { .. }));
    }
}
