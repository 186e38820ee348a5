//! The private directory in which a run is written before any reader can see it.
//!
//! Lives here: making it, sealing the files that callers write into it, removing it. Does not live here: writing
//! tables, and the publication (`exchange.rs`).

use crate::files::directory::tolerate_no_modes;
use crate::files::modes::group_may_write;
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufWriter};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::claim::Hold;
use super::hidden_directories::{Hidden, Home};
use super::leftovers::{self, MARK};
use super::options::{Layout, OutputOptions};
use super::parts;
use super::published_name::PublishedName;
use crate::error::{Error, Result};
use crate::files::system_error::os_error;
use crate::files::{ChecksumWriter, FileSeal, checksum};
use crate::manifest::tables::{self, TableFile};
use crate::publish::unfinished;

/// A directory next to the output or inside it, hidden and readable by its owner only. It removes itself when dropped.
#[derive(Debug)]
pub struct Staging {
    pub(crate) output: PathBuf,
    pub(crate) options: OutputOptions,
    pub(crate) name: PublishedName,
    /// Where the hidden directories of this run are.
    pub(crate) home: Home,
    pub(crate) directory: PathBuf,
    pub(crate) modes: Modes,
    /// What was sealed, by file name.
    pub(crate) seals: Mutex<BTreeMap<String, FileSeal>>,
    /// Leave the directory to the next run.
    pub(crate) is_kept: bool,
    _hold: Arc<Hold>,
}

/// The modes of published files and directories.
///
/// They follow the umask, except that others may never write, nor the group where others could: 0664 and 0775 less the umask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Modes {
    pub(crate) file: u32,
    pub(crate) directory: u32,
}

/// What the owner needs, whatever the umask says.
const OWNER: Modes = Modes { file: 0o600, directory: 0o700 };

impl Modes {
    /// The umask cannot be read without changing it for all threads: a new file shows what is left of 0664.
    fn of(new_file: u32, directory: u32) -> Self {
        let (shared, readable) = (new_file & 0o064, new_file & 0o044);
        let inherited = directory & 0o7000;
        Self { file: OWNER.file | shared, directory: inherited | OWNER.directory | shared | (readable >> 2) }
    }
}

impl Staging {
    pub(crate) fn create(output: &Path, options: &OutputOptions, name: PublishedName, hold: Arc<Hold>) -> Result<Self> {
        // Held over all steps, so that a signal finds either no directory or a registered one.
        let mut live = unfinished::hold();
        let (home, directory) = make(output, &name)?;
        live.staging.insert(directory.clone());
        drop(live);
        let (output, options, seals) = (output.to_owned(), options.clone(), Mutex::new(BTreeMap::new()));
        let mut staging =
            Self { output, options, name, home, directory, modes: OWNER, seals, is_kept: false, _hold: hold };
        let mark = staging.directory.join(MARK);
        staging.modes = leave_mark(&staging.directory, &mark).map_err(|error| os_error("written", &mark, &error))?;
        Ok(staging)
    }

    /// The settings of the output.
    #[must_use]
    pub const fn options(&self) -> &OutputOptions {
        &self.options
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// Where the caller writes `table` (a plain name such as `customers`).
    #[must_use]
    pub fn file(&self, table: &str) -> PathBuf {
        self.directory.join(tables::file_name(table))
    }

    /// The entry of a table in the manifest, with the path at which query engines find it, where the layout gives it one.
    #[must_use]
    pub fn placed(&self, entry: TableFile) -> TableFile {
        let part = (self.options.layout == Layout::ByTable)
            .then_some(self.name.date())
            .flatten()
            .map(|as_of| parts::path_of(&entry.name, as_of));
        TableFile { part, ..entry }
    }

    /// Writes and seals a page, a file of another name than those of tables.
    ///
    /// # Errors
    /// `write` if the disk refuses it.
    pub fn write_page(&self, name: &str, text: &str) -> Result<FileSeal> {
        let path = self.directory.join(name);
        let written = fs::write(&path, text).and_then(|()| File::open(&path)).and_then(|file| {
            let seal = checksum::seal_of(&file)?;
            self.settle(&file)?;
            Ok(seal)
        });
        let seal = written.map_err(|error| os_error("written", &path, &error))?;
        self.seals.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), seal.clone());
        Ok(seal)
    }

    /// Seals the finished file of `table`: reads it for its checksum, sets its mode, and makes it durable.
    ///
    /// # Errors
    /// `write` if the file is missing or the disk refuses it: delayed failures of earlier writes show here.
    pub fn seal(&self, table: &str) -> Result<FileSeal> {
        let path = self.file(table);
        let sealed = File::open(&path).and_then(|file| {
            let seal = checksum::seal_of(&file)?;
            self.settle(&file)?;
            Ok(seal)
        });
        let seal = sealed.map_err(|error| os_error("sealed", &path, &error))?;
        self.record(&tables::file_name(table), seal.clone());
        Ok(seal)
    }

    /// Seals the file of `table` without reading it again: the caller has its checksum from a
    /// [`crate::files::ChecksumWriter`].
    ///
    /// # Errors
    /// `write` as in [`Staging::seal`]; a bug if the size is not that of the file.
    pub fn seal_as(&self, table: &str, seal: FileSeal) -> Result<()> {
        self.seal_file(&tables::file_name(table), seal)
    }

    /// Seals many tables at once, on all cores; the seals come in the order of `tables`.
    ///
    /// # Errors
    /// That of the first table that cannot be sealed.
    pub fn seal_all<T: AsRef<str> + Sync>(&self, tables: &[T]) -> Result<Vec<FileSeal>> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some((index, table)) = following(&next, tables) {
                done.push((index, self.seal(table.as_ref())));
            }
            done
        };
        let threads = thread::available_parallelism().map_or(1, usize::from).min(tables.len());
        let mut done = thread::scope(|scope| {
            // A thread that cannot be started is not needed: the others do its share.
            let start = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
            let helpers: Vec<_> = (1..threads).filter_map(start).collect();
            let mut done = work();
            for helper in helpers {
                done.extend(helper.join().map_err(|_| Error::bug("a thread that sums files has panicked"))?);
            }
            Ok::<_, Error>(done)
        })?;
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, seal)| seal).collect()
    }

    /// Mode first, then fsync, so that the mode is durable too. fsync on this new handle also reports failures of
    /// writes made through the writer's handle: Linux (4.13 and later) reports each error to the next fsync of the file
    /// if no earlier one has reported it (fsync(2)).
    pub(crate) fn settle(&self, file: &File) -> io::Result<()> {
        tolerate_no_modes(file.set_permissions(Permissions::from_mode(self.modes.file)))?;
        file.sync_all()
    }

    /// Where the caller writes a file that is no table, such as `targets.csv`.
    #[must_use]
    pub fn other_file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Makes such a file; what is written to it is summed.
    ///
    /// # Errors
    /// `write` if it cannot be made.
    pub fn create_other(&self, name: &str) -> Result<ChecksumWriter<BufWriter<File>>> {
        let path = self.other_file(name);
        let file = File::create_new(&path).map_err(|error| os_error("created", &path, &error))?;
        Ok(ChecksumWriter::new(BufWriter::new(file)))
    }

    /// As [`Staging::seal_as`], for a file that is no table.
    ///
    /// # Errors
    /// As [`Staging::seal_as`].
    pub fn seal_other_as(&self, name: &str, seal: FileSeal) -> Result<()> {
        self.seal_file(name, seal)
    }

    fn seal_file(&self, name: &str, seal: FileSeal) -> Result<()> {
        let path = self.directory.join(name);
        let settled = File::open(&path).and_then(|file| {
            self.settle(&file)?;
            file.metadata()
        });
        let bytes = settled.map_err(|error| os_error("sealed", &path, &error))?.len();
        if bytes != seal.bytes {
            return Err(Error::bug(format!("`{}` has {bytes} bytes, but {} were summed", path.display(), seal.bytes)));
        }
        self.record(name, seal);
        Ok(())
    }

    fn record(&self, file: &str, seal: FileSeal) {
        self.seals.lock().unwrap_or_else(PoisonError::into_inner).insert(file.to_owned(), seal);
    }
}

impl Drop for Staging {
    /// Removes whatever now has the hidden name: an unfinished run, or the one that was replaced. Waits for ever if a
    /// signal is being handled, so that this thread does not report a failure that is only the removal of its files.
    fn drop(&mut self) {
        let mut live = unfinished::hold();
        if !self.is_kept {
            leftovers::remove_or_warn(&self.directory);
        }
        live.staging.remove(&self.directory);
    }
}

/// Makes the directory inside the output, and moves it next to the output if that is possible.
///
/// The move itself shows whether both are on one file system and whether we may write in the parent; then the way back,
/// which publishes, is open too. Group, access lists and labels are those that a directory made inside the output gets,
/// which is where it will be published.
fn make(output: &Path, name: &PublishedName) -> Result<(Home, PathBuf)> {
    let inside = Home::inside(output);
    let directory = inside.new_path(Hidden::Staging, name);
    DirBuilder::new().mode(0o700).create(&directory).map_err(|error| os_error("created", &directory, &error))?;
    let Some(beside) = Home::beside(output) else { return Ok((inside, directory)) };
    let moved = beside.new_path(Hidden::Staging, name);
    // A parent that cannot be read could be neither synced nor searched for leftovers.
    match File::open(beside.directory()).and_then(|_| fs::rename(&directory, &moved)) {
        Ok(()) => Ok((beside, moved)),
        Err(why) => {
            tracing::debug!(path = %directory.display(), %why, "staged inside the output and not next to it");
            Ok((inside, directory))
        }
    }
}

fn following<'a, T>(next: &AtomicUsize, tables: &'a [T]) -> Option<(usize, &'a T)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    tables.get(index).map(|table| (index, table))
}

fn leave_mark(directory: &Path, mark: &Path) -> io::Result<Modes> {
    let mode = if group_may_write() { 0o664 } else { 0o644 };
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(mark)?;
    Ok(Modes::of(file.metadata()?.permissions().mode(), fs::metadata(directory)?.permissions().mode()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0664 and 0775 less the umask: 002 leaves 664/775, 022 leaves 644/755, 027 leaves 640/750, 077 leaves 600/700.
    #[test]
    fn modes_follow_the_umask_and_never_let_others_write() {
        let cases = [(0o664, 0o664, 0o775), (0o644, 0o644, 0o755), (0o640, 0o640, 0o750), (0o600, 0o600, 0o700)];
        for (new_file, file, directory) in cases {
            assert_eq!(Modes::of(0o100_000 | new_file, 0o40_700), Modes { file, directory });
        }
        // Some file systems give every file 0777; a directory of a group keeps its set-group-id bit.
        assert_eq!(Modes::of(0o100_777, 0o42_777), Modes { file: 0o664, directory: 0o2775 });
    }
}
