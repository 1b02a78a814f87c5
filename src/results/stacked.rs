//! All tables of an item at once, as one problem over whole numbers: whether there is a world that paths
//! ([`search`](super::search)) did not find. Where many tables share a total, a person may have to move in
//! three of them together, and no path of one table goes there.

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOptions, SolveOutcome};

use super::case::{Case, Sum};
use super::flow::Guess;
use super::item::Shape;
use super::search::{Goal, Target, Witness};

/// Beyond so many branches a world is not looked for any more, and what is hidden stays hidden.
const BRANCHES: u64 = 2_000;

/// A world with what is published now in which the target is as wanted, however far from the true one.
pub fn find(case: &Case, target: &Target) -> Option<Witness> {
    let program = Program::new(case, target)?;
    let values = program.solve()?;
    let changed = program
        .blocks
        .iter()
        .flat_map(|own| (0..case.stack.tables.len()).map(move |table| (own.block, table, own)));
    let changed = changed.filter_map(|(block, table, own)| {
        let truth = &case.blocks[block].truth[table];
        let guess = own.guess(case, table, &values);
        (guess != *truth).then_some((block, table, guess))
    });
    Some(Witness::of(changed.collect()))
}

/// A count that is looked for, or one that is known.
#[derive(Debug, Clone, Copy)]
enum Count {
    Known(i32),
    /// A place among the program's bounds.
    Wanted(usize),
}

/// The counts of a block, by table; of a choice that is ticked or not, those who did.
struct Counts {
    block: usize,
    tables: Vec<Vec<Count>>,
}

impl Counts {
    fn guess(&self, case: &Case, table: usize, values: &[i32]) -> Guess {
        let owner = &case.blocks[self.block];
        let columns = owner.limits[table].columns;
        let value = |count: &Count| match *count {
            Count::Known(count) => count,
            Count::Wanted(at) => values[at],
        };
        let mut cells: Vec<i32> = self.tables[table].iter().map(value).collect();
        if owner.sum == Sum::Pair {
            for column in 0..columns {
                cells.push(case.base(table, column) as i32 - cells[column]);
            }
        }
        Guess::of(cells, owner.limits[table].rows)
    }
}

/// A sum of counts, each as often as its factor says, that is so much or at most so much.
struct Equation {
    terms: Vec<(usize, i32)>,
    is_exact: bool,
    of: i32,
}

struct Program {
    bounds: Vec<(i32, i32)>,
    sums: Vec<Equation>,
    blocks: Vec<Counts>,
}

impl Program {
    /// None where it can be seen at once that there is no such world.
    fn new(case: &Case, target: &Target) -> Option<Program> {
        let mut program = Program { bounds: Vec::new(), sums: Vec::new(), blocks: Vec::new() };
        for block in bound_together(case, target.block) {
            program.add(case, block, target)?;
        }
        for own in 0..program.blocks.len() {
            program.tie(case, own)?;
        }
        for table in 0..case.stack.tables.len() {
            for column in 0..case.blocks[0].limits[table].columns {
                match case.stack.shape {
                    Shape::Multiple => program.crowd(case, table, column)?,
                    Shape::Ranking { .. } => program.lead(case, table, column)?,
                    _ => {}
                }
            }
        }
        Some(program)
    }

    /// The counts of a block, within what is published of them.
    fn add(&mut self, case: &Case, block: usize, target: &Target) -> Option<()> {
        let owner = &case.blocks[block];
        let rows = if owner.sum == Sum::Pair { 1 } else { owner.rest() + 1 };
        let mut tables = Vec::new();
        for (table, limits) in owner.limits.iter().enumerate() {
            let mut counts = Vec::new();
            for cell in 0..rows * limits.columns {
                let (mut low, mut high) = (limits.low[cell], limits.high[cell]);
                if let Some((least, most)) = wanted(case, target, block, table, cell) {
                    (low, high) = (low.max(least), high.min(most));
                }
                if low > high {
                    return None;
                }
                counts.push(if low == high {
                    Count::Known(low)
                } else {
                    self.bounds.push((low, high));
                    Count::Wanted(self.bounds.len() - 1)
                });
            }
            tables.push(counts);
        }
        self.blocks.push(Counts { block, tables });
        Some(())
    }

    /// Columns add up to their people, and rows to the same total in every table.
    fn tie(&mut self, case: &Case, own: usize) -> Option<()> {
        let owner = &case.blocks[self.blocks[own].block];
        let of_row = |tables: &[Vec<Count>], table: usize, row: usize| -> Vec<Count> {
            let columns = owner.limits[table].columns;
            tables[table][row * columns..(row + 1) * columns].to_vec()
        };
        let rows = if owner.sum == Sum::Pair { 1 } else { owner.rest() + 1 };
        let each = if let Sum::Ticks(ticks) = owner.sum { ticks.most } else { 1 };
        for table in 0..owner.limits.len() {
            let columns = owner.limits[table].columns;
            for column in (0..columns).filter(|_| rows > 1) {
                let counts = &self.blocks[own].tables[table];
                let all: Vec<_> =
                    (0..rows).map(|row| (counts[row * columns + column], 1)).collect();
                self.sum(&all, true, (each * case.base(table, column)) as i32)?;
            }
            for row in (0..rows).filter(|_| table > 0) {
                let tables = &self.blocks[own].tables;
                let here = of_row(tables, table, row).into_iter().map(|count| (count, 1));
                let first = of_row(tables, 0, row).into_iter().map(|count| (count, -1));
                let all: Vec<_> = here.chain(first).collect();
                self.sum(&all, true, 0)?;
            }
        }
        Some(())
    }

    /// Whoever ticks an exclusive choice ticks no other.
    fn crowd(&mut self, case: &Case, table: usize, column: usize) -> Option<()> {
        let is_alone = |own: &&Counts| is_exclusive(case, own.block);
        let yes = |own: &Counts| (own.tables[table][column], 1);
        let alone: Vec<_> = self.blocks.iter().filter(is_alone).map(yes).collect();
        if alone.is_empty() {
            return Some(());
        }
        let base = case.base(table, column) as i32;
        let plain = self.blocks.iter().filter(|own| !is_alone(own)).map(yes);
        let sums: Vec<Vec<_>> =
            plain.map(|one| alone.iter().copied().chain([one]).collect()).collect();
        self.sum(&alone, false, base)?;
        sums.iter().try_for_each(|sum| self.sum(sum, false, base))
    }

    /// Who puts a choice first has it among the best.
    fn lead(&mut self, case: &Case, table: usize, column: usize) -> Option<()> {
        let is_first = |own: &&Counts| case.blocks[own.block].sum == Sum::Partition;
        let Some(first) = self.blocks.iter().find(is_first) else { return Some(()) };
        let columns = case.blocks[first.block].limits[table].columns;
        let pairs: Vec<[(Count, i32); 2]> = self
            .blocks
            .iter()
            .filter(|own| !is_first(own))
            .flat_map(|top| {
                let rows = case.blocks[top.block].choices.iter().enumerate();
                rows.map(move |(own, &row)| {
                    let led = first.tables[table][row * columns + column];
                    [(led, 1), (top.tables[table][own * columns + column], -1)]
                })
            })
            .collect();
        pairs.iter().try_for_each(|pair| self.sum(pair, false, 0))
    }

    /// Takes in a sum; none where the known counts alone contradict it.
    fn sum(&mut self, all: &[(Count, i32)], is_exact: bool, of: i32) -> Option<()> {
        let (mut terms, mut of) = (Vec::new(), of);
        let (mut least, mut most) = (0, 0);
        for &(count, factor) in all {
            match count {
                Count::Known(count) => of -= factor * count,
                Count::Wanted(at) => {
                    let (low, high) = self.bounds[at];
                    least += (factor * low).min(factor * high);
                    most += (factor * low).max(factor * high);
                    terms.push((at, factor));
                }
            }
        }
        if least > of || is_exact && most < of {
            return None;
        }
        if is_exact || most > of {
            self.sums.push(Equation { terms, is_exact, of });
        }
        Some(())
    }

    fn solve(&self) -> Option<Vec<i32>> {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let variables: Vec<_> =
            self.bounds.iter().map(|&bounds| problem.add_integer_var(0.0, bounds)).collect();
        for sum in self.sums.iter().filter(|sum| !sum.terms.is_empty()) {
            let terms = sum.terms.iter().map(|&(at, factor)| (variables[at], f64::from(factor)));
            let terms: Vec<_> = terms.collect();
            let sign = if sum.is_exact { ComparisonOp::Eq } else { ComparisonOp::Le };
            problem.add_constraint(&terms, sign, f64::from(sum.of));
        }
        let mut options = SolveOptions::default();
        options.node_limit = Some(BRANCHES);
        options.mip_gap = 1.0;
        let SolveOutcome::Solution(solution) = problem.solve_with(options).ok()? else {
            return None;
        };
        let values = variables.iter().map(|&one| solution.var_value(one).round() as i32);
        let values: Vec<i32> = values.collect();
        self.holds(&values).then_some(values)
    }

    /// A solver may err: what it says is counted again.
    fn holds(&self, values: &[i32]) -> bool {
        let mut within = values.iter().zip(&self.bounds);
        within.all(|(value, (low, high))| value >= low && value <= high)
            && self.sums.iter().all(|sum| {
                let all: i32 = sum.terms.iter().map(|&(at, factor)| factor * values[at]).sum();
                if sum.is_exact { all == sum.of } else { all <= sum.of }
            })
    }
}

/// The blocks that bind the target's, and itself: what is true of the others stays so.
fn bound_together(case: &Case, block: usize) -> Vec<usize> {
    let all = 0..case.blocks.len();
    let is_bound = match case.stack.shape {
        Shape::Ranking { .. } => true,
        Shape::Multiple => all.clone().any(|block| is_exclusive(case, block)),
        _ => false,
    };
    if is_bound { all.collect() } else { vec![block] }
}

fn is_exclusive(case: &Case, block: usize) -> bool {
    let choices = &case.blocks[block].choices;
    choices.iter().any(|&choice| case.stack.choices[choice].exclusive)
}

/// What the target has to be able to be, of this cell; those without a tick are the others.
fn wanted(
    case: &Case,
    target: &Target,
    block: usize,
    table: usize,
    cell: usize,
) -> Option<(i32, i32)> {
    let columns = case.blocks[block].limits[table].columns;
    let is_here = (block, table) == (target.block, target.table);
    let (low, high) = match target.goal {
        Goal::AtMost(most) => (0, most),
        Goal::AtLeast(least) => (least, i32::MAX),
    };
    if is_here && cell == target.cell {
        return Some((low, high));
    }
    let is_rest = case.blocks[block].sum == Sum::Pair && cell + columns == target.cell;
    let base = case.base(table, cell % columns) as i32;
    (is_here && is_rest).then(|| (base - high.min(base), base - low))
}
