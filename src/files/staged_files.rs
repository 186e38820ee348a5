//! Files that appear all together, or not at all: written under a hidden name, and renamed when they are complete.
//!
//! Does not live here: what is written, and the output of runs (`publish`).

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::directory::sync_directory;
use super::system_error::os_error;
use crate::error::{Error, Result};

/// A file, or a directory of files, that is being written.
#[derive(Debug)]
pub(crate) struct StagedFiles {
    /// Where it will be.
    target: PathBuf,
    /// A hidden directory next to it.
    hidden: PathBuf,
    /// The name of the one file in the hidden directory that is published; none where the directory is.
    file: Option<PathBuf>,
    replaces: bool,
}

impl StagedFiles {
    /// One file at `target`; an earlier one is replaced where `replaces` says so.
    ///
    /// # Errors
    /// A config error where the target exists; a write error where nothing can be written next to it.
    pub(crate) fn file(target: &Path, replaces: bool) -> Result<Self> {
        let name = target.file_name().ok_or_else(|| {
            Error::config(format!("`{}` is no name of a file", target.display())).hint("write -o customers.csv")
        })?;
        if target.is_dir() || (!replaces && fs::symlink_metadata(target).is_ok()) {
            return Err(exists(target));
        }
        let mut staged = Self::hidden(target, replaces)?;
        staged.file = Some(staged.hidden.join(name));
        Ok(staged)
    }

    /// A directory of files at `target`, which must not exist.
    ///
    /// # Errors
    /// As [`StagedFiles::file`].
    pub(crate) fn directory(target: &Path) -> Result<Self> {
        if fs::symlink_metadata(target).is_ok() {
            return Err(exists(target));
        }
        Self::hidden(target, false)
    }

    fn hidden(target: &Path, replaces: bool) -> Result<Self> {
        let absolute = std::path::absolute(target).map_err(|error| os_error("written", target, &error))?;
        let name = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let parent = absolute.parent().unwrap_or(Path::new("/"));
        let hidden = parent.join(format!(".{name}.rfmetrics-{}", std::process::id()));
        fs::create_dir(&hidden).map_err(|error| os_error("created", &hidden, &error))?;
        Ok(Self { target: absolute, hidden, file: None, replaces })
    }

    /// Where a file is written.
    #[must_use]
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.file.clone().unwrap_or_else(|| self.hidden.join(name))
    }

    /// Makes a file.
    ///
    /// # Errors
    /// A write error where it cannot be made.
    pub(crate) fn create(&self, name: &str) -> Result<BufWriter<File>> {
        let path = self.path(name);
        let file = File::create_new(&path).map_err(|error| os_error("created", &path, &error))?;
        Ok(BufWriter::with_capacity(1 << 16, file))
    }

    /// Makes what was written durable.
    ///
    /// # Errors
    /// A write error where the disk refuses.
    pub(crate) fn settle(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        File::open(&path).and_then(|file| file.sync_all()).map_err(|error| os_error("written", &path, &error))
    }

    /// Gives everything its name.
    ///
    /// # Errors
    /// A config error where somebody else has made the target meanwhile; a write error where it cannot be renamed.
    pub(crate) fn publish(self) -> Result<PathBuf> {
        let from = self.file.as_ref().unwrap_or(&self.hidden);
        let renamed = if self.replaces { fs::rename(from, &self.target) } else { rename_new(from, &self.target) };
        renamed.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => exists(&self.target),
            _ => os_error("written", &self.target, &error),
        })?;
        sync_directory(self.target.parent().unwrap_or(Path::new("/")))?;
        Ok(self.target.clone())
    }
}

impl Drop for StagedFiles {
    /// What is left under the hidden name.
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.hidden);
    }
}

/// Never in the place of something: where the file system cannot say so, it is looked for first.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if fs::symlink_metadata(to).is_err() => {
            fs::rename(from, to)
        }
        Err(error) => Err(error.into()),
    }
}

fn exists(target: &Path) -> Error {
    Error::config(format!("`{}` exists already", target.display()))
        .hint("choose another name, or say --overwrite for a file")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_appears_when_it_is_whole_and_leaves_nothing_when_it_is_not() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("a.csv");
        let staged = StagedFiles::file(&target, false).unwrap();
        staged.create("").unwrap().write_all(b"x").unwrap();
        assert!(!target.exists());
        drop(staged);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
        let staged = StagedFiles::file(&target, false).unwrap();
        staged.create("").unwrap().write_all(b"x").unwrap();
        staged.settle("").unwrap();
        staged.publish().unwrap();
        assert_eq!((fs::read(&target).unwrap(), fs::read_dir(root.path()).unwrap().count()), (b"x".to_vec(), 1));
        assert!(StagedFiles::file(&target, false).unwrap_err().to_string().contains("exists"));
        let staged = StagedFiles::file(&target, true).unwrap();
        staged.create("").unwrap().write_all(b"y").unwrap();
        staged.publish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"y");
    }

    #[test]
    fn a_directory_appears_as_a_whole() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("lists");
        let staged = StagedFiles::directory(&target).unwrap();
        staged.create("a.csv").unwrap();
        staged.create("b.csv").unwrap();
        staged.publish().unwrap();
        assert_eq!(fs::read_dir(&target).unwrap().count(), 2);
        assert!(StagedFiles::directory(&target).is_err());
    }
}
