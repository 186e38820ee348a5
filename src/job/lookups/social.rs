//! The social value of the customers of a run, by the weights of its settings.
//!
//! Does not live here: joining the table (`lookups`), and what is made of it (`social`).

use super::{Joined, Wanted, join};
use crate::config::Config;
use crate::customers::Customers;
use crate::error::{Error, Result};
use crate::input::Input;
use crate::models::ahp;
use crate::social::Social;
use crate::social::options::INDICES;
use crate::warnings::Warning;

/// The weights of the indices.
///
/// # Errors
/// A config error where judgements are no reciprocal matrix, or contradict one another.
pub(crate) fn weights(config: &Config) -> Result<Vec<f64>> {
    let options = &config.social;
    if options.judgements.is_empty() {
        return Ok(options.given_weights());
    }
    if !options.weights.is_empty() {
        return Err(Error::config("`social.weights` and `social.judgements` are given").hint("leave out one of them"));
    }
    Ok(ahp::priorities(&INDICES, &options.judgements, options.allow_inconsistent)?.weights)
}

/// The table of social measures; none where none is named.
pub(crate) fn table(config: &Config) -> Option<Wanted<'_>> {
    let options = &config.social;
    Some(Wanted {
        setting: "social.path",
        path: options.path.as_ref()?,
        customer_id: &options.customer_id,
        columns: options.measures().concat(),
        what: "social measures",
    })
}

/// The social value of the customers; none where no table is named.
///
/// # Errors
/// A source error where the table cannot be used; a config error as [`weights`].
pub(crate) fn social(
    input: &Input,
    config: &Config,
    customers: &Customers,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Social>> {
    let options = &config.social;
    let Some(wanted) = table(config) else { return Ok(None) };
    let Joined { rows, columns } = join(&wanted, input, config, customers, warnings)?;
    let mut columns = columns.into_iter();
    let measures = options.measures().map(|names| columns.by_ref().take(names.len()).collect());
    Social::new(&measures, &rows, customers.len(), weights(config)?, options).map(Some)
}
