//! Whether two groups differ by more than chance.

use super::estimate::Estimate;
use super::figure::Value;
use super::interval::{Interval, LEVEL, normal_quantile};

/// How often one takes chance for a difference, over all groups of a comparison.
const ALPHA: f64 = 0.05;

/// Whether two shares or means of groups without a common member differ for sure, where `compared` groups
/// are looked at: `|p1−p2| > z·√(V1+V2)`, and z for Bonferroni's share of 5 % (1.96 for one).
pub fn differ(one: &Estimate, other: &Estimate, compared: usize) -> bool {
    let z = normal_quantile(1.0 - ALPHA / compared.max(1) as f64 / 2.0);
    (one.value - other.value).abs() > z * one.se.hypot(other.se)
}

/// A published value with its interval, as far as it was rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounded {
    /// In percents or in tenths, as are both ends.
    value: i64,
    low: i64,
    high: i64,
}

impl Rounded {
    pub fn of(value: Value, (low, high): (Value, Value)) -> Rounded {
        let number = |value| match value {
            Value::Percent(percent) => i64::from(percent),
            Value::Tenths(tenths) => tenths,
        };
        Rounded { value: number(value), low: number(low), high: number(high) }
    }

    /// A published share without an interval, as if so many people (not a whole number) had told it.
    pub fn told_by(percent: u8, people: f64) -> Rounded {
        let Interval { low, high } = Interval::of_share(f64::from(percent) / 100.0, people);
        Rounded {
            value: i64::from(percent),
            low: (100.0 * low).floor() as i64,
            high: (100.0 * high).ceil() as i64,
        }
    }

    /// How many times the variance of so many people drawn at random its interval says at most; none of a
    /// share near nobody or everybody, where an exact interval is wider than its variance.
    pub fn design_effect(self, people: u32) -> Option<f64> {
        let share = self.value as f64 / 100.0;
        let drawn = 100.0 * (share * (1.0 - share) / f64::from(people.max(1))).sqrt();
        (0.1..=0.9).contains(&share).then(|| {
            let error = self.reach() / normal_quantile(1.0 - (1.0 - LEVEL) / 2.0);
            (error / drawn).powi(2).max(1.0)
        })
    }

    /// At least 1.96 standard errors: an exact interval reaches as far to one of its sides, rounding took off no
    /// more than half a unit at its end, and that it is of a rounded share no more than another half.
    fn reach(self) -> f64 {
        (self.high - self.value).max(self.value - self.low) as f64 + 1.0
    }
}

/// How many times as far apart two published values are as [`differ`] asks for, at least: above 1 they differ
/// for sure, whatever they were before they were rounded.
///
/// It is made of published figures alone, and so tells nobody what they do not.
pub fn clearness(one: Rounded, other: Rounded, compared: usize) -> f64 {
    let z = |alpha: f64| normal_quantile(1.0 - alpha / 2.0);
    let stricter = z(ALPHA / compared.max(1) as f64) / z(1.0 - LEVEL);
    let apart = (one.value - other.value).abs() as f64 - 1.0;
    apart / (stricter * one.reach().hypot(other.reach()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::estimate::{Kind, Tally};
    use super::super::printed::{self, Base};
    use super::super::weights::Weights;
    use super::*;

    /// So many of `n` people say yes.
    fn counted(yes: usize, n: usize) -> (Estimate, Rounded) {
        let weights = Weights::even(n);
        let mut tally = Tally::new(&weights);
        (0..n).for_each(|at| tally.add(weights.cell(at), f64::from(u8::from(at < yes))));
        let found = tally.estimate(Kind::Share, &weights).expect("people");
        let asked = n as u32;
        let base = Base {
            asked,
            all_asked: asked,
            all_answered: asked,
            is_routed: false,
            is_weighted: false,
        };
        let shown = printed::share(&found, base);
        (found, Rounded::of(shown.value, shown.interval.expect("of a share")))
    }

    proptest! {
        #[test]
        fn what_published_figures_call_a_difference_is_one(
            (n, yes) in (30..900_usize).prop_flat_map(|n| (Just(n), 0..=n)),
            (m, others) in (30..900_usize).prop_flat_map(|m| (Just(m), 0..=m)),
            compared in 1..50_usize,
        ) {
            let ((one, told), (other, said)) = (counted(yes, n), counted(others, m));
            if clearness(told, said, compared) > 1.0 {
                prop_assert!(differ(&one, &other, compared), "{yes} of {n}, {others} of {m}");
            }
        }
    }

    #[test]
    fn a_clear_difference_is_seen_through_the_rounding() {
        let ((one, told), (other, said)) = (counted(123, 300), counted(66, 300));
        assert!(differ(&one, &other, 6) && clearness(told, said, 6) > 1.0, "41 and 22 of 100");
        let (_, near) = counted(111, 300);
        assert!(clearness(told, near, 6) < 1.0, "41 and 37 of 100");
    }

    fn group(value: f64, se: f64) -> Estimate {
        let (low, high) = (value, value);
        Estimate { value, se, se_fixed: se, n: 100, n_eff: 100.0, low, high }
    }

    #[test]
    fn the_more_groups_are_compared_the_more_they_must_differ() {
        let (one, other) = (group(0.30, 0.03), group(0.415, 0.04));
        assert!(differ(&one, &other, 1) && differ(&other, &one, 1), "2.3 standard errors");
        assert!(!differ(&one, &other, 10), "z is 2.81");
        assert!(!differ(&one, &group(0.397, 0.04), 1), "1.94 standard errors");
        assert!(!differ(&one, &one, 1));
    }
}
