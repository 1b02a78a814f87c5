//! How often a PIN may be tried: five times, then after a minute, and after twice as long each time,
//! up to a quarter of an hour. Pure; [`kept`](super::kept) carries it over a restart.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Wrong PINs that cost nothing: people mistype.
const FREE: u32 = 5;

const FIRST_LOCK: SignedDuration = SignedDuration::from_secs(60);
const LONGEST_LOCK: SignedDuration = SignedDuration::from_secs(15 * 60);

/// The attempts since the last right PIN.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attempts {
    wrong: u32,
    locked_until: Option<Timestamp>,
}

impl Attempts {
    /// How many seconds are left until the next attempt, if it is not allowed now.
    ///
    /// A clock that was set back does not lock for longer than ever: the wait then begins anew.
    pub fn seconds_left(&mut self, now: Timestamp) -> Option<u64> {
        let until = self.locked_until?;
        if until.duration_since(now) > LONGEST_LOCK {
            self.locked_until = now.checked_add(LONGEST_LOCK).ok();
        }
        let left = self.locked_until?.duration_since(now);
        // Rounded up: nobody is told to wait for 0 seconds.
        let seconds = left.as_secs() + i64::from(left.subsec_nanos() > 0);
        u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)
    }

    /// Counts an attempt as wrong. Before it is judged, so that pulling the plug buys no free one.
    pub fn count(&mut self, now: Timestamp) {
        self.wrong = self.wrong.saturating_add(1);
        if self.wrong >= FREE {
            let lock = FIRST_LOCK * 2_i32.pow((self.wrong - FREE).min(4));
            self.locked_until = now.checked_add(lock.min(LONGEST_LOCK)).ok();
        }
    }

    /// How many wrong ones are still free.
    pub fn left(&self) -> u32 {
        FREE.saturating_sub(self.wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).expect("a time")
    }

    #[test]
    fn the_fifth_wrong_pin_locks_and_each_further_one_for_twice_as_long() {
        let mut attempts = Attempts::default();
        let mut now = 0;
        let mut locks = Vec::new();
        for _ in 0..12 {
            assert_eq!(attempts.seconds_left(at(now)), None);
            attempts.count(at(now));
            let lock = attempts.seconds_left(at(now)).unwrap_or_default();
            locks.push(lock);
            now += lock.cast_signed();
        }
        assert_eq!(locks, [0, 0, 0, 0, 60, 120, 240, 480, 900, 900, 900, 900]);
    }

    #[test]
    fn a_lock_ends_to_the_second() {
        let mut attempts = Attempts::default();
        (0..5).for_each(|_| attempts.count(at(0)));
        assert_eq!((attempts.left(), attempts.seconds_left(at(59))), (0, Some(1)));
        assert_eq!(attempts.seconds_left(at(60)), None);
    }

    #[test]
    fn a_clock_set_back_locks_for_no_longer_than_ever() {
        let mut attempts = Attempts::default();
        (0..5).for_each(|_| attempts.count(at(0)));
        assert_eq!(attempts.seconds_left(at(-86_400)), Some(900));
        assert_eq!(attempts.seconds_left(at(-86_400 + 900)), None);
    }

    #[test]
    fn it_comes_back_from_a_file() {
        let mut attempts = Attempts::default();
        (0..6).for_each(|_| attempts.count(at(0)));
        let json = serde_json::to_string(&attempts).expect("JSON");
        assert_eq!(serde_json::from_str::<Attempts>(&json).expect("read back"), attempts);
    }
}
