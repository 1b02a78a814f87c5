//! Answers for the city's own analysts: one case a response, one column a question or a part of one, codes
//! with labels. Never published: whole cases can betray people even without names.
//!
//! 1. [`variable`]: a survey's definition becomes columns. What was typed freely, and what became the
//!    background, has none; nor have the uid, the kiosk and the day (the week is kept).
//! 2. [`case`]: a response becomes a row of [`Cell`]s; what is missing says why.
//! 3. [`table`], [`codebook`], [`sheets`], [`script`], [`sav`], [`ddi`], [`packet`]: the same cases as files.

pub mod case;
pub mod codebook;
pub mod ddi;
pub mod packet;
pub mod sav;
pub mod script;
pub mod sheets;
pub mod table;
pub mod variable;

pub use case::Cell;
pub use variable::{Content, Set, Variable};

use crate::response::Response;
use crate::survey::Definition;

/// "Don't know" was chosen.
pub const DONT_KNOW: i64 = -7;
/// Asked, and left open.
pub const NOT_ANSWERED: i64 = -8;
/// The route did not lead there, or the version did not ask it.
pub const NOT_ASKED: i64 = -9;

/// The codes of what is missing, with their labels in files.
pub const MISSING: [(i64, &str); 3] =
    [(DONT_KNOW, "don't know"), (NOT_ANSWERED, "asked, not answered"), (NOT_ASKED, "not asked")];

/// All that is exported of one survey.
#[derive(Debug, Clone, PartialEq)]
pub struct Microdata {
    pub slug: String,
    pub title: String,
    /// The language of titles and labels.
    pub lang: String,
    pub variables: Vec<Variable>,
    /// Choices of one question that could be ticked together.
    pub sets: Vec<Set>,
    /// Each as long as `variables`.
    pub cases: Vec<Vec<Cell>>,
}

impl Microdata {
    /// An export without cases. `definitions` are the survey's versions, the newest last; its columns are
    /// the newest's. `signups` name the groups that a survey does not ask for itself; `age_groups` are the
    /// site's.
    ///
    /// # Panics
    /// Where there is no definition.
    pub fn of(
        definitions: &[Definition],
        signups: &[Definition],
        age_groups: &[String],
    ) -> Microdata {
        let newest = definitions.last().expect("a survey has a version");
        let base = newest.base();
        let (variables, sets) = variable::all(definitions, signups, age_groups);
        Microdata {
            slug: newest.slug.clone(),
            title: base.title.plain.clone(),
            lang: base.lang.clone(),
            variables,
            sets,
            cases: Vec::new(),
        }
    }

    /// Adds a response, whose version asked `asked`; a question that it asked in another shape is missing.
    pub fn add(&mut self, response: &Response, asked: &Definition) {
        variable::note_groups(&mut self.variables, &response.background);
        self.cases.push(case::of(&self.variables, response, asked));
    }

    /// Puts the cases into another order: `place` gives a random number for each. The order in which they
    /// are stored is random already, but the same in every export, by which two of them could be joined.
    pub fn shuffle(&mut self, mut place: impl FnMut() -> u64) {
        self.cases.sort_by_cached_key(|_| place());
    }
}
