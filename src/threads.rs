//! Work spread over threads, and panics that are stopped at the border of a call.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs `work`, and turns a panic of a foreign decoder into a text.
///
/// The process-wide panic hook still runs: a program that wants no trace on stderr installs a
/// silent one.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|payload| Err(format!("the decoder panicked ({})", panic_text(payload.as_ref()))))
}

/// The message of a panic.
fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}

/// Does `work` for each item on at most `threads` threads; the results are in the order of the items.
pub(crate) fn on_threads<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take_turns = || {
        let mut done = Vec::new();
        while let Some((index, item)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            items.get(index).map(|item| (index, item))
        } {
            done.push((index, work(item)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        // A thread that cannot be started is not a failure: the others, and this one, do its work.
        let helpers: Vec<_> = (1..threads.min(items.len()))
            .filter_map(|_| std::thread::Builder::new().spawn_scoped(scope, take_turns).ok())
            .collect();
        let mut done = take_turns();
        for helper in helpers {
            match helper.join() {
                Ok(theirs) => done.extend(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The contents of a shared value that nobody else holds any more.
pub(crate) fn sole<T>(shared: Arc<T>) -> crate::error::Result<T> {
    Arc::into_inner(shared)
        .ok_or_else(|| crate::error::Error::bug("the engine still holds a part of the finished scan"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_do_every_item_once_and_keep_the_order() {
        let items: Vec<u32> = (0..1_000).collect();
        for threads in [0, 1, 3, 2_000] {
            let squares = on_threads(&items, threads, |item| item * item);
            assert!(squares.iter().zip(&items).all(|(square, item)| *square == item * item), "{threads} threads");
            assert_eq!(squares.len(), 1_000);
        }
        assert!(on_threads(&[] as &[u32], 4, |item| *item).is_empty());
    }

    #[test]
    fn a_panic_becomes_a_text() {
        let outcome: Result<(), String> = caught(|| panic!("index {} out of range", 7));
        assert_eq!(outcome, Err("the decoder panicked (index 7 out of range)".into()));
        assert_eq!(caught(|| Ok(3)), Ok(3));
    }
}
