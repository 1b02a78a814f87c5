//! The integration tests, one binary: a module a subject.
mod language;
mod responses;
mod store;
