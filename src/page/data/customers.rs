//! One pass over the customers: how recency, frequency and money are distributed, who is active, who bought once.
//!
//! It takes as much memory as one row group of these columns. Does not live here: how values are counted (`distribution`).

use polars::prelude::*;

use super::distribution::Counts;
use super::rows::Rows;
use super::tables::Tables;
use crate::error::Result;
use crate::money::power_of_ten;

/// What one pass over the customers gives.
#[derive(Debug)]
pub(crate) struct CustomerFigures {
    /// Customers with an order at any time.
    pub(crate) buyers: u64,
    /// Those whose last order is less than 30, 60 and 90 days ago.
    pub(crate) active: [u64; 3],
    /// Those with one order in the window.
    pub(crate) once: u64,
    /// Those whose revenue is below the mean; none without money.
    pub(crate) below_mean: Option<u64>,
    /// The axes of the scores.
    pub(crate) axes: Vec<AxisFigures>,
}

/// An axis of the scores.
#[derive(Debug)]
pub(crate) struct AxisFigures {
    /// Its measure, a column of the customers.
    pub(crate) measure: String,
    /// Its kind.
    pub(crate) kind: Kind,
    /// How the customers are distributed.
    pub(crate) counts: Counts,
    /// The values that end a score, ascending.
    pub(crate) breaks: Vec<f64>,
    /// The scores between them, from the lowest values to the highest.
    pub(crate) scores: Vec<i128>,
}

/// What the values of an axis are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Days,
    Number,
    Money,
}

/// The measures of money.
const MONEY: [&str; 4] = ["revenue", "average_order_value", "largest_order", "margin"];
const ACTIVE_DAYS: [i64; 3] = [30, 60, 90];

impl CustomerFigures {
    /// Reads the customers once; `mean` are revenue and number of customers.
    ///
    /// # Errors
    /// A source error where a table cannot be read.
    pub(crate) fn read(tables: &Tables<'_>, scale: u8, mean: Option<(i128, u64)>) -> Result<Self> {
        let bounds = tables.read("score_bounds", &["axis", "score", "highest_value", "upper_threshold"])?;
        let axes = bounds.map(|bounds| axes_of(&bounds)).unwrap_or_default();
        let mut columns = vec!["recency_days", "orders", "revenue"];
        columns.extend(axes.iter().map(|axis| axis.measure.as_str()).filter(|name| !BASE.contains(name)));
        let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let mean = mean.filter(|(revenue, customers)| *revenue > 0 && *customers > 0);
        let mut figures = Self { buyers: 0, active: [0; 3], once: 0, below_mean: mean.map(|_| 0), axes };
        tables.each_slice("customers", &names, |slice| figures.add(slice, scale, mean))?;
        figures.axes.retain(|axis| axis.counts.total() > 0);
        Ok(figures)
    }

    /// Adds some customers; those who never bought have no recency, and are left out.
    fn add(&mut self, slice: &DataFrame, scale: u8, mean: Option<(i128, u64)>) -> PolarsResult<()> {
        let days = slice.column("recency_days")?;
        if days.null_count() > 0 {
            let buyers = slice.filter(&days.is_not_null())?;
            return self.add(&buyers, scale, mean);
        }
        each(days, scale, |days| {
            self.buyers += 1;
            for (active, limit) in self.active.iter_mut().zip(ACTIVE_DAYS) {
                *active += u64::from(days < limit);
            }
        })?;
        if let Ok(orders) = slice.column("orders") {
            each(orders, scale, |orders| self.once += u64::from(orders == 1))?;
        }
        if let (Ok(revenue), Some((total, customers)), Some(below)) =
            (slice.column("revenue"), mean, self.below_mean.as_mut())
        {
            each(revenue, scale, |revenue| {
                *below += u64::from(i128::from(revenue) * i128::from(customers) < total);
            })?;
        }
        for axis in &mut self.axes {
            if let Ok(column) = slice.column(&axis.measure) {
                each(column, scale, |value| axis.counts.add(value))?;
            }
        }
        Ok(())
    }
}

const BASE: [&str; 3] = ["recency_days", "orders", "revenue"];

/// Hands over the values that are there: whole numbers, money in minor units.
fn each(column: &Column, scale: u8, work: impl FnMut(i64)) -> PolarsResult<()> {
    match column.dtype() {
        DataType::Float64 => {
            let unit = power_of_ten(scale) as f64;
            #[allow(clippy::cast_possible_truncation, reason = "money has at most 18 digits")]
            column.f64()?.iter().flatten().map(|value| (value * unit).round() as i64).for_each(work);
        }
        DataType::Decimal(..) => {
            let minor = column.decimal()?.physical().iter().flatten();
            minor.map(|minor| i64::try_from(minor).unwrap_or(i64::MAX)).for_each(work);
        }
        _ => column.strict_cast(&DataType::Int64)?.i64()?.iter().flatten().for_each(work),
    }
    Ok(())
}

/// The axes with their breaks, the recency axis first.
fn axes_of(bounds: &Rows) -> Vec<AxisFigures> {
    let mut axes: Vec<AxisFigures> =
        bounds.distinct("axis").into_iter().map(|measure| axis_of(bounds, measure)).collect();
    axes.sort_by_key(|axis| match axis.kind {
        Kind::Days => 0,
        Kind::Number => 1,
        Kind::Money => 2,
    });
    axes
}

fn axis_of(bounds: &Rows, measure: String) -> AxisFigures {
    let kind = match measure.as_str() {
        name if name.ends_with("_days") && name != "purchase_days" => Kind::Days,
        name if MONEY.contains(&name) => Kind::Money,
        _ => Kind::Number,
    };
    let value = |row: usize| bounds.number("upper_threshold", row).or(bounds.number("highest_value", row));
    let mut rows: Vec<(f64, usize)> =
        bounds.rows_with("axis", &measure).into_iter().filter_map(|row| Some((end_of(bounds, row)?, row))).collect();
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    let scores = rows.iter().filter_map(|(_, row)| bounds.exact("score", *row)).collect();
    let inner = rows.len().saturating_sub(1);
    let breaks = rows.iter().take(inner).filter_map(|(_, row)| value(*row)).collect();
    let counts = if kind == Kind::Money { Counts::money() } else { Counts::whole() };
    AxisFigures { measure, kind, counts, breaks, scores }
}

/// The value by which a score stands among the others; none of an empty bin.
fn end_of(bounds: &Rows, row: usize) -> Option<f64> {
    bounds.number("highest_value", row)
}
