//! Bounded raking: the weights closest to 1 that meet all margins and stay within their bounds.
//!
//! Closest by the Kullback–Leibler distance; its solution is `w = clip(exp(Σ λ), L, H)` with one λ for
//! each class of each margin (J.-C. Deville and C.-E. Särndal, "Calibration estimators in survey
//! sampling", JASA 87, 1992, the bounded form of raking). The λ are found one class at a time, cyclically,
//! each by bisection: coordinate ascent on the dual. People who share all classes share their weight,
//! so a sample is as large here as its table of distinct backgrounds.

use std::collections::HashMap;

/// Sweeps over all margins before one gives up.
const SWEEPS_MAX: usize = 3000;

/// The largest gap of a margin, as a share of the sample, that counts as met.
const GAP_MAX: f64 = 1e-10;

/// A gap that is small enough and shrinks by less than this from one sweep to the next is as good as it gets.
const SLOWEST: f64 = 0.999;

/// The gap below which rounding is all that is left.
const GAP_AIM: f64 = 1e-14;

/// Within which a class's λ moves in one step.
const STEP_MAX: f64 = 30.0;

/// No λ needs to go this far, and its exponential is still a number.
const ETA_MAX: f64 = 600.0;

/// How often it is tried whether the margins can be met at all, in sweeps.
const TRY_EVERY: usize = 20;

/// People by what they share.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cells {
    /// By person.
    pub of: Vec<usize>,
    /// By margin and cell, the class: sums go over the cells of one margin at a time.
    pub codes: Vec<Vec<usize>>,
    /// People by cell.
    pub people: Vec<f64>,
}

impl Cells {
    /// `classes` are by margin, then by person; without a margin all `n` are in one cell.
    pub fn of(classes: &[Vec<usize>], n: usize) -> Cells {
        let codes = vec![Vec::new(); classes.len()];
        let mut cells = Cells { of: Vec::with_capacity(n), codes, people: Vec::new() };
        let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
        for person in 0..n {
            let codes: Vec<usize> = classes.iter().map(|margin| margin[person]).collect();
            let next = cells.people.len();
            let cell = *known.entry(codes).or_insert_with_key(|codes| {
                cells.codes.iter_mut().zip(codes).for_each(|(of, code)| of.push(*code));
                cells.people.push(0.0);
                next
            });
            cells.people[cell] += 1.0;
            cells.of.push(cell);
        }
        cells
    }

    /// What `each` comes to in every class of a margin that has so many.
    pub fn sums(&self, margin: usize, classes: usize, each: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; classes];
        for (cell, code) in self.codes[margin].iter().enumerate() {
            sums[*code] += each(cell);
        }
        sums
    }
}

/// What is asked for.
pub(super) struct Problem<'a> {
    pub cells: &'a Cells,
    /// By margin and class; each margin's come to the number of people.
    pub targets: &'a [Vec<f64>],
    pub low: f64,
    /// May be infinite.
    pub high: f64,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// Weights by cell, and the largest gap as a share of the sample.
    Found { weights: Vec<f64>, gap: f64 },
    /// What each margin lacked when its turn came last, in people; whether it is proven that there
    /// are no such weights.
    Missed { deficits: Vec<f64>, is_proven: bool },
}

impl Problem<'_> {
    pub fn solve(&self) -> Outcome {
        let mut ascent = Ascent::new(self);
        let mut before = ascent.lambdas.clone();
        let mut last = f64::INFINITY;
        for sweep in 1..=SWEEPS_MAX {
            ascent.sweep();
            let gap = ascent.gap();
            if gap <= GAP_AIM || (gap <= GAP_MAX && gap >= SLOWEST * last) {
                return Outcome::Found { weights: ascent.weights(), gap };
            }
            last = gap;
            if sweep % TRY_EVERY == 0 {
                if gap > GAP_MAX && self.is_impossible(&before, &ascent.lambdas) {
                    return Outcome::Missed { deficits: ascent.deficits, is_proven: true };
                }
                before.clone_from(&ascent.lambdas);
            }
        }
        match ascent.gap() {
            gap if gap <= GAP_MAX => Outcome::Found { weights: ascent.weights(), gap },
            _ => Outcome::Missed { deficits: ascent.deficits, is_proven: false },
        }
    }

    /// A proof that nothing within the bounds meets the margins (Farkas): prices on the classes at which
    /// the targets are worth more than any such weights are. Where there are none, the λ run off in the
    /// direction of such prices.
    fn is_impossible(&self, from: &[Vec<f64>], to: &[Vec<f64>]) -> bool {
        if self.high.is_infinite() {
            return false;
        }
        let price = |margin: usize, class: usize| to[margin][class] - from[margin][class];
        let (mut worth, mut size) = (0.0, 0.0);
        for (margin, targets) in self.targets.iter().enumerate() {
            for (class, target) in targets.iter().enumerate() {
                worth += target * price(margin, class);
                size += (target * price(margin, class)).abs();
            }
        }
        let most = self.cells.people.iter().enumerate().map(|(cell, people)| {
            let codes = self.cells.codes.iter().enumerate();
            let price: f64 = codes.map(|(margin, codes)| price(margin, codes[cell])).sum();
            people * (self.low * price).max(self.high * price)
        });
        worth - most.sum::<f64>() > 1e-9 * size
    }
}

/// The λ on their way.
struct Ascent<'a> {
    problem: &'a Problem<'a>,
    lambdas: Vec<Vec<f64>>,
    /// Σ λ by cell.
    etas: Vec<f64>,
    /// The cells of each class of each margin.
    members: Vec<Vec<Vec<usize>>>,
    deficits: Vec<f64>,
    scratch: Vec<(f64, f64)>,
}

impl<'a> Ascent<'a> {
    fn new(problem: &'a Problem<'a>) -> Ascent<'a> {
        let cells = problem.cells;
        let members = problem.targets.iter().enumerate().map(|(margin, targets)| {
            let mut of = vec![Vec::new(); targets.len()];
            let codes = cells.codes[margin].iter().enumerate();
            codes.for_each(|(cell, code)| of[*code].push(cell));
            of
        });
        Ascent {
            problem,
            lambdas: problem.targets.iter().map(|targets| vec![0.0; targets.len()]).collect(),
            etas: vec![0.0; cells.people.len()],
            members: members.collect(),
            deficits: vec![0.0; problem.targets.len()],
            scratch: Vec::new(),
        }
    }

    fn sweep(&mut self) {
        let Problem { cells, targets, low, high } = *self.problem;
        for (margin, targets) in targets.iter().enumerate() {
            self.deficits[margin] = 0.0;
            for (class, target) in targets.iter().enumerate() {
                let members = &self.members[margin][class];
                self.scratch.clear();
                let grown =
                    members.iter().map(|cell| (cells.people[*cell], self.etas[*cell].exp()));
                self.scratch.extend(grown);
                let factor = Factor { of: &self.scratch, low, high };
                self.deficits[margin] += (target - factor.total(1.0).0).abs() / 2.0;
                let step = factor.reaching(*target).ln();
                self.lambdas[margin][class] += step;
                for cell in members {
                    self.etas[*cell] = (self.etas[*cell] + step).clamp(-ETA_MAX, ETA_MAX);
                }
            }
        }
    }

    fn weights(&self) -> Vec<f64> {
        let Problem { low, high, .. } = *self.problem;
        self.etas.iter().map(|eta| eta.exp().clamp(low, high)).collect()
    }

    /// The largest of all classes, as a share of the sample.
    fn gap(&self) -> f64 {
        let cells = self.problem.cells;
        let weights = self.weights();
        let of = |(margin, targets): (usize, &Vec<f64>)| {
            let sums = cells.sums(margin, targets.len(), |cell| cells.people[cell] * weights[cell]);
            sums.iter().zip(targets).map(|(sum, target)| (sum - target).abs()).fold(0.0, f64::max)
        };
        let gaps = self.problem.targets.iter().enumerate().map(of);
        gaps.fold(0.0, f64::max) / cells.of.len() as f64
    }
}

/// The cells of one class, each with its people and its unclipped weight, which grow by one factor.
struct Factor<'a> {
    of: &'a [(f64, f64)],
    low: f64,
    high: f64,
}

impl Factor<'_> {
    /// What they weigh together, and how much of it still grows with the factor.
    fn total(&self, factor: f64) -> (f64, f64) {
        let (mut total, mut growing) = (0.0, 0.0);
        for (people, weight) in self.of {
            let grown = weight * factor;
            let clipped = grown.clamp(self.low, self.high);
            total += people * clipped;
            if clipped == grown {
                growing += people * grown;
            }
        }
        (total, growing)
    }

    /// The factor at which they weigh `target`; the nearest where none does. Bisection between
    /// exp(±30), and since the total is linear between the places where a weight meets a bound, it
    /// is asked first where the line of the present piece leads.
    fn reaching(&self, target: f64) -> f64 {
        let (mut low, mut high) = ((-STEP_MAX).exp(), STEP_MAX.exp());
        let mut factor = 1.0;
        for _ in 0..200 {
            let (total, growing) = self.total(factor);
            if (total - target).abs() <= 1e-15 * target {
                break;
            }
            match total < target {
                true => low = factor,
                false => high = factor,
            }
            let led = factor * (1.0 + (target - total) / growing);
            let next = if led > low && led < high { led } else { (low * high).sqrt() };
            if (next / factor - 1.0).abs() < 1e-16 || high / low - 1.0 < 1e-15 {
                break;
            }
            factor = next;
        }
        factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_who_share_everything_share_a_cell() {
        let cells = Cells::of(&[vec![0, 1, 0, 0], vec![2, 0, 2, 1]], 4);
        assert_eq!((cells.of, cells.people), (vec![0, 1, 0, 2], vec![2.0, 1.0, 1.0]));
        let one = Cells::of(&[], 3);
        assert_eq!((one.of, one.people), (vec![0, 0, 0], vec![3.0]));
    }

    #[test]
    fn a_class_reaches_its_target_over_the_places_where_weights_meet_their_bounds() {
        let of = [(3.0, 0.01), (2.0, 1.0), (5.0, 40.0)];
        let factor = Factor { of: &of, low: 0.2, high: 5.0 };
        for target in [2.0001, 3.0, 10.0, 27.0, 35.7, 49.9999] {
            let total = factor.total(factor.reaching(target)).0;
            assert!((total - target).abs() < 1e-12, "{target}: {total}");
        }
        // More than all at the upper bound, less than all at the lower.
        assert!((factor.total(factor.reaching(51.0)).0 - 50.0).abs() < 1e-12);
        assert!((factor.total(factor.reaching(1.9)).0 - 2.0).abs() < 1e-12);
    }

    #[test]
    fn one_margin_is_post_stratification() {
        let cells = Cells::of(&[vec![0, 0, 0, 1]], 4);
        let problem = Problem { cells: &cells, targets: &[vec![2.0, 2.0]], low: 0.2, high: 5.0 };
        let Outcome::Found { weights, gap } = problem.solve() else { panic!("feasible") };
        assert!((weights[0] - 2.0 / 3.0).abs() < 1e-12 && (weights[1] - 2.0).abs() < 1e-12);
        assert!(gap <= GAP_MAX);
    }

    #[test]
    fn what_is_beyond_the_bounds_is_proven_to_be() {
        // Each margin alone is within reach of 3, both together are not: the one in (1, 1) would
        // have to weigh more.
        let rows = [([0, 0], 60), ([0, 1], 20), ([1, 0], 19), ([1, 1], 1)];
        let people = |margin: usize| -> Vec<usize> {
            rows.iter().flat_map(|(codes, n)| std::iter::repeat_n(codes[margin], *n)).collect()
        };
        let cells = Cells::of(&[people(0), people(1)], 100);
        let targets = [vec![42.0, 58.0], vec![40.0, 60.0]];
        let solve = |high| Problem { cells: &cells, targets: &targets, low: 0.2, high }.solve();
        let Outcome::Missed { deficits, is_proven } = solve(3.0) else { panic!("infeasible") };
        assert!(is_proven && deficits.iter().any(|it| *it > 0.1), "{deficits:?}");
        assert!(matches!(solve(f64::INFINITY), Outcome::Found { .. }));
    }
}
