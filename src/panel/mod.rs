//! The panel: who is invited, and by what. Pure: no disk, no SQL, no HTTP.
//!
//! [`code`] is what a letter carries to somebody without e-mail.

pub mod code;
