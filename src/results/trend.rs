//! What has become of a question since it was asked before: totals of earlier published releases beside those
//! of this one. Only published figures are read, never an answer, so a trend tells nothing that two pages do
//! not.
//!
//! 1. [`asked_before`]: the earlier questions that `{trend=…}` or a shared block leads to.
//! 2. [`follow`]: their published totals, where the question is still the same.
//! 3. [`change`]: whether the last step is more than chance, by the published intervals.

use std::collections::BTreeSet;

use super::compare::clearness;
use super::differences::{lines, rounded};
use super::figure::{Figure, Measure, Value};
use super::item::{Item, Shape};
use super::page::{Part, part};
use super::sheet::{Known, Open};
use super::tabulate::columns;
use crate::survey::model::{Definition, Survey};
use crate::survey::trend::Shared;

/// Earlier ones are on their own surveys' pages.
const POINTS_MAX: usize = 6;
/// A page says no more of one item.
const CHANGES_MAX: usize = 2;

/// A published release of another survey.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    pub open: Open,
    /// The first and the last day of its answers, `YYYY-MM-DD`.
    pub days: (String, String),
}

/// A question over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    pub question: String,
    /// One, or of a matrix one a row; empty where no earlier question is the same.
    pub items: Vec<Tracked>,
    /// The last days of surveys that asked it otherwise, so that nothing can be compared.
    pub unlike: Vec<String>,
}

/// An item over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracked {
    pub row: Option<String>,
    pub shape: Shape,
    /// At least two, the earliest first; the last is this survey's own.
    pub points: Vec<Point>,
}

/// The totals of one release.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The last day of its answers.
    pub day: String,
    /// How many answered, rounded to 10.
    pub n: u32,
    pub part: Part,
    pub is_weighted: bool,
}

/// What became of an item since the release before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// More than chance explains; the surest first.
    Moved(Vec<Moved>),
    Steady,
    /// One of the two was weighted and the other was not.
    Uneven,
    /// Its figures have no intervals to judge by.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub measure: Measure,
    /// Empty where it is about the whole question.
    pub choices: Vec<String>,
    pub from: Value,
    pub to: Value,
}

/// A question of a survey, by slug and id.
type Place = (String, String);

/// Where a question was asked before: what it or those before it name with `trend`, and the same question of
/// the same block in surveys of the same people. When they were asked is for [`follow`] to see.
pub fn asked_before(
    definition: &Definition,
    question: &str,
    surveys: &[Definition],
    shared: &[Shared],
) -> Vec<Place> {
    let known = |slug: &str| match slug == definition.slug {
        true => Some(definition),
        false => surveys.iter().find(|one| one.slug == slug),
    };
    let mut found: Vec<Place> = vec![(definition.slug.clone(), question.to_owned())];
    let mut at = 0;
    while let Some((slug, id)) = found.get(at).cloned() {
        at += 1;
        let own = known(&slug).and_then(|one| one.base().question(&id));
        let named = own.and_then(|own| own.trend.as_deref()).and_then(|it| it.split_once('.'));
        let named = named.map(|(slug, id)| (slug.to_owned(), id.to_owned()));
        let block = shared.iter().find(|one| one.survey == slug && one.question == id);
        let alike = shared.iter().filter(|one| {
            let is_same = block.is_some_and(|block| block.block == one.block);
            let asks_the_same = |other: &Definition| asks_alike(definition, other);
            is_same && one.question == id && known(&one.survey).is_some_and(asks_the_same)
        });
        let alike = alike.map(|one| (one.survey.clone(), one.question.clone()));
        for place in named.into_iter().chain(alike) {
            if !found.contains(&place) {
                found.push(place);
            }
        }
    }
    found.retain(|(slug, _)| *slug != definition.slug);
    found
}

/// Whether two surveys ask the same people: one panel's answers are no continuation of another's.
fn asks_alike(one: &Definition, other: &Definition) -> bool {
    let (one, other) = (&one.settings, &other.settings);
    (one.sample, &one.panels, &one.target) == (other.sample, &other.panels, &other.target)
}

/// A question of this release, and where it was asked before.
pub struct Now<'a> {
    pub survey: &'a Survey,
    pub open: &'a Open,
    /// The first and the last day of answers.
    pub days: &'a (String, String),
    pub question: &'a str,
}

/// The question's totals over time; none where no release of it came before this one.
pub fn follow(now: &Now, places: &[Place], releases: &[Release]) -> Option<Trend> {
    let mut before: Vec<(&Release, &str)> = places
        .iter()
        .filter_map(|(slug, id)| {
            let release = releases.iter().find(|release| release.open.survey == *slug)?;
            let is_earlier = release.days.1 < now.days.0;
            (is_earlier && release.open.items.iter().any(|item| item.question == *id))
                .then_some((release, id.as_str()))
        })
        .collect();
    before.sort_by(|a, b| a.0.days.1.cmp(&b.0.days.1));
    let (alike, unlike): (Vec<_>, Vec<_>) =
        before.into_iter().partition(|(release, id)| is_alike(now, &release.open, id));
    let recent = alike.len().saturating_sub(POINTS_MAX - 1);
    let items = tracked(now, &alike[recent..]);
    let unlike: BTreeSet<String> = unlike.iter().map(|(one, _)| one.days.1.clone()).collect();
    let trend =
        Trend { question: now.question.to_owned(), items, unlike: unlike.into_iter().collect() };
    (!trend.items.is_empty() || !trend.unlike.is_empty()).then_some(trend)
}

/// Whether the question can be answered in the same ways, row by row.
fn is_alike(now: &Now, then: &Open, id: &str) -> bool {
    let of = |open: &Open, question: &str| -> Vec<Known> {
        let own = open.items.iter().filter(|item| item.question == question);
        own.map(|item| Known { question: String::new(), required: false, ..item.clone() }).collect()
    };
    let (own, theirs) = (of(now.open, now.question), of(then, id));
    // A row may be new, or too few may have answered it then: it has no trend, the others do.
    let pairs =
        own.iter().filter_map(|one| Some((one, theirs.iter().find(|it| it.row == one.row)?)));
    let pairs: Vec<_> = pairs.collect();
    !pairs.is_empty() && pairs.into_iter().all(|(one, other)| one == other)
}

fn tracked(now: &Now, before: &[(&Release, &str)]) -> Vec<Tracked> {
    if before.is_empty() {
        return Vec::new();
    }
    let items = columns(now.survey).into_iter().map(|(_, item)| item);
    let items = items.filter(|item| item.question == now.question);
    let point = |open: &Open, id: &str, day: &str, item: &Item| -> Option<Point> {
        let total = open.figures.iter().filter(|it| it.question == id && it.row == item.row);
        let total: Vec<&Figure> = total.filter(|it| it.group.is_none()).collect();
        let n = total.iter().map(|figure| figure.n).max()?;
        let is_weighted = open.weights.is_some();
        Some(Point { day: day.to_owned(), n, part: part(item, &total), is_weighted })
    };
    let each = items.filter_map(|item| {
        let then = before.iter().map(|(one, id)| point(&one.open, id, &one.days.1, &item));
        let own = point(now.open, now.question, &now.days.1, &item);
        let points: Vec<Point> = then.chain([own]).flatten().collect();
        let Item { row, shape, .. } = item;
        (points.len() == before.len() + 1).then_some(Tracked { row, shape, points })
    });
    each.collect()
}

/// Whether an item has moved since the release before by more than chance explains. People of a panel may
/// have answered both, which makes a difference surer than it is taken for.
pub fn change(tracked: &Tracked) -> Change {
    let [.., before, now] = &tracked.points[..] else { return Change::Unknown };
    if before.is_weighted != now.is_weighted {
        return Change::Uneven;
    }
    let lines = lines(tracked.shape, &[&before.part, &now.part]);
    let known = lines.iter().filter_map(|line| {
        let (from, to) = (line.cells[0], line.cells[1]);
        Some((line, rounded(from)?, rounded(to)?, from.value?, to.value?))
    });
    let known: Vec<_> = known.collect();
    if known.is_empty() {
        return Change::Unknown;
    }
    let moved = known.iter().map(|(line, one, other, from, to)| {
        let clear = clearness(*one, *other, known.len());
        let (measure, choices) = (line.measure, line.choices.to_vec());
        (clear, Moved { measure, choices, from: *from, to: *to })
    });
    let mut moved: Vec<_> = moved.filter(|(clear, _)| *clear > 1.0).collect();
    // A mean says more than its shares, and one of two answers as much as both.
    moved.sort_by(|a, b| {
        b.1.choices.is_empty().cmp(&a.1.choices.is_empty()).then(b.0.total_cmp(&a.0))
    });
    let says_enough = moved.first().is_some_and(|(_, first)| first.choices.is_empty())
        || now.part.shares.len() == 2 && tracked.shape == Shape::Single;
    moved.truncate(if says_enough { 1 } else { CHANGES_MAX });
    match moved.is_empty() {
        true => Change::Steady,
        false => Change::Moved(moved.into_iter().map(|(_, moved)| moved).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::{Cell, Line};
    use super::*;

    fn point(day: &str, percent: u8, is_weighted: bool) -> Point {
        let ends = (Value::Percent(percent - 3), Value::Percent(percent + 3));
        let cell = Cell { value: Some(Value::Percent(percent)), interval: Some(ends) };
        let line = Line { choices: vec!["daily".to_owned()], apart: false, cell };
        let part = Part { shares: vec![line], ..Part::default() };
        Point { day: day.to_owned(), n: 900, part, is_weighted }
    }

    fn tracked(points: Vec<Point>) -> Tracked {
        Tracked { row: None, shape: Shape::Multiple, points }
    }

    #[test]
    fn a_change_is_told_where_it_is_more_than_chance() {
        let moved = change(&tracked(vec![point("2025", 31, true), point("2026", 45, true)]));
        let Change::Moved(moved) = moved else { panic!("{moved:?}") };
        assert_eq!((moved[0].from, moved[0].to), (Value::Percent(31), Value::Percent(45)));
        let steady = tracked(vec![
            point("2024", 10, true),
            point("2025", 31, true),
            point("2026", 34, true),
        ]);
        assert_eq!(change(&steady), Change::Steady, "the release before counts, not the first");
    }

    #[test]
    fn weighted_and_unweighted_totals_are_not_told_apart() {
        let points = vec![point("2025", 31, false), point("2026", 60, true)];
        assert_eq!(change(&tracked(points)), Change::Uneven);
    }

    #[test]
    fn without_intervals_nothing_is_said() {
        let mut points = vec![point("2025", 31, true), point("2026", 60, true)];
        points[0].part.shares[0].cell = Cell::default();
        assert_eq!(change(&tracked(points)), Change::Unknown);
    }
}
