//! What two releases of other answers tell of those who came between them. They are a group of their own:
//! whoever has both releases has the difference of every cell that both show, and with it what the newcomers
//! gave. The percents leave some doubt; here an attacker is taken for one who has none.

use super::figure::Measure;
use super::item::{Given, Item, Person, Shape};
use super::pattern::Pattern;
use super::publish::counts;
use super::table::{Kind, Released, Table};

/// As for a mean that is published: of fewer newcomers their own would be told.
const MEAN_PEOPLE_MIN: usize = 30;

/// The variables whose table, beside a release without them, would tell of fewer than `least` newcomers that
/// they gave an answer or did not; "" is everybody's. `came` says of each of `people` whether they are new.
pub fn told(
    item: &Item,
    people: &[Person],
    came: &[bool],
    pattern: &Pattern,
    least: usize,
) -> Vec<String> {
    let of = |table: &&Table<Released>| {
        let groups = (0..table.groups.len()).map(Some);
        // Total minus groups: who is in none.
        let residual = table.variable.map(|_| None);
        groups.chain(residual).any(|group| {
            let is_new = |at: &usize| came[*at] && table.has(&people[*at], group);
            let asked = |at: &usize| item.given[*at].is_asked();
            let given = (0..people.len()).filter(is_new).filter(asked).map(|at| &item.given[at]);
            Newcomers { item, pattern, least }.are_told(table, group, &given.collect::<Vec<_>>())
        })
    };
    let tables = pattern.tables.iter().filter(of);
    tables.map(|table| table.variable.map_or("", |variable| variable.name()).to_owned()).collect()
}

struct Newcomers<'a> {
    item: &'a Item,
    pattern: &'a Pattern,
    least: usize,
}

impl Newcomers<'_> {
    /// `given` is what the newcomers of the group gave who were asked.
    fn are_told(&self, table: &Table<Released>, group: Option<usize>, given: &[&Given]) -> bool {
        let all = given.len();
        if all == 0 {
            return false;
        }
        let has_counts =
            matches!(self.item.shape, Shape::Single | Shape::Ordered | Shape::Multiple);
        if !has_counts && all < MEAN_PEOPLE_MIN {
            return true;
        }
        let is_few = |people: usize| people < self.least || all - people < self.least;
        self.pattern.parts().iter().enumerate().any(|(part, of)| {
            let is_first = of.measure == Measure::First;
            let rows = 0..self.pattern.choices.len();
            let is_shown = |row: &usize| match group {
                Some(group) => table.is_shown(part, *row, group),
                None => (0..table.groups.len()).all(|group| table.is_shown(part, *row, group)),
            };
            let many = |row| self.many(row, given, is_first);
            let (shown, hidden): (Vec<usize>, Vec<usize>) = rows.partition(is_shown);
            let in_shown: Vec<usize> = shown.into_iter().map(many).collect();
            // Of one choice each, all who are left are in what is hidden or left it open.
            let left = all.saturating_sub(in_shown.iter().sum());
            let are_few_left =
                of.kind == Kind::Partition && left < self.least && (left > 0 || !hidden.is_empty());
            are_few_left || in_shown.into_iter().any(is_few)
        })
    }

    fn many(&self, row: usize, given: &[&Given], is_first: bool) -> usize {
        let own = self.pattern.choices[row].iter();
        let place = |id: &str| self.item.choices.iter().position(|one| one.id == id);
        let places: Vec<usize> = own.filter_map(|choice| place(&choice.id)).collect();
        given.iter().filter(|given| counts(given, &places, is_first)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::record::Background;
    use crate::response::targets::Variable;
    use crate::results::item::Choice;
    use crate::results::table::Released;

    /// Hundred people of two ages, a fifth of whom say yes, and newcomers of these ages and answers.
    fn told_of(newcomers: &[(&str, usize)], is_no_shown: bool) -> Vec<String> {
        let known = (0..100).map(|at| (if at % 2 == 0 { "young" } else { "old" }, at / 2 % 5 / 4));
        let all: Vec<(&str, usize)> = known.chain(newcomers.iter().copied()).collect();
        let person = |age: &str| Person {
            background: Background { age: Some(age.to_owned()), ..Background::default() },
            ..Person::default()
        };
        let people: Vec<Person> = all.iter().map(|(age, _)| person(age)).collect();
        let choices = ["no", "yes"].map(|id| Choice { id: id.to_owned(), ..Choice::default() });
        let item = Item {
            question: "q".to_owned(),
            row: None,
            shape: Shape::Single,
            choices: choices.to_vec(),
            routed: false,
            ticks: super::super::item::Ticks::default(),
            totals_only: false,
            given: all.iter().map(|(_, choice)| Given::One(*choice)).collect(),
        };
        let table = |variable, groups: Vec<Vec<String>>| {
            let shown = vec![vec![vec![is_no_shown; groups.len()], vec![true; groups.len()]]];
            Table { variable, state: Released { n: vec![0; groups.len()], shown }, groups }
        };
        let ages = ["young", "old"].map(|id| vec![id.to_owned()]).to_vec();
        let pattern = Pattern {
            question: "q".to_owned(),
            row: None,
            shape: Shape::Single,
            routed: false,
            required: true,
            choices: choices.map(|choice| vec![choice]).to_vec(),
            tables: vec![table(None, vec![Vec::new()]), table(Some(Variable::Age), ages)],
            withheld: Vec::new(),
        };
        let came: Vec<bool> = (0..people.len()).map(|at| at >= 100).collect();
        told(&item, &people, &came, &pattern, 5)
    }

    #[test]
    fn ten_who_came_and_answered_alike_are_told_by_subtraction() {
        // 20 of 100, then 30 of 110: twenty percent, then twenty-seven, and no other counts round to both.
        assert_eq!(told_of(&[("young", 1); 10], true), ["", "age"]);
        let split = [[("young", 1); 5], [("young", 0); 5]].concat();
        assert_eq!(told_of(&split, true), Vec::<String>::new());
        assert_eq!(told_of(&[], true), Vec::<String>::new());
    }

    #[test]
    fn one_group_may_tell_what_everybody_does_not() {
        let young = [[("young", 1); 6], [("young", 0); 6]].concat();
        let old = [[("old", 1); 1].repeat(9), [("old", 0); 1].repeat(9)].concat();
        assert_eq!(told_of(&[young.clone(), old].concat(), true), Vec::<String>::new());
        let old = [[("old", 1); 1].repeat(9), [("old", 0); 1].repeat(4)].concat();
        assert_eq!(told_of(&[young, old].concat(), true), ["age"]);
    }

    #[test]
    fn who_is_in_no_group_is_one_as_well() {
        let young = [[("young", 1); 6], [("young", 0); 6]].concat();
        let unsaid = [("", 1); 3].to_vec();
        assert_eq!(told_of(&[young, unsaid].concat(), true), ["age"]);
    }

    #[test]
    fn what_is_hidden_is_what_is_left() {
        let nearly_all = [[("young", 1); 1].repeat(12), [("young", 0); 1].repeat(3)].concat();
        assert_eq!(told_of(&nearly_all, false), ["", "age"]);
    }
}
