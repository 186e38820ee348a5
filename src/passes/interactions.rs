//! The last interaction of each customer: a pass of its own over the input, only where `input.interactions` asks for it.
//!
//! An interaction is a row that meets the condition, whatever its amount, of someone who has an order; an order is one, too.
//! The latest day decides, so that neither the order of rows nor the number of threads changes it.
//! Does not live here: the customers (`customers`), and how their recency is scored (`score`).

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use super::reading::{Reading, sole};
use crate::clean::judge::{Judge, Judged, Rules};
use crate::clean::outcome::Outcome;
use crate::customers::{CustomerIds, Customers};
use crate::error::Result;
use crate::input::Input;
use crate::progress::Progress;
use crate::source::options::InputOptions;

/// Days since 1970-01-01, from any thread.
struct Last {
    ids: CustomerIds,
    days: Vec<AtomicI32>,
}

/// Fills in the day of the last interaction of every customer; nothing where none are asked for.
///
/// # Errors
/// A source error where a file cannot be decoded.
pub(crate) fn read(
    input: &Input,
    options: &InputOptions,
    rules: &Rules,
    as_of: i32,
    customers: &mut Customers,
    progress: &Progress,
) -> Result<()> {
    let Some(interactions) = input.of_interactions()? else { return Ok(()) };
    progress.begin("read interactions", interactions.contract.rows);
    let rules = Rules { quarantine_rows: 0, as_of: Some(as_of), ..rules.clone() };
    let judge = Arc::new(Judge::new(rules));
    let days = customers.last_day.iter().map(|day| AtomicI32::new(*day)).collect();
    let last = Arc::new(Last { ids: std::mem::take(&mut customers.ids), days });
    let adding = Arc::clone(&last);
    let read = Reading::new(&interactions, options, progress).for_each_batch(&judge, move |_, judged| {
        adding.add(judged);
        Ok(())
    });
    progress.finish();
    read?;
    let last = sole(last)?;
    customers.ids = last.ids;
    customers.last_interaction_day = last.days.into_iter().map(AtomicI32::into_inner).collect();
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
    )
}
