//! Which groups of a table differ, told from what the table shows and from nothing else: a claim names two
//! published cells and is decided by published figures ([`clearness`]), and so cannot say anything of a hidden
//! one. A group of which something is hidden has no intervals; those of its shares that are shown are taken to
//! be as unsure as the table's least sure interval, for their number of people.

use super::compare::{Rounded, clearness};
use super::figure::{Measure, Value};
use super::item::Shape;
use super::page::{ByVariable, Cell, Part, Told};

/// A page says no more of one table.
const CLAIMS_MAX: usize = 2;

/// What can be said of a table by groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The surest first, each about another answer.
    Differ(Vec<Difference>),
    /// No two groups differ for sure; `is_all` where nothing is hidden.
    Alike { is_all: bool },
    /// No answer is shown for two groups.
    Hidden,
}

/// Two groups of a variable that differ for sure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub measure: Measure,
    /// Empty where it is about the whole question.
    pub choices: Vec<String>,
    /// The categories of the group with the larger value, and of the other.
    pub more: (Vec<String>, Value),
    pub less: (Vec<String>, Value),
}

/// A line of a table: what it is of, and its cell in each group.
pub(super) struct Line<'a> {
    pub measure: Measure,
    pub choices: &'a [String],
    pub cells: Vec<Cell>,
}

/// Says what the groups of a table have between them.
pub fn find(told: &Told, by: &ByVariable) -> Found {
    let parts: Vec<&Part> = by.groups.iter().map(|group| &group.part).collect();
    let lines = lines(told.shape, &parts);
    let effect = design_effect(told, by);
    let known: Vec<Vec<Option<Rounded>>> =
        lines.iter().map(|line| known(line, by, effect)).collect();
    let whole = known.iter().map(|cells| cells.iter().flatten().count()).max().unwrap_or(0);
    if whole < 2 {
        return Found::Hidden;
    }
    // The clearest of all pairs is told, so all of them count; of two groups, both.
    let compared = whole.max(whole * (whole - 1) / 2);
    let mut clear: Vec<(f64, Difference)> = Vec::new();
    for (line, known) in lines.iter().zip(&known) {
        let clearest = clearest(line, known, by, compared).filter(|(clear, _)| *clear > 1.0);
        clear.extend(clearest);
    }
    // Of a mean and its shares the mean says more; otherwise the clearest comes first.
    clear.sort_by(|a, b| {
        b.1.choices.is_empty().cmp(&a.1.choices.is_empty()).then(b.0.total_cmp(&a.0))
    });
    let mut differ: Vec<Difference> = clear.into_iter().map(|(_, one)| one).collect();
    let says_enough = differ.first().is_some_and(|first| first.choices.is_empty())
        || told.total.shares.len() == 2 && told.shape == Shape::Single;
    differ.truncate(if says_enough { 1 } else { CLAIMS_MAX });
    match differ.is_empty() {
        true => Found::Alike { is_all: known.iter().flatten().all(Option::is_some) },
        false => Found::Differ(differ),
    }
}

/// The cells of a line that can be compared.
fn known(line: &Line, by: &ByVariable, effect: Option<f64>) -> Vec<Option<Rounded>> {
    let cells = line.cells.iter().zip(&by.groups);
    let known = cells.map(|(cell, group)| match (cell.value, effect) {
        (Some(Value::Percent(percent)), Some(effect)) if cell.interval.is_none() => {
            Some(Rounded::told_by(percent, f64::from(group.n) / effect))
        }
        _ => rounded(*cell),
    });
    known.collect()
}

/// The largest design effect that the intervals of a table say, everybody's among them; those who left the
/// question open are in it, since a group's number is of all who were asked.
fn design_effect(told: &Told, by: &ByVariable) -> Option<f64> {
    let all: u32 = by.groups.iter().map(|group| group.n).sum();
    let groups = by.groups.iter().map(|group| (&group.part, group.n));
    let parts = groups.chain([(&told.total, all.max(told.n))]);
    let effects = parts.flat_map(|(part, n)| {
        part.shares.iter().filter_map(move |line| rounded(line.cell)?.design_effect(n))
    });
    effects.max_by(f64::total_cmp)
}

fn clearest(
    line: &Line,
    known: &[Option<Rounded>],
    by: &ByVariable,
    compared: usize,
) -> Option<(f64, Difference)> {
    let mut best: Option<(f64, Difference)> = None;
    let cells = line.cells.iter().zip(known).zip(&by.groups);
    let known: Vec<_> = cells
        .filter_map(|((cell, known), group)| Some(((*known)?, cell.value?, &group.categories)))
        .collect();
    for (at, one) in known.iter().enumerate() {
        for other in &known[..at] {
            let clear = clearness(one.0, other.0, compared);
            if best.as_ref().is_some_and(|(known, _)| *known >= clear) {
                continue;
            }
            let (more, less) = if one.1 > other.1 { (one, other) } else { (other, one) };
            let end = |(_, value, categories): &(Rounded, Value, &Vec<String>)| {
                ((*categories).clone(), *value)
            };
            let difference = Difference {
                measure: line.measure,
                choices: line.choices.to_vec(),
                more: end(more),
                less: end(less),
            };
            best = Some((clear, difference));
        }
    }
    best
}

/// What of an item is compared, in each of its parts: its mean where it has one, and its shares.
pub(super) fn lines<'a>(shape: Shape, parts: &[&'a Part]) -> Vec<Line<'a>> {
    let share = match shape {
        Shape::Ranking { .. } => Measure::Top,
        _ => Measure::Percent,
    };
    let mean = |part: &&Part| part.measure(Measure::Mean).unwrap_or_default();
    let means: Vec<Cell> = parts.iter().map(mean).collect();
    let has_mean = means.iter().any(|cell| cell.value.is_some());
    let mut lines = Vec::new();
    if has_mean {
        lines.push(Line { measure: Measure::Mean, choices: &[], cells: means });
    }
    let Some(first) = parts.first() else { return lines };
    for own in &first.shares {
        let of = |part: &&Part| {
            let same = part.shares.iter().find(|line| line.choices == own.choices);
            same.map(|line| line.cell).unwrap_or_default()
        };
        let cells = parts.iter().map(of).collect();
        lines.push(Line { measure: share, choices: &own.choices, cells });
    }
    lines
}

/// A cell that can be compared: it is shown, and so is its interval.
pub(super) fn rounded(cell: Cell) -> Option<Rounded> {
    Some(Rounded::of(cell.value?, cell.interval?))
}

#[cfg(test)]
mod tests {
    use super::super::page::{Line as Shown, OfGroup};
    use super::*;

    fn cell(percent: u8, reach: u8) -> Cell {
        let end = |value: u8| Value::Percent(value.min(100));
        let interval = Some((end(percent.saturating_sub(reach)), end(percent + reach)));
        Cell { value: Some(Value::Percent(percent)), interval }
    }

    fn part(cells: [Cell; 2]) -> Part {
        let line = |id: &str, cell| Shown { choices: vec![id.to_owned()], apart: false, cell };
        let [daily, never] = cells;
        Part { shares: vec![line("daily", daily), line("never", never)], ..Part::default() }
    }

    fn table(groups: Vec<[Cell; 2]>) -> (Told, ByVariable) {
        let told = Told {
            row: None,
            shape: Shape::Multiple,
            routed: false,
            n: 900,
            total: part([cell(30, 3), cell(20, 3)]),
            variables: Vec::new(),
            range: None,
        };
        let group = |(at, cells)| {
            let categories = vec![format!("g{at}")];
            OfGroup { categories, n: 300, part: part(cells) }
        };
        let groups = groups.into_iter().enumerate().map(group).collect();
        (told, ByVariable { variable: "age".to_owned(), groups })
    }

    #[test]
    fn the_clearest_pair_is_named_once_for_each_answer() {
        let (told, by) = table(vec![
            [cell(41, 6), cell(20, 5)],
            [cell(30, 6), cell(21, 5)],
            [cell(18, 5), cell(19, 5)],
        ]);
        let Found::Differ(found) = find(&told, &by) else { panic!("they differ") };
        let [only] = &found[..] else { panic!("one answer: {found:?}") };
        assert_eq!((&only.more.0[0], &only.less.0[0]), (&"g0".to_owned(), &"g2".to_owned()));
        assert_eq!((only.more.1, only.choices[0].as_str()), (Value::Percent(41), "daily"));
    }

    #[test]
    fn a_hidden_cell_is_never_spoken_of() {
        // The second group's first share is hidden, so nothing of it has an interval.
        let beside = Cell { value: Some(Value::Percent(99)), interval: None };
        let (told, by) = table(vec![[cell(41, 6), cell(20, 5)], [Cell::default(), beside]]);
        let Found::Differ(found) = find(&told, &by) else { panic!("20 and 99 %") };
        assert!(found.iter().all(|one| one.choices == ["never"]), "the other is hidden: {found:?}");
        let shown = [cell(41, 6), cell(20, 5)];
        let near = Cell { value: Some(Value::Percent(24)), interval: None };
        let (told, by) = table(vec![shown, shown, [Cell::default(), near]]);
        assert_eq!(find(&told, &by), Found::Alike { is_all: false });
        let (told, by) = table(vec![shown, [Cell::default(), Cell::default()]]);
        assert_eq!(find(&told, &by), Found::Hidden);
        // Failing twin: with its figures shown the same group is the one that is spoken of.
        let (told, by) = table(vec![shown, shown, [cell(1, 2), cell(99, 2)]]);
        let Found::Differ(found) = find(&told, &by) else { panic!("they differ") };
        assert!(found.iter().all(|one| one.more.0 == ["g2"] || one.less.0 == ["g2"]));
    }

    #[test]
    fn of_the_same_published_figures_the_same_is_said() {
        let (told, by) = table(vec![[cell(41, 6), cell(20, 5)], [cell(40, 6), cell(21, 5)]]);
        assert_eq!(find(&told, &by), Found::Alike { is_all: true });
    }
}
