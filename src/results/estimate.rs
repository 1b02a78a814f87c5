//! Estimates of the population: shares, means and quantiles, and how sure they are.

use super::calibrate::{self, Sums};
use super::interval::{Interval, t_critical};
use super::weights::Weights;

/// Above this weighted quantile values count as it, in the mean of a number.
const WINSORISED_AT: f64 = 0.99;

/// What rounding may do to a cumulative share.
const SLACK: f64 = 1e-12;

/// A share or a mean. At full precision: none of this is published as it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// A share is between 0 and 1.
    pub value: f64,
    /// The standard error that the margins leave (linearised).
    pub se: f64,
    /// The standard error if the weights were given.
    pub se_fixed: f64,
    /// People in the domain, unweighted.
    pub n: usize,
    /// Kish's effective number of them.
    pub n_eff: f64,
    /// The interval at 95 %: Korn and Graubard's of a share, with no more people than there are; the
    /// normal one of a mean.
    pub low: f64,
    pub high: f64,
}

impl Estimate {
    /// A share's interval as R's `svyciprop(method = "beta")` has it after calibration, for comparisons:
    /// the effective number may exceed the number of people, and is made smaller by the square of
    /// Student's t of the sample over that of the domain. (Ours never claims to know more than as many
    /// people as there are could say.)
    pub fn uncapped(&self, weights: &Weights) -> Interval {
        let Estimate { value, se, n, n_eff, .. } = *self;
        let ratio = match n {
            0 | 1 => 1.0,
            n => t_critical((weights.n - 1) as f64) / t_critical((n - 1) as f64),
        };
        match told_by(value, se) {
            Some(people) => Interval::of_share(value, people * ratio * ratio),
            None => Interval::of_share(value, n_eff),
        }
    }
}

/// What is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Of values 0 and 1.
    Share,
    Mean,
}

/// Sums over the people of one domain, from which its estimate follows. All groups of a variable can be
/// added up in one pass over a sample, a tally each.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    cells: Vec<Cell>,
    n: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Cell {
    n: f64,
    y: f64,
    yy: f64,
}

impl Tally {
    pub fn new(weights: &Weights) -> Tally {
        Tally { cells: vec![Cell::default(); weights.cells().1.len()], n: 0 }
    }

    /// Of a share: by cell, how many are in the domain, and how many of them count.
    pub fn of_share(cells: impl IntoIterator<Item = (u32, u32)>) -> Tally {
        let mut tally = Tally { cells: Vec::new(), n: 0 };
        for (n, y) in cells {
            tally.n += n as usize;
            let (n, y) = (f64::from(n), f64::from(y));
            tally.cells.push(Cell { n, y, yy: y });
        }
        tally
    }

    /// Somebody of the domain; a share counts 1 and 0.
    pub fn add(&mut self, cell: usize, y: f64) {
        let sums = &mut self.cells[cell];
        sums.n += 1.0;
        sums.y += y;
        sums.yy += y * y;
        self.n += 1;
    }

    /// None where nobody is in the domain, or nobody else in the sample: one answer has no variance.
    pub fn estimate(&self, kind: Kind, weights: &Weights) -> Option<Estimate> {
        if self.n == 0 || weights.n < 2 {
            return None;
        }
        let (_, by_cell) = weights.cells();
        let (mut total, mut squares, mut sum) = (0.0, 0.0, 0.0);
        for (cell, weight) in self.cells.iter().zip(by_cell) {
            total += weight * cell.n;
            squares += weight * weight * cell.n;
            sum += weight * cell.y;
        }
        let value = sum / total;
        let linear = |cell: &Cell| Sums {
            u: (cell.y - value * cell.n) / total,
            uu: (cell.yy - 2.0 * value * cell.y + value * value * cell.n) / (total * total),
        };
        let linear: Vec<Sums> = self.cells.iter().map(linear).collect();
        let se = calibrate::calibrated(&linear, weights).sqrt();
        let se_fixed = calibrate::fixed(&linear, weights).sqrt();
        let n_eff = total * total / squares;
        let Interval { low, high } = match kind {
            Kind::Mean => Interval::of_mean(value, se),
            Kind::Share => {
                let people = told_by(value, se).map_or(n_eff, |told| told.min(self.n as f64));
                Interval::of_share(value, people)
            }
        };
        Some(Estimate { value, se, se_fixed, n: self.n, n_eff, low, high })
    }
}

/// How many people, each drawn with the same chance, would tell a share with this standard error; none
/// where nobody or everybody said so, which has no standard error.
pub(super) fn told_by(share: f64, se: f64) -> Option<f64> {
    let spread = share * (1.0 - share);
    (spread > 0.0 && se > 0.0).then(|| spread / (se * se))
}

fn tally(y: &[f64], domain: &[bool], weights: &Weights) -> Tally {
    let mut tally = Tally::new(weights);
    for (person, (y, _)) in y.iter().zip(domain).enumerate().filter(|(_, (_, is_in))| **is_in) {
        tally.add(weights.cell(person), *y);
    }
    tally
}

/// The mean of `y` over a domain; both are by person.
pub fn mean(y: &[f64], domain: &[bool], weights: &Weights) -> Option<Estimate> {
    tally(y, domain, weights).estimate(Kind::Mean, weights)
}

/// The share of a domain for which `y` is 1 and not 0.
pub fn share(y: &[f64], domain: &[bool], weights: &Weights) -> Option<Estimate> {
    tally(y, domain, weights).estimate(Kind::Share, weights)
}

/// The weighted quantile of `x`: the smallest value up to which there is at least the share `p` of the
/// domain's weight. `ps` rise; none where nobody is in the domain.
pub fn quantiles(x: &[f64], domain: &[bool], weights: &Weights, ps: &[f64]) -> Option<Vec<f64>> {
    let people = x.iter().zip(&weights.w).zip(domain).filter(|(_, is_in)| **is_in);
    let mut people: Vec<(f64, f64)> = people.map(|((x, w), _)| (*x, *w)).collect();
    people.sort_by(|a, b| a.0.total_cmp(&b.0));
    let last = people.last()?.0;
    let total: f64 = people.iter().map(|(_, weight)| weight).sum();
    let at = |p: &f64| {
        let mut reached = 0.0;
        let found = people.iter().find(|(_, weight)| {
            reached += weight / total;
            reached >= p - SLACK
        });
        found.map_or(last, |(x, _)| *x)
    };
    Some(ps.iter().map(at).collect())
}

/// The mean of a number after values above its weighted 99 % quantile count as that: one person who writes
/// a million does not move a city.
pub fn winsorised(x: &[f64], domain: &[bool], weights: &Weights) -> Option<Estimate> {
    let most = quantiles(x, domain, weights, &[WINSORISED_AT])?[0];
    let y: Vec<f64> = x.iter().map(|x| x.min(most)).collect();
    mean(&y, domain, weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::targets::{Category, Margin};
    use crate::results::frame::Column;
    use crate::results::weights::{Cap, weigh};

    /// 80 people, of whom the first half stand for a quarter of the city.
    fn sample() -> Weights {
        let category = |id: &str, population: f64| Category {
            id: id.to_owned(),
            population,
            merge_with: None,
        };
        let categories = vec![category("a", 25.0), category("b", 75.0)];
        let margin = Margin { variable: "age".to_owned(), categories };
        let given = (0..80).map(|at| Some(if at < 40 { "a" } else { "b" }));
        weigh(&[Column::of(&margin, given)], 80, Cap::default()).expect("weights")
    }

    #[test]
    fn what_the_margins_decide_has_no_error_of_its_own() {
        let weights = sample();
        let is_b: Vec<f64> = (0..80).map(|at| f64::from(u8::from(at >= 40))).collect();
        let found = share(&is_b, &[true; 80], &weights).expect("people");
        assert!((found.value - 0.75).abs() < 1e-12 && found.se < 1e-9, "{found:?}");
        assert!(found.se_fixed > 0.03, "{found:?}");
        assert!((found.n_eff - weights.n_eff).abs() < 1e-9);
        // Still no surer than 80 people could be.
        let counted = Interval::of_share(0.75, 80.0);
        assert!((found.low - counted.low).abs() < 1e-9 && (found.high - counted.high).abs() < 1e-9);
    }

    #[test]
    fn without_weights_it_is_the_usual_error() {
        let weights = Weights::even(50);
        let yes: Vec<f64> = (0..50).map(|at| f64::from(u8::from(at % 5 == 0))).collect();
        let found = share(&yes, &[true; 50], &weights).expect("people");
        assert!((found.se - (0.2_f64 * 0.8 / 49.0).sqrt()).abs() < 1e-12, "{found:?}");
        assert!((found.se - found.se_fixed).abs() < 1e-15);
        let few: Vec<bool> = (0..50).map(|at| at < 10).collect();
        let found = mean(&yes, &few, &weights).expect("people");
        assert_eq!((found.n, found.value), (10, 0.2));
        assert!((found.high - found.value - 1.959_964 * found.se).abs() < 1e-6);
    }

    #[test]
    fn nobody_has_no_estimate_and_all_alike_have_an_interval() {
        let weights = sample();
        assert_eq!(share(&[1.0; 80], &[false; 80], &weights), None);
        assert_eq!(quantiles(&[1.0; 80], &[false; 80], &weights, &[0.5]), None);
        assert_eq!(share(&[1.0], &[true], &Weights::even(1)), None);
        let none = share(&[0.0; 80], &[true; 80], &weights).expect("people");
        assert_eq!((none.value, none.se, none.low), (0.0, 0.0, 0.0));
        let counted = Interval::of_share(0.0, weights.n_eff);
        assert!((none.high - counted.high).abs() < 1e-12 && none.high > 0.04);
    }

    #[test]
    fn a_quantile_is_a_value_that_somebody_gave() {
        let weights = sample();
        // Weight ½ for each of the first 40, 1½ for the others.
        let x: Vec<f64> = (0..80).map(|at| f64::from(at / 10)).collect();
        let found = quantiles(&x, &[true; 80], &weights, &[0.0, 0.25, 0.2501, 0.5, 1.0]);
        assert_eq!(found.expect("people"), [0.0, 3.0, 4.0, 5.0, 7.0]);
        let mut wild = x.clone();
        wild[3] = 1e9;
        let tamed = winsorised(&wild, &[true; 80], &weights).expect("people");
        assert!(
            tamed.value < 5.0 && mean(&wild, &[true; 80], &weights).expect("people").value > 1e6
        );
    }
}
