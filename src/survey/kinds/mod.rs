//! The kinds of question. Each kind is one file that owns its keywords, how an author's source
//! becomes a question, how a form's fields become an answer, and what makes an answer wrong.
//!
//! A further kind is a file beside these and a line in [`ALL`].

pub mod author;
mod consent;
mod contact;
pub mod date;
mod differential;
pub mod email;
mod longtext;
mod matrix;
mod matrix_multiple;
mod moment;
mod multiple;
mod number;
mod numeric;
mod place;
mod points;
mod postcode;
mod ranking;
pub mod scale;
mod single;
pub mod table;
mod tel;
mod text;
pub mod time;
pub mod wording;
mod year;

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::answer::Answer;
use super::fields::Fields;
use super::model::Question;
use super::normal;
use super::problem::Problem;
use author::Author;

/// Every kind, in the order the documentation lists them.
pub const ALL: &[&dyn Rules] = &[
    &single::Single,
    &multiple::Multiple,
    &ranking::Ranking,
    &points::Points,
    &matrix::Matrix,
    &matrix_multiple::MatrixMultiple,
    &differential::Differential,
    &scale::Scale,
    &place::Place,
    &number::Number,
    &year::Year,
    &date::Date,
    &time::Time,
    &postcode::Postcode,
    &tel::Tel,
    &email::Email,
    &text::Text,
    &longtext::LongText,
    &consent::Consent,
];

/// What a kind knows.
pub trait Rules: Author + Sync {
    /// The name in the survey's JSON, as in `"single"`.
    fn name(&self) -> &'static str;

    /// The answer in a form's fields, and what is wrong with it. A wrong answer counts as none; the
    /// fields themselves are what a page shows again.
    fn read(&self, question: &Question, fields: &Fields, offered: &Offered) -> Reading;

    /// What is wrong where nothing, or not all, was answered and `required` asks for it.
    fn missing(&self, question: &Question, answer: &Answer, _: &Offered) -> Vec<Problem> {
        if question.required && !answer.is_answered() {
            return vec![Problem::new("required", &question.id)];
        }
        Vec::new()
    }

    /// Whether nothing is left open that `expected` would ask for once more.
    fn is_whole(&self, _: &Question, answer: &Answer, _: &Offered) -> bool {
        answer.is_answered()
    }

    /// Whether its answer is a day or a time of day, which have an order.
    fn is_moment(&self) -> bool {
        false
    }

    /// The fields a form would send for `answer`.
    fn write(&self, question: &Question, answer: &Answer) -> Vec<(String, String)>;

    /// A made-up answer that is never wrong.
    fn sample(&self, question: &Question, offered: &Offered, rng: &mut fastrand::Rng) -> Answer;
}

/// An answer as read, and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub answer: Answer,
    pub problems: Vec<Problem>,
}

impl Reading {
    /// An answer that is fine.
    pub fn fine(answer: Answer) -> Reading {
        Reading { answer, problems: Vec::new() }
    }

    /// An answer that counts as none.
    pub fn wrong(problem: Problem) -> Reading {
        Reading { answer: Answer::Unanswered, problems: vec![problem] }
    }
}

/// What can be answered here and now.
#[derive(Debug, Clone, Default)]
pub struct Offered {
    /// The choices whose conditions hold.
    pub choices: Vec<String>,
    /// The rows whose conditions hold.
    pub rows: Vec<String>,
    /// `YYYY-MM-DD`
    pub today: String,
}

impl Offered {
    /// Everything the question has, whatever its conditions say.
    pub fn all(question: &Question, today: &str) -> Offered {
        Offered {
            today: today.to_owned(),
            choices: question.choices.iter().map(|choice| choice.id.clone()).collect(),
            rows: question.rows.iter().map(|row| row.id.clone()).collect(),
        }
    }

    /// Whether this choice can be chosen.
    pub fn has(&self, choice: &str) -> bool {
        self.choices.iter().any(|offered| offered == choice)
    }
}

/// The first field called as the question, where it is not empty.
fn single_value<'f>(question: &Question, fields: &'f Fields) -> Option<&'f str> {
    fields.first(&question.id).filter(|value| !normal::text(value).is_empty())
}

/// A kind, compared and stored by its name.
#[derive(Clone, Copy)]
pub struct Kind(&'static dyn Rules);

impl Kind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        ALL.iter().find(|rules| rules.name() == name).map(|rules| Kind(*rules))
    }

    /// What the kind knows.
    pub fn rules(self) -> &'static dyn Rules {
        self.0
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Kind) -> bool {
        self.0.name() == other.0.name()
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
        let name = String::deserialize(deserializer)?;
        Kind::named(&name)
            .ok_or_else(|| D::Error::custom(format!("there is no question kind {name:?}")))
    }
}
