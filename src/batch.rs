//! A batch of rows: the names of its columns as it is read, and its values once it is judged.
//!
//! Does not live here: how rows are read (`source`), judged (`clean`) or folded (`customers`).

pub mod pair;

use std::ops::Range;

/// The names under which a batch carries its columns, whatever they are called in the input.
pub mod role {
    /// Who bought.
    pub const CUSTOMER: &str = "customer_id";
    /// Which order.
    pub const ORDER: &str = "order_id";
    /// When.
    pub const TIME: &str = "order_ts";
    /// How much.
    pub const AMOUNT: &str = "amount";
    /// How many.
    pub const QUANTITY: &str = "quantity";
    /// At what price.
    pub const UNIT_PRICE: &str = "unit_price";
    /// In which money the amount and the margin are.
    pub const CURRENCY: &str = "rfmetrics_currency";
    /// Of a table of customers: days since the last order.
    pub const RECENCY_DAYS: &str = "rfmetrics_recency_days";
    /// Of a table of customers: how many orders.
    pub const ORDERS: &str = "rfmetrics_orders";
    /// Of a table of customers: the day of the first order.
    pub const FIRST_ORDER: &str = "rfmetrics_first_order";
    /// Of a table of customers: days with an order.
    pub const PURCHASE_DAYS: &str = "rfmetrics_purchase_days";
    /// Of a table of customers: rows of the orders.
    pub const TRANSACTIONS: &str = "rfmetrics_transactions";
    /// Of a table of customers: the largest order.
    pub const LARGEST_ORDER: &str = "rfmetrics_largest_order";
    /// What of the amount is profit.
    pub const MARGIN: &str = "rfmetrics_margin";
    /// Whether the row meets the user's filter, where rows that do not are read, too.
    pub const USED: &str = "rfmetrics_used";
    /// Whether the row is an interaction, where these are asked for.
    pub const INTERACTION: &str = "rfmetrics_interaction";
    /// Number of the row among the rows scanned together.
    pub const ROW: &str = "rfmetrics_row";
    /// The value by which the latest of several rows is chosen.
    pub const LATEST: &str = "rfmetrics_latest";
    /// What makes a customer together with their id.
    pub const PER: &str = "rfmetrics_per";
    /// The path of the row's file, while values of directory names are looked up.
    pub const PATH: &str = "rfmetrics_path";

    /// A column of an order key of several, by its place in the key.
    #[must_use]
    pub fn order_part(place: usize) -> String {
        format!("rfmetrics_order_{place}")
    }

    /// The column of an attribute, by its name in the input.
    #[must_use]
    pub fn attribute(name: &str) -> String {
        format!("rfmetrics_attribute_{name}")
    }

    /// A column as its file has it, where another type holds the values of all files; by its index among the needed columns.
    #[must_use]
    pub fn raw(index: usize) -> String {
        format!("rfmetrics_raw_{index}")
    }

    /// A column by which rows are compared with one another, by its index among them.
    #[must_use]
    pub fn compared(index: usize) -> String {
        format!("rfmetrics_compared_{index}")
    }
}

/// Customer ids of a batch, one per row.
#[derive(Debug, Clone, Copy)]
pub enum Ids<'a> {
    /// Integer ids.
    Integer(&'a [i64]),
    /// Text ids, as UTF-8 bytes.
    Text(&'a [&'a [u8]]),
}

impl Ids<'_> {
    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Integer(ids) => ids.len(),
            Self::Text(ids) => ids.len(),
        }
    }

    /// True without rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Cleaned rows, column by column. All slices have one length.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Who bought.
    pub ids: Ids<'a>,
    /// The order's identity, as bits; `None` where each row is an order.
    pub orders: Option<&'a [i64]>,
    /// Rows without an order id are orders by themselves; `None` where every row has one.
    pub has_order: Option<&'a [bool]>,
    /// Days since 1970-01-01.
    pub days: &'a [i32],
    /// Amounts in minor units.
    pub amounts: &'a [i64],
    /// Rows to use; `None` for all.
    pub kept: Option<&'a [bool]>,
}

impl Batch<'_> {
    /// Some of the rows.
    #[must_use]
    pub fn rows(&self, rows: Range<usize>) -> Self {
        Self {
            ids: match self.ids {
                Ids::Integer(ids) => Ids::Integer(&ids[rows.clone()]),
                Ids::Text(ids) => Ids::Text(&ids[rows.clone()]),
            },
            orders: self.orders.map(|orders| &orders[rows.clone()]),
            has_order: self.has_order.map(|has_order| &has_order[rows.clone()]),
            days: &self.days[rows.clone()],
            amounts: &self.amounts[rows.clone()],
            kept: self.kept.map(|kept| &kept[rows]),
        }
    }

    /// The identity of the row's order; none where the row is an order by itself.
    #[must_use]
    pub fn order_of(&self, row: usize) -> Option<i64> {
        let has_order = self.has_order.is_none_or(|has_order| has_order[row]);
        self.orders.filter(|_| has_order).map(|orders| orders[row])
    }

    pub(crate) fn line(&self, row: usize) -> Line {
        let (order, lone) = self.order_of(row).map_or((0, true), |order| (order.cast_unsigned(), false));
        let amount = self.amounts[row];
        Line { order, amount, day: self.days[row], lines: 1, is_lowered: amount < 0, lone }
    }

    /// Whether a row is to be used.
    #[must_use]
    pub fn is_kept(&self, row: usize) -> bool {
        self.kept.is_none_or(|kept| kept[row])
    }
}

/// One order line, ready to be folded, or several lines of one order that came one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Identity of the order within its customer: an integer id, or the hash of a text id.
    pub order: u64,
    /// Amount in minor units; the sum of the lines.
    pub amount: i64,
    /// Days since 1970-01-01: lines that come as one are of one day.
    pub day: i32,
    /// How many lines these are.
    pub lines: u32,
    /// True where one of them is below zero.
    pub is_lowered: bool,
    /// True where the row is an order by itself, whatever its `order` says.
    pub lone: bool,
}
