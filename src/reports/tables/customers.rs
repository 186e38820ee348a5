//! The customers table, a slice of one column at a time, so that its many columns never stand in memory at once.

use std::ops::Range;

use polars::prelude::*;

use crate::customers::CustomerIds;
use crate::reports::findings::Findings;
use crate::reports::finish::major_units;
use crate::values::{Numbers, Places, Values};

/// The rows `rows` of one column of the customers table, before typing.
///
/// # Errors
/// A Polars error for a column that the table does not have, which would be a bug.
pub(crate) fn values<'a>(findings: &'a Findings, name: &str, rows: Range<usize>) -> PolarsResult<Values<'a>> {
    let customers = &findings.customers;
    let days = |values: &'a [i32]| Numbers::I32(values[rows.clone()].into()).into();
    let counts = |values: &'a [u32]| Numbers::U32(&values[rows.clone()]).into();
    let wide = |values: &'a [i64]| Numbers::I64(&values[rows.clone()]).into();
    let doubles = |values: Vec<f64>| Values::Plain(Column::new(name.into(), values));
    Ok(match name {
        "customer_id" => match &customers.ids {
            CustomerIds::Integer(ids) => wide(ids),
            ids @ CustomerIds::Text { .. } => Values::Plain(self::ids(ids, rows)),
        },
        "first_order_date" => days(&customers.first_day),
        "last_order_date" => days(&customers.last_day),
        "recency_days" => days(&findings.recency_days),
        "interaction_days" => interaction_days(findings, rows).into(),
        "tenure_days" => tenure_days(findings, rows).into(),
        "orders" => counts(&customers.orders),
        "purchase_days" => counts(&customers.purchase_days),
        "transactions" => counts(&customers.transactions),
        "revenue" => wide(&customers.revenue),
        "average_order_value" => doubles(average_order_values(findings, &rows)),
        "largest_order" => wide(&customers.largest_order),
        "margin" => wide(&customers.margin),
        "r_score" | "f_score" | "m_score" | "cell" | "score_sum" | "segment" | "score_mean" | "weighted_score"
        | "weighted_value" | "v_score" | "cluster" => {
            return crate::reports::tables::scorings::column(findings.own(), name, rows);
        }
        "octant" => Values::Names {
            names: crate::reports::tables::octants::codes(findings),
            places: Places::U16(&findings.octant[rows]),
        },
        "grid_cell" => findings.grid_cell[rows].iter().map(|cell| i32::from(*cell)).collect::<Vec<_>>().into(),
        "abc_class" => {
            let names = crate::reports::tables::abc::CLASSES.map(String::from).to_vec();
            Values::Names { names, places: Places::U8(&findings.ranking.abc[rows]) }
        }
        "revenue_rank" => counts(&findings.ranking.rank),
        "cumulative_revenue_share" => Values::Plain(cumulative_shares(findings, rows)),
        _ => polars_bail!(ColumnNotFound: "customers has no column `{name}`"),
    })
}

/// The ids of these rows.
pub(crate) fn ids(ids: &CustomerIds, rows: impl Iterator<Item = usize>) -> Column {
    let name = "customer_id".into();
    match ids {
        CustomerIds::Integer(ids) => Column::new(name, rows.map(|row| ids[row]).collect::<Vec<_>>()),
        CustomerIds::Text { .. } => {
            // Ids came out of a text column: they are UTF-8.
            let texts = rows.map(|row| std::str::from_utf8(ids.text(row)).unwrap_or_default());
            StringChunked::from_iter_values(name, texts).into_column()
        }
    }
}

fn interaction_days(findings: &Findings, rows: Range<usize>) -> Vec<i32> {
    findings.customers.last_interaction_day[rows].iter().map(|last| findings.as_of - last).collect()
}

fn tenure_days(findings: &Findings, rows: Range<usize>) -> Vec<i32> {
    findings.customers.first_day[rows].iter().map(|first| findings.as_of - first).collect()
}

fn average_order_values(findings: &Findings, rows: &Range<usize>) -> Vec<f64> {
    let customers = &findings.customers;
    let pairs = customers.revenue[rows.clone()].iter().zip(&customers.orders[rows.clone()]);
    let major = major_units(findings.scale);
    pairs.map(|(revenue, orders)| major(*revenue) / f64::from(*orders)).collect()
}

fn cumulative_shares(findings: &Findings, rows: Range<usize>) -> Column {
    let name: PlSmallStr = "cumulative_revenue_share".into();
    let count = rows.len();
    match findings.ranking.cumulative_shares(rows) {
        Some(shares) => Column::new(name, shares),
        None => Column::full_null(name, count, &DataType::Float64),
    }
}
