//! Whether the scores say who buys again: repurchase rates with their intervals, and gains of the rankings.

use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::intervals::{Rate, intervals};
use crate::page::charts::lines::{Lines, Points, Series};
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::numbers::{NOTHING, Numbers};
use crate::page::sections::section::Section;

const COLUMNS: &[&str] = &[
    "scoring",
    "group_by",
    "group",
    "customers",
    "buyers",
    "repurchase_rate",
    "rate_low",
    "rate_high",
    "orders",
    "revenue",
];
const MAIN: &str = "main";
const CLASSES: [&str; 3] = ["one", "two", "three"];
const MOST: usize = 30;

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut figures = Vec::new();
    if let Some(rows) = context.tables.read("evaluation", COLUMNS)? {
        figures.extend(rates(context, &rows));
    }
    let tenths = context
        .tables
        .read("evaluation_rankings", &["scoring", "ranking", "tenth", "customers", "buyers", "revenue"])?;
    let summary =
        context.tables.read("evaluation_summary", &["scoring", "ranking", "auc", "lift_10", "lift_20", "lift_30"])?;
    if let Some(tenths) = tenths {
        figures.extend(gains(context, &tenths, &summary.unwrap_or_default()));
    }
    Ok(Section::new(&context.texts, "evaluation").with(figures))
}

/// The rows of the run's own scoring.
fn own(rows: &Rows) -> Vec<usize> {
    (0..rows.count()).filter(|row| rows.text("scoring", *row).is_none_or(|scoring| scoring == MAIN)).collect()
}

fn rates(context: &Context<'_>, rows: &Rows) -> Option<Figure> {
    let mut found = own(rows);
    found
        .retain(|row| rows.text("group_by", *row) == Some("segment") && rows.number("repurchase_rate", *row).is_some());
    found.sort_by(|one, other| {
        let rate = |row: &usize| rows.number("repurchase_rate", *row).unwrap_or_default();
        rate(other).total_cmp(&rate(one)).then(one.cmp(other))
    });
    let (first, last) = (*found.first()?, *found.last()?);
    let mut table =
        Table::new(context.heads(&["segment", "customers", "buyers", "repurchase_rate", "interval", "revenue"]), 1);
    let mut shown = Vec::new();
    for row in &found {
        let name = context.segments.get(rows.name("group", *row)).name;
        let rate = rows.number("repurchase_rate", *row).unwrap_or_default();
        let interval = rows.number("rate_low", *row).zip(rows.number("rate_high", *row));
        let range = interval.map_or_else(
            || NOTHING.to_owned(),
            |(low, high)| format!("{}–{}", Numbers::percent(low), Numbers::percent(high)),
        );
        let whole = |column: &str| Numbers::whole(rows.exact(column, *row).unwrap_or_default());
        let revenue = context.numbers.maybe_money(rows.exact("revenue", *row));
        table.add([name.clone(), whole("customers"), whole("buyers"), Numbers::percent(rate), range.clone(), revenue]);
        shown.push(Rate { name, value: rate, interval, figure: format!("{} ({range})", Numbers::percent(rate)) });
    }
    shown.truncate(MOST);
    let name = |row: usize| context.segments.get(rows.name("group", row)).name;
    let rate = |row: usize| Numbers::maybe_percent(rows.number("repurchase_rate", row));
    let values: [(&str, &dyn Display); 4] =
        [("best", &name(first)), ("rate", &rate(first)), ("worst", &name(last)), ("lowest", &rate(last))];
    let title = context.texts.fill("evaluation.rates", &values);
    let picture = intervals(&shown, None, context.say("axis.repurchase_rate"), &title);
    Some(Figure::new(title, picture, table).note(context.say("evaluation.note")).layout(Layout::Plain))
}

/// Cumulative shares of customers and buyers of a ranking, from the top.
fn curve(rows: &Rows, found: &[usize]) -> Points {
    let sum = |column: &str| found.iter().filter_map(|row| rows.number(column, *row)).sum::<f64>();
    let (customers, buyers) = (sum("customers"), sum("buyers"));
    let (mut points, mut at) = (vec![(0.0, Some(0.0))], (0.0, 0.0));
    for row in found {
        at.0 += rows.number("customers", *row).unwrap_or_default() / customers.max(f64::MIN_POSITIVE);
        at.1 += rows.number("buyers", *row).unwrap_or_default() / buyers.max(f64::MIN_POSITIVE);
        points.push((at.0.min(1.0), Some(at.1)));
    }
    points
}

fn gains(context: &Context<'_>, rows: &Rows, summary: &Rows) -> Option<Figure> {
    let known = own(rows);
    let auc = |ranking: &str| {
        let mut found = own(summary);
        found.retain(|row| summary.text("ranking", *row) == Some(ranking));
        found.first().and_then(|row| summary.number("auc", *row))
    };
    let name = |ranking: &str| context.texts.find(&format!("ranking.{ranking}")).unwrap_or(ranking).to_owned();
    let mut rankings: Vec<(String, Points)> = Vec::new();
    for ranking in rows.distinct("ranking") {
        let mut found: Vec<usize> =
            known.iter().copied().filter(|row| rows.text("ranking", *row) == Some(&ranking)).collect();
        found.sort_by_key(|row| rows.exact("tenth", *row));
        rankings.push((ranking, curve(rows, &found)));
    }
    // How many of the buyers the best 20% hold.
    let fifth = |points: &[(f64, Option<f64>)]| points.get(2).and_then(|(_, share)| *share).unwrap_or_default();
    rankings.sort_by(|one, other| fifth(&other.1).total_cmp(&fifth(&one.1)).then(one.0.cmp(&other.0)));
    let (best, points) = rankings.first()?;
    let values: [(&str, &dyn Display); 2] = [("ranking", &name(best)), ("share", &Numbers::percent(fifth(points)))];
    let title = context.texts.fill("evaluation.gains", &values);
    let mut table = Table::new(context.heads(&["ranking", "auc", "share_of_buyers_in_top_fifth"]), 1);
    for (ranking, points) in &rankings {
        table.add([name(ranking), Numbers::maybe_decimal(auc(ranking), 3), Numbers::percent(fifth(points))]);
    }
    let mut series = vec![Series {
        name: context.say("evaluation.by_chance").to_owned(),
        points: vec![(0.0, Some(0.0)), (1.0, Some(1.0))],
        class: "even",
        is_area: false,
    }];
    let drawn = rankings.iter().zip(CLASSES);
    series.extend(drawn.map(|((ranking, points), class)| Series {
        name: name(ranking),
        points: points.clone(),
        class,
        is_area: false,
    }));
    let part = |part: i32| (f64::from(part) / 5.0, format!("{}%", part * 20));
    let lines = Lines {
        series,
        below: (0..=5).map(part).collect(),
        axis: context.say("axis.customers_by_ranking").to_owned(),
        highest: Some(1.0),
        ..Lines::default()
    };
    let picture = lines.drawn(&title, |share| Numbers::percent(share).replace(".0%", "%"));
    Some(Figure::new(title, picture, table).note(context.say("evaluation.gains_note")).legend(lines.legend()))
}
