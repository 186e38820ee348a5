//! The directories that must go when the process is stopped, known to the code that stops it.
//!
//! Does not live here: who waits for signals (`process::signals`), and what dead runs have left (`leftovers`).

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::leftovers;
use super::lock::LOCK;
use crate::files::directory::{names_in, remove_empty};

/// What must be removed when a signal ends the process.
pub(crate) struct Live {
    /// Staging directories that exist now.
    pub(crate) staging: BTreeSet<PathBuf>,
    /// The directories that were created for an output, the output first; they are removed if they are empty.
    pub(crate) made: BTreeSet<Vec<PathBuf>>,
}

/// While a thread holds this lock, no signal ends the process.
static LIVE: Mutex<Live> = Mutex::new(Live { staging: BTreeSet::new(), made: BTreeSet::new() });

/// Keeps signals waiting as long as the guard lives; for a few system calls at a time.
pub(crate) fn hold() -> MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A worker may create one more file during the removal, but not after that, since its directory is gone.
const REMOVALS: usize = 3;

/// Removes everything that is unfinished. No thread may stage or publish from here on: the guard must be kept until the
/// process ends.
pub(crate) fn remove_all() -> MutexGuard<'static, Live> {
    let live = hold();
    for directory in &live.staging {
        let _ = (0..REMOVALS).map(|_| leftovers::remove(directory)).find(io::Result::is_ok);
    }
    live.made.iter().for_each(|made| take_away(made));
    live
}

/// Removes the directories that a run has created for its output, if they contain nothing but the lock. Only for the
/// holder of the lock: otherwise another run would lose its directory.
pub(crate) fn take_away(made: &[PathBuf]) {
    let Some(output) = made.first() else { return };
    if names_in(output).is_ok_and(|names| names == [LOCK]) {
        // A run that has opened the file already notices that it is gone, and starts again (`lock.rs`).
        let _ = fs::remove_file(output.join(LOCK));
    }
    remove_empty(made);
}
