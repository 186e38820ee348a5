//! Settings of the cleaning: what an order is, which rows are bad, and how much bad is too much.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one order is, where the input has no order id (or where it should not be used).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrdersBy {
    /// Rows with the same order id of one customer.
    OrderId,
    /// Rows with the same order id of one customer on one day: for receipt numbers that come again.
    OrderIdAndDay,
    /// Each row.
    Row,
    /// All rows of one customer on one day.
    Day,
}

/// What returns are: a purchase is an order whose rows sum above zero, or to zero without a row below zero; everything else is
/// a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// Returns lower revenue, and nothing else: they are no orders, and move no date.
    #[default]
    Net,
    /// Every order id counts as an order, whatever it sums to.
    Literal,
    /// An order whose rows sum to zero or less is no order: its rows are left out, with their money, and counted.
    Purchases,
    /// Rows below zero are left out, with their money, and counted.
    Drop,
}

/// What happens to rows whose amount is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ZeroAmounts {
    /// They are rows like any other.
    #[default]
    Keep,
    /// They are left out and counted.
    Drop,
}

/// `[clean]`: which rows are used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CleanOptions {
    /// What one order is. Default: `order_id` where the input has such a column (or all columns of `columns.order_id`), else `row`.
    pub orders_by: Option<OrdersBy>,
    /// What returns are.
    pub returns: Returns,
    /// What happens to rows of amount zero.
    pub zero_amounts: ZeroAmounts,
    /// Drop exact repeats of a row: rows, of any of the files, that are equal in all columns of the files and in the keys of
    /// their `key=value` directories; a column that a file lacks is null there. They are taken out, and counted as
    /// `duplicate`, whatever else is wrong with them, but for those outside the time that is looked at and of excluded
    /// customers. All columns are read once more, in bounded memory.
    pub dedupe: bool,
    /// Count exact repeats of a row, as `dedupe` finds them, and keep them: the manifest and the summary tell how many there
    /// are. All columns are read once more, in bounded memory.
    pub count_repeats: bool,
    /// With these columns, rows that agree in them are repeats, and the first by all columns that the run reads is kept
    /// (nulls last). A null agrees with a null. The rows are held in memory.
    pub dedupe_keys: Vec<String>,
    /// With `dedupe_keys`: of rows with one key, the one with the greatest value in this column is kept (the latest version of
    /// a line, where each change is a row); null and NaN are the least, texts are compared byte by byte, and of equal ones the
    /// first by all columns is kept. `input.filter` applies to the rows that are kept, so that it can drop deleted lines.
    pub dedupe_latest_by: Option<String>,
    /// Decimals of money: amounts are turned into whole units of 10^-money_scale and summed exactly. 0 to 6.
    pub money_scale: u8,
    /// Rows with an amount below this (major units) are quarantined as `amount_out_of_range`.
    pub min_amount: Option<f64>,
    /// Rows with an amount above this (major units) are quarantined as `amount_out_of_range`.
    pub max_amount: Option<f64>,
    /// Customer ids that mean nobody (`NULL`, `guest`): quarantined as `blank_customer`.
    pub nobody_ids: Vec<String>,
    /// Cut white space off both ends of text ids.
    pub trim_ids: bool,
    /// Turn text ids to lower case.
    pub lowercase_ids: bool,
    /// Stop, and publish nothing, when more than this share of the rows is quarantined (0..1).
    pub max_quarantined_share: f64,
    /// Stop on any quarantined row.
    pub strict: bool,
    /// Publish empty tables when no row is kept, instead of stopping.
    pub allow_empty: bool,
    /// Quarantined rows written out per reason, and of several inputs of each; all of them are counted.
    pub quarantine_rows: u32,
}

impl Default for CleanOptions {
    fn default() -> Self {
        Self {
            orders_by: None,
            returns: Returns::Net,
            zero_amounts: ZeroAmounts::Keep,
            dedupe: false,
            count_repeats: false,
            dedupe_keys: Vec::new(),
            dedupe_latest_by: None,
            money_scale: 2,
            min_amount: None,
            max_amount: None,
            nobody_ids: Vec::new(),
            trim_ids: false,
            lowercase_ids: false,
            max_quarantined_share: 0.5,
            strict: false,
            allow_empty: false,
            quarantine_rows: 1_000,
        }
    }
}
