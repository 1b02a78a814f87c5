//! The loop over a queue: fifty mails, refusals, retries, and a connection that is cut at every step.
//! The queue here keeps the rules a store has to keep, and dies where a test says so.

use std::collections::BTreeMap;
use std::time::Duration;

use borgerpanel::clock::{Clock, FixedClock};
use borgerpanel::error::{Error, Result};
use borgerpanel::mail::outgoing::{self, Outgoing, Pace, Queue, Report};
use jiff::{SignedDuration, Timestamp};

use super::{message, server, smtp};
use crate::postbox::{Cut, Manners, Postbox, STEPS, Step};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Waiting { from: Timestamp, attempts: u32 },
    HandingOver { attempts: u32 },
    Sent,
    Refused(String),
}

/// A store's part, in memory: what it says is what a database would say after a crash.
struct Shelf {
    mails: BTreeMap<i64, Place>,
    /// The process dies when it should write this down for this mail.
    dies: Option<(&'static str, i64)>,
}

impl Shelf {
    fn of(count: i64) -> Shelf {
        let waiting = Place::Waiting { from: Timestamp::MIN, attempts: 0 };
        Shelf { mails: (1..=count).map(|id| (id, waiting.clone())).collect(), dies: None }
    }

    fn moves(&mut self, what: &str, id: i64, place: Place) -> Result<()> {
        if self.dies.is_some_and(|(at, victim)| at == what && victim == id) {
            return Err(Error::new("live"));
        }
        self.mails.insert(id, place);
        Ok(())
    }

    fn attempts(&self, id: i64) -> u32 {
        match &self.mails[&id] {
            Place::Waiting { attempts, .. } | Place::HandingOver { attempts } => *attempts,
            other => panic!("{id} is {other:?}"),
        }
    }

    fn count(&self, fits: impl Fn(&Place) -> bool) -> usize {
        self.mails.values().filter(|place| fits(place)).count()
    }

    fn waiting(&self) -> usize {
        self.count(|place| matches!(place, Place::Waiting { .. }))
    }
}

impl Queue for Shelf {
    fn next(&mut self, now: Timestamp) -> Result<Option<Outgoing>> {
        let due = self.mails.iter().find_map(|(id, place)| match place {
            Place::Waiting { from, attempts } if *from <= now => Some((*id, *attempts)),
            _ => None,
        });
        Ok(due.map(|(id, attempts)| Outgoing { id, message: message(id), attempts }))
    }

    fn handing_over(&mut self, id: i64) -> Result<()> {
        assert!(matches!(self.mails[&id], Place::Waiting { .. }), "{id} does not wait");
        let attempts = self.attempts(id);
        self.moves("handing over", id, Place::HandingOver { attempts })
    }

    fn sent(&mut self, id: i64) -> Result<()> {
        assert!(matches!(self.mails[&id], Place::HandingOver { .. }), "{id} was not announced");
        self.moves("sent", id, Place::Sent)
    }

    fn refused(&mut self, id: i64, why: &str) -> Result<()> {
        self.moves("refused", id, Place::Refused(why.to_owned()))
    }

    fn later(&mut self, id: i64, when: Timestamp, _: &str) -> Result<()> {
        let attempts = self.attempts(id) + 1;
        self.moves("later", id, Place::Waiting { from: when, attempts })
    }

    fn unsure(&mut self) -> Result<Vec<i64>> {
        let unsure =
            self.mails.iter().filter(|(_, place)| matches!(place, Place::HandingOver { .. }));
        Ok(unsure.map(|(id, _)| *id).collect())
    }
}

fn start() -> Timestamp {
    "2026-11-27T12:00:00Z".parse().expect("a moment")
}

/// One run at a moment.
fn run_at(shelf: &mut Shelf, postbox: &Postbox, now: Timestamp) -> Result<Report> {
    let mut pace = Pace { per_minute: 60_000, wait: &mut |_| true };
    outgoing::send(shelf, &server(&smtp(postbox)), &FixedClock(now), &mut pace)
}

/// Runs until nothing waits, each half a day later; gives back all that was unsure at the end.
fn run_until_done(shelf: &mut Shelf, postbox: &Postbox) -> Vec<i64> {
    let mut now = start();
    for _ in 0..20 {
        let report = run_at(shelf, postbox, now);
        now += SignedDuration::from_hours(12);
        if shelf.waiting() == 0
            && let Ok(report) = report
        {
            return report.unsure;
        }
    }
    panic!("{} still wait", shelf.waiting());
}

/// How often each mail arrived, by its number.
fn arrivals(postbox: &Postbox) -> BTreeMap<i64, usize> {
    let mut arrivals = BTreeMap::new();
    for mail in postbox.mails() {
        let id = mail.header("Message-ID");
        let id = id.trim_start_matches("<inv.7.").split('@').next().expect("split");
        *arrivals.entry(id.parse().expect("a number")).or_default() += 1;
    }
    arrivals
}

#[test]
fn fifty_mails_go_over_one_connection_each_once() {
    let postbox = Postbox::open();
    let mut shelf = Shelf::of(50);
    let report = run_at(&mut shelf, &postbox, start()).expect("it runs");
    assert_eq!((report.sent, report.later, report.refused.len()), (50, 0, 0));
    assert!(report.stopped.is_none() && report.unsure.is_empty());
    assert_eq!(postbox.wait_for(50).len(), 50);
    assert_eq!(arrivals(&postbox), (1..=50).map(|id| (id, 1)).collect());
    assert_eq!(postbox.connections(), 1);
    assert_eq!(shelf.count(|place| *place == Place::Sent), 50);
}

#[test]
fn refused_addresses_are_named_and_the_rest_arrives() {
    let refusals = [7, 8, 30]
        .map(|id| (format!("borger{id}@example.dk"), "550 5.1.1 no such user".to_owned()));
    let postbox = Postbox::with(Manners { answers: refusals.into(), ..Manners::default() });
    let mut shelf = Shelf::of(30);
    let report = run_at(&mut shelf, &postbox, start()).expect("it runs");
    assert_eq!(report.sent, 27);
    let refused: Vec<i64> = report.refused.iter().map(|(id, _)| *id).collect();
    assert_eq!(refused, [7, 8, 30]);
    assert!(report.refused[0].1.contains("no such user"), "{report:?}");
    // Nobody asks again.
    assert_eq!(run_at(&mut shelf, &postbox, start()).expect("it runs").refused.len(), 0);
}

#[test]
fn who_is_told_to_come_back_comes_back_later_and_not_at_once() {
    let not_yet = [("borger2@example.dk".to_owned(), 2)].into();
    let postbox = Postbox::with(Manners { not_yet, ..Manners::default() });
    let mut shelf = Shelf::of(3);
    let report = run_at(&mut shelf, &postbox, start()).expect("it runs");
    assert_eq!((report.sent, report.later), (2, 1));
    let report =
        run_at(&mut shelf, &postbox, start() + SignedDuration::from_mins(4)).expect("it runs");
    assert_eq!((report.sent, report.later), (0, 0));
    let report =
        run_at(&mut shelf, &postbox, start() + SignedDuration::from_mins(5)).expect("it runs");
    assert_eq!((report.sent, report.later), (0, 1));
    assert_eq!(run_until_done(&mut shelf, &postbox), Vec::<i64>::new());
    assert_eq!(arrivals(&postbox), (1..=3).map(|id| (id, 1)).collect());
}

#[test]
fn a_mailbox_that_stays_full_is_given_up() {
    let full = [("borger1@example.dk".to_owned(), "452 4.2.2 mailbox full".to_owned())].into();
    let postbox = Postbox::with(Manners { answers: full, ..Manners::default() });
    let mut shelf = Shelf::of(2);
    run_until_done(&mut shelf, &postbox);
    let Place::Refused(why) = &shelf.mails[&1] else { panic!("{:?}", shelf.mails) };
    assert!(why.contains("given up after 10 attempts") && why.contains("mailbox full"), "{why}");
    assert_eq!(shelf.mails[&2], Place::Sent);
}

#[test]
fn a_line_cut_at_any_step_sends_nothing_twice_and_forgets_nobody() {
    for at in STEPS {
        for (after, times) in [(0, 1), (3, 2)] {
            let cut = Some(Cut { at, after, times });
            let postbox = Postbox::with(Manners { cut, ..Manners::default() });
            let mut shelf = Shelf::of(6);
            let unsure = run_until_done(&mut shelf, &postbox);
            let arrived = arrivals(&postbox);
            assert!(arrived.values().all(|count| *count == 1), "{at:?}: {arrived:?}");
            for id in 1..=6 {
                let is_unsure = unsure.contains(&id);
                assert!(arrived.contains_key(&id) || is_unsure, "{at:?}: {id} is forgotten");
                assert_eq!(shelf.mails[&id] == Place::Sent, !is_unsure, "{at:?}: {id}");
            }
            let expected = if matches!(at, Step::Lost | Step::Kept) { times } else { 0 };
            // A mail cut off within its body is unsure where its last byte had gone already.
            let fits =
                if at == Step::Body { unsure.len() <= times } else { unsure.len() == expected };
            assert!(fits, "{at:?}: {unsure:?}");
        }
    }
}

#[test]
fn a_process_that_dies_at_any_write_sends_nothing_twice_and_forgets_nobody() {
    for what in ["handing over", "sent", "refused", "later"] {
        let answers = [("borger2@example.dk".to_owned(), "550 5.1.1 no".to_owned())].into();
        let not_yet = [("borger3@example.dk".to_owned(), 1)].into();
        let postbox = Postbox::with(Manners { answers, not_yet, ..Manners::default() });
        let victim = match what {
            "refused" => 2,
            "later" => 3,
            _ => 4,
        };
        let mut shelf = Shelf { dies: Some((what, victim)), ..Shelf::of(5) };
        assert!(run_at(&mut shelf, &postbox, start()).is_err(), "{what}: it lives");
        shelf.dies = None;
        let unsure = run_until_done(&mut shelf, &postbox);
        let arrived = arrivals(&postbox);
        assert_eq!(arrived, [1, 3, 4, 5].map(|id| (id, 1)).into(), "{what}");
        assert_eq!(unsure, if what == "sent" { vec![4] } else { vec![] }, "{what}");
    }
}

#[test]
fn without_a_server_nothing_is_used_up_and_staff_are_told() {
    let postbox = Postbox::open();
    let server = server(&smtp(&postbox));
    drop(postbox);
    let mut shelf = Shelf::of(5);
    let mut pace = Pace { per_minute: 60_000, wait: &mut |_| true };
    let report =
        outgoing::send(&mut shelf, &server, &FixedClock(start()), &mut pace).expect("it runs");
    let told = report.stopped.expect("a reason").to_string();
    assert!(told.contains("reach the mail server") && told.contains("smtp.host"), "{told}");
    assert_eq!(shelf.count(|place| matches!(place, Place::Waiting { attempts: 0, .. })), 5);
}

#[test]
fn a_sender_who_may_not_send_stops_at_once() {
    let says = [("MAIL".to_owned(), "550 5.7.1 not your address".to_owned())].into();
    let postbox = Postbox::with(Manners { says, ..Manners::default() });
    let mut shelf = Shelf::of(5);
    let report = run_at(&mut shelf, &postbox, start()).expect("it runs");
    let told = report.stopped.expect("a reason").to_string();
    assert!(told.contains("smtp.from") && told.contains("not your address"), "{told}");
    assert_eq!(shelf.count(|place| matches!(place, Place::Waiting { attempts: 0, .. })), 5);
}

#[test]
fn a_server_that_relays_for_nobody_costs_no_member_their_place() {
    let denied = "554 5.7.1 relay access denied".to_owned();
    let answers = (1..=30).map(|id| (format!("borger{id}@example.dk"), denied.clone())).collect();
    let postbox = Postbox::with(Manners { answers, ..Manners::default() });
    let mut shelf = Shelf::of(30);
    let report = run_at(&mut shelf, &postbox, start()).expect("it runs");
    assert!(report.stopped.expect("a reason").to_string().contains("relay access denied"));
    assert_eq!(shelf.waiting(), 30);
    // Once the server lets them through, all arrive.
    postbox.behave(Manners::default());
    assert_eq!(run_until_done(&mut shelf, &postbox), Vec::<i64>::new());
    assert_eq!(postbox.mails().len(), 30);
}

#[test]
fn the_pace_is_kept_and_the_program_can_end_between_two_mails() {
    let postbox = Postbox::open();
    let mut shelf = Shelf::of(5);
    let mut waits = Vec::new();
    let mut wait = |pause: Duration| {
        waits.push(pause);
        waits.len() < 3
    };
    let mut pace = Pace { per_minute: 30, wait: &mut wait };
    let clock: &dyn Clock = &FixedClock(start());
    let report =
        outgoing::send(&mut shelf, &server(&smtp(&postbox)), clock, &mut pace).expect("it runs");
    assert_eq!(report.sent, 3);
    assert_eq!(waits, [Duration::from_secs(2); 3]);
    assert_eq!(shelf.waiting(), 2);
}

/// A server and a store that misbehave by lot.
fn mishaps(rng: &mut fastrand::Rng) -> (Manners, Option<(&'static str, i64)>) {
    let mut manners = Manners::default();
    for id in 1..=8 {
        let address = format!("borger{id}@example.dk");
        match rng.u8(0..10) {
            0 => drop(manners.answers.insert(address, "550 5.1.1 no such user".to_owned())),
            1 => drop(manners.answers.insert(address, "554 5.7.1 not for you".to_owned())),
            2 | 3 => drop(manners.not_yet.insert(address, rng.usize(1..4))),
            _ => {}
        }
    }
    let at = *rng.choice(&STEPS).expect("there are some");
    manners.cut = Some(Cut { at, after: rng.usize(0..6), times: rng.usize(0..4) });
    let what = *rng.choice(&["handing over", "sent", "refused", "later"]).expect("some");
    (manners, rng.bool().then(|| (what, rng.i64(1..=8))))
}

#[test]
fn whatever_goes_wrong_nobody_gets_two_mails_and_nobody_is_forgotten() {
    for seed in 0..60 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (manners, dies) = mishaps(&mut rng);
        let postbox = Postbox::with(manners);
        let mut shelf = Shelf { dies, ..Shelf::of(8) };
        let _ = run_at(&mut shelf, &postbox, start());
        shelf.dies = None;
        let unsure = run_until_done(&mut shelf, &postbox);
        let arrived = arrivals(&postbox);
        for (id, place) in &shelf.mails {
            let count = arrived.get(id).copied().unwrap_or(0);
            let fits = match place {
                Place::Sent => count == 1,
                Place::Refused(_) => count == 0,
                Place::HandingOver { .. } => count <= 1 && unsure.contains(id),
                Place::Waiting { .. } => false,
            };
            assert!(fits, "seed {seed}: {id} is {place:?} and arrived {count} times");
        }
    }
}
