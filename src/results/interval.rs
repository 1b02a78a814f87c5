//! Intervals: how far chance alone may have moved a share.
//!
//! E. L. Korn and B. I. Graubard, "Confidence intervals for proportions with small expected number of
//! positive counts estimated from survey data", Survey Methodology 24, 1998: Clopper and Pearson's exact
//! interval with the effective number of people in the place of the number. `statrs` inverts the beta
//! distribution too, but stops its continued fraction after 140 terms, which is not enough beyond some
//! 20,000 people; so only its gamma and error functions are used here.

use statrs::function::erf::erf_inv;
use statrs::function::gamma::ln_gamma;

/// Intervals cover the true value in 95 of 100 samples.
pub const LEVEL: f64 = 0.95;

/// A share's interval, both ends between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Interval {
    /// Of a share that `n_star` people (not a whole number) would have told as surely.
    pub fn of_share(share: f64, n_star: f64) -> Interval {
        let (yes, no) = (n_star * share, n_star * (1.0 - share));
        let tail = (1.0 - LEVEL) / 2.0;
        Interval {
            low: beta_quantile(tail, yes, no + 1.0),
            high: beta_quantile(1.0 - tail, yes + 1.0, no),
        }
    }

    /// Of a mean, by the normal distribution.
    pub fn of_mean(mean: f64, se: f64) -> Interval {
        let reach = normal_quantile(1.0 - (1.0 - LEVEL) / 2.0) * se;
        Interval { low: mean - reach, high: mean + reach }
    }
}

/// Where the standard normal distribution has this much below it (0 to 1, neither).
pub fn normal_quantile(p: f64) -> f64 {
    std::f64::consts::SQRT_2 * erf_inv(2.0 * p - 1.0)
}

/// The two-sided critical value of Student's t at [`LEVEL`], with at least one degree of freedom.
pub fn t_critical(degrees: f64) -> f64 {
    let x = beta_quantile(1.0 - LEVEL, degrees / 2.0, 0.5);
    (degrees * (1.0 - x) / x).sqrt()
}

/// Where the beta distribution has `p` below it; 0 where `a` is not positive, 1 where `b` is not.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    if a <= 0.0 {
        return 0.0;
    }
    if b <= 0.0 {
        return 1.0;
    }
    let front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = a / (a + b);
    for _ in 0..200 {
        let off = below(x, a, b, front) - p;
        match off < 0.0 {
            true => low = x,
            false => high = x,
        }
        // Newton's step, and the middle where that leads out of what is left.
        let density = (front + (a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p()).exp();
        let led = x - off / density;
        let next = if led > low && led < high { led } else { f64::midpoint(low, high) };
        if (next - x).abs() <= 1e-15 {
            return next;
        }
        x = next;
    }
    x
}

/// How much of the beta distribution lies below `x`; `a` and `b` are positive.
pub fn beta_below(x: f64, a: f64, b: f64) -> f64 {
    below(x, a, b, ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b))
}

/// The regularised incomplete beta function, by Lentz's continued fraction (W. H. Press et al., Numerical
/// Recipes, 6.4) for as many terms as it takes, some √max(a, b).
fn below(x: f64, a: f64, b: f64, front: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let power = (front + a * x.ln() + b * (-x).ln_1p()).exp();
    match x > (a + 1.0) / (a + b + 2.0) {
        true => 1.0 - power * fraction(1.0 - x, b, a) / b,
        false => power * fraction(x, a, b) / a,
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let away_from_0 = |it: f64| if it.abs() < 1e-300 { 1e-300 } else { it };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_0(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for term in 1..100_000 {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a - 1.0 + 2.0 * m) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 1.0 + 2.0 * m));
        d = 1.0 / away_from_0(1.0 + even * d);
        c = away_from_0(1.0 + even / c);
        fraction *= d * c;
        d = 1.0 / away_from_0(1.0 + odd * d);
        c = away_from_0(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: f64, known: f64, by: f64) {
        assert!((found - known).abs() <= by, "{found} is not {known}");
    }

    /// How likely `k` or fewer of `n` are, added up one by one.
    fn binomial(k: u32, n: u32, p: f64) -> f64 {
        let chance = |hit: u32| {
            let (hit, n) = (f64::from(hit), f64::from(n));
            let ways = ln_gamma(n + 1.0) - ln_gamma(hit + 1.0) - ln_gamma(n - hit + 1.0);
            (ways + hit * p.ln() + (n - hit) * (1.0 - p).ln()).exp()
        };
        (0..=k).map(chance).sum()
    }

    #[test]
    fn an_interval_of_whole_people_is_clopper_and_pearsons() {
        for (k, n) in [(1, 10), (7, 10), (3, 1000), (500, 1000), (12_000, 60_000), (79_990, 80_000)]
        {
            let found = Interval::of_share(f64::from(k) / f64::from(n), f64::from(n));
            near(1.0 - binomial(k - 1, n, found.low), 0.025, 1e-9);
            near(binomial(k, n, found.high), 0.025, 1e-9);
        }
    }

    #[test]
    fn nobody_and_everybody_have_an_exact_end() {
        let none = Interval::of_share(0.0, 30.0);
        assert_eq!(none.low, 0.0);
        near(none.high, 1.0 - 0.025_f64.powf(1.0 / 30.0), 1e-12);
        let all = Interval::of_share(1.0, 30.0);
        assert_eq!(all.high, 1.0);
        near(all.low, 1.0 - none.high, 1e-12);
    }

    #[test]
    fn the_tables_values_of_t_and_of_the_normal_distribution() {
        near(normal_quantile(0.975), 1.959_963_984_540_054, 1e-12);
        near(normal_quantile(0.9995), 3.290_526_731_492, 1e-10);
        near(t_critical(1.0), 12.706_204_736, 1e-8);
        near(t_critical(13.0), 2.160_368_656, 1e-8);
        near(t_critical(1980.0), 1.961_170, 1e-5);
    }

    proptest! {
        #[test]
        fn a_quantile_has_its_share_below_it(p in 0.001..0.999_f64, a in 0.3..90_000.0_f64, b in 0.3..90_000.0_f64) {
            let x = beta_quantile(p, a, b);
            prop_assert!((0.0..=1.0).contains(&x));
            prop_assert!((beta_below(x, a, b) - p).abs() < 1e-7, "{}", x);
        }
    }
}
