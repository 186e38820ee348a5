//! A check of the output that changes nothing: would a run be let in, and is there room?
//!
//! Lives here: the refusals of [`crate::publish::Output::open`] and [`crate::publish::Output::stage`] for `check`, all
//! of them at once. Does not live here: the rules themselves (`target`, `lock`). What only writing can show stays
//! unknown.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rustix::fs::{Access, StatVfs, access, statvfs};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::claim::file_in_the_way;
use super::options::OutputOptions;
use super::{layout, lock, strangers, target};
use crate::error::{Error, Result};
use crate::files::system_error::os_error;

/// Where a run would publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preflight {
    /// The output directory, absolute and without links.
    pub path: PathBuf,
    /// Whether it exists already.
    pub exists: bool,
    /// Bytes that the file system has left for this user; none where it does not say.
    pub free_bytes: Option<u64>,
    /// Whether something is published for the analysis date already, and would be replaced.
    pub replaces: bool,
    /// Why a run would not be let in.
    pub problems: Vec<Error>,
}

/// Looks at the output of these settings as [`crate::publish::Output::open`] would, but creates and locks nothing. `as_of` is the
/// analysis date, where it is known.
///
/// # Errors
/// Where the path cannot be resolved at all; other problems are in [`Preflight::problems`].
pub fn look(options: &OutputOptions, inputs: &[PathBuf], as_of: Option<NaiveDate>) -> Result<Preflight> {
    let path = target::resolve(options.path.as_ref())?;
    let mut problems: Vec<Error> = target::refuse_overlap(&path, inputs).err().into_iter().collect();
    let is_directory = path.is_dir();
    // The directory that a run would write to first: the output, or the one in which it would be created.
    let standing = path.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("/")).to_path_buf();
    let mut replaces = false;
    if is_directory {
        let published = as_of.map(|as_of| layout::published(&path, options.layout, as_of));
        // A run that waits for its turn is let in later.
        problems.extend(lock::look(&path).err().filter(|_| options.wait_seconds == 0));
        problems.extend(target::refuse_foreign(&path, options.layout).err());
        problems.extend(published.as_ref().and_then(|published| target::refuse_foreign_inside(published).err()));
        replaces = published.is_some_and(|published| published.is_dir() && !strangers::is_empty(&published));
    }
    problems.extend(refuse_unwritable(&path, &standing));
    let room = statvfs(&standing).ok();
    problems
        .extend(room.as_ref().filter(|room| is_full(room)).map(|_| os_error("written", &path, &Errno::NOSPC.into())));
    let free_bytes = room.map(|room| room.f_bavail.saturating_mul(room.f_frsize));
    Ok(Preflight { exists: is_directory, free_bytes, replaces, problems, path })
}

/// The bytes that are left for this user where `path` is, or would be made; none where the file system does not say.
#[must_use]
pub fn free_bytes(path: &Path) -> Option<u64> {
    let path = std::path::absolute(path).ok()?;
    let room = statvfs(path.ancestors().find(|ancestor| ancestor.exists())?).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize))
}

/// No block is left for this user; some are reserved for the super-user. File systems without blocks report none.
fn is_full(room: &StatVfs) -> bool {
    let left = if geteuid().is_root() { room.f_bfree } else { room.f_bavail };
    room.f_blocks > 0 && left == 0
}

/// What prevents writing: a file in the way, or missing rights.
fn refuse_unwritable(path: &Path, standing: &Path) -> Option<Error> {
    if !fs::metadata(standing).is_ok_and(|metadata| metadata.is_dir()) {
        return Some(file_in_the_way(path, standing));
    }
    let done = if path == standing { "written" } else { "created" };
    let denied = access(standing, Access::WRITE_OK | Access::EXEC_OK).err()?;
    Some(os_error(done, path, &io::Error::from(denied)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn look_at(path: &Path, inputs: &[PathBuf], as_of: Option<NaiveDate>) -> Result<Preflight> {
        look(&OutputOptions { path: path.display().to_string(), ..OutputOptions::default() }, inputs, as_of)
    }

    #[test]
    fn a_new_output_is_fine_and_is_not_created() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        let preflight = look_at(&path, &[], None).unwrap();
        assert!(!preflight.exists && preflight.problems.is_empty(), "{preflight:?}");
        assert!(preflight.free_bytes.is_some());
        assert!(!root.path().join("a").exists());
    }

    #[test]
    fn every_reason_against_an_output_is_listed_at_once() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("precious.txt"), "").unwrap();
        let published = root.path().join("as_of=2026-01-01");
        fs::create_dir(&published).unwrap();
        fs::write(published.join("x.csv"), "").unwrap();
        let inputs = [root.path().join("precious.txt")];
        let preflight = look_at(root.path(), &inputs, NaiveDate::from_ymd_opt(2026, 1, 1)).unwrap();
        let problems: Vec<String> = preflight.problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].contains("contains the input") && problems[1].contains("`precious.txt` is not ours"));
        assert!(problems[2].contains("cannot be replaced") && preflight.replaces);
    }

    #[test]
    fn a_file_system_is_full_without_a_free_block() {
        let of =
            |f_blocks, left| is_full(&StatVfs { f_blocks, f_bfree: left, f_bavail: left, ..statvfs("/").unwrap() });
        assert_eq!((of(9, 0), of(9, 1), of(0, 0)), (true, false, false));
    }

    #[test]
    fn a_file_in_the_way_is_a_config_error_wherever_it_is() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        for path in [file.clone(), file.join("below")] {
            let preflight = look_at(&path, &[], None).unwrap();
            assert_eq!(preflight.problems.iter().map(Error::kind).collect::<Vec<_>>(), [Kind::Config], "{preflight:?}");
        }
    }

    #[test]
    fn a_directory_that_may_not_be_written_is_a_write_error() {
        let preflight = look_at(Path::new("/proc/rfmetrics"), &[], None).unwrap();
        // A super-user may do everything except what the file system itself refuses, so the rights alone are checked.
        let may_write = access("/proc", Access::WRITE_OK | Access::EXEC_OK).is_ok();
        let kinds: Vec<Kind> = preflight.problems.iter().map(Error::kind).collect();
        assert_eq!(kinds, if may_write { vec![] } else { vec![Kind::Write] });
    }
}
