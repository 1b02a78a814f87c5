//! Stores that fail when they are told: the power goes before a call or after it, or the disk is full.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use borgerpanel::crypto::{Digest, KeyId};
use borgerpanel::store::aside::SetAside;
use borgerpanel::store::central::fleet::{Contact, KioskKey};
use borgerpanel::store::central::receive::{Delivery, Outcome, Watermark};
use borgerpanel::store::outbox::{Acknowledgement, Life, Row};
use borgerpanel::store::record::{CentralId, Epoch};
use borgerpanel::store::{Mixing, StoreError};
use borgerpanel::sync::books::Books;
use borgerpanel::sync::queue::Queue;

use super::bug::Bug;
use super::stores::{Device, Registry};

/// When in a call the power goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Before,
    /// Of a batch's transaction, so many steps are done. Of any other call, none.
    Within(u32),
    /// All is done, and nobody hears of it.
    After,
}

#[derive(Debug, Default)]
struct State {
    burns: Option<(u32, Moment)>,
    is_dead: bool,
    is_full: bool,
}

/// Burns down with each call.
#[derive(Debug, Default)]
pub struct Fuse(Mutex<State>);

impl Fuse {
    /// After `calls` more calls the power goes.
    pub fn light(&self, calls: u32, moment: Moment) {
        self.state().burns = Some((calls, moment));
    }

    /// Power is there again. True where it had gone.
    pub fn mend(&self) -> bool {
        let mut state = self.state();
        state.burns = None;
        std::mem::take(&mut state.is_dead)
    }

    pub fn is_dead(&self) -> bool {
        self.state().is_dead
    }

    pub fn fill(&self, is_full: bool) {
        self.state().is_full = is_full;
    }

    pub fn read<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        match self.step()? {
            None => work(),
            Some(_) => Err(gone()),
        }
    }

    pub fn write<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let burnt = self.step()?;
        if self.state().is_full && burnt.is_none() {
            return Err(StoreError::DiskFull);
        }
        match burnt {
            None => work(),
            Some(Moment::After) => work().and(Err(gone())),
            Some(_) => Err(gone()),
        }
    }

    /// Where the power goes in this very call, when in it.
    fn step(&self) -> Result<Option<Moment>, StoreError> {
        let mut state = self.state();
        if state.is_dead {
            return Err(gone());
        }
        match &mut state.burns {
            Some((0, moment)) => {
                let moment = *moment;
                state.is_dead = true;
                Ok(Some(moment))
            }
            Some((calls, _)) => {
                *calls -= 1;
                Ok(None)
            }
            None => Ok(None),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics under it")
    }
}

fn gone() -> StoreError {
    StoreError::Io("the power went".to_owned())
}

/// A kiosk's store behind a fuse.
pub struct Fused<D> {
    pub store: D,
    pub fuse: Fuse,
}

impl<D: Device> Queue for Fused<D> {
    fn mix_in(&self, mixing: Mixing<'_>) -> Result<usize, StoreError> {
        self.fuse.write(|| self.store.mix_in(mixing))
    }

    fn life(&self) -> Result<Life, StoreError> {
        self.fuse.read(|| self.store.life())
    }

    fn begin_epoch(&self, from: Epoch) -> Result<Life, StoreError> {
        self.fuse.write(|| self.store.begin_epoch(from))
    }

    fn rows_after(
        &self,
        seq: u64,
        rows_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.fuse.read(|| self.store.rows_after(seq, rows_max, bytes_max))
    }

    fn digest_at(&self, seq: u64) -> Result<Option<Digest>, StoreError> {
        self.fuse.read(|| self.store.digest_at(seq))
    }

    fn why_lost(&self, seq: u64) -> Result<&'static str, StoreError> {
        self.fuse.read(|| self.store.why_lost(seq))
    }

    fn acknowledged(&self, central: CentralId) -> Result<u64, StoreError> {
        self.fuse.read(|| self.store.acknowledged(central))
    }

    fn acknowledge(&self, news: &Acknowledgement) -> Result<(), StoreError> {
        self.fuse.write(|| self.store.acknowledge(news))
    }

    fn empty_through(&self, epoch: Epoch, seq: u64) -> Result<usize, StoreError> {
        self.fuse.write(|| self.store.empty_through(epoch, seq))
    }

    fn set_aside(&self) -> Vec<SetAside> {
        self.store.set_aside()
    }

    fn note_told(&self, folder: &Path, central: CentralId) -> Result<(), StoreError> {
        self.fuse.write(|| self.store.note_told(folder, central))
    }

    fn tell_again(&self, central: CentralId) -> Result<(), StoreError> {
        self.fuse.write(|| self.store.tell_again(central))
    }
}

/// A central's store behind a fuse.
pub struct Guarded<R> {
    pub books: R,
    pub fuse: Fuse,
    pub bug: Option<Bug>,
}

impl<R: Registry> Books for Guarded<R> {
    fn id(&self) -> CentralId {
        self.books.id()
    }

    fn kiosk_key(&self, id: KeyId) -> Result<Option<KioskKey>, StoreError> {
        let known = self.fuse.read(|| self.books.kiosk_key(id))?;
        let is_let_in = self.bug == Some(Bug::LetsRevokedIn);
        Ok(known.map(|key| KioskKey { is_revoked: key.is_revoked && !is_let_in, ..key }))
    }

    fn note_contact(&self, contact: &Contact) -> Result<(), StoreError> {
        self.fuse.write(|| self.books.note_contact(contact))
    }

    fn watermark(&self, kiosk: &str, epoch: Epoch) -> Result<Watermark, StoreError> {
        self.fuse.read(|| self.books.watermark(kiosk, epoch))
    }

    fn backed_up(&self, kiosk: &str, epoch: Epoch) -> Result<u64, StoreError> {
        self.fuse.read(|| self.books.backed_up(kiosk, epoch))
    }

    fn receive(&self, delivery: &Delivery) -> Result<Outcome, StoreError> {
        let burnt = self.fuse.step()?;
        if self.fuse.state().is_full && burnt.is_none() {
            return Err(StoreError::DiskFull);
        }
        match burnt {
            None => self.books.receive(delivery),
            Some(Moment::After) => self.books.receive(delivery).and(Err(gone())),
            Some(_) if self.bug == Some(Bug::AcknowledgesEarly) => self.sign_early(delivery),
            Some(Moment::Within(steps)) => self.books.die_within(delivery, steps).and(Err(gone())),
            Some(Moment::Before) => Err(gone()),
        }
    }

    fn folder(&self) -> &Path {
        self.books.folder()
    }
}

impl<R: Registry> Guarded<R> {
    /// Signs for all of it, and the power goes before it is committed.
    fn sign_early(&self, delivery: &Delivery) -> Result<Outcome, StoreError> {
        *self.fuse.state() = State::default();
        let last = delivery.items.last().map_or(0, |item| item.seq);
        let stored = delivery.items.len() as u64;
        let watermark = Watermark { high_seq: last, tip: None };
        Ok(Outcome { watermark, stored, ..Outcome::default() })
    }
}
