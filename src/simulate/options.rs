//! Settings of the generator, their defaults, and the check that finds every wrong one at once.
//!
//! Does not live here: what the settings do; the file of each step says that.

use std::path::PathBuf;

use chrono::NaiveDate;

use crate::error::{Error, Result};

/// How customer and order ids are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdKind {
    /// 64-bit integers, counted from 1; order ids ascend with time.
    #[default]
    Integer,
    /// Short texts, `C000123456` and `O000000123456`; order ids ascend with time as text too.
    Short,
    /// Texts of 36 characters in the form of a UUID: random for customers (version 4), ascending
    /// with time for orders (version 7 in shape, with the order's number in place of the clock).
    Uuid,
}

/// How amounts are written. Both hold the same values, with two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AmountType {
    /// 64-bit floating point.
    #[default]
    Double,
    /// `decimal(18, 2)`.
    Decimal,
}

/// What to generate, and where to.
///
/// A share is a number from 0 to 1: the probability that a line (for `share_null_ids`: an order)
/// is touched, drawn independently for each.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches, each with a flag of its own")]
pub struct SimulateOptions {
    /// The directory that receives the files; made where it is missing.
    pub output: PathBuf,
    /// Replace what an earlier simulation left in `output`. Files that are not named as this
    /// program names them are never replaced: with them the run is refused.
    pub overwrite: bool,
    /// The number of lines aimed at, duplicates included. The true number is random. With the other
    /// defaults its standard deviation is 0.5% of a million lines; with one line per order, where a few
    /// customers make many orders, 1.4%. Ten times the lines leave a third of that.
    pub lines: u64,
    /// Mean number of lines of an order, 1 to 1000; the number is 1 plus a geometric one.
    /// 1 makes each row an order.
    pub lines_per_order: f64,
    /// The number of customers, each with at least one order. Without it `lines / 12`, or a third
    /// of the orders where that is fewer.
    pub customers: Option<u64>,
    /// Multiply all purchase rates by the one factor that meets `lines` with `customers` (that is,
    /// divide `alpha` by it). Without it the parameters are taken as they are, `customers` must not
    /// be given, and as many customers are drawn as `lines` takes.
    pub scale_rate: bool,
    /// The first day with orders.
    pub start: NaiveDate,
    /// The last day with orders.
    pub end: NaiveDate,
    /// BG/NBD: shape of the gamma distribution of purchase rates. Default: CDNOW (Fader, Hardie and Lee 2005).
    pub r: f64,
    /// BG/NBD: rate parameter of that distribution, in days. Default: CDNOW's 4.414 weeks.
    pub alpha: f64,
    /// BG/NBD: first shape of the beta distribution of the dropout probability. Default: CDNOW.
    pub a: f64,
    /// BG/NBD: second shape of that distribution. Default: CDNOW. Where many orders per customer are
    /// wanted, a larger `b` (say 20) is more lifelike than the very high rates it takes otherwise.
    pub b: f64,
    /// Gamma-Gamma: shape of the distribution of a customer's order values. Default: CDNOW (Fader and Hardie 2013).
    pub p: f64,
    /// Gamma-Gamma: shape of the distribution of their rates over customers, above 1. Default: CDNOW.
    pub q: f64,
    /// Gamma-Gamma: rate parameter of that distribution, in major units of money. Default: CDNOW.
    pub gamma: f64,
    /// Same seed, same options, same program: same bytes.
    pub seed: u64,
    /// The number of files, 1 to 10000. Each covers an equal part of the time; one thread writes one file.
    /// With `hive_by_month` every month has the same number of files, and at least one.
    pub files: usize,
    /// Threads to work with; 0 takes as many as the machine offers. Changes no byte of the result.
    pub threads: usize,
    /// How ids are written.
    pub id_kind: IdKind,
    /// Write the column `order_id`.
    pub order_ids: bool,
    /// How amounts are written.
    pub amount_type: AmountType,
    /// Share of lines with a negative amount.
    pub share_returns: f64,
    /// Share of orders without a customer id.
    pub share_null_ids: f64,
    /// Share of lines that repeat the line before them exactly, at most 0.5.
    pub share_duplicates: f64,
    /// Share of lines with a bad date: none, 1900-01-01 or 9999-12-31, a third each.
    /// They lie where their right date would have put them.
    pub share_bad_dates: f64,
    /// Write `month=YYYY-MM/part-0.parquet` in place of `part-0.parquet`.
    pub hive_by_month: bool,
    /// Add the columns `country` (one per customer, five values) and `quantity` (1 to 5, negative on returns).
    pub extra_columns: bool,
}

impl Default for SimulateOptions {
    fn default() -> Self {
        Self {
            output: PathBuf::from("simulated"),
            overwrite: false,
            lines: 1_000_000,
            lines_per_order: 4.0,
            customers: None,
            scale_rate: true,
            start: NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default(),
            end: NaiveDate::from_ymd_opt(2025, 12, 31).unwrap_or_default(),
            r: 0.243,
            alpha: 4.414 * 7.0,
            a: 0.793,
            b: 2.426,
            p: 6.25,
            q: 3.74,
            gamma: 15.44,
            seed: 1,
            files: 8,
            threads: 0,
            id_kind: IdKind::Integer,
            order_ids: true,
            amount_type: AmountType::Double,
            share_returns: 0.0,
            share_null_ids: 0.0,
            share_duplicates: 0.0,
            share_bad_dates: 0.0,
            hive_by_month: false,
            extra_columns: false,
        }
    }
}

/// Customers are numbered in 32 bits.
pub(super) const MOST_CUSTOMERS: u64 = u32::MAX as u64 - 1;
/// More than this is a typing error: it would be hundreds of terabytes.
const MOST_LINES: u64 = 10_000_000_000_000;

impl SimulateOptions {
    /// Checks every setting.
    ///
    /// # Errors
    /// `config`, with one cause for each setting that is out of its range.
    pub fn validate(&self) -> Result<()> {
        let mut problems = self.number_problems();
        problems.extend(self.count_problems());
        problems.extend(self.date_problems());
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::config("the simulation cannot be run with these settings").causes(problems))
    }

    fn number_problems(&self) -> Vec<String> {
        let positive = [
            ("r", self.r),
            ("alpha", self.alpha),
            ("a", self.a),
            ("b", self.b),
            ("p", self.p),
            ("q", self.q),
            ("gamma", self.gamma),
        ];
        // Wider than any fitted parameter, and narrow enough that every later product stays finite.
        let allowed = positive.map(|(name, value)| (name, value, 0.01, 1e9));
        let shares = [
            ("share_returns", self.share_returns, 0.0, 1.0),
            ("share_null_ids", self.share_null_ids, 0.0, 1.0),
            ("share_duplicates", self.share_duplicates, 0.0, 0.5),
            ("share_bad_dates", self.share_bad_dates, 0.0, 1.0),
            ("lines_per_order", self.lines_per_order, 1.0, 1000.0),
        ];
        let mut problems: Vec<String> = allowed
            .into_iter()
            .chain(shares)
            .filter(|(_, value, low, high)| !(low..=high).contains(&value))
            .map(|(name, value, low, high)| format!("`{name}` is {value}, expected {low} to {high}"))
            .collect();
        if self.q <= 1.0 {
            problems.push(format!("`q` is {}, expected more than 1, so that the mean order value exists", self.q));
        }
        problems
    }

    fn count_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !(1..=MOST_LINES).contains(&self.lines) {
            problems.push(format!("`lines` is {}, expected 1 to {MOST_LINES}", self.lines));
        }
        if !(1..=10_000).contains(&self.files) {
            problems.push(format!("`files` is {}, expected 1 to 10000", self.files));
        }
        if self.threads > 1024 {
            problems.push(format!("`threads` is {}, expected 0 to 1024", self.threads));
        }
        match self.customers {
            Some(_) if !self.scale_rate => {
                problems
                    .push("`customers` is given, but without `scale_rate` their number follows from `lines`".into());
            }
            Some(customers) if !(1..=MOST_CUSTOMERS).contains(&customers) => {
                problems.push(format!("`customers` is {customers}, expected 1 to {MOST_CUSTOMERS}"));
            }
            _ => {}
        }
        problems
    }

    fn date_problems(&self) -> Vec<String> {
        use chrono::Datelike;
        let mut problems = Vec::new();
        if self.start > self.end {
            problems.push(format!("`start` is {}, after `end`, {}", self.start, self.end));
        }
        for (name, day) in [("start", self.start), ("end", self.end)] {
            // Bad dates are 1900 and 9999; good ones must differ from them.
            if !(1901..=9998).contains(&day.year()) {
                problems.push(format!("`{name}` is {day}, expected a year from 1901 to 9998"));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(SimulateOptions::default().validate(), Ok(()));
    }

    #[test]
    fn every_wrong_setting_is_named_at_once() {
        let defaults = SimulateOptions::default();
        let options = SimulateOptions {
            lines: 0,
            files: 0,
            threads: 5000,
            customers: Some(0),
            lines_per_order: 0.5,
            r: f64::NAN,
            b: -1.0,
            q: 1.0,
            share_returns: 1.5,
            share_duplicates: 0.6,
            start: defaults.end,
            end: defaults.start,
            ..defaults
        };
        let error = options.validate().expect_err("all of them are wrong");
        assert_eq!(error.kind(), Kind::Config);
        let text = error.to_string();
        for name in [
            "lines",
            "files",
            "threads",
            "customers",
            "lines_per_order",
            "r",
            "b",
            "q",
            "share_returns",
            "share_duplicates",
            "start",
        ] {
            assert!(text.contains(&format!("`{name}` is")), "{name} is missing in: {text}");
        }
        assert_eq!(error.shown_causes().len(), 11);
    }

    #[test]
    fn customers_and_unscaled_rates_exclude_each_other() {
        let options = SimulateOptions { customers: Some(10), scale_rate: false, ..SimulateOptions::default() };
        assert_eq!(options.validate().expect_err("both say how many customers").shown_causes().len(), 1);
    }
}
