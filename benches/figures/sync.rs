//! Sync: rows a second.

pub fn run() {}
