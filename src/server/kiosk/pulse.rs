//! The page's sign of life: a browser that hangs shows a page that nobody can use, and the server
//! alone would not notice.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// When the page was last heard of.
#[derive(Debug, Default)]
pub struct Pulse(Mutex<Option<Instant>>);

impl Pulse {
    /// The page is there.
    pub fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// For how many whole seconds it has been silent; none where it was never heard.
    pub fn silent_s(&self) -> Option<u64> {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.map(|last| last.elapsed().as_secs())
    }
}
