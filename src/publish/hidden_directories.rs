//! Where the hidden directories of an output are, and what they are called.
//!
//! Lives here: the two locations, next to the output and inside it, and recognising our own names. Does not live here:
//! what such a directory contains (`staging.rs`), and what becomes of it (`leftovers.rs`).
//!
//! ```text
//! <parent>/.<output>.rfmetrics-staging-2026-01-01-<pid>-<time>/      next to it, wherever that is possible
//! <output>/.rfmetrics-staging-2026-01-01-<pid>-<time>/               inside
//! ```
//!
//! Next to the output is better. A reader's pattern such as `<output>/**/*.parquet` enters hidden directories too:
//! inside, it would meet half-written tables, or the rows of two generations. But a directory moves in one step only
//! within one file system, and the user must be allowed to write in the parent; so where that is not possible, it stays
//! inside.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::published_name::PublishedName;

/// The two sorts of hidden directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hidden {
    /// Being written, or replaced and being removed: rubbish once its run is dead.
    Staging,
    /// A published directory that was moved aside for a moment: must not be lost.
    Aside,
}

impl Hidden {
    const fn word(self) -> &'static str {
        match self {
            Self::Staging => "staging-",
            Self::Aside => "aside-",
        }
    }
}

/// A directory that contains hidden directories of one output, and the prefix of their names there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    directory: PathBuf,
    prefix: OsString,
}

impl Home {
    /// The output itself.
    pub(crate) fn inside(output: &Path) -> Self {
        Self { directory: output.to_owned(), prefix: ".rfmetrics-".into() }
    }

    /// The parent of the output, where there is one. The names say which of its outputs they belong to.
    pub(crate) fn beside(output: &Path) -> Option<Self> {
        let mut prefix = OsString::from(".");
        prefix.push(output.file_name()?);
        prefix.push(".rfmetrics-");
        Some(Self { directory: output.parent()?.to_owned(), prefix })
    }

    /// Every location in which a run of `output` may have left something.
    pub(crate) fn all(output: &Path) -> impl Iterator<Item = Self> {
        Self::beside(output).into_iter().chain([Self::inside(output)])
    }

    /// The directory itself.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// A path here that no other run, and no other call in this run, returns.
    pub(crate) fn new_path(&self, sort: Hidden, published: &PublishedName) -> PathBuf {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let mut name = self.prefix.clone();
        name.push(format!("{}{}-{}-{now:x}{call:04x}", sort.word(), published.token(), std::process::id()));
        self.directory.join(name)
    }

    /// The sort of a name, and whose it is, that [`Home::new_path`] gave in this location.
    pub(crate) fn parse(&self, name: &OsStr) -> Option<(Hidden, PublishedName)> {
        let rest = name.as_bytes().strip_prefix(self.prefix.as_bytes())?;
        let rest = std::str::from_utf8(rest).ok()?;
        let sort = [Hidden::Staging, Hidden::Aside].into_iter().find(|sort| rest.starts_with(sort.word()))?;
        let mut parts = rest.strip_prefix(sort.word())?.rsplitn(3, '-');
        let (unique, pid, published) = (parts.next()?, parts.next()?, parts.next()?);
        let is_ours =
            !unique.is_empty() && unique.bytes().all(|byte| byte.is_ascii_hexdigit()) && pid.parse::<u32>().is_ok();
        is_ours.then_some((sort, PublishedName::of_token(published)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date() -> PublishedName {
        chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().into()
    }

    #[test]
    fn names_read_back_and_no_two_are_equal() {
        for home in Home::all(Path::new("/data/reports")) {
            for sort in [Hidden::Staging, Hidden::Aside] {
                let (one, two) = (home.new_path(sort, &date()), home.new_path(sort, &date()));
                assert_ne!(one, two);
                assert_eq!(one.parent(), Some(home.directory()));
                assert_eq!(home.parse(one.file_name().unwrap()), Some((sort, date())));
            }
        }
        let inside = Home::inside(Path::new("/data/reports"));
        for name in [
            ".rfmetrics-staging-mine",
            ".rfmetrics-staging-2026-01-01-x-1f",
            ".rfmetrics-staging-2026-01-01-7-",
            ".rfmetrics-aside-2026-13-01-7-1f",
            "rfmetrics-staging-2026-01-01-7-1f",
            ".rfmetrics.lock",
        ] {
            assert_eq!(inside.parse(name.as_ref()), None, "{name}");
        }
    }

    #[test]
    fn a_name_belongs_to_one_output_only() {
        let outputs = ["a", "b", "a.rfmetrics-staging-2026-01-01-1-1", ".a", "", "a b", "é"]
            .map(|name| Path::new("/data").join(name));
        for output in &outputs {
            let path = Home::beside(output).unwrap().new_path(Hidden::Staging, &date());
            let name = path.file_name().unwrap();
            assert!(name.as_bytes().starts_with(b"."), "hidden: {}", path.display());
            let owners = outputs.iter().filter(|other| {
                Home::all(other).any(|home| home.directory() == path.parent().unwrap() && home.parse(name).is_some())
            });
            assert_eq!(owners.collect::<Vec<_>>(), [output]);
        }
    }

    #[test]
    fn the_root_of_the_file_system_has_nothing_next_to_it() {
        assert_eq!(Home::beside(Path::new("/")), None);
        assert_eq!(Home::all(Path::new("/")).count(), 1);
    }
}
