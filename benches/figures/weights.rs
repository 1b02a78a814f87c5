//! Weights for 50,000 respondents, and one share with its error. The floor is an exponential for each of
//! them: what plain weighting class by class cannot do without.

use std::hint::black_box;
use std::time::{Duration, Instant};

use borgerpanel::response::targets::{Category, Margin};
use borgerpanel::results::estimate;
use borgerpanel::results::frame::Column;
use borgerpanel::results::weights::{Cap, weigh};

const TIMES: usize = 21;

const PEOPLE: usize = 50_000;

pub fn run() {
    let margins = margins();
    let mut rng = fastrand::Rng::with_seed(8);
    let columns: Vec<Column> = margins.iter().map(|margin| column(margin, &mut rng)).collect();
    let weights = weigh(&columns, PEOPLE, Cap::default()).expect("weights");
    let timed = |cap: Cap| median(|| drop(black_box(weigh(&columns, PEOPLE, cap))));
    let (raking, infeasible) = (timed(Cap::default()), timed(Cap::At(1.7)));
    let yes: Vec<f64> = (0..PEOPLE).map(|_| f64::from(rng.u8(0..2))).collect();
    let all = vec![true; PEOPLE];
    let share = median(|| {
        black_box(estimate::share(&yes, &all, &weights));
    });
    let floor = median(|| {
        black_box(weights.w.iter().map(|weight| weight.ln().exp()).sum::<f64>());
    });
    let ratio = |of: Duration| of.as_secs_f64() / floor.as_secs_f64();
    println!("weights for {PEOPLE} respondents by 4 margins, median of {TIMES}");
    println!(
        "  bounded raking           {raking:>10.2?}  ratio to the floor {:>7.1}",
        ratio(raking)
    );
    println!("  the same after a proof that a cap of 1.7 is too low {infeasible:.2?}");
    println!("  a share and its error    {share:>10.2?}  ratio to the floor {:>7.1}", ratio(share));
    println!("  floor: ln and exp a head {floor:>10.2?}");
    println!("  weights {:.2} to {:.2}, gap {:.0e}\n", weights.g_min, weights.g_max, weights.gap);
}

/// As many groups as districts, genders, ages and educations.
fn margins() -> Vec<Margin> {
    let margin = |(variable, groups): (&str, usize)| {
        let category = |at: usize| Category {
            id: format!("{variable}-{at}"),
            population: (1000 + 700 * (at * 7 % groups)) as f64,
            merge_with: None,
        };
        Margin { variable: variable.to_owned(), categories: (0..groups).map(category).collect() }
    };
    [("district", 10), ("gender", 2), ("age", 6), ("education", 8)].map(margin).into()
}

/// A sample that has too many of some groups, and 2 % unknown.
fn column<'a>(margin: &'a Margin, rng: &mut fastrand::Rng) -> Column<'a> {
    let bias: Vec<f64> =
        margin.categories.iter().map(|it| it.population * (0.4 + 1.2 * rng.f64())).collect();
    let total: f64 = bias.iter().sum();
    let mut person = || {
        let mut rest = rng.f64() * total;
        let found = bias.iter().position(|share| {
            rest -= share;
            rest < 0.0
        });
        (rng.f64() >= 0.02).then_some(found.unwrap_or(0))
    };
    Column { margin, codes: (0..PEOPLE).map(|_| person()).collect() }
}

fn median(mut act: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let begun = Instant::now();
            act();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[TIMES / 2]
}
