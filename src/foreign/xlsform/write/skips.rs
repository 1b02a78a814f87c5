//! `goto` as conditions: what lies between a choice and the page it leads to is asked only where the
//! choice was not made.

use super::names::Names;
use crate::survey::Survey;

/// A jump.
#[derive(Debug)]
pub struct Skip {
    /// It holds where the jump is made.
    pub taken: String,
    /// The number of the question it is made at, over the whole survey.
    from: usize,
    /// The first page it does not jump over.
    to: usize,
    /// A page, an ending or `end`.
    pub target: String,
}

/// Every jump of a survey.
pub fn of(survey: &Survey, names: &Names) -> Vec<Skip> {
    let mut skips = Vec::new();
    for (from, question) in survey.questions().enumerate() {
        for choice in &question.choices {
            let Some(target) = &choice.goto else { continue };
            let page = survey.pages.iter().position(|page| page.id == *target);
            let name = names.question(&question.id);
            let several = question.kind.rules().name() == "multiple";
            let taken = match several {
                true => format!("selected(${{{name}}}, '{}')", choice.id),
                false => format!("${{{name}}} = '{}'", choice.id),
            };
            let to = page.unwrap_or(survey.pages.len());
            skips.push(Skip { taken, from, to, target: target.clone() });
        }
    }
    skips
}

impl Skip {
    /// Whether it jumps over the question of this number on this page.
    pub fn passes(&self, question: usize, page: usize) -> bool {
        question > self.from && page < self.to
    }
}
