//! The integration tests, one binary: a module a subject.

mod authors;
mod browser;
mod collecting;
mod edge;
mod fleet;
mod language;
mod preview;
mod responses;
mod site;
mod store;
mod sync;
mod vectors;
