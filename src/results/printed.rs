//! What is printed of an estimate: rounded, with an interval made of what is rounded already.
//!
//! The interval of an exact share would say more of it than its whole percent does: its two ends round at other
//! places, and 31.7 % of 300 people is 32 [26; 37] where 32.0 % is 32 [27; 38]. One percent would be three, and
//! one count of three. So the interval is that of the whole percent, for a number of people that is published
//! too, and whoever has the percent could have computed it, but for what weights cost.

use super::bounds::to_ten;
use super::estimate::{Estimate, told_by};
use super::figure::Value;
use super::interval::Interval;
use super::pattern::Shown;

/// Of whom a share is told: a group, or everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// Of the group.
    pub asked: u32,
    /// Of everybody, how many were asked, and answered.
    pub all_asked: u32,
    pub all_answered: u32,
    /// Behind a route it is known to tens how many were asked.
    pub is_routed: bool,
    pub is_weighted: bool,
}

impl Base {
    /// Of how many people, as it is published: where fewer than ten left the question open, of all of them, or an
    /// end that is rounded otherwise would tell that somebody did; where more did, to the nearest ten. How many of
    /// a group did is not published: it is taken to be as large a part as of everybody.
    fn people(self) -> u32 {
        let told = |people: u32| if self.is_routed { to_ten(people) } else { people };
        if self.all_asked - self.all_answered < 10 {
            return told(self.asked);
        }
        let part = u64::from(told(self.asked)) * u64::from(to_ten(self.all_answered));
        let people = part / u64::from(told(self.all_asked)).max(1);
        u32::try_from(people).unwrap_or(self.asked).clamp(1, self.asked.max(1))
    }
}

/// A share in whole percents, with Korn and Graubard's interval of that percent.
pub fn share(estimate: &Estimate, base: Base) -> Shown {
    let value = Value::of_share(estimate.value);
    let percent = (100.0 * estimate.value).round();
    let n = estimate.n as f64;
    let is_certain = percent <= 0.0 || percent >= 100.0;
    // Few people say 0 % as nobody does, and get the interval of nobody.
    let told = if is_certain { None } else { told_by(estimate.value, estimate.se) };
    let people = f64::from(base.people());
    let people = match (base.is_weighted, is_certain) {
        // As many as are drawn at random, less one for the mean.
        (false, false) => people - 1.0,
        (false, true) => people,
        (true, _) => people * effect(told.unwrap_or(estimate.n_eff).min(n) / n),
    };
    let Interval { low, high } = Interval::of_share(percent / 100.0, people);
    Shown { value, interval: Some((Value::of_share(low), Value::of_share(high))) }
}

/// What weights leave of the number of people, in hundredths.
fn effect(share: f64) -> f64 {
    ((share * 100.0).round() / 100.0).max(0.01)
}

/// A mean in tenths, with the interval of that many.
pub fn mean(estimate: &Estimate) -> Shown {
    let value = Value::of_mean(estimate.value);
    around(value, estimate, 0.1, Value::of_mean)
}

/// A mean of shares in whole percents, the same.
pub fn mean_share(estimate: &Estimate) -> Shown {
    let value = Value::of_share(estimate.value);
    around(value, estimate, 0.01, Value::of_share)
}

/// The mean of a scale of which every share is printed, where nobody is weighted: each choice that counts with what it
/// counts as and its whole percent. The exact error would tell how many answered, as the mean's tenth would if it had
/// a decimal more; so it is that of the percents.
pub fn mean_of_shares(estimate: &Estimate, shares: &[(f64, f64)], base: Base) -> Shown {
    let all: f64 = shares.iter().map(|(_, percent)| percent).sum();
    if all <= 0.0 {
        return Shown { value: Value::of_mean(estimate.value), interval: None };
    }
    let mean = shares.iter().map(|(number, percent)| number * percent).sum::<f64>() / all;
    let spread = shares.iter().map(|(number, percent)| percent * (number - mean).powi(2));
    let people = f64::from(base.people()) * (all / 100.0).min(1.0);
    by_spread(estimate, spread.sum::<f64>() / all, people)
}

/// The mean of points by place, the same, of its own tenth and of how many put it first, and among the best, in
/// percent. How the places after the first were shared out is not printed: they are taken to be as far apart as can be.
pub fn points(estimate: &Estimate, places: u32, first: f64, top: f64, base: Base) -> Shown {
    let Value::Tenths(tenths) = Value::of_mean(estimate.value) else {
        unreachable!("means are printed in tenths");
    };
    let (mean, most) = (tenths as f64 / 10.0, f64::from(places));
    let squares = most * mean - (most - 1.0) * (top - first) / 100.0;
    by_spread(estimate, (squares - mean * mean).max(0.0), f64::from(base.people()))
}

fn by_spread(estimate: &Estimate, spread: f64, people: f64) -> Shown {
    let Interval { low, high } =
        Interval::of_mean(estimate.value, (spread / (people - 1.0).max(1.0)).sqrt());
    mean(&Estimate { low, high, ..*estimate })
}

fn around(value: Value, estimate: &Estimate, unit: f64, print: impl Fn(f64) -> Value) -> Shown {
    let units = match value {
        Value::Percent(percent) => f64::from(percent),
        Value::Tenths(tenths) => tenths as f64,
    };
    let (middle, reach) = (units * unit, (estimate.high - estimate.low) / 2.0);
    Shown { value, interval: Some((print(middle - reach), print(middle + reach))) }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::super::estimate::{Kind, Tally};
    use super::super::weights::Weights;
    use super::*;

    fn counted(yes: u32, n: u32) -> Estimate {
        let weights = Weights::even(n as usize);
        let mut tally = Tally::new(&weights);
        (0..n).for_each(|at| {
            tally.add(weights.cell(at as usize), f64::from(u8::from(at < yes)));
        });
        tally.estimate(Kind::Share, &weights).expect("people")
    }

    fn base(asked: u32) -> Base {
        Base { asked, all_asked: asked, all_answered: asked, is_routed: false, is_weighted: false }
    }

    #[test]
    fn an_interval_tells_no_counts_of_the_same_percent_apart() {
        for n in [30, 77, 300, 641, 1_200] {
            let mut ours: HashMap<Value, HashSet<Shown>> = HashMap::new();
            let mut exact: HashMap<Value, HashSet<(Value, Value)>> = HashMap::new();
            for yes in 0..=n {
                let estimate = counted(yes, n);
                let shown = share(&estimate, base(n));
                let ends = (Value::of_share(estimate.low), Value::of_share(estimate.high));
                ours.entry(shown.value).or_default().insert(shown);
                exact.entry(shown.value).or_default().insert(ends);
            }
            assert!(ours.values().all(|shown| shown.len() == 1), "{n}");
            // The twin: intervals of what was counted.
            assert!(n < 200 || exact.values().any(|ends| ends.len() > 1), "{n}: no attack");
        }
    }

    #[test]
    fn it_is_that_of_the_exact_share_but_for_what_was_rounded() {
        let number = |value: Value| match value {
            Value::Percent(percent) => f64::from(percent),
            Value::Tenths(tenths) => tenths as f64,
        };
        for n in [30, 77, 300, 641] {
            for yes in 0..=n {
                let estimate = counted(yes, n);
                let (low, high) = share(&estimate, base(n)).interval.expect("one");
                assert!((number(low) - 100.0 * estimate.low).abs() <= 1.3, "{yes} of {n}");
                assert!((number(high) - 100.0 * estimate.high).abs() <= 1.3, "{yes} of {n}");
            }
        }
    }

    #[test]
    fn it_does_not_tell_that_somebody_left_the_question_open() {
        for asked in 30..400 {
            let shown = |answered: u32| {
                let estimate = counted(answered / 3, answered);
                share(&estimate, Base { all_answered: answered, ..base(asked) })
            };
            let all = shown(asked);
            let same = (asked - 9..asked).map(shown).filter(|one| one.value == all.value);
            assert!({ same }.all(|one| one == all), "{asked}");
        }
    }

    #[test]
    fn that_of_a_group_does_not_tell_how_many_of_it_left_the_question_open() {
        // 60 of everybody's 400 did; here none of the group, there a quarter.
        let shown = |answered: u32| {
            let of_all = Base { all_asked: 400, all_answered: 340, ..base(100) };
            share(&counted(answered / 5, answered), of_all)
        };
        assert_eq!(shown(100), shown(75));
        // As wide as of the 85 that would be left of 100.
        assert_eq!(shown(100).interval, share(&counted(17, 85), base(85)).interval);
    }

    #[test]
    fn that_of_a_mean_is_of_the_printed_shares_and_tells_no_number_of_answers() {
        let shares = [(1.0, 10.0), (2.0, 20.0), (3.0, 40.0), (4.0, 30.0)];
        let of = |se: f64| {
            let (low, high) = (2.9 - 2.0 * se, 2.9 + 2.0 * se);
            Estimate { value: 2.9, se, se_fixed: se, n: 60, n_eff: 60.0, low, high }
        };
        let shown = mean_of_shares(&of(0.12), &shares, base(60));
        assert_eq!(shown, mean_of_shares(&of(0.13), &shares, base(60)));
        // 0.89 is the variance: 1.96 · √(0.89 / 59) is 0.24.
        assert_eq!(shown.interval, Some((Value::Tenths(27), Value::Tenths(31))));
        // A "don't know" is nobody's number.
        let fewer = mean_of_shares(&of(0.12), &[(1.0, 5.0), (4.0, 5.0)], base(600));
        // 60 of 600: 1.96 · √(2.25 / 59) is 0.38.
        assert_eq!(fewer.interval, Some((Value::Tenths(25), Value::Tenths(33))));
    }

    #[test]
    fn that_of_points_is_at_least_as_wide_as_the_exact_one() {
        let weights = Weights::even(60);
        let mut rng = fastrand::Rng::with_seed(3);
        let number = |value: Value| match value {
            Value::Tenths(tenths) => tenths as f64 / 10.0,
            Value::Percent(_) => unreachable!("a mean"),
        };
        for _ in 0..50 {
            let points: Vec<f64> = (0..60).map(|_| f64::from(rng.u8(0..4))).collect();
            let mut tally = Tally::new(&weights);
            points.iter().enumerate().for_each(|(at, one)| tally.add(weights.cell(at), *one));
            let exact = tally.estimate(Kind::Mean, &weights).expect("people");
            let share = |least: f64| {
                let many = points.iter().filter(|one| **one >= least).count();
                (100.0 * many as f64 / 60.0).round()
            };
            let shown = super::points(&exact, 3, share(3.0), share(1.0), base(60));
            let (low, high) = shown.interval.expect("one");
            assert!(number(low) <= exact.low + 0.11 && number(high) >= exact.high - 0.11);
            assert!(number(high) - number(low) <= exact.high - exact.low + 0.31);
        }
    }

    #[test]
    fn a_mean_has_the_interval_of_its_tenth() {
        let of = |value: f64| {
            let (low, high) = (value - 0.26, value + 0.26);
            mean(&Estimate { value, se: 0.13, se_fixed: 0.13, n: 50, n_eff: 50.0, low, high })
        };
        assert_eq!(of(3.06), of(3.13));
        assert_eq!(of(3.06).interval, Some((Value::Tenths(28), Value::Tenths(34))));
    }
}
