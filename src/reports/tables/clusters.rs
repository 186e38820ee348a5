//! `clusters`: the groups that k-means found, best first: how large, where, and what each brings.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::shares::{CUSTOMER_SHARE, CUSTOMERS, REVENUE, REVENUE_SHARE, per, ratio, with_shares_of_buyers};
use crate::reports::tables::scorings::SCORING;
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "clusters",
    one_row_per: "scoring and cluster: size, means, revenue share, value",
    published_with: "`[kmeans]`",
    meaning: "With `[kmeans]`: the clusters, best first. One row per scoring and cluster. Sorted by scoring, cluster.",
    columns: &[
        SCORING,
        column("cluster", ColumnType::Int32, "", "1 is the cluster of best mean weighted value"),
        CUSTOMERS,
        CUSTOMER_SHARE,
        REVENUE,
        REVENUE_SHARE,
        column("mean_weighted_value", ColumnType::Double, "", "mean of the weighted value; null in an empty cluster"),
        column("mean_recency_days", ColumnType::Double, "days", "mean of recency_days; null in an empty cluster, as all that follow"),
        column("mean_orders", ColumnType::Double, "orders", "mean of orders"),
        column("mean_revenue", ColumnType::Double, "money", "mean of revenue"),
        column("average_order_value", ColumnType::Double, "money", "revenue divided by orders"),
        column("mean_largest_order", ColumnType::Double, "money", "mean of the largest order"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Scoring,
    when: has_clusters,
    times_counted: Some(clustered),
    added: &[],
    make: Make::Small(plan),
};

/// The sums of one cluster.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    customers: i64,
    recency_days: i64,
    orders: i64,
    revenue: i64,
    largest_order: i64,
    /// Customers with an order, who have a largest one.
    buyers: i64,
    /// Weighted values, whole numbers of 10^-9.
    value: i128,
}

fn has_clusters(findings: &Findings) -> bool {
    clustered(findings) > 0
}

/// The scorings that make clusters, each of which counts every customer.
fn clustered(findings: &Findings) -> usize {
    findings.scorings.iter().filter(|scoring| scoring.clusters.is_some()).count()
}

/// One row per scoring and cluster.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let mut rows: Vec<(&str, i32, Sums)> = Vec::new();
    for scoring in findings.scorings.by_name() {
        let Some(clusters) = &scoring.clusters else { continue };
        let mut sums = vec![Sums::default(); clusters.count];
        let values = scoring.value.as_ref().map_or(&[][..], |value| &value.values);
        for (row, cluster) in clusters.of.iter().enumerate() {
            let own = &mut sums[usize::from(*cluster)];
            own.add(findings, row);
            own.value += i128::from(values.get(row).copied().unwrap_or_default());
        }
        rows.extend((1..).zip(sums).map(|(number, sums)| (scoring.name.as_str(), number, sums)));
    }
    let column = |sum: fn(&Sums) -> i64| rows.iter().map(|row| sum(&row.2)).collect::<Vec<i64>>();
    let mean = |sum: &str| ratio(col(sum), col("customers"));
    let plan = df!(
        "scoring" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "cluster" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        "customers" => column(|sums| sums.customers),
        "recency_days" => column(|sums| sums.recency_days),
        "orders" => column(|sums| sums.orders),
        "revenue" => column(|sums| sums.revenue),
        "largest_order" => column(|sums| sums.largest_order),
        "buyers" => column(|sums| sums.buyers),
        "mean_weighted_value" => rows.iter().map(|row| row.2.mean_value()).collect::<Vec<_>>(),
    )?
    .lazy()
    .with_columns([
        mean("recency_days").alias("mean_recency_days"),
        mean("orders").alias("mean_orders"),
        per(col("revenue"), col("customers"), findings).alias("mean_revenue"),
        per(col("revenue"), col("orders"), findings).alias("average_order_value"),
        per(col("largest_order"), col("buyers"), findings).alias("mean_largest_order"),
    ]);
    Ok(with_shares_of_buyers(plan, findings))
}

/// Weighted values are whole numbers of 10^-9.
const VALUE_UNITS: f64 = 1e9;

impl Sums {
    #[allow(clippy::cast_precision_loss)]
    fn mean_value(&self) -> Option<f64> {
        (self.customers > 0).then(|| self.value as f64 / self.customers as f64 / VALUE_UNITS)
    }

    fn add(&mut self, findings: &Findings, row: usize) {
        let customers = &findings.customers;
        self.customers += 1;
        self.recency_days += i64::from(findings.recency_days[row]);
        self.orders += i64::from(customers.orders[row]);
        self.revenue += customers.revenue[row];
        self.largest_order += customers.largest_order[row];
        self.buyers += i64::from(customers.orders[row] > 0);
    }
}
