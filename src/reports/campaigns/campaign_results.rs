//! `campaign_results`: what campaigns brought, by segment and cell, and against those who were held back.

use polars::prelude::*;

use super::{CAMPAIGN, GROUP, GROUP_BY, Group, Stamp, counts, groups, numbers, texts};
use crate::campaigns::results::{AgainstControl, Figures};
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
pub const TABLE: TableEntry = TableEntry {
    name: "campaign_results",
    one_row_per: "campaign, segment and cell: responses, profit, verdict, and the difference from the control",
    published_with: "`campaign evaluate`",
    meaning: "For each campaign one row, then one per segment and one per cell with a target or control. Intervals are not adjusted for the number of rows; the verdict is. Sorted by campaign, group_by (campaign, segment, cell), then group.",
    columns: &[
        CAMPAIGN,
        GROUP_BY,
        GROUP,
        column("contacts", ColumnType::Int64, "customers", "customers who were contacted: the targets"),
        column("responders", ColumnType::Int64, "customers", "of these, customers who responded; several orders of one are one responder"),
        column("response_rate", ColumnType::Double, "0..1", "responders by contacts; null without contacts"),
        column("rate_low", ColumnType::Double, "0..1", "lower end of Wilson's interval of response_rate, at `campaign.confidence`, not adjusted; null as response_rate"),
        column("rate_high", ColumnType::Double, "0..1", "upper end, likewise"),
        column("revenue", ColumnType::Money, "money", "money of the responders in the days of response"),
        column("cost", ColumnType::Double, "money", "cost of the contacts"),
        column("profit", ColumnType::Double, "money", "responders x profit per response - cost; null without a profit per response"),
        column("roi", ColumnType::Double, "", "profit by cost; null where nothing was spent"),
        column("break_even_rate", ColumnType::Double, "0..1", "mean cost of a contact by profit per response; null without one of them"),
        column("p_value", ColumnType::Double, "0..1", "two-sided score test of response_rate against break_even_rate, of this row alone; null without a break_even_rate"),
        column("adjusted_p_value", ColumnType::Double, "0..1", "p_value as Benjamini and Hochberg adjust it among the rows of the same campaign and group_by; null as p_value"),
        column("verdict", ColumnType::Text, "", "`keep`: adjusted_p_value below 1 - confidence, and the rate above break-even; `drop`: likewise, below it; else `not_enough_evidence`; null as p_value"),
        column("control_customers", ColumnType::Int64, "customers", "customers who were held back"),
        column("control_responders", ColumnType::Int64, "customers", "of these, customers who ordered anyway"),
        column("control_rate", ColumnType::Double, "0..1", "control_responders by control_customers; null without a control or without contacts, as what follows"),
        column("rate_difference", ColumnType::Double, "", "response_rate less control_rate"),
        column("difference_low", ColumnType::Double, "", "lower end of Newcombe's hybrid score interval of rate_difference, not adjusted"),
        column("difference_high", ColumnType::Double, "", "upper end, likewise"),
        column("incremental_responders", ColumnType::Double, "customers", "rate_difference x contacts: responders whom the contacts made"),
        column("incremental_revenue", ColumnType::Double, "money", "revenue less contacts x revenue per customer of the control"),
        column("incremental_profit", ColumnType::Double, "money", "incremental_responders x profit per response - cost; null without a profit per response, too"),
    ],
};

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultRow {
    /// Of which campaign.
    pub campaign: String,
    /// Of which group.
    pub group: Group,
    /// What it brought.
    pub figures: Figures,
}

/// The table.
///
/// # Errors
/// A Polars error where money is beyond 64 bits.
pub fn table(stamp: &Stamp, rows: &[ResultRow]) -> PolarsResult<DataFrame> {
    let of = || rows.iter().map(|row| &row.figures);
    let [by, group] = groups(rows.iter().map(|row| &row.group));
    let against =
        |value: fn(&AgainstControl) -> Option<f64>| of().map(move |of| of.against_control.as_ref().and_then(value));
    let revenue: PolarsResult<Vec<i64>> = of().map(|of| minor(of.counted.targets.revenue)).collect();
    let verdicts = of().map(|of| of.verdict.map(crate::campaigns::verdict::Verdict::word));
    let columns = vec![
        texts(CAMPAIGN.name, rows.iter().map(|row| row.campaign.as_str())),
        by,
        group,
        counts("contacts", of().map(|of| of.counted.targets.customers)),
        counts("responders", of().map(|of| of.counted.targets.responders)),
        numbers("response_rate", of().map(|of| of.rate)),
        numbers("rate_low", of().map(|of| of.interval.map(|interval| interval.low))),
        numbers("rate_high", of().map(|of| of.interval.map(|interval| interval.high))),
        Column::new("revenue".into(), revenue?),
        numbers("cost", of().map(|of| Some(of.cost))),
        numbers("profit", of().map(|of| of.profit)),
        numbers("roi", of().map(|of| of.roi)),
        numbers("break_even_rate", of().map(|of| of.break_even)),
        numbers("p_value", of().map(|of| of.p_value)),
        numbers("adjusted_p_value", of().map(|of| of.adjusted_p_value)),
        StringChunked::from_iter_options("verdict".into(), verdicts).into_column(),
        counts("control_customers", of().map(|of| of.counted.control.customers)),
        counts("control_responders", of().map(|of| of.counted.control.responders)),
        numbers("control_rate", against(|against| Some(against.rate))),
        numbers("rate_difference", against(|against| Some(against.difference.difference))),
        numbers("difference_low", against(|against| Some(against.difference.interval.low))),
        numbers("difference_high", against(|against| Some(against.difference.interval.high))),
        numbers("incremental_responders", against(|against| Some(against.responders))),
        numbers("incremental_revenue", against(|against| Some(against.revenue))),
        numbers("incremental_profit", against(|against| against.profit)),
    ];
    stamp.table(&TABLE, columns, rows.len())
}

fn minor(revenue: i128) -> PolarsResult<i64> {
    i64::try_from(revenue).map_err(|_| polars_err!(ComputeError: "the revenue of a campaign is beyond 64 bits"))
}
