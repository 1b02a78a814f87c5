//! The judge: whether a proposed world gives exactly what is published. It solves nothing, so that a solver
//! that errs can never call a publication safe.

use super::facts::{Base, Facts, Rest};
use crate::results::figure::Measure;

/// Counts that might be the true ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// By table and column: whom percents are of.
    pub base: Vec<Vec<u32>>,
    /// By block and table, row by row; the last row is the rest.
    pub cells: Vec<Vec<Vec<u32>>>,
}

/// A cell, and what it must be able to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    pub place: Place,
    pub table: usize,
    pub column: usize,
    pub low: u32,
    pub high: u32,
}

/// Which count of a column a wish is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Cell {
        block: usize,
        row: usize,
    },
    /// Those who were asked and left it open.
    Open,
}

impl World {
    pub fn cell(
        &self,
        facts: &Facts,
        block: usize,
        table: usize,
        row: usize,
        column: usize,
    ) -> u32 {
        self.cells[block][table][row * facts.tables[table].people.len() + column]
    }

    /// Whether the wish is fulfilled.
    pub fn fulfils(&self, facts: &Facts, wish: &Wish) -> bool {
        let count = match wish.place {
            Place::Cell { block, row } => self.cell(facts, block, wish.table, row, wish.column),
            Place::Open => {
                facts.people(wish.table, wish.column) - self.base[wish.table][wish.column]
            }
        };
        (wish.low..=wish.high).contains(&count)
    }

    /// Whether everything that is published would be published of this world too.
    pub fn is_possible(&self, facts: &Facts) -> bool {
        self.has_people(facts)
            && (0..facts.blocks.len())
                .all(|block| self.adds_up(facts, block) && self.shows(facts, block))
            && self.is_coherent(facts)
    }

    /// No column has more people than it can, and all tables have the same number of them.
    fn has_people(&self, facts: &Facts) -> bool {
        let within = facts.tables.iter().zip(&self.base).all(|(table, base)| {
            base.len() == table.people.len()
                && base.iter().zip(&table.people).all(|(has, may)| has <= may)
        });
        let sum = |base: &Vec<u32>| base.iter().sum::<u32>();
        let everybody = sum(&self.base[0]);
        let same = self.base.iter().all(|base| sum(base) == everybody);
        let known = match facts.base {
            Base::Answered { fewest, most, .. } => (fewest..=most).contains(&everybody),
            Base::Asked => {
                self.base.iter().zip(&facts.tables).all(|(base, table)| *base == table.people)
            }
        };
        within && same && known
    }

    /// Columns add up to their base, and rows to the same totals in every table.
    fn adds_up(&self, facts: &Facts, block: usize) -> bool {
        let rows = facts.blocks[block].rows.len() + 1;
        let totals = |table: usize| -> Vec<u32> {
            self.cells[block][table]
                .chunks(facts.tables[table].people.len())
                .map(|row| row.iter().sum())
                .collect()
        };
        let columns = |table: usize| {
            (0..facts.tables[table].people.len()).all(|column| {
                let sum: u32 =
                    (0..rows).map(|row| self.cell(facts, block, table, row, column)).sum();
                sum == self.base[table][column]
            })
        };
        let same = (1..facts.tables.len()).all(|table| totals(table) == totals(0));
        same && (0..facts.tables.len()).all(columns)
            && self.rest_is_known(facts, block, totals(0)[rows - 1])
    }

    fn rest_is_known(&self, facts: &Facts, block: usize, rest: u32) -> bool {
        if is_tick(facts, block) {
            return true;
        }
        match facts.rest {
            Rest::None => rest == 0,
            Rest::Between(fewest, most) => (fewest..=most).contains(&rest),
        }
    }

    /// Every figure would say what it says.
    fn shows(&self, facts: &Facts, block: usize) -> bool {
        let own = &facts.blocks[block];
        let is_within = own.within.iter().all(|bound| {
            let count = self.cell(facts, block, bound.table, bound.row, bound.column);
            (bound.low..=bound.high).contains(&count)
        });
        let tables = own.percents.iter().enumerate();
        is_within
            && tables.into_iter().all(|(table, rows)| {
                rows.iter().enumerate().all(|(row, cells)| {
                    cells.iter().enumerate().all(|(column, percent)| match percent {
                        Some(percent) => says(
                            facts,
                            *percent,
                            self.cell(facts, block, table, row, column),
                            self.base[table][column],
                        ),
                        None => true,
                    })
                })
            })
    }

    /// Nobody ticks an exclusive choice and another; nobody is first who is not among the best.
    fn is_coherent(&self, facts: &Facts) -> bool {
        let cells = |table: usize| 0..facts.tables[table].people.len();
        (0..facts.tables.len()).all(|table| {
            cells(table).all(|column| {
                let yes = |block: usize| self.cell(facts, block, table, 0, column);
                let (mut alone, mut crowd) = (0, 0);
                for (at, block) in facts.blocks.iter().enumerate() {
                    match (block.measure, block.is_exclusive) {
                        (Measure::Percent, true) => alone += yes(at),
                        (Measure::Percent, false) if is_tick(facts, at) => {
                            crowd = crowd.max(yes(at))
                        }
                        _ => {}
                    }
                }
                let fits = alone + crowd <= self.base[table][column] || !is_tick(facts, 0);
                fits && self.leads(facts, table, column) && self.sums(facts, table, column)
            })
        })
    }

    /// Everybody gives so many choices, or one that excludes all others.
    fn sums(&self, facts: &Facts, table: usize, column: usize) -> bool {
        let Some(ticks) = facts.ticks else { return true };
        let (mut plain, mut alone) = (0, 0);
        for (at, block) in facts.blocks.iter().enumerate().filter(|(at, _)| is_tick(facts, *at)) {
            let given = u64::from(self.cell(facts, at, table, 0, column));
            if block.is_exclusive { alone += given } else { plain += given }
        }
        let (least, most) = (u64::from(ticks.least), u64::from(ticks.most));
        let base = u64::from(self.base[table][column]);
        plain + least * alone >= least * base && plain + most * alone <= most * base
    }

    fn leads(&self, facts: &Facts, table: usize, column: usize) -> bool {
        if facts.blocks[0].measure != Measure::First {
            return true;
        }
        (1..facts.blocks.len()).all(|top| {
            let row = facts.blocks[0].rows.iter().position(|row| *row == facts.blocks[top].rows[0]);
            row.is_none_or(|row| {
                self.cell(facts, 0, table, row, column) <= self.cell(facts, top, table, 0, column)
            })
        })
    }
}

/// Whether a block is one choice that is ticked or not.
pub fn is_tick(facts: &Facts, block: usize) -> bool {
    let own = &facts.blocks[block];
    let mut same = facts.blocks.iter().filter(|other| other.measure == own.measure);
    own.rows.len() == 1 && (own.measure == Measure::Top || same.nth(1).is_some())
}

/// Whether `count` of `base` people may have been published as `percent`, with some weights at least.
pub fn says(facts: &Facts, percent: u32, count: u32, base: u32) -> bool {
    let (low, high) = match facts.base {
        Base::Answered { low, high, .. } => (low, high),
        Base::Asked => (1.0, 1.0),
    };
    if base == 0 {
        return percent == 0;
    }
    let (count, others) = (f64::from(count), f64::from(base - count));
    let smallest = share(count * low, others * high);
    let largest = share(count * high, others * low);
    (smallest..=largest).contains(&f64::from(percent))
}

/// The whole percent of a share, as it would be published.
fn share(inside: f64, outside: f64) -> f64 {
    (inside / (inside + outside) * 100.0).round()
}

#[cfg(test)]
mod tests {
    use super::super::facts::{BlockFacts, TableFacts};
    use super::*;

    fn facts() -> Facts {
        let table = |variable: &str, people: &[u32]| TableFacts {
            variable: variable.to_owned(),
            groups: (1..people.len()).map(|at| format!("g{at}")).collect(),
            people: people.to_vec(),
        };
        Facts {
            name: "q".to_owned(),
            tables: vec![table("", &[100, 0]), table("age", &[40, 60, 0])],
            blocks: vec![BlockFacts {
                measure: Measure::Percent,
                rows: vec!["yes".to_owned(), "no".to_owned()],
                is_exclusive: false,
                within: Vec::new(),
                percents: vec![
                    vec![vec![Some(30)], vec![Some(70)]],
                    vec![vec![Some(25), None], vec![Some(75), None]],
                ],
            }],
            base: Base::Answered { fewest: 100, most: 100, low: 1.0, high: 1.0 },
            rest: Rest::None,
            ticks: None,
        }
    }

    fn world() -> World {
        World {
            base: vec![vec![100, 0], vec![40, 60, 0]],
            cells: vec![vec![vec![30, 0, 70, 0, 0, 0], vec![10, 20, 0, 30, 40, 0, 0, 0, 0]]],
        }
    }

    #[test]
    fn believes_no_world_in_which_a_published_figure_would_differ() {
        assert!(world().is_possible(&facts()));
        let mut other_share = world();
        other_share.cells[0][1] = vec![9, 21, 0, 31, 39, 0, 0, 0, 0];
        assert!(!other_share.is_possible(&facts()));
        let mut other_totals = world();
        other_totals.cells[0][1] = vec![10, 21, 0, 30, 39, 0, 0, 0, 0];
        assert!(!other_totals.is_possible(&facts()));
        let mut too_many = world();
        too_many.base[1] = vec![41, 59, 0];
        assert!(!too_many.is_possible(&facts()));
        let mut left_open = world();
        left_open.cells[0][0] = vec![30, 0, 69, 0, 1, 0];
        assert!(!left_open.is_possible(&facts()));
    }
}
