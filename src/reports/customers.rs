//! The customers table, a slice of one column at a time, so that its many columns never stand in memory at once.

use std::ops::Range;

use polars::prelude::*;

use super::findings::Findings;
use super::finish::major_units;
use crate::customers::CustomerIds;
use crate::write::values::Values;

/// The rows `rows` of one column of the customers table, before typing.
///
/// # Errors
/// A Polars error for a column that the table does not have, which would be a bug.
pub(super) fn values(findings: &Findings<'_>, name: &str, rows: Range<usize>) -> PolarsResult<Values> {
    let customers = findings.customers;
    let days = |values: &[i32]| Column::new(name.into(), &values[rows.clone()]);
    let counts = |values: &[u32]| {
        Column::new(name.into(), values[rows.clone()].iter().map(|count| i64::from(*count)).collect::<Vec<_>>())
    };
    let money = |values: &[i64]| Values::Money { minor: values[rows.clone()].to_vec(), scale: findings.scale };
    Ok(Values::Plain(match name {
        "customer_id" => ids(&customers.ids, rows),
        "first_order_date" => days(&customers.first_day),
        "last_order_date" => days(&customers.last_day),
        "recency_days" => days(&findings.recency_days),
        "interaction_days" => Column::new(name.into(), interaction_days(findings, rows)),
        "tenure_days" => Column::new(name.into(), tenure_days(findings, rows)),
        "orders" => counts(&customers.orders),
        "purchase_days" => counts(&customers.purchase_days),
        "transactions" => counts(&customers.transactions),
        "revenue" => return Ok(money(&customers.revenue)),
        "average_order_value" => Column::new(name.into(), average_order_values(findings, &rows)),
        "largest_order" => return Ok(money(&customers.largest_order)),
        "margin" => return Ok(money(&customers.margin)),
        "r_score" | "f_score" | "m_score" | "cell" | "score_sum" | "segment" | "score_mean" | "weighted_score"
        | "weighted_value" | "v_score" | "cluster" => {
            return super::scorings::column(&super::scorings::main(findings), name, rows);
        }
        "octant" => return Ok(names(super::octants::codes(findings), &findings.octant[rows])),
        "grid_cell" => {
            Column::new(name.into(), findings.grid_cell[rows].iter().map(|cell| i32::from(*cell)).collect::<Vec<_>>())
        }
        "abc_class" => return Ok(names(super::abc::CLASSES.map(String::from).to_vec(), &findings.ranking.abc[rows])),
        "revenue_rank" => counts(&findings.ranking.rank),
        "cumulative_revenue_share" => cumulative_shares(findings, rows),
        _ => polars_bail!(ColumnNotFound: "customers has no column `{name}`"),
    }))
}

/// The ids of these rows.
pub(super) fn ids(ids: &CustomerIds, rows: impl Iterator<Item = usize>) -> Column {
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

fn interaction_days(findings: &Findings<'_>, rows: Range<usize>) -> Vec<i32> {
    findings.customers.last_interaction_day[rows].iter().map(|last| findings.as_of - last).collect()
}

fn tenure_days(findings: &Findings<'_>, rows: Range<usize>) -> Vec<i32> {
    findings.customers.first_day[rows].iter().map(|first| findings.as_of - first).collect()
}

fn average_order_values(findings: &Findings<'_>, rows: &Range<usize>) -> Vec<f64> {
    let customers = findings.customers;
    let pairs = customers.revenue[rows.clone()].iter().zip(&customers.orders[rows.clone()]);
    let major = major_units(findings.scale);
    pairs.map(|(revenue, orders)| major(*revenue) / f64::from(*orders)).collect()
}

fn cumulative_shares(findings: &Findings<'_>, rows: Range<usize>) -> Column {
    let name: PlSmallStr = "cumulative_revenue_share".into();
    let count = rows.len();
    match findings.ranking.cumulative_shares(rows) {
        Some(shares) => Column::new(name, shares),
        None => Column::full_null(name, count, &DataType::Float64),
    }
}

fn names<T: Copy + Into<u32>>(names: Vec<String>, places: &[T]) -> Values {
    Values::Names { names, places: places.iter().map(|place| (*place).into()).collect() }
}
