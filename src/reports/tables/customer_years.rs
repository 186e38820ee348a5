//! `customer_years` and `planned_ltv`: lifetime values by the plain formula, of what was and of what is given.

use std::ops::Range;

use polars::prelude::*;

use crate::predict::PlannedYear;
use crate::reports::findings::Findings;

/// The rows `rows` of a column of `customer_years`, before typing.
///
/// # Errors
/// A Polars error for a column that the table does not have, which would be a bug.
pub(crate) fn values(findings: &Findings, name: &str, rows: Range<usize>) -> PolarsResult<Column> {
    let (years, money) = findings.years.as_ref().ok_or_else(|| polars_err!(ComputeError: "no years were noted"))?;
    let slice = &years.rows[rows.clone()];
    let column = PlSmallStr::from_str(name);
    Ok(match name {
        "customer_id" => {
            crate::reports::tables::customers::ids(&findings.customers.ids, slice.iter().map(|year| year.row as usize))
        }
        "year" => Column::new(column, slice.iter().map(|year| year.year).collect::<Vec<_>>()),
        "orders" => Column::new(column, slice.iter().map(|year| i64::from(year.orders)).collect::<Vec<_>>()),
        "revenue" => Column::new(column, slice.iter().map(|year| year.amount).collect::<Vec<_>>()),
        "profit" => Column::new(column, slice.iter().map(|year| money.profit(year)).collect::<Vec<_>>()),
        "historical_ltv" => Column::new(column, rows.map(|place| money.value(years.up_to(place))).collect::<Vec<_>>()),
        _ => polars_bail!(ColumnNotFound: "customer_years has no column `{name}`"),
    })
}

/// The plain formula, year by year.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
pub(crate) fn planned(years: &[PlannedYear]) -> PolarsResult<LazyFrame> {
    Ok(df!(
        "year" => years.iter().map(|year| year.year).collect::<Vec<_>>(),
        "profit" => years.iter().map(|year| year.profit).collect::<Vec<_>>(),
        "staying_share" => years.iter().map(|year| year.staying_share).collect::<Vec<_>>(),
        "discounted_profit" => years.iter().map(|year| year.discounted_profit).collect::<Vec<_>>(),
        "ltv" => years.iter().map(|year| year.lifetime_value).collect::<Vec<_>>(),
    )?
    .lazy())
}
