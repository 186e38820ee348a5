//! The amounts of a batch: a column or the product of two, as they stand or converted, or none at all.
//!
//! Does not live here: how numbers are stored (`columns`), conversion (`currency`), and which amounts are bad (`judge`).

use polars::prelude::*;

use super::columns::{self, Amounts};
use super::currency::{Currencies, RowCurrencies};
use crate::batch::role;

/// Minor units of `scale` decimals, with `currencies` of their base. An input without money has zeros.
pub(super) fn of_batch(
    batch: &DataFrame,
    scale: u8,
    has_money: bool,
    currencies: Option<(&Currencies, &RowCurrencies)>,
) -> PolarsResult<Amounts> {
    if let Ok(amount) = batch.column(role::AMOUNT) {
        return match currencies {
            None => columns::amounts(amount, scale),
            Some((all, rows)) => all.amounts(amount, rows),
        };
    }
    if !has_money {
        return Ok(Amounts { minor: vec![0; batch.height()], odd: Vec::new() });
    }
    let (quantity, unit_price) = (batch.column(role::QUANTITY)?, batch.column(role::UNIT_PRICE)?);
    match currencies {
        None => columns::products(quantity, unit_price, scale),
        Some((all, rows)) => all.products([quantity, unit_price], rows),
    }
}
