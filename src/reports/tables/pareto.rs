//! `pareto` and `pareto_summary`: how much of the revenue how few customers hold. Measured, never assumed.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::shares::{with_cumulative_shares, with_shares};

/// Percentages of customers, and of revenue, in the summary.
const TOP_PERCENT: [usize; 4] = [1, 5, 10, 20];
const REVENUE_PERCENT: [i64; 3] = [50, 80, 90];

/// The groups of the revenue order.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
pub fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    // More groups than customers would be empty ones.
    let groups = findings.pareto_groups.min(findings.ranking.revenue.len());
    let members: Vec<&[i64]> = (0..groups).map(|group| findings.ranking.group(group, groups)).collect();
    let frame = df!(
        "revenue_group" => (1_i32..).take(groups).collect::<Vec<_>>(),
        "customers" => members.iter().map(|revenues| i64::try_from(revenues.len()).unwrap_or(i64::MAX)).collect::<Vec<_>>(),
        "revenue" => members.iter().map(|revenues| revenues.iter().sum::<i64>()).collect::<Vec<_>>(),
        "lowest_revenue" => members.iter().map(|revenues| revenues.last().copied()).collect::<Vec<_>>(),
        "highest_revenue" => members.iter().map(|revenues| revenues.first().copied()).collect::<Vec<_>>(),
    )?;
    Ok(with_cumulative_shares(with_shares(frame.lazy(), findings), findings))
}

/// The single figures, by name.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn summary(findings: &Findings) -> Vec<(String, Option<f64>)> {
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
/// As [`plan`].
pub fn summary_plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let (measures, values): (Vec<String>, Vec<Option<f64>>) = summary(findings).into_iter().unzip();
    Ok(df!("measure" => measures, "value" => values)?.lazy())
}
