//! What happens when the process aborts.
//!
//! Some bytes of a damaged file make a decoder ask for more memory than any machine has, and a refused allocation ends
//! a Rust process by `abort`, which nothing can catch: no error, no file name, exit code 134. Rows cannot be checked
//! for that in advance at less than the cost of decoding them twice. So the handler of the abort signal executes the
//! program again in the same process (`exec`); that second life computes nothing, but searches for the damaged file
//! with the other decoder and reports it (`passes::unreadable`).
//!
//! Lives here: the handler, one of two places with `unsafe` code. Does not live here: the search.
#![allow(unsafe_code, reason = "the kernel's interface for signals and exec has no safe form; argued line by line")]

use std::ffi::{CString, OsString, c_char};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::ptr;
use std::sync::atomic::AtomicPtr;

use signal_hook::consts::SIGABRT;

use super::program;
use crate::error::{Error, Result};

/// Set in the life that follows an abort.
const ABORTED: &str = "RFMETRICS_LOG_ENGINE_ABORTED";

/// Whether this process was aborted in its previous life.
#[must_use]
pub fn is_life_after_abort() -> bool {
    std::env::var_os(ABORTED).is_some()
}

/// From now on an abort of this process executes the program again; an abort of that second life ends it.
///
/// # Errors
/// A compute error where the system refuses the handler.
pub fn prepare() -> Result<()> {
    if is_life_after_abort() {
        return Ok(());
    }
    NextLife::new()
        .and_then(NextLife::follow_abort)
        .map_err(|error| Error::compute("cannot prepare for what follows an abort of the process").cause(error))
}

/// Everything that `execve` needs, made in advance: a process that aborts may not allocate.
struct NextLife {
    program: CString,
    /// Both lists end with a null pointer. They are leaked, so that they outlive every thread; as atomic pointers they
    /// may be shared by threads, and have the shape of plain ones.
    arguments: Vec<AtomicPtr<c_char>>,
    environment: Vec<AtomicPtr<c_char>>,
}

impl NextLife {
    fn new() -> io::Result<Self> {
        let variables = std::env::vars_os().map(|(name, value)| {
            let mut line = name;
            line.push("=");
            line.push(value);
            line
        });
        Ok(Self {
            program: c_string(program::path().map(PathBuf::into_os_string)?)?,
            arguments: leaked(std::env::args_os())?,
            environment: leaked(variables.chain([OsString::from(format!("{ABORTED}=1"))]))?,
        })
    }

    fn follow_abort(self) -> io::Result<()> {
        let start = move || {
            // SAFETY: `AtomicPtr<T>` has the same size and bit validity as `*mut T` (its documentation). The texts end
            // with a zero byte, the lists with a null pointer, and none of this is ever freed or changed. If the
            // call fails it returns, and the abort goes on.
            unsafe {
                libc::execve(self.program.as_ptr(), self.arguments.as_ptr().cast(), self.environment.as_ptr().cast());
            }
        };
        // SAFETY: the closure makes one system call, which POSIX lists as safe in a handler; it allocates nothing, takes
        // no lock and cannot panic.
        unsafe { signal_hook::low_level::register(SIGABRT, start) }.map(drop)
    }
}

fn leaked(texts: impl Iterator<Item = OsString>) -> io::Result<Vec<AtomicPtr<c_char>>> {
    let pointers = texts.map(|text| Ok(AtomicPtr::new(c_string(text)?.into_raw())));
    pointers.chain([Ok(AtomicPtr::new(ptr::null_mut()))]).collect()
}

fn c_string(text: OsString) -> io::Result<CString> {
    CString::new(text.into_vec()).map_err(io::Error::other)
}
