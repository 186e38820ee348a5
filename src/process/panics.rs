//! Panics: silent where they happen, reported as an error at the end.
//!
//! Does not live here: panics of foreign decoders, which are caught where they are called (`threads::caught`).

use std::sync::Mutex;

use crate::error::{Error, Result};

/// Where the last panic happened.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// Keeps panics from writing to stderr on their own: they are caught at the border of a stage and reported as errors.
pub fn silence() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::debug!(place, "a panic was caught");
        if let Ok(mut last) = LAST_PANIC.lock() {
            *last = place;
        }
    }));
}

/// Runs `work`; a panic becomes the error of a bug, or of a system that grants no thread.
///
/// # Errors
/// What `work` returns, or a bug.
pub fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let said = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let said = said.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        if said.contains("spawn thread") || said.contains("ThreadPoolBuildError") {
            return Err(Error::compute("the system refuses the program a thread").cause(said).hint(
                "look at the limits of this process (`ulimit -a`, the pids of its cgroup), or use fewer --threads",
            ));
        }
        let place = LAST_PANIC.lock().map(|place| place.clone()).unwrap_or_default();
        Err(Error::bug("the program failed").cause(format!("{said} ({place})")))
    })
}
