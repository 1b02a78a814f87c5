//! Tables: the numbers of a chart, and those of the groups.

use serde::Serialize;

use super::super::words::Words;
use super::names::Names;
use super::{HIDDEN, points, ratio, written, written_interval, written_measure};
use crate::results::figure::{Measure, Value};
use crate::results::item::Shape;
use crate::results::page::{ByVariable, Cell, Line, Part, Represented, Shares, Told};

#[derive(Serialize)]
pub(super) struct TableView {
    pub(super) caption: String,
    /// What the rows are, and then what each column is.
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<RowView>,
    /// Has too many columns for a phone: it scrolls by itself.
    pub(super) wide: bool,
    pub(super) id: String,
    /// The heading right above says the same as the caption, which is then for screen readers.
    pub(super) quiet: bool,
}

#[derive(Serialize)]
pub(super) struct RowView {
    pub(super) head: String,
    pub(super) cells: Vec<CellView>,
}

#[derive(Serialize)]
pub(super) struct CellView {
    text: String,
    /// Below the value, where it has no column of its own.
    interval: Option<String>,
    hidden: bool,
}

/// More columns than a phone shows.
const NARROW: usize = 3;

impl TableView {
    pub(super) fn new(
        id: String,
        caption: String,
        head: Vec<String>,
        rows: Vec<RowView>,
    ) -> TableView {
        TableView { wide: head.len() > NARROW, quiet: false, id, caption, head, rows }
    }

    /// Of rows with nothing but texts.
    pub(super) fn plain(
        id: String,
        caption: String,
        head: Vec<String>,
        rows: Vec<(String, Vec<String>)>,
    ) -> TableView {
        let row = |(head, cells): (String, Vec<String>)| RowView {
            head,
            cells: cells.into_iter().map(CellView::plain).collect(),
        };
        TableView::new(id, caption, head, rows.into_iter().map(row).collect())
    }

    /// Below a heading with the words of its caption.
    pub(super) fn quiet(self) -> TableView {
        TableView { quiet: true, ..self }
    }
}

impl CellView {
    pub(super) fn plain(text: String) -> CellView {
        CellView { hidden: text == HIDDEN, text, interval: None }
    }

    /// The value, its interval below it.
    pub(super) fn of(cell: Cell, words: &Words) -> CellView {
        CellView {
            text: value(cell, words),
            interval: cell.interval.map(|ends| written_interval(ends, words)),
            hidden: cell.value.is_none(),
        }
    }
}

fn value(cell: Cell, words: &Words) -> String {
    cell.value.map_or_else(|| HIDDEN.to_owned(), |value| written(value, words))
}

pub(super) fn measured(measure: Measure, cell: Cell, words: &Words) -> String {
    cell.value.map_or_else(|| HIDDEN.to_owned(), |value| written_measure(measure, value, words))
}

/// The interval in a column of its own; nothing where there is none.
fn interval(cell: Cell, words: &Words) -> CellView {
    CellView::plain(cell.interval.map_or_else(String::new, |ends| written_interval(ends, words)))
}

/// The total of one item: a row a choice.
pub(super) fn of_total(
    told: &Told,
    lines: &[&Line],
    question: &str,
    names: &Names<'_>,
    id: &str,
) -> TableView {
    let words = names.words;
    let ui = |key: &str| words.ui(key).to_owned();
    let mut head = vec![ui("results_answer")];
    let mut rows = Vec::new();
    match told.shape {
        Shape::Ranking { places } => {
            let places = places.to_string();
            head.push(words.fill("results_top_of", &[("n", &places)]));
            head.extend(["results_uncertainty", "results_first", "results_borda"].map(ui));
            for line in lines {
                let same = |others: &[Line]| {
                    let mut others = others.iter();
                    let other = others.find(|other| other.choices == line.choices);
                    CellView::plain(other.map_or_else(String::new, |it| value(it.cell, words)))
                };
                let cells = vec![
                    CellView::plain(value(line.cell, words)),
                    interval(line.cell, words),
                    same(&told.total.first),
                    same(&told.total.borda),
                ];
                rows.push(RowView { head: names.choices(question, &line.choices), cells });
            }
        }
        _ => {
            let key = match told.shape {
                Shape::Number => "results_number",
                _ => "results_share",
            };
            head.extend([ui(key), ui("results_uncertainty")]);
            rows.extend(lines.iter().map(|line| {
                let (head, cell) = (names.choices(question, &line.choices), line.cell);
                let cells = vec![CellView::plain(value(cell, words)), interval(cell, words)];
                RowView { head, cells }
            }));
            rows.extend(told.total.whole.iter().map(|(measure, cell)| {
                let value = measured(*measure, *cell, words);
                let cells = vec![CellView::plain(value), interval(*cell, words)];
                RowView { head: measure_name(*measure, words), cells }
            }));
        }
    }
    TableView::new(id.to_owned(), names.question(question), head, rows)
}

/// The rows of a matrix, a column for each of its columns.
pub(super) fn of_rows(items: &[Told], question: &str, names: &Names<'_>, id: &str) -> TableView {
    let rows = items.iter().map(|told| {
        let row = told.row.as_deref().unwrap_or_default();
        (names.row(question, row), None, &told.total)
    });
    crossed(names.question(question), "results_statement", rows.collect(), question, names, id)
}

/// The groups of one variable below everybody.
pub(super) fn of_groups(
    told: &Told,
    by: &ByVariable,
    question: &str,
    names: &Names<'_>,
    id: &str,
) -> TableView {
    let all = (names.words.ui("results_all").to_owned(), Some(told.n), &told.total);
    let groups = by
        .groups
        .iter()
        .map(|group| (names.group(&by.variable, &group.categories), Some(group.n), &group.part));
    let caption = names.variable(&by.variable);
    let rows = std::iter::once(all).chain(groups).collect();
    crossed(caption, "results_group", rows, question, names, id)
}

/// Parts of the same item, or of items with the same choices, one below the other. Their lines are those of
/// the first of them; another's that were merged otherwise are said as its own.
fn crossed(
    caption: String,
    head: &str,
    parts: Vec<(String, Option<u32>, &Part)>,
    question: &str,
    names: &Names<'_>,
    id: &str,
) -> TableView {
    let words = names.words;
    let mut lines: Vec<&Vec<String>> = Vec::new();
    let mut measures: Vec<Measure> = Vec::new();
    for (_, _, part) in &parts {
        for line in
            part.shares.iter().filter(|line| !lines.contains(&&line.choices)).collect::<Vec<_>>()
        {
            lines.push(&line.choices);
        }
        for (measure, _) in &part.whole {
            if !measures.contains(measure) {
                measures.push(*measure);
            }
        }
    }
    let counted = parts.iter().any(|(_, n, _)| n.is_some());
    let mut heads = vec![words.ui(head).to_owned()];
    heads.extend(counted.then(|| words.ui("results_n").to_owned()));
    heads.extend(lines.iter().map(|choices| names.choices(question, choices)));
    heads.extend(measures.iter().map(|measure| measure_name(*measure, words)));
    let rows = parts.iter().map(|(head, n, part)| {
        let mut cells: Vec<CellView> = Vec::new();
        cells.extend(n.map(|n| CellView::plain(thousands(n, words))));
        cells.extend(lines.iter().map(|choices| {
            let line = part.shares.iter().find(|line| line.choices == **choices);
            CellView::of(line.map(|line| line.cell).unwrap_or_default(), words)
        }));
        cells.extend(measures.iter().map(|measure| {
            let cell = part.measure(*measure).unwrap_or_default();
            CellView { text: measured(*measure, cell, words), ..CellView::of(cell, words) }
        }));
        RowView { head: head.clone(), cells }
    });
    let rows = rows.collect();
    TableView::new(id.to_owned(), caption, heads, rows)
}

/// What a step has of a group; none where it is not known.
type Step = fn(&Shares) -> Option<u8>;

/// The five steps from the population to the weighted answers.
pub(super) fn represented(one: &Represented, caption: &str, names: &Names<'_>) -> TableView {
    let words = names.words;
    let steps: [(&str, Step); 5] = [
        ("results_step_population", |row| Some(row.population)),
        ("results_step_panel", |row| row.panel),
        ("results_step_invited", |row| row.invited),
        ("results_step_answered", |row| Some(row.answered)),
        ("results_step_weighted", |row| row.weighted),
    ];
    let has = |step: Step| one.rows.iter().any(|row| step(row).is_some());
    let steps: Vec<_> = steps.into_iter().filter(|(_, step)| has(*step)).collect();
    let mut head = vec![words.ui("results_group").to_owned()];
    head.extend(steps.iter().map(|(key, _)| words.ui(key).to_owned()));
    head.extend(["results_points", "results_ratio"].map(|key| words.ui(key).to_owned()));
    let rows = one.rows.iter().map(|row| {
        let apart = [points(row), ratio(row, words)].map(CellView::plain);
        let cells = steps.iter().map(|(_, step)| {
            let value = step(row).map(Value::Percent);
            CellView::plain(value.map_or_else(|| HIDDEN.to_owned(), |it| written(it, words)))
        });
        RowView {
            head: names.group(&one.variable, &row.categories),
            cells: cells.chain(apart).collect(),
        }
    });
    let id = format!("t-rep-{}", one.variable);
    TableView::new(id, caption.to_owned(), head, rows.collect())
}

pub(super) fn measure_name(measure: Measure, words: &Words) -> String {
    words.ui(&format!("results_{}", measure.name())).to_owned()
}

/// `12.300` in Danish, `12,300` in English.
pub(super) fn thousands(n: u32, words: &Words) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push_str(words.ui("thousands"));
        }
        out.push(digit);
    }
    out
}
