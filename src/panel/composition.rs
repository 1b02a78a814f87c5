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

/// Counts are told to the nearest ten, and none below ten: who joined between two tables is not seen in
/// them, nor who is one of few.
const ROUND: f64 = 10.0;
/// What a count that is not told is taken for where shares are made: the middle of what it can be.
const HIDDEN: f64 = 5.0;

/// A composition as it may leave the house. Shares are made of the counts as they are told: of exact ones
/// the counts could be worked out.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// To the nearest ten; none below ten.
    pub total: Option<u64>,
    pub variables: Vec<ToldVariable>,
}

/// One variable of a composition.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldVariable {
    pub variable: Variable,
    /// The index of dissimilarity, ½ Σ |p − π|, in points from 0 to 100: the share of people who would have to
    /// be in another group (Duncan & Duncan 1955). None where no group is told.
    pub dissimilarity: Option<f64>,
    pub groups: Vec<ToldGroup>,
}

/// One group of a variable.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldGroup {
    pub category: String,
    /// The population's share, 0 to 1.
    pub population: f64,
    /// To the nearest ten; none below ten.
    pub count: Option<u64>,
    /// 0 to 1; none where the count is none.
    pub share: Option<f64>,
    /// Share by share, p / π: 1 where both are alike.
    pub ratio: Option<f64>,
}

impl ToldVariable {
    /// The word for [`ToldVariable::dissimilarity`]: up to 5 good, up to 10 moderate.
    pub fn verdict(&self) -> &'static str {
        match self.dissimilarity {
            None => "not told",
            Some(points) if points <= 5.0 => "good",
            Some(points) if points <= 10.0 => "moderate",
            Some(_) => "skewed",
        }
    }
}

impl ToldGroup {
    /// The word for [`ToldGroup::ratio`]: below 0.8 too few, above 1.25 too many.
    pub fn verdict(&self) -> &'static str {
        match self.ratio {
            Some(ratio) if ratio < 0.8 => "under",
            Some(ratio) if ratio > 1.25 => "over",
            _ => "",
        }
    }
}

impl Composition {
    /// What of it may be told.
    pub fn told(&self) -> Told {
        let there = |variable: &Variable| self.of_variable(*variable).next().is_some();
        let variables = Variable::ALL.into_iter().filter(there);
        Told {
            total: rounded(self.total),
            variables: variables.map(|variable| self.told_variable(variable)).collect(),
        }
    }

    fn told_variable(&self, variable: Variable) -> ToldVariable {
        let taken = |group: &Group| rounded(group.count).map_or(HIDDEN, |count| count as f64);
        let all: f64 = self.of_variable(variable).map(taken).sum();
        let is_told = self.of_variable(variable).any(|group| rounded(group.count).is_some());
        let apart = |group: &Group| (taken(group) / all - group.target).abs();
        let group = |group: &Group| {
            let count = rounded(group.count);
            let share = count.map(|count| count as f64 / all);
            let ratio = share.filter(|_| group.target > 0.0).map(|share| share / group.target);
            ToldGroup {
                category: group.category.clone(),
                population: group.target,
                count,
                share,
                ratio,
            }
        };
        ToldVariable {
            variable,
            dissimilarity: is_told
                .then(|| 50.0 * self.of_variable(variable).map(apart).sum::<f64>()),
            groups: self.of_variable(variable).map(group).collect(),
        }
    }
}

fn rounded(count: f64) -> Option<u64> {
    (count >= ROUND).then(|| ((count / ROUND).round() * ROUND) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(counts: [usize; 3]) -> Composition {
        let rows =
            "variable,category,population\ngender,female,50\ngender,male,49\ngender,other,1\n";
        let targets = Targets::read_any(rows).expect("targets");
        let genders = ["female", "male", "other"];
        let of =
            |gender: &str| Background { gender: Some(gender.to_owned()), ..Background::default() };
        let people: Vec<Background> = genders
            .iter()
            .zip(counts)
            .flat_map(|(gender, count)| std::iter::repeat_n(of(gender), count))
            .collect();
        Composition::of(people.iter().map(|one| (one, 1.0)), &targets)
    }

    #[test]
    fn tens_are_told_and_nothing_of_a_few() {
        let told = composed([124, 86, 9]).told();
        assert_eq!(told.total, Some(220));
        let [gender] = &told.variables[..] else { panic!("{told:?}") };
        let counts: Vec<Option<u64>> = gender.groups.iter().map(|group| group.count).collect();
        assert_eq!(counts, [Some(120), Some(90), None]);
        let [female, male, other] = &gender.groups[..] else { panic!("{told:?}") };
        assert_eq!((other.share, other.ratio, other.verdict()), (None, None, ""));
        assert_eq!(female.share, Some(120.0 / 215.0));
        assert!((male.ratio.expect("one") - 90.0 / 215.0 / 0.49).abs() < 1e-9);
        let apart = (120.0 / 215.0 - 0.5_f64).abs()
            + (90.0 / 215.0 - 0.49_f64).abs()
            + (5.0 / 215.0 - 0.01_f64).abs();
        assert!((gender.dissimilarity.expect("one") - 50.0 * apart).abs() < 1e-9);
        assert_eq!(gender.verdict(), "moderate");
    }

    #[test]
    fn one_more_or_less_is_not_seen_and_nobody_is_told_where_all_are_few() {
        assert_eq!(composed([124, 86, 9]).told(), composed([121, 94, 0]).told());
        let told = composed([9, 9, 9]).told();
        assert_eq!(told.variables[0].dissimilarity, None);
        assert_eq!(told.variables[0].verdict(), "not told");
        assert_eq!(composed([0, 0, 0]).told().total, None);
    }

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
