//! `octants`: better or not than the threshold in R, F and M.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::predicted;
use crate::reports::report::{Added, Chapter, Make, Report, every_run, once};
use crate::reports::shares::{CUSTOMER_SHARE, CUSTOMERS, REVENUE, REVENUE_SHARE, with_shares};
use crate::schema::{AddedColumns, ColumnType, TableEntry, column};
use crate::scoring::{Learned, LearnedOctants};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "octants",
    one_row_per: "octant: R, F, M above the mean or not (8)",
    published_with: "always, with amounts",
    meaning: "One row per octant, empty ones too. Sorted by octant descending.",
    columns: &[
        column("octant", ColumnType::Text, "", "R, F, M better than the threshold: `111` .. `000`"),
        column("segment", ColumnType::Text, "", "key of the octant"),
        column("name_en", ColumnType::Text, "", "English name"),
        column("name_zh", ColumnType::Text, "", "Chinese name"),
        CUSTOMERS,
        CUSTOMER_SHARE,
        REVENUE,
        REVENUE_SHARE,
    ],
};

const SUMS: AddedColumns = AddedColumns {
    name: TABLE.name,
    meaning: "Columns behind the others: sums over the customers of the octant; null in an empty one.",
    columns: predicted::SUMS,
};

#[rustfmt::skip]
const LAST: AddedColumns = AddedColumns {
    name: TABLE.name,
    meaning: "The last columns, the same in every row: what a customer must be better than (`octants.threshold`); of scores with `octants.of = \"scores\"`. With `pareto`, the last value that is still 1. Null without customers, and where groups differ (`score.by`): `score_groups` has those of each.",
    columns: &[
        column("recency_threshold", ColumnType::Double, "days", "R is 1 with fewer days"),
        column("frequency_threshold", ColumnType::Double, "orders", "F is 1 with more orders"),
        column("monetary_threshold", ColumnType::Double, "money", "M is 1 with more revenue"),
    ],
};

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

/// The codes of the octants, `111` .. `000`, in the order of their list.
#[must_use]
pub(crate) fn codes(findings: &Findings) -> Vec<String> {
    findings.octants.list.iter().map(|octant| octant.code.clone()).collect()
}

/// The plan over the cube.
///
/// # Errors
/// A Polars error where the frame of names cannot be made, which would be a bug.
fn plan(cube: &LazyFrame, findings: &Findings) -> PolarsResult<LazyFrame> {
    let grouped = cube
        .clone()
        .group_by([col("octant").alias("octant_index")])
        .agg([col("customers").sum(), col("revenue").sum()]);
    let all = names(findings)?
        .lazy()
        .join(grouped, [col("index")], [col("octant_index")], JoinArgs::new(JoinType::Left))
        .with_columns([col("customers"), col("revenue")].map(|sum| sum.fill_null(lit(0))))
        .sort(["octant"], SortMultipleOptions::default().with_order_descending(true));
    let [recency, frequency, monetary] = thresholds(findings);
    Ok(with_shares(all, findings).with_columns([
        recency.alias("recency_threshold"),
        frequency.alias("frequency_threshold"),
        monetary.alias("monetary_threshold"),
    ]))
}

/// What separates 1 from 0 on each axis.
fn thresholds(findings: &Findings) -> [Expr; 3] {
    shared_thresholds(findings).map(|threshold| match threshold {
        Some(threshold) => lit(threshold),
        None => lit(NULL).cast(DataType::Float64),
    })
}

/// The thresholds that all customers share.
fn shared_thresholds(findings: &Findings) -> [Option<f64>; 3] {
    let own = findings.own();
    let of = |learned: &Learned| learned.octants.as_ref().map(LearnedOctants::thresholds).unwrap_or_default();
    let Some(groups) = &own.groups else { return of(&own.learned) };
    let mut bases = groups.in_use().map(|basis| of(&basis.learned));
    let first = bases.next().unwrap_or_else(|| of(&own.learned));
    bases.fold(first, |shared, other| {
        [0, 1, 2].map(|axis| shared[axis].filter(|threshold| other[axis] == Some(*threshold)))
    })
}

/// The names of all octants, and what is predicted of their customers.
fn names(findings: &Findings) -> PolarsResult<DataFrame> {
    let octants = &findings.octants.list;
    let mut frame = df!(
        "index" => (0_i32..).take(octants.len()).collect::<Vec<_>>(),
        "octant" => codes(findings),
        "segment" => octants.iter().map(|octant| octant.segment.key.as_str()).collect::<Vec<_>>(),
        "name_en" => octants.iter().map(|octant| octant.segment.name_en.as_str()).collect::<Vec<_>>(),
        "name_zh" => octants.iter().map(|octant| octant.segment.name_zh.as_str()).collect::<Vec<_>>(),
    )?;
    for sums in predicted::sums_per_group(findings, &findings.octant, octants.len()) {
        frame.with_column(sums)?;
    }
    Ok(frame)
}
