//! Whether two groups differ by more than chance.

use super::estimate::Estimate;
use super::interval::normal_quantile;

/// How often one takes chance for a difference, over all groups of a comparison.
const ALPHA: f64 = 0.05;

/// Whether two shares or means of groups without a common member differ for sure, where `compared` groups
/// are looked at: `|p1−p2| > z·√(V1+V2)`, and z for Bonferroni's share of 5 % (1.96 for one).
pub fn differ(one: &Estimate, other: &Estimate, compared: usize) -> bool {
    let z = normal_quantile(1.0 - ALPHA / compared.max(1) as f64 / 2.0);
    (one.value - other.value).abs() > z * one.se.hypot(other.se)
}

#[cfg(test)]
mod tests {
    use super::*;

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
