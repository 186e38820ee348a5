//! A file without a name for what memory does not hold: the system removes it with the process, however that ends.
//!
//! Where the file system makes no nameless files, one is made with a name, which is taken away at once. A run that is killed
//! in between leaves that name behind, and the next run with the same directory removes it. Does not live here: what is
//! written (`spilled`).

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::geteuid;

use crate::error::{Error, Result};

/// What the names of files that have one begin with.
const PREFIX: &str = ".rfmetrics-spill-";

/// A file that is made when something is written first. It is shared by all threads.
#[derive(Debug)]
pub struct SpillFile {
    directory: PathBuf,
    /// What it holds, for people.
    what: &'static str,
    file: Mutex<Option<Arc<File>>>,
    end: AtomicU64,
}

impl SpillFile {
    /// A file in `directory` for `what`; nothing is made yet.
    #[must_use]
    pub fn new(directory: &Path, what: &'static str) -> Self {
        Self { directory: directory.to_owned(), what, file: Mutex::default(), end: AtomicU64::new(0) }
    }

    /// Bytes in it.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.end.load(Ordering::Relaxed)
    }

    /// Writes bytes, and says where they begin.
    ///
    /// # Errors
    /// A write error where the disk does not take them.
    pub fn write(&self, bytes: &[u8]) -> Result<u64> {
        let start = self.end.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.file().and_then(|file| file.write_all_at(bytes, start)).map_err(|cause| self.error("written", &cause))?;
        Ok(start)
    }

    /// Reads bytes back.
    ///
    /// # Errors
    /// A write error where the disk does not give them back.
    pub fn read(&self, start: u64, bytes: &mut [u8]) -> Result<()> {
        self.file().and_then(|file| file.read_exact_at(bytes, start)).map_err(|cause| self.error("read back", &cause))
    }

    /// Gives the disk back: nothing in it is wanted any more. What follows is written into a new file.
    pub fn empty(&self) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.end.store(0, Ordering::Relaxed);
    }

    fn file(&self) -> io::Result<Arc<File>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match &*file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(file.insert(Arc::new(nameless(&self.directory)?))),
        })
    }

    fn error(&self, done: &str, cause: &io::Error) -> Error {
        let (place, what) = (self.directory.display(), self.what);
        let hint = match cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "there is no room left: free some (`df -h`), set `run.spill_path` to a directory on a larger disk, or raise \
                 `run.memory_limit`; `rfmetrics check` estimates what is needed"
            }
            ErrorKind::FileTooLarge => "a limit on the size of files was reached: look at `ulimit -f`",
            _ => "set `run.spill_path` to a directory that this user may write to, or raise `run.memory_limit`",
        };
        Error::write(format!("`{place}`: the temporary file for {what} cannot be {done}")).cause(cause).hint(hint)
    }
}

/// A new file that nobody finds.
#[cfg(target_os = "linux")]
fn nameless(directory: &Path) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};

    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    match openat(CWD, directory, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => Ok(File::from(file)),
        Err(_) => named_for_a_moment(directory),
    }
}

/// As on Linux, by way of a name.
#[cfg(not(target_os = "linux"))]
fn nameless(directory: &Path) -> io::Result<File> {
    named_for_a_moment(directory)
}

/// For file systems without nameless files.
fn named_for_a_moment(directory: &Path) -> io::Result<File> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let path = directory.join(format!("{PREFIX}{}-{now:x}{call:04x}", std::process::id()));
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    remove(&path)?;
    Ok(file)
}

/// Whoever removes it first: another run may take it for a leftover, and is welcome.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Removes the names that killed runs of this user left in a directory. A run that works keeps none for longer than a moment,
/// and does not miss it.
pub fn clear_leftovers(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let is_ours =
            entry.path().symlink_metadata().is_ok_and(|file| file.is_file() && file.uid() == geteuid().as_raw());
        if is_ours && let Err(error) = remove(&entry.path()) {
            tracing::warn!(path = %entry.path().display(), %error, "a leftover cannot be removed; the next run tries again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn names(directory: &Path) -> usize {
        fs::read_dir(directory).unwrap().count()
    }

    #[test]
    fn what_was_written_is_read_back_and_the_file_has_no_name() {
        let root = tempfile::tempdir().unwrap();
        let file = SpillFile::new(root.path(), "tests");
        assert_eq!((file.write(b"abc").unwrap(), file.write(b"defg").unwrap(), file.bytes()), (0, 3, 7));
        let mut bytes = [0; 4];
        file.read(3, &mut bytes).unwrap();
        assert_eq!((&bytes, names(root.path())), (b"defg", 0));
        file.empty();
        assert_eq!(file.write(b"h").unwrap(), 0);
        assert_eq!(file.read(1, &mut bytes).unwrap_err().kind(), Kind::Write, "what is gone is no zeros");
    }

    #[test]
    fn a_file_that_needs_a_name_has_it_for_a_moment() {
        let root = tempfile::tempdir().unwrap();
        let file = named_for_a_moment(root.path()).unwrap();
        file.write_all_at(b"abc", 0).unwrap();
        assert_eq!((names(root.path()), file.metadata().unwrap().len()), (0, 3));
    }

    #[test]
    fn leftovers_of_killed_runs_go_and_other_files_stay() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        fs::write(path(".rfmetrics-spill-12-ab"), "left").unwrap();
        fs::write(path("rfmetrics-spill-12-ab"), "mine").unwrap();
        fs::create_dir(path(".rfmetrics-spill-directory")).unwrap();
        std::os::unix::fs::symlink(path("rfmetrics-spill-12-ab"), path(".rfmetrics-spill-link")).unwrap();
        clear_leftovers(root.path());
        assert!(!path(".rfmetrics-spill-12-ab").exists());
        assert_eq!(names(root.path()), 3, "another name, a directory and a link are not ours");
        clear_leftovers(&path("missing"));
    }

    #[test]
    fn a_place_that_takes_nothing_is_a_write_error_that_names_it() {
        let file = SpillFile::new(Path::new("/proc/rfmetrics"), "the log of orders");
        let error = file.write(b"abc").unwrap_err();
        assert_eq!(error.kind(), Kind::Write);
        assert_eq!(error.headline(), "`/proc/rfmetrics`: the temporary file for the log of orders cannot be written");
        assert!(error.shown_hint().unwrap().contains("`run.spill_path`"), "{error}");
    }
}
