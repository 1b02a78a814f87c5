//! The counts behind an item's figures. They are a type that no writer accepts: what leaves this room is a
//! [`Pattern`](super::pattern::Pattern), which says where figures may stand and holds no count of an answer.
//!
//! 1. [`count`] makes a [`Stack`]: the item over everybody, and over each background variable.
//! 2. A [`Table`] of [`Raw`] counts is merged, hidden and refined ([`protect`](super::protect)).
//! 3. A [`Table`] of [`Released`] says which cells are shown.

use super::figure::Measure;
use super::item::{Choice, Given, Item, Person, Shape, Ticks};
use crate::response::targets::Variable;

/// A background variable that results are split by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    pub variable: Variable,
    /// In the order of the targets file; whoever is in none of them is in no published group.
    pub categories: Vec<String>,
    /// By category, the one that it joins where it is too small; none: it is never merged.
    pub neighbours: Vec<Option<usize>>,
}

impl Split {
    /// A small category joins the one before it, the first the one after it.
    pub fn ordered(variable: Variable, categories: Vec<String>) -> Split {
        let last = categories.len().saturating_sub(1);
        let joins = |at: usize| if at == 0 { (last > 0).then_some(1) } else { Some(at - 1) };
        let neighbours = (0..categories.len()).map(joins).collect();
        Split { variable, categories, neighbours }
    }

    /// Nothing is merged, as with gender: a small category is in no published group.
    pub fn fixed(variable: Variable, categories: Vec<String>) -> Split {
        let neighbours = vec![None; categories.len()];
        Split { variable, categories, neighbours }
    }
}

/// Where everybody stands in each of some splits: found once for all items of a sample.
#[derive(Debug, Clone)]
pub struct Places<'a> {
    splits: &'a [Split],
    /// By split and person, the place of their category; after the last comes none of them.
    of: Vec<Vec<usize>>,
}

impl<'a> Places<'a> {
    pub fn of(splits: &'a [Split], people: &[Person]) -> Places<'a> {
        let place = |split: &Split, person: &Person| {
            let category = person.category(split.variable);
            let found =
                category.and_then(|category| split.categories.iter().position(|id| id == category));
            found.unwrap_or(split.categories.len())
        };
        let of = |split| people.iter().map(|person| place(split, person)).collect();
        Places { splits, of: splits.iter().map(of).collect() }
    }

    /// The split by a variable that there is one of, and the places in it by person.
    pub(super) fn by(&self, variable: Variable) -> (&'a Split, &[usize]) {
        let at = self.splits.iter().position(|split| split.variable == variable);
        let at = at.expect("tables are by these variables and no others");
        (&self.splits[at], &self.of[at])
    }
}

/// What an item is counted by.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    pub splits: &'a [Split],
    /// By person; none where the survey is not weighted.
    pub weights: Option<&'a [f64]>,
    /// Nobody can leave the question open, and everybody knows it.
    pub required: bool,
}

/// How the rows of a part add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Everybody is in one row at most.
    Partition,
    /// Each row is yes or no by itself.
    Multiple,
}

/// Figures of an item that count people: a ranking has two such parts, a number none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub measure: Measure,
    pub kind: Kind,
}

impl Part {
    /// The parts of an item of this shape.
    pub fn of(shape: Shape) -> &'static [Part] {
        const SHARES: [Part; 1] = [Part { measure: Measure::Percent, kind: Kind::Partition }];
        const TICKS: [Part; 1] = [Part { measure: Measure::Percent, kind: Kind::Multiple }];
        const PLACES: [Part; 2] = [
            Part { measure: Measure::First, kind: Kind::Partition },
            Part { measure: Measure::Top, kind: Kind::Multiple },
        ];
        match shape {
            Shape::Single | Shape::Ordered => &SHARES,
            Shape::Multiple => &TICKS,
            Shape::Ranking { .. } => &PLACES,
            Shape::Number | Shape::Budget => &[],
        }
    }
}

/// An item's people, or one group of them. Never leaves this room.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Everybody in it, asked or not.
    pub(super) people: u32,
    pub(super) asked: u32,
    pub(super) answered: u32,
    /// By part and choice.
    pub(super) counts: Vec<Vec<u32>>,
    /// The same as sums of weights, and that of all who answered.
    weighted: Vec<Vec<f64>>,
    weighted_answered: f64,
}

impl Column {
    fn empty(parts: usize, choices: usize) -> Column {
        Column {
            people: 0,
            asked: 0,
            answered: 0,
            counts: vec![vec![0; choices]; parts],
            weighted: vec![vec![0.0; choices]; parts],
            weighted_answered: 0.0,
        }
    }

    /// Who was asked and left it open.
    pub(super) fn open(&self) -> u32 {
        self.asked - self.answered
    }

    /// The weighted share that would be published, in whole percent.
    pub(super) fn percent(&self, part: usize, choice: usize) -> u32 {
        if self.weighted_answered <= 0.0 {
            return 0;
        }
        (100.0 * self.weighted[part][choice] / self.weighted_answered).round() as u32
    }

    fn add(&mut self, given: &Given, weight: f64, parts: &[Part]) {
        self.people += 1;
        self.asked += u32::from(given.is_asked());
        if !given.is_answered() {
            return;
        }
        self.answered += 1;
        self.weighted_answered += weight;
        for (at, part) in parts.iter().enumerate() {
            for choice in rows_of(given, part.kind) {
                self.counts[at][*choice] += 1;
                self.weighted[at][*choice] += weight;
            }
        }
    }

    /// Takes another group in.
    pub(super) fn join(&mut self, other: &Column) {
        self.people += other.people;
        self.asked += other.asked;
        self.answered += other.answered;
        self.weighted_answered += other.weighted_answered;
        for (mine, theirs) in self.counts.iter_mut().flatten().zip(other.counts.iter().flatten()) {
            *mine += theirs;
        }
        for (mine, theirs) in
            self.weighted.iter_mut().flatten().zip(other.weighted.iter().flatten())
        {
            *mine += theirs;
        }
    }

    /// Makes one row of several; `rows` names the old rows of each new one.
    pub(super) fn merge_rows(&mut self, rows: &[Vec<usize>]) {
        for part in &mut self.counts {
            *part = rows.iter().map(|old| old.iter().map(|&row| part[row]).sum()).collect();
        }
        for part in &mut self.weighted {
            *part = rows.iter().map(|old| old.iter().map(|&row| part[row]).sum()).collect();
        }
    }
}

/// The rows that somebody counts in: a ranking's first place in a partition, all its places otherwise.
fn rows_of(given: &Given, kind: Kind) -> &[usize] {
    match (given, kind) {
        (Given::One(choice), _) => std::slice::from_ref(choice),
        (Given::Ranked(ranked), Kind::Partition) => &ranked[..ranked.len().min(1)],
        (Given::Many(rows) | Given::Ranked(rows), _) => rows,
        _ => &[],
    }
}

/// One item over one background variable, or over everybody.
#[derive(Debug, Clone, PartialEq)]
pub struct Table<State> {
    /// None: everybody, in one group.
    pub variable: Option<Variable>,
    /// The ids of each group's categories.
    pub groups: Vec<Vec<String>>,
    pub(super) state: State,
}

/// Counts of answers: by group, and of all who are in none.
#[derive(Debug, Clone, PartialEq)]
pub struct Raw {
    pub(super) columns: Vec<Column>,
    pub(super) residual: Column,
    /// By group, the one that it joins where it is too small.
    pub(super) neighbours: Vec<Option<usize>>,
}

/// Where figures may stand; holds nothing of what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// By group, as published: who was asked (rounded to 10 behind a route); of everybody, who answered.
    pub(super) n: Vec<u32>,
    /// By part, choice and group.
    pub(super) shown: Vec<Vec<Vec<bool>>>,
}

impl<State> Table<State> {
    /// Whether somebody is in this group, or, where it is none, in no group at all.
    pub fn has(&self, person: &Person, group: Option<usize>) -> bool {
        let Some(variable) = self.variable else { return true };
        let id = person.category(variable);
        let of = |group: &Vec<String>| id.is_some_and(|id| group.iter().any(|one| one == id));
        match group {
            Some(group) => of(&self.groups[group]),
            None => !self.groups.iter().any(of),
        }
    }
}

impl Table<Released> {
    pub fn n(&self, group: usize) -> u32 {
        self.state.n[group]
    }

    pub fn is_shown(&self, part: usize, choice: usize, group: usize) -> bool {
        self.state.shown[part][choice][group]
    }

    /// Nothing of the group is hidden, so that means and intervals may stand beside its shares.
    pub fn is_whole(&self, group: usize) -> bool {
        self.state.shown.iter().flatten().all(|row| row[group])
    }
}

/// One item over everybody and over each of its variables.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    pub question: String,
    pub row: Option<String>,
    pub shape: Shape,
    pub routed: bool,
    pub required: bool,
    pub choices: Vec<Choice>,
    pub ticks: Ticks,
    pub(super) is_weighted: bool,
    /// The first is everybody.
    pub(super) tables: Vec<Table<Raw>>,
}

impl Stack {
    pub fn parts(&self) -> &'static [Part] {
        Part::of(self.shape)
    }

    /// How many rows of a part of kind [`Kind::Multiple`] somebody who answered is in, at least and at most:
    /// what its shares add up to. None where it is any number of them.
    ///
    /// Choices that exclude all others are in no such sum: who gives one gives no more, whatever the form asks
    /// for. The auditor knows of theirs, too.
    pub(super) fn sums(&self) -> Option<Ticks> {
        let all = self.choices.len() as u32;
        let places = match self.shape {
            Shape::Ranking { places } => places,
            _ => all,
        };
        let Ticks { least, most } = self.ticks;
        let most = most.min(places).min(all);
        let is_any = least == 0 && most == all;
        let has_exclusive =
            self.shape == Shape::Multiple && self.choices.iter().any(|one| one.exclusive);
        (!is_any && !has_exclusive).then_some(Ticks { least: least.min(most), most })
    }

    /// Everybody.
    pub(super) fn total(&self) -> &Column {
        &self.tables[0].state.columns[0]
    }
}

/// Counts an item over everybody and over each variable of the frame.
///
/// `people` and the item's `given` are the same people in the same order, as are the frame's weights.
pub fn count(item: &Item, people: &[Person], frame: &Frame) -> Stack {
    count_at(item, &Places::of(frame.splits, people), frame)
}

/// The same of people whose places are known, in the frame's splits at least.
pub fn count_at(item: &Item, places: &Places, frame: &Frame) -> Stack {
    let parts = Part::of(item.shape);
    let empty = || Column::empty(parts.len(), item.choices.len());
    let everybody = Raw { columns: vec![empty()], residual: empty(), neighbours: vec![None] };
    let mut tables = vec![Table { variable: None, groups: vec![Vec::new()], state: everybody }];
    for split in frame.splits {
        tables.push(Table {
            variable: Some(split.variable),
            groups: split.categories.iter().map(|category| vec![category.clone()]).collect(),
            state: Raw {
                columns: split.categories.iter().map(|_| empty()).collect(),
                residual: empty(),
                neighbours: split.neighbours.clone(),
            },
        });
    }
    let by: Vec<&[usize]> = frame.splits.iter().map(|split| places.by(split.variable).1).collect();
    for (at, given) in item.given.iter().enumerate() {
        let weight = frame.weights.map_or(1.0, |weights| weights[at]);
        tables[0].state.columns[0].add(given, weight, parts);
        for (table, by) in tables[1..].iter_mut().zip(&by) {
            let raw = &mut table.state;
            let column = raw.columns.get_mut(by[at]).unwrap_or(&mut raw.residual);
            column.add(given, weight, parts);
        }
    }
    Stack {
        question: item.question.clone(),
        row: item.row.clone(),
        shape: item.shape,
        routed: item.routed,
        required: frame.required,
        choices: item.choices.clone(),
        ticks: item.ticks.of(&item.given, &item.choices),
        is_weighted: frame.weights.is_some(),
        tables,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::record::Background;

    fn living_in(district: Option<&str>) -> Person {
        let background =
            Background { district: district.map(str::to_owned), ..Background::default() };
        Person { background, ..Person::default() }
    }

    fn item(shape: Shape, given: Vec<Given>) -> Item {
        let choice = |id: &str| Choice { id: id.to_owned(), ..Choice::default() };
        Item {
            question: "what".to_owned(),
            row: None,
            shape,
            choices: vec![choice("a"), choice("b"), choice("c")],
            routed: false,
            ticks: Ticks::default(),
            totals_only: false,
            given,
        }
    }

    #[test]
    fn whoever_is_in_no_category_is_counted_in_the_residual() {
        let people = [living_in(Some("valby")), living_in(None), living_in(Some("outside"))];
        let given = vec![Given::One(0), Given::One(1), Given::Open];
        let splits = [Split::ordered(Variable::District, vec!["valby".to_owned()])];
        let frame = Frame { splits: &splits, weights: None, required: false };
        let stack = count(&item(Shape::Single, given), &people, &frame);
        let raw = &stack.tables[1].state;
        assert_eq!(raw.columns[0].counts, [[1, 0, 0]]);
        assert_eq!((raw.residual.asked, raw.residual.answered), (2, 1));
        assert_eq!(stack.total().counts, [[1, 1, 0]]);
        assert_eq!(stack.total().open(), 1);
    }

    #[test]
    fn a_ranking_counts_first_places_and_all_places() {
        let given = vec![Given::Ranked(vec![2, 0]), Given::Ranked(Vec::new()), Given::NotAsked];
        let people = [living_in(None), living_in(None), living_in(None)];
        let frame = Frame { splits: &[], weights: None, required: false };
        let stack = count(&item(Shape::Ranking { places: 2 }, given), &people, &frame);
        assert_eq!(stack.total().counts, [[0, 0, 1], [1, 0, 1]]);
        assert_eq!((stack.total().people, stack.total().asked), (3, 2));
    }

    #[test]
    fn small_categories_know_whom_they_join() {
        let categories = ["a", "b", "c"].map(str::to_owned).to_vec();
        let split = Split::ordered(Variable::Age, categories.clone());
        assert_eq!(split.neighbours, [Some(1), Some(0), Some(1)]);
        assert_eq!(Split::fixed(Variable::Gender, categories).neighbours, [None; 3]);
    }
}
