//! The other road: files on a stick, and receipts back.

use borgerpanel::store::outbox::Acknowledgement;
use borgerpanel::store::{CentralId, Epoch};
use borgerpanel::sync::books::Books;
use borgerpanel::sync::exchange;
use borgerpanel::sync::queue::Queue;

use super::{LAST_TRIES, Machine, Town};
use crate::fleet::Hand;
use crate::simulation::bug::Bug;
use crate::simulation::line::{Parcel, deliver_damaged};
use crate::simulation::stores::{Device, Registry};

impl<D: Device, R: Registry> Town<D, R> {
    /// The other road: sticks there, receipts back.
    pub(super) fn settle_by_stick(&mut self, kiosk: usize) -> Result<(), String> {
        if !self.is_let_in(&self.kiosks[kiosk].setup) {
            self.enrol(kiosk, true, false);
        }
        for _ in 0..LAST_TRIES {
            let before = self.sticks.len();
            self.export(kiosk);
            for file in before..self.sticks.len() {
                let receipt = self.bring(&self.sticks[file])?;
                self.receipts.extend(receipt);
                self.read_receipt(0, kiosk);
            }
        }
        self.must_be_acknowledged(kiosk)
    }

    pub(super) fn export(&mut self, kiosk: usize) {
        let Machine { disk, setup, clock, .. } = &self.kiosks[kiosk];
        let central = self.places[setup.central].post.central.id();
        let life = disk.life().expect("read");
        let exchange = exchange::Kiosk {
            outbox: disk,
            enrolment: &setup.enrolment,
            key: &setup.key,
            clock,
            told: None,
        };
        let mut after = exchange.unsigned_after(life).expect("read");
        let mut parcels = Vec::new();
        while after < life.last {
            let (head, rows) = exchange.batch(life, after).expect("read");
            let parcel = Parcel::new(setup.central, head, &rows, &setup.key, self.words);
            after = parcel.head.last;
            parcels.push(parcel);
        }
        if self.bug == Some(Bug::StickIsReceipt) {
            let news = acknowledgement(central, life.epoch, life.last, clock);
            let _ = disk.acknowledge(&news);
        }
        self.kiosks[kiosk].setup.exported.extend(parcels.iter().cloned());
        self.sticks.extend(parcels);
    }

    pub(super) fn import(&mut self, file: usize, is_cut: bool) -> Result<(), String> {
        let Some(parcel) = self.sticks.iter().rev().nth(file) else { return Ok(()) };
        if is_cut {
            return match deliver_damaged(&self.places[parcel.central].post, parcel) {
                Ok(_) => Err("a damaged file was taken".to_owned()),
                Err(_) => Ok(()),
            };
        }
        let receipt = self.bring(parcel)?;
        self.receipts.extend(receipt);
        Ok(())
    }

    /// Any receipt may be read at any kiosk.
    pub(super) fn read_receipt(&mut self, file: usize, kiosk: usize) {
        let Some(receipt) = self.receipts.iter().rev().nth(file) else { return };
        let Machine { disk, setup, clock, .. } = &self.kiosks[kiosk];
        let exchange = exchange::Kiosk {
            outbox: disk,
            enrolment: &setup.enrolment,
            key: &setup.key,
            clock,
            told: None,
        };
        // What is not this kiosk's or central's, or meets a bad disk, is read in vain.
        let _ = exchange.heed(receipt, String::new());
    }
}

fn acknowledgement(
    central: CentralId,
    epoch: Epoch,
    high_seq: u64,
    clock: &Hand,
) -> Acknowledgement {
    let at = borgerpanel::clock::Clock::now(clock).to_string();
    Acknowledgement { central, epoch, high_seq, receipt: None, at }
}
