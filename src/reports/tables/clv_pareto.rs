//! `clv_pareto`: how much of the value to come how few customers hold.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::predicted;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::shares::CUSTOMERS;
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "clv_pareto",
    one_row_per: "horizon and group of customers by lifetime value",
    published_with: "`predict.model`",
    meaning: "Per horizon, customers with a clv by clv descending, then customer_id, in equal groups (SQL NTILE). Sorted by horizon as in the settings, then clv_group.",
    columns: &[
        column("horizon", ColumnType::Text, "", "the horizon, as `12_months`"),
        column("clv_group", ColumnType::Int32, "", "1 is the group of highest clv"),
        CUSTOMERS,
        column("customer_share", ColumnType::Double, "0..1", "share of the customers with a clv"),
        column("clv", ColumnType::Double, "money", "sum of clv"),
        column("clv_share", ColumnType::Double, "0..1", "share of the clv of all; null where that is not above zero"),
        column("cumulative_customer_share", ColumnType::Double, "0..1", "customer_share of this group and those before"),
        column("cumulative_clv_share", ColumnType::Double, "0..1", "clv_share of this group and those before; null as clv_share"),
        column("lowest_clv", ColumnType::Double, "money", "the lowest clv in the group"),
        column("highest_clv", ColumnType::Double, "money", "the highest clv in the group"),
        column("revenue", ColumnType::Money, "", "sum of revenue of the same customers: what they brought so far"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Predictions,
    when: predicted::has_predictions,
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// Equal groups of the customers with a CLV, for every horizon.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let predictions = predicted::predictions(findings)?;
    let names = predictions.terms.names.iter().enumerate();
    let rows: Vec<Row> = names.flat_map(|(index, name)| groups(name, &predictions.by_clv(index), findings)).collect();
    Ok(df!(
        "horizon" => rows.iter().map(|row| row.horizon.as_str()).collect::<Vec<_>>(),
        "clv_group" => rows.iter().map(|row| row.group).collect::<Vec<_>>(),
        "customers" => rows.iter().map(|row| row.customers).collect::<Vec<_>>(),
        "customer_share" => rows.iter().map(|row| row.customer_share).collect::<Vec<_>>(),
        "clv" => rows.iter().map(|row| row.clv).collect::<Vec<_>>(),
        "clv_share" => rows.iter().map(|row| row.clv_share).collect::<Vec<_>>(),
        "cumulative_customer_share" => rows.iter().map(|row| row.cumulative_customer_share).collect::<Vec<_>>(),
        "cumulative_clv_share" => rows.iter().map(|row| row.cumulative_clv_share).collect::<Vec<_>>(),
        "lowest_clv" => rows.iter().map(|row| row.lowest_clv).collect::<Vec<_>>(),
        "highest_clv" => rows.iter().map(|row| row.highest_clv).collect::<Vec<_>>(),
        "revenue" => rows.iter().map(|row| row.revenue).collect::<Vec<_>>(),
    )?
    .lazy())
}

struct Row {
    horizon: String,
    group: i32,
    customers: i64,
    customer_share: f64,
    clv: f64,
    clv_share: Option<f64>,
    cumulative_customer_share: f64,
    cumulative_clv_share: Option<f64>,
    lowest_clv: f64,
    highest_clv: f64,
    revenue: i64,
}

/// `order` holds the CLV and the row of each customer, highest first.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap)]
fn groups(horizon: &str, order: &[(f64, u32)], findings: &Findings) -> Vec<Row> {
    // More groups than customers would be empty ones.
    let groups = findings.pareto_groups.min(order.len());
    let share = |customers: usize| customers as f64 / order.len() as f64;
    let total: f64 = order.iter().map(|(clv, _)| clv).sum();
    let of_total = |clv: f64| (total > 0.0).then(|| clv / total);
    let (mut rest, mut before) = (order, 0.0);
    let mut row = |(group, index): (i32, usize)| {
        let longer = usize::from(index < order.len() % groups);
        let (members, others) = rest.split_at(order.len() / groups + longer);
        rest = others;
        let clv: f64 = members.iter().map(|(clv, _)| clv).sum();
        before += clv;
        Row {
            horizon: horizon.to_owned(),
            group,
            customers: members.len() as i64,
            customer_share: share(members.len()),
            clv,
            clv_share: of_total(clv),
            cumulative_customer_share: share(order.len() - rest.len()),
            cumulative_clv_share: of_total(before),
            lowest_clv: members[members.len() - 1].0,
            highest_clv: members[0].0,
            revenue: members.iter().map(|(_, row)| findings.customers.revenue[*row as usize]).sum(),
        }
    };
    (1..).zip(0..groups).map(&mut row).collect()
}
