//! Customers and revenue with their shares, as every report has and computes them.

use polars::prelude::*;

use super::findings::Findings;
use crate::money::power_of_ten;
use crate::schema::{ColumnEntry, ColumnType, column};

pub(super) const CUSTOMERS: ColumnEntry = column("customers", ColumnType::Int64, "customers", "number of customers");
pub(super) const CUSTOMER_SHARE: ColumnEntry =
    column("customer_share", ColumnType::Double, "0..1", "share of all customers");
pub(super) const REVENUE: ColumnEntry = column("revenue", ColumnType::Money, "", "sum of revenue");
pub(super) const REVENUE_SHARE: ColumnEntry =
    column("revenue_share", ColumnType::Double, "0..1", "share of total revenue; null where that is not above zero");

/// Adds `customer_share` and `revenue_share` to a plan with `customers` and `revenue` (minor units): shares of everyone who
/// counts.
pub(super) fn with_shares(plan: LazyFrame, findings: &Findings) -> LazyFrame {
    with_shares_among(findings.counted(), plan, findings)
}

/// The same as shares of those with an order, for tables in which nobody else is.
pub(super) fn with_shares_of_buyers(plan: LazyFrame, findings: &Findings) -> LazyFrame {
    with_shares_among(findings.customers.len(), plan, findings)
}

fn with_shares_among(everyone: usize, plan: LazyFrame, findings: &Findings) -> LazyFrame {
    plan.with_columns([
        share_of_customers(col("customers"), everyone).alias("customer_share"),
        share_of_revenue(col("revenue"), findings).alias("revenue_share"),
    ])
}

/// Adds the running totals of both shares, in the order of the rows, from exact running sums.
pub(super) fn with_cumulative_shares(plan: LazyFrame, findings: &Findings) -> LazyFrame {
    plan.with_columns([
        share_of_customers(col("customers").cum_sum(false), findings.counted()).alias("cumulative_customer_share"),
        share_of_revenue(col("revenue").cum_sum(false), findings).alias("cumulative_revenue_share"),
    ])
}

#[allow(clippy::cast_precision_loss)]
fn share_of_customers(customers: Expr, everyone: usize) -> Expr {
    ratio(customers, lit(everyone as f64))
}

#[allow(clippy::cast_precision_loss)]
fn share_of_revenue(revenue: Expr, findings: &Findings) -> Expr {
    let total = findings.ranking.total;
    if total > 0 { ratio(revenue, lit(total as f64)) } else { lit(NULL).cast(DataType::Float64) }
}

/// `revenue` (minor units) per `count`, in major units; null where the count is zero.
pub(super) fn per(revenue: Expr, count: Expr, findings: &Findings) -> Expr {
    ratio(revenue, count * lit(power_of_ten(findings.scale)))
}

/// `dividend / divisor`, rounded once; null where the divisor is zero.
///
/// Not the engine's own division: by a single number it multiplies with the reciprocal, and 6/10 is not 6 * 0.1.
pub(super) fn ratio(dividend: Expr, divisor: Expr) -> Expr {
    let divide = |columns: &mut [Column]| {
        let (dividend, divisor) = (columns[0].cast(&DataType::Float64)?, columns[1].cast(&DataType::Float64)?);
        let (name, rows) = (dividend.name().clone(), dividend.len());
        let divisor = if divisor.len() == 1 { divisor.new_from_index(0, rows) } else { divisor };
        let pairs = dividend.f64()?.iter().zip(divisor.f64()?.iter());
        let quotient = |(a, b): (Option<f64>, Option<f64>)| Some(a? / b.filter(|b| *b != 0.0)?);
        Ok(Float64Chunked::from_iter_options(name, pairs.map(quotient)).into_column())
    };
    dividend.map_many(divide, &[divisor], |_, fields| Ok(Field::new(fields[0].name().clone(), DataType::Float64)))
}
