//! What the operating system says, turned into an error of kind `write` with a hint.
//!
//! Lives here: the hints per cause. Does not live here: any decision to continue in spite of one.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::error::Error;

/// The error "`path` cannot be `done`" with the system's own words as its cause, and what to do.
///
/// `done` is a past participle such as `written` or `created`.
#[must_use]
pub fn os_error(done: &str, path: &Path, error: &io::Error) -> Error {
    let failed = Error::write(format!("`{}` cannot be {done}", path.display())).cause(error);
    match hint(error) {
        Some(hint) => failed.hint(hint),
        None => failed,
    }
}

/// EIO has no [`ErrorKind`] of its own; the number is the same on every Unix.
const INPUT_OUTPUT_ERROR: i32 = 5;

fn hint(error: &io::Error) -> Option<&'static str> {
    if error.raw_os_error() == Some(INPUT_OUTPUT_ERROR) {
        return Some("the disk or its server reports a fault: look at the system log (`dmesg`) before you run again");
    }
    match error.kind() {
        ErrorKind::StorageFull => Some(
            "the file system is full: free space (`df -h`) or inodes (`df -i`), or choose an `output.path` on another \
             disk; what was published before is untouched",
        ),
        ErrorKind::QuotaExceeded => {
            Some("the disk quota of this user is used up: free space, or choose an `output.path` on another disk")
        }
        ErrorKind::ReadOnlyFilesystem => {
            Some("the file system is mounted read-only: choose an `output.path` that can be written")
        }
        ErrorKind::PermissionDenied => {
            Some("the user of this process may not write there: check the owner and the mode of the directory")
        }
        ErrorKind::FileTooLarge => {
            Some("a limit on the size of files was reached: look at `ulimit -f` and at the limits of the file system")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    /// The numbers are Linux's: EACCES 13, EFBIG 27, ENOSPC 28, EROFS 30, EDQUOT 122, EIO 5.
    #[test]
    fn each_known_cause_names_the_path_the_words_of_the_system_and_a_way_out() {
        let expected = [
            (13, "Permission denied", "owner"),
            (27, "File too large", "ulimit"),
            (28, "No space left on device", "df -h"),
            (30, "Read-only file system", "mounted read-only"),
            (122, "quota", "quota"),
            (5, "Input/output error", "dmesg"),
        ];
        for (number, words, way_out) in expected {
            let error = os_error("written", Path::new("/out/x.parquet"), &io::Error::from_raw_os_error(number));
            assert_eq!(error.kind(), Kind::Write);
            assert_eq!(error.headline(), "`/out/x.parquet` cannot be written");
            assert!(error.shown_causes()[0].contains(words), "{error}");
            assert!(error.shown_hint().is_some_and(|hint| hint.contains(way_out)), "{error}");
        }
    }
}
