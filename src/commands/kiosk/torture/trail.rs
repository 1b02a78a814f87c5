//! The numbers on the disk under test: three places for each, one after the other, each synced before
//! the next is written.
//!
//! 1. `appended`: records end to end, as a log grows.
//! 2. `slots`: number n in slot n mod [`SLOTS`], over the one before, as a page is updated.
//! 3. `kiosk.db`: a COMMIT of the outbox.
//!
//! So each step that is found proves that all before it were acknowledged by the disk, whatever number
//! anybody noted.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::crypto::Digest;
use crate::durable;
use crate::error::{Context, Result};
use crate::store::trial::{self, Remains, Trial};

const APPENDED: &str = "appended";
const UPDATED: &str = "slots";
pub const SLOTS: u64 = 64;
/// Three sectors, and across the borders of pages: what is torn shows.
const RECORD_BYTES: usize = 1536;

/// Random, and another in each round: what an earlier one left is not taken for kept.
pub type Seed = [u8; 16];

/// A round that is being written.
pub struct Trail {
    seed: Seed,
    folder: PathBuf,
    appended: File,
    slots: File,
    database: Trial,
}

impl Trail {
    /// Makes the files anew, and their names durable.
    pub fn begin(folder: &Path, seed: Seed) -> Result<Trail> {
        clear(folder)?;
        let make = |name| {
            let path = folder.join(name);
            OpenOptions::new().write(true).create_new(true).open(&path).during_at("make", path)
        };
        let (appended, slots) = (make(APPENDED)?, make(UPDATED)?);
        let database = Trial::begin(folder)?;
        durable::sync_folder(folder).during_at("sync the folder", folder)?;
        Ok(Trail { seed, folder: folder.to_owned(), appended, slots, database })
    }

    /// Writes the number at its three places. When this returns, the disk has acknowledged all.
    pub fn write(&mut self, number: u64) -> Result<()> {
        let record = record(&self.seed, number);
        let place = number % SLOTS * RECORD_BYTES as u64;
        let written = self
            .appended
            .write_all(&record)
            .and_then(|()| self.appended.sync_data())
            .and_then(|()| self.slots.seek(SeekFrom::Start(place)))
            .and_then(|_| self.slots.write_all(&record))
            .and_then(|()| self.slots.sync_data());
        written.during_at("write a number to", &self.folder)?;
        let stored = self.database.store(number, &record);
        stored.map_err(|error| error.at("store a number in", &self.folder))
    }
}

/// What a round left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Every number from 1 to this one stands in the log.
    pub appended_to: u64,
    /// The highest that stands there at all.
    pub appended_highest: u64,
    pub slots: Vec<Slot>,
    pub database: Remains,
}

/// What a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    Empty,
    Number(u64),
    Torn,
}

/// Looks at what the disk kept. A file that is gone kept nothing.
pub fn look(folder: &Path, seed: &Seed) -> Result<Found> {
    let log = read(&folder.join(APPENDED))?;
    let (mut appended_to, mut appended_highest) = (0, 0);
    for (bytes, number) in log.chunks(RECORD_BYTES).zip(1..) {
        if bytes == record(seed, number) {
            appended_highest = number;
            if appended_to + 1 == number {
                appended_to = number;
            }
        }
    }
    let slots = read(&folder.join(UPDATED))?;
    let slots = slots.chunks(RECORD_BYTES).map(|bytes| slot(seed, bytes)).collect();
    let database = trial::remains(folder, |number| record(seed, number));
    Ok(Found { appended_to, appended_highest, slots, database })
}

/// Takes the round's files away.
pub fn clear(folder: &Path) -> Result<()> {
    for name in [APPENDED, UPDATED, "kiosk.db", "kiosk.db-wal", "kiosk.db-shm"] {
        let path = folder.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).during_at("remove", path);
            }
            _ => {}
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).during_at("read", path)
        }
        _ => Ok(bytes),
    }
}

fn slot(seed: &Seed, bytes: &[u8]) -> Slot {
    let number = bytes.get(16..24).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    match number {
        _ if bytes.iter().all(|byte| *byte == 0) => Slot::Empty,
        Some(number) if bytes == record(seed, number) => Slot::Number(number),
        _ => Slot::Torn,
    }
}

/// The seed, the number, and a digest of both again and again.
fn record(seed: &Seed, number: u64) -> Vec<u8> {
    let head = [seed.as_slice(), &number.to_le_bytes(), &[0; 8]].concat();
    let filling = Digest::of(&head).0;
    let mut record = head;
    while record.len() < RECORD_BYTES {
        record.extend_from_slice(&filling);
    }
    record
}
