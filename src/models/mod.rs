//! Models: numbers in, numbers out. No files, no settings of a run, no tables.

pub mod ahp;
pub mod kmeans;
