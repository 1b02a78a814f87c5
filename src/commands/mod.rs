//! The commands, one file each: they join the rooms and print.

mod age;
pub mod answers;
pub mod build;
pub mod central;
pub mod check;
pub mod demo;
pub mod export;
pub mod fmt;
mod health;
pub mod import;
mod inputs;
pub mod invite;
pub mod kiosk;
pub mod lsp;
pub mod new;
mod notify;
mod offsite;
pub mod pack;
pub mod panel;
mod parcels;
pub mod preview;
pub mod results;
mod secrecy;
pub mod serving;
pub mod settings;
pub mod watch;
