//! From the kiosk's outbox to the central's database, exactly once.
//!
//! 1. [`envelope`]: a record is sealed before it is stored.
//! 2. [`message`] and [`bundle`]: what is said, and how rows travel.

pub mod bundle;
pub mod envelope;
pub mod message;
