//! What kiosks call at a central: `GET` and `POST /api/v1/sync`, `POST /api/v1/enroll`, and
//! `GET /api/v1/release/<id>?from=N` for a piece of a release. Everything but the bytes is [`Reception`]'s business.
//!
//! A refusal is `{"problem": "a-stable-word", "message": "…"}`.

use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::http::{Method, Request, Response};
use super::permits::Permits;
use super::refused::Refused;
use super::visits::{Visitors, Visits};
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
/// Batches inside at a time. The edge has two or three times as many places: the rest is for visitors,
/// however many kiosks come back at once. Who is turned away comes again after some seconds.
const BATCHES_MAX: usize = 16;
/// How long one of them waits until those before it are opened and stored: far longer than that takes.
const BATCH_PATIENCE: Duration = Duration::from_secs(20);
/// When a kiosk that was turned away may come again.
const RETRY_SECONDS: &str = "4";

/// The handlers.
pub struct Api<I> {
    pub reception: Reception<I>,
    /// Wrong codes of the last minutes. A code has 60 bits: this keeps the log short, not the door shut.
    wrong_codes: Mutex<Visits>,
    visitors: Visitors,
    /// Batches that may wait inside, and those that are opened and stored: while one is written, the next is
    /// ready and the one after it is opened.
    batches: Arc<Permits>,
    at_desk: Arc<Permits>,
    refused: Refused,
}

impl<I: Intake> Api<I> {
    /// The handlers of this reception.
    pub fn new(reception: Reception<I>) -> Api<I> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Api {
            reception,
            wrong_codes: Mutex::new(Visits::within(WINDOW_SECONDS)),
            visitors: Visitors::default(),
            batches: Permits::new(BATCHES_MAX),
            at_desk: Permits::new(cores.max(2) + 1),
            refused: Refused::default(),
        }
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
        let reply = reply.unwrap_or_else(|refusal| {
            let now = self.reception.clock.now().as_second();
            self.refused.note(word_of(&refusal).1, now);
            refused(&refusal)
        });
        reply.with("Cache-Control", "no-store")
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
        let Some(_inside) = self.batches.take(Duration::ZERO) else { return Ok(busy()) };
        let Some(_at_desk) = self.at_desk.take(BATCH_PATIENCE) else { return Ok(busy()) };
        Ok(fine(&self.reception.take(&request.body)?))
    }

    fn enrol(&self, request: &Request) -> Result<Response, Refusal> {
        let now = self.reception.clock.now().as_second();
        let visitor = self.visitors.name(request.peer);
        let is_too_many = {
            let mut wrong = self.wrong_codes();
            wrong.count(visitor, now) >= WRONG_CODES_MAX || wrong.all(now) >= WRONG_CODES_MAX_ALL
        };
        if is_too_many {
            let wait = "too many wrong codes; wait ten minutes";
            return Ok(problem(429, "too-many-codes", wait)
                .with("Retry-After", WINDOW_SECONDS.to_string()));
        }
        let asked = serde_json::from_slice(&request.body).map_err(|_| Refusal::Malformed)?;
        match self.reception.admit(&asked) {
            Err(Refusal::WrongCode) => {
                self.wrong_codes().note(visitor, now);
                Err(Refusal::WrongCode)
            }
            admitted => Ok(fine(&admitted?)),
        }
    }

    fn wrong_codes(&self) -> std::sync::MutexGuard<'_, Visits> {
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
    if let Refusal::Store(error) = refusal {
        return unavailable(error);
    }
    let (status, word) = word_of(refusal);
    problem(status, word, &refusal.to_string())
}

fn word_of(refusal: &Refusal) -> (u16, &'static str) {
    match refusal {
        Refusal::Malformed => (400, "malformed"),
        Refusal::Damaged => (400, "damaged"),
        Refusal::OtherVersion => (400, "other-version"),
        Refusal::Forged => (403, "forged"),
        Refusal::UnknownKey => (403, "unknown-key"),
        Refusal::Revoked => (403, "revoked"),
        Refusal::WrongCode => (403, "wrong-code"),
        Refusal::OtherCentral => (409, "other-central"),
        Refusal::Store(_) => (503, "unavailable"),
    }
}

fn busy() -> Response {
    problem(503, "unavailable", "many kiosks come at once").with("Retry-After", RETRY_SECONDS)
}

/// What is wrong with the disk is for the log, not for whoever calls.
fn unavailable(error: &StoreError) -> Response {
    if *error != StoreError::Busy {
        complain!("borgerpanel: a batch could not be stored: {error}; {}", error.advice());
    }
    problem(503, "unavailable", "the central cannot store just now").with("Retry-After", "30")
}

#[cfg(test)]
mod tests {
    use super::*;

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
