//! An e-mail address.

use super::author::Author;
use super::{Offered, Reading, Rules, contact, wording};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::normal;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// `{email}`
pub struct Email;

/// The most characters of an address (RFC 5321: a path of 256 octets with its angle brackets).
const LENGTH_MAX: usize = 254;

impl Rules for Email {
    fn name(&self) -> &'static str {
        "email"
    }

    fn read(&self, question: &Question, fields: &Fields, _: &Offered) -> Reading {
        contact::read(question, fields, "email-format", read)
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        wording::write(question, answer)
    }

    fn sample(&self, _: &Question, _: &Offered, rng: &mut fastrand::Rng) -> Answer {
        Answer::Text(format!("eksempel{}@example.dk", rng.u32(1..1000)))
    }
}

impl Author for Email {
    fn keyword(&self) -> Option<&'static str> {
        Some("email")
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["email"]
    }

    fn compile(&self, source: &QuestionSource, _: &mut Question, notes: &mut Notes) {
        contact::note_if_open(source, self.name(), notes);
    }
}

/// An address that mail could be sent to, as far as its form tells. Only a mail that arrives proves
/// more, so the odd forms that RFC 5322 allows are not taken for slips of the finger.
pub fn read(raw: &str) -> Option<String> {
    let text = normal::text(raw);
    let (name, host) = text.split_once('@')?;
    let (_, top) = host.rsplit_once('.')?;
    let odd =
        |sign: char| sign.is_whitespace() || sign.is_control() || "@,;:<>()[]\"\\".contains(sign);
    let fits = !name.is_empty()
        && !name.contains(odd)
        && !host.contains(odd)
        && !host.starts_with('.')
        && !host.contains("..")
        && top.chars().count() >= 2
        && top.chars().all(char::is_alphabetic)
        && normal::length(&text) <= LENGTH_MAX;
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_name_a_host_and_a_top() {
        for text in ["a@b.dk", "anna.b+x@post.example.museum", "å@bær.dk"] {
            assert_eq!(read(text).as_deref(), Some(text));
        }
        for wrong in [
            "a", "a@b", "@b.dk", "a@.dk", "a@b..dk", "a b@c.dk", "a@b.d", "a@b@c.dk", "<a@b.dk>",
            "a@b.d1",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
