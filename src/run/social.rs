//! Joins the table of social measures to the customers.
//!
//! Does not live here: reading it (`source`), and what is made of it (`social`).

use super::input::{Input, same_id};
use crate::config::Config;
use crate::customers::Customers;
use crate::error::{Error, Result};
use crate::models::ahp;
use crate::social::Social;
use crate::social::options::INDICES;
use crate::source::side::{self, SideIds};

/// The weights of the indices.
///
/// # Errors
/// A config error where judgements are no reciprocal matrix, or contradict one another.
pub(super) fn weights(config: &Config) -> Result<Vec<f64>> {
    let options = &config.social;
    if options.judgements.is_empty() {
        return Ok(options.given_weights());
    }
    if !options.weights.is_empty() {
        return Err(Error::config("`social.weights` and `social.judgements` are given").hint("leave out one of them"));
    }
    Ok(ahp::priorities(&INDICES, &options.judgements, options.allow_inconsistent)?.weights)
}

/// The social value of the customers; none where no table is named.
///
/// # Errors
/// A source error where the table cannot be used; a config error as [`weights`].
pub(super) fn social(
    input: &Input,
    config: &Config,
    customers: &Customers,
    warnings: &mut Vec<String>,
) -> Result<Option<Social>> {
    let options = &config.social;
    let Some(path) = &options.path else { return Ok(None) };
    let names: Vec<String> = options.measures().concat();
    let table = side::read(path, &options.customer_id, &names)?;
    let places = places(&table.ids, input, config, customers)?;
    let unknown = places.iter().filter(|place| place.is_none()).count();
    let mut rows: Vec<(u32, usize)> =
        places.iter().enumerate().filter_map(|(row, place)| Some(((*place)?, row))).collect();
    rows.sort_unstable();
    let twice = rows.windows(2).filter(|pair| pair[0].0 == pair[1].0).count();
    if twice > 0 {
        return Err(Error::source(format!("`{path}` has {twice} customers more than once"))
            .cause("expected one row per customer")
            .hint("sum the measures per customer before the run"));
    }
    if unknown > 0 || rows.len() < customers.len() {
        let (known, all) = (rows.len(), customers.len());
        warnings.push(format!(
            "{known} of {all} customers have social measures; {unknown} rows of `social.path` are of nobody in the table"
        ));
    }
    let column = |place: usize| rows.iter().map(|(_, row)| table.columns[place][*row]).collect::<Vec<f64>>();
    let mut next = 0;
    let measures = options.measures().map(|names| {
        let first = next;
        next += names.len();
        (first..next).map(column).collect()
    });
    let rows: Vec<u32> = rows.into_iter().map(|(row, _)| row).collect();
    Social::new(&measures, &rows, customers.len(), weights(config)?, options).map(Some)
}

/// Per row of the side table the row of its customer.
fn places(ids: &SideIds, input: &Input, config: &Config, customers: &Customers) -> Result<Vec<Option<u32>>> {
    let row = |place: Option<usize>| place.and_then(|place| u32::try_from(place).ok());
    match (ids, input.has_text_ids()) {
        (SideIds::Integer(ids), false) => {
            Ok(ids.iter().map(|id| row(id.and_then(|id| customers.ids.place_of_integer(id)))).collect())
        }
        (SideIds::Text(ids), true) => {
            let place = |id: &String| customers.ids.place_of_text(same_id(id, config).as_bytes());
            Ok(ids.iter().map(|id| row(id.as_ref().and_then(place))).collect())
        }
        (_, is_text) => {
            let (found, expected) = if is_text { ("numbers", "texts") } else { ("texts", "numbers") };
            Err(Error::source(format!("the customer ids of `social.path` are {found}"))
                .cause(format!("expected {expected}, as in the input"))
                .hint("write that column with the type of the input"))
        }
    }
}
