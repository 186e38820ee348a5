//! `cohorts`: customers by the period of their first purchase, followed from period to period.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::finish::to_major;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};
use crate::time::cohorts::Done;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "cohorts",
    one_row_per: "cohort and age: retention, orders, revenue",
    published_with: "`cohorts.by`",
    meaning: "Every period with a first purchase (`cohorts.by`), at every age that it has reached. A period that is not over on `as_of` has nulls, for it would look as if customers had left. All days count, whatever the window. Sorted by cohort, age.",
    columns: &[
        column("cohort", ColumnType::Date, "", "the first day of the period of the first purchase"),
        column("age", ColumnType::Int32, "periods", "periods since then: 0 is that of the first purchase"),
        column("customers", ColumnType::Int64, "customers", "customers of the cohort, whatever the age"),
        column("active", ColumnType::Int64, "customers", "of these, those with a purchase in the period of this age; null where it is not over"),
        column("retention", ColumnType::Double, "0..1", "active divided by customers; null likewise"),
        column("orders", ColumnType::Int64, "orders", "their purchases in the period; null likewise"),
        column("revenue", ColumnType::Money, "", "money of all their orders whose day lies in the period, returns too (what lies before the first purchase counts at age 0); null likewise"),
        column("cumulative_revenue_per_customer", ColumnType::Double, "money", "revenue of all periods up to this one, divided by customers; null likewise"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::OverTime,
    when: |findings| findings.from_days.cohorts.is_some(),
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let cohorts =
        findings.from_days.cohorts.as_ref().ok_or_else(|| polars_err!(ComputeError: "no cohorts were made"))?;
    let ages = cohorts.ages();
    let counts = |count: fn(&Done) -> u64| {
        ages.iter().map(|own| own.done.as_ref().map(|done| count(done) as i64)).collect::<Vec<_>>()
    };
    let per_customer = |figure: fn(&Done, u8) -> f64| {
        let of = |own: &crate::time::cohorts::CohortAge| {
            own.done.as_ref().map(|done| figure(done, findings.scale) / own.customers as f64)
        };
        ages.iter().map(of).collect::<Vec<_>>()
    };
    Ok(df!(
        "cohort" => ages.iter().map(|own| own.first_day).collect::<Vec<_>>(),
        "age" => ages.iter().map(|own| own.age).collect::<Vec<_>>(),
        "customers" => ages.iter().map(|own| own.customers as i64).collect::<Vec<_>>(),
        "active" => counts(|done| done.active),
        "retention" => per_customer(|done, _| done.active as f64),
        "orders" => counts(|done| done.orders),
        "revenue" => ages.iter().map(|own| own.done.map(|done| done.revenue)).collect::<Vec<_>>(),
        "cumulative_revenue_per_customer" => per_customer(|done, scale| to_major(done.cumulative_revenue, scale)),
    )?
    .lazy())
}
