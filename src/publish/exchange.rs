//! The publication: from a staged directory to the published one, in one step that cannot be half done.
//!
//! Lives here: the order of writes, syncs and renames. Does not live here: what is staged (`staging.rs`).
//!
//! The order, and what each step is for:
//! 1. every table is sealed: its bytes are on the disk before any name that readers use leads to them;
//! 2. the manifest is written last and synced: a directory with a manifest is complete;
//! 3. the mark is removed, the mode opened, the directory synced: its names are on the disk;
//! 4. the exchange: one system call (`renameat2` with `RENAME_EXCHANGE`) swaps the new directory with the
//!    old one, so a reader finds the old or the new one, never none; the first publication is one rename;
//! 5. the output is synced, and its parent if the other name of the exchange is there: from now on the new result
//!    survives a loss of power, under one name only;
//! 6. only now is the old result removed, which has the staging name: next to the output, where no pattern over
//!    the output finds it, unless it had to be staged inside (`hidden_directories.rs`). A failure here is a warning.
//!
//! Where directories cannot be renamed at all (the lower layer of an overlay file system), the old one is copied aside and
//! removed (`copy_aside.rs`).
//!
//! Where the file system cannot exchange (NFS, some FUSE), step 4 is two renames: the old directory is moved aside to a
//! hidden name, and the new one takes its name. Between the two there is no result for a moment, and a run killed at
//! that moment leaves none; the next run puts the old one back (`leftovers.rs`).
//!
//! A reader that opened the old directory keeps a consistent view only of the files that it has opened: they are
//! unlinked in step 6. On a missing file it should open the directory again.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use serde_json::Value;

use super::copy_aside;
use super::hidden_directories::Hidden;
use super::leftovers::MARK;
use super::options::Layout;
use super::parts::Parts;
use super::staging::Staging;
use super::target;
use crate::error::{Error, Result};
use crate::files::FileSeal;
use crate::files::directory::{names_in, sync_directory, tolerate_no_modes};
use crate::files::system_error::os_error;
use crate::manifest::tables::{self, MANIFEST};
use crate::publish::unfinished;

/// How a published directory is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// In one step; by moving the old directory aside where the system cannot exchange.
    Exchange,
    /// In two steps. Chosen by tests only.
    #[cfg_attr(not(test), expect(dead_code, reason = "file systems that need it are found out by trying"))]
    Aside,
    /// By a copy of the old directory. Chosen by tests only.
    #[cfg_attr(not(test), expect(dead_code, reason = "file systems that need it are found out by trying"))]
    Copy,
}

impl Staging {
    /// Publishes what is staged as the run of its date, replacing what was published for it before.
    ///
    /// `manifest` is an object with a list `tables` of one [`crate::manifest::tables::TableFile`] per staged file; every
    /// file must have been sealed. Returns the published directory.
    ///
    /// # Errors
    /// A bug if the manifest does not describe the staged files; `config` or `write` if the published directory must
    /// not be or cannot be replaced. After any error but one, the earlier result remains; that one says in its headline
    /// that the new result is in place but the disk has not confirmed it.
    pub fn publish(self, manifest: &Value) -> Result<PathBuf> {
        self.publish_by(Way::Exchange, manifest)
    }

    pub(crate) fn publish_by(mut self, way: Way, manifest: &Value) -> Result<PathBuf> {
        let published = self.name.path(&self.output, self.options.layout);
        self.check(manifest)?;
        target::refuse_foreign_inside(&published)?;
        self.write_manifest(manifest)?;
        self.open_to_readers().map_err(|error| os_error("opened to readers", &self.directory, &error))?;
        sync_directory(&self.directory)?;
        self.swap_in(way, &published)?;
        Ok(published)
    }

    /// The manifest, the seals and the files must agree, so that the published files can be verified later.
    fn check(&self, manifest: &Value) -> Result<()> {
        let broken = |why: String| Error::bug("the manifest does not describe the staged files").cause(why);
        let files = tables::files_of(manifest).map_err(broken)?;
        let sealed = self.seals.lock().unwrap_or_else(PoisonError::into_inner);
        let listed: Vec<(&String, &FileSeal)> = files.iter().map(|listed| (&listed.file, &listed.seal)).collect();
        for (file, seal) in &listed {
            if sealed.get(*file) != Some(*seal) {
                return Err(broken(format!("`{file}` was not sealed as the manifest says")));
            }
        }
        let names = names_in(&self.directory).map_err(|error| os_error("listed", &self.directory, &error))?;
        for name in names.iter().map(|name| name.to_string_lossy()) {
            if name != MARK && !listed.iter().any(|(file, _)| **file == name) {
                return Err(broken(format!("`{name}` is staged but not listed")));
            }
        }
        Ok(())
    }

    fn write_manifest(&self, manifest: &Value) -> Result<()> {
        let path = self.directory.join(MANIFEST);
        let write = || -> io::Result<()> {
            let mut text = serde_json::to_vec_pretty(manifest)?;
            text.push(b'\n');
            let mut file = OpenOptions::new().write(true).create_new(true).mode(self.modes.file).open(&path)?;
            file.write_all(&text)?;
            self.settle(&file)
        };
        write().map_err(|error| os_error("written", &path, &error))
    }

    fn open_to_readers(&self) -> io::Result<()> {
        fs::remove_file(self.directory.join(MARK))?;
        tolerate_no_modes(fs::set_permissions(&self.directory, Permissions::from_mode(self.modes.directory)))
    }

    /// Steps 4 and 5. A signal waits until both are done.
    fn swap_in(&mut self, way: Way, published: &Path) -> Result<()> {
        let mut live = unfinished::hold();
        let aside = self.home.new_path(Hidden::Aside, &self.name);
        let put_in = || replace(way, &self.directory, published, &aside);
        let take_out = || {
            let is_swapped = fs::symlink_metadata(&self.directory).is_ok();
            if is_swapped { put_in() } else { fs::rename(published, &self.directory) }
        };
        let date = self.name.date().filter(|_| self.options.layout == Layout::ByTable);
        let parts = date.map(|as_of| Parts::new(&self.output, as_of));
        let ready = parts.as_ref().map(|parts| parts.publish(&self.directory, put_in, take_out)).transpose()?;
        if ready.is_none() {
            put_in().map_err(|error| os_error("replaced", published, &error))?;
        }
        let homes = [self.output.as_path(), self.home.directory()];
        let synced = homes.into_iter().try_for_each(sync_directory);
        let synced = synced.and_then(|()| parts.iter().zip(&ready).try_for_each(|(parts, ready)| parts.settle(ready)));
        synced.map_err(|error| {
            // A loss of power may bring the old directory back under its old name, or under ours: keep it.
            self.is_kept = true;
            live.staging.remove(&self.directory);
            Error::write(format!("`{}` is published, but the disk has not confirmed it", published.display()))
                .causes(error.shown_causes())
                .hint("run again; until then a loss of power may bring the earlier result back")
        })
    }
}

/// Moves `staged` to `published`; what was there before is then at `staged`.
fn replace(way: Way, staged: &Path, published: &Path, aside: &Path) -> io::Result<()> {
    if fs::symlink_metadata(published).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return fs::rename(staged, published);
    }
    let moved = match way {
        Way::Exchange => match renameat_with(CWD, staged, CWD, published, RenameFlags::EXCHANGE) {
            // The errors of file systems and kernels that do not support the exchange (renameat2(2)).
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => step_aside(staged, published, aside),
            other => other.map_err(io::Error::from),
        },
        Way::Aside => step_aside(staged, published, aside),
        Way::Copy => Err(Errno::XDEV.into()),
    };
    match moved {
        // Overlay file systems say so of a directory of their lower layer; nothing has been moved then.
        Err(error) if error.kind() == ErrorKind::CrossesDevices => copy_aside::replace(staged, published, aside),
        moved => moved,
    }
}

/// The second way. The hidden name of the old directory shows at every moment whether it is needed: `aside` until the
/// new one is in, then a staging name, which marks it for removal.
fn step_aside(staged: &Path, published: &Path, aside: &Path) -> io::Result<()> {
    fs::rename(published, aside)?;
    if let Err(error) = fs::rename(staged, published) {
        // If even this fails, the next run does it.
        let _ = fs::rename(aside, published);
        return Err(error);
    }
    fs::rename(aside, staged)
}
