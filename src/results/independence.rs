//! Whether answers differ at all between the groups of a variable: Rao and Scott's test.
//!
//! J. N. K. Rao and A. J. Scott, "On chi-squared tests for multiway contingency tables with cell proportions
//! estimated from survey data", Annals of Statistics 12, 1984, with Satterthwaite's correction and the F
//! distribution, as R's `svychisq(statistic = "F")` has it; weights are taken as given.

use super::interval::beta_below;

/// The test's result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RaoScott {
    pub f: f64,
    /// Degrees of freedom above and below; neither is a whole number.
    pub ndf: f64,
    pub ddf: f64,
    /// How often chance alone would show as much, 0 to 1.
    pub p: f64,
    /// People with both an answer and a group.
    pub n: usize,
}

/// What one cell of the table holds: Σw and Σw².
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    w: f64,
    ww: f64,
}

/// The weighted table of answers by groups.
struct Crossed {
    cells: Vec<Cell>,
    rows: usize,
    columns: usize,
    n: usize,
}

/// Tests answers against groups; both are by person, and those who lack one are left out. None where all
/// answered alike, are in one group, or there are too few to say.
pub fn rao_scott(
    answers: &[Option<usize>],
    groups: &[Option<usize>],
    w: &[f64],
) -> Option<RaoScott> {
    let table = Crossed::of(answers, groups, w)?;
    let total: f64 = table.cells.iter().map(|cell| cell.w).sum();
    let shares: Vec<f64> = table.cells.iter().map(|cell| cell.w / total).collect();
    let n = table.n as f64;
    // (denominator, numerator) of the design effects, in the basis of the interactions.
    let contrasts = table.contrasts();
    let over = |at: usize| if shares[at] > 0.0 { 1.0 / shares[at] } else { 0.0 };
    let variance = table.variance(&shares, total);
    let size = contrasts.len();
    let (mut denominator, mut numerator) =
        (vec![vec![0.0; size]; size], vec![vec![0.0; size]; size]);
    for (a, one) in contrasts.iter().enumerate() {
        for (b, other) in contrasts.iter().enumerate() {
            for (k, sign) in one {
                for (l, other_sign) in other {
                    let signs = sign * other_sign;
                    numerator[a][b] += signs * over(*k) * variance(*k, *l) * over(*l);
                    if k == l {
                        denominator[a][b] += signs * over(*k) / n;
                    }
                }
            }
        }
    }
    let effects = solved(denominator, numerator)?;
    let trace: f64 = (0..size).map(|at| effects[at][at]).sum();
    let of_square = (0..size).flat_map(|a| (0..size).map(move |b| (a, b)));
    let of_square: f64 = of_square.map(|(a, b)| effects[a][b] * effects[b][a]).sum();
    let f = n * table.distance(&shares) / trace;
    let ndf = trace * trace / of_square;
    let ddf = ndf * (n - 1.0);
    let p = beta_below(ddf / (ddf + ndf * f), ddf / 2.0, ndf / 2.0);
    [f, ndf, p].iter().all(|it| it.is_finite()).then_some(RaoScott { f, ndf, ddf, p, n: table.n })
}

impl Crossed {
    /// Answers and groups that nobody has are no rows and columns.
    fn of(answers: &[Option<usize>], groups: &[Option<usize>], w: &[f64]) -> Option<Crossed> {
        let people = answers.iter().zip(groups).zip(w);
        let people = people.filter_map(|((answer, group), w)| Some((((*answer)?, (*group)?), *w)));
        let people: Vec<((usize, usize), f64)> = people.filter(|(_, w)| *w > 0.0).collect();
        let places = |of: fn(&(usize, usize)) -> usize| {
            let mut found: Vec<usize> = people.iter().map(|(at, _)| of(at)).collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        let (rows, columns) = (places(|at| at.0), places(|at| at.1));
        let mut cells = vec![Cell::default(); rows.len() * columns.len()];
        for ((answer, group), w) in &people {
            let row = rows.binary_search(answer).ok()?;
            let cell = &mut cells[row * columns.len() + columns.binary_search(group).ok()?];
            cell.w += w;
            cell.ww += w * w;
        }
        let (rows, columns, n) = (rows.len(), columns.len(), people.len());
        (rows > 1 && columns > 1 && n > 1).then_some(Crossed { cells, rows, columns, n })
    }

    /// A basis of what is neither an effect of the answer nor of the group: a cell and the last one minus
    /// those that share a row with the one and a column with the other.
    fn contrasts(&self) -> Vec<[(usize, f64); 4]> {
        let at = |row: usize, column: usize| row * self.columns + column;
        let (last, end) = (self.rows - 1, self.columns - 1);
        let contrast = |row: usize, column: usize| {
            let signs = [1.0, -1.0, -1.0, 1.0];
            let cells = [at(row, column), at(row, end), at(last, column), at(last, end)];
            [0, 1, 2, 3].map(|it| (cells[it], signs[it]))
        };
        (0..last).flat_map(|row| (0..end).map(move |column| contrast(row, column))).collect()
    }

    /// The covariance of two cells' shares.
    fn variance<'a>(&'a self, shares: &'a [f64], total: f64) -> impl Fn(usize, usize) -> f64 + 'a {
        let n = self.n as f64;
        let all: f64 = self.cells.iter().map(|cell| cell.ww).sum();
        let factor = n / (n - 1.0) / (total * total);
        move |k, l| {
            let (ww_k, ww_l) = (self.cells[k].ww, self.cells[l].ww);
            let own = if k == l { ww_k } else { 0.0 };
            factor * (own - shares[l] * ww_k - shares[k] * ww_l + shares[k] * shares[l] * all)
        }
    }

    /// Pearson's chi-squared of shares: the distance from independence, a person.
    fn distance(&self, shares: &[f64]) -> f64 {
        let (mut rows, mut columns) = (vec![0.0; self.rows], vec![0.0; self.columns]);
        for (at, share) in shares.iter().enumerate() {
            rows[at / self.columns] += share;
            columns[at % self.columns] += share;
        }
        let expected = |at: usize| rows[at / self.columns] * columns[at % self.columns];
        let apart = shares.iter().enumerate();
        apart.map(|(at, share)| (share - expected(at)).powi(2) / expected(at)).sum()
    }
}

/// `a⁻¹·b` by Gauss's elimination; `a` is symmetric and positive. None where it is singular.
fn solved(mut a: Vec<Vec<f64>>, mut b: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let size = a.len();
    for at in 0..size {
        let pivot = a[at][at];
        if pivot.abs() < 1e-12 * a[0][0].abs().max(f64::MIN_POSITIVE) {
            return None;
        }
        let (a_row, b_row): (Vec<f64>, Vec<f64>) = (
            a[at].iter().map(|it| it / pivot).collect(),
            b[at].iter().map(|it| it / pivot).collect(),
        );
        for row in (0..size).filter(|row| *row != at) {
            let factor = a[row][at];
            a[row].iter_mut().zip(&a_row).for_each(|(it, own)| *it -= factor * own);
            b[row].iter_mut().zip(&b_row).for_each(|(it, own)| *it -= factor * own);
        }
        (a[at], b[at]) = (a_row, b_row);
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of so many people each, in rows.
    fn test(table: &[&[usize]], w: f64) -> Option<RaoScott> {
        let cells = table.iter().enumerate().flat_map(|(row, counts)| {
            counts.iter().enumerate().map(move |(column, n)| (row, column, *n))
        });
        let people: Vec<(usize, usize)> =
            cells.flat_map(|(row, column, n)| std::iter::repeat_n((row, column), n)).collect();
        let answers: Vec<Option<usize>> = people.iter().map(|it| Some(it.0)).collect();
        let groups: Vec<Option<usize>> = people.iter().map(|it| Some(it.1)).collect();
        rao_scott(&answers, &groups, &vec![w; people.len()])
    }

    #[test]
    fn without_weights_it_is_nearly_pearsons() {
        // With 2 degrees of freedom the chance of more than χ² is exp(−χ²/2).
        let found = test(&[&[100, 120, 140], &[140, 120, 100]], 1.0).expect("a test");
        let pearson = 720.0 * 2.0 * (20.0_f64 / 720.0).powi(2) / (120.0 / 720.0) * 2.0;
        assert!((found.f * found.ndf / pearson - 1.0).abs() < 0.02, "{found:?} {pearson}");
        assert!((found.ndf - 2.0).abs() < 0.01 && found.n == 720);
        assert!((found.p - (-pearson / 2.0).exp()).abs() < 1e-3, "{found:?}");
        // The weights' scale does not matter.
        let scaled = test(&[&[100, 120, 140], &[140, 120, 100]], 7.0).expect("a test");
        assert!((scaled.f - found.f).abs() < 1e-9);
    }

    #[test]
    fn independence_is_no_difference_and_a_constant_no_test() {
        let found = test(&[&[30, 60], &[60, 120]], 1.0).expect("a test");
        assert!(found.f < 1e-12 && found.p > 0.999, "{found:?}");
        assert_eq!(test(&[&[30, 60]], 1.0), None);
        assert_eq!(test(&[&[30], &[60]], 1.0), None);
        assert_eq!(test(&[&[0, 9], &[0, 3]], 1.0), None);
        assert_eq!(rao_scott(&[Some(0), None], &[None, Some(1)], &[1.0, 1.0]), None);
    }
}
