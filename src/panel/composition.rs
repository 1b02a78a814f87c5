//! How some people are made up, beside the population: the panel, the invited, those who answered.

use crate::response::record::Background;
use crate::response::targets::{Margin, Targets, Variable};

/// One category of one variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub variable: Variable,
    pub category: String,
    /// How many, or how many are expected.
    pub count: f64,
    /// Of those whose category the population has: 0 to 1, and 0 where there is nobody.
    pub share: f64,
    /// The population's share.
    pub target: f64,
}

impl Group {
    /// How far its share is from the population's, either way.
    pub fn gap(&self) -> f64 {
        (self.share - self.target).abs()
    }
}

/// Every category that the population has, in the targets' order.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    pub total: f64,
    pub groups: Vec<Group>,
}

impl Composition {
    /// Of people with a weight each: 1 to count them, a response rate for the answers to expect.
    ///
    /// Who left a question open, or chose what registers do not know, has no part in its shares
    /// (results: class U).
    pub fn of<'a>(
        people: impl IntoIterator<Item = (&'a Background, f64)>,
        targets: &Targets,
    ) -> Composition {
        let margins: Vec<(Variable, &Margin)> = Variable::ALL
            .into_iter()
            .filter_map(|variable| Some((variable, targets.margin(variable)?)))
            .collect();
        let empty = |(_, margin): &(Variable, &Margin)| vec![0.0; margin.categories.len()];
        let mut counts: Vec<Vec<f64>> = margins.iter().map(empty).collect();
        let mut total = 0.0;
        for (background, weight) in people {
            total += weight;
            for ((variable, margin), counts) in margins.iter().zip(&mut counts) {
                if let Some(place) = variable.of(background).and_then(|id| margin.place(id)) {
                    counts[place] += weight;
                }
            }
        }
        let margins = margins.into_iter().zip(counts);
        Composition {
            total,
            groups: margins.flat_map(|(of, counts)| groups(of, &counts)).collect(),
        }
    }

    /// The largest gap of any category to the population, 0 to 1.
    pub fn largest_gap(&self) -> f64 {
        self.groups.iter().map(Group::gap).fold(0.0, f64::max)
    }

    /// The groups of one variable.
    pub fn of_variable(&self, variable: Variable) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.variable == variable)
    }
}

fn groups((variable, margin): (Variable, &Margin), counts: &[f64]) -> Vec<Group> {
    let known: f64 = counts.iter().sum();
    let group = |place: usize| Group {
        variable,
        category: margin.categories[place].id.clone(),
        count: counts[place],
        share: if known > 0.0 { counts[place] / known } else { 0.0 },
        target: margin.share(place),
    };
    (0..counts.len()).map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_those_the_population_knows() {
        let rows = "variable,category,population\ngender,female,50\ngender,male,50\n";
        let targets = Targets::read_any(rows).expect("targets");
        let of =
            |gender: &str| Background { gender: Some(gender.to_owned()), ..Background::default() };
        let people = [of("female"), of("female"), of("female"), of("male"), of("unstated")];
        let composition = Composition::of(people.iter().map(|one| (one, 1.0)), &targets);
        assert_eq!(composition.total, 5.0);
        let shares: Vec<f64> =
            composition.of_variable(Variable::Gender).map(|group| group.share).collect();
        assert_eq!(shares, [0.75, 0.25]);
        assert_eq!(composition.largest_gap(), 0.25);
        assert_eq!(Composition::of([], &targets).largest_gap(), 0.5);
    }
}
