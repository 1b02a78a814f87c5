//! Stores in memory: what SQLite does for kiosk and central, without a disk, so that a history takes
//! less than a millisecond. That they do the same is held by running histories over both.

mod central;
mod kiosk;
mod tables;

pub use central::Central;
pub use kiosk::Kiosk;
