//! The pass over the transactions: one execution of the scan, and everything that is made of the rows as they come by.
//!
//! [`reading`] runs the scan and hands each judged batch to every pass: `fold` makes customers of the rows, which carry
//! margins, interactions and attributes along (`payload`). Twice is read only what one read cannot decide: rows of uncertain
//! customers (`fold`), orders that a window cuts away (`every_order`), interactions that cannot be told from the first
//! (`interactions`), the last day where a window ends with the data, and, before all others, rows that repeat others
//! (`repeats`). `dates` makes customers of several
//! dates of one read.
//! Does not live here: any rule or sum.

pub mod attributes;
mod batch_payload;
pub(crate) mod dates;
pub(crate) mod every_order;
mod fold;
mod given;
mod interactions;
pub(crate) mod judges;
mod margin;
mod order_policy;
mod pass;
mod payload;
pub mod reading;
pub(crate) mod repeats;
pub(crate) mod sums;
pub(crate) mod unreadable;

pub use fold::Aggregated;
pub(crate) use order_policy::order_policy;
pub use pass::Pass;
pub use reading::Reading;

use polars::prelude::LazyFrame;

use judges::Judges;

use crate::clean::judge::{IDS_TOO_LARGE, Rules};
use crate::error::{Error, Result};
use crate::input::Input;

/// Reads every transaction once, and makes of it what `reading` asks for.
///
/// # Errors
/// A source error where a file cannot be decoded or an expression cannot be computed for a row; a compute error where money
/// could overflow.
pub fn gather(reading: &Reading<'_>, rules: &Rules) -> Result<Aggregated> {
    let files = interactions::files(reading.input);
    let together = Reading { interactions: files.as_ref(), ..*reading };
    let mut aggregated = fold::fold(&together, rules)?;
    let as_of = rules.as_of.or(aggregated.tally.last_day);
    if let Some(as_of) = as_of.filter(|_| aggregated.lacks_interactions || files.is_none()) {
        interactions::read(reading, rules, as_of, &mut aggregated.customers)?;
    }
    Ok(aggregated)
}

/// Whether interactions are asked for and are read by themselves, whatever the rows say.
pub(crate) fn reads_interactions_apart(input: &Input) -> bool {
    input.parts.iter().any(|part| part.interactions.is_some()) && interactions::files(input).is_none()
}

/// What the engine makes of each scan of a run, in words.
///
/// # Errors
/// A source error where a scan cannot be planned.
pub(crate) fn plans(reading: &Reading<'_>) -> Result<Vec<String>> {
    let files = interactions::files(reading.input);
    let plan = |frame: LazyFrame| {
        frame.describe_optimized_plan().map_err(|error| Error::source("the scan cannot be planned").cause(error))
    };
    let frames = Reading { interactions: files.as_ref(), ..*reading }.frames()?;
    repeats::frames(reading.input)?.into_iter().chain(frames).map(plan).collect()
}

/// The last day of a kept row: a read of its own, for a window that ends with the data.
///
/// # Errors
/// As [`gather`].
pub(crate) fn last_day(reading: &Reading<'_>) -> Result<Option<i32>> {
    let judges = Judges::of(reading.input, &Rules { quarantine_rows: 0, ..reading.input.rules.clone() });
    reading.run(&judges, Vec::new())?;
    Ok(judges.into_accounts()?.tally.last_day)
}

/// The published ids have a sign, as all tools read them.
pub(crate) fn ids_too_large() -> Error {
    Error::source(IDS_TOO_LARGE).hint("cast the column to a text at its source: tables have no unsigned columns")
}

/// Ids that a fraction was stored of.
fn not_whole(what: &str) -> Error {
    Error::source(what)
        .hint("an id is an integer, a text, or a whole number in another type: write it as one of these at its source")
}
