//! `clv_pareto`: how much of the value to come how few customers hold.

use polars::prelude::*;

use crate::predict::Predictions;
use crate::reports::findings::Findings;

/// Equal groups of the customers with a CLV, for every horizon.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
pub(crate) fn plan(predictions: &Predictions, findings: &Findings) -> PolarsResult<LazyFrame> {
    let names = predictions.terms.names.iter().enumerate();
    let rows: Vec<Row> = names.flat_map(|(place, name)| groups(name, &predictions.by_clv(place), findings)).collect();
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
    let mut row = |(group, place): (i32, usize)| {
        let longer = usize::from(place < order.len() % groups);
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
