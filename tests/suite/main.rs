//! The integration tests, one binary: a module a subject.
mod fleet;
mod language;
mod responses;
mod store;
mod sync;
