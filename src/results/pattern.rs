//! What of one item may be published: which groups, which choices, which cells. A figure exists only where
//! a pattern has a [`Slot`] for it.

use super::figure::{Figure, Group, Measure, Value};
use super::item::{Choice, Shape};
use super::table::{Part, Released, Table};
use crate::response::targets::Variable;

/// Why a table, or all of an item, is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// Fewer answers than any result needs.
    FewAnswers,
    /// Fewer answers than a table by groups needs.
    FewForGroups,
    /// No group of the variable is large enough, or one alone is left that is nearly everybody.
    SmallGroups,
    /// No way of hiding keeps everybody in it safe.
    NotSafe,
}

/// What of one item may be published.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    pub question: String,
    pub row: Option<String>,
    pub shape: Shape,
    pub routed: bool,
    pub required: bool,
    /// The rows of its tables: the choices of each, more than one where they were merged.
    pub choices: Vec<Vec<Choice>>,
    /// The first is everybody; empty where nothing may be published.
    pub tables: Vec<Table<Released>>,
    /// The variables without a table, and why; `None` is the whole item.
    pub withheld: Vec<(Option<Variable>, Withheld)>,
}

/// A place for a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot<'a> {
    pub measure: Measure,
    /// An index into [`Pattern::choices`]; none for what is about the whole item.
    pub choice: Option<usize>,
    pub variable: Option<Variable>,
    /// The ids of the group's categories; empty for everybody.
    pub categories: &'a [String],
    /// An interval may stand beside it: nothing of its group is hidden.
    pub has_interval: bool,
}

/// What a slot shows, and its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shown {
    pub value: Value,
    pub interval: Option<(Value, Value)>,
}

impl Pattern {
    pub fn parts(&self) -> &'static [Part] {
        Part::of(self.shape)
    }

    /// The ids of a row's choices.
    pub fn ids(&self, choice: usize) -> Vec<String> {
        self.choices[choice].iter().map(|choice| choice.id.clone()).collect()
    }

    /// The item's figures, in the order of choices and groups. `estimate` is asked for the slots that may be
    /// shown, and for no other; what it does not give is hidden.
    pub fn figures(&self, mut estimate: impl FnMut(&Slot) -> Option<Shown>) -> Vec<Figure> {
        let mut figures = Vec::new();
        for table in &self.tables {
            for group in 0..table.groups.len() {
                for (measure, choice) in self.measures() {
                    let slot = Slot {
                        measure,
                        choice,
                        variable: table.variable,
                        categories: &table.groups[group],
                        has_interval: table.is_whole(group),
                    };
                    let is_open = self.is_open(table, group, measure, choice);
                    let shown = if is_open { estimate(&slot) } else { None };
                    figures.push(self.figure(table, group, &slot, shown));
                }
            }
        }
        figures
    }

    /// The measures of one group, each with its row.
    fn measures(&self) -> Vec<(Measure, Option<usize>)> {
        let rows = |measure: Measure| (0..self.choices.len()).map(move |row| (measure, Some(row)));
        match self.shape {
            Shape::Single | Shape::Multiple | Shape::Budget => rows(Measure::Percent).collect(),
            Shape::Ordered => rows(Measure::Percent).chain([(Measure::Mean, None)]).collect(),
            Shape::Number => [Measure::Mean, Measure::Median, Measure::Q1, Measure::Q3]
                .map(|measure| (measure, None))
                .to_vec(),
            Shape::Ranking { .. } => {
                rows(Measure::First).chain(rows(Measure::Top)).chain(rows(Measure::Borda)).collect()
            }
        }
    }

    /// A share is shown by its own cell; whatever sums over cells needs all of them.
    fn is_open(
        &self,
        table: &Table<Released>,
        group: usize,
        measure: Measure,
        choice: Option<usize>,
    ) -> bool {
        let part = self.parts().iter().position(|part| part.measure == measure);
        match (part, choice) {
            (Some(part), Some(choice)) => table.is_shown(part, choice, group),
            _ => table.is_whole(group),
        }
    }

    fn figure(
        &self,
        table: &Table<Released>,
        group: usize,
        slot: &Slot,
        shown: Option<Shown>,
    ) -> Figure {
        let interval = shown.filter(|_| slot.has_interval).and_then(|shown| shown.interval);
        Figure {
            question: self.question.clone(),
            row: self.row.clone(),
            choices: slot.choice.map(|choice| self.ids(choice)).unwrap_or_default(),
            group: table.variable.map(|variable| Group {
                variable: variable.name().to_owned(),
                categories: table.groups[group].clone(),
            }),
            n: table.n(group),
            measure: slot.measure,
            value: shown.map(|shown| shown.value),
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
        }
    }
}
