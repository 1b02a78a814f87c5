//! The variance of an estimate with raked weights, linearised.
//!
//! J.-C. Deville and C.-E. Särndal (JASA 87, 1992): what the margins explain of a linearised value is no
//! longer left to chance, since the weights meet them. The rest is what remains after its means over the
//! classes of each margin are taken away in turn, as R's `survey` does after `rake`. Everybody in a
//! cell shares weight and classes, so sums over cells are all that it takes.

use super::weights::Weights;

/// How often the classes' means are taken away.
const SWEEPS: usize = 10;

/// Σu, Σu² of a cell, where `u = z/w` is 0 outside the domain.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    pub u: f64,
    pub uu: f64,
}

/// `n/(n−1)·Σ(z−z̄)²` over the whole sample, as if weights were given.
pub(super) fn fixed(sums: &[Sums], weights: &Weights) -> f64 {
    variance(sums, &vec![0.0; sums.len()], weights)
}

/// The same of what the margins do not explain.
pub(super) fn calibrated(sums: &[Sums], weights: &Weights) -> f64 {
    variance(sums, &explained(sums, weights), weights)
}

/// By cell, what is taken away from each `u`. Means over classes are unweighted, and over the sample.
fn explained(sums: &[Sums], weights: &Weights) -> Vec<f64> {
    let (cells, _) = weights.cells();
    let mut explained = vec![0.0; sums.len()];
    let sizes: Vec<usize> =
        weights.groupings.iter().filter(|it| it.is_raked).map(|it| it.targets.len()).collect();
    let people = sizes.iter().enumerate();
    let people: Vec<Vec<f64>> =
        people.map(|(margin, size)| cells.sums(margin, *size, |cell| cells.people[cell])).collect();
    let mut means: Vec<f64> = Vec::new();
    for _ in 0..SWEEPS {
        for (codes, people) in cells.codes.iter().zip(&people) {
            means.clear();
            means.resize(people.len(), 0.0);
            let rests = sums.iter().zip(&cells.people).zip(&explained);
            for (code, ((sums, people), taken)) in codes.iter().zip(rests) {
                means[*code] += sums.u - people * taken;
            }
            means.iter_mut().zip(people).for_each(|(mean, people)| *mean /= people);
            for (taken, code) in explained.iter_mut().zip(codes) {
                *taken += means[*code];
            }
        }
    }
    explained
}

fn variance(sums: &[Sums], explained: &[f64], weights: &Weights) -> f64 {
    let (cells, by_cell) = weights.cells();
    let (mut squares, mut sum) = (0.0, 0.0);
    for (cell, Sums { u, uu }) in sums.iter().enumerate() {
        let (people, weight, taken) = (cells.people[cell], by_cell[cell], explained[cell]);
        squares += weight * weight * (uu - 2.0 * taken * u + people * taken * taken);
        sum += weight * (u - people * taken);
    }
    let n = weights.n as f64;
    (n / (n - 1.0) * (squares - sum * sum / n)).max(0.0)
}
