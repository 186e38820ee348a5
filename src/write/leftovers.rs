//! What runs leave behind when they die: known by name and by mark, cleared by the next run.
//!
//! Lives here: the names of hidden directories, telling ours from others', removing and putting back.
//! Does not live here: deciding who is dead. The lock decides: whoever holds it is the only run, so every
//! hidden directory that it has not made itself is a dead run's.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::NaiveDate;

use super::fault::os_error;
use super::publish::sync_directory;
use super::{MANIFEST, manifest, place};
use crate::error::Result;

/// An empty file in every staging directory that has no manifest yet: the directory is ours.
pub(super) const MARK: &str = ".rfmetrics-mark";

/// The two sorts of hidden directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    /// Being written, or replaced and being removed: worth nothing once its run is dead.
    Staging,
    /// A published directory that had to step aside for a moment: worth everything.
    Aside,
}

impl Hidden {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Staging => ".rfmetrics-staging-",
            Self::Aside => ".rfmetrics-aside-",
        }
    }

    /// A name that no other run, and no other call in this one, gives.
    pub(super) fn name(self, as_of: NaiveDate) -> String {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        format!("{}{as_of}-{}-{now:x}{call:04x}", self.prefix(), std::process::id())
    }

    /// The sort and the date of a name that [`Hidden::name`] gave.
    fn parse(name: &str) -> Option<(Self, NaiveDate)> {
        let sort = [Self::Staging, Self::Aside].into_iter().find(|sort| name.starts_with(sort.prefix()))?;
        let mut parts = name.strip_prefix(sort.prefix())?.rsplitn(3, '-');
        let (unique, pid, as_of) = (parts.next()?, parts.next()?, parts.next()?);
        let is_ours =
            !unique.is_empty() && unique.bytes().all(|byte| byte.is_ascii_hexdigit()) && pid.parse::<u32>().is_ok();
        is_ours.then_some((sort, as_of.parse().ok()?))
    }
}

/// Clears what dead runs left in `output`. The caller holds the lock.
///
/// A directory that stepped aside and cannot be moved is an error; rubbish that stays is a warning.
pub(super) fn clear(output: &Path) -> Result<()> {
    let names = place::names_in(output).map_err(|error| os_error("listed", output, &error))?;
    for name in names {
        let path = output.join(&name);
        match name.to_str().and_then(Hidden::parse).filter(|_| is_ours(&path)) {
            Some((Hidden::Aside, as_of)) => put_back(output, &path, as_of)?,
            Some((Hidden::Staging, _)) => remove_or_warn(&path),
            None => {}
        }
    }
    Ok(())
}

/// Not only its name but its inside must say that a directory is ours: it is marked, or a finished run, or
/// empty (its run died before it marked it, or after it had removed the last file).
fn is_ours(directory: &Path) -> bool {
    let has_mark = || fs::symlink_metadata(directory.join(MARK)).is_ok_and(|metadata| metadata.is_file());
    let is_empty = || place::names_in(directory).is_ok_and(|names| names.is_empty());
    is_directory(directory) && (has_mark() || manifest::stands_in(directory) || is_empty())
}

/// A directory itself, and not a link to one.
fn is_directory(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// A run died between moving the old directory aside and moving the new one in: undo the first step.
/// If the new one is in, the old one is rubbish: it gets a staging name first, so that a half-removed
/// directory never bears the name of a whole one.
fn put_back(output: &Path, aside: &Path, as_of: NaiveDate) -> Result<()> {
    let published = output.join(place::directory_name(as_of));
    if fs::symlink_metadata(&published).is_ok() {
        let rubbish = output.join(Hidden::Staging.name(as_of));
        fs::rename(aside, &rubbish).map_err(|error| os_error("removed", aside, &error))?;
        remove_or_warn(&rubbish);
        return Ok(());
    }
    fs::rename(aside, &published).map_err(|error| os_error("put back", &published, &error))?;
    tracing::warn!(path = %published.display(), "put back a result that an interrupted run had moved aside");
    sync_directory(output)
}

/// Removes a directory of ours; what cannot be removed now is the next run's.
pub(super) fn remove_or_warn(directory: &Path) {
    if let Err(error) = remove(directory) {
        tracing::warn!(path = %directory.display(), %error, "a leftover cannot be removed; the next run tries again");
    }
}

/// Removes a directory of ours and all it holds. What is gone already is no error.
///
/// The manifest and the mark go last: a removal that is cut short leaves a directory that can still be
/// told to be ours.
pub(super) fn remove(directory: &Path) -> io::Result<()> {
    let last = [directory.join(MANIFEST), directory.join(MARK)];
    let names = match place::names_in(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        names => names?,
    };
    for path in names.iter().map(|name| directory.join(name)).filter(|path| !last.contains(path)) {
        tolerate_missing(if is_directory(&path) { fs::remove_dir_all(&path) } else { fs::remove_file(&path) })?;
    }
    for path in last {
        tolerate_missing(fs::remove_file(path))?;
    }
    tolerate_missing(fs::remove_dir(directory))
}

fn tolerate_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// The hidden directories of ours in `output`, for tests.
#[cfg(test)]
pub(super) fn hidden_in(output: &Path) -> Vec<String> {
    let names = place::names_in(output).unwrap().into_iter().filter_map(|name| name.into_string().ok());
    names.filter(|name| Hidden::parse(name).is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
    }

    #[test]
    fn names_read_back_and_no_two_are_alike() {
        for sort in [Hidden::Staging, Hidden::Aside] {
            let (one, two) = (sort.name(date()), sort.name(date()));
            assert_ne!(one, two);
            assert_eq!(Hidden::parse(&one), Some((sort, date())));
        }
        for name in [
            ".rfmetrics-staging-mine",
            ".rfmetrics-staging-2026-01-01-x-1f",
            ".rfmetrics-staging-2026-01-01-7-",
            ".rfmetrics-aside-2026-13-01-7-1f",
            "rfmetrics-staging-2026-01-01-7-1f",
            ".rfmetrics.lock",
        ] {
            assert_eq!(Hidden::parse(name), None, "{name}");
        }
    }

    #[test]
    fn only_marked_finished_or_empty_directories_with_our_names_go() {
        let output = tempfile::tempdir().unwrap();
        let at = |name: &str| output.path().join(name);
        let (marked, finished, empty) = (
            ".rfmetrics-staging-2026-01-01-1-a",
            ".rfmetrics-staging-2026-01-01-1-b",
            ".rfmetrics-staging-2026-01-01-1-c",
        );
        let (unmarked, stranger) = (".rfmetrics-staging-2026-01-01-1-d", ".rfmetrics-staging-notes");
        for name in [marked, finished, empty, unmarked, stranger] {
            fs::create_dir(at(name)).unwrap();
        }
        for file in [
            at(marked).join(MARK),
            at(marked).join("t.parquet"),
            at(finished).join(MANIFEST),
            at(finished).join("t.parquet"),
            at(unmarked).join("precious"),
            at(stranger).join(MARK),
            at(".rfmetrics-staging-2026-01-01-1-e"),
        ] {
            fs::write(file, "").unwrap();
        }
        fs::create_dir(at(marked).join("spill")).unwrap();
        clear(output.path()).unwrap();
        let mut left: Vec<_> = fs::read_dir(output.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [unmarked, ".rfmetrics-staging-2026-01-01-1-e", stranger]);
    }

    #[test]
    fn a_removal_does_not_follow_links() {
        let output = tempfile::tempdir().unwrap();
        let precious = tempfile::tempdir().unwrap();
        fs::write(precious.path().join("x"), "").unwrap();
        let directory = output.path().join(Hidden::Staging.name(date()));
        fs::create_dir(&directory).unwrap();
        fs::write(directory.join(MARK), "").unwrap();
        std::os::unix::fs::symlink(precious.path(), directory.join("link")).unwrap();
        // A link that bears our name is not a directory of ours.
        let link = output.path().join(Hidden::Staging.name(date()));
        std::os::unix::fs::symlink(precious.path(), &link).unwrap();
        clear(output.path()).unwrap();
        assert!(!directory.exists());
        assert!(link.exists());
        assert!(precious.path().join("x").exists());
    }

    #[test]
    fn a_directory_that_stepped_aside_comes_back_unless_its_successor_is_in() {
        let output = tempfile::tempdir().unwrap();
        let published = output.path().join("as_of=2026-01-01");
        let aside = |text: &str| {
            let directory = output.path().join(Hidden::Aside.name(date()));
            fs::create_dir(&directory).unwrap();
            fs::write(directory.join(MANIFEST), text).unwrap();
        };
        aside("old");
        clear(output.path()).unwrap();
        assert_eq!(fs::read_to_string(published.join(MANIFEST)).unwrap(), "old");
        fs::write(published.join(MANIFEST), "new").unwrap();
        aside("old");
        clear(output.path()).unwrap();
        assert_eq!(fs::read_to_string(published.join(MANIFEST)).unwrap(), "new");
        assert!(hidden_in(output.path()).is_empty());
    }
}
