//! Columns that the customers table carries under names of their own: attributes of the input, then those of members.
//!
//! Does not live here: the values (`passes::attributes`, `members`), and the other columns (`reports`).

use std::ops::Range;

use polars::prelude::*;

use crate::members::Members;
use crate::passes::attributes::Attributes;
use crate::values::Values;

/// The columns.
#[derive(Clone, Copy)]
pub(super) struct CarriedColumns<'a> {
    /// Those of the input; null for those who never bought.
    pub(super) attributes: &'a Attributes,
    /// Those of members.
    pub(super) members: Option<&'a Members>,
}

impl<'a> CarriedColumns<'a> {
    /// Their names, in their order.
    pub(super) fn names(&self) -> Vec<&'a str> {
        let of_members = self.members.into_iter().flat_map(Members::attribute_names);
        self.attributes.names().chain(of_members).collect()
    }

    /// Some rows of the column at `place`.
    ///
    /// # Errors
    /// A Polars error where the values do not fit their kind, which would be a bug.
    pub(super) fn values(&self, place: usize, rows: Range<usize>) -> PolarsResult<Values<'static>> {
        let Some(members) = self.members else { return self.attributes.column(place, rows).map(Values::Plain) };
        if let Some(own) = place.checked_sub(self.attributes.names().count()) {
            return members.attribute(own, &rows).map(Values::Plain);
        }
        let (customers, prospects) = members.roster.split(&rows);
        let values = Values::Plain(self.attributes.column(place, customers)?);
        if prospects.is_empty() {
            return Ok(values);
        }
        Ok(Values::Gapped { values: Box::new(values), filled: members.roster.are_customers(&rows) })
    }
}
