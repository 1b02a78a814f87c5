//! How likely somebody answers, by background: from the counts that earlier surveys left.
//!
//! A ridge logistic regression on the categories of the background, fitted to counts (S. le Cessie and
//! J. C. van Houwelingen, "Ridge estimators in logistic regression", Applied Statistics 41, 1992): the
//! log-odds of answering are a constant and one term a category, and each term is pulled towards 0. A
//! category of which little is known so keeps the rate of all, and one of which much is known has its
//! own. Rates of single margins, multiplied, would count twice what age and education have in common.

use std::collections::BTreeMap;

use crate::response::record::Background;
use crate::response::targets::Variable;

/// The rate where nothing is known: local panels have 30 to 50 % (design: "Facts about the first user").
const RATE_BEFORE: f64 = 0.4;

/// How sure that is: a term of the log-odds is thought to lie within ±1/√4 of 0, two times out of three.
/// It weighs as much as some 17 invitations.
const RIDGE: f64 = 4.0;

/// Each sweep comes nearer; counts of a panel are fitted to a thousandth in ten.
const SWEEPS: usize = 30;

/// No log-odds beyond this: 0.0025 to 0.9975.
const LOG_ODDS_MAX: f64 = 6.0;

/// How many of a background were invited to earlier surveys, and how many of them answered. A field
/// that is blank, as in coarse backgrounds, tells nothing about its categories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    pub background: Background,
    pub invited: u32,
    pub answered: u32,
}

/// Response rates.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    constant: f64,
    terms: BTreeMap<(Variable, String), f64>,
}

impl Default for Rates {
    /// Those of a panel that nobody was invited from yet.
    fn default() -> Rates {
        Rates { constant: log_odds(RATE_BEFORE), terms: BTreeMap::new() }
    }
}

impl Rates {
    /// From earlier surveys' counts, those of one background together or apart. More answers than
    /// invitations count as all.
    pub fn of(counts: &[Count]) -> Rates {
        let mut fit = Fit::new(counts);
        for _ in 0..SWEEPS {
            fit.sweep();
        }
        let terms = fit.names.into_iter().zip(fit.terms).collect();
        Rates { constant: fit.constant, terms }
    }

    /// How likely somebody with this background answers: between 0 and 1, neither of them.
    pub fn rate(&self, background: &Background) -> f64 {
        let own = |variable: Variable| {
            let id = variable.of(background)?;
            self.terms.get(&(variable, id.to_owned()))
        };
        let terms: f64 = Variable::ALL.into_iter().filter_map(own).sum();
        probability(self.constant + terms)
    }
}

/// A regression on its way.
struct Fit {
    constant: f64,
    names: Vec<(Variable, String)>,
    terms: Vec<f64>,
    rows: Vec<Row>,
    /// The rows in which each term has a part.
    with: Vec<Vec<usize>>,
}

struct Row {
    invited: f64,
    answered: f64,
    log_odds: f64,
}

impl Fit {
    fn new(counts: &[Count]) -> Fit {
        let constant = log_odds(RATE_BEFORE);
        let mut with: BTreeMap<(Variable, String), Vec<usize>> = BTreeMap::new();
        for (at, count) in counts.iter().enumerate() {
            for variable in Variable::ALL {
                if let Some(id) = variable.of(&count.background) {
                    with.entry((variable, id.to_owned())).or_default().push(at);
                }
            }
        }
        let row = |count: &Count| Row {
            invited: f64::from(count.invited),
            answered: f64::from(count.answered.min(count.invited)),
            log_odds: constant,
        };
        let (names, with): (Vec<_>, Vec<_>) = with.into_iter().unzip();
        let terms = vec![0.0; names.len()];
        Fit { constant, names, terms, rows: counts.iter().map(row).collect(), with }
    }

    /// A step of Newton's for the constant, then for each term by itself.
    fn sweep(&mut self) {
        let all: Vec<usize> = (0..self.rows.len()).collect();
        let off = self.constant - log_odds(RATE_BEFORE);
        let step = self.step(&all, off);
        self.constant += step;
        self.shift(&all, step);
        for at in 0..self.terms.len() {
            let rows = std::mem::take(&mut self.with[at]);
            let step = self.step(&rows, self.terms[at]);
            self.terms[at] += step;
            self.shift(&rows, step);
            self.with[at] = rows;
        }
    }

    /// How far to move what these rows have in common, which is `off` from where it is pulled to. At
    /// most 1, so that a step from far away does not go too far.
    fn step(&self, rows: &[usize], off: f64) -> f64 {
        let (mut slope, mut bend) = (-RIDGE * off, RIDGE);
        for row in rows.iter().map(|at| &self.rows[*at]) {
            let rate = probability(row.log_odds);
            slope += row.answered - row.invited * rate;
            bend += row.invited * rate * (1.0 - rate);
        }
        (slope / bend).clamp(-1.0, 1.0)
    }

    fn shift(&mut self, rows: &[usize], step: f64) {
        for at in rows {
            self.rows[*at].log_odds += step;
        }
    }
}

fn log_odds(rate: f64) -> f64 {
    (rate / (1.0 - rate)).ln()
}

fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds.clamp(-LOG_ODDS_MAX, LOG_ODDS_MAX)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn who(age: &str, education: &str) -> Background {
        let field = |code: &str| (!code.is_empty()).then(|| code.to_owned());
        Background { age: field(age), education: field(education), ..Background::default() }
    }

    fn count(age: &str, education: &str, invited: u32, answered: u32) -> Count {
        Count { background: who(age, education), invited, answered }
    }

    #[test]
    fn where_nothing_is_known_it_is_the_rate_of_other_panels() {
        assert!((Rates::default().rate(&who("15-24", "")) - 0.4).abs() < 1e-12);
        assert_eq!(Rates::of(&[]), Rates::default());
    }

    #[test]
    fn much_is_believed_and_little_is_not() {
        let rates = Rates::of(&[
            count("15-24", "", 4000, 800),
            count("75+", "", 4000, 2400),
            count("35-44", "", 2, 0),
        ]);
        assert!((rates.rate(&who("15-24", "")) - 0.2).abs() < 0.01);
        assert!((rates.rate(&who("75+", "")) - 0.6).abs() < 0.01);
        // Two who did not answer say next to nothing.
        assert!((rates.rate(&who("35-44", "")) - 0.4).abs() < 0.1);
        assert!((rates.rate(&who("unheard-of", "")) - 0.4).abs() < 0.05);
    }

    #[test]
    fn what_two_fields_have_in_common_counts_once() {
        // Only age matters; the young have little education yet.
        let rates = Rates::of(&[
            count("15-24", "primary", 900, 180),
            count("15-24", "long", 100, 20),
            count("45-54", "primary", 100, 50),
            count("45-54", "long", 900, 450),
        ]);
        assert!((rates.rate(&who("15-24", "primary")) - 0.2).abs() < 0.02);
        assert!((rates.rate(&who("45-54", "primary")) - 0.5).abs() < 0.06);
    }

    proptest! {
        #[test]
        fn a_rate_is_a_rate_whatever_the_counts(counts in proptest::collection::vec((0..5usize, 0..4usize, any::<u32>(), any::<u32>()), 0..30)) {
            let code = |at: usize| ["", "a", "b", "c", "d"][at];
            let counts: Vec<Count> = counts.into_iter().map(|(age, education, invited, answered)| count(code(age), code(education), invited, answered)).collect();
            let rates = Rates::of(&counts);
            for count in &counts {
                let rate = rates.rate(&count.background);
                prop_assert!(rate > 0.0 && rate < 1.0, "{}", rate);
            }
        }
    }
}
