//! `calibration_summary`: how good the predictions for a holdout were, in single figures.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::predicted;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::tables::calibration;
use crate::schema::{ColumnType, TableEntry, column};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "calibration_summary",
    one_row_per: "figure of the holdout",
    published_with: "`predict.holdout_days`",
    meaning: "Only with `predict.holdout_days`: single figures of the same. Sorted by measure.",
    columns: &[
        column("measure", ColumnType::Text, "", "`customers`, `holdout_days`; `orders_` and `revenue_` `predicted`, `actual`, `mean_absolute_error`, `correlation`; `buyers_in_top_N_percent_by_S`, `revenue_in_top_N_percent_by_S`: the share of the holdout's buyers and revenue held by the best N percent by S, which is `clv` (predicted revenue; without order values, predicted orders), `rfm_sum` (quintile scores; `rf_sum` without amounts), `recency`, `frequency` or `revenue` before the holdout"),
        column("value", ColumnType::Double, "", "the figure; null where it is not defined"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Holdout,
    when: calibration::has_holdout,
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// The single figures.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let predictions = predicted::predictions(findings)?;
    let figures = predictions.calibration.iter().flat_map(|found| &found.figures);
    let has_money = findings.customers.known.has_money();
    let is_known = |measure: &str| has_money || !measure.starts_with("revenue_");
    let (measures, values): (Vec<&str>, Vec<Option<f64>>) =
        figures.map(|(measure, value)| (measure.as_str(), value.filter(|_| is_known(measure)))).unzip();
    Ok(df!("measure" => measures, "value" => values)?.lazy())
}
