//! A limit of memory: what goes to disk changes no byte, what cannot be held is refused, and nothing is left behind.

use std::fs;
use std::process::Command;

use polars::prelude::*;

use crate::support::{Published, Sandbox, day, frame};

const AS_OF: [&str; 2] = ["--as-of", "2024-12-31"];

/// Three customers with 4,500 rows each, more than wait at a time, and sixty with some. Days go back and forth by more than two
/// months, some orders come back much later, and one row in eleven is a return.
fn busy(are_texts: bool) -> DataFrame {
    let rows = 27_000_i64;
    let customer = |row: i64| if row % 2 == 0 { row / 2 % 3 } else { 3 + row / 2 % 60 };
    let ids = if are_texts {
        let ids: Vec<String> = (0..rows).map(|row| format!("C-{:06}", customer(row))).collect();
        Column::new("customer_id".into(), ids)
    } else {
        Column::new("customer_id".into(), (0..rows).map(customer).collect::<Vec<i64>>())
    };
    // 6,000 rows before stands the same customer.
    let order = |row: i64| if row % 100 == 0 && row / 6_000 % 2 == 1 { row - 6_000 } else { row };
    let days: Vec<i32> = (0..rows as i32).map(|row| day("2023-01-01") + row * 37 % 700).collect();
    let amount = |row: i64| (row * 7_907 % 10_000 - if row % 11 == 0 { 10_000 } else { 0 }) as f64 / 100.0;
    frame(vec![
        ids,
        Column::new("order_id".into(), (0..rows).map(order).collect::<Vec<i64>>()),
        Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap(),
        Column::new("amount".into(), (0..rows).map(amount).collect::<Vec<f64>>()),
        Column::new("margin".into(), (0..rows).map(|row| amount(row) / 4.0).collect::<Vec<f64>>()),
    ])
}

/// What a run of the settings must hold in memory, as `check` says.
fn least(sandbox: &Sandbox, words: &[&str]) -> u64 {
    let (input, output) = (sandbox.input(), sandbox.output());
    let place = ["--input", input.to_str().unwrap(), "--output", output.to_str().unwrap(), "--format", "json"];
    let checked = sandbox.command(&[&["check"], &place[..], words].concat());
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    let report: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
    report["spill"]["least_memory_bytes"].as_u64().unwrap()
}

fn run(sandbox: &Sandbox, words: &[&str]) -> Published {
    sandbox.run(&[&AS_OF[..], words].concat())
}

fn spilled_bytes(run: &Published) -> u64 {
    run.manifest()["spilled_bytes"].as_u64().unwrap_or_default()
}

#[test]
fn what_goes_to_disk_changes_no_byte() {
    let margin = ["--set", "columns.margin=margin", "--set", "clean.returns=net"];
    let window = ["--set", "dates.window_days=365", "--set", "segment.map=lifecycle"];
    let predict = ["--predict", "bg_nbd", "--set", "predict.holdout_days=90"];
    let days = ["--orders-by", "row"];
    for (are_texts, settings) in
        [(false, &[][..]), (true, &margin), (false, &predict), (true, &window), (false, &days), (true, &predict)]
    {
        let sandbox = Sandbox::with(busy(are_texts));
        let whole = run(&sandbox, settings).bytes();
        assert_eq!(spilled_bytes(&sandbox.at(&sandbox.output().join("as_of=2024-12-31"))), 0);
        let limit = format!("{} b", least(&sandbox, settings) + 2_000);
        for threads in ["1", "3"] {
            let tight = run(&sandbox, &[settings, &["--threads", threads, "--memory-limit", &limit]].concat());
            // Nearly 27,000 orders are in the log, ten bytes each, and the limit has no room for any.
            let spilled = spilled_bytes(&tight);
            assert!(spilled > 200_000, "{spilled} with {settings:?}");
            assert!(tight.bytes() == whole, "{settings:?} on {threads} threads");
        }
    }
}

#[test]
fn temporary_files_have_no_names_and_leftovers_of_killed_runs_go() {
    let sandbox = Sandbox::with(busy(false));
    let other = sandbox.root().join("spill");
    fs::create_dir(&other).unwrap();
    let limit = format!("{} b", least(&sandbox, &[]) + 2_000);
    for (place, words) in [(sandbox.output(), &[][..]), (other.clone(), &["--spill-path", other.to_str().unwrap()])] {
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join(".rfmetrics-spill-1234-5f"), "left by a killed run").unwrap();
        assert!(spilled_bytes(&run(&sandbox, &[words, &["--memory-limit", &limit]].concat())) > 0);
        let left: Vec<_> = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| name == ".rfmetrics.lock" || name == "as_of=2024-12-31"), "{left:?}");
    }
    let missing = sandbox.root().join("missing");
    let refused = sandbox.try_run(&["--spill-path", missing.to_str().unwrap()]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("`run.spill_path` is no directory"), "{}", refused.stderr);
}

/// A file may have 64 blocks of 512 bytes: less than the log of orders.
#[test]
fn a_disk_that_is_full_is_a_write_error_and_leaves_nothing() {
    let sandbox = Sandbox::with(busy(false));
    let limit = format!("{} b", least(&sandbox, &[]) + 2_000);
    let (input, output) = (sandbox.input(), sandbox.output());
    let script = "trap '' XFSZ; ulimit -f 64; exec \"$@\"";
    let program = env!("CARGO_BIN_EXE_rfmetrics");
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", program, "run", "--quiet", "--memory-limit", &limit, "--as-of", "2024-12-31"]);
    let done = command.arg("--input").arg(&input).arg("--output").arg(&output).output().unwrap();
    let error = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(6), "{error}");
    assert!(error.contains("the temporary file for the log of orders cannot be written"), "{error}");
    assert!(!output.exists(), "nothing is left");
}

/// 40,000 customers of one order each need 4 MB, and nothing says beforehand how many there are.
#[test]
fn customers_that_memory_cannot_hold_are_refused_and_leave_nothing() {
    let rows = 40_000_i64;
    let rows = frame(vec![
        Column::new("customer_id".into(), (0..rows).map(|row| row * 1_000_003).collect::<Vec<i64>>()),
        Column::new("order_id".into(), (0..rows).collect::<Vec<i64>>()),
        Column::new("order_ts".into(), vec![day("2024-01-01"); 40_000]).cast(&DataType::Date).unwrap(),
        Column::new("amount".into(), vec![1.0; 40_000]),
    ]);
    let sandbox = Sandbox::with(rows);
    // The least for the typical number, a customer for each twenty lines.
    let limit = format!("{} b", least(&sandbox, &[]) + 1_000);
    let refused = sandbox.try_run(&[&AS_OF[..], &["--memory-limit", &limit]].concat());
    assert_eq!(refused.code, 5, "{}", refused.stderr);
    assert!(refused.stderr.contains("the run needs at least"), "{}", refused.stderr);
    assert!(refused.stderr.contains("`run.memory_limit` allows"), "{}", refused.stderr);
    assert!(refused.stderr.contains("customers or more"), "{}", refused.stderr);
    assert!(!sandbox.output().exists(), "nothing is left");
}

/// 600,000 rows, of which each key has two; half a limit of 130 MB holds the values of some of them at a time.
#[test]
fn rows_with_one_key_are_compared_by_parts() {
    let rows = 600_000_i64;
    let rows = frame(vec![
        Column::new("customer_id".into(), (0..rows).map(|row| row % 1_000).collect::<Vec<i64>>()),
        Column::new("order_id".into(), (0..rows).map(|row| row % 300_000).collect::<Vec<i64>>()),
        Column::new("order_ts".into(), (0..rows as i32).map(|row| day("2024-01-01") + row % 300).collect::<Vec<i32>>())
            .cast(&DataType::Date)
            .unwrap(),
        // Of two rows of an order the later one has the smaller amount: it is kept.
        Column::new("amount".into(), (0..rows).map(|row| if row < 300_000 { 5.0 } else { 3.0 }).collect::<Vec<f64>>()),
    ]);
    let sandbox = Sandbox::with(rows);
    let settings = ["--set", "clean.dedupe_keys=[\"order_id\"]", "--max-quarantined-share", "1"];
    let whole = run(&sandbox, &settings);
    let totals = whole.manifest()["totals"].clone();
    assert_eq!(totals["revenue_minor_units"], 300_000 * 300, "{totals}");
    let limit = format!("{} b", least(&sandbox, &settings) + 1_000_000);
    let tight = run(&sandbox, &[&settings[..], &["--memory-limit", &limit]].concat());
    assert!(tight.bytes() == whole.bytes());
}
