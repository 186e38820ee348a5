//! `rfmetrics export`: rows of a published table for other programs, as CSV, xlsx or Parquet.
//!
//! Ids are exported as they were published: pseudonyms stay pseudonyms. Does not live here: the forms of files (`sheets`, `parquet`).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

mod files;
mod rows;

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use serde_json::json;

use self::files::Written;
use self::rows::Wanted;
use super::{Answer, Cli};
use crate::cli;
use crate::error::{Error, Result};
use crate::history::{PublishedRun, PublishedTable};
use crate::manifest::{MANIFEST, tables};

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics export reports/as_of=2026-01-01 --table customers -o all.csv
  rfmetrics export reports/as_of=2026-01-01 --table segments -o segments.xlsx
  rfmetrics export reports/as_of=2026-01-01 --by segment --format csv -o lists
  rfmetrics export reports/campaigns/may --table targets --where \"rank <= 100\" -o first.parquet";

/// Write rows of a published table as CSV, xlsx or Parquet
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ExportArgs {
    /// A published date or campaign, as reports/as_of=2026-01-01
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: PathBuf,
    /// File to write; with --by a new directory for the files
    #[arg(short, long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub output: PathBuf,
    /// Table [default: customers]
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// SQL condition on its columns [default: all rows]
    #[arg(long = "where", value_name = "SQL")]
    pub filter: Option<String>,
    /// Columns with commas between, in the order of the file [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// A column of texts: one file for each of its values, called as the value [default: one file for all]
    #[arg(long, value_name = "COLUMN")]
    pub by: Option<String>,
    /// Form of the files [default: by the ending of the name, csv with --by]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Form>,
    /// Begin CSV with a byte-order mark, by which some spreadsheets know UTF-8
    #[arg(long)]
    pub byte_order_mark: bool,
    /// Replace a file that is there
    #[arg(long)]
    pub overwrite: bool,
    /// Form of the answer on standard output: the path, or JSON [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub answer: Option<cli::Format>,
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// CSV (RFC 4180, UTF-8)
    Csv,
    /// Excel workbook
    Xlsx,
    /// Parquet
    Parquet,
}

impl Form {
    /// The ending of its files.
    const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
        }
    }
}

impl ExportArgs {
    /// # Errors
    /// A config error where the table, a column or the file does not fit; a source error where the table cannot be read; a write
    /// error.
    pub(crate) fn answer(&self, _: &Cli) -> Result<Answer> {
        let table = self.opened()?;
        let wanted = Wanted::of(&table, self.filter.as_deref(), &self.columns, self.by.as_deref())?;
        let written = files::write(self, self.form()?, &table, &wanted)?;
        let Written { path, files, rows } = &written;
        let shown = path.display();
        let text = || match self.by {
            Some(_) => format!("{rows} rows in {files} files\n{shown}\n"),
            None => format!("{rows} rows\n{shown}\n"),
        };
        Ok(Answer::of(self.answer, text, || json!({"path": path, "files": files, "rows": rows})))
    }

    fn opened(&self) -> Result<PublishedTable> {
        let name = self.table.as_deref().unwrap_or("customers");
        if self.directory.join(MANIFEST).is_file() && !self.directory.join(tables::file_name(name)).is_file() {
            let published = tables::read_tables(&self.directory).unwrap_or_default();
            let mut names: Vec<String> = published.into_iter().map(|table| table.name).collect();
            names.retain(|name| self.directory.join(tables::file_name(name)).is_file());
            return Err(Error::config(format!("`{}` has no table `{name}`", self.directory.display()))
                .hint(format!("write --table with one of {}", names.join(", "))));
        }
        // What a campaign has published is read as what a run has: a manifest, and tables next to it.
        PublishedRun::open(&self.directory)?.table(name)
    }

    /// The form: as it was typed, else by the ending.
    fn form(&self) -> Result<Form> {
        if let Some(form) = self.format {
            return Ok(form);
        }
        if self.by.is_some() {
            return Ok(Form::Csv);
        }
        let ending = self.output.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        [Form::Csv, Form::Xlsx, Form::Parquet].into_iter().find(|form| form.ending() == ending).ok_or_else(|| {
            Error::config(format!("`{}` does not say its form", self.output.display()))
                .hint("end it with .csv, .xlsx or .parquet, or write --format csv")
        })
    }
}
