//! `evaluation_summary`: which scoring and which ranking would have found the buyers, a row each.

use polars::prelude::*;

use super::evaluation::evaluated;
use super::scorings::SCORING;
use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};
use crate::time::evaluation::EvaluatedRanking;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "evaluation_summary",
    one_row_per: "scoring and ranking: how well it would have found the buyers",
    published_with: "`evaluate.horizon_days`",
    meaning: "As `evaluation_rankings`, in one row per scoring and ranking. Sorted by scoring, ranking.",
    columns: &[
        SCORING,
        column("ranking", ColumnType::Text, "", "as in `evaluation_rankings`"),
        column("horizon_days", ColumnType::Int32, "days", "days from the earlier date to `as_of` (`evaluate.horizon_days`)"),
        column("customers", ColumnType::Int64, "customers", "customers on the earlier date"),
        column("buyers", ColumnType::Int64, "customers", "of these, those with a purchase since"),
        column("auc", ColumnType::Double, "0..1", "the probability that a buyer is ranked above a customer who did not buy, ties half: 0.5 is chance; null where all or none bought"),
        column("lift_10", ColumnType::Double, "ratio", "share of buyers among the best 10%, divided by that among all; null without buyers"),
        column("lift_20", ColumnType::Double, "ratio", "the same of the best 20%"),
        column("lift_30", ColumnType::Double, "ratio", "the same of the best 30%"),
        column("buyer_share_top_10", ColumnType::Double, "0..1", "share of all buyers among the best 10%; null without buyers"),
        column("buyer_share_top_20", ColumnType::Double, "0..1", "the same of the best 20%"),
        column("buyer_share_top_30", ColumnType::Double, "0..1", "the same of the best 30%"),
        column("revenue_share_top_10", ColumnType::Double, "0..1", "share of all revenue since that the best 10% brought; null where it is not above zero"),
        column("revenue_share_top_20", ColumnType::Double, "0..1", "the same of the best 20%"),
        column("revenue_share_top_30", ColumnType::Double, "0..1", "the same of the best 30%"),
        column("new_customers", ColumnType::Int64, "customers", "customers who came after the earlier date: nobody could have ranked them, and they are in no other figure"),
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

/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_possible_wrap)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let evaluation = evaluated(findings)?;
    let rankings = &evaluation.rankings;
    let counts = |count: fn(&EvaluatedRanking) -> u64| rankings.iter().map(|own| count(own) as i64).collect::<Vec<_>>();
    let lift = |tenths: usize| rankings.iter().map(|own| own.quality.top(tenths).1).collect::<Vec<_>>();
    let share =
        |which: usize, tenths: usize| rankings.iter().map(|own| own.quality.top(tenths).0[which]).collect::<Vec<_>>();
    Ok(df!(
        "scoring" => rankings.iter().map(|own| own.scoring.as_str()).collect::<Vec<_>>(),
        "ranking" => rankings.iter().map(|own| own.ranking).collect::<Vec<_>>(),
        "horizon_days" => vec![evaluation.horizon_days; rankings.len()],
        "customers" => counts(|own| own.quality.customers),
        "buyers" => counts(|own| own.quality.buyers),
        "auc" => rankings.iter().map(|own| own.quality.auc).collect::<Vec<_>>(),
        "lift_10" => lift(1),
        "lift_20" => lift(2),
        "lift_30" => lift(3),
        "buyer_share_top_10" => share(1, 1),
        "buyer_share_top_20" => share(1, 2),
        "buyer_share_top_30" => share(1, 3),
        "revenue_share_top_10" => share(2, 1),
        "revenue_share_top_20" => share(2, 2),
        "revenue_share_top_30" => share(2, 3),
        "new_customers" => vec![evaluation.new_customers as i64; rankings.len()],
    )?
    .lazy())
}
