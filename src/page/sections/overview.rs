//! The figures of the business, what became of them since the date before, and whether the feed can be believed.

use crate::error::Result;
use crate::manifest::Totals;
use crate::page::charts::lines::{Lines, Series};
use crate::page::context::Context;
use crate::page::data::neighbours::Previous;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Table};
use crate::page::markup::{Element, tag};
use crate::page::numbers::{NOTHING, Numbers};
use crate::page::sections::section::Section;

/// A figure with what it was before.
struct Tile {
    key: &'static str,
    value: String,
    /// Relative change; of shares in percentage points.
    change: Option<(f64, bool)>,
}

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut section = Section::new(&context.texts, "overview");
    let previous = context.neighbours.previous.as_ref();
    section.lead = match previous {
        None => context.say("overview.alone").to_owned(),
        Some(Previous { as_of, is_comparable: true, .. }) => context.texts.fill("overview.against", &[("date", as_of)]),
        Some(Previous { as_of, .. }) => context.texts.fill("overview.incomparable", &[("date", as_of)]),
    };
    let tiles = tiles(context)?;
    section.before.push(tag("ul").class("tiles").children(tiles.iter().map(|tile| tile.drawn(context))));
    section.before.push(banner(context));
    Ok(section.with(history(context)))
}

/// The line below the title of the page.
pub(in crate::page) fn subtitle(context: &Context<'_>) -> String {
    let totals = &context.manifest.totals;
    let base = context.manifest.currency.as_ref().and_then(|currency| currency.base.clone());
    let money = match base {
        _ if !context.has_money() => context.say("page.no_money").to_owned(),
        Some(base) => context.texts.fill("page.currency", &[("currency", &base)]),
        None => context.say("page.own_currency").to_owned(),
    };
    let customers = Numbers::whole(totals.customers);
    let map = context.segments.own_map();
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("date", &context.as_of), ("customers", &customers), ("map", &map)];
    format!("{} · {money}", context.texts.fill("page.subtitle", &values))
}

fn relative(now: f64, then: f64) -> Option<(f64, bool)> {
    (then > 0.0).then(|| (now / then - 1.0, false))
}

fn tiles(context: &Context<'_>) -> Result<Vec<Tile>> {
    let totals = &context.manifest.totals;
    let before = context.neighbours.previous.as_ref();
    let change = |figure: fn(&Totals) -> Option<f64>| relative(figure(totals)?, figure(&before?.totals)?);
    let money = |minor: Option<i64>| context.numbers.maybe_money(minor.map(i128::from));
    let mut tiles = vec![
        Tile {
            key: "customers",
            value: Numbers::whole(totals.customers),
            change: change(|totals| Some(totals.customers as f64)),
        },
        Tile {
            key: "orders",
            value: Numbers::whole(totals.orders),
            change: change(|totals| Some(totals.orders as f64)),
        },
    ];
    if context.has_money() {
        tiles.push(Tile { key: "revenue", value: money(totals.revenue_minor_units), change: change(revenue) });
        let value = average(totals).map_or_else(|| NOTHING.to_owned(), |value| Numbers::decimal(value, 2));
        tiles.push(Tile { key: "average_order_value", value, change: change(average) });
        let found = context.tables.read("pareto_summary", &["measure", "value"])?.unwrap_or_default();
        let share =
            |rows: &Rows| rows.rows_with("measure", TOP_FIFTH).first().and_then(|row| rows.number("value", *row));
        if let Some(now) = share(&found) {
            let change = before.and_then(|previous| share(&previous.pareto)).map(|then| (now - then, true));
            tiles.push(Tile { key: "top_fifth", value: Numbers::percent(now), change });
        }
    }
    let figures = &context.customers;
    if figures.buyers > 0 {
        let share = |count: u64| Numbers::percent(count as f64 / figures.buyers as f64);
        tiles.push(Tile { key: "active", value: share(figures.active[2]), change: None });
        let key = if context.has_window() { "once_in_window" } else { "once" };
        tiles.push(Tile { key, value: share(figures.once), change: None });
    }
    Ok(tiles)
}

const TOP_FIFTH: &str = "revenue_share_of_top_20_percent";

fn revenue(totals: &Totals) -> Option<f64> {
    totals.revenue_minor_units.map(|minor| minor as f64 / crate::money::power_of_ten(totals.money_scale) as f64)
}

fn average(totals: &Totals) -> Option<f64> {
    revenue(totals).filter(|_| totals.orders > 0).map(|revenue| revenue / totals.orders as f64)
}

impl Tile {
    /// Long figures are smaller, so that they stand in one line.
    fn size(&self) -> &'static str {
        match self.value.chars().count() {
            0..=9 => "value",
            10..=13 => "value long",
            _ => "value longer",
        }
    }

    fn drawn(&self, context: &Context<'_>) -> Element {
        let what = context.say(&format!("overview.{}", self.key)).to_owned();
        let tile =
            tag("li").child(tag("p").class("what").text(what)).child(tag("p").class(self.size()).text(&self.value));
        match self.change {
            None => tile,
            Some((change, is_points)) => {
                let text = Numbers::change(change);
                // More concentration is neither good nor bad.
                let class = if is_points {
                    "muted"
                } else if change > 0.0 {
                    "up"
                } else {
                    "down"
                };
                let arrow = if change > 0.0 { "▲ " } else { "▼ " };
                let arrow = if text == "0.0%" { "" } else { arrow };
                let unit = if is_points { context.say("overview.points") } else { "" };
                let text = if is_points { text.trim_end_matches('%').to_owned() } else { text };
                let words = tag("span")
                    .class(if arrow.is_empty() { "muted" } else { class })
                    .text(format!("{arrow}{text}{unit}"));
                tile.child(tag("p").class("change").child(words))
            }
        }
    }
}

/// Whether the feed can be believed, in a line.
fn banner(context: &Context<'_>) -> Element {
    let totals = &context.manifest.totals;
    let warnings = context.manifest.warnings.len();
    let share = if totals.rows_in > 0 { totals.rows_used as f64 / totals.rows_in as f64 } else { 0.0 };
    let (used, read, share) =
        (Numbers::whole(totals.rows_used), Numbers::whole(totals.rows_in), Numbers::percent(share));
    let rows = context.texts.fill("overview.rows", &[("used", &used), ("read", &read), ("share", &share)]);
    let key = if warnings == 0 { "overview.no_warnings" } else { "overview.warnings" };
    let noticed = context.texts.fill(key, &[("count", &warnings)]);
    let class = if warnings == 0 { "banner" } else { "banner warned" };
    let link = tag("a").with("href", "#account").text(noticed);
    tag("div").class(class).child(tag("p").text(rows)).child(tag("p").child(link))
}

/// Customers over the published dates, where there are three or more.
fn history(context: &Context<'_>) -> Option<Figure> {
    let dates = &context.neighbours.totals;
    let (first, last) = (dates.first().filter(|_| dates.len() >= 3)?, dates.last()?);
    let span = (last.0 - first.0).num_days().max(1) as f64;
    let at = |date: &chrono::NaiveDate| (*date - first.0).num_days() as f64 / span;
    let points = dates.iter().map(|(date, totals)| (at(date), Some(totals.customers as f64))).collect();
    let series = Series { name: String::new(), points, class: "one", is_area: true };
    let lines = Lines {
        series: vec![series],
        below: dates.iter().map(|(date, _)| (at(date), date.format("%Y-%m-%d").to_string())).collect(),
        axis: context.say("axis.published_date").to_owned(),
        ..Lines::default()
    };
    let mut table = Table::new(context.heads(&["as_of", "customers", "orders", "revenue", "average_order_value"]), 1);
    for (date, totals) in dates {
        let revenue = context.numbers.maybe_money(totals.revenue_minor_units.map(i128::from));
        let mean = Numbers::maybe_decimal(average(totals), 2);
        table.add([date.to_string(), Numbers::whole(totals.customers), Numbers::whole(totals.orders), revenue, mean]);
    }
    let change = Numbers::change(last.1.customers as f64 / (first.1.customers as f64).max(1.0) - 1.0);
    let (from, to) = (Numbers::whole(first.1.customers), Numbers::whole(last.1.customers));
    let values: [(&str, &dyn std::fmt::Display); 4] =
        [("from", &from), ("to", &to), ("date", &first.0), ("change", &change)];
    let title = context.texts.fill("overview.history", &values);
    let picture = lines.drawn(&title, |value| context.numbers.short(value));
    Some(
        Figure::new(title, picture, table)
            .note(context.say("overview.history_note"))
            .layout(crate::page::figure::Layout::Whole),
    )
}
