//! The HTTP edge and what is behind it.
//!
//! 1. [`edge`] starts and stops a server;
//! 2. [`gate`] takes connections and lets only whole, strict requests through;
//! 3. [`inner`] is tiny_http on a private socket: it calls the handler and answers;
//! 4. [`headers`], [`form`], [`path`] and `cookies` are what handlers read requests with;
//! 5. [`app`] is the handler of a kiosk and a central, [`kiosk`] what only a kiosk has;
//! 6. [`staff`] is what only a central has, for its staff;
//! 7. [`intake`] is what an answer's moment and sender tell, kept in memory for minutes.

pub mod api;
pub mod app;
pub mod chores;
mod code;
pub mod collect;
mod cookies;
pub mod edge;
pub mod error_page;
pub mod form;
pub mod gate;
pub mod headers;
pub mod homes;
pub mod http;
pub mod inner;
pub mod intake;
pub mod invited;
pub mod kiosk;
pub mod limits;
pub mod mailer;
pub mod member;
pub mod outbox;
mod pages;
pub mod path;
pub mod permits;
mod refused;
pub mod reload;
pub mod seal;
pub mod staff;
pub mod versions;
mod visits;
