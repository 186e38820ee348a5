//! Replacing a directory that cannot be renamed, as those of the lower layer of an overlay file system (EXDEV).
//!
//! The old directory is copied aside before it is removed, so that a run that is killed at any moment leaves either the old
//! directory, or its copy under a hidden name that the next run puts back (`leftovers`):
//! 1. copy every file of the old directory to the hidden one, the manifest last: a hidden directory with a manifest is whole;
//! 2. remove the manifest of the old directory and then its other files: without a manifest it is no result;
//! 3. rename the new directory to its place, and the copy to the name of rubbish.
//!
//! Does not live here: the usual ways (`exchange`).

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use super::leftovers::{self, MARK};
use crate::files::directory::{names_in, sync_directory};
use crate::manifest::tables::MANIFEST;

/// Moves `staged` to `published`; a copy of what was there before is then at `staged`.
pub(crate) fn replace(staged: &Path, published: &Path, aside: &Path) -> io::Result<()> {
    if let Err(error) = copy(published, aside) {
        let _ = leftovers::remove(aside);
        return Err(error);
    }
    let moved = remove_manifest_first(published).and_then(|()| fs::rename(staged, published));
    if let Err(error) = moved {
        // If even this fails, the next run does it.
        let _ = remove_manifest_first(published).and_then(|()| fs::rename(aside, published));
        return Err(error);
    }
    fs::rename(aside, staged)
}

/// Copies the files of a directory to a new one, durably. Nothing of ours is in directories below it.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(to)?;
    File::create_new(to.join(MARK))?;
    let names = names_in(from)?;
    let (manifest, others): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| name == MANIFEST);
    for name in others.iter().chain(&manifest) {
        let source = from.join(name);
        if fs::symlink_metadata(&source)?.is_file() {
            let target = to.join(name);
            fs::copy(&source, &target)?;
            File::open(&target)?.sync_all()?;
        }
    }
    fs::remove_file(to.join(MARK))?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    let durable = sync_directory(to).and_then(|()| to.parent().map_or(Ok(()), sync_directory));
    durable.map_err(|error| io::Error::other(error.headline()))
}

/// Removes a published directory; what is left of it at any moment has no manifest.
pub(crate) fn remove_manifest_first(published: &Path) -> io::Result<()> {
    match fs::remove_file(published.join(MANIFEST)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let synced = File::open(published).and_then(|directory| directory.sync_all());
    match synced {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        // That a file system cannot sync a directory is no reason to stop.
        _ => leftovers::remove(published),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(path: &Path, text: &str) {
        fs::create_dir(path).unwrap();
        fs::write(path.join(MANIFEST), text).unwrap();
        fs::write(path.join("t.parquet"), text).unwrap();
    }

    #[test]
    fn the_new_directory_is_in_place_and_the_old_one_is_rubbish() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        directory(&path("published"), "old");
        directory(&path("staged"), "new");
        replace(&path("staged"), &path("published"), &path("aside")).unwrap();
        assert_eq!(fs::read_to_string(path("published").join("t.parquet")).unwrap(), "new");
        assert_eq!(fs::read_to_string(path("staged").join(MANIFEST)).unwrap(), "old");
        assert!(!path("aside").exists());
    }

    #[test]
    fn what_cannot_be_replaced_stays() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        directory(&path("published"), "old");
        replace(&path("missing"), &path("published"), &path("aside")).unwrap_err();
        assert_eq!(fs::read_to_string(path("published").join("t.parquet")).unwrap(), "old");
        assert!(!path("aside").exists());
    }
}
