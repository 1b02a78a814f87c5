//! The integration tests, one binary: a module a subject.

mod authors;
mod language;
mod responses;
mod site;
mod store;
mod vectors;
