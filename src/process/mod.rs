//! The process as a whole: what `main` sets up before a command runs. Used by `main` alone.

pub mod abort;
pub mod engine;
pub mod logging;
pub mod panics;
mod program;
pub mod signals;
