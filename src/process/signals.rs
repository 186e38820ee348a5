//! Stopping on SIGTERM and SIGINT: remove what is staged, say so, and end.
//!
//! Lives here: the thread that waits for signals. Does not live here: what is unfinished (`publish::unfinished`), and
//! SIGKILL, which no process sees; the next run clears after it (`publish::leftovers`).

use std::io;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::error::{Error, Result};
use crate::publish::unfinished;

/// From now on SIGTERM ends the process with code 143 and SIGINT with 130 (128 plus the signal's number, as
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

/// Ends the process from this thread while others still work, hence `_exit`: `std::process::exit` would run the exit
/// handlers of allocators while those threads still use them. Nothing is lost by that: results are either published and
/// synced, or removed. The guard is never released, so a thread that fails because its files are gone waits in the drop
/// of its staging directory and says nothing.
fn stop(signal: i32, report: &impl Fn(&str)) -> ! {
    let _unfinished = unfinished::remove_all();
    let name = low_level::signal_name(signal).unwrap_or("a signal");
    report(&format!("stopped by {name}: nothing unfinished was published"));
    low_level::exit(128 + signal)
}
