//! The groups of customers that settings ask for, from the attributes that were gathered.
//!
//! Does not live here: what a group is (`scoring::groups`), and which value of an attribute counts (`passes::attributes`).

use std::sync::Arc;

use polars::prelude::*;

use super::known_attributes::KnownAttributes;
use crate::error::{Error, Result};
use crate::scoring::groups::Dictionary;
use crate::scoring::{CustomerGroups, PlannedScoring, Scorings};

/// Customers whose values are texts at a time.
const ROWS_AT_ONCE: usize = 1 << 16;

/// The groups of each scoring; none where it has none.
///
/// # Errors
/// As [`by`].
pub(super) fn of_scorings(
    scorings: &Scorings<PlannedScoring>,
    attributes: KnownAttributes<'_>,
    customers: usize,
) -> Result<Scorings<Option<Arc<CustomerGroups>>>> {
    let mut known: Vec<Arc<CustomerGroups>> = Vec::new();
    let mut of = |scoring: &PlannedScoring| -> Result<Option<Arc<CustomerGroups>>> {
        let names = &scoring.settings.score.by;
        if let Some(groups) = known.iter().find(|groups| groups.by == *names) {
            return Ok(Some(Arc::clone(groups)));
        }
        let groups = by(names, attributes, customers)?.map(Arc::new);
        known.extend(groups.clone());
        Ok(groups)
    };
    let own = of(&scorings.own)?;
    Ok(Scorings { own, further: scorings.further.iter().map(of).collect::<Result<_>>()? })
}

/// The groups by these attributes; none without any.
///
/// # Errors
/// A bug where an attribute was not gathered.
pub(super) fn by(
    names: &[String],
    attributes: KnownAttributes<'_>,
    customers: usize,
) -> Result<Option<CustomerGroups>> {
    if names.is_empty() {
        return Ok(None);
    }
    let dictionaries = names.iter().map(|name| dictionary(attributes, name, customers));
    Ok(Some(CustomerGroups::new(names, dictionaries.collect::<Result<_>>()?)))
}

/// The values of an attribute as texts.
fn dictionary(attributes: KnownAttributes<'_>, name: &str, customers: usize) -> Result<Dictionary> {
    let unfit = |error: PolarsError| Error::bug(format!("the attribute `{name}` cannot be read as texts")).cause(error);
    let mut dictionary = Dictionary::default();
    for start in (0..customers).step_by(ROWS_AT_ONCE) {
        let column = attributes.column(name, start..customers.min(start + ROWS_AT_ONCE))?;
        let texts = column.strict_cast(&DataType::String).map_err(unfit)?;
        texts.str().map_err(unfit)?.iter().for_each(|text| dictionary.push(text));
    }
    Ok(dictionary)
}
