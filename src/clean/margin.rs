//! The margin of each row, in minor units: read as an amount is, but nothing is quarantined for it.
//!
//! Does not live here: which rows count (`judge`), and sums.

use polars::prelude::*;

use super::columns::{self, Odd};
use super::currency::Currencies;
use crate::batch::role;

/// The margins of a batch.
#[derive(Debug)]
pub struct Margins {
    /// Zero where there is none.
    pub minor: Vec<i64>,
    /// Rows whose margin is null, not a number or beyond 18 digits, ascending.
    pub unusable: Vec<usize>,
}

/// The margins of a batch whose rows are of these days, rounded to `scale` decimals as amounts are, and converted by the rates of
/// the amounts.
///
/// # Errors
/// A Polars error where a column is missing or of a type that the footers did not state.
pub fn margins(batch: &DataFrame, days: &[i32], scale: u8, currencies: Option<&Currencies>) -> PolarsResult<Margins> {
    let column = batch.column(role::MARGIN)?;
    let amounts = match currencies {
        None => columns::amounts(column, scale)?,
        Some(currencies) => currencies.amounts(column, &currencies.of_batch(batch, days)?)?,
    };
    let unusable = amounts.odd.iter().filter(|(_, odd)| *odd != Odd::Rounded).map(|(row, _)| *row);
    let mut unusable: Vec<usize> = unusable.collect();
    unusable.sort_unstable();
    Ok(Margins { minor: amounts.minor, unusable })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_an_amount_is_zero_and_listed() {
        let column = Column::new(role::MARGIN.into(), [Some(1.005), None, Some(f64::NAN), Some(-2.0), Some(1e30)]);
        let margins = margins(&DataFrame::new(5, vec![column]).unwrap(), &[0; 5], 2, None).unwrap();
        assert_eq!(margins.minor, [101, 0, 0, -200, 0]);
        assert_eq!(margins.unusable, [1, 2, 4]);
    }
}
