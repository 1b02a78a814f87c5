//! A question on the page of results: its words, whom it was asked, its chart and its tables.

use serde::Serialize;

use super::super::words::Words;
use super::names::Names;
use super::said;
use super::table::{self, TableView};
use super::told::listed;
use super::trend::TrendView;
use super::{HIDDEN, written};
use crate::results::charts::{self, Axis, Bar, Caption, Dot, Row, left_to_hidden};
use crate::results::figure::{Measure, Value};
use crate::results::item::Shape;
use crate::results::page::{Asked, ByVariable, Line, Part, Told};
use crate::results::trend::Trend;
use crate::survey::model::{Question, Survey};

/// What ids of questions begin with, and those of the answers of others who were not invited.
pub(super) const QUESTIONS: &str = "q";
pub(super) const OTHERS: &str = "o";

#[derive(Serialize)]
pub(super) struct QuestionView {
    id: String,
    text: String,
    help: Option<String>,
    /// How it was answered, where the numbers would mislead whoever does not know.
    asks: Option<String>,
    base: String,
    cue: Option<String>,
    charts: Vec<ChartView>,
    /// What the parts of a diverging chart mean: class and words.
    legend: Vec<(String, String)>,
    /// None where no figure is shown, of everybody or of any group: then a sentence says so.
    table: Option<TableView>,
    groups: Vec<GroupsView>,
    has_hidden: bool,
    /// Of a question that staff coded.
    quotes: Vec<String>,
    trend: Option<TrendView>,
}

#[derive(Serialize)]
struct ChartView {
    /// What stands above it, where the question's words do not.
    row: Option<String>,
    svg: String,
}

/// The groups of one item.
#[derive(Serialize)]
struct GroupsView {
    /// The row of a matrix; none where the question has one item.
    row: Option<String>,
    variables: Vec<VariableView>,
}

#[derive(Serialize)]
struct VariableView {
    /// Which groups differ.
    said: Vec<String>,
    chart: Option<ChartView>,
    table: TableView,
}

impl QuestionView {
    /// `prefix` begins its ids on the page.
    pub(super) fn of(
        asked: &Asked,
        names: &Names<'_>,
        prefix: &str,
        trends: &[Trend],
    ) -> QuestionView {
        let words = names.words;
        let question = names.survey.question(&asked.id);
        let question = question.expect("`lay_out` lists the survey's own questions");
        let voice = names.coded.iter().find(|voice| voice.question == asked.id);
        let id = format!("{prefix}-{}", asked.id);
        let drawing = Drawing { question, names, id: &id };
        let is_matrix = asked.items.iter().any(|told| told.row.is_some());
        let diverges = is_matrix && asked.items.iter().all(can_diverge);
        let (charts, table) = match asked.items.as_slice() {
            items if diverges => (vec![drawing.diverging(items)], drawing.rows(items)),
            items if is_matrix => {
                let charts = items.iter().enumerate().map(|(at, told)| drawing.bars(told, at));
                (charts.collect(), drawing.rows(items))
            }
            items => {
                let told = &items[0];
                let lines = drawing.sorted(told);
                let table = table::of_total(told, &lines, &asked.id, names, &format!("t-{id}"));
                (drawing.of_item(told), table)
            }
        };
        let parts = || {
            asked.items.iter().flat_map(|told| {
                let groups = told.variables.iter().flat_map(|by| &by.groups);
                std::iter::once(&told.total).chain(groups.map(|group| &group.part))
            })
        };
        let is_shown = parts().any(|part| !part.is_hidden());
        QuestionView {
            text: question.text.html.clone(),
            help: question.help.as_ref().map(|text| text.html.clone()),
            asks: match voice {
                Some(_) => Some(words.ui("results_asks_coded").to_owned()),
                None => asks(question, words),
            },
            base: base(&asked.items, words),
            cue: cue(names.survey, question),
            legend: if diverges { drawing.legend(&asked.items[0]) } else { Vec::new() },
            charts: if is_shown { charts } else { Vec::new() },
            table: is_shown.then(|| table.quiet()),
            groups: if is_shown { drawing.groups(&asked.items) } else { Vec::new() },
            has_hidden: is_shown && parts().any(has_hidden),
            quotes: match voice {
                // Only beside the answers of those the survey speaks of.
                Some(voice) if prefix == QUESTIONS => voice.quotes.clone(),
                _ => Vec::new(),
            },
            trend: trends
                .iter()
                .find(|trend| trend.question == asked.id)
                .map(|trend| TrendView::of(trend, names, &id)),
            id,
        }
    }
}

fn has_hidden(part: &Part) -> bool {
    let lines = part.shares.iter().chain(&part.first).chain(&part.borda);
    let mut cells = lines.map(|line| line.cell).chain(part.whole.iter().map(|(_, cell)| *cell));
    cells.any(|cell| cell.value.is_none())
}

/// How many answered; of a matrix the fewest and the most of its rows.
fn base(items: &[Told], words: &Words) -> String {
    let each = items.iter().map(|told| told.n);
    let (least, most) = (each.clone().min().unwrap_or(0), each.max().unwrap_or(0));
    let (least, most) = (table::thousands(least, words), table::thousands(most, words));
    if least == most {
        return words.fill("results_base", &[("n", &most)]);
    }
    words.fill("results_base_rows", &[("from", &least), ("to", &most)])
}

/// What readers of the page without a script were told of whom it is for.
fn cue(survey: &Survey, question: &Question) -> Option<String> {
    let holds = |page: &&crate::survey::Page| page.questions.iter().any(|it| it.id == question.id);
    let page = survey.pages.iter().find(holds).and_then(|page| page.cue.clone());
    question.cue.clone().or(page)
}

fn asks(question: &Question, words: &Words) -> Option<String> {
    let number = |n: Option<u32>| n.unwrap_or(question.choices.len() as u32).to_string();
    match question.kind.rules().name() {
        "multiple" => Some(match question.most() {
            Some(most) => words.fill("results_asks_up_to", &[("n", &most.to_string())]),
            None => words.ui("results_asks_several").to_owned(),
        }),
        "matrix-multiple" => Some(words.ui("results_asks_several").to_owned()),
        "ranking" => Some(words.fill("results_asks_ranking", &[("n", &number(question.top))])),
        "points" => Some(words.fill("results_asks_points", &[("n", &number(question.share))])),
        // An abbreviation has its point, and the sentence ends in one.
        "number" => question
            .unit
            .as_ref()
            .map(|unit| words.fill("results_asks_unit", &[("unit", unit.trim_end_matches('.'))])),
        _ => None,
    }
}

/// Shares of an ordered row with a middle.
fn can_diverge(told: &Told) -> bool {
    let steps = told.total.shares.iter().filter(|line| !line.apart).count();
    told.shape == Shape::Ordered && [3, 5, 7].contains(&steps)
}

/// What draws one question.
struct Drawing<'a> {
    question: &'a Question,
    names: &'a Names<'a>,
    id: &'a str,
}

impl Drawing<'_> {
    fn written(&self, value: Option<Value>) -> String {
        value.map_or_else(|| HIDDEN.to_owned(), |value| written(value, self.names.words))
    }

    fn label(&self, line: &Line) -> String {
        self.names.choices(&self.question.id, &line.choices)
    }

    /// The largest first; an order that means something is kept, and "other" and "none" come last.
    fn sorted<'t>(&self, told: &'t Told) -> Vec<&'t Line> {
        let mut lines: Vec<&Line> = told.total.shares.iter().collect();
        if told.shape != Shape::Ordered {
            let is_other = |line: &Line| {
                let mut ids = line.choices.iter();
                ids.any(|id| self.names.choice_of(self.question, id).is_some_and(|it| it.other))
            };
            let size = |line: &Line| {
                line.cell.value.map_or(-1, |value| match value {
                    Value::Percent(percent) => i64::from(percent),
                    Value::Tenths(tenths) => tenths,
                })
            };
            lines.sort_by_key(|line| (line.apart, is_other(line), -size(line)));
        }
        lines
    }

    fn of_item(&self, told: &Told) -> Vec<ChartView> {
        match told.shape {
            Shape::Number => Vec::new(),
            _ => vec![self.bars(told, 0)],
        }
    }

    /// One item as bars; of a matrix its row is the name of the chart.
    fn bars(&self, told: &Told, at: usize) -> ChartView {
        let words = self.names.words;
        let lines = self.sorted(told);
        let bars: Vec<Bar> = lines
            .iter()
            .map(|line| Bar {
                label: self.label(line),
                value: line.cell.value,
                written: self.written(line.cell.value),
            })
            .collect();
        let is_whole = matches!(told.shape, Shape::Single | Shape::Ordered);
        let hidden = bars.iter().any(|bar| bar.value.is_none());
        let left = left_to_hidden(bars.iter().filter_map(|bar| bar.value));
        let rest = (is_whole && hidden).then(|| (words.ui("results_hidden_rest"), left));
        let row = told.row.as_ref().map(|row| self.names.row(&self.question.id, row));
        let title = row.clone().unwrap_or_else(|| self.question.text.plain.clone());
        let id = format!("c-{}-{at}", self.id);
        let desc = self.largest(&lines, hidden.then_some(if is_whole { left } else { 100 }));
        let caption = Caption { id: &id, title: &title, desc: &desc };
        ChartView { row, svg: charts::bars(&caption, &bars, rest) }
    }

    /// What a chart says in a sentence: its largest share, and where all of them stand. Of many that are alike
    /// none is named, nor where what is hidden, of this many percent at most, may be larger.
    fn largest(&self, lines: &[&Line], hidden: Option<u8>) -> String {
        let words = self.names.words;
        let most = lines.iter().filter_map(|line| line.cell.value).max();
        let is_sure = match (most, hidden) {
            (Some(Value::Percent(most)), Some(hidden)) => hidden < most,
            (most, hidden) => most.is_some() && hidden.is_none(),
        };
        let largest = lines.iter().filter(|line| is_sure && line.cell.value == most);
        let labels: Vec<String> = largest.map(|line| self.label(line)).collect();
        let value = self.written(most);
        let largest = match labels.as_slice() {
            [label] => {
                Some(words.fill("results_chart_largest", &[("label", label), ("value", &value)]))
            }
            [_, _] | [_, _, _] => {
                let quoted: Vec<String> = labels.iter().map(|label| format!("“{label}”")).collect();
                let list = listed(&quoted, words);
                Some(words.fill("results_chart_tied", &[("list", &list), ("value", &value)]))
            }
            _ => None,
        };
        let table = words.ui("results_chart_table").to_owned();
        largest.into_iter().chain([table]).collect::<Vec<_>>().join(" ")
    }

    fn diverging(&self, items: &[Told]) -> ChartView {
        let words = self.names.words;
        let rows: Vec<Row> = items.iter().map(|told| self.diverging_row(told)).collect();
        let id = format!("c-{}", self.id);
        let title = &self.question.text.plain;
        let caption = Caption { id: &id, title, desc: words.ui("results_chart_diverging") };
        let parts = items[0].total.shares.iter().filter(|line| !line.apart);
        let labels: Vec<String> = parts.map(|line| self.label(line)).collect();
        let sides = [labels.first(), labels.last()].map(|side| side.cloned().unwrap_or_default());
        ChartView { row: None, svg: charts::diverging(&caption, &rows, &sides) }
    }

    fn diverging_row(&self, told: &Told) -> Row {
        let (aside, parts): (Vec<&Line>, Vec<&Line>) =
            told.total.shares.iter().partition(|line| line.apart);
        let note = aside.first().map(|line| {
            let value = self.written(line.cell.value);
            format!("{}: {value}", self.label(line))
        });
        let row = told.row.as_deref().unwrap_or_default();
        Row {
            label: self.names.row(&self.question.id, row),
            parts: parts.iter().map(|line| line.cell.value).collect(),
            aside: aside.first().and_then(|line| line.cell.value),
            note,
        }
    }

    fn legend(&self, told: &Told) -> Vec<(String, String)> {
        let parts: Vec<&Line> = told.total.shares.iter().filter(|line| !line.apart).collect();
        let class = |at: usize| charts::side(at, parts.len()).to_owned();
        parts.iter().enumerate().map(|(at, line)| (class(at), self.label(line))).collect()
    }

    fn rows(&self, items: &[Told]) -> TableView {
        table::of_rows(items, &self.question.id, self.names, &format!("t-{}", self.id))
    }

    fn groups(&self, items: &[Told]) -> Vec<GroupsView> {
        let with = items.iter().enumerate().filter(|(_, told)| !told.variables.is_empty());
        let view = with.map(|(at, told)| GroupsView {
            row: told.row.as_ref().map(|row| self.names.row(&self.question.id, row)),
            variables: told.variables.iter().map(|by| self.variable(told, by, at)).collect(),
        });
        view.collect()
    }

    fn variable(&self, told: &Told, by: &ByVariable, at: usize) -> VariableView {
        let id = format!("{}-{at}-{}", self.id, by.variable);
        let table = table::of_groups(told, by, &self.question.id, self.names, &format!("t-{id}"));
        let said = said::of_groups(told, by, &self.question.id, self.names).sentences;
        VariableView { said, chart: self.dots(told, by, &format!("c-{id}")), table }
    }

    /// Means, or medians of a number, of everybody and of each group; none where no group shows any.
    fn dots(&self, told: &Told, by: &ByVariable, id: &str) -> Option<ChartView> {
        let words = self.names.words;
        let measure = match told.shape {
            Shape::Number => Measure::Median,
            _ => Measure::Mean,
        };
        let is_shown = |part: &Part| part.measure(measure).is_some_and(|it| it.value.is_some());
        if !by.groups.iter().any(|group| is_shown(&group.part)) {
            return None;
        }
        let dot = |label: String, part: &Part| {
            let cell = part.measure(measure).unwrap_or_default();
            let written = table::measured(measure, cell, words);
            Dot { label, value: cell.value, interval: cell.interval, written }
        };
        let all = dot(words.ui("results_all").to_owned(), &told.total);
        let groups = by
            .groups
            .iter()
            .map(|group| dot(self.names.group(&by.variable, &group.categories), &group.part));
        let dots: Vec<Dot> = std::iter::once(all).chain(groups).collect();
        let (from, to) = told.range.unwrap_or_else(|| axis_of(&dots));
        let end = |tenths: i64| written(Value::Tenths(tenths), words);
        let ends = [from, to].map(|tenths| match tenths % 10 {
            0 => (tenths / 10).to_string().replace('-', "−"),
            _ => end(tenths),
        });
        let axis = Axis { from, to, ends };
        let title = format!(
            "{}: {}",
            table::measure_name(measure, words),
            self.names.variable(&by.variable)
        );
        let caption = Caption { id, title: &title, desc: words.ui("results_chart_table") };
        let svg = charts::dots(&caption, &axis, &dots);
        Some(ChartView { row: Some(title), svg })
    }
}

/// An axis that holds all that is shown, to the next ten on either side.
fn axis_of(dots: &[Dot]) -> (i64, i64) {
    let ends = dots.iter().flat_map(|dot| {
        let interval = dot.interval.map(|(low, high)| [low, high]);
        dot.value.into_iter().chain(interval.into_iter().flatten())
    });
    let tenths = ends.filter_map(|value| match value {
        Value::Tenths(tenths) => Some(tenths),
        Value::Percent(_) => None,
    });
    let tenths: Vec<i64> = tenths.collect();
    let low = tenths.iter().min().copied().unwrap_or(0);
    let high = tenths.iter().max().copied().unwrap_or(0);
    (low.div_euclid(100) * 100, (high.div_euclid(100) + 1) * 100)
}
