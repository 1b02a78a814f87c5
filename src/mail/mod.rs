//! The mail room: what members are written, and how it is handed in. Read in this order:
//!
//! 1. [`template`]: what a mail says, in Markdown that a city may change;
//!    [`findings`]: what one of them says of a survey;
//! 2. [`message`]: a mail as bytes (RFC 5322);
//! 3. [`smtp`]: one connection to the city's mail server, in two steps, so that a database can be told
//!    between them;
//! 4. [`outgoing`]: the loop over a queue: pace, retries, and what became of each mail;
//! 5. [`bounce`]: what other servers say later about a mail that did not arrive; [`mailbox`]: where such
//!    mails lie.
//!
//! The queue itself is the store's: this room knows neither databases nor members.

pub mod address;
pub mod bounce;
pub mod catalogue;
pub mod findings;
pub mod mailbox;
pub mod message;
pub mod outgoing;
mod reading;
pub mod settings;
pub mod smtp;
pub mod template;
mod wire;

pub use address::{Address, Sender};
pub use message::Message;
pub use smtp::{Failure, Server, Session};
