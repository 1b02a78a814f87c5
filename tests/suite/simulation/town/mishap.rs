//! Copies that are put back, cloned cards, rows that disks lose; and what is lost by nature then.

use std::collections::{BTreeMap, BTreeSet};

use borgerpanel::store::record::Uid;

use super::{KIOSKS_MAX, Machine, Town};
use crate::fleet::Hand;
use crate::simulation::fuse::{Fuse, Fused};
use crate::simulation::stores::{Content, Device, Registry};

impl<D: Device, R: Registry> Town<D, R> {
    pub(super) fn set_kiosk_back(&mut self, kiosk: usize) {
        let machine = &mut self.kiosks[kiosk];
        let Some((image, setup)) = &machine.image else { return };
        let before: Vec<Content> =
            machine.disk.store.kept().into_iter().map(|(_, at)| at).collect();
        let lost = std::mem::replace(&mut machine.setup, setup.clone()).lost;
        machine.disk.store.set_back(image);
        self.promises.has_doubles = true;
        let gone = before.into_iter().chain(lost.into_iter().map(|(_, content)| content));
        self.drop_from_kiosks(gone);
        self.forgive();
    }

    pub(super) fn clone_card(&mut self, kiosk: usize) {
        if self.kiosks.len() == KIOSKS_MAX {
            return;
        }
        let machine = &mut self.kiosks[kiosk];
        let store = D::on(&machine.disk.store.image(), self.bug);
        let disk = Fused { store, fuse: Fuse::default() };
        let (setup, clock) = (machine.setup.clone(), Hand::new());
        self.kiosks.push(Machine { disk, setup, clock, image: None });
        self.promises.has_doubles = true;
    }

    pub(super) fn lose_rows(&mut self, kiosk: usize, nth: usize, rows: usize) {
        let machine = &mut self.kiosks[kiosk];
        let kept = machine.disk.store.kept();
        let numbered = kept.iter().filter_map(|(seq, content)| Some(((*seq)?, *content)));
        let lost: Vec<(u64, Content)> = numbered.skip(nth).take(rows).collect();
        let numbers: Vec<u64> = lost.iter().map(|(seq, _)| *seq).collect();
        machine.disk.store.lose(&numbers);
        machine.setup.lost.extend(&lost);
        self.drop_from_kiosks(lost.into_iter().map(|(_, content)| content));
    }

    /// Notes of contents that are on no kiosk any more, by no fault of the protocol.
    pub(super) fn drop_from_kiosks(&mut self, contents: impl Iterator<Item = Content>) {
        let kept = self.on_kiosks();
        self.promises.dropped.extend(contents.filter(|content| !kept.contains(content)));
    }

    pub(super) fn set_central_back(
        &mut self,
        central: usize,
        is_backup: bool,
    ) -> Result<(), String> {
        let place = &mut self.places[central];
        let image = if is_backup { &place.backup } else { &place.image };
        let Some(image) = image else { return Ok(()) };
        place.post.central.books.set_back(image);
        let homes: BTreeSet<Uid> = place.post.central.books.homes().into_iter().collect();
        self.promises.homes[central].retain(|uid| homes.contains(uid));
        self.promises.set_back[central] = true;
        if !is_backup {
            // What its kiosks let go of was in a backup, and this copy is another.
            let gone = self.nowhere();
            self.promises.dropped.extend(gone);
        }
        if let Some((uid, _)) = self.forgive().first() {
            return Err(format!("restoring the newest backup of central {central} lost {uid}"));
        }
        Ok(())
    }

    /// What is nowhere any more is lost by nature, where a kiosk was made to drop it; unless its
    /// kiosk will say so itself. Returns the rest.
    pub(super) fn forgive(&mut self) -> Vec<Content> {
        let nowhere = self.nowhere();
        let told: BTreeSet<Content> = self.lost().values().flatten().copied().collect();
        let (dropped, rest): (Vec<_>, Vec<_>) =
            nowhere.into_iter().partition(|content| self.promises.dropped.contains(content));
        self.promises.by_nature.extend(dropped.into_iter().filter(|at| !told.contains(at)));
        rest
    }

    /// What was promised, and no kiosk and no central has.
    pub(super) fn nowhere(&self) -> Vec<Content> {
        let (on_kiosks, at_centrals) = (self.on_kiosks(), self.at_centrals());
        let is_gone = |content: &&Content| {
            !on_kiosks.contains(content)
                && !at_centrals.contains(content)
                && !self.promises.by_nature.contains(content)
        };
        self.promises.made.iter().filter(is_gone).copied().collect()
    }

    pub fn on_kiosks(&self) -> BTreeSet<Content> {
        let kept = self.kiosks.iter().flat_map(|machine| machine.disk.store.kept());
        kept.map(|(_, content)| content).collect()
    }

    pub fn at_centrals(&self) -> BTreeSet<Content> {
        let contents = self.places.iter().flat_map(|place| place.post.central.books.contents());
        contents.map(|(content, _)| content).collect()
    }

    /// What kiosks' disks lost, by number.
    pub fn lost(&self) -> BTreeMap<u64, BTreeSet<Content>> {
        let mut lost: BTreeMap<u64, BTreeSet<Content>> = BTreeMap::new();
        for (seq, content) in self.kiosks.iter().flat_map(|machine| &machine.setup.lost) {
            lost.entry(*seq).or_default().insert(*content);
        }
        lost
    }
}
