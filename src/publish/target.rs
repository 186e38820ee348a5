//! Where the output may be: never over the input, never among the files of others.
//!
//! Lives here: what is refused before anything is written. Does not live here: rights and space, which only writing can
//! show.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use super::campaigns::{CAMPAIGNS, holds_campaigns};
use super::layout::{PREFIX, date_of, output_of, runs_of};
use super::options::Layout;
use super::parts::{self, Parts};
use super::strangers;
use crate::error::{Error, Result};
use crate::files::directory::visible_names;
use crate::files::system_error::os_error;
use crate::manifest::tables::{self, MANIFEST, RUNS};

/// `path` without links and dots, even if its last parts do not exist yet.
pub(crate) fn resolve(path: &Path) -> Result<PathBuf> {
    if path.as_os_str().is_empty() {
        return Err(Error::config("a path is empty").hint("write `.` for the current directory"));
    }
    if let Some((scheme, _)) = path.to_str().and_then(|text| text.split_once("://")) {
        return Err(Error::config(format!(
            "the output is a URL ({scheme}://...), and only local directories are written"
        ))
        .hint("mount the store, or copy the published directory there after the run"));
    }
    let failed = |error: &io::Error| os_error("resolved", path, error);
    let absolute = std::path::absolute(path).map_err(|error| failed(&error))?;
    for ancestor in absolute.ancestors() {
        match ancestor.canonicalize() {
            Ok(real) => return join_missing(path, real, absolute.strip_prefix(ancestor).unwrap_or(Path::new(""))),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                if let Ok(target) = fs::read_link(ancestor) {
                    return Err(dangling(ancestor, &target));
                }
            }
            Err(error) => return Err(failed(&error)),
        }
    }
    Ok(absolute)
}

fn dangling(link: &Path, target: &Path) -> Error {
    Error::config(format!("`{}` is a link to `{}`, which does not exist", link.display(), target.display()))
        .hint("create the directory that it leads to, or remove the link")
}

/// Below a directory that does not exist, the meaning of `..` is undefined.
fn join_missing(path: &Path, real: PathBuf, missing: &Path) -> Result<PathBuf> {
    if missing.components().any(|part| part == Component::ParentDir) {
        return Err(Error::config(format!("`{}` goes up (`..`) from a directory that does not exist", path.display()))
            .hint("write the path without `..`"));
    }
    Ok(if missing.as_os_str().is_empty() { real } else { real.join(missing) })
}

/// Refuses an output that is an input, lies inside one or contains one. `output` is resolved.
pub(crate) fn refuse_overlap(output: &Path, inputs: &[PathBuf]) -> Result<()> {
    for input in inputs {
        let real = resolve(input)?;
        let how = match (output.starts_with(&real), real.starts_with(output)) {
            (true, true) => "is",
            (true, false) => "lies inside",
            (false, true) => "contains",
            (false, false) => continue,
        };
        return Err(Error::config(format!("`{}` cannot be the output", output.display()))
            .cause(format!("it {how} the input `{}`: the next run would read its own results", input.display()))
            .hint("choose an `output.path` apart from the input"));
    }
    Ok(())
}

/// Refuses a directory in which others keep files, or that holds runs in the other layout. Hidden names, theirs or ours, are
/// never in the way, nor what machines leave and what explains the directory (`strangers`), nor anything in a directory that
/// does not exist.
pub(crate) fn refuse_foreign(output: &Path, layout: Layout) -> Result<()> {
    let mut foreign = match visible_names(output) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        names => names.map_err(|error| os_error("listed", output, &error))?,
    };
    refuse_other_layout(output, layout, &foreign)?;
    let holds_campaigns = |name: &str| name == CAMPAIGNS && output.join(name).is_dir();
    foreign
        .retain(|name| !is_ours(output, layout, name) && !strangers::may_stay(output, name) && !holds_campaigns(name));
    let why = match layout {
        Layout::ByDate => format!("only `{PREFIX}YYYY-MM-DD` directories with a `{MANIFEST}` belong there"),
        Layout::ByTable => {
            format!("only `{RUNS}` and directories of tables with `{PREFIX}YYYY-MM-DD` in them belong there")
        }
    };
    refuse_names(output, &foreign, &why)
}

/// An output has one layout: a reader of the one would not see the dates of the other.
fn refuse_other_layout(output: &Path, layout: Layout, names: &[String]) -> Result<()> {
    let (runs, other) = match layout {
        Layout::ByDate => (visible_names(&runs_of(output, Layout::ByTable)).unwrap_or_default(), Layout::ByTable),
        Layout::ByTable => (names.to_vec(), Layout::ByDate),
    };
    let found =
        runs.iter().find(|name| date_of(name).is_some() && tables::stands_in(&runs_of(output, other).join(name)));
    let Some(found) = found else { return Ok(()) };
    let [asked, there] = [layout, other].map(|layout| match layout {
        Layout::ByDate => "by_date",
        Layout::ByTable => "by_table",
    });
    Err(Error::config(format!("`{}` holds runs in another layout", output.display()))
        .cause(format!(
            "`{}` was published {there}, and `output.layout` is `{asked}`",
            runs_of(Path::new(""), other).join(found).display()
        ))
        .hint(format!("set `output.layout = \"{there}\"`, or choose another `output.path`")))
}

/// Another run may replace or remove a directory meanwhile: what is gone is not foreign.
fn is_ours(output: &Path, layout: Layout, name: &str) -> bool {
    let path = output.join(name);
    match layout {
        Layout::ByDate => is_published(&path, name),
        // The directory of the runs holds dates as those of the tables do.
        Layout::ByTable => parts::is_table(&path) || fs::symlink_metadata(&path).is_err(),
    }
}

/// Refuses to replace the directory `published` if others keep files in it, since they would be lost.
pub(crate) fn refuse_foreign_inside(published: &Path) -> Result<()> {
    refuse_foreign_parts(published)?;
    let failed = |error: &io::Error| os_error("replaced", published, error);
    match fs::symlink_metadata(published) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(&error)),
        Ok(metadata) if !metadata.is_dir() => return Err(failed(&io::Error::other("it is not a directory"))),
        Ok(_) if strangers::is_empty(published) => return Ok(()),
        Ok(_) => {}
    }
    let listed = tables::read_files(published).map_err(|why| {
        Error::write(format!("`{}` cannot be replaced", published.display()))
            .cause(format!("its `{MANIFEST}` cannot be read: {why}"))
            .hint("if it is the damaged result of an earlier run, delete the directory and run again")
    })?;
    let ours = |name: &str| name == MANIFEST || listed.iter().any(|listed| listed.file == name);
    let mut foreign = visible_names(published).map_err(|error| failed(&error))?;
    foreign.retain(|name| !ours(name) && !strangers::is_machine_made(name));
    refuse_names(published, &foreign, &format!("`{MANIFEST}` does not list them, and replacing would delete them"))
}

/// Refuses to replace the parts of a run where others keep files among them.
fn refuse_foreign_parts(published: &Path) -> Result<()> {
    let as_of = published.file_name().and_then(|name| date_of(&name.to_string_lossy()));
    let (Some(output), Some(as_of)) = (output_of(published), as_of) else { return Ok(()) };
    let parts = Parts::new(output, as_of);
    // What a run left that was killed is put right before anything is replaced.
    if !output.is_dir() || parts.is_marked() {
        return Ok(());
    }
    let mut foreign = parts.strangers()?;
    foreign.retain(|path| {
        !Path::new(path).file_name().is_some_and(|name| strangers::is_machine_made(&name.to_string_lossy()))
    });
    refuse_names(output, &foreign, &format!("no `{MANIFEST}` in `{RUNS}` lists them, and replacing would delete them"))
}

/// Another run may replace or remove the directory meanwhile: what is gone is not foreign.
fn is_published(path: &Path, name: &str) -> bool {
    let is_named = date_of(name).is_some() || path.parent().is_some_and(holds_campaigns);
    is_named && (tables::stands_in(path) || fs::symlink_metadata(path).is_err())
}

fn refuse_names(directory: &Path, names: &[String], why: &str) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    Err(Error::config(format!("`{}` holds files that rfmetrics did not write", directory.display()))
        .causes(names.iter().map(|name| format!("`{name}` is not ours")))
        .hint(format!("choose an empty or new directory, or move these files away: {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn an_output_over_in_or_around_an_input_is_refused_however_it_is_spelt() {
        let root = tempfile::tempdir().unwrap();
        let input = root.path().join("input");
        fs::create_dir(&input).unwrap();
        let file = input.join("a.parquet");
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&input, root.path().join("link")).unwrap();
        let inputs = [input.clone(), file.clone()];
        let refused = [
            input.clone(),
            file.clone(),
            file.join("below"),
            input.join("new/deeper"),
            input.join("../input"),
            root.path().to_owned(),
            root.path().join("link"),
            root.path().join("link/new"),
        ];
        for output in refused {
            let error = refuse_overlap(&resolve(&output).unwrap(), &inputs).unwrap_err();
            assert_eq!(error.kind(), Kind::Config, "{error}");
        }
        // A sibling whose name only begins in the same way is allowed.
        refuse_overlap(&resolve(&root.path().join("input2")).unwrap(), &inputs).unwrap();
    }

    #[test]
    fn going_up_from_what_does_not_exist_is_refused() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(resolve(&root.path().join("none/../out")).unwrap_err().kind(), Kind::Config);
        assert_eq!(resolve(Path::new("")).unwrap_err().kind(), Kind::Config);
        let url = resolve(Path::new("s3://key:secret@bucket/out")).unwrap_err().to_string();
        assert!(url.contains("s3://") && !url.contains("secret"), "{url}");
    }

    #[test]
    fn a_link_that_leads_nowhere_is_named_with_its_target() {
        let root = tempfile::tempdir().unwrap();
        let link = root.path().join("out");
        std::os::unix::fs::symlink("gone", &link).unwrap();
        for path in [link.clone(), link.join("deeper")] {
            let error = resolve(&path).unwrap_err();
            assert!(error.headline().ends_with("/out` is a link to `gone`, which does not exist"), "{error}");
        }
    }

    #[test]
    fn an_output_has_one_layout() {
        let root = tempfile::tempdir().unwrap();
        for (there, asked) in [("as_of=2026-01-01", Layout::ByTable), ("_runs/as_of=2026-01-01", Layout::ByDate)] {
            let output = root.path().join(format!("{asked:?}"));
            fs::create_dir_all(output.join(there)).unwrap();
            fs::write(output.join(there).join(MANIFEST), "{}").unwrap();
            let error = refuse_foreign(&output, asked).unwrap_err();
            assert_eq!(error.kind(), Kind::Config);
            assert!(error.headline().ends_with("holds runs in another layout"), "{error}");
            assert!(error.shown_causes()[0].contains(there), "{error}");
            let other = if asked == Layout::ByTable { Layout::ByDate } else { Layout::ByTable };
            refuse_foreign(&output, other).unwrap();
        }
    }

    #[test]
    fn by_table_only_directories_with_dates_belong_into_an_output() {
        let root = tempfile::tempdir().unwrap();
        for directory in ["customers/as_of=2026-01-01", "_runs/as_of=2026-01-01", "sales/year=2026", "as_of=2026-01-01"]
        {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        fs::write(root.path().join("precious.txt"), "").unwrap();
        let error = refuse_foreign(root.path(), Layout::ByTable).unwrap_err();
        assert_eq!(error.shown_causes(), ["precious.txt", "sales"].map(|name| format!("`{name}` is not ours")));
    }

    #[test]
    fn foreign_names_are_listed_and_hidden_or_published_ones_are_not() {
        let root = tempfile::tempdir().unwrap();
        let output = root.path();
        for directory in ["as_of=2026-01-01", "as_of=2026-01-02", "as_of=yesterday"] {
            fs::create_dir(output.join(directory)).unwrap();
        }
        fs::write(output.join("as_of=2026-01-01/manifest.json"), "{}").unwrap();
        fs::write(output.join("as_of=yesterday/manifest.json"), "{}").unwrap();
        fs::write(output.join(".gitkeep"), "").unwrap();
        fs::write(output.join("precious.txt"), "").unwrap();
        let error = refuse_foreign(output, Layout::ByDate).unwrap_err();
        let expected = ["as_of=yesterday", "precious.txt"].map(|name| format!("`{name}` is not ours"));
        assert_eq!(error.shown_causes(), expected);
    }
}
