//! Who of those that may be invited is: at random ([`at_random`]), or so that the answers to expect come
//! closest to the population ([`balanced`]).
//!
//! Both draw from the same list: who is held by a cap is not in it, whatever the balance would gain.
//!
//! The balanced draw, over cells (all that have the same background, who are one as good as another):
//! 1. **Chances.** Each cell gets one chance between 0 and 1, found by raking (W. E. Deming and
//!    F. F. Stephan, 1940; with bounds as in J.-C. Deville and C.-E. Särndal, JASA 87, 1992): its weight
//!    is multiplied, margin by margin, until the expected *answers* (members × chance × response rate)
//!    have the population's shares; the chance is the weight, at most 1. Whoever is in a group that
//!    is scarce, or seldom answers, is asked more often, and nobody is certain to be left out.
//! 2. **Numbers.** The chances become whole numbers by one systematic draw along the cells with a random
//!    start (W. G. Madow, 1949): each cell gets its expectation, rounded up or down, and the size is
//!    exact.
//! 3. **Exchanges.** Rounding, and targets that cannot be met (a panel without enough of the young), leave
//!    gaps. One member more of the cell that mends most for one less of the cell that mends least, as long
//!    as Σ (share − target)² over all margins falls. That is Frank and Wolfe's method (1956) by pairs, on
//!    whole numbers.
//! 4. **Members.** Within a cell it is chance alone.
//!
//! Not the cube method (J.-C. Deville and Y. Tillé, Biometrika 91, 2004), which balances single members
//! with continuous fields: all fields here are categories, and members of a cell cannot be told apart.

use std::collections::HashMap;

use super::rates::Rates;
use crate::response::record::Background;
use crate::response::targets::{Margin, Targets, Variable};

/// Chances that can be met are met to a thousandth of a percent long before.
const SWEEPS: usize = 200;

/// Each exchange looks at every cell once; most draws need fewer than a hundred.
const EXCHANGES_MAX: usize = 3000;

/// A weight does not run away where a target cannot be met.
const WEIGHT_MAX: f64 = 1e6;

/// `size` of `count` places, each as likely as the others, in ascending order; all where there are no
/// more.
pub fn at_random(count: usize, size: usize, rng: &mut fastrand::Rng) -> Vec<usize> {
    let mut chosen = some_of((0..count).collect(), size, rng);
    chosen.sort_unstable();
    chosen
}

/// `size` of those with these backgrounds, by their places, in ascending order: such that the answers
/// to expect by `rates` come closest to `targets`. All where there are no more.
pub fn balanced(
    backgrounds: &[&Background],
    rates: &Rates,
    targets: &Targets,
    size: usize,
    rng: &mut fastrand::Rng,
) -> Vec<usize> {
    if size >= backgrounds.len() {
        return (0..backgrounds.len()).collect();
    }
    let cells = cells(backgrounds, rates, targets);
    let margins: Vec<&Margin> = margins(targets).into_iter().map(|(_, margin)| margin).collect();
    let mut draw = Draw { cells, shares: margins.iter().map(|margin| shares(margin)).collect() };
    draw.rake(size as f64);
    draw.round(size, rng.f64());
    draw.exchange();
    let chosen = draw.cells.into_iter().flat_map(|cell| some_of(cell.members, cell.drawn, rng));
    let mut chosen: Vec<usize> = chosen.collect();
    chosen.sort_unstable();
    chosen
}

/// `size` of these, at random, in no order.
fn some_of(mut list: Vec<usize>, size: usize, rng: &mut fastrand::Rng) -> Vec<usize> {
    let size = size.min(list.len());
    for at in 0..size {
        let other = rng.usize(at..list.len());
        list.swap(at, other);
    }
    list.truncate(size);
    list
}

fn margins(targets: &Targets) -> Vec<(Variable, &Margin)> {
    let margins = Variable::ALL.into_iter();
    margins.filter_map(|variable| Some((variable, targets.margin(variable)?))).collect()
}

fn shares(margin: &Margin) -> Vec<f64> {
    (0..margin.categories.len()).map(|place| margin.share(place)).collect()
}

/// All that have the same background.
struct Cell {
    members: Vec<usize>,
    /// How likely one of them answers.
    rate: f64,
    /// For each margin, the place of their category; none where the population has no such.
    places: Vec<Option<usize>>,
    weight: f64,
    drawn: usize,
}

impl Cell {
    /// How likely each of them is drawn.
    fn chance(&self) -> f64 {
        self.weight.min(1.0)
    }

    fn expected_drawn(&self) -> f64 {
        self.chance() * self.members.len() as f64
    }
}

/// In an order that is the backgrounds' own, so that a seed gives one draw.
fn cells(backgrounds: &[&Background], rates: &Rates, targets: &Targets) -> Vec<Cell> {
    let mut by_background: HashMap<&Background, Vec<usize>> = HashMap::new();
    for (at, background) in backgrounds.iter().enumerate() {
        by_background.entry(background).or_default().push(at);
    }
    let mut cells: Vec<(&Background, Vec<usize>)> = by_background.into_iter().collect();
    cells.sort_unstable_by_key(|(background, _)| *background);
    let margins = margins(targets);
    let cell = |(background, members): (&Background, Vec<usize>)| {
        let place = |(variable, margin): &(Variable, &Margin)| {
            variable.of(background).and_then(|id| margin.place(id))
        };
        let places = margins.iter().map(place).collect();
        Cell { members, rate: rates.rate(background), places, weight: 1.0, drawn: 0 }
    };
    cells.into_iter().map(cell).collect()
}

struct Draw {
    cells: Vec<Cell>,
    /// The population's shares: of each margin, of each category.
    shares: Vec<Vec<f64>>,
}

impl Draw {
    /// The answers to expect by category of a margin, where each cell sends `invited(cell)`.
    fn answers(&self, margin: usize, invited: &dyn Fn(&Cell) -> f64) -> Vec<f64> {
        let mut answers = vec![0.0; self.shares[margin].len()];
        for cell in &self.cells {
            if let Some(place) = cell.places[margin] {
                answers[place] += invited(cell) * cell.rate;
            }
        }
        answers
    }

    /// Step 1.
    fn rake(&mut self, size: f64) {
        self.scale(size);
        for _ in 0..SWEEPS {
            let mut largest = 0.0_f64;
            for margin in 0..self.shares.len() {
                largest = largest.max(self.rake_margin(margin));
            }
            self.scale(size);
            if largest < 1e-6 {
                break;
            }
        }
    }

    /// Brings a margin's expected answers to its shares; what comes back is the largest gap there was.
    fn rake_margin(&mut self, margin: usize) -> f64 {
        let answers = self.answers(margin, &Cell::expected_drawn);
        let all: f64 = answers.iter().sum();
        let shares = &self.shares[margin];
        let factors: Vec<f64> = answers
            .iter()
            .zip(shares)
            .map(|(answers, share)| if *answers > 0.0 { share * all / answers } else { 1.0 })
            .collect();
        for cell in &mut self.cells {
            if let Some(place) = cell.places[margin] {
                cell.weight = (cell.weight * factors[place]).min(WEIGHT_MAX);
            }
        }
        let gaps = answers.iter().zip(shares).map(|(answers, share)| (answers / all - share).abs());
        gaps.fold(0.0, f64::max)
    }

    /// One factor for all weights, with which `size` are expected to be drawn.
    fn scale(&mut self, size: f64) {
        let drawn = |factor: f64, cells: &[Cell]| -> f64 {
            cells
                .iter()
                .map(|cell| (cell.weight * factor).min(1.0) * cell.members.len() as f64)
                .sum()
        };
        let (mut low, mut high) = (0.0, 1.0);
        while drawn(high, &self.cells) < size && high < 1e300 {
            (low, high) = (high, high * 4.0);
        }
        // As exact as the numbers are.
        for _ in 0..80 {
            let middle = 0.5 * (low + high);
            if drawn(middle, &self.cells) < size { low = middle } else { high = middle }
        }
        for cell in &mut self.cells {
            cell.weight *= high;
        }
    }

    /// Step 2: one point in each unit of the line on which the cells lie end to end.
    fn round(&mut self, size: usize, start: f64) {
        let (mut line, mut points) = (start, 0);
        for cell in &mut self.cells {
            line += cell.expected_drawn();
            let passed = (line.floor() as usize).min(size);
            cell.drawn = (passed - points).min(cell.members.len());
            points += cell.drawn;
        }
        // A point that the sum of many small numbers missed by a hair.
        let mut missing = size - points;
        for cell in &mut self.cells {
            let more = missing.min(cell.members.len() - cell.drawn);
            cell.drawn += more;
            missing -= more;
        }
    }

    /// Step 3.
    fn exchange(&mut self) {
        let mut gap = self.gap();
        for _ in 0..EXCHANGES_MAX {
            let Some((from, to)) = self.best_exchange() else { return };
            let most = self.cells[from].drawn;
            let most = most.min(self.cells[to].members.len() - self.cells[to].drawn);
            let Some(after) = self.try_exchange(from, to, most, gap) else { return };
            gap = after;
        }
    }

    /// Moves as many as the gap falls by, of `most` by halves; what is left of the gap.
    fn try_exchange(&mut self, from: usize, to: usize, most: usize, gap: f64) -> Option<f64> {
        let mut number = most;
        while number > 0 {
            self.cells[from].drawn -= number;
            self.cells[to].drawn += number;
            let after = self.gap();
            if after < gap - 1e-12 {
                return Some(after);
            }
            self.cells[from].drawn += number;
            self.cells[to].drawn -= number;
            number /= 2;
        }
        None
    }

    /// Σ (share − target)² over all categories of all margins.
    fn gap(&self) -> f64 {
        let of_margin = |margin: usize| -> f64 {
            let (shares, _) = self.expected_shares(margin);
            let gaps = shares.iter().zip(&self.shares[margin]).map(|(own, goal)| own - goal);
            gaps.map(|gap| gap * gap).sum()
        };
        (0..self.shares.len()).map(of_margin).sum()
    }

    /// The shares of the answers to expect from those drawn, and how many there are.
    fn expected_shares(&self, margin: usize) -> (Vec<f64>, f64) {
        let answers = self.answers(margin, &|cell| cell.drawn as f64);
        let all: f64 = answers.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        (answers.into_iter().map(|answers| answers / all).collect(), all)
    }

    /// The cell that one less mends most, and the one that one more does: by the slope of the gap.
    fn best_exchange(&self) -> Option<(usize, usize)> {
        let slopes: Vec<Vec<f64>> =
            (0..self.shares.len()).map(|margin| self.slopes(margin)).collect();
        let slope = |cell: &Cell| -> f64 {
            let placed = cell.places.iter().zip(&slopes);
            cell.rate * placed.filter_map(|(place, slopes)| Some(slopes[(*place)?])).sum::<f64>()
        };
        let by_slope = |one: &(usize, f64), other: &(usize, f64)| one.1.total_cmp(&other.1);
        let those = |fits: fn(&Cell) -> bool| {
            let cells = self.cells.iter().enumerate().filter(move |(_, cell)| fits(cell));
            cells.map(|(at, cell)| (at, slope(cell)))
        };
        let from = those(|cell| cell.drawn > 0).max_by(by_slope);
        let to = those(|cell| cell.drawn < cell.members.len()).min_by(by_slope);
        let ((from, most), (to, least)) = from.zip(to)?;
        (from != to && most > least).then_some((from, to))
    }

    /// By how much a margin's gap grows with each answer more, by category.
    fn slopes(&self, margin: usize) -> Vec<f64> {
        let (shares, all) = self.expected_shares(margin);
        let goal = &self.shares[margin];
        let mean: f64 = shares.iter().zip(goal).map(|(own, goal)| (own - goal) * own).sum();
        let slope = |(own, goal): (&f64, &f64)| 2.0 / all * ((own - goal) - mean);
        shares.iter().zip(goal).map(slope).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::composition::Composition;
    use super::super::rates::Count;
    use super::super::sample;
    use super::super::synthetic::{Person, Town};
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    /// A made-up panel, and rates from a survey that half of it was asked once.
    struct Panel {
        people: Vec<Person>,
        backgrounds: Vec<Background>,
        rates: Rates,
    }

    fn panel(size: usize, seed: u64) -> Panel {
        let day = date(2026, 1, 1);
        let mut town = Town::of(&sample::targets(), day, seed).expect("four margins");
        let people: Vec<Person> = (0..size).map(|_| town.joins("kbh", day)).collect();
        let backgrounds: Vec<Background> =
            people.iter().map(|one| one.member.background(day, town.age_groups())).collect();
        let mut rng = fastrand::Rng::with_seed(seed);
        let asked = people.iter().zip(&backgrounds).step_by(2);
        let counts: Vec<Count> = asked
            .map(|(person, background)| Count {
                background: background.clone(),
                invited: 1,
                answered: u32::from(answers(person, &mut rng)),
            })
            .collect();
        Panel { people, backgrounds, rates: Rates::of(&counts) }
    }

    fn answers(person: &Person, rng: &mut fastrand::Rng) -> bool {
        rng.f64() < 1.0 / (1.0 + (-person.willing).exp())
    }

    impl Panel {
        fn balanced(&self, size: usize, rng: &mut fastrand::Rng) -> Vec<usize> {
            let backgrounds: Vec<&Background> = self.backgrounds.iter().collect();
            balanced(&backgrounds, &self.rates, &sample::targets(), size, rng)
        }

        /// The largest gap to the population of the answers to expect, and of answers.
        fn gaps(&self, drawn: &[usize], rng: &mut fastrand::Rng) -> [f64; 2] {
            let who = |at: &usize| &self.backgrounds[*at];
            let expected = drawn.iter().map(|at| (who(at), self.rates.rate(who(at))));
            let answered = drawn.iter().filter(|at| answers(&self.people[**at], rng));
            let answered: Vec<_> = answered.map(|at| (who(at), 1.0)).collect();
            let targets = sample::targets();
            [Composition::of(expected, &targets), Composition::of(answered, &targets)]
                .map(|composition| composition.largest_gap())
        }
    }

    #[test]
    fn the_largest_gap_to_the_population_halves() {
        for seed in 1..=8 {
            let panel = panel(8000, seed);
            let mut rng = fastrand::Rng::with_seed(seed);
            for size in [1000, 2000] {
                let plain = at_random(panel.people.len(), size, &mut rng);
                let even = panel.balanced(size, &mut rng);
                assert_eq!((plain.len(), even.len()), (size, size));
                let [plain_expected, plain_actual] = panel.gaps(&plain, &mut rng);
                let [expected, actual] = panel.gaps(&even, &mut rng);
                let told = format!(
                    "seed {seed}, {size}: {expected} for {plain_expected}, {actual} for {plain_actual}"
                );
                assert!(expected < 0.05 * plain_expected, "{told}");
                assert!(actual < 0.5 * plain_actual, "{told}");
            }
        }
    }

    #[test]
    fn targets_that_cannot_be_met_are_come_near_to() {
        // A third of a panel in which the young are far fewer than the answers would need.
        let panel = panel(3000, 5);
        let mut rng = fastrand::Rng::with_seed(5);
        let mut sum = [0.0; 2];
        for _ in 0..5 {
            let plain = at_random(3000, 2000, &mut rng);
            let even = panel.balanced(2000, &mut rng);
            sum[0] += panel.gaps(&plain, &mut rng)[0];
            sum[1] += panel.gaps(&even, &mut rng)[0];
        }
        assert!(sum[1] < 0.6 * sum[0], "{sum:?}");
    }

    #[test]
    fn whoever_may_be_invited_may_be_drawn() {
        let panel = panel(1500, 3);
        let mut times = vec![0u32; 1500];
        for seed in 0..400 {
            let drawn = panel.balanced(300, &mut fastrand::Rng::with_seed(seed));
            drawn.into_iter().for_each(|at| times[at] += 1);
        }
        // With a chance of 0.02 one in 3000 is missed by 400 draws.
        let never = times.iter().filter(|times| **times == 0).count();
        assert!(never <= 30, "{never} of 1500");
    }

    #[test]
    fn without_targets_or_people_it_is_chance() {
        let targets = Targets::read_any("gender,population\nfemale,1\n").expect("targets");
        let blank = Background::default();
        let mut rng = fastrand::Rng::with_seed(1);
        let drawn = balanced(&[&blank; 10], &Rates::default(), &targets, 3, &mut rng);
        assert_eq!(drawn.len(), 3);
        assert_eq!(balanced(&[], &Rates::default(), &targets, 3, &mut rng), [0usize; 0]);
        assert_eq!(at_random(2, 3, &mut rng), [0, 1]);
    }

    #[test]
    fn a_hundred_thousand_are_drawn_from() {
        let panel = panel(100_000, 1);
        let drawn = panel.balanced(3000, &mut fastrand::Rng::with_seed(1));
        let [expected, _] = panel.gaps(&drawn, &mut fastrand::Rng::with_seed(1));
        assert!(drawn.len() == 3000 && expected < 0.002, "{expected}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn a_draw_has_its_size_and_nobody_twice(count in 0..300usize, size in 0..320usize, seed: u64) {
            let panel = panel(count, seed);
            let mut rng = fastrand::Rng::with_seed(seed);
            for drawn in [panel.balanced(size, &mut rng), at_random(count, size, &mut rng)] {
                prop_assert_eq!(drawn.len(), size.min(count));
                prop_assert!(drawn.windows(2).all(|two| two[0] < two[1]));
                prop_assert!(drawn.iter().all(|at| *at < count));
            }
            let again = |seed| panel.balanced(size, &mut fastrand::Rng::with_seed(seed));
            prop_assert_eq!(again(seed), again(seed));
        }
    }
}
