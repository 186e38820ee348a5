//! What only the rows can prove, and the statistics in the footers already claim: that a run would find no row to use, or
//! too many bad ones, or no date to count from.
//!
//! Lives here: the claims, put to the same gates as the rows of a run. A claim counts only where no row can be left out
//! before the gate for another reason. Does not live here: the gates (`quality`), and what else a check tells (`check`).

use super::as_of;
use super::check::DatesReport;
use super::clock::Clock;
use super::input::{Input, date_of};
use super::unread::outside;
use super::window_start;
use crate::clean::judge::IDS_TOO_LARGE;
use crate::clean::outcome::{Outcome, Tally};
use crate::config::Draft;
use crate::error::{Error, Result};
use crate::quality;
use crate::source::contract::Role;
use crate::source::hints::{ColumnHint, column_hint};
use crate::source::kinds::ColumnKind;
use crate::source::statistics::date_range;

/// What the footers claim about all rows.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// The first and the last date.
    days: (Option<i32>, Option<i32>),
    null_dates: Option<u64>,
    null_customers: u64,
    null_amounts: u64,
    has_ids_too_large: bool,
}

impl Claims {
    pub(super) fn of(input: &Input, threads: usize) -> Self {
        let contract = &input.contract;
        let hint = |role: Role| {
            let column = contract.column(role).filter(|column| !column.from_partition)?;
            Some(column_hint(&contract.files, &column.name, threads))
        };
        let nulls = |hint: &Option<ColumnHint>| hint.as_ref().and_then(|hint| hint.nulls).unwrap_or(0);
        let range = date_range(contract);
        let clock = contract.column(Role::OrderTs).and_then(|column| Clock::of(&column.kind, &input.rules));
        let day = |stored: Option<i64>| clock.as_ref()?.day(stored?);
        let ids = hint(Role::CustomerId);
        let are_unsigned = contract
            .column(Role::CustomerId)
            .is_some_and(|ids| matches!(ids.kind, ColumnKind::Int { bits: 64, signed: false }));
        let largest = ids.as_ref().and_then(|ids| ids.unsigned_most).filter(|_| are_unsigned);
        let amounts = [Role::Amount, Role::Quantity, Role::UnitPrice].map(|role| nulls(&hint(role)));
        Self {
            days: (day(range.min), day(range.max)),
            null_dates: range.nulls,
            null_customers: nulls(&ids),
            null_amounts: amounts.into_iter().max().unwrap_or(0),
            has_ids_too_large: largest.is_some_and(|largest| i64::try_from(largest).is_err()),
        }
    }

    /// The dates, for the report.
    pub(super) fn dates(&self, as_of: Option<i32>) -> DatesReport {
        let rows_after_as_of = match (as_of, self.days) {
            (None, _) => "none",
            (Some(as_of), (_, Some(last))) if last <= as_of => "none",
            (Some(as_of), (Some(first), _)) if first > as_of => "all",
            (Some(_), (Some(_), Some(_))) => "some",
            _ => "unknown",
        };
        let shown = |day: Option<i32>| day.map(|day| date_of(day).to_string());
        DatesReport { first: shown(self.days.0), last: shown(self.days.1), nulls: self.null_dates, rows_after_as_of }
    }

    /// What a run would stop at if the claims are true, in its order.
    pub(super) fn problems(&self, input: &Input, draft: &Draft) -> Vec<Error> {
        // How many rows, and which, a filter or a list of customers leaves is not known.
        let every_row_counts = input.filter.is_none() && draft.config.privacy.exclude_ids.is_none();
        let tally = self.tally(input, draft);
        let ids = if every_row_counts && self.has_ids_too_large { Err(Error::source(IDS_TOO_LARGE)) } else { Ok(()) };
        let is_sure = every_row_counts || tally.rows_of(Outcome::Kept) == 0;
        let gate = if is_sure { quality::gate(&tally, &draft.config.clean) } else { Ok(()) };
        let has_date = tally.last_day.is_some() && every_row_counts && draft.is_sound(&["dates"]);
        let date = if has_date { as_of(&input.rules, &tally).map(drop) } else { Ok(()) };
        let claimed =
            |found: Result<()>| found.err().map(|error| error.cause("so the statistics in the footers claim"));
        [ids, gate, date].into_iter().filter_map(claimed).collect()
    }

    /// The account of the rows as far as it is certain: those that are not known to be bad or cut are kept.
    fn tally(&self, input: &Input, draft: &Draft) -> Tally {
        let mut tally = Tally::default();
        let mut rest = input.contract.rows;
        let mut put = |outcome: Outcome, rows: u64| {
            tally.rows[outcome.index()] = rows.min(rest);
            rest -= rows.min(rest);
        };
        let (rules, window) = (&input.rules, draft.config.dates.window_days);
        let start = rules.as_of.zip(window).map(|(last, days)| window_start(last, days));
        let span = self.days.0.zip(self.days.1);
        if let Some(cut) = span.and_then(|(first, last)| outside(first, last, rules.as_of, start)) {
            put(Outcome::NullDate, self.null_dates.unwrap_or(0));
            put(cut, u64::MAX);
        } else {
            // Time is asked first. A row that lacks two of the three is counted once, whichever they are.
            let none_is_cut = match (rules.as_of, window, span) {
                (None, None, _) => true,
                (Some(as_of), _, Some((first, last))) => last <= as_of && start.is_none_or(|start| first >= start),
                _ => false,
            };
            let certain = if none_is_cut { [self.null_customers, self.null_amounts] } else { [0, 0] };
            let nulls = [
                (Outcome::NullCustomer, certain[0]),
                (Outcome::NullDate, self.null_dates.unwrap_or(0)),
                (Outcome::NullAmount, certain[1]),
            ];
            let (outcome, rows) = nulls.into_iter().max_by_key(|(_, rows)| *rows).unwrap_or((Outcome::NullDate, 0));
            put(outcome, rows);
            put(Outcome::Kept, u64::MAX);
        }
        tally.last_day = self.days.1;
        tally
    }
}
