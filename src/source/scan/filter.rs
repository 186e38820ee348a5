//! The user's row filter: a SQL condition on the input's columns.
//!
//! Lives here: parsing it, which columns it reads, and whether it fits their types. Does not live here: where it is applied
//! (`scan`).

use polars::prelude::*;

use crate::error::{Error, Result};
use crate::source::contract::{Agreed, Contract};
use crate::source::kinds::{ColumnKind, TimeUnit as Ticks};
use crate::threads::caught;

/// The user's row filter, parsed.
#[derive(Debug, Clone)]
pub struct Filter {
    condition: Expr,
    /// The setting that it comes from, and its text there.
    key: &'static str,
    text: String,
}

impl Filter {
    /// Parses a SQL condition.
    ///
    /// # Errors
    /// A config error where it is not a SQL expression, or aggregates over rows.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_setting("input.filter", text)
    }

    /// As [`Self::parse`], for the condition that says which rows are interactions.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_interactions(text: &str) -> Result<Self> {
        Self::parse_setting("input.interactions", text)
    }

    fn parse_setting(key: &'static str, text: &str) -> Result<Self> {
        let wrong = |cause: String| {
            Error::config(format!("`{key}` is no SQL condition: `{text}`"))
                .cause(cause)
                .hint("write a condition on the input's columns, such as `event_type = 'purchase' AND country = 'DE'`")
        };
        let condition = polars::sql::sql_expr(text).map_err(|error| wrong(error.to_string()))?;
        let looks_beyond_the_row = polars_plan::utils::has_expr(&condition, |part| match part {
            // The list after `IN` is an aggregate as well, one of literals.
            Expr::Agg(AggExpr::Implode { input, .. }) => !matches!(**input, Expr::Literal(_)),
            Expr::Agg(_) | Expr::Over { .. } | Expr::Len => true,
            _ => false,
        });
        if looks_beyond_the_row {
            return Err(wrong("it looks beyond the row: sums, counts and windows are not allowed".into()));
        }
        Ok(Self { condition, key, text: text.to_owned() })
    }

    pub(crate) const fn condition(&self) -> &Expr {
        &self.condition
    }

    /// Its conditions, joined by `AND`, that read only these columns, and at least one of them.
    pub(crate) fn conditions_on(&self, columns: &[&str]) -> Vec<Expr> {
        let mut open = vec![&self.condition];
        let mut found = Vec::new();
        while let Some(part) = open.pop() {
            if let Expr::BinaryExpr { left, op: Operator::And | Operator::LogicalAnd, right } = part {
                open.extend([left.as_ref(), right.as_ref()]);
                continue;
            }
            let names = columns_of(part);
            if !names.is_empty() && names.iter().all(|name| columns.contains(&name.as_str())) {
                found.push(part.clone());
            }
        }
        found
    }

    /// The columns that it reads.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        columns_of(&self.condition)
    }

    /// Evaluates it on zero rows of the input's types, so that a wrong comparison is reported before anything is read.
    ///
    /// # Errors
    /// A config error where the types of its columns do not allow it, or it is not a condition.
    pub fn check(&self, contract: &Contract) -> Result<()> {
        let names = self.columns();
        let agreed = |name: &String| contract.columns.iter().find(|column| column.name == *name);
        let Some(read) = names.iter().map(agreed).collect::<Option<Vec<&Agreed>>>() else { return Ok(()) };
        // A column in which a writer never saw a value has no type there, and can be compared with anything.
        let mut in_files = contract.files.iter().flat_map(|file| file.columns.iter());
        if in_files.any(|column| column.kind == ColumnKind::Null && names.contains(&column.name)) {
            return Ok(());
        }
        let types = read.iter().map(|column| Some((column.name.as_str().into(), type_of(&column.kind)?)));
        let Some(schema) = types.collect::<Option<Schema>>() else { return Ok(()) };
        // The engine compares decimals with texts as texts, and refuses that of floats.
        let as_floats = |dtype: &DataType| if dtype.is_decimal() { DataType::Float64 } else { dtype.clone() };
        let floats: Schema = schema.iter().map(|(name, dtype)| (name.clone(), as_floats(dtype))).collect();
        let of_texts = self.ask(&floats).err().filter(|what| what.contains("string with numeric"));
        let Some(what) = self.ask(&schema).err().or(of_texts) else { return Ok(()) };
        let read = read.iter().map(|column| format!("`{}` is {}", column.name, column.kind));
        // The engine prints its plan after the first line.
        let what = what.lines().next().unwrap_or_default().to_owned();
        Err(Error::config(format!("`{}` does not fit the columns of the input: `{}`", self.key, self.text))
            .causes(std::iter::once(what).chain(read))
            .hint("write a condition: texts in quotes, numbers without, dates as `DATE '2026-10-31'`"))
    }
}

impl Filter {
    /// The error for rows on which it cannot be evaluated, as in a division by zero.
    #[must_use]
    pub fn fails(&self, cause: String) -> Error {
        Error::config(format!("`{}` fails on some of the rows: `{}`", self.key, self.text))
            .cause(cause)
            .hint("ask it only of rows that it can be asked of, as `amount <> 0 AND 100 / amount > 5`")
    }

    /// What the engine says about the condition on columns of these types. Only types are resolved first: folded
    /// constants would hide what they were compared with.
    fn ask(&self, schema: &Schema) -> std::result::Result<(), String> {
        let none = DataFrame::empty_with_schema(schema).lazy();
        let none = none.with_optimizations(OptFlags::TYPE_COERCION | OptFlags::TYPE_CHECK);
        let asked = none.filter(self.condition.clone());
        caught(|| asked.collect().map(drop).map_err(|error| error.to_string()))
    }
}

fn columns_of(expression: &Expr) -> Vec<String> {
    let mut names: Vec<String> =
        polars_plan::utils::expr_to_leaf_column_names_iter(expression).map(|name| name.to_string()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A type of the engine that compares as this kind does; none where that is not known.
fn type_of(kind: &ColumnKind) -> Option<DataType> {
    Some(match kind {
        ColumnKind::Bool => DataType::Boolean,
        ColumnKind::Int { bits: 64, signed: false } => DataType::UInt64,
        // Narrower ones compare as any other whole number does.
        ColumnKind::Int { .. } => DataType::Int64,
        ColumnKind::Float32 | ColumnKind::Float64 => DataType::Float64,
        ColumnKind::Decimal { precision, scale } => DataType::Decimal(*precision as usize, *scale as usize),
        ColumnKind::Text => DataType::String,
        ColumnKind::Date => DataType::Date,
        ColumnKind::Timestamp { unit, utc } => {
            let unit = match unit {
                Ticks::Ms => TimeUnit::Milliseconds,
                Ticks::Us => TimeUnit::Microseconds,
                Ticks::Ns => TimeUnit::Nanoseconds,
            };
            DataType::Datetime(unit, utc.then_some(polars::prelude::TimeZone::UTC))
        }
        ColumnKind::Int96 => DataType::Datetime(TimeUnit::Nanoseconds, Some(polars::prelude::TimeZone::UTC)),
        ColumnKind::Binary | ColumnKind::Time | ColumnKind::Null | ColumnKind::Nested(_) | ColumnKind::Other(_) => {
            return None;
        }
    })
}
