//! What runs leave behind when they die: recognised by name and by mark, cleared by the next run.
//!
//! Lives here: recognising our directories, removing them and putting them back. Does not live here: their names
//! (`hidden_directories.rs`), and deciding which runs are dead. The lock decides that: its holder is the only run, so
//! every hidden directory that it has not made itself belongs to a dead run.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::geteuid;

use super::hidden_directories::{Hidden, Home};
use super::options::Layout;
use super::published_name::PublishedName;
use crate::error::Result;
use crate::files::directory::{names_in, sync_directory};
use crate::files::system_error::os_error;
use crate::manifest::tables::{self, MANIFEST};

/// An empty file in every staging directory that has no manifest yet: the directory is ours.
pub(crate) const MARK: &str = ".rfmetrics-mark";

/// Clears what dead runs of `output` left, next to it and inside it. The caller holds the lock.
///
/// A directory that was moved aside and cannot be moved back is an error; rubbish that stays is a warning.
pub(crate) fn clear(output: &Path) -> Result<()> {
    for home in Home::all(output) {
        let names = match names_in(home.directory()) {
            Ok(names) => names,
            // A directory that cannot be read cannot contain anything of ours (`staging.rs`).
            Err(_) if home.directory() != output => continue,
            Err(error) => return Err(os_error("listed", output, &error)),
        };
        for name in names {
            let Some((sort, published)) = home.parse(&name) else { continue };
            let path = home.directory().join(&name);
            match sort {
                _ if !is_ours(&path, output) => {}
                Hidden::Aside => put_back(output, &home, &path, &published)?,
                Hidden::Staging => remove_or_warn(&path),
            }
        }
    }
    Ok(())
}

/// The name alone does not make a directory ours, its contents must too: it is marked, or a finished run, or empty (its
/// run died before it marked it, or after it had removed the last file). Others may write in the parent of an output as
/// well: what they put there under our names is not taken for a result.
fn is_ours(directory: &Path, output: &Path) -> bool {
    let has_mark = || fs::symlink_metadata(directory.join(MARK)).is_ok_and(|metadata| metadata.is_file());
    let is_empty = || names_in(directory).is_ok_and(|names| names.is_empty());
    is_directory(directory)
        && (has_mark() || tables::stands_in(directory) || is_empty())
        && is_of_its_owner(directory, output)
}

/// Whether it belongs to us or to the owner of the output.
fn is_of_its_owner(directory: &Path, output: &Path) -> bool {
    let owner = |path: &Path| fs::symlink_metadata(path).map(|metadata| metadata.uid()).ok();
    let found = owner(directory);
    found.is_some() && (found == Some(geteuid().as_raw()) || found == owner(output))
}

/// A directory itself, and not a link to one.
fn is_directory(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// A run died between moving the old directory aside and moving the new one in: undo the first step. If the new one is
/// in, or the old one was not yet copied whole, the hidden one is rubbish: it gets a staging name first, so that a half-removed
/// directory never has the name of a whole one.
fn put_back(output: &Path, home: &Home, aside: &Path, name: &PublishedName) -> Result<()> {
    let published = name.path(output, layout_of(aside));
    let is_whole = tables::stands_in(aside);
    if is_whole && is_remainder(&published, aside) {
        remove(&published).map_err(|error| os_error("removed", &published, &error))?;
    }
    if !is_whole || fs::symlink_metadata(&published).is_ok() {
        let rubbish = home.new_path(Hidden::Staging, name);
        fs::rename(aside, &rubbish).map_err(|error| os_error("removed", aside, &error))?;
        remove_or_warn(&rubbish);
        return Ok(());
    }
    fs::rename(aside, &published).map_err(|error| os_error("put back", &published, &error))?;
    tracing::warn!(path = %published.display(), "put back a result that an interrupted run had moved aside");
    published.parent().map_or(Ok(()), sync_directory)
}

/// The layout in which a run was published that was moved aside.
fn layout_of(aside: &Path) -> Layout {
    let has_parts = tables::read_tables(aside).is_ok_and(|tables| tables.iter().any(|table| table.part.is_some()));
    if has_parts { Layout::ByTable } else { Layout::ByDate }
}

/// Whether `published` is what a run left of the directory that it had copied to `aside` before (`copy_aside`): without a
/// manifest, and with no files but those of the copy.
fn is_remainder(published: &Path, aside: &Path) -> bool {
    let names = names_in(published).unwrap_or_default();
    is_directory(published)
        && !tables::stands_in(published)
        && names.iter().all(|name| fs::symlink_metadata(aside.join(name)).is_ok())
}

/// Removes a directory of ours; the next run removes what cannot be removed now.
pub(crate) fn remove_or_warn(directory: &Path) {
    if let Err(error) = remove(directory) {
        tracing::warn!(path = %directory.display(), %error, "a leftover cannot be removed; the next run tries again");
    }
}

/// Removes a directory of ours and everything in it. What is already gone is not an error.
///
/// The manifest and the mark are removed last: an interrupted removal leaves a directory that can still be recognised
/// as ours.
pub(crate) fn remove(directory: &Path) -> io::Result<()> {
    let last = [directory.join(MANIFEST), directory.join(MARK)];
    let names = match names_in(directory) {
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

/// The hidden directories of `output`, for tests.
#[cfg(test)]
pub(crate) fn hidden_of(output: &Path) -> Vec<std::path::PathBuf> {
    let in_home = |home: Home| {
        let names = names_in(home.directory()).unwrap().into_iter().filter(|name| home.parse(name).is_some());
        names.map(|name| home.directory().join(name)).collect::<Vec<_>>()
    };
    Home::all(output).flat_map(in_home).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn date() -> PublishedName {
        chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().into()
    }

    /// An output in a parent that is removed with it, and both of its locations.
    fn output() -> (tempfile::TempDir, PathBuf, Vec<Home>) {
        let root = tempfile::tempdir().unwrap();
        let output = root.path().join("out");
        fs::create_dir(&output).unwrap();
        let homes = Home::all(&output).collect();
        (root, output, homes)
    }

    fn directory_with(path: &Path, file: &str) {
        fs::create_dir(path).unwrap();
        fs::write(path.join(file), file).unwrap();
    }

    #[test]
    fn only_marked_finished_or_empty_directories_with_our_names_go() {
        let (_root, output, homes) = output();
        for home in homes {
            let new = || home.new_path(Hidden::Staging, &date());
            let (marked, finished, empty, unmarked, file) = (new(), new(), new(), new(), new());
            directory_with(&marked, MARK);
            fs::write(marked.join("t.parquet"), "").unwrap();
            fs::create_dir(marked.join("spill")).unwrap();
            directory_with(&finished, MANIFEST);
            fs::write(finished.join("t.parquet"), "").unwrap();
            fs::create_dir(&empty).unwrap();
            directory_with(&unmarked, "precious");
            fs::write(&file, "").unwrap();
            let stranger = home.directory().join(".rfmetrics-staging-notes");
            directory_with(&stranger, MARK);
            clear(&output).unwrap();
            for (path, stays) in
                [(marked, false), (finished, false), (empty, false), (unmarked, true), (file, true), (stranger, true)]
            {
                assert_eq!(path.exists(), stays, "{}", path.display());
            }
        }
    }

    #[test]
    fn what_another_output_left_in_the_same_parent_stays() {
        let (root, output, _) = output();
        let others = ["out2", "ou", "out.rfmetrics-staging-2026-01-01-1-1"].map(|name| {
            let path = Home::beside(&root.path().join(name)).unwrap().new_path(Hidden::Staging, &date());
            directory_with(&path, MARK);
            path
        });
        // That of an output which is the parent itself.
        let inside_parent = Home::inside(root.path()).new_path(Hidden::Staging, &date());
        directory_with(&inside_parent, MARK);
        clear(&output).unwrap();
        assert!(others.iter().chain([&inside_parent]).all(|path| path.exists()));
    }

    /// Giving a directory to another user requires a super-user.
    #[test]
    fn what_another_user_planted_is_not_taken_for_a_result() {
        let (_root, output, homes) = output();
        for home in homes {
            for sort in [Hidden::Aside, Hidden::Staging] {
                let path = home.new_path(sort, &date());
                directory_with(&path, MANIFEST);
                if std::os::unix::fs::chown(&path, Some(65_534), None).is_err() {
                    return;
                }
                clear(&output).unwrap();
                assert!(path.exists() && !output.join("as_of=2026-01-01").exists());
                // It belongs to the owner of the output, whichever user runs.
                std::os::unix::fs::chown(&output, Some(65_534), None).unwrap();
                clear(&output).unwrap();
                assert!(!path.exists());
                std::os::unix::fs::chown(&output, Some(geteuid().as_raw()), None).unwrap();
                let _ = fs::remove_dir_all(output.join("as_of=2026-01-01"));
            }
        }
    }

    #[test]
    fn a_removal_does_not_follow_links() {
        let (_root, output, homes) = output();
        let precious = tempfile::tempdir().unwrap();
        fs::write(precious.path().join("x"), "").unwrap();
        for home in homes {
            let directory = home.new_path(Hidden::Staging, &date());
            directory_with(&directory, MARK);
            std::os::unix::fs::symlink(precious.path(), directory.join("link")).unwrap();
            // A link that has our name is not a directory of ours.
            let link = home.new_path(Hidden::Staging, &date());
            std::os::unix::fs::symlink(precious.path(), &link).unwrap();
            clear(&output).unwrap();
            assert!(!directory.exists());
            assert!(link.exists());
            assert!(precious.path().join("x").exists());
        }
    }

    #[test]
    fn a_directory_that_was_moved_aside_comes_back_unless_its_successor_is_in() {
        let (_root, output, homes) = output();
        let published = output.join("as_of=2026-01-01");
        for home in homes {
            let aside = || directory_with(&home.new_path(Hidden::Aside, &date()), MANIFEST);
            aside();
            clear(&output).unwrap();
            assert_eq!(fs::read_to_string(published.join(MANIFEST)).unwrap(), MANIFEST);
            fs::write(published.join(MANIFEST), "new").unwrap();
            aside();
            clear(&output).unwrap();
            assert_eq!(fs::read_to_string(published.join(MANIFEST)).unwrap(), "new");
            assert!(hidden_of(&output).is_empty());
            fs::remove_dir_all(&published).unwrap();
        }
    }

    #[test]
    fn a_copy_comes_back_where_only_a_remainder_is_left_and_goes_where_it_is_not_whole() {
        let (_root, output, homes) = output();
        let published = output.join("as_of=2026-01-01");
        for home in homes {
            let aside = home.new_path(Hidden::Aside, &date());
            directory_with(&aside, MANIFEST);
            fs::write(aside.join("t.parquet"), "old").unwrap();
            directory_with(&published, "t.parquet");
            clear(&output).unwrap();
            assert_eq!(fs::read_to_string(published.join("t.parquet")).unwrap(), "old");
            assert!(published.join(MANIFEST).exists());
            directory_with(&home.new_path(Hidden::Aside, &date()), MARK);
            clear(&output).unwrap();
            assert!(hidden_of(&output).is_empty() && published.join(MANIFEST).exists());
            fs::remove_dir_all(&published).unwrap();
            // A directory with files of others is no remainder.
            directory_with(&home.new_path(Hidden::Aside, &date()), MANIFEST);
            directory_with(&published, "precious");
            clear(&output).unwrap();
            assert!(published.join("precious").exists());
            fs::remove_dir_all(&published).unwrap();
        }
    }
}
