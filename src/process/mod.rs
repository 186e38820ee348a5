//! HEAD.

pub mod abort;
pub mod engine;
pub mod logging;
pub mod signals;
