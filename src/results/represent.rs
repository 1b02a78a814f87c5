//! Whom the answers speak for: how like the population the panel, the invited and the respondents are.
//!
//! Dissimilarity is O. D. Duncan and B. Duncan's (American Sociological Review 20, 1955), the effect size
//! `w` J. Cohen's (Statistical Power Analysis, 1988), the R-indicator B. Schouten's, F. Cobben's and
//! J. Bethlehem's (Survey Methodology 35, 2009). Groups are to be those whose tables are published, and
//! what a page says of them is whole percents: a share of the respondents is a figure like any other.

use super::weights::Weights;

/// The way from the city to the figures, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    Population,
    Panel,
    Invited,
    Respondents,
    Weighted,
}

/// How far a stage is from the population, by its dissimilarity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skew {
    /// At most 5 in 100 would have to change groups.
    Good,
    /// At most 10.
    Moderate,
    Skewed,
}

/// How well a group is represented, by the ratio of its shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Less than 0.8 of its share of the population.
    Under,
    Fair,
    /// More than 1.25.
    Over,
}

/// A group's shares, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    pub population: f64,
    pub here: f64,
    /// `here / population`.
    pub ratio: f64,
    pub standing: Standing,
}

impl Place {
    /// In percentage points; more than its due is positive.
    pub fn difference(&self) -> f64 {
        100.0 * (self.here - self.population)
    }
}

/// A stage beside the population, by one variable. Those unknown by it are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// By group, in the order given.
    pub places: Vec<Place>,
    /// `½·Σ|p−π|` in per cent: how many of a hundred would have to be of another group.
    pub dissimilarity: f64,
    pub skew: Skew,
    /// Pearson's, with one degree of freedom less than groups.
    pub chi_squared: f64,
    /// Cohen's effect size `√(χ²/n)`: 0.1 is small, 0.3 medium, 0.5 large.
    pub w: f64,
    /// People, or the weight of them.
    pub n: f64,
}

/// People by group beside the population by group. None where there is nobody, or a group that nobody
/// of the population is in.
pub fn likeness(people: &[f64], population: &[f64]) -> Option<Likeness> {
    let (n, all): (f64, f64) = (people.iter().sum(), population.iter().sum());
    if n <= 0.0 || population.iter().any(|group| *group <= 0.0) {
        return None;
    }
    let place = |(people, population): (&f64, &f64)| {
        let (here, population) = (people / n, population / all);
        let ratio = here / population;
        let standing = match ratio {
            ratio if ratio < 0.8 => Standing::Under,
            ratio if ratio > 1.25 => Standing::Over,
            _ => Standing::Fair,
        };
        Place { population, here, ratio, standing }
    };
    let places: Vec<Place> = people.iter().zip(population).map(place).collect();
    let apart = places.iter().map(|it| (it.here - it.population).abs());
    let dissimilarity = 50.0 * apart.sum::<f64>();
    let squares = places.iter().map(|it| (it.here - it.population).powi(2) / it.population);
    let squares: f64 = squares.sum();
    let skew = match dissimilarity {
        apart if apart <= 5.0 => Skew::Good,
        apart if apart <= 10.0 => Skew::Moderate,
        _ => Skew::Skewed,
    };
    let (chi_squared, w) = (n * squares, squares.sqrt());
    Some(Likeness { places, dissimilarity, skew, chi_squared, w, n })
}

/// Respondents and weighted respondents by group of one variable of a sample that was weighed, and the
/// population they were weighed to; those unknown by it are left out. None where there is no such variable.
pub fn weighed(variable: &str, weights: &Weights) -> Option<(Likeness, Likeness)> {
    let grouping = weights.groupings.iter().find(|it| it.variable == variable)?;
    let groups = grouping.groups.len();
    let (mut people, mut weight) = (vec![0.0; groups + 1], vec![0.0; groups + 1]);
    for (class, w) in grouping.classes.iter().zip(&weights.w) {
        people[*class] += 1.0;
        weight[*class] += w;
    }
    let population = &grouping.targets[..groups];
    Some((likeness(&people[..groups], population)?, likeness(&weight[..groups], population)?))
}

/// A group of which a page says a sentence: "De 16–24-årige fylder 13 % af byen og 6 % af svarene".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notable {
    pub variable: String,
    /// The ids of the group's categories.
    pub categories: Vec<String>,
    /// Whole percents.
    pub percent_of_city: u8,
    pub percent_of_answers: u8,
    pub standing: Standing,
}

/// The groups that fill too much or too little, the largest difference first; none whose whole percents
/// are the same, since nobody would see it.
pub fn notable(variable: &str, groups: &[Vec<String>], answers: &Likeness) -> Vec<Notable> {
    let percent = |share: f64| (100.0 * share).round() as u8;
    let mut found: Vec<(&Place, Notable)> = answers
        .places
        .iter()
        .zip(groups)
        .map(|(place, categories)| {
            let notable = Notable {
                variable: variable.to_owned(),
                categories: categories.clone(),
                percent_of_city: percent(place.population),
                percent_of_answers: percent(place.here),
                standing: place.standing,
            };
            (place, notable)
        })
        .filter(|(_, it)| it.standing != Standing::Fair)
        .filter(|(_, it)| it.percent_of_city != it.percent_of_answers)
        .collect();
    found.sort_by(|(a, _), (b, _)| b.difference().abs().total_cmp(&a.difference().abs()));
    found.into_iter().map(|(_, notable)| notable).collect()
}

/// Members who share their background, and how many of them answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Turnout {
    /// By variable, the class of the background; one of them may stand for unknown.
    pub classes: Vec<usize>,
    pub members: f64,
    pub answered: f64,
}

/// Towards 0 for what a variable adds to the log-odds: keeps a class in which all or none answered from
/// running away, and weighs less than one member.
const RIDGE: f64 = 0.05;

/// Far more than it takes.
const SWEEPS_MAX: usize = 500;

/// No log-odds beyond this.
const LOG_ODDS_MAX: f64 = 12.0;

/// The R-indicator `1 − 2·S(ρ)`: 1 where everybody was as likely to answer, whatever their background; the
/// further below, the more the answers could be off. ρ is by logistic regression on the classes of all
/// variables. None of fewer than two members.
pub fn r_indicator(turnouts: &[Turnout]) -> Option<f64> {
    let members: f64 = turnouts.iter().map(|it| it.members).sum();
    if members < 2.0 {
        return None;
    }
    let chances = propensities(turnouts);
    let each = || turnouts.iter().zip(&chances).map(|(it, chance)| (it.members, *chance));
    let mean = each().map(|(members, chance)| members * chance).sum::<f64>() / members;
    let squares: f64 = each().map(|(members, chance)| members * (chance - mean).powi(2)).sum();
    Some(1.0 - 2.0 * (squares / (members - 1.0)).sqrt())
}

/// How likely members of each background are to answer: Newton's step for the term of each class, variable by
/// variable, until none moves.
fn propensities(turnouts: &[Turnout]) -> Vec<f64> {
    let (members, answered) = turnouts.iter().fold((0.0, 0.0), |(members, answered), it| {
        (members + it.members, answered + it.answered.min(it.members))
    });
    // Half a member on each side: the rate is neither 0 nor 1.
    let constant = ((answered + 0.5) / (members - answered + 0.5)).ln();
    let variables = turnouts.first().map_or(0, |it| it.classes.len());
    let sizes = (0..variables).map(|at| turnouts.iter().map(|it| it.classes[at] + 1).max());
    let mut terms: Vec<Vec<f64>> = sizes.map(|size| vec![0.0; size.unwrap_or(0)]).collect();
    let mut odds = vec![constant; turnouts.len()];
    for _ in 0..SWEEPS_MAX {
        let mut moved: f64 = 0.0;
        for (at, terms) in terms.iter_mut().enumerate() {
            for (class, term) in terms.iter_mut().enumerate() {
                let (mut slope, mut bend) = (-RIDGE * *term, RIDGE);
                let own = turnouts.iter().zip(&odds).filter(|(it, _)| it.classes[at] == class);
                for (it, odds) in own {
                    let chance = chance(*odds);
                    slope += it.answered.min(it.members) - it.members * chance;
                    bend += it.members * chance * (1.0 - chance);
                }
                let step = (slope / bend).clamp(-1.0, 1.0);
                *term += step;
                moved = moved.max(step.abs());
                let own = odds.iter_mut().zip(turnouts).filter(|(_, it)| it.classes[at] == class);
                own.for_each(|(odds, _)| *odds += step);
            }
        }
        if moved < 1e-9 {
            break;
        }
    }
    odds.into_iter().map(chance).collect()
}

fn chance(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds.clamp(-LOG_ODDS_MAX, LOG_ODDS_MAX)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::targets::{Category, Margin};
    use crate::results::frame::Column;
    use crate::results::weights::{Cap, weigh};
    use proptest::prelude::*;

    fn near(found: f64, known: f64, by: f64) {
        assert!((found - known).abs() <= by, "{found} is not {known}");
    }

    #[test]
    fn how_far_a_panel_is_from_its_city() {
        // Worked out by hand: 13, 37, 50 in the city; 6, 34, 60 of 200 answers.
        let found = likeness(&[12.0, 68.0, 120.0], &[130.0, 370.0, 500.0]).expect("people");
        near(found.dissimilarity, 10.0, 1e-12);
        assert_eq!(found.skew, Skew::Moderate);
        let squares = 0.07_f64.powi(2) / 0.13 + 0.03_f64.powi(2) / 0.37 + 0.1_f64.powi(2) / 0.5;
        near(found.chi_squared, 200.0 * squares, 1e-9);
        near(found.w, squares.sqrt(), 1e-12);
        let standings: Vec<Standing> = found.places.iter().map(|it| it.standing).collect();
        assert_eq!(standings, [Standing::Under, Standing::Fair, Standing::Fair]);
        near(found.places[2].difference(), 10.0, 1e-12);
        assert_eq!(likeness(&[0.0, 0.0], &[1.0, 1.0]), None);
        assert_eq!(likeness(&[1.0, 1.0], &[1.0, 0.0]), None);
    }

    #[test]
    fn a_sentence_is_said_of_what_everybody_can_see() {
        let groups: Vec<Vec<String>> =
            ["16-24", "25-64", "65+"].map(|id| vec![id.to_owned()]).into();
        let found = likeness(&[12.0, 108.0, 80.0], &[130.0, 620.0, 250.0]).expect("people");
        let told = notable("age", &groups, &found);
        let told: Vec<(&str, u8, u8, Standing)> = told
            .iter()
            .map(|it| {
                (it.categories[0].as_str(), it.percent_of_city, it.percent_of_answers, it.standing)
            })
            .collect();
        assert_eq!(told, [("65+", 25, 40, Standing::Over), ("16-24", 13, 6, Standing::Under)]);
        // Half of next to nothing is next to nothing.
        let found = likeness(&[2.0, 998.0], &[4.0, 996.0]).expect("people");
        assert_eq!(found.places[0].standing, Standing::Under);
        assert!(notable("age", &groups[..2], &found).is_empty());
    }

    #[test]
    fn weights_take_the_difference_away() {
        let category = |id: &str, population: f64| Category {
            id: id.to_owned(),
            population,
            merge_with: None,
        };
        let categories = vec![category("a", 30.0), category("b", 70.0)];
        let margin = Margin { variable: "age".to_owned(), categories };
        let given = (0..200).map(|at| if at % 8 == 0 { None } else { Some(["a", "b"][at % 2]) });
        let weights = weigh(&[Column::of(&margin, given)], 200, Cap::default()).expect("weights");
        let (before, after) = weighed("age", &weights).expect("a margin");
        near(before.dissimilarity, 100.0 * (3.0 / 7.0 - 0.3), 1e-9);
        assert_eq!((before.n, before.skew), (175.0, Skew::Skewed));
        near(after.dissimilarity, 0.0, 1e-9);
        assert!(weighed("gender", &weights).is_none());
    }

    fn turnout(classes: &[usize], members: f64, answered: f64) -> Turnout {
        Turnout { classes: classes.to_vec(), members, answered }
    }

    #[test]
    fn the_indicator_is_1_where_all_are_as_likely_to_answer() {
        let same = [turnout(&[0, 0], 1000.0, 300.0), turnout(&[1, 0], 500.0, 150.0)];
        near(r_indicator(&same).expect("members"), 1.0, 1e-3);
        // 20 % and 80 % of as many: S is 0.3.
        let two = [turnout(&[0], 5000.0, 1000.0), turnout(&[1], 5000.0, 4000.0)];
        near(r_indicator(&two).expect("members"), 0.4, 1e-3);
        assert_eq!(r_indicator(&[turnout(&[0], 1.0, 1.0)]), None);
    }

    #[test]
    fn what_two_variables_have_in_common_counts_once() {
        // Only the first matters, and the second goes along with it.
        let cases = [
            turnout(&[0, 0], 900.0, 180.0),
            turnout(&[0, 1], 100.0, 20.0),
            turnout(&[1, 0], 100.0, 50.0),
            turnout(&[1, 1], 900.0, 450.0),
        ];
        for (chance, known) in propensities(&cases).into_iter().zip([0.2, 0.2, 0.5, 0.5]) {
            near(chance, known, 1e-3);
        }
    }

    proptest! {
        #[test]
        fn an_indicator_is_between_0_and_1(cases in proptest::collection::vec((0..4usize, 0..3usize, 0..500u32, 0..600u32), 1..20)) {
            let cases: Vec<Turnout> = cases.iter().map(|(a, b, members, answered)| turnout(&[*a, *b], f64::from(*members), f64::from(*answered))).collect();
            if let Some(found) = r_indicator(&cases) {
                // Of two members alone, S may be a little more than a half.
                prop_assert!((-0.5..=1.0).contains(&found), "{}", found);
            }
        }
    }
}
