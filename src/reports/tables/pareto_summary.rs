//! `pareto_summary`: the concentration of revenue in single figures. Measured, never assumed.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report, every_run};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "pareto_summary",
    one_row_per: "figure of concentration: share of the top 20%, customers for 80% of revenue, Gini",
    published_with: "always, with amounts",
    meaning: "Single figures of the concentration of revenue. Sorted by measure.",
    columns: &[
        column("measure", ColumnType::Text, "", "`revenue_share_of_top_N_percent`, `customers_for_N_percent_of_revenue`, `customer_share_for_N_percent_of_revenue`, `gini`"),
        column("value", ColumnType::Double, "", "the figure: a share 0..1 or a number of customers; null where total revenue is not above zero (gini: also where a customer's revenue is below zero)"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::EveryRun,
    when: every_run,
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// Percentages of customers, and of revenue, in the summary.
const TOP_PERCENT: [usize; 4] = [1, 5, 10, 20];
const REVENUE_PERCENT: [i64; 3] = [50, 80, 90];

/// The single figures, by name.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub(crate) fn summary(findings: &Findings) -> Vec<(String, Option<f64>)> {
    let ranking = &findings.ranking;
    let count = ranking.revenue.len() as f64;
    let mut figures = Vec::new();
    for percent in TOP_PERCENT {
        let held = ranking.revenue_share_of_top(percent);
        figures.push((format!("revenue_share_of_top_{percent}_percent"), held));
    }
    for percent in REVENUE_PERCENT {
        let holders = ranking.customers_for(percent).map(|holders| holders as f64);
        figures.push((format!("customers_for_{percent}_percent_of_revenue"), holders));
        figures.push((format!("customer_share_for_{percent}_percent_of_revenue"), holders.map(|h| h / count)));
    }
    figures.push(("gini".into(), ranking.gini()));
    figures.sort_by(|a, b| a.0.cmp(&b.0));
    figures
}

/// The table of the single figures.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let (measures, values): (Vec<String>, Vec<Option<f64>>) = summary(findings).into_iter().unzip();
    Ok(df!("measure" => measures, "value" => values)?.lazy())
}
