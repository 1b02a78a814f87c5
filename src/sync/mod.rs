//! From the kiosk's outbox to the central's database, exactly once.
//!
//! 1. [`envelope`]: a record is sealed before it is stored.

pub mod envelope;
