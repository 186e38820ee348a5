//! The output directory: what it may contain before, and how finished files get their names.
//!
//! Every file is written under a name that no reader takes for data, and all files get their final names at the end. So
//! a simulation that is killed leaves no file `*.parquet`, whole or half. Does not live here: the contents.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The suffix of an unfinished file.
const UNFINISHED: &str = "tmp";

/// The files of one simulation, from the unfinished names to the final ones.
#[derive(Debug)]
pub(super) struct Staged {
    output: PathBuf,
    /// Final paths.
    paths: Vec<PathBuf>,
    /// Files of an earlier simulation, which are removed when the new ones are published.
    replaced: Vec<PathBuf>,
    is_published: bool,
}

impl Staged {
    /// Makes the directories for `paths` below `output`.
    ///
    /// # Errors
    /// `config` where `output` holds Parquet files that may not be replaced; `write` where no directory can be made.
    pub(super) fn prepare<'p>(
        output: &Path,
        paths: impl Iterator<Item = &'p PathBuf>,
        overwrite: bool,
    ) -> Result<Self> {
        let mut replaced = Vec::new();
        if output.exists() {
            collect_parquet_files(output, &mut replaced).map_err(|cause| failed(output, "read", cause))?;
        }
        let foreign: Vec<&PathBuf> = replaced.iter().filter(|path| !overwrite || !is_ours(output, path)).collect();
        if !foreign.is_empty() {
            return Err(occupied(output, &foreign, overwrite));
        }
        let paths: Vec<PathBuf> = paths.map(|path| output.join(path)).collect();
        for path in &paths {
            let directory = path.parent().unwrap_or(output);
            fs::create_dir_all(directory).map_err(|cause| failed(directory, "made", cause))?;
        }
        Ok(Self { output: output.to_path_buf(), paths, replaced, is_published: false })
    }

    /// Where the file with this number is to be written.
    pub(super) fn unfinished(&self, number: usize) -> PathBuf {
        let mut path = self.paths[number].clone();
        path.add_extension(UNFINISHED);
        path
    }

    /// Removes the files that are replaced, then gives every file its final name.
    pub(super) fn publish(mut self) -> Result<Vec<PathBuf>> {
        for path in &self.replaced {
            fs::remove_file(path).map_err(|cause| failed(path, "replaced", cause))?;
        }
        for (number, path) in self.paths.iter().enumerate() {
            fs::rename(self.unfinished(number), path).map_err(|cause| failed(path, "written", cause))?;
        }
        self.is_published = true;
        for directory in self.replaced.iter().filter_map(|path| path.parent()).filter(|path| *path != self.output) {
            // A month without files; the call fails for the others, as it should.
            let _ = fs::remove_dir(directory);
        }
        Ok(std::mem::take(&mut self.paths))
    }
}

impl Drop for Staged {
    /// After an error the unfinished files are removed; those that cannot be are named as unfinished anyway.
    fn drop(&mut self) {
        if !self.is_published {
            for number in 0..self.paths.len() {
                let _ = fs::remove_file(self.unfinished(number));
            }
        }
    }
}

fn collect_parquet_files(directory: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect_parquet_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

/// Whether a file has a name that a simulation gives: `part-0.parquet`, at the top or in one `month=2026-01`.
fn is_ours(output: &Path, path: &Path) -> bool {
    let inner = path.strip_prefix(output).unwrap_or(path);
    let names: Vec<&str> = inner.iter().map(|name| OsStr::to_str(name).unwrap_or("")).collect();
    let is_part = |name: &str| {
        let number = name.strip_prefix("part-").and_then(|rest| rest.strip_suffix(".parquet"));
        number.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
    };
    match names[..] {
        [name] => is_part(name),
        [month, name] => {
            let month = month.strip_prefix("month=").and_then(|month| month.split_once('-'));
            let is_month = month.is_some_and(|(year, month)| {
                [(year, 4), (month, 2)].iter().all(|(n, len)| n.len() == *len && n.parse::<u16>().is_ok())
            });
            is_month && is_part(name)
        }
        _ => false,
    }
}

fn occupied(output: &Path, files: &[&PathBuf], overwrite: bool) -> Error {
    let headline = format!("`{}` already holds Parquet files", output.display());
    let hint = if overwrite {
        "these were not made by a simulation and are not replaced: choose another directory"
    } else {
        "choose another directory, or overwrite what an earlier simulation left"
    };
    Error::config(headline).causes(files.iter().map(|path| format!("`{}`", path.display()))).hint(hint)
}

fn failed(path: &Path, done: &str, cause: impl std::fmt::Display) -> Error {
    Error::write(format!("`{}` cannot be {done}", path.display())).cause(cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn prepare(output: &Path, overwrite: bool) -> Result<Staged> {
        let paths = [PathBuf::from("month=2026-01/part-0.parquet"), PathBuf::from("month=2026-02/part-0.parquet")];
        Staged::prepare(output, paths.iter(), overwrite)
    }

    fn write_unfinished(staged: &Staged) {
        (0..2).for_each(|number| fs::write(staged.unfinished(number), "new").expect("a file"));
    }

    fn parquet_files(output: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect_parquet_files(output, &mut found).expect("the directory");
        found
    }

    #[test]
    fn nothing_has_a_parquet_name_before_publishing() {
        let output = tempfile::tempdir().expect("a directory");
        let staged = prepare(output.path(), false).expect("an empty directory");
        write_unfinished(&staged);
        assert!(parquet_files(output.path()).is_empty());
        let published = staged.publish().expect("published");
        assert_eq!(published, parquet_files(output.path()));
        assert_eq!(published.len(), 2);
        let left = fs::read_dir(output.path().join("month=2026-01")).expect("the directory").count();
        assert_eq!(left, 1, "no unfinished file is left");
    }

    #[test]
    fn giving_up_removes_the_unfinished_files() {
        let output = tempfile::tempdir().expect("a directory");
        let staged = prepare(output.path(), false).expect("an empty directory");
        write_unfinished(&staged);
        drop(staged);
        assert_eq!(fs::read_dir(output.path().join("month=2026-01")).expect("the directory").count(), 0);
    }

    #[test]
    fn an_earlier_simulation_is_replaced_only_when_asked() {
        let output = tempfile::tempdir().expect("a directory");
        let old = output.path().join("month=2025-12");
        fs::create_dir(&old).expect("a directory");
        fs::write(old.join("part-03.parquet"), "old").expect("a file");
        let refused = prepare(output.path(), false).expect_err("it holds a file");
        assert_eq!(refused.kind(), Kind::Config);
        assert!(refused.to_string().contains("part-03.parquet"), "{refused}");
        let staged = prepare(output.path(), true).expect("it is asked for");
        write_unfinished(&staged);
        assert!(old.join("part-03.parquet").exists(), "the old stays until the new is there");
        staged.publish().expect("published");
        assert!(!old.exists());
        assert_eq!(parquet_files(output.path()).len(), 2);
    }

    #[test]
    fn files_of_others_are_never_replaced() {
        for name in ["sales.parquet", "part-x.parquet", "part-.parquet", "deep/er/part-0.parquet", "x/part-0.parquet"] {
            let output = tempfile::tempdir().expect("a directory");
            let path = output.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
            fs::write(&path, "mine").expect("a file");
            assert!(prepare(output.path(), true).is_err(), "{name}");
            assert!(path.exists(), "{name}");
        }
    }

    #[test]
    fn a_file_instead_of_the_directory_is_an_error() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert_eq!(prepare(file.path(), true).expect_err("not a directory").kind(), Kind::Write);
    }
}
