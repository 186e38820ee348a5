//! The segments: how large they are, what they bring, what to do.

use crate::error::Result;
use crate::page::charts::pair_bars::{Entry, pair_bars};
use crate::page::charts::treemap::{Tile, treemap};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::data::segments::Segment;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::numbers::{NOTHING, Numbers};
use crate::page::sections::section::Section;

const COLUMNS: &[&str] = &[
    "segment",
    "customers",
    "customer_share",
    "revenue",
    "revenue_share",
    "average_order_value",
    "mean_recency_days",
    "mean_orders",
    "mean_revenue",
    "map",
];
/// Tiles and bars at most; the table has the others.
const MOST: usize = 40;

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let Some(mut rows) = context.tables.read("segments", COLUMNS)? else { return Ok(None) };
    if !rows.knows("revenue") {
        // Without money they stand in the order of their keys.
        let mut order: Vec<usize> = (0..rows.count()).collect();
        order.sort_by_key(|row| (-rows.exact("customers", *row).unwrap_or_default(), *row));
        rows = rows.only(&order);
    }
    let segments: Vec<Segment> = (0..rows.count()).map(|row| context.segments.of_row(&rows, row)).collect();
    let figures = [areas(context, &rows, &segments), bars(context, &rows, &segments)];
    Ok(Section::new(&context.texts, "segments").with(figures))
}

/// The row of most customers.
fn largest(rows: &Rows) -> usize {
    (0..rows.count()).max_by_key(|row| (rows.exact("customers", *row), std::cmp::Reverse(*row))).unwrap_or_default()
}

fn areas(context: &Context<'_>, rows: &Rows, segments: &[Segment]) -> Figure {
    let tile = |(row, segment): (usize, &Segment)| {
        let share = Numbers::maybe_percent(rows.number("customer_share", row));
        let customers = Numbers::whole(rows.exact("customers", row).unwrap_or_default());
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("name", &segment.name), ("customers", &customers), ("share", &share)];
        Tile {
            name: segment.name.clone(),
            figure: share.clone(),
            tip: context.texts.fill("segments.tip", &values),
            colour: segment.colour,
            size: rows.number("customers", row).unwrap_or_default(),
        }
    };
    let mut tiles: Vec<Tile> = segments.iter().enumerate().map(tile).collect();
    tiles.sort_by(|one, other| other.size.total_cmp(&one.size));
    tiles.truncate(MOST);
    let row = largest(rows);
    let share = Numbers::maybe_percent(rows.number("customer_share", row));
    let title = context.texts.fill("segments.largest", &[("name", &segments[row].name), ("share", &share)]);
    let picture = treemap(&tiles, &title);
    Figure::new(title, picture, table(context, rows, segments))
        .note(context.say("segments.area_note"))
        .layout(Layout::WholePlain)
}

fn bars(context: &Context<'_>, rows: &Rows, segments: &[Segment]) -> Figure {
    let entry = |(row, segment): (usize, &Segment)| {
        let share = |column: &str, key: &str| {
            let share = rows.number(column, row);
            let text = context.texts.fill(key, &[("share", &Numbers::maybe_percent(share))]);
            (share.unwrap_or_default(), text)
        };
        let mut bars = vec![share("customer_share", "bars.of_customers")];
        if rows.knows("revenue_share") {
            bars.push(share("revenue_share", "bars.of_revenue"));
        }
        let customers = Numbers::whole(rows.exact("customers", row).unwrap_or_default());
        let detail = match rows.exact("revenue", row) {
            Some(revenue) => {
                let revenue = context.numbers.money(revenue);
                context.texts.fill("bars.customers_and_revenue", &[("customers", &customers), ("revenue", &revenue)])
            }
            None => context.texts.fill("bars.customers", &[("customers", &customers)]),
        };
        Entry { name: segment.name.clone(), colour: segment.colour, detail, advice: segment.action.clone(), bars }
    };
    let entries: Vec<Entry> = segments.iter().enumerate().take(MOST).map(entry).collect();
    let (name, customers) = (&segments[0].name, Numbers::maybe_percent(rows.number("customer_share", 0)));
    let title = match rows.number("revenue_share", 0) {
        Some(share) => {
            let share = Numbers::percent(share);
            context.texts.fill("segments.richest", &[("name", name), ("customers", &customers), ("revenue", &share)])
        }
        None => context.say("segments.what_to_do").to_owned(),
    };
    let note = context.say(if rows.knows("revenue_share") {
        "segments.bars_note"
    } else {
        "segments.bars_note_without_money"
    });
    let picture = pair_bars(&entries);
    Figure::new(title, picture, table(context, rows, segments)).note(note).layout(Layout::WholePlain)
}

fn table(context: &Context<'_>, rows: &Rows, segments: &[Segment]) -> Table {
    let previous = context.neighbours.previous.as_ref();
    let before = |key: &str| {
        let known = &previous?.segments;
        let row = *known.rows_with("segment", key).first()?;
        known.exact("customers", row)
    };
    let mut heads =
        context.heads(&["segment", "customers", "customer_share", "revenue", "revenue_share", "average_order_value"]);
    heads.extend(context.heads(&["mean_recency_days", "mean_orders", "mean_revenue"]));
    if let Some(previous) = previous {
        heads.push(context.texts.fill("column.customers_on", &[("date", &previous.as_of)]));
    }
    let mut table = Table::new(heads, 1);
    for (row, segment) in segments.iter().enumerate() {
        let figure = |column: &str, places| Numbers::maybe_decimal(rows.number(column, row), places);
        let mut cells = vec![
            segment.name.clone(),
            Numbers::whole(rows.exact("customers", row).unwrap_or_default()),
            Numbers::maybe_percent(rows.number("customer_share", row)),
            context.numbers.maybe_money(rows.exact("revenue", row)),
            Numbers::maybe_percent(rows.number("revenue_share", row)),
            figure("average_order_value", 2),
            figure("mean_recency_days", 1),
            figure("mean_orders", 2),
            figure("mean_revenue", 2),
        ];
        if previous.is_some() {
            cells.push(before(rows.name("segment", row)).map_or_else(|| NOTHING.to_owned(), Numbers::whole));
        }
        table.add(cells);
    }
    table
}
