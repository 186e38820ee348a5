//! The tables of a comparison, published as those of a run are: all or none, with a manifest.
//!
//! Does not live here: what is in them (`reports::tables`).

use std::path::{Path, PathBuf};

use polars::prelude::*;
use serde_json::json;

use super::published::Published;
use crate::day::date_of;
use crate::error::{Error, Result};
use crate::manifest::{FORMAT_VERSION, TableFile};
use crate::parquet::{ROW_GROUP_ROWS, TableWriter};
use crate::publish::options::OutputOptions;
use crate::publish::{Output, Staging};
use crate::reports::finish::{self, Form};
use crate::reports::tables::{migration, migration_customers, migration_flows};
use crate::schema::{AS_OF, PublishedColumn, TableEntry};
use crate::time::Comparison;
use crate::values::Values;
use crate::warnings::{self, Warning};

/// The shape of the tables: that of the later date.
pub(super) fn form(after: &Published) -> Form {
    Form {
        as_of: after.as_of,
        scale: after.settings.clean.money_scale,
        money: after.settings.output.money,
        known: after.customers.known,
    }
}

/// Publishes the tables; gives the directory.
///
/// # Errors
/// A config or write error where the output cannot be one; a busy error where a run holds it.
pub(super) fn publish(
    output: &Path,
    inputs: &[PathBuf; 2],
    comparison: &Comparison,
    (form, shows_customers): (Form, bool),
    warnings: &[Warning],
) -> Result<PathBuf> {
    let options = OutputOptions { path: output.display().to_string(), ..OutputOptions::default() };
    let output = Output::open(&options, inputs)?;
    let staging = output.stage(date_of(form.as_of))?;
    let mut tables = vec![
        small(&staging, &migration::REPORT.table, migration::frame(comparison, form.scale), form)?,
        small(&staging, &migration_flows::REPORT.table, migration_flows::frame(comparison), form)?,
    ];
    if shows_customers {
        tables.push(customers(&staging, comparison, form)?);
    }
    let [before, after] = inputs.each_ref().map(|path| path.display().to_string());
    let manifest = json!({
        "format_version": FORMAT_VERSION,
        "program": "rfmetrics",
        "version": env!("CARGO_PKG_VERSION"),
        "as_of": date_of(form.as_of),
        "compared_with": date_of(comparison.before.as_of),
        "compared": {"before": before, "after": after},
        "warnings": warnings::sentences(warnings),
        "warning_details": warnings::details(warnings),
        "tables": tables,
    });
    staging.publish(&manifest)
}

fn columns(entry: &TableEntry) -> Vec<PublishedColumn> {
    entry.columns.iter().flat_map(|column| column.published(&[])).collect()
}

fn small(staging: &Staging, entry: &TableEntry, frame: PolarsResult<DataFrame>, form: Form) -> Result<TableFile> {
    let broken = |error: PolarsError| broken(entry.name, &error);
    let table = frame.and_then(|frame| finish::finish(&frame, &columns(entry), form)).map_err(broken)?;
    let mut writer =
        TableWriter::create(entry.name, &staging.file(entry.name), table.schema(), staging.options.compression)?;
    writer.write(&table)?;
    seal(staging, writer)
}

/// Everyone of both dates, a slice of a column at a time.
fn customers(staging: &Staging, comparison: &Comparison, form: Form) -> Result<TableFile> {
    let entry = &migration_customers::REPORT.table;
    let columns = columns(entry);
    let values = |rows: std::ops::Range<usize>, index: usize| {
        let Some(column) = index.checked_sub(1).map(|own| &columns[own]) else {
            return Ok(Values::Plain(finish::as_of(form, rows.len())));
        };
        let name = column.entry.name;
        let values = match form.known.lacks_for(name) {
            Some(_) => finish::unknown(column, rows.len(), form).map(Values::Plain),
            None => migration_customers::values(comparison, name, rows)
                .and_then(|values| finish::typed_values(values, column.entry.kind, form)),
        };
        values.map_err(|error| broken(entry.name, &error))
    };
    let mut shape = Schema::default();
    let names = std::iter::once(AS_OF.name.to_owned()).chain(columns.iter().map(|column| column.name.clone()));
    for (index, name) in names.enumerate() {
        shape.with_column(name.into(), values(0..0, index)?.dtype());
    }
    let rows = comparison.len();
    let groups: Vec<_> =
        (0..rows).step_by(ROW_GROUP_ROWS).map(|first| first..rows.min(first + ROW_GROUP_ROWS)).collect();
    let mut writer = TableWriter::create(entry.name, &staging.file(entry.name), &shape, staging.options.compression)?;
    writer.write_groups(&groups, values)?;
    seal(staging, writer)
}

fn seal(staging: &Staging, writer: TableWriter) -> Result<TableFile> {
    let (entry, seal) = writer.finish()?;
    staging.seal_as(&entry.name, seal)?;
    Ok(entry)
}

fn broken(name: &str, error: &PolarsError) -> Error {
    Error::bug(format!("the table `{name}` cannot be made")).cause(error)
}
