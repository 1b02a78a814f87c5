//! Releases of other surveys that the same people may have answered: the city's panel and a district's, asked
//! the same question.
//!
//! Nobody outside knows who is in both. The worst case is taken: whoever answered the local survey answered
//! the city's too, and the same; or the other way round, where the district has fewer people in the city's.
//! Then the smaller is a part of the larger, and the two are one system:
//!
//! - each count of the smaller is at most that of the larger, and the same of those who did not give the
//!   answer ([`Bound`]); both are audited with that;
//! - those in one alone are a group that is nowhere published, and all of their figures are a subtraction
//!   away: there may be none, or at least ten.

use super::facts::{Base, Facts, name_of};
use super::world::interval;
use crate::results::figure::Measure;
use crate::results::releases::FEWEST;
use crate::results::sheet::{Known, Open};

/// What is known of one count from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub item: String,
    pub measure: Measure,
    pub row: String,
    /// Empty: everybody.
    pub variable: String,
    pub group: String,
    pub low: u32,
    pub high: u32,
}

/// The same people in two releases: all of the local one, and a group of districts of the wider one.
#[derive(Debug, Clone, Copy)]
struct Shared<'a> {
    wide: &'a Open,
    local: &'a Open,
    known: &'a Known,
}

/// The questions that a release shares with another, where one is of a part of the other's city.
fn shared<'a>(open: &'a Open, other: &'a Open) -> Vec<Shared<'a>> {
    let is_part = |local: &Open, wide: &Open| {
        let is_in = |district: &String| wide.districts.contains(district);
        let holds = wide.districts.is_empty() || local.districts.iter().all(is_in);
        !local.districts.is_empty() && holds && local.districts != wide.districts
    };
    let (wide, local) = match (is_part(other, open), is_part(open, other)) {
        (true, _) => (open, other),
        (_, true) => (other, open),
        _ => return Vec::new(),
    };
    let is_same = |one: &Known, two: &Known| {
        (&one.question, &one.row, &one.shape) == (&two.question, &two.row, &two.shape)
            && one.choices == two.choices
    };
    let both = open.items.iter().filter(|known| {
        other.items.iter().any(|theirs| is_same(known, theirs)) && open.survey != other.survey
    });
    both.map(|known| Shared { wide, local, known }).collect()
}

impl Shared<'_> {
    /// The group of the wider release that holds all of the local one's districts.
    fn group(&self, facts: &Facts) -> Option<(usize, usize)> {
        let table = facts.tables.iter().position(|table| table.variable == "district")?;
        let holds = |group: &crate::results::figure::Group| {
            group.variable == "district"
                && self.local.districts.iter().all(|one| group.categories.contains(one))
        };
        let mut groups = self.wide.figures.iter().filter_map(|figure| figure.group.as_ref());
        let name = groups.find(|group| holds(group))?.categories.join("+");
        let column = facts.tables[table].groups.iter().position(|group| *group == name)?;
        Some((table, column))
    }
}

/// What two releases say of each other in a question that both have: bounds on the counts of each, by its
/// place; and what is wrong with the two beside each other.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// On the release that was asked about.
    pub own: Vec<Bound>,
    /// On the other.
    pub theirs: Vec<Bound>,
    /// The item, the variable ("" is everybody), the group, and why.
    pub breaches: Vec<(String, String, String, String)>,
}

/// What `open` and `other` say of each other.
pub fn beside(open: &Open, other: &Open) -> Beside {
    let mut all = Beside::default();
    for shared in shared(open, other) {
        one(&shared, std::ptr::eq(shared.wide, open), &mut all);
    }
    all
}

fn one(shared: &Shared, is_wide_own: bool, all: &mut Beside) {
    let facts = |open| Facts::published(open, shared.known);
    let (Some(wide), Some(local)) = (facts(shared.wide), facts(shared.local)) else { return };
    let Some((table, column)) = shared.group(&wide) else { return };
    let item = name_of(shared.known);
    let group = wide.tables[table].groups[column].clone();
    let (district, alone) = (wide.people(table, column), local.people(0, 0));
    // Whom a route leads here are among those who answered the survey at all: no more are apart than of those.
    let everybody = size(shared.wide, &group).unwrap_or(district);
    let apart = everybody.abs_diff(shared.local.people);
    if (1..FEWEST).contains(&apart) {
        let why = format!(
            "{everybody} people and the {} of {} may be the same but for {apart}: whoever subtracts the \
             two learns what those answered",
            shared.local.people, shared.local.survey
        );
        let (variable, group) =
            if is_wide_own { ("district".to_owned(), group.clone()) } else { Default::default() };
        all.breaches.push((item.clone(), variable, group, why));
    }
    for (block, own) in wide.blocks.iter().enumerate() {
        let Some(theirs) =
            local.blocks.iter().find(|it| (it.measure, &it.rows) == (own.measure, &own.rows))
        else {
            continue;
        };
        for (row, name) in wide.blocks[block].rows.iter().enumerate() {
            let in_wide = counts(&wide, own.percents[table][row][column], table, column);
            let in_local = counts(&local, theirs.percents[0][row][0], 0, 0);
            let bound = |variable: &str, group: &str, (low, high)| Bound {
                item: item.clone(),
                measure: own.measure,
                row: name.clone(),
                variable: variable.to_owned(),
                group: group.to_owned(),
                low,
                high,
            };
            let on_wide = bound("district", &group, within(in_local, alone, district));
            let on_local = bound("", "", within(in_wide, district, alone));
            let (own, theirs) = if is_wide_own { (on_wide, on_local) } else { (on_local, on_wide) };
            all.own.push(own);
            all.theirs.push(theirs);
        }
    }
}

/// How many people a district has by the questions that everybody was asked.
fn size(open: &Open, group: &str) -> Option<u32> {
    let is_routed = |question: &str, row: &Option<String>| {
        let mut items = open.items.iter();
        items.any(|item| item.routed && item.question == question && item.row == *row)
    };
    let is_it = |figure: &&crate::results::figure::Figure| {
        let own = figure.group.as_ref();
        own.is_some_and(|own| own.variable == "district" && own.categories.join("+") == group)
            && !is_routed(&figure.question, &figure.row)
    };
    open.figures.iter().find(is_it).map(|figure| figure.n)
}

/// The counts that a figure allows, whatever number of people answered.
fn counts(facts: &Facts, percent: Option<u32>, table: usize, column: usize) -> (u32, u32) {
    let people = facts.people(table, column);
    let fewest = match facts.base {
        // As many may be missing from one group as from all.
        Base::Answered { fewest, .. } => people.saturating_sub(facts.people(0, 0) - fewest),
        Base::Asked => people,
    };
    if percent.is_none() {
        return (0, people);
    }
    let bases = (fewest..=people).map(|base| interval(facts, percent, base));
    let possible = bases.filter(|(low, high)| low <= high);
    possible.fold((people, 0), |all, one| (all.0.min(one.0), all.1.max(one.1)))
}

/// The counts among `people` of whom the others, `theirs` of whom between `low` and `high` gave an answer, are
/// a part, or who are a part of those.
fn within((low, high): (u32, u32), theirs: u32, people: u32) -> (u32, u32) {
    if theirs <= people {
        (low, high + (people - theirs))
    } else {
        (low.saturating_sub(theirs - people), high.min(people))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_has_no_more_of_an_answer_than_the_whole_and_no_more_without_it() {
        // 10 to 12 of 40; of 55 people there are 15 more, who gave it or not.
        assert_eq!(within((10, 12), 40, 55), (10, 27));
        // 10 to 12 of 55, so of 40 of them at most as many, and all but 15 at least.
        assert_eq!(within((10, 12), 55, 40), (0, 12));
        assert_eq!(within((30, 31), 55, 40), (15, 31));
    }
}
