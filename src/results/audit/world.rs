//! Looks for a world that gives what is published and fulfils a wish. Every table is filled by maximum flow
//! once it is settled whom percents are of; totals are shared by all tables. What it finds is believed only
//! when [`check`](super::check) has seen it.

use super::check::{Place, Wish, World, is_tick, says};
use super::facts::{Base, Facts, Rest};
use super::network::Bounds;
use crate::results::figure::Measure;

/// How many numbers of answers are tried for each group, around what one would expect.
const NEAREST: usize = 64;

/// A world that fulfils `wish`, or any where there is none to fulfil; `known` is one that has been found.
pub fn find(facts: &Facts, wish: Option<&Wish>, known: Option<&World>) -> Option<World> {
    let is_open = wish.is_some_and(|wish| wish.place == Place::Open);
    let mut bases: Vec<Vec<Vec<u32>>> = Vec::new();
    if !is_open {
        bases.extend(known.map(|world| world.base.clone()));
    }
    if bases.is_empty() {
        bases.extend(base(facts, wish.filter(|_| is_open)));
    }
    let fill = |base: &Vec<Vec<u32>>| {
        let known = known.filter(|world| world.base == *base);
        let filled = Filling::new(facts, base, wish.filter(|_| !is_open)).fill(known)?;
        let fulfilled = wish.is_none_or(|wish| filled.fulfils(facts, wish));
        (fulfilled && filled.is_possible(facts)).then_some(filled)
    };
    bases.iter().find_map(fill).or_else(|| {
        let wish = wish.filter(|_| !is_open)?;
        other_bases(facts, wish).find_map(|base| fill(&base))
    })
}

/// How many other numbers of answers are tried for the group that a wish is about.
const OTHERS: usize = 24;

/// The same with other numbers of answers in the group that the wish is about.
fn other_bases<'a>(facts: &'a Facts, wish: &Wish) -> impl Iterator<Item = Vec<Vec<u32>>> + 'a {
    let (table, column) = (wish.table, wish.column);
    let is_answered = matches!(facts.base, Base::Answered { .. });
    let people = if is_answered { facts.people(table, column) } else { 0 };
    let groups = facts.tables[table].people.len() - 1;
    let missing = (0..people).filter(move |missing| {
        column >= groups || is_column(facts, table, column, people - missing)
    });
    missing.take(OTHERS).filter_map(move |missing| {
        base(facts, Some(&Wish { place: Place::Open, table, column, low: missing, high: missing }))
    })
}

/// Whom percents are of, by table and column, so that every table has the same number of people.
fn base(facts: &Facts, wish: Option<&Wish>) -> Option<Vec<Vec<u32>>> {
    let Base::Answered { fewest, most, .. } = facts.base else {
        return Some(facts.tables.iter().map(|table| table.people.clone()).collect());
    };
    let choices: Vec<Missing> = (0..facts.tables.len())
        .map(|table| {
            let wish = wish.filter(|wish| wish.table == table);
            Missing::new(facts, table, (fewest, most), wish)
        })
        .collect();
    let everybody = (fewest..=most)
        .rev()
        .find(|&everybody| choices.iter().all(|missing| missing.reaches(everybody).is_some()))?;
    choices.iter().map(|missing| missing.spread(everybody)).collect()
}

/// How many of each column may be missing from a table's base.
struct Missing {
    people: Vec<u32>,
    /// By group, the numbers that its percents allow.
    groups: Vec<Vec<u32>>,
    residual: (u32, u32),
    /// By number of groups taken: which sums can be reached.
    sums: Vec<Vec<bool>>,
}

impl Missing {
    fn new(
        facts: &Facts,
        table: usize,
        (fewest, most): (u32, u32),
        wish: Option<&Wish>,
    ) -> Missing {
        let people = facts.tables[table].people.clone();
        let groups = people.len() - 1;
        let all: u32 = people.iter().sum();
        let limit = all.saturating_sub(fewest);
        let middle = f64::from(all.saturating_sub(most / 2 + fewest / 2));
        let allowed = |group: usize| -> Vec<u32> {
            let (low, high) = wished(wish, group);
            let expected = middle * f64::from(people[group]) / f64::from(all.max(1));
            let mut all: Vec<u32> = (low..=high.min(people[group]).min(limit.max(low)))
                .filter(|missing| is_column(facts, table, group, people[group] - missing))
                .collect();
            all.sort_by_key(|&missing| (f64::from(missing) - expected).abs() as u32);
            all.truncate(NEAREST);
            all
        };
        let groups: Vec<Vec<u32>> = (0..groups).map(allowed).collect();
        let (low, high) = wished(wish, groups.len());
        let residual = (low, high.min(people[groups.len()]));
        let mut sums = vec![vec![false; limit as usize + 1]];
        sums[0][0] = true;
        for group in &groups {
            let before = sums.last().expect("the empty sum");
            let mut after = vec![false; before.len()];
            for (sum, _) in before.iter().enumerate().filter(|(_, is)| **is) {
                for missing in group {
                    if let Some(reached) = after.get_mut(sum + *missing as usize) {
                        *reached = true;
                    }
                }
            }
            sums.push(after);
        }
        Missing { people, groups, residual, sums }
    }

    /// The sum that the groups have to miss so that `everybody` are left, if they can.
    fn reaches(&self, everybody: u32) -> Option<usize> {
        let all: u32 = self.people.iter().sum();
        let missing = all.checked_sub(everybody)?;
        let (low, high) = self.residual;
        let last = self.sums.last().expect("the empty sum");
        let mut sums = (low..=high.min(missing)).map(|residual| (missing - residual) as usize);
        sums.find(|&sum| last.get(sum).copied().unwrap_or(false))
    }

    fn spread(&self, everybody: u32) -> Option<Vec<u32>> {
        let all: u32 = self.people.iter().sum();
        let mut sum = self.reaches(everybody)?;
        let mut base = self.people.clone();
        let residual = all - everybody - sum as u32;
        base[self.groups.len()] -= residual;
        for (group, allowed) in self.groups.iter().enumerate().rev() {
            let fits = |missing: &&u32| {
                sum.checked_sub(**missing as usize).is_some_and(|left| self.sums[group][left])
            };
            let missing = *allowed.iter().find(fits)?;
            base[group] -= missing;
            sum -= missing as usize;
        }
        Some(base)
    }
}

fn wished(wish: Option<&Wish>, column: usize) -> (u32, u32) {
    wish.filter(|wish| wish.column == column).map_or((0, u32::MAX), |wish| (wish.low, wish.high))
}

/// Whether a group can have so many in its base with the percents that are published of it.
fn is_column(facts: &Facts, table: usize, group: usize, base: u32) -> bool {
    adds_up(facts, table, group, base)
        && facts.blocks.iter().enumerate().all(|(at, block)| {
            let cells = block.percents[table].iter().map(|row| interval(facts, row[group], base));
            let (mut low, mut high, mut is_possible) = (0, 0, true);
            for (least, most) in cells {
                is_possible &= least <= most;
                low += least;
                high += most;
            }
            let may_rest = is_tick(facts, at) || facts.rest != Rest::None;
            is_possible && low <= base && (high >= base || may_rest)
        })
}

/// Whether so many people can have given the choices, where each gives so many of them.
fn adds_up(facts: &Facts, table: usize, group: usize, base: u32) -> bool {
    let Some(ticks) = facts.ticks else { return true };
    let (mut fewest, mut most) = (0, 0);
    for (at, block) in facts.blocks.iter().enumerate().filter(|(at, _)| is_tick(facts, *at)) {
        let (low, high) = interval(facts, block.percents[table][0][group], base);
        let is_alone = facts.blocks[at].is_exclusive;
        fewest += if is_alone { ticks.most * low } else { low };
        most += if is_alone { ticks.least * high } else { high };
    }
    fewest <= ticks.most * base && most >= ticks.least * base
}

/// The counts that a figure allows, or any where it is hidden.
pub fn interval(facts: &Facts, percent: Option<u32>, base: u32) -> (u32, u32) {
    let Some(percent) = percent else { return (0, base) };
    // What `says` accepts is one run of counts: its ends are found by halving.
    let weights = match facts.base {
        Base::Answered { low, high, .. } => high / low,
        Base::Asked => 1.0,
    };
    let odds = |percent: f64| percent / (100.0 - percent).max(1e-9);
    let at = |odds: f64| (odds / (1.0 + odds) * f64::from(base)).clamp(0.0, f64::from(base));
    let percent_f = f64::from(percent);
    let low = at(odds((percent_f - 0.5).max(0.0)) / weights).floor() as u32;
    let high = at(odds((percent_f + 0.5).min(100.0)) * weights).ceil() as u32;
    let (from, to) = (low.saturating_sub(1), (high + 1).min(base));
    let least = (from..=to).find(|&count| says(facts, percent, count, base));
    let most = (from..=to).rev().find(|&count| says(facts, percent, count, base));
    least.zip(most).unwrap_or((1, 0))
}

/// Tables that are being filled for one choice of the base.
struct Filling<'a> {
    facts: &'a Facts,
    base: &'a [Vec<u32>],
    wish: Option<&'a Wish>,
    /// By block and table, bounds of cells from what is published.
    bounds: Vec<Vec<Bounds>>,
    done: Vec<Option<Vec<Vec<u32>>>>,
}

impl<'a> Filling<'a> {
    fn new(facts: &'a Facts, base: &'a [Vec<u32>], wish: Option<&'a Wish>) -> Filling<'a> {
        let tables =
            |block| (0..facts.tables.len()).map(move |table| bounds(facts, base, block, table));
        let mut filling = Filling {
            facts,
            base,
            wish,
            bounds: (0..facts.blocks.len()).map(|block| tables(block).collect()).collect(),
            done: vec![None; facts.blocks.len()],
        };
        if let Some(Wish { place: Place::Cell { block, row }, table, column, low, high }) =
            wish.copied()
        {
            let bounds = &mut filling.bounds[block][table];
            narrow(bounds, row, column, low, high);
            if is_tick(facts, block) {
                let all = base[table][column];
                let other = 1 - row;
                narrow(bounds, other, column, all.saturating_sub(high), all.saturating_sub(low));
            }
        }
        filling
    }

    /// The block that is wished about first, then those that bind the others.
    fn order(&self) -> Vec<usize> {
        let is_several =
            self.facts.ticks.is_some() && self.facts.blocks[0].measure != Measure::First;
        let mut order: Vec<usize> = (0..self.facts.blocks.len()).collect();
        let wished = match self.wish.map(|wish| wish.place) {
            Some(Place::Cell { block, .. }) => Some(block),
            _ => None,
        };
        let is_binding = |block: usize| {
            let own = &self.facts.blocks[block];
            own.is_exclusive || own.measure == Measure::First
        };
        let is_last = |block: usize| is_several && self.is_one_of_many(block);
        order.sort_by_key(|&block| {
            (is_last(block), Some(block) != wished, !is_binding(block), block)
        });
        order
    }

    fn fill(mut self, known: Option<&World>) -> Option<World> {
        let together = self.together();
        for block in self.order() {
            if together.contains(&block) {
                if self.done[block].is_none() {
                    self.fill_together(&together, known)?;
                }
                continue;
            }
            self.bind(block);
            let before = known.map(|world| &world.cells[block]);
            let everybody = self.base[0].iter().sum();
            let tables = fill(&self.bounds[block], self.first(&[block]), before, everybody)?;
            self.done[block] = Some(tables);
        }
        let cells =
            self.done.into_iter().map(|done| done.expect("every block was filled")).collect();
        Some(World { base: self.base.to_vec(), cells })
    }

    /// The choices of which everybody gives so many: one table, with what is left of each person's as a row.
    /// Those that exclude all others are filled before, and their people are none of it.
    fn together(&self) -> Vec<usize> {
        let all = (0..self.facts.blocks.len()).filter(|_| self.facts.ticks.is_some());
        all.filter(|&block| self.is_one_of_many(block)).collect()
    }

    fn is_one_of_many(&self, block: usize) -> bool {
        is_tick(self.facts, block) && !self.facts.blocks[block].is_exclusive
    }

    /// Who gives none of `blocks`, by table and column: who gave a choice that excludes them.
    fn apart(&self) -> Vec<Vec<u32>> {
        let is_alone = |block: &usize| self.facts.blocks[*block].is_exclusive;
        let mut apart: Vec<Vec<u32>> = self.base.iter().map(|base| vec![0; base.len()]).collect();
        for block in (0..self.facts.blocks.len()).filter(is_alone) {
            let Some(done) = &self.done[block] else { continue };
            for (apart, cells) in apart.iter_mut().zip(done) {
                apart.iter_mut().zip(cells).for_each(|(apart, with)| *apart += with);
            }
        }
        apart
    }

    fn fill_together(&mut self, blocks: &[usize], known: Option<&World>) -> Option<()> {
        let ticks = self.facts.ticks?;
        blocks.iter().for_each(|&block| self.bind(block));
        let apart = self.apart();
        let givers = |table: usize| -> Vec<u32> {
            let both = self.base[table].iter().zip(&apart[table]);
            both.map(|(base, apart)| base.saturating_sub(*apart)).collect()
        };
        let tables = self.base.iter().enumerate().map(|(table, base)| {
            let with = |&block: &usize| self.bounds[block][table].cells[..base.len()].to_vec();
            let mut cells: Vec<(u32, u32)> = blocks.iter().flat_map(with).collect();
            let givers = givers(table);
            cells.extend(givers.iter().map(|all| (0, (ticks.most - ticks.least) * all)));
            let rows = blocks.len() + 1;
            let columns: Vec<u32> = givers.iter().map(|all| ticks.most * all).collect();
            let totals = vec![(0, columns.iter().sum()); rows];
            Bounds { rows, columns, cells, totals }
        });
        let tables: Vec<Bounds> = tables.collect();
        let before = known.map(|world| {
            let of_table = |(table, base): (usize, &Vec<u32>)| {
                let mut left: Vec<u32> = givers(table).iter().map(|all| ticks.most * all).collect();
                let mut cells = Vec::new();
                for &block in blocks {
                    let with = &world.cells[block][table][..base.len()];
                    // Where others are apart now it fits no more, and is left.
                    for (left, with) in left.iter_mut().zip(with) {
                        *left = left.saturating_sub(*with);
                    }
                    cells.extend_from_slice(with);
                }
                cells.extend(left);
                cells
            };
            self.base.iter().enumerate().map(of_table).collect::<Vec<_>>()
        });
        let everybody = ticks.most * givers(0).iter().sum::<u32>();
        let filled = fill(&tables, self.first(blocks), before.as_ref(), everybody)?;
        for (at, &block) in blocks.iter().enumerate() {
            let own = self.base.iter().zip(&filled).map(|(base, cells)| {
                let with = &cells[at * base.len()..(at + 1) * base.len()];
                let without = base.iter().zip(with).map(|(base, with)| base - with);
                with.iter().copied().chain(without).collect()
            });
            self.done[block] = Some(own.collect());
        }
        Some(())
    }

    /// The table to begin with: that of the wish, where it is about one of these blocks.
    fn first(&self, blocks: &[usize]) -> usize {
        match self.wish {
            Some(Wish { place: Place::Cell { block, .. }, table, .. })
                if blocks.contains(block) =>
            {
                *table
            }
            _ => 0,
        }
    }

    /// Bounds a block by those that are filled, and by the least that the others must have.
    fn bind(&mut self, block: usize) {
        let facts = self.facts;
        for table in 0..facts.tables.len() {
            for column in 0..facts.tables[table].people.len() {
                if facts.blocks[0].measure == Measure::First {
                    self.bind_ranking(block, table, column);
                } else if is_tick(facts, block) {
                    self.bind_ticks(block, table, column);
                }
            }
        }
    }

    /// What a block has in a cell: as filled, or at least.
    fn least(&self, block: usize, table: usize, row: usize, column: usize) -> u32 {
        let cell = self.bounds[block][table].cell(row, column);
        match &self.done[block] {
            Some(tables) => tables[table][cell],
            None => self.bounds[block][table].cells[cell].0,
        }
    }

    fn bind_ticks(&mut self, block: usize, table: usize, column: usize) {
        let facts = self.facts;
        let (mut alone, mut crowd) = (0, 0);
        for (at, other) in facts.blocks.iter().enumerate().filter(|(at, _)| *at != block) {
            let least = self.least(at, table, 0, column);
            if other.is_exclusive { alone += least } else { crowd = crowd.max(least) }
        }
        let taken = if facts.blocks[block].is_exclusive { alone + crowd } else { alone };
        let all = self.base[table][column];
        let room = all.saturating_sub(taken);
        let (few, room) = match facts.blocks[block].is_exclusive {
            true => self.sum_leaves(block, table, column, room),
            false => (0, room),
        };
        let bounds = &mut self.bounds[block][table];
        narrow(bounds, 0, column, few, room);
        narrow(bounds, 1, column, all - room, all - few.min(all));
    }

    /// How many the sum of the others' ticks leaves for a choice that excludes them: at least and at most.
    fn sum_leaves(&self, block: usize, table: usize, column: usize, room: u32) -> (u32, u32) {
        let Some(ticks) = self.facts.ticks else { return (0, room) };
        let (mut fewest, mut most) = (0, 0);
        for plain in (0..self.facts.blocks.len()).filter(|&at| self.is_one_of_many(at)) {
            let bounds = &self.bounds[plain][table];
            let (low, high) = bounds.cells[bounds.cell(0, column)];
            (fewest, most) = (fewest + low, most + high);
        }
        let all = self.base[table][column];
        let is_only = |at: usize| at == block || !self.facts.blocks[at].is_exclusive;
        // Others that exclude them take their part too, and how large it is nobody knows yet.
        let few = match ticks.least {
            least if least > 0 && (0..self.facts.blocks.len()).all(is_only) => {
                all.saturating_sub(most / least)
            }
            _ => 0,
        };
        (few, room.min(all.saturating_sub(fewest.div_ceil(ticks.most.max(1)))))
    }

    fn bind_ranking(&mut self, block: usize, table: usize, column: usize) {
        let facts = self.facts;
        let all = self.base[table][column];
        if block == 0 {
            for top in 1..facts.blocks.len() {
                let Some(row) = row_of(facts, top) else { continue };
                let cell = self.bounds[top][table].cell(0, column);
                let most = match &self.done[top] {
                    Some(tables) => tables[table][cell],
                    None => self.bounds[top][table].cells[cell].1,
                };
                narrow(&mut self.bounds[0][table], row, column, 0, most);
            }
        } else if let Some(row) = row_of(facts, block) {
            let least = self.least(0, table, row, column);
            let bounds = &mut self.bounds[block][table];
            narrow(bounds, 0, column, least, all);
            narrow(bounds, 1, column, 0, all - least.min(all));
        }
    }
}

/// All tables of a block with the same totals: those known first, then others near them, then any. `first` is
/// the one to begin with, `everybody` what all totals add up to.
fn fill(
    tables: &[Bounds],
    first: usize,
    before: Option<&Vec<Vec<u32>>>,
    everybody: u32,
) -> Option<Vec<Vec<u32>>> {
    let range = common_totals(tables)?;
    let centre = centre(&range, everybody);
    let near = |middle: &[u32], reach: u32| -> Vec<(u32, u32)> {
        let pairs = range.iter().zip(middle);
        let narrowed = pairs.map(|(&(low, high), &middle)| {
            (low.max(middle.saturating_sub(reach)), high.min(middle.saturating_add(reach)))
        });
        narrowed.collect()
    };
    let before_then = before.iter().flat_map(|cells| {
        let middle = tables[0].sums(&cells[0]);
        [0, 5, 12].map(|reach| near(&middle, reach))
    });
    let anew = [0, 1, 3, 10, u32::MAX].map(|reach| near(&centre, reach));
    let tried: Vec<Vec<(u32, u32)>> = before_then.chain(anew).collect();
    tried.iter().find_map(|totals| fill_with(tables, first, totals, before))
}

fn fill_with(
    tables: &[Bounds],
    first: usize,
    totals: &[(u32, u32)],
    before: Option<&Vec<Vec<u32>>>,
) -> Option<Vec<Vec<u32>>> {
    let start = Bounds { totals: totals.to_vec(), ..tables[first].clone() }.fill()?;
    let wanted = tables[first].sums(&start);
    let others = tables.iter().enumerate().map(|(table, bounds)| {
        if table == first {
            return Some(start.clone());
        }
        // What was there before often still fits.
        let kept = before.map(|tables| &tables[table]).filter(|cells| {
            bounds.sums(cells) == wanted
                && bounds.are_columns(cells)
                && cells
                    .iter()
                    .zip(&bounds.cells)
                    .all(|(cell, (low, high))| cell >= low && cell <= high)
        });
        if let Some(kept) = kept {
            return Some(kept.clone());
        }
        let totals = wanted.iter().map(|&total| (total, total)).collect();
        Bounds { totals, ..bounds.clone() }.fill()
    });
    others.collect()
}

/// What each row's total can be in every one of the tables.
fn common_totals(tables: &[Bounds]) -> Option<Vec<(u32, u32)>> {
    let of_row = |row: usize| {
        let (mut least, mut most) = (0, u32::MAX);
        for bounds in tables {
            let cells =
                (0..bounds.columns.len()).map(|column| bounds.cells[bounds.cell(row, column)]);
            let (low, high) = cells.fold((0, 0), |(low, high), cell| (low + cell.0, high + cell.1));
            least = least.max(low);
            most = most.min(high);
        }
        (least <= most).then_some((least, most))
    };
    (0..tables[0].rows).map(of_row).collect()
}

/// Totals that add up to everybody and lie as far as can be from what is excluded, each in its own measure.
fn centre(range: &[(u32, u32)], everybody: u32) -> Vec<u32> {
    let least: u32 = range.iter().map(|(low, _)| low).sum();
    let room: u64 = range.iter().map(|(low, high)| u64::from(high - low)).sum();
    let mut left = u64::from(everybody.saturating_sub(least));
    let mut room_left = room;
    let shares = range.iter().map(|(low, high)| {
        let own = u64::from(high - low);
        let share = (left * own + room_left / 2).checked_div(room_left).unwrap_or(0);
        let share = share.min(own).min(left);
        left -= share;
        room_left -= own;
        low + share as u32
    });
    shares.collect()
}

fn row_of(facts: &Facts, top: usize) -> Option<usize> {
    facts.blocks[0].rows.iter().position(|row| *row == facts.blocks[top].rows[0])
}

fn narrow(bounds: &mut Bounds, row: usize, column: usize, low: u32, high: u32) {
    let cell = bounds.cell(row, column);
    let (least, most) = bounds.cells[cell];
    bounds.cells[cell] = (least.max(low), most.min(high));
}

/// The bounds of one table of a block, the rest's row included.
fn bounds(facts: &Facts, base: &[Vec<u32>], block: usize, table: usize) -> Bounds {
    let own = &facts.blocks[block];
    let columns = base[table].clone();
    let mut cells = Vec::new();
    for row in &own.percents[table] {
        for (column, &base) in columns.iter().enumerate() {
            let percent = row.get(column).copied().flatten();
            cells.push(interval(facts, percent, base));
        }
    }
    for bound in own.within.iter().filter(|bound| bound.table == table) {
        let cell = &mut cells[bound.row * columns.len() + bound.column];
        *cell = (cell.0.max(bound.low), cell.1.min(bound.high));
    }
    let is_tick = is_tick(facts, block);
    for (column, &base) in columns.iter().enumerate() {
        let rest = if is_tick {
            let (low, high) = cells[column];
            (base.saturating_sub(high), base.saturating_sub(low))
        } else {
            match facts.rest {
                Rest::None => (0, 0),
                Rest::Between(fewest, most) if table == 0 && column == 0 => {
                    (fewest, most.min(base))
                }
                Rest::Between(..) => (0, base),
            }
        };
        cells.push(rest);
    }
    let rows = own.rows.len() + 1;
    let everybody = columns.iter().sum();
    Bounds { rows, columns, cells, totals: vec![(0, everybody); rows] }
}
