//! Publications by table: runs that are swapped whole, and their parts that follow.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::process::Signal;
use serde_json::json;

use super::processes::{child_output, install_signals, say, send, start};
use super::{TABLES, date, everything_in, generation_at, names, publish, staged, try_open, whole_generations};
use crate::error::Kind;
use crate::publish::exchange::Way;
use crate::publish::leftovers::hidden_of;
use crate::publish::options::Layout;
use crate::publish::{Output, verify_published};

/// The mark of a date whose parts may not be those of its run.
const MARK: &str = "_runs/.rfmetrics-pending-2026-01-01";

fn open(path: &Path) -> Output {
    try_open(path, Layout::ByTable).unwrap()
}

fn part(output: &Path, table: &str) -> PathBuf {
    output.join(format!("{table}/as_of=2026-01-01/part-0.parquet"))
}

/// The generation that the part of each table is of.
fn parts(output: &Path) -> [u64; 2] {
    TABLES.map(|table| {
        let text = fs::read_to_string(part(output, table)).unwrap();
        text.strip_prefix(&format!("{table} ")).unwrap().parse().unwrap()
    })
}

/// What an output holds after any number of runs of both tables.
fn is_clean(root: &Path) {
    let mut expected = vec![root.join("_runs/as_of=2026-01-01/manifest.json"), root.join(".rfmetrics.lock")];
    expected.extend(TABLES.map(|table| part(root, table)));
    expected.extend(TABLES.map(|table| root.join(format!("_runs/as_of=2026-01-01/{table}.parquet"))));
    expected.sort();
    let mut found = everything_in(root);
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_part_is_the_file_of_its_run_and_takes_no_room() {
    for way in [Way::Exchange, Way::Aside, Way::Copy] {
        let root = tempfile::tempdir().unwrap();
        let output = open(root.path());
        for generation in 1..=3 {
            let published = publish(&output, generation, way).unwrap();
            assert_eq!(published, output.path().join("_runs/as_of=2026-01-01"));
            assert_eq!((generation_at(&published), parts(root.path())), (generation, [generation; 2]));
            let inode = |path: &Path| fs::metadata(path).unwrap().ino();
            for table in TABLES {
                let file = published.join(format!("{table}.parquet"));
                assert_eq!(inode(&file), inode(&part(root.path(), table)));
            }
            is_clean(root.path());
        }
        // "customers 3" has 11 bytes and "segments 3" has 10.
        for path in
            [root.path().to_owned(), root.path().join("_runs/as_of=2026-01-01"), root.path().join("as_of=2026-01-01")]
        {
            let report = verify_published(&path).unwrap().into_result().unwrap();
            assert_eq!((report.files, report.bytes), (2, 21), "{}", path.display());
        }
    }
}

/// Stages the next generation with its first table alone.
fn publish_customers_alone(output: &Output, generation: u64) {
    let (staging, mut manifest) = staged(output, generation);
    fs::remove_file(staging.file("segments")).unwrap();
    manifest["tables"].as_array_mut().unwrap().truncate(1);
    staging.publish(&manifest).unwrap();
}

#[test]
fn a_table_that_the_new_run_does_not_have_loses_its_part() {
    let root = tempfile::tempdir().unwrap();
    let output = open(root.path());
    publish(&output, 1, Way::Exchange).unwrap();
    publish_customers_alone(&output, 2);
    assert_eq!(names(root.path()), [".rfmetrics.lock", "_runs", "customers"]);
    verify_published(root.path()).unwrap().into_result().unwrap();
    publish(&output, 3, Way::Exchange).unwrap();
    assert_eq!(parts(root.path()), [3, 3]);
}

#[test]
fn a_run_that_publishes_nothing_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("new/deeper");
    let output = open(&path);
    drop(staged(&output, 1));
    let (staging, mut manifest) = staged(&output, 1);
    manifest["tables"][0]["bytes"] = json!(7);
    assert_eq!(staging.publish(&manifest).unwrap_err().kind(), Kind::Bug);
    assert_eq!(names(&path), [".rfmetrics.lock"]);
    drop(output);
    assert!(names(root.path()).is_empty());
}

#[test]
fn where_a_part_cannot_be_replaced_the_earlier_run_is_back() {
    let root = tempfile::tempdir().unwrap();
    let output = open(root.path());
    let published = publish(&output, 1, Way::Exchange).unwrap();
    // A file does not take the name of a directory, and the second table is the last that is replaced.
    let blocked = part(root.path(), "segments");
    fs::remove_file(&blocked).unwrap();
    fs::create_dir(&blocked).unwrap();
    let error = publish(&output, 2, Way::Exchange).unwrap_err();
    assert_eq!(error.kind(), Kind::Write);
    assert!(error.headline().contains("segments/as_of=2026-01-01/part-0.parquet` cannot be replaced"), "{error}");
    assert_eq!(generation_at(&published), 1);
    assert_eq!(fs::read_to_string(part(root.path(), "customers")).unwrap(), "customers 1");
    // The blocked part is still not that of the run, which is said, and put right once that is possible.
    assert!(verify_published(root.path()).unwrap().faults[0].contains("interrupted"));
    drop(output);
    assert_eq!(try_open(root.path(), Layout::ByTable).unwrap_err().kind(), Kind::Write);
    fs::remove_dir(&blocked).unwrap();
    drop(open(root.path()));
    assert_eq!(parts(root.path()), [1, 1]);
    is_clean(root.path());
}

#[test]
fn what_a_killed_run_left_half_done_is_made_that_of_the_run_that_stands() {
    let root = tempfile::tempdir().unwrap();
    publish(&open(root.path()), 2, Way::Exchange).unwrap();
    // Killed after the first rename: the other part is still the old one, and its successor has a hidden name.
    fs::write(root.path().join(MARK), "").unwrap();
    fs::rename(part(root.path(), "segments"), part(root.path(), "segments").with_file_name(".rfmetrics-part")).unwrap();
    fs::write(part(root.path(), "segments"), "segments 1").unwrap();
    assert!(verify_published(root.path()).unwrap().faults[0].contains("interrupted"));
    drop(open(root.path()));
    assert_eq!(parts(root.path()), [2, 2]);
    is_clean(root.path());
    // Power was lost before the name of the first run of a date was on the disk, and after that of a part.
    fs::rename(root.path().join("_runs/as_of=2026-01-01"), root.path().join("_runs/.gone")).unwrap();
    fs::write(root.path().join(MARK), "").unwrap();
    drop(open(root.path()));
    assert_eq!(names(root.path()), [".rfmetrics.lock", "_runs"]);
}

#[test]
fn files_of_others_among_the_parts_are_not_replaced_away() {
    let root = tempfile::tempdir().unwrap();
    let output = open(root.path());
    publish(&output, 1, Way::Exchange).unwrap();
    for stranger in ["customers/as_of=2026-01-01/x.csv", "sales/as_of=2026-01-01/part-0.parquet"] {
        let path = root.path().join(stranger);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "precious").unwrap();
        let error = output.stage(date()).unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.to_string().contains(&format!("`{stranger}` is not ours")), "{error}");
        let faults = verify_published(root.path()).unwrap().faults;
        assert!(faults[0].contains(stranger) && faults[0].contains("not in a manifest"), "{faults:?}");
        fs::remove_file(&path).unwrap();
    }
    fs::write(root.path().join("customers/as_of=2026-01-01/_SUCCESS"), "").unwrap();
    publish(&output, 2, Way::Exchange).unwrap();
}

#[test]
fn verification_reads_parts_that_are_files_of_their_own() {
    let root = tempfile::tempdir().unwrap();
    publish(&open(root.path()), 1, Way::Exchange).unwrap();
    let customers = part(root.path(), "customers");
    let replace = |text: &str| {
        fs::remove_file(&customers).unwrap();
        fs::write(&customers, text).unwrap();
        verify_published(root.path()).unwrap().faults
    };
    assert!(replace("customers 1").is_empty(), "a copy is as good");
    let faults = replace("Customers 1");
    assert!(faults[0].contains("part-0.parquet`: has the SHA-256"), "{faults:?}");
    fs::remove_file(&customers).unwrap();
    assert!(verify_published(root.path()).unwrap().faults[0].contains("No such file"));
}

/// Whoever follows the manifest sees one generation; whoever reads the parts sees each of them whole.
#[test]
fn readers_see_whole_runs_and_whole_parts_through_two_hundred_replacements() {
    let root = tempfile::tempdir().unwrap();
    let output = open(root.path());
    let published = publish(&output, 0, Way::Exchange).unwrap();
    let is_over = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let of_runs = scope.spawn(|| whole_generations(&published, &is_over));
        let of_parts = scope.spawn(|| {
            let (mut last, mut whole) = ([0, 0], 0_u64);
            while !is_over.load(Ordering::Relaxed) {
                // Never missing and never cut: `parts` would fail.
                let found = parts(root.path());
                assert!(found[0] >= last[0] && found[1] >= last[1], "an older generation came back");
                (last, whole) = (found, whole + 1);
            }
            whole
        });
        for generation in 1..=200 {
            publish(&output, generation, Way::Exchange).unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        [of_runs.join().unwrap(), of_parts.join().unwrap()]
    });
    assert!(seen.iter().all(|seen| *seen > 0));
    assert_eq!((generation_at(&published), parts(root.path())), (200, [200, 200]));
}

#[test]
#[ignore = "started by other tests"]
fn child_publishes_by_table_again_and_again() {
    let Some(path) = child_output() else { return };
    install_signals();
    let output = open(&path);
    say("child is ready");
    for generation in 2..100_000 {
        // Every third run lacks a table.
        if generation % 3 == 0 {
            publish_customers_alone(&output, generation);
        } else {
            publish(&output, generation, Way::Exchange).unwrap();
        }
    }
}

#[test]
fn stopped_at_any_instant_the_run_is_whole_and_the_next_one_puts_its_parts_right() {
    let root = tempfile::tempdir().unwrap();
    let published = publish(&open(root.path()), 1, Way::Exchange).unwrap();
    for trial in 0..60 {
        let signal = if trial % 4 == 0 { Signal::TERM } else { Signal::KILL };
        let mut child = start(module_path!(), "child_publishes_by_table_again_and_again", root.path());
        // Steps that share no factor with the length of a publication: instants all over it.
        thread::sleep(std::time::Duration::from_micros(1_000 + 1_373 * trial));
        send(&child, signal);
        child.wait().unwrap();
        // What follows the manifest is whole at once.
        let whole = generation_of(&published);
        let faults = verify_published(root.path()).unwrap().faults;
        if signal == Signal::TERM {
            assert!(faults.is_empty() && hidden_of(root.path()).is_empty(), "a signal leaves nothing: {faults:?}");
        }
        drop(open(root.path()));
        verify_published(root.path()).unwrap().into_result().unwrap();
        assert_eq!(generation_at(&published), whole);
        assert!(hidden_of(root.path()).is_empty() && !root.path().join(MARK).exists());
        let staged = everything_in(root.path()).into_iter().filter(|path| path.ends_with(".rfmetrics-part")).count();
        assert_eq!(staged, 0);
    }
}

/// The generation that all files of a run are of.
fn generation_of(published: &Path) -> u64 {
    let generation = generation_at(published);
    for name in names(published).iter().filter(|name| *name != "manifest.json") {
        let text = fs::read_to_string(published.join(name)).unwrap();
        assert_eq!(text, format!("{} {generation}", name.trim_end_matches(".parquet")));
    }
    generation
}
