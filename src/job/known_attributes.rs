//! Attributes of customers, whoever tells them: the rows of the input (`columns.attributes`), or the table of members
//! (`customers.attributes`).
//!
//! Does not live here: how they are gathered (`passes::attributes`, `lookups`), and what groups and rules make of them.

use std::ops::Range;

use polars::prelude::*;

use crate::error::{Error, Result};
use crate::members::Members;
use crate::passes::attributes::Attributes;

/// The attributes of the customers of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownAttributes<'a> {
    /// Those of the input.
    pub(crate) of_input: &'a Attributes,
    /// Those of members, where there is a table of them.
    pub(crate) of_members: Option<&'a Members>,
}

/// Where an attribute is found.
#[derive(Clone, Copy)]
enum Place {
    Input(usize),
    Members(usize),
}

impl KnownAttributes<'_> {
    /// The values of an attribute, of some customers; null for those who are no members.
    ///
    /// # Errors
    /// A bug where neither has it, which the survey has looked for.
    pub(crate) fn column(&self, name: &str, customers: Range<usize>) -> Result<Column> {
        let column = match self.place(name) {
            Some(Place::Input(place)) => self.of_input.column(place, customers),
            Some(Place::Members(place)) => match self.of_members {
                Some(members) => members.attribute_of_customers(place, customers),
                None => return Err(missing(name)),
            },
            None => return Err(missing(name)),
        };
        column.map_err(|error| Error::bug(format!("the attribute `{name}` cannot be read")).cause(error))
    }

    fn place(&self, name: &str) -> Option<Place> {
        let of_members = || self.of_members?.attribute_names().position(|own| own == name).map(Place::Members);
        self.of_input.place(name).map(Place::Input).or_else(of_members)
    }
}

fn missing(name: &str) -> Error {
    Error::bug(format!("the attribute `{name}` was not gathered"))
}
