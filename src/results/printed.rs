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

/// Of whom a share is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    pub asked: u32,
    /// Behind a route it is known to tens how many were asked.
    pub is_routed: bool,
    pub is_weighted: bool,
}

impl Base {
    /// Of how many people, as it is published: where fewer than ten left the question open, of all of them, or an
    /// end that is rounded otherwise would tell that somebody did; where more did, to the nearest ten.
    fn people(self, answered: u32) -> u32 {
        let is_nearly_all = self.asked - answered < 10;
        let people = if is_nearly_all { self.asked } else { to_ten(answered) };
        if self.is_routed { to_ten(people) } else { people }
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
    let people = f64::from(base.people(estimate.n as u32));
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
        Base { asked, is_routed: false, is_weighted: false }
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
                share(&estimate, base(asked))
            };
            let all = shown(asked);
            let same = (asked - 9..asked).map(shown).filter(|one| one.value == all.value);
            assert!({ same }.all(|one| one == all), "{asked}");
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
