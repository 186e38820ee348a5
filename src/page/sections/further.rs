//! Other ways to group the same customers: further scorings, clusters, groups by attributes; and how far breaks have drifted.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::pair_bars::{Entry, pair_bars};
use crate::page::colours::Colour;
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::numbers::{NOTHING, Numbers};
use crate::page::sections::section::Section;

const MAIN: &str = "main";
const SIZES: [&str; 4] = ["customers", "customer_share", "revenue", "revenue_share"];
/// Pictures of further scorings, and entries of a picture, at most.
const MOST_SCORINGS: usize = 6;
const MOST: usize = 24;
const COLOUR: &str = "#3f7cac";

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut figures = Vec::new();
    if let Some(rows) =
        context.tables.read("scoring_segments", &[&["scoring", "segment", "map"], &SIZES[..]].concat())?
    {
        let scorings = rows.distinct("scoring").into_iter().filter(|scoring| scoring != MAIN).take(MOST_SCORINGS);
        figures.extend(scorings.filter_map(|scoring| of_scoring(context, &rows, &scoring)));
    }
    if let Some(rows) = context.tables.read("clusters", &[&["scoring", "cluster"], &SIZES[..]].concat())? {
        let scorings = rows.distinct("scoring").into_iter().take(MOST_SCORINGS);
        figures.extend(scorings.filter_map(|scoring| of_clusters(context, &rows, &scoring)));
    }
    if let Some(rows) =
        context.tables.read("segments_by_group", &["customer_group", "segment", "customers", "revenue"])?
    {
        figures.push(of_groups(context, &rows));
    }
    let columns =
        ["scoring", "axis", "population_stability_index", "customers_now", "changed_customers", "changed_share"];
    if let Some(rows) = context.tables.read("drift", &columns)? {
        figures.push(drift(context, &rows));
    }
    Ok(Section::new(&context.texts, "further").with(figures))
}

/// An entry with its bars, from the sizes of a row.
fn entry(context: &Context<'_>, rows: &Rows, row: usize, (name, colour): (String, Colour)) -> (Entry, Vec<String>) {
    let customers = Numbers::whole(rows.exact("customers", row).unwrap_or_default());
    let revenue = context.numbers.maybe_money(rows.exact("revenue", row));
    let shares = ["customer_share", "revenue_share"].map(|column| rows.number(column, row));
    let [of_customers, of_revenue] = shares.map(Numbers::maybe_percent);
    let mut bars =
        vec![(shares[0].unwrap_or_default(), context.texts.fill("bars.of_customers", &[("share", &of_customers)]))];
    if let Some(share) = shares[1] {
        bars.push((share, context.texts.fill("bars.of_revenue", &[("share", &of_revenue)])));
    }
    let key = if rows.exact("revenue", row).is_some() { "bars.customers_and_revenue" } else { "bars.customers" };
    let detail = context.texts.fill(key, &[("customers", &customers), ("revenue", &revenue)]);
    let cells = vec![name.clone(), customers, of_customers, revenue, of_revenue];
    (Entry { name, colour, detail, advice: String::new(), bars }, cells)
}

fn listed(
    context: &Context<'_>,
    rows: &Rows,
    found: &[usize],
    named: impl Fn(usize) -> (String, Colour),
) -> (Vec<Entry>, Table) {
    let mut table = Table::new(context.heads(&["group", "customers", "customer_share", "revenue", "revenue_share"]), 1);
    let mut entries = Vec::new();
    for row in found.iter().copied() {
        let (entry, cells) = entry(context, rows, row, named(row));
        entries.push(entry);
        table.add(cells);
    }
    (entries, table)
}

fn of_scoring(context: &Context<'_>, rows: &Rows, scoring: &str) -> Option<Figure> {
    let mut found = rows.rows_with("scoring", scoring);
    found.sort_by_key(|row| (-rows.exact("customers", *row).unwrap_or_default(), *row));
    let first = *found.first()?;
    let named = |row: usize| {
        let segment = context.segments.of_row(rows, row);
        (segment.name, segment.colour)
    };
    let (mut entries, table) = listed(context, rows, &found, named);
    entries.truncate(MOST);
    let (name, share) = (named(first).0, Numbers::maybe_percent(rows.number("customer_share", first)));
    let values: [(&str, &dyn Display); 3] = [("scoring", &scoring), ("name", &name), ("share", &share)];
    let title = context.texts.fill("further.scoring", &values);
    let note = context.texts.fill("further.scoring_note", &[("map", &rows.name("map", first))]);
    Some(Figure::new(title, pair_bars(&entries), table).note(note).layout(Layout::Plain))
}

fn of_clusters(context: &Context<'_>, rows: &Rows, scoring: &str) -> Option<Figure> {
    let found = rows.rows_with("scoring", scoring);
    let first = *found.first()?;
    let named = |row: usize| {
        let cluster = rows.exact("cluster", row).unwrap_or_default();
        (context.texts.fill("further.cluster", &[("cluster", &cluster)]), Colour::of(COLOUR))
    };
    let (mut entries, table) = listed(context, rows, &found, named);
    entries.truncate(MOST);
    let share = |column: &str| Numbers::maybe_percent(rows.number(column, first));
    let values: [(&str, &dyn Display); 3] =
        [("count", &found.len()), ("customers", &share("customer_share")), ("revenue", &share("revenue_share"))];
    let title = context.texts.fill("further.clusters", &values);
    let note = context.texts.fill("further.clusters_note", &[("scoring", &scoring)]);
    Some(Figure::new(title, pair_bars(&entries), table).note(note).layout(Layout::Plain))
}

/// Sums of a group, and its segment of most customers.
#[derive(Default)]
struct GroupSums {
    customers: i128,
    revenue: i128,
    largest: (i128, String),
}

fn of_groups(context: &Context<'_>, rows: &Rows) -> Figure {
    let mut groups: BTreeMap<&str, GroupSums> = BTreeMap::new();
    for row in 0..rows.count() {
        let group = groups.entry(rows.name("customer_group", row)).or_default();
        let customers = rows.exact("customers", row).unwrap_or_default();
        group.customers += customers;
        group.revenue += rows.exact("revenue", row).unwrap_or_default();
        if customers > group.largest.0 {
            group.largest = (customers, rows.name("segment", row).to_owned());
        }
    }
    let (all, total) = groups.values().fold((0, 0), |sums, group| (sums.0 + group.customers, sums.1 + group.revenue));
    let mut sorted: Vec<(&str, GroupSums)> = groups.into_iter().collect();
    sorted.sort_by_key(|(name, group)| (-group.customers, *name));
    let has_money = context.has_money();
    let mut table = Table::new(context.heads(&["group", "customers", "revenue", "largest_segment"]), 1);
    let mut entries = Vec::new();
    for (name, group) in &sorted {
        let (customers, revenue) = (Numbers::whole(group.customers), context.numbers.money(group.revenue));
        let share = group.customers as f64 / all.max(1) as f64;
        let mut bars = vec![(share, context.texts.fill("bars.of_customers", &[("share", &Numbers::percent(share))]))];
        if has_money && total > 0 {
            let share = group.revenue as f64 / total as f64;
            bars.push((share, context.texts.fill("bars.of_revenue", &[("share", &Numbers::percent(share))])));
        }
        let key = if has_money { "bars.customers_and_revenue" } else { "bars.customers" };
        let segment = context.segments.get(&group.largest.1).name;
        table.add([
            (*name).to_owned(),
            customers.clone(),
            if has_money { revenue.clone() } else { NOTHING.to_owned() },
            segment.clone(),
        ]);
        entries.push(Entry {
            name: (*name).to_owned(),
            colour: Colour::of(COLOUR),
            detail: context.texts.fill(key, &[("customers", &customers), ("revenue", &revenue)]),
            advice: context.texts.fill("further.largest", &[("name", &segment)]),
            bars,
        });
    }
    entries.truncate(MOST);
    let (name, group) = sorted.first().map_or(("", 0), |(name, group)| (*name, group.customers));
    let share = Numbers::percent(group as f64 / all.max(1) as f64);
    let values: [(&str, &dyn Display); 3] = [("count", &sorted.len()), ("name", &name), ("share", &share)];
    let title = context.texts.fill("further.groups", &values);
    let note = context.texts.fill("further.groups_note", &[("by", &context.manifest.config.reports.by.join(", "))]);
    Figure::new(title, pair_bars(&entries), table).note(note).layout(Layout::Plain)
}

fn drift(context: &Context<'_>, rows: &Rows) -> Figure {
    let mut table = Table::new(
        context.heads(&["scoring", "axis", "population_stability_index", "changed_customers", "changed_share"]),
        2,
    );
    let mut most = (f64::NEG_INFINITY, String::new());
    for row in 0..rows.count() {
        let axis = rows.name("axis", row);
        let axis = context.texts.find(&format!("measure.{axis}")).unwrap_or(axis).to_owned();
        let index = rows.number("population_stability_index", row);
        if let Some(index) = index.filter(|index| *index > most.0) {
            most = (index, axis.clone());
        }
        table.add([
            rows.name("scoring", row).to_owned(),
            axis,
            Numbers::maybe_decimal(index, 4),
            rows.exact("changed_customers", row).map_or_else(|| NOTHING.to_owned(), Numbers::whole),
            Numbers::maybe_percent(rows.number("changed_share", row)),
        ]);
    }
    let values: [(&str, &dyn Display); 2] = [("axis", &most.1), ("index", &Numbers::decimal(most.0, 3))];
    let title = context.texts.fill("further.drift", &values);
    Figure::of_table(title, &table, &context.texts).note(context.say("further.drift_note"))
}
