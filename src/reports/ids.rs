//! Customer ids as a column. Does not live here: any table.

use std::ops::Range;

use polars::prelude::*;

use super::findings::Findings;
use crate::batch::pair::{PairIds, PlainId};
use crate::customers::{CustomerIds, Customers};
use crate::schema::{ColumnEntry, ColumnType, column as entry};
use crate::values::{Numbers, Values};

/// The column of tables that have no attributes, where customers are pairs.
#[rustfmt::skip]
pub(super) const OF_PAIRS: &[ColumnEntry] = &[
    entry("customer_per", ColumnType::Text, "", "with `customers.per`, what makes a customer together with customer_id: the value as text, null for null"),
];

/// The ids of the customers of these rows: numbers where they stand.
pub(super) fn values(findings: &Findings, rows: Range<usize>) -> Values<'_> {
    match &findings.customers.ids {
        CustomerIds::Integer(ids) => Numbers::I64(ids[rows].into()).into(),
        CustomerIds::Text { .. } => Values::Plain(column(findings, rows)),
    }
}

/// The ids of customers in any order, as a column `customer_id`.
pub(super) fn column(findings: &Findings, rows: impl Iterator<Item = usize>) -> Column {
    let name = "customer_id".into();
    let customers = &findings.customers;
    match (&customers.ids, customers.pairs) {
        (ids @ CustomerIds::Integer(_), _) | (ids, None) => of(ids, rows),
        (CustomerIds::Text { .. }, Some(PairIds::Integer)) => {
            let id = |row: usize| if let PlainId::Integer(id) = customers.plain_id(row) { Some(id) } else { None };
            Column::new(name, rows.filter_map(id).collect::<Vec<_>>())
        }
        (CustomerIds::Text { .. }, Some(PairIds::Text)) => {
            StringChunked::from_iter_values(name, rows.map(|row| plain_text(customers, row))).into_column()
        }
    }
}

/// Some of these ids, which are no pairs, as a column `customer_id`.
pub(super) fn of(ids: &CustomerIds, rows: impl Iterator<Item = usize>) -> Column {
    let name = "customer_id".into();
    match ids {
        CustomerIds::Integer(ids) => Column::new(name, rows.map(|row| ids[row]).collect::<Vec<_>>()),
        ids @ CustomerIds::Text { .. } => {
            // Ids came out of a text column: they are UTF-8.
            let texts = rows.map(|row| std::str::from_utf8(ids.text(row)).unwrap_or_default());
            StringChunked::from_iter_values(name, texts).into_column()
        }
    }
}

fn plain_text(customers: &Customers, row: usize) -> String {
    match customers.plain_id(row) {
        PlainId::Integer(id) => id.to_string(),
        PlainId::Text(id) => String::from_utf8_lossy(&id).into_owned(),
    }
}

/// What makes pairs of customers, in any order, as a column of texts.
pub(super) fn per(findings: &Findings, rows: impl Iterator<Item = usize>) -> Column {
    let value = |row: usize| findings.customers.per(row).map(|value| std::str::from_utf8(value).unwrap_or_default());
    StringChunked::from_iter_options("customer_per".into(), rows.map(value)).into_column()
}
