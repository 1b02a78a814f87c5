//! What can be read about one item: its groups, how many people each has, and the whole percents that
//! stand in its tables. From the published files (audit A), or with the unweighted percents of the
//! companion in the same places (audit B).

use std::collections::BTreeMap;

use super::beside::Bound;
use crate::results::companion::CompanionItem;
use crate::results::figure::{Figure, Group, Measure, Value};
use crate::results::item::Ticks;
use crate::results::sheet::{Known, Open};

/// One item as an attacker has it.
#[derive(Debug, Clone)]
pub struct Facts {
    pub name: String,
    pub tables: Vec<TableFacts>,
    pub blocks: Vec<BlockFacts>,
    pub base: Base,
    /// Those in no row of a partition may be there (they left it open, or ranked nothing).
    pub rest: Rest,
    /// How many choices each person of the base gives, of several or among the best.
    pub ticks: Option<Ticks>,
}

/// A table's columns: its groups, and the residual last.
#[derive(Debug, Clone)]
pub struct TableFacts {
    /// Empty: everybody.
    pub variable: String,
    pub groups: Vec<String>,
    /// At most so many people.
    pub people: Vec<u32>,
}

/// Rows that add up to the base: the choices of a partition and the rest, or yes and no.
#[derive(Debug, Clone)]
pub struct BlockFacts {
    pub measure: Measure,
    pub rows: Vec<String>,
    pub is_exclusive: bool,
    /// By table, row and group.
    pub percents: Vec<Vec<Vec<Option<u32>>>>,
    /// What other releases say of single counts: table, row and group, the fewest and the most.
    pub within: Vec<Within>,
}

/// Bounds of a count that stand in no file of this release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    pub table: usize,
    pub row: usize,
    pub column: usize,
    pub low: u32,
    pub high: u32,
}

/// Whom percents are of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Base {
    /// Of those who answered: how many did so in all lies between these, and weights between those.
    Answered { fewest: u32, most: u32, low: f64, high: f64 },
    /// Of all who were asked, unweighted.
    Asked,
}

/// The row of a partition that is never published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Nobody can be in it.
    None,
    /// So many at least and at most of everybody, any of a group.
    Between(u32, u32),
}

impl Facts {
    /// Audit A: nothing but what is published.
    pub fn published(open: &Open, known: &Known) -> Option<Facts> {
        let figures: Vec<&Figure> = figures_of(open, known);
        let measures = measures(&known.shape)?;
        let total = figures.iter().find(|figure| figure.group.is_none())?.n;
        let mut tables = vec![TableFacts {
            variable: String::new(),
            groups: vec![String::new()],
            people: vec![open.people, 0],
        }];
        tables.extend(variables(&figures).into_iter().map(|(variable, groups)| {
            let sizes = exact_sizes(open, &variable);
            table_facts(open.people, known.routed, variable, &groups, &sizes)
        }));
        let blocks = measures
            .iter()
            .flat_map(|&(measure, is_partition)| {
                blocks(known, &figures, &tables, measure, is_partition)
            })
            .collect();
        let (low, high) = open.weights.unwrap_or((1.0, 1.0));
        let (fewest, most) = answered_of(total, open.people, known);
        let rest = if known.shape == "ranking" { Rest::Between(0, most) } else { Rest::None };
        let base = Base::Answered { fewest, most, low, high };
        let ticks = ticks(known);
        Some(Facts { name: name_of(known), tables, blocks, base, rest, ticks })
    }

    /// Audit B: the published pattern, filled with the companion's percents of all who were asked. None
    /// where the companion is not of these tables.
    pub fn guessed(open: &Open, known: &Known, secret: &CompanionItem) -> Option<Facts> {
        let mut facts = Facts::published(open, known)?;
        for (at, table) in facts.tables.iter_mut().enumerate() {
            let own = secret.tables.iter().find(|other| other.variable == table.variable)?;
            let names: Vec<String> = own.groups.iter().map(|group| group.join("+")).collect();
            let sizes = own.asked.iter().zip(&table.people).take(names.len());
            let is_same =
                at == 0 || known.routed || sizes.into_iter().all(|(own, said)| own == said);
            if names != table.groups || own.asked.len() != table.people.len() || !is_same {
                return None;
            }
            table.people.clone_from(&own.asked);
        }
        let mut part = 0;
        let mut row = 0;
        for at in 0..facts.blocks.len() {
            if at > 0 && facts.blocks[at].measure != facts.blocks[at - 1].measure {
                (part, row) = (part + 1, 0);
            }
            let rows = facts.blocks[at].rows.len();
            for (table, percents) in facts.tables.iter().zip(&mut facts.blocks[at].percents) {
                let own = secret.tables.iter().find(|other| other.variable == table.variable)?;
                for (own_row, cells) in percents.iter_mut().enumerate() {
                    for (group, cell) in cells.iter_mut().enumerate() {
                        let guessed = *own.percents.get(part)?.get(row + own_row)?.get(group)?;
                        // What is shown and not in the companion was not protected with it.
                        if cell.is_some() && guessed.is_none() {
                            return None;
                        }
                        *cell = cell.and(guessed);
                    }
                }
            }
            row += rows;
        }
        let asked = facts.tables.first()?.people[0];
        let total = figures_of(open, known).into_iter().find(|figure| figure.group.is_none())?.n;
        facts.base = Base::Asked;
        facts.rest = match (known.shape.as_str(), known.required) {
            ("ranking", _) => Rest::Between(0, asked),
            (_, true) => Rest::None,
            _ if known.routed => open_behind_route(asked, total),
            _ => {
                let (fewest, most) = open_of(asked, total);
                Rest::Between(fewest, most)
            }
        };
        Some(facts)
    }

    /// Takes in what other releases say of this item.
    pub fn bind(&mut self, bounds: &[Bound]) {
        for bound in bounds.iter().filter(|bound| bound.item == self.name) {
            let table = self.tables.iter().position(|table| table.variable == bound.variable);
            let Some(table) = table else { continue };
            let groups = &self.tables[table].groups;
            let Some(column) = groups.iter().position(|group| *group == bound.group) else {
                continue;
            };
            let (low, high) = (bound.low, bound.high);
            for block in self.blocks.iter_mut().filter(|block| block.measure == bound.measure) {
                if let Some(row) = block.rows.iter().position(|row| *row == bound.row) {
                    block.within.push(Within { table, row, column, low, high });
                }
            }
        }
    }

    /// Everybody in a table's column at most.
    pub fn people(&self, table: usize, column: usize) -> u32 {
        self.tables[table].people[column]
    }
}

fn figures_of<'a>(open: &'a Open, known: &Known) -> Vec<&'a Figure> {
    let own = |figure: &&Figure| figure.question == known.question && figure.row == known.row;
    open.figures.iter().filter(own).collect()
}

pub fn name_of(known: &Known) -> String {
    match &known.row {
        Some(row) => format!("{}.{row}", known.question),
        None => known.question.clone(),
    }
}

/// The measures that count people, and whether their rows exclude each other.
fn measures(shape: &str) -> Option<&'static [(Measure, bool)]> {
    match shape {
        "single" | "ordered" => Some(&[(Measure::Percent, true)]),
        "multiple" => Some(&[(Measure::Percent, false)]),
        "ranking" => Some(&[(Measure::First, true), (Measure::Top, false)]),
        _ => None,
    }
}

/// None where there may be any number of them. Who was asked and left a ranking open is in its base for the
/// insider: they give none.
fn ticks(known: &Known) -> Option<Ticks> {
    let all = known.choices.len() as u32;
    let most = known.ticks.most.min(known.places.unwrap_or(all)).min(all);
    let least = known.ticks.least.min(most);
    let is_several = matches!(known.shape.as_str(), "multiple" | "ranking") && all > 1;
    (is_several && (least > 0 || most < all)).then_some(Ticks { least, most })
}

/// The groups of each variable, in the order of the file, with their numbers of people.
fn variables(figures: &[&Figure]) -> Vec<(String, Vec<(String, u32)>)> {
    let mut found: Vec<(String, Vec<(String, u32)>)> = Vec::new();
    for (group, n) in figures.iter().filter_map(|figure| Some((figure.group.as_ref()?, figure.n))) {
        let at = found.iter().position(|(variable, _)| *variable == group.variable).unwrap_or_else(
            || {
                found.push((group.variable.clone(), Vec::new()));
                found.len() - 1
            },
        );
        let name = group_name(group);
        if !found[at].1.iter().any(|(known, _)| *known == name) {
            found[at].1.push((name, n));
        }
    }
    found
}

fn group_name(group: &Group) -> String {
    group.categories.join("+")
}

/// How many people each group of a variable has by the questions that everybody was asked.
fn exact_sizes(open: &Open, variable: &str) -> BTreeMap<String, u32> {
    let unrouted: Vec<(&str, Option<&str>)> = open
        .items
        .iter()
        .filter(|item| !item.routed)
        .map(|item| (item.question.as_str(), item.row.as_deref()))
        .collect();
    let of_it = open
        .figures
        .iter()
        .filter(|figure| unrouted.contains(&(figure.question.as_str(), figure.row.as_deref())));
    of_it
        .filter_map(|figure| figure.group.as_ref().map(|group| (group, figure.n)))
        .filter(|(group, _)| group.variable == variable)
        .map(|(group, n)| (group_name(group), n))
        .collect()
}

/// Behind a route a group's number is rounded, so up to four more may have been asked.
fn table_facts(
    everybody: u32,
    is_routed: bool,
    variable: String,
    groups: &[(String, u32)],
    exact: &BTreeMap<String, u32>,
) -> TableFacts {
    let most = |(name, n): &(String, u32)| match (is_routed, exact.get(name)) {
        (false, _) => *n,
        (true, Some(size)) => (*n + 4).min(*size),
        (true, None) => *n + 4,
    };
    let mut people: Vec<u32> = groups.iter().map(most).collect();
    let counted: u32 = if is_routed {
        groups.iter().map(|(name, n)| exact.get(name).copied().unwrap_or(n.saturating_sub(5))).sum()
    } else {
        people.iter().sum()
    };
    people.push(everybody.saturating_sub(counted));
    TableFacts { variable, groups: groups.iter().map(|(name, _)| name.clone()).collect(), people }
}

/// How many answered, fewest and most, where `said` to the nearest ten are published: fewer than ten who did
/// not are not taken off.
fn answered_of(said: u32, everybody: u32, known: &Known) -> (u32, u32) {
    if known.required && !known.routed {
        return (everybody, everybody);
    }
    if known.routed {
        return (said.saturating_sub(14), (said + 4).min(everybody));
    }
    let (fewest, most) = open_of(everybody, said);
    (everybody - most, everybody - fewest)
}

/// How many of `asked` left it open.
fn open_of(asked: u32, said: u32) -> (u32, u32) {
    let nearest = (asked + 5) / 10 * 10;
    if said == nearest {
        return (0, asked.min(9));
    }
    let fewest = asked.saturating_sub(said + 4).max(10).min(asked);
    (fewest, asked.saturating_sub(said.saturating_sub(5)).min(asked).max(fewest))
}

/// How many were asked is only known to tens there.
fn open_behind_route(asked: u32, said: u32) -> Rest {
    let most = asked.saturating_sub(said.saturating_sub(5)).max(9).min(asked);
    let fewest = asked.saturating_sub(said + 4);
    Rest::Between(if fewest < 10 { 0 } else { fewest }, most)
}

fn blocks(
    known: &Known,
    figures: &[&Figure],
    tables: &[TableFacts],
    measure: Measure,
    is_partition: bool,
) -> Vec<BlockFacts> {
    let mut rows: Vec<String> = Vec::new();
    for figure in figures.iter().filter(|figure| figure.measure == measure) {
        let name = figure.choices.join("+");
        if !rows.contains(&name) {
            rows.push(name);
        }
    }
    let exclusive =
        |row: &String| known.choices.iter().any(|choice| choice.exclusive && choice.id == *row);
    let of_rows = |rows: &[String], is_exclusive| BlockFacts {
        measure,
        rows: rows.to_vec(),
        is_exclusive,
        within: Vec::new(),
        percents: tables.iter().map(|table| percents(figures, table, measure, rows)).collect(),
    };
    if is_partition {
        return vec![of_rows(&rows, false)];
    }
    rows.iter().map(|row| of_rows(std::slice::from_ref(row), exclusive(row))).collect()
}

fn percents(
    figures: &[&Figure],
    table: &TableFacts,
    measure: Measure,
    rows: &[String],
) -> Vec<Vec<Option<u32>>> {
    let mut found = vec![vec![None; table.groups.len()]; rows.len()];
    for figure in figures.iter().filter(|figure| figure.measure == measure) {
        let (variable, group) = match &figure.group {
            Some(group) => (group.variable.as_str(), group_name(group)),
            None => ("", String::new()),
        };
        let row = rows.iter().position(|row| *row == figure.choices.join("+"));
        let column = table.groups.iter().position(|name| *name == group);
        let is_here = variable == table.variable;
        if let (true, Some(row), Some(column), Some(Value::Percent(percent))) =
            (is_here, row, column, figure.value)
        {
            found[row][column] = Some(u32::from(percent));
        }
    }
    found
}
