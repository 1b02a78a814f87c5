//! A question over time: its totals in earlier surveys as small lines, with their table.

use jiff::civil::Date;
use serde::Serialize;

use super::super::words::Words;
use super::names::Names;
use super::said;
use super::table::{CellView, RowView, TableView, measure_name, measured, thousands};
use crate::results::charts::tracks::{Mark, Track, tracks};
use crate::results::charts::{Axis, Caption};
use crate::results::figure::{Measure, Value};
use crate::results::page::{Cell, Part};
use crate::results::trend::{Tracked, Trend};
use crate::survey::settings::Moment;

#[derive(Serialize)]
pub(super) struct TrendView {
    items: Vec<TrackedView>,
    /// Surveys that asked it otherwise.
    unlike: Option<String>,
}

#[derive(Serialize)]
struct TrackedView {
    /// The row of a matrix; none where the question has one item.
    row: Option<String>,
    said: Vec<String>,
    chart: String,
    table: TableView,
}

impl TrendView {
    /// `id` begins the ids of its parts on the page.
    pub(super) fn of(trend: &Trend, names: &Names<'_>, id: &str) -> TrendView {
        let words = names.words;
        let items = trend.items.iter().enumerate().map(|(at, tracked)| {
            let times = times(tracked.points.iter().map(|point| point.day.as_str()), words);
            let since = times[times.len() - 2].clone();
            let row = tracked.row.as_ref().map(|row| names.row(&trend.question, row));
            let drawing = Drawing { tracked, names, question: &trend.question, times: &times };
            TrackedView {
                said: said::of_time(tracked, &since, &trend.question, names).sentences,
                chart: drawing.chart(&format!("c-{id}-trend-{at}"), row.as_deref()),
                table: drawing.table(&format!("t-{id}-trend-{at}")).quiet(),
                row,
            }
        });
        let unlike = times(trend.unlike.iter().map(String::as_str), words);
        let unlike = (!unlike.is_empty()).then(|| {
            let list = super::told::listed(&unlike, words);
            words.fill("results_trend_unlike", &[("times", &list)])
        });
        TrendView { items: items.collect(), unlike }
    }
}

/// When each of several surveys was answered: years where they tell them apart, else months, else days.
pub(super) fn times<'d>(days: impl Iterator<Item = &'d str>, words: &Words) -> Vec<String> {
    let days: Vec<&str> = days.collect();
    let written = |pattern: &dyn Fn(Date) -> String| -> Vec<String> {
        let one = |day: &&str| day.parse().map_or_else(|_| (*day).to_owned(), pattern);
        days.iter().map(one).collect()
    };
    let month = |date: Date| {
        let at = usize::try_from(date.month() - 1).unwrap_or_default();
        let name = words.ui("months").split(' ').nth(at).unwrap_or_default();
        format!("{} {}", name.chars().take(3).collect::<String>(), date.year())
    };
    let differ = |times: &Vec<String>| (1..times.len()).all(|at| !times[..at].contains(&times[at]));
    let years = written(&|date| date.year().to_string());
    let months = written(&month);
    let full = written(&|date| words.moment(Moment::Day(date)));
    [years, months].into_iter().find(differ).unwrap_or(full)
}

struct Drawing<'a> {
    tracked: &'a Tracked,
    names: &'a Names<'a>,
    question: &'a str,
    times: &'a [String],
}

/// A row of the table, and a line of the chart.
struct Line {
    name: String,
    measure: Measure,
    cells: Vec<Cell>,
}

impl Drawing<'_> {
    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.tracked.points.iter().map(|point| &point.part)
    }

    fn shares(&self) -> Vec<Line> {
        let mut known: Vec<&Vec<String>> = Vec::new();
        // This survey's own first: an answer that was merged otherwise before has a line of its own.
        for line in self.parts().collect::<Vec<_>>().into_iter().rev().flat_map(|it| &it.shares) {
            if !known.contains(&&line.choices) {
                known.push(&line.choices);
            }
        }
        let line = |choices: &&Vec<String>| Line {
            name: self.names.choices(self.question, choices),
            measure: Measure::Percent,
            cells: self
                .parts()
                .map(|part| part.shares.iter().find(|line| line.choices == **choices))
                .map(|line| line.map(|line| line.cell).unwrap_or_default())
                .collect(),
        };
        known.iter().map(line).collect()
    }

    /// Measures of the whole item that are shown at least once.
    fn wholes(&self) -> Vec<Line> {
        let measures = [Measure::Mean, Measure::Median, Measure::Q1, Measure::Q3];
        let line = |measure: Measure| Line {
            name: measure_name(measure, self.names.words),
            measure,
            cells: self.parts().map(|part| part.measure(measure).unwrap_or_default()).collect(),
        };
        let is_shown = |line: &Line| line.cells.iter().any(|cell| cell.value.is_some());
        measures.map(line).into_iter().filter(is_shown).collect()
    }

    /// Of an item with a mean that, else its shares.
    fn chart(&self, id: &str, row: Option<&str>) -> String {
        let words = self.names.words;
        let mean = self.wholes().into_iter().find(|line| line.measure == Measure::Mean);
        let lines = mean.map_or_else(|| self.shares(), |mean| vec![mean]);
        let drawn: Vec<Track> = lines
            .iter()
            .map(|line| Track {
                label: line.name.clone(),
                marks: line.cells.iter().map(|cell| self.mark(line.measure, *cell)).collect(),
            })
            .collect();
        let about = row.map_or_else(|| self.names.question(self.question), str::to_owned);
        let title = words.fill("results_trend_of", &[("question", &about)]);
        let caption = Caption { id, title: &title, desc: words.ui("results_chart_table") };
        tracks(&caption, &axis(&lines), self.times, &drawn)
    }

    fn mark(&self, measure: Measure, cell: Cell) -> Mark {
        Mark { value: cell.value, written: measured(measure, cell, self.names.words) }
    }

    fn table(&self, id: &str) -> TableView {
        let words = self.names.words;
        let mut head = vec![words.ui("results_answer").to_owned()];
        head.extend(self.times.iter().cloned());
        let n = self.tracked.points.iter().map(|point| CellView::plain(thousands(point.n, words)));
        let asked = RowView { head: words.ui("results_trend_n").to_owned(), cells: n.collect() };
        let rows = self.shares().into_iter().chain(self.wholes()).map(|line| RowView {
            cells: line.cells.iter().map(|cell| self.cell(line.measure, *cell)).collect(),
            head: line.name,
        });
        let caption = words.fill("results_trend_of", &[("question", &self.about())]);
        TableView::new(id.to_owned(), caption, head, rows.chain([asked]).collect())
    }

    fn about(&self) -> String {
        let row = self.tracked.row.as_ref().map(|row| self.names.row(self.question, row));
        row.unwrap_or_else(|| self.names.question(self.question))
    }

    fn cell(&self, measure: Measure, cell: Cell) -> CellView {
        let words = self.names.words;
        match cell.interval {
            Some(_) => CellView::of(cell, words),
            None => CellView::plain(measured(measure, cell, words)),
        }
    }
}

/// The same for all lines: from nought to the next ten percent, or around the means.
fn axis(lines: &[Line]) -> Axis {
    let cells = lines.iter().flat_map(|line| &line.cells).filter_map(|cell| cell.value);
    let (mut percents, mut tenths): (Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new());
    for value in cells {
        match value {
            Value::Percent(percent) => percents.push(i64::from(percent)),
            Value::Tenths(tenth) => tenths.push(tenth),
        }
    }
    let (from, to) = match (tenths.iter().min(), tenths.iter().max()) {
        (Some(least), Some(most)) => {
            (least.div_euclid(10) * 10 - 10, (most.div_euclid(10) + 2) * 10)
        }
        _ => (0, (percents.iter().max().unwrap_or(&0) / 10 + 1) * 10),
    };
    Axis { from, to, ends: Default::default() }
}
