//! The plain formula of lifetime value over profits that differ from customer to customer.
//!
//! Does not live here: joining the table (`lookups`), the formula (`models`).

use super::{Wanted, join};
use crate::config::Config;
use crate::customers::Customers;
use crate::error::Result;
use crate::input::Input;
use crate::predict::years::planned_values;
use crate::warnings::Warning;

/// The table of yearly profits; none where none is named.
pub(crate) fn table(config: &Config) -> Option<Wanted<'_>> {
    let options = &config.predict.profits;
    Some(Wanted {
        setting: "predict.profits.path",
        path: options.path.as_ref()?,
        customer_id: &options.customer_id,
        columns: options.years.clone(),
        what: "yearly profits",
    })
}

/// The planned value of every customer, NaN for those without a row; none where no table is named.
///
/// # Errors
/// A source error where the table cannot be used.
pub(crate) fn planned_ltv(
    input: &Input,
    config: &Config,
    customers: &Customers,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Vec<f64>>> {
    let Some(wanted) = table(config) else { return Ok(None) };
    let joined = join(&wanted, input, config, customers, warnings)?;
    let mut values = vec![f64::NAN; customers.len()];
    for (row, value) in joined.rows.iter().zip(planned_values(&config.predict, &joined.columns)) {
        values[*row as usize] = value;
    }
    Ok(Some(values))
}
