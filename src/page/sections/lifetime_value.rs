//! What customers are expected to bring: lifetime value by segment, and how it is concentrated.

use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::pair_bars::{Entry, pair_bars};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::numbers::Numbers;
use crate::page::sections::pareto::lorenz;
use crate::page::sections::section::Section;

const SHARE: &str = "clv_share_";

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut figures = Vec::new();
    figures.extend(by_segment(context)?);
    figures.extend(curve(context)?);
    Ok(Section::new(&context.texts, "lifetime_value").with(figures))
}

/// The last horizon of the settings, by the names of the columns of `segments`.
fn horizon(context: &Context<'_>) -> Result<Option<String>> {
    let table = context.tables.open("segments")?;
    let names = table.iter().flat_map(|table| table.names().filter_map(|name| name.strip_prefix(SHARE)));
    Ok(names.last().map(str::to_owned))
}

fn said(context: &Context<'_>, horizon: &str) -> String {
    let (count, unit) = horizon.split_once('_').unwrap_or((horizon, ""));
    let unit = context.texts.find(&format!("unit.{unit}")).unwrap_or(unit);
    format!("{count} {unit}")
}

fn by_segment(context: &Context<'_>) -> Result<Option<Figure>> {
    let Some(horizon) = horizon(context)? else { return Ok(None) };
    let (clv, share) = (format!("clv_{horizon}"), format!("{SHARE}{horizon}"));
    let columns = ["segment", "map", "customers", "revenue_share", "expected_customers_alive", &clv, &share];
    let rows = context.tables.read("segments", &columns)?.filter(|rows| rows.knows(&clv));
    Ok(rows.map(|rows| {
        let mut order: Vec<usize> = (0..rows.count()).collect();
        order.sort_by(|one, other| {
            let value = |row: &usize| rows.number(&clv, *row).unwrap_or(f64::NEG_INFINITY);
            value(other).total_cmp(&value(one)).then(one.cmp(other))
        });
        drawn(context, &rows, &order, (&clv, &share), &said(context, &horizon))
    }))
}

fn drawn(context: &Context<'_>, rows: &Rows, order: &[usize], (clv, share): (&str, &str), horizon: &str) -> Figure {
    let mut table = Table::new(
        context.heads(&["segment", "customers", "expected_customers_alive", "clv", "clv_share", "revenue_share"]),
        1,
    );
    let mut entries = Vec::new();
    for row in order.iter().copied() {
        let segment = context.segments.of_row(rows, row);
        let customers = Numbers::whole(rows.exact("customers", row).unwrap_or_default());
        let value = Numbers::maybe_decimal(rows.number(clv, row), 2);
        let shares = [rows.number(share, row), rows.number("revenue_share", row)];
        let [of_value, of_revenue] = shares.map(Numbers::maybe_percent);
        entries.push(Entry {
            name: segment.name.clone(),
            colour: segment.colour,
            detail: context.texts.fill("bars.customers_and_value", &[("customers", &customers), ("value", &value)]),
            advice: String::new(),
            bars: vec![
                (shares[1].unwrap_or_default(), context.texts.fill("bars.of_revenue", &[("share", &of_revenue)])),
                (shares[0].unwrap_or_default(), context.texts.fill("bars.of_value", &[("share", &of_value)])),
            ],
        });
        let alive = Numbers::maybe_decimal(rows.number("expected_customers_alive", row), 1);
        table.add([segment.name, customers, alive, value, of_value, of_revenue]);
    }
    entries.truncate(24);
    let first = order.first().copied().unwrap_or_default();
    let name = context.segments.of_row(rows, first).name;
    let values: [(&str, &dyn Display); 3] =
        [("name", &name), ("share", &Numbers::maybe_percent(rows.number(share, first))), ("horizon", &horizon)];
    let title = context.texts.fill("lifetime_value.segments", &values);
    Figure::new(title, pair_bars(&entries), table).note(context.say("lifetime_value.note")).layout(Layout::Plain)
}

fn curve(context: &Context<'_>) -> Result<Option<Figure>> {
    let columns =
        ["horizon", "clv_group", "customers", "clv", "clv_share", "cumulative_customer_share", "cumulative_clv_share"];
    let Some(all) = context.tables.read("clv_pareto", &columns)? else { return Ok(None) };
    let Some(horizon) = all.distinct("horizon").pop() else { return Ok(None) };
    let rows = all.only(&all.rows_with("horizon", &horizon));
    if !rows.knows("cumulative_clv_share") {
        return Ok(None);
    }
    let lines = lorenz(context, &rows, "cumulative_clv_share", ("lifetime_value.held", "axis.customers_by_value"));
    let near = |row: &usize| rows.number("cumulative_customer_share", *row).is_some_and(|share| share >= 0.2 - 1e-9);
    let fifth = (0..rows.count()).find(near).unwrap_or_default();
    let top = Numbers::maybe_percent(rows.number("cumulative_customer_share", fifth));
    let held = Numbers::maybe_percent(rows.number("cumulative_clv_share", fifth));
    let spoken = said(context, &horizon);
    let values: [(&str, &dyn Display); 3] = [("top", &top), ("share", &held), ("horizon", &spoken)];
    let title = context.texts.fill("lifetime_value.curve", &values);
    let mut table = Table::new(
        context.heads(&[
            "clv_group",
            "customers",
            "clv",
            "clv_share",
            "cumulative_customer_share",
            "cumulative_clv_share",
        ]),
        1,
    );
    for row in 0..rows.count() {
        let share = |column: &str| Numbers::maybe_percent(rows.number(column, row));
        table.add([
            Numbers::whole(rows.exact("clv_group", row).unwrap_or_default()),
            Numbers::whole(rows.exact("customers", row).unwrap_or_default()),
            Numbers::maybe_decimal(rows.number("clv", row), 2),
            share("clv_share"),
            share("cumulative_customer_share"),
            share("cumulative_clv_share"),
        ]);
    }
    let picture = lines.drawn(&title, |share| Numbers::percent(share).replace(".0%", "%"));
    Ok(Some(Figure::new(title, picture, table).legend(lines.legend()).note(context.say("lifetime_value.curve_note"))))
}
