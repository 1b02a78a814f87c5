//! What the shares of an item are made of, for all groups of a variable in one pass over the people: how many
//! of each background answered, and how many of them gave each row of the pattern.

use super::{Crowd, chosen, counts};
use crate::response::targets::Variable;
use crate::results::estimate::Tally;
use crate::results::figure::Measure;
use crate::results::item::{Given, Item};
use crate::results::pattern::{Pattern, Slot};
use crate::results::table::Part;

/// The sums by one variable.
pub(super) struct Crosstab {
    /// None: everybody is in one place.
    pub variable: Option<Variable>,
    /// The ids of the places; whoever is in none of them comes after the last.
    categories: Vec<String>,
    cells: usize,
    /// By place.
    asked: Vec<u32>,
    /// By place, and cell of weights.
    answered: Vec<u32>,
    /// By row, place and cell.
    gave: Vec<Vec<u32>>,
}

/// A line of shares: who gave one of these choices, or put it first.
struct Row {
    choices: Vec<usize>,
    is_first: bool,
}

impl Crosstab {
    pub fn of(item: &Item, crowd: &Crowd, pattern: &Pattern, by: Option<Variable>) -> Crosstab {
        let rows = rows(item, pattern);
        // Of who gives one choice it is known at once which rows they are in.
        let rows_of = |choice| {
            let has = |row: &usize| counts(&Given::One(choice), &rows[*row].choices, false);
            (0..rows.len()).filter(has).collect()
        };
        let rows_of: Vec<Vec<usize>> = (0..item.choices.len()).map(rows_of).collect();
        let split = by.map(|variable| crowd.places.by(variable));
        let categories = split.map(|(split, _)| split.categories.clone()).unwrap_or_default();
        let (places, cells) = (categories.len() + 1, crowd.weights.cells().1.len());
        let mut asked = vec![0; places];
        let mut answered = vec![0; places * cells];
        let mut gave = vec![vec![0; places * cells]; rows.len()];
        for (person, given) in item.given.iter().enumerate().filter(|(_, given)| given.is_asked()) {
            let place = split.map_or(0, |(_, places)| places[person]);
            asked[place] += 1;
            if !given.is_answered() {
                continue;
            }
            let at = place * cells + crowd.weights.cell(person);
            answered[at] += 1;
            if let Given::One(choice) = given {
                rows_of[*choice].iter().for_each(|row| gave[*row][at] += 1);
                continue;
            }
            for (row, gave) in rows.iter().zip(&mut gave) {
                gave[at] += u32::from(counts(given, &row.choices, row.is_first));
            }
        }
        Crosstab { variable: by, categories, cells, asked, answered, gave }
    }

    /// The places that a slot's group has.
    pub fn group(&self, slot: &Slot) -> Vec<usize> {
        match self.variable {
            None => vec![0],
            Some(_) => {
                let place = |id: &String| self.categories.iter().position(|one| one == id);
                slot.categories.iter().filter_map(place).collect()
            }
        }
    }

    /// How many of a group were asked.
    pub fn asked(&self, group: &[usize]) -> u32 {
        group.iter().map(|place| self.asked[*place]).sum()
    }

    /// How many of those answered.
    pub fn answered(&self, group: &[usize]) -> u32 {
        let cells = |place: &usize| place * self.cells..(place + 1) * self.cells;
        group.iter().flat_map(|place| &self.answered[cells(place)]).sum()
    }

    /// The share of a group that is in the slot's row.
    pub fn tally(&self, pattern: &Pattern, slot: &Slot, group: &[usize]) -> Tally {
        let part = pattern.parts().iter().position(|part| part.measure == slot.measure);
        let row = part.zip(slot.choice).map(|(part, row)| part * pattern.choices.len() + row);
        let gave = row.map_or(&[][..], |row| &self.gave[row]);
        let sum = |of: &[u32], cell| -> u32 {
            group.iter().filter_map(|place| of.get(place * self.cells + cell)).sum()
        };
        Tally::of_share((0..self.cells).map(|cell| (sum(&self.answered, cell), sum(gave, cell))))
    }
}

/// By part and choice of the pattern.
fn rows(item: &Item, pattern: &Pattern) -> Vec<Row> {
    let row =
        |measure, own| Row { choices: chosen(item, own), is_first: measure == Measure::First };
    let of_part = |part: &Part| {
        let measure = part.measure;
        pattern.choices.iter().map(move |own| row(measure, own))
    };
    pattern.parts().iter().flat_map(of_part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::record::Background;
    use crate::results::item::{Choice, Person, Shape, Ticks};
    use crate::results::sample::Sample;
    use crate::results::table::{Places, Released, Split, Table};
    use crate::results::weights::Weights;

    /// What one person gave, where the seed leads.
    fn given(rng: &mut fastrand::Rng, shape: Shape) -> Given {
        let mut several = || (0..4).filter(|_| rng.bool()).collect::<Vec<usize>>();
        let some = several();
        match (rng.u8(..8), shape) {
            (0, _) => Given::NotAsked,
            (1, _) => Given::Open,
            (_, Shape::Single) => Given::One(rng.usize(..4)),
            (_, Shape::Multiple) => Given::Many(some),
            _ => Given::Ranked(some),
        }
    }

    #[test]
    fn a_group_has_as_many_of_each_row_as_asking_everybody_finds() {
        let mut rng = fastrand::Rng::with_seed(4);
        let ages = ["young", "grown", "old"].map(str::to_owned).to_vec();
        let person = |age: Option<&String>| Person {
            background: Background { age: age.cloned(), ..Background::default() },
            ..Person::default()
        };
        let people: Vec<Person> = (0..300).map(|_| person(ages.get(rng.usize(..4)))).collect();
        let splits = [Split::ordered(Variable::Age, ages)];
        let weights = Weights::even(people.len());
        let sample = Sample { people: people.clone(), ..Sample::default() };
        let places = Places::of(&splits, &people);
        let crowd = Crowd { sample: &sample, weights: &weights, places };
        let choices = ["a", "b", "c", "d"]
            .map(|id| Choice { id: id.to_owned(), ..Choice::default() })
            .to_vec();
        for shape in [Shape::Single, Shape::Multiple, Shape::Ranking { places: 3 }] {
            let item = Item {
                question: "q".to_owned(),
                row: None,
                shape,
                choices: choices.clone(),
                routed: true,
                ticks: Ticks::default(),
                totals_only: false,
                given: people.iter().map(|_| given(&mut rng, shape)).collect(),
            };
            // The last two are one row, and the first two ages one group.
            let rows = [&choices[..1], &choices[1..2], &choices[2..]].map(<[Choice]>::to_vec);
            let groups: Vec<Vec<String>> = [&["young", "grown"][..], &["old"]]
                .map(|ids| ids.iter().map(|id| (*id).to_owned()).collect())
                .to_vec();
            let released = || Released { n: Vec::new(), shown: Vec::new() };
            let everybody = Table { variable: None, groups: vec![Vec::new()], state: released() };
            let by = Table { variable: Some(Variable::Age), groups, state: released() };
            let pattern = Pattern {
                question: "q".to_owned(),
                row: None,
                shape,
                routed: true,
                required: false,
                choices: rows.to_vec(),
                tables: vec![everybody, by],
                withheld: Vec::new(),
            };
            for table in &pattern.tables {
                let crosstab = Crosstab::of(&item, &crowd, &pattern, table.variable);
                for (at, categories) in table.groups.iter().enumerate() {
                    let here = || {
                        let all = people.iter().zip(&item.given);
                        all.filter(|(person, _)| table.has(person, Some(at)))
                            .map(|(_, given)| given)
                    };
                    let asked = here().filter(|given| given.is_asked()).count() as u32;
                    for (part, choice) in
                        pattern.parts().iter().flat_map(|part| (0..3).map(move |row| (part, row)))
                    {
                        let slot = Slot {
                            measure: part.measure,
                            choice: Some(choice),
                            variable: table.variable,
                            categories,
                            has_interval: true,
                        };
                        let group = crosstab.group(&slot);
                        let mut known = Tally::new(&weights);
                        let own = chosen(&item, &pattern.choices[choice]);
                        for given in here().filter(|given| given.is_answered()) {
                            let is_in = counts(given, &own, part.measure == Measure::First);
                            known.add(0, f64::from(u8::from(is_in)));
                        }
                        assert_eq!(crosstab.tally(&pattern, &slot, &group), known, "{slot:?}");
                        assert_eq!(crosstab.asked(&group), asked);
                    }
                }
            }
        }
    }
}
