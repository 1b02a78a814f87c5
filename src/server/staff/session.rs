//! Who is logged in: in memory alone, so that a restart ends all of it, known by a random cookie of which only
//! the digest is kept.
//!
//! The id of a session is the server's own, made at the moment of the right password; one that a browser
//! brings along is never taken up. Before that moment the same cookie ties a login form to the browser it was
//! sent to: its token is made from the cookie and a key that only this process knows, and nothing is kept.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::super::cookies::{is_same, only};
use super::super::http::Request;
use crate::crypto::totp::Secret;
use crate::crypto::{Digest, hex, random, unhex};
use crate::store::central::staff::Stamp;

/// The cookie's name.
const NAME: &str = "staff";
/// Where the cookie goes, so that no page of a citizen's ever carries it.
const SCOPE: &str = "Path=/staff; HttpOnly; SameSite=Strict";

/// A session ends after this time without a request, and after this time in all.
const IDLE: SignedDuration = SignedDuration::from_mins(30);
const LONGEST: SignedDuration = SignedDuration::from_hours(10);

/// The most sessions of one person; beyond it the one that was idle longest ends.
const EACH_MAX: usize = 8;

/// All sessions.
#[derive(Default)]
pub struct Sessions {
    held: Mutex<HashMap<Digest, Session>>,
}

struct Session {
    name: String,
    stamp: Stamp,
    csrf: String,
    begun: Timestamp,
    last: Timestamp,
    /// What came of the last form, told once.
    note: Option<&'static str>,
    /// A secret that was shown and not confirmed yet.
    offered: Option<Secret>,
}

impl Session {
    /// A clock that was set back ends it, too: nobody knows how long it was idle.
    fn is_over(&self, now: Timestamp) -> bool {
        let (idle, all) = (now.duration_since(self.last), now.duration_since(self.begun));
        idle.is_negative() || idle >= IDLE || all >= LONGEST
    }
}

/// What a session begins with.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    pub name: &'a str,
    pub stamp: Stamp,
    /// Told by its first page.
    pub note: Option<&'static str>,
    /// The browser came by https, and its cookie goes by nothing else.
    pub is_secure: bool,
}

/// What a page of the session needs.
#[derive(Debug, Clone)]
pub struct Ticket {
    id: Digest,
    pub name: String,
    pub stamp: Stamp,
    pub csrf: String,
    pub note: Option<&'static str>,
    pub offered: Option<Secret>,
}

impl Sessions {
    /// Begins a session, whatever the browser had before. Returns the header that gives its cookie.
    pub fn begin(&self, opening: &Opening, now: Timestamp) -> String {
        let id = hex(&random::<16>());
        let name = opening.name;
        let session = Session {
            name: name.to_owned(),
            stamp: opening.stamp,
            csrf: hex(&random::<16>()),
            begun: now,
            last: now,
            note: opening.note,
            offered: None,
        };
        let mut held = self.lock();
        held.retain(|_, session| !session.is_over(now));
        while held.values().filter(|session| session.name == name).count() >= EACH_MAX {
            let own = held.iter().filter(|(_, session)| session.name == name);
            let oldest = own.min_by_key(|(_, session)| session.last).map(|(id, _)| *id);
            oldest.and_then(|oldest| held.remove(&oldest));
        }
        held.insert(Digest::of(id.as_bytes()), session);
        give(&id, opening.is_secure)
    }

    /// The session this request belongs to, which lives on by it.
    pub fn visit(&self, request: &Request, now: Timestamp) -> Option<Ticket> {
        let id = Digest::of(cookie(request)?.as_bytes());
        let mut held = self.lock();
        let session = held.get_mut(&id)?;
        if session.is_over(now) {
            held.remove(&id);
            return None;
        }
        session.last = now;
        Some(Ticket {
            id,
            name: session.name.clone(),
            stamp: session.stamp,
            csrf: session.csrf.clone(),
            note: session.note.take(),
            offered: session.offered.clone(),
        })
    }

    /// Tells the next page of the session what came of a form.
    pub fn note(&self, ticket: &Ticket, words: &'static str) {
        if let Some(session) = self.lock().get_mut(&ticket.id) {
            session.note = Some(words);
        }
    }

    /// Keeps a secret until it is confirmed.
    pub fn offer(&self, ticket: &Ticket, secret: Secret) {
        if let Some(session) = self.lock().get_mut(&ticket.id) {
            session.offered = Some(secret);
        }
    }

    /// Ends one.
    pub fn end(&self, ticket: &Ticket) {
        self.lock().remove(&ticket.id);
    }

    /// Ends all of somebody's.
    pub fn end_all(&self, name: &str) {
        self.lock().retain(|_, session| session.name != name);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Session>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ties login forms to browsers.
pub struct Forms([u8; 32]);

impl Default for Forms {
    fn default() -> Forms {
        Forms(random())
    }
}

impl Forms {
    /// The form's token and, where the browser has no cookie yet, the header that gives one.
    pub fn token(&self, request: &Request, is_secure: bool) -> (String, Option<String>) {
        match cookie(request) {
            Some(cookie) => (self.of(cookie), None),
            None => {
                let cookie = hex(&random::<16>());
                (self.of(&cookie), Some(give(&cookie, is_secure)))
            }
        }
    }

    /// Whether this token was sent to this browser.
    pub fn fits(&self, request: &Request, token: &str) -> bool {
        cookie(request).is_some_and(|cookie| is_same(&self.of(cookie), token))
    }

    fn of(&self, cookie: &str) -> String {
        Digest::of(&[self.0.as_slice(), b" login form ", cookie.as_bytes()].concat()).to_string()
    }
}

fn give(id: &str, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{NAME}={id}; {SCOPE}{secure}")
}

/// The header that takes the cookie back.
pub fn take_back() -> String {
    format!("{NAME}=; {SCOPE}; Max-Age=0")
}

/// The cookie's value, where it is of a form that the server gives.
fn cookie(request: &Request) -> Option<&str> {
    only(request, NAME).filter(|value| unhex::<16>(value).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::http::Method;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).expect("a time")
    }

    fn begin(sessions: &Sessions, name: &str, second: i64) -> Request {
        let opening = Opening { name, stamp: Stamp::fresh(), note: None, is_secure: true };
        request_of(&sessions.begin(&opening, at(second)))
    }

    fn with_cookie(cookie: &str) -> Request {
        Request {
            method: Method::Get,
            path: "/staff/".to_owned(),
            query: String::new(),
            headers: vec![("cookie".to_owned(), cookie.to_owned())],
            body: Vec::new(),
            peer: [127, 0, 0, 1].into(),
        }
    }

    fn request_of(set_cookie: &str) -> Request {
        with_cookie(set_cookie.split(';').next().expect("a cookie"))
    }

    #[test]
    fn ends_after_half_an_hour_idle_and_ten_hours_in_all() {
        let sessions = Sessions::default();
        let request = begin(&sessions, "anna", 0);
        assert!(sessions.visit(&request, at(1799)).is_some());
        assert!(sessions.visit(&request, at(1799 + 1800)).is_none());
        let request = begin(&sessions, "anna", 0);
        let visited = (0..40).filter(|n| sessions.visit(&request, at(n * 1000)).is_some());
        assert_eq!(visited.count(), 36, "36,000 seconds are ten hours");
    }

    #[test]
    fn a_clock_set_back_ends_it() {
        let sessions = Sessions::default();
        let request = begin(&sessions, "anna", 0);
        assert!(sessions.visit(&request, at(-1)).is_none());
    }

    #[test]
    fn one_persons_sessions_are_bounded_and_end_together() {
        let sessions = Sessions::default();
        let other = begin(&sessions, "bo", 0);
        let all: Vec<_> =
            (0..=EACH_MAX as i64).map(|second| begin(&sessions, "anna", second)).collect();
        assert!(sessions.visit(&all[0], at(20)).is_none());
        assert!(sessions.visit(&all[1], at(20)).is_some());
        sessions.end_all("anna");
        assert!(all.iter().all(|one| sessions.visit(one, at(20)).is_none()));
        assert!(sessions.visit(&other, at(20)).is_some());
    }

    #[test]
    fn a_forms_token_is_good_in_its_own_browser_alone() {
        let forms = Forms::default();
        let (token, given) = forms.token(&with_cookie("x=1"), false);
        let own = request_of(&given.expect("a cookie"));
        let (_, given) = forms.token(&with_cookie("x=1"), false);
        let other = request_of(&given.expect("a cookie"));
        assert!(forms.fits(&own, &token) && !forms.fits(&other, &token));
        assert!(!forms.fits(&own, "") && !Forms::default().fits(&own, &token));
        assert_eq!(forms.token(&own, false), (token, None), "another tab's form stays good");
    }

    #[test]
    fn a_planted_cookie_is_none() {
        let id = "0".repeat(32);
        let planted = format!("staff={id}; staff={}", "1".repeat(32));
        assert_eq!(cookie(&with_cookie(&planted)), None);
        assert_eq!(cookie(&with_cookie("staff=short")), None);
        assert_eq!(cookie(&with_cookie(&format!("a=b; staff={id}"))), Some(&*id));
    }
}
