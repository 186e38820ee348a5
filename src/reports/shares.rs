//! Shares of all customers and of total revenue, as every report computes them.

use polars::prelude::*;

use super::findings::Findings;
use super::finish::to_major;

/// Adds `customer_share` and `revenue_share` to a plan with `customers` and `revenue` (minor units).
#[must_use]
pub fn with_shares(plan: LazyFrame, findings: &Findings<'_>) -> LazyFrame {
    plan.with_columns([
        share_of_customers(col("customers"), findings).alias("customer_share"),
        share_of_revenue(col("revenue"), findings).alias("revenue_share"),
    ])
}

/// Adds the running totals of both shares, in the order of the rows, from exact running sums.
#[must_use]
pub fn with_cumulative_shares(plan: LazyFrame, findings: &Findings<'_>) -> LazyFrame {
    plan.with_columns([
        share_of_customers(col("customers").cum_sum(false), findings).alias("cumulative_customer_share"),
        share_of_revenue(col("revenue").cum_sum(false), findings).alias("cumulative_revenue_share"),
    ])
}

#[allow(clippy::cast_precision_loss)]
fn share_of_customers(customers: Expr, findings: &Findings<'_>) -> Expr {
    customers.cast(DataType::Float64) / lit(findings.customers.len() as f64)
}

#[allow(clippy::cast_precision_loss)]
fn share_of_revenue(revenue: Expr, findings: &Findings<'_>) -> Expr {
    let total = findings.ranking.total;
    if total > 0 { revenue.cast(DataType::Float64) / lit(total as f64) } else { lit(NULL).cast(DataType::Float64) }
}

/// `revenue` (minor units) per `count`, in major units; null where the count is zero.
#[must_use]
pub fn per(revenue: Expr, count: Expr, findings: &Findings<'_>) -> Expr {
    let unit = 1.0 / to_major(1, findings.scale);
    let average = revenue.cast(DataType::Float64) / lit(unit.round()) / count.clone().cast(DataType::Float64);
    when(count.gt(lit(0))).then(average).otherwise(lit(NULL))
}
