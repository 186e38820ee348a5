//! `abc`: the few who bring most of the revenue, the next, and the rest.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report, every_run, once};
use crate::reports::shares::{CUSTOMER_SHARE, CUSTOMERS, REVENUE, REVENUE_SHARE, with_shares};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "abc",
    one_row_per: "ABC class",
    published_with: "always, with amounts",
    meaning: "One row per class that occurs. Sorted by abc_class.",
    columns: &[
        column("abc_class", ColumnType::Text, "", "A: the share of revenue before the customer is below the first limit; B: below the second; else C"),
        CUSTOMERS,
        CUSTOMER_SHARE,
        REVENUE,
        REVENUE_SHARE,
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::EveryRun,
    when: every_run,
    times_counted: Some(once),
    added: &[],
    make: Make::OverCube(plan),
};

/// The classes, best first.
pub(crate) const CLASSES: [&str; 3] = ["A", "B", "C"];

/// The plan over the cube.
///
/// # Errors
/// A Polars error where the frame of classes cannot be made, which would be a bug.
fn plan(cube: &LazyFrame, findings: &Findings) -> PolarsResult<LazyFrame> {
    let classes = df!("abc" => [0_i32, 1, 2], "abc_class" => CLASSES)?;
    let grouped = cube
        .clone()
        .group_by([col("abc")])
        .agg([col("customers").sum(), col("revenue").sum()])
        .join(classes.lazy(), [col("abc")], [col("abc")], JoinArgs::new(JoinType::Inner))
        .sort(["abc"], SortMultipleOptions::default());
    Ok(with_shares(grouped, findings))
}
