//! Free text: what staff made of it, and what of it is published. The texts themselves never are.
//!
//! 1. [`sheet`]: texts go out to staff as a CSV, in random order, each under a tag that leads back to its
//!    answer only for whoever has the key; [`suggest`] says which words come together in them.
//! 2. [`book`]: what themes are called, as staff write it in both languages.
//! 3. [`theme`]: a coded sheet becomes an item like any other: a yes or no for each theme of everybody who
//!    wrote something. It has totals only, and a theme of fewer people than the threshold is left out, name
//!    and all.
//! 4. [`quote`]: what two people approved, is in the text, and passes the [`guard`].
//! 5. [`agreement`]: how alike two people coded the same texts; for the house alone.

pub mod agreement;
pub mod book;
pub mod guard;
pub mod quote;
pub mod sheet;
pub mod suggest;
pub mod theme;
mod token;
