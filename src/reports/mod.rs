//! The published tables. A report is one file of `tables` and one word in `Report::ALL`; the registry, the dictionary and
//! the schema follow from it.
//!
//! `groups` and `cube` compute on plain numbers what the reports share; every report is a small lazy plan
//! over the cube, or a few figures, or columns by slices. Does not live here: writing them (`job`, `parquet`).

pub mod campaigns;
pub mod cube;
pub mod dictionary;
pub mod findings;
pub mod finish;
pub mod groups;
mod ids;
pub mod known;
pub mod options;
mod predicted;
mod report;
mod shares;
pub mod tables;

pub use report::{Added, Chapter, Make, PerRow, Report};
