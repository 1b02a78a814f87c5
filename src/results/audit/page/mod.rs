//! Whether the pages say what `results.csv` says: every cell of their tables and every length of their charts, place by
//! place, as somebody who reads or measures them would take it. What a row is of is told by its words, which
//! `results-excel.csv` has beside each figure in the language of `index.html`; the page in another language has
//! the same tables, row by row. A page of which this cannot be said is refused.

mod charts;
pub mod numbers;
pub mod read;
mod sentences;
mod tables;

use std::cell::RefCell;
use std::collections::BTreeSet;

use self::read::Page;
use super::agree::place;
use crate::results::figure::{Figure, Measure, Value};
use crate::results::remarks::Remarks;
use crate::results::sheet::{HIDDEN, Known};

/// What ids of questions begin with, and of what others answered.
pub const INVITED: &str = "q";
pub const OTHERS: &str = "o";

/// What a figure is about, as `results-excel.csv` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    pub row: String,
    pub choice: String,
    pub group: String,
    pub measure: String,
}

/// Figures that a page shows, with their words; none where the data have none.
pub struct Shown<'a> {
    pub prefix: &'static str,
    pub items: &'a [Known],
    pub figures: &'a [Figure],
    pub words: &'a [Option<Words>],
}

/// What is wrong with the pages, by name and the one in the language of the words first.
pub fn objections(pages: &[(String, Page)], shown: &[Shown<'_>], remarks: &Remarks) -> Vec<String> {
    let Some((_, first)) = pages.first() else { return Vec::new() };
    let mut broken = Vec::new();
    for (name, page) in pages {
        let mut check = Check::new(name, page, first);
        check.broken.extend(page.odd.iter().map(|odd| format!("{name} has {odd}")));
        for shown in shown {
            let held = Held::of(shown, remarks);
            check.tables(&held);
            check.charts(&held);
            check.bases(&held);
        }
        check.unknown();
        check.sentences(remarks);
        broken.append(&mut check.broken);
    }
    broken
}

/// The check of one page.
struct Check<'a> {
    name: &'a str,
    page: &'a Page,
    /// Whose words are those of the data.
    first: &'a Page,
    /// Tables and charts that figures are known for.
    seen: BTreeSet<String>,
    broken: Vec<String>,
}

impl<'a> Check<'a> {
    fn new(name: &'a str, page: &'a Page, first: &'a Page) -> Check<'a> {
        Check { name, page, first, seen: BTreeSet::new(), broken: Vec::new() }
    }

    fn fault(&mut self, what: impl std::fmt::Display) {
        let name = self.name;
        self.broken.push(format!("{name} {what}"));
    }

    /// Holds what stands somewhere against what the data have there.
    fn says(&mut self, text: &str, expected: &Expected<'_>) {
        if !expected.is_said_by(text) {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            self.fault(format!("says `{text}` where results.csv has {expected}"));
        }
    }

    /// Tables and charts of nothing that is known. Who is represented how stands in another file.
    fn unknown(&mut self) {
        let tables = self.page.tables.iter().map(|table| ("table", &table.id));
        let all = tables.chain(self.page.charts.iter().map(|chart| ("chart", &chart.id)));
        let is_known = |id: &str| {
            let id = id.strip_prefix("t-").unwrap_or(id);
            id.starts_with("rep-")
        };
        let unknown: Vec<String> = all
            .filter(|(_, id)| !self.seen.contains(*id) && !is_known(id))
            .map(|(what, id)| format!("has a {what} `{id}` that is of no figures in results.csv"))
            .collect();
        unknown.into_iter().for_each(|what| self.fault(what));
    }
}

/// Figures with what is needed to find them by their words.
struct Held<'a> {
    shown: &'a Shown<'a>,
    remarks: &'a Remarks,
    /// Those that the first page's tables have.
    used: RefCell<BTreeSet<usize>>,
}

/// A question, and its items that have figures.
struct Asked<'a> {
    id: &'a str,
    items: Vec<&'a Known>,
}

impl<'a> Held<'a> {
    fn of(shown: &'a Shown<'a>, remarks: &'a Remarks) -> Held<'a> {
        Held { shown, remarks, used: RefCell::default() }
    }

    fn questions(&self) -> Vec<Asked<'a>> {
        let mut asked: Vec<Asked<'a>> = Vec::new();
        for item in self.shown.items.iter().filter(|item| !self.of_item(item).is_empty()) {
            match asked.last_mut().filter(|last| last.id == item.question) {
                Some(last) => last.items.push(item),
                None => asked.push(Asked { id: &item.question, items: vec![item] }),
            }
        }
        asked
    }

    /// Places of the figures of an item.
    fn of_item(&self, item: &Known) -> Vec<usize> {
        let figures = self.shown.figures.iter().enumerate();
        let own = figures.filter(|(_, it)| it.question == item.question && it.row == item.row);
        own.map(|(at, _)| at).collect()
    }

    fn figure(&self, at: usize) -> &'a Figure {
        &self.shown.figures[at]
    }

    /// Those of some figures whose words, by `word`, are `label`; where the data have words for none of them,
    /// those without any.
    fn called(&self, all: &[usize], label: &str, word: fn(&Words) -> &str) -> Vec<usize> {
        let label = squeezed(label);
        let words = |at: &usize| self.shown.words[*at].as_ref();
        let named = |at: &&usize| words(at).is_some_and(|words| squeezed(word(words)) == label);
        let found: Vec<usize> = all.iter().filter(named).copied().collect();
        match found.is_empty() {
            true => all.iter().filter(|at| words(at).is_none()).copied().collect(),
            false => found,
        }
    }

    /// The share or measure of some figures that a row or column called `label` shows. A choice comes before a
    /// measure of the same name.
    fn line(&self, all: &[usize], label: &str) -> Vec<usize> {
        let is_share = |at: &&usize| {
            let figure = self.figure(**at);
            !figure.choices.is_empty() && matches!(figure.measure, Measure::Percent | Measure::Top)
        };
        let is_whole = |at: &&usize| self.figure(**at).choices.is_empty();
        let shares: Vec<usize> = all.iter().filter(is_share).copied().collect();
        let found = self.called(&shares, label, |words| &words.choice);
        if !found.is_empty() {
            return found;
        }
        let whole: Vec<usize> = all.iter().filter(is_whole).copied().collect();
        self.called(&whole, label, |words| &words.measure)
    }
}

/// Words without the spaces between them, where lines are broken, and without the apostrophe that a spreadsheet gets
/// before what it would take for a formula.
fn squeezed(words: &str) -> String {
    let words: String = words.chars().filter(|sign| !sign.is_whitespace()).collect();
    words.strip_prefix('\'').map(str::to_owned).unwrap_or(words)
}

/// What stands at a place.
enum Expected<'a> {
    /// One of these: two choices may have the same words.
    Figure(Vec<&'a Figure>, Say),
    /// A number of people.
    People(u32, String),
    /// Nothing is published for it.
    Hidden(String),
}

/// What of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Say {
    Value,
    Interval,
    Both,
}

impl Expected<'_> {
    fn is_said_by(&self, text: &str) -> bool {
        let said = numbers::of(text);
        let says = |value: Option<Vec<String>>| match value {
            None => said.is_empty() && text.contains(HIDDEN),
            Some(numbers) => said == numbers && !text.contains(HIDDEN),
        };
        match self {
            Expected::Figure(any, say) => any.iter().any(|figure| says(told(figure, *say))),
            Expected::People(n, _) => says(Some(vec![n.to_string()])),
            Expected::Hidden(_) => says(None),
        }
    }
}

/// The numbers that a place has; none where they are hidden.
fn told(figure: &Figure, say: Say) -> Option<Vec<String>> {
    let ends = [figure.low, figure.high].into_iter().flatten();
    let ends = ends.filter(|_| figure.value.is_some() && say != Say::Value);
    match say {
        Say::Interval => Some(ends.map(numbers::written).collect()),
        _ => figure
            .value
            .map(|value| [value].into_iter().chain(ends).map(numbers::written).collect()),
    }
}

impl std::fmt::Display for Expected<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expected::Figure(any, say) => {
                let Some(figure) = any.first() else { return write!(out, "nothing") };
                let numbers = told(figure, *say).map(|numbers| numbers.join(" "));
                let numbers = numbers.unwrap_or_else(|| HIDDEN.to_owned());
                write!(out, "`{numbers}`: {}, {}", place(figure), figure.measure.name())
            }
            Expected::People(n, place) => write!(out, "`{n}`: {place}, group_n"),
            Expected::Hidden(place) => write!(out, "`{HIDDEN}`: {place}"),
        }
    }
}

/// A value in the unit it is drawn in: percents or tenths.
fn units(value: Value) -> i64 {
    match value {
        Value::Percent(percent) => i64::from(percent),
        Value::Tenths(tenths) => tenths,
    }
}
