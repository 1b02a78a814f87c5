//! The ledger in memory: one transaction over [`Tables`], with an undo log, that may be cut off after
//! any of its steps.

use borgerpanel::crypto::Digest;
use borgerpanel::store::StoreError;
use borgerpanel::store::central::ledger::{Known, Ledger};
use borgerpanel::store::central::receive::{
    Delivery, Item, OTHER_CONTENT, UNKNOWN_VERSION, Watermark,
};
use borgerpanel::store::record::{Epoch, Lost, Uid};

use super::central::{Chapter, Held, Tables};
use crate::simulation::bug::Bug;

type Undo = Box<dyn FnOnce(&mut Tables)>;

pub struct Transaction<'a> {
    tables: &'a mut Tables,
    undo: Vec<Undo>,
    mark: usize,
    steps_left: u32,
    bug: Option<Bug>,
}

impl<'a> Transaction<'a> {
    pub fn new(tables: &'a mut Tables, steps: u32, bug: Option<Bug>) -> Transaction<'a> {
        Transaction { tables, undo: Vec::new(), mark: 0, steps_left: steps, bug }
    }

    pub fn roll_back(mut self) {
        self.undo_to(0);
    }

    fn undo_to(&mut self, mark: usize) {
        for undo in self.undo.drain(mark..).rev() {
            undo(self.tables);
        }
    }

    /// Something is about to be written.
    fn step(&mut self) -> Result<(), StoreError> {
        match self.steps_left.checked_sub(1) {
            Some(left) => {
                self.steps_left = left;
                Ok(())
            }
            None => Err(StoreError::Io("the power went".to_owned())),
        }
    }

    fn push_undo(&mut self, undo: impl FnOnce(&mut Tables) + 'static) {
        self.undo.push(Box::new(undo));
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }
}

fn known_chapter<'a>(
    tables: &'a mut Tables,
    kiosk: &str,
    epoch: Epoch,
) -> Result<&'a mut Chapter, StoreError> {
    let known = tables.chapter_mut(kiosk, epoch);
    known.ok_or_else(|| StoreError::Sql("no such epoch".to_owned()))
}

impl Ledger for Transaction<'_> {
    fn mark(&mut self) -> Result<(), StoreError> {
        self.mark = self.undo.len();
        Ok(())
    }

    fn keep(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn undo(&mut self) -> Result<(), StoreError> {
        self.undo_to(self.mark);
        Ok(())
    }

    fn note_epoch(&mut self, delivery: &Delivery) -> Result<bool, StoreError> {
        self.step()?;
        if self.tables.chapter(&delivery.kiosk, delivery.epoch).is_some() {
            return Ok(false);
        }
        let ordinals = || self.tables.chapters.iter().map(|known| known.ordinal);
        let ordinal = match delivery.past {
            true => ordinals().min().unwrap_or(1) - 1,
            false => ordinals().max().unwrap_or(0) + 1,
        };
        self.tables.chapters.push(Chapter {
            kiosk: delivery.kiosk.clone(),
            epoch: delivery.epoch,
            base: delivery.base,
            ordinal,
            watermark: Watermark { high_seq: delivery.base, tip: None },
            received: Default::default(),
            thinned: Default::default(),
            lost: Vec::new(),
            backed_up: 0,
        });
        self.push_undo(|tables| {
            tables.chapters.pop();
        });
        Ok(true)
    }

    fn has_other_epoch(&self, kiosk: &str, epoch: Epoch) -> Result<bool, StoreError> {
        let mut chapters = self.tables.chapters.iter();
        Ok(chapters.any(|known| known.kiosk == kiosk && known.epoch != epoch))
    }

    fn was_left(&self, kiosk: &str, epoch: Epoch) -> Result<bool, StoreError> {
        let this = self.tables.chapter(kiosk, epoch).map_or(0, |known| known.ordinal);
        let mut chapters = self.tables.chapters.iter();
        Ok(chapters.any(|known| known.kiosk == kiosk && known.ordinal > this))
    }

    fn known(&self, uid: Uid) -> Result<Known, StoreError> {
        if self.has(Bug::NoDupCheck) || self.has(Bug::Overwrites) {
            return Ok(Known::No);
        }
        Ok(match self.tables.records.get(&uid) {
            Some(first) => Known::As(*first),
            None if self.tables.is_placed(uid) => Known::FromHome,
            None => Known::No,
        })
    }

    fn note_record(&mut self, item: &Item, digest: Digest) -> Result<(), StoreError> {
        self.step()?;
        let uid = item.sealed.label.uid;
        let before = self.tables.records.insert(uid, digest);
        self.push_undo(move |tables| {
            match before {
                Some(before) => tables.records.insert(uid, before),
                None => tables.records.remove(&uid),
            };
        });
        Ok(())
    }

    fn insert(&mut self, _: &Delivery, item: &Item, digest: Digest) -> Result<(), StoreError> {
        self.step()?;
        let (uid, kind) = (item.sealed.label.uid, item.sealed.label.kind);
        if self.has(Bug::Overwrites) {
            self.tables.placed.retain(|((known, _), _)| *known != uid);
        } else if self.tables.is_placed(uid) && !self.has(Bug::NoDupCheck) {
            return Err(StoreError::Sql("its uid has a place".to_owned()));
        }
        self.tables.placed.push(((uid, digest), kind));
        self.push_undo(|tables| {
            tables.placed.pop();
        });
        Ok(())
    }

    fn quarantine(
        &mut self,
        delivery: &Delivery,
        item: &Item,
        reason: &str,
    ) -> Result<bool, StoreError> {
        self.step()?;
        let (uid, digest) = (item.sealed.label.uid, item.sealed.digest());
        let is_it = |held: &Held| held.sealed.label.uid == uid && held.digest == digest;
        if self.tables.quarantine.iter().any(is_it) {
            return Ok(false);
        }
        let is_dropped = match reason {
            OTHER_CONTENT => self.has(Bug::DropsSecond),
            UNKNOWN_VERSION => self.has(Bug::DropsUnknown),
            _ if self.has(Bug::PoisonBlocks) => return Err(StoreError::Io(reason.to_owned())),
            _ => false,
        };
        if !is_dropped {
            self.tables.quarantine.push(Held {
                sealed: item.sealed.clone(),
                digest,
                sender: delivery.kiosk.clone(),
                reason: reason.to_owned(),
            });
            self.push_undo(|tables| {
                tables.quarantine.pop();
            });
        }
        Ok(true)
    }

    fn has_twin(&self, delivery: &Delivery, item: &Item) -> Result<bool, StoreError> {
        let Some(chapter) = self.tables.chapter(&delivery.kiosk, delivery.epoch) else {
            return Ok(false);
        };
        let (seq, uid) = (item.seq, item.sealed.label.uid);
        let all = (seq, Uid([0; 16]))..=(seq, Uid([255; 16]));
        let mut same = chapter.received.range(all);
        Ok(same.any(|((_, other), _)| *other != uid) && !self.has(Bug::NoTwinCheck))
    }

    fn last_received(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError> {
        let chapter = self.tables.chapter(kiosk, epoch);
        let last = chapter.and_then(|known| known.received.last_key_value());
        Ok(last.map_or(0, |((seq, _), _)| *seq))
    }

    fn thinned_through(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError> {
        let chapter = self.tables.chapter(kiosk, epoch);
        let last = chapter.and_then(|known| known.thinned.last_key_value());
        Ok(last.map_or(0, |(seq, _)| *seq))
    }

    fn is_thinned(&self, delivery: &Delivery, item: &Item) -> Result<bool, StoreError> {
        let chapter = self.tables.chapter(&delivery.kiosk, delivery.epoch);
        let is_there = chapter.is_some_and(|known| known.thinned.contains_key(&item.seq));
        Ok(is_there && !self.has(Bug::NoTwinCheck))
    }

    fn note_received(&mut self, delivery: &Delivery, item: &Item) -> Result<(), StoreError> {
        self.step()?;
        let key = (item.seq, item.sealed.label.uid);
        let (kiosk, epoch) = (delivery.kiosk.clone(), delivery.epoch);
        let chapter = known_chapter(self.tables, &kiosk, epoch)?;
        if let std::collections::btree_map::Entry::Vacant(free) = chapter.received.entry(key) {
            free.insert(item.declared);
            self.push_undo(move |tables| {
                let chapter = tables.chapter_mut(&kiosk, epoch).expect("it was there");
                chapter.received.remove(&key);
            });
        }
        Ok(())
    }

    fn note_lost(&mut self, delivery: &Delivery, lost: &Lost) -> Result<(), StoreError> {
        self.step()?;
        let (kiosk, epoch) = (delivery.kiosk.clone(), delivery.epoch);
        let forgets = self.has(Bug::ForgetsLost);
        let chapter = known_chapter(self.tables, &kiosk, epoch)?;
        let is_same = |known: &Lost| (known.first, known.last) == (lost.first, lost.last);
        if !chapter.lost.iter().any(is_same) {
            let mut lost = lost.clone();
            if forgets {
                lost.reason = borgerpanel::store::record::SALVAGED.to_owned();
            }
            chapter.lost.push(lost);
            self.push_undo(move |tables| {
                tables.chapter_mut(&kiosk, epoch).expect("it was there").lost.pop();
            });
        }
        Ok(())
    }

    fn watermark(&self, kiosk: &str, epoch: Epoch) -> Result<Option<Watermark>, StoreError> {
        Ok(self.tables.chapter(kiosk, epoch).map(|known| known.watermark))
    }

    fn received_through(&self, kiosk: &str, epoch: Epoch, seq: u64) -> Result<u64, StoreError> {
        let Some(chapter) = self.tables.chapter(kiosk, epoch) else { return Ok(seq) };
        let mut through = seq;
        for ((next, _), _) in chapter.received.range((seq + 1, Uid([0; 16]))..) {
            if *next > through + 1 && !self.has(Bug::JumpsGaps) {
                break;
            }
            through = *next;
        }
        Ok(through)
    }

    fn lost_through(&self, kiosk: &str, epoch: Epoch, seq: u64) -> Result<u64, StoreError> {
        let Some(chapter) = self.tables.chapter(kiosk, epoch) else { return Ok(seq) };
        let reaching = chapter.lost.iter().filter(|lost| lost.first <= seq + 1);
        Ok(reaching.map(|lost| lost.last).max().unwrap_or(seq).max(seq))
    }

    fn declared(&self, kiosk: &str, epoch: Epoch, seq: u64) -> Result<Option<Digest>, StoreError> {
        let chapter = self.tables.chapter(kiosk, epoch);
        let mut found = chapter
            .into_iter()
            .flat_map(|known| known.received.range((seq, Uid([0; 16]))..=(seq, Uid([255; 16]))));
        Ok(found.next().map(|(_, declared)| *declared))
    }

    fn set_watermark(
        &mut self,
        kiosk: &str,
        epoch: Epoch,
        watermark: Watermark,
    ) -> Result<(), StoreError> {
        self.step()?;
        let chapter = known_chapter(self.tables, kiosk, epoch)?;
        let before = std::mem::replace(&mut chapter.watermark, watermark);
        let kiosk = kiosk.to_owned();
        self.push_undo(move |tables| {
            tables.chapter_mut(&kiosk, epoch).expect("it was there").watermark = before;
        });
        Ok(())
    }

    fn count_new(&mut self, _: &str, _: u64) -> Result<(), StoreError> {
        self.step()
    }

    fn keep_head(&mut self, _: &Delivery) -> Result<(), StoreError> {
        self.step()
    }

    fn flag(&mut self, kiosk: &str, flag: &str, _: &str) -> Result<(), StoreError> {
        self.step()?;
        let flag = (kiosk.to_owned(), flag.to_owned());
        if self.tables.flags.insert(flag.clone()) {
            self.push_undo(move |tables| {
                tables.flags.remove(&flag);
            });
        }
        Ok(())
    }
}
