//! Who typed the right PIN: one session at a time, in memory, known by a random cookie.
//!
//! The id is always the server's own, made at the moment of the right PIN: one that a browser brings
//! along, from wherever, is never taken up. Only its digest is kept and compared.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::super::cookies::only;
use super::super::http::Request;
use crate::crypto::{Digest, hex, random};

/// The cookie's name.
const NAME: &str = "staff";

/// Where the cookie goes, so that no page of a survey ever carries it.
const SCOPE: &str = "Path=/kiosk/; HttpOnly; SameSite=Strict";

/// It ends after this time without a request.
const PATIENCE: SignedDuration = SignedDuration::from_secs(5 * 60);

/// The session, if there is one.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<Option<Session>>);

#[derive(Debug)]
struct Session {
    id: Digest,
    csrf: String,
    last: Timestamp,
    /// What came of the last button, told once.
    note: Option<&'static str>,
}

/// What a page of the session needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub csrf: String,
    pub note: Option<&'static str>,
}

impl Sessions {
    /// Begins a session in place of any other. Returns the header that gives its cookie.
    pub fn begin(&self, now: Timestamp) -> String {
        let id = hex(&random::<16>());
        let session = Session {
            id: Digest::of(id.as_bytes()),
            csrf: hex(&random::<16>()),
            last: now,
            note: None,
        };
        *self.lock() = Some(session);
        format!("{NAME}={id}; {SCOPE}")
    }

    /// The session this request belongs to, which lives on by it.
    pub fn visit(&self, request: &Request, now: Timestamp) -> Option<Ticket> {
        let id = Digest::of(only(request, NAME)?.as_bytes());
        let mut held = self.lock();
        let session = held.as_mut()?;
        let idle = now.duration_since(session.last);
        // A clock that was set back ends it, too: nobody knows how long it was idle.
        if idle.is_negative() || idle >= PATIENCE {
            *held = None;
            return None;
        }
        if session.id != id {
            return None;
        }
        session.last = now;
        Some(Ticket { csrf: session.csrf.clone(), note: session.note.take() })
    }

    /// Tells the next page of the session what came of a button.
    pub fn note(&self, words: &'static str) {
        if let Some(session) = self.lock().as_mut() {
            session.note = Some(words);
        }
    }

    /// Ends it. Returns the header that takes the cookie back.
    pub fn end(&self) -> String {
        *self.lock() = None;
        format!("{NAME}=; {SCOPE}; Max-Age=0")
    }

    fn lock(&self) -> MutexGuard<'_, Option<Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::http::Method;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn with_cookies(cookies: &[&str]) -> Request {
        let headers = cookies.iter().map(|one| ("cookie".to_owned(), (*one).to_owned()));
        Request {
            method: Method::Get,
            path: "/kiosk/status".to_owned(),
            query: String::new(),
            headers: headers.collect(),
            body: Vec::new(),
            peer: [127, 0, 0, 1].into(),
        }
    }

    fn pair(header: &str) -> &str {
        header.split(';').next().expect("a pair")
    }

    #[test]
    fn lives_five_minutes_after_the_last_request() {
        let sessions = Sessions::default();
        let header = sessions.begin(at(0));
        assert!(header.ends_with("; Path=/kiosk/; HttpOnly; SameSite=Strict"), "{header}");
        let request = with_cookies(&[pair(&header)]);
        assert!(sessions.visit(&request, at(299)).is_some());
        assert!(sessions.visit(&request, at(598)).is_some());
        assert_eq!(sessions.visit(&request, at(898)), None);
        assert_eq!(sessions.visit(&request, at(599)), None, "over is over");
    }

    #[test]
    fn no_id_but_its_own_is_taken_up() {
        let sessions = Sessions::default();
        let chosen = format!("staff={}", "0".repeat(32));
        assert_eq!(sessions.visit(&with_cookies(&[&chosen]), at(0)), None);
        let own = sessions.begin(at(0));
        assert_eq!(sessions.visit(&with_cookies(&[&chosen]), at(0)), None);
        let two = format!("{chosen}; {}", pair(&own));
        assert_eq!(sessions.visit(&with_cookies(&[&two]), at(0)), None);
        assert_eq!(sessions.visit(&with_cookies(&[&chosen, pair(&own)]), at(0)), None);
        assert!(sessions.visit(&with_cookies(&[&format!("a=b; {}", pair(&own))]), at(0)).is_some());
    }

    #[test]
    fn another_pin_ends_the_session_before() {
        let sessions = Sessions::default();
        let (before, after) = (sessions.begin(at(0)), sessions.begin(at(1)));
        assert_eq!(sessions.visit(&with_cookies(&[pair(&before)]), at(1)), None);
        assert!(sessions.visit(&with_cookies(&[pair(&after)]), at(1)).is_some());
        let gone = sessions.end();
        assert!(gone.contains("staff=; ") && gone.contains("Max-Age=0"), "{gone}");
        assert_eq!(sessions.visit(&with_cookies(&[pair(&after)]), at(1)), None);
    }

    #[test]
    fn a_clock_set_back_ends_it() {
        let sessions = Sessions::default();
        let header = sessions.begin(at(1000));
        assert_eq!(sessions.visit(&with_cookies(&[pair(&header)]), at(10)), None);
    }
}
