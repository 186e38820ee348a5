//! The parts of a manifest that are plain facts of a run, each the type that is written and read.
//!
//! Does not live here: what is learned, which the room that learns it describes, and the list of tables (`tables`).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// `totals`: a run in a few numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Rows that were read.
    pub rows_in: u64,
    /// Rows that are used.
    pub rows_used: u64,
    /// Rows that are not.
    pub rows_rejected: u64,
    /// Customers.
    pub customers: u64,
    /// Orders of all customers.
    pub orders: u64,
    /// Revenue of all customers, whole numbers of `10^-money_scale`.
    pub revenue_minor_units: i64,
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
}

/// An entry of `inputs`: a file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputEntry {
    /// Its path.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its rows, as its footer says.
    pub rows: u64,
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
