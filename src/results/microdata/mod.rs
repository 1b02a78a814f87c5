//! Answers for the city's own analysts: one case a response, one column a question or a part of one, codes
//! with labels. Never published: whole cases can betray people even without names.
//!
//! 1. [`variable`]: a survey's definition becomes columns. What was typed freely, and what became the
//!    background, has none; nor have the uid, the kiosk and the day (the week is kept).
//! 2. [`case`]: a response becomes a row of [`Cell`]s; what is missing says why ([`missing`]), in codes that
//!    no answer of its column can be.
//! 3. [`table`], [`codebook`], [`sheets`], [`script`], [`sav`], [`ddi`], [`packet`]: the same cases as files.

pub mod case;
pub mod codebook;
pub mod ddi;
pub mod missing;
pub mod packet;
pub mod sav;
pub mod script;
pub mod sheets;
pub mod table;
pub mod variable;

pub use case::Cell;
pub use missing::Missing;
pub use variable::{Content, Set, Variable};

use crate::response::Response;
use crate::survey::Definition;

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
        let case = case::of(&self.variables, response, asked);
        for (variable, cell) in self.variables.iter_mut().zip(&case) {
            if let Cell::Number(number) = cell {
                variable.least = variable.least.min(*number);
            }
        }
        self.cases.push(case);
    }

    /// Puts the cases into another order: `place` gives a random number for each. The order in which they
    /// are stored is random already, but the same in every export, by which two of them could be joined.
    pub fn shuffle(&mut self, mut place: impl FnMut() -> u64) {
        self.cases.sort_by_cached_key(|_| place());
    }
}
