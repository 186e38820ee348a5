//! The flags of `rfmetrics simulate`. Does not live here: what they default to.
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum, ValueHint};

use super::values::{count, parameters, share};

/// `rfmetrics simulate`.
#[allow(clippy::struct_excessive_bools, reason = "one per switch on the command line")]
#[derive(Debug, Clone, Args)]
pub struct SimulateArgs {
    /// Directory to write Parquet files to
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
    /// About so many order lines, as 2M, 1e6 or 100_000_000: orders are drawn, not counted off
    #[arg(long, value_name = "N", value_parser = count)]
    pub lines: Option<u64>,
    /// Mean number of lines of an order
    #[arg(long, value_name = "F")]
    pub lines_per_order: Option<f64>,
    /// Customers, as 100k
    #[arg(long, value_name = "N", value_parser = count)]
    pub customers: Option<u64>,
    /// First day, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    pub start: Option<NaiveDate>,
    /// Last day, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    pub end: Option<NaiveDate>,
    /// Files to spread the lines over; with --hive-by-month at least one for each month
    #[arg(long, value_name = "N")]
    pub files: Option<u32>,
    /// Seed: the same seed gives the same bytes
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Threads to write with
    #[arg(long, value_name = "N")]
    pub threads: Option<u32>,
    /// Kind of the customer ids
    #[arg(long, value_enum, value_name = "KIND")]
    pub ids: Option<IdKind>,
    /// Leave the order id out
    #[arg(long)]
    pub no_order_ids: bool,
    /// Type of the amounts
    #[arg(long, value_enum, value_name = "TYPE")]
    pub amounts: Option<AmountKind>,
    /// Share of lines with a negative amount
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub share_returns: Option<f64>,
    /// Share of lines without a customer id
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub share_null_ids: Option<f64>,
    /// Share of lines that are repeated
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub share_duplicates: Option<f64>,
    /// Share of lines with a date that cannot be
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub share_bad_dates: Option<f64>,
    /// One `month=YYYY-MM` directory per month
    #[arg(long)]
    pub hive_by_month: bool,
    /// Add columns that no report needs
    #[arg(long)]
    pub extra_columns: bool,
    /// Parameters of the BG/NBD model of purchases, ALPHA in days; the rate of all is scaled until CUSTOMERS buy LINES
    #[arg(long, value_name = "R,ALPHA,A,B", value_parser = parameters::<4>)]
    pub bgnbd: Option<[f64; 4]>,
    /// Take ALPHA as it is: there are as many customers as LINES take
    #[arg(long, conflicts_with = "customers")]
    pub keep_rate: bool,
    /// Parameters of the Gamma-Gamma model of values
    #[arg(long, value_name = "P,Q,GAMMA", value_parser = parameters::<3>)]
    pub gamma_gamma: Option<[f64; 3]>,
    /// Replace files that are there
    #[arg(long)]
    pub overwrite: bool,
}

/// The form of simulated customer ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IdKind {
    /// 64-bit integers
    Integer,
    /// Short texts
    Short,
    /// UUIDs as text
    Uuid,
}

/// The type of simulated amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AmountKind {
    /// 64-bit floating point
    Double,
    /// decimal(18,2)
    Decimal,
}
