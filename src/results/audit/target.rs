//! The cells that nobody may be found in: those the companion names, or every hidden one.

use super::check::{Place, Wish, World, is_tick};
use super::facts::Facts;
use super::program;
use crate::results::companion::{CompanionItem, CompanionTable};
use crate::results::figure::Measure;
use crate::results::sheet::Known;

/// What is known of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Few people are in it.
    Inside,
    /// Few of the group are not.
    Outside,
    /// It is hidden, for whatever reason.
    Hidden,
}

/// A cell, and why it must not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    pub place: Place,
    pub table: usize,
    pub column: usize,
    pub side: Side,
}

/// The companion's targets, as the outsider sees them.
pub fn known(facts: &Facts, known: &Known, secret: &CompanionItem) -> Vec<Target> {
    all(facts, secret, |table, part, row| {
        let choices = table.percents.get(part).map_or(0, Vec::len);
        if row < choices {
            return place_of(facts, part, row);
        }
        (!known.routed && !known.required).then_some(Place::Open)
    })
}

/// The same as the insider sees them, to whom those who left it open are a row of a partition.
pub fn guessed(facts: &Facts, known: &Known, secret: &CompanionItem) -> Vec<Target> {
    all(facts, secret, |table, part, row| {
        let choices = table.percents.get(part).map_or(0, Vec::len);
        if row < choices {
            return place_of(facts, part, row);
        }
        let is_row =
            matches!(known.shape.as_str(), "single" | "ordered" | "ranking") && !known.required;
        is_row.then_some(Place::Cell { block: 0, row: choices })
    })
}

fn all(
    facts: &Facts,
    secret: &CompanionItem,
    place: impl Fn(&CompanionTable, usize, usize) -> Option<Place>,
) -> Vec<Target> {
    let mut targets = Vec::new();
    for (at, own) in facts.tables.iter().enumerate() {
        let Some(table) = secret.tables.iter().find(|table| table.variable == own.variable) else {
            continue;
        };
        for target in &table.targets {
            if let Some(place) = place(table, target.part, target.row) {
                let side = if target.outside { Side::Outside } else { Side::Inside };
                targets.push(Target { place, table: at, column: target.column, side });
            }
        }
    }
    targets
}

/// The block and row of a choice, counted within its part.
fn place_of(facts: &Facts, part: usize, row: usize) -> Option<Place> {
    let mut measures: Vec<Measure> = facts.blocks.iter().map(|block| block.measure).collect();
    measures.dedup();
    let measure = *measures.get(part)?;
    let mut before = 0;
    for (block, own) in facts.blocks.iter().enumerate().filter(|(_, own)| own.measure == measure) {
        if row < before + own.rows.len() {
            return Some(Place::Cell { block, row: row - before });
        }
        before += own.rows.len();
    }
    None
}

/// Everything that is hidden: cells, all of the residual, and those who left it open.
pub fn hidden(facts: &Facts, known: &Known) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut add = |place, table, column| {
        targets.push(Target { place, table, column, side: Side::Hidden });
    };
    for (table, own) in facts.tables.iter().enumerate() {
        for (column, _) in own.people.iter().enumerate().filter(|(_, people)| **people > 0) {
            for (block, rows) in facts.blocks.iter().enumerate() {
                for (row, percents) in rows.percents[table].iter().enumerate() {
                    if percents.get(column).copied().flatten().is_none() {
                        add(Place::Cell { block, row }, table, column);
                    }
                }
            }
            if !known.routed && !known.required {
                add(Place::Open, table, column);
            }
        }
    }
    targets
}

impl Target {
    /// The two things that must be possible; `world` is one that is. Of a cell that is merely hidden the
    /// first is that it is not small at all.
    pub fn wishes(&self, facts: &Facts, world: &World, threshold: u32) -> [Wish; 2] {
        let people = facts.people(self.table, self.column);
        let base = match self.place {
            Place::Open => people,
            Place::Cell { .. } => world.base[self.table][self.column],
        };
        let wish = |low, high| self.wish(low, high);
        let few = threshold.min(people);
        match self.side {
            Side::Inside => [wish(few, u32::MAX), wish(0, 0)],
            Side::Outside => [wish(0, base.saturating_sub(threshold)), wish(base, base)],
            // That nearly all left it open is no answer of theirs; `objection` has the same.
            Side::Hidden if self.place == Place::Open => {
                [wish(few.min(base), u32::MAX), wish(0, 0)]
            }
            Side::Hidden => {
                [wish(few.min(base), base.saturating_sub(threshold).max(few)), wish(0, 0)]
            }
        }
    }

    /// Whether a cell that is merely hidden may be far from nobody and from everybody, which spares the
    /// slow look at how far it may be from them.
    pub fn is_wide(
        &self,
        facts: &Facts,
        threshold: u32,
        mut is_granted: impl FnMut(&Wish) -> bool,
    ) -> bool {
        let people = facts.people(self.table, self.column);
        let far = 2 * threshold;
        if self.side != Side::Hidden || people < 2 * far {
            return false;
        }
        is_granted(&self.wish(far, people - far))
    }

    /// That it is between these.
    fn wish(&self, low: u32, high: u32) -> Wish {
        Wish { place: self.place, table: self.table, column: self.column, low, high }
    }

    /// Whether a cell that is merely hidden and cannot be empty is far from it all the same, and from everybody:
    /// each is shown by a world.
    pub fn is_far(
        &self,
        facts: &Facts,
        threshold: u32,
        mut is_granted: impl FnMut(&Wish) -> bool,
    ) -> bool {
        let people = facts.people(self.table, self.column);
        let far = 2 * threshold;
        if self.side != Side::Hidden || self.place == Place::Open || people < far {
            return false;
        }
        let mut may_be = |low, high| is_granted(&self.wish(low, high));
        may_be(far, people) && (may_be(0, people - far) || may_be(people, people))
    }

    /// Why the wish that was not granted (the first or the second) is a danger. How many left it open is in none
    /// where they may be many, unless they lie within a narrow range beside nobody.
    pub fn objection(
        &self,
        facts: &Facts,
        wish: &Wish,
        which: usize,
        threshold: u32,
    ) -> Option<String> {
        let people = facts.people(self.table, self.column);
        // Nothing marks those in no group as hidden: who may well be neither few nor nearly all of them, is in
        // no danger that could be seen from outside.
        let is_rest = self.side == Side::Hidden && self.is_of_nobody(facts);
        if is_rest && which == 1 && people >= 2 * threshold {
            return None;
        }
        let Some((least, most)) = program::extremes(facts, wish) else {
            return Some(
                "no second world was found in which everything published is the same".to_owned(),
            );
        };
        let (least, most) = ((least - 1e-6).ceil().max(0.0), (most + 1e-6).floor());
        let (few, all) = (f64::from(threshold), f64::from(people));
        // So few people that whatever is not few of them is nearly all: those may then be all of them.
        if is_rest && which == 1 && most >= all && least <= all - few {
            return None;
        }
        let is_open = self.place == Place::Open;
        if self.side == Side::Hidden
            && (which == 1 && is_open || which == 0 && least >= few && most <= all - few)
        {
            let is_near_none = least >= 1.0 && most < 2.0 * few;
            let is_near_all = most < all && least > all - 2.0 * few && !is_open;
            if !is_near_none && !is_near_all {
                return None;
            }
        }
        let never = match (self.side, which) {
            (Side::Outside, 0) => format!("{} or fewer", people.saturating_sub(threshold)),
            (Side::Outside, _) => "all".to_owned(),
            (_, 0) => format!("{} or more", threshold.min(people)),
            _ => "0".to_owned(),
        };
        Some(format!("it cannot be {never} of its {people} people ({least} to {most} at most)"))
    }

    /// Whether it is of those in no published group.
    fn is_of_nobody(&self, facts: &Facts) -> bool {
        self.column >= facts.tables[self.table].groups.len()
    }

    pub fn group_name(&self, facts: &Facts) -> String {
        let table = &facts.tables[self.table];
        match table.groups.get(self.column) {
            Some(name) => name.clone(),
            None => "(everybody in no group)".to_owned(),
        }
    }

    pub fn row_name(&self, facts: &Facts) -> String {
        match self.place {
            Place::Open => "(left open)".to_owned(),
            Place::Cell { block, row } => match facts.blocks[block].rows.get(row) {
                Some(name) => name.clone(),
                None if is_tick(facts, block) => "(not ticked)".to_owned(),
                None => "(left open)".to_owned(),
            },
        }
    }
}
