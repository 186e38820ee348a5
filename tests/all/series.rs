//! A series of dates through the binary: each date is, byte for byte, what a run of that date alone publishes.

use std::collections::BTreeMap;
use std::fs;

use polars::prelude::*;

use crate::support::{Sandbox, dates, day, frame, integers, orders, texts};

/// Rows of a made-up shop of some dozens of customers: days count from 2025-01-01.
#[derive(Debug, Clone)]
struct Row {
    customer: Option<i64>,
    order: Option<i64>,
    day: Option<i32>,
    amount: f64,
    town: Option<String>,
}

/// The dates of all series of this file: days 31 - 1, 59 - 1, 90 - 1 and 120 - 1 of the year.
const DATES: [&str; 4] = ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"];

/// Orders whose lines lie in two to four of the intervals between the dates, planted by hand; customer `100 + n` has what the
/// comment says.
fn planted() -> Vec<Row> {
    let line = |customer: i64, order: i64, day: i32, amount: f64| Row {
        customer: Some(100 + customer),
        order: Some(order),
        day: Some(day),
        amount,
        town: Some(format!("town {}", day % 7)),
    };
    vec![
        // 1: cancelled a month later.
        line(1, 1, 10, 50.0),
        line(1, 1, 45, -50.0),
        line(1, 2, 80, 5.0),
        // 2: cancelled, and reopened after another two dates.
        line(2, 1, 10, 50.0),
        line(2, 1, 40, -60.0),
        line(2, 1, 70, 20.0),
        line(2, 1, 100, 7.0),
        // 3: its first day moves back: the later line is listed first, and an order in between.
        line(3, 1, 100, 9.0),
        line(3, 2, 62, 4.0),
        line(3, 1, 5, 3.0),
        // 4: first a credit note, that a later line makes a purchase.
        line(4, 1, 20, -30.0),
        line(4, 1, 65, 80.0),
        // 5: free until a later line, and free again.
        line(5, 1, 15, 0.0),
        line(5, 1, 50, -4.0),
        line(5, 1, 95, 4.0),
        // 6: lines on the very days of dates, and on the days after them.
        line(6, 1, 30, 1.0),
        line(6, 1, 31, 2.0),
        line(6, 2, 58, 3.0),
        line(6, 3, 59, 4.0),
        line(6, 3, 119, 5.0),
        line(6, 3, 120, 6.0),
        // 7: days out of order, far apart, so that one read cannot count them.
        line(7, 1, 110, 1.0),
        line(7, 2, 0, 1.0),
        line(7, 3, 3, 1.0),
        line(7, 4, 1, 1.0),
        line(7, 4, 2, 1.0),
        // 8: returns alone at first.
        line(8, 1, 8, -3.0),
        line(8, 2, 90, 12.0),
        // 9: the largest order grows and shrinks.
        line(9, 1, 12, 40.0),
        line(9, 2, 14, 30.0),
        line(9, 1, 64, -20.0),
        line(9, 1, 99, 100.0),
    ]
}

/// The planted rows among made-up ones, some of them bad.
fn rows(count: u64) -> Vec<Row> {
    let mut state = 17_u64;
    let mut below = move |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let mut rows = planted();
    while (rows.len() as u64) < count {
        let (customer, order, first) = (below(60) as i64, below(9) as i64, below(150) as i32);
        for _ in 0..=below(3) {
            let spread = if below(4) == 0 { below(90) } else { below(2) };
            rows.push(Row {
                customer: (below(40) > 0).then_some(customer),
                order: (below(30) > 0).then_some(order),
                day: (below(50) > 0).then_some(first + spread as i32),
                amount: (below(40_000) as f64 - 9_000.0) / 100.0,
                town: (below(5) > 0).then(|| format!("town with a long name, number {}", below(12))),
            });
        }
    }
    rows
}

fn table(rows: &[Row], text_ids: bool) -> DataFrame {
    let start = day("2025-01-01");
    let days: Vec<Option<i32>> = rows.iter().map(|row| row.day.map(|day| start + day)).collect();
    let ids: Vec<Option<i64>> = rows.iter().map(|row| row.customer).collect();
    let names: Vec<Option<String>> = ids.iter().map(|id| id.map(|id| format!("customer {id:05}"))).collect();
    frame(vec![
        if text_ids { Column::new("customer_id".into(), names) } else { Column::new("customer_id".into(), ids) },
        Column::new("order_id".into(), rows.iter().map(|row| row.order).collect::<Vec<_>>()),
        Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap(),
        Column::new("amount".into(), rows.iter().map(|row| row.amount).collect::<Vec<_>>()),
        Column::new("town".into(), rows.iter().map(|row| row.town.clone()).collect::<Vec<_>>()),
    ])
}

type Tables = BTreeMap<String, Vec<u8>>;

/// Every table of these dates, from the directory `output` below the sandbox.
fn tables(sandbox: &Sandbox, output: &str, dates: &[&str]) -> Vec<Tables> {
    let of = |date: &&str| sandbox.at(format!("{output}/as_of={date}").as_ref()).bytes();
    dates.iter().map(of).collect()
}

/// A series of [`DATES`] with these settings.
fn series(sandbox: &Sandbox, output: &str, settings: &[&str]) -> Vec<Tables> {
    let dates = DATES.join(",");
    let fixed = ["run", "--quiet", "--input", "in", "--output", output, "--as-of", &dates];
    let ran = sandbox.command(&[&fixed, settings].concat());
    assert_eq!(ran.code, 0, "{settings:?}: {}", ran.stderr);
    tables(sandbox, output, &DATES)
}

/// A run for each date alone.
fn single_runs(sandbox: &Sandbox, settings: &[&str]) -> Vec<Tables> {
    for date in DATES {
        let fixed = ["run", "--quiet", "--input", "in", "--output", "single", "--as-of", date];
        let ran = sandbox.command(&[&fixed, settings].concat());
        assert_eq!(ran.code, 0, "{settings:?}: {}", ran.stderr);
    }
    let found = tables(sandbox, "single", &DATES);
    fs::remove_dir_all(sandbox.root().join("single")).unwrap();
    found
}

#[track_caller]
fn assert_same(found: &[Tables], expected: &[Tables], settings: &[&str]) {
    for ((found, expected), date) in found.iter().zip(expected).zip(DATES) {
        let names = |tables: &Tables| tables.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(found), names(expected), "{date} {settings:?}");
        for (name, bytes) in expected {
            assert!(found[name] == *bytes, "{name} of {date} differs with {settings:?}");
        }
    }
}

/// What changes which rows and orders count, and what is kept of them.
const SETTINGS: [&[&str]; 14] = [
    &[],
    &["--returns", "literal"],
    &["--returns", "purchases"],
    &["--returns", "drop"],
    &["--window-days", "40"],
    &["--window-days", "40", "--returns", "purchases"],
    &["--window-days", "40", "--set", "dates.window_applies_to=everything"],
    &["--set", "columns.attributes=[\"town\"]"],
    &["--set", "columns.attributes=[\"town\"]", "--set", "reports.by=[\"town\"]", "--window-days", "75"],
    &["--orders-by", "row"],
    &["--orders-by", "order_id_and_day"],
    &["--count-repeats", "--map", "lifecycle", "--window-days", "50"],
    &["--dedupe", "--set", "clean.zero_amounts=drop", "--set", "dates.min_date=2025-01-08"],
    &["--filter", "amount < 200 AND order_id <> 3", "--money-scale", "0"],
];

#[test]
fn each_date_is_what_its_own_run_publishes() {
    let sandbox = Sandbox::with(table(&rows(1_500), false));
    for settings in SETTINGS {
        let found = series(&sandbox, "out", settings);
        assert_same(&found, &single_runs(&sandbox, settings), settings);
        fs::remove_dir_all(sandbox.root().join("out")).unwrap();
    }
}

#[test]
fn predictions_holdouts_and_years_of_each_date_are_those_of_its_own_run() {
    let sandbox = Sandbox::with(table(&rows(2_500), false));
    let model = ["--predict", "bg_nbd", "--set", "predict.min_history_days=1", "--set", "predict.by_year=true"];
    for more in [&[][..], &["--set", "predict.holdout_days=20"], &["--window-days", "30"]] {
        let settings = [&model[..], more].concat();
        let found = series(&sandbox, "out", &settings);
        assert_same(&found, &single_runs(&sandbox, &settings), &settings);
        fs::remove_dir_all(sandbox.root().join("out")).unwrap();
    }
}

#[test]
fn neither_ids_nor_files_nor_order_nor_threads_change_a_byte() {
    let all = rows(1_500);
    // The table of bad rows names the files.
    let attributes = "columns.attributes=[\"town\"]";
    let settings = ["--set", attributes, "--window-days", "60", "--set", "clean.quarantine_rows=0"];
    for text_ids in [false, true] {
        let plain = Sandbox::with(table(&all, text_ids));
        let expected = single_runs(&plain, &settings);
        let mut turned = all.clone();
        turned.reverse();
        for (files, group, threads, rows) in [(1, 1 << 20, "1", &all), (3, 97, "8", &all), (5, 50, "3", &turned)] {
            let sandbox = Sandbox::new();
            for (number, part) in rows.chunks(rows.len().div_ceil(files)).enumerate() {
                sandbox.file_of_groups(&format!("{number}.parquet"), table(part, text_ids), group);
            }
            let settings = [&settings[..], &["--threads", threads]].concat();
            assert_same(&series(&sandbox, "out", &settings), &expected, &settings);
        }
    }
}

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
