//! Whether a date is published already as a run would publish it again: what a series that goes on may skip.
//!
//! The manifest says the program, the settings and the files of the input. Files that a manifest has no checksum of must not
//! have been written to since it was published. Does not live here: the manifest (`history`, `manifest`).

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::opened::Opened;
use super::published;
use super::survey::claimed_paths;
use crate::config::Config;
use crate::history::PublishedRun;
use crate::input::Input;
use crate::manifest::{MANIFEST, Manifest};

/// Whether what is published in `directory` is what this run would publish.
pub(super) fn is_up_to_date(opened: &Opened, directory: &Path) -> bool {
    let run = directory.is_dir().then(|| PublishedRun::open(directory).and_then(|run| run.manifest()));
    let Some(Ok(manifest)) = run else { return false };
    let (config, input) = (opened.job.config(), &opened.input);
    is_of(&manifest, config, input)
        && manifest.tables.iter().all(|table| is_there(directory, &table.file, table.bytes))
        && written(&directory.join(MANIFEST)).is_some_and(|then| is_unchanged_since(then, config, input))
}

fn is_of(manifest: &Manifest, config: &Config, input: &Input) -> bool {
    manifest.version == env!("CARGO_PKG_VERSION")
        && same_settings(&manifest.config, config)
        && manifest.inputs == published::inputs(input)
}

/// What a run may use, and where it writes, changes no table.
fn same_settings(then: &Config, now: &Config) -> bool {
    let plain = |config: &Config| Config { run: now.run.clone(), output: now.output.clone(), ..config.clone() };
    then.output.money == now.output.money && plain(then) == plain(now)
}

fn is_there(directory: &Path, file: &str, bytes: u64) -> bool {
    std::fs::metadata(directory.join(file)).is_ok_and(|found| found.is_file() && found.len() == bytes)
}

/// Whether no file that the run reads was written to since.
fn is_unchanged_since(then: SystemTime, config: &Config, input: &Input) -> bool {
    let named = [&config.privacy.exclude_ids, &config.score.breaks_from, &config.predict.params_from];
    let named = named.into_iter().flatten().chain([&config.segment.map]).map(PathBuf::from);
    let maps = config
        .scorings()
        .ok()
        .into_iter()
        .flat_map(|scorings| scorings.iter().map(|own| PathBuf::from(&own.segment.map)).collect::<Vec<PathBuf>>());
    let paths = claimed_paths(None, config).into_iter().chain(named).chain(maps);
    let is_older = |path: PathBuf| {
        let path = if path.join(MANIFEST).is_file() { path.join(MANIFEST) } else { path };
        // What is no file of this name is a shipped map, or a directory whose files are looked at one by one.
        written(&path).is_none_or(|when| path.is_dir() || when <= then)
    };
    input.files().all(|file| file.modified <= then) && paths.into_iter().all(is_older)
}

fn written(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|found| found.modified()).ok()
}
