//! `evaluation_rankings`: the customers of an earlier date in tenths by a ranking, and who of them bought since.

use polars::prelude::*;

use super::evaluation::evaluated;
use super::scorings::SCORING;
use crate::money::power_of_ten;
use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::schema::{ColumnType, TableEntry, column};
use crate::time::evaluation::{EvaluatedRanking, Tenth};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "evaluation_rankings",
    one_row_per: "ranking and tenth of the customers of an earlier date: buyers, revenue, lift",
    published_with: "`evaluate.horizon_days`",
    meaning: "As `evaluation`, by what customers can be ranked by, the best tenth first. A tenth is exactly a tenth of the customers: where a border falls among customers of equal rank, each of them counts in part, so that figures need not be whole. Sorted by scoring, ranking, tenth.",
    columns: &[
        SCORING,
        column("ranking", ColumnType::Text, "", "`r_score`, `f_score`, `m_score`, `score_sum`, `weighted_value` where it is made, `clv` where it is predicted (of the longest horizon, with the run's own scoring)"),
        column("tenth", ColumnType::Int32, "", "1 is the best, 10 the last"),
        column("customers", ColumnType::Double, "customers", "a tenth of all"),
        column("buyers", ColumnType::Double, "customers", "of these, those with a purchase since"),
        column("revenue", ColumnType::Double, "money", "money of their orders since, credit notes too"),
        column("cumulative_customer_share", ColumnType::Double, "0..1", "share of all customers up to this tenth"),
        column("cumulative_buyer_share", ColumnType::Double, "0..1", "share of all buyers up to this tenth: the gains; null without buyers"),
        column("cumulative_revenue_share", ColumnType::Double, "0..1", "share of all revenue since, up to this tenth; null where that is not above zero"),
        column("lift", ColumnType::Double, "ratio", "share of buyers in the tenth, divided by that among all: 2 is twice as many; null without buyers"),
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
#[allow(clippy::cast_precision_loss)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let rankings = &evaluated(findings)?.rankings;
    let rows: Vec<(&EvaluatedRanking, &Tenth)> =
        rankings.iter().flat_map(|own| own.quality.tenths.iter().map(move |tenth| (own, tenth))).collect();
    let unit = power_of_ten(findings.scale) as f64;
    let doubles = |figure: fn(&Tenth) -> f64| rows.iter().map(|(_, tenth)| figure(tenth)).collect::<Vec<_>>();
    let shares = |which: usize| rows.iter().map(|(_, tenth)| tenth.cumulative[which]).collect::<Vec<_>>();
    Ok(df!(
        "scoring" => rows.iter().map(|(own, _)| own.scoring.as_str()).collect::<Vec<_>>(),
        "ranking" => rows.iter().map(|(own, _)| own.ranking).collect::<Vec<_>>(),
        "tenth" => rows.iter().map(|(_, tenth)| tenth.number).collect::<Vec<_>>(),
        "customers" => doubles(|tenth| tenth.customers),
        "buyers" => doubles(|tenth| tenth.buyers),
        "revenue" => rows.iter().map(|(_, tenth)| tenth.revenue / unit).collect::<Vec<_>>(),
        "cumulative_customer_share" => shares(0),
        "cumulative_buyer_share" => shares(1),
        "cumulative_revenue_share" => shares(2),
        "lift" => rows.iter().map(|(_, tenth)| tenth.lift).collect::<Vec<_>>(),
    )?
    .lazy())
}
