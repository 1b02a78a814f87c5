//! What a survey's answers say of the city, and what of that may be published. Pure: no disk, no SQL.
//!
//! 1. [`item`]: responses become a sample of people and, for each question or row of one, what each of
//!    them was asked and gave.
//! 2. [`figure`]: a published figure. Nothing finer exists outside this room, but for the city's own analysts
//!    ([`microdata`]).

pub mod figure;
pub mod item;
pub mod microdata;
