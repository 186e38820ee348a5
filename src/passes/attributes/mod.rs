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
use crate::clean::dates::{DateRules, Numbers};
use crate::customers::payload::{Field, LongTexts, PerCustomer};
use crate::source::contract::{Contract, Role};
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

/// How attributes travel.
#[derive(Debug)]
pub(super) struct Carried {
    attributes: Vec<(String, ColumnKind, Form)>,
    time: ColumnKind,
    moment: Form,
    /// Whether dates are numbers that do not sort as their days do.
    by_day: bool,
}

impl Carried {
    /// The attributes of the input; none where there are none.
    pub(super) fn of(contract: &Contract, dates: &DateRules) -> Option<Self> {
        let time = contract.column(Role::OrderTs);
        let attributes: Vec<_> = contract
            .attributes()
            .map(|column| (column.name.clone(), column.kind.clone(), Form::of(column, contract)))
            .collect();
        let moment = time.map_or(Form::Narrow, |time| Form::of_moment(time, contract));
        // Where the input has days since an order instead of a date, the day is all there is.
        let time = time.map(|time| time.kind.clone());
        // Of numbers of several types some are no ticks.
        let is_by_day = |kind: &ColumnKind| {
            let is_integer = matches!(kind, ColumnKind::Int { .. });
            kind.is_number() && (!is_integer || dates.of_integers() == Numbers::Written)
        };
        let by_day = time.as_ref().is_none_or(is_by_day);
        (!attributes.is_empty()).then(|| Self { attributes, time: time.unwrap_or(ColumnKind::Date), moment, by_day })
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
        for (place, (_, kind, form)) in self.attributes.iter().enumerate() {
            let column = raw.column(&role::attribute(place))?;
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
