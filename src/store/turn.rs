//! Who writes next. SQLite lets one write at a time and has the others try again after a while, so that
//! whoever comes back quickest gets in: while kiosks send batch after batch, a visitor would wait for
//! as long as they do. Here visitors go first, and wait for the batch under way at most.
//!
//! Between processes SQLite's own lock decides as before.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The one turn there is.
#[derive(Default)]
pub struct Turn {
    queue: Mutex<Queue>,
    moved: Condvar,
}

#[derive(Default)]
struct Queue {
    is_taken: bool,
    visitors: usize,
}

/// The turn is given on when this is dropped.
pub struct Held<'a>(&'a Turn);

impl Turn {
    /// For the answers of visitors, who wait for a page.
    pub fn take_for_visitors(&self) -> Held<'_> {
        let mut queue = self.queue();
        queue.visitors += 1;
        let waited = self.moved.wait_while(queue, |queue| queue.is_taken);
        queue = waited.unwrap_or_else(PoisonError::into_inner);
        queue.visitors -= 1;
        queue.is_taken = true;
        Held(self)
    }

    /// For a batch, which nobody looks at while it is sent.
    pub fn take_for_batch(&self) -> Held<'_> {
        let goes_first = |queue: &mut Queue| queue.is_taken || queue.visitors > 0;
        let waited = self.moved.wait_while(self.queue(), goes_first);
        waited.unwrap_or_else(PoisonError::into_inner).is_taken = true;
        Held(self)
    }

    /// Nothing can panic while this is held.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.queue().is_taken = false;
        // All of them: a batch that alone was woken would have to go back to sleep for a visitor.
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn visitors_go_before_batches_that_waited_longer() {
        let turn = Arc::new(Turn::default());
        let under_way = turn.take_for_batch();
        let (tell, told) = channel();
        let mut threads = Vec::new();
        for name in ["batch", "batch", "visitor"] {
            let (turn, tell) = (Arc::clone(&turn), tell.clone());
            threads.push(thread::spawn(move || {
                let held = match name {
                    "visitor" => turn.take_for_visitors(),
                    _ => turn.take_for_batch(),
                };
                tell.send(name).expect("heard");
                drop(held);
            }));
        }
        while turn.queue().visitors == 0 {
            thread::sleep(Duration::from_millis(1));
        }
        assert!(told.try_recv().is_err(), "one at a time");
        drop(under_way);
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["visitor", "batch", "batch"]);
    }
}
