//! The types of all columns of a file, as the engine reads them.
//!
//! Lives here: asking the engine, for runs that read every column, and naming the columns that it cannot read. Does not
//! live here: what the footer says of the columns that every run needs (`footers`, `contract`).

use std::fs::File;

use polars::prelude::{DataType, Field};
use polars_arrow::datatypes::{ArrowDataType, Field as ArrowField};
use polars_parquet::read::{infer_schema, read_metadata};

use super::engine_view::footer_of;
use super::{Column, FileFooter};
use crate::source::kinds::ColumnKind;
use crate::source::{foreign, quoted};
use crate::threads::caught;

/// The most digits of a decimal that the engine holds.
const MOST_DIGITS: usize = 38;

/// The columns of a file in their order.
///
/// # Errors
/// What cannot be read, one text per column.
/// `has_own_footer`: the engine cannot open the file by the footer that lies there, and reads all columns by one of its own.
pub(crate) fn engine_types(file: &FileFooter, has_own_footer: bool) -> Result<Vec<Field>, Vec<String>> {
    let withheld = unreadable_columns(file, has_own_footer);
    if !withheld.is_empty() {
        return Err(withheld);
    }
    let schema = caught(|| {
        if has_own_footer {
            let names: Vec<&str> = file.columns.iter().map(|column| column.name.as_str()).collect();
            return infer_schema(&footer_of(file, &names)?).map_err(foreign);
        }
        let mut opened = File::open(&file.path).map_err(|error| error.to_string())?;
        let metadata = read_metadata(&mut opened).map_err(foreign)?;
        infer_schema(&metadata).map_err(foreign)
    });
    let schema = schema.map_err(|what| whole_file(file, &what))?;
    let (mut fields, mut refused) = (Vec::new(), Vec::new());
    for field in schema.iter_values() {
        match caught(|| Ok(DataType::from_arrow_field(field))) {
            Ok(dtype) if unreadable(field).is_none() => fields.push(Field::new(field.name.clone(), dtype)),
            _ => refused.push(refusal(file, field)),
        }
    }
    if refused.is_empty() { Ok(fields) } else { Err(refused) }
}

/// The columns that cannot be read, whatever reads them.
fn unreadable_columns(file: &FileFooter, has_own_footer: bool) -> Vec<String> {
    let path = quoted(&file.path);
    let what = |column: &Column| {
        let is_double = file.columns.iter().filter(|other| other.name == column.name).count() > 1;
        match column.withheld {
            Some(why) => Some(format!("`{}`: is {why} in {path}", column.name)),
            None if is_double => Some(format!("`{}`: more than one column has this name in {path}", column.name)),
            // Without its name the engine sees two bytes in it, of which -0 and 0 differ.
            None if (has_own_footer && is_odd(&column.kind)) || is_float16(&column.kind) => {
                Some(format!("`{}`: found {} in {path}", column.name, column.kind))
            }
            None => None,
        }
    };
    let mut found: Vec<String> = file.columns.iter().filter_map(what).collect();
    found.dedup();
    found
}

fn is_float16(kind: &ColumnKind) -> bool {
    matches!(kind, ColumnKind::Other(name) if name == "float16")
}

fn is_odd(kind: &ColumnKind) -> bool {
    matches!(kind, ColumnKind::Other(_) | ColumnKind::Nested("variant"))
}

/// The engine refuses the file as a whole: because of a column that no engine type stands for, where there is one.
fn whole_file(file: &FileFooter, what: &str) -> Vec<String> {
    let odd = file.columns.iter().filter(|column| is_odd(&column.kind));
    let odd: Vec<String> =
        odd.map(|column| format!("`{}`: found {} in {}", column.name, column.kind, quoted(&file.path))).collect();
    if odd.is_empty() { vec![format!("{}: {what}", quoted(&file.path))] } else { odd }
}

fn refusal(file: &FileFooter, field: &ArrowField) -> String {
    let name = field.name.as_str();
    let kind = file.columns.iter().find(|column| column.name == name).map(|column| column.kind.to_string());
    let kind = kind.unwrap_or_else(|| "a type without a name".to_owned());
    let found = match unreadable(field) {
        Some(inner) if !kind.starts_with(inner) => format!("{inner} ({kind})"),
        _ => kind,
    };
    format!("`{name}`: found {found} in {}", quoted(&file.path))
}

/// The first type in a field that the engine, as it is built here, cannot hold.
fn unreadable(field: &ArrowField) -> Option<&'static str> {
    match &field.dtype {
        ArrowDataType::Interval(_) => Some("interval"),
        ArrowDataType::Float16 => Some("float16"),
        ArrowDataType::Union(_) => Some("union"),
        ArrowDataType::Decimal(precision, _)
        | ArrowDataType::Decimal32(precision, _)
        | ArrowDataType::Decimal64(precision, _)
        | ArrowDataType::Decimal256(precision, _)
            if !(1..=MOST_DIGITS).contains(precision) =>
        {
            Some("decimal")
        }
        ArrowDataType::List(inner)
        | ArrowDataType::LargeList(inner)
        | ArrowDataType::FixedSizeList(inner, _)
        | ArrowDataType::Map(inner, _) => unreadable(inner),
        ArrowDataType::Struct(fields) => fields.iter().find_map(unreadable),
        _ => None,
    }
}
