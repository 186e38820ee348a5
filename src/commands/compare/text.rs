//! A comparison for people: who moved, group by group, and the moves that most made.
//!
//! Does not live here: the figures (`time::migration`).

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};

use crate::day::date_of;
use crate::job::summary::{counted, grouped, money};
use crate::job::summary_over_time::line_of_moves;
use crate::time::migration::{flows, moves};
use crate::time::{Basis, By, Comparison, Flow, Move};
use crate::warnings::Warning;

/// Moves that are written out; the tables have all of them.
const MOVES_SHOWN: usize = 10;

/// The answer on a terminal.
pub(super) fn render(comparison: &Comparison, by: &[By], scale: u8, warnings: &[Warning]) -> String {
    let (before, after) = (&comparison.before, &comparison.after);
    let mut text = format!(
        "{} as of {}, {} as of {}\n",
        counted(before.ids.len() as u64, "customer"),
        date_of(before.as_of),
        counted(after.ids.len() as u64, "customer"),
        date_of(after.as_of)
    );
    let all = moves(comparison);
    if let Some(line) = line_of_moves(comparison) {
        let _ = writeln!(text, "{line}");
    }
    for by in by.iter().filter(|by| comparison.known_by().any(|known| known == **by)) {
        let has_frozen = all.iter().any(|own| own.basis == Basis::Frozen && own.by == *by);
        let basis = if has_frozen { Basis::Frozen } else { Basis::Published };
        let own: Vec<&Move> = all.iter().filter(|own| (own.basis, own.by) == (basis, *by)).collect();
        let _ = writeln!(text, "\nby {}, with the {}:", by.name(), breaks(basis));
        let of_basis: Vec<Flow> =
            flows(&all).into_iter().filter(|flow| (flow.basis, flow.by) == (basis, *by)).collect();
        let _ = writeln!(text, "{}", table_of_flows(&of_basis, &own));
        text.push_str(&largest(&own, scale));
    }
    for warning in warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    text
}

const fn breaks(basis: Basis) -> &'static str {
    match basis {
        Basis::Frozen => "breaks of the earlier date (moves by behaviour)",
        Basis::Published => "breaks of each date",
    }
}

fn table_of_flows(flows: &[Flow], moves: &[&Move]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header(["group", "before", "in", "out", "after"]);
    for flow in flows {
        let before: u64 = moves.iter().filter(|own| own.from == flow.group).map(|own| own.customers).sum();
        let after: u64 = moves.iter().filter(|own| own.to == flow.group).map(|own| own.customers).sum();
        let figures = [before, flow.entered, flow.left, after].map(grouped);
        table.add_row(std::iter::once(flow.group.clone()).chain(figures));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// The moves that most customers made.
fn largest(moves: &[&Move], scale: u8) -> String {
    let mut moved: Vec<&Move> = moves.iter().copied().filter(|own| own.from != own.to).collect();
    moved.sort_by_key(|own| std::cmp::Reverse(own.customers)); // stable: equal ones stay sorted by name
    let mut text = String::new();
    for own in moved.iter().take(MOVES_SHOWN) {
        let Move { from, to, customers, .. } = own;
        let brought = own.after.or(own.before).map(|sums| money(sums.revenue.into(), scale)).unwrap_or_default();
        let _ = writeln!(text, "  {from} -> {to}: {}, revenue {brought}", counted(*customers, "customer"));
    }
    if let Some(more) = moved.len().checked_sub(MOVES_SHOWN).filter(|more| *more > 0) {
        let _ = writeln!(text, "  and {more} further moves");
    }
    text
}
