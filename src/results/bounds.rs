//! What a published figure says of the count behind it, and how numbers of people are rounded.

use super::figure::Value;

/// The counts of `base` people whose whole percent is `percent`: smallest and largest, or an empty range
/// (smallest above largest) where there is none.
///
/// Ties as [`Value::of_share`] rounds them, since whoever attacks has the program too.
pub fn counts_of(percent: u32, base: u32) -> (u32, u32) {
    let is_it = |count: u32| percent_of(count, base) == percent;
    let near = u64::from(percent) * u64::from(base) / 100;
    let near = u32::try_from(near).unwrap_or(u32::MAX).min(base);
    let reach = base / 200 + 2;
    let (from, to) = (near.saturating_sub(reach), near.saturating_add(reach).min(base));
    let low = (from..=to).find(|&count| is_it(count));
    let high = (from..=to).rev().find(|&count| is_it(count));
    low.zip(high).unwrap_or((1, 0))
}

/// The whole percent that `count` of `base` people would be published as.
pub fn percent_of(count: u32, base: u32) -> u32 {
    let share = if base == 0 { 0.0 } else { f64::from(count) / f64::from(base) };
    match Value::of_share(share) {
        Value::Percent(percent) => u32::from(percent),
        Value::Tenths(_) => 0,
    }
}

/// To the nearest ten.
pub fn to_ten(people: u32) -> u32 {
    (people + 5) / 10 * 10
}

/// How many of `whole` are said to be in `part`: to the nearest ten. Where fewer than ten are not in it,
/// those are not taken off at all, or a number that happens to lie near the edge of its ten would tell
/// that one person, or nobody, left a question open.
pub fn rounded(part: u32, whole: u32) -> u32 {
    to_ten(if whole - part < 10 { whole } else { part })
}

/// How many are missing where `rounded` of `whole` are said to be there: fewest and most.
pub fn missing_of(rounded: u32, whole: u32) -> (u32, u32) {
    if rounded == to_ten(whole) {
        return (0, whole.min(9));
    }
    let fewest = whole.saturating_sub(rounded + 4).max(10);
    (fewest.min(whole), whole.saturating_sub(rounded.saturating_sub(5)).min(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_a_percent_are_exactly_those_that_round_to_it() {
        for base in 1..=420 {
            for percent in 0..=100 {
                let theirs: Vec<u32> =
                    (0..=base).filter(|&count| percent_of(count, base) == percent).collect();
                let (low, high) = counts_of(percent, base);
                assert_eq!(theirs, (low..=high).collect::<Vec<_>>(), "{percent} % of {base}");
            }
        }
    }

    #[test]
    fn a_rounded_number_never_tells_of_fewer_than_five_missing() {
        for whole in 30..=300 {
            for part in 0..=whole {
                let (fewest, most) = missing_of(rounded(part, whole), whole);
                let missing = whole - part;
                assert!((fewest..=most).contains(&missing), "{part} of {whole}");
                if missing < 5 {
                    assert!(fewest == 0 && most >= 5, "{part} of {whole}");
                }
            }
        }
    }
}
