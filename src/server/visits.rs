//! How often somebody came lately, without knowing who it was: an address is kept as a keyed hash alone,
//! in memory alone, for minutes. The key is random and dies with the process.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use super::permits::network;

/// More than this many at a time are an attack from everywhere; the memory for them stays small, and
/// those who came longest ago are forgotten.
const VISITORS_MAX: usize = 10_000;
/// The visits of one that are remembered: no limit or rule counts further.
const VISITS_MAX: usize = 1_000;

/// A visitor, or what was visited: a keyed hash that nobody can lead back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name(u64);

/// Gives names. Two of them give different ones, and so does the same one after a restart.
#[derive(Default)]
pub struct Visitors(RandomState);

impl Visitors {
    /// The name of whoever has this address: an IPv4 address, or an IPv6 /64, which is what one household
    /// gets.
    pub fn name(&self, address: IpAddr) -> Name {
        self.hash(&network(address))
    }

    /// The name of anything else.
    pub fn hash(&self, what: &impl std::hash::Hash) -> Name {
        Name(self.0.hash_one(what))
    }
}

/// Visits within a time that slides along.
pub struct Visits {
    window_s: i64,
    by_name: HashMap<Name, VecDeque<i64>>,
    swept_at: i64,
}

impl Visits {
    /// Remembers for `window_s` seconds.
    pub fn within(window_s: i64) -> Visits {
        Visits { window_s, by_name: HashMap::new(), swept_at: 0 }
    }

    /// How often this one came within the time. `now` in Unix seconds, everywhere here.
    pub fn count(&mut self, name: Name, now: i64) -> usize {
        self.sweep(now);
        let from = now - self.window_s;
        let visits = self.by_name.get(&name);
        visits.map_or(0, |visits| visits.iter().filter(|at| (from + 1..=now).contains(*at)).count())
    }

    /// How often anybody came.
    pub fn all(&mut self, now: i64) -> usize {
        self.sweep(now);
        self.by_name.values().map(VecDeque::len).sum()
    }

    /// Notes a visit.
    pub fn note(&mut self, name: Name, now: i64) {
        self.sweep(now);
        if self.by_name.len() >= VISITORS_MAX && !self.by_name.contains_key(&name) {
            let last = |visits: &VecDeque<i64>| visits.back().copied();
            let oldest = self.by_name.iter().min_by_key(|(_, visits)| last(visits));
            let oldest = oldest.map(|(name, _)| *name);
            oldest.and_then(|oldest| self.by_name.remove(&oldest));
        }
        let visits = self.by_name.entry(name).or_default();
        visits.push_back(now);
        if visits.len() > VISITS_MAX {
            visits.pop_front();
        }
    }

    /// Seconds until the oldest visit of this one is forgotten.
    pub fn seconds_left(&self, name: Name, now: i64) -> i64 {
        let oldest = self.by_name.get(&name).and_then(|visits| visits.front());
        oldest.map_or(0, |oldest| (oldest + self.window_s - now).clamp(1, self.window_s))
    }

    /// Forgets what is over. What lies ahead of a clock that was set back is over, too.
    fn sweep(&mut self, now: i64) {
        if self.swept_at == now {
            return;
        }
        self.swept_at = now;
        let from = now - self.window_s;
        self.by_name.retain(|_, visits| {
            visits.retain(|at| (from + 1..=now).contains(at));
            !visits.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_are_counted_for_a_time_and_forgotten() {
        let visitors = Visitors::default();
        let (one, other) =
            (visitors.name([10, 0, 0, 1].into()), visitors.name([10, 0, 0, 2].into()));
        let mut visits = Visits::within(600);
        (0..5).for_each(|second| visits.note(one, second));
        assert_eq!((visits.count(one, 10), visits.count(other, 10), visits.all(10)), (5, 0, 5));
        assert_eq!(visits.seconds_left(one, 10), 590);
        assert_eq!(visits.count(one, 602), 2);
        assert_eq!((visits.count(one, 700), visits.by_name.len()), (0, 0));
        visits.note(one, 1000);
        assert_eq!(visits.count(one, 400), 0, "a clock that was set back remembers nothing ahead");
    }

    #[test]
    fn a_household_has_one_name_and_a_restart_another() {
        let visitors = Visitors::default();
        let name = |address: &str| visitors.name(address.parse().expect("an address"));
        assert_eq!(name("2001:db8:1:2::1"), name("2001:db8:1:2:ffff::9"));
        assert_ne!(name("2001:db8:1:2::1"), name("2001:db8:1:3::1"));
        assert_ne!(name("10.0.0.1"), name("10.0.0.2"));
        assert_ne!(name("10.0.0.1"), Visitors::default().name([10, 0, 0, 1].into()));
    }

    #[test]
    fn an_attack_from_everywhere_takes_little_memory() {
        let (visitors, mut visits) = (Visitors::default(), Visits::within(600));
        (0..VISITORS_MAX as u32 + 5).for_each(|number| visits.note(visitors.hash(&number), 7));
        assert_eq!(visits.by_name.len(), VISITORS_MAX);
        let one = visitors.hash(&0);
        (0..2 * VISITS_MAX).for_each(|_| visits.note(one, 7));
        assert_eq!(visits.count(one, 7), VISITS_MAX);
    }
}
