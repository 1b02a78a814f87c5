//! From the kiosk's outbox to the central's database, exactly once.
//!
//! 1. [`envelope`]: a record is sealed before it is stored.
//! 2. [`enrol`]: kiosk and central come to know each other's keys.
//! 3. [`keys`]: the central's own.
//! 4. [`message`] and [`bundle`]: what is said, and how rows travel.
//! 5. [`session`]: what the kiosk does next, without IO; [`exchange`] carries it out over a [`queue`],
//!    and `past` tells of databases that were set aside.
//! 6. [`reception`]: what the central makes of it, with its [`books`]; what is decided about a batch is
//!    in `store::central::ledger`.
//! 7. [`push`]: the way over HTTP; [`background`]: a running kiosk sends by itself.
//! 8. [`stick`]: the way without a network, by files.
//! 9. [`release`]: the site itself, the other way: from the central to its kiosks.

pub mod background;
pub mod books;
pub mod bundle;
pub mod enrol;
pub mod envelope;
pub mod exchange;
pub mod keys;
pub mod message;
mod past;
pub mod push;
pub mod queue;
pub mod reception;
pub mod release;
pub mod session;
pub mod stick;
