//! All SQL: the kiosk's outbox and the central's database.
//!
//! 1. [`record`]: what is stored, sealed.
//! 2. [`sqlite`]: how a database is opened, and what keeps it durable.
//! 3. [`writer`]: one thread that commits in groups; [`quill`]: what all write by where others do, too, and
//!    [`turn`]: who does next.
//! 4. [`outbox`]: the kiosk's database, and [`waiting`]: the private records in it.
//! 5. `home`: its file, opened and put in order (`torn`, after a power cut); [`aside`]: damaged ones, and
//!    [`salvage`] of them.
//! 6. [`central`]: the central's database.
//! 7. [`trial`]: the same with numbers, for the pull-the-plug test.

pub mod aside;
pub mod central;
pub mod error;
mod home;
pub mod members;
pub mod outbox;
pub mod quill;
pub mod record;
pub mod salvage;
pub mod spool;
pub mod sqlite;
mod torn;
pub mod trial;
pub mod turn;
pub mod waiting;
pub mod writer;

pub use central::Central;
pub use error::{Health, StoreError};
pub use outbox::Outbox;
pub use record::{CentralId, Epoch, Kind, Label, Sealed, Uid};
pub use sqlite::Options;
pub use waiting::Mixing;
pub use writer::Stored;
