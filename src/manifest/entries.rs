//! The parts of a manifest that are plain facts of a run, each the type that is written and read.
//!
//! Does not live here: what is learned, which the room that learns it describes, and the list of tables (`tables`).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::files::FileSeal;
use crate::known::LeftOut;
use crate::members::MemberCounts;

/// `totals`: a run in a few numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Rows that were read.
    pub rows_in: u64,
    /// Rows that are used.
    pub rows_used: u64,
    /// Rows that are bad, or that a setting leaves out. In manifests of version 0 those outside the time that is looked at
    /// count here as well.
    pub rows_rejected: u64,
    /// Rows dated after the analysis date; none in manifests of version 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_after_as_of: Option<u64>,
    /// Rows dated before the window; none in manifests of version 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_before_window: Option<u64>,
    /// Customers.
    pub customers: u64,
    /// Orders of all customers.
    pub orders: u64,
    /// Revenue of all customers, whole numbers of `10^-money_scale`; none where the input has no amounts.
    pub revenue_minor_units: Option<i64>,
    /// Decimals of money.
    pub money_scale: u8,
    /// The last date with an order; none without customers.
    pub last_date: Option<NaiveDate>,
    /// Margin of all customers, as revenue; none where the run has no margins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin_minor_units: Option<i128>,
}

/// An entry of `account`: rows with one outcome. All entries together count every row once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEntry {
    /// The outcome, as in the table `quality`.
    pub outcome: String,
    /// Its rows.
    pub rows: u64,
}

/// An entry of `account_by_input`: the row account of one of several inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputAccountEntry {
    /// The name of the input.
    pub name: String,
    /// Its rows that were read.
    pub rows_in: u64,
    /// Rows per outcome, as in `account`; rows of orders that are left out as no purchases are `kept` here.
    pub account: Vec<AccountEntry>,
    /// Its rows that the filter left out; none without a filter.
    pub rows_filtered: Option<u64>,
    /// Its rows that repeat others; none where they were not counted.
    pub rows_repeated: Option<u64>,
}

/// `notes`: what was noticed of the rows, and is not worth a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// Bad rows.
    pub rows_quarantined: u64,
    /// Amounts that had more decimals than money has.
    pub amounts_rounded: u64,
    /// Customer ids that were trimmed or changed in another way.
    pub ids_changed: u64,
    /// Rows that repeat others; none where they were not counted.
    pub rows_repeated: Option<u64>,
    /// Rows that the filter left out; none without a filter.
    #[serde(default)]
    pub rows_filtered: Option<u64>,
    /// Rows whose order id is null.
    pub rows_without_order_id: u64,
    /// Orders that sum to zero or less.
    pub orders_not_above_zero: u64,
    /// Orders that are returns: credit notes, and orders that were taken back.
    #[serde(default)]
    pub returns: u64,
    /// What returns that count take off revenue: zero or less.
    #[serde(default)]
    pub returns_minor_units: i128,
    /// Customers without an order that counts.
    pub customers_without_order: u64,
    /// The money of these customers in the window, which is in no table: zero or less.
    #[serde(default)]
    pub revenue_without_order_minor_units: i128,
    /// The money of orders before the window: `kept` amounts are it, that of customers without an order, and revenue.
    #[serde(default)]
    pub revenue_before_window_minor_units: i128,
    /// The keys of the segments of the run's own map that no customer is in.
    pub segments_without_customers: Vec<String>,
    /// What is left out or null, since the input does not tell it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// `currency`: what amounts were in, and what they were converted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencyEntry {
    /// What all money of the run is in; none where neither a base is named nor a row is used.
    pub base: Option<String>,
    /// The currencies of the rows, by name.
    pub rows: Vec<CurrencyRowsEntry>,
    /// The rates; none where there are none, and all amounts are in one currency.
    pub rates: Option<RatesEntry>,
    /// The oldest rate that a used row was converted by; none where rates have no days.
    pub oldest_rate: Option<OldestRateEntry>,
}

/// Rows of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencyRowsEntry {
    /// The currency.
    pub currency: String,
    /// Rows that the cleaning has kept.
    pub rows_kept: u64,
    /// Rows that are quarantined as `missing_rate`.
    pub rows_without_rate: u64,
}

/// The table of rates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatesEntry {
    /// Its files: runs with the same checksums have had the same rates.
    pub files: Vec<RateFileEntry>,
    /// How many rates it has.
    pub rates: u64,
    /// Of how many currencies beside the base.
    pub currencies: u64,
    /// The first day with a rate; none where rates have no days.
    pub first_day: Option<NaiveDate>,
    /// The last day with a rate.
    pub last_day: Option<NaiveDate>,
}

/// A file of rates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateFileEntry {
    /// Its path.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// A rate that was long ago.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldestRateEntry {
    /// Of this currency.
    pub currency: String,
    /// The day of the rate.
    pub rate_date: NaiveDate,
    /// The first day of a row that it was that old for.
    pub row_date: NaiveDate,
    /// The days between them.
    pub age_days: u32,
}

/// An entry of `inputs`: a file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputEntry {
    /// The name of its input; none where there is one that has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Its path.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its rows, as its footer says.
    pub rows: u64,
}

/// An entry of `lookups`: a file of a table next to the transactions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupEntry {
    /// The setting that names the table.
    pub setting: String,
    /// Its path.
    pub path: String,
    /// Its rows, as its footer says.
    pub rows: u64,
    /// Its size and checksum.
    #[serde(flatten)]
    pub seal: FileSeal,
}

/// `aliases`: what old ids did to the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasesEntry {
    /// Old ids of the table.
    pub old_ids: u64,
    /// Old ids from the first of a chain to the id of today, at most.
    pub longest_chain: u32,
    /// Old ids that used rows have.
    pub old_ids_found: u64,
    /// Old ids that no used row has.
    pub old_ids_unmatched: u64,
    /// Used rows with an old id.
    pub rows_moved: u64,
    /// Customers to whom these rows went.
    pub customers_merged: u64,
}

/// `members`: the rows of the table of members, by what became of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersEntry {
    /// Their numbers.
    #[serde(flatten)]
    pub counts: MemberCounts,
    /// Customers without a row.
    pub customers_without_row: u64,
}

/// An entry of `stages`: how long a part of the run took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageEntry {
    /// Its name.
    pub stage: String,
    /// Wall time.
    pub seconds: f64,
}

/// `social`: how social value was weighed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SocialEntry {
    /// The indices.
    pub indices: Vec<String>,
    /// Their weights, in the same order.
    pub weights: Vec<f64>,
    /// Customers who have social measures.
    pub customers: u64,
}
