//! Means of scales by groups, of which the total's less the groups' is the mean of whoever is left: those in no
//! group, and groups beside whose hidden cells no mean stands. Each printed mean leaves a twentieth for each of
//! its people; where that is little, what a few people gave follows, and there are no means by the variable.

use super::figure::{Figure, Measure};
use super::item::{Given, Item, Person, Shape};
use super::pattern::Pattern;

/// A printed mean of so many people leaves this of their sum open for each of them, to either side.
const ROUNDED_OFF: f64 = 0.05;

/// As many times as far as a handful of people can move a sum the rounding has to hide it: to both sides of
/// what is true, and as far again since what is true may lie near an end.
const MARGIN: f64 = 4.0;

/// Hides the means by each variable that would tell too much of who is left; `least` is the handful.
pub fn silence(
    item: &Item,
    people: &[Person],
    pattern: &Pattern,
    least: u32,
    figures: &mut [Figure],
) {
    let values = item.choices.iter().filter_map(|choice| choice.value);
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let is_said = |figure: &Figure| figure.measure == Measure::Mean && figure.value.is_some();
    let has_total = figures.iter().any(|figure| is_said(figure) && figure.group.is_none());
    if item.shape != Shape::Ordered || !has_total || low >= high {
        return;
    }
    let has_score = |given: &Given| match given {
        Given::One(choice) => item.choices[*choice].value.is_some(),
        _ => false,
    };
    let scored: Vec<&Person> = people
        .iter()
        .zip(&item.given)
        .filter(|(_, given)| has_score(given))
        .map(|(one, _)| one)
        .collect();
    let needed = MARGIN * f64::from(least) * (high - low);
    if ROUNDED_OFF * scored.len() as f64 >= needed {
        return;
    }
    for table in &pattern.tables {
        let Some(variable) = table.variable else { continue };
        let is_by = |figure: &Figure| {
            figure.group.as_ref().is_some_and(|group| group.variable == variable.name())
        };
        let said = |group: &usize| {
            let categories = &table.groups[*group];
            figures.iter().any(|figure| {
                let own = figure.group.as_ref();
                is_said(figure)
                    && is_by(figure)
                    && own.is_some_and(|own| own.categories == *categories)
            })
        };
        let groups: Vec<usize> = (0..table.groups.len()).filter(said).collect();
        let told = |person: &&&Person| groups.iter().any(|group| table.has(person, Some(*group)));
        let in_said = scored.iter().filter(told).count();
        let open = ROUNDED_OFF * (scored.len() + in_said) as f64;
        if in_said == scored.len() || open >= needed {
            continue;
        }
        for figure in figures.iter_mut().filter(|figure| is_said(figure) && is_by(figure)) {
            (figure.value, figure.low, figure.high) = (None, None, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::figure::{Group, Value};
    use super::super::item::Choice;
    use super::super::table::{Released, Table};
    use super::*;
    use crate::response::record::Background;
    use crate::response::targets::Variable;

    /// Which ages keep their mean of a scale of seven, of so many young and old people and of no known age; the
    /// old have none where something of theirs is hidden.
    fn kept(young: usize, old: usize, unknown: usize, is_old_hidden: bool) -> Vec<String> {
        let ages = [("young", young), ("old", old), ("", unknown)];
        let person = |age: &str| Person {
            background: Background {
                age: (!age.is_empty()).then(|| age.to_owned()),
                ..Background::default()
            },
            ..Person::default()
        };
        let people: Vec<Person> =
            ages.iter().flat_map(|(age, n)| std::iter::repeat_n(person(age), *n)).collect();
        let choices: Vec<Choice> = (1..=7)
            .map(|value| Choice {
                id: format!("c{value}"),
                value: Some(f64::from(value)),
                ..Choice::default()
            })
            .collect();
        let item = Item {
            question: "q".to_owned(),
            row: None,
            shape: Shape::Ordered,
            choices: choices.clone(),
            routed: false,
            ticks: super::super::item::Ticks::default(),
            totals_only: false,
            given: (0..people.len()).map(|at| Given::One(at % 7)).collect(),
        };
        let table = |variable, groups: Vec<Vec<String>>| {
            let shown = vec![vec![vec![true; groups.len()]; 7]];
            Table { variable, state: Released { n: vec![0; groups.len()], shown }, groups }
        };
        let groups = ["young", "old"].map(|id| vec![id.to_owned()]).to_vec();
        let pattern = Pattern {
            question: "q".to_owned(),
            row: None,
            shape: Shape::Ordered,
            routed: false,
            required: true,
            choices: choices.into_iter().map(|choice| vec![choice]).collect(),
            tables: vec![table(None, vec![Vec::new()]), table(Some(Variable::Age), groups)],
            withheld: Vec::new(),
        };
        let mean = |age: Option<&str>| Figure {
            question: "q".to_owned(),
            row: None,
            choices: Vec::new(),
            group: age
                .map(|age| Group { variable: "age".to_owned(), categories: vec![age.to_owned()] }),
            n: 100,
            measure: Measure::Mean,
            value: (age != Some("old") || !is_old_hidden).then_some(Value::Tenths(40)),
            low: None,
            high: None,
        };
        let mut figures = vec![mean(None), mean(Some("young")), mean(Some("old"))];
        silence(&item, &people, &pattern, 5, &mut figures);
        assert!(figures[0].value.is_some(), "everybody's stays");
        let said = figures.into_iter().filter(|figure| figure.value.is_some());
        said.filter_map(|figure| figure.group).map(|group| group.categories.concat()).collect()
    }

    #[test]
    fn the_mean_of_those_in_no_group_is_not_the_total_less_the_groups() {
        assert!(kept(200, 196, 3, false).is_empty());
        assert_eq!(kept(200, 199, 0, false), ["young", "old"], "nobody is left to be told of");
    }

    #[test]
    fn the_mean_beside_hidden_cells_is_not_the_total_less_the_other_groups() {
        assert!(kept(70, 30, 0, true).is_empty());
        assert_eq!(kept(70, 30, 0, false), ["young", "old"], "all of them have one");
    }

    #[test]
    fn of_so_many_people_the_rounding_hides_a_handful() {
        // A twentieth of 2,997 people is more than four times five people from one end of seven to the other.
        assert_eq!(kept(800, 697, 3, false), ["young", "old"]);
        assert!(kept(600, 497, 3, false).is_empty());
    }
}
