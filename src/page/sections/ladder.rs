//! The loyalty ladder: of those with k purchases, how many reach the next one, and how long that takes.

use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::columns::{Columns, Group};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Table};
use crate::page::numbers::Numbers;
use crate::page::sections::section::Section;

const COLUMNS: &[&str] = &[
    "step",
    "customers_with_k",
    "customers_with_next",
    "share",
    "median_days",
    "lower_quartile_days",
    "upper_quartile_days",
    "share_within_90",
    "share_within_180",
    "share_within_365",
];

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let Some(rows) = context.tables.read("loyalty_ladder", COLUMNS)? else { return Ok(None) };
    let figures = [shares(context, &rows), days(context, &rows)];
    Ok(Section::new(&context.texts, "ladder").with(figures))
}

fn step(rows: &Rows, row: usize) -> String {
    let step = rows.exact("step", row).unwrap_or_default();
    format!("{step}→{}", step + 1)
}

fn columns(context: &Context<'_>, rows: &Rows, column: &str, written: impl Fn(f64) -> String) -> Columns {
    let known = (0..rows.count()).filter(|row| rows.number(column, *row).is_some());
    let group = |row: usize| {
        let value = rows.number(column, row).unwrap_or_default();
        Group { name: step(rows, row), values: vec![value], tip: format!("{}: {}", step(rows, row), written(value)) }
    };
    Columns { groups: known.map(group).collect(), axis: context.say("axis.step").to_owned(), ..Columns::default() }
}

fn shares(context: &Context<'_>, rows: &Rows) -> Figure {
    let columns = columns(context, rows, "share", Numbers::percent);
    let share = |row: usize| Numbers::maybe_percent(rows.number("share", row));
    let values: [(&str, &dyn Display); 1] = [("share", &share(0))];
    let title = context.texts.fill("ladder.second", &values);
    let picture = columns.drawn(&title, |value| Numbers::percent(value).replace(".0%", "%"));
    Figure::new(title, picture, table(context, rows)).note(context.say("ladder.note"))
}

fn days(context: &Context<'_>, rows: &Rows) -> Figure {
    let columns = columns(context, rows, "median_days", |days| Numbers::decimal(days, 0));
    let days = Numbers::maybe_decimal(rows.number("median_days", 0), 0);
    let title = context.texts.fill("ladder.days", &[("days", &days)]);
    let picture = columns.drawn(&title, |value| context.numbers.short(value));
    Figure::new(title, picture, table(context, rows)).note(context.say("ladder.days_note"))
}

fn table(context: &Context<'_>, rows: &Rows) -> Table {
    let mut heads = context.heads(&["step", "customers_with_k", "customers_with_next", "share", "lower_quartile_days"]);
    heads.extend(context.heads(&[
        "median_days",
        "upper_quartile_days",
        "share_within_90",
        "share_within_180",
        "share_within_365",
    ]));
    let mut table = Table::new(heads, 1);
    for row in 0..rows.count() {
        let whole = |column: &str| Numbers::whole(rows.exact(column, row).unwrap_or_default());
        let days = |column: &str| Numbers::maybe_decimal(rows.number(column, row), 1);
        let share = |column: &str| Numbers::maybe_percent(rows.number(column, row));
        table.add([
            step(rows, row),
            whole("customers_with_k"),
            whole("customers_with_next"),
            share("share"),
            days("lower_quartile_days"),
            days("median_days"),
            days("upper_quartile_days"),
            share("share_within_90"),
            share("share_within_180"),
            share("share_within_365"),
        ]);
    }
    table
}
