//! RFM customer analytics as a batch job: transactions in Parquet to scores, segments and Pareto tables.
//!
//! The modules stand in the order in which the data flows. A run, in [`run`]: find the files and read their footers
//! ([`source`]); scan them and judge each row, kept or left out for one named reason ([`clean`]); fold the kept ones
//! into one row per customer ([`customers`]), the seam after which everything is small; check that no row was lost
//! ([`quality`]); where it is asked for, fit what customers will do ([`predict`], on [`models`]); learn the breaks of the scores and apply them ([`score`]); name segments ([`segment`]); make the
//! tables ([`reports`]), whose columns are told in [`schema`]; publish all of them or none ([`mod@write`]).
//!
//! The library exists for its binary and its tests: the stable interface is the command line and the tables.

pub(crate) mod history;
pub mod input;
pub mod job;
pub(crate) mod manifest;
pub mod money;
pub(crate) mod parquet;
pub mod passes;
pub mod publish;
pub mod scoring;
pub mod values;
pub mod clean;
pub mod cli;
pub mod commands;
pub mod config;
pub mod customers;
pub mod error;
pub mod models;
pub mod predict;
pub mod privacy;
pub mod quality;
pub mod reports;
pub mod schema;
pub mod score;
pub mod segment;
pub mod simulate;
pub mod social;
pub mod source;
