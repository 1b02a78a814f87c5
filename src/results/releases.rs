//! Whether a survey's results may be published again.
//!
//! Two releases of nearly the same people tell by subtraction what the few between them answered. So a
//! second release is made of the same answers, or every published group has gained nobody or at least ten,
//! and lost nobody. Those who came are then a group of their own ([`super::newcomers`]).

use std::collections::BTreeMap;

use super::figure::Figure;
use super::sheet::Open;

/// How many have to come, or go, where any do.
pub const FEWEST: u32 = 10;

/// A published group, or everybody where both are empty.
pub type GroupName = (String, String);

/// How many each published group gained and lost since the earlier release: known to whoever still has the
/// answers, by comparing whose they are.
pub type Turnover = BTreeMap<GroupName, (u32, u32)>;

/// What an earlier release is to a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Made from the same answers.
    Same,
    /// Made from others, and far enough apart.
    Apart,
}

/// Why there may be no second release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{} has {now} people and had {before}: whoever subtracts the two learns what {} answered", named(.group), few(.before, .now))]
    NearlySame { group: GroupName, before: u32, now: u32 },
    #[error("{} gained {gained} and lost {lost} people: each has to be nobody or at least {FEWEST}", named(.group))]
    FewMoved { group: GroupName, gained: u32, lost: u32 },
    #[error("{} lost {lost} people: what they answered is gone, and so nothing can tell whether the two releases would show it", named(.group))]
    Gone { group: GroupName, lost: u32 },
    #[error(
        "{question} says {now} where it said {before}, of as many people: some of them are others, and it is not known how many"
    )]
    Exchanged { question: String, before: String, now: String },
}

fn named((variable, group): &GroupName) -> String {
    if variable.is_empty() { "the survey".to_owned() } else { format!("{variable} {group}") }
}

fn few(before: &u32, now: &u32) -> String {
    match before.abs_diff(*now) {
        1 => "one person".to_owned(),
        people => format!("{people} people"),
    }
}

/// What the earlier release is to the new one, as far as the files tell, or with the turnover where that is
/// known.
///
/// # Errors
/// Where the two may not both be published.
pub fn relate(
    earlier: &Open,
    now: &Open,
    turnover: Option<&Turnover>,
) -> Result<Relation, Refusal> {
    if let Some(turnover) = turnover
        && by_turnover(turnover)? == Relation::Apart
    {
        return Ok(Relation::Apart);
    }
    let (before, after) = (sizes(earlier), sizes(now));
    let mut is_same = true;
    for (group, &size) in &after {
        let Some(&old) = before.get(group) else { continue };
        is_same &= size == old;
        if size != old && size.abs_diff(old) < FEWEST {
            return Err(Refusal::NearlySame { group: group.clone(), before: old, now: size });
        }
    }
    if !is_same {
        return Ok(Relation::Apart);
    }
    match differing(earlier, now) {
        Some((before, now)) => Err(Refusal::Exchanged {
            question: before.question.clone(),
            before: shown(before),
            now: shown(now),
        }),
        None => Ok(Relation::Same),
    }
}

fn by_turnover(turnover: &Turnover) -> Result<Relation, Refusal> {
    let few = |people: u32| people > 0 && people < FEWEST;
    for (group, &(gained, lost)) in turnover {
        if few(gained) || few(lost) {
            return Err(Refusal::FewMoved { group: group.clone(), gained, lost });
        }
        if lost > 0 {
            return Err(Refusal::Gone { group: group.clone(), lost });
        }
    }
    let is_same = turnover.values().all(|moved| *moved == (0, 0));
    Ok(if is_same { Relation::Same } else { Relation::Apart })
}

/// How many people are in each group, by the questions that everybody was asked.
fn sizes(open: &Open) -> BTreeMap<GroupName, u32> {
    let routed = |figure: &Figure| {
        let mut items = open.items.iter();
        items.any(|item| item.routed && item.question == figure.question && item.row == figure.row)
    };
    let mut sizes = BTreeMap::from([((String::new(), String::new()), open.people)]);
    for figure in open.figures.iter().filter(|figure| !routed(figure)) {
        if let Some(group) = &figure.group {
            sizes.insert((group.variable.clone(), group.categories.join("+")), figure.n);
        }
    }
    sizes
}

/// A figure that both show, with different values.
fn differing<'a>(earlier: &'a Open, now: &'a Open) -> Option<(&'a Figure, &'a Figure)> {
    now.figures.iter().find_map(|figure| {
        let same_place = |other: &&Figure| {
            (&other.question, &other.row, &other.choices, &other.group, other.measure)
                == (&figure.question, &figure.row, &figure.choices, &figure.group, figure.measure)
        };
        let before = earlier.figures.iter().find(same_place)?;
        let both = before.value.is_some() && figure.value.is_some();
        (both && before.value != figure.value).then_some((before, figure))
    })
}

fn shown(figure: &Figure) -> String {
    figure.value.map_or(String::new(), |value| value.to_string())
}

/// Whom a local panel's survey, or any targeted one, must have asked and heard from; its targeting
/// variables are crossings already, and make no tables.
pub const TARGETED_INVITED: u32 = 200;
pub const TARGETED_ANSWERED: u32 = 50;

/// Whether a targeted survey has results at all.
pub fn has_results(invited: u32, answered: u32) -> bool {
    invited >= TARGETED_INVITED && answered >= TARGETED_ANSWERED
}

#[cfg(test)]
mod tests {
    use super::super::figure::{Group, Measure, Value};
    use super::*;

    fn release(people: u32, group: u32, percent: u8) -> Open {
        let figure = Figure {
            question: "q".to_owned(),
            row: None,
            choices: vec!["yes".to_owned()],
            group: Some(Group { variable: "age".to_owned(), categories: vec!["16-24".to_owned()] }),
            n: group,
            measure: Measure::Percent,
            value: Some(Value::Percent(percent)),
            low: None,
            high: None,
        };
        Open {
            survey: "s".to_owned(),
            districts: Vec::new(),
            people,
            threshold: 5,
            min_group: 30,
            weights: None,
            items: Vec::new(),
            figures: vec![figure],
        }
    }

    #[test]
    fn refuses_a_release_one_respondent_apart_and_says_why() {
        let refused = relate(&release(200, 40, 30), &release(201, 41, 29), None).unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("has 201 people and had 200"), "{said}");
        assert!(said.contains("what one person answered"), "{said}");
        let said =
            relate(&release(200, 40, 30), &release(220, 41, 29), None).unwrap_err().to_string();
        assert!(said.starts_with("age 16-24 has 41 people and had 40"), "{said}");
    }

    #[test]
    fn the_same_answers_and_ten_others_are_allowed() {
        let before = release(200, 40, 30);
        assert_eq!(relate(&before, &before, None), Ok(Relation::Same));
        assert_eq!(relate(&before, &release(215, 52, 33), None), Ok(Relation::Apart));
        assert_eq!(relate(&before, &release(215, 40, 30), None), Ok(Relation::Apart));
    }

    #[test]
    fn an_exchange_that_no_number_shows_is_refused() {
        let refused = relate(&release(200, 40, 30), &release(200, 40, 33), None).unwrap_err();
        assert!(refused.to_string().contains("says 33 where it said 30"), "{refused}");
        let group = ("age".to_owned(), "16-24".to_owned());
        let moved = Turnover::from([(group.clone(), (12, 3))]);
        let refused = relate(&release(200, 40, 30), &release(209, 49, 33), Some(&moved));
        assert_eq!(refused, Err(Refusal::FewMoved { group: group.clone(), gained: 12, lost: 3 }));
        let moved = Turnover::from([(group.clone(), (12, 10))]);
        let refused = relate(&release(200, 40, 30), &release(202, 42, 33), Some(&moved));
        assert_eq!(refused, Err(Refusal::Gone { group: group.clone(), lost: 10 }));
        let moved = Turnover::from([(group, (12, 0))]);
        let allowed = relate(&release(200, 40, 30), &release(212, 52, 33), Some(&moved));
        assert_eq!(allowed, Ok(Relation::Apart));
    }
}
