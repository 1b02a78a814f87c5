//! What kiosks call at a central: `GET` and `POST /api/v1/sync`, `POST /api/v1/enroll`, and
//! `GET /api/v1/release/<id>?from=N` for a piece of a release. Everything but the bytes is [`Reception`]'s business.
//!
//! A refusal is `{"problem": "a-stable-word", "message": "…"}`.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::json;

use super::http::{Method, Request, Response};
use crate::console::complain;
use crate::crypto::Signature;
use crate::store::StoreError;
use crate::sync::message::Signed;
use crate::sync::push::{ENROL_PATH, RELEASE_PATH, SYNC_PATH};
use crate::sync::reception::{Intake, Reception, Refusal};
use crate::sync::release::manifest::Id;

/// Wrong codes in [`WINDOW_SECONDS`], from one address and from all.
const WRONG_CODES_MAX: usize = 5;
const WRONG_CODES_MAX_ALL: usize = 50;
const WINDOW_SECONDS: i64 = 10 * 60;
/// A question in hex, twice over.
const QUESTION_BYTES_MAX: usize = 2048;

/// The handlers.
pub struct Api<I> {
    pub reception: Reception<I>,
    wrong_codes: Mutex<WrongCodes>,
}

impl<I: Intake> Api<I> {
    /// The handlers of this reception.
    pub fn new(reception: Reception<I>) -> Api<I> {
        Api { reception, wrong_codes: Mutex::default() }
    }

    /// Answers what is under `/api/`.
    pub fn answer(&self, request: &Request) -> Response {
        if let Some(id) = request.path.strip_prefix(RELEASE_PATH) {
            return self.release(id, request).with("Cache-Control", "no-store");
        }
        let reply = match (request.path.as_str(), request.method) {
            (SYNC_PATH, Method::Get) => self.stand(request),
            (SYNC_PATH, Method::Post) => self.take(request),
            (ENROL_PATH, Method::Post) => self.enrol(request),
            (SYNC_PATH, Method::Head) => return not_allowed("GET, POST"),
            (ENROL_PATH, _) => return not_allowed("POST"),
            _ => return problem(404, "not-found", "there is nothing at this address"),
        };
        reply.unwrap_or_else(|refusal| refused(&refusal)).with("Cache-Control", "no-store")
    }

    fn stand(&self, request: &Request) -> Result<Response, Refusal> {
        let question = read_question(&request.query).ok_or(Refusal::Malformed)?;
        Ok(fine(&self.reception.stand(&question)?))
    }

    /// A piece of a release. Whoever knows its id was told by a signed standing; the kiosk needs no more,
    /// since it believes only what is signed.
    fn release(&self, id: &str, request: &Request) -> Response {
        if request.method != Method::Get {
            return not_allowed("GET");
        }
        let from = request.query.strip_prefix("from=").and_then(|from| from.parse().ok());
        let (Some(id), Some(from)) = (Id::from_hex(id), from) else {
            return refused(&Refusal::Malformed);
        };
        match self.reception.desk().piece(id, from) {
            Ok(Some(bytes)) => Response::bytes(200, "application/octet-stream", bytes),
            Ok(None) => problem(404, "not-found", "there is no such release any more"),
            Err(error) => {
                complain!("borgerpanel: {error}");
                problem(503, "unavailable", "the release cannot be read just now")
                    .with("Retry-After", "30")
            }
        }
    }

    fn take(&self, request: &Request) -> Result<Response, Refusal> {
        Ok(fine(&self.reception.take(&request.body)?))
    }

    fn enrol(&self, request: &Request) -> Result<Response, Refusal> {
        let now = self.reception.clock.now().as_second();
        if self.wrong_codes().is_too_many(request.peer, now) {
            let wait = "too many wrong codes; wait ten minutes";
            return Ok(problem(429, "too-many-codes", wait)
                .with("Retry-After", WINDOW_SECONDS.to_string()));
        }
        let asked = serde_json::from_slice(&request.body).map_err(|_| Refusal::Malformed)?;
        match self.reception.admit(&asked) {
            Err(Refusal::WrongCode) => {
                self.wrong_codes().note(request.peer, now);
                Err(Refusal::WrongCode)
            }
            admitted => Ok(fine(&admitted?)),
        }
    }

    fn wrong_codes(&self) -> std::sync::MutexGuard<'_, WrongCodes> {
        self.wrong_codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `?question=HEX&signature=HEX`.
fn read_question(query: &str) -> Option<Signed> {
    let value = |name| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let text = value("question")?.as_bytes();
    if text.len() > QUESTION_BYTES_MAX {
        return None;
    }
    let byte = |digits: &[u8]| {
        let [byte] = crate::crypto::unhex::<1>(std::str::from_utf8(digits).ok()?)?;
        Some(byte)
    };
    let text = text.chunks(2).map(byte).collect::<Option<Vec<u8>>>()?;
    let signature = Signature::from_hex(value("signature")?)?;
    Some(Signed { text: String::from_utf8(text).ok()?, signature })
}

fn fine(reply: &impl Serialize) -> Response {
    let json = serde_json::to_vec(reply).expect("messages are texts and numbers");
    Response::bytes(200, "application/json", json)
}

fn not_allowed(methods: &str) -> Response {
    problem(405, "method", "this address takes other methods").with("Allow", methods)
}

fn problem(status: u16, word: &str, message: &str) -> Response {
    Response::json(status, &json!({ "problem": word, "message": message }))
}

fn refused(refusal: &Refusal) -> Response {
    let (status, word) = match refusal {
        Refusal::Malformed => (400, "malformed"),
        Refusal::Damaged => (400, "damaged"),
        Refusal::OtherVersion => (400, "other-version"),
        Refusal::Forged => (403, "forged"),
        Refusal::UnknownKey => (403, "unknown-key"),
        Refusal::Revoked => (403, "revoked"),
        Refusal::WrongCode => (403, "wrong-code"),
        Refusal::OtherCentral => (409, "other-central"),
        Refusal::Store(error) => return unavailable(error),
    };
    problem(status, word, &refusal.to_string())
}

/// What is wrong with the disk is for the log, not for whoever calls.
fn unavailable(error: &StoreError) -> Response {
    if *error != StoreError::Busy {
        complain!("borgerpanel: a batch could not be stored: {error}; {}", error.advice());
    }
    problem(503, "unavailable", "the central cannot store just now").with("Retry-After", "30")
}

/// The wrong codes of the last minutes. A code has 60 bits: this keeps the log short, not the door
/// shut.
#[derive(Default)]
struct WrongCodes(VecDeque<(i64, IpAddr)>);

impl WrongCodes {
    fn is_too_many(&mut self, peer: IpAddr, now: i64) -> bool {
        self.0.retain(|(at, _)| (now - WINDOW_SECONDS..=now).contains(at));
        let from_peer = self.0.iter().filter(|(_, other)| *other == peer).count();
        from_peer >= WRONG_CODES_MAX || self.0.len() >= WRONG_CODES_MAX_ALL
    }

    fn note(&mut self, peer: IpAddr, now: i64) {
        self.0.push_back((now, peer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_codes_are_counted_and_forgotten() {
        let mut wrong = WrongCodes::default();
        let (one, other): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        (0..5).for_each(|second| wrong.note(one, second));
        assert!(wrong.is_too_many(one, 10));
        assert!(!wrong.is_too_many(other, 10));
        assert!(!wrong.is_too_many(one, 10 + WINDOW_SECONDS));
    }

    #[test]
    fn questions_are_read_whole_or_not_at_all() {
        let signature = "ab".repeat(64);
        let read = |text: &str| read_question(&format!("question={text}&signature={signature}"));
        assert_eq!(read("7b7d").expect("a text").text, "{}");
        for wrong in ["7", "7g", "ff", &"00".repeat(2000)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read_question("question=7b7d"), None);
    }
}
