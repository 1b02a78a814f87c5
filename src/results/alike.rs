//! Numbers and points that everybody in a group gave alike. A mean of 0.0 of 99 people who may be known to have
//! answered is what each of them answered, as a share of 100 % would be; and no count stands there to hide.

use super::item::{Given, Item, Person, Shape};
use super::pattern::Pattern;
use super::table::{Released, Table};

/// From so many people on a few more or less are no news, as of shares.
const LARGE_GROUP: usize = 1_000;

/// The variables in whose table a group, or whoever is in none, gave the same number, or the same points to one
/// thing, but for fewer than `least`; "" is everybody's. None of items that have shares, which are hidden
/// one by one.
pub fn told(item: &Item, people: &[Person], pattern: &Pattern, least: usize) -> Vec<String> {
    if !matches!(item.shape, Shape::Number | Shape::Budget) {
        return Vec::new();
    }
    let of = |table: &&Table<Released>| {
        let groups = (0..table.groups.len()).map(Some);
        // Total minus groups: who is in none.
        let residual = table.variable.map(|_| None);
        groups.chain(residual).any(|group| {
            let both = people.iter().zip(&item.given);
            let given = both.filter(|(person, _)| table.has(person, group)).map(|(_, given)| given);
            are_alike(&given.collect::<Vec<_>>(), least)
        })
    };
    let tables = pattern.tables.iter().filter(of);
    tables.map(|table| table.variable.map_or("", |variable| variable.name()).to_owned()).collect()
}

fn are_alike(given: &[&Given], least: usize) -> bool {
    let parts: Vec<Vec<f64>> = given.iter().filter_map(|given| parts(given)).collect();
    let width = parts.first().map_or(0, Vec::len);
    let is_one = |part: usize| parts.len() - most_common(parts.iter().map(|own| own[part])) < least;
    parts.len() < LARGE_GROUP && (0..width).any(is_one)
}

/// What somebody gave, as shares of their points where it is points.
fn parts(given: &Given) -> Option<Vec<f64>> {
    match given {
        Given::Number(number) => Some(vec![*number]),
        Given::Points(points) => {
            let all: f64 = points.iter().sum();
            (all > 0.0).then(|| points.iter().map(|own| own / all).collect())
        }
        _ => None,
    }
}

/// How many of the values are the same.
fn most_common(values: impl Iterator<Item = f64>) -> usize {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.chunk_by(|one, other| one == other).map(<[f64]>::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(given: &[Given]) -> bool {
        are_alike(&given.iter().collect::<Vec<_>>(), 5)
    }

    #[test]
    fn all_but_a_few_with_the_same_number_are_alike() {
        let of = |zeros: usize, others: usize| {
            let mut given = vec![Given::Number(0.0); zeros];
            given.extend((0..others).map(|other| Given::Number(1.0 + other as f64)));
            given.push(Given::Open);
            alike(&given)
        };
        assert!(of(40, 0) && of(40, 4));
        assert!(!of(40, 5));
        assert!(!of(1_200, 0), "of so many it is no news of anybody");
        assert!(!alike(&[Given::Open, Given::NotAsked]), "nobody answered");
    }

    #[test]
    fn one_thing_that_nearly_everybody_gave_the_same_to_is_enough() {
        let points = |first: f64, last: f64| Given::Points(vec![first, 100.0 - first - last, last]);
        let mut given: Vec<Given> = (0..40).map(|at| points(f64::from(at), 0.0)).collect();
        given.extend((0..4).map(|at| points(f64::from(at), 10.0)));
        assert!(alike(&given), "nearly nobody gave the last thing anything");
        given.push(points(50.0, 20.0));
        assert!(!alike(&given));
    }
}
