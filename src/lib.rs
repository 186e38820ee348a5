//! RFM customer analytics as a batch job: transactions in Parquet to scores, segments and Pareto tables.
//!
//! A [`Job`] is opened, gathered, scored and published; [`PublishedRun`] reads back what was published; [`Config`] has every
//! setting; an [`Error`] says who must act, and what to do.
//!
//! ```
//! # fn main() -> Result<(), rfmetrics::Error> {
//! use rfmetrics::{Config, Job, PublishedRun};
//!
//! let directory = std::env::temp_dir().join("rfmetrics-example");
//! let mut config = Config::default();
//! config.input.paths = vec![format!("{}/data/sample", env!("CARGO_MANIFEST_DIR"))];
//! config.output.path = directory.display().to_string();
//! config.dates.as_of = Some("2026-10-31".to_owned());
//!
//! let published = Job::new(config)?.run()?;
//! let run = PublishedRun::open(&published.path)?;
//! assert_eq!(run.as_of()?.to_string(), "2026-10-31");
//! assert!(run.tables()?.iter().any(|table| table.name == "customers"));
//! # std::fs::remove_dir_all(directory).ok();
//! # Ok(())
//! # }
//! ```
//!
//! # The rooms, in the order in which the data flows
//!
//! `job` is the conductor: it finds the files and reads their footers (`source`), settles the rules (`input`), reads the
//! rows once (`passes`), judges each of them, kept or left out for one named reason (`clean`), and folds the kept ones into
//! one row per customer (`customers`), the seam after which everything is small. It checks that no row was lost (`quality`),
//! fits what customers will do where that is asked for (`predict`, on `models`), learns the breaks of the scores and applies
//! them (`score`, `segment`, `scoring`), makes the tables (`reports`, whose columns `schema` describes), and publishes all of
//! them or none (`publish`). Above it stand `commands`, and `process` for what concerns the process as a whole. Below it
//! stand the words that every room may use: `batch`, `day`, `error`, `hashing`, `money`, `progress`, `threads`, `values`.
//!
//! Whatever is not listed here is open to the program and its tests alone, and may change at any time.

pub use config::Config;
pub use error::Error;
pub use history::PublishedRun;
pub use job::Job;

#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod commands;
#[doc(hidden)]
pub mod process;

pub mod config;
pub mod job;

#[doc(hidden)]
pub mod campaigns;
#[doc(hidden)]
pub mod clean;
#[doc(hidden)]
pub mod customers;
#[doc(hidden)]
pub mod expressions;
#[doc(hidden)]
pub mod files;
pub mod history;
#[doc(hidden)]
pub mod input;
#[doc(hidden)]
pub mod manifest;
#[doc(hidden)]
pub mod members;
pub mod models;
pub mod page;
#[doc(hidden)]
pub mod parquet;
#[doc(hidden)]
pub mod passes;
#[doc(hidden)]
pub mod predict;
#[doc(hidden)]
pub mod privacy;
#[doc(hidden)]
pub mod publish;
#[doc(hidden)]
pub mod quality;
#[doc(hidden)]
pub mod reports;
#[doc(hidden)]
pub mod schema;
#[doc(hidden)]
pub mod score;
#[doc(hidden)]
pub mod scoring;
#[doc(hidden)]
pub mod segment;
#[doc(hidden)]
pub mod social;
#[doc(hidden)]
pub mod source;
#[doc(hidden)]
pub mod spill;

#[doc(hidden)]
pub mod sheets;
#[doc(hidden)]
pub mod simulate;

#[doc(hidden)]
pub mod batch;
#[doc(hidden)]
pub mod day;
pub mod error;
#[doc(hidden)]
pub mod hashing;
pub mod known;
#[doc(hidden)]
pub mod money;
#[doc(hidden)]
pub mod nearest;
#[doc(hidden)]
pub mod progress;
#[doc(hidden)]
pub mod threads;
#[doc(hidden)]
pub mod values;
#[doc(hidden)]
pub mod warnings;
