//! What a new user meets: names that are nearly right, dates and filters that leave nothing, settings of other programs.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use polars::prelude::*;
use serde_json::Value;

use crate::support::{Ran, Sandbox, dates, frame, orders};

fn small() -> DataFrame {
    orders(&[(1, 1, "2025-01-01", 5.0), (2, 2, "2025-01-02", 7.0), (2, 3, "2025-01-03", 1.0)])
}

#[track_caller]
fn says(ran: &Ran, code: i32, said: &[&str]) {
    assert_eq!(ran.code, code, "{}", ran.stderr);
    for part in said {
        assert!(ran.stderr.contains(part), "`{part}` is not in:\n{}", ran.stderr);
    }
}

#[test]
fn names_that_are_nearly_right_are_answered_with_the_nearest() {
    let sandbox = Sandbox::with(small());
    says(&sandbox.try_run(&["--column", "amount=amuont"]), 3, &["`amuont`: missing", "did you mean `amount`?"]);
    says(&sandbox.try_run(&["--filter", "amuont > 1"]), 3, &["did you mean `amount`?", "single quotes"]);
    says(&sandbox.command(&["rnu", "--input", "in"]), 2, &["unrecognized subcommand 'rnu'", "'run'"]);
    says(&sandbox.command(&["run", "in/a.parquet"]), 2, &["unexpected argument", "with --input PATH"]);
    says(
        &sandbox.command(&["run", "--input", "in", "--output", "s3://bucket/reports"]),
        2,
        &["the output is a URL (s3://...)"],
    );
    says(&sandbox.try_run(&["--window-days", "30d"]), 2, &["a whole number of days", "write 30"]);
    let missing = sandbox.command(&["run", "--input", "in/b.parquet", "--output", "out"]);
    says(&missing, 3, &["`in/b.parquet`: does not exist", "the working directory is", "did you mean `in/a.parquet`?"]);
}

#[test]
fn a_date_that_leaves_nothing_is_answered_with_the_dates_of_the_input() {
    let ran = Sandbox::with(small()).try_run(&["--as-of", "2024-12-31"]);
    let said = "`order_ts`: all 3 rows lie after the analysis date 2024-12-31; the dates of the input are 2025-01-01 to \
                2025-01-03 (after_as_of)";
    says(&ran, 4, &["no row is left", said]);
}

#[test]
fn a_filter_that_leaves_nothing_says_how_many_rows_it_removed() {
    let sandbox = Sandbox::with(small());
    let ran = sandbox.try_run(&["--filter", "amount > 100"]);
    says(&ran, 4, &["no row is left", "`input.filter` removed all 3 rows before: `amount > 100`"]);
    let published = sandbox.run(&["--filter", "amount > 2"]);
    assert_eq!(published.manifest()["notes"]["rows_filtered"], 1);
    assert_eq!(sandbox.run(&[]).manifest()["notes"]["rows_filtered"], Value::Null);
}

#[test]
fn bad_rows_are_reported_under_the_name_that_the_user_gave() {
    let ids = Column::new("Customer ID".into(), [None::<i64>, None, None]);
    let days = dates("when", &["2025-01-01"; 3]);
    let sandbox = Sandbox::with(frame(vec![ids, days, Column::new("amount".into(), [1.0; 3])]));
    let names = ["--column", "customer_id=Customer ID", "--column", "order_ts=when"];
    says(&sandbox.try_run(&names), 4, &["`Customer ID`: all 3 rows are null (null_customer)"]);
}

#[test]
fn dates_that_do_not_follow_the_format_are_shown() {
    let days = Column::new("order_ts".into(), ["31/12/2025", "30/12/2025", "x@example.org"]);
    let ids = Column::new("customer_id".into(), [1_i64, 2, 3]);
    let sandbox = Sandbox::with(frame(vec![ids, days, Column::new("amount".into(), [1.0; 3])]));
    let ran = sandbox.try_run(&["--date-format", "%Y-%m-%d"]);
    says(&ran, 4, &["`order_ts`: all 3 rows are no dates in the form `%Y-%m-%d`", "`31/12/2025`", "`30/12/2025`"]);
    assert!(!ran.stderr.contains("example.org"), "only what looks like a date: {}", ran.stderr);
}

#[test]
fn an_id_that_is_written_otherwise_is_found_for_explain() {
    let ids = Column::new("customer_id".into(), ["C-1042", "C-7"]);
    let days = dates("order_ts", &["2025-01-01", "2025-01-02"]);
    let sandbox = Sandbox::with(frame(vec![ids, days, Column::new("amount".into(), [1.0, 2.0])]));
    let ran = sandbox.command(&["explain", "c-1042", "--input", "in"]);
    says(&ran, 2, &["customer `c-1042` is not in the data", "`C-1042` is, and differs only in the way"]);
}

#[test]
fn table_and_problem_of_a_check_agree_about_the_output() {
    let sandbox = Sandbox::with(small());
    fs::write(sandbox.root().join("file"), "").unwrap();
    let ran = sandbox.command(&["check", "--input", "in", "--output", "file"]);
    says(&ran, 2, &["is a file"]);
    assert!(ran.stdout.contains("output    see the problems"), "{}", ran.stdout);
    symlink("gone", sandbox.root().join("link")).unwrap();
    for command in ["check", "run"] {
        let ran = sandbox.command(&[command, "--input", "in", "--output", "link"]);
        says(&ran, 2, &["link` is a link to `gone`, which does not exist"]);
    }
}

/// A run refuses with everything that a check lists, each with its scoring.
#[test]
fn a_run_refuses_with_all_problems_at_once() {
    let sandbox = Sandbox::with(small());
    let settings = "[dates]\ntime_zone = \"Mars\"\n[segment]\nmap = \"no-such-map\"\n[[scoring]]\nname = \"x\"\nscore.breaks_from = \"none.json\"\n";
    fs::write(sandbox.root().join("settings.toml"), settings).unwrap();
    fs::write(sandbox.root().join("file"), "").unwrap();
    let words = ["--input", "gone.parquet", "--output", "file", "--config", "settings.toml"];
    let of = |command: &str| sandbox.command(&[&[command], &words[..]].concat());
    let (checked, ran) = (of("check"), of("run"));
    let problems = [
        "Mars",
        "`gone.parquet`: does not exist",
        "no-such-map",
        "in the scoring `x`",
        "`score.breaks_from`",
        "is a file",
    ];
    says(&checked, 2, &problems);
    says(&ran, 2, &problems);
    let listed = |ran: &Ran| ran.stderr.split_once("\n\n1. ").unwrap().1.to_owned();
    assert_eq!(listed(&checked), listed(&ran));
}

#[test]
fn the_configuration_file_in_use_is_named_in_the_log_the_answer_and_the_manifest() {
    let sandbox = Sandbox::with(small());
    fs::write(sandbox.root().join("my.toml"), "[output]\npath = \"out\"\n").unwrap();
    let ran = sandbox.command(&["run", "-v", "--format", "json", "--input", "in", "--config", "my.toml"]);
    assert!(ran.code == 0 && ran.stderr.lines().next().unwrap().contains("my.toml"), "{}", ran.stderr);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    let published = sandbox.at(answer["path"].as_str().unwrap().as_ref());
    assert_eq!((&answer["config_file"], &published.manifest()["config_file"]), (&"my.toml".into(), &"my.toml".into()));
    let ran = sandbox.command(&["check", "--format", "json", "--input", "in", "--config", "my.toml"]);
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).unwrap()["config_file"], "my.toml");
    let ran = sandbox.command(&["run", "-v", "--input", "in", "--output", "out"]);
    assert!(ran.stderr.lines().next().unwrap().contains("no configuration file"), "{}", ran.stderr);
}

fn with_variables(sandbox: &Sandbox, variables: &[(&str, &str)], args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rfmetrics"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("RFMETRICS_")) {
        command.env_remove(name);
    }
    command
        .current_dir(sandbox.root())
        .envs(variables.iter().copied())
        .args(["run", "--input", "in", "--output", "out"]);
    let done = command.args(args).output().unwrap();
    let [stdout, stderr] = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    Ran { code: done.status.code().unwrap_or(-1), stdout, stderr }
}

#[test]
fn variables_of_a_service_are_ignored_and_misspelt_settings_are_not() {
    let sandbox = Sandbox::with(small());
    let service = [
        ("RFMETRICS_PORT", "tcp://10.0.0.7:8080"),
        ("RFMETRICS_SERVICE_HOST", "10.0.0.7"),
        ("RFMETRICS_SERVICE_PORT", "8080"),
        ("RFMETRICS_PORT_8080_TCP", "tcp://10.0.0.7:8080"),
        ("RFMETRICS_PORT_8080_TCP_ADDR", "10.0.0.7"),
    ];
    let ran = with_variables(&sandbox, &service, &["-vv"]);
    says(&ran, 0, &["RFMETRICS_PORT_8080_TCP_ADDR", "ignored"]);
    let ran = with_variables(&sandbox, &[("RFMETRICS_OUTPUT_PAHT", "x")], &[]);
    says(&ran, 2, &["unknown environment variable `RFMETRICS_OUTPUT_PAHT`; did you mean `RFMETRICS_OUTPUT_PATH`?"]);
}

#[test]
fn errors_in_a_json_log_have_the_keys_of_its_other_lines() {
    let sandbox = Sandbox::with(small());
    let wrong: [&[&str]; 3] = [&["--input", "gone.parquet"], &["--as-of", "2020-01-01"], &["--no-such-flag"]];
    for args in wrong {
        let ran =
            sandbox.command(&[&["run", "--log-format", "json", "--input", "in", "--output", "out"], args].concat());
        let line: Value = serde_json::from_str(ran.stderr.lines().last().unwrap()).unwrap();
        assert_eq!((&line["level"], &line["message"]), (&"ERROR".into(), &line["error"]), "{line}");
        let stamp = line["timestamp"].as_str().unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(stamp).is_ok(), "{stamp}");
    }
}

#[test]
fn a_signal_is_a_line_of_the_json_log() {
    let sandbox = Sandbox::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rfmetrics"));
    command.current_dir(sandbox.root()).args([
        "simulate",
        "--lines",
        "200M",
        "--output",
        "made",
        "--log-format",
        "json",
    ]);
    let process = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    // The thread that waits for signals has a name.
    let tasks = format!("/proc/{}/task", process.id());
    let waits_for_signals = || {
        let tasks = fs::read_dir(&tasks).into_iter().flatten().filter_map(Result::ok);
        tasks
            .map(|task| fs::read_to_string(task.path().join("comm")))
            .any(|name| name.is_ok_and(|name| name == "signals\n"))
    };
    let begun = Instant::now();
    while !waits_for_signals() && begun.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap().success());
    let done = process.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(143));
    let stderr = String::from_utf8(done.stderr).unwrap();
    let line: Value = serde_json::from_str(stderr.lines().last().unwrap()).unwrap();
    assert!(line["message"].as_str().unwrap().contains("stopped by SIGTERM"), "{line}");
    assert!(line["level"] == "ERROR" && line["timestamp"].is_string(), "{line}");
}

/// In words of an analyst, with what to do.
#[test]
fn refused_predictions_say_why_and_what_to_do() {
    let rows: Vec<(i64, i64, &str, f64)> = (0..6).map(|i| (i, i, "2024-01-01", 5.0)).collect();
    let published = Sandbox::with(orders(&rows)).run(&["--as-of", "2025-01-01", "--predict", "auto"]);
    let warnings = published.manifest()["warnings"].to_string();
    assert!(
        warnings.contains("0 customers bought on a second day") && warnings.contains("give a longer history"),
        "{warnings}"
    );
}

#[test]
fn predictions_are_found_in_the_help_of_a_run() {
    let help = Sandbox::new().command(&["help", "run"]).stdout;
    assert!(help.contains("--predict <MODEL>") && help.contains("lifetime value"), "{help}");
    assert!(help.contains("rfmetrics run --input sales.parquet --predict auto"), "{help}");
}
