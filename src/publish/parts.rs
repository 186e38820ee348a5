//! The parts of a date: its tables where query engines look for them, `<table>/as_of=2026-01-01/part-0.parquet`.
//!
//! A part is a second name (a hard link) of a file of the run in `_runs`, so it takes no room. The run is what is published:
//! it is swapped in whole, as in the other layout. The parts follow it, by one rename each:
//! 1. a mark in `_runs` says, durably, that the parts of this date may not be those of its run;
//! 2. every file of the new run gets a hidden name next to the part that it will replace;
//! 3. the run is swapped in: whoever follows manifests sees the new one from here on;
//! 4. every hidden name becomes the part, one rename after the other with nothing in between; tables that the new run does
//!    not have lose their part;
//! 5. all directories are synced, and the mark is removed.
//!
//! A run that fails takes all of it back. After one that was killed the next run finds the mark and makes the parts those of
//! the run that stands, the old or the new one: that is the same work, and it may be repeated.
//!
//! A reader of the parts finds each of them whole. Only between the first and the last rename of step 4 do the tables of one
//! date belong to two runs.
//!
//! Does not live here: the swap (`exchange`), and who may write (`claim`).

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::layout::{date_of, directory_name, published, runs_of};
use super::options::Layout;
use crate::error::{Error, Result};
use crate::files::directory::{names_in, remove_empty, sync_directory, visible_names};
use crate::files::modes::group_may_write;
use crate::files::system_error::os_error;
use crate::manifest::tables::{self, PART};

/// A file that will be the part next to it.
const STAGED: &str = ".rfmetrics-part";
/// How the name of the mark begins; the date follows.
const MARK: &str = ".rfmetrics-pending-";

/// The parts of one date of an output.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    output: &'a Path,
    as_of: NaiveDate,
}

/// What is ready to be shown: directories of this date.
#[derive(Debug)]
pub(crate) struct Ready {
    /// Those that get a part.
    shown: Vec<PathBuf>,
    /// Those whose part goes.
    gone: Vec<PathBuf>,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(output: &'a Path, as_of: NaiveDate) -> Self {
        Self { output, as_of }
    }

    /// Steps 1 to 4 for the run that is staged in `run`: `put_in` swaps it in, `take_out` swaps it back. After an error the
    /// earlier run and its parts are there again, unless the disk refuses even that: then the next run does it.
    pub(crate) fn publish(
        &self,
        run: &Path,
        put_in: impl Fn() -> io::Result<()>,
        take_out: impl Fn() -> io::Result<()>,
    ) -> Result<Ready> {
        self.mark().inspect_err(|_| self.unmark())?;
        let published = published(self.output, Layout::ByTable, self.as_of);
        let ready = self.stage(run).and_then(|ready| {
            put_in().map_err(|error| os_error("replaced", &published, &error))?;
            Ok(ready)
        });
        let shown = ready.and_then(|ready| match show(&ready) {
            Ok(()) => Ok(ready),
            Err((path, error)) => {
                take_out().map_err(|again| os_error("taken back", &published, &again))?;
                Err(os_error("replaced", &path, &error))
            }
        });
        if shown.is_err()
            && let Err(error) = self.restore()
        {
            tracing::warn!(%error, "the parts of a date are not those of its run; the next run puts them right");
        }
        shown
    }

    /// Step 5.
    pub(crate) fn settle(&self, ready: &Ready) -> Result<()> {
        let of_date = ready.shown.iter().chain(&ready.gone).filter(|directory| directory.is_dir());
        let tables = of_date.clone().filter_map(|directory| directory.parent());
        let runs = runs_of(self.output, Layout::ByTable);
        of_date.map(PathBuf::as_path).chain(tables).chain([runs.as_path()]).try_for_each(sync_directory)?;
        self.unmark();
        Ok(())
    }

    /// Makes the parts of this date those of the run that stands; none where none stands.
    pub(crate) fn restore(&self) -> Result<()> {
        let run = published(self.output, Layout::ByTable, self.as_of);
        let ready = if tables::stands_in(&run) {
            self.stage(&run)?
        } else {
            Ready { shown: Vec::new(), gone: self.directories()? }
        };
        show(&ready).map_err(|(path, error)| os_error("put right", &path, &error))?;
        self.settle(&ready)
    }

    /// Whether a run has died between the first and the last step.
    pub(crate) fn is_marked(&self) -> bool {
        fs::symlink_metadata(self.mark_path()).is_ok()
    }

    /// The visible files of this date that are no part of its run, as paths below the output.
    pub(crate) fn strangers(&self) -> Result<Vec<String>> {
        let run = published(self.output, Layout::ByTable, self.as_of);
        let tables = tables::read_tables(&run).unwrap_or_default();
        let parts: Vec<String> = tables.into_iter().filter_map(|table| table.part).collect();
        let mut found = Vec::new();
        for directory in self.directories()? {
            let names = visible_names(&directory).map_err(|error| os_error("listed", &directory, &error))?;
            let below = directory.strip_prefix(self.output).unwrap_or(&directory).display().to_string();
            found.extend(names.into_iter().map(|name| format!("{below}/{name}")));
        }
        found.retain(|path| !parts.contains(path));
        Ok(found)
    }

    /// The directories of this date in those of the tables.
    fn directories(&self) -> Result<Vec<PathBuf>> {
        let names = visible_names(self.output).map_err(|error| os_error("listed", self.output, &error))?;
        let own = names.into_iter().filter(|name| name != tables::RUNS);
        let paths = own.map(|name| self.output.join(name).join(directory_name(self.as_of)));
        Ok(paths.filter(|path| fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())).collect())
    }

    fn mark_path(&self) -> PathBuf {
        runs_of(self.output, Layout::ByTable).join(format!("{MARK}{}", self.as_of))
    }

    /// Step 1.
    fn mark(&self) -> Result<()> {
        let (runs, path) = (runs_of(self.output, Layout::ByTable), self.mark_path());
        let marked = make(&runs).and_then(|()| File::create(&path)?.sync_all());
        marked.map_err(|error| os_error("written", &path, &error))?;
        sync_directory(&runs).and_then(|()| sync_directory(self.output))
    }

    /// That the mark comes back after a loss of power does no harm.
    fn unmark(&self) {
        if let Err(error) = gone(&self.mark_path()) {
            tracing::warn!(path = %self.mark_path().display(), %error, "cannot be removed; the next run tries again");
        }
        remove_empty(&[runs_of(self.output, Layout::ByTable)]);
    }

    /// Step 2, for the files of `run`.
    fn stage(&self, run: &Path) -> Result<Ready> {
        let tables = tables::read_tables(run).map_err(|why| {
            Error::write(format!("the tables of `{}` cannot be shown to query engines", run.display()))
                .cause(format!("its manifest cannot be read: {why}"))
                .hint("if it is damaged, delete the directory and run again")
        })?;
        let mut shown = Vec::new();
        for table in tables {
            let Some(part) = table.part else { continue };
            let part = self.output.join(part);
            let directory = part.parent().unwrap_or(self.output);
            let linked = directory
                .parent()
                .map_or(Ok(()), make)
                .and_then(|()| make(directory))
                .and_then(|()| link(&run.join(&table.file), &directory.join(STAGED)));
            linked.map_err(|error| os_error("written", &part, &error))?;
            shown.push(directory.to_owned());
        }
        let mut gone = self.directories()?;
        gone.retain(|directory| !shown.contains(directory));
        Ok(Ready { shown, gone })
    }
}

/// The path of the part of `table` for `as_of`, below the output.
pub(crate) fn path_of(table: &str, as_of: NaiveDate) -> String {
    format!("{table}/{}/{PART}", directory_name(as_of))
}

/// Puts right what runs left that died while they replaced parts. The caller holds the lock.
pub(crate) fn clear(output: &Path) -> Result<()> {
    let runs = runs_of(output, Layout::ByTable);
    let names = match names_in(&runs) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        names => names.map_err(|error| os_error("listed", &runs, &error))?,
    };
    let marks = names.iter().filter_map(|name| name.to_str()?.strip_prefix(MARK)?.parse().ok());
    marks.into_iter().try_for_each(|as_of| Parts::new(output, as_of).restore())
}

/// Whether the directory holds nothing but partitions by date, as that of a table does. What is in them is looked at when a
/// date is replaced.
pub(crate) fn is_table(directory: &Path) -> bool {
    fs::symlink_metadata(directory).is_ok_and(|metadata| metadata.is_dir())
        && visible_names(directory).is_ok_and(|names| names.iter().all(|name| date_of(name).is_some()))
}

/// Step 4; where it fails, what could not be replaced.
fn show(ready: &Ready) -> std::result::Result<(), (PathBuf, io::Error)> {
    for directory in &ready.shown {
        let part = directory.join(PART);
        fs::rename(directory.join(STAGED), &part).map_err(|error| (part, error))?;
    }
    for directory in &ready.gone {
        let part = directory.join(PART);
        gone(&part).map_err(|error| (part, error))?;
    }
    // The window is closed. A rename to another name of the same file leaves both names; emptied directories go.
    for directory in ready.shown.iter().chain(&ready.gone) {
        let _ = fs::remove_file(directory.join(STAGED));
    }
    for directory in &ready.gone {
        let emptied: Vec<PathBuf> = directory.ancestors().take(2).map(Path::to_owned).collect();
        remove_empty(&emptied);
    }
    Ok(())
}

fn gone(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A directory that readers may enter as they may enter the output.
fn make(directory: &Path) -> io::Result<()> {
    let mode = if group_may_write() { 0o775 } else { 0o755 };
    match DirBuilder::new().mode(mode).create(directory) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && directory.is_dir() => Ok(()),
        made => made,
    }
}

/// A second name of a file, or a copy where the file system knows no second names.
fn link(file: &Path, name: &Path) -> io::Result<()> {
    gone(name)?;
    match fs::hard_link(file, name) {
        Err(error) if has_no_links(&error) => {
            fs::copy(file, name)?;
            File::open(name)?.sync_all()
        }
        linked => linked,
    }
}

/// What file systems say that know no second names (FAT: EPERM; shares: EOPNOTSUPP or ENOSYS), or no further ones, or none from
/// here to there (EXDEV).
fn has_no_links(error: &io::Error) -> bool {
    use ErrorKind::{CrossesDevices, PermissionDenied, TooManyLinks, Unsupported};
    matches!(error.kind(), CrossesDevices | PermissionDenied | TooManyLinks | Unsupported)
}
