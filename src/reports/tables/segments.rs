//! `segments`: who is where, and what each segment brings.

use polars::prelude::*;
use rayon::prelude::*;

use crate::money::power_of_ten;
use crate::reports::findings::Findings;
use crate::reports::groups::twice_the_median;
use crate::reports::shares::{per, ratio, with_cumulative_shares, with_shares};

/// The plan over the cube, and over the medians, which no sum can give.
///
/// # Errors
/// A Polars error where the frame of medians cannot be made, which would be a bug.
pub(crate) fn plan(cube: &LazyFrame, findings: &Findings) -> PolarsResult<LazyFrame> {
    let place = col("segment").alias("place");
    let mean = |sum: &str| ratio(col(sum), col("customers"));
    let grouped = cube
        .clone()
        .group_by([place])
        .agg([col("customers").sum(), col("revenue").sum(), col("orders").sum(), col("recency_days").sum()])
        .join(segments(findings)?.lazy(), [col("place")], [col("place")], JoinArgs::new(JoinType::Inner))
        .with_columns([
            per(col("revenue"), col("orders"), findings).alias("average_order_value"),
            per(col("revenue"), col("customers"), findings).alias("mean_revenue"),
            mean("recency_days").alias("mean_recency_days"),
            mean("orders").alias("mean_orders"),
        ])
        .sort(["revenue", "segment"], SortMultipleOptions::default().with_order_descending_multi([true, false]));
    Ok(with_cumulative_shares(with_shares(grouped, findings), findings))
}

/// Name, order and medians of every segment of the map.
#[allow(clippy::cast_precision_loss)]
fn segments(findings: &Findings) -> PolarsResult<DataFrame> {
    let own = findings.own();
    let segments = &own.map.segments;
    let customers = &findings.customers;
    let counts = own.map.customers_per_segment(&own.segment);
    let revenue = medians(findings, &counts, &customers.revenue);
    let unit = power_of_ten(findings.scale) as f64;
    df!(
        "place" => (0_i32..).take(segments.len()).collect::<Vec<_>>(),
        "segment" => segments.iter().map(|segment| segment.key.as_str()).collect::<Vec<_>>(),
        "segment_order" => segments.iter().map(|segment| segment.order).collect::<Vec<_>>(),
        "median_recency_days" => medians(findings, &counts, &findings.recency_days),
        "median_orders" => medians(findings, &counts, &customers.orders),
        "median_revenue" => revenue.into_iter().map(|median| median.map(|median| median / unit)).collect::<Vec<_>>(),
    )
}

/// The median of a measure per segment of the map, of so many customers each; none where a segment has none.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn medians<T: Copy + Ord + Send + Into<i128>>(findings: &Findings, counts: &[u64], measure: &[T]) -> Vec<Option<f64>> {
    let mut values: Vec<Vec<T>> = counts.iter().map(|count| Vec::with_capacity(*count as usize)).collect();
    for (segment, value) in findings.own().segment.iter().zip(measure) {
        values[usize::from(*segment)].push(*value);
    }
    values.par_iter_mut().map(|values| (!values.is_empty()).then(|| twice_the_median(values) as f64 / 2.0)).collect()
}
