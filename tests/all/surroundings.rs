//! What lies around the data: strangers, links, pipes, directories that mean something else, outputs that reach the input.

use std::os::unix::fs::symlink;
use std::process::Command;

use crate::damage::{check, customers, delivered, put, refused, tree};
use crate::raw::{columns, plain};
use crate::support::{Ran, Sandbox};

#[test]
fn what_lies_next_to_data_is_skipped_and_no_file_counts_twice() {
    let whole = plain(&columns());
    let sandbox = delivered(&[("region=EU/a.parquet", whole.clone()), ("_SUCCESS", Vec::new())]);
    let half = &whole[..whole.len() / 2];
    for name in [".a.parquet.crc", "_temporary/0/t.parquet", ".staging/x.parquet", "_c.parquet", "b.parquet.tmp"] {
        put(&sandbox, name, half);
    }
    symlink(sandbox.input().join("region=EU/a.parquet"), sandbox.input().join("again.parquet")).unwrap();
    symlink("region=EU", sandbox.input().join("alias")).unwrap();
    symlink("nowhere", sandbox.input().join("README.txt")).unwrap();
    assert_eq!(customers(&sandbox.run(&["--input", "in/again.parquet"])), "A 2 3.00, B 1 4.00");
}

/// Runs the binary on one input; if it blocks on a pipe, the code is 124.
fn run_in_time(sandbox: &Sandbox, input: &str) -> Ran {
    let mut command = Command::new("timeout");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("RFMETRICS_")) {
        command.env_remove(name);
    }
    command.current_dir(sandbox.root()).args(["20", env!("CARGO_BIN_EXE_rfmetrics"), "run", "-qq"]);
    let done = command.args(["--output", "out", "--input", input]).output().unwrap();
    let [stdout, stderr] = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    Ran { code: done.status.code().unwrap_or(-1), stdout, stderr }
}

#[test]
fn links_that_lead_nowhere_and_pipes_end_the_run_at_once() {
    let sandbox = delivered(&[("d/a.parquet", plain(&columns()))]);
    let within = |name: &str| sandbox.input().join("d").join(name);
    symlink("nowhere.parquet", within("b.parquet")).unwrap();
    symlink("c.parquet", within("c.parquet")).unwrap();
    symlink("..", within("up")).unwrap();
    assert!(Command::new("mkfifo").arg(within("x.parquet")).status().unwrap().success());
    let parts = ["b.parquet`: is a link to something", "c.parquet`: cannot be read", "is a pipe"];
    let before = tree(&sandbox.output());
    let inputs = [
        ("in", &parts[..]),
        ("in/d/x.parquet", &parts[2..]),
        ("in/d/x*", &parts[2..]),
        ("in/d/b.parquet", &parts[..1]),
    ];
    for (input, parts) in inputs {
        check(&sandbox, &run_in_time(&sandbox, input), 3, parts);
    }
    assert!(before == tree(&sandbox.output()));
}

#[test]
fn directories_that_mean_something_else_are_refused_with_a_way_out() {
    let clash = "`amount`: hive partition key conflicts with the column in the file in `ROOT/in/amount=10/a.parquet`";
    let cases = [
        ("amount=10/a.parquet", "README.md", clash, "hint: rename the directories"),
        ("t/a.parquet", "t/_delta_log/0.json", "`ROOT/in/t`: belongs to a Delta Lake table", "export the table"),
        ("data/a.parquet", "metadata/v1.metadata.json", "`ROOT/in`: belongs to a", "Iceberg table\n\nhint: such a"),
        ("a.parquet", ".hoodie/hoodie.properties", "`ROOT/in`: belongs to a Hudi table", "export the table"),
        ("notes.txt", "data.parquet/README.md", "`ROOT/in` holds no Parquet files", "names must end in `.parquet`"),
    ];
    for (data, other, found, hint) in cases {
        let sandbox = delivered(&[(data, plain(&columns())), (other, b"{}".to_vec())]);
        refused(&sandbox, &[], 3, &[found, hint]);
    }
}

#[test]
fn an_output_that_reaches_the_input_through_a_link_is_refused() {
    let sandbox = delivered(&[("d/a.parquet", plain(&columns()))]);
    symlink(sandbox.input().join("d"), sandbox.root().join("link")).unwrap();
    symlink(sandbox.input().join("d/a.parquet"), sandbox.root().join("a.parquet")).unwrap();
    let before = tree(&sandbox.input());
    for (input, output, how) in [
        ("in", "link", "contains the input"),
        ("in", "link/new/deep", "lies inside the input"),
        ("in", "in/../in/d", "contains the input"),
        ("a.parquet", "in/d/a.parquet", "is the input"),
        ("a.parquet", "in", "contains the input"),
    ] {
        let ran = sandbox.command(&["run", "--quiet", "--input", input, "--output", output]);
        check(&sandbox, &ran, 2, &["cannot be the output", how, "hint: choose an `output.path` apart from the input"]);
    }
    assert!(before == tree(&sandbox.input()), "nothing was created there");
}
