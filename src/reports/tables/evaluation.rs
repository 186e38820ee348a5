//! `evaluation`: how the groups of an earlier date bought since.

use polars::prelude::*;

use super::scorings::SCORING;
use crate::campaigns::normal::critical;
use crate::campaigns::rates::{Interval, Rate};
use crate::reports::findings::Findings;
use crate::reports::finish::to_major;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};
use crate::time::evaluation::{EvaluatedGroup, Evaluation, GroupOutcome};

/// Of the intervals.
const CONFIDENCE: f64 = 0.95;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "evaluation",
    one_row_per: "scoring and group of an earlier date: who bought since",
    published_with: "`evaluate.horizon_days`",
    meaning: "Customers as they were known `evaluate.horizon_days` before `as_of`, scored then; nothing of them comes from after it. What they did since: orders whose day lies after the earlier date, as known on `as_of`; whoever is in no table on `as_of` any more did nothing. Sorted by scoring, group_by, group.",
    columns: &[
        SCORING,
        column("group_by", ColumnType::Text, "", "`segment`, `cell`, `r_score`, `f_score`, `m_score`, and `octant` of the run's own scoring"),
        column("group", ColumnType::Text, "", "the group on the earlier date"),
        column("customers", ColumnType::Int64, "customers", "its customers then"),
        column("buyers", ColumnType::Int64, "customers", "of these, those with a purchase since"),
        column("repurchase_rate", ColumnType::Double, "0..1", "buyers divided by customers"),
        column("rate_low", ColumnType::Double, "0..1", "lower end of Wilson's 95% interval of the rate, without continuity correction; each by itself, not adjusted for the number of groups"),
        column("rate_high", ColumnType::Double, "0..1", "upper end, likewise"),
        column("orders", ColumnType::Int64, "orders", "their purchases since"),
        column("revenue", ColumnType::Money, "", "money of their orders since, credit notes too; lines that take back earlier orders count nowhere"),
        column("average_order_value", ColumnType::Double, "money", "revenue divided by orders; null without orders"),
        column("change_of_revenue_per_customer", ColumnType::Double, "money", "revenue per customer since, less that of as many days up to the earlier date as known then"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::OverTime,
    when: |findings| findings.evaluation.is_some(),
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// What was evaluated.
pub(super) fn evaluated(findings: &Findings) -> PolarsResult<&Evaluation> {
    findings.evaluation.as_ref().ok_or_else(|| polars_err!(ComputeError: "nothing was evaluated"))
}

/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_wrap)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let groups = &evaluated(findings)?.groups;
    let major = |minor: i64| to_major(minor, findings.scale);
    let texts = |text: fn(&EvaluatedGroup) -> &str| groups.iter().map(text).collect::<Vec<_>>();
    let counts =
        |count: fn(&GroupOutcome) -> u64| groups.iter().map(|own| count(&own.outcome) as i64).collect::<Vec<_>>();
    let z = critical(CONFIDENCE);
    let rate = |end: fn(Interval) -> f64| {
        let of = |GroupOutcome { buyers, customers, .. }: GroupOutcome| {
            Rate { responders: buyers, contacts: customers }.wilson(z).map(end)
        };
        groups.iter().map(|own| of(own.outcome)).collect::<Vec<_>>()
    };
    let per_order =
        |own: &EvaluatedGroup| (own.outcome.orders > 0).then(|| major(own.outcome.revenue) / own.outcome.orders as f64);
    let change = |own: &EvaluatedGroup| {
        let GroupOutcome { customers, revenue, revenue_before, .. } = own.outcome;
        (major(revenue) - major(revenue_before)) / customers as f64
    };
    Ok(df!(
        "scoring" => texts(|own| &own.scoring),
        "group_by" => texts(|own| own.group_by),
        "group" => texts(|own| &own.group),
        "customers" => counts(|own| own.customers),
        "buyers" => counts(|own| own.buyers),
        "repurchase_rate" => groups.iter().map(|own| own.outcome.repurchase_rate()).collect::<Vec<_>>(),
        "rate_low" => rate(|interval| interval.low),
        "rate_high" => rate(|interval| interval.high),
        "orders" => counts(|own| own.orders),
        "revenue" => groups.iter().map(|own| own.outcome.revenue).collect::<Vec<_>>(),
        "average_order_value" => groups.iter().map(per_order).collect::<Vec<_>>(),
        "change_of_revenue_per_customer" => groups.iter().map(change).collect::<Vec<_>>(),
    )?
    .lazy())
}
