//! Customer ids as a column. Does not live here: any table.

use std::ops::Range;

use polars::prelude::*;

use super::findings::Findings;
use crate::customers::CustomerIds;
use crate::values::{Numbers, Values};

/// The ids of the customers of these rows: numbers where they stand.
pub(super) fn values(findings: &Findings, rows: Range<usize>) -> Values<'_> {
    match &findings.customers.ids {
        CustomerIds::Integer(ids) => Numbers::I64(&ids[rows]).into(),
        CustomerIds::Text { .. } => Values::Plain(column(findings, rows)),
    }
}

/// The ids of customers in any order, as a column `customer_id`.
pub(super) fn column(findings: &Findings, rows: impl Iterator<Item = usize>) -> Column {
    let name = "customer_id".into();
    match &findings.customers.ids {
        CustomerIds::Integer(ids) => Column::new(name, rows.map(|row| ids[row]).collect::<Vec<_>>()),
        ids @ CustomerIds::Text { .. } => {
            // Ids came out of a text column: they are UTF-8.
            let texts = rows.map(|row| std::str::from_utf8(ids.text(row)).unwrap_or_default());
            StringChunked::from_iter_values(name, texts).into_column()
        }
    }
}
