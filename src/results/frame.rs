//! What a sample is weighted to: the groups of each margin after small ones were merged, and whom the
//! targets say nothing about.
//!
//! Class U of a margin are those whose category is blank or unknown to the targets. It keeps its share of
//! the sample: nothing is imputed, and nobody is pushed into a group.

use std::collections::HashMap;

use super::item::Person;
use super::step::{Dropped, Merged, Step};
use crate::response::targets::{Margin, Targets, Variable};

/// Fewer people than this do not carry a group of the population.
pub const GROUP_MIN: usize = 30;

/// Where more than this of a sample is unknown by a margin, the margin says too little.
const UNKNOWN_SHARE_MAX: f64 = 0.20;

/// A margin that is never merged, by the names that files have for it.
const GENDER: [&str; 5] = ["gender", "sex", "køn", "koen", "kon"];

/// Whether a variable is gender, whose categories are never merged.
pub fn is_gender(variable: &str) -> bool {
    GENDER.contains(&variable.to_lowercase().as_str())
}

/// What keeps a sample from being weighted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("nobody is left to weigh: there is no respondent in scope")]
    Nobody,
    #[error(
        "{n} respondents have `{category}` of {variable}, of which there are none in the population; \
         correct its number, or leave its row out so that they count as unknown"
    )]
    NoTarget { variable: String, category: String, n: usize },
}

/// A margin of the population, and where each person of the sample belongs in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Column<'a> {
    pub margin: &'a Margin,
    /// By person, the place among the margin's categories; none is unknown (class U).
    pub codes: Vec<Option<usize>>,
}

impl<'a> Column<'a> {
    /// From what each person has in it; a category without a target is unknown.
    pub fn of<'b>(
        margin: &'a Margin,
        given: impl IntoIterator<Item = Option<&'b str>>,
    ) -> Column<'a> {
        let places = margin.categories.iter().enumerate();
        let places: HashMap<&str, usize> = places.map(|(at, it)| (it.id.as_str(), at)).collect();
        let codes = given.into_iter().map(|id| places.get(id?).copied()).collect();
        Column { margin, codes }
    }
}

/// The columns of a survey's own people, by the background they gave.
pub fn columns<'a>(targets: &'a Targets, people: &[Person]) -> Vec<Column<'a>> {
    let column = |margin: &'a Margin| {
        let variable = Variable::named(&margin.variable);
        Column::of(margin, people.iter().map(|person| variable?.of(&person.background)))
    };
    targets.margins.iter().map(column).collect()
}

/// A margin on its way: which of its categories count as one.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    column: &'a Column<'a>,
    /// People by category.
    counts: Vec<usize>,
    pub unknown: usize,
    /// The categories of each group, in the file's order.
    pub groups: Vec<Vec<usize>>,
    pub is_raked: bool,
}

/// All margins of a sample.
#[derive(Debug, Clone)]
pub(super) struct Frame<'a> {
    pub n: usize,
    pub parts: Vec<Part<'a>>,
    pub steps: Vec<Step>,
}

impl<'a> Frame<'a> {
    /// Merges what is small and drops what says too little.
    pub fn settle(columns: &'a [Column<'a>], n: usize) -> Result<Frame<'a>, Fault> {
        if n == 0 {
            return Err(Fault::Nobody);
        }
        let mut frame = Frame { n, parts: Vec::new(), steps: Vec::new() };
        for column in columns {
            let mut part = Part::new(column)?;
            frame.steps.extend(part.settle(n));
            frame.parts.push(part);
        }
        Ok(frame)
    }

    /// Where nothing else helps: merges the smallest group of all margins that have one to spare.
    pub fn collapse_smallest(&mut self) -> bool {
        let of = |at: usize| {
            let part = &self.parts[at];
            let can = part.is_raked && part.groups.len() > 2 && !is_gender(part.variable());
            let groups = can.then_some(0..part.groups.len()).into_iter().flatten();
            groups.map(move |group| (part.people(group), at, group))
        };
        let Some((_, at, group)) = (0..self.parts.len()).flat_map(of).min() else { return false };
        let merged = self.parts[at].merge(group);
        self.steps.push(Step::Merged { merged, is_forced: true });
        true
    }

    /// Gives up the margin at this place.
    pub fn give_up(&mut self, at: usize, deficit: f64) {
        self.parts[at].is_raked = false;
        let variable = self.parts[at].variable().to_owned();
        let why = Dropped::Unreachable { share: deficit / self.n as f64 };
        self.steps.push(Step::Dropped { variable, why });
    }
}

impl<'a> Part<'a> {
    fn new(column: &'a Column<'a>) -> Result<Part<'a>, Fault> {
        let categories = &column.margin.categories;
        let mut counts = vec![0; categories.len()];
        column.codes.iter().flatten().for_each(|code| counts[*code] += 1);
        let empty = |at: &usize| categories[*at].population <= 0.0;
        if let Some(at) = (0..counts.len()).filter(empty).find(|at| counts[*at] > 0) {
            let variable = column.margin.variable.clone();
            return Err(Fault::NoTarget {
                variable,
                category: categories[at].id.clone(),
                n: counts[at],
            });
        }
        let groups = (0..counts.len()).filter(|at| !empty(at)).map(|at| vec![at]).collect();
        let unknown = column.codes.iter().filter(|code| code.is_none()).count();
        Ok(Part { column, counts, unknown, groups, is_raked: true })
    }

    pub fn variable(&self) -> &'a str {
        &self.column.margin.variable
    }

    /// How many of the sample a group has.
    pub fn people(&self, group: usize) -> usize {
        self.groups[group].iter().map(|at| self.counts[*at]).sum()
    }

    /// The ids of each group's categories.
    pub fn names(&self) -> Vec<Vec<String>> {
        let id = |at: &usize| self.column.margin.categories[*at].id.clone();
        self.groups.iter().map(|group| group.iter().map(id).collect()).collect()
    }

    /// By person, the place of their group; after the last group comes class U.
    pub fn classes(&self) -> Vec<usize> {
        let mut group_of = vec![self.groups.len(); self.counts.len()];
        for (group, categories) in self.groups.iter().enumerate() {
            categories.iter().for_each(|at| group_of[*at] = group);
        }
        let unknown = self.groups.len();
        self.column.codes.iter().map(|code| code.map_or(unknown, |code| group_of[code])).collect()
    }

    /// What the weights of each class must come to, class U last: `n·(1−u)·T/ΣT`, and as many as they are.
    pub fn targets(&self) -> Vec<f64> {
        let people = |group: &Vec<usize>| -> f64 {
            group.iter().map(|at| self.column.margin.categories[*at].population).sum()
        };
        let known = (self.column.codes.len() - self.unknown) as f64;
        let total = self.column.margin.total();
        let groups = self.groups.iter().map(|group| known * people(group) / total);
        groups.chain([self.unknown as f64]).collect()
    }

    fn settle(&mut self, n: usize) -> Vec<Step> {
        let share = self.unknown as f64 / n as f64;
        if share > UNKNOWN_SHARE_MAX {
            return self.dropped(Dropped::Unknown { share });
        }
        let mut steps = Vec::new();
        while let Some(group) = self.smaller_than_the_least() {
            if self.groups.len() < 2 {
                break;
            }
            if is_gender(self.variable()) {
                let (category, n) = (self.names()[group].join("+"), self.people(group));
                return self.dropped(Dropped::NeverMerged { category, n });
            }
            steps.push(Step::Merged { merged: self.merge(group), is_forced: false });
        }
        if self.groups.len() < 2 {
            steps.extend(self.dropped(Dropped::OneGroup));
        }
        steps
    }

    fn smaller_than_the_least(&self) -> Option<usize> {
        (0..self.groups.len()).find(|group| self.people(*group) < GROUP_MIN)
    }

    fn dropped(&mut self, why: Dropped) -> Vec<Step> {
        self.is_raked = false;
        vec![Step::Dropped { variable: self.variable().to_owned(), why }]
    }

    /// Counts a group together with its neighbour; there are at least two.
    fn merge(&mut self, group: usize) -> Merged {
        let n = self.people(group);
        let into = self.neighbour(group);
        let names = self.names();
        let moved = std::mem::take(&mut self.groups[group]);
        self.groups[into].extend(moved);
        self.groups[into].sort_unstable();
        self.groups.remove(group);
        Merged {
            variable: self.variable().to_owned(),
            category: names[group].join("+"),
            into: names[into].join("+"),
            n,
        }
    }

    /// The group that the file names for one of its categories; else the one before it, and for the
    /// first the next.
    fn neighbour(&self, group: usize) -> usize {
        let margin = self.column.margin;
        let named = self.groups[group].iter().find_map(|at| {
            let place = margin.place(margin.categories[*at].merge_with.as_ref()?)?;
            let found = self.groups.iter().position(|group| group.contains(&place))?;
            (found != group).then_some(found)
        });
        named.unwrap_or(if group == 0 { 1 } else { group - 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::record::Background;
    use crate::response::targets::Category;

    fn margin(variable: &str, rows: &[(&str, f64, Option<&str>)]) -> Margin {
        let category = |(id, population, with): &(&str, f64, Option<&str>)| Category {
            id: (*id).to_owned(),
            population: *population,
            merge_with: with.map(str::to_owned),
        };
        Margin { variable: variable.to_owned(), categories: rows.iter().map(category).collect() }
    }

    /// Groups and steps where each category has so many people, and so many are unknown.
    fn settled(
        variable: &str,
        rows: &[(&str, usize, Option<&str>)],
        unknown: usize,
    ) -> (Vec<String>, bool, Vec<String>) {
        let targets: Vec<_> = rows.iter().map(|(id, _, with)| (*id, 100.0, *with)).collect();
        let margin = margin(variable, &targets);
        let people = rows.iter().flat_map(|(id, n, _)| std::iter::repeat_n(Some(*id), *n));
        let people = people.chain(std::iter::repeat_n(Some("elsewhere"), unknown));
        let columns = [Column::of(&margin, people)];
        let n = columns[0].codes.len();
        let frame = Frame::settle(&columns, n).expect("no fault");
        let part = &frame.parts[0];
        let groups = part.names().iter().map(|names| names.join("+")).collect();
        (groups, part.is_raked, frame.steps.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_survey_s_own_people_have_their_background_for_columns() {
        let targets = "variable,category,population\nage,15-24,40\nage,25+,60\ngender,female,100\n";
        let targets = Targets::read_any(targets).expect("targets");
        let person = |age: Option<&str>, gender: &str| Person {
            background: Background {
                age: age.map(str::to_owned),
                gender: Some(gender.to_owned()),
                ..Background::default()
            },
            ..Person::default()
        };
        let people = [person(Some("25+"), "female"), person(None, "other")];
        let columns = columns(&targets, &people);
        let codes: Vec<_> = columns.iter().map(|it| it.codes.clone()).collect();
        assert_eq!(codes, [vec![Some(1), None], vec![Some(0), None]]);
    }

    #[test]
    fn a_small_category_joins_the_one_before_it_and_the_first_the_next() {
        let rows = [("a", 5, None), ("b", 40, None), ("c", 40, None), ("d", 0, None)];
        let (groups, is_raked, steps) = settled("age", &rows, 0);
        assert_eq!((groups, is_raked), (vec!["a+b".to_owned(), "c+d".to_owned()], true));
        assert_eq!(steps[0], "age: a (5 people) is counted together with b");
        let (groups, ..) = settled("age", &[("a", 30, None), ("b", 29, None)], 0);
        assert_eq!(groups, ["a+b"]);
    }

    #[test]
    fn a_named_neighbour_goes_before_the_order() {
        let rows = [("a", 50, None), ("b", 50, None), ("c", 50, None), ("d", 9, Some("a"))];
        assert_eq!(settled("district", &rows, 0).0, ["a+d", "b", "c"]);
        // Still too small together: d's neighbour is its own by now, so the order decides.
        let rows = [("a", 50, None), ("b", 10, Some("c")), ("c", 10, Some("b")), ("d", 50, None)];
        assert_eq!(settled("district", &rows, 0).0, ["a+b+c", "d"]);
    }

    #[test]
    fn gender_is_dropped_where_others_are_merged() {
        let rows = [("female", 80, None), ("male", 29, None)];
        for name in ["gender", "Køn", "sex"] {
            let (groups, is_raked, steps) = settled(name, &rows, 0);
            assert_eq!((groups.len(), is_raked), (2, false));
            assert!(steps[0].contains("male has 29"), "{steps:?}");
        }
    }

    #[test]
    fn what_is_mostly_unknown_is_dropped_and_the_unknown_keep_their_share() {
        let rows = [("a", 40, None), ("b", 40, None)];
        assert!(settled("age", &rows, 20).1, "20 % exactly");
        let (_, is_raked, steps) = settled("age", &rows, 21);
        assert!(!is_raked && steps[0].contains("21 % are unknown"), "{steps:?}");
        let margin = margin("age", &[("a", 300.0, None), ("b", 100.0, None)]);
        let people = (0..100).map(|at| [Some("a"), Some("b"), None, Some("b")][at % 4]);
        let columns = [Column::of(&margin, people)];
        let columns =
            [Column { margin: columns[0].margin, codes: columns[0].codes[..90].to_vec() }];
        let part = Part::new(&columns[0]).expect("no fault");
        assert_eq!(part.unknown, 22);
        assert_eq!(part.targets(), [51.0, 17.0, 22.0]);
        assert_eq!(part.classes()[..4], [0, 1, 2, 1]);
    }

    #[test]
    fn people_of_a_category_without_a_population_are_an_error_and_nobody_is_one() {
        let margin = margin("age", &[("a", 300.0, None), ("b", 0.0, None), ("c", 9.0, None)]);
        let with = |id: &'static str| {
            let people = std::iter::repeat_n(Some("a"), 50).chain([Some(id)]);
            let columns = [Column::of(&margin, people.chain(std::iter::repeat_n(Some("c"), 40)))];
            Frame::settle(&columns, 91).map(|frame| frame.parts[0].names())
        };
        let fault = with("b").expect_err("nobody lives there").to_string();
        assert!(fault.contains("1 respondents have `b` of age"), "{fault}");
        assert_eq!(with("a").expect("no fault"), [["a"], ["c"]]);
        assert_eq!(Frame::settle(&[], 0).expect_err("nobody"), Fault::Nobody);
    }
}
