//! Outputs by table: the same values under other paths, read back by everything that reads published runs.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use rfmetrics::PublishedRun;
use rfmetrics::reports::Chapter;

use crate::support::{Published, Sandbox, orders, read_parquet, tables_of};
use crate::worked::example;

/// The same input by date, published next to `out`: `quarantine` names the files of the input.
fn by_date(sandbox: &Sandbox) -> Published {
    let input = sandbox.input();
    let ran = sandbox.command(&["run", "-q", "-i", input.to_str().unwrap(), "-o", "by_date", "--as-of", "2025-03-31"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    sandbox.published(&ran)
}

const BY_TABLE: [&str; 4] = ["--as-of", "2025-03-31", "--set", "output.layout=by_table"];

#[test]
fn every_table_holds_the_same_values_without_the_date_that_its_path_holds() {
    let sandbox = Sandbox::with(example());
    let expected = by_date(&sandbox);
    let published = sandbox.run(&BY_TABLE);
    assert!(published.path.ends_with("out/_runs/as_of=2025-03-31"), "{}", published.path.display());
    let names: Vec<&str> = tables_of(&[Chapter::EveryRun]).iter().map(|table| table.name).collect();
    let mut visible = [&["_runs"][..], &names].concat();
    visible.sort_unstable();
    assert_eq!(sandbox.visible(), visible);
    for name in names {
        let part = sandbox.output().join(name).join("as_of=2025-03-31/part-0.parquet");
        let plain = expected.table(name).drop("as_of").unwrap();
        assert!(read_parquet(&part).equals_missing(&plain), "{name}");
        assert!(published.table(name).equals_missing(&plain), "{name}");
    }
    let manifest = published.manifest();
    let entry = |name: &str| {
        let tables = manifest["tables"].as_array().unwrap().iter();
        tables.clone().find(|table| table["name"] == name).unwrap().clone()
    };
    assert_eq!(entry("segments")["part"], "segments/as_of=2025-03-31/part-0.parquet");
    assert_eq!(entry("segments")["file"], "segments.parquet");
    let columns = expected.table("segments").width() as u64;
    assert_eq!(entry("segments")["columns"], columns - 1);
}

#[test]
fn a_run_by_table_is_verified_linted_and_reused_as_any_other() {
    let sandbox = Sandbox::with(example());
    let published = sandbox.run(&BY_TABLE);
    let (run, short) = (published.path.to_str().unwrap(), sandbox.output().join("as_of=2025-03-31"));
    let ways = [run, short.to_str().unwrap()];
    for path in ways.into_iter().chain([sandbox.output().to_str().unwrap()]) {
        let ran = sandbox.command(&["verify", path]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    for path in ways {
        let customers = PublishedRun::open(path).unwrap().table("customers").unwrap();
        assert_eq!(customers.rows(), published.table("customers").height());
        let lint = sandbox.command(&["lint-map", "rf25", "--data", path]);
        assert_eq!(lint.code, 0, "{}", lint.stderr);
        // The same scores by the frozen breaks, published to the other layout.
        let frozen = format!("score.breaks_from={path}");
        let input = sandbox.input();
        let args =
            ["run", "-q", "--as-of", "2025-03-31", "-i", input.to_str().unwrap(), "--set", &frozen, "-o", "other"];
        let again = sandbox.command(&args);
        assert_eq!(again.code, 0, "{}", again.stderr);
        let again = sandbox.published(&again);
        assert!(again.table("customers").drop("as_of").unwrap().equals_missing(&published.table("customers")));
        let explained = sandbox.command(&["explain", "1", "-i", input.to_str().unwrap(), "--set", &frozen]);
        assert_eq!(explained.code, 0, "{}", explained.stderr);
    }
    // A changed part is noticed: it is the same file as that of the run.
    fs::write(sandbox.output().join("segments/as_of=2025-03-31/part-0.parquet"), "x").unwrap();
    let ran = sandbox.command(&["verify", "out"]);
    assert_eq!(ran.code, 6);
    assert!(ran.stderr.contains("segments"), "{}", ran.stderr);
}

#[test]
fn an_output_keeps_its_layout_and_a_check_says_so_beforehand() {
    let sandbox = Sandbox::with(example());
    sandbox.run(&BY_TABLE);
    sandbox.run(&[&BY_TABLE[2..], &["--as-of", "2025-02-28"]].concat());
    let other = sandbox.try_run(&["--as-of", "2025-03-31"]);
    assert_eq!(other.code, 2);
    assert!(other.stderr.contains("output.layout = \"by_table\""), "{}", other.stderr);
    let check = sandbox.command(&["check", "-i", "in", "-o", "out", "--as-of", "2025-03-31"]);
    assert_eq!(check.code, 2, "{}", check.stdout);
    let run = sandbox.at(&sandbox.output().join("_runs/as_of=2025-02-28"));
    assert!(run.path.join("manifest.json").exists(), "the other date is there");
}

#[test]
fn the_same_run_by_table_gives_the_same_bytes_on_any_number_of_threads() {
    let sandbox = Sandbox::with(example());
    let first = sandbox.run(&[&BY_TABLE[..], &["--threads", "1"]].concat()).bytes();
    let again = sandbox.run(&[&BY_TABLE[..], &["--threads", "3"]].concat()).bytes();
    assert!(first == again);
}

#[test]
fn snappy_holds_the_same_values() {
    let sandbox = Sandbox::with(example());
    let expected = by_date(&sandbox);
    let published = sandbox.run(&["--as-of", "2025-03-31", "--set", "output.compression=snappy"]);
    for table in tables_of(&[Chapter::EveryRun]) {
        assert!(published.table(table.name).equals_missing(&expected.table(table.name)), "{}", table.name);
    }
    assert_ne!(published.bytes()["customers.parquet"], expected.bytes()["customers.parquet"]);
}

/// An output that this test holds, as another run would.
fn held(sandbox: &Sandbox) -> File {
    fs::create_dir(sandbox.output()).unwrap();
    let lock = File::create(sandbox.output().join(".rfmetrics.lock")).unwrap();
    lock.try_lock().unwrap();
    lock
}

#[test]
fn a_run_that_waits_gives_up_after_the_time_it_was_given() {
    let sandbox = Sandbox::with(example());
    let lock = held(&sandbox);
    let at_once = sandbox.try_run(&[]);
    assert_eq!(at_once.code, 7);
    assert!(at_once.stderr.contains("--wait SECONDS"), "{}", at_once.stderr);
    let waited = sandbox.try_run(&["--wait", "1"]);
    assert_eq!(waited.code, 7);
    assert!(waited.stderr.contains("it was still held after 1 seconds"), "{}", waited.stderr);
    drop(lock);
    assert_eq!(sandbox.try_run(&["--wait", "1"]).code, 0);
}

#[test]
fn a_run_that_waited_reads_what_is_there_then() {
    let sandbox = Sandbox::with(orders(&[(1, 1, "2025-01-01", 5.0)]));
    let lock = held(&sandbox);
    let mut command = Command::new(env!("CARGO_BIN_EXE_rfmetrics"));
    command.current_dir(sandbox.root()).env("RFMETRICS_LOG", "info");
    command.args(["run", "-i", "in", "-o", "out", "--as-of", "2025-01-31", "--wait", "60"]);
    let mut run = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(run.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(log.any(|line| line.contains("waiting")), "it says that it waits");
    // A new delivery comes while the run waits: no reason to stop, since nothing was read yet.
    sandbox.file("a.parquet", orders(&[(1, 1, "2025-01-01", 5.0), (2, 2, "2025-01-02", 7.0)]));
    drop(lock);
    let rest: Vec<String> = log.collect();
    assert!(run.wait().unwrap().success(), "{rest:?}");
    let published = sandbox.at(&sandbox.output().join("as_of=2025-01-31"));
    assert_eq!(published.table("customers").height(), 2);
}
