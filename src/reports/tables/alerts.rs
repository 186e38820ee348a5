//! `alerts`: valued customers who are slipping away.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::ids::{self, OF_PAIRS};
use crate::reports::report::{Added, Chapter, Make, Report};
use crate::schema::{AddedColumns, ColumnType, TableEntry, column};
use crate::time::alerts::Alert;
use crate::time::options::Reason;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "alerts",
    one_row_per: "valued customer who is slipping away: why, and what is at stake",
    published_with: "`alerts.reasons`",
    meaning: "Customers who were valued on the earlier date (`compare.with`; today without one): an F or M score above `alerts.valued_score_share` of the bins, or one of `alerts.valued_classes`. Sorted by revenue_last_365_days descending, then customer_id.",
    columns: &[
        column("customer_id", ColumnType::Id, "", "the customer, as in `customers`"),
        column("segment", ColumnType::Text, "", "key of the segment on `as_of`"),
        column("reasons", ColumnType::Text, "", "joined by `+`: `score_fell` (recency fell by `alerts.score_fell_by` scores, by the breaks of the earlier date), `own_rhythm` (quiet for longer than own_limit_days now, and not yet then), `p_alive` (below `alerts.p_alive_below` now, and not yet then, both by the model of `as_of`); with `alerts.standing`, or without an earlier date, whoever is beyond the last two limits now"),
        column("days_since_last_order", ColumnType::Int32, "days", "days since the last order"),
        column("own_limit_days", ColumnType::Double, "days", "the 0.9 quantile (type 7) of their own gaps between purchase days from five gaps on, else twice the mean gap; null with one purchase day"),
        column("r_score_before", ColumnType::Int32, "score", "recency score on the earlier date; null where nothing is compared"),
        column("r_score", ColumnType::Int32, "score", "recency score on `as_of`, as in `customers`"),
        column("revenue_last_365_days", ColumnType::Money, "", "what their orders of the last 365 days come to, returns too, whatever the window"),
        column("action_en", ColumnType::Text, "", "what to do about the segment"),
        column("action_zh", ColumnType::Text, "", "the same in Chinese; null where the map has none"),
        column("r_score_frozen", ColumnType::Int32, "score", "recency score on `as_of` by the breaks of the earlier date, which `score_fell` looks at; null where it has none"),
    ],
};

const PAIRS: AddedColumns =
    AddedColumns { name: TABLE.name, meaning: "With `customers.per`: the last column.", columns: OF_PAIRS };

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::OverTime,
    when: |findings| findings.alerts.is_some(),
    times_counted: None,
    added: &[Added {
        chapter: Chapter::Groups,
        columns: PAIRS,
        when: |findings, _| findings.customers.pairs.is_some(),
    }],
    make: Make::Small(plan),
};

/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let alerts = findings.alerts.as_ref().ok_or_else(|| polars_err!(ComputeError: "no alerts were looked for"))?;
    let list = &alerts.list;
    let own = findings.own();
    let segment = |alert: &Alert| &own.map.segments[usize::from(own.segment[alert.row as usize])];
    let reasons =
        |alert: &Alert| alert.reasons.iter().map(|reason: &Reason| reason.name()).collect::<Vec<_>>().join("+");
    let scores = |which: usize| {
        let of = |alert: &Alert| alert.r_scores.map(|scores| scores[which]).filter(|score| *score > 0);
        list.iter().map(of).collect::<Vec<Option<i32>>>()
    };
    let action_zh = |alert: &Alert| Some(segment(alert).action_zh.as_str()).filter(|text| !text.is_empty());
    let mut frame = df!(
        "segment" => list.iter().map(|alert| segment(alert).key.as_str()).collect::<Vec<_>>(),
        "reasons" => list.iter().map(reasons).collect::<Vec<_>>(),
        "days_since_last_order" => list.iter().map(|alert| alert.days).collect::<Vec<_>>(),
        "own_limit_days" => list.iter().map(|alert| alert.limit_days).collect::<Vec<_>>(),
        "r_score_before" => scores(0),
        "r_score" => list.iter().map(|alert| own.scores[0][alert.row as usize]).collect::<Vec<_>>(),
        "revenue_last_365_days" => list.iter().map(|alert| alert.revenue).collect::<Vec<_>>(),
        "action_en" => list.iter().map(|alert| segment(alert).action_en.as_str()).collect::<Vec<_>>(),
        "action_zh" => list.iter().map(action_zh).collect::<Vec<_>>(),
        "r_score_frozen" => scores(1),
    )?;
    let rows = || list.iter().map(|alert| alert.row as usize);
    frame.with_column(ids::column(findings, rows()))?;
    if findings.customers.pairs.is_some() {
        frame.with_column(ids::per(findings, rows()))?;
    }
    Ok(frame.lazy())
}
