//! Who moved between segments since the date that is compared with: as a matrix, and as flows.

use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::flow::{End, Flows};
use crate::page::charts::heat::{Cell, Grid};
use crate::page::colours::GREY;
use crate::page::context::Context;
use crate::page::data::rows::Rows;
use crate::page::data::segments::Segment;
use crate::page::figure::{Figure, Layout, Table};
use crate::page::numbers::Numbers;
use crate::page::sections::section::Section;

const COLUMNS: &[&str] = &[
    "compared_with",
    "basis",
    "by",
    "from_segment",
    "to_segment",
    "customers",
    "share_of_from",
    "from_revenue",
    "to_revenue",
];
/// Segments with most customers that are shown on their own; the others are put together.
const MOST: usize = 14;
/// Flows that are drawn at most.
const MOST_FLOWS: usize = 90;
const ABSENT: &str = "absent";

/// Moves between segments, by their keys.
struct Moves {
    /// Segments in the order of their map, `absent` last; more than are shown are one, without a key.
    ends: Vec<(String, Segment)>,
    /// Customers by place in `ends`, from and to.
    customers: Vec<Vec<i128>>,
    compared_with: String,
    basis: String,
}

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let Some(rows) = context.tables.read("migration", COLUMNS)? else { return Ok(None) };
    let Some(moves) = Moves::of(context, &rows) else { return Ok(None) };
    let mut section = Section::new(&context.texts, "migration");
    let basis = context.say(&format!("migration.basis_{}", moves.basis)).to_owned();
    section.lead = context.texts.fill("migration.since", &[("date", &moves.compared_with), ("basis", &basis)]);
    Ok(section.with([moves.matrix(context), moves.flows(context)]))
}

impl Moves {
    /// The moves between segments: by behaviour alone where that can be told, else as published.
    fn of(context: &Context<'_>, rows: &Rows) -> Option<Self> {
        let of_basis = |basis: &str| {
            let mut found = rows.rows_with("basis", basis);
            found.retain(|row| rows.text("by", *row).is_none_or(|by| by == "segment"));
            found
        };
        let frozen = of_basis("frozen");
        let (basis, found) = if frozen.is_empty() { ("published", of_basis("published")) } else { ("frozen", frozen) };
        let first = *found.first()?;
        let sum = |key: &str| -> i128 {
            let is_it = |row: &&usize| {
                rows.text("from_segment", **row) == Some(key) || rows.text("to_segment", **row) == Some(key)
            };
            found.iter().filter(is_it).filter_map(|row| rows.exact("customers", *row)).sum()
        };
        let mut keys: Vec<String> = Vec::new();
        for row in &found {
            for key in ["from_segment", "to_segment"].map(|column| rows.name(column, *row)) {
                if !keys.iter().any(|known| known == key) {
                    keys.push(key.to_owned());
                }
            }
        }
        keys.retain(|key| key != ABSENT);
        keys.sort_by_key(|key| (-sum(key), key.clone()));
        let has_others = keys.len() > MOST;
        keys.truncate(MOST);
        let mut ends: Vec<(String, Segment)> =
            keys.into_iter().map(|key| (key.clone(), context.segments.get(&key))).collect();
        ends.sort_by_key(|(key, segment)| (segment.order, key.clone()));
        let grey =
            |name: &str| Segment { name: context.say(name).to_owned(), colour: GREY, action: String::new(), order: 0 };
        if has_others {
            ends.push((String::new(), grey("migration.others")));
        }
        ends.push((ABSENT.to_owned(), grey("migration.absent")));
        let place = |key: &str| {
            let known = ends.iter().position(|(known, _)| known == key);
            known.unwrap_or_else(|| ends.len().saturating_sub(2))
        };
        let mut customers = vec![vec![0; ends.len()]; ends.len()];
        for row in &found {
            let (from, to) = (place(rows.name("from_segment", *row)), place(rows.name("to_segment", *row)));
            customers[from][to] += rows.exact("customers", *row).unwrap_or_default();
        }
        let compared_with = rows.name("compared_with", first).to_owned();
        Some(Self { ends, customers, compared_with, basis: basis.to_owned() })
    }

    fn name(&self, end: usize) -> &str {
        &self.ends[end].1.name
    }

    /// Customers who were there on both dates, and those of them who moved.
    fn moved(&self) -> (i128, i128) {
        let known = self.ends.len() - 1;
        let pairs = (0..known).flat_map(|from| (0..known).map(move |to| (from, to)));
        pairs.fold((0, 0), |(all, moved), (from, to)| {
            let customers = self.customers[from][to];
            (all + customers, if from == to { moved } else { moved + customers })
        })
    }

    fn matrix(&self, context: &Context<'_>) -> Figure {
        let mut table = Table::new(context.heads(&["from_segment", "to_segment", "customers", "share_of_from"]), 2);
        let mut cells = Vec::new();
        for (from, line) in self.customers.iter().enumerate() {
            let all: i128 = line.iter().sum();
            let mut shown = Vec::new();
            for (to, customers) in line.iter().enumerate() {
                let share = *customers as f64 / all.max(1) as f64;
                if *customers > 0 {
                    table.add([
                        self.name(from).to_owned(),
                        self.name(to).to_owned(),
                        Numbers::whole(*customers),
                        Numbers::percent(share),
                    ]);
                }
                shown.push(Cell {
                    heat: (*customers > 0).then_some(share),
                    lines: if *customers > 0 { vec![Numbers::percent(share)] } else { Vec::new() },
                    tip: self.tip(context, from, to),
                });
            }
            cells.push(shown);
        }
        let short = |(_, segment): &(String, Segment)| segment.name.clone();
        let grid = Grid {
            rows: self.ends.iter().map(short).collect(),
            columns: self.ends.iter().map(|(_, segment)| segment.name.clone()).collect(),
            cells,
            axis: context.say("axis.segment_now").to_owned(),
            height: 34.0,
        };
        let (all, moved) = self.moved();
        let share = Numbers::percent(moved as f64 / all.max(1) as f64);
        let title = context.texts.fill("migration.moved", &[("share", &share), ("date", &self.compared_with)]);
        let picture = grid.drawn(&title);
        Figure::new(title, picture, table).note(context.say("migration.matrix_note")).layout(Layout::BroadNames)
    }

    fn tip(&self, context: &Context<'_>, from: usize, to: usize) -> String {
        let customers = Numbers::whole(self.customers[from][to]);
        let values: [(&str, &dyn Display); 3] =
            [("from", &self.name(from)), ("to", &self.name(to)), ("customers", &customers)];
        context.texts.fill("migration.tip", &values)
    }

    fn flows(&self, context: &Context<'_>) -> Figure {
        let mut table =
            Table::new(context.heads(&["segment", "customers_before", "customers_now", "in", "out", "net"]), 1);
        let count = self.ends.len();
        let mut best = (0, 0);
        for end in 0..count - 1 {
            let before: i128 = self.customers[end].iter().sum();
            let now: i128 = self.customers.iter().map(|line| line[end]).sum();
            let stayed = self.customers[end][end];
            if (now - before).abs() > best.1 {
                best = (end, (now - before).abs());
            }
            let cells = [before, now, now - stayed, before - stayed, now - before].map(Numbers::whole);
            table.add(std::iter::once(self.name(end).to_owned()).chain(cells));
        }
        let mut flows: Vec<(usize, usize)> = (0..count)
            .flat_map(|from| (0..count).map(move |to| (from, to)))
            .filter(|(from, to)| self.customers[*from][*to] > 0)
            .collect();
        flows.sort_by_key(|(from, to)| -self.customers[*from][*to]);
        flows.truncate(MOST_FLOWS);
        flows.sort_unstable();
        let sides = [self.compared_with.clone(), context.as_of.to_string()];
        let picture = Flows {
            ends: self
                .ends
                .iter()
                .map(|(_, segment)| End { name: segment.name.clone(), colour: segment.colour })
                .collect(),
            streams: flows
                .into_iter()
                .map(|(from, to)| (from, to, self.customers[from][to] as f64, self.tip(context, from, to)))
                .collect(),
            sides,
        };
        let change: i128 =
            self.customers.iter().map(|line| line[best.0]).sum::<i128>() - self.customers[best.0].iter().sum::<i128>();
        let values: [(&str, &dyn Display); 2] =
            [("name", &self.name(best.0)), ("customers", &Numbers::whole(change.abs()))];
        let title = context.texts.fill(if change >= 0 { "migration.gained" } else { "migration.lost" }, &values);
        let drawn = picture.drawn(&title);
        Figure::new(title, drawn, table).note(context.say("migration.flow_note")).layout(Layout::WholePlain)
    }
}
