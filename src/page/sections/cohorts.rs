//! Customers by the time of their first purchase: how many of them still buy, period after period.

use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::heat::{Cell, Grid};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::numbers::Numbers;
use crate::page::sections::section::Section;

const COLUMNS: &[&str] =
    &["cohort", "age", "customers", "active", "retention", "orders", "revenue", "cumulative_revenue_per_customer"];
/// The newest cohorts, and the first ages, that are shown.
const MOST_COHORTS: usize = 18;
const MOST_AGES: i128 = 12;

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let Some(rows) = context.tables.read("cohorts", COLUMNS)? else { return Ok(None) };
    let cohorts = rows.distinct("cohort");
    let cohorts = &cohorts[cohorts.len().saturating_sub(MOST_COHORTS)..];
    let ages = (0..rows.count()).filter_map(|row| rows.exact("age", row)).max().unwrap_or_default().min(MOST_AGES);
    if cohorts.is_empty() {
        return Ok(None);
    }
    Ok(Section::new(&context.texts, "cohorts").with([figure(context, &rows, cohorts, ages)]))
}

fn figure(context: &Context<'_>, rows: &Rows, cohorts: &[String], ages: i128) -> Figure {
    let row_of = |cohort: &str, age: i128| {
        rows.rows_with("cohort", cohort).into_iter().find(|row| rows.exact("age", *row) == Some(age))
    };
    // The first period holds all of them, and would make everything else pale.
    let later = (0..rows.count()).filter(|row| rows.exact("age", *row) != Some(0));
    let most = later.filter_map(|row| rows.number("retention", row)).fold(0.0, f64::max);
    let cell = |cohort: &String, age: i128| {
        let Some(row) = row_of(cohort, age) else { return Cell::default() };
        let Some(retention) = rows.number("retention", row) else { return Cell::default() };
        let text = Numbers::percent(retention);
        let heat = if most > 0.0 { retention / most } else { 0.0 };
        Cell {
            heat: Some(heat),
            lines: vec![text.trim_end_matches('%').to_owned()],
            tip: format!("{cohort} +{age}: {text}"),
        }
    };
    let size = |cohort: &String| {
        let customers = row_of(cohort, 0).or_else(|| rows.rows_with("cohort", cohort).first().copied());
        customers.and_then(|row| rows.exact("customers", row)).unwrap_or_default()
    };
    let grid = Grid {
        rows: cohorts
            .iter()
            .map(|cohort| format!("{} ({})", cohort.get(..7).unwrap_or(cohort), Numbers::whole(size(cohort))))
            .collect(),
        columns: (0..=ages).map(|age| age.to_string()).collect(),
        cells: cohorts.iter().map(|cohort| (0..=ages).map(|age| cell(cohort, age)).collect()).collect(),
        axis: context.say("axis.age").to_owned(),
        height: 28.0,
    };
    let (mut active, mut all) = (0, 0);
    for row in (0..rows.count()).filter(|row| rows.exact("age", *row) == Some(1)) {
        if let (Some(customers), Some(again)) = (rows.exact("customers", row), rows.exact("active", row)) {
            active += again;
            all += customers;
        }
    }
    let share = if all > 0 { Some(active as f64 / all as f64) } else { None };
    let values: [(&str, &dyn Display); 1] = [("share", &Numbers::maybe_percent(share))];
    let title = context.texts.fill("cohorts.next", &values);
    let picture = grid.drawn(&title);
    Figure::new(title, picture, table(context, rows, cohorts)).note(context.say("cohorts.note")).layout(Layout::Broad)
}

/// One row per cohort, the newest first.
fn table(context: &Context<'_>, rows: &Rows, cohorts: &[String]) -> Table {
    let mut table =
        Table::new(context.heads(&["cohort", "customers", "age", "retention", "cumulative_revenue_per_customer"]), 1);
    for cohort in cohorts.iter().rev() {
        let known = rows.rows_with("cohort", cohort);
        let last = known.iter().rev().find(|row| rows.number("retention", **row).is_some());
        let Some(row) = last.copied() else { continue };
        table.add([
            cohort.clone(),
            Numbers::whole(rows.exact("customers", row).unwrap_or_default()),
            Numbers::whole(rows.exact("age", row).unwrap_or_default()),
            Numbers::maybe_percent(rows.number("retention", row)),
            Numbers::maybe_decimal(rows.number("cumulative_revenue_per_customer", row), 2),
        ]);
    }
    table
}
