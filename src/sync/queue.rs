//! What an exchange needs of a kiosk's store: the [`Outbox`], or one in memory for the simulation.

use std::path::Path;

use crate::crypto::Digest;
use crate::store::aside::SetAside;
use crate::store::outbox::{Acknowledgement, Life, Row};
use crate::store::record::{CentralId, Epoch};
use crate::store::{Mixing, Outbox, StoreError};

/// A kiosk's records in their order, and how far the centrals are with them. Each call is durable when
/// it returns, and has done nothing where it fails, unless it was just about to return; the words on
/// [`Outbox`]'s methods of the same names say the rest.
pub trait Queue {
    fn mix_in(&self, mixing: Mixing<'_>) -> Result<usize, StoreError>;
    fn life(&self) -> Result<Life, StoreError>;
    fn begin_epoch(&self, from: Epoch) -> Result<Life, StoreError>;
    fn rows_after(
        &self,
        seq: u64,
        rows_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Row>, StoreError>;
    fn digest_at(&self, seq: u64) -> Result<Option<Digest>, StoreError>;
    fn why_lost(&self, seq: u64) -> Result<&'static str, StoreError>;
    fn acknowledged(&self, central: CentralId) -> Result<u64, StoreError>;
    fn acknowledge(&self, news: &Acknowledgement) -> Result<(), StoreError>;
    fn empty_through(&self, epoch: Epoch, seq: u64) -> Result<usize, StoreError>;
    fn set_aside(&self) -> Vec<SetAside>;
    fn note_told(&self, folder: &Path, central: CentralId) -> Result<(), StoreError>;
    fn tell_again(&self, central: CentralId) -> Result<(), StoreError>;
}

impl Queue for Outbox {
    fn mix_in(&self, mixing: Mixing<'_>) -> Result<usize, StoreError> {
        self.mix_in(mixing)
    }

    fn life(&self) -> Result<Life, StoreError> {
        self.life()
    }

    fn begin_epoch(&self, from: Epoch) -> Result<Life, StoreError> {
        self.begin_epoch(from)
    }

    fn rows_after(
        &self,
        seq: u64,
        rows_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.rows_after(seq, rows_max, bytes_max)
    }

    fn digest_at(&self, seq: u64) -> Result<Option<Digest>, StoreError> {
        self.digest_at(seq)
    }

    fn why_lost(&self, seq: u64) -> Result<&'static str, StoreError> {
        self.why_lost(seq)
    }

    fn acknowledged(&self, central: CentralId) -> Result<u64, StoreError> {
        self.acknowledged(central)
    }

    fn acknowledge(&self, news: &Acknowledgement) -> Result<(), StoreError> {
        self.acknowledge(news)
    }

    fn empty_through(&self, epoch: Epoch, seq: u64) -> Result<usize, StoreError> {
        self.empty_through(epoch, seq)
    }

    fn set_aside(&self) -> Vec<SetAside> {
        self.set_aside()
    }

    fn note_told(&self, folder: &Path, central: CentralId) -> Result<(), StoreError> {
        self.note_told(folder, central)
    }

    fn tell_again(&self, central: CentralId) -> Result<(), StoreError> {
        self.tell_again(central)
    }
}
