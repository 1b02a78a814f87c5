//! The codes of background that a site knows: those of its forms, its age groups and its targets. A response out of a file may
//! have any other; nothing counts it as one of these.

use std::collections::{BTreeMap, BTreeSet};

use super::record::Background;
use super::targets::{Targets, Variable};
use crate::survey::model::Survey;

/// Codes that results read as "would rather not say" and "lives elsewhere", whatever the forms have.
const ALWAYS: [&str; 2] = ["unstated", "outside"];

/// By variable, every code that something of the site has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(BTreeMap<Variable, BTreeSet<String>>);

impl Known {
    /// What a survey or sign-up asks its people.
    pub fn add_form(&mut self, form: &Survey) {
        for question in form.questions() {
            let variable = question.maps.as_deref().and_then(Variable::named);
            // An age is typed in, and kept as a group.
            if let Some(variable) = variable.filter(|variable| *variable != Variable::Age) {
                self.add(variable, question.choices.iter().map(|choice| choice.id.clone()));
            }
        }
    }

    /// The groups of a population.
    pub fn add_targets(&mut self, targets: &Targets) {
        for margin in &targets.margins {
            if let Some(variable) = Variable::named(&margin.variable) {
                self.add(variable, margin.categories.iter().map(|category| category.id.clone()));
            }
        }
    }

    /// Codes of one variable.
    pub fn add(&mut self, variable: Variable, codes: impl IntoIterator<Item = String>) {
        self.0.entry(variable).or_default().extend(codes);
    }

    /// The codes of a background that are none of these. By a variable of which nothing is known, any may be.
    pub fn unknown<'a>(&self, background: &'a Background) -> Vec<(Variable, &'a str)> {
        let known = |variable: Variable, code: &str| match self.0.get(&variable) {
            Some(codes) if !codes.is_empty() => codes.contains(code) || ALWAYS.contains(&code),
            _ => true,
        };
        let codes = Variable::ALL.into_iter().filter_map(|one| Some((one, one.of(background)?)));
        codes.filter(|(variable, code)| !known(*variable, code)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_nothing_of_the_site_has_is_unknown_and_one_of_an_unasked_variable_is_not() {
        let mut known = Known::default();
        known.add(Variable::Age, ["15-24".to_owned(), "75+".to_owned()]);
        let of = |age: &str, gender: &str| Background {
            age: Some(age.to_owned()),
            gender: Some(gender.to_owned()),
            ..Background::default()
        };
        assert_eq!(known.unknown(&of("75+", "whatever")), []);
        assert_eq!(known.unknown(&of("75-", "whatever")), [(Variable::Age, "75-")]);
        assert_eq!(known.unknown(&of("unstated", "whatever")), []);
    }
}
