//! The panel: who is a member, who is invited, and by what. Pure: no disk, no SQL, no HTTP, and days come
//! in as arguments.
//!
//! 1. [`member`] is what is kept of a person, with their address ([`email`]); [`admission`]: who may join.
//! 2. [`target`]: whom a survey is for. [`cap`]: who of them may be invited on a day.
//! 3. [`coarsen`]: what is kept of a background beside an invited answer, so that it hides among others.
//! 4. [`code`] is what a letter carries to somebody without e-mail.

pub mod admission;
pub mod cap;
pub mod coarsen;
pub mod code;
pub mod email;
pub mod member;
#[cfg(test)]
mod sample;
pub mod select;
pub mod target;
