//! RFM customer analytics as a batch job.
pub mod clean;
pub mod cli;
pub mod commands;
pub mod config;
pub mod customers;
pub mod engine;
pub mod error;
pub mod observe;
pub mod quality;

pub mod reports;
pub mod run;
pub mod schema;
pub mod score;
pub mod segment;
pub mod simulate;
pub mod source;
pub mod write;
