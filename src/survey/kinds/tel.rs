//! A telephone number.

use super::author::Author;
use super::{Offered, Reading, Rules, contact, wording};
use crate::survey::answer::Answer;
use crate::survey::fields::Fields;
use crate::survey::model::Question;
use crate::survey::normal;
use crate::survey::source::Notes;
use crate::survey::tree::QuestionSource;

/// `{tel}`
pub struct Tel;

impl Rules for Tel {
    fn name(&self) -> &'static str {
        "tel"
    }

    fn read(&self, question: &Question, fields: &Fields, _: &Offered) -> Reading {
        contact::read(question, fields, "tel-format", read)
    }

    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)> {
        wording::write(question, answer)
    }

    fn sample(&self, _: &Question, _: &Offered, rng: &mut fastrand::Rng) -> Answer {
        Answer::Text(format!("{}", rng.u32(20_000_000..99_999_999)))
    }
}

impl Author for Tel {
    fn keyword(&self) -> Option<&'static str> {
        Some("tel")
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["tel"]
    }

    fn compile(&self, source: &QuestionSource, _: &mut Question, notes: &mut Notes) {
        contact::note_if_open(source, self.name(), notes);
    }
}

/// Eight digits, or `+` and 8 to 15 of them (ITU-T E.164); spaces and signs between are taken away.
pub fn read(raw: &str) -> Option<String> {
    let bare: String =
        normal::text(raw).chars().filter(|sign| !" -.()\u{a0}".contains(*sign)).collect();
    let abroad = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00"));
    let number = abroad.unwrap_or(&bare);
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match abroad {
        None => (number.len() == 8).then(|| number.to_owned()),
        Some(_) if number.len() == 10 && number.starts_with("45") => Some(number[2..].to_owned()),
        Some(_) => (8..=15).contains(&number.len()).then(|| format!("+{number}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        for (text, number) in [
            ("33 12 34 56", "33123456"),
            ("+45 33-12-34-56", "33123456"),
            ("0046 (0)8 123 456", "+4608123456"),
            ("+4633123456", "+4633123456"),
        ] {
            assert_eq!(read(text).as_deref(), Some(number), "{text}");
        }
        for wrong in ["3312345", "331234567", "33 12 34 5x", "+45", "++4533123456", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
