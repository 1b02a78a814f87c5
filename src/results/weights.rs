//! Weights: how much each respondent counts, so that the sample has the population's margins.

use super::frame::{Column, Fault, Frame, Part};
use super::rake::{Cells, Outcome, Problem};
use super::step::Step;

/// No weight is lower, whatever the cap.
pub const WEIGHT_MIN: f64 = 0.2;

/// No weight is higher, unless nothing else meets the margins.
pub const WEIGHT_MAX: f64 = 5.0;

/// Where the cap is too low, these come next.
const CAPS_BEYOND: [f64; 2] = [6.0, 8.0];

/// The bounds of a weight; the mean is 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cap {
    /// Between [`WEIGHT_MIN`] and this, which is at least 1.
    At(f64),
    /// Plain raking: any positive weight. For comparisons alone.
    None,
}

impl Default for Cap {
    fn default() -> Cap {
        Cap::At(WEIGHT_MAX)
    }
}

/// A margin after what is small was merged.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouping {
    pub variable: String,
    /// The ids of each group's categories.
    pub groups: Vec<Vec<String>>,
    /// By person, the place of their group; `groups.len()` is class U, unknown.
    pub classes: Vec<usize>,
    /// What the weights of each class are to come to, class U last; in people.
    pub targets: Vec<f64>,
    /// Whether it is weighted by.
    pub is_raked: bool,
}

impl Grouping {
    /// People of a class, unweighted.
    pub fn people(&self, class: usize) -> usize {
        self.classes.iter().filter(|it| **it == class).count()
    }
}

/// The weights of a sample, and how they came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// By person; their mean is 1.
    pub w: Vec<f64>,
    /// The bounds that hold in the end; an infinite one is no bound.
    pub low: f64,
    pub high: f64,
    /// The least and the largest weight.
    pub g_min: f64,
    pub g_max: f64,
    pub n: usize,
    /// Kish: `(Σw)²/Σw²` (L. Kish, Survey Sampling, 1965).
    pub n_eff: f64,
    /// Kish's design effect: `n/n_eff`.
    pub deff: f64,
    /// The largest difference of a margin to its target, as a share of the sample (0 to 1).
    pub gap: f64,
    /// What was merged, dropped and loosened on the way.
    pub steps: Vec<Step>,
    /// Every margin of the targets, weighted by or not.
    pub groupings: Vec<Grouping>,
    cells: Cells,
    by_cell: Vec<f64>,
}

/// Weighs a sample of `n` people: bounded raking, and where the margins cannot be met within the bounds
/// the ladder: 6, 8, the smallest group merged, the margins with the largest deficit dropped.
///
/// # Errors
/// A sample of nobody, and people in a category that nobody of the population is in.
///
/// # Panics
/// Where a column has more or fewer than `n` people.
pub fn weigh(columns: &[Column], n: usize, cap: Cap) -> Result<Weights, Fault> {
    assert!(columns.iter().all(|column| column.codes.len() == n), "a column for all people");
    let mut frame = Frame::settle(columns, n)?;
    let (low, mut high) = match cap {
        Cap::At(high) => (WEIGHT_MIN, high),
        Cap::None => (0.0, f64::INFINITY),
    };
    let mut collapsed = false;
    loop {
        let raked: Vec<usize> =
            (0..frame.parts.len()).filter(|at| frame.parts[*at].is_raked).collect();
        let classes: Vec<Vec<usize>> = raked.iter().map(|at| frame.parts[*at].classes()).collect();
        let targets: Vec<Vec<f64>> = raked.iter().map(|at| frame.parts[*at].targets()).collect();
        let cells = Cells::of(&classes, n);
        let problem = Problem { cells: &cells, targets: &targets, low, high };
        match problem.solve() {
            Outcome::Found { weights, gap } => {
                return Ok(Weights::of(frame, cells, weights, (low, high), gap));
            }
            Outcome::Missed { deficits, is_proven } => {
                let next = CAPS_BEYOND.into_iter().find(|next| *next > high);
                if let Some(to) = next {
                    frame.steps.push(Step::Cap { from: high, to, is_proven });
                    high = to;
                } else if !collapsed && frame.collapse_smallest() {
                    collapsed = true;
                } else {
                    let worst =
                        (0..raked.len()).max_by(|a, b| deficits[*a].total_cmp(&deficits[*b]));
                    let worst = worst.expect("without a margin every weight is 1");
                    frame.give_up(raked[worst], deficits[worst]);
                }
            }
        }
    }
}

/// Kish's effective number of people with these weights.
pub fn kish(weights: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, squares) = weights
        .into_iter()
        .fold((0.0, 0.0), |(sum, squares), weight| (sum + weight, squares + weight * weight));
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

impl Weights {
    /// Everybody counts the same: a survey without targets.
    pub fn even(n: usize) -> Weights {
        let frame = Frame { n, parts: Vec::new(), steps: Vec::new() };
        let cells = Cells::of(&[], n);
        let ones = vec![1.0; cells.people.len()];
        Weights::of(frame, cells, ones, (1.0, 1.0), 0.0)
    }

    fn of(
        frame: Frame,
        cells: Cells,
        by_cell: Vec<f64>,
        (low, high): (f64, f64),
        gap: f64,
    ) -> Weights {
        let w: Vec<f64> = cells.of.iter().map(|cell| by_cell[*cell]).collect();
        let n_eff = kish(w.iter().copied());
        Weights {
            low,
            high,
            g_min: w.iter().copied().fold(f64::INFINITY, f64::min),
            g_max: w.iter().copied().fold(0.0, f64::max),
            n: frame.n,
            n_eff,
            deff: frame.n as f64 / n_eff,
            gap,
            groupings: frame.parts.iter().map(Grouping::of).collect(),
            steps: frame.steps,
            w,
            cells,
            by_cell,
        }
    }

    /// Whether weights differ at all.
    pub fn is_even(&self) -> bool {
        self.by_cell.iter().all(|weight| *weight == 1.0)
    }

    /// The classes of each margin that is weighted by, by person.
    pub fn classes(&self) -> impl Iterator<Item = &[usize]> {
        self.groupings.iter().filter(|it| it.is_raked).map(|it| it.classes.as_slice())
    }

    /// The cell of a person: those who share all classes, and so their weight.
    pub fn cell(&self, person: usize) -> usize {
        self.cells.of[person]
    }

    /// People and weight of each cell.
    pub(super) fn cells(&self) -> (&Cells, &[f64]) {
        (&self.cells, &self.by_cell)
    }
}

impl Grouping {
    fn of(part: &Part) -> Grouping {
        Grouping {
            variable: part.variable().to_owned(),
            groups: part.names(),
            classes: part.classes(),
            targets: part.targets(),
            is_raked: part.is_raked,
        }
    }
}
