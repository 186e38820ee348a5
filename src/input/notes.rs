//! What a reader of the figures should know of the files and their columns: files that were passed over, names that were taken for
//! another, columns that some files lack, ids that are floats.
//!
//! Does not live here: what is wrong with them (`source`).

use crate::source::contract::{Contract, Role};
use crate::source::footers::FileFooter;
use crate::source::kinds::ColumnKind;
use crate::source::listing::{Listing, Seen};
use crate::source::options::{InputOptions, MissingColumns};
use crate::warnings::{Facts, FloatColumn, Warning, WrittenOtherwise};

/// What was noticed.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes(Vec<Facts>);

impl Notes {
    pub(super) fn of(listing: &Listing, contract: &Contract, options: &InputOptions) -> Self {
        let mut facts = Vec::new();
        facts.extend(named(&listing.passed_over).map(|(files, first)| Facts::FilesPassedOver { files, first }));
        facts.extend(named(&listing.again).map(|(files, first)| Facts::FilesReadOnce { files, first }));
        let mut known: Vec<&str> = Vec::new();
        for column in contract.columns.iter().filter(|column| column.expression.is_none() && !column.from_partition) {
            if matches!(column.role, Role::CustomerId | Role::OrderId) {
                facts.extend(stored_as_floats(contract, &column.name));
            }
            if known.contains(&column.name.as_str()) {
                continue;
            }
            known.push(&column.name);
            facts.extend(written_otherwise(contract, &column.name));
            if options.missing_columns == MissingColumns::Null {
                facts.extend(lacking(contract, &column.name));
            }
        }
        Self(facts)
    }

    pub(super) fn warnings(&self) -> Vec<Warning> {
        self.0.iter().cloned().map(Warning::from).collect()
    }
}

fn named(seen: &Seen) -> Option<(u64, String)> {
    seen.first.as_ref().map(|first| (seen.files, first.display().to_string()))
}

/// The files with rows of which something holds: how many, and the first.
fn some_files(contract: &Contract, holds: impl Fn(&FileFooter) -> bool) -> Option<(u64, &FileFooter)> {
    let mut found = contract.files.iter().filter(|file| file.rows > 0 && holds(file));
    let first = found.next()?;
    Some((1 + found.count() as u64, first))
}

fn written_otherwise(contract: &Contract, name: &str) -> Option<Facts> {
    let is_other = |file: &FileFooter| file.column(name).is_some_and(|column| column.name != name);
    let (files, first) = some_files(contract, is_other)?;
    // What nobody sees is shown as `\u{feff}`.
    let found = first.column(name)?.name.chars().flat_map(char::escape_debug).collect::<String>();
    Some(Facts::ColumnWrittenOtherwise(WrittenOtherwise {
        column: name.to_owned(),
        found,
        files,
        first: first.path.display().to_string(),
    }))
}

fn lacking(contract: &Contract, name: &str) -> Option<Facts> {
    let (files, first) = some_files(contract, |file| file.column(name).is_none())?;
    Some(Facts::ColumnMissingInFiles { column: name.to_owned(), files, first: first.path.display().to_string() })
}

fn stored_as_floats(contract: &Contract, name: &str) -> Option<Facts> {
    let float = |file: &FileFooter| {
        let kind = &file.column(name)?.kind;
        matches!(kind, ColumnKind::Float32 | ColumnKind::Float64).then(|| kind.to_string())
    };
    let (files, first) = some_files(contract, |file| float(file).is_some())?;
    let kind = float(first)?;
    let first = first.path.display().to_string();
    Some(Facts::IdsStoredAsFloats(FloatColumn { column: name.to_owned(), kind, files, first }))
}
