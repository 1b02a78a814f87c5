//! Coded texts as an item: a yes or no for each theme, of everybody who wrote something.
//!
//! A question that was coded is [`recast`] as one of several choices, and from there on it is weighted,
//! protected, audited and shown as such a question is. Who wrote nothing counts as not asked: the base is the
//! texts, and how many they are is an answer itself, so it is treated as behind a route.

use std::collections::BTreeMap;

use super::book::Named;
use super::sheet::Row;
use crate::results::charts::escaped;
use crate::results::item::{Choice, Given, Item, Shape, Ticks};
use crate::results::sample::Sample;
use crate::survey::kinds::Kind;
use crate::survey::model::{self, Definition, Survey, Text};

/// A question's themes, and those of each text by its tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coded {
    pub question: String,
    pub themes: Vec<Named>,
    pub by_tag: BTreeMap<String, Vec<usize>>,
}

/// A row names a theme that is not in the book.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: there is no theme `{id}`; there are {known}")]
pub struct Unknown {
    pub line: u64,
    pub id: String,
    pub known: String,
}

impl Coded {
    /// The rows of one question.
    ///
    /// # Errors
    /// The first row with a theme that has no name.
    pub fn of(question: &str, themes: &[Named], rows: &[Row]) -> Result<Coded, Unknown> {
        let place = |line: u64, id: &String| {
            themes.iter().position(|theme| theme.id == *id).ok_or_else(|| Unknown {
                line,
                id: id.clone(),
                known: themes.iter().map(|theme| theme.id.as_str()).collect::<Vec<_>>().join(", "),
            })
        };
        let mut by_tag = BTreeMap::new();
        for row in rows {
            let ticks: Result<Vec<usize>, Unknown> =
                row.themes.iter().map(|id| place(row.line, id)).collect();
            let mut ticks = ticks?;
            ticks.sort_unstable();
            by_tag.insert(row.tag.clone(), ticks);
        }
        Ok(Coded { question: question.to_owned(), themes: themes.to_vec(), by_tag })
    }

    /// What each person of a sample wrote, as themes; `tag` of a uid and question.
    pub fn given(&self, sample: &Sample, tag: impl Fn(&str, &str) -> String) -> Vec<Given> {
        let mut given = vec![Given::NotAsked; sample.people.len()];
        for said in sample.words.iter().filter(|said| said.question == self.question) {
            if let Some(ticks) = self.by_tag.get(&tag(&said.uid, &said.question)) {
                given[said.person] = Given::Many(ticks.clone());
            }
        }
        given
    }

    /// The item of a sample, with the themes that at least `threshold` people name; none where no theme has
    /// so many.
    pub fn item(&self, given: Vec<Given>, threshold: u32) -> Option<Item> {
        let people = self.people(&given);
        let kept: Vec<usize> =
            (0..self.themes.len()).filter(|theme| people[*theme] >= threshold).collect();
        let place = |theme: &usize| kept.iter().position(|one| one == theme);
        let ticked = |given: Given| match given {
            Given::Many(themes) => Given::Many(themes.iter().filter_map(place).collect()),
            given => given,
        };
        let choice =
            |theme: &usize| Choice { id: self.themes[*theme].id.clone(), ..Choice::default() };
        (!kept.is_empty()).then(|| Item {
            question: self.question.clone(),
            row: None,
            shape: Shape::Multiple,
            choices: kept.iter().map(choice).collect(),
            routed: true,
            ticks: Ticks::default(),
            totals_only: true,
            given: given.into_iter().map(ticked).collect(),
        })
    }

    /// How many name each theme.
    pub fn people(&self, given: &[Given]) -> Vec<u32> {
        let mut people = vec![0; self.themes.len()];
        let ticks = given.iter().filter_map(|one| match one {
            Given::Many(ticks) => Some(ticks),
            _ => None,
        });
        ticks.flatten().for_each(|theme| people[*theme] += 1);
        people
    }
}

/// Puts an item where the survey has its question.
pub fn insert(item: Item, items: &mut Vec<Item>, survey: &Survey) {
    let place = |id: &str| survey.questions().position(|question| question.id == id);
    let own = place(&item.question);
    let after = items.iter().position(|other| place(&other.question) > own);
    items.insert(after.unwrap_or(items.len()), item);
}

/// The definition with a question as one of several choices: these themes of it, in each language.
pub fn recast(definition: &mut Definition, question: &str, themes: &[Named]) {
    let default = definition.base().lang.clone();
    for survey in &mut definition.languages {
        let lang = survey.lang.clone();
        let questions = survey.pages.iter_mut().flat_map(|page| &mut page.questions);
        for found in questions.filter(|one| one.id == question) {
            found.kind = Kind::named("multiple").expect("there is such a kind");
            found.choices = themes.iter().map(|theme| choice(theme, &lang, &default)).collect();
            // Limits of a text are none of ticks, and nobody had to name a theme.
            (found.min, found.max, found.maxlength) = (None, None, None);
            found.required = false;
        }
    }
}

fn choice(theme: &Named, lang: &str, default: &str) -> model::Choice {
    let name = theme.names.get(lang).or_else(|| theme.names.get(default));
    let name = name.or_else(|| theme.names.values().next()).unwrap_or(&theme.id);
    let text = Text { html: escaped(name), plain: name.clone() };
    model::Choice { id: theme.id.clone(), text, ..model::Choice::default() }
}
