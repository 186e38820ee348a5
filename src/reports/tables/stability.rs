//! `stability` and `stability_summary`: how far two scorings of the same customers agree.

use polars::prelude::*;
use rayon::prelude::*;

use crate::reports::findings::Findings;
use crate::scoring::Scoring;
use crate::segment::Crossing;

/// Two scorings, and who is where in both.
struct Pair<'a> {
    first: &'a Scoring,
    second: &'a Scoring,
    crossing: Crossing,
}

/// Every pair of scorings, the name that sorts first before the other.
fn pairs<'a>(findings: &'a Findings) -> PolarsResult<Vec<Pair<'a>>> {
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
pub(crate) fn plan(findings: &Findings) -> PolarsResult<LazyFrame> {
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

/// One row per pair of scorings.
///
/// # Errors
/// As [`plan`].
pub(crate) fn summary_plan(findings: &Findings) -> PolarsResult<LazyFrame> {
    let pairs = pairs(findings)?;
    let all = findings.customers.len() as u64;
    // Segments that bear other names cannot be told to have changed.
    let changed: Vec<Option<u64>> = pairs
        .iter()
        .map(|pair| (pair.first.map.segments == pair.second.map.segments).then(|| pair.crossing.moved()))
        .collect();
    Ok(df!(
        "scoring_a" => pairs.iter().map(|pair| pair.first.name.as_str()).collect::<Vec<_>>(),
        "scoring_b" => pairs.iter().map(|pair| pair.second.name.as_str()).collect::<Vec<_>>(),
        "customers" => vec![all; pairs.len()],
        "changed_customers" => changed.clone(),
        "changed_share" => changed.iter().map(|changed| share((*changed)?, all)).collect::<Vec<_>>(),
        "adjusted_rand_index" => pairs.iter().map(|pair| pair.crossing.adjusted_rand_index()).collect::<Vec<_>>(),
    )?
    .lazy())
}

#[allow(clippy::cast_precision_loss)]
pub(crate) fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}
