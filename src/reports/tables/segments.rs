//! `segments`: who is where, and what each segment brings.

use polars::prelude::*;
use rayon::prelude::*;

use crate::money::power_of_ten;
use crate::reports::findings::Findings;
use crate::reports::groups::twice_the_median;
use crate::reports::predicted;
use crate::reports::report::{Added, Chapter, Make, Report, every_run, once};
use crate::reports::shares::{
    CUSTOMER_SHARE, CUSTOMERS, REVENUE, REVENUE_SHARE, per, ratio, with_cumulative_shares, with_shares,
};
use crate::reports::tables::customers::columns::MAP;
use crate::schema::{AddedColumns, ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "segments",
    one_row_per: "segment: size, revenue, shares, means and medians",
    published_with: "always",
    meaning: "One row per segment that occurs. Sorted by revenue descending, then segment.",
    columns: &[
        column("segment", ColumnType::Text, "", "key of the segment"),
        column("segment_order", ColumnType::Int32, "", "place of the segment in its map, 1 is best"),
        CUSTOMERS,
        CUSTOMER_SHARE,
        REVENUE,
        REVENUE_SHARE,
        column("cumulative_customer_share", ColumnType::Double, "0..1", "customer_share of this row and those above"),
        column("cumulative_revenue_share", ColumnType::Double, "0..1", "revenue_share of this row and those above; null as revenue_share"),
        column("orders", ColumnType::Int64, "orders", "number of orders"),
        column("average_order_value", ColumnType::Double, "money", "revenue divided by orders; null where no customer has an order in the window"),
        column("mean_recency_days", ColumnType::Double, "days", "mean of recency_days; null for `prospects`, as its median"),
        column("mean_orders", ColumnType::Double, "orders", "mean of orders per customer, 0 for those without an order in the window"),
        column("mean_revenue", ColumnType::Double, "money", "mean of revenue per customer"),
        column("median_recency_days", ColumnType::Double, "days", "median of recency_days; the mean of the middle two of an even number"),
        column("median_orders", ColumnType::Double, "orders", "median of orders; the mean of the middle two of an even number"),
        column("median_revenue", ColumnType::Double, "money", "median of revenue; the mean of the middle two of an even number"),
    ],
};

const SUMS: AddedColumns = AddedColumns {
    name: TABLE.name,
    meaning: "Columns behind the others: sums over the customers of the segment.",
    columns: predicted::SUMS,
};

const LAST: AddedColumns =
    AddedColumns { name: TABLE.name, meaning: "The last column, whatever stands before it.", columns: &[MAP] };

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::EveryRun,
    when: every_run,
    times_counted: Some(once),
    added: &[
        Added { chapter: Chapter::Predictions, columns: SUMS, when: predicted::is_there },
        Added { chapter: Chapter::LastColumn, columns: LAST, when: |_, _| true },
    ],
    make: Make::OverCube(plan),
};

/// The plan over the cube, and over the medians, which no sum can give.
///
/// # Errors
/// A Polars error where the frame of medians cannot be made, which would be a bug.
fn plan(cube: &LazyFrame, findings: &Findings) -> PolarsResult<LazyFrame> {
    let index = col("segment").alias("index");
    let grouped = cube
        .clone()
        .group_by([index])
        .agg([col("customers").sum(), col("revenue").sum(), col("orders").sum(), col("recency_days").sum()])
        .join(segments(findings)?.lazy(), [col("index")], [col("index")], JoinArgs::new(JoinType::Inner))
        .with_columns([
            per(col("revenue"), col("orders"), findings).alias("average_order_value"),
            per(col("revenue"), col("customers"), findings).alias("mean_revenue"),
            ratio(col("recency_days"), col("buyers")).alias("mean_recency_days"),
            ratio(col("orders"), col("customers")).alias("mean_orders"),
            lit(findings.own().map.name.clone()).alias("map"),
        ])
        .sort(["revenue", "segment"], SortMultipleOptions::default().with_order_descending_multi([true, false]));
    Ok(with_cumulative_shares(with_shares(grouped, findings), findings))
}

/// Name, order and medians of every segment of the map, and what is predicted of its customers.
#[allow(clippy::cast_precision_loss)]
fn segments(findings: &Findings) -> PolarsResult<DataFrame> {
    let own = findings.own();
    let segments = &own.map.segments;
    let customers = &findings.customers;
    let counts = own.map.customers_per_segment(&own.segment);
    let (orders, revenue) =
        (medians(findings, &counts, &customers.orders), medians(findings, &counts, &customers.revenue));
    // Those who never bought have no median among the customers: they made no order, and paid nothing.
    let prospects = own.map.prospects().map(usize::from);
    let or_zero = |(index, median): (usize, Option<f64>)| median.or((prospects == Some(index)).then_some(0.0));
    let with_zero = |medians: Vec<Option<f64>>| medians.into_iter().enumerate().map(or_zero).collect::<Vec<_>>();
    let unit = power_of_ten(findings.scale) as f64;
    let mut frame = df!(
        "index" => (0_i32..).take(segments.len()).collect::<Vec<_>>(),
        "segment" => segments.iter().map(|segment| segment.key.as_str()).collect::<Vec<_>>(),
        "segment_order" => segments.iter().map(|segment| segment.order).collect::<Vec<_>>(),
        "median_recency_days" => medians(findings, &counts, &findings.recency_days),
        "median_orders" => with_zero(orders),
        "median_revenue" => {
            with_zero(revenue).into_iter().map(|median| median.map(|median| median / unit)).collect::<Vec<_>>()
        },
        "buyers" => counts.iter().map(|count| i64::try_from(*count).unwrap_or(i64::MAX)).collect::<Vec<_>>(),
    )?;
    for sums in predicted::sums_per_group(findings, &own.segment, segments.len()) {
        frame.with_column(sums)?;
    }
    Ok(frame)
}

/// The median of a measure per segment of the map, `counts` of customers each; none for a segment without any.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn medians<T: Copy + Ord + Send + Into<i128>>(findings: &Findings, counts: &[u64], measure: &[T]) -> Vec<Option<f64>> {
    let mut values: Vec<Vec<T>> = counts.iter().map(|count| Vec::with_capacity(*count as usize)).collect();
    for (segment, value) in findings.own().segment.iter().zip(measure) {
        values[usize::from(*segment)].push(*value);
    }
    values.par_iter_mut().map(|values| (!values.is_empty()).then(|| twice_the_median(values) as f64 / 2.0)).collect()
}
