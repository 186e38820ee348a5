//! Rows for people's spreadsheets: CSV and xlsx.
//!
//! Does not live here: which rows and columns these are (`commands::export`), and files that appear all or none (`files::staged_files`).

pub mod cells;
pub mod csv;
pub mod xlsx;
mod zip;
