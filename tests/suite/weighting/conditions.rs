//! Weights of made-up samples with other variables, other categories, neighbours, unknowns: against a
//! second solution that shares nothing with ours, and the proof of infeasibility against a linear program.

use std::collections::BTreeMap;

use borgerpanel::response::targets::{Category, Margin};
use borgerpanel::results::frame::Column;
use borgerpanel::results::step::{Dropped, Step};
use borgerpanel::results::weights::{Cap, Grouping, Weights, weigh};
use fastrand::Rng;
use microlp::{ComparisonOp, OptimizationDirection};

/// A population and a sample of it that is not like it.
struct Made {
    margins: Vec<Margin>,
    /// By margin, then by person; empty is unknown.
    given: Vec<Vec<String>>,
    n: usize,
}

fn made(rng: &mut Rng) -> Made {
    let n = rng.usize(150..900);
    let names = ["bolig", "sex", "indkomst", "sprog"];
    let (mut margins, mut given) = (Vec::new(), Vec::new());
    for variable in &names[..rng.usize(1..=4)] {
        let size = if *variable == "sex" { 2 } else { rng.usize(2..8) };
        let shares: Vec<f64> = (0..size).map(|_| rng.f64() + 0.05).collect();
        let bias: Vec<f64> = shares.iter().map(|share| share * (rng.f64() + 0.35)).collect();
        let category = |at: usize| Category {
            id: format!("{variable} {at}"),
            population: (shares[at] * 1e6).round(),
            merge_with: (rng.u8(0..4) == 0 && size > 2)
                .then(|| format!("{variable} {}", (at + rng.usize(1..size)) % size)),
        };
        let categories: Vec<Category> = (0..size).map(category).collect();
        let unknown = [0.0, 0.03, 0.25][rng.usize(0..20) % 8 % 3];
        let total: f64 = bias.iter().sum();
        let person = |_| {
            let mut rest = rng.f64() * total;
            let at = bias.iter().position(|share| {
                rest -= share;
                rest < 0.0
            });
            match rng.f64() < unknown {
                true => ["", "noget andet"][rng.usize(0..2)].to_owned(),
                false => categories[at.unwrap_or(0)].id.clone(),
            }
        };
        given.push((0..n).map(person).collect());
        margins.push(Margin { variable: (*variable).to_owned(), categories });
    }
    Made { margins, given, n }
}

impl Made {
    fn weigh(&self, cap: Cap) -> Weights {
        let columns =
            self.margins.iter().zip(&self.given).map(|(margin, given)| {
                Column::of(margin, given.iter().map(|it| Some(it.as_str())))
            });
        let columns: Vec<Column> = columns.collect();
        weigh(&columns, self.n, cap).expect("weights")
    }

    /// Classes by person and targets by class, worked out anew from the groups' names alone.
    fn asked(&self, grouping: &Grouping) -> (Vec<usize>, Vec<f64>) {
        let at = self.margins.iter().position(|it| it.variable == grouping.variable);
        let (margin, given) = (&self.margins[at.expect("a margin")], &self.given[at.unwrap()]);
        let groups = &grouping.groups;
        let class = |id: &String| groups.iter().position(|ids| ids.contains(id));
        let classes: Vec<usize> =
            given.iter().map(|id| class(id).unwrap_or(groups.len())).collect();
        let unknown = classes.iter().filter(|it| **it == groups.len()).count() as f64;
        let of = |ids: &Vec<String>| -> f64 {
            let own = margin.categories.iter().filter(|it| ids.contains(&it.id));
            own.map(|it| it.population).sum::<f64>() / margin.total() * (self.n as f64 - unknown)
        };
        (classes, groups.iter().map(of).chain([unknown]).collect())
    }
}

/// The dual by Newton's method with a line search, in all λ at once: rows are people.
fn newton(classes: &[Vec<usize>], targets: &[Vec<f64>], low: f64, high: f64) -> Option<Vec<f64>> {
    let offsets: Vec<usize> =
        targets.iter().scan(0, |at, it| Some(std::mem::replace(at, *at + it.len()))).collect();
    let size: usize = targets.iter().map(Vec::len).sum();
    let goal: Vec<f64> = targets.concat();
    let n = classes[0].len();
    let rows: Vec<Vec<usize>> = (0..n)
        .map(|person| classes.iter().zip(&offsets).map(|(it, at)| at + it[person]).collect())
        .collect();
    let eta = |lambda: &[f64], row: &[usize]| -> f64 { row.iter().map(|at| lambda[*at]).sum() };
    // ∫ clip(exp): what the dual takes away for a person.
    let taken = |eta: f64| {
        let (from, to) = (low.ln(), high.ln());
        let inner = eta.clamp(from, to);
        let inside = inner.exp() - low;
        low * (eta.min(from) - from) + inside + high * (eta.max(to) - to)
    };
    let dual = |lambda: &[f64]| -> f64 {
        let gain: f64 = lambda.iter().zip(&goal).map(|(lambda, goal)| lambda * goal).sum();
        gain - rows.iter().map(|row| taken(eta(lambda, row))).sum::<f64>()
    };
    let mut lambda = vec![0.0; size];
    for _ in 0..300 {
        let mut slope = goal.clone();
        let mut bend = vec![vec![0.0; size]; size];
        for row in &rows {
            let grown = eta(&lambda, row).exp();
            let weight = grown.clamp(low, high);
            for at in row {
                slope[*at] -= weight;
                for other in row.iter().filter(|_| grown == weight) {
                    bend[*at][*other] += weight;
                }
            }
        }
        if slope.iter().all(|it| it.abs() < 1e-9 * n as f64 / 100.0) {
            return Some(rows.iter().map(|row| eta(&lambda, row).exp().clamp(low, high)).collect());
        }
        (0..size).for_each(|at| bend[at][at] += 1e-7);
        let step = solve(bend, slope);
        let (here, mut reach) = (dual(&lambda), 1.0);
        loop {
            let next: Vec<f64> = lambda.iter().zip(&step).map(|(a, b)| a + reach * b).collect();
            if dual(&next) >= here - 1e-12 * here.abs() || reach < 1e-12 {
                lambda = next;
                break;
            }
            reach /= 2.0;
        }
    }
    None
}

/// Gauss, with the largest pivot.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let size = b.len();
    for at in 0..size {
        let pivot = (at..size).max_by(|x, y| a[*x][at].abs().total_cmp(&a[*y][at].abs()));
        a.swap(at, pivot.unwrap_or(at));
        b.swap(at, pivot.unwrap_or(at));
        let (above, rest) = a.split_at_mut(at + 1);
        for (row, b_row) in rest.iter_mut().zip(at + 1..) {
            let factor = row[at] / above[at][at];
            row.iter_mut().zip(&above[at]).for_each(|(it, pivot)| *it -= factor * pivot);
            b[b_row] -= factor * b[at];
        }
    }
    for at in (0..size).rev() {
        let known: f64 = (at + 1..size).map(|column| a[at][column] * b[column]).sum();
        b[at] = (b[at] - known) / a[at][at];
    }
    b
}

/// Whether any weights within the bounds meet the margins.
fn is_feasible(classes: &[Vec<usize>], targets: &[Vec<f64>], low: f64, high: f64) -> bool {
    let mut cells: BTreeMap<Vec<usize>, f64> = BTreeMap::new();
    for person in 0..classes[0].len() {
        *cells.entry(classes.iter().map(|it| it[person]).collect()).or_default() += 1.0;
    }
    let mut program = microlp::Problem::new(OptimizationDirection::Minimize);
    let variables: Vec<_> = cells
        .iter()
        .map(|(codes, people)| (codes, program.add_var(0.0, (low * people, high * people))))
        .collect();
    for (margin, targets) in targets.iter().enumerate() {
        for (class, target) in targets.iter().enumerate() {
            let own = variables.iter().filter(|(codes, _)| codes[margin] == class);
            let own: Vec<_> = own.map(|(_, variable)| (*variable, 1.0)).collect();
            if !own.is_empty() {
                program.add_constraint(own, ComparisonOp::Eq, *target);
            }
        }
    }
    match program.solve() {
        Ok(_) => true,
        Err(microlp::Error::Infeasible) => false,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn weights_are_the_solution_whatever_the_sample() {
    let mut rng = Rng::with_seed(20_261_127);
    let (mut clipped, mut merged, mut dropped, mut proven) = (0, 0, 0, 0);
    for round in 0..60 {
        let made = made(&mut rng);
        let cap = [Cap::At(5.0), Cap::At(1.6), Cap::At(2.2), Cap::None][round % 4];
        let found = made.weigh(cap);
        let raked: Vec<_> = found.groupings.iter().filter(|it| it.is_raked).collect();
        let (classes, targets): (Vec<_>, Vec<_>) =
            raked.iter().map(|grouping| made.asked(grouping)).unzip();
        for (grouping, classes) in raked.iter().zip(&classes) {
            assert_eq!(grouping.classes, *classes, "round {round}");
            let people = (0..grouping.groups.len()).map(|class| grouping.people(class));
            assert!(people.min().expect("groups") >= 30, "round {round}");
        }
        let sum: f64 = found.w.iter().sum();
        assert!((sum / made.n as f64 - 1.0).abs() < 1e-10, "round {round}");
        assert!(found.w.iter().all(|w| (found.low..=found.high).contains(w)), "round {round}");
        merged += found.steps.iter().filter(|it| matches!(it, Step::Merged { .. })).count();
        dropped += found.steps.iter().filter(|it| matches!(it, Step::Dropped { .. })).count();
        if raked.is_empty() {
            assert!(found.is_even(), "round {round}");
            continue;
        }
        let high = found.high.min(1e6);
        let known = newton(&classes, &targets, found.low.max(1e-9), high);
        let known = known.unwrap_or_else(|| panic!("round {round}: Newton's did not converge"));
        for (w, known) in found.w.iter().zip(&known) {
            assert!((w - known).abs() <= 1e-6, "round {round}: {w} is not {known}");
        }
        clipped += usize::from(found.g_max == found.high) + usize::from(found.g_min == found.low);
        let is_loosened = |step: &Step| matches!(step, Step::Cap { .. });
        if found.steps.iter().any(|step| step.is_forced() && !is_loosened(step)) {
            continue;
        }
        for step in &found.steps {
            if let Step::Cap { from, is_proven: true, .. } = step {
                assert!(!is_feasible(&classes, &targets, found.low, *from), "round {round}");
                proven += 1;
            }
        }
        assert!(is_feasible(&classes, &targets, found.low, high), "round {round}");
    }
    // The samples are such that all of it happens.
    assert!(
        clipped > 5 && merged > 10 && dropped > 5 && proven > 2,
        "{clipped} {merged} {dropped} {proven}"
    );
}

/// Margins that no weights can meet together are given up one by one, and it is said.
#[test]
fn a_sample_that_cannot_be_weighed_by_everything_goes_down_the_ladder() {
    let category =
        |id: &str, population: f64| Category { id: id.to_owned(), population, merge_with: None };
    let margin = |variable: &str, few: f64| Margin {
        variable: variable.to_owned(),
        categories: vec![category("many", 1000.0 - few), category("few", few)],
    };
    // All 40 who are few by one are few by the other, where 900 and 100 of 1000 are.
    let margins = vec![margin("bolig", 900.0), margin("sprog", 100.0)];
    let few = |at: usize| if at < 40 { "few" } else { "many" }.to_owned();
    let given = vec![(0..400).map(few).collect(), (0..400).map(few).collect()];
    let found = Made { margins, given, n: 400 }.weigh(Cap::At(5.0));
    let caps: Vec<f64> = found
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Cap { to, is_proven: true, .. } => Some(*to),
            _ => None,
        })
        .collect();
    assert_eq!(caps, [6.0, 8.0]);
    let Some(Step::Dropped { variable, why: Dropped::Unreachable { share } }) = found.steps.last()
    else {
        panic!("{:?}", found.steps)
    };
    assert!(variable == "bolig" && *share > 0.1, "{:?}", found.steps);
    assert!(found.gap <= 1e-10);
}
