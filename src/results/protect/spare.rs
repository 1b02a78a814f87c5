//! The last step of refinement: no cell stays hidden that need not be.

use super::super::search::{self, Target};
use super::super::stacked::{self, Patience};
use super::{Maker, Spot};

impl Maker<'_> {
    /// Shows again what paths could not: what then stays hidden is needed, since a cell that cannot be shown
    /// cannot be either when fewer are hidden.
    pub(super) fn spare(&mut self) {
        let mut patience = Patience::default();
        loop {
            let before = self.hidden();
            self.show_again(|maker, spot| maker.hold_together(spot, &mut patience));
            // What was hidden so that nobody sees what another hidden cell is, may follow that one.
            if self.hidden() == before || self.case.stack.is_weighted {
                break;
            }
        }
    }

    /// As [`Maker::hold`], with the worlds that only all tables together show. The quick ways to see that a
    /// target fails come first: nearly every cell is needed for one that its own table rules out.
    fn hold_together(&mut self, spot: Spot, patience: &mut Patience) -> bool {
        if self.is_too_tight(spot) {
            return false;
        }
        // What a table rules out for so many who answered, it may allow for others.
        let is_free = self.case.guesses_bases();
        let (mut renewed, mut unknown) = (Vec::new(), Vec::new());
        for (at, demand) in self.demands.iter().enumerate() {
            if !demand.counts(&self.case) || demand.witness.allows(&self.case, spot) {
                continue;
            }
            let is_ruled_out = |target: &Target| search::is_ruled_out(&self.case, target);
            match demand.any.iter().find_map(|target| search::find(&self.case, target)) {
                Some(witness) => renewed.push((at, witness)),
                None if !is_free && demand.any.iter().all(is_ruled_out) => return false,
                None => unknown.push(at),
            }
        }
        for at in unknown {
            let any = &self.demands[at].any;
            match any.iter().find_map(|target| stacked::find(&self.case, target, patience)) {
                Some(witness) => renewed.push((at, witness)),
                None => return false,
            }
        }
        self.renew(renewed);
        true
    }
}
