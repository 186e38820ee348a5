//! `value_map`: what customers are worth, crossed with what they do and reach.

use polars::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::shares::{CUSTOMERS, REVENUE};
use crate::schema::{ColumnType, TableEntry, column};
use crate::score::options::Method;
use crate::score::{AxisSpec, Measure, score_axis_weighted};

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "value_map",
    one_row_per: "class of lifetime value x class of social value",
    published_with: "`predict.model` and `social.path`",
    meaning: "Only with predictions and `social.path`: customers with a clv (of the longest horizon) and an scv, by class of both, empty classes too. Sorted by clv_class, then scv_class, both descending.",
    columns: &[
        column("clv_class", ColumnType::Int32, "score", "1 to `social.map_classes`, cut at quantiles, the highest is best; equal values share a class"),
        column("scv_class", ColumnType::Int32, "score", "class of the customer by scv"),
        CUSTOMERS,
        column("customer_share", ColumnType::Double, "0..1", "share of the customers with both; null where there are none"),
        column("clv", ColumnType::Double, "money", "sum of clv"),
        column("clv_share", ColumnType::Double, "0..1", "share of their clv; null where that is not above zero"),
        column("mean_scv", ColumnType::Double, "", "mean of scv; null in an empty class"),
        REVENUE,
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Social,
    when: |findings| findings.predictions.is_some() && findings.social.is_some(),
    times_counted: None,
    added: &[],
    make: Make::Small(plan),
};

/// Figures are cut into classes as whole numbers of 10^-6.
const UNITS: f64 = 1e6;

/// A customer with both values.
struct Both {
    row: usize,
    clv: f64,
    scv: f64,
}

/// Both by quantile classes, in two ways.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
#[allow(clippy::cast_precision_loss, clippy::cast_sign_loss)]
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let (Some(predictions), Some(social)) = (&findings.predictions, &findings.social) else {
        polars_bail!(ComputeError: "no lifetime or no social values are known");
    };
    let horizon = predictions.terms.horizons.len().saturating_sub(1);
    let both = |row: usize| Some(Both { row, clv: predictions.clv(row, horizon)?, scv: social.figure("scv", row)? });
    let customers: Vec<Both> = (0..findings.customers.len()).filter_map(both).collect();
    let classes = social.map_classes as usize;
    let clv_class = classes_of(&customers, classes, |both| both.clv)?;
    let scv_class = classes_of(&customers, classes, |both| both.scv)?;
    let mut cells = vec![Cell::default(); classes * classes];
    for ((both, clv), scv) in customers.iter().zip(clv_class).zip(scv_class) {
        let cell = &mut cells[(clv as usize - 1) * classes + scv as usize - 1];
        cell.customers += 1;
        cell.clv += both.clv;
        cell.scv += both.scv;
        cell.revenue += findings.customers.revenue[both.row];
    }
    let total: f64 = cells.iter().map(|cell| cell.clv).sum();
    let count = customers.len() as f64;
    let order: Vec<usize> = (0..cells.len()).rev().collect();
    let class = |index: usize| i32::try_from(index + 1).unwrap_or(i32::MAX);
    let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    Ok(df!(
        "clv_class" => order.iter().map(|index| class(index / classes)).collect::<Vec<_>>(),
        "scv_class" => order.iter().map(|index| class(index % classes)).collect::<Vec<_>>(),
        "customers" => order.iter().map(|index| cells[*index].customers).collect::<Vec<_>>(),
        "customer_share" => order.iter().map(|index| share(cells[*index].customers as f64, count)).collect::<Vec<_>>(),
        "clv" => order.iter().map(|index| cells[*index].clv).collect::<Vec<_>>(),
        "clv_share" => order.iter().map(|index| share(cells[*index].clv, total)).collect::<Vec<_>>(),
        "mean_scv" => order.iter().map(|index| {
            let cell = &cells[*index];
            (cell.customers > 0).then(|| cell.scv / cell.customers as f64)
        }).collect::<Vec<_>>(),
        "revenue" => order.iter().map(|index| cells[*index].revenue).collect::<Vec<_>>(),
    )?
    .lazy())
}

#[derive(Debug, Clone, Default)]
struct Cell {
    customers: i64,
    clv: f64,
    scv: f64,
    revenue: i64,
}

/// 1 to `classes` for each customer.
#[allow(clippy::cast_possible_truncation)]
fn classes_of(customers: &[Both], classes: usize, value: impl Fn(&Both) -> f64) -> PolarsResult<Vec<i32>> {
    let whole: Vec<i64> = customers.iter().map(|both| (value(both) * UNITS).round() as i64).collect();
    let spec = AxisSpec::new(Measure::WeightedValue, 0, Method::Quantile, classes as u32);
    let scored = score_axis_weighted(&whole, &[], &spec, None);
    scored.map(|scored| scored.scores).map_err(|error| polars_err!(ComputeError: "{}", error.headline()))
}
