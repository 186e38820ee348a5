//! RFM customer analytics as a batch job: transactions in Parquet to scores, segments and Pareto tables.
//!
//! The modules stand in the order in which the data flows. A run, in [`job`]: find the files and read their footers
//! ([`source`]), settle the rules ([`input`]); read the rows once ([`passes`]), judge each of them, kept or left out for one
//! named reason ([`clean`]), and fold the kept ones into one row per customer ([`customers`]), the seam after which everything
//! is small; check that no row was lost ([`quality`]); where it is asked for, fit what customers will do ([`predict`], on
//! [`models`]); learn the breaks of the scores and apply them ([`score`], [`segment`], [`scoring`]); make the tables
//! ([`reports`]), whose columns [`schema`] describes; publish all of them or none ([`mod@publish`]).
//!
//! The library exists for its binary and its tests: the stable interface is the command line and the tables.

pub mod cli;
pub mod commands;
pub mod process;

pub mod config;
pub mod job;

pub mod clean;
pub mod customers;
pub mod files;
pub mod history;
pub mod input;
pub mod manifest;
pub mod models;
pub mod parquet;
pub mod passes;
pub mod predict;
pub mod privacy;
pub mod publish;
pub mod quality;
pub mod reports;
pub mod schema;
pub mod score;
pub mod scoring;
pub mod segment;
pub mod social;
pub mod source;

pub mod simulate;

pub mod batch;
pub mod day;
pub mod error;
pub mod hashing;
pub mod money;
pub mod progress;
pub mod threads;
pub mod values;
pub mod warnings;

pub use error::Error;
pub use history::PublishedRun;
