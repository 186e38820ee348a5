//! `stability`: who is where in two scorings of the same customers.

use polars::prelude::*;
use rayon::prelude::*;

use crate::reports::findings::Findings;
use crate::reports::report::{Chapter, Make, Report};
use crate::reports::shares::CUSTOMER_SHARE;
use crate::reports::tables::scorings;
use crate::schema::{ColumnType, TableEntry, column};
use crate::scoring::Scoring;
use crate::segment::Crossing;

#[rustfmt::skip]
const TABLE: TableEntry = TableEntry {
    name: "stability",
    one_row_per: "pair of scorings and pair of segments: how many customers they share",
    published_with: "`[[scoring]]`",
    meaning: "With `[[scoring]]`: who is where in two scorings; one row per pair of scorings and pair of segments that share customers. Sorted by its first four columns.",
    columns: &[
        column("scoring_a", ColumnType::Text, "", "name of one scoring"),
        column("scoring_b", ColumnType::Text, "", "name of another, which sorts behind it"),
        column("segment_a", ColumnType::Text, "", "key of the segment in scoring_a"),
        column("segment_b", ColumnType::Text, "", "key of the segment in scoring_b"),
        column("customers", ColumnType::Int64, "customers", "number of customers in both"),
        CUSTOMER_SHARE,
        column("share_of_segment_a", ColumnType::Double, "0..1", "share of the customers of segment_a"),
        column("share_of_segment_b", ColumnType::Double, "0..1", "share of the customers of segment_b"),
    ],
};

pub(crate) const REPORT: Report = Report {
    table: TABLE,
    chapter: Chapter::Scoring,
    when: scorings::has_several,
    times_counted: Some(pairs_of),
    added: &[],
    make: Make::Small(plan),
};

/// The pairs of scorings, each of which counts every customer.
pub(super) fn pairs_of(findings: &Findings) -> usize {
    let scorings = findings.scorings.count();
    scorings * (scorings - 1) / 2
}

/// Two scorings, and who is where in both.
pub(super) struct Pair<'a> {
    pub(super) first: &'a Scoring,
    pub(super) second: &'a Scoring,
    pub(super) crossing: Crossing,
}

/// Every pair of scorings, the name that sorts first before the other.
pub(super) fn pairs<'a>(findings: &'a Findings) -> PolarsResult<Vec<Pair<'a>>> {
    let scorings = findings.scorings.by_name();
    let both: Vec<(&'a Scoring, &'a Scoring)> = scorings
        .iter()
        .enumerate()
        .flat_map(|(index, first)| scorings.iter().skip(index + 1).map(move |second| (*first, *second)))
        .collect();
    let cross = |(first, second): (&'a Scoring, &'a Scoring)| {
        let groups = |scoring: &Scoring| scoring.map.segments.len();
        let crossing = Crossing::new(&first.segment, &second.segment, groups(first), groups(second))
            .map_err(|error| polars_err!(ComputeError: "{}", error.headline()))?;
        Ok(Pair { first, second, crossing })
    };
    both.into_par_iter().map(cross).collect()
}

/// One row per pair of scorings and pair of segments that share customers.
///
/// # Errors
/// A Polars error where the columns differ in length, which would be a bug.
fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let pairs = pairs(findings)?;
    let mut rows = Vec::new();
    for Pair { first, second, crossing } in &pairs {
        let (row_totals, column_totals) = (crossing.row_totals(), crossing.column_totals());
        for (row, a) in first.map.segments.iter().enumerate() {
            for (column, b) in second.map.segments.iter().enumerate() {
                let customers = crossing.customers[row * crossing.columns + column];
                if customers > 0 {
                    let names = (first.name.as_str(), second.name.as_str(), a.key.as_str(), b.key.as_str());
                    rows.push((names, customers, row_totals[row], column_totals[column]));
                }
            }
        }
    }
    rows.sort_unstable();
    let all = findings.customers.len() as u64;
    Ok(df!(
        "scoring_a" => rows.iter().map(|(names, ..)| names.0).collect::<Vec<_>>(),
        "scoring_b" => rows.iter().map(|(names, ..)| names.1).collect::<Vec<_>>(),
        "segment_a" => rows.iter().map(|(names, ..)| names.2).collect::<Vec<_>>(),
        "segment_b" => rows.iter().map(|(names, ..)| names.3).collect::<Vec<_>>(),
        "customers" => rows.iter().map(|row| row.1).collect::<Vec<u64>>(),
        "customer_share" => rows.iter().map(|row| share(row.1, all)).collect::<Vec<_>>(),
        "share_of_segment_a" => rows.iter().map(|row| share(row.1, row.2)).collect::<Vec<_>>(),
        "share_of_segment_b" => rows.iter().map(|row| share(row.1, row.3)).collect::<Vec<_>>(),
    )?
    .lazy())
}

#[allow(clippy::cast_precision_loss)]
pub(super) fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}
