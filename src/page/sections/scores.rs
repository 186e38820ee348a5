//! Recency and frequency scores against each other: customers and their money.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::error::Result;
use crate::page::charts::heat::{Cell, Grid};
use crate::page::context::Context;
use crate::page::figure::{Figure, Table};
use crate::page::numbers::Numbers;
use crate::page::sections::section::Section;

/// More scores than this are put together in bands.
const MOST_BANDS: i128 = 10;

/// The lowest and the highest score of a band.
type Band = (i128, i128);
/// Customers and money by recency and frequency score.
type Sums = BTreeMap<(i128, i128), (i128, i128)>;

pub(super) fn section(context: &Context<'_>) -> Result<Option<Section>> {
    let mut sums = Sums::new();
    context.tables.each("cells", &["r_score", "f_score", "customers", "revenue"], |rows| {
        for row in 0..rows.count() {
            let score = |column: &str| rows.exact(column, row).unwrap_or_default();
            let sum = sums.entry((score("r_score"), score("f_score"))).or_default();
            sum.0 += rows.exact("customers", row).unwrap_or_default();
            sum.1 += rows.exact("revenue", row).unwrap_or_default();
        }
    })?;
    let highest = |part: fn(&(i128, i128)) -> i128| sums.keys().map(part).max().unwrap_or_default();
    let bins = (highest(|key| key.0), highest(|key| key.1));
    if bins.0 == 0 || bins.1 == 0 {
        return Ok(None);
    }
    let scores = Scores { bands: (bands(bins.0), bands(bins.1)), sums };
    let total = context.manifest.totals.revenue_minor_units.map(i128::from).filter(|total| *total > 0);
    let money = total.map(|total| scores.figure(context, Some(total)));
    Ok(Section::new(&context.texts, "scores").with([scores.figure(context, None)].into_iter().chain(money)))
}

/// The scores 1 to `bins` in at most ten bands, each from its lowest to its highest score.
fn bands(bins: i128) -> Vec<Band> {
    let width = (bins + MOST_BANDS - 1) / MOST_BANDS;
    (0..(bins + width - 1) / width).map(|band| (band * width + 1, ((band + 1) * width).min(bins))).collect()
}

fn name((low, high): Band) -> String {
    if low == high { low.to_string() } else { format!("{low}–{high}") }
}

struct Scores {
    bands: (Vec<Band>, Vec<Band>),
    sums: Sums,
}

impl Scores {
    fn sum(&self, recency: Band, frequency: Band) -> (i128, i128) {
        let is_within = |key: &(i128, i128)| {
            (recency.0..=recency.1).contains(&key.0) && (frequency.0..=frequency.1).contains(&key.1)
        };
        let found = self.sums.iter().filter(|(key, _)| is_within(key));
        found.fold((0, 0), |sum, (_, more)| (sum.0 + more.0, sum.1 + more.1))
    }

    /// Of customers, or of money with its total.
    fn figure(&self, context: &Context<'_>, total: Option<i128>) -> Figure {
        let all: i128 = self.sums.values().map(|sum| sum.0).sum();
        let share = |sum: (i128, i128)| match total {
            Some(total) => sum.1 as f64 / total as f64,
            None => sum.0 as f64 / all.max(1) as f64,
        };
        let key = if total.is_some() { "money" } else { "customers" };
        let (rows, columns) = (self.bands.0.iter().rev(), &self.bands.1);
        let (mut cells, mut table) =
            (Vec::new(), Table::new(context.heads(&["r_score", "f_score", "customers", "revenue"]), 2));
        let mut most = (f64::NEG_INFINITY, String::new(), String::new());
        for recency in rows.clone() {
            let mut line = Vec::new();
            for frequency in columns {
                let sum = self.sum(*recency, *frequency);
                if share(sum) > most.0 {
                    most = (share(sum), name(*recency), name(*frequency));
                }
                line.push((sum, share(sum)));
                let money = total.map(|_| sum.1);
                table.add([
                    name(*recency),
                    name(*frequency),
                    Numbers::whole(sum.0),
                    context.numbers.maybe_money(money),
                ]);
            }
            cells.push(line);
        }
        let cell = |(sum, share): &((i128, i128), f64)| {
            let figure = if total.is_some() { context.numbers.short_money(sum.1) } else { Numbers::whole(sum.0) };
            Cell {
                heat: (sum.0 > 0).then(|| (share / most.0).clamp(0.0, 1.0)),
                lines: vec![figure.clone(), Numbers::percent(*share)],
                tip: format!("{figure} ({})", Numbers::percent(*share)),
            }
        };
        // Bands have no room for it.
        let letter = if columns.len() > 6 { "" } else { "F " };
        let grid = Grid {
            rows: rows.map(|band| format!("R {}", name(*band))).collect(),
            columns: columns.iter().map(|band| format!("{letter}{}", name(*band))).collect(),
            cells: cells.iter().map(|line| line.iter().map(cell).collect()).collect(),
            axis: context.say("axis.frequency_score").to_owned(),
            height: if self.bands.0.len() > 5 { 40.0 } else { 56.0 },
        };
        let values: [(&str, &dyn Display); 3] = [("share", &Numbers::percent(most.0)), ("r", &most.1), ("f", &most.2)];
        let title = context.texts.fill(&format!("scores.{key}"), &values);
        let picture = grid.drawn(&title);
        Figure::new(title, picture, table).note(context.say("scores.note"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_scores_are_ten_bands_and_five_are_five() {
        assert_eq!(bands(5), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]);
        assert_eq!((bands(100).len(), bands(100)[9]), (10, (91, 100)));
        assert_eq!(bands(11), [(1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 11)]);
    }
}
