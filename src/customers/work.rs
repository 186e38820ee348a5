//! How the work of a fold is shared by threads: partitions behind locks, and work spaces that go from hand to hand.
//!
//! Does not live here: what is done with a partition (`fold`, `repair`, `orders`).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::Result;

/// Work spaces that threads take and put back.
#[derive(Debug, Default)]
pub(super) struct Pool<T>(Mutex<Vec<T>>);

impl<T: Default> Pool<T> {
    /// Runs `work` with a space of its own.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mut space = lock(&self.0).pop().unwrap_or_default();
        let result = work(&mut space);
        lock(&self.0).push(space);
        result
    }
}

impl<T> Pool<T> {
    /// All of them, when no thread has one.
    pub(super) fn into_all(self) -> Vec<T> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lock whose holder panicked is taken all the same: the run ends with that panic's error anyhow.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The contents of locks that nobody holds any more.
pub(super) fn unlock_all<T>(mutexes: Vec<Mutex<T>>) -> Vec<T> {
    mutexes.into_iter().map(|mutex| mutex.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// Calls `work` for 0..count on `threads` threads, each taking the next number that is free.
pub(super) fn for_each_index(threads: usize, count: usize, work: impl Fn(usize) -> Result<()> + Sync) -> Result<()> {
    let next = AtomicUsize::new(0);
    let run = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return Ok(());
            }
            work(index)?;
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut result = run();
        for other in others {
            let outcome = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            result = result.and(outcome);
        }
        result
    })
}
