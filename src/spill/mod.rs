//! What memory does not hold: how much may be held, and nameless files that take the rest.
//!
//! Read in this order: [`room`] (how much of what grows with the rows may stay in memory), [`file`] (bytes on disk that are
//! gone with the process), [`spilled`] (values in such a file). Does not live here: what is spilled (`customers`,
//! `passes::repeats`), and where the limit comes from (`job::memory`).

pub mod file;
pub mod room;
pub mod spilled;

pub use file::SpillFile;
pub use room::{Bounds, Room, Stage, size};
pub use spilled::{Record, Spilled, read_words};
