//! Input that is old, shrunken or made up: what is a warning, what stops a run, and that nothing is published then.

use std::fs;

use polars::prelude::*;
use serde_json::Value;

use crate::support::{Ran, Sandbox, dates, frame, orders};

/// One order of 5.00 a day from 1 April 2024 on, by nine customers in turn: 71 days end on 10 June.
fn daily(days: i64) -> DataFrame {
    let first = crate::support::day("2024-04-01");
    let days_of: Vec<i32> = (0..days).map(|day| first + day as i32).collect();
    frame(vec![
        Column::new("customer_id".into(), (0..days).map(|day| day % 9).collect::<Vec<i64>>()),
        Column::new("order_id".into(), (0..days).collect::<Vec<i64>>()),
        Column::new("order_ts".into(), days_of).cast(&DataType::Date).unwrap(),
        Column::new("amount".into(), vec![5.0; days as usize]),
    ])
}

fn texts(ids: &[&str]) -> DataFrame {
    let count = ids.len();
    let days: Vec<String> = (0..count).map(|day| format!("2024-01-{:02}", day % 28 + 1)).collect();
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    frame(vec![
        Column::new("customer_id".into(), ids),
        dates("order_ts", &days),
        Column::new("amount".into(), vec![10.0; count]),
    ])
}

/// The warning with this code; none where there is none.
fn warning(ran: &Ran, code: &str) -> Option<Value> {
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    answer["warning_details"].as_array().unwrap().iter().find(|detail| detail["code"] == code).cloned()
}

fn answered(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let ran = sandbox.try_run(&[&["--format", "json"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

#[track_caller]
fn stopped(sandbox: &Sandbox, args: &[&str], said: &[&str]) {
    let before = sandbox.visible();
    let ran = sandbox.try_run(args);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert!(said.iter().all(|said| ran.stderr.contains(said)), "{}", ran.stderr);
    assert_eq!(sandbox.visible(), before, "nothing was published");
}

#[test]
fn a_last_order_that_is_old_is_a_warning_or_stops_the_run() {
    let sandbox = Sandbox::with(daily(71));
    // 10 to 17 June are 7 days, 10 to 30 June are 20.
    assert_eq!(warning(&answered(&sandbox, &["--as-of", "2024-06-17"]), "stale_data"), None);
    let stale = warning(&answered(&sandbox, &["--as-of", "2024-06-30"]), "stale_data").unwrap();
    assert_eq!((&stale["facts"]["days"], &stale["facts"]["last_date"]), (&20.into(), &"2024-06-10".into()));
    let limit = ["--as-of", "2024-06-29", "--set", "quality.max_days_without_orders=18"];
    stopped(&sandbox, &limit, &["2024-06-10", "19 days", "allows 18"]);
    let usual = ["--as-of", "2024-06-29", "--set", "quality.max_days_without_orders=19"];
    assert_eq!(warning(&answered(&sandbox, &usual), "stale_data"), None, "the setting says what is normal");
    // A check knows it from the footers.
    let input = sandbox.input();
    let ran = sandbox.command(&[&["check", "--input", input.to_str().unwrap()], &limit[..]].concat());
    assert!(ran.code == 4 && ran.stderr.contains("19 days"), "{}", ran.stderr);
}

#[test]
fn too_few_kept_rows_stop_the_run() {
    let sandbox = Sandbox::with(daily(71));
    let least =
        |rows: &str| ["--as-of".to_owned(), "2024-06-10".into(), "--set".into(), format!("quality.min_rows={rows}")];
    let words = |least: &[String; 4]| least.clone();
    let (more, same) = (words(&least("72")), words(&least("71")));
    stopped(&sandbox, &more.each_ref().map(String::as_str), &["71 rows are kept", "72"]);
    sandbox.run(&same.each_ref().map(String::as_str));
    // Rows after the analysis date are read, and not kept.
    stopped(&sandbox, &["--as-of", "2024-06-09", "--set", "quality.min_rows=71"], &["70 rows"]);
}

#[test]
fn the_rows_are_compared_with_the_newest_date_before_of_the_same_input_and_filter() {
    let sandbox = Sandbox::with(daily(100));
    answered(&sandbox, &["--as-of", "2024-06-01"]);
    sandbox.file("a.parquet", daily(90));
    assert_eq!(warning(&answered(&sandbox, &["--as-of", "2024-06-02"]), "fewer_rows"), None, "90% are usual");
    sandbox.file("a.parquet", daily(80));
    // 80 of the 90 of 2 June, which is newer than 1 June.
    let fewer = warning(&answered(&sandbox, &["--as-of", "2024-06-03"]), "fewer_rows").unwrap();
    assert_eq!((&fewer["facts"]["rows"], &fewer["facts"]["previous_rows"]), (&80.into(), &90.into()));
    assert!(fewer["text"].as_str().unwrap().contains("88.9% of the 90 of the run of 2024-06-02"), "{fewer}");
    // The same date again is compared with those before it, and not with itself.
    assert!(warning(&answered(&sandbox, &["--as-of", "2024-06-03"]), "fewer_rows").is_some());
    // A later date is no previous run, and another filter is another input.
    assert_eq!(warning(&answered(&sandbox, &["--as-of", "2024-05-31"]), "fewer_rows"), None);
    let filtered = ["--as-of", "2024-06-04", "--filter", "amount > 1"];
    assert_eq!(warning(&answered(&sandbox, &filtered), "fewer_rows"), None);
    sandbox.file("a.parquet", daily(40));
    let share = |share: &'static str| ["--as-of", "2024-06-03", "--set", share];
    stopped(
        &sandbox,
        &share("quality.min_share_of_previous_rows=0.45"),
        &["40 rows", "44.4%", "90 of the run of 2024-06-02"],
    );
    assert_eq!(warning(&answered(&sandbox, &share("quality.min_share_of_previous_rows=0.44")), "fewer_rows"), None);
}

/// What a check answers, and its code.
fn checked(sandbox: &Sandbox, args: &[&str]) -> (Value, Ran) {
    let (input, output) = (sandbox.input(), sandbox.output());
    let own = ["check", "--format", "json", "--input", input.to_str().unwrap(), "--output", output.to_str().unwrap()];
    let ran = sandbox.command(&[&own, args].concat());
    (serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr)), ran)
}

#[test]
fn a_check_compares_the_rows_of_the_footers_with_the_previous_run_as_the_run_does() {
    let sandbox = Sandbox::with(daily(100));
    assert!(checked(&sandbox, &["--as-of", "2024-06-03"]).0.get("volume").is_none(), "no run was before");
    answered(&sandbox, &["--as-of", "2024-06-02"]);
    sandbox.file("a.parquet", daily(85));
    let args = ["--as-of", "2024-06-03"];
    let (found, ran) = checked(&sandbox, &args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!((&found["volume"]["rows"], &found["volume"]["previous_rows"]), (&85.into(), &100.into()));
    let code =
        |found: &Value| found["warning_details"].as_array().unwrap().iter().any(|own| own["code"] == "fewer_rows");
    assert!(code(&found), "the warning of the run: {found}");
    let denied = checked(&sandbox, &["--as-of", "2024-06-03", "--deny-warnings=fewer_rows"]).1;
    assert_eq!(denied.code, sandbox.try_run(&["--as-of", "2024-06-03", "--deny-warnings=fewer_rows"]).code);
    // A limit takes the place of the warning.
    let limit = |share: &'static str| ["--as-of", "2024-06-03", "--set", share];
    let (found, ran) = checked(&sandbox, &limit("quality.min_share_of_previous_rows=0.85"));
    assert!(ran.code == 0 && !code(&found), "{found}");
    let (found, ran) = checked(&sandbox, &limit("quality.min_share_of_previous_rows=0.86"));
    assert!(ran.code == 4 && ran.stderr.contains("85 rows were read, 85.0% of the 100"), "{}{found}", ran.stderr);
    let text = sandbox.command(&["check", "--input", "in", "--output", "out", "--as-of", "2024-06-03"]).stdout;
    // Relative paths are other inputs than those of the run: nothing is compared.
    assert!(!text.contains("volume"), "{text}");
}

#[test]
fn what_a_filter_leaves_only_the_run_can_tell() {
    let sandbox = Sandbox::with(daily(100));
    let filter = ["--filter", "amount > 1"];
    answered(&sandbox, &[&["--as-of", "2024-06-02"], &filter[..]].concat());
    sandbox.file("a.parquet", daily(60));
    let check = |more: &[&str]| checked(&sandbox, &[&["--as-of", "2024-06-03"], &filter[..], more].concat());
    let (found, ran) = check(&["--set", "quality.min_share_of_previous_rows=0.6"]);
    assert!(ran.code == 0 && found["volume"]["rows"].is_null(), "{found}");
    assert!(found["volume"]["unknown_because"].as_str().unwrap().contains("filter"), "{found}");
    assert!(!found["warning_details"].to_string().contains("fewer_rows"), "60 rows at most: {found}");
    // Whatever the filter leaves, it is less than that.
    let (_, ran) = check(&["--set", "quality.min_share_of_previous_rows=0.61"]);
    assert!(ran.code == 4 && ran.stderr.contains("60.0% of the 100"), "{}", ran.stderr);
    // Without an analysis date it is not known which run is the one before.
    let (found, ran) = checked(&sandbox, &["--set", "quality.min_share_of_previous_rows=0.61"]);
    assert!(ran.code == 0 && found["volume"]["unknown_because"].as_str().unwrap().contains("analysis date"), "{found}");
}

#[test]
fn a_last_date_that_stands_alone_is_named_with_the_one_before() {
    let mut rows = daily(100);
    rows.vstack_mut(&orders(&[(7, 999, "2034-07-18", 5.0)])).unwrap();
    let sandbox = Sandbox::with(rows);
    let alone = warning(&answered(&sandbox, &[]), "lone_last_date").unwrap();
    let text = alone["text"].as_str().unwrap();
    // 100 days from 1 April on end on 9 July 2024.
    assert!(text.contains("2034-07-18") && text.contains("2024-07-09"), "{text}");
    assert_eq!(warning(&answered(&sandbox, &["--as-of", "2034-07-18"]), "lone_last_date"), None, "it was asked for");
    assert_eq!(warning(&answered(&Sandbox::with(daily(100)), &[]), "lone_last_date"), None);
}

#[test]
fn ids_that_mean_no_customer_stay_and_are_named_with_their_share() {
    // Every fourth of 80 rows, and with it a quarter of the money.
    let ids: Vec<String> = (0..80).map(|i| if i % 4 == 0 { "None".into() } else { format!("c{}", i % 7) }).collect();
    let sandbox = Sandbox::with(texts(&ids.iter().map(String::as_str).collect::<Vec<_>>()));
    let ran = answered(&sandbox, &["--as-of", "2024-01-28"]);
    let nobody = warning(&ran, "nobody_ids").unwrap();
    assert_eq!((&nobody["facts"]["rows"], &nobody["facts"]["rows_share"]), (&20.into(), &0.25.into()));
    assert_eq!(nobody["facts"]["money_share"], 0.25);
    assert!(nobody["text"].as_str().unwrap().contains("clean.nobody_ids = [\"None\"]"), "{nobody}");
    let told = ["--as-of", "2024-01-28", "--set", "clean.nobody_ids=None"];
    let ran = answered(&sandbox, &told);
    assert_eq!(warning(&ran, "nobody_ids"), None);
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&answer["totals"]["rows_used"], &answer["totals"]["rows_rejected"]), (&60.into(), &20.into()));
}

#[test]
fn ids_that_went_through_a_float_are_counted() {
    let ran = answered(&Sandbox::with(texts(&["17850.0", "17850.0", "13.0", "A"])), &["--as-of", "2024-01-04"]);
    let floats = warning(&ran, "float_ids").unwrap();
    assert_eq!((&floats["facts"]["customers"], &floats["facts"]["of"]), (&2.into(), &3.into()));
    assert!(!ran.stdout.contains("17850"), "no id is shown");
}

#[test]
fn a_list_of_excluded_customers_that_matches_no_row_is_a_warning() {
    let sandbox = Sandbox::with(texts(&["A", "B"]));
    let list = sandbox.root().join("erased.txt");
    let args = ["--as-of", "2024-01-02", "--exclude-ids", list.to_str().unwrap()];
    fs::write(&list, "a\nb\n").unwrap();
    let unmatched = warning(&answered(&sandbox, &args), "unmatched_exclusions").unwrap();
    assert_eq!(unmatched["facts"]["ids"], 2);
    fs::write(&list, "a\nB\n").unwrap();
    assert_eq!(warning(&answered(&sandbox, &args), "unmatched_exclusions"), None);
}

#[test]
fn an_empty_variable_of_the_analysis_date_is_a_warning() {
    let sandbox = Sandbox::with(daily(71));
    let with_variable = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rfmetrics"));
        command.current_dir(sandbox.root()).env("RFMETRICS_DATES_AS_OF", "").args(["run", "--format", "json"]);
        let done = command.args(["--input", "in", "--output", "out"]).args(args).output().unwrap();
        String::from_utf8(done.stdout).unwrap()
    };
    let answer = with_variable(&[]);
    assert!(answer.contains("empty_variable") && answer.contains("RFMETRICS_DATES_AS_OF"), "{answer}");
    assert!(!with_variable(&["--as-of", "2024-06-10"]).contains("empty_variable"), "the date is given");
}

#[test]
fn denied_warnings_stop_the_run_before_anything_is_published() {
    let sandbox = Sandbox::with(daily(71));
    let stale = ["--as-of", "2024-06-30"];
    stopped(&sandbox, &[&stale[..], &["--deny-warnings"]].concat(), &["run.deny_warnings", "stale_data", "20 days"]);
    stopped(&sandbox, &[&stale[..], &["--deny-warnings=few_values,stale_data"]].concat(), &["stale_data"]);
    let file = sandbox.root().join("rfmetrics.toml");
    fs::write(&file, "[run]\ndeny_warnings = [\"stale_data\"]\n").unwrap();
    stopped(&sandbox, &stale, &["stale_data"]);
    fs::write(&file, "[run]\ndeny_warnings = true\n").unwrap();
    stopped(&sandbox, &stale, &["stale_data"]);
    fs::remove_file(&file).unwrap();
    sandbox.run(&[&stale[..], &["--deny-warnings=nobody_ids"]].concat());
    let ran = sandbox.try_run(&["--deny-warnings=stale_date"]);
    assert!(ran.code == 2 && ran.stderr.contains("did you mean `stale_data`?"), "{}", ran.stderr);
}

#[test]
fn a_quiet_run_prints_warnings_and_a_quieter_one_does_not() {
    let sandbox = Sandbox::with(daily(71));
    let quiet = sandbox.try_run(&["--as-of", "2024-06-30"]);
    assert!(
        quiet.code == 0 && quiet.stderr.contains("stale_data") && quiet.stderr.contains("20 days"),
        "{}",
        quiet.stderr
    );
    assert_eq!(quiet.stdout.lines().count(), 1, "no summary: {}", quiet.stdout);
    let input = sandbox.input();
    let quieter = ["run", "-qq", "--input", input.to_str().unwrap(), "--output", "out", "--as-of", "2024-06-30"];
    let ran = sandbox.command(&quieter);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn totals_count_rows_outside_the_time_apart_from_bad_ones() {
    let mut rows = daily(71);
    let ids: Vec<Option<i64>> = (0..71).map(|row| (row != 3).then_some(row % 9)).collect();
    rows.with_column(Column::new("customer_id".into(), ids)).unwrap();
    let answer = answered(&Sandbox::with(rows), &["--as-of", "2024-06-05"]).stdout;
    let totals = serde_json::from_str::<Value>(&answer).unwrap()["totals"].clone();
    // Five days after 5 June, and one row without a customer.
    for (key, rows) in
        [("rows_in", 71), ("rows_used", 65), ("rows_rejected", 1), ("rows_after_as_of", 5), ("rows_before_window", 0)]
    {
        assert_eq!(totals[key], rows, "{key}");
    }
}
