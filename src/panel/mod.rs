//! The panel: who is a member, who is invited, and by what. Pure: no disk, no SQL, no HTTP, and days come
//! in as arguments.
//!
//! 1. [`member`] is what is kept of a person, with their address ([`email`]); [`admission`]: who may join.
//! 2. [`target`]: whom a survey is for. [`cap`]: how often somebody may be asked. [`select`] puts both
//!    together.
//! 3. [`draw`]: who of those that may be invited is, at random or balanced against the population by the
//!    answers to expect ([`rates`], [`composition`]).
//! 4. [`preview`]: what a survey could become, before it is sent.
//! 5. [`coarsen`]: what is kept of a background beside an invited answer, so that it hides among others.
//! 6. [`simulate`] tries all of it on made-up people ([`synthetic`]).
//! 7. [`roster`]: people who said yes elsewhere, as a table brings them.
//! 8. [`code`] is what a letter carries to somebody without e-mail.

pub mod admission;
pub mod cap;
pub mod coarsen;
pub mod code;
pub mod composition;
pub mod draw;
pub mod email;
pub mod member;
pub mod preview;
pub mod rates;
pub mod roster;
#[cfg(test)]
mod sample;
pub mod select;
pub mod simulate;
pub mod synthetic;
pub mod target;
