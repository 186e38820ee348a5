//! Threads that take numbered tasks until none is left or one of them fails.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::error::{Error, Result};

/// Tasks 0 to `count`, each given out once.
#[derive(Debug)]
pub(super) struct Tasks {
    next: AtomicUsize,
    count: usize,
    has_failed: AtomicBool,
}

impl Tasks {
    pub(super) fn new(count: usize) -> Self {
        Self { next: AtomicUsize::new(0), count, has_failed: AtomicBool::new(false) }
    }

    /// The next task; none after a failure, since its result would be discarded.
    pub(super) fn take(&self) -> Option<usize> {
        if self.has_failed.load(Ordering::Relaxed) {
            return None;
        }
        let task = self.next.fetch_add(1, Ordering::Relaxed);
        (task < self.count).then_some(task)
    }
}

/// The number of threads that a setting means; 0 is as many as the machine offers.
pub(super) fn thread_count(setting: usize) -> usize {
    match setting {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    }
}

/// Runs `work` on each of `threads` threads, but never on more than there are tasks, and returns what each returned.
///
/// # Errors
/// The first error of any thread; `bug` where one panicked.
pub(super) fn on_threads<T: Send>(
    threads: usize,
    tasks: &Tasks,
    work: impl Fn() -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let guarded = || {
        let result = work();
        tasks.has_failed.fetch_or(result.is_err(), Ordering::Relaxed);
        result
    };
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads.clamp(1, tasks.count.max(1))).map(|_| scope.spawn(guarded)).collect();
        let crashed = |_| Error::bug("a thread of the simulation stopped in the middle");
        let results: Vec<Result<T>> =
            handles.into_iter().map(|handle| handle.join().map_err(crashed).flatten()).collect();
        results.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_done_once() {
        let tasks = Tasks::new(1000);
        let taken = on_threads(3, &tasks, || Ok(std::iter::from_fn(|| tasks.take()).collect::<Vec<_>>()));
        let mut all = taken.expect("nothing fails").concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..1000));
    }

    #[test]
    fn one_failure_stops_the_others() {
        let tasks = Tasks::new(usize::MAX);
        // Without the stop this would not end.
        let result = on_threads(2, &tasks, || {
            while let Some(task) = tasks.take() {
                if task == 5 {
                    return Err(Error::write("the disk is full"));
                }
            }
            Ok(())
        });
        assert_eq!(result, Err(Error::write("the disk is full")));
    }

    #[test]
    fn no_task_is_no_error() {
        let tasks = Tasks::new(0);
        assert_eq!(on_threads(2, &tasks, || Ok(tasks.take())), Ok(vec![None]));
    }
}
