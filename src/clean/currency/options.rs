//! Settings of currencies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[currency]`: amounts in several currencies, told apart by `columns.currency`, as amounts in one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CurrencyOptions {
    /// The currency that every amount is converted into, as `EUR`. Its own rate is 1. Without `rates`, all amounts must be in it.
    pub base: Option<String>,
    /// A Parquet table of rates with the columns `currency`, `rate` and perhaps `day`. `rate`: units of the base for one unit of
    /// the currency, a decimal, a text as `1.0837`, an integer or a float (which is its shortest decimal). With `day` (a date,
    /// or a text as `2025-12-31`) the latest rate on or before the day of a row counts; without it one rate counts for all days.
    pub rates: Option<String>,
    /// A rate counts for its own day and so many days after it. An older one counts as missing: the row is quarantined as
    /// `missing_rate`. Only where `rates` has a column `day`.
    pub max_age_days: u32,
}

/// Over weekends and holidays markets give no rates.
pub const DEFAULT_MAX_AGE_DAYS: u32 = 7;

impl Default for CurrencyOptions {
    fn default() -> Self {
        Self { base: None, rates: None, max_age_days: DEFAULT_MAX_AGE_DAYS }
    }
}
