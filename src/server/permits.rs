//! Counted places: connections, requests inside, streams, bytes held.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long to rest between two tries for several places.
const RETRY: Duration = Duration::from_millis(20);

/// A number of places that are taken and given back.
pub struct Permits {
    max: usize,
    taken: Mutex<usize>,
    freed: Condvar,
}

/// One or more places of a [`Permits`], given back when dropped.
pub struct Permit {
    of: Arc<Permits>,
    places: usize,
}

impl Permits {
    /// `max` free places.
    pub fn new(max: usize) -> Arc<Permits> {
        Arc::new(Permits { max, taken: Mutex::new(0), freed: Condvar::new() })
    }

    /// A place, waited for at most `wait`.
    pub fn take(self: &Arc<Self>, wait: Duration) -> Option<Permit> {
        let full = |taken: &mut usize| *taken >= self.max;
        let waited = self.freed.wait_timeout_while(self.lock(), wait, full);
        let (mut taken, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *taken >= self.max {
            return None;
        }
        *taken += 1;
        Some(Permit { of: self.clone(), places: 1 })
    }

    /// True where three quarters of the places are taken.
    pub fn is_crowded(&self) -> bool {
        *self.lock() >= (self.max * 3).div_ceil(4)
    }

    /// True where all places are taken.
    pub fn is_full(&self) -> bool {
        *self.lock() >= self.max
    }

    /// Waits until all places are free, at most `wait`; false where some still are taken.
    pub fn wait_until_free(&self, wait: Duration) -> bool {
        let waited = self.freed.wait_timeout_while(self.lock(), wait, |taken| *taken > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        // A count stays right through a panic: nothing can panic while it is held.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Holds `more` places too, or says no at once.
    pub fn grow(&mut self, more: usize) -> bool {
        let mut taken = self.of.lock();
        if more > self.of.max - (*taken).min(self.of.max) {
            return false;
        }
        *taken += more;
        self.places += more;
        true
    }

    /// [`Permit::grow`], unless less than a quarter would be left for others.
    pub fn grow_modestly(&mut self, more: usize) -> bool {
        let mut taken = self.of.lock();
        if more > (self.of.max / 4 * 3).saturating_sub(*taken) {
            return more == 0;
        }
        *taken += more;
        self.places += more;
        true
    }

    /// [`Permit::grow`], tried again until `wait` is over.
    pub fn grow_within(&mut self, more: usize, wait: Duration) -> bool {
        let until = Deadline::within(wait);
        loop {
            if self.grow(more) {
                return true;
            }
            if until.left().is_zero() {
                return false;
            }
            // Not woken: each waiter needs another number of places, and this one may be too many.
            thread::sleep(RETRY.min(until.left()));
        }
    }

    /// A permit for nothing yet; see [`Permit::grow`].
    pub fn empty(of: &Arc<Permits>) -> Permit {
        Permit { of: of.clone(), places: 0 }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *self.of.lock() -= self.places;
        // One place, one waiter: waking all of them for it would be a stampede.
        self.of.freed.notify_one();
    }
}

/// How much comes from each address at a time.
pub struct Addresses {
    max: Option<usize>,
    counts: Mutex<HashMap<IpAddr, usize>>,
}

/// One of an address's places, given back when dropped.
pub struct AddressPermit {
    of: Arc<Addresses>,
    key: IpAddr,
}

impl Addresses {
    /// At most `max` from each; without it, any number.
    pub fn new(max: Option<usize>) -> Arc<Addresses> {
        Arc::new(Addresses { max, counts: Mutex::new(HashMap::new()) })
    }

    /// A place for `address`, or `None` where it has all of its own.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<AddressPermit> {
        let key = network(address);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key).or_default();
        if self.max.is_some_and(|max| *count >= max) {
            return None;
        }
        *count += 1;
        Some(AddressPermit { of: self.clone(), key })
    }
}

impl Drop for AddressPermit {
    fn drop(&mut self) {
        let mut counts = self.of.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

/// Who counts as one: an IPv4 address, or an IPv6 /64, which is what one household gets.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
    }
}

/// A point in time to be ready by.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// `wait` from now.
    pub fn within(wait: Duration) -> Deadline {
        Deadline(Instant::now() + wait)
    }

    /// What is left; zero once it has passed.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// The earlier of two.
    #[must_use]
    pub fn or_before(self, other: Deadline) -> Deadline {
        Deadline(self.0.min(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_taken() {
        let permits = Permits::new(2);
        let one = permits.take(Duration::ZERO).expect("a first");
        let _two = permits.take(Duration::ZERO).expect("a second");
        assert!(permits.take(Duration::from_millis(5)).is_none());
        assert!(permits.is_crowded());
        drop(one);
        assert!(permits.take(Duration::ZERO).is_some());
    }

    #[test]
    fn grows_within_its_bound() {
        let bytes = Permits::new(100);
        let mut held = Permit::empty(&bytes);
        assert!(held.grow_modestly(60) && !held.grow_modestly(16) && held.grow_modestly(0));
        assert!(held.grow(40) && !held.grow(1) && held.grow_modestly(0));
        drop(held);
        assert!(bytes.wait_until_free(Duration::ZERO));
    }

    #[test]
    fn counts_a_household_as_one() {
        let addresses = Addresses::new(Some(1));
        let first = addresses.take("2001:db8:1:2::1".parse().expect("v6")).expect("a first");
        assert!(addresses.take("2001:db8:1:2:ffff::9".parse().expect("v6")).is_none());
        assert!(addresses.take("2001:db8:1:3::1".parse().expect("v6")).is_some());
        let four = addresses.take("10.0.0.1".parse().expect("v4")).expect("v4");
        assert!(addresses.take("::ffff:10.0.0.1".parse().expect("mapped")).is_none());
        drop((first, four));
        assert!(addresses.counts.lock().expect("no panic").is_empty());
    }
}
