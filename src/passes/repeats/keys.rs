//! Of rows with one key one is kept: which it is, the engine decides, in as much memory as there is.
//!
//! The keys alone are read first, as fingerprints: most rows share theirs with no other, and are kept. The others are read once
//! more, and sorted by the engine; where they are more than memory holds, by some keys at a time, in as many reads.
//! Does not live here: the order that decides (`source::scan::repeats`), and which fingerprints are equal (`distinct`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use polars::prelude::*;

use super::distinct::{Entry, Numbered, PARTS, part_of};
use super::fingerprint::{Fingerprint, Fingerprints};
use super::{Failure, Search, execute, sole, unreadable};
use crate::batch::role;
use crate::error::Result;
use crate::source::scan::Group;
use crate::source::scan::repeated_rows::RepeatedRows;
use crate::source::scan::repeats::Keys;

/// What the engine holds of a row that it sorts: two copies of each value, its hashes and its place.
const VALUE_BYTES: usize = 2 * 24;
const ROW_BYTES: usize = 48;

/// All rows but one of each key.
///
/// # Errors
/// As [`super::find`].
pub(super) fn all_but_one(search: &Search<'_>, keys: &Keys) -> Result<Arc<RepeatedRows>> {
    let rows = Arc::new(RepeatedRows::all(&search.part.groups));
    if search.part.groups.is_empty() {
        return Ok(rows);
    }
    let sharing = rows_that_share_a_key(search, keys, &rows)?;
    let row_bytes = ROW_BYTES + VALUE_BYTES * search.part.contract.columns.len();
    let at_once = (search.room.half() / row_bytes).max(1) as u64;
    let rounds = usize::try_from(sharing.div_ceil(at_once)).unwrap_or(PARTS).min(PARTS);
    for round in 0..rounds {
        keep_one(search, keys, &rows, (round, rounds))?;
    }
    Ok(rows)
}

/// Leaves in the set, of the rows that are compared, those whose key another row has, too, and says how many there are.
fn rows_that_share_a_key(search: &Search<'_>, keys: &Keys, rows: &Arc<RepeatedRows>) -> Result<u64> {
    let part = search.part;
    let prints = Arc::new(search.rows::<Numbered>("`clean.dedupe_keys`"));
    let frame = keys.keys_alone(&part.contract, &part.groups, &part.settings.input, part.filter.as_ref())?;
    let (found, compared, names) = (Arc::clone(&prints), Arc::clone(rows), keys.columns().to_vec());
    let (failure, progress) = (Failure::default(), search.progress.clone());
    let failed = failure.clone();
    run(search, &failure, frame, move |batch| {
        progress.advance(batch.height());
        compared.take_out(batch)?;
        let numbers = batch.column(role::ROW)?.idx()?.iter().map(|row| row.map_or(0, u64::from));
        let prints = prints_of(batch, &names)?.into_iter();
        let entries: Vec<Numbered> = prints.zip(numbers).map(|(print, number)| Numbered::of(print, number)).collect();
        found.add(&entries).map_err(|error| failed.stop(error))
    })?;
    let sharing = AtomicU64::new(0);
    let share = |number: u64| {
        sharing.fetch_add(u64::from(rows.insert(number)), Ordering::Relaxed);
    };
    sole(prints)?.finish(search.config.threads(), |number, other| {
        share(number);
        share(other);
    })?;
    Ok(sharing.into_inner())
}

/// Takes out of the set the row that is kept of each key, of one of several parts of the keys.
fn keep_one(search: &Search<'_>, keys: &Keys, rows: &Arc<RepeatedRows>, (round, rounds): (usize, usize)) -> Result<()> {
    let part = search.part;
    let (sharing, names) = (Arc::clone(rows), keys.columns().to_vec());
    let narrow = move |batch: DataFrame| {
        let row = batch.column(role::ROW)?.idx()?;
        let mut is_in: Vec<bool> = row.iter().map(|row| row.is_some_and(|row| sharing.has(u64::from(row)))).collect();
        if rounds > 1 {
            let prints = prints_of(&batch, &names)?;
            is_in.iter_mut().zip(prints).for_each(|(is_in, print)| *is_in &= part_of(print) * rounds / PARTS == round);
        }
        batch.filter(&is_in.into_iter().collect())
    };
    let frame = keys.kept(&part.contract, &part.groups, &part.settings.input, part.filter.as_ref(), narrow)?;
    let kept = Arc::clone(rows);
    run(search, &Failure::default(), frame, move |batch| kept.take_out(batch))
}

/// Executes a plan; `take` gets its batches.
fn run(
    search: &Search<'_>,
    failure: &Failure,
    frame: LazyFrame,
    take: impl Fn(&DataFrame) -> PolarsResult<()> + Send + Sync + 'static,
) -> Result<()> {
    let part = search.part;
    let outcome = execute(frame, move |batch| {
        take(&batch)?;
        Ok(DataFrame::empty())
    });
    failure.check()?;
    let condition = (part.filter.as_ref(), search.tells_ids);
    let all = Group::joined(&part.groups);
    outcome.map_err(|cause| part.told(unreadable::error(part, &all, unreadable::Columns::Needed, condition, &cause)))
}

/// Keys are equal by their prints wherever they are equal to the engine.
fn prints_of(batch: &DataFrame, names: &[String]) -> PolarsResult<Vec<Fingerprint>> {
    let columns: Vec<Option<&Column>> =
        names.iter().map(|name| batch.column(name).map(Some)).collect::<PolarsResult<_>>()?;
    Ok(Fingerprints::default().of(&columns, batch.height())?.to_vec())
}
