//! Which files the input is made of.
//!
//! Lives here: the walk over files, directories and patterns. The engine's own listing is not used: it skips empty
//! files silently and takes brackets in names for patterns. Does not live here: `key=value` directory names (see
//! `partitions`), and opening the files (see `footers`).

mod missing;
mod names;
pub mod partitions;
pub(crate) mod table_formats;

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use glob::MatchOptions;

use crate::error::{Error, Problems, Result};
use crate::source::listing::names::{Content, content_of, has_data_ending};
pub use crate::source::listing::partitions::Partition;
use crate::source::listing::partitions::partitions_between;
use crate::source::listing::table_formats::{table_around, table_format};
use crate::source::options::InputOptions;
use crate::source::{quoted, source_error, without_secrets};

/// The characters that make a path a pattern, where no such file exists.
const PATTERN_CHARACTERS: [char; 3] = ['*', '?', '['];

/// One file of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// The path as it follows from what the user gave.
    pub path: PathBuf,
    /// The `key=value` directories between the given path and the file, from the outside in.
    pub partitions: Vec<Partition>,
}

/// What was found, and what a reader of the figures should know of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The files, sorted by path.
    pub files: Vec<InputFile>,
    /// Files in directories and patterns that are no data.
    pub passed_over: Seen,
    /// Paths, links and hard links to files that are read already.
    pub again: Seen,
}

/// Some files, of which one is named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// How many.
    pub files: u64,
    /// The first by its path; none where there are none.
    pub first: Option<PathBuf>,
}

impl Seen {
    fn add(&mut self, path: &Path) {
        self.files += 1;
        if self.first.as_deref().is_none_or(|first| path < first) {
            self.first = Some(path.to_owned());
        }
    }
}

/// Every file of the input, sorted by path; a file that is reached twice, also by links, is listed once. A directory that
/// leads back to one above it adds nothing, and is skipped with a warning.
///
/// A path that exists is taken as it is, whatever characters it holds. In directories and patterns
/// names count by their ending, files without one by their content, and names that begin with `_` or `.` do not.
///
/// Noted as problems, all of them: paths that do not exist, cannot be read or hold no data; pipes, sockets, devices and
/// broken links; files that were compressed as a whole; table formats whose files mean nothing by themselves.
pub fn find(options: &InputOptions, problems: &mut Problems) -> Listing {
    if options.paths.is_empty() {
        problems
            .extend([Error::config("no input was given").hint("name files, directories or patterns with `--input`")]);
    }
    let mut finder = Finder::default();
    for path in &options.paths {
        problems.note(finder.add(path));
    }
    if !finder.problems.is_empty() {
        let error = source_error("parts of the input cannot be used", std::mem::take(&mut finder.problems));
        problems.extend([match finder.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }]);
    }
    finder.into_listing()
}

/// A file, and the path by which duplicates are found.
struct Met {
    file: InputFile,
    /// Device and number: links of both kinds lead to the same.
    identity: (u64, u64),
}

#[derive(Default)]
struct Finder {
    met: Vec<Met>,
    passed_over: BTreeSet<PathBuf>,
    problems: Vec<String>,
    hint: Option<&'static str>,
}

impl Finder {
    /// Adds what one entry of `input.paths` stands for.
    fn add(&mut self, given: &str) -> Result<()> {
        if given.is_empty() {
            return Err(Error::config("an input path is empty"));
        }
        let path = Path::new(given);
        if let Some(format) = table_around(path) {
            self.table_of(format, path);
            return Ok(());
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.add_directory(path, path),
            Ok(_) => self.add_file(path, Vec::new()),
            Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => {
                if given.contains("://") {
                    self.problems.push(format!("`{}`: is a URL", without_secrets(given)));
                    self.hint = Some("only local files are read: mount the store, or copy the files");
                } else if given.contains(PATTERN_CHARACTERS) {
                    return self.add_pattern(given);
                } else {
                    self.problems.push(missing::text(given));
                }
            }
            Err(error) => self.problems.push(unreadable(path, &error)),
        }
        Ok(())
    }

    /// Adds a whole directory; a directory without data is a problem.
    fn add_directory(&mut self, directory: &Path, root: &Path) {
        let (before, problems_before) = (self.met.len(), self.problems.len());
        self.walk(directory, root, &mut Vec::new());
        if self.met.len() == before && self.problems.len() == problems_before {
            self.nothing_in(&directory.display().to_string());
        }
    }

    fn nothing_in(&mut self, given: &str) {
        let passed_over = match self.passed_over.first() {
            Some(first) => format!(" ({} files are none, such as {})", self.passed_over.len(), quoted(first)),
            None => String::new(),
        };
        self.problems.push(format!("`{given}` holds no Parquet files{passed_over}"));
        self.hint = Some(
            "names must end in `.parquet`, `.parq` or `.pq`, or have no ending, and not begin with `_` or `.`; name other files \
             one by one",
        );
    }

    /// Adds the data files below `directory`. `above` are the canonical directories on the way down.
    fn walk(&mut self, directory: &Path, root: &Path, above: &mut Vec<PathBuf>) {
        let listed = fs::canonicalize(directory).and_then(|canonical| {
            let entries: std::io::Result<Vec<_>> = fs::read_dir(directory)?.collect();
            Ok((canonical, entries?))
        });
        let (canonical, mut entries) = match listed {
            Ok(listed) => listed,
            Err(error) => return self.problems.push(unreadable(directory, &error)),
        };
        if above.contains(&canonical) {
            tracing::warn!(path = %directory.display(), "skipped a link that leads back to a directory above it");
            return;
        }
        if let Some(format) = table_format(directory) {
            return self.table_of(format, directory);
        }
        entries.sort_by_key(fs::DirEntry::file_name);
        above.push(canonical);
        for entry in entries {
            self.walk_entry(&entry.path(), entry.file_type(), root, above);
        }
        above.pop();
    }

    fn walk_entry(
        &mut self,
        path: &Path,
        file_type: std::io::Result<fs::FileType>,
        root: &Path,
        above: &mut Vec<PathBuf>,
    ) {
        if path.file_name().is_none_or(is_hidden) {
            return;
        }
        let is_directory = match file_type {
            Ok(kind) if kind.is_symlink() => fs::metadata(path).map(|target| target.is_dir()),
            kind => kind.map(|kind| kind.is_dir()),
        };
        match is_directory {
            Ok(true) => self.walk(path, root, above),
            Err(error) if has_data_ending(path) => self.problems.push(unreadable(path, &error)),
            _ => self.add_by_content(path, root),
        }
    }

    /// Adds a file of a directory or a pattern, where it is data.
    fn add_by_content(&mut self, path: &Path, root: &Path) {
        match content_of(path) {
            Content::Data => self.add_file(path, partitions_between(root, path)),
            Content::Compressed => {
                self.problems
                    .push(format!("{}: was compressed as a whole, so that no part of it can be read", quoted(path)));
                self.hint = Some("decompress such files: Parquet compresses its pages by itself");
            }
            Content::Other => drop(self.passed_over.insert(path.to_owned())),
        }
    }

    /// Adds one file; only regular files with a readable name are data.
    fn add_file(&mut self, path: &Path, partitions: Vec<Partition>) {
        let found = fs::metadata(path).and_then(|metadata| Ok((metadata, fs::canonicalize(path)?)));
        match found {
            Err(error) => self.problems.push(unreadable(path, &error)),
            Ok((metadata, _)) if !metadata.is_file() => {
                self.problems.push(format!("{}: is a pipe, socket or device, not a regular file", quoted(path)));
            }
            Ok(_) if path.to_str().is_none() => {
                self.problems.push(format!("{}: its name is not UTF-8", quoted(path)));
            }
            Ok((_, canonical)) if canonical.to_string_lossy().contains(char::is_control) => {
                self.problems.push(format!("{}: its name holds a control character: rename it", quoted(path)));
            }
            Ok((metadata, _)) => {
                let identity = (metadata.dev(), metadata.ino());
                self.met.push(Met { file: InputFile { path: path.into(), partitions }, identity });
            }
        }
    }

    /// Adds what matches a pattern: directories whole, files by name.
    fn add_pattern(&mut self, pattern: &str) -> Result<()> {
        let options =
            MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
        let matches = glob::glob_with(pattern, options)
            .map_err(|error| Error::config(format!("`{pattern}`: is not a valid pattern: {}", error.msg)))?;
        let root = literal_root(pattern);
        let (before, problems_before) = (self.met.len(), self.problems.len());
        for found in matches {
            match found {
                Ok(path) => self.add_match(&path, &root, names_its_ending(pattern)),
                Err(error) => self.problems.push(unreadable(error.path(), error.error())),
            }
        }
        if self.met.len() == before && self.problems.len() == problems_before {
            self.nothing_in(pattern);
        }
        Ok(())
    }

    fn add_match(&mut self, path: &Path, root: &Path, any_ending: bool) {
        let below = path.strip_prefix(root).unwrap_or(path);
        if below.components().any(|part| is_hidden(part.as_os_str())) {
            return;
        }
        if path.is_dir() {
            self.walk(path, root, &mut Vec::new());
        } else if let Some(format) = table_around(path) {
            self.table_of(format, path);
        } else if any_ending {
            self.add_file(path, partitions_between(root, path));
        } else {
            self.add_by_content(path, root);
        }
    }

    fn table_of(&mut self, format: &str, path: &Path) {
        self.problems.push(format!("{}: belongs to {format}", quoted(path)));
        self.hint = Some(
            "such a directory also holds deleted and replaced rows: export the table to plain Parquet and name that",
        );
    }

    fn into_listing(mut self) -> Listing {
        // If a path is reached twice, the entry that knows more partitions comes first and stays.
        self.met
            .sort_by(|a, b| a.file.path.cmp(&b.file.path).then(b.file.partitions.len().cmp(&a.file.partitions.len())));
        let mut listing = Listing::default();
        let mut seen = HashSet::new();
        for met in self.met {
            if seen.insert(met.identity) {
                listing.files.push(met.file);
            } else {
                listing.again.add(&met.file.path);
            }
        }
        self.passed_over.iter().for_each(|path| listing.passed_over.add(path));
        listing
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => format!("{}: is a link to something that does not exist", quoted(path)),
        _ => format!("{}: cannot be read: {error}", quoted(path)),
    }
}

/// `_SUCCESS`, `_temporary`, `.crc` and the like. A directory `_key=value` is a partition, as for Spark.
fn is_hidden(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with('.') && name != "." && name != ".." || name.starts_with('_') && !name.contains('=')
}

/// The path below which an input is searched: of a pattern with `**` the directories before it, else the path itself.
#[must_use]
pub fn searched(given: &str) -> PathBuf {
    let path = Path::new(given);
    if given.contains("**") && !path.exists() { literal_root(given) } else { path.to_owned() }
}

/// The directories of a pattern before its first wildcard.
fn literal_root(pattern: &str) -> PathBuf {
    let has_wildcard = |part: &Component| part.as_os_str().to_string_lossy().contains(PATTERN_CHARACTERS);
    Path::new(pattern).components().take_while(|part| !has_wildcard(part)).collect()
}

/// Whether the pattern itself fixes how names end, as `*.parq` does and `part-*` does not.
fn names_its_ending(pattern: &str) -> bool {
    pattern.rsplit(['*', '?', ']', '/']).next().is_some_and(|tail| tail.contains('.'))
}

#[cfg(test)]
mod tests;
