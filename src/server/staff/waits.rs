//! How often passwords may be tried: by one person's name, from one address, and by everybody. A few times
//! freely, then after a wait that doubles with each further attempt, and that shrinks again while it is quiet.
//!
//! Nobody is locked out for good: the waits of a name and of everybody are a minute at most, and whoever logged in
//! before comes by their address alone, whatever others try in their name from elsewhere.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use super::super::visits::{Name, Visitors};

/// So long after a wait is over, and again after as long, half of the attempts are forgotten.
const QUIET_S: i64 = 10 * 60;
/// More than this many at a time are an attack from everywhere; who tried least is forgotten.
const NAMES_MAX: usize = 10_000;

/// How patient one of the three counts is.
struct Rule {
    /// Attempts that cost no wait.
    free: u32,
    first_s: i64,
    longest_s: i64,
}

const OF_NAME: Rule = Rule { free: 8, first_s: 4, longest_s: 60 };
const OF_ADDRESS: Rule = Rule { free: 6, first_s: 15, longest_s: 15 * 60 };
/// Of this machine's own: where the proxy is not named in the settings it is everybody's.
const OF_HERE: Rule = Rule { longest_s: 60, ..OF_ADDRESS };
const OF_ALL: Rule = Rule { free: 60, first_s: 1, longest_s: 60 };

/// Attempts, forgotten by halves.
#[derive(Debug, Clone, Copy, Default)]
struct Tries {
    count: u32,
    last: i64,
}

impl Tries {
    /// As it is at `now`. A clock that was set back begins the wait anew, and no longer one.
    fn at(self, rule: &Rule, now: i64) -> Tries {
        if now < self.last {
            return Tries { last: now, ..self };
        }
        let quiet_s = (now - self.last - self.wait_s(rule)).max(0);
        let halves = (quiet_s / QUIET_S).min(32) as u32;
        Tries { count: self.count.checked_shr(halves).unwrap_or(0), ..self }
    }

    /// How long the wait after the last one is.
    fn wait_s(self, rule: &Rule) -> i64 {
        match self.count.checked_sub(rule.free) {
            Some(over) => (rule.first_s << over.min(16)).min(rule.longest_s),
            None => 0,
        }
    }

    fn seconds_left(self, rule: &Rule, now: i64) -> i64 {
        (self.last + self.wait_s(rule) - now).max(0)
    }
}

/// The attempts of late.
#[derive(Default)]
pub struct Waits {
    visitors: Visitors,
    tries: HashMap<Name, Tries>,
    all: Tries,
    /// Who logged in from where since the start.
    known: HashSet<Name>,
}

impl Waits {
    /// Counts an attempt before it is judged, or says how many seconds to wait. `name` is what was typed,
    /// as it is kept; `now` in Unix seconds.
    pub fn admit(&mut self, name: &str, address: IpAddr, now: i64) -> Result<(), i64> {
        let (place, person) = (self.visitors.name(address), self.visitors.hash(&("name", name)));
        let is_known = self.known.contains(&self.home(name, address));
        let rule = if address.is_loopback() { &OF_HERE } else { &OF_ADDRESS };
        let tries =
            |of: &Name, rule: &Rule| self.tries.get(of).copied().unwrap_or_default().at(rule, now);
        let (of_place, of_person) = (tries(&place, rule), tries(&person, &OF_NAME));
        let all = self.all.at(&OF_ALL, now);
        let mut left = of_place.seconds_left(rule, now);
        if !is_known {
            let others = of_person.seconds_left(&OF_NAME, now).max(all.seconds_left(&OF_ALL, now));
            left = left.max(others);
        }
        if left > 0 {
            return Err(left);
        }
        let one_more = |tries: Tries| Tries { count: tries.count.saturating_add(1), last: now };
        self.keep(place, one_more(of_place));
        self.keep(person, one_more(of_person));
        self.all = one_more(all);
        Ok(())
    }

    /// The attempt was the right one: it is not held against anybody. Others before it still are, so that
    /// whoever has one account cannot wipe out what they tried at another.
    pub fn forgive(&mut self, name: &str, address: IpAddr) {
        let (place, person) = (self.visitors.name(address), self.visitors.hash(&("name", name)));
        for of in [place, person] {
            if let Some(tries) = self.tries.get_mut(&of) {
                tries.count = tries.count.saturating_sub(1);
            }
        }
        self.all.count = self.all.count.saturating_sub(1);
        if self.known.len() < NAMES_MAX {
            self.known.insert(self.home(name, address));
        }
    }

    fn home(&self, name: &str, address: IpAddr) -> Name {
        self.visitors.hash(&("home", name, super::super::permits::network(address)))
    }

    fn keep(&mut self, of: Name, tries: Tries) {
        if self.tries.len() >= NAMES_MAX && !self.tries.contains_key(&of) {
            let least = self.tries.iter().min_by_key(|(_, tries)| (tries.count, tries.last));
            let least = least.map(|(name, _)| *name);
            least.and_then(|least| self.tries.remove(&least));
        }
        self.tries.insert(of, tries);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000;

    fn home(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    /// The waits that an attacker who always waits them out meets.
    fn met(waits: &mut Waits, mut of: impl FnMut(u32) -> (String, IpAddr), tries: u32) -> Vec<i64> {
        let mut now = NOW;
        let one = |number: u32| {
            let (name, address) = of(number);
            let wait = waits.admit(&name, address, now).err().unwrap_or(0);
            now += wait;
            if wait > 0 {
                assert_eq!(waits.admit(&name, address, now), Ok(()), "the wait is over");
            }
            wait
        };
        (0..tries).map(one).collect()
    }

    #[test]
    fn from_one_address_the_waits_double() {
        let mut waits = Waits::default();
        let met = met(&mut waits, |number| (format!("name{number}"), home(1)), 15);
        assert_eq!(met, [0, 0, 0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn a_name_waits_from_everywhere_but_not_for_long() {
        let mut waits = Waits::default();
        let met = met(&mut waits, |number| ("anna".into(), home(number as u8)), 14);
        assert_eq!(met, [0, 0, 0, 0, 0, 0, 0, 0, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn whoever_logged_in_before_comes_in_whatever_others_try_in_their_name() {
        let mut waits = Waits::default();
        assert_eq!(waits.admit("anna", home(1), NOW), Ok(()));
        waits.forgive("anna", home(1));
        for number in 0..200 {
            let _ = waits.admit("anna", [10, 1, 0, number].into(), NOW);
        }
        assert!(waits.admit("anna", home(2), NOW).is_err());
        assert_eq!(waits.admit("anna", home(1), NOW), Ok(()));
    }

    #[test]
    fn a_right_password_takes_back_its_own_attempt_and_no_other() {
        let mut waits = Waits::default();
        for _ in 0..5 {
            assert_eq!(waits.admit("anna", home(1), NOW), Ok(()));
        }
        for _ in 0..3 {
            assert_eq!(waits.admit("bo", home(1), NOW), Ok(()));
            waits.forgive("bo", home(1));
        }
        assert_eq!(waits.admit("anna", home(1), NOW), Ok(()));
        assert!(waits.admit("anna", home(1), NOW).is_err());
    }

    #[test]
    fn everybody_together_waits_where_all_the_world_tries() {
        let mut waits = Waits::default();
        let refused = (0..100u8).filter(|number| {
            waits.admit(&format!("name{number}"), [10, 2, *number, 1].into(), NOW).is_err()
        });
        assert_eq!(refused.count(), 40);
    }

    #[test]
    fn quiet_shrinks_the_waits_and_a_clock_set_back_adds_none() {
        let mut waits = Waits::default();
        let mut now = NOW;
        for _ in 0..10 {
            now += waits.admit("anna", home(1), now).err().unwrap_or(0);
            let _ = waits.admit("anna", home(1), now);
        }
        assert!(waits.admit("anna", home(1), now).is_err());
        let left = waits.admit("anna", home(1), now - 86_400).expect_err("still too soon");
        assert!(left <= OF_ADDRESS.longest_s, "{left}");
        assert_eq!(waits.admit("anna", home(1), now + 4 * QUIET_S), Ok(()));
        assert_eq!(waits.admit("anna", home(1), now + 4 * QUIET_S), Ok(()));
    }
}
