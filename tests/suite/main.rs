//! The integration tests, one binary: a module a subject.

mod advice;
mod authors;
mod browser;
mod chain;
mod collecting;
mod diagnostics;
mod drawn;
mod edge;
mod fleet;
mod history;
mod kinds;
mod language;
mod lsp;
mod mutation;
mod paper;
mod preview;
mod private;
mod push;
mod responses;
mod schema;
mod site;
mod store;
mod sync;
mod vectors;
mod views;
mod watching;
