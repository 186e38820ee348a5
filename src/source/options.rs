//! Settings of the input: where it lies, how its columns are called, which rows count.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[input]`: where the transactions lie.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InputOptions {
    /// Parquet files, directories (searched recursively) and glob patterns.
    pub paths: Vec<String>,
    /// A SQL condition on the input's own columns; only rows that meet it are read.
    /// Example: `event_type = 'purchase' AND country = 'DE'`.
    pub filter: Option<String>,
    /// A SQL condition that says which rows are interactions, such as `event_type IN ('visit', 'purchase')`; `input.filter`
    /// does not apply to them. With `score.recency.measure = "interaction_days"` recency counts from the last one of a
    /// customer; an order is one, too.
    pub interactions: Option<String>,
    /// Read `key=value` directory names as columns.
    pub hive_partitions: bool,
    /// Trust the minimum and maximum in the footers: row groups that cannot meet `input.filter` are
    /// skipped, and without a filter files whose dates all lie outside the window are not read (the
    /// table `quality` counts their rows, and leaves the amount of such rows null). Off, because some
    /// writers leave wrong ones.
    pub trust_statistics: bool,
    /// Check the checksum of every page that carries one (reads every byte twice).
    pub verify: bool,
}

/// `[columns]`: the names in the input of what this program needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnOptions {
    /// Who bought: any integer or string type.
    pub customer_id: String,
    /// Which order the row belongs to: any integer or string type. Where the name was not set and
    /// the input has no such column, each row is an order.
    pub order_id: Option<String>,
    /// When: a date, a timestamp, an integer epoch (with `dates.epoch_unit`) or a text (with `dates.format`).
    pub order_ts: String,
    /// How much: float, integer or decimal, in major units (for example euros).
    pub amount: String,
    /// With `unit_price`: the amount is `quantity * unit_price`, and `amount` is not read.
    pub quantity: Option<String>,
    /// See `quantity`.
    pub unit_price: Option<String>,
    /// What of the row is profit: float, integer or decimal, in major units. It is summed per customer beside revenue, over
    /// the same rows, into the column `margin` of the customers table, and can be scored (`score.monetary.measure`). A row
    /// without a margin counts with 0, and the run says how many there are.
    pub margin: Option<String>,
    /// Further columns whose last value per customer is carried into the customers table, behind its own columns and
    /// under their own names: the value of the kept row with the latest date (dates written as text count by their day),
    /// of several the greatest; null only where all are. Integers become int64 and floats double; booleans and dates stay;
    /// timestamps, decimals, uint64 and anything else become text.
    pub attributes: Vec<String>,
}

impl Default for ColumnOptions {
    fn default() -> Self {
        Self {
            customer_id: "customer_id".into(),
            order_id: None,
            order_ts: "order_ts".into(),
            amount: "amount".into(),
            quantity: None,
            unit_price: None,
            margin: None,
            attributes: Vec::new(),
        }
    }
}

/// The name of the order column that is used when it is there and none was set.
pub const DEFAULT_ORDER_ID: &str = "order_id";

/// The unit of integer timestamps, counted from 1970-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EpochUnit {
    /// Seconds.
    S,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds.
    Ns,
    /// Whole days.
    D,
}

/// What a window of days is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowAppliesTo {
    /// Orders of these days count for frequency and money. Recency, first order and tenure look at all days up to the
    /// analysis date, and customers who bought nothing in the window stay, with 0 orders.
    #[default]
    FrequencyAndMoney,
    /// Rows before the window are cut, and customers without a row in it are in no table.
    Everything,
}

/// `[dates]`: the analysis date, the window, and how timestamps become days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DateOptions {
    /// The analysis date, `YYYY-MM-DD`: rows dated on or before it count. Without it, the last valid date in the data.
    pub as_of: Option<String>,
    /// Days whose orders count for frequency and money, `(as_of - window_days, as_of]`. Without it, all up to `as_of`.
    pub window_days: Option<u32>,
    /// What the window is for.
    pub window_applies_to: WindowAppliesTo,
    /// The business time zone (IANA name) in which the day of a timestamp is taken.
    /// Timestamps without a zone are taken as they stand.
    pub time_zone: String,
    /// The format of dates stored as text, as in chrono's strftime: `%d/%m/%Y`, `%Y-%m-%d %H:%M:%S`.
    pub format: Option<String>,
    /// The unit of dates stored as plain integers.
    pub epoch_unit: Option<EpochUnit>,
    /// Rows dated before this day (`YYYY-MM-DD`) are quarantined as `date_before_min`.
    pub min_date: Option<String>,
}

impl Default for DateOptions {
    fn default() -> Self {
        Self {
            as_of: None,
            window_days: None,
            window_applies_to: WindowAppliesTo::default(),
            time_zone: "UTC".into(),
            format: None,
            epoch_unit: None,
            min_date: None,
        }
    }
}
