//! From findings to files: every table, written to the staging directory.

use std::ops::Range;

use polars::prelude::*;

use crate::error::{Error, Result};
use crate::manifest::TableEntry;
use crate::parquet::{ROW_GROUP_ROWS, TableWriter};
use crate::passes::attributes::Attributes;
use crate::publish::Staging;
use crate::quality;
use crate::reports::findings::Findings;
use crate::reports::{self, cube};
use crate::schema;
use crate::values::Values;

/// Writes every table; gives their entries in the manifest.
///
/// # Errors
/// A write error where the disk refuses; a bug where a report does not match the data dictionary.
pub fn write_tables(staging: &Staging, findings: &Findings, attributes: &Attributes) -> Result<Vec<TableEntry>> {
    let (customers, small) =
        rayon::join(|| write_customers(staging, findings, attributes), || write_small_tables(staging, findings));
    let mut entries = vec![customers?];
    entries.extend(small?);
    if reports::is_asked_for("scorings", findings) {
        entries.push(write_scorings(staging, findings)?);
    }
    if let Some((years, _)) = &findings.years {
        entries.push(write_rows(staging, findings, "customer_years", groups(0, years.rows.len()))?);
    }
    Ok(entries)
}

fn write_small_tables(staging: &Staging, findings: &Findings) -> Result<Vec<TableEntry>> {
    let cube = cube::cube(findings).map_err(|error| broken_report("cube", &error))?.lazy();
    let write = |table: &'static schema::TableEntry| {
        let rows = reports::table(table, &cube, findings).map_err(|error| broken_report(table.name, &error))?;
        check_customers(table.name, &rows, findings)?;
        let mut writer = TableWriter::create(table.name, &staging.file(table.name), rows.schema())?;
        writer.write(&rows)?;
        seal(staging, writer)
    };
    reports::small_tables(findings).map(write).collect()
}

/// Every report that counts customers counts all of them; the bounds of the scores do so once per axis.
fn check_customers(table: &str, rows: &DataFrame, findings: &Findings) -> Result<()> {
    let Ok(counts) = rows.column("customers").and_then(|column| column.cast(&DataType::UInt64)) else { return Ok(()) };
    let Some(times) = reports::times_counted(table, findings) else { return Ok(()) };
    let counted = counts.u64().map_err(|error| broken_report(table, &error))?.sum().unwrap_or_default();
    quality::check_report(table, counted, times as u64, findings.customers.len())
}

/// A table with rows for every customer, a slice of a column at a time.
struct Large<'a> {
    name: &'static str,
    columns: Vec<&'static schema::ColumnEntry>,
    /// Columns of predictions and social measures, behind those of the dictionary.
    predicted: Vec<schema::PredictedColumn>,
    /// Columns of the input, behind the others.
    attributes: Option<&'a Attributes>,
    groups: Vec<Range<usize>>,
}

fn write_customers(staging: &Staging, findings: &Findings, attributes: &Attributes) -> Result<TableEntry> {
    let table = entry_of("customers")?;
    let columns = table.columns.iter().chain(findings.further_columns.iter().copied()).collect();
    let groups = groups(0, findings.customers.len());
    let predicted = reports::predicted_columns(findings);
    write_large(
        staging,
        findings,
        &Large { name: table.name, columns, predicted, attributes: Some(attributes), groups },
    )
}

/// The customers of one scoring after those of the other, no row group across two.
fn write_scorings(staging: &Staging, findings: &Findings) -> Result<TableEntry> {
    let customers = findings.customers.len();
    let groups = (0..=findings.further.len()).flat_map(|place| groups(place * customers, customers)).collect();
    write_rows(staging, findings, "scorings", groups)
}

/// A large table of the dictionary's columns and no others.
fn write_rows(
    staging: &Staging,
    findings: &Findings,
    name: &'static str,
    groups: Vec<Range<usize>>,
) -> Result<TableEntry> {
    let table = entry_of(name)?;
    let columns = table.columns.iter().collect();
    write_large(staging, findings, &Large { name, columns, predicted: Vec::new(), attributes: None, groups })
}

fn entry_of(name: &str) -> Result<&'static schema::TableEntry> {
    schema::table(name).ok_or_else(|| Error::bug(format!("the dictionary has no {name}")))
}

/// Row groups of `count` rows from the row `first` on.
fn groups(first: usize, count: usize) -> Vec<Range<usize>> {
    let end = first + count;
    (first..end).step_by(ROW_GROUP_ROWS).map(|start| start..end.min(start + ROW_GROUP_ROWS)).collect()
}

fn write_large(staging: &Staging, findings: &Findings, table: &Large<'_>) -> Result<TableEntry> {
    let own = table.columns.len() + 1;
    let predicted = &table.predicted;
    let values = |rows: Range<usize>, place: usize| {
        let values = match (place.checked_sub(own), table.attributes) {
            (Some(added), Some(attributes)) => match predicted.get(added) {
                Some(column) => Ok(Values::Plain(reports::predicted_values(findings, column, rows))),
                None => attributes.column(added - predicted.len(), rows).map(Values::Plain),
            },
            _ => reports::large(table.name, &table.columns, place, rows, findings),
        };
        values.map_err(|error| broken_report(table.name, &error))
    };
    let names = std::iter::once(schema::AS_OF.name).chain(table.columns.iter().map(|column| column.name));
    let names = names.chain(predicted.iter().map(|column| column.name.as_str()));
    let mut shape = Schema::default();
    for (place, name) in names.chain(table.attributes.iter().flat_map(|attributes| attributes.names())).enumerate() {
        shape.with_column(name.into(), values(0..0, place)?.dtype());
    }
    let mut writer = TableWriter::create(table.name, &staging.file(table.name), &shape)?;
    writer.write_groups(&table.groups, values)?;
    seal(staging, writer)
}

fn seal(staging: &Staging, writer: TableWriter) -> Result<TableEntry> {
    let (entry, seal) = writer.finish()?;
    staging.seal_as(&entry.name, seal)?;
    Ok(entry)
}

fn broken_report(name: &str, error: &PolarsError) -> Error {
    Error::bug(format!("the report `{name}` cannot be made")).cause(error)
}
