//! One run per output: a lock that the kernel holds, and the note that says who took it.
//!
//! Lives here: `.rfmetrics.lock`. Does not live here: what a run may do once it has the lock.
//!
//! The lock is `flock(2)` through `File::try_lock`. The kernel releases it when the process ends, however it ends, so
//! there are no stale locks, no guessing from process ids (in containers every run is process 1), and nothing to delete
//! by hand. The file stays as long as anything is published next to it. A run that removes its new, empty output again
//! (`claim.rs`) deletes the file while holding the lock; another run may have opened it just before, so after taking a
//! lock a run checks whether the file still exists.
//!
//! On NFS, Linux turns the lock into one of the server (kernel 2.6.12 and later), which holds between hosts unless the
//! share is mounted with `nolock` or `local_lock=flock`; with those options, or on file systems that keep locks on one
//! machine (some FUSE mounts), two hosts must not write to one output. A file system without any locks is refused.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::thread;
use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use rustix::fs::OFlags;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};
use crate::files::modes::group_may_write;
use crate::files::system_error::os_error;

/// Name of the lock file inside the output.
pub(crate) const LOCK: &str = ".rfmetrics.lock";

/// As long as this lives, the output is ours alone.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

/// Who holds the lock: for people to read, never to decide by.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    host: String,
    since: String,
    version: String,
}

/// The lock file may be replaced this many times while we take it: more often means that something deletes it in a
/// loop.
const ATTEMPTS: usize = 10;
/// A note longer than this was not written by us.
const NOTE_BYTES: u64 = 4096;
/// The time another run needs, at most, from taking the lock to writing its note.
const NOTE_DELAY: Duration = Duration::from_millis(50);

impl Lock {
    /// Takes the lock of the directory `output`, or says which process holds it (kind `busy`). None if there is no such
    /// directory: the run that had created it has failed and removed it.
    pub(crate) fn take(output: &Path) -> Result<Option<Self>> {
        let path = output.join(LOCK);
        for _ in 0..ATTEMPTS {
            let file = match open(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                file => regular(file.map_err(|error| os_error("opened", &path, &error))?, &path)?,
            };
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(busy(output, file)),
                Err(TryLockError::Error(error)) => return Err(cannot_lock(&path, &error)),
            }
            // The file may have been deleted between opening and locking it; then others lock the new file, and our
            // lock excludes no one.
            if is_still_at(&file, &path) {
                let mut lock = Self { file };
                match lock.write_note() {
                    // A file of another user that may only be read: the lock holds, and names nobody.
                    Err(error) if error.raw_os_error() == Some(Errno::BADF.raw_os_error()) => {}
                    // Truncating a handle for reading is EINVAL.
                    Err(error) if error.kind() == ErrorKind::InvalidInput => {}
                    noted => noted.map_err(|error| os_error("written", &path, &error))?,
                }
                return Ok(Some(lock));
            }
        }
        Err(Error::write(format!("`{}` cannot be locked", path.display()))
            .cause("the file is deleted again and again by someone else"))
    }

    fn write_note(&mut self) -> io::Result<()> {
        let since = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let holder = Holder { pid: std::process::id(), host: host(), since, version: env!("CARGO_PKG_VERSION").into() };
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(&serde_json::to_vec(&holder)?)
    }
}

impl Drop for Lock {
    /// Clears the note, so that the next holder is not mistaken for us, and unlocks. Closing the file would not
    /// suffice: a child process between fork and exec has a copy of the handle, and with it the lock.
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

/// Opens or creates the file without emptying it (it may be another run's note) or following a link.
///
/// Another user of the group may have created it: the kernel locks a file that is open for reading as well, and refuses
/// `O_CREAT` for files of others in some shared directories (`fs.protected_regular`).
fn open(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let mode = if group_may_write() { 0o664 } else { 0o644 };
    let options = |writes: bool, creates: bool| {
        let mut options = OpenOptions::new();
        options.read(true).write(writes).create(creates).truncate(false).mode(mode).custom_flags(flags).open(path)
    };
    match options(true, true) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            options(true, false).or_else(|_| options(false, false)).map_err(|_| error)
        }
        opened => opened,
    }
}

fn regular(file: File, path: &Path) -> Result<File> {
    if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Ok(file);
    }
    Err(Error::write(format!("`{}` cannot be used as the lock", path.display())).cause("it is not a regular file"))
}

fn is_still_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(ours), Ok(there)) => ours.ino() == there.ino() && ours.dev() == there.dev(),
        _ => false,
    }
}

fn cannot_lock(path: &Path, error: &io::Error) -> Error {
    Error::write(format!("`{}` cannot be locked", path.display())).cause(error).hint(
        "the file system must know file locks, else two runs could write at once: choose an `output.path` on another \
         one, or mount it with locks",
    )
}

/// Says which process holds the lock of `output`, without taking or creating anything: a `check` must not keep a run
/// out. The kernel lists the locks of this machine; where it does not, no holder is seen.
pub(crate) fn look(output: &Path) -> Result<()> {
    let Ok(file) =
        OpenOptions::new().read(true).custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(output.join(LOCK))
    else {
        return Ok(());
    };
    let listed = fs::read_to_string("/proc/locks").unwrap_or_default();
    let is_held = file.metadata().is_ok_and(|metadata| is_locked(&listed, metadata.ino()));
    if is_held { Err(busy(output, file)) } else { Ok(()) }
}

/// Whether a list in the form of `/proc/locks` has a write lock on the whole file `inode`. The device is not compared,
/// since some file systems list another device than they report.
fn is_locked(listed: &str, inode: u64) -> bool {
    listed.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let index = words.iter().position(|word| *word == "FLOCK").filter(|_| words.contains(&"WRITE"));
        let file = index.and_then(|index| words.get(index + 4));
        file.and_then(|file| file.rsplit(':').next()) == Some(inode.to_string().as_str())
    })
}

fn busy(output: &Path, mut file: File) -> Error {
    let who = read_note(&mut file).or_else(|| {
        thread::sleep(NOTE_DELAY);
        read_note(&mut file)
    });
    let who = match who {
        Some(Holder { pid, host, since, version }) => {
            format!("process {pid} on host `{host}`, since {since} (rfmetrics {version})")
        }
        None => "a run that has only just started, or one of another user".to_owned(),
    };
    Error::new(Kind::Busy, format!("`{}` is held by another run", output.display()))
        .cause(format!("it is held by {who}"))
        .hint(
            "try again when that run has ended, or let the run wait for it (--wait SECONDS); the lock ends with it, so there is \
             no lock file to delete",
        )
}

fn read_note(file: &mut File) -> Option<Holder> {
    let mut text = Vec::new();
    file.rewind().ok()?;
    file.take(NOTE_BYTES).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// The name of this machine, or `unknown`: inside a container, the container's.
fn host() -> String {
    let named = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = named.or_else(|| std::env::var("HOSTNAME").ok());
    named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(output: &Path) -> Result<Lock> {
        Lock::take(output).map(|lock| lock.expect("the directory is there"))
    }

    /// `flock` belongs to the open file, so two openings in one process keep each other out as two
    /// processes do (flock(2)).
    #[test]
    fn the_second_learns_who_holds_it_and_may_come_back_later() {
        let output = tempfile::tempdir().unwrap();
        let first = take(output.path()).unwrap();
        let refused = take(output.path()).unwrap_err();
        assert_eq!(refused.kind(), Kind::Busy);
        assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
        assert!(refused.to_string().contains(&host()), "{refused}");
        drop(first);
        take(output.path()).unwrap();
    }

    #[test]
    fn a_look_sees_the_holder_and_keeps_no_run_out() {
        let output = tempfile::tempdir().unwrap();
        look(output.path()).unwrap();
        assert!(!output.path().join(LOCK).exists(), "a look creates nothing");
        let first = take(output.path()).unwrap();
        if fs::read_to_string("/proc/locks").is_ok_and(|listed| !listed.is_empty()) {
            let seen = look(output.path()).unwrap_err();
            assert_eq!(seen.kind(), Kind::Busy);
            assert!(seen.to_string().contains(&format!("process {}", std::process::id())), "{seen}");
        }
        drop(first);
        look(output.path()).unwrap();
    }

    /// The form of the list is that of proc(5).
    #[test]
    fn locks_are_found_by_the_file_they_are_on() {
        let listed = "1: POSIX  ADVISORY  WRITE 708 08:01:21 0 EOF\n\
                      2: FLOCK  ADVISORY  WRITE 900 00:1b:4711 0 EOF\n\
                      3: FLOCK  ADVISORY  READ 901 00:1b:4712 0 EOF\n";
        assert!(is_locked(listed, 4711));
        assert!(!is_locked(listed, 21) && !is_locked(listed, 4712) && !is_locked(listed, 711));
    }

    #[test]
    fn a_copy_of_the_handle_in_a_child_process_does_not_prolong_the_lock() {
        let output = tempfile::tempdir().unwrap();
        let lock = take(output.path()).unwrap();
        let _copy = lock.file.try_clone().unwrap();
        drop(lock);
        take(output.path()).unwrap();
    }

    #[test]
    fn of_many_that_start_at_once_one_wins() {
        let output = tempfile::tempdir().unwrap();
        let start = std::sync::Barrier::new(8);
        let locks: Vec<_> = thread::scope(|scope| {
            let take = || {
                start.wait();
                take(output.path())
            };
            let runs: Vec<_> = (0..8).map(|_| scope.spawn(take)).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert_eq!(locks.iter().filter(|lock| lock.is_ok()).count(), 1);
        assert!(locks.iter().filter_map(|lock| lock.as_ref().err()).all(|error| error.kind() == Kind::Busy));
    }

    #[test]
    fn an_old_note_without_a_holder_keeps_no_run_out() {
        let output = tempfile::tempdir().unwrap();
        let note = r#"{"pid":1,"host":"gone","since":"2020-01-01T00:00:00Z","version":"0.0.0"}"#;
        fs::write(output.path().join(LOCK), note).unwrap();
        take(output.path()).unwrap();
    }

    #[test]
    fn a_deleted_lock_file_is_noticed() {
        let output = tempfile::tempdir().unwrap();
        let path = output.path().join(LOCK);
        let file = open(&path).unwrap();
        assert!(is_still_at(&file, &path));
        fs::remove_file(&path).unwrap();
        assert!(!is_still_at(&file, &path));
        fs::write(&path, "").unwrap();
        assert!(!is_still_at(&file, &path));
    }

    #[test]
    fn a_link_or_a_pipe_instead_of_the_lock_is_refused_and_left_alone() {
        let output = tempfile::tempdir().unwrap();
        let precious = output.path().join("precious");
        fs::write(&precious, "x").unwrap();
        std::os::unix::fs::symlink(&precious, output.path().join(LOCK)).unwrap();
        assert_eq!(take(output.path()).unwrap_err().kind(), Kind::Write);
        assert_eq!(fs::read_to_string(&precious).unwrap(), "x");
        fs::remove_file(output.path().join(LOCK)).unwrap();
        let made = std::process::Command::new("mkfifo").arg(output.path().join(LOCK)).status().unwrap();
        assert!(made.success());
        assert!(take(output.path()).unwrap_err().to_string().contains("not a regular file"));
    }

    #[test]
    fn where_there_is_no_directory_there_is_no_lock() {
        let root = tempfile::tempdir().unwrap();
        assert!(Lock::take(&root.path().join("gone")).unwrap().is_none());
    }
}
