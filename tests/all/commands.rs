//! `check`, `init` and `run --dry-run` through the binary: what they say, where, and how they end.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};

use polars::prelude::*;
use serde_json::Value;

/// Runs the program in `directory`, without any variable of our own environment that is a setting.
fn rfmetrics(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rfmetrics"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("RFMETRICS_")) {
        command.env_remove(name);
    }
    command.current_dir(directory).args(arguments).output().unwrap()
}

/// What it printed, if it succeeded.
pub fn stdout(directory: &Path, arguments: &[&str]) -> String {
    let output = rfmetrics(directory, arguments);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "{arguments:?} ended with {}:\n{out}\n{err}", output.status);
    out
}

pub fn json(directory: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&stdout(directory, arguments)).unwrap()
}

/// Exit code, standard output and standard error.
pub fn refused(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = rfmetrics(directory, arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

pub fn write(path: &Path, mut frame: DataFrame) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    ParquetWriter::new(File::create(path).unwrap()).finish(&mut frame).unwrap();
}

pub fn dates(days: &[&str]) -> Column {
    Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap()
}

/// Five customers. By 2026-01-10, with five bins each (type 7 quantiles of five values are the values in the middle):
///
/// | customer | last order | days | orders | revenue |
/// |---|---|---|---|---|
/// | C-1 | 2026-01-09 | 1 | 3 | 60.00 |
/// | C-2 | 2026-01-05 | 5 | 1 | 10.00 |
/// | C-3 | 2025-12-31 | 10 | 2 | 30.00 |
/// | C-4 | 2025-12-21 | 20 | 1 | 5.00 |
/// | C-1042 | 2025-12-11 | 30 | 1 | 20.00 |
fn sales() -> DataFrame {
    let ids = [
        Some("C-1"),
        Some("C-1"),
        Some("C-1"),
        Some("C-2"),
        Some("C-3"),
        Some("C-3"),
        Some("C-4"),
        Some("C-1042"),
        Some("C-1042"),
        None,
    ];
    let days = [
        "2026-01-09",
        "2026-01-08",
        "2026-01-01",
        "2026-01-05",
        "2025-12-31",
        "2025-12-30",
        "2025-12-21",
        "2025-12-11",
        "2026-02-01",
        "2026-01-01",
    ];
    df!(
        "customer_id" => ids,
        "order_id" => [1_i64, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        "order_ts" => dates(&days).as_materialized_series().clone(),
        "amount" => [20.0, 20.0, 20.0, 10.0, 15.0, 15.0, 5.0, 20.0, 99.0, 1.0],
        "country" => ["DE"; 10],
    )
    .unwrap()
}

pub const AS_OF: [&str; 2] = ["--as-of", "2026-01-10"];

pub fn lab() -> tempfile::TempDir {
    let lab = tempfile::tempdir().unwrap();
    write(&lab.path().join("sales.parquet"), sales());
    lab
}

pub fn with<'a>(words: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    words.iter().chain(more).copied().collect()
}

#[test]
fn check_shows_what_a_run_would_read_and_writes_nothing() {
    let lab = lab();
    let arguments = with(&["check", "--input", "sales.parquet", "--output", "reports"], &AS_OF);
    let text = stdout(lab.path(), &arguments);
    for fact in [
        "1 file,",
        "10 rows",
        "text (string)",
        "not read  `country`",
        "2025-12-11 to 2026-02-01, nulls: 0",
        "2026-01-10; rows after it, which are cut: some",
        "rows with one `order_id` are an order",
        "recency: `recency_days` by quantile in 5, thresholds learned from the data",
        "map `rf25`, 10 segments",
        "would be created",
        "ok: a run can start",
    ] {
        assert!(text.contains(fact), "`{fact}` is not in\n{text}");
    }
    assert!(!lab.path().join("reports").exists(), "a check creates nothing");

    let report = json(lab.path(), &with(&arguments, &["--format", "json"]));
    assert_eq!((&report["ok"], &report["input"]["rows"]), (&Value::from(true), &Value::from(10)));
    let roles: Vec<&Value> = report["input"]["columns"].as_array().unwrap().iter().map(|c| &c["role"]).collect();
    assert_eq!(roles, ["customer_id", "order_id", "order_ts", "amount"]);
    assert!(report["memory"]["typical_bytes"].as_u64() <= report["memory"]["at_most_bytes"].as_u64());
    // Ten rows can be ten customers at most.
    assert_eq!(report["memory"]["most_customers"], 10);
}

#[test]
fn rows_after_as_of_are_known_from_the_statistics() {
    let lab = lab();
    for (as_of, rows, code) in [("2026-02-01", "none", 0), ("2026-01-10", "some", 0), ("2025-12-01", "all", 4)] {
        let words = ["check", "--input", "sales.parquet", "--as-of", as_of, "--format", "json"];
        let checked = rfmetrics(lab.path(), &words);
        let report: Value = serde_json::from_slice(&checked.stdout).unwrap();
        assert_eq!(report["input"]["dates"]["rows_after_as_of"], rows, "{as_of}");
        assert_eq!(checked.status.code(), Some(code), "{as_of}");
        let run = rfmetrics(lab.path(), &["run", "--input", "sales.parquet", "--as-of", as_of]);
        assert_eq!(run.status.code(), Some(code), "as the run");
    }
}

#[test]
fn check_lists_every_problem_at_once_and_ends_as_the_run_would() {
    let lab = lab();
    fs::write(lab.path().join("reports"), "a file").unwrap();
    let wrong = [
        "--input",
        "sales.parquet",
        "--column",
        "amount=net_total",
        "--map",
        "rf52",
        "--output",
        "reports",
        "--set",
        "score.breaks_from=no.json",
    ];
    let (code, out, err) = refused(lab.path(), &with(&["check"], &wrong));
    for problem in ["net_total", "rf52", "is a file", "no.json", "a run would stop: 4 problems"] {
        assert!(err.contains(problem), "`{problem}` is not in\n{err}");
    }
    assert!(out.contains("a run would stop: 4 problems"), "{out}");
    let (code_of_run, ..) = refused(lab.path(), &with(&["run"], &wrong));
    assert_eq!((code, code_of_run), (3, 3), "the missing column stops the run first");

    let (code, out, _) = refused(lab.path(), &with(&["check", "--format", "json"], &wrong[4..]));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, report["problems"].as_array().unwrap().len()), (2, 4), "without an input");
    assert_eq!(report["problems"][0]["error"], "no input: `input.paths` is empty");
    let (code, out, _) =
        refused(lab.path(), &with(&["check", "--format", "json", "--input", "sales.parquet"], &wrong[4..]));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["ok"], report["problems"].as_array().unwrap().len()), (2, &Value::from(false), 3));
    assert_eq!(report["problems"][0]["kind"], "config");
}

#[test]
fn a_wrong_flag_is_json_where_logs_are() {
    let lab = lab();
    let (code, out, err) = refused(lab.path(), &["run", "--outptu", "x", "--log-format", "json"]);
    let answer: Value = serde_json::from_str(&err).unwrap();
    assert_eq!((code, out.as_str(), &answer["kind"]), (2, "", &Value::from("config")));
    assert_eq!(answer["error"], "unexpected argument '--outptu' found");
    assert!(answer["hint"].as_str().unwrap().contains("--output"), "{answer}");
    let (_, _, err) = refused(lab.path(), &["run", "--outptu", "x"]);
    assert!(err.starts_with("error: unexpected argument '--outptu' found\n"), "{err}");
    let (code, _, err) = refused(lab.path(), &["--log-format=json"]);
    assert!(code == 2 && err.starts_with('{') && err.contains("requires a subcommand"), "{err}");
    let (code, out, _) = refused(lab.path(), &["--help", "--log-format=json"]);
    assert!(code == 0 && out.contains("Usage"), "help is no error: {out}");
}

#[test]
fn a_wrong_filter_does_not_hide_a_wrong_column() {
    let lab = lab();
    let words = ["check", "--input", "sales.parquet", "--filter", "amount >", "--column", "order_ts=sold_at"];
    let (code, _, err) = refused(lab.path(), &words);
    assert_eq!(code, 2);
    assert!(err.contains("is no SQL condition") && err.contains("sold_at"), "{err}");
}

#[test]
fn loaded_breaks_are_checked_against_the_settings() {
    let lab = lab();
    let base = with(&["--input", "sales.parquet", "--output", "reports"], &AS_OF);
    stdout(lab.path(), &with(&["run"], &base));
    let manifest = "score.breaks_from=reports/as_of=2026-01-10/manifest.json";
    let loaded = with(&base, &["--set", manifest]);
    let text = stdout(lab.path(), &with(&["check"], &loaded));
    assert!(text.contains("`orders` by quantile in 5, loaded thresholds [1.0"), "{text}");
    assert!(text.contains("the tables of this date would be replaced"), "{text}");
    let (code, _, err) = refused(lab.path(), &with(&["check", "--set", "score.frequency.bins=4"], &loaded));
    assert_eq!(code, 2);
    assert!(err.contains("the breaks have 5, this run has 4") && err.contains("made for 5 bins of f"), "{err}");
}

#[test]
fn a_dry_run_shows_that_only_the_needed_columns_are_read() {
    let lab = lab();
    let base = with(&["run", "--input", "sales.parquet", "--output", "reports", "--dry-run"], &AS_OF);
    let text = stdout(lab.path(), &base);
    assert!(text.contains("optimised plan of scan 1 of 1") && text.contains("PROJECT 4/5 COLUMNS"), "{text}");
    assert!(!lab.path().join("reports").exists());
    // A filter reads its own column, and reaches the scan.
    let text = stdout(lab.path(), &with(&base, &["--filter", "country = 'DE'"]));
    assert!(text.contains("SELECTION") && text.contains("country"), "{text}");
    let report = json(lab.path(), &with(&base, &["--format", "json"]));
    assert_eq!(report["plans"].as_array().unwrap().len(), 1);
}

#[test]
fn a_memory_limit_that_cannot_hold_is_refused_before_anything_is_read() {
    let lab = lab();
    let base = with(&["--input", "sales.parquet", "--output", "reports", "--memory-limit"], &["40 MB"]);
    for command in ["run", "check"] {
        let (code, _, err) = refused(lab.path(), &with(&[command], &base));
        assert_eq!(code, 5, "{err}");
        assert!(err.contains("`run.memory_limit` allows 40.0 MB") && err.contains("for the program"), "{err}");
        assert!(err.contains("hint: customers stay in memory, whatever goes to disk"), "{err}");
    }
    let enough = with(&["run", "--input", "sales.parquet", "--output", "reports"], &["--memory-limit", "2 GB"]);
    stdout(lab.path(), &enough);
}

#[test]
fn init_guesses_the_columns_of_a_foreign_file_and_check_passes() {
    let lab = tempfile::tempdir().unwrap();
    let frame = df!(
        "客户编号" => ["a", "b"],
        "订单号" => [1_i64, 2],
        "下单时间" => [1_767_225_600_i64, 1_767_312_000],
        "金额" => [1.0, 2.0],
        "城市" => ["北京", "上海"],
    );
    write(&lab.path().join("sales.parquet"), frame.unwrap());
    let answer = stdout(lab.path(), &["init", "--input", "sales.parquet"]);
    for fact in ["wrote `rfmetrics.toml`", "customer_id: `客户编号`", "epoch unit: `s`", "not used: `城市`"] {
        assert!(answer.contains(fact), "`{fact}` is not in\n{answer}");
    }
    assert!(answer.ends_with("next: rfmetrics check --config rfmetrics.toml\n"), "{answer}");
    let report = json(lab.path(), &["check", "--config", "rfmetrics.toml", "--format", "json"]);
    assert_eq!(report["ok"], true);
    // 1767225600 s is 2026-01-01 00:00 UTC.
    assert_eq!(report["input"]["dates"]["first"], "2026-01-01");
    stdout(lab.path(), &["run", "--output", "reports"]);

    let (code, _, err) = refused(lab.path(), &["init", "--input", "sales.parquet"]);
    assert_eq!(code, 2);
    assert!(err.contains("exists already") && err.contains("--force"), "{err}");
    stdout(lab.path(), &["init", "--input", "sales.parquet", "--force"]);
}

#[test]
fn init_says_what_it_cannot_guess() {
    let lab = tempfile::tempdir().unwrap();
    let frame = df!("Customer ID" => [true, false], "InvoiceDate" => ["01/02/2026", "02/02/2026"], "Quantity" => [1_i64, 2],
        "UnitPrice" => [1.5, 2.5]);
    write(&lab.path().join("sales.parquet"), frame.unwrap());
    let answer = stdout(lab.path(), &["init", "--input", "sales.parquet", "--output-file", "my.toml"]);
    for fact in [
        "TO DO customer_id: could not be guessed; `Customer ID` has the name for it, but its type is boolean",
        "one of them is `01/02/2026`",
        "quantity: `Quantity`",
        "each row is an order",
    ] {
        assert!(answer.contains(fact), "`{fact}` is not in\n{answer}");
    }
    let (code, _, err) = refused(lab.path(), &["check", "--config", "my.toml"]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("dates.format") && err.contains("customer_id"), "{err}");
}

#[test]
fn init_on_simulated_data_gives_a_file_that_checks_and_runs() {
    let lab = tempfile::tempdir().unwrap();
    stdout(lab.path(), &["simulate", "--output", "demo", "--lines", "20000", "--customers", "2000", "-q"]);
    stdout(lab.path(), &["init", "--input", "demo", "--output-file", "demo.toml"]);
    let text = stdout(lab.path(), &["check", "--config", "demo.toml", "--output", "reports"]);
    assert!(text.contains("ok: a run can start"), "{text}");
    stdout(lab.path(), &["run", "--config", "demo.toml", "--output", "reports"]);
}

/// Every example in the help of these commands, in one directory, where they must all succeed.
#[test]
fn the_examples_in_the_help_work() {
    let lab = lab();
    let monthly = "[input]\npaths = [\"numbers.parquet\"]\n";
    let numbers = df!("customer_id" => [-17_i64, 3],
        "order_ts" => dates(&["2026-01-01", "2026-01-02"]).as_materialized_series().clone(), "amount" => [1.0, 2.0]);
    write(&lab.path().join("numbers.parquet"), numbers.unwrap());
    let mut seen = 0;
    for command in ["check", "explain", "init", "run"] {
        let help = stdout(lab.path(), &[command, "--help"]);
        let wanted = |line: &&str| command != "run" || line.contains("--dry-run");
        for example in help.lines().filter_map(|line| line.strip_prefix("  rfmetrics ")).filter(wanted) {
            fs::write(lab.path().join("monthly.toml"), monthly).unwrap();
            let words: Vec<&str> = example.split_whitespace().collect();
            stdout(lab.path(), &words);
            seen += 1;
        }
    }
    assert_eq!(seen, 7, "2 of check, 2 of explain, 2 of init, 1 of run");
}
