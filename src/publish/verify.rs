//! Is what was published still what was published?
//!
//! Lives here: files against the checksums in their manifest, and the parts of tables against the files of their runs. Does not
//! live here: what the numbers mean.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::campaigns::{CAMPAIGNS, is_campaign};
use super::layout::{date_of, output_of, runs_of};
use super::options::Layout;
use super::parts::{self, Parts};
use super::strangers;
use crate::error::{Error, Result};
use crate::files::checksum::seal_of;
use crate::files::directory::visible_names;
use crate::files::system_error::os_error;
use crate::manifest::tables::{self, MANIFEST, PageFile, TableFile};

/// What was checked, and everything that was found wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// The directories that were checked, in order of their names.
    pub runs: Vec<PathBuf>,
    /// Number of files read: tables, and pages where there are some.
    pub files: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Every difference, one line each, with its path. Empty if all is well.
    pub faults: Vec<String>,
}

impl VerifyReport {
    /// The report if all is well, else an error of kind `write` with every fault.
    ///
    /// # Errors
    /// If there are faults.
    pub fn into_result(self) -> Result<Self> {
        if self.faults.is_empty() {
            return Ok(self);
        }
        Err(Error::write(format!("{} differences between files and manifests", self.faults.len()))
            .causes(self.faults)
            .hint("the files were changed after they were published: run those dates again"))
    }
}

/// Checks one published directory, or every `as_of=` directory of an output: that the manifest exists and is readable,
/// that each file has the size and the checksum it states, and that no visible file is missing or extra.
///
/// Reads every byte. A run that publishes at the same time may show up as faults.
///
/// # Errors
/// `config` if `directory` holds no published run; `write` if it cannot be listed. Faults are in the report.
pub fn verify_published(directory: &Path) -> Result<VerifyReport> {
    let directory = &tables::run_directory(directory);
    let mut report = VerifyReport { runs: runs_in(directory)?, ..VerifyReport::default() };
    let mut parts = BTreeSet::new();
    for run in report.runs.clone() {
        parts.extend(check_run(&run, &mut report));
    }
    if runs_of(directory, Layout::ByTable).is_dir() {
        check_for_stray_parts(directory, &parts, &mut report);
    }
    Ok(report)
}

fn runs_in(directory: &Path) -> Result<Vec<PathBuf>> {
    let is_date = |path: &Path| path.file_name().is_some_and(|name| date_of(&name.to_string_lossy()).is_some());
    if tables::stands_in(directory) || (directory.is_dir() && is_date(directory)) {
        return Ok(vec![directory.to_owned()]);
    }
    if !directory.exists() {
        return Err(Error::write(format!("`{}` does not exist", directory.display()))
            .hint("name an output, or one of its `as_of=YYYY-MM-DD` directories"));
    }
    let mut runs = Vec::new();
    for runs_of in [directory.to_owned(), runs_of(directory, Layout::ByTable)].iter().filter(|runs| runs.is_dir()) {
        let names = visible_names(runs_of).map_err(|error| os_error("listed", runs_of, &error))?;
        let paths = names.iter().map(|name| runs_of.join(name));
        runs.extend(paths.filter(|path| is_date(path) && !strangers::is_empty(path)));
    }
    runs.extend(campaigns_in(directory));
    runs.extend(campaigns_in(&directory.join(CAMPAIGNS)));
    if runs.is_empty() {
        return Err(Error::config(format!("`{}` holds no published run", directory.display()))
            .hint("name an output, or one of its `as_of=YYYY-MM-DD` directories"));
    }
    Ok(runs)
}

/// The campaigns in the directory of an output that holds them.
fn campaigns_in(directory: &Path) -> Vec<PathBuf> {
    let names = visible_names(directory).unwrap_or_default();
    names.iter().filter(|name| is_campaign(directory, name)).map(|name| directory.join(name)).collect()
}

/// Checks one run; returns the parts that its manifest lists.
fn check_run(run: &Path, report: &mut VerifyReport) -> Vec<String> {
    let (files, tables) = match tables::read_files(run).and_then(|files| Ok((files, tables::read_tables(run)?))) {
        Ok(listed) => listed,
        Err(why) => {
            report.faults.push(format!("`{}`: {why}", run.join(MANIFEST).display()));
            return Vec::new();
        }
    };
    for listed in &files {
        match check_file(&run.join(&listed.file), listed) {
            Ok(()) => {
                report.files += 1;
                report.bytes += listed.seal.bytes;
            }
            Err(why) => report.faults.push(format!("`{}`: {why}", run.join(&listed.file).display())),
        }
    }
    let listed: BTreeSet<&str> = files.iter().map(|listed| listed.file.as_str()).chain([MANIFEST]).collect();
    if listed.len() <= files.len() {
        report.faults.push(format!("`{}`: a file is listed twice", run.join(MANIFEST).display()));
    }
    match visible_names(run) {
        Ok(names) => {
            let extra =
                names.iter().filter(|name| !listed.contains(name.as_str()) && !strangers::is_machine_made(name));
            report.faults.extend(extra.map(|name| format!("`{}`: not in the manifest", run.join(name).display())));
        }
        Err(error) => report.faults.push(format!("`{}`: {error}", run.display())),
    }
    if let Some(output) = output_of(run) {
        check_parts(output, run, &tables, report);
    }
    tables.into_iter().filter_map(|table| table.part).collect()
}

/// The parts of a run must be its files. Of second names of the same files the bytes need not be read again.
fn check_parts(output: &Path, run: &Path, tables: &[TableFile], report: &mut VerifyReport) {
    let as_of = run.file_name().and_then(|name| date_of(&name.to_string_lossy()));
    if as_of.is_some_and(|as_of| Parts::new(output, as_of).is_marked()) {
        report.faults.push(format!(
            "`{}`: a run was interrupted while it replaced the parts of this date; the next run puts them right",
            run.display()
        ));
    }
    let id = |path: &Path| fs::symlink_metadata(path).map(|metadata| (metadata.dev(), metadata.ino())).ok();
    for table in tables {
        let Some(part) = table.part.as_ref().map(|part| output.join(part)) else { continue };
        let is_same = id(&part).is_some_and(|part| Some(part) == id(&run.join(&table.file)));
        let listed = PageFile { file: table.file.clone(), seal: table.seal() };
        if let Some(why) = (!is_same).then(|| check_file(&part, &listed).err()).flatten() {
            report.faults.push(format!("`{}`: {why}", part.display()));
        }
    }
}

/// Visible files in the partitions of the tables that no manifest lists.
fn check_for_stray_parts(output: &Path, listed: &BTreeSet<String>, report: &mut VerifyReport) {
    for table in visible_names(output).unwrap_or_default() {
        if table == tables::RUNS || !parts::is_table(&output.join(&table)) {
            continue;
        }
        for date in visible_names(&output.join(&table)).unwrap_or_default() {
            let names = visible_names(&output.join(&table).join(&date)).unwrap_or_default();
            let paths = names.iter().filter(|name| !strangers::is_machine_made(name));
            let stray = paths.map(|name| format!("{table}/{date}/{name}")).filter(|path| !listed.contains(path));
            let faults = stray.map(|path| format!("`{}`: not in a manifest", output.join(path).display()));
            report.faults.extend(faults);
        }
    }
}

fn check_file(path: &Path, listed: &PageFile) -> std::result::Result<(), String> {
    let metadata = fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("not a regular file".into());
    }
    if metadata.len() != listed.seal.bytes {
        return Err(format!("has {} bytes, the manifest says {}", metadata.len(), listed.seal.bytes));
    }
    let seal = File::open(path).and_then(seal_of).map_err(|error: io::Error| error.to_string())?;
    if seal == listed.seal {
        return Ok(());
    }
    Err(format!("has the SHA-256 {}, the manifest says {}", seal.sha256, listed.seal.sha256))
}
