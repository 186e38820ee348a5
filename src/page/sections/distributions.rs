//! How recency, frequency and money are distributed, with the breaks of the scores.

use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::columns::{Border, Columns, Group, Zone};
use crate::page::context::Context;
use crate::page::data::customers::{AxisFigures, Kind};
use crate::page::data::distribution::Bar;
use crate::page::figure::{Figure, Table};
use crate::page::numbers::Numbers;
use crate::page::sections::section::Section;

#[allow(clippy::unnecessary_wraps, reason = "as every section")]
pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let figures = context.customers.axes.iter().map(|axis| figure(context, axis));
    Ok(Section::new(&context.texts, "distributions").with(figures.collect::<Vec<_>>()))
}

fn figure(context: &Context<'_>, axis: &AxisFigures) -> Figure {
    let bars = axis.counts.bars();
    let name = name_of(context, axis);
    let mut table = Table::new(
        [name.clone(), context.say("column.customers").to_owned(), context.say("column.customer_share").to_owned()],
        1,
    );
    let total = axis.counts.total();
    let groups: Vec<Group> = bars
        .iter()
        .map(|bar| {
            let (range, share) =
                (range(context, axis.kind, bar), Numbers::percent(bar.customers as f64 / total.max(1) as f64));
            let customers = Numbers::whole(bar.customers);
            table.add([range.clone(), customers.clone(), share.clone()]);
            let values: [(&str, &dyn Display); 3] = [("range", &range), ("customers", &customers), ("share", &share)];
            let tip = context.texts.fill("distributions.tip", &values);
            Group { name: start(context, axis.kind, bar), values: vec![bar.customers as f64], tip }
        })
        .collect();
    let unit = if axis.kind == Kind::Money { crate::money::power_of_ten(context.numbers.scale) as f64 } else { 1.0 };
    let places: Vec<f64> = axis.breaks.iter().map(|value| axis.counts.position(&bars, value * unit)).collect();
    let letter = match axis.kind {
        Kind::Days => "R",
        Kind::Number => "F",
        Kind::Money => "M",
    };
    let columns = Columns {
        zones: zones(&places, &axis.scores, bars.len() as f64, letter),
        borders: places.iter().map(|at| Border { at: *at }).collect(),
        groups,
        axis: name,
        are_limits: axis.kind != Kind::Number,
        ..Columns::default()
    };
    let title = title(context, axis, total);
    let picture = columns.drawn(&title, |value| context.numbers.short(value));
    let note = if axis.kind == Kind::Money { "distributions.note_money" } else { "distributions.note" };
    Figure::new(title, picture, table).note(context.say(note))
}

fn name_of(context: &Context<'_>, axis: &AxisFigures) -> String {
    let key = format!("measure.{}", axis.measure);
    context.texts.find(&key).unwrap_or(&axis.measure).to_owned()
}

/// The parts of the picture between the breaks, by their scores.
fn zones(places: &[f64], scores: &[i128], end: f64, letter: &str) -> Vec<Zone> {
    let mut edges = vec![0.0];
    edges.extend(places);
    edges.push(end);
    let zone =
        |(edges, score): (&[f64], &i128)| Zone { from: edges[0], to: edges[1], name: format!("{letter}{score}") };
    edges.windows(2).zip(scores).map(zone).collect()
}

fn title(context: &Context<'_>, axis: &AxisFigures, total: u64) -> String {
    let figures = &context.customers;
    let share = |count: u64| Numbers::percent(count as f64 / total.max(1) as f64);
    match axis.measure.as_str() {
        "recency_days" => {
            let median = Numbers::whole(axis.counts.median().unwrap_or_default());
            context.texts.fill("distributions.recency", &[("days", &median)])
        }
        "orders" if context.has_window() => {
            context.texts.fill("distributions.once_in_window", &[("share", &share(figures.once))])
        }
        "orders" => context.texts.fill("distributions.once", &[("share", &share(figures.once))]),
        "revenue" if figures.below_mean.is_some() => {
            let mean = context.manifest.totals.revenue_minor_units.unwrap_or_default() as f64
                / crate::money::power_of_ten(context.numbers.scale) as f64
                / (context.manifest.totals.customers.max(1)) as f64;
            let values: [(&str, &dyn Display); 2] =
                [("share", &share(figures.below_mean.unwrap_or_default())), ("mean", &Numbers::decimal(mean, 2))];
            context.texts.fill("distributions.below_mean", &values)
        }
        _ => context.texts.fill("distributions.plain", &[("measure", &name_of(context, axis))]),
    }
}

/// The value where a bar begins.
fn start(context: &Context<'_>, kind: Kind, bar: &Bar) -> String {
    match (kind, bar.from) {
        (Kind::Money, None) => "≤ 0".to_owned(),
        (Kind::Money, Some(from)) => context.numbers.short_money(from.into()),
        (_, from) => {
            let from = from.unwrap_or_default();
            if bar.to.is_none() && kind == Kind::Number { format!("{from}+") } else { from.to_string() }
        }
    }
}

/// The values of a bar.
fn range(context: &Context<'_>, kind: Kind, bar: &Bar) -> String {
    let written =
        |value: i64| if kind == Kind::Money { context.numbers.money(value.into()) } else { Numbers::whole(value) };
    match (bar.from, bar.to) {
        (Some(from), Some(to)) if from == to => written(from),
        (Some(from), Some(to)) if kind == Kind::Money => {
            context.texts.fill("range.below", &[("from", &written(from)), ("to", &written(to))])
        }
        (Some(from), Some(to)) => format!("{}–{}", written(from), written(to)),
        (Some(from), None) => context.texts.fill("range.from", &[("from", &written(from))]),
        (None, to) => context.texts.fill("range.up_to", &[("to", &written(to.unwrap_or_default()))]),
    }
}
