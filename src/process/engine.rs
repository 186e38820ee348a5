//! How Polars is set up, before it starts.
//!
//! Polars reads its settings from environment variables at its first use. The program re-executes itself with the
//! variables set (the same process, on Unix), since changing the environment of a running program is unsafe. Does not
//! live here: any query, and what follows an abort (`abort.rs`).

use std::os::unix::process::CommandExt;
use std::process::Command;

use polars::error::{PolarsWarning, set_warning_function};

use crate::error::{Error, Result};
use crate::process::{abort, program};

/// Set in the second life of the process.
const PREPARED: &str = "RFMETRICS_LOG_ENGINE_PREPARED";

/// Polars' number of threads.
const THREADS: &str = "POLARS_MAX_THREADS";

/// Polars reads local files instead of mapping them into memory: a file that is truncated meanwhile is an error, not a
/// signal that ends the process, and its pages do not count as our memory.
const READ_FILES: &str = "POLARS_FORCE_ASYNC";

/// Threads that schedule what is read next; the reading and the decoding have threads of their own. One is enough,
/// and more are a danger: where the system refuses the second, the engine waits for the first for ever.
const READ_AHEAD: &str = "POLARS_ASYNC_THREAD_COUNT";

/// Sets Polars up. Returns if no engine is needed, or everything is set already. The number of threads is asked for
/// once.
///
/// # Errors
/// The error of `threads`; a compute error where the program cannot be executed again.
pub fn prepare(is_needed: bool, threads: impl FnOnce() -> Result<Option<u32>>) -> Result<()> {
    set_warning_function(warned);
    if !is_needed {
        return Ok(());
    }
    if std::env::var_os(PREPARED).is_some() {
        return abort::prepare();
    }
    let threads = threads()?;
    let program = program::path().map_err(|error| failed(&error))?;
    let mut again = Command::new(program);
    again.args(std::env::args_os().skip(1)).env(PREPARED, "1").env(READ_FILES, "1").env(READ_AHEAD, "1");
    if let Some(threads) = threads {
        again.env(THREADS, threads.to_string()).env("RAYON_NUM_THREADS", threads.to_string());
    }
    Err(failed(&again.exec()))
}

/// The engine's own warnings are dropped. The user of a filter can do nothing about a future deprecation.
#[expect(clippy::needless_pass_by_value, reason = "the engine calls it so")]
fn warned(text: &str, kind: PolarsWarning) {
    if matches!(kind, PolarsWarning::Deprecation) {
        tracing::debug!("the engine: {text}");
    } else {
        tracing::warn!("the engine: {text}");
    }
}

fn failed(error: &std::io::Error) -> Error {
    Error::compute("the program cannot re-execute itself with the settings of its engine")
        .cause(error)
        .hint("start it by its full path, such as /usr/local/bin/rfmetrics")
}
