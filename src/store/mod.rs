//! All SQL: the kiosk's outbox and the central's database.
//!
//! 1. [`record`]: what is stored, sealed.

pub mod record;

pub use record::{CentralId, Epoch, Kind, Label, Sealed, Uid};
