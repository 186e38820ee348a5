//! Whole publications in temporary directories: made, replaced, refused, verified, and read while they change.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use chrono::NaiveDate;
use rustix::fs::{Mode, OFlags, openat};
use serde_json::{Value, json};

use super::exchange::Way;
use super::leftovers::hidden_of;
use super::options::{Layout, OutputOptions};
use super::{Output, Staging, verify_published};
use crate::error::{Kind, Result};
use crate::files::ChecksumWriter;
use crate::manifest::tables::TableFile;

mod by_table;
mod campaigns;
mod processes;

const TABLES: [&str; 2] = ["customers", "segments"];

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
}

fn try_open(path: &Path, layout: Layout) -> Result<Output> {
    let options = OutputOptions { path: path.display().to_string(), layout, ..OutputOptions::default() };
    Output::open(&options, &[])
}

fn open(path: &Path) -> Output {
    try_open(path, Layout::ByDate).unwrap()
}

/// Two tables that both state their generation, and the manifest that states it too.
fn staged(output: &Output, generation: u64) -> (Staging, Value) {
    let staging = output.stage(date()).unwrap();
    for table in TABLES {
        fs::write(staging.file(table), format!("{table} {generation}")).unwrap();
    }
    let seals = staging.seal_all(&TABLES).unwrap();
    let entries: Vec<_> =
        seals.into_iter().zip(TABLES).map(|(seal, table)| staging.placed(TableFile::new(table, 1, 1, seal))).collect();
    (staging, json!({"generation": generation, "tables": entries}))
}

fn publish(output: &Output, generation: u64, way: Way) -> Result<PathBuf> {
    let (staging, manifest) = staged(output, generation);
    staging.publish_by(way, &manifest)
}

fn names(directory: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().to_string_lossy().into_owned();
    let mut names: Vec<_> = fs::read_dir(directory).unwrap().map(name).collect();
    names.sort();
    names
}

/// Every file below `directory`, also in hidden directories, as a pattern such as `reports/**/*.parquet` finds them.
fn everything_in(directory: &Path) -> Vec<PathBuf> {
    let paths = names(directory).into_iter().map(|name| directory.join(name));
    paths.flat_map(|path| if path.is_dir() { everything_in(&path) } else { vec![path] }).collect()
}

fn generation_at(published: &Path) -> u64 {
    let manifest: Value = serde_json::from_slice(&fs::read(published.join("manifest.json")).unwrap()).unwrap();
    manifest["generation"].as_u64().unwrap()
}

#[test]
fn a_publication_is_whole_verified_and_leaves_only_the_lock() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("new/deeper");
    let output = open(&path);
    assert_eq!(names(&path), [".rfmetrics.lock"]);
    let published = publish(&output, 1, Way::Exchange).unwrap();
    assert_eq!(published, path.canonicalize().unwrap().join("as_of=2026-01-01"));
    assert_eq!(names(&path), [".rfmetrics.lock", "as_of=2026-01-01"]);
    assert_eq!(names(&published), ["customers.parquet", "manifest.json", "segments.parquet"]);
    for directory in [&path, &published] {
        let report = verify_published(directory).unwrap().into_result().unwrap();
        // "customers 1" has 11 bytes and "segments 1" has 10.
        assert_eq!((report.files, report.bytes), (2, 21));
    }
}

#[test]
fn nothing_is_open_to_others_while_staged_and_no_other_user_may_write_what_is_published() {
    let root = tempfile::tempdir().unwrap();
    let output = open(root.path());
    let (staging, manifest) = staged(&output, 1);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(staging.path()), 0o700);
    let published = staging.publish(&manifest).unwrap();
    for path in [published.clone(), published.join("manifest.json"), published.join("customers.parquet")] {
        assert_eq!(mode(&path) & 0o002, 0, "{}", path.display());
        assert_eq!(mode(&path) & 0o600, 0o600, "{}", path.display());
    }
    // A new file here shows the umask: readers that it admits can read the result.
    fs::write(root.path().join(".probe"), "").unwrap();
    assert_eq!(mode(&published.join("manifest.json")), mode(&root.path().join(".probe")) & 0o664);
}

#[test]
fn a_failed_run_leaves_what_was_published_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let output = open(root.path());
    let published = publish(&output, 1, Way::Exchange).unwrap();
    drop(staged(&output, 2));
    assert_eq!(names(root.path()), [".rfmetrics.lock", "as_of=2026-01-01"]);
    assert_eq!(generation_at(&published), 1);
}

#[test]
fn a_reader_of_the_whole_output_finds_published_files_only() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("out");
    let output = open(&path);
    drop(staged(&output, 1));
    assert_eq!(everything_in(&path), [path.join(".rfmetrics.lock")]);
    publish(&output, 1, Way::Exchange).unwrap();
    let published = everything_in(&path);
    let (staging, manifest) = staged(&output, 2);
    assert_eq!(staging.path().parent(), output.path().parent());
    assert_eq!(everything_in(&path), published);
    staging.publish(&manifest).unwrap();
    assert_eq!(everything_in(&path), published);
    assert_eq!(names(root.path()), ["out"]);
}

/// What was exchanged out is removed last: it is not part of the output any more.
#[test]
fn the_replaced_version_is_not_found_in_the_output() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("out");
    let output = open(&path);
    let published = publish(&output, 1, Way::Exchange).unwrap();
    let (mut staging, manifest) = staged(&output, 2);
    staging.is_kept = true;
    staging.publish(&manifest).unwrap();
    assert_eq!(generation_at(&published), 2);
    let [replaced] = hidden_of(output.path()).try_into().unwrap();
    assert_eq!(generation_at(&replaced), 1);
    assert_eq!(replaced.parent(), output.path().parent());
    assert_eq!(names(&path), [".rfmetrics.lock", "as_of=2026-01-01"]);
    drop(output);
    drop(open(&path));
    assert_eq!(names(root.path()), ["out"]);
}

#[test]
fn a_run_that_publishes_nothing_takes_its_new_output_away() {
    let root = tempfile::tempdir().unwrap();
    let output = open(&root.path().join("new/deeper"));
    drop(staged(&output, 1));
    drop(output);
    assert!(names(root.path()).is_empty());
}

#[test]
fn all_ways_replace_and_leave_no_rest() {
    for way in [Way::Exchange, Way::Aside, Way::Copy] {
        let root = tempfile::tempdir().unwrap();
        let output = open(root.path());
        for generation in 1..=3 {
            let published = publish(&output, generation, way).unwrap();
            assert_eq!(generation_at(&published), generation);
            assert_eq!(
                fs::read_to_string(published.join("segments.parquet")).unwrap(),
                format!("segments {generation}")
            );
            assert_eq!(names(root.path()), [".rfmetrics.lock", "as_of=2026-01-01"]);
        }
    }
}

#[test]
fn a_manifest_that_does_not_describe_the_files_is_a_bug_and_publishes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let output = open(root.path());
    let (staging, mut manifest) = staged(&output, 1);
    manifest["tables"][0]["bytes"] = json!(7);
    assert_eq!(staging.publish(&manifest).unwrap_err().kind(), Kind::Bug);
    let (staging, mut manifest) = staged(&output, 1);
    manifest["tables"].as_array_mut().unwrap().pop();
    assert!(
        staging.publish(&manifest).unwrap_err().to_string().contains("`segments.parquet` is staged but not listed")
    );
    assert_eq!(names(root.path()), [".rfmetrics.lock"]);
}

#[test]
fn a_checksum_made_while_writing_is_used_for_the_file() {
    let root = tempfile::tempdir().unwrap();
    let output = open(root.path());
    let staging = output.stage(date()).unwrap();
    let mut writer = ChecksumWriter::new(File::create(staging.file("customers")).unwrap());
    writer.write_all(b"abc").unwrap();
    let (_, seal) = writer.finish().unwrap();
    staging.seal_as("customers", seal.clone()).unwrap();
    assert_eq!(staging.seal("customers").unwrap(), seal);
    fs::write(staging.file("customers"), "abcd").unwrap();
    assert_eq!(staging.seal_as("customers", seal).unwrap_err().kind(), Kind::Bug);
}

#[test]
fn a_missing_file_cannot_be_sealed() {
    let root = tempfile::tempdir().unwrap();
    let staging = open(root.path()).stage(date()).unwrap();
    let error = staging.seal_all(&["customers"]).unwrap_err();
    assert!(error.headline().contains("customers.parquet` cannot be sealed"), "{error}");
}

#[test]
fn directories_that_are_not_ours_are_refused_and_left_as_they_are() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    fs::write(at("file"), "precious").unwrap();
    fs::create_dir(at("foreign")).unwrap();
    fs::write(at("foreign/precious.txt"), "x").unwrap();
    symlink(at("foreign"), at("link")).unwrap();
    symlink(at("nowhere/at/all"), at("dangling")).unwrap();
    for (name, kind) in [
        ("file", Kind::Config),
        ("foreign", Kind::Config),
        ("link", Kind::Config),
        ("file/x", Kind::Config),
        ("dangling", Kind::Config),
    ] {
        assert_eq!(try_open(&at(name), Layout::ByDate).unwrap_err().kind(), kind, "{name}");
    }
    assert_eq!(fs::read_to_string(at("file")).unwrap(), "precious");
    assert_eq!(names(&at("foreign")), ["precious.txt"]);
    let new = OutputOptions { path: at("foreign/new").display().to_string(), ..OutputOptions::default() };
    let inside = Output::open(&new, &[at("foreign")]).unwrap_err();
    assert!(inside.to_string().contains("lies inside the input"), "{inside}");
    assert_eq!(names(&at("foreign")), ["precious.txt"]);
}

#[test]
fn files_that_others_put_into_a_published_directory_are_not_replaced_away() {
    let root = tempfile::tempdir().unwrap();
    let output = open(root.path());
    let published = publish(&output, 1, Way::Exchange).unwrap();
    fs::write(published.join("notes.txt"), "x").unwrap();
    let error = output.stage(date()).unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("`notes.txt` is not ours"), "{error}");
    fs::remove_file(published.join("notes.txt")).unwrap();
    fs::write(published.join("manifest.json"), "{").unwrap();
    assert_eq!(output.stage(date()).unwrap_err().kind(), Kind::Write);
}

#[test]
fn verification_names_every_change() {
    let root = tempfile::tempdir().unwrap();
    let published = publish(&open(root.path()), 1, Way::Exchange).unwrap();
    let faults = || verify_published(root.path()).unwrap().faults;
    let customers = published.join("customers.parquet");
    fs::write(&customers, "Customers 1").unwrap();
    assert!(faults()[0].contains("SHA-256"));
    fs::write(&customers, "customers").unwrap();
    assert!(faults()[0].contains("has 9 bytes, the manifest says 11"));
    fs::remove_file(&customers).unwrap();
    fs::write(published.join("extra.parquet"), "").unwrap();
    let both = faults();
    assert!(both[0].contains("No such file") && both[1].contains("not in the manifest"), "{both:?}");
    fs::write(published.join("manifest.json"), "{}").unwrap();
    assert!(faults()[0].contains("tables"));
    assert_eq!(verify_published(root.path()).unwrap().into_result().unwrap_err().kind(), Kind::Write);
    fs::remove_file(published.join("manifest.json")).unwrap();
    assert_eq!(faults().len(), 1);
    assert_eq!(verify_published(&std::env::temp_dir().join("none")).unwrap_err().kind(), Kind::Write);
}

/// What one reader sees through one open directory: the generation, or nothing if it was replaced meanwhile.
fn generation_through_handle(published: &Path) -> Option<u64> {
    // Never missing: this fails the test if there is a moment without a published directory.
    let directory = File::open(published).expect("the published directory is always there");
    let read = |name: &str| {
        let file = openat(&directory, name, OFlags::RDONLY, Mode::empty()).ok()?;
        let mut text = String::new();
        File::from(file).read_to_string(&mut text).unwrap();
        Some(text)
    };
    let files = (read("manifest.json"), read("customers.parquet"), read("segments.parquet"));
    let (Some(manifest), Some(customers), Some(segments)) = files else {
        let still_there = fs::metadata(published).unwrap().ino() == directory.metadata().unwrap().ino();
        assert!(!still_there, "a file is missing in the directory that is published now");
        return None;
    };
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let generation = manifest["generation"].as_u64().unwrap();
    assert_eq!((customers, segments), (format!("customers {generation}"), format!("segments {generation}")));
    Some(generation)
}

/// Reads the published run until it is over: how often it was whole, and never older than before.
fn whole_generations(published: &Path, is_over: &AtomicBool) -> u64 {
    let (mut last, mut whole) = (0, 0_u64);
    while !is_over.load(Ordering::Relaxed) {
        if let Some(generation) = generation_through_handle(published) {
            assert!(generation >= last, "an older generation came back");
            (last, whole) = (generation, whole + 1);
        }
    }
    whole
}

/// ext4, xfs, btrfs, tmpfs and overlay know the exchange (renameat2(2)), so temporary directories do.
#[test]
fn readers_see_a_whole_generation_through_two_hundred_replacements() {
    let root = tempfile::tempdir().unwrap();
    let output = open(root.path());
    let published = publish(&output, 0, Way::Exchange).unwrap();
    let is_over = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let reader = scope.spawn(|| whole_generations(&published, &is_over));
        for generation in 1..=200 {
            publish(&output, generation, Way::Exchange).unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert!(seen > 0);
    assert_eq!(generation_at(&published), 200);
}
