//! A member who never bought: what their table says of them.
//!
//! Does not live here: who is one (`job::lookups`).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clean::quarantine::raw_text;
use crate::config::Config;
use crate::day::date_of;
use crate::error::{Error, Result};
use crate::input::Input;
use crate::input::customer_id::Id;
use crate::job::lookups::members;
use crate::reports::findings::Findings;
use crate::segment::PROSPECTS;

/// What is known of them.
#[derive(Debug, Serialize)]
pub(crate) struct ProspectExplained {
    pub(crate) segment: &'static str,
    pub(crate) sign_up_date: Option<String>,
    pub(crate) consent: Option<bool>,
    /// The columns of `customers.attributes`.
    pub(crate) attributes: BTreeMap<String, Option<String>>,
}

/// Looks for a member without an order; none where there is none of this id, or no table of members.
///
/// # Errors
/// A source error where the table cannot be used.
pub(crate) fn prospect(
    input: &Input,
    config: &Config,
    findings: &Findings,
    id: &Id,
) -> Result<Option<ProspectExplained>> {
    let read;
    let members = if findings.members.is_some() {
        &findings.members
    } else {
        read = members::members(input, config, &findings.customers, findings.as_of, &mut Vec::new())?;
        &read
    };
    let Some(members) = members else { return Ok(None) };
    let Some(place) = id.row_in(&members.prospects) else { return Ok(None) };
    let row = members.prospect_rows[place] as usize;
    let columns = &members.columns;
    let unreadable = |error| Error::source("an attribute of a member cannot be read").cause(error);
    let attribute = |column: &polars::prelude::Column| {
        let value = column.get(row).map_err(unreadable)?;
        Ok((column.name().to_string(), raw_text(&value)))
    };
    Ok(Some(ProspectExplained {
        segment: PROSPECTS,
        sign_up_date: columns.sign_up_days.as_ref().and_then(|days| days[row]).map(|day| date_of(day).to_string()),
        consent: columns.consent.as_ref().and_then(|consent| consent[row]),
        attributes: columns.attributes.iter().map(attribute).collect::<Result<_>>()?,
    }))
}
