//! Which files the input is made of.
//!
//! Lives here: the walk over files, directories and patterns. The engine's own listing is not used: it skips empty
//! files silently and takes brackets in names for patterns. Does not live here: `key=value` directory names (see
//! `partitions`), and opening the files (see `footers`).

mod missing;
pub mod partitions;
pub(crate) mod table_formats;

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use glob::MatchOptions;

use crate::error::{Error, Problems, Result};
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

/// Every file of the input, sorted by path; a file that is reached twice, also by links, is listed once, with a
/// warning. A directory that leads back to one above it adds nothing, and is skipped with a warning.
///
/// A path that exists is taken as it is, whatever characters it holds. In directories and patterns
/// only names that end in `.parquet` count, and names that begin with `_` or `.` do not.
///
/// Noted as problems, all of them: paths that do not exist, cannot be read or hold no data; pipes, sockets, devices and
/// broken links; table formats whose files mean nothing by themselves.
pub fn find(options: &InputOptions, problems: &mut Problems) -> Vec<InputFile> {
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
    finder.into_files()
}

/// A file, and the path by which duplicates are found.
struct Met {
    file: InputFile,
    canonical: PathBuf,
}

#[derive(Default)]
struct Finder {
    met: Vec<Met>,
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
        self.problems.push(format!("`{given}` holds no Parquet files"));
        self.hint = Some("names must end in `.parquet` and not begin with `_` or `.`; name other files one by one");
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
            _ if !is_parquet_name(path) => {}
            Ok(false) => self.add_file(path, partitions_between(root, path)),
            Err(error) => self.problems.push(unreadable(path, &error)),
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
            Ok((_, canonical)) => {
                self.met.push(Met { file: InputFile { path: path.into(), partitions }, canonical });
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
        } else if any_ending || is_parquet_name(path) {
            match table_around(path) {
                Some(format) => self.table_of(format, path),
                None => self.add_file(path, partitions_between(root, path)),
            }
        }
    }

    fn table_of(&mut self, format: &str, path: &Path) {
        self.problems.push(format!("{}: belongs to {format}", quoted(path)));
        self.hint = Some(
            "such a directory also holds deleted and replaced rows: export the table to plain Parquet and name that",
        );
    }

    fn into_files(mut self) -> Vec<InputFile> {
        // If a path is reached twice, the entry that knows more partitions comes first and stays.
        self.met
            .sort_by(|a, b| a.file.path.cmp(&b.file.path).then(b.file.partitions.len().cmp(&a.file.partitions.len())));
        let mut seen = HashSet::new();
        let (once, again): (Vec<Met>, _) = self.met.into_iter().partition(|met| seen.insert(met.canonical.clone()));
        if let Some(first) = again.first() {
            let (files, first) = (again.len(), first.file.path.display());
            tracing::warn!(files, %first, "the same file is reached twice: it is read once");
        }
        once.into_iter().map(|met| met.file).collect()
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

fn is_parquet_name(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"))
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
mod tests {
    use super::*;

    /// A tree of empty files; a name that ends in `/` is a directory.
    fn tree(names: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for name in names {
            let path = root.path().join(name);
            let parent = if name.ends_with('/') { &path } else { path.parent().unwrap() };
            fs::create_dir_all(parent).unwrap();
            if !name.ends_with('/') {
                fs::write(&path, b"").unwrap();
            }
        }
        root
    }

    fn find_in(root: &tempfile::TempDir, given: &[&str]) -> Result<Vec<InputFile>> {
        let paths = given.iter().map(|path| root.path().join(path).to_str().unwrap().to_owned()).collect();
        Problems::refuse_any(|problems| find(&InputOptions { paths, ..InputOptions::default() }, problems))
    }

    fn names(root: &tempfile::TempDir, given: &[&str]) -> Vec<String> {
        let relative = |file: InputFile| file.path.strip_prefix(root.path()).unwrap().to_str().unwrap().to_owned();
        find_in(root, given).unwrap().into_iter().map(relative).collect()
    }

    #[test]
    fn a_directory_is_searched_for_data_and_nothing_else() {
        let root = tree(&["d/b.parquet", "d/a.PARQUET", "d/_SUCCESS", "d/.a.parquet.crc", "d/_temporary/0/x.parquet"]);
        for other in ["d/.hidden/y.parquet", "d/c.parquet.tmp", "d/README.txt", "d/sub/c.parquet", "d/_k=1/e.parquet"] {
            fs::create_dir_all(root.path().join(other).parent().unwrap()).unwrap();
            fs::write(root.path().join(other), b"").unwrap();
        }
        assert_eq!(names(&root, &["d"]), ["d/_k=1/e.parquet", "d/a.PARQUET", "d/b.parquet", "d/sub/c.parquet"]);
    }

    #[test]
    fn a_path_that_exists_is_no_pattern() {
        let root = tree(&["odd [a]?*.parquet", "odd a.parquet"]);
        assert_eq!(names(&root, &["odd [a]?*.parquet"]), ["odd [a]?*.parquet"]);
        assert_eq!(names(&root, &["odd*.parquet"]).len(), 2);
    }

    #[test]
    fn a_named_file_is_read_whatever_its_name() {
        let root = tree(&["_data.bin", "x.parq", "y.parq", "y.parquet"]);
        assert_eq!(names(&root, &["_data.bin"]), ["_data.bin"]);
        assert_eq!(names(&root, &["*.parq"]), ["x.parq", "y.parq"]);
        assert_eq!(names(&root, &["y*"]), ["y.parquet"]);
    }

    #[test]
    fn patterns_reach_into_directories_but_not_into_hidden_ones() {
        let root = tree(&["d/year=2024/a.parquet", "d/year=2025/b.parquet", "d/_tmp/c.parquet"]);
        assert_eq!(names(&root, &["d/**/*.parquet"]), ["d/year=2024/a.parquet", "d/year=2025/b.parquet"]);
        let found = find_in(&root, &["d/year=*"]).unwrap();
        assert_eq!(found[1].partitions, [Partition { key: "year".into(), value: Some("2025".into()) }]);
    }

    #[test]
    fn a_file_reached_twice_is_read_once() {
        let root = tree(&["d/a.parquet", "d/k=1/b.parquet"]);
        std::os::unix::fs::symlink("a.parquet", root.path().join("d/z.parquet")).unwrap();
        std::os::unix::fs::symlink("k=1", root.path().join("d/other")).unwrap();
        assert_eq!(names(&root, &["d", "d/a.parquet", "d/*"]), ["d/a.parquet", "d/k=1/b.parquet"]);
        // The partition is known from the directory although the file is also named by itself.
        assert_eq!(find_in(&root, &["d/k=1/b.parquet", "d"]).unwrap()[1].partitions.len(), 1);
    }

    #[test]
    fn missing_and_empty_inputs_are_named_all_at_once() {
        let root = tree(&["empty/", "other/notes.txt"]);
        let text = find_in(&root, &["empty", "other", "gone.parquet", "gone*"]).unwrap_err().to_string();
        for part in
            ["empty` holds no Parquet files", "other` holds no", "gone.parquet`: does not exist", "gone*` holds"]
        {
            assert!(text.contains(part), "{text}");
        }
        assert!(find_in(&root, &[]).unwrap_err().to_string().starts_with("no input was given"));
    }

    #[test]
    fn links_that_lead_nowhere_and_pipes_are_refused() {
        let root = tree(&["d/a.parquet"]);
        std::os::unix::fs::symlink("gone", root.path().join("d/dangling.parquet")).unwrap();
        std::os::unix::fs::symlink("loop.parquet", root.path().join("d/loop.parquet")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(root.path().join("d/s.parquet")).unwrap();
        let text = find_in(&root, &["d"]).unwrap_err().to_string();
        for name in ["dangling.parquet`: is a link to", "loop.parquet`: cannot", "s.parquet`: is a pipe"] {
            assert!(text.contains(name), "{name} in {text}");
        }
    }

    #[test]
    fn a_link_that_leads_back_adds_nothing() {
        let root = tree(&["d/a.parquet", "d/e/b.parquet"]);
        std::os::unix::fs::symlink(root.path().join("d"), root.path().join("d/back")).unwrap();
        std::os::unix::fs::symlink("..", root.path().join("d/e/up")).unwrap();
        assert_eq!(names(&root, &["d"]), ["d/a.parquet", "d/e/b.parquet"]);
    }

    #[test]
    fn a_url_is_refused_without_showing_its_keys() {
        let url = InputOptions { paths: vec!["s3://id:key@b/k".into()], ..InputOptions::default() };
        let refused = Problems::refuse_any(|problems| find(&url, problems)).unwrap_err();
        assert!(refused.to_string().starts_with("`s3://b/k`: is a URL"));
    }
}
