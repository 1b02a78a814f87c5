//! An answer given with the code of a letter where nobody can look the code up: at a kiosk. Outside, the
//! record is a response like any other; inside, the response stands beside the code that it was given
//! with, until a central has looked that up and parts the two. A response itself has no place for a code.

use serde::{Deserialize, Serialize};

use super::private::SetApart;
use super::record::{FORM, Response};
use crate::survey::answer::Answers;

/// What a kiosk seals: the answer, what was set apart from it, and the code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByLetter {
    pub v: u32,
    /// Its ten characters in one piece; empty where it was taken out ([`ByLetter::without_code`]).
    pub code: String,
    pub response: Response,
    /// One for each private question that was answered. They are parted from the response when it is
    /// parted from its invitation, not before: there is no second record that could be told to belong here.
    pub apart: Vec<Answers>,
}

impl ByLetter {
    /// The record of an answer that was given with this code.
    pub fn new(code: String, response: Response, apart: &[SetApart]) -> ByLetter {
        let apart = apart.iter().map(|one| one.answers.clone()).collect();
        let response = Response { invited: true, ..response };
        ByLetter { v: FORM, code, response, apart }
    }

    /// The record, where `body` is one. A response is none: neither may have the other's
    /// fields.
    pub fn read(body: &[u8]) -> Option<ByLetter> {
        serde_json::from_slice(body).ok()
    }

    /// What may be kept of an answer whose code opens nothing: not with whose letter it was given.
    #[must_use]
    pub fn without_code(&self) -> ByLetter {
        ByLetter { code: String::new(), ..self.clone() }
    }
}
