//! Directories: made durable, removed while empty, and file systems that cannot do all of it.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

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

/// Only those that are empty, which the system checks; what cannot be removed stays, and is not a failure.
pub(crate) fn remove_empty(made: &[PathBuf]) {
    let _ = made.iter().try_for_each(fs::remove_dir);
}
