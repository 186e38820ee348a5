//! `octants`: better or not than the threshold in R, F and M.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::shares::with_shares;

/// The codes of the octants, `111` .. `000`, by their place in the list.
#[must_use]
pub fn codes(findings: &Findings) -> Vec<String> {
    findings.octants.list.iter().map(|octant| octant.code.clone()).collect()
}

/// The plan over the cube.
///
/// # Errors
/// A Polars error where the frame of names cannot be made, which would be a bug.
pub fn plan(cube: &LazyFrame, findings: &Findings) -> PolarsResult<LazyFrame> {
    let grouped = cube
        .clone()
        .group_by([col("octant").alias("octant_place")])
        .agg([col("customers").sum(), col("revenue").sum()]);
    let all = names(findings)?
        .lazy()
        .join(grouped, [col("place")], [col("octant_place")], JoinArgs::new(JoinType::Left))
        .with_columns([col("customers"), col("revenue")].map(|sum| sum.fill_null(lit(0))))
        .sort(["octant"], SortMultipleOptions::default().with_order_descending(true));
    Ok(with_shares(all, findings))
}

fn names(findings: &Findings) -> PolarsResult<DataFrame> {
    let octants = &findings.octants.list;
    df!(
        "place" => (0_i32..).take(octants.len()).collect::<Vec<_>>(),
        "octant" => codes(findings),
        "segment" => octants.iter().map(|octant| octant.segment.key.as_str()).collect::<Vec<_>>(),
        "name_en" => octants.iter().map(|octant| octant.segment.name_en.as_str()).collect::<Vec<_>>(),
        "name_zh" => octants.iter().map(|octant| octant.segment.name_zh.as_str()).collect::<Vec<_>>(),
    )
}
