//! The last interaction of each customer, only where `input.interactions` asks for it, and their number, where it is scored.
//!
//! An interaction is a row that meets the condition, whatever its amount, of someone who has an order; an order is one, too.
//! Counted are the rows that meet the condition.
//! The latest day decides, so that neither the order of rows nor the number of threads changes it.
//! Lives here: how the days travel with the rows, and the reading of interactions alone, where they cannot. Does not live
//! here: the customers (`customers`), and how their recency is scored (`score`).

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use polars::prelude::{DataFrame, PolarsResult};

use super::batch_payload::BatchPayload;
use super::judges::Judges;
use super::reading::{InteractionFiles, InteractionsOfPart, Reading, sole};
use crate::batch::{Batch, role};
use crate::clean::judge::{Judged, Rules};
use crate::clean::outcome::Outcome;
use crate::customers::payload::{Field, PerCustomer};
use crate::customers::{CustomerIds, Customers};
use crate::error::Result;
use crate::input::Input;
use crate::input::part::InputPart;
use crate::source::scan::{self, Further};

/// How interactions travel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carried {
    /// The field of the latest day, as a word; where they are counted, that of their number follows.
    latest: usize,
    counts: bool,
    /// Those before this day are not counted.
    first_day: i32,
}

/// A day as a word that sorts as it does and is not zero.
pub(super) fn word(day: i32) -> u64 {
    u64::from(day.cast_unsigned() ^ 1 << 31) + 1
}

/// The day that [`word`] was made of; none of zero.
fn day_of(word: u64) -> Option<i32> {
    let bits = u32::try_from(word.checked_sub(1)?).ok()?;
    Some((bits ^ 1 << 31).cast_signed())
}

/// The files of interactions, where these can be read together with the other rows; none where they are to be read by
/// themselves.
///
/// Rows that repeat others are interactions all the same, and where they are left out they do not come by. Where directories
/// rule out some files of a group for interactions alone, the condition may be one that cannot be asked of these.
pub(super) fn files(input: &Input) -> Option<InteractionFiles> {
    if input.parts.iter().all(|part| part.interactions.is_none()) {
        return None;
    }
    input.parts.iter().map(files_of).collect::<Option<_>>().map(InteractionFiles)
}

/// The same for one input; nothing of one that has no interactions.
fn files_of(part: &InputPart) -> Option<InteractionsOfPart> {
    let Some(interactions) = &part.interactions else { return Some(InteractionsOfPart::default()) };
    if part.leaves_repeats_out() {
        return None;
    }
    let mut own = scan::groups(&part.contract, Some(interactions));
    let left: HashSet<usize> = own.iter().flat_map(|group| &group.files).copied().collect();
    let mut in_group = Vec::new();
    for group in &part.groups {
        let files = group.files.iter().filter(|file| left.contains(file)).count();
        if files != 0 && files != group.files.len() {
            return None;
        }
        in_group.push(files != 0);
    }
    if part.filter.is_none() {
        // Every file that is read at all is read for orders.
        return Some(InteractionsOfPart { in_group, own: Vec::new() });
    }
    let others: HashSet<usize> = part.groups.iter().flat_map(|group| &group.files).copied().collect();
    for group in &mut own {
        group.files.retain(|file| !others.contains(file));
        group.rows = group.files.iter().map(|file| part.contract.files[*file].rows).sum();
    }
    own.retain(|group| !group.files.is_empty());
    Some(InteractionsOfPart { in_group, own })
}

impl Carried {
    /// From the field `latest` on.
    pub(super) fn new(latest: usize, input: &Input, rules: &Rules) -> Self {
        Self { latest, counts: input.counts_interactions, first_day: first_counted(rules) }
    }

    pub(super) fn fields(self) -> impl Iterator<Item = Field> {
        [Field::Greatest(1)].into_iter().chain(self.counts.then_some(Field::Sum))
    }

    /// Writes the interactions of a batch into its payload.
    ///
    /// # Errors
    /// A Polars error where the condition gave no truth values.
    pub(super) fn fill(self, raw: &DataFrame, batch: &Batch<'_>, payload: &mut BatchPayload<'_>) -> PolarsResult<()> {
        // No row of these files is an interaction where the column is missing.
        let Ok(condition) = raw.column(role::INTERACTION) else { return Ok(()) };
        let condition = condition.bool()?;
        let met = || condition.iter().map(|meets| meets == Some(true)).zip(batch.days);
        for (words, (_, day)) in payload.field(self.latest).zip(met()).filter(|(_, (meets, _))| *meets) {
            words[0] = word(*day);
        }
        if self.counts {
            let is_counted = |(meets, day): (bool, &i32)| meets && *day >= self.first_day;
            for (words, met) in payload.field(self.latest + 1).zip(met()) {
                words[0] = u64::from(is_counted(met));
            }
        }
        Ok(())
    }

    /// Writes interactions of these days, one per row of the payload.
    pub(super) fn fill_notes(self, days: &[i32], payload: &mut BatchPayload<'_>) {
        for (words, day) in payload.field(self.latest).zip(days) {
            words[0] = word(*day);
        }
        if self.counts {
            for (words, day) in payload.field(self.latest + 1).zip(days) {
                words[0] = u64::from(*day >= self.first_day);
            }
        }
    }

    /// Fills in the day of the last interaction of every customer, and where it is asked for their number. False, and nothing is
    /// filled in, where any of them is after the analysis date, which was not known when the rows were read: then those before it
    /// are not known.
    pub(super) fn finish(self, arrived: &PerCustomer, as_of: i32, customers: &mut Customers) -> bool {
        let days = arrived.words(self.latest, |words| day_of(words[0]));
        if days.iter().flatten().any(|day| *day > as_of) {
            return false;
        }
        let latest =
            days.into_iter().zip(&customers.last_day).map(|(day, last)| day.map_or(*last, |day| day.max(*last)));
        customers.last_interaction_day = latest.collect();
        if self.counts {
            let count = |words: &[u64]| u32::try_from(words[0]).unwrap_or(u32::MAX);
            customers.interactions = arrived.words(self.latest + 1, count);
        }
        true
    }
}

/// The first day whose interactions are counted: that of the window, where there is one.
fn first_counted(rules: &Rules) -> i32 {
    rules.orders_from.unwrap_or(i32::MIN)
}

/// The rows of a batch that are interactions and no order lines. `are_lines`: the kept rows of the batch are order lines;
/// else all of its rows meet the condition, and none is a line.
///
/// # Errors
/// As [`fill`].
pub(super) fn notes(raw: &DataFrame, judged: &Judged, are_lines: bool) -> PolarsResult<Vec<usize>> {
    let outcomes = judged.outcomes().iter().enumerate();
    let noted = outcomes.filter(|(_, outcome)| has_customer_and_day(**outcome));
    if !are_lines {
        return Ok(noted.map(|(row, _)| row).collect());
    }
    let noted: Vec<usize> = noted.filter(|(_, outcome)| **outcome != Outcome::Kept).map(|(row, _)| row).collect();
    let Ok(condition) = raw.column(role::INTERACTION) else { return Ok(Vec::new()) };
    if noted.is_empty() {
        return Ok(noted);
    }
    let condition = condition.bool()?;
    Ok(noted.into_iter().filter(|row| condition.get(*row) == Some(true)).collect())
}

/// Days since 1970-01-01, from any thread.
struct Last {
    ids: CustomerIds,
    days: Vec<AtomicI32>,
    /// Empty where they are not counted.
    counts: Vec<AtomicU32>,
    first_day: i32,
}

/// As [`Carried::finish`], by a reading of the interactions alone; nothing where none are asked for.
///
/// # Errors
/// A source error where a file cannot be decoded.
pub(super) fn read(reading: &Reading<'_>, rules: &Rules, as_of: i32, customers: &mut Customers) -> Result<()> {
    let Some(interactions) = reading.input.of_interactions() else { return Ok(()) };
    reading.progress.begin("read interactions", interactions.rows());
    let rules = Rules { quarantine_rows: 0, as_of: Some(as_of), ..rules.clone() };
    let first_day = first_counted(&rules);
    let judges = Judges::of(&interactions, &rules);
    let days = customers.last_day.iter().map(|day| AtomicI32::new(*day)).collect();
    let counted = if reading.input.counts_interactions { customers.len() } else { 0 };
    let counts = (0..counted).map(|_| AtomicU32::new(0)).collect();
    let ids = std::mem::take(&mut customers.ids);
    let last = Arc::new(Last { ids, days, counts, first_day });
    let adding = Arc::clone(&last);
    let alone = Reading { input: &interactions, further: Further::default(), interactions: None, ..*reading };
    let read = alone.for_each_batch(&judges, move |_, judged| {
        adding.add(judged);
        Ok(())
    });
    reading.progress.finish();
    read?;
    let last = sole(last)?;
    customers.ids = last.ids;
    customers.last_interaction_day = last.days.into_iter().map(AtomicI32::into_inner).collect();
    customers.interactions = last.counts.into_iter().map(AtomicU32::into_inner).collect();
    Ok(())
}

impl Last {
    fn add(&self, judged: &Judged) {
        let outcomes = judged.outcomes();
        judged.with_batch(|rows| {
            for row in (0..rows.days.len()).filter(|row| has_customer_and_day(outcomes[*row])) {
                let place = self.ids.row_in_batch(rows.ids, row);
                // Who has no order is no customer.
                if let Some(day) = place.and_then(|place| self.days.get(place)) {
                    day.fetch_max(rows.days[row], Ordering::Relaxed);
                }
                let is_counted = rows.days[row] >= self.first_day;
                if let Some(count) = place.filter(|_| is_counted).and_then(|place| self.counts.get(place)) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
}

/// Whether a row tells who and when: a click has no amount.
const fn has_customer_and_day(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Kept
            | Outcome::NullAmount
            | Outcome::NonFiniteAmount
            | Outcome::UnparsableAmount
            | Outcome::AmountOutOfRange
            | Outcome::ReturnDropped
            | Outcome::ZeroDropped
            | Outcome::NullCurrency
            | Outcome::MissingRate
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_sort_as_their_words_do_and_no_day_is_zero() {
        let days = [i32::MIN, -719_162, -1, 0, 1, i32::MAX];
        assert!(days.map(word).is_sorted());
        assert_eq!(days.map(|day| day_of(word(day))), days.map(Some));
        assert_eq!((word(i32::MIN), day_of(0)), (1, None));
    }
}
