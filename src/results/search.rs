//! Another table that the attacker cannot tell from the true one: looked for by moving people from cell to
//! cell, in the target's table first, then in every other that shares its totals.

use super::bounds::percent_of;
use super::case::{Block, Case, Spot, Sum};
use super::flow::{Guess, Limits, Move, Price, Totals};
use super::item::Shape;

/// What an attacker must not be able to rule out of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    AtMost(i32),
    AtLeast(i32),
}

impl Goal {
    fn is_met(self, count: i32) -> bool {
        match self {
            Goal::AtMost(most) => count <= most,
            Goal::AtLeast(least) => count >= least,
        }
    }
}

/// A cell of a block, the residual's and the rest's too, and one thing that it has to be able to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    pub block: usize,
    pub table: usize,
    pub cell: usize,
    pub goal: Goal,
}

/// The tables in which a possible world differs from the true one.
#[derive(Debug, Clone, Default)]
pub struct Witness {
    changed: Vec<(usize, usize, Guess)>,
    /// By table and column, where another number answered than in truth: how many. Then every table is in
    /// `changed`.
    bases: Vec<Vec<i32>>,
}

impl Witness {
    /// A world that differs from the true one in these tables of blocks.
    pub fn of(changed: Vec<(usize, usize, Guess)>) -> Witness {
        Witness { changed, bases: Vec::new() }
    }

    /// One in which so many answered in each column of the tables.
    pub fn with_bases(changed: Vec<(usize, usize, Guess)>, bases: Vec<Vec<i32>>) -> Witness {
        Witness { changed, bases }
    }

    /// Whether it is still possible after the bounds of a cell have changed.
    pub fn allows(&self, case: &Case, spot: Spot) -> bool {
        let (block, row) = case.block_of(spot.part, spot.choice);
        if !self.bases.is_empty() {
            return self.shows(case, spot, block, row);
        }
        let of_it = |at: usize, table: usize| at == block && table == spot.table;
        let changed = self.changed.iter().filter(|(at, table, _)| of_it(*at, *table));
        changed.into_iter().all(|changed| is_within(case, changed))
    }

    /// Whether it is possible with what is published now.
    pub fn is_possible(&self, case: &Case) -> bool {
        if !self.bases.is_empty() {
            return case.spots().all(|spot| self.allows(case, spot));
        }
        self.changed.iter().all(|changed| is_within(case, changed))
    }

    /// Whether the cell would say what it says, of those who answered in this world.
    fn shows(&self, case: &Case, spot: Spot, block: usize, row: usize) -> bool {
        let mut changed = self.changed.iter();
        let guess = changed.find(|(at, table, _)| (*at, *table) == (block, spot.table));
        let Some((_, table, guess)) = guess else { return true };
        let columns = case.blocks[block].limits[*table].columns;
        let count = guess.cells[row * columns + spot.group] as u32;
        let base = self.bases[*table][spot.group] as u32;
        let said = percent_of(case.count(spot), case.base(spot.table, spot.group));
        case.is_hidden(spot) || percent_of(count, base) == said
    }
}

fn is_within(case: &Case, (block, table, guess): &(usize, usize, Guess)) -> bool {
    let limits = &case.blocks[*block].limits[*table];
    let mut cells = guess.cells.iter().zip(limits.low.iter().zip(&limits.high));
    cells.all(|(cell, (low, high))| cell >= low && cell <= high)
}

/// Looks for a witness with what is published now: rows keep their totals, or the other tables follow.
pub fn find(case: &Case, target: &Target) -> Option<Witness> {
    // Where two blocks contradict each other, it may matter which of them is tried first.
    let is_paired = matches!(case.stack.shape, Shape::Ranking { .. });
    let turns = if is_paired { &[false, true][..] } else { &[false] };
    let ways = turns.iter().flat_map(|&turn| [(Totals::Fixed, turn), (Totals::Free, turn)]);
    ways.into_iter().find_map(|(totals, is_turned)| {
        let mut world = World::new(case, &|_: &Case, _, _, _| None);
        (world.is_final, world.is_turned) = (true, is_turned);
        world.reach(target, totals).then(|| world.witness())
    })
}

/// Whether the target's table alone rules it out, whatever the others are: then no world has it. Paths reach
/// the exact bounds of one table.
pub fn is_ruled_out(case: &Case, target: &Target) -> bool {
    let mut world = World::new(case, &|_: &Case, _, _, _| None);
    world.is_final = true;
    !world.push(target.block, target.table, target.cell, target.goal, Totals::Free)
}

/// The cells that have to be hidden too, cheapest first found, so that there is a witness.
///
/// A cell costs 1 + 0.002 · its count (in units of 10,000), a total five times as much; `seed` breaks ties,
/// so that which of two equal cells is hidden says nothing.
pub fn unlock(
    case: &Case,
    target: &Target,
    seed: u64,
    fixed: &dyn Fn(Spot) -> bool,
) -> Option<Vec<Spot>> {
    let price = |case: &Case, block: usize, table: usize, cell: usize| {
        let spot = case.spot_at(block, table, cell)?;
        if fixed(spot) {
            return None;
        }
        let base = 10_000 + 20 * case.count(spot) + scatter(seed, spot);
        Some(if spot.table == 0 { 5 * base } else { base })
    };
    [Totals::Free, Totals::Fixed].into_iter().find_map(|totals| {
        let mut world = World::new(case, &price);
        world.reach(target, totals).then(|| world.hidden())
    })
}

/// A small number that looks like chance.
fn scatter(seed: u64, spot: Spot) -> u32 {
    let Spot { part, choice, table, group } = spot;
    let place = [part, choice, table, group].iter().fold(seed, |mixed, &at| {
        (mixed ^ at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
    });
    (place % 17) as u32
}

type Prices<'a> = &'a dyn Fn(&Case, usize, usize, usize) -> Option<u32>;

/// One table of a world that is being looked for.
#[derive(Clone)]
struct Draft {
    block: usize,
    table: usize,
    limits: Limits,
    guess: Guess,
    hidden: Vec<usize>,
}

/// A world that is being looked for: the true one but for the drafts.
struct World<'a> {
    case: &'a Case<'a>,
    prices: Prices<'a>,
    drafts: Vec<Draft>,
    /// Nothing more is hidden: no total can go where another table's cells cannot follow.
    is_final: bool,
    /// The last way out of a contradiction is tried first.
    is_turned: bool,
}

/// How often tables are brought into line with each other before it is given up.
const ROUNDS: usize = 64;

impl<'a> World<'a> {
    fn new(case: &'a Case<'a>, prices: Prices<'a>) -> World<'a> {
        World { case, prices, drafts: Vec::new(), is_final: false, is_turned: false }
    }

    fn witness(self) -> Witness {
        let changed = self.drafts.into_iter().map(|draft| (draft.block, draft.table, draft.guess));
        Witness::of(changed.collect())
    }

    fn hidden(&self) -> Vec<Spot> {
        let spots = self.drafts.iter().flat_map(|draft| {
            draft
                .hidden
                .iter()
                .filter_map(|&cell| self.case.spot_at(draft.block, draft.table, cell))
        });
        spots.collect()
    }

    fn reach(&mut self, target: &Target, totals: Totals) -> bool {
        let met = self.push(target.block, target.table, target.cell, target.goal, totals);
        if !met || !self.follow(target.block, target.table) {
            return false;
        }
        for _ in 0..ROUNDS {
            match self.mend(target.block) {
                Some(false) => return false,
                Some(true) => {}
                None => break,
            }
        }
        let cells = &self.guess(target.block, target.table).cells;
        target.goal.is_met(cells[target.cell]) && self.clash().is_none()
    }

    fn draft(&mut self, block: usize, table: usize) -> usize {
        let known =
            self.drafts.iter().position(|draft| draft.block == block && draft.table == table);
        known.unwrap_or_else(|| {
            let owner = &self.case.blocks[block];
            let mut limits = owner.limits[table].clone();
            if self.is_final {
                narrow_totals(&mut limits, &owner.limits);
                self.narrow_ranks(&mut limits, block, table);
            }
            self.drafts.push(Draft {
                block,
                table,
                limits,
                guess: owner.truth[table].clone(),
                hidden: Vec::new(),
            });
            self.drafts.len() - 1
        })
    }

    fn guess(&self, block: usize, table: usize) -> &Guess {
        let draft = self.drafts.iter().find(|draft| draft.block == block && draft.table == table);
        draft.map_or(&self.case.blocks[block].truth[table], |draft| &draft.guess)
    }

    /// Moves one cell until it is what it has to be able to be.
    fn push(
        &mut self,
        block: usize,
        table: usize,
        cell: usize,
        goal: Goal,
        totals: Totals,
    ) -> bool {
        let at = self.draft(block, table);
        let (case, prices) = (self.case, self.prices);
        let price = |cell: usize| prices(case, block, table, cell);
        let draft = &mut self.drafts[at];
        let mut moving = moving(draft, &price);
        while !goal.is_met(moving.guess.cells[cell]) {
            if !moving.shift(cell, matches!(goal, Goal::AtLeast(_)), totals) {
                return false;
            }
        }
        true
    }

    /// Brings the other tables of a block to the same totals.
    fn follow(&mut self, block: usize, table: usize) -> bool {
        let totals = self.guess(block, table).totals.clone();
        (0..self.case.blocks[block].limits.len()).filter(|&other| other != table).all(|other| {
            if self.guess(block, other).totals == totals {
                return true;
            }
            let at = self.draft(block, other);
            let (case, prices) = (self.case, self.prices);
            let price = |cell: usize| prices(case, block, other, cell);
            moving(&mut self.drafts[at], &price).settle(&totals)
        })
    }

    /// Where two blocks contradict each other: the block and cell to be lowered or raised, and by what.
    fn clash(&self) -> Option<Vec<Clash>> {
        match self.case.stack.shape {
            Shape::Multiple => self.crowded(),
            Shape::Ranking { .. } => self.topped(),
            _ => None,
        }
    }

    /// Whoever ticks an exclusive choice ticks no other.
    fn crowded(&self) -> Option<Vec<Clash>> {
        let (exclusive, plain): (Vec<usize>, Vec<usize>) =
            (0..self.case.blocks.len()).partition(|&block| self.is_exclusive(block));
        if exclusive.is_empty() {
            return None;
        }
        for table in 0..self.case.stack.tables.len() {
            let columns = self.case.blocks[0].limits[table].columns;
            for column in 0..columns {
                let ticks = |block: usize| self.guess(block, table).cells[column];
                let alone: i32 = exclusive.iter().map(|&block| ticks(block)).sum();
                let base = self.case.base(table, column) as i32;
                let crowd = plain.iter().filter(|&&block| ticks(block) + alone > base);
                let mut clashes: Vec<Clash> = crowd
                    .map(|&block| Clash {
                        block,
                        table,
                        cell: column,
                        goal: Goal::AtMost(base - alone),
                    })
                    .collect();
                if let Some(most) = clashes.iter().map(|clash| ticks(clash.block)).max() {
                    let over = most + alone - base;
                    clashes.extend(exclusive.iter().filter(|&&block| ticks(block) > 0).map(
                        |&block| {
                            let goal = Goal::AtMost((ticks(block) - over).max(0));
                            Clash { block, table, cell: column, goal }
                        },
                    ));
                    return Some(clashes);
                }
                let others = exclusive.iter().copied();
                let over = alone - base;
                if over > 0 && exclusive.len() > 1 {
                    return Some(
                        others
                            .map(|block| Clash {
                                block,
                                table,
                                cell: column,
                                goal: Goal::AtMost((ticks(block) - over).max(0)),
                            })
                            .collect(),
                    );
                }
            }
        }
        None
    }

    fn is_exclusive(&self, block: usize) -> bool {
        let choices = &self.case.blocks[block].choices;
        choices.iter().any(|&choice| self.case.stack.choices[choice].exclusive)
    }

    /// Who puts a choice first has it among the best.
    fn topped(&self) -> Option<Vec<Clash>> {
        let first = self.case.blocks.iter().position(|block| block.sum == Sum::Partition)?;
        let ranked = self.case.blocks.iter().enumerate().filter(|(at, _)| *at != first);
        let rows = ranked.flat_map(|(top, block)| {
            block.choices.iter().enumerate().map(move |(own, &row)| (top, own, row))
        });
        for (top, own, row) in rows {
            for table in 0..self.case.stack.tables.len() {
                let columns = self.case.blocks[top].limits[table].columns;
                for column in 0..columns {
                    let place = own * columns + column;
                    let ranked = self.guess(top, table).cells[place];
                    let cell = row * columns + column;
                    let led = self.guess(first, table).cells[cell];
                    if led > ranked {
                        let raise =
                            Clash { block: top, table, cell: place, goal: Goal::AtLeast(led) };
                        let lower = Clash { block: first, table, cell, goal: Goal::AtMost(ranked) };
                        return Some(vec![raise, lower]);
                    }
                }
            }
        }
        None
    }

    /// Nobody can be first more often than among the best: each of the two bounds the other.
    fn narrow_ranks(&self, limits: &mut Limits, block: usize, table: usize) {
        if !matches!(self.case.stack.shape, Shape::Ranking { .. }) {
            return;
        }
        let (blocks, columns) = (&self.case.blocks, limits.columns);
        let is_first = |block: &Block| block.sum == Sum::Partition;
        let owner = &blocks[block];
        for other in blocks.iter().filter(|other| is_first(other) != is_first(owner)) {
            let bounds = &other.limits[table];
            // The rows of the ranked choices, in their block and among the first.
            let tops = if is_first(owner) { other } else { owner };
            let rows = tops.choices.iter().enumerate();
            for ((own, &row), column) in
                rows.flat_map(|row| (0..columns).map(move |column| (row, column)))
            {
                let (top, first) = (own * columns + column, row * columns + column);
                if is_first(owner) {
                    limits.high[first] = limits.high[first].min(bounds.high[top]);
                    continue;
                }
                let least = bounds.low[first];
                limits.low[top] = limits.low[top].max(least);
                if owner.sum == Sum::Pair {
                    let base = self.case.base(table, column) as i32;
                    let without = &mut limits.high[columns + column];
                    *without = (*without).min(base - least);
                }
            }
        }
    }

    /// Of the two ways out of a ranking's contradiction the one that hides less; the first where it is all
    /// the same.
    fn give_way(&mut self, clashes: &[Clash], kept: usize) -> bool {
        let before = self.drafts.clone();
        let mut best: Option<Vec<Draft>> = None;
        let hides = |drafts: &[Draft]| drafts.iter().map(|draft| draft.hidden.len()).sum::<usize>();
        let mut ways: Vec<&Clash> = clashes.iter().filter(|clash| clash.block != kept).collect();
        if self.is_turned {
            ways.reverse();
        }
        for clash in ways {
            let way = |totals| (clash.block, clash.table, clash.cell, clash.goal, totals);
            for (block, table, cell, goal, totals) in [way(Totals::Fixed), way(Totals::Free)] {
                self.drafts.clone_from(&before);
                let done = self.push(block, table, cell, goal, totals) && self.follow(block, table);
                if done && best.as_ref().is_none_or(|best| hides(&self.drafts) < hides(best)) {
                    best = Some(self.drafts.clone());
                }
                if done && hides(&self.drafts) == hides(&before) {
                    return true;
                }
            }
        }
        let is_found = best.is_some();
        self.drafts = best.unwrap_or(before);
        is_found
    }

    /// Mends one contradiction without touching the target's block. None: there is none.
    fn mend(&mut self, kept: usize) -> Option<bool> {
        let clashes = self.clash()?;
        if matches!(self.case.stack.shape, Shape::Ranking { .. }) {
            return Some(self.give_way(&clashes, kept));
        }
        let mut moved = false;
        for clash in clashes.iter().filter(|clash| clash.block != kept) {
            let done = self.push(clash.block, clash.table, clash.cell, clash.goal, Totals::Fixed)
                || self.push(clash.block, clash.table, clash.cell, clash.goal, Totals::Free);
            if !done || !self.follow(clash.block, clash.table) {
                return Some(false);
            }
            moved = true;
            let is_target_exclusive = self.is_exclusive(kept);
            if !is_target_exclusive && self.is_exclusive(clash.block) {
                break;
            }
        }
        Some(moved)
    }
}

/// Leaves a table's rows only the totals that every table of the block can have.
fn narrow_totals(limits: &mut Limits, tables: &[Limits]) {
    for row in 0..limits.rows {
        for table in tables {
            let cells = row * table.columns..(row + 1) * table.columns;
            let low: i32 = table.low[cells.clone()].iter().sum();
            let high: i32 = table.high[cells].iter().sum();
            limits.total_low[row] = limits.total_low[row].max(low);
            limits.total_high[row] = limits.total_high[row].min(high);
        }
    }
}

/// A cell of one block that another block's cells do not leave room for.
#[derive(Debug, Clone, Copy)]
struct Clash {
    block: usize,
    table: usize,
    cell: usize,
    goal: Goal,
}

fn moving<'a, P: Price>(draft: &'a mut Draft, price: &'a P) -> Move<'a, P> {
    let Draft { limits, guess, hidden, .. } = draft;
    Move { limits, guess, price, hidden }
}
