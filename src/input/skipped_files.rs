//! Files left unread because their statistics say that every date in them lies outside the window.
//!
//! Only where `input.trust_statistics` allows it: some writers leave wrong ones. The rows stay in the account, with the
//! counts of the footers; their amounts are not known. Does not live here: rows outside the window in files that are
//! read (`clean::judge`).

use crate::clean::judge::Rules;
use crate::clean::outcome::{Outcome, Tally};
use crate::input::Input;
use crate::input::clock::Clock;
use crate::input::part::InputPart;
use crate::source::contract::Role;
use crate::source::contract::date_range::file_range;
use crate::source::footers::statistics::TimeRange;

/// Rows that were left unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SkippedFiles {
    after_as_of: u64,
    before_window: u64,
}

impl SkippedFiles {
    /// As [`Self::take_out`], of each input in their order.
    pub(crate) fn of_parts(input: &mut Input, rules: &Rules) -> Vec<Self> {
        input.parts.iter_mut().map(|part| Self::take_out(part, rules)).collect()
    }

    /// Removes such files from what is scanned. With a row filter or with dedupe it is not known how many of their rows
    /// would have counted, and repeats are counted among all rows: then every file is read.
    fn take_out(part: &mut InputPart, rules: &Rules) -> Self {
        let mut unread = Self::default();
        let every_row_matters = part.filter.is_some() || part.repeats.is_some();
        // Of a table of customers such rows are bad ones, and shown as such.
        if !part.settings.input.trust_statistics || every_row_matters || rules.known.is_of_customers() {
            return unread;
        }
        let contract = &part.contract;
        let Some(clock) = contract.column(Role::OrderTs).and_then(|time| Clock::of(&time.kind, &part.rules.dates))
        else {
            return unread;
        };
        for group in &mut part.groups {
            group.files.retain(|index| {
                let file = &contract.files[*index];
                let days = days(&clock, file_range(contract, file));
                let Some(outcome) =
                    days.and_then(|(first, last)| outside(first, last, rules.as_of, rules.window_start))
                else {
                    return true;
                };
                *unread.rows_mut(outcome) += file.rows;
                group.rows -= file.rows;
                false
            });
        }
        part.groups.retain(|group| !group.files.is_empty());
        if unread.rows() > 0 {
            tracing::info!(rows = unread.rows(), "files outside the window by their statistics are not read");
        }
        unread
    }

    fn rows_mut(&mut self, outcome: Outcome) -> &mut u64 {
        if outcome == Outcome::AfterAsOf { &mut self.after_as_of } else { &mut self.before_window }
    }

    /// All rows that were left unread.
    pub(crate) fn rows(self) -> u64 {
        self.after_as_of + self.before_window
    }

    /// Adds the rows of each input to its account, and to that of all.
    pub(crate) fn account_all(of_parts: &[Self], all: &mut Tally, tallies: &mut [Tally]) {
        for (skipped, own) in of_parts.iter().zip(tallies) {
            skipped.account(all);
            skipped.account(own);
        }
    }

    fn account(self, tally: &mut Tally) {
        tally.rows[Outcome::AfterAsOf.index()] += self.after_as_of;
        tally.rows[Outcome::BeforeWindow.index()] += self.before_window;
    }
}

/// What becomes of every row dated from day `first` to day `last`, where it is the same for all and a cut.
pub(crate) fn outside(first: i32, last: i32, as_of: Option<i32>, window_start: Option<i32>) -> Option<Outcome> {
    if as_of.is_some_and(|as_of| first > as_of) {
        return Some(Outcome::AfterAsOf);
    }
    window_start.is_some_and(|start| last < start).then_some(Outcome::BeforeWindow)
}

/// First and last day of a file whose dates are all dates and never null.
fn days(clock: &Clock<'_>, range: Option<TimeRange>) -> Option<(i32, i32)> {
    let range = range.filter(|range| range.nulls == Some(0))?;
    let (first, last) = clock.day(range.min?).zip(clock.day(range.max?))?;
    Some((first.saturating_sub(clock.slack_days()), last.saturating_add(clock.slack_days())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_left_unread_only_where_all_of_it_is_cut() {
        let outcomes = |as_of, start| {
            [(11, 12), (10, 12), (4, 11), (3, 4), (3, 5)].map(|(first, last)| outside(first, last, as_of, start))
        };
        let (after, before) = (Some(Outcome::AfterAsOf), Some(Outcome::BeforeWindow));
        assert_eq!(outcomes(Some(10), Some(5)), [after, None, None, before, None]);
        assert_eq!(outcomes(None, None), [None; 5]);
    }
}
