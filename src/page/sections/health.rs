//! How the business fares over time: active customers, and where the buyers of each period come from.

use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::columns::{Columns, Group};
use crate::page::charts::lines::{Lines, Series};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Table};
use crate::page::numbers::{NOTHING, Numbers};
use crate::page::sections::section::Section;

const COLUMNS: &[&str] = &[
    "date",
    "active_30",
    "active_60",
    "active_90",
    "known_customers",
    "active_30_share",
    "buyers",
    "first_time",
    "returning",
    "reactivated",
    "orders",
    "revenue",
    "change_on_previous",
    "change_on_year",
    "sign",
    "sign_on_year",
];
const ACTIVE: [(&str, &str); 3] = [("active_30", "one"), ("active_60", "two"), ("active_90", "three")];
const BUYERS: [&str; 3] = ["first_time", "returning", "reactivated"];

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let Some(rows) = context.tables.read("health", COLUMNS)? else { return Ok(None) };
    Ok(Section::new(&context.texts, "health").with([active(context, &rows), buyers(context, &rows)]))
}

fn active(context: &Context<'_>, rows: &Rows) -> Figure {
    let last = rows.count() - 1;
    let at = |row: usize| if last == 0 { 0.5 } else { row as f64 / last as f64 };
    let series = |(column, class): (&str, &'static str)| Series {
        name: context.say(&format!("column.{column}")).to_owned(),
        points: (0..rows.count()).map(|row| (at(row), rows.number(column, row))).collect(),
        class,
        is_area: false,
    };
    let lines = Lines {
        series: ACTIVE.into_iter().filter(|(column, _)| rows.has(column)).map(series).collect(),
        below: (0..rows.count()).map(|row| (at(row), rows.name("date", row).to_owned())).collect(),
        axis: context.say("axis.date").to_owned(),
        ..Lines::default()
    };
    let sign = rows.text("sign", last).unwrap_or("unknown");
    let sign = context.say(&format!("health.sign_{sign}")).to_owned();
    let customers = rows.exact("active_30", last).map_or_else(|| NOTHING.to_owned(), Numbers::whole);
    let change = rows.number("change_on_previous", last).map_or_else(|| NOTHING.to_owned(), Numbers::change);
    let values: [(&str, &dyn Display); 3] = [("sign", &sign), ("customers", &customers), ("change", &change)];
    let title = context.texts.fill("health.active", &values);
    let picture = lines.drawn(&title, |value| context.numbers.short(value));
    Figure::new(title, picture, table(context, rows)).legend(lines.legend()).note(context.say("health.note"))
}

fn buyers(context: &Context<'_>, rows: &Rows) -> Figure {
    let group = |row: usize| {
        let values = BUYERS.map(|column| rows.number(column, row).unwrap_or_default());
        let spoken = BUYERS.map(|column| {
            format!(
                "{} {}",
                context.say(&format!("column.{column}")),
                Numbers::decimal(rows.number(column, row).unwrap_or_default(), 0)
            )
        });
        let date = rows.name("date", row);
        Group {
            name: date.get(..7).unwrap_or(date).to_owned(),
            values: values.to_vec(),
            tip: format!("{date}: {}", spoken.join(", ")),
        }
    };
    let columns = Columns {
        series: BUYERS.iter().map(|column| context.say(&format!("column.{column}")).to_owned()).collect(),
        groups: (0..rows.count()).map(group).collect(),
        axis: context.say("axis.date").to_owned(),
        is_stacked: true,
        ..Columns::default()
    };
    let last = rows.count() - 1;
    let share = |column: &str| {
        let (part, all) =
            (rows.number(column, last).unwrap_or_default(), rows.number("buyers", last).unwrap_or_default());
        if all > 0.0 { Numbers::percent(part / all) } else { NOTHING.to_owned() }
    };
    let values: [(&str, &dyn Display); 2] = [("first", &share("first_time")), ("again", &share("reactivated"))];
    let title = context.texts.fill("health.buyers", &values);
    let picture = columns.drawn(&title, |value| context.numbers.short(value));
    Figure::new(title, picture, table(context, rows)).legend(columns.legend()).note(context.say("health.buyers_note"))
}

/// The newest date first.
fn table(context: &Context<'_>, rows: &Rows) -> Table {
    let whole = [
        "active_30",
        "active_60",
        "active_90",
        "known_customers",
        "buyers",
        "first_time",
        "returning",
        "reactivated",
        "orders",
    ];
    let mut heads = context.heads(&["date"]);
    heads.extend(context.heads(&whole));
    heads.extend(context.heads(&["revenue", "change_on_previous", "change_on_year"]));
    let mut table = Table::new(heads, 1);
    for row in (0..rows.count()).rev() {
        let change = |column: &str| rows.number(column, row).map_or_else(|| NOTHING.to_owned(), Numbers::change);
        let mut cells = vec![rows.name("date", row).to_owned()];
        cells.extend(whole.map(|column| rows.exact(column, row).map_or_else(|| NOTHING.to_owned(), Numbers::whole)));
        cells.push(context.numbers.maybe_money(rows.exact("revenue", row)));
        cells.extend([change("change_on_previous"), change("change_on_year")]);
        table.add(cells);
    }
    table
}
