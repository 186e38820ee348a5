//! The files of an export: one, or one for each value of a column; all of them or none.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::rows::Wanted;
use super::{ExportArgs, Form};
use crate::error::{Error, Result};
use crate::files::os_error;
use crate::files::staged_files::StagedFiles;
use crate::history::PublishedTable;
use crate::parquet::TableWriter;
use crate::publish::options::Compression;
use crate::sheets::cells::{Cell, cell};
use crate::sheets::{csv, xlsx};

/// Files that a column's values may make: more are a mistake.
const MOST_FILES: usize = 1_000;

/// What was written.
pub(super) struct Written {
    pub(super) path: PathBuf,
    pub(super) files: usize,
    pub(super) rows: u64,
}

/// Writes what is wanted.
///
/// # Errors
/// As [`super::ExportArgs::answer`].
pub(super) fn write(args: &ExportArgs, form: Form, table: &PublishedTable, wanted: &Wanted<'_>) -> Result<Written> {
    let staged = match args.by {
        Some(_) => StagedFiles::directory(&args.output)?,
        None => StagedFiles::file(&args.output, args.overwrite)?,
    };
    let counts = if form == Form::Xlsx { counted(args, wanted)? } else { BTreeMap::new() };
    let mut export = Export { args, form, staged: &staged, files: BTreeMap::new() };
    match form {
        Form::Xlsx => export.workbooks(wanted, &counts)?,
        Form::Csv | Form::Parquet => {
            if args.by.is_none() {
                export.begin("", &empty(table, wanted)?)?;
            }
            wanted.for_each(|value, rows| export.add(value, rows))?;
            export.end()?;
        }
    }
    let (files, rows) = (export.files.len(), export.files.values().map(|file| file.rows).sum());
    Ok(Written { path: staged.publish()?, files, rows })
}

/// No rows of the columns that are wanted.
fn empty(table: &PublishedTable, wanted: &Wanted<'_>) -> Result<DataFrame> {
    let names: Vec<&str> = wanted.columns.iter().map(String::as_str).collect();
    table.no_rows(&names)
}

/// The rows of each file.
fn counted(args: &ExportArgs, wanted: &Wanted<'_>) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    if args.by.is_none() {
        counts.insert(String::new(), 0);
    }
    wanted.for_each(|value, rows| {
        *counts.entry(value.to_owned()).or_insert(0) += rows.height() as u64;
        Ok(())
    })?;
    let large = counts.iter().filter(|(_, rows)| **rows >= xlsx::MOST_ROWS);
    let causes: Vec<String> = large.map(|(value, rows)| format!("{rows} rows{}", of_value(value))).collect();
    if !causes.is_empty() {
        return Err(Error::config(format!("a sheet holds {} rows and the header", xlsx::MOST_ROWS - 1))
            .causes(causes)
            .hint("export CSV or Parquet, fewer rows with --where, or a file per segment with --by segment"));
    }
    if wanted.columns.len() > xlsx::MOST_COLUMNS {
        return Err(Error::config(format!("a sheet holds {} columns", xlsx::MOST_COLUMNS)));
    }
    Ok(counts)
}

fn of_value(value: &str) -> String {
    if value.is_empty() { String::new() } else { format!(" of `{value}`") }
}

/// A file that is being written.
struct Open {
    name: String,
    writer: Writer,
    rows: u64,
}

enum Writer {
    Csv(BufWriter<File>),
    Parquet(Box<TableWriter>),
    Done,
}

struct Export<'a> {
    args: &'a ExportArgs,
    form: Form,
    staged: &'a StagedFiles,
    /// By the value that they are of.
    files: BTreeMap<String, Open>,
}

impl Export<'_> {
    /// The name of the file of a value, fit for every file system.
    fn name(&self, value: &str) -> Result<String> {
        let fit = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
        let plain: String = value.chars().map(fit).take(100).collect();
        let name = format!(
            "{}.{}",
            if plain.starts_with('.') || plain.is_empty() { format!("_{plain}") } else { plain },
            self.form.ending()
        );
        let is_taken = self.files.values().any(|file| file.name.eq_ignore_ascii_case(&name));
        if is_taken || self.files.len() >= MOST_FILES {
            let by = self.args.by.as_deref().unwrap_or_default();
            let cause = if is_taken {
                format!("two values would be called `{name}`")
            } else {
                format!("it has more than {MOST_FILES}")
            };
            return Err(Error::config(format!("the values of `{by}` cannot be names of files"))
                .cause(cause)
                .hint("write --by segment"));
        }
        Ok(name)
    }

    fn begin(&mut self, value: &str, rows: &DataFrame) -> Result<()> {
        let name = self.name(value)?;
        let writer = match self.form {
            Form::Parquet => {
                let path = self.staged.path(&name);
                Writer::Parquet(Box::new(TableWriter::create("export", &path, rows.schema(), Compression::Zstd)?))
            }
            Form::Csv | Form::Xlsx => {
                let mut file = self.staged.create(&name)?;
                let mut text = if self.args.byte_order_mark { csv::BYTE_ORDER_MARK.to_vec() } else { Vec::new() };
                csv::push_row(&mut text, rows.get_column_names().into_iter().map(PlSmallStr::as_str));
                file.write_all(&text).map_err(|error| self.failed(&name, &error))?;
                Writer::Csv(file)
            }
        };
        self.files.insert(value.to_owned(), Open { name, writer, rows: 0 });
        Ok(())
    }

    fn add(&mut self, value: &str, rows: &DataFrame) -> Result<()> {
        if !self.files.contains_key(value) {
            self.begin(value, rows)?;
        }
        let Some(open) = self.files.get_mut(value) else { return Ok(()) };
        open.rows += rows.height() as u64;
        let path = self.staged.path(&open.name);
        match &mut open.writer {
            Writer::Csv(file) => {
                let text = csv_rows(rows).map_err(|error| unfit(&path, &error))?;
                file.write_all(&text).map_err(|error| os_error("written", &path, &error))
            }
            Writer::Parquet(writer) => writer.write(rows),
            Writer::Done => Ok(()),
        }
    }

    fn end(&mut self) -> Result<()> {
        for open in self.files.values_mut() {
            let path = self.staged.path(&open.name);
            match std::mem::replace(&mut open.writer, Writer::Done) {
                Writer::Csv(mut file) => file.flush().map_err(|error| os_error("written", &path, &error))?,
                Writer::Parquet(writer) => drop(writer.finish()?),
                Writer::Done => {}
            }
            self.staged.settle(&open.name)?;
        }
        Ok(())
    }

    /// Workbooks are written one after another, each whole.
    fn workbooks(&mut self, wanted: &Wanted<'_>, counts: &BTreeMap<String, u64>) -> Result<()> {
        let header: Vec<&str> = wanted.columns.iter().map(String::as_str).collect();
        for (value, rows) in counts {
            let name = self.name(value)?;
            let file = self.staged.create(&name)?;
            let mut problem = None;
            let written = xlsx::write(file, &header, |sheet| {
                let filled = wanted.for_each(|of, rows| if of == value { fill(sheet, rows) } else { Ok(()) });
                filled.map_err(|error| {
                    problem = Some(error);
                    std::io::Error::other("not written")
                })
            });
            written.map_err(|error| problem.unwrap_or_else(|| self.failed(&name, &error)))?;
            self.staged.settle(&name)?;
            self.files.insert(value.clone(), Open { name, writer: Writer::Done, rows: *rows });
        }
        Ok(())
    }

    fn failed(&self, name: &str, error: &std::io::Error) -> Error {
        os_error("written", &self.staged.path(name), error)
    }
}

fn unfit(path: &Path, error: &PolarsError) -> Error {
    Error::bug(format!("`{}` cannot be written", path.display())).cause(error)
}

/// Adds rows to a sheet.
fn fill(sheet: &mut xlsx::Sheet<'_>, rows: &DataFrame) -> Result<()> {
    for row in 0..rows.height() {
        let cells: PolarsResult<Vec<Cell<'_>>> = rows.columns().iter().map(|column| cell(column, row)).collect();
        let cells = cells.map_err(|error| Error::bug("a value cannot be written").cause(error))?;
        sheet.add(cells.into_iter()).map_err(|error| Error::write("the sheet cannot be written").cause(error))?;
    }
    Ok(())
}

/// Rows as CSV, on every thread.
fn csv_rows(rows: &DataFrame) -> PolarsResult<Vec<u8>> {
    use rayon::prelude::*;
    const SHARE_ROWS: usize = 1 << 14;
    let starts: Vec<usize> = (0..rows.height()).step_by(SHARE_ROWS).collect();
    let share = |start: &usize| -> PolarsResult<Vec<u8>> {
        let mut text = Vec::new();
        for row in *start..rows.height().min(start + SHARE_ROWS) {
            for (index, column) in rows.columns().iter().enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                match cell(column, row)? {
                    Cell::Empty => {}
                    Cell::Bool(value) => text.extend(value.to_string().bytes()),
                    Cell::Number(number) => text.extend(number.bytes()),
                    Cell::Day(_, day) => text.extend(day.bytes()),
                    Cell::Text(value) => csv::push_text(&mut text, &value),
                }
            }
            text.extend_from_slice(b"\r\n");
        }
        Ok(text)
    };
    let shares: PolarsResult<Vec<Vec<u8>>> = starts.par_iter().map(share).collect();
    Ok(shares?.concat())
}
