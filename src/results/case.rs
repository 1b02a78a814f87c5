//! What an attacker knows of one item while its pattern is being made: for each row and table, the bounds
//! that published figures put on the counts, and the totals that the tables share.
//!
//! The attacker assumed here is stronger than any real one. Where the survey is weighted, whole percents
//! of unweighted counts are taken as if they were published; where it is not, the number who answered in
//! each group is taken as known. So whatever is safe here has the true table of every other variable to
//! show for it.

use super::bounds::{counts_of, missing_of, percent_of, rounded};
use super::flow::{Guess, Limits};
use super::item::{Shape, Ticks};
use super::table::{Column, Kind, Stack};

/// A cell that may be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    pub part: usize,
    pub choice: usize,
    /// 0 is everybody.
    pub table: usize,
    pub group: usize,
}

/// What the rows of a block are, and add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sum {
    /// Everybody is in one; the last is of those in none.
    Partition,
    /// One choice: with it, and without.
    Pair,
    /// Choices of which everybody gives so many; the last row is what the others leave of `most` each.
    Ticks(Ticks),
}

/// Rows that add up over every table: all choices of a question, or one that is ticked or not.
#[derive(Clone)]
pub struct Block {
    pub part: usize,
    /// The choices of its rows; the last row beyond them is the rest.
    pub choices: Vec<usize>,
    pub sum: Sum,
    /// By table.
    pub limits: Vec<Limits>,
    pub truth: Vec<Guess>,
}

impl Block {
    pub fn rest(&self) -> usize {
        self.choices.len()
    }
}

/// The attacker's knowledge, and what is hidden from it.
#[derive(Clone)]
pub struct Case<'a> {
    pub stack: &'a Stack,
    pub blocks: Vec<Block>,
    /// By part, choice, table and group.
    hidden: Vec<Vec<Vec<Vec<bool>>>>,
}

impl<'a> Case<'a> {
    /// Everything published.
    pub fn new(stack: &'a Stack, choices: usize) -> Case<'a> {
        let mut blocks = Vec::new();
        for (at, part) in stack.parts().iter().enumerate() {
            match part.kind {
                Kind::Partition => {
                    blocks.push(block(stack, at, (0..choices).collect(), Sum::Partition));
                }
                Kind::Multiple => match stack.sums() {
                    Some(ticks) => {
                        blocks.push(block(stack, at, (0..choices).collect(), Sum::Ticks(ticks)));
                    }
                    None => blocks.extend(
                        (0..choices).map(|choice| block(stack, at, vec![choice], Sum::Pair)),
                    ),
                },
            }
        }
        let groups = |table: usize| vec![false; stack.tables[table].groups.len()];
        let tables: Vec<Vec<bool>> = (0..stack.tables.len()).map(groups).collect();
        let hidden = vec![vec![tables; choices]; stack.parts().len()];
        let mut case = Case { stack, blocks, hidden };
        for block in 0..case.blocks.len() {
            for table in 0..case.stack.tables.len() {
                case.limit_rest(block, table);
            }
        }
        case.spots().for_each(|spot| case.limit(spot));
        case
    }

    /// Every cell that may be published.
    pub fn spots(&self) -> impl Iterator<Item = Spot> + use<> {
        let sizes: Vec<usize> = self.stack.tables.iter().map(|table| table.groups.len()).collect();
        let (parts, choices) = (self.hidden.len(), self.hidden.first().map_or(0, Vec::len));
        let rows = (0..parts).flat_map(move |part| (0..choices).map(move |choice| (part, choice)));
        rows.flat_map(move |(part, choice)| {
            let groups = sizes.clone().into_iter().enumerate();
            groups.flat_map(move |(table, size)| {
                (0..size).map(move |group| Spot { part, choice, table, group })
            })
        })
    }

    pub fn is_hidden(&self, spot: Spot) -> bool {
        self.hidden[spot.part][spot.choice][spot.table][spot.group]
    }

    /// Hides a cell, or shows it, and what follows from that.
    pub fn set(&mut self, spot: Spot, is_hidden: bool) {
        self.hidden[spot.part][spot.choice][spot.table][spot.group] = is_hidden;
        self.limit(spot);
    }

    pub fn block_of(&self, part: usize, choice: usize) -> (usize, usize) {
        let mut found = self.blocks.iter().enumerate().filter(|(_, block)| block.part == part);
        let place = found.find_map(|(at, block)| {
            block.choices.iter().position(|own| *own == choice).map(|row| (at, row))
        });
        place.expect("every choice of a part is a row of one of its blocks")
    }

    /// The cell that may be published at this place of a block; none for the rest and the residual.
    pub fn spot_at(&self, block: usize, table: usize, cell: usize) -> Option<Spot> {
        let owner = &self.blocks[block];
        let columns = owner.limits[table].columns;
        let (row, group) = (cell / columns, cell % columns);
        let choice =
            if owner.sum == Sum::Pair { owner.choices.first() } else { owner.choices.get(row) };
        let is_group = group < self.stack.tables[table].groups.len();
        choice.filter(|_| is_group).map(|&choice| Spot { part: owner.part, choice, table, group })
    }

    pub fn count(&self, spot: Spot) -> u32 {
        self.column(spot.table, spot.group).counts[spot.part][spot.choice]
    }

    /// A group, or the residual after the last.
    pub fn column(&self, table: usize, group: usize) -> &Column {
        let raw = &self.stack.tables[table].state;
        raw.columns.get(group).unwrap_or(&raw.residual)
    }

    /// What a column's percents are taken of.
    pub fn base(&self, table: usize, group: usize) -> u32 {
        base(self.stack, self.column(table, group))
    }

    /// Whether it is not known how many answered in a group. [`Case`] takes it as known all the same, which is
    /// the harder case; only what is hidden for that alone is shown again in the end.
    pub fn guesses_bases(&self) -> bool {
        !self.stack.is_weighted && !self.stack.required
    }

    /// How many of all who were asked left the question open, by what is said of it: fewest and most.
    pub fn missing_in_all(&self) -> (u32, u32) {
        let total = self.stack.total();
        if self.stack.routed {
            // Fewer than ten who did not answer are not taken off, whether or not they were asked.
            let said = rounded(total.answered, total.people);
            let most = total.asked.saturating_sub(said.saturating_sub(14));
            return (total.asked.saturating_sub(said + 4), most);
        }
        missing_of(rounded(total.answered, total.asked), total.asked)
    }

    /// How many may have answered in a column, fewest and most.
    pub fn bases_of(&self, table: usize, column: usize) -> (u32, u32) {
        if !self.guesses_bases() {
            let base = self.base(table, column);
            return (base, base);
        }
        let own = self.column(table, column);
        let (fewest, most) = self.missing_in_all();
        let fewest = if table == 0 && column == 0 { fewest } else { 0 };
        (own.asked - most.min(own.asked), own.asked - fewest.min(own.asked))
    }

    /// How many may be in a cell, fewest and most, whoever answered.
    pub fn possible_counts(&self, block: usize, table: usize, cell: usize) -> (i32, i32) {
        let owner = &self.blocks[block];
        let columns = owner.limits[table].columns;
        let (fewest, most) = self.bases_of(table, cell % columns);
        if cell / columns == owner.rest() {
            let may_be_empty = matches!(self.stack.shape, Shape::Ranking { .. });
            return match owner.sum {
                Sum::Ticks(ticks) => (0, ((ticks.most - ticks.least) * most) as i32),
                Sum::Partition if !may_be_empty => (0, 0),
                _ => (0, most as i32),
            };
        }
        let shown = self.spot_at(block, table, cell).filter(|&spot| !self.is_hidden(spot));
        let (low, high) = shown.map_or((0, most), |spot| {
            let percent = percent_of(self.count(spot), self.base(table, spot.group));
            let low = (2 * percent).saturating_sub(1) * fewest;
            let high = ((2 * percent + 1) * most).saturating_sub(1) / 200;
            (low.div_ceil(200), high.min(most))
        });
        (low as i32, high as i32)
    }

    /// Whether `answered` people may have answered in a group, by the exact percents it shows.
    pub fn allows(&self, table: usize, group: usize, answered: u32) -> bool {
        let base = self.base(table, group);
        let may_be_empty = matches!(self.stack.shape, Shape::Ranking { .. });
        self.blocks.iter().all(|block| {
            let (mut low, mut high) = (0, 0);
            for &choice in &block.choices {
                let spot = Spot { part: block.part, choice, table, group };
                let (least, most) = if self.is_hidden(spot) {
                    (0, answered)
                } else {
                    counts_of(percent_of(self.count(spot), base), answered)
                };
                if least > most {
                    return false;
                }
                low += least;
                high += most;
            }
            match block.sum {
                Sum::Partition => may_be_empty || (low..=high).contains(&answered),
                Sum::Pair => true,
                Sum::Ticks(ticks) => low <= ticks.most * answered && high >= ticks.least * answered,
            }
        })
    }

    /// Writes the bounds of one cell from whether it is shown.
    fn limit(&mut self, spot: Spot) {
        let base = self.base(spot.table, spot.group);
        let count = self.count(spot);
        let (low, high) =
            if self.is_hidden(spot) { (0, base) } else { counts_of(percent_of(count, base), base) };
        let (at, row) = self.block_of(spot.part, spot.choice);
        let block = &mut self.blocks[at];
        let rest = block.rest();
        bound(block, spot.table, row, spot.group, (low as i32, high as i32));
        if block.sum == Sum::Pair {
            bound(block, spot.table, rest, spot.group, ((base - high) as i32, (base - low) as i32));
        }
    }

    /// Writes what is known of those in no row, and of the residual, where everything may be.
    fn limit_rest(&mut self, at: usize, table: usize) {
        let rest = self.blocks[at].rest();
        let columns = self.blocks[at].limits[table].columns;
        for group in 0..columns {
            let bounds = self.rest_bounds(at, table, group);
            bound(&mut self.blocks[at], table, rest, group, bounds);
        }
    }

    /// Of a partition: those who left it open. Of a tick: those without it. Of several: ticks not given.
    fn rest_bounds(&self, block: usize, table: usize, group: usize) -> (i32, i32) {
        let base = self.base(table, group) as i32;
        let may_be_empty = matches!(self.stack.shape, Shape::Ranking { .. });
        match self.blocks[block].sum {
            Sum::Ticks(ticks) => return (0, (ticks.most - ticks.least) as i32 * base),
            Sum::Pair => return (0, base),
            Sum::Partition if may_be_empty => return (0, base),
            Sum::Partition => {}
        }
        if !self.has_rest() {
            return (0, 0);
        }
        // What is said of all who left it open is of everybody's one group; nobody is in none.
        if table > 0 || group > 0 {
            return (0, base);
        }
        let total = self.stack.total();
        let (low, high) = if self.stack.routed {
            // How many were asked is known to tens only, so fewer than ten open ones are not.
            let said = rounded(total.answered, total.people);
            (
                total.asked.saturating_sub(said + 4),
                total.asked.saturating_sub(said.saturating_sub(5)).max(9),
            )
        } else {
            missing_of(rounded(total.answered, total.asked), total.asked)
        };
        let low = if total.open() < 5 { 0 } else { low };
        (low as i32, high.min(total.asked) as i32)
    }

    /// Whether those who left the question open are a row whose cells have to be protected.
    pub fn has_rest(&self) -> bool {
        self.stack.is_weighted && !self.stack.required
    }
}

/// Whom percents are of: where nobody is weighted they are of those who answered, exactly.
fn base(stack: &Stack, column: &Column) -> u32 {
    if stack.is_weighted { column.asked } else { column.answered }
}

fn bound(block: &mut Block, table: usize, row: usize, column: usize, (low, high): (i32, i32)) {
    let cell = row * block.limits[table].columns + column;
    block.limits[table].low[cell] = low;
    block.limits[table].high[cell] = high;
    if table == 0 && column == 0 {
        // A total is a cell of everybody's table: it bounds the same row of all the others.
        for other in &mut block.limits[1..] {
            other.total_low[row] = low;
            other.total_high[row] = high;
        }
    }
}

fn block(stack: &Stack, part: usize, choices: Vec<usize>, sum: Sum) -> Block {
    let rows = choices.len() + 1;
    let each = if let Sum::Ticks(ticks) = sum { ticks.most } else { 1 };
    let (mut limits, mut truth) = (Vec::new(), Vec::new());
    for table in &stack.tables {
        let columns: Vec<&Column> =
            table.state.columns.iter().chain([&table.state.residual]).collect();
        let bases: Vec<u32> = columns.iter().map(|column| base(stack, column)).collect();
        let mut cells = Vec::new();
        for &choice in &choices {
            cells.extend(columns.iter().map(|column| column.counts[part][choice] as i32));
        }
        for (column, &base) in columns.iter().zip(&bases) {
            let counted: u32 = choices.iter().map(|&choice| column.counts[part][choice]).sum();
            cells.push((each * base - counted) as i32);
        }
        let high: Vec<i32> =
            bases.iter().cycle().take(rows * columns.len()).map(|&base| base as i32).collect();
        let everybody: i32 = bases.iter().sum::<u32>() as i32;
        limits.push(Limits {
            rows,
            columns: columns.len(),
            people: bases.iter().map(|&base| base as i32).collect(),
            low: vec![0; rows * columns.len()],
            high,
            total_low: vec![0; rows],
            total_high: [vec![everybody; rows - 1], vec![each as i32 * everybody]].concat(),
        });
        truth.push(Guess::of(cells, rows));
    }
    Block { part, choices, sum, limits, truth }
}
