//! The list `tables` of `manifest.json`: which files there are, and their sums. It is all that publishing and verifying need.
//!
//! Lives here: the entry of one table, and reading the entries back. Does not live here: the rest of a manifest, which is
//! skipped.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::version;
use crate::files::FileSeal;

/// The file that makes a directory a published run.
pub const MANIFEST: &str = "manifest.json";

/// The directory of the runs in an output whose tables have directories of their own. Query engines skip names that begin so.
pub const RUNS: &str = "_runs";

/// The name of the file of a table and a date in such an output.
pub const PART: &str = "part-0.parquet";

/// One table of a run, as it is in the list `tables` of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    /// Name of the table, such as `customers`.
    pub name: String,
    /// Name of its file inside the published directory.
    pub file: String,
    /// Where query engines find the same file, as a path below the output; only where tables have directories of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Number of rows.
    pub rows: u64,
    /// Number of columns.
    pub columns: u64,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

impl TableFile {
    /// The entry of `table`, whose file was sealed with `seal`.
    #[must_use]
    pub fn new(table: &str, rows: u64, columns: u64, seal: FileSeal) -> Self {
        let FileSeal { bytes, sha256 } = seal;
        Self { name: table.to_owned(), file: file_name(table), part: None, rows, columns, bytes, sha256 }
    }

    /// The size and sum that the file must have.
    pub(crate) fn seal(&self) -> FileSeal {
        FileSeal { bytes: self.bytes, sha256: self.sha256.clone() }
    }
}

/// One page of a run, as it is in the list `pages` of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageFile {
    /// Name of its file inside the published directory.
    pub file: String,
    /// Its size and checksum.
    #[serde(flatten)]
    pub seal: FileSeal,
}

/// What is read here; other keys are skipped.
#[derive(Deserialize)]
struct Generic {
    #[serde(default)]
    format_version: Option<Value>,
    tables: Vec<TableFile>,
    #[serde(default)]
    pages: Vec<PageFile>,
}

impl Generic {
    /// The files of tables and pages.
    fn files(&self) -> impl Iterator<Item = &str> {
        let pages = self.pages.iter().map(|page| page.file.as_str());
        self.tables.iter().map(|table| table.file.as_str()).chain(pages)
    }
}

/// The name of the file that holds `table`.
pub(crate) fn file_name(table: &str) -> String {
    format!("{table}.parquet")
}

/// The tables that `manifest` lists, or what is wrong with it.
pub(crate) fn tables_of(manifest: &Value) -> Result<Vec<TableFile>, String> {
    Generic::deserialize(manifest).map_err(|error| error.to_string()).and_then(plain)
}

/// The tables and pages that `manifest` lists, with what their files must be, or what is wrong with it.
pub(crate) fn files_of(manifest: &Value) -> Result<Vec<PageFile>, String> {
    Generic::deserialize(manifest).map_err(|error| error.to_string()).and_then(plain_files)
}

/// The tables that the manifest in `directory` lists, or what is wrong with it.
pub(crate) fn read_tables(directory: &Path) -> Result<Vec<TableFile>, String> {
    read_generic(directory).and_then(plain)
}

/// The tables and pages that the manifest in `directory` lists, or what is wrong with it.
pub(crate) fn read_files(directory: &Path) -> Result<Vec<PageFile>, String> {
    read_generic(directory).and_then(plain_files)
}

fn read_generic(directory: &Path) -> Result<Generic, String> {
    let path = directory.join(MANIFEST);
    let text = read_regular(&path).map_err(|error| error.to_string())?;
    serde_json::from_slice(&text).map_err(|error: serde_json::Error| error.to_string())
}

/// Whether `directory` holds a manifest: a regular file, and not a link to somewhere else.
pub(crate) fn stands_in(directory: &Path) -> bool {
    fs::symlink_metadata(directory.join(MANIFEST)).is_ok_and(|metadata| metadata.is_file())
}

/// The directory of the run that `path` names: itself, or, where there is no such directory, the one of the same name among
/// the runs of an output by table.
#[must_use]
pub fn run_directory(path: &Path) -> PathBuf {
    let (Some(output), Some(name)) = (path.parent(), path.file_name()) else { return path.to_owned() };
    let run = output.join(RUNS).join(name);
    if !path.exists() && stands_in(&run) { run } else { path.to_owned() }
}

/// Reads a file, but never waits for the writer of a pipe or follows a link.
fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    if fs::symlink_metadata(path)?.is_file() { fs::read(path) } else { Err(io::Error::other("not a regular file")) }
}

fn plain_files(generic: Generic) -> Result<Vec<PageFile>, String> {
    let Generic { tables, pages, .. } = checked(generic)?;
    let tables = tables.into_iter().map(|table| PageFile { seal: table.seal(), file: table.file });
    Ok(tables.chain(pages).collect())
}

fn plain(generic: Generic) -> Result<Vec<TableFile>, String> {
    checked(generic).map(|generic| generic.tables)
}

/// A manifest may only speak of files in its own directory.
fn checked(generic: Generic) -> Result<Generic, String> {
    version::check(generic.format_version.as_ref()).map_err(|error| error.to_string())?;
    if let Some(file) = generic.files().find(|file| !is_plain(file)) {
        return Err(format!("`{file}` is not the name of a file in the same directory"));
    }
    let mut parts = generic.tables.iter().filter_map(|table| table.part.as_ref());
    if let Some(part) = parts.find(|part| !is_part(part)) {
        return Err(format!("`{part}` is not a part of a table"));
    }
    Ok(generic)
}

/// `<table>/<partition>/part-0.parquet`, whatever the names of the first two.
fn is_part(path: &str) -> bool {
    let names: Vec<&str> = path.split('/').collect();
    matches!(names[..], [table, partition, PART] if is_plain(table) && is_plain(partition) && table != RUNS)
}

fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!(parts.next(), Some(Component::Normal(_))) && parts.next().is_none() && !name.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(file: &str) -> Value {
        json!({"name": "t", "file": file, "rows": 1, "columns": 2, "bytes": 3, "sha256": "00"})
    }

    #[test]
    fn the_keys_of_an_entry_are_fixed() {
        let seal = FileSeal { bytes: 3, sha256: "00".into() };
        assert_eq!(serde_json::to_value(TableFile::new("t", 1, 2, seal)).unwrap(), entry("t.parquet"));
    }

    #[test]
    fn a_part_lies_in_a_partition_of_a_table_and_nowhere_else() {
        let with = |part: &str| {
            let mut entry = entry("t.parquet");
            entry["part"] = json!(part);
            tables_of(&json!({"tables": [entry]}))
        };
        assert!(with("t/as_of=2026-01-01/part-0.parquet").is_ok());
        for part in ["t/part-0.parquet", "../x/part-0.parquet", "/t/part-0.parquet", "t/../part-0.parquet", "t/x/y", ""]
        {
            assert!(with(part).unwrap_err().contains("not a part"), "{part}");
        }
        assert!(with("_runs/as_of=2026-01-01/part-0.parquet").is_err());
    }

    #[test]
    fn keys_of_the_caller_are_skipped_and_a_missing_list_is_an_error() {
        assert_eq!(tables_of(&json!({"version": 1, "tables": [entry("t.parquet")]})).unwrap().len(), 1);
        assert!(tables_of(&json!({"version": 1})).unwrap_err().contains("tables"));
    }

    #[test]
    fn the_list_of_a_newer_format_is_refused() {
        let newer = json!({"format_version": version::FORMAT_VERSION + 1, "tables": [entry("t.parquet")]});
        let error = tables_of(&newer).unwrap_err();
        assert_eq!(error, "its format version is 2, and this rfmetrics reads versions up to 1");
    }

    #[test]
    fn a_manifest_cannot_name_files_elsewhere() {
        for file in ["../t.parquet", "/etc/passwd", "a/b", "..", ".", "", "a/"] {
            let error = tables_of(&json!({"tables": [entry(file)]})).unwrap_err();
            assert!(error.contains("same directory"), "{file}: {error}");
        }
    }
}
