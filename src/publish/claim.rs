//! The claim of one run on its output: the directory and its lock.
//!
//! Lives here: making the directory, taking its lock, and removing the directory again if nothing was published in it.
//! Does not live here: the lock itself (`lock.rs`).
//!
//! The lock lies inside the output, since every run of it can write there, whatever the rights in the parent and
//! however the output is mounted. So the directory must exist before the lock is taken, and two runs may create it at
//! once: the one that has the lock then owns what was created, and the other leaves it alone.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::lock::{LOCK, Lock};
use super::options::{Layout, OutputOptions};
use super::target;
use super::unfinished::{self, take_away};
use crate::error::{Error, Kind, Result};
use crate::files::directory::{remove_empty, sync_directory};
use crate::files::modes::group_may_write;
use crate::files::system_error::os_error;

/// Other runs may create the output and remove it again this many times while we try to claim it.
const ATTEMPTS: usize = 10;
/// How often a run that waits for an output tries to take it.
const PAUSE: Duration = Duration::from_millis(200);

/// As long as this lives, the output exists and is ours alone.
#[derive(Debug)]
pub(crate) struct Hold {
    /// The directories that this run has created for it, the output first and then its parents.
    made: Vec<PathBuf>,
    _lock: Lock,
}

/// A taken output.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) hold: Hold,
    /// Whether another run had it at first.
    pub(crate) has_waited: bool,
}

impl Hold {
    /// Creates the directory `output` if it is missing, and takes its lock; where another run has it, as soon as that one ends
    /// within the time that the settings give it.
    ///
    /// # Errors
    /// `config` if it is a file or holds files of others; `busy`; `write`.
    pub(crate) fn take(output: &Path, options: &OutputOptions) -> Result<Claim> {
        let seconds = options.wait_seconds;
        let (began, most) = (Instant::now(), Duration::from_secs(seconds.into()));
        let mut has_waited = false;
        loop {
            let busy = match Self::take_now(output, options.layout) {
                Err(error) if error.kind() == Kind::Busy && seconds > 0 => error,
                taken => return taken.map(|hold| Claim { hold, has_waited }),
            };
            let left = most.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(busy.cause(format!("it was still held after {seconds} seconds (`output.wait_seconds`)")));
            }
            if !has_waited {
                tracing::info!(path = %output.display(), holder = busy.shown_causes().first(), seconds, "waiting");
            }
            has_waited = true;
            thread::sleep(PAUSE.min(left));
        }
    }

    fn take_now(output: &Path, layout: Layout) -> Result<Self> {
        for _ in 0..ATTEMPTS {
            // A signal waits meanwhile: it finds either nothing created, or a record of what must be removed.
            let mut live = unfinished::hold();
            let made = make(output)?;
            match enter(output, layout) {
                Ok(Some(lock)) => {
                    live.made.insert(made.clone());
                    return Ok(Self { made, _lock: lock });
                }
                // A run that failed removed the directory again before we had its lock.
                Ok(None) => {}
                Err(error) => {
                    remove_empty(&made);
                    return Err(error);
                }
            }
        }
        Err(Error::write(format!("`{}` cannot be locked", output.display()))
            .cause("the directory is made and removed again and again by someone else"))
    }
}

impl Drop for Hold {
    /// The lock is still held: it is released after this.
    fn drop(&mut self) {
        let mut live = unfinished::hold();
        live.made.remove(&self.made);
        take_away(&self.made);
    }
}

fn enter(output: &Path, layout: Layout) -> Result<Option<Lock>> {
    if fs::symlink_metadata(output.join(LOCK)).is_err() {
        // Never used before: check before the first hidden file is left in a directory of others.
        target::refuse_foreign(output, layout)?;
    }
    Lock::take(output)
}

/// Creates `output` and its parents, and makes their names durable: a result is no safer than the path to it.
/// Returns those that were missing, the deepest first.
fn make(output: &Path) -> Result<Vec<PathBuf>> {
    match fs::metadata(output) {
        Ok(metadata) if metadata.is_dir() => return Ok(Vec::new()),
        Ok(_) => return Err(file_in_the_way(output, output)),
        Err(_) => {}
    }
    let missing: Vec<&Path> = output.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
    let mut made = Vec::new();
    let all = missing.iter().rev().try_for_each(|directory| make_one(directory, output, &mut made));
    if let Err(error) = all {
        remove_empty(&made);
        return Err(error);
    }
    Ok(made)
}

/// The error for an output if the file `standing` is at its path or on the way to it.
pub(crate) fn file_in_the_way(output: &Path, standing: &Path) -> Error {
    Error::config(format!("`{}` cannot be the output: `{}` is a file", output.display(), standing.display()))
        .hint("`output.path` names a directory")
}

fn make_one(directory: &Path, output: &Path, made: &mut Vec<PathBuf>) -> Result<()> {
    // Not the usual 0777: even with a umask of 0 nobody else may put files into our results.
    let mode = if group_may_write() { 0o775 } else { 0o755 };
    match DirBuilder::new().mode(mode).create(directory) {
        Ok(()) => made.insert(0, directory.to_owned()),
        // Another run creates the same output.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && directory.is_dir() => {}
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            return Err(file_in_the_way(output, directory.parent().unwrap_or(directory)));
        }
        Err(error) => return Err(os_error("created", output, &error)),
    }
    directory.parent().map_or(Ok(()), sync_directory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn take(output: &Path) -> Result<Hold> {
        Hold::take_now(output, Layout::ByDate)
    }

    #[test]
    fn what_was_created_is_removed_unless_something_was_published() {
        let root = tempfile::tempdir().unwrap();
        let output = root.path().join("new/deeper");
        drop(take(&output).unwrap());
        assert!(!root.path().join("new").exists());
        let hold = take(&output).unwrap();
        fs::create_dir(output.join("as_of=2026-01-01")).unwrap();
        drop(hold);
        assert!(output.join(LOCK).exists() && output.join("as_of=2026-01-01").exists());
    }

    #[test]
    fn a_directory_that_existed_before_stays() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("new")).unwrap();
        drop(take(&root.path().join("new")).unwrap());
        assert!(root.path().join("new").exists());
        drop(take(&root.path().join("new/deeper")).unwrap());
        assert!(root.path().join("new").exists() && !root.path().join("new/deeper").exists());
    }

    #[test]
    fn a_file_at_the_output_or_on_the_way_to_it_is_a_wrong_setting() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("afile");
        fs::write(&file, "").unwrap();
        for output in [file.clone(), file.join("out"), file.join("deeper/out")] {
            let error = take(&output).unwrap_err();
            assert_eq!(error.kind(), Kind::Config, "{error}");
            assert!(error.to_string().contains("afile` is a file"), "{error}");
        }
    }

    #[test]
    fn the_second_run_removes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let output = root.path().join("new");
        let first = take(&output).unwrap();
        assert_eq!(take(&output).unwrap_err().kind(), Kind::Busy);
        assert!(output.join(LOCK).exists());
        drop(first);
        assert!(!output.exists());
    }

    #[test]
    fn a_run_that_waits_takes_the_output_once_it_is_free_or_says_how_long_it_waited() {
        let root = tempfile::tempdir().unwrap();
        let output = root.path().join("new");
        let wait = |wait_seconds| Hold::take(&output, &OutputOptions { wait_seconds, ..OutputOptions::default() });
        let first = wait(60).unwrap();
        assert!(!first.has_waited);
        let busy = wait(1).unwrap_err();
        assert_eq!(busy.kind(), Kind::Busy);
        assert!(busy.to_string().contains("still held after 1 seconds"), "{busy}");
        let second = thread::scope(|scope| {
            let waiting = scope.spawn(|| wait(60));
            // It has met the holder, however long its thread takes to begin, or the output is free when it does.
            thread::sleep(Duration::from_millis(500));
            drop(first);
            waiting.join().unwrap().unwrap()
        });
        assert!(second.has_waited);
        assert!(output.join(LOCK).exists());
    }
}
