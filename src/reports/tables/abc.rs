//! `abc`: the few who bring most of the revenue, the next, and the rest.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::shares::with_shares;

/// The classes, best first.
pub const CLASSES: [&str; 3] = ["A", "B", "C"];

/// The plan over the cube.
pub fn plan(cube: &LazyFrame, findings: &Findings) -> LazyFrame {
    let classes = df!("abc" => [0_i32, 1, 2], "abc_class" => CLASSES).unwrap_or_default();
    let grouped = cube
        .clone()
        .group_by([col("abc")])
        .agg([col("customers").sum(), col("revenue").sum()])
        .join(classes.lazy(), [col("abc")], [col("abc")], JoinArgs::new(JoinType::Inner))
        .sort(["abc"], SortMultipleOptions::default());
    with_shares(grouped, findings)
}
