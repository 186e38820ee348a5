//! The grid of recency bands and numbers of orders: in each cell customers, money, and what an order and a customer bring.

use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::heat::{Cell, Grid};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::numbers::Numbers;
use crate::page::sections::section::Section;

const COLUMNS: &[&str] = &[
    "grid_cell",
    "recency_band",
    "orders_band",
    "customers",
    "customer_share",
    "revenue",
    "revenue_share",
    "average_order_value",
    "revenue_per_customer",
];

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let rows = context.tables.read("grid", COLUMNS)?;
    let Some(rows) = rows.filter(|rows| rows.sum("customers") > 0) else { return Ok(None) };
    let section = Section::new(&context.texts, "grid");
    Ok(section.with([figure(context, &rows)]))
}

fn figure(context: &Context<'_>, rows: &Rows) -> Figure {
    // Cells are numbered with the recency band inside each number of orders, the most orders first.
    let bands = rows.distinct("recency_band");
    let orders: Vec<String> = rows.distinct("orders_band").into_iter().rev().collect();
    let most = (0..rows.count()).filter_map(|row| rows.number("customer_share", row)).fold(0.0, f64::max);
    let cell_of = |band: &String, orders: &String| {
        let is_it = |row: &usize| {
            rows.text("recency_band", *row) == Some(band) && rows.text("orders_band", *row) == Some(orders)
        };
        (0..rows.count()).find(is_it).map(|row| cell(context, rows, row, most)).unwrap_or_default()
    };
    let days = |band: &String| context.texts.fill("grid.days", &[("days", &band.replace('-', "–"))]);
    let grid = Grid {
        cells: bands.iter().map(|band| orders.iter().map(|orders| cell_of(band, orders)).collect()).collect(),
        rows: bands.iter().map(days).collect(),
        columns: orders.iter().map(|orders| context.texts.fill("grid.orders", &[("orders", orders)])).collect(),
        axis: context.say("axis.orders").to_owned(),
        height: 92.0,
    };
    let fullest = (0..rows.count()).max_by_key(|row| (rows.exact("customers", *row), std::cmp::Reverse(*row)));
    let fullest = fullest.unwrap_or_default();
    let share = Numbers::maybe_percent(rows.number("customer_share", fullest));
    let values: [(&str, &dyn Display); 3] = [
        ("share", &share),
        ("orders", &rows.name("orders_band", fullest)),
        ("days", &rows.name("recency_band", fullest).replace('-', "–")),
    ];
    let title = context.texts.fill("grid.fullest", &values);
    let picture = grid.drawn(&title);
    let note = context.say(if rows.knows("revenue") { "grid.note" } else { "grid.note_without_money" });
    Figure::new(title, picture, table(context, rows)).note(note).layout(Layout::Broad)
}

fn cell(context: &Context<'_>, rows: &Rows, row: usize, most: f64) -> Cell {
    let customers = rows.exact("customers", row).unwrap_or_default();
    let number = rows.exact("grid_cell", row).unwrap_or_default();
    if customers == 0 {
        let tip = context.texts.fill("grid.empty", &[("cell", &number)]);
        return Cell { heat: None, lines: vec![number.to_string()], tip };
    }
    let share = rows.number("customer_share", row);
    let mut lines =
        vec![number.to_string(), format!("{} · {}", Numbers::whole(customers), Numbers::maybe_percent(share))];
    if let Some(revenue) = rows.exact("revenue", row) {
        lines.push(format!(
            "{} · {}",
            context.numbers.short_money(revenue),
            Numbers::maybe_percent(rows.number("revenue_share", row))
        ));
        let each = |column: &str| {
            rows.number(column, row).map_or_else(|| "–".to_owned(), |value| context.numbers.short(value))
        };
        let values: [(&str, &dyn Display); 2] =
            [("order", &each("average_order_value")), ("customer", &each("revenue_per_customer"))];
        lines.extend(["grid.each_order", "grid.each_customer"].map(|key| context.texts.fill(key, &values)));
    }
    let tip = lines[1..].join(", ");
    Cell { heat: share.map(|share| if most > 0.0 { share / most } else { 0.0 }), lines, tip }
}

fn table(context: &Context<'_>, rows: &Rows) -> Table {
    let mut heads =
        context.heads(&["grid_cell", "recency_band", "orders_band", "customers", "customer_share", "revenue"]);
    heads.extend(context.heads(&["revenue_share", "average_order_value", "revenue_per_customer"]));
    let mut table = Table::new(heads, 3);
    for row in 0..rows.count() {
        table.add([
            Numbers::whole(rows.exact("grid_cell", row).unwrap_or_default()),
            rows.name("recency_band", row).to_owned(),
            rows.name("orders_band", row).to_owned(),
            Numbers::whole(rows.exact("customers", row).unwrap_or_default()),
            Numbers::maybe_percent(rows.number("customer_share", row)),
            context.numbers.maybe_money(rows.exact("revenue", row)),
            Numbers::maybe_percent(rows.number("revenue_share", row)),
            Numbers::maybe_decimal(rows.number("average_order_value", row), 2),
            Numbers::maybe_decimal(rows.number("revenue_per_customer", row), 2),
        ]);
    }
    table
}
