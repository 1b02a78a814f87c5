//! Where nobody is weighted, published figures are the counts' own, and tell more: how many answered, and what
//! a cell that is hidden for another may be.

use super::super::search::{self, Goal, Target};
use super::{Demand, Maker, Spot};

impl Maker<'_> {
    /// A cell that is hidden for another must not be seen to be nearly empty, or nearly everybody, either:
    /// nobody can see for whose sake it is hidden. `audit::target` asks for the same without a companion.
    pub(super) fn blur(&mut self) -> Result<(), usize> {
        self.demands.retain(|demand| demand.owner.is_none());
        if self.case.stack.is_weighted {
            return Ok(());
        }
        let mut seen = std::collections::HashSet::new();
        while let Some(spot) =
            self.case.spots().find(|spot| self.case.is_hidden(*spot) && !seen.contains(spot))
        {
            seen.insert(spot);
            for any in self.edges(spot) {
                let found = any.iter().find_map(|target| search::find(&self.case, target));
                let witness = match found {
                    Some(witness) => witness,
                    None => self.make_room(&any[0])?,
                };
                self.demands.push(Demand { any, owner: Some(spot), witness });
            }
        }
        Ok(())
    }

    /// What a hidden cell must be able to be: nobody, or many; and everybody, or far fewer.
    fn edges(&self, spot: Spot) -> [Vec<Target>; 2] {
        let far = 2 * self.rules.threshold as i32;
        let (block, row) = self.case.block_of(spot.part, spot.choice);
        let table = spot.table;
        let cell = row * self.case.blocks[block].limits[table].columns + spot.group;
        let base = self.case.base(table, spot.group) as i32;
        let asked = self.case.column(table, spot.group).asked as i32;
        let any = |goals: [Goal; 2]| goals.map(|goal| Target { block, table, cell, goal }).to_vec();
        [
            any([Goal::AtMost(0), Goal::AtLeast(far)]),
            any([Goal::AtMost(asked - far), Goal::AtLeast(base)]),
        ]
    }

    /// Exact percents of a small group can tell how many answered: hides the
    /// smallest cells of such a group until few, or none, may have left the question open.
    pub(super) fn loosen(&mut self) {
        for (table, group) in self.tight_groups() {
            while !self.is_loose(table, group) {
                let shown = self.case.spots().filter(|&spot| {
                    let is_here = spot.table == table && spot.group == group;
                    is_here && !self.case.is_hidden(spot) && !self.known.contains(&spot)
                });
                let Some(spot) = shown.min_by_key(|&spot| self.case.count(spot)) else { break };
                self.case.set(spot, true);
            }
        }
    }

    /// The groups of which nobody may learn how many left the question open.
    fn tight_groups(&self) -> Vec<(usize, usize)> {
        let stack = self.case.stack;
        if stack.is_weighted || stack.required || stack.parts().is_empty() {
            return Vec::new();
        }
        let few = |table: usize, group: &usize| {
            self.case.column(table, *group).open() < self.rules.threshold
        };
        let groups = |table: usize| {
            (0..stack.tables[table].groups.len()).filter(move |group| few(table, group))
        };
        (0..stack.tables.len())
            .flat_map(|table| groups(table).map(move |group| (table, group)))
            .collect()
    }

    fn is_loose(&self, table: usize, group: usize) -> bool {
        let asked = self.case.column(table, group).asked;
        // No group can miss more than all of them together are said to.
        let all = self.case.missing_in_all();
        let range = if table > 0 { (0, all.1.min(asked)) } else { all };
        let may_miss = |missing: u32| self.case.allows(table, group, asked - missing);
        let few = self.rules.threshold.min(asked);
        may_miss(0) && (few.max(range.0)..=range.1).any(may_miss)
    }

    /// Whether it could be told of a group how many left the question open, with `spot` shown.
    pub(super) fn is_too_tight(&self, spot: Spot) -> bool {
        let is_tight = self.tight_groups().contains(&(spot.table, spot.group));
        is_tight && !self.is_loose(spot.table, spot.group)
    }
}
