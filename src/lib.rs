//! Borgerpanel: Markdown surveys become a static site, a kiosk that collects offline, and a central
//! SQLite. Read in this order: [`survey`], [`response`], [`foreign`], [`panel`], [`results`], [`site`], [`store`],
//! [`sync`], [`mail`], [`server`], [`commands`].

pub mod cli;
pub mod clock;
pub mod commands;
pub mod console;
pub mod crypto;
pub mod diag;
pub mod durable;
pub mod error;
pub mod foreign;
pub mod mail;
pub mod panel;
pub mod response;
pub mod results;
pub mod server;
pub mod site;
pub mod store;
pub mod survey;
pub mod sync;
