//! The user's row filter, and other SQL on the input's columns: what the expressions of `expressions` are in the types of the files.
//!
//! Lives here: the types of columns as expressions know them, and the errors of a setting that does not fit. Does not live here: the
//! language (`expressions`), and where it is applied (`scan`).

use std::collections::BTreeSet;

use polars::prelude::{Expr, Schema};

use crate::error::{Error, Result};
use crate::expressions::{Expression, InputColumn, Parsed, Type, Zones, type_of_key};
use crate::source::contract::{Agreed, Contract};
use crate::source::kinds::{ColumnKind, TimeUnit};

/// A condition of the settings, parsed.
#[derive(Debug, Clone)]
pub struct Condition {
    parsed: Parsed,
    key: &'static str,
}

impl Condition {
    /// Parses the condition that says which rows are read.
    ///
    /// # Errors
    /// A config error where it is not a SQL expression, or aggregates over rows.
    pub fn filter(text: &str) -> Result<Self> {
        Self::of_setting("input.filter", text)
    }

    /// As [`Self::filter`], for the condition that says which rows are interactions.
    ///
    /// # Errors
    /// As [`Self::filter`].
    pub fn interactions(text: &str) -> Result<Self> {
        Self::of_setting("input.interactions", text)
    }

    fn of_setting(key: &'static str, text: &str) -> Result<Self> {
        let wrong = |cause: String| {
            Error::config(format!("`{key}` is no SQL condition: `{text}`"))
                .cause(cause)
                .hint("write a condition on the input's columns, such as `event_type = 'purchase' AND country = 'DE'`")
        };
        Ok(Self { parsed: Parsed::new(text).map_err(wrong)?, key })
    }

    /// The setting that it comes from.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// The syntax.
    #[must_use]
    pub const fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    /// The filter on the columns of the input, which must fit it.
    ///
    /// # Errors
    /// A config error where the types of its columns do not allow it, or it is not a condition.
    pub fn bind(&self, contract: &Contract, zones: &Zones) -> Result<Filter> {
        let bound = Expression::bind_condition(&self.parsed, self.key, &|name| input_column(contract, name), zones);
        bound.map(Filter).map_err(|what| misfit(self.key, &self.parsed, contract, what))
    }
}

/// A condition on the columns of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(Expression);

impl Filter {
    /// The condition for the engine, whose scan has this schema.
    pub(super) fn condition(&self, schema: &Schema) -> Expr {
        self.0.condition(schema)
    }

    pub(super) const fn expression(&self) -> &Expression {
        &self.0
    }

    /// The error for rows on which the engine cannot evaluate it.
    #[must_use]
    pub fn fails(&self, cause: String) -> Error {
        failing(format!("`{}` fails on some of the rows: `{}`", self.0.key(), self.0.text()), cause)
    }
}

/// The error for rows that an expression cannot be computed for.
#[must_use]
pub fn failing(headline: String, cause: String) -> Error {
    Error::source(headline).cause(cause).hint(
        "ask it only of rows that it can be asked of, as `amount <> 0 AND 100 / amount > 5`; TRY_CAST gives null where a value cannot be \
         cast, and a cast to DECIMAL(38, 0) gives large products room",
    )
}

/// The error of an expression that the columns of the input do not allow.
#[must_use]
pub fn misfit(key: &str, parsed: &Parsed, contract: &Contract, what: String) -> Error {
    let names: BTreeSet<String> = parsed.columns().into_iter().collect();
    let read = contract.columns.iter().filter(|column| column.expression.is_none() && names.contains(&column.name));
    let kinds: BTreeSet<String> =
        read.map(|column| format!("`{}` is {}", column.name, kind_text(contract, column))).collect();
    Error::config(format!("`{key}` does not fit the columns of the input: `{}`", parsed.text()))
        .cause(what)
        .causes(kinds)
        .hint("texts stand in single quotes, names of columns in double quotes or none, numbers in none, dates are written as `DATE '2026-10-31'`")
}

/// The kind of a column; of a key of directories as expressions read it.
fn kind_text(contract: &Contract, column: &Agreed) -> String {
    let as_read = input_column(contract, &column.name).filter(|input| input.is_key && input.kind != Type::Text);
    as_read.map_or_else(|| column.kind.to_string(), |input| format!("{} in the names of directories", input.kind))
}

/// A column of the input as expressions know it; none where there is no such column.
#[must_use]
pub fn input_column(contract: &Contract, name: &str) -> Option<InputColumn> {
    let agreed = contract.columns.iter().find(|column| column.name == name && column.expression.is_none())?;
    let kind = if agreed.from_partition {
        let values = contract.files.iter().filter_map(|file| {
            file.partitions
                .iter()
                .find(|partition| partition.key == name)
                .and_then(|partition| partition.value.as_deref())
        });
        type_of_key(&values.collect::<Vec<&str>>())
    } else {
        type_of(&agreed.kind)
    };
    Some(InputColumn { name: name.to_owned(), kind, is_key: agreed.from_partition })
}

/// The type of a column as expressions know it.
#[must_use]
pub fn type_of(kind: &ColumnKind) -> Type {
    let moment = |unit, instant| {
        let digits = match unit {
            TimeUnit::Ms => 3,
            TimeUnit::Us => 6,
            TimeUnit::Ns => 9,
        };
        Type::Moment { instant, digits }
    };
    match kind {
        ColumnKind::Bool => Type::Bool,
        // Twice as large as the largest whole number.
        ColumnKind::Int { bits: 64, signed: false } => Type::Decimal { scale: 0 },
        ColumnKind::Int { .. } => Type::Int,
        ColumnKind::Float32 => Type::Float { short: true },
        ColumnKind::Float64 => Type::Float { short: false },
        ColumnKind::Decimal { scale, .. } => Type::Decimal { scale: *scale },
        ColumnKind::Text | ColumnKind::Uuid => Type::Text,
        ColumnKind::Date => Type::Date,
        ColumnKind::Timestamp { unit, utc } => moment(*unit, *utc),
        ColumnKind::Int96 => moment(TimeUnit::Ns, true),
        ColumnKind::Null => Type::Null,
        ColumnKind::Binary
        | ColumnKind::FixedBinary(_)
        | ColumnKind::Time
        | ColumnKind::Nested(_)
        | ColumnKind::Other(_) => Type::Other,
    }
}

/// The kind of the values of an expression, as a column of a file would have it.
#[must_use]
pub const fn kind_of(kind: Type) -> ColumnKind {
    match kind {
        Type::Null | Type::Other => ColumnKind::Null,
        Type::Bool => ColumnKind::Bool,
        Type::Int => ColumnKind::Int { bits: 64, signed: true },
        Type::Decimal { scale } => ColumnKind::Decimal { precision: 38, scale },
        Type::Float { .. } => ColumnKind::Float64,
        Type::Text => ColumnKind::Text,
        Type::Date => ColumnKind::Date,
        Type::Moment { instant, digits } => {
            let unit = match digits {
                0..=3 => TimeUnit::Ms,
                4..=6 => TimeUnit::Us,
                _ => TimeUnit::Ns,
            };
            ColumnKind::Timestamp { unit, utc: instant }
        }
    }
}
