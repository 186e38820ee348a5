//! Settings of the input: where it lies, how its columns are called, which rows count.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one row of the input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// A line of an order, or an order.
    #[default]
    Transactions,
    /// A customer, with their orders summed: `columns.last_order_date` (or `columns.recency_days`), `columns.orders` and
    /// `columns.revenue`, and where they are there `columns.first_order_date`, `columns.purchase_days`,
    /// `columns.transactions`, `columns.largest_order` and `columns.margin`.
    Customers,
}

/// `[input]`: where the transactions lie.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InputOptions {
    /// Parquet files, directories (searched recursively) and glob patterns. In directories, names that end in `.parquet`,
    /// `.parq` or `.pq` count, and files without an ending that are Parquet files.
    pub paths: Vec<String>,
    /// What one row of the input is.
    pub grain: Grain,
    /// A SQL condition on the input's own columns; only rows that meet it are read. It means what the SQL standard says
    /// (docs/expressions.md). Example: `event_type = 'purchase' AND country = 'DE'`.
    pub filter: Option<String>,
    /// A SQL condition that says which rows are interactions, such as `event_type IN ('visit', 'purchase')`; `input.filter`
    /// does not apply to them. With `score.recency.measure = "interaction_days"` recency counts from the last one of a
    /// customer; an order is one, too.
    pub interactions: Option<String>,
    /// Read `key=value` directory names as columns. A needed column that the files have as well must say the same.
    pub hive_partitions: bool,
    /// Trust the minimum and maximum in the footers: row groups that cannot meet `input.filter` are
    /// skipped, and without a filter files whose dates all lie outside the window are not read (the
    /// table `quality` counts their rows, and leaves the amount of such rows null). Off, because some
    /// writers leave wrong ones.
    pub trust_statistics: bool,
    /// Check the checksum of every page that carries one (reads every byte twice).
    pub verify: bool,
    /// What becomes of a needed column that some files lack: `error`, or `null`, as in files that are older than the column.
    /// Customers, dates and amounts must be in all files that have rows.
    pub missing_columns: MissingColumns,
    /// Read columns of bytes without an annotation as texts: as they stand (`utf8`), as hexadecimal digits (`hex`), or 16 bytes
    /// as a UUID (`uuid`). Without it a needed column of bytes is an error. Columns with the annotation UUID are texts anyway.
    pub binary_as_text: Option<BinaryText>,
    /// With several inputs: rows of one customer with one order id are one order, whichever of the inputs that say so they are
    /// in. Without it, receipt 17 of one input and receipt 17 of another are two orders.
    pub shared_order_ids: bool,
}

/// What becomes of a needed column that some files lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MissingColumns {
    /// The run does not start.
    #[default]
    Error,
    /// Its rows have null there.
    Null,
}

/// The text that bytes stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BinaryText {
    /// They are UTF-8.
    Utf8,
    /// Their hexadecimal digits, in lower case.
    Hex,
    /// 16 bytes as a UUID with hyphens, in lower case.
    Uuid,
}

/// `[columns]`: the names in the input of what this program needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnOptions {
    /// Who bought: any integer or string type, a UUID, or whole numbers stored as decimals or floats. This and the other roles of one column may also be SQL expressions on columns, such
    /// as `lower(email)`; a column of that very name wins.
    pub customer_id: String,
    /// Which order the row belongs to: any type of `customer_id`. A list is a key of several columns, for receipt numbers
    /// that only a store or a till tells apart: `["store", "receipt"]`. Where the name was not set and the input has no such
    /// column, each row is an order.
    pub order_id: Option<OrderKey>,
    /// When: a date, a timestamp, a number that is an epoch (with `dates.epoch_unit`) or a written date such as 20251231 (with
    /// `dates.format`), or a text (with `dates.format`).
    pub order_ts: String,
    /// How much: float, integer or decimal, in major units (for example euros). Cents: `amount / 100`; with a column of refunds:
    /// `total_price - refund_total`. `none`: the input has no amounts (clicks, visits, donations that are counted); R and F are
    /// scored, and what is made of money is null or left out. A column of that name is meant in an expression: `none + 0`.
    pub amount: String,
    /// With `unit_price`: the amount is `quantity * unit_price`, and `amount` is not read.
    pub quantity: Option<String>,
    /// See `quantity`.
    pub unit_price: Option<String>,
    /// In which money the amount and the margin of the row are, as `EUR`: a text. With it, amounts are converted by
    /// `currency.rates` into `currency.base`; without rates, all rows must be of one currency. Letter case does not matter. A
    /// constant in single quotes, as `'EUR'`, is the currency of every row.
    pub currency: Option<String>,
    /// What of the row is profit: float, integer or decimal, in major units. It is summed per customer as revenue is, over
    /// the same rows, into the column `margin` of the customers table, and can be scored (`score.monetary.measure`). A row
    /// without a margin counts with 0, and the run says how many there are.
    pub margin: Option<String>,
    /// Of a table of customers (`input.grain = "customers"`): the date of their last order, with the types of `order_ts`.
    /// Default: `last_order_date`, unless `recency_days` is set.
    pub last_order_date: Option<String>,
    /// Of a table of customers, instead of `last_order_date`: whole days from the last order to the analysis date, which
    /// `dates.as_of` then names.
    pub recency_days: Option<String>,
    /// Of a table of customers: the number of their orders. Default: `orders`.
    pub orders: Option<String>,
    /// Of a table of customers: the sum of their amounts, with the types of `amount`; `none` as there. Default: `revenue`.
    pub revenue: Option<String>,
    /// Of a table of customers: the date of their first order. Where the name was not set: `first_order_date`, if the table has
    /// such a column.
    pub first_order_date: Option<String>,
    /// Of a table of customers: the number of distinct days with an order. Where the name was not set: `purchase_days`, if the
    /// table has such a column.
    pub purchase_days: Option<String>,
    /// Of a table of customers: the number of rows of their orders. Where the name was not set: `transactions`, if the table has
    /// such a column.
    pub transactions: Option<String>,
    /// Of a table of customers: the amount of their largest order. Where the name was not set: `largest_order`, if the table has
    /// such a column.
    pub largest_order: Option<String>,
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
            currency: None,
            margin: None,
            last_order_date: None,
            recency_days: None,
            orders: None,
            revenue: None,
            first_order_date: None,
            purchase_days: None,
            transactions: None,
            largest_order: None,
            attributes: Vec::new(),
        }
    }
}

/// What names the amounts where there are none.
pub const NO_AMOUNTS: &str = "none";

impl ColumnOptions {
    /// Whether an input of this grain has amounts.
    #[must_use]
    pub fn has_amounts(&self, grain: Grain) -> bool {
        match grain {
            Grain::Transactions => self.amount != NO_AMOUNTS,
            Grain::Customers => self.revenue.as_deref() != Some(NO_AMOUNTS),
        }
    }

    /// The settings that are for a table of customers alone: the key, what it is set to, and its default.
    #[must_use]
    pub fn of_customers(&self) -> [(&'static str, Option<&str>, &'static str); 8] {
        [
            ("columns.last_order_date", self.last_order_date.as_deref(), "last_order_date"),
            ("columns.recency_days", self.recency_days.as_deref(), "recency_days"),
            ("columns.orders", self.orders.as_deref(), "orders"),
            ("columns.revenue", self.revenue.as_deref(), "revenue"),
            ("columns.first_order_date", self.first_order_date.as_deref(), "first_order_date"),
            ("columns.purchase_days", self.purchase_days.as_deref(), "purchase_days"),
            ("columns.transactions", self.transactions.as_deref(), "transactions"),
            ("columns.largest_order", self.largest_order.as_deref(), "largest_order"),
        ]
    }
}

/// The columns that tell orders apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OrderKey {
    /// One column.
    One(String),
    /// Several columns together.
    Several(Vec<String>),
}

impl OrderKey {
    /// The names, in the order of the settings.
    #[must_use]
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

impl From<&str> for OrderKey {
    fn from(name: &str) -> Self {
        Self::One(name.to_owned())
    }
}

/// The name of the order column that is used when it is there and none was set.
pub const DEFAULT_ORDER_ID: &str = "order_id";

/// The unit of timestamps stored as plain numbers, counted from 1970-01-01 00:00 UTC.
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
    /// Timestamps without a zone are taken as they stand, unless `source_time_zone` is set.
    pub time_zone: String,
    /// The time zone (IANA name) of stamps that carry none: timestamps without a zone, and texts with a time and without an
    /// offset. With it they are points in time, and belong to their day in `time_zone`. A local time that occurs twice is
    /// the earlier one; one that does not occur is as much later as the clock goes forward. Dates without a time stay.
    pub source_time_zone: Option<String>,
    /// The format of dates stored as text, as in chrono's strftime: `%d/%m/%Y`, `%Y-%m-%d %H:%M:%S`. Where it has digits
    /// alone, as `%Y%m%d`, it is also that of dates stored as numbers (20251231), unless `epoch_unit` is set.
    pub format: Option<String>,
    /// The unit of dates stored as plain numbers.
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
            source_time_zone: None,
            format: None,
            epoch_unit: None,
            min_date: None,
        }
    }
}
