//! `rfmetrics simulate`: made-up transactions. Does not live here: what the flags default to (`simulate::options`).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum, ValueHint};

use super::Answer;
use crate::cli::values::{count, parameters, share};
use crate::error::Result;
use crate::simulate::{self, AmountType, IdKind, SimulateOptions};

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics simulate --output demo --lines 2M --customers 100k --seed 7
  rfmetrics simulate --output dirty --lines 1e6 --share-null-ids 0.02 --share-returns 0.05
  rfmetrics simulate --output model --lines 100_000 --bgnbd 0.243,30.9,0.793,2.426 --keep-rate";

/// Write made-up transactions to try things with
#[allow(clippy::struct_excessive_bools, reason = "one per switch on the command line")]
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct SimulateArgs {
    /// Directory to write Parquet files to
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
    /// About so many order lines, as 2M, 1e6 or 100_000_000: orders are drawn, not counted off [default: 1M]
    #[arg(long, value_name = "N", value_parser = count)]
    pub lines: Option<u64>,
    /// Mean number of lines of an order [default: 4]
    #[arg(long, value_name = "F")]
    pub lines_per_order: Option<f64>,
    /// Customers, as 100k [default: as many as the lines suggest]
    #[arg(long, value_name = "N", value_parser = count)]
    pub customers: Option<u64>,
    /// First day, YYYY-MM-DD [default: 2024-01-01]
    #[arg(long, value_name = "DATE")]
    pub start: Option<NaiveDate>,
    /// Last day, YYYY-MM-DD [default: 2025-12-31]
    #[arg(long, value_name = "DATE")]
    pub end: Option<NaiveDate>,
    /// Files to spread the lines over; with --hive-by-month at least one for each month [default: 8]
    #[arg(long, value_name = "N")]
    pub files: Option<u32>,
    /// Seed: the same seed gives the same bytes [default: 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Threads to write with [default: as many as the machine has cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<u32>,
    /// Kind of the customer ids [default: integer]
    #[arg(long, value_enum, value_name = "KIND")]
    pub ids: Option<IdArg>,
    /// Leave the order id out
    #[arg(long)]
    pub no_order_ids: bool,
    /// Type of the amounts [default: double]
    #[arg(long, value_enum, value_name = "TYPE")]
    pub amounts: Option<AmountArg>,
    /// Share of lines with a negative amount [default: 0]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub share_returns: Option<f64>,
    /// Share of lines without a customer id [default: 0]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub share_null_ids: Option<f64>,
    /// Share of lines that are repeated [default: 0]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub share_duplicates: Option<f64>,
    /// Share of lines with a date that cannot be [default: 0]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub share_bad_dates: Option<f64>,
    /// One `month=YYYY-MM` directory per month
    #[arg(long)]
    pub hive_by_month: bool,
    /// Add columns that no report needs
    #[arg(long)]
    pub extra_columns: bool,
    /// Parameters of the BG/NBD model of purchases, ALPHA in days; the rate of all is scaled until CUSTOMERS buy LINES
    /// [default: 0.243,30.898,0.793,2.426]
    #[arg(long, value_name = "R,ALPHA,A,B", value_parser = parameters::<4>)]
    pub bgnbd: Option<[f64; 4]>,
    /// Take ALPHA as it is: there are as many customers as LINES take
    #[arg(long, conflicts_with = "customers")]
    pub keep_rate: bool,
    /// Parameters of the Gamma-Gamma model of values [default: 6.25,3.74,15.44]
    #[arg(long, value_name = "P,Q,GAMMA", value_parser = parameters::<3>)]
    pub gamma_gamma: Option<[f64; 3]>,
    /// Replace files that are there
    #[arg(long)]
    pub overwrite: bool,
}

/// The form of simulated customer ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IdArg {
    /// 64-bit integers
    Integer,
    /// Short texts
    Short,
    /// UUIDs as text
    Uuid,
}

/// The type of simulated amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AmountArg {
    /// 64-bit floating point
    Double,
    /// decimal(18,2)
    Decimal,
}

impl SimulateArgs {
    /// # Errors
    /// A config error where the options are wrong; a write error where files cannot be written.
    pub(crate) fn answer(&self) -> Result<Answer> {
        let made = simulate::simulate(&self.options())?;
        tracing::info!(lines = made.lines, orders = made.orders, customers = made.customers, files = made.files.len());
        Ok(Answer::text(format!("{}\n", self.output.display())))
    }

    /// The generator's options: what was typed over its defaults.
    fn options(&self) -> SimulateOptions {
        let default = SimulateOptions::default();
        let [r, alpha, a, b] = self.bgnbd.unwrap_or([default.r, default.alpha, default.a, default.b]);
        let [p, q, gamma] = self.gamma_gamma.unwrap_or([default.p, default.q, default.gamma]);
        SimulateOptions {
            output: self.output.clone(),
            overwrite: self.overwrite,
            lines: self.lines.unwrap_or(default.lines),
            lines_per_order: self.lines_per_order.unwrap_or(default.lines_per_order),
            customers: self.customers,
            scale_rate: !self.keep_rate,
            start: self.start.unwrap_or(default.start),
            end: self.end.unwrap_or(default.end),
            r,
            alpha,
            a,
            b,
            p,
            q,
            gamma,
            seed: self.seed.unwrap_or(default.seed),
            files: self.files.map_or(default.files, |files| files as usize),
            threads: self.threads.map_or(default.threads, |threads| threads as usize),
            id_kind: self.ids.map_or(default.id_kind, id_kind),
            order_ids: !self.no_order_ids,
            amount_type: self.amounts.map_or(default.amount_type, amount_type),
            share_returns: self.share_returns.unwrap_or(default.share_returns),
            share_null_ids: self.share_null_ids.unwrap_or(default.share_null_ids),
            share_duplicates: self.share_duplicates.unwrap_or(default.share_duplicates),
            share_bad_dates: self.share_bad_dates.unwrap_or(default.share_bad_dates),
            hive_by_month: self.hive_by_month,
            extra_columns: self.extra_columns,
        }
    }
}

fn id_kind(typed: IdArg) -> IdKind {
    match typed {
        IdArg::Integer => IdKind::Integer,
        IdArg::Short => IdKind::Short,
        IdArg::Uuid => IdKind::Uuid,
    }
}

fn amount_type(typed: AmountArg) -> AmountType {
    match typed {
        AmountArg::Double => AmountType::Double,
        AmountArg::Decimal => AmountType::Decimal,
    }
}
