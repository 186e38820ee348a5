//! From findings to files: every report that the run asks for, written to the staging directory.
//!
//! Does not live here: what is in a table (`reports`), and how a file is encoded (`parquet`).

use std::ops::Range;

use polars::prelude::*;

use super::carried::CarriedColumns;
use crate::error::{Error, Result};
use crate::manifest::tables::TableFile;
use crate::parquet::{ROW_GROUP_ROWS, TableWriter};
use crate::passes::attributes::Attributes;
use crate::publish::Staging;
use crate::publish::options::Layout;
use crate::quality;
use crate::reports::findings::Findings;
use crate::reports::{Chapter, Make, PerRow, Report, cube, finish};
use crate::schema::{AS_OF, PublishedColumn};
use crate::values::Values;

/// Writes every table; gives their entries in the manifest: the customers first, then the small tables, then the other
/// large ones.
///
/// # Errors
/// A write error where the disk refuses; a bug where a report does not match the data dictionary.
pub fn write_tables(staging: &Staging, findings: &Findings, attributes: &Attributes) -> Result<Vec<TableFile>> {
    let asked_for = || Report::ALL.iter().copied().filter(|report| report.is_published(findings));
    let mut large = asked_for().filter_map(|report| match report.make {
        Make::PerRow(make) => {
            let carried =
                make.has_attributes.then_some(CarriedColumns { attributes, members: findings.members.as_ref() });
            Some(Large { report, make, findings, carried })
        }
        Make::OverCube(_) | Make::Small(_) => None,
    });
    let customers = large.next().ok_or_else(|| Error::bug("no report has a row per customer"))?;
    let (customers, small) = rayon::join(|| customers.write(staging), || write_small(staging, asked_for(), findings));
    let mut entries = vec![customers?];
    entries.extend(small?);
    for table in large {
        entries.push(table.write(staging)?);
    }
    Ok(entries)
}

/// Writes the tables that are small whatever the number of customers.
fn write_small(
    staging: &Staging,
    reports: impl Iterator<Item = &'static Report>,
    findings: &Findings,
) -> Result<Vec<TableFile>> {
    let cube = cube::cube(findings).map_err(|error| broken_report("cube", &error))?.lazy();
    let mut entries = Vec::new();
    for report in reports {
        let name = report.table.name;
        let table = report.small_table(&cube, findings).map_err(|error| broken_report(name, &error))?;
        let Some(table) = table else { continue };
        check_customers(report, &table, findings)?;
        let dated = if has_as_of(staging) { Ok(table) } else { table.drop(AS_OF.name) };
        let table = dated.map_err(|error| broken_report(name, &error))?;
        let compression = staging.options().compression;
        let mut writer = TableWriter::create(name, &staging.file(name), table.schema(), compression)?;
        writer.write(&table)?;
        entries.push(seal(staging, writer)?);
    }
    Ok(entries)
}

/// A report that counts customers counts all of them, as often as it says.
fn check_customers(report: &Report, table: &DataFrame, findings: &Findings) -> Result<()> {
    let Some(times) = report.times_counted else { return Ok(()) };
    let name = report.table.name;
    let counts = table.column("customers").and_then(|column| column.cast(&DataType::UInt64));
    let counts = counts.map_err(|error| broken_report(name, &error))?;
    let counted = counts.u64().map_err(|error| broken_report(name, &error))?.sum().unwrap_or_default();
    // Those who never bought count in the tables of every run at most.
    let everyone = if report.chapter == Chapter::EveryRun { findings.counted() } else { findings.customers.len() };
    quality::check_report(name, counted, times(findings) as u64, everyone)
}

/// A table with rows for every customer, a slice of a column at a time.
struct Large<'a> {
    report: &'static Report,
    make: PerRow,
    findings: &'a Findings,
    /// The columns of the input and of members, where the table has them.
    carried: Option<CarriedColumns<'a>>,
}

impl Large<'_> {
    fn write(&self, staging: &Staging) -> Result<TableFile> {
        let name = self.report.table.name;
        let columns = self.report.columns(self.findings);
        let carried = self.carried.map(|carried| carried.names()).unwrap_or_default();
        // The first column is `as_of`, and carried columns stand before the last one.
        let (first, last) = columns.split_at(columns.len() - usize::from(self.carried.is_some()));
        let values = |rows: Range<usize>, index: usize| {
            let values = match index.checked_sub(1) {
                None => Ok(Values::Plain(finish::as_of(self.findings, rows.len()))),
                Some(own) if own < first.len() => self.make.slice(self.findings, &first[own], rows),
                Some(own) => match ((own - first.len()).checked_sub(carried.len()), &self.carried) {
                    (None, Some(carried)) => carried.values(own - first.len(), rows),
                    (place, _) => self.make.slice(self.findings, &last[place.unwrap_or_default()], rows),
                },
            };
            values.map_err(|error| broken_report(name, &error))
        };
        let name_of = |column: &'_ PublishedColumn| column.name.clone();
        let names = std::iter::once(AS_OF.name.to_owned())
            .chain(first.iter().map(name_of))
            .chain(carried.iter().map(ToString::to_string))
            .chain(last.iter().map(name_of));
        let mut shape = Schema::default();
        let skipped = usize::from(!has_as_of(staging));
        for (index, name) in names.enumerate().skip(skipped) {
            shape.with_column(name.into(), values(0..0, index)?.dtype());
        }
        let mut writer = TableWriter::create(name, &staging.file(name), &shape, staging.options().compression)?;
        let values = |rows: Range<usize>, index: usize| values(rows, skipped + index);
        writer.write_groups(&row_groups(&(self.make.sections)(self.findings)), values)?;
        seal(staging, writer)
    }
}

/// The rows of the row groups: none spans two sections.
fn row_groups(sections: &[usize]) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut end = 0;
    for rows in sections {
        let start = end;
        end += rows;
        groups.extend((start..end).step_by(ROW_GROUP_ROWS).map(|first| first..end.min(first + ROW_GROUP_ROWS)));
    }
    groups
}

fn seal(staging: &Staging, writer: TableWriter) -> Result<TableFile> {
    let (entry, seal) = writer.finish()?;
    staging.seal_as(&entry.name, seal)?;
    Ok(staging.placed(entry))
}

/// Whether the files hold the date: by table it is in their paths, and engines refuse a column that is in both.
fn has_as_of(staging: &Staging) -> bool {
    staging.options().layout == Layout::ByDate
}

fn broken_report(name: &str, error: &PolarsError) -> Error {
    Error::bug(format!("the report `{name}` cannot be made")).cause(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_group_spans_two_sections() {
        let most = ROW_GROUP_ROWS;
        assert_eq!(row_groups(&[2, 0, 3]), [0..2, 2..5]);
        assert_eq!(row_groups(&[most + 1, 1]), [0..most, most..most + 1, most + 1..most + 2]);
        assert!(row_groups(&[]).is_empty());
    }
}
