//! The tables of questions, cell by cell.

use std::collections::BTreeSet;

use super::read::Table;
use super::{Asked, Check, Expected, Held, Say, squeezed};
use crate::results::audit::agree::place;
use crate::results::figure::Measure;
use crate::results::sheet::Known;

/// So many figures that no table shows are named.
const FEW: usize = 5;

impl Check<'_> {
    /// Every table of a question that there is, and figures that stand in none.
    pub(super) fn tables(&mut self, held: &Held<'_>) {
        let prefix = held.shown.prefix;
        for asked in held.questions() {
            let id = format!("t-{prefix}-{}", asked.id);
            let is_matrix = asked.items.iter().any(|item| item.row.is_some());
            if let Some(table) = self.table(&id) {
                match is_matrix {
                    true => self.crossed(held, &table, &Crossed::rows(held, &asked)),
                    false => self.total(held, &table, asked.items[0]),
                }
            }
            for (at, item) in asked.items.iter().enumerate() {
                for variable in variables(held, item) {
                    if let Some(table) = self.table(&format!("{id}-{at}-{variable}")) {
                        self.crossed(held, &table, &Crossed::groups(held, item, variable));
                    }
                }
            }
            let mut at = 0;
            while let Some(table) = self.table(&format!("{id}-trend-{at}")) {
                self.trend(held, &table, &asked, at);
                at += 1;
            }
        }
        self.missing(held);
    }

    /// A table with the words of the first page, which has the same rows.
    fn table(&mut self, id: &str) -> Option<Table> {
        let own = self.page.tables.iter().find(|table| table.id == id)?;
        self.seen.insert(id.to_owned());
        let first = self.first.tables.iter().find(|table| table.id == id);
        let Some(first) = first.filter(|first| is_alike(first, own)) else {
            self.fault(format!("has a table `{id}` of other rows or columns than index.html"));
            return None;
        };
        let rows = first.rows.iter().zip(&own.rows);
        let rows = rows.map(|((head, _), (_, cells))| (head.clone(), cells.clone()));
        Some(Table { id: own.id.clone(), head: first.head.clone(), rows: rows.collect() })
    }

    /// Everybody's shares, a row a choice.
    fn total(&mut self, held: &Held<'_>, table: &Table, item: &Known) {
        let total = of_group(held, &held.of_item(item), None);
        let is_ranking = total.iter().any(|at| held.figure(*at).measure == Measure::Top);
        for (label, cells) in &table.rows {
            let found = held.line(&total, label);
            let Some(first) = found.first() else {
                self.unlike(table, label);
                continue;
            };
            held.used.borrow_mut().extend(&found);
            let of = |places: &[usize], say| {
                Expected::Figure(places.iter().map(|at| held.figure(*at)).collect(), say)
            };
            let mut wanted = vec![of(&found, Say::Value), of(&found, Say::Interval)];
            let choices = &held.figure(*first).choices;
            if is_ranking && !choices.is_empty() {
                for measure in [Measure::First, Measure::Borda] {
                    let same = |at: &&usize| {
                        let figure = held.figure(**at);
                        figure.measure == measure && figure.choices == *choices
                    };
                    let same: Vec<usize> = total.iter().filter(same).copied().collect();
                    held.used.borrow_mut().extend(&same);
                    // What there is no figure of has an empty cell.
                    if !same.is_empty() {
                        wanted.push(of(&same, Say::Value));
                    }
                }
            }
            self.cells(table, label, cells, &wanted);
        }
    }

    /// Several parts of a question below one another, a column a choice or measure.
    fn crossed(&mut self, held: &Held<'_>, table: &Table, crossed: &Crossed) {
        let columns = table.head.get(1 + usize::from(crossed.counts)..).unwrap_or_default();
        for (label, cells) in &table.rows {
            let part = held.called(&crossed.figures, label, crossed.names);
            let Some(first) = part.first() else {
                self.unlike(table, label);
                continue;
            };
            let at = place(&crate::results::figure::Figure {
                choices: Vec::new(),
                ..held.figure(*first).clone()
            });
            let mut wanted = Vec::new();
            if crossed.counts {
                let n = part.iter().map(|at| held.figure(*at).n).max().unwrap_or_default();
                wanted.push(Expected::People(n, at.clone()));
            }
            for column in columns {
                let found = held.line(&part, column);
                held.used.borrow_mut().extend(&found);
                if found.is_empty() && held.line(&crossed.figures, column).is_empty() {
                    self.unlike(table, column);
                }
                wanted.push(match found.is_empty() {
                    true => Expected::Hidden(format!("{at}, {column}")),
                    false => {
                        let figures = found.iter().map(|at| held.figure(*at)).collect();
                        Expected::Figure(figures, Say::Both)
                    }
                });
            }
            self.cells(table, label, cells, &wanted);
        }
    }

    /// The last column is this survey's; the others are of earlier releases, which lie elsewhere.
    fn trend(&mut self, held: &Held<'_>, table: &Table, asked: &Asked<'_>, at: usize) {
        let total = of_trend(held, asked, at);
        let last = table.rows.len().saturating_sub(1);
        for (place_of, (label, cells)) in table.rows.iter().enumerate() {
            let Some(cell) = cells.last() else { continue };
            let found = held.line(&total, label);
            let figures: Vec<_> = found.iter().map(|at| held.figure(*at)).collect();
            let n = total.iter().map(|at| held.figure(*at).n).max().unwrap_or_default();
            let expected = match (figures.is_empty(), place_of == last) {
                (false, _) => Expected::Figure(figures, Say::Both),
                (true, true) => Expected::People(n, asked.id.to_owned()),
                // An answer that was merged otherwise before.
                (true, false) => Expected::Hidden(format!("{}, {label}", asked.id)),
            };
            self.says(cell, &expected);
        }
    }

    fn cells(&mut self, table: &Table, label: &str, cells: &[String], wanted: &[Expected<'_>]) {
        if cells.len() < wanted.len() {
            let (id, has, wants) = (&table.id, cells.len(), wanted.len());
            self.fault(format!("has {has} cells and not {wants} in `{label}` of the table `{id}`"));
        }
        for (at, cell) in cells.iter().enumerate() {
            match wanted.get(at) {
                Some(expected) => self.says(cell, expected),
                None if squeezed(cell).is_empty() => {}
                None => self.fault(format!(
                    "says `{}` where results.csv has nothing: `{label}` of the table `{}`",
                    cell.trim(),
                    table.id
                )),
            }
        }
    }

    fn unlike(&mut self, table: &Table, label: &str) {
        let id = &table.id;
        self.fault(format!(
            "has `{label}` in the table `{id}`, which results-excel.csv does not have"
        ));
    }

    /// Figures that no table shows. Of a question with nothing but hidden ones there is no table.
    fn missing(&mut self, held: &Held<'_>) {
        let used = held.used.borrow();
        let is_shown = |question: &str| {
            let mut figures = held.shown.figures.iter();
            figures.any(|figure| figure.question == question && figure.value.is_some())
        };
        let missing = held.shown.figures.iter().enumerate().filter(|(at, figure)| {
            // Of a ranking's groups the data have more than the page.
            let is_in_data_alone =
                figure.group.is_some() && matches!(figure.measure, Measure::First | Measure::Borda);
            !used.contains(at) && !is_in_data_alone && is_shown(&figure.question)
        });
        let missing: Vec<String> = missing
            .take(FEW)
            .map(|(_, figure)| format!("{}, {}", place(figure), figure.measure.name()))
            .collect();
        for figure in missing {
            self.fault(format!("has no place for a figure of results.csv: {figure}"));
        }
    }

    /// Of each question how many answered, in words.
    pub(super) fn bases(&mut self, held: &Held<'_>) {
        for asked in held.questions() {
            let of_all = |item: &&Known| {
                let total = of_group(held, &held.of_item(item), None);
                total.iter().map(|at| held.figure(*at).n).max()
            };
            let each: Vec<u32> = asked.items.iter().filter_map(of_all).collect();
            let Some(said) = self.page.bases.get(&format!("{}-{}", held.shown.prefix, asked.id))
            else {
                continue;
            };
            let numbers = super::numbers::of(said);
            let ends = BTreeSet::from([each.iter().min(), each.iter().max()]);
            for n in ends.into_iter().flatten() {
                if !numbers.contains(&n.to_string()) {
                    self.fault(format!("says `{said}` where results.csv has `{n}`: {}", asked.id));
                }
            }
        }
    }
}

fn is_alike(one: &Table, other: &Table) -> bool {
    let widths =
        |table: &Table| table.rows.iter().map(|(_, cells)| cells.len()).collect::<Vec<_>>();
    one.head.len() == other.head.len() && widths(one) == widths(other)
}

/// What a crossed table is of.
struct Crossed {
    figures: Vec<usize>,
    /// Which of a figure's words name its row.
    names: fn(&super::Words) -> &str,
    /// The first column is how many people there are.
    counts: bool,
}

impl Crossed {
    /// The rows of a matrix, everybody's.
    fn rows(held: &Held<'_>, asked: &Asked<'_>) -> Crossed {
        let all = asked.items.iter().flat_map(|item| held.of_item(item));
        let figures = of_group(held, &all.collect::<Vec<_>>(), None);
        Crossed { figures, names: |words| &words.row, counts: false }
    }

    fn groups(held: &Held<'_>, item: &Known, variable: &str) -> Crossed {
        let all = held.of_item(item);
        let mut figures = of_group(held, &all, None);
        figures.extend(of_group(held, &all, Some(variable)));
        Crossed { figures, names: |words| &words.group, counts: true }
    }
}

/// Those of everybody, or of the groups of a variable.
pub(super) fn of_group(held: &Held<'_>, all: &[usize], variable: Option<&str>) -> Vec<usize> {
    let own = |at: &&usize| {
        held.figure(**at).group.as_ref().map(|group| group.variable.as_str()) == variable
    };
    all.iter().filter(own).copied().collect()
}

/// The variables that an item has groups by.
pub(super) fn variables<'a>(held: &Held<'a>, item: &Known) -> Vec<&'a str> {
    let mut variables: Vec<&str> = Vec::new();
    for at in held.of_item(item) {
        let variable = held.figure(at).group.as_ref().map(|group| group.variable.as_str());
        variables.extend(variable.filter(|variable| !variables.contains(variable)));
    }
    variables
}

/// Everybody's figures of the item that the trend at this place is of: remarks are in the same order.
pub(super) fn of_trend(held: &Held<'_>, asked: &Asked<'_>, at: usize) -> Vec<usize> {
    let mut trends = held.remarks.trends.iter().filter(|trend| trend.question == asked.id);
    let row = trends.nth(at).map(|trend| &trend.row);
    let items = asked.items.iter().filter(|item| row.is_none_or(|row| *row == item.row));
    let all: Vec<usize> = items.flat_map(|item| held.of_item(item)).collect();
    of_group(held, &all, None)
}
