//! Series of dates: which dates they are, whose breaks they have, where they go on, and what is told of them.

use std::fs;

use polars::prelude::*;

use crate::series::tables;
use crate::support::{Sandbox, dates, frame, integers, orders, texts};

/// Three customers, one order each on the first of January, February and March, and one more order in March.
fn small() -> Sandbox {
    Sandbox::with(orders(&[
        (1, 1, "2025-01-01", 10.0),
        (2, 2, "2025-02-01", 20.0),
        (3, 3, "2025-03-01", 30.0),
        (1, 4, "2025-03-05", 40.0),
    ]))
}

#[test]
fn dates_beyond_the_orders_are_skipped_with_a_warning_and_the_others_are_told() {
    let sandbox = small();
    let arguments = ["--from", "2024-12-01", "--to", "2025-05-31", "--every", "month", "--format", "json"];
    let ran = sandbox.try_run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(sandbox.visible(), ["as_of=2025-01-31", "as_of=2025-02-28"]);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let dates: Vec<&str> =
        answer["dates"].as_array().unwrap().iter().map(|date| date["as_of"].as_str().unwrap()).collect();
    assert_eq!(dates, ["2025-01-31", "2025-02-28"]);
    let skipped = &answer["warning_details"];
    assert_eq!(skipped[0]["facts"], serde_json::json!({"as_of": "2024-12-31", "last_order": null}));
    assert_eq!(skipped[1]["facts"], serde_json::json!({"as_of": "2025-03-31", "last_order": "2025-03-05"}));
    assert_eq!(skipped.as_array().unwrap().len(), 4, "December, and March to May: {skipped}");
    assert!(ran.stderr.contains("2025-03-31 is skipped: the last order is of 2025-03-05"), "{}", ran.stderr);
    let denied = sandbox.try_run(&[&arguments[..], &["--deny-warnings=date_skipped"]].concat());
    assert_eq!(denied.code, 4, "{}", denied.stderr);
}

#[test]
fn a_series_without_any_order_is_refused() {
    let sandbox = small();
    let ran = sandbox.try_run(&["--from", "2026-01-01", "--to", "2026-12-31"]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("no date of the series is published"), "{}", ran.stderr);
}

#[test]
fn days_weeks_quarters_and_years_are_dates_too() {
    for (every, expected) in [
        ("day", vec!["as_of=2025-03-03", "as_of=2025-03-04", "as_of=2025-03-05"]),
        // The second of March is a Sunday.
        ("week", vec!["as_of=2025-03-02"]),
    ] {
        let sandbox = small();
        let from = if every == "day" { "2025-03-03" } else { "2025-02-24" };
        let ran = sandbox.try_run(&["--from", from, "--to", "2025-03-12", "--every", every]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(sandbox.visible(), expected, "{every}");
    }
}

#[test]
fn the_manifest_of_a_date_is_that_of_its_own_run() {
    let sandbox = small();
    let ran = sandbox.try_run(&["--as-of", "2025-02-28,2025-01-31"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let manifest = sandbox.at("out/as_of=2025-01-31".as_ref()).manifest();
    assert_eq!(sandbox.try_run(&["--as-of", "2025-01-31"]).code, 0);
    let alone = sandbox.at("out/as_of=2025-01-31".as_ref()).manifest();
    for key in ["config", "totals", "account", "notes", "warnings", "breaks", "inputs", "tables", "as_of"] {
        assert_eq!(manifest[key], alone[key], "{key}");
    }
    assert_eq!(manifest["totals"]["rows_after_as_of"], 3);
}

/// Amounts of ten customers that grow from month to month, so that breaks of another date cut them elsewhere.
fn growing() -> Sandbox {
    let mut rows = Vec::new();
    for (month, date) in ["2025-01-10", "2025-02-10", "2025-03-10"].into_iter().enumerate() {
        rows.extend((1..=10).map(|id| (id, id * 10 + month as i64, date, id as f64 * 10.0_f64.powi(month as i32))));
    }
    Sandbox::with(orders(&rows))
}

const MONTHS: [&str; 3] = ["2025-01-31", "2025-02-28", "2025-03-10"];

#[test]
fn all_dates_can_have_the_breaks_of_the_first_the_last_or_another_run() {
    let sandbox = growing();
    let dates = MONTHS.join(",");
    let run = |output: &str, more: &[&str]| {
        let fixed = ["run", "--quiet", "--input", "in", "--output", output];
        let ran = sandbox.command(&[&fixed, more].concat());
        assert_eq!(ran.code, 0, "{more:?}: {}", ran.stderr);
    };
    run("own", &["--as-of", &dates]);
    for (breaks, of) in [("first", MONTHS[0]), ("last", MONTHS[2])] {
        run(breaks, &["--as-of", &dates, "--breaks", breaks]);
        let path = format!("own/as_of={of}");
        for date in MONTHS.into_iter().filter(|date| *date != of) {
            let frozen = format!("score.breaks_from={path}");
            run("single", &["--as-of", date, "--set", &frozen]);
        }
        run("named", &["--as-of", &dates, "--breaks", &path]);
        let (found, named) = (tables(&sandbox, breaks, &MONTHS), tables(&sandbox, "named", &MONTHS));
        for (index, date) in MONTHS.into_iter().enumerate() {
            if date == of {
                assert!(found[index] == tables(&sandbox, "own", &[date])[0], "its own breaks: {breaks} {date}");
                continue;
            }
            let single = tables(&sandbox, "single", &[date]);
            assert!(found[index] == single[0] && named[index] == single[0], "{breaks} {date}");
        }
    }
    // By the breaks of January, when ten paid 1 to 10, in March all but nobody pay less than the highest of them.
    let scores = |output: &str| {
        integers(&sandbox.at(format!("{output}/as_of=2025-03-10").as_ref()).table("customers"), "m_score")
    };
    assert_eq!(scores("first"), [5; 10]);
    assert_eq!(scores("own"), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
}

#[test]
fn breaks_that_do_not_exist_are_refused_before_anything_is_published() {
    let sandbox = growing();
    let dates = MONTHS.join(",");
    let ran = sandbox.try_run(&["--as-of", &dates, "--breaks", "first", "--method", "ntile"]);
    assert_eq!((ran.code, sandbox.visible().len()), (2, 0), "{}", ran.stderr);
    assert!(ran.stderr.contains("`series.breaks` is `first`"), "{}", ran.stderr);
    let ran = sandbox.try_run(&["--as-of", &dates, "--breaks", "nowhere"]);
    assert_eq!((ran.code, sandbox.visible().len()), (2, 0), "{}", ran.stderr);
    let both = ["--as-of", &dates, "--breaks", "first", "--set", "score.breaks_from=nowhere"];
    assert!(sandbox.try_run(&both).stderr.contains("expected `own`, because `score.breaks_from` is"));
}

#[test]
fn settings_that_say_two_things_are_refused() {
    let sandbox = small();
    for (arguments, message) in [
        (&["--from", "2025-01-01"][..], "`series.to`"),
        (&["--from", "2025-01-01", "--to", "2025-03-01", "--set", "dates.as_of=2025-01-31"], "`dates.as_of`"),
        (&["--from", "2025-02-01", "--to", "2025-02-03"], "no month ends"),
        (&["--as-of", "2025-01-31,2025-13-01"], "`2025-13-01`"),
        (&["--as-of", "2025-01-31,2025-02-28", "--set", "input.grain=customers"], "a table of customers"),
        (&["--as-of", "2025-01-31,2025-02-28", "--set", "dates.min_date=2025-02-01"], "`dates.min_date`"),
    ] {
        let ran = sandbox.try_run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(ran.stderr.contains(message), "{arguments:?}: {}", ran.stderr);
    }
}

/// When the table of customers of each date was written.
fn written(sandbox: &Sandbox, dates: &[&str]) -> Vec<std::time::SystemTime> {
    let of = |date: &&str| {
        fs::metadata(sandbox.output().join(format!("as_of={date}/customers.parquet"))).unwrap().modified().unwrap()
    };
    dates.iter().map(of).collect()
}

#[test]
fn a_series_goes_on_where_it_was_stopped() {
    let sandbox = growing();
    let dates = MONTHS.join(",");
    assert_eq!(sandbox.try_run(&["--as-of", MONTHS[0]]).code, 0);
    let first = written(&sandbox, &MONTHS[..1]);
    let resume = |more: &[&str]| {
        let ran = sandbox.try_run(&[&["--as-of", &dates, "--resume", "--format", "json"], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        ["dates", "up_to_date"].map(|key| answer[key].as_array().unwrap().len())
    };
    assert_eq!(resume(&["--threads", "2"]), [2, 1], "the number of threads is no matter");
    assert_eq!(written(&sandbox, &MONTHS[..1]), first);
    assert_eq!(resume(&[]), [0, 3]);
    assert_eq!(resume(&["--returns", "literal"]), [3, 0], "other settings");
    assert_eq!(resume(&[]), [3, 0], "and back");
    fs::remove_file(sandbox.output().join("as_of=2025-02-28/segments.parquet")).unwrap();
    assert_eq!(resume(&[]), [1, 2], "a table is missing");
    sandbox.file("b.parquet", orders(&[(11, 500, "2025-03-09", 5.0)]));
    assert_eq!(resume(&[]), [3, 0], "another input");
    let manifest = sandbox.output().join("as_of=2025-03-10/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version), "{text}");
    fs::write(&manifest, text.replace(&version, "\"version\": \"0.0.1\"")).unwrap();
    assert_eq!(resume(&[]), [1, 2], "another program");
}

#[test]
fn with_new_breaks_no_date_that_uses_them_is_up_to_date() {
    let sandbox = growing();
    let dates = MONTHS.join(",");
    let resume = || {
        let ran = sandbox.try_run(&["--as-of", &dates, "--breaks", "last", "--resume", "--format", "json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let answer: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        ["dates", "up_to_date"].map(|key| answer[key].as_array().unwrap().len())
    };
    assert_eq!(resume(), [3, 0]);
    assert_eq!(resume(), [0, 3]);
    fs::remove_file(sandbox.output().join("as_of=2025-03-10/segments.parquet")).unwrap();
    assert_eq!(resume(), [3, 0]);
}

#[test]
fn a_customer_is_followed_over_the_dates() {
    let sandbox = small();
    let arguments = ["explain", "1", "--input", "in", "--from", "2025-01-01", "--to", "2025-04-30"];
    let ran = sandbox.command(&[&arguments[..], &["--format", "json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let path: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let steps = path["dates"].as_array().unwrap();
    assert_eq!((path["customer_id"].as_str(), steps.len()), (Some("1"), 2), "{path}");
    // 30 days after 2025-01-01, and 58.
    let of = |step: usize, key: &str| steps[step]["standing"][key].clone();
    assert_eq!([of(0, "recency_days"), of(1, "recency_days")], [30, 58]);
    assert_eq!((of(1, "orders"), of(1, "revenue")), (1.into(), 10.0.into()));
    assert_eq!(path["warnings"].as_array().unwrap().len(), 2, "March and April");
    let published = sandbox.run(&["--as-of", "2025-02-28"]).table("customers");
    assert_eq!(of(1, "segment"), texts(&published, "segment")[0]);
    assert_eq!(of(1, "cell"), texts(&published, "cell")[0]);
    let text =
        sandbox.command(&[&["explain", "3"], &arguments[2..6], &["--to", "2025-03-05", "--every", "day"]].concat());
    assert!(
        text.stdout.contains("2025-02-28") && text.stdout.contains("no order yet"),
        "{}{}",
        text.stdout,
        text.stderr
    );
    let nobody = sandbox.command(&[&["explain", "9"], &arguments[2..]].concat());
    assert_eq!(nobody.code, 2);
    assert!(nobody.stderr.contains("customer `9` is not in the data"), "{}", nobody.stderr);
}

#[test]
fn what_was_published_before_a_failing_date_stands() {
    let sandbox = Sandbox::with(frame(vec![
        Column::new("customer_id".into(), vec![Some(1_i64), None, Some(2)]),
        Column::new("order_id".into(), vec![1_i64, 2, 3]),
        dates("order_ts", &["2025-01-01", "2025-02-01", "2025-03-05"]),
        Column::new("amount".into(), vec![1.0, 2.0, 3.0]),
    ]));
    let ran = sandbox.try_run(&["--as-of", "2025-01-31,2025-02-28,2025-03-05", "--strict"]);
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    assert_eq!(sandbox.visible(), ["as_of=2025-01-31"]);
}

#[test]
fn a_check_says_the_dates_and_how_often_the_input_is_read() {
    let sandbox = small();
    let check = |more: &[&str]| {
        let fixed = ["check", "--input", "in", "--format", "json", "--from", "2025-01-01", "--to", "2025-12-31"];
        let ran = sandbox.command(&[&fixed, more].concat());
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap()
    };
    let report = check(&[]);
    assert_eq!(report["series"]["dates"].as_array().unwrap().len(), 12);
    assert_eq!((&report["as_of"], &report["series"]["read_apart"]), (&"2025-12-31".into(), &serde_json::Value::Null));
    let apart = check(&["--set", "input.trust_statistics=true"]);
    assert!(apart["series"]["read_apart"].as_str().unwrap().contains("trust_statistics"), "{apart}");
}
