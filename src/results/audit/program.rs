//! The stacked problem as one program: all tables of an item, the totals they share, and everything that
//! is published as linear inequalities over whole numbers. Slow and complete, for what flows do not find;
//! and for the bounds that an attacker reaches, which make a refusal say why.

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOptions, SolveOutcome, Variable};

use super::check::{Place, Wish, World, is_tick};
use super::facts::{Base, Facts, Rest};
use crate::results::figure::Measure;

/// Beyond so many branches a world is not looked for any more, and the target counts as unsafe.
const BRANCHES: u64 = 1_000;

/// A world that fulfils the wish. Whoever calls lets it be checked.
pub fn find(facts: &Facts, wish: Option<&Wish>) -> Option<World> {
    let mut program = Program::new(facts, OptimizationDirection::Minimize, None, true);
    if let Some(wish) = wish {
        program.demand(wish);
    }
    let mut options = SolveOptions::default();
    options.node_limit = Some(BRANCHES);
    options.mip_gap = 1.0;
    match program.problem.solve_with(options).ok()? {
        SolveOutcome::Solution(solution) => {
            let value = |variable: Variable| solution.var_value(variable).round().max(0.0) as u32;
            Some(program.world(value))
        }
        SolveOutcome::Interrupted(_) => None,
    }
}

/// Between what the count must lie, fractions allowed: no attacker can say less, and none of theirs more.
pub fn extremes(facts: &Facts, wish: &Wish) -> Option<(f64, f64)> {
    let bound = |direction| {
        let program = Program::new(facts, direction, Some(wish), false);
        match program.problem.solve().ok()? {
            SolveOutcome::Solution(solution) => Some(solution.objective()),
            SolveOutcome::Interrupted(_) => None,
        }
    };
    let least = bound(OptimizationDirection::Minimize)?;
    let most = bound(OptimizationDirection::Maximize)?;
    let everybody = f64::from(facts.people(wish.table, wish.column));
    match wish.place {
        Place::Open => Some((everybody + least, everybody + most)),
        Place::Cell { .. } => Some((least, most)),
    }
}

/// A share on the upper edge of its percent is the next percent. Whole numbers that are not on it are at
/// least 1/200 away, where nobody is weighted.
const EDGE: f64 = 0.004;

struct Program<'a> {
    facts: &'a Facts,
    problem: Problem,
    /// By table and column.
    base: Vec<Vec<Variable>>,
    /// By block and table, row by row.
    cells: Vec<Vec<Vec<Variable>>>,
}

impl<'a> Program<'a> {
    /// `aim` is what is minimised or maximised (those missing from the base with its sign turned).
    fn new(
        facts: &'a Facts,
        direction: OptimizationDirection,
        aim: Option<&Wish>,
        is_whole: bool,
    ) -> Program<'a> {
        let mut problem = Problem::new(direction);
        let mut variable = |weight: f64, most: u32| {
            let most = i32::try_from(most).unwrap_or(i32::MAX);
            if is_whole {
                problem.add_integer_var(weight, (0, most))
            } else {
                problem.add_var(weight, (0.0, f64::from(most)))
            }
        };
        let is_aim = |place: Place, table: usize, column: usize| {
            aim.is_some_and(|aim| aim.place == place && (aim.table, aim.column) == (table, column))
        };
        let mut base = Vec::new();
        for (at, table) in facts.tables.iter().enumerate() {
            let columns = table.people.iter().enumerate();
            base.push(
                columns
                    .map(|(column, &people)| {
                        variable(if is_aim(Place::Open, at, column) { -1.0 } else { 0.0 }, people)
                    })
                    .collect(),
            );
        }
        let mut cells = Vec::new();
        for (block, own) in facts.blocks.iter().enumerate() {
            let mut tables = Vec::new();
            for (at, table) in facts.tables.iter().enumerate() {
                let mut all = Vec::new();
                for row in 0..=own.rows.len() {
                    for (column, &people) in table.people.iter().enumerate() {
                        let is_aim = is_aim(Place::Cell { block, row }, at, column);
                        all.push(variable(f64::from(u8::from(is_aim)), people));
                    }
                }
                tables.push(all);
            }
            cells.push(tables);
        }
        let mut program = Program { facts, problem, base, cells };
        program.bind_base();
        for block in 0..facts.blocks.len() {
            program.bind_block(block);
        }
        program.bind_blocks_together();
        program
    }

    fn row(&mut self, terms: &[(Variable, f64)], sign: ComparisonOp, value: f64) {
        self.problem.add_constraint(terms, sign, value);
    }

    fn bind_base(&mut self) {
        let sums: Vec<Vec<(Variable, f64)>> =
            self.base.iter().map(|base| base.iter().map(|&one| (one, 1.0)).collect()).collect();
        match self.facts.base {
            Base::Answered { fewest, most, .. } => {
                for sum in &sums {
                    self.row(sum, ComparisonOp::Ge, f64::from(fewest));
                    self.row(sum, ComparisonOp::Le, f64::from(most));
                }
                for other in &sums[1..] {
                    let both: Vec<_> = other
                        .iter()
                        .copied()
                        .chain(sums[0].iter().map(|(one, _)| (*one, -1.0)))
                        .collect();
                    self.row(&both, ComparisonOp::Eq, 0.0);
                }
            }
            Base::Asked => {
                let pairs: Vec<(Variable, u32)> = self
                    .base
                    .iter()
                    .zip(&self.facts.tables)
                    .flat_map(|(base, table)| {
                        base.iter().copied().zip(table.people.iter().copied())
                    })
                    .collect();
                for (one, people) in pairs {
                    self.row(&[(one, 1.0)], ComparisonOp::Eq, f64::from(people));
                }
            }
        }
    }

    fn bind_block(&mut self, block: usize) {
        let facts = self.facts;
        let rows = facts.blocks[block].rows.len() + 1;
        for table in 0..facts.tables.len() {
            let width = facts.tables[table].people.len();
            for column in 0..width {
                let mut sum: Vec<_> = (0..rows)
                    .map(|row| (self.cells[block][table][row * width + column], 1.0))
                    .collect();
                sum.push((self.base[table][column], -1.0));
                self.row(&sum, ComparisonOp::Eq, 0.0);
            }
            for row in 0..rows {
                if table > 0 {
                    let first = facts.tables[0].people.len();
                    let mut tie: Vec<_> = (0..width)
                        .map(|at| (self.cells[block][table][row * width + at], 1.0))
                        .collect();
                    tie.extend((0..first).map(|at| (self.cells[block][0][row * first + at], -1.0)));
                    self.row(&tie, ComparisonOp::Eq, 0.0);
                }
            }
            self.bind_percents(block, table);
        }
        for bound in &facts.blocks[block].within {
            let width = facts.tables[bound.table].people.len();
            let cell = self.cells[block][bound.table][bound.row * width + bound.column];
            let most = bound.high.min(facts.people(bound.table, bound.column));
            self.row(&[(cell, 1.0)], ComparisonOp::Ge, f64::from(bound.low));
            self.row(&[(cell, 1.0)], ComparisonOp::Le, f64::from(most));
        }
        self.bind_rest(block);
    }

    fn bind_percents(&mut self, block: usize, table: usize) {
        let facts = self.facts;
        let width = facts.tables[table].people.len();
        for (row, percents) in facts.blocks[block].percents[table].iter().enumerate() {
            for (column, percent) in percents.iter().enumerate() {
                let Some(percent) = percent else { continue };
                let cell = self.cells[block][table][row * width + column];
                let base = self.base[table][column];
                let (least, most) = shares(facts, *percent);
                self.row(&[(cell, 1.0), (base, -least)], ComparisonOp::Ge, 0.0);
                self.row(&[(cell, 1.0), (base, -most)], ComparisonOp::Le, -EDGE);
            }
        }
    }

    fn bind_rest(&mut self, block: usize) {
        let facts = self.facts;
        if is_tick(facts, block) {
            return;
        }
        let (fewest, most) = match facts.rest {
            Rest::None => (0, 0),
            Rest::Between(fewest, most) => (fewest, most),
        };
        let rest = facts.blocks[block].rows.len() * facts.tables[0].people.len();
        let cell = self.cells[block][0][rest];
        self.row(&[(cell, 1.0)], ComparisonOp::Ge, f64::from(fewest));
        self.row(&[(cell, 1.0)], ComparisonOp::Le, f64::from(most));
    }

    fn bind_blocks_together(&mut self) {
        let facts = self.facts;
        let ticks: Vec<usize> =
            (0..facts.blocks.len()).filter(|&block| is_tick(facts, block)).collect();
        for table in 0..facts.tables.len() {
            let width = facts.tables[table].people.len();
            for column in 0..width {
                let yes = |program: &Program, block: usize| program.cells[block][table][column];
                self.bind_ticks(&ticks, table, column);
                if facts.blocks[0].measure == Measure::First {
                    for &top in &ticks {
                        let own = &facts.blocks[top].rows[0];
                        let Some(row) = facts.blocks[0].rows.iter().position(|row| row == own)
                        else {
                            continue;
                        };
                        let first = self.cells[0][table][row * width + column];
                        self.row(&[(first, 1.0), (yes(self, top), -1.0)], ComparisonOp::Le, 0.0);
                    }
                    continue;
                }
                let (alone, crowd): (Vec<usize>, Vec<usize>) =
                    ticks.iter().partition(|&&block| facts.blocks[block].is_exclusive);
                let all = self.base[table][column];
                let alone: Vec<_> = alone.iter().map(|&block| (yes(self, block), 1.0)).collect();
                if alone.is_empty() {
                    continue;
                }
                for &block in &crowd {
                    let mut sum = alone.clone();
                    sum.extend([(yes(self, block), 1.0), (all, -1.0)]);
                    self.row(&sum, ComparisonOp::Le, 0.0);
                }
            }
        }
    }

    /// Everybody gives so many of `blocks`, or one that excludes all others.
    fn bind_ticks(&mut self, blocks: &[usize], table: usize, column: usize) {
        let Some(ticks) = self.facts.ticks else { return };
        let base = self.base[table][column];
        let all = [(ticks.least, ComparisonOp::Ge), (ticks.most, ComparisonOp::Le)];
        for (each, sign) in all.map(|(each, sign)| (f64::from(each), sign)) {
            let given = blocks.iter().map(|&block| {
                let is_alone = self.facts.blocks[block].is_exclusive;
                (self.cells[block][table][column], if is_alone { each } else { 1.0 })
            });
            let sum: Vec<_> = given.chain([(base, -each)]).collect();
            self.row(&sum, sign, 0.0);
        }
    }

    fn demand(&mut self, wish: &Wish) {
        let everybody = self.facts.people(wish.table, wish.column);
        match wish.place {
            Place::Cell { block, row } => {
                let width = self.facts.tables[wish.table].people.len();
                let cell = self.cells[block][wish.table][row * width + wish.column];
                self.row(&[(cell, 1.0)], ComparisonOp::Ge, f64::from(wish.low));
                self.row(&[(cell, 1.0)], ComparisonOp::Le, f64::from(wish.high.min(everybody)));
            }
            Place::Open => {
                let base = self.base[wish.table][wish.column];
                let most = everybody.saturating_sub(wish.low);
                self.row(&[(base, 1.0)], ComparisonOp::Le, f64::from(most));
                let least = everybody.saturating_sub(wish.high.min(everybody));
                self.row(&[(base, 1.0)], ComparisonOp::Ge, f64::from(least));
            }
        }
    }

    fn world(&self, value: impl Fn(Variable) -> u32) -> World {
        let base = self.base.iter().map(|base| base.iter().map(|&one| value(one)).collect());
        let of_table = |table: &Vec<Variable>| table.iter().map(|&one| value(one)).collect();
        let cells = self.cells.iter().map(|tables| tables.iter().map(of_table).collect());
        World { base: base.collect(), cells: cells.collect() }
    }
}

/// The unweighted shares that a published percent allows: a weighted one with every weight at its bound.
fn shares(facts: &Facts, percent: u32) -> (f64, f64) {
    let ratio = match facts.base {
        Base::Answered { low, high, .. } => high / low,
        Base::Asked => 1.0,
    };
    let share = |percent: f64, ratio: f64| {
        let (inside, outside) = (percent * ratio, 100.0 - percent);
        inside / (inside + outside)
    };
    let percent = f64::from(percent);
    let least = share((percent - 0.5).max(0.0), 1.0 / ratio);
    let most = share((percent + 0.5).min(100.0), ratio);
    (least, most)
}
