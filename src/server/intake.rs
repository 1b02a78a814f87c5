//! What an answer's moment and sender tell, kept in memory for ten minutes and nowhere else: how many
//! came from one address, and signs that nobody answered in earnest. A response keeps the day alone, so
//! this is the only place that can see them; it writes what it saw into `flags`, and nothing is refused
//! or deleted for a flag.
//!
//! | flag | means |
//! |---|---|
//! | `burst` | at least the fifth complete response from one kiosk or address within five minutes, or less than 20 s after the one before |
//! | `duplicate` | all answers as in another from there within ten minutes, and at least six of them |
//!
//! Addresses, ids and answers are kept as keyed hashes (`Visitors`).

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::visits::{Name, Visitors, Visits};
use crate::response::Response;
use crate::response::record::Status;
use crate::survey::Answer;

/// The flag of responses that came too fast after one another.
pub const BURST: &str = "burst";
/// The flag of a response that says what another said.
pub const DUPLICATE: &str = "duplicate";

/// How long anything is remembered.
const MEMORY_SECONDS: i64 = 10 * 60;
/// So many complete responses within so long are a burst.
const BURST_RESPONSES: usize = 5;
const BURST_MS: i64 = 5 * 60 * 1000;
/// Nobody walks up to a kiosk, reads and answers in less.
const GAP_MS: i64 = 20 * 1000;
/// Fewer answers may well be the same by chance.
const DUPLICATE_ITEMS: usize = 6;

/// Bounds of the memory: of senders, and of responses of each. Beyond them the oldest are forgotten.
const SENDERS_MAX: usize = 10_000;
const RESPONSES_MAX: usize = 500;

/// Looks at who comes. There is one for each server.
#[derive(Default)]
pub struct Doorkeeper {
    visitors: Visitors,
    /// From one address within [`MEMORY_SECONDS`]; none for any number.
    answers_max: Option<usize>,
    visits: Mutex<Option<Visits>>,
    recent: Mutex<Recent>,
    /// Beside what the clock says, for visitors who are made up.
    made_up_seconds: AtomicI64,
}

impl Doorkeeper {
    /// Takes at most this many answers from one address in ten minutes; 0 for any number.
    pub fn new(answers_max: usize) -> Doorkeeper {
        Doorkeeper {
            answers_max: (answers_max > 0).then_some(answers_max),
            ..Doorkeeper::default()
        }
    }

    /// Lets an answer in and counts it, or says after how many seconds the next is let in.
    ///
    /// The machine's own addresses are not counted: they are a proxy's that the settings do not name, and
    /// then everybody's.
    pub fn admit(&self, address: IpAddr, now: Timestamp) -> Result<(), i64> {
        let Some(answers_max) = self.answers_max.filter(|_| !address.is_loopback()) else {
            return Ok(());
        };
        let (name, now) = (self.visitors.name(address), now.as_second());
        let mut visits = lock(&self.visits);
        let visits = visits.get_or_insert_with(|| Visits::within(MEMORY_SECONDS));
        if visits.count(name, now) >= answers_max {
            return Err(visits.seconds_left(name, now));
        }
        visits.note(name, now);
        Ok(())
    }

    /// Takes the next to come so much later than the clock says: visitors who are made up come within a
    /// second, and are to be taken for people who come one after another. What is remembered grows older by
    /// it; the day of a response does not change.
    pub fn let_time_pass(&self, seconds: u32) {
        self.made_up_seconds.fetch_add(i64::from(seconds), Ordering::Relaxed);
    }

    /// The flags of a response that came just now, which is remembered. `sender` is an address; a kiosk
    /// has none. A form that is sent again is the same response, and no second one.
    pub fn flags(
        &self,
        sender: Option<IpAddr>,
        response: &Response,
        now: Timestamp,
    ) -> Vec<String> {
        if response.status != Status::Complete {
            return Vec::new();
        }
        let seen = Seen {
            at_ms: now.as_millisecond() + 1000 * self.made_up_seconds.load(Ordering::Relaxed),
            uid: self.visitors.hash(&response.uid),
            answers: self.content(response),
        };
        lock(&self.recent).note(self.sender(sender), seen)
    }

    /// The response could not be stored after all.
    pub fn forget(&self, sender: Option<IpAddr>, response: &Response) {
        let uid = self.visitors.hash(&response.uid);
        lock(&self.recent).forget(self.sender(sender), uid);
    }

    fn sender(&self, sender: Option<IpAddr>) -> Name {
        match sender {
            Some(address) => self.visitors.name(address),
            None => self.visitors.hash(&"the kiosk"),
        }
    }

    /// What was answered, where it is enough to tell a repetition by.
    fn content(&self, response: &Response) -> Option<Name> {
        let items: usize = response.answers.values().map(items).sum();
        let json = serde_json::to_string(&response.answers).ok()?;
        (items >= DUPLICATE_ITEMS).then(|| self.visitors.hash(&(&response.survey, json)))
    }
}

/// How many things an answer says: each row of a matrix is one.
fn items(answer: &Answer) -> usize {
    match answer {
        Answer::Unanswered => 0,
        Answer::Rows(rows) => rows.len(),
        Answer::RowChoices(rows) => rows.len(),
        Answer::Number(_) | Answer::Text(_) | Answer::Choices(_) | Answer::Points(_) => 1,
    }
}

/// A complete response of the last minutes.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at_ms: i64,
    uid: Name,
    answers: Option<Name>,
}

/// Those of each sender, in the order they came.
#[derive(Default)]
struct Recent {
    senders: HashMap<Name, VecDeque<Seen>>,
    swept_ms: i64,
}

impl Recent {
    fn note(&mut self, sender: Name, seen: Seen) -> Vec<String> {
        self.sweep(seen.at_ms);
        self.make_room(sender);
        let recent = self.senders.entry(sender).or_default();
        recent.retain(|other| is_remembered(other, seen.at_ms));
        let others = recent.iter().filter(|other| other.uid != seen.uid);
        let within =
            |span_ms| others.clone().filter(move |other| seen.at_ms - other.at_ms < span_ms);
        let is_burst =
            within(BURST_MS).count() + 1 >= BURST_RESPONSES || within(GAP_MS).next().is_some();
        let is_duplicate =
            seen.answers.is_some() && others.clone().any(|other| other.answers == seen.answers);
        if !recent.iter().any(|other| other.uid == seen.uid) {
            recent.push_back(seen);
        }
        if recent.len() > RESPONSES_MAX {
            recent.pop_front();
        }
        let flags = [(is_burst, BURST), (is_duplicate, DUPLICATE)];
        flags.into_iter().filter(|(is_so, _)| *is_so).map(|(_, flag)| flag.to_owned()).collect()
    }

    fn forget(&mut self, sender: Name, uid: Name) {
        if let Some(recent) = self.senders.get_mut(&sender) {
            recent.retain(|seen| seen.uid != uid);
        }
    }

    /// Forgets what is over, once a minute.
    fn sweep(&mut self, now_ms: i64) {
        if (self.swept_ms..self.swept_ms + 60_000).contains(&now_ms) {
            return;
        }
        self.swept_ms = now_ms;
        self.senders.retain(|_, recent| {
            recent.retain(|seen| is_remembered(seen, now_ms));
            !recent.is_empty()
        });
    }

    fn make_room(&mut self, sender: Name) {
        if self.senders.len() < SENDERS_MAX || self.senders.contains_key(&sender) {
            return;
        }
        let last = |recent: &VecDeque<Seen>| recent.back().map(|seen| seen.at_ms);
        let oldest = self.senders.iter().min_by_key(|(_, recent)| last(recent));
        let oldest = oldest.map(|(name, _)| *name);
        oldest.and_then(|oldest| self.senders.remove(&oldest));
    }
}

/// What lies ahead of a clock that was set back is over, too.
fn is_remembered(seen: &Seen, now_ms: i64) -> bool {
    (0..MEMORY_SECONDS * 1000).contains(&(now_ms - seen.at_ms))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::response::record::Background;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).expect("a second of our era")
    }

    fn response(uid: u8, last_answer: &str) -> Response {
        let answer = |number: u8| (format!("q{number}"), Answer::Text("yes".to_owned()));
        let mut answers: BTreeMap<_, _> = (1..6).map(answer).collect();
        answers.insert("q6".to_owned(), Answer::Text(last_answer.to_owned()));
        Response {
            v: 1,
            uid: format!("{uid:032x}"),
            survey: "trafik".to_owned(),
            version: "v1".to_owned(),
            channel: "kiosk".to_owned(),
            invited: false,
            assisted: false,
            status: Status::Complete,
            kiosk: None,
            lang: "da".to_owned(),
            day: "2026-11-23".to_owned(),
            duration_s: None,
            background: Background::default(),
            answers,
            shown: BTreeMap::new(),
            flags: Vec::new(),
        }
    }

    #[test]
    fn the_fifth_within_five_minutes_and_a_gap_under_20_seconds_are_a_burst() {
        let keeper = Doorkeeper::default();
        let flags = |uid, second| keeper.flags(None, &response(uid, &uid.to_string()), at(second));
        for (uid, second) in [(1, 0), (2, 60), (3, 120), (4, 180)] {
            assert!(flags(uid, second).is_empty(), "{uid}");
        }
        assert_eq!(flags(5, 240), [BURST], "the fifth");
        assert!(flags(6, 480).is_empty(), "those before are over");
        assert!(flags(7, 500).is_empty(), "20 s later");
        assert_eq!(flags(8, 519), [BURST], "19 s later");
        assert!(flags(9, 1200).is_empty());
    }

    #[test]
    fn the_same_six_answers_within_ten_minutes_are_a_duplicate() {
        let keeper = Doorkeeper::default();
        let flags = |response: &Response, second| keeper.flags(None, response, at(second));
        assert!(flags(&response(1, "yes"), 0).is_empty());
        assert!(flags(&response(2, "no"), 100).is_empty(), "one answer is another");
        assert_eq!(flags(&response(3, "yes"), 599), [DUPLICATE]);
        assert!(flags(&response(4, "no"), 800).is_empty(), "eleven minutes later");
        let mut few = response(5, "");
        few.answers.insert("q6".to_owned(), Answer::Unanswered);
        assert!(flags(&few, 900).is_empty());
        few.uid = format!("{:032x}", 6);
        assert!(flags(&few, 1000).is_empty(), "five answers are no sign");
    }

    #[test]
    fn a_form_that_is_sent_again_is_no_second_one() {
        let keeper = Doorkeeper::default();
        let flags = |uid, second| keeper.flags(None, &response(uid, "yes"), at(second));
        assert!(flags(1, 0).is_empty() && flags(1, 3).is_empty() && flags(1, 9).is_empty());
        assert_eq!(flags(2, 30), [DUPLICATE]);
        keeper.forget(None, &response(2, "yes"));
        keeper.forget(None, &response(1, "yes"));
        assert!(flags(3, 31).is_empty(), "what was not stored does not count");
    }

    #[test]
    fn made_up_visitors_come_one_after_another_and_real_ones_as_they_come() {
        let keeper = Doorkeeper::default();
        let flags = |uid: u8| keeper.flags(None, &response(uid, &uid.to_string()), at(0));
        for uid in 1..20 {
            assert!(flags(uid).is_empty(), "{uid}");
            keeper.let_time_pass(120);
        }
        assert!(flags(20).is_empty());
        assert_eq!(flags(21), [BURST], "nobody answers in no time");
    }

    #[test]
    fn half_answers_and_other_addresses_are_no_burst() {
        let keeper = Doorkeeper::default();
        let home = |number| Some(IpAddr::from([10, 0, 0, number]));
        let mut partial = response(1, "yes");
        partial.status = Status::Partial;
        assert!(keeper.flags(home(1), &partial, at(0)).is_empty());
        assert!(keeper.flags(home(1), &response(2, "yes"), at(1)).is_empty());
        assert!(keeper.flags(home(2), &response(3, "yes"), at(2)).is_empty());
        assert_eq!(keeper.flags(home(2), &response(4, "yes"), at(3)), [BURST, DUPLICATE]);
    }

    #[test]
    fn an_address_has_its_share_and_gets_a_new_one_in_time() {
        let keeper = Doorkeeper::new(3);
        let home = |text: &str| text.parse::<IpAddr>().expect("an address");
        let v6 = ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2::3"];
        assert!(v6.iter().all(|one| keeper.admit(home(one), at(0)).is_ok()));
        assert_eq!(keeper.admit(home("2001:db8:1:2:ffff::"), at(10)), Err(590));
        assert_eq!(keeper.admit(home("2001:db8:1:3::1"), at(10)), Ok(()));
        assert_eq!(keeper.admit(home(v6[0]), at(600)), Ok(()));
        let own = home("127.0.0.1");
        assert!((0..9).all(|_| keeper.admit(own, at(0)).is_ok()));
        let any = Doorkeeper::new(0);
        assert!((0..500).all(|_| any.admit(home("10.0.0.1"), at(0)).is_ok()));
    }

    #[test]
    fn the_memory_is_bounded() {
        let keeper = Doorkeeper::default();
        for number in 0..u32::try_from(SENDERS_MAX).expect("small") + 10 {
            let address = Some(IpAddr::from(number.to_be_bytes()));
            keeper.flags(address, &response(1, "yes"), at(i64::from(number) / 1000));
        }
        assert_eq!(lock(&keeper.recent).senders.len(), SENDERS_MAX);
        keeper.flags(None, &response(1, "yes"), at(5_000));
        assert_eq!(lock(&keeper.recent).senders.len(), 1, "all others are forgotten");
    }
}
