//! Sending what waits in a queue: one mail after another, at the pace the server is good for, each at
//! most once.
//!
//! The queue is the store's ([`Queue`]). A mail is written down as being handed over before its last
//! byte goes, and as sent after the receipt: what a crash leaves in between is unsure, is named to
//! staff, and is never sent again by itself. [`decide`] has every rule of what becomes of a mail;
//! [`send`] carries them out.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::message::Message;
use super::smtp::{Failure, Server, Session};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// A mail that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The queue's own name for it.
    pub id: i64,
    pub message: Message,
    /// How often [`Queue::later`] was said of it.
    pub attempts: u32,
}

/// What a store has to keep of each mail: it waits (until a moment), is being handed over, was sent, or
/// was refused. Each call is durable when it returns.
pub trait Queue {
    /// One that waits and whose moment has come, the oldest first; none where all is done for now.
    fn next(&mut self, now: Timestamp) -> Result<Option<Outgoing>>;

    /// From now on nobody can know whether it is sent. It waits no more: `next` never gives it again,
    /// unless [`Queue::later`] is said of it.
    fn handing_over(&mut self, id: i64) -> Result<()>;

    /// The server has it.
    fn sent(&mut self, id: i64) -> Result<()>;

    /// It cannot be sent, ever; `why` is for staff.
    fn refused(&mut self, id: i64, why: &str) -> Result<()>;

    /// It was certainly not sent. It waits again, with one attempt more.
    fn later(&mut self, id: i64, when: Timestamp, why: &str) -> Result<()>;

    /// Those that are being handed over and stay so: nobody knows.
    fn unsure(&mut self) -> Result<Vec<i64>>;
}

/// How a mail waits between its attempts, in minutes: over three days, as RFC 5321, 4.5.4.1 asks. The
/// first is short, for servers that turn strangers away once.
const WAITS: [i64; 9] = [5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 16 * 60, 18 * 60, 18 * 60];

/// So many mails in a row without one that went out are no accident.
const AWAY_MAX: u32 = 3;
const BLOCKED_MAX: u32 = 5;
const REFUSED_MAX: u32 = 20;

/// Some servers hang up on a connection that lasts: a fresh one is made after so many.
const MAILS_PER_CONNECTION: u32 = 100;

/// What becomes of a mail that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It waits so long.
    Later(SignedDuration),
    /// It is given up.
    Refused(String),
    /// It stays as it is; staff are told.
    Unsure,
    /// It waits as if it had never been tried.
    Untouched,
}

/// How often in a row what went wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Streak {
    away: u32,
    blocked: u32,
    refused: u32,
}

impl Streak {
    fn add(&mut self, failure: &Failure) {
        match failure {
            Failure::Away { .. } | Failure::Unsure { .. } => self.away += 1,
            Failure::Blocked { .. } => (self.blocked, self.away) = (self.blocked + 1, 0),
            Failure::Refused { .. } => (self.refused, self.away) = (self.refused + 1, 0),
            Failure::Later { .. } => self.away = 0,
            Failure::Settings { .. } => {}
        }
    }
}

/// What becomes of a mail that was tried `attempts` times before, and failed again.
pub fn decide(failure: &Failure, attempts: u32) -> Fate {
    match failure {
        Failure::Refused { said } => Fate::Refused(said.clone()),
        Failure::Settings { .. } => Fate::Untouched,
        Failure::Unsure { .. } => Fate::Unsure,
        Failure::Later { said } | Failure::Blocked { said } | Failure::Away { said } => {
            match WAITS.get(attempts as usize) {
                Some(minutes) => Fate::Later(SignedDuration::from_mins(*minutes)),
                None => Fate::Refused(format!("given up after {} attempts: {said}", attempts + 1)),
            }
        }
    }
}

/// Why it makes no sense to go on, if it does not.
pub fn stop(failure: &Failure, streak: Streak) -> Option<Error> {
    let error = |what: &str, hint: &str| {
        Some(Error::new(what).source(failure.to_string()).hint(hint.to_owned()))
    };
    match failure {
        Failure::Settings { said, hint } => {
            Some(Error::new("send mail").source(said.clone()).hint(hint.clone()))
        }
        _ if streak.away >= AWAY_MAX => error(
            "reach the mail server",
            "what waits is sent when this runs again; check that the server runs, `smtp.host` and `smtp.port`",
        ),
        _ if streak.blocked >= BLOCKED_MAX => error(
            "hand in mail: address after address is not let through",
            "ask whoever runs the server to let this sender and machine hand in mail for everybody; what \
             waits is sent when this runs again",
        ),
        _ if streak.refused >= REFUSED_MAX => error(
            "hand in mail: address after address is refused",
            "so many in a row are hardly all wrong; ask whoever runs the server before this runs again",
        ),
        _ => None,
    }
}

/// What became of the mails of one run.
#[derive(Debug, Default)]
pub struct Report {
    pub sent: usize,
    /// Which were given up, and why.
    pub refused: Vec<(i64, String)>,
    /// How often one was put off.
    pub later: usize,
    /// Which may have been sent or not, of this run or one that died: for staff to look into.
    pub unsure: Vec<i64>,
    /// Why it stopped before the queue was done.
    pub stopped: Option<Error>,
}

/// The pace, and how time passes.
pub struct Pace<'a> {
    pub per_minute: u32,
    /// Waits; false where the program should end.
    pub wait: &'a mut dyn FnMut(Duration) -> bool,
}

impl Pace<'_> {
    fn between(&self) -> Duration {
        Duration::from_secs(60) / self.per_minute.max(1)
    }
}

/// Sends what waits until nothing does, staff have to act, or the program should end. Two must never run
/// at once on one queue: whoever calls holds its lock.
///
/// # Errors
///
/// Where the queue itself fails. What became of mails, and why it stopped, is in the report.
pub fn send(
    queue: &mut impl Queue,
    server: &Server,
    clock: &dyn Clock,
    pace: &mut Pace<'_>,
) -> Result<Report> {
    let mut run =
        Run { queue, server, line: None, streak: Streak::default(), report: Report::default() };
    let (between, mut is_first) = (pace.between(), true);
    while run.report.stopped.is_none() {
        let Some(mail) = run.queue.next(clock.now())? else { break };
        if !is_first && !(pace.wait)(between) {
            break;
        }
        is_first = false;
        if let Err(tried) = run.send_one(&mail)? {
            run.settle(&mail, tried, clock.now())?;
        }
    }
    if let Some(line) = run.line.take() {
        line.session.close();
    }
    run.report.unsure = run.queue.unsure()?;
    Ok(run.report)
}

/// A connection, and how many mails it has had.
struct Line {
    session: Session,
    mails: u32,
}

struct Run<'a, Q> {
    queue: &'a mut Q,
    server: &'a Server,
    line: Option<Line>,
    streak: Streak,
    report: Report,
}

impl<Q: Queue> Run<'_, Q> {
    /// Tries one mail. A connection that lay idle may be dead without anybody's fault: then once more,
    /// on a fresh one.
    fn send_one(&mut self, mail: &Outgoing) -> Result<Result<(), Tried>> {
        let is_used = self.line.as_ref().is_some_and(|line| line.session.is_usable());
        match self.try_once(mail)? {
            Err(Tried::Announcing(Failure::Away { .. })) if is_used => self.try_once(mail),
            tried => Ok(tried),
        }
    }

    fn try_once(&mut self, mail: &Outgoing) -> Result<Result<(), Tried>> {
        let mut line = match self.line() {
            Ok(line) => line,
            Err(failure) => return Ok(Err(Tried::Connecting(failure))),
        };
        line.mails += 1;
        let tried = self.try_on(&mut line.session, mail);
        self.line = Some(line);
        tried
    }

    fn try_on(&mut self, session: &mut Session, mail: &Outgoing) -> Result<Result<(), Tried>> {
        let prepared = match session.prepare(&mail.message) {
            Ok(prepared) => prepared,
            Err(failure) => return Ok(Err(Tried::Announcing(failure))),
        };
        self.queue.handing_over(mail.id)?;
        if let Err(failure) = prepared.hand_over() {
            return Ok(Err(Tried::HandingOver(failure)));
        }
        self.queue.sent(mail.id)?;
        self.report.sent += 1;
        self.streak = Streak::default();
        Ok(Ok(()))
    }

    fn line(&mut self) -> Result<Line, Failure> {
        match self.line.take() {
            Some(line) if line.session.is_usable() && line.mails < MAILS_PER_CONNECTION => Ok(line),
            old => {
                if let Some(line) = old {
                    line.session.close();
                }
                Ok(Line { session: Session::open(self.server)?, mails: 0 })
            }
        }
    }

    /// Writes down what becomes of a mail that failed.
    fn settle(&mut self, mail: &Outgoing, tried: Tried, now: Timestamp) -> Result<()> {
        let (fate, failure) = match tried {
            // No server, no attempt: a mail is not given up because the line was down for days.
            Tried::Connecting(failure) => (Fate::Untouched, failure),
            Tried::Announcing(failure) | Tried::HandingOver(failure) => {
                (decide(&failure, mail.attempts), failure)
            }
        };
        match fate {
            Fate::Later(wait) => {
                let when = now.checked_add(wait).unwrap_or(Timestamp::MAX);
                self.queue.later(mail.id, when, &failure.to_string())?;
                self.report.later += 1;
            }
            Fate::Refused(why) => {
                self.queue.refused(mail.id, &why)?;
                self.report.refused.push((mail.id, why));
            }
            Fate::Unsure | Fate::Untouched => {}
        }
        self.streak.add(&failure);
        self.report.stopped = stop(&failure, self.streak);
        Ok(())
    }
}

/// How far a mail came that failed.
enum Tried {
    Connecting(Failure),
    Announcing(Failure),
    HandingOver(Failure),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later() -> Failure {
        Failure::Later { said: "451 later".to_owned() }
    }

    fn refused() -> Failure {
        Failure::Refused { said: "550 no such user".to_owned() }
    }

    #[test]
    fn a_mail_is_given_up_after_three_days_and_not_before() {
        let mut waited = SignedDuration::ZERO;
        let mut attempts = 0;
        let why = loop {
            match decide(&later(), attempts) {
                Fate::Later(wait) => waited += wait,
                Fate::Refused(why) => break why,
                other => panic!("{other:?}"),
            }
            attempts += 1;
        };
        assert!((SignedDuration::from_hours(72)..SignedDuration::from_hours(96)).contains(&waited));
        assert_eq!(why, "given up after 10 attempts: 451 later");
    }

    #[test]
    fn an_unsure_mail_is_never_tried_again_and_wrong_settings_cost_no_attempt() {
        assert_eq!(decide(&Failure::Unsure { said: String::new() }, 0), Fate::Unsure);
        let settings = Failure::Settings { said: String::new(), hint: String::new() };
        assert_eq!(decide(&settings, 0), Fate::Untouched);
        assert!(stop(&settings, Streak::default()).is_some());
    }

    #[test]
    fn one_wrong_address_stops_nothing_and_twenty_in_a_row_do() {
        let mut streak = Streak::default();
        for _ in 1..REFUSED_MAX {
            streak.add(&refused());
            assert!(stop(&refused(), streak).is_none());
        }
        streak.add(&refused());
        assert!(stop(&refused(), streak).is_some());
    }

    #[test]
    fn a_server_that_is_away_is_asked_three_times() {
        let away = Failure::Away { said: "gone".to_owned() };
        let mut streak = Streak::default();
        streak.add(&away);
        streak.add(&away);
        assert!(stop(&away, streak).is_none());
        streak.add(&later());
        assert_eq!(streak.away, 0);
        for _ in 0..3 {
            streak.add(&away);
        }
        assert!(stop(&away, streak).is_some());
    }
}
