//! The proof that no sum of money overflowed.
//!
//! Does not live here: the sums.

use crate::clean::outcome::Tally;
use crate::error::{Error, Result};
use crate::money::LARGEST_MINOR;

/// Refuses amounts whose sum could have more than 18 digits.
pub(crate) fn refuse_overflow(tally: &Tally) -> Result<()> {
    refuse_sum("amounts", tally.absolute_amount)
}

/// No sum of a part of the values can be larger than the sum of all absolute ones: if that has 18 digits, nothing
/// wrapped, and every total fits the published `decimal(18, s)`.
pub(super) fn refuse_sum(what: &str, absolute: u128) -> Result<()> {
    if !is_too_large(absolute) {
        return Ok(());
    }
    Err(Error::compute(format!("the {what} are too large: their sum could have more than 18 digits"))
        .cause(format!("the absolute {what} sum to {absolute} minor units, expected at most {LARGEST_MINOR}"))
        .hint("lower `clean.money_scale`, or set `clean.max_amount` so that impossible amounts are quarantined"))
}

/// Whether the sum of absolute values leaves it open that a sum has more than 18 digits.
pub(super) const fn is_too_large(absolute: u128) -> bool {
    absolute > LARGEST_MINOR.unsigned_abs() as u128
}
