//! What the page of a survey's results shows, laid out from its figures: question by question, with the
//! tables of its groups. No words and no HTML: those are the theme's (`site::results`).
//!
//! [`lay_out`] is made from figures alone and so can say nothing that was not published.

use super::figure::{Figure, Measure, Value};
use super::item::{Item, Shape};
use super::sample::Counted;
use super::tabulate::{LeftOut, columns};
use super::trend::Trend;
use crate::survey::model::{Definition, Survey};

/// Everything a page of results is made from, in any language.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    pub definition: &'a Definition,
    /// Where a survey asks for no background itself, the forms that name its groups: panels' sign-ups.
    pub named_by: &'a [Definition],
    pub figures: &'a [Figure],
    pub counted: &'a Counted,
    /// Of a survey by invitation.
    pub invited: Option<u32>,
    /// Of a survey by invitation, whoever else answered: totals only.
    pub others: Option<(&'a Counted, &'a [Figure])>,
    pub left_out: &'a [LeftOut],
    pub weighting: Option<&'a Weighting>,
    pub represented: &'a [Represented],
    /// How evenly the panel answered: the R-indicator in hundredths.
    pub evenness: Option<u8>,
    /// Tables that are not shown at all.
    pub withheld: &'a [Withheld],
    /// The most that any share of the total moves without the flagged answers, in whole percentage
    /// points.
    pub moved_unflagged: Option<u8>,
    /// No cell stands for fewer people, and no group is smaller.
    pub threshold: u32,
    pub min_group: u32,
    /// The answers are made up.
    pub example: bool,
    /// Questions that people answered in their own words, and staff coded.
    pub coded: &'a [Voice],
    /// The names of the files in `data/`, each with the key of the words that say what it is.
    pub files: &'a [DataFile],
    /// Questions that were asked before.
    pub trends: &'a [Trend],
}

/// What is said of a question that was coded, beside the shares of its themes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Voice {
    pub question: String,
    /// Approved, and nothing is said of whose they are.
    pub quotes: Vec<String>,
}

/// A file that lies beside the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// As in `results.csv`.
    pub name: String,
    /// `csv`, `excel`, `xlsx`, `json`, `package`, `dcat`: a word `results_file_<kind>` of the theme.
    pub kind: String,
}

/// How the answers were weighted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weighting {
    /// Of the targets file.
    pub source: String,
    /// `YYYY-MM-DD`
    pub date: String,
    pub population: String,
    /// `district`, `gender`, `age`, `education`: those that were held.
    pub variables: Vec<String>,
    /// Those that could not be, each with why.
    pub dropped: Vec<(String, NotWeighted)>,
    /// Groups that were counted as one, by variable.
    pub merged: Vec<(String, Vec<String>)>,
    /// Some of these were merged because no weights would have met the population otherwise, and not because
    /// they are small.
    pub is_merged_by_force: bool,
    /// The largest weight that was tried first, in tenths, where it had to be raised.
    pub raised_from_tenths: Option<u32>,
    /// The smallest and the largest weight allowed, in tenths of the mean: 2 and 50.
    pub bounds_tenths: Option<(u32, u32)>,
}

/// Why a variable is not weighted by; how many are behind it is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotWeighted {
    /// Too many did not say.
    Unknown,
    /// A group is too small, and is not merged.
    SmallGroup,
    /// Everybody is in one group.
    OneGroup,
    /// It cannot be met together with the others.
    Unreachable,
}

/// One variable of the population beside who answered, in whole percents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Represented {
    pub variable: String,
    pub rows: Vec<Shares>,
    /// Half the sum of all differences, in whole percentage points.
    pub dissimilarity: u8,
}

/// One group of [`Represented`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shares {
    pub categories: Vec<String>,
    pub population: u8,
    pub panel: Option<u8>,
    pub invited: Option<u8>,
    pub answered: u8,
    pub weighted: Option<u8>,
}

/// A table of groups that could not be shown without saying too much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    pub question: String,
    pub row: Option<String>,
    pub variable: String,
}

/// A question as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub id: String,
    /// One, or of a matrix one a row.
    pub items: Vec<Told>,
}

/// What figures say of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub row: Option<String>,
    pub shape: Shape,
    pub routed: bool,
    /// How many answered, rounded to 10.
    pub n: u32,
    pub total: Part,
    pub variables: Vec<ByVariable>,
    /// The highest and lowest value an ordered item can have, in tenths.
    pub range: Option<(i64, i64)>,
}

/// The groups of one background variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByVariable {
    pub variable: String,
    pub groups: Vec<OfGroup>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfGroup {
    pub categories: Vec<String>,
    pub n: u32,
    pub part: Part,
}

/// What is said of everybody, or of one group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// By choice (or choices that were merged), in the item's order. Of a ranking the places among the
    /// best.
    pub shares: Vec<Line>,
    /// Of a ranking: who put it first, and its points; as many as `shares`, or none.
    pub first: Vec<Line>,
    pub borda: Vec<Line>,
    /// About the whole item: mean, median, quartiles.
    pub whole: Vec<(Measure, Cell)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub choices: Vec<String>,
    /// Belongs to no place in an order: "don't know", "none of these".
    pub apart: bool,
    pub cell: Cell,
}

/// A figure, or `·`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    pub value: Option<Value>,
    pub interval: Option<(Value, Value)>,
}

impl Part {
    /// Whether nothing of it is shown.
    pub fn is_hidden(&self) -> bool {
        let lines = self.shares.iter().chain(&self.first).chain(&self.borda);
        let mut cells = lines.map(|line| line.cell).chain(self.whole.iter().map(|(_, cell)| *cell));
        cells.all(|cell| cell.value.is_none())
    }

    /// A measure of the whole item.
    pub fn measure(&self, measure: Measure) -> Option<Cell> {
        self.whole.iter().find(|(known, _)| *known == measure).map(|(_, cell)| *cell)
    }
}

/// The questions that there are figures of, in the survey's order.
pub fn lay_out(survey: &Survey, figures: &[Figure]) -> Vec<Asked> {
    let mut asked: Vec<Asked> = Vec::new();
    for (_, item) in columns(survey) {
        let its = |figure: &&Figure| figure.question == item.question && figure.row == item.row;
        let its: Vec<&Figure> = figures.iter().filter(its).collect();
        if its.is_empty() {
            continue;
        }
        let told = tell(&item, &its);
        match asked.last_mut().filter(|last| last.id == item.question) {
            Some(last) => last.items.push(told),
            None => asked.push(Asked { id: item.question, items: vec![told] }),
        }
    }
    asked
}

fn tell(item: &Item, figures: &[&Figure]) -> Told {
    let total: Vec<&Figure> =
        figures.iter().filter(|figure| figure.group.is_none()).copied().collect();
    let values = item.choices.iter().filter_map(|choice| choice.value);
    let tenths: Vec<i64> = values.map(|value| (value * 10.0) as i64).collect();
    Told {
        row: item.row.clone(),
        shape: item.shape,
        routed: item.routed,
        n: total.iter().map(|figure| figure.n).max().unwrap_or_default(),
        total: part(item, &total),
        variables: by_variable(item, figures),
        range: tenths.iter().min().copied().zip(tenths.iter().max().copied()),
    }
}

fn by_variable(item: &Item, figures: &[&Figure]) -> Vec<ByVariable> {
    let mut variables: Vec<ByVariable> = Vec::new();
    for group in figures.iter().filter_map(|figure| figure.group.as_ref()) {
        let at = variables.iter().position(|known| known.variable == group.variable);
        let at = at.unwrap_or_else(|| {
            let variable = group.variable.clone();
            variables.push(ByVariable { variable, groups: Vec::new() });
            variables.len() - 1
        });
        let groups = &mut variables[at].groups;
        if groups.iter().any(|known| known.categories == group.categories) {
            continue;
        }
        let its: Vec<&Figure> =
            figures.iter().filter(|figure| figure.group.as_ref() == Some(group)).copied().collect();
        let n = its.iter().map(|figure| figure.n).max().unwrap_or_default();
        groups.push(OfGroup { categories: group.categories.clone(), n, part: part(item, &its) });
    }
    variables
}

/// What figures of one group, or of everybody, say of an item.
pub(super) fn part(item: &Item, figures: &[&Figure]) -> Part {
    let shares = match item.shape {
        Shape::Ranking { .. } => Measure::Top,
        _ => Measure::Percent,
    };
    let whole = [Measure::Mean, Measure::Median, Measure::Q1, Measure::Q3];
    let whole = whole.into_iter().filter_map(|measure| {
        let mut found = figures.iter().filter(|it| it.measure == measure && it.choices.is_empty());
        Some((measure, cell(found.next()?)))
    });
    Part {
        shares: lines(item, figures, shares),
        first: lines(item, figures, Measure::First),
        borda: lines(item, figures, Measure::Borda),
        whole: whole.collect(),
    }
}

fn lines(item: &Item, figures: &[&Figure], measure: Measure) -> Vec<Line> {
    let found = figures.iter().filter(|it| it.measure == measure && !it.choices.is_empty());
    let place = |id: &String| item.choices.iter().position(|choice| choice.id == *id);
    let mut lines: Vec<(Option<usize>, Line)> = found
        .map(|figure| {
            let places: Vec<usize> = figure.choices.iter().filter_map(place).collect();
            let is_apart = |at: &usize| {
                let choice = &item.choices[*at];
                choice.exclusive && (choice.value.is_none() || item.shape == Shape::Multiple)
            };
            let apart = !places.is_empty() && places.iter().all(is_apart);
            let line = Line { choices: figure.choices.clone(), apart, cell: cell(figure) };
            (places.first().copied(), line)
        })
        .collect();
    lines.sort_by_key(|(place, _)| place.unwrap_or(usize::MAX));
    lines.into_iter().map(|(_, line)| line).collect()
}

fn cell(figure: &Figure) -> Cell {
    let interval = figure.low.zip(figure.high).filter(|_| figure.value.is_some());
    Cell { value: figure.value, interval }
}

/// The most that a share of the total moves between two sets of figures, in percentage points; none where
/// they have no share in common.
pub fn most_moved(figures: &[Figure], others: &[Figure]) -> Option<u8> {
    let shares = figures.iter().filter(|one| one.group.is_none() && one.measure.is_share());
    let moved = shares.filter_map(|one| {
        let same = others.iter().find(|other| {
            other.group.is_none()
                && other.measure == one.measure
                && (&other.question, &other.row, &other.choices)
                    == (&one.question, &one.row, &one.choices)
        })?;
        match (one.value?, same.value?) {
            (Value::Percent(one), Value::Percent(other)) => Some(one.abs_diff(other)),
            _ => None,
        }
    });
    moved.max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::figure::Group;
    use crate::results::item::Choice;

    fn figure(choice: &str, group: Option<&str>, percent: Option<u8>) -> Figure {
        let group = group
            .map(|id| Group { variable: "gender".to_owned(), categories: vec![id.to_owned()] });
        Figure {
            question: "often".to_owned(),
            row: None,
            choices: choice.split('+').map(str::to_owned).collect(),
            group,
            n: 120,
            measure: Measure::Percent,
            value: percent.map(Value::Percent),
            low: Some(Value::Percent(1)),
            high: Some(Value::Percent(99)),
        }
    }

    fn item() -> Item {
        let choice = |id: &str, exclusive| Choice { id: id.to_owned(), value: None, exclusive };
        Item {
            question: "often".to_owned(),
            row: None,
            shape: Shape::Single,
            choices: vec![choice("daily", false), choice("weekly", false), choice("x", true)],
            routed: false,
            ticks: super::super::item::Ticks::default(),
            totals_only: false,
            given: Vec::new(),
        }
    }

    #[test]
    fn shares_stand_in_the_surveys_order_whatever_the_figures_say() {
        let figures = [figure("x", None, Some(9)), figure("daily+weekly", None, Some(91))];
        let told = tell(&item(), &figures.iter().collect::<Vec<_>>());
        let ids: Vec<String> =
            told.total.shares.iter().map(|line| line.choices.join("+")).collect();
        assert_eq!(ids, ["daily+weekly", "x"]);
        assert!(!told.total.shares[0].apart && told.total.shares[1].apart);
    }

    #[test]
    fn a_hidden_cell_has_no_interval_whatever_the_figure_says() {
        let figures = [figure("daily", Some("female"), None)];
        let told = tell(&item(), &figures.iter().collect::<Vec<_>>());
        let group = &told.variables[0].groups[0];
        assert_eq!(group.part.shares[0].cell, Cell::default());
        assert!(group.part.is_hidden());
        assert_eq!((group.n, told.n), (120, 0));
    }

    #[test]
    fn the_largest_move_is_that_of_a_share_both_have() {
        let figures = [figure("daily", None, Some(40)), figure("weekly", None, Some(10))];
        let others = [figure("daily", None, Some(38)), figure("weekly", None, None)];
        assert_eq!(most_moved(&figures, &others), Some(2));
        assert_eq!(most_moved(&figures, &[]), None);
    }
}
