//! Whether the files are a table of customers, and which of its columns is which.
//!
//! Told by names alone: a count of orders beside the date of the last one, or the days since. Does not live here: the columns of
//! transactions (`guess`).

use super::guess::{self, Taken};
use super::{Guesses, quoted, setting};
use crate::source::footers::Column;

/// A column of a table of customers: the setting, and whether a table of customers has it for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) key: &'static str,
    pub(crate) taken: Taken,
}

/// The columns; none where the files are no table of customers.
pub(crate) fn columns_of(columns: &[Column]) -> Option<Vec<Given>> {
    let of = |key: &'static str| {
        let (known, fits): (&[&str], guess::Fits) = match key {
            "columns.last_order_date" => (LAST_ORDER, guess::is_time),
            "columns.recency_days" => (RECENCY, guess::is_number),
            "columns.orders" => (ORDER_COUNT, guess::is_number),
            "columns.revenue" => (REVENUE, guess::is_number),
            "columns.first_order_date" => (FIRST_ORDER, guess::is_time),
            "columns.purchase_days" => (PURCHASE_DAYS, guess::is_number),
            _ => (LARGEST_ORDER, guess::is_number),
        };
        guess::by_name(columns, known, &[fits]).map(|taken| Given { key, taken })
    };
    let orders = of("columns.orders")?;
    let last = of("columns.last_order_date").or_else(|| of("columns.recency_days"))?;
    let others = ["columns.revenue", "columns.first_order_date", "columns.purchase_days", "columns.largest_order"];
    Some([last, orders].into_iter().chain(others.into_iter().filter_map(of)).collect())
}

impl Guesses {
    /// The settings of a table of customers.
    pub(super) fn of_customers(&mut self, given: &[Given]) {
        let why = "a number of orders stands beside the last one";
        self.settings.push(setting("input.grain", "customers", &format!("guessed because {why}")));
        self.notes.push(format!("grain: each row is taken for a customer, because {why}"));
        for Given { key, taken: Taken { name, why, .. } } in given {
            self.settings.push(setting(key, name.as_str(), &format!("guessed {why}")));
            self.notes.push(format!("{}: {}, {why}", key.trim_start_matches("columns."), quoted(name)));
        }
        let has = |key: &str| given.iter().any(|given| given.key == key);
        if has("columns.recency_days") {
            self.open.push("as_of: the days since the last order are counted to a date that the files do not say; set `dates.as_of`".to_owned());
        }
        if !has("columns.revenue") {
            self.open.push(
                "revenue: could not be guessed; set `columns.revenue` to the sum of what each customer paid, or to \"none\" where the \
                 table has no amounts"
                    .to_owned(),
            );
        }
    }
}

/// How many orders.
const ORDER_COUNT: &[&str] = &[
    "orders",
    "ordercount",
    "orderscount",
    "numberoforders",
    "numorders",
    "norders",
    "totalorders",
    "purchasecount",
    "numberofpurchases",
    "transactioncount",
    "numberoftransactions",
    "frequency",
    "订单数",
    "订单数量",
    "购买次数",
    "消费次数",
];

/// When they ordered last.
const LAST_ORDER: &[&str] = &[
    "lastorderdate",
    "lastorderts",
    "lastorderat",
    "lastorder",
    "mostrecentorderdate",
    "mostrecentorder",
    "lastpurchasedate",
    "lastpurchaseat",
    "lastpurchase",
    "mostrecentpurchase",
    "latestvisitdate",
    "mostrecentvisit",
    "lastvisitdate",
    "lasttransactiondate",
    "最后消费日期",
    "最后购买日期",
    "最近消费日期",
    "最近消费时间",
    "最近购买日期",
];

/// How many days ago.
const RECENCY: &[&str] = &["recencydays", "dayssincelastorder", "dayssincelastpurchase", "recency", "最近消费天数"];

/// How much in total.
const REVENUE: &[&str] = &[
    "revenue",
    "totalrevenue",
    "customerlifetimevalue",
    "lifetimevalue",
    "totalspent",
    "totalspend",
    "totalsales",
    "totalamount",
    "monetaryvalue",
    "monetary",
    "amount",
    "累计消费金额",
    "消费总额",
    "消费金额",
];

/// When they ordered first.
const FIRST_ORDER: &[&str] = &[
    "firstorderdate",
    "firstorderts",
    "firstorderat",
    "firstorder",
    "firstpurchasedate",
    "firstpurchase",
    "首次消费日期",
    "首次购买日期",
];

/// On how many days.
const PURCHASE_DAYS: &[&str] = &["purchasedays", "购买天数", "消费天数"];

/// The largest order.
const LARGEST_ORDER: &[&str] = &["largestorder", "largestorderamount", "maxorderamount", "maxorder"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::kinds::ColumnKind;

    fn found(columns: &[(&str, ColumnKind)]) -> Option<Vec<(&'static str, String)>> {
        let column = |(name, kind): &(&str, ColumnKind)| Column::sample(name, kind.clone());
        let columns: Vec<Column> = columns.iter().map(column).collect();
        Some(columns_of(&columns)?.into_iter().map(|given| (given.key, given.taken.name)).collect())
    }

    #[test]
    fn well_known_tables_of_customers_are_understood() {
        let (int, date, float) = (ColumnKind::Int { bits: 64, signed: true }, ColumnKind::Date, ColumnKind::Float64);
        // The package rfm of R.
        let r = [
            ("customer_id", int.clone()),
            ("revenue", int.clone()),
            ("most_recent_visit", date.clone()),
            ("number_of_orders", int.clone()),
            ("recency_days", int.clone()),
        ];
        let expected = [
            ("columns.last_order_date", "most_recent_visit"),
            ("columns.orders", "number_of_orders"),
            ("columns.revenue", "revenue"),
        ];
        assert_eq!(found(&r).unwrap(), expected.map(|(key, name)| (key, name.to_owned())));
        // The first model of dbt's own example.
        let dbt = [
            ("customer_id", int.clone()),
            ("first_order", date.clone()),
            ("most_recent_order", date.clone()),
            ("number_of_orders", int.clone()),
            ("customer_lifetime_value", float),
        ];
        let keys: Vec<&str> = found(&dbt).unwrap().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["columns.last_order_date", "columns.orders", "columns.revenue", "columns.first_order_date"]);
        let days = [("id", int.clone()), ("recency", int.clone()), ("frequency", int.clone())];
        assert_eq!(found(&days).unwrap()[0], ("columns.recency_days", "recency".to_owned()));
        let transactions = [("customer_id", int.clone()), ("orders", int), ("order_date", date)];
        assert_eq!(found(&transactions), None);
    }
}
