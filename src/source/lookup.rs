//! Lookup tables: what other tables say of customers, in files next to the transactions.
//!
//! They are read whole. Their footers pass the same checks as those of the input before a page is decoded. Does not live here:
//! what the columns mean, and which customer of the run a row belongs to.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

use polars::prelude::*;
use polars_arrow::array::{PrimitiveArray, StaticArray, Utf8ViewArray};

use super::footers::{self, FileFooter};
use super::kinds::ColumnKind;
use super::options::InputOptions;
use super::quoted;
use crate::error::{Error, Result};
use crate::threads::caught;

/// Larger numbers do not fit into 64 bits at six decimals.
const LARGEST: f64 = 1e12;

/// The customer ids of a lookup table; null where a row has no id.
#[derive(Debug, Clone)]
pub enum LookupIds {
    /// Whole numbers.
    Integer(PrimitiveArray<i64>),
    /// Texts.
    Text(Utf8ViewArray),
}

/// A lookup table of numbers.
#[derive(Debug)]
pub struct LookupTable {
    /// Its rows.
    pub rows: LookupRows,
    /// The customer of each row.
    pub ids: LookupIds,
    /// The columns that were requested; null is 0.
    pub columns: Vec<Vec<f64>>,
}

/// Some columns of a lookup table, all rows of all its files.
#[derive(Debug)]
pub struct LookupRows {
    path: String,
    /// Its files, and how many rows each of them has.
    files: Vec<(PathBuf, usize)>,
    frame: DataFrame,
}

/// What the footers of a lookup table say.
#[derive(Debug)]
pub struct LookupFooters {
    path: String,
    /// One per file.
    pub files: Vec<FileFooter>,
}

impl LookupFooters {
    /// Reads the footers of the table at `path`.
    ///
    /// # Errors
    /// A source error where there is no such table, or a file of it is not sound.
    pub fn read(path: &str) -> Result<Self> {
        let options = InputOptions { paths: vec![path.to_owned()], ..InputOptions::default() };
        Ok(Self { path: path.to_owned(), files: footers::of_input(&options, 1)? })
    }

    /// All its rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// The first of these names that every file has a column of.
    ///
    /// # Errors
    /// A source error that names the columns that there are.
    pub fn first_of(&self, names: &[&str]) -> Result<String> {
        let has = |file: &FileFooter, name: &str| file.columns.iter().any(|column| column.name == name);
        let found = names.iter().find(|name| self.files.iter().all(|file| has(file, name)));
        if let Some(name) = found {
            return Ok((*name).to_owned());
        }
        let mut asked: Vec<String> = Vec::new();
        for name in names.iter().map(|name| format!("`{name}`")) {
            if !asked.contains(&name) {
                asked.push(name);
            }
        }
        let file = self.files.iter().find(|file| !names.iter().any(|name| has(file, name)));
        let Some(file) = file.or(self.files.first()) else { return Err(self.empty()) };
        let there: Vec<String> = file.columns.iter().map(|column| format!("`{}`", column.name)).collect();
        let error = Error::source(format!("{} has no column {}", quoted(&file.path), asked.join(" or ")));
        Err(error.cause(format!("the columns there: {}", there.join(", "))))
    }

    /// The kind of a column: that of the first file in which it is not without any value.
    ///
    /// # Errors
    /// A source error where a file lacks the column.
    pub fn kind(&self, name: &str) -> Result<ColumnKind> {
        self.first_of(&[name])?;
        let columns = self.files.iter().flat_map(|file| file.columns.iter().filter(|column| column.name == name));
        let mut kinds: Vec<&ColumnKind> = columns.map(|column| &column.kind).collect();
        kinds.sort_by_key(|kind| **kind == ColumnKind::Null);
        kinds.first().map(|kind| (*kind).clone()).ok_or_else(|| self.empty())
    }

    /// A value of a column, to be shown; none where there is none.
    #[must_use]
    pub fn example(&self, name: &str) -> Option<String> {
        let path = self.files.iter().find(|file| file.rows > 0)?.path.clone();
        let read = || {
            let reader = ParquetReader::new(File::open(path).map_err(|error| error.to_string())?);
            let reader = reader.with_columns(Some(vec![name.to_owned()])).with_slice(Some((0, 1)));
            reader.finish().map_err(|error| error.to_string())
        };
        let rows = caught(read).ok()?;
        let text = rows.column(name).ok()?.cast(&DataType::String).ok()?;
        text.str().ok()?.get(0).map(str::to_owned)
    }

    fn empty(&self) -> Error {
        Error::source(format!("`{}` has no file", self.path))
    }
}

impl LookupRows {
    /// Reads these columns of the table at `path`.
    ///
    /// # Errors
    /// A source error where there is no such table, a file lacks a column, or cannot be decoded.
    pub fn read(path: &str, columns: &[String]) -> Result<Self> {
        Self::of(&LookupFooters::read(path)?, columns)
    }

    /// The same, where the footers are known.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(footers: &LookupFooters, columns: &[String]) -> Result<Self> {
        let wanted: Vec<String> = columns.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        let mut all: Option<DataFrame> = None;
        let mut files = Vec::new();
        for footer in &footers.files {
            wanted.iter().try_for_each(|name| footers.first_of(&[name]).map(drop))?;
            let read = || {
                let file = File::open(&footer.path).map_err(|error| error.to_string())?;
                let reader = ParquetReader::new(file).with_columns(Some(wanted.clone()));
                reader.finish().and_then(widened).map_err(|error| error.to_string())
            };
            let failed = |cause: String| Error::source(format!("{} cannot be read", quoted(&footer.path))).cause(cause);
            let rows = caught(read).map_err(failed)?;
            files.push((footer.path.clone(), rows.height()));
            all = Some(match all {
                None => rows,
                Some(earlier) => earlier.vstack(&rows).map_err(|error| failed(error.to_string()))?,
            });
        }
        Ok(Self { path: footers.path.clone(), files, frame: all.unwrap_or_default() })
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// True without rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A column.
    ///
    /// # Errors
    /// A source error where there is none of this name.
    pub fn column(&self, name: &str) -> Result<&Column> {
        self.frame.column(name).map_err(|error| self.unfit(&error))
    }

    /// The ids in a column: whole numbers, else texts.
    ///
    /// # Errors
    /// A source error where 64 bits with a sign do not hold a number.
    pub fn ids(&self, name: &str) -> Result<LookupIds> {
        let column = self.column(name)?;
        if column.dtype().is_float() {
            return self.whole_floats(name, column);
        }
        if column.dtype().is_integer() || matches!(column.dtype(), DataType::Decimal(_, 0)) {
            let ids = column.strict_cast(&DataType::Int64).map_err(|error| self.unfit(&error))?;
            return Ok(LookupIds::Integer(one_chunk(ids.i64().map_err(|error| self.unfit(&error))?)));
        }
        let ids = column.strict_cast(&DataType::String).map_err(|error| self.unfit(&error))?;
        Ok(LookupIds::Text(one_chunk(ids.str().map_err(|error| self.unfit(&error))?)))
    }

    /// Ids that went through a float, as pandas makes of ids of which some are missing: NaN is a missing one.
    #[allow(clippy::cast_possible_truncation)]
    fn whole_floats(&self, name: &str, column: &Column) -> Result<LookupIds> {
        let floats = column.strict_cast(&DataType::Float64).map_err(|error| self.unfit(&error))?;
        let floats = floats.f64().map_err(|error| self.unfit(&error))?;
        let id = |(row, id): (usize, Option<f64>)| match id.filter(|id| !id.is_nan()) {
            // Beyond 2^53 a float holds whole numbers alone, but not all of them.
            Some(id) if id.fract() == 0.0 && id.abs() <= 9_007_199_254_740_992.0 => Ok(Some(id as i64)),
            Some(id) => {
                let error = Error::source(format!("`{}` has ids that are not whole numbers", self.path));
                Err(error.cause(format!("{}: `{name}` is `{id}`", self.place(row))))
            }
            None => Ok(None),
        };
        let ids: Vec<Option<i64>> = floats.iter().enumerate().map(id).collect::<Result<_>>()?;
        Ok(LookupIds::Integer(PrimitiveArray::from(ids)))
    }

    /// Where a row is: its file, and its number in there, from 0.
    #[must_use]
    pub fn place(&self, row: usize) -> String {
        let mut first = 0;
        for (path, rows) in &self.files {
            if row < first + rows {
                return format!("row {} of {}", row - first, quoted(path));
            }
            first += rows;
        }
        format!("row {row} of `{}`", self.path)
    }

    fn unfit(&self, error: &PolarsError) -> Error {
        Error::source(format!("`{}` does not fit", self.path)).cause(error)
    }
}

/// Numbers of every width as the widest: files may differ in it.
fn widened(mut rows: DataFrame) -> PolarsResult<DataFrame> {
    let wide = |column: &Column| match column.dtype() {
        DataType::Float32 => column.cast(&DataType::Float64),
        kind if kind.is_integer() && *kind != DataType::UInt64 => column.strict_cast(&DataType::Int64),
        kind if kind.is_categorical() || kind.is_enum() => column.cast(&DataType::String),
        _ => Ok(column.clone()),
    };
    let columns = rows.columns().iter().map(wide).collect::<PolarsResult<Vec<_>>>()?;
    columns.into_iter().try_for_each(|column| rows.with_column(column).map(drop))?;
    Ok(rows)
}

fn one_chunk<T: PolarsDataType>(values: &ChunkedArray<T>) -> T::Array {
    values.rechunk().downcast_as_array().clone()
}

impl LookupIds {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Integer(ids) => ids.len(),
            Self::Text(ids) => ids.len(),
        }
    }

    /// True without rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id of a row as people read it; none where it has none.
    #[must_use]
    pub fn shown(&self, row: usize) -> Option<String> {
        match self {
            Self::Integer(ids) => ids.get(row).map(|id| id.to_string()),
            Self::Text(ids) => ids.get(row).map(str::to_owned),
        }
    }
}

/// The kind of the ids of the table of numbers at `path`, which has these columns.
///
/// # Errors
/// A source error where there is no such table, a column is missing, or one of `names` does not hold numbers.
pub fn look(path: &str, id: &str, names: &[String]) -> Result<ColumnKind> {
    footers_of(path, id, names)?.kind(id)
}

fn footers_of(path: &str, id: &str, names: &[String]) -> Result<LookupFooters> {
    let footers = LookupFooters::read(path)?;
    for footer in &footers.files {
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
    let rows = LookupRows::of(&footers_of(path, id, names)?, &wanted)?;
    let ids = rows.ids(id)?;
    let columns = names.iter().map(|name| numbers(rows.column(name)?, path)).collect::<Result<_>>()?;
    Ok(LookupTable { rows, ids, columns })
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
