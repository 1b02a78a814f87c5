//! Who could have been asked, and who was: counted when a survey is over and kept as tens by one variable at
//! a time, as nothing finer leaves the house (`panel::composition`).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::response::record::Background;
use crate::response::targets::Variable;

/// People by variable and category, to the nearest ten; categories of fewer than ten are not in it.
pub type Tens = BTreeMap<String, BTreeMap<String, u32>>;

/// What a count that is not told is taken for, where shares are made: the middle of what it can be.
const HIDDEN: f64 = 5.0;

/// The days after which a panel may be told anew: two tables soon after one another show who came between.
pub const QUARTER_DAYS: i32 = 90;

/// The steps of one survey from the panel to those who answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steps {
    /// Members of the survey's panels; empty where it was for some of them only.
    pub panel: Tens,
    /// Which panels these are, none for all, and the day they were counted on, within a quarter before the close.
    #[serde(default)]
    pub panels: Vec<String>,
    #[serde(default)]
    pub counted: Option<Date>,
    pub invited: Tens,
    /// The R-indicator of the panel's answering, in hundredths; none where too few answered, or only some
    /// could.
    pub evenness: Option<u8>,
}

/// The steps whose panel another survey of these panels tells too, where it is over less than a quarter from them:
/// those counted last.
pub fn told_lately<'a>(earlier: &'a [Steps], panels: &[String], day: Date) -> Option<&'a Steps> {
    let days_from = |counted: Date| (day - counted).get_days().abs();
    let is_near = |steps: &&Steps| {
        !steps.panel.is_empty()
            && steps.panels == panels
            && steps.counted.is_some_and(|counted| days_from(counted) < QUARTER_DAYS)
    };
    earlier.iter().filter(is_near).max_by_key(|steps| steps.counted)
}

/// People to the nearest ten, by each variable.
pub fn tens<'a>(people: impl IntoIterator<Item = &'a Background>) -> Tens {
    let mut counts: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
    for background in people {
        for variable in Variable::ALL {
            let Some(category) = variable.of(background) else { continue };
            let of = counts.entry(variable.name().to_owned()).or_default();
            *of.entry(category.to_owned()).or_default() += 1;
        }
    }
    for of in counts.values_mut() {
        of.retain(|_, count| *count >= 10);
        of.values_mut().for_each(|count| *count = (*count + 5) / 10 * 10);
    }
    counts
}

/// The shares of these groups, each of one or several categories, in whole percent of all of them. None of
/// a group that no category is told of; nothing where there are fewer than a hundred people, of whom a ten
/// would be too much.
pub fn percents(tens: &Tens, variable: &str, groups: &[Vec<String>]) -> Option<Vec<Option<u8>>> {
    let of = tens.get(variable)?;
    let count = |category: &String| of.get(category).map_or(HIDDEN, |count| f64::from(*count));
    let people: Vec<f64> = groups.iter().map(|group| group.iter().map(count).sum()).collect();
    let all: f64 = people.iter().sum();
    let is_told = |group: &Vec<String>| group.iter().any(|category| of.contains_key(category));
    let percent = |people: f64| (100.0 * people / all).round() as u8;
    let each = groups.iter().zip(people);
    (all >= 100.0).then(|| each.map(|(group, n)| is_told(group).then(|| percent(n))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(counts: &[(&str, usize)]) -> Vec<Background> {
        let of = |(gender, count): &(&str, usize)| {
            let one = Background { gender: Some((*gender).to_owned()), ..Background::default() };
            std::iter::repeat_n(one, *count)
        };
        counts.iter().flat_map(of).chain([Background::default()]).collect()
    }

    #[test]
    fn nothing_finer_than_tens_is_kept_and_nobody_of_a_few() {
        let kept = tens(&people(&[("female", 124), ("male", 86), ("other", 9)]));
        assert_eq!(kept, tens(&people(&[("female", 121), ("male", 94), ("other", 0)])));
        let known = [("female", 120), ("male", 90)].map(|(id, n)| (id.to_owned(), n));
        assert_eq!(kept, Tens::from([("gender".to_owned(), BTreeMap::from(known))]));
    }

    #[test]
    fn shares_are_whole_percents_of_the_tens() {
        let kept = tens(&people(&[("female", 124), ("male", 86), ("other", 9)]));
        let groups: Vec<Vec<String>> = ["female", "male", "other"].map(|id| vec![id.into()]).into();
        assert_eq!(percents(&kept, "gender", &groups), Some(vec![Some(56), Some(42), None]));
        let merged = [vec!["female".to_owned()], vec!["male".to_owned(), "other".to_owned()]];
        assert_eq!(percents(&kept, "gender", &merged), Some(vec![Some(56), Some(44)]));
        assert_eq!(percents(&kept, "age", &groups), None);
        assert_eq!(
            percents(&tens(&people(&[("female", 40), ("male", 40)])), "gender", &groups),
            None
        );
    }

    #[test]
    fn a_panel_is_told_anew_after_a_quarter_and_each_set_of_panels_by_itself() {
        let of = |panels: &[&str], counted: &str| Steps {
            panel: tens(&people(&[("female", 40)])),
            panels: panels.iter().map(ToString::to_string).collect(),
            counted: Some(counted.parse().expect("a day")),
            ..Steps::default()
        };
        let earlier = [
            of(&["kbh"], "2026-01-01"),
            of(&["kbh"], "2026-04-01"),
            of(&["valby"], "2026-04-02"),
            Steps { panels: vec!["kbh".to_owned()], ..Steps::default() },
        ];
        let on = |panel: &str, day: &str| {
            let day = day.parse().expect("a day");
            told_lately(&earlier, &[panel.to_owned()], day).and_then(|steps| steps.counted)
        };
        let day = |day: &str| Some(day.parse::<Date>().expect("a day"));
        assert_eq!(on("kbh", "2026-06-29"), day("2026-04-01"));
        assert_eq!(on("kbh", "2026-06-30"), None, "a quarter later");
        assert_eq!(
            on("kbh", "2026-03-31"),
            day("2026-04-01"),
            "the one that closed first came last"
        );
        assert_eq!(on("valby", "2026-04-30"), day("2026-04-02"));
        assert_eq!(on("amager", "2026-04-30"), None);
    }
}
