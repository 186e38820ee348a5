//! The last value of further columns per customer: each row carries them to its customer.
//!
//! Of a customer's kept rows the one with the latest date decides, of several the greatest value; a row where the value
//! is null says nothing. So neither the order of rows nor the number of threads changes a value.
//! Does not live here: how the latest is kept (`customers::payload`), and the other columns of customers (`reports`).

mod columns;
mod words;

use std::ops::Range;

use polars::prelude::*;
use polars_arrow::array::Utf8ViewArray;

use columns::Values;
use words::{Form, Moments};

use super::batch_payload::BatchPayload;
use crate::batch::role;
use crate::clean::dates::Numbers;
use crate::customers::payload::{Field, LongTexts, PerCustomer};
use crate::input::part::InputPart;
use crate::source::contract::{Agreed, Role};
use crate::source::kinds::ColumnKind;

/// The attributes of all customers, in the order of the customers table.
#[derive(Debug, Default)]
pub struct Attributes {
    columns: Vec<Attribute>,
    long_texts: LongTexts,
}

#[derive(Debug)]
struct Attribute {
    /// Its name in the input, and in the table.
    name: String,
    kind: ColumnKind,
    values: Values,
}

impl Attributes {
    /// Puts the customers into another order: `order` names for each place the row that goes there.
    pub fn reorder(&mut self, order: &[u32]) {
        self.columns.iter_mut().for_each(|attribute| attribute.values.reorder(order));
    }

    /// Their names, in the order of the columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|attribute| attribute.name.as_str())
    }

    /// The place of the attribute of this name.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.names().position(|own| own == name)
    }

    /// The attribute at `place` of some customers, as a column.
    ///
    /// # Errors
    /// A Polars error where the values do not fit their kind, which would be a bug.
    pub fn column(&self, place: usize, customers: Range<usize>) -> PolarsResult<Column> {
        let Attribute { name, kind, values } = &self.columns[place];
        columns::column(name, kind, values, customers, &self.long_texts)
    }
}

/// A column of an input.
type OfPart<'a> = (&'a InputPart, &'a Agreed);

/// How attributes travel.
#[derive(Debug)]
pub(super) struct Carried {
    attributes: Vec<(String, ColumnKind, Form)>,
    time: ColumnKind,
    moment: Form,
    /// Whether the days of dates are compared and not the dates as they are stored: where these are numbers that do not sort as
    /// their days do, and where inputs store them in ways that cannot be compared.
    by_day: bool,
}

impl Carried {
    /// The attributes of the inputs, each once: those of the first in their order, then those that others have beside; none
    /// where there are none.
    pub(super) fn of(parts: &[InputPart]) -> Option<Self> {
        let mut found: Vec<(String, ColumnKind, Vec<OfPart<'_>>)> = Vec::new();
        for (part, column) in parts.iter().flat_map(|part| part.contract.attributes().map(move |own| (part, own))) {
            match found.iter_mut().find(|(name, ..)| *name == column.name) {
                Some((_, kind, columns)) => {
                    // Others are refused before.
                    *kind = kind.widened(&column.kind).unwrap_or_else(|| kind.clone());
                    columns.push((part, column));
                }
                None => found.push((column.name.clone(), column.kind.clone(), vec![(part, column)])),
            }
        }
        let times: Vec<OfPart<'_>> =
            parts.iter().filter_map(|part| Some((part, part.contract.column(Role::OrderTs)?))).collect();
        // Where an input has days since an order instead of a date, the day is all there is.
        let first = times.first().map_or(ColumnKind::Date, |(_, own)| own.kind.clone());
        let time = times.iter().fold(first, |kind, (_, own)| kind.widened(&own.kind).unwrap_or(kind));
        let by_day = times.is_empty()
            || times.iter().any(|(part, own)| !sorts_as_days(part, &own.kind))
            || !are_comparable(&times);
        let moment = if by_day { Form::Narrow } else { Form::of_stamps(&time, &times) };
        let attributes: Vec<_> = found
            .into_iter()
            .map(|(name, kind, columns)| {
                let form = Form::of(&kind, &columns);
                (name, kind, form)
            })
            .collect();
        (!attributes.is_empty()).then_some(Self { attributes, time, moment, by_day })
    }

    /// Each as a field of the payload.
    pub(super) fn fields(&self) -> impl Iterator<Item = Field> {
        let moment = self.moment.words();
        self.attributes.iter().map(move |(.., form)| match form {
            Form::Text => Field::LatestText(moment),
            number => Field::Greatest(moment + number.words()),
        })
    }

    /// Writes the attributes of a batch into its payload, from the field `first` on.
    ///
    /// # Errors
    /// A Polars error where a column is missing or of a type that the footers did not show.
    pub(super) fn fill(
        &self,
        raw: &DataFrame,
        days: &[i32],
        first: usize,
        payload: &mut BatchPayload<'_>,
    ) -> PolarsResult<()> {
        let moments = if self.by_day {
            Moments::of_days(days)
        } else {
            Moments::of(raw.column(role::TIME)?, days, &self.time, self.moment)?
        };
        for (place, (name, kind, form)) in self.attributes.iter().enumerate() {
            // One of several inputs may lack it.
            let Ok(column) = raw.column(&role::attribute(name)) else { continue };
            // A column in which a writer never saw a value has no type.
            if column.null_count() == column.len() {
                continue;
            }
            let field = first + place;
            if *form == Form::Text {
                let texts = column.strict_cast(&DataType::String)?;
                let texts: Utf8ViewArray = texts.str()?.rechunk().downcast_as_array().clone();
                words::fill_texts(&texts, &moments, payload.field(field));
                payload.keep_texts(field, texts);
            } else {
                words::fill_numbers(column, (kind, *form), &moments, payload.field(field))?;
            }
        }
        Ok(())
    }

    /// The attributes of the customers.
    pub(super) fn finish(self, first: usize, customers: PerCustomer) -> Attributes {
        let moment = self.moment.words();
        let attribute = |(place, (name, kind, form)): (usize, (String, ColumnKind, Form))| {
            let values = Values::of(&customers, first + place, form, moment);
            Attribute { name, kind, values }
        };
        let columns = self.attributes.into_iter().enumerate().map(attribute).collect();
        Attributes { columns, long_texts: customers.into_long_texts() }
    }
}

/// Whether stored dates sort as their days do.
fn sorts_as_days(part: &InputPart, time: &ColumnKind) -> bool {
    // Of numbers of several types some are no ticks.
    let is_integer = matches!(time, ColumnKind::Int { .. });
    !time.is_number() || is_integer && part.rules.dates.of_integers() != Numbers::Written
}

/// Whether the stored dates of all inputs count the same thing from the same moment.
fn are_comparable(times: &[OfPart<'_>]) -> bool {
    let [(first, time), others @ ..] = times else { return true };
    let meaning = |part: &InputPart| {
        let dates = &part.settings.dates;
        (dates.source_time_zone.clone(), dates.epoch_unit)
    };
    others.iter().all(|(part, own)| own.kind.widened(&time.kind).is_some() && meaning(part) == meaning(first))
}
