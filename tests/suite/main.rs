//! The integration tests, one binary: a module a subject.

mod authors;
mod collecting;
mod language;
mod preview;
mod responses;
mod site;
mod store;
mod vectors;
