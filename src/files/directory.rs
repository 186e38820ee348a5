//! Directories: listed, made durable, removed while empty, and file systems that cannot do all of it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::Dir;
use rustix::io::Errno;

use super::system_error::os_error;
use crate::error::Result;

/// Makes the names in `directory` durable.
///
/// Some file systems cannot sync a directory and say so with EINVAL, EBADF or EOPNOTSUPP; like `PostgreSQL`
/// (`fsync_fname_ext`) and git (`fsync_or_die`) we go on there, since they order names by other means or not at all.
pub(crate) fn sync_directory(directory: &Path) -> Result<()> {
    match File::open(directory).and_then(|opened| opened.sync_all()) {
        Err(error) if !is_unable(&error) => Err(os_error("synced", directory, &error)),
        _ => Ok(()),
    }
}

fn is_unable(error: &io::Error) -> bool {
    let unable = [Errno::INVAL, Errno::BADF, Errno::OPNOTSUPP].map(|errno| Some(errno.raw_os_error()));
    unable.contains(&error.raw_os_error())
}

/// File systems without Unix modes (FAT, some shares) refuse to set them even for the owner. Nothing is lost there but
/// what they do not have.
pub(crate) fn tolerate_no_modes(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported) => Ok(()),
        other => other,
    }
}

/// The names in `directory`, sorted.
///
/// Not `std::fs::read_dir`, which panics if the system reports an error when the directory is closed, as
/// network file systems may.
pub(crate) fn names_in(directory: &Path) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::new(File::open(directory)?)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(OsStr::from_bytes(name).to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The names in `directory` that do not begin with a dot, sorted and as text.
pub(crate) fn visible_names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = names_in(directory)?;
    names.retain(|name| !name.as_bytes().starts_with(b"."));
    Ok(names.iter().map(|name| name.to_string_lossy().into_owned()).collect())
}

/// Only those that are empty, which the system checks; what cannot be removed stays, and is not a failure.
pub(crate) fn remove_empty(made: &[PathBuf]) {
    let _ = made.iter().try_for_each(fs::remove_dir);
}
