//! Lookup tables: numbers per customer, in a table next to the transactions.
//!
//! They are small compared with the input and are read whole. Their footers pass the same checks as those of the input
//! before a page is decoded. Does not live here: what the numbers mean, and which customer of the run a row belongs to.

use std::collections::BTreeSet;
use std::fs::File;

use polars::prelude::*;

use super::footers::{self, FileFooter};
use super::kinds::ColumnKind;
use super::options::InputOptions;
use super::quoted;
use crate::error::{Error, Result};
use crate::threads::caught;

/// Larger numbers do not fit into 64 bits at six decimals.
const LARGEST: f64 = 1e12;

/// The customer ids of a lookup table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupIds {
    /// Whole numbers; none where a row has no id.
    Integer(Vec<Option<i64>>),
    /// Texts; none where a row has no id.
    Text(Vec<Option<String>>),
}

/// A lookup table.
#[derive(Debug, Clone, PartialEq)]
pub struct LookupTable {
    /// The customer of each row.
    pub ids: LookupIds,
    /// The columns that were requested; null is 0.
    pub columns: Vec<Vec<f64>>,
}

/// The kind of the ids of the table at `path`, which has these columns.
///
/// # Errors
/// A source error where there is no such table, a column is missing, or one of `names` does not hold numbers.
pub fn look(path: &str, id: &str, names: &[String]) -> Result<ColumnKind> {
    let footers = footers_of(path, id, names)?;
    let mut ids = footers.iter().flat_map(|footer| footer.columns.iter()).filter(|own| own.name == id);
    Ok(ids.next().map_or(ColumnKind::Null, |own| own.kind.clone()))
}

fn footers_of(path: &str, id: &str, names: &[String]) -> Result<Vec<FileFooter>> {
    let options = InputOptions { paths: vec![path.to_owned()], ..InputOptions::default() };
    let footers = footers::of_input(&options, 1)?;
    for footer in &footers {
        let of = |name: &str| footer.columns.iter().find(|column| column.name == name);
        let missing = columns(id, names).into_iter().filter(|name| of(name).is_none());
        let missing: Vec<String> = missing.map(|name| format!("it has no column `{name}`")).collect();
        if !missing.is_empty() {
            return Err(Error::source(format!("{} lacks columns", quoted(&footer.path))).causes(missing));
        }
        let odd = names.iter().filter_map(|name| of(name)).filter(|column| !column.kind.is_number());
        let odd: Vec<String> = odd.map(|column| format!("`{}` is {}", column.name, column.kind)).collect();
        if !odd.is_empty() {
            let headline = format!("{} has columns that are no numbers", quoted(&footer.path));
            return Err(Error::source(headline).causes(odd).hint("cast them to a number at their source"));
        }
    }
    Ok(footers)
}

/// Each column once.
fn columns<'a>(id: &'a str, names: &'a [String]) -> BTreeSet<&'a str> {
    names.iter().map(String::as_str).chain([id]).collect()
}

/// Reads the columns `names` of the table at `path`, whose customers are in the column `id`.
///
/// # Errors
/// A source error where there is no such table, a column is missing, or holds no numbers.
pub fn read(path: &str, id: &str, names: &[String]) -> Result<LookupTable> {
    let wanted: Vec<String> = columns(id, names).into_iter().map(str::to_owned).collect();
    let mut all: Option<DataFrame> = None;
    for footer in footers_of(path, id, names)? {
        let read = || {
            let file = File::open(&footer.path).map_err(|error| error.to_string())?;
            let reader = ParquetReader::new(file).with_columns(Some(wanted.clone()));
            reader.finish().map_err(|error| error.to_string())
        };
        let failed = |cause: String| Error::source(format!("{} cannot be read", quoted(&footer.path))).cause(cause);
        let rows = caught(read).map_err(failed)?;
        all = Some(match all {
            None => rows,
            Some(earlier) => earlier.vstack(&rows).map_err(|error| failed(error.to_string()))?,
        });
    }
    let all = all.unwrap_or_default();
    let unfit = |error: PolarsError| Error::source(format!("`{path}` does not fit")).cause(error);
    let ids = ids(all.column(id).map_err(unfit)?).map_err(unfit)?;
    let columns = names.iter().map(|name| numbers(all.column(name).map_err(unfit)?, path)).collect::<Result<_>>()?;
    Ok(LookupTable { ids, columns })
}

fn ids(column: &Column) -> PolarsResult<LookupIds> {
    if column.dtype().is_float() {
        let floats = column.strict_cast(&DataType::Float64)?;
        let ids = floats.f64()?.iter().map(|id| id.filter(|id| !id.is_nan()).map(whole).transpose());
        return Ok(LookupIds::Integer(ids.collect::<PolarsResult<_>>()?));
    }
    if column.dtype().is_integer() || matches!(column.dtype(), DataType::Decimal(_, 0)) {
        let ids = column.strict_cast(&DataType::Int64)?;
        return Ok(LookupIds::Integer(ids.i64()?.iter().collect()));
    }
    let ids = column.strict_cast(&DataType::String)?;
    Ok(LookupIds::Text(ids.str()?.iter().map(|id| id.map(str::to_owned)).collect()))
}

/// A float without a fraction as an integer; what 64 bits do not hold is the nearest that they do.
#[allow(clippy::cast_possible_truncation)]
fn whole(id: f64) -> PolarsResult<i64> {
    if id.fract() == 0.0 { Ok(id as i64) } else { polars_bail!(ComputeError: "ids that are not whole numbers") }
}

fn numbers(column: &Column, path: &str) -> Result<Vec<f64>> {
    let name = column.name();
    let wrong = |found: String| {
        Error::source(format!("`{path}`: column `{name}` holds {found}"))
            .cause(format!("expected numbers between -{LARGEST:e} and {LARGEST:e}"))
    };
    let numbers = column.strict_cast(&DataType::Float64).map_err(|error| wrong(error.to_string()))?;
    let numbers = numbers.f64().map_err(|error| wrong(error.to_string()))?;
    let numbers: Vec<f64> = numbers.iter().map(|value| value.unwrap_or(0.0)).collect();
    let odd = numbers.iter().filter(|value| !value.is_finite() || value.abs() > LARGEST).count();
    if odd > 0 {
        return Err(wrong(format!("{odd} values that cannot be used")));
    }
    Ok(numbers)
}
