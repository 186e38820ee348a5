//! What rows carry to their customers beyond their amounts: margins, interactions, attributes, where they are asked for.
//!
//! Lives here: which field of the payload each of them is, and the payload of a batch. Does not live here: how the fields
//! are folded (`customers::payload`), and what each of them means (a file each).

use polars::prelude::*;

use super::attributes::{self, Attributes};
use super::batch_payload::BatchPayload;
use super::given;
use super::interactions;
use super::margin;
use super::reading::Reading;
use crate::batch::{Batch, Ids};
use crate::clean::judge::{Judged, Rules};
use crate::customers::Customers;
use crate::customers::payload::{Extras, Field, Layout, PerCustomer};
use crate::error::{Error, Result};

/// The optional measures of a run.
#[derive(Debug, Default)]
pub(super) struct Carried {
    layout: Layout,
    margin: Option<(usize, margin::Carried)>,
    interactions: Option<interactions::Carried>,
    /// The figures of a table of customers, and their first field; the others follow.
    given: Option<(usize, given::Carried)>,
    /// Their first field; the others follow.
    attributes: Option<(usize, attributes::Carried)>,
}

/// What became of them.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    pub(super) attributes: Attributes,
    /// Whether interactions have to be read by themselves.
    pub(super) lacks_interactions: bool,
}

impl Carried {
    /// Those of a reading.
    pub(super) fn by(reading: &Reading<'_>, rules: &Rules) -> Self {
        let further = reading.further;
        let mut fields: Vec<Field> = Vec::new();
        let margin = further.margin.then(|| margin::Carried::of(rules));
        let margin = margin.map(|margin| {
            fields.push(margin.field());
            (fields.len() - 1, margin)
        });
        let interactions = reading.interactions.map(|_| {
            let carried = interactions::Carried::new(fields.len(), reading.input, rules);
            fields.extend(carried.fields());
            carried
        });
        let given = given::Carried::of(reading.input, rules).map(|given| {
            let first = fields.len();
            fields.extend(given.fields());
            (first, given)
        });
        let attributes = attributes::Carried::of(&reading.input.parts).filter(|_| further.attributes);
        let attributes = attributes.map(|attributes| {
            let first = fields.len();
            fields.extend(attributes.fields());
            (first, attributes)
        });
        Self { layout: Layout::new(&fields), margin, interactions, given, attributes }
    }

    pub(super) const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The payload of a judged batch.
    ///
    /// # Errors
    /// A source error where a column cannot be read.
    pub(super) fn of_batch(&self, raw: &DataFrame, batch: &Batch<'_>) -> Result<BatchPayload<'_>> {
        let mut payload = BatchPayload::new(&self.layout, batch.days.len());
        if let Some((field, margin)) = &self.margin {
            let filled = margin.fill(raw, batch, payload.field(*field));
            filled.map_err(|error| Error::source("the margins cannot be read").cause(error))?;
        }
        if let Some(interactions) = &self.interactions {
            let filled = interactions.fill(raw, batch, &mut payload);
            filled.map_err(|error| Error::source("the interactions cannot be read").cause(error))?;
        }
        if let Some((first, given)) = &self.given {
            let filled = given.fill(raw, *first, &mut payload);
            filled.map_err(|error| Error::source("the figures of the customers cannot be read").cause(error))?;
        }
        if let Some((first, attributes)) = &self.attributes {
            let filled = attributes.fill(raw, batch.days, *first, &mut payload);
            filled.map_err(|error| Error::source("an attribute cannot be read").cause(error))?;
        }
        Ok(payload)
    }

    /// Hands over what interactions say of rows that are no order lines: those that were not kept, or all unless
    /// `are_lines`.
    ///
    /// # Errors
    /// A source error where a column cannot be read; the error of `add`.
    pub(super) fn notes(
        &self,
        raw: &DataFrame,
        judged: &Judged,
        are_lines: bool,
        add: impl FnOnce(Ids<'_>, Extras<'_>) -> Result<()>,
    ) -> Result<()> {
        let Some(interactions) = &self.interactions else { return Ok(()) };
        let rows = interactions::notes(raw, judged, are_lines);
        let rows = rows.map_err(|error| Error::source("the interactions cannot be read").cause(error))?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut payload = BatchPayload::new(&self.layout, rows.len());
        let days: Vec<i32> = rows.iter().map(|row| judged.days()[*row]).collect();
        interactions.fill_notes(&days, &mut payload);
        judged.with_batch(|batch| match batch.ids {
            Ids::Integer(ids) => {
                let ids: Vec<i64> = rows.iter().map(|row| ids[*row]).collect();
                add(Ids::Integer(&ids), payload.extras())
            }
            Ids::Text(ids) => {
                let ids: Vec<&[u8]> = rows.iter().map(|row| ids[*row]).collect();
                add(Ids::Text(&ids), payload.extras())
            }
        })
    }

    /// Hands the measures over to the customers. `as_of`: the analysis date, where there is one.
    ///
    /// # Errors
    /// A compute error where a sum could overflow; a source error where a file cannot be decoded.
    pub(super) fn finish(
        self,
        arrived: PerCustomer,
        reading: &Reading<'_>,
        rules: &Rules,
        as_of: Option<i32>,
        customers: &mut Customers,
    ) -> Result<Arrived> {
        if let Some((field, margin)) = self.margin {
            margin.finish(&arrived, field, reading, rules, customers)?;
        }
        let mut lacks_interactions = false;
        if let Some((interactions, as_of)) = self.interactions.zip(as_of) {
            lacks_interactions = !interactions.finish(&arrived, as_of, customers);
        }
        if let Some((first, given)) = self.given {
            given.finish(&arrived, first, reading, rules, customers)?;
        }
        let attributes = self.attributes.map(|(first, attributes)| attributes.finish(first, arrived));
        Ok(Arrived { attributes: attributes.unwrap_or_default(), lacks_interactions })
    }
}
