//! How alike two people coded the same texts.

use std::collections::BTreeMap;

use super::sheet::Row;

/// Cohen's kappa of one theme: 1 is the same throughout, 0 is no better than by chance (J. Cohen, Educational
/// and Psychological Measurement 20, 1960). None where both said the same of every text, and so chance would
/// have, too.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    pub theme: String,
    /// Texts that both have.
    pub texts: usize,
    pub kappa: Option<f64>,
}

/// Each theme of a question, of the texts that both sheets have.
pub fn of(themes: &[String], one: &[Row], other: &[Row]) -> Vec<Agreement> {
    let theirs: BTreeMap<&str, &Row> = other.iter().map(|row| (row.tag.as_str(), row)).collect();
    let pairs: Vec<(&Row, &Row)> =
        one.iter().filter_map(|row| Some((row, *theirs.get(row.tag.as_str())?))).collect();
    let agreement = |theme: &String| {
        let has = |row: &Row| row.themes.contains(theme);
        let ticks = pairs.iter().map(|(one, other)| (has(one), has(other)));
        Agreement { theme: theme.clone(), texts: pairs.len(), kappa: kappa(ticks.collect()) }
    };
    themes.iter().map(agreement).collect()
}

fn kappa(ticks: Vec<(bool, bool)>) -> Option<f64> {
    let n = ticks.len() as f64;
    let share =
        |is: fn(&(bool, bool)) -> bool| ticks.iter().filter(|two| is(two)).count() as f64 / n;
    let (same, one, other) = (share(|(a, b)| a == b), share(|(a, _)| *a), share(|(_, b)| *b));
    let by_chance = one * other + (1.0 - one) * (1.0 - other);
    (n > 0.0 && by_chance < 1.0).then(|| (same - by_chance) / (1.0 - by_chance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kappa_is_that_of_cohens_table() {
        // 20 both, 15 neither, 5 and 10 apart of 50: 0.4 (a textbook's example).
        let mut ticks = vec![(true, true); 20];
        ticks.extend([(true, false); 5]);
        ticks.extend([(false, true); 10]);
        ticks.extend([(false, false); 15]);
        assert!((kappa(ticks).unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(kappa(vec![(true, true); 3]), None);
        assert_eq!(kappa(Vec::new()), None);
    }

    #[test]
    fn texts_that_one_of_them_has_not_seen_do_not_count() {
        let row = |tag: &str, themes: &[&str]| Row {
            tag: tag.to_owned(),
            themes: themes.iter().map(|id| (*id).to_owned()).collect(),
            ..Row::default()
        };
        let one = [row("1", &["a"]), row("2", &[]), row("3", &["a"])];
        let other = [row("2", &[]), row("1", &["a"])];
        let of = super::of(&["a".to_owned()], &one, &other);
        assert_eq!(of, [Agreement { theme: "a".to_owned(), texts: 2, kappa: Some(1.0) }]);
    }
}
