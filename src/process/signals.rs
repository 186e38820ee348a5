//! Stopping on SIGTERM and SIGINT: remove what is staged, say so, and end.
//!
//! Lives here: the thread that waits for signals, and the list of live directories that it shares with those who
//! make them. Does not live here: SIGKILL, which nobody sees; the next run clears after it (`leftovers.rs`).

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::publish::{claim, leftovers};
use crate::error::{Error, Result};

/// What must go when a signal ends the process.
pub(crate) struct Live {
    /// Staging directories that exist now.
    pub(crate) staging: BTreeSet<PathBuf>,
    /// The directories that were made for an output, the output first; they go if nothing stands in them.
    pub(crate) made: BTreeSet<Vec<PathBuf>>,
}

/// Whoever holds this lock cannot be ended by a signal.
static LIVE: Mutex<Live> = Mutex::new(Live { staging: BTreeSet::new(), made: BTreeSet::new() });

/// Keeps signals waiting as long as the guard lives; for a few system calls at a time.
pub(crate) fn hold() -> MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on SIGTERM ends the process with code 143 and SIGINT with 130 (128 and the signal's number, as
/// shells say it), after removing what is staged; never in the middle of a publication.
///
/// `report` gets one line to show to the user. Call this once, early in `main`.
///
/// # Errors
/// `compute` if the system grants no handler or no thread.
pub fn install(report: impl Fn(&str) + Send + 'static) -> Result<()> {
    let start = || -> io::Result<()> {
        let mut signals = Signals::new([SIGTERM, SIGINT])?;
        let wait = move || {
            if let Some(signal) = signals.forever().next() {
                stop(signal, &report);
            }
        };
        thread::Builder::new().name("signals".into()).spawn(wait).map(drop)
    };
    start().map_err(|error| Error::compute("cannot listen for signals").cause(error))
}

/// A worker may create one more file while we remove; it cannot go on doing so, for its directory is going.
const REMOVALS: usize = 3;

/// Ends the process from this thread while others still work, hence `_exit`: `std::process::exit` would run
/// the exit handlers of allocators under the feet of those threads. Nothing is lost by that: results are
/// either published and synced, or removed. The guard is never given back, so a thread that fails because
/// its files are gone waits in the drop of its staging directory and says nothing.
fn stop(signal: i32, report: &impl Fn(&str)) -> ! {
    let live = hold();
    for directory in &live.staging {
        let _ = (0..REMOVALS).map(|_| leftovers::remove(directory)).find(io::Result::is_ok);
    }
    live.made.iter().for_each(|made| claim::take_away(made));
    let name = low_level::signal_name(signal).unwrap_or("a signal");
    report(&format!("stopped by {name}: nothing unfinished was published"));
    low_level::exit(128 + signal)
}
