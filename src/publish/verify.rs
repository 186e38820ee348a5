//! Is what was published still what was published?
//!
//! Lives here: files against the checksums in their manifest. Does not live here: what the numbers mean.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{strangers, target};
use crate::error::{Error, Result};
use crate::files::checksum::seal_of;
use crate::files::directory::visible_names;
use crate::files::system_error::os_error;
use crate::manifest::tables::{self, MANIFEST, PageFile};

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
    let mut report = VerifyReport { runs: runs_in(directory)?, ..VerifyReport::default() };
    for run in report.runs.clone() {
        check_run(&run, &mut report);
    }
    Ok(report)
}

fn runs_in(directory: &Path) -> Result<Vec<PathBuf>> {
    let is_date = |path: &Path| path.file_name().is_some_and(|name| target::date_of(&name.to_string_lossy()).is_some());
    if tables::stands_in(directory) || (directory.is_dir() && is_date(directory)) {
        return Ok(vec![directory.to_owned()]);
    }
    if !directory.exists() {
        return Err(Error::write(format!("`{}` does not exist", directory.display()))
            .hint("name an output, or one of its `as_of=YYYY-MM-DD` directories"));
    }
    let names = visible_names(directory).map_err(|error| os_error("listed", directory, &error))?;
    let runs: Vec<PathBuf> = names
        .iter()
        .map(|name| directory.join(name))
        .filter(|path| is_date(path) && !strangers::is_empty(path))
        .collect();
    if runs.is_empty() {
        return Err(Error::config(format!("`{}` holds no published run", directory.display()))
            .hint("name an output, or one of its `as_of=YYYY-MM-DD` directories"));
    }
    Ok(runs)
}

fn check_run(run: &Path, report: &mut VerifyReport) {
    let files = match tables::read_files(run) {
        Ok(files) => files,
        Err(why) => return report.faults.push(format!("`{}`: {why}", run.join(MANIFEST).display())),
    };
    for listed in &files {
        if let Err(why) = check_file(&run.join(&listed.file), listed, report) {
            report.faults.push(format!("`{}`: {why}", run.join(&listed.file).display()));
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
}

fn check_file(path: &Path, listed: &PageFile, report: &mut VerifyReport) -> std::result::Result<(), String> {
    let metadata = fs::symlink_metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("not a regular file".into());
    }
    if metadata.len() != listed.seal.bytes {
        return Err(format!("has {} bytes, the manifest says {}", metadata.len(), listed.seal.bytes));
    }
    let seal = File::open(path).and_then(seal_of).map_err(|error: io::Error| error.to_string())?;
    report.files += 1;
    report.bytes += seal.bytes;
    if seal == listed.seal {
        return Ok(());
    }
    Err(format!("has the SHA-256 {}, the manifest says {}", seal.sha256, listed.seal.sha256))
}
