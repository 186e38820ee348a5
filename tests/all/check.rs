//! `check` lists every problem at once, predicts what the footers claim, and ends as the run would.

use std::fs;

use polars::prelude::*;
use serde_json::Value;

use crate::commands::{dates, lab, refused, with, write};

/// The exit code, and the headline of each problem.
fn checked(lab: &tempfile::TempDir, words: &[&str]) -> (i32, Vec<String>) {
    let (code, out, _) = refused(lab.path(), &with(&["check", "--format", "json"], words));
    let report: Value = serde_json::from_str(&out).unwrap();
    let problems = report["problems"].as_array().unwrap();
    assert_eq!(problems.first().map_or(0, |first| first["exit_code"].as_i64().unwrap()), i64::from(code), "{out}");
    (code, problems.iter().map(|problem| problem["error"].as_str().unwrap().to_owned()).collect())
}

fn run_code(lab: &tempfile::TempDir, words: &[&str]) -> i32 {
    refused(lab.path(), &with(&["run"], words)).0
}

/// Each headline contains the expected text.
fn assert_problems(problems: &[String], expected: &[&str]) {
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.contains(expected), "`{expected}` is not in `{problem}`");
    }
}

/// A window that cuts rows.
const CUTS: &str = "dates.window_applies_to=everything";

#[test]
fn a_wrong_setting_hides_neither_files_nor_maps() {
    let lab = lab();
    let words = ["--input", "gone.parquet", "--set", "dates.time_zone=Mars/Olympus", "--map", "rf52"];
    let (code, problems) = checked(&lab, &words);
    assert_problems(&problems, &["the configuration cannot be used", "`gone.parquet`: does not exist", "rf52"]);
    assert_eq!((code, run_code(&lab, &words)), (2, 2));
}

#[test]
fn what_depends_on_a_wrong_setting_is_not_checked() {
    let lab = lab();
    // Without their settings the columns would be missing, the map would fit other bins.
    let words = ["--input", "sales.parquet", "--set", "columns.order_id= ", "--set", "score.frequency.bins=1"];
    let (_, problems) = checked(&lab, &words);
    assert_problems(&problems, &["the configuration cannot be used: 2 problems"]);
    // Nor what a typo leaves unset, or a default would judge differently.
    let no_ids = lab_of(&[Some("2026-01-05"); 4], &[Some("a"), None, None, None]);
    for setting in ["colums.amount=total", "clean.max_quarantined_share=80", "clean.allow_empty=ja"] {
        let (code, problems) = checked(&no_ids, &["--input", "in.parquet", "--as-of", "2026-02-01", "--set", setting]);
        assert_eq!(code, 2);
        assert_problems(&problems, &["the configuration cannot be used: 1 problem"]);
    }
}

#[test]
fn settings_that_do_not_fit_one_another_hide_no_file_either() {
    let lab = lab();
    fs::write(lab.path().join("reports"), "a file").unwrap();
    for settings in [
        &["score.recency.method=fixed", "score.recency.cuts=[7.0, 30.0, 90.0]"][..],
        &["columns.quantity=pieces"],
        &["score.combination=nested", "score.recency.method=r-rfm"],
        &["dates.time_zone=Mars", "score.monetary.measure=margin", "columns.margin= "],
    ] {
        let settings: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
        let (_, problems) = checked(&lab, &with(&["--input", "sales.parquet", "--output", "reports"], &settings));
        assert!(problems[0].starts_with("the configuration cannot be used"), "{problems:?}");
        assert!(problems.len() == 2 && problems[1].contains("is a file"), "{problems:?}");
    }
    let (_, problems) = checked(&lab, &["--input", "gone.parquet", "--column", "quantity=q"]);
    assert!(problems.len() == 3 && problems[1].contains("gone.parquet"), "{problems:?}");
    // A name without meaning prevents nothing.
    let (_, problems) = checked(&lab, &["--input", "gone.parquet", "--set", "foo=1"]);
    assert_problems(&problems, &["the configuration cannot be used: 1 problem", "`gone.parquet`", "is a file"]);
    // What follows from a refused value is not listed next to it.
    for (refused, dependent) in
        [("columns.profit=n", "score.monetary.measure=margin"), ("columns.qty=n", "columns.unit_price=p")]
    {
        let words = ["--input", "gone.parquet", "--set", refused, "--set", dependent];
        let (_, problems) = checked(&lab, &words);
        assert_eq!(problems[0], "the configuration cannot be used: 1 problem", "{refused}");
    }
    // The same for a dry run as for a check.
    let words = ["run", "--dry-run", "--input", "gone.parquet", "--set", "dates.time_zone=Mars"];
    let (code, _, err) = refused(lab.path(), &words);
    assert!(code == 2 && err.contains("time_zone") && err.contains("gone.parquet"), "{err}");
}

#[test]
fn a_missing_path_a_broken_file_and_a_mistyped_column_are_listed_together() {
    let lab = lab();
    fs::write(lab.path().join("broken.parquet"), "no parquet").unwrap();
    let mut texts = df!("customer_id" => ["C-1"], "order_id" => [1_i64], "amount" => ["1,5"]).unwrap();
    texts.with_column(dates(&["2026-01-01"])).unwrap();
    write(&lab.path().join("texts.parquet"), texts);
    let inputs = ["gone.parquet", "broken.parquet", "texts.parquet", "sales.parquet"];
    let words: Vec<&str> = inputs.iter().flat_map(|path| ["--input", path]).collect();
    let (code, problems) = checked(&lab, &words);
    assert_problems(&problems, &["`gone.parquet`", "`broken.parquet`", "`amount`: found text (string)"]);
    assert_eq!((code, run_code(&lab, &words)), (3, 3));
    let (_, _, err) = refused(lab.path(), &with(&["run"], &words));
    assert!(err.starts_with("error: 3 problems\n\n1. `gone.parquet`"), "a run lists them, too: {err}");
}

#[test]
fn a_filter_that_does_not_fit_leaves_the_columns_shown() {
    let lab = lab();
    let words = ["check", "--input", "sales.parquet", "--filter", "country > 5"];
    let (code, out, err) = refused(lab.path(), &words);
    assert_eq!(code, 2);
    assert!(
        out.contains("10 rows") && out.contains("country") && err.contains("does not fit the columns"),
        "{out}{err}"
    );
}

#[test]
fn every_file_that_differs_is_named() {
    let lab = lab();
    for number in 0..30 {
        let mut texts = df!("customer_id" => ["C-1"], "order_id" => [1_i64], "amount" => ["1"]).unwrap();
        texts.with_column(dates(&["2026-01-01"])).unwrap();
        write(&lab.path().join(format!("texts/{number:02}.parquet")), texts);
    }
    let words = ["--input", "texts", "--input", "sales.parquet"];
    let (_, _, err) = refused(lab.path(), &with(&["check"], &words));
    let lines = err.lines().filter(|line| line.starts_with("  `texts/")).count();
    assert!(
        lines == 20 && err.contains("\n  and 10 more\n") && err.contains("--format json` names every file"),
        "{err}"
    );
    let (_, out, _) = refused(lab.path(), &with(&["check", "--format", "json"], &words));
    let report: Value = serde_json::from_str(&out).unwrap();
    let places = report["problems"][0]["places"][0]["places"].as_array().unwrap();
    assert_eq!((places.len(), places[29].as_str()), (30, Some("`texts/29.parquet`")));
}

/// One file of one customer per day, whose columns are as given.
fn lab_of(days: &[Option<&str>], customers: &[Option<&str>]) -> tempfile::TempDir {
    let lab = tempfile::tempdir().unwrap();
    let mut frame = df!("customer_id" => customers, "amount" => vec![1.0; days.len()]).unwrap();
    frame.with_column(Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap()).unwrap();
    write(&lab.path().join("in.parquet"), frame);
    lab
}

#[test]
fn what_footers_claim_of_the_rows_ends_a_check_as_it_ends_a_run() {
    let (a, day) = (Some("a"), Some("2026-01-05"));
    let bad_dates = lab_of(&[day, None, None, None], &[a; 4]);
    let no_ids = lab_of(&[day; 4], &[a, None, None, None]);
    let none = lab_of(&[], &[]);
    // Whole numbers have no odd values, so that the claims of the statistics are certain.
    let endless = tempfile::tempdir().unwrap();
    let mut rows = df!("customer_id" => [1_i64, 1], "amount" => [1_i32, 1]).unwrap();
    rows.with_column(dates(&["2026-01-05", "9999-12-31"])).unwrap();
    write(&endless.path().join("in.parquet"), rows);
    // Milliseconds of 2026, which are years far out if they are read as seconds.
    let epochs = tempfile::tempdir().unwrap();
    let moments = [1_767_571_200_000_i64, 1_767_657_600_000];
    let rows = df!("customer_id" => ["a", "b"], "amount" => [1.0, 1.0], "order_ts" => moments).unwrap();
    write(&epochs.path().join("in.parquet"), rows);
    for (lab, words, code) in [
        (&bad_dates, vec![], 4),
        (&bad_dates, vec!["--set", "clean.max_quarantined_share=0.8"], 0),
        (&bad_dates, vec!["--set", "clean.max_quarantined_share=0.8", "--strict"], 4),
        (&bad_dates, vec!["--as-of", "2026-01-01", "--allow-empty", "--set", "clean.max_quarantined_share=1.0"], 0),
        (&no_ids, vec![], 4),
        // Rows after the date are cut before their customer is checked.
        (&no_ids, vec!["--as-of", "2026-01-01", "--allow-empty"], 0),
        (&no_ids, vec!["--as-of", "2026-01-01"], 4),
        (&no_ids, vec!["--as-of", "2026-02-01", "--set", "dates.window_days=5", "--set", CUTS], 4),
        (&no_ids, vec!["--as-of", "2026-02-01", "--set", "dates.window_days=5", "--set", CUTS, "--allow-empty"], 0),
        // A window of orders cuts no row.
        (&no_ids, vec!["--as-of", "2026-02-01", "--set", "dates.window_days=5", "--allow-empty"], 4),
        (&no_ids, vec!["--as-of", "2026-02-01", "--set", "dates.window_days=90", "--strict"], 4),
        (&endless, vec![], 4),
        (&endless, vec!["--as-of", "2026-02-01"], 0),
        // Which rows a filter leaves is not known: the check says nothing, and the run is fine.
        (&endless, vec!["--filter", "order_ts < DATE '2027-01-01'"], 0),
        (&none, vec![], 4),
        (&none, vec!["--allow-empty", "--as-of", "2026-01-01"], 0),
        (&none, vec!["--allow-empty"], 4),
        (&no_ids, vec!["--set", "dates.min_date=2026-02-01", "--filter", "customer_id = 'a'"], 4),
        (&endless, vec!["--set", "dates.min_date=2026-01-05", "--as-of", "2026-01-05"], 0),
        (&epochs, vec!["--set", "dates.epoch_unit=s"], 4),
        (&epochs, vec!["--set", "dates.epoch_unit=ms"], 0),
        (&no_ids, vec!["--filter", "customer_id IS NOT NULL", "--strict"], 0),
        (&no_ids, vec!["--as-of", "2026-01-01", "--filter", "customer_id = 'a'", "--allow-empty", "--strict"], 0),
        (&no_ids, vec!["--as-of", "2026-01-01", "--filter", "customer_id = 'a'"], 4),
    ] {
        let words = with(&["--input", "in.parquet"], &words);
        let (found, problems) = checked(lab, &words);
        assert_eq!((found, run_code(lab, &words)), (code, code), "{words:?}: {problems:?}");
    }
}

/// An open order, dated to the end of time, has no amount yet: the run quarantines it and continues.
#[test]
fn a_last_date_that_no_order_has_is_a_warning_where_its_row_may_be_left_out() {
    let lab = tempfile::tempdir().unwrap();
    let mut rows = df!("customer_id" => ["a", "a"], "amount" => [Some(1.0), None]).unwrap();
    rows.with_column(dates(&["2026-01-05", "9999-12-31"])).unwrap();
    write(&lab.path().join("in.parquet"), rows);
    let words = ["--input", "in.parquet"];
    let (code, out, _) = refused(lab.path(), &with(&["check"], &words));
    let warning =
        "warning: a run stops, unless it leaves out the rows in question: the last date in the data is 9999-12-31";
    assert!(out.contains(warning), "{out}");
    assert_eq!((code, run_code(&lab, &words)), (0, 0));
    // The same for a key that another row has, and for an amount beyond 18 digits.
    let mut rows = df!("customer_id" => [1_i64, 1], "amount" => [1_i64, i64::MAX], "key" => [1_i32, 1]).unwrap();
    rows.with_column(dates(&["2026-01-05", "9999-12-31"])).unwrap();
    write(&lab.path().join("in.parquet"), rows);
    let (code, problems) = checked(&lab, &words);
    assert_eq!((code, problems.len(), run_code(&lab, &words)), (0, 0, 0));
    let mut rows = df!("customer_id" => [1_i64, 1], "amount" => [1_i32, 1], "key" => [1_i32, 1]).unwrap();
    rows.with_column(dates(&["2026-01-05", "9999-12-31"])).unwrap();
    write(&lab.path().join("in.parquet"), rows);
    let words = with(&words, &["--set", "clean.dedupe_keys=[\"key\"]"]);
    assert_eq!((checked(&lab, &words).0, run_code(&lab, &words)), (0, 0));
}

#[test]
fn ids_beyond_63_bits_are_reported_before_anything_is_read() {
    let lab = tempfile::tempdir().unwrap();
    let mut frame = df!("customer_id" => [1_u64, u64::MAX], "amount" => [1.0, 1.0]).unwrap();
    frame.with_column(dates(&["2026-01-01"; 2])).unwrap();
    write(&lab.path().join("in.parquet"), frame);
    let words = ["--input", "in.parquet"];
    let (code, problems) = checked(&lab, &words);
    assert_problems(&problems, &["customer ids above 9223372036854775807 do not fit"]);
    assert_eq!((code, run_code(&lab, &words)), (3, 3));
    let words = with(&words, &["--filter", "customer_id < 9"]);
    assert_eq!((checked(&lab, &words), run_code(&lab, &words)), ((0, Vec::new()), 0));
    let (_, out, _) = refused(lab.path(), &with(&["check"], &words));
    assert!(out.contains("rows in question: customer ids above"), "{out}");
}

#[test]
fn a_lookup_table_is_checked_before_the_input_is_read() {
    let lab = lab();
    let mut profits = df!("customer_id" => ["C-1"], "y1" => [1.0]).unwrap();
    write(&lab.path().join("profits.parquet"), profits.clone());
    profits.with_column(Column::new("customer_id".into(), [1_i64])).unwrap();
    write(&lab.path().join("numbers.parquet"), profits);
    for (path, years, expected) in [
        ("gone.parquet", "y1", "`gone.parquet`: does not exist"),
        ("profits.parquet", "y2", "`profits.parquet` lacks columns"),
        ("numbers.parquet", "y1", "the ids in `customer_id` of `predict.profits.path` are int64"),
        ("profits.parquet", "customer_id", "`profits.parquet` has columns that are no numbers"),
    ] {
        let path = format!("predict.profits.path={path}");
        let years = format!("predict.profits.years=[\"{years}\"]");
        let words = ["--input", "sales.parquet", "--set", &path, "--set", &years];
        let (code, problems) = checked(&lab, &words);
        assert_problems(&problems, &[expected]);
        assert_eq!((code, run_code(&lab, &words)), (3, 3));
    }
    let words = ["--input", "sales.parquet", "--set", "privacy.hash_ids=true"];
    let (code, problems) = checked(&lab, &words);
    assert_problems(&problems, &["`privacy.hash_ids` is set, but there is no key"]);
    assert_eq!((code, run_code(&lab, &words)), (2, 2));
}
