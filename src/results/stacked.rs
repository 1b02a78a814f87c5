//! All tables of an item at once, as one problem over whole numbers: whether there is a world that paths
//! ([`search`](super::search)) did not find. Where many tables share a total, a person may have to move in
//! three of them together, and no path of one table goes there.
//!
//! Where nobody is weighted and anybody may have left the question open, it is not published how many of a
//! group answered: those numbers are looked for, too, and a shown percent holds a count to its share of one.

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOptions, SolveOutcome};

use super::bounds::percent_of;
use super::case::{Case, Sum};
use super::flow::Guess;
use super::item::Shape;
use super::search::{Goal, Target, Witness};

/// Beyond so many branches a world is not looked for any more, and what is hidden stays hidden.
const BRANCHES: u64 = 2_000;
/// The same for each look of [`reaches`].
const BRANCHES_EACH: u64 = 200;
/// How many branches may be tried in vain for an item.
const BRANCHES_IN_ALL: u64 = 100 * BRANCHES_EACH;

/// Where it is not known how many answered in a column, how many more or fewer than in truth those may be, one
/// look after the other. Near the truth there is the least to try; and of many looks that begin elsewhere one is
/// short where others are endless.
fn reaches() -> impl Iterator<Item = u32> {
    [0, 2].into_iter().chain(std::iter::repeat_n(u32::MAX, 20))
}

/// How many branches may still be tried in vain for an item.
pub struct Patience(u64);

impl Default for Patience {
    fn default() -> Patience {
        Patience(BRANCHES_IN_ALL)
    }
}

/// A world with what is published now in which the target is as wanted, however far from the true one.
pub fn find(case: &Case, target: &Target, patience: &mut Patience) -> Option<Witness> {
    if !case.guesses_bases() {
        return Program::new(case, target, 0)?.world(case, None).ok();
    }
    for (look, reach) in (0..).zip(reaches()) {
        let Some(program) = Program::new(case, target, reach) else { continue };
        match program.world(case, Some(look)) {
            Ok(witness) => return Some(witness),
            // Nothing is found in the widest reach either.
            Err(0) if reach == u32::MAX => break,
            Err(tried) => patience.0 = patience.0.saturating_sub(tried),
        }
        if patience.0 == 0 {
            break;
        }
    }
    None
}

/// A count that is looked for, or one that is known.
#[derive(Debug, Clone, Copy)]
enum Count {
    Known(i32),
    /// A place among the program's bounds.
    Wanted(usize),
}

impl Count {
    fn value(self, values: &[i32]) -> i32 {
        match self {
            Count::Known(count) => count,
            Count::Wanted(at) => values[at],
        }
    }
}

/// The counts of a block, by table; of a choice that is ticked or not, those who did.
struct Counts {
    block: usize,
    tables: Vec<Vec<Count>>,
}

impl Counts {
    fn guess(&self, case: &Case, table: usize, bases: &[i32], values: &[i32]) -> Guess {
        let owner = &case.blocks[self.block];
        let counts = self.tables[table].iter();
        let mut cells: Vec<i32> = counts.map(|count| count.value(values)).collect();
        if owner.sum == Sum::Pair {
            cells.extend(
                bases
                    .iter()
                    .enumerate()
                    .map(|(column, base)| base - cells[column])
                    .collect::<Vec<_>>(),
            );
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
    /// By table and column: whom percents are of.
    bases: Vec<Vec<Count>>,
    sums: Vec<Equation>,
    blocks: Vec<Counts>,
}

impl Program {
    /// None where it can be seen at once that there is no such world.
    fn new(case: &Case, target: &Target, reach: u32) -> Option<Program> {
        let mut program =
            Program { bounds: Vec::new(), bases: Vec::new(), sums: Vec::new(), blocks: Vec::new() };
        program.count_bases(case, reach)?;
        for block in bound_together(case, target.block) {
            program.add(case, block, target)?;
        }
        for own in 0..program.blocks.len() {
            program.tie(case, own)?;
            if case.guesses_bases() {
                program.share(case, own, target)?;
            }
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

    /// How many answered in each column. The tables have the same number of them.
    fn count_bases(&mut self, case: &Case, reach: u32) -> Option<()> {
        for (table, own) in case.stack.tables.iter().enumerate() {
            let columns = 0..=own.groups.len();
            let bases = columns.map(|column| {
                let (low, high) = case.bases_of(table, column);
                let truth = case.base(table, column);
                let low = low.max(truth.saturating_sub(reach));
                self.count(low as i32, high.min(truth.saturating_add(reach)) as i32)
            });
            let bases = bases.collect();
            self.bases.push(bases);
        }
        for table in 1..self.bases.len() {
            let here = self.bases[table].iter().map(|&base| (base, 1));
            let first = self.bases[0].iter().map(|&base| (base, -1));
            let all: Vec<_> = here.chain(first).collect();
            self.sum(&all, true, 0)?;
        }
        Some(())
    }

    fn count(&mut self, low: i32, high: i32) -> Count {
        if low == high {
            return Count::Known(low);
        }
        self.bounds.push((low, high));
        Count::Wanted(self.bounds.len() - 1)
    }

    /// The counts of a block, within what is published of them.
    fn add(&mut self, case: &Case, block: usize, target: &Target) -> Option<()> {
        let owner = &case.blocks[block];
        let rows = if owner.sum == Sum::Pair { 1 } else { owner.rest() + 1 };
        let mut tables = Vec::new();
        for (table, limits) in owner.limits.iter().enumerate() {
            let mut counts = Vec::new();
            for cell in 0..rows * limits.columns {
                let (mut low, mut high) = if case.guesses_bases() {
                    case.possible_counts(block, table, cell)
                } else {
                    (limits.low[cell], limits.high[cell])
                };
                if let Some((least, most)) = wanted(case, target, block, table, cell) {
                    (low, high) = (low.max(least), high.min(most));
                }
                if low > high {
                    return None;
                }
                counts.push(self.count(low, high));
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
                let all = (0..rows).map(|row| (counts[row * columns + column], 1));
                let all: Vec<_> =
                    all.chain([(self.bases[table][column], -(each as i32))]).collect();
                self.sum(&all, true, 0)?;
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

    /// Holds the counts of a block to their shares of those who answered.
    fn share(&mut self, case: &Case, own: usize, target: &Target) -> Option<()> {
        let block = self.blocks[own].block;
        let owner = &case.blocks[block];
        for (table, limits) in owner.limits.iter().enumerate() {
            for column in 0..limits.columns {
                let base = self.bases[table][column];
                for row in 0..owner.rest() {
                    let cell = row * limits.columns + column;
                    let count = self.blocks[own].tables[table][cell];
                    let spot = case.spot_at(block, table, cell);
                    match spot.filter(|&spot| !case.is_hidden(spot)) {
                        Some(spot) => {
                            let percent = percent_of(case.count(spot), case.base(table, column));
                            self.show(count, base, percent as i32)?;
                        }
                        None => self.sum(&[(count, 1), (base, -1)], false, 0)?,
                    }
                    let is_target =
                        (block, table, cell) == (target.block, target.table, target.cell);
                    let everybody = Goal::AtLeast(case.base(table, column) as i32);
                    if is_target && target.goal == everybody {
                        self.sum(&[(base, 1), (count, -1)], false, 0)?;
                    }
                }
                if let Sum::Ticks(ticks) = owner.sum {
                    let rest =
                        self.blocks[own].tables[table][owner.rest() * limits.columns + column];
                    let spare = (ticks.most - ticks.least) as i32;
                    self.sum(&[(rest, 1), (base, -spare)], false, 0)?;
                }
            }
        }
        Some(())
    }

    /// A share that is published as `percent`: half a percent less is, half a percent more is not.
    fn show(&mut self, count: Count, base: Count, percent: i32) -> Option<()> {
        if percent > 0 {
            self.sum(&[(base, 2 * percent - 1), (count, -200)], false, 0)?;
        }
        if percent < 100 {
            self.sum(&[(count, 200), (base, -(2 * percent + 1))], false, -1)?;
        } else {
            self.sum(&[(count, 1), (base, -1)], false, 0)?;
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
        let base = (self.bases[table][column], -1);
        let plain = self.blocks.iter().filter(|own| !is_alone(own)).map(yes);
        let sums: Vec<Vec<_>> =
            plain.map(|one| alone.iter().copied().chain([one, base]).collect()).collect();
        let alone: Vec<_> = alone.into_iter().chain([base]).collect();
        self.sum(&alone, false, 0)?;
        sums.iter().try_for_each(|sum| self.sum(sum, false, 0))
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

    /// A world, or how many branches were tried in vain.
    fn world(&self, case: &Case, look: Option<u64>) -> Result<Witness, u64> {
        let values = self.solve(look)?;
        let bases = self.bases.iter().map(|table| table.iter().map(|one| one.value(&values)));
        let bases: Vec<Vec<i32>> = bases.map(Iterator::collect).collect();
        let tables = 0..case.stack.tables.len();
        let blocks = self.blocks.iter();
        let all = blocks.flat_map(|own| tables.clone().map(move |table| (own, table)));
        let guess = |own: &Counts, table: usize| own.guess(case, table, &bases[table], &values);
        let worlds = all.map(|(own, table)| (own.block, table, guess(own, table)));
        if case.guesses_bases() {
            let changed = worlds.collect();
            return Ok(Witness::with_bases(changed, bases));
        }
        let is_changed = |(block, table, guess): &(usize, usize, Guess)| {
            *guess != case.blocks[*block].truth[*table]
        };
        Ok(Witness::of(worlds.filter(is_changed).collect()))
    }

    /// `look` draws where it begins: without one, nowhere in particular.
    fn solve(&self, look: Option<u64>) -> Result<Vec<i32>, u64> {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let mut rng = look.map(fastrand::Rng::with_seed);
        let mut variable = |&bounds: &(i32, i32)| {
            problem.add_integer_var(rng.as_mut().map_or(0.0, |rng| rng.f64()), bounds)
        };
        let variables: Vec<_> = self.bounds.iter().map(&mut variable).collect();
        for sum in self.sums.iter().filter(|sum| !sum.terms.is_empty()) {
            let terms = sum.terms.iter().map(|&(at, factor)| (variables[at], f64::from(factor)));
            let terms: Vec<_> = terms.collect();
            let sign = if sum.is_exact { ComparisonOp::Eq } else { ComparisonOp::Le };
            problem.add_constraint(&terms, sign, f64::from(sum.of));
        }
        let mut options = SolveOptions::default();
        let branches = if look.is_some() { BRANCHES_EACH } else { BRANCHES };
        options.node_limit = Some(branches);
        options.mip_gap = 1.0;
        let solution = match problem.solve_with(options) {
            Ok(SolveOutcome::Solution(solution)) => solution,
            Ok(SolveOutcome::Interrupted(_)) => return Err(branches),
            Err(_) => return Err(0),
        };
        let values = variables.iter().map(|&one| solution.var_value(one).round() as i32);
        let values: Vec<i32> = values.collect();
        if self.holds(&values) { Ok(values) } else { Err(0) }
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
        // They are shares of the same people.
        _ if case.guesses_bases() => true,
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
