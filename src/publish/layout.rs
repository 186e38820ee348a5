//! Where the run of a date is in an output, and what its directory is called.
//!
//! ```text
//! <output>/as_of=2026-01-01/                        by date
//! <output>/_runs/as_of=2026-01-01/                  by table, and its parts in the directories of the tables (`parts`)
//! ```
//!
//! Does not live here: what may be there besides (`target`).

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::options::Layout;
use crate::files::directory::visible_names;
use crate::manifest::tables::{self, RUNS};

/// The prefix of the names of published directories, in the style of Hive partitions.
pub(crate) const PREFIX: &str = "as_of=";

/// The name of the directory that holds the run of `as_of`.
pub(crate) fn directory_name(as_of: NaiveDate) -> String {
    format!("{PREFIX}{as_of}")
}

/// The date of a published directory's name.
pub(crate) fn date_of(name: &str) -> Option<NaiveDate> {
    let as_of = name.strip_prefix(PREFIX)?.parse().ok()?;
    // Parsing is lenient (`2026-1-1`); there is one name per date.
    (directory_name(as_of) == name).then_some(as_of)
}

/// The directory that holds the runs of an output.
pub(crate) fn runs_of(output: &Path, layout: Layout) -> PathBuf {
    match layout {
        Layout::ByDate => output.to_owned(),
        Layout::ByTable => output.join(RUNS),
    }
}

/// The directory of the run of `as_of`, whether it is there or not.
pub(crate) fn published(output: &Path, layout: Layout, as_of: NaiveDate) -> PathBuf {
    runs_of(output, layout).join(directory_name(as_of))
}

/// The output that `run` is published in by table; none where it is published by date, or was moved elsewhere.
pub(crate) fn output_of(run: &Path) -> Option<&Path> {
    let runs = run.parent().filter(|runs| runs.file_name().is_some_and(|name| name == RUNS))?;
    runs.parent()
}

/// The dates that are published in the output at `path`, in either layout, ascending; none where it cannot be listed.
#[must_use]
pub fn published_dates(path: &Path) -> Vec<NaiveDate> {
    let mut dates: Vec<NaiveDate> = Vec::new();
    for layout in [Layout::ByDate, Layout::ByTable] {
        let names = visible_names(&runs_of(path, layout)).unwrap_or_default();
        let found = names.iter().filter_map(|name| date_of(name));
        dates.extend(found.filter(|date| tables::stands_in(&published(path, layout, *date))));
    }
    dates.sort_unstable();
    dates.dedup();
    dates
}

/// The directory in the output at `path` that holds the run of `as_of`, in the layout that it was published in.
#[must_use]
pub fn published_path(path: &Path, as_of: NaiveDate) -> PathBuf {
    tables::run_directory(&published(path, Layout::ByDate, as_of))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_name_of_a_date_reads_back_and_other_names_do_not() {
        let as_of = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        assert_eq!(directory_name(as_of), "as_of=2026-01-01");
        assert_eq!(date_of("as_of=2026-01-01"), Some(as_of));
        for name in ["as_of=2026-1-1", "as_of=2026-02-30", "as_of=", "2026-01-01", "as_of=2026-01-01 "] {
            assert_eq!(date_of(name), None, "{name}");
        }
    }

    #[test]
    fn runs_are_found_in_either_layout() {
        for layout in [Layout::ByDate, Layout::ByTable] {
            let root = tempfile::tempdir().unwrap();
            let dates = [1, 2].map(|day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap());
            for date in dates {
                fs::create_dir_all(published(root.path(), layout, date)).unwrap();
            }
            let path = published(root.path(), layout, dates[1]);
            fs::write(path.join("manifest.json"), "{}").unwrap();
            assert_eq!(published_dates(root.path()), [dates[1]], "a directory without a manifest is no run");
            assert_eq!(published_path(root.path(), dates[1]), path);
            assert_eq!(output_of(&path), (layout == Layout::ByTable).then_some(root.path()));
        }
    }
}
