//! The kinds of question. Each kind is one file that owns its keywords, how an author's source
//! becomes a question, how a form's fields become an answer, and what makes an answer wrong.
//!
//! A further kind is a file beside these and a line in [`ALL`].

pub mod author;
mod consent;
mod longtext;
mod matrix;
mod multiple;
mod number;
pub mod scale;
mod single;
mod text;
mod year;

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use author::Author;

/// Every kind, in the order the documentation lists them.
pub const ALL: &[&dyn Rules] = &[
    &single::Single,
    &multiple::Multiple,
    &matrix::Matrix,
    &scale::Scale,
    &number::Number,
    &year::Year,
    &text::Text,
    &longtext::LongText,
    &consent::Consent,
];

/// What a kind knows.
pub trait Rules: Author + Sync {
    /// The name in the survey's JSON, as in `"single"`.
    fn name(&self) -> &'static str;
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
