//! What changed between two published dates, and what customers do month by month: laws, borders, refusals.
//!
//! Figures worked out by hand are in `worked_on_request`, the same from raw rows by DuckDB in `tests/peers/over_time.py`.

use std::collections::BTreeMap;
use std::fs;

use polars::prelude::*;

use crate::moves::{compare, moves, rows_of, sums, two_dates};
use crate::support::{Published, Sandbox, frame, integers, orders, shop, texts};

const MONTHLY: [&str; 6] =
    ["--set", "health.every=month", "--set", "cohorts.by=month", "--set", "cohorts.loyalty_ladder=true"];
const OVER_TIME: [&str; 3] = ["health", "loyalty_ladder", "cohorts"];

#[test]
fn days_are_those_of_all_time_whatever_the_window() {
    let tables = |args: &[&str]| {
        let sandbox = Sandbox::with(shop());
        let run = sandbox.run(&[&["--as-of", "2023-12-10"][..], &MONTHLY, args].concat());
        let bytes = run.bytes();
        OVER_TIME.map(|name| bytes[&format!("{name}.parquet")].clone())
    };
    let plain = tables(&[]);
    assert_eq!(tables(&["--window-days", "30"]), plain);
    assert_eq!(tables(&["--window-days", "30", "--set", "dates.window_applies_to=everything"]), plain);
    assert_eq!(tables(&["--set", "run.threads=1"]), plain);
    assert_eq!(tables(&["--predict", "bg_nbd"]), plain);
}

#[test]
fn the_grid_of_the_last_date_is_that_of_the_run() {
    for args in
        [&[][..], &["--window-days", "60"], &["--window-days", "60", "--set", "dates.window_applies_to=everything"]]
    {
        let sandbox = Sandbox::with(shop());
        let run = sandbox.run(&[&["--as-of", "2023-11-30", "--set", "health.grid=true"][..], &MONTHLY, args].concat());
        let (grid, course) = (run.table("grid"), run.table("grid_over_time"));
        let last = course.tail(Some(grid.height()));
        assert!(texts(&last, "date").iter().all(|date| date == "2023-11-30"));
        for column in crate::support::names(&grid) {
            assert_eq!(texts(&last, column), texts(&grid, column), "{args:?} {column}");
        }
    }
}

/// Rows after the earlier date, of customers who were there and of others: nothing that was known then may change.
#[test]
fn nothing_of_the_earlier_date_comes_from_after_it() {
    let rows = shop();
    let late: Vec<(i64, i64, &str, f64)> = (0..400).map(|at| (at % 350, 9_000 + at, "2023-11-25", 500.0)).collect();
    let late = frame(vec![
        Column::new("customer_id".into(), late.iter().map(|row| row.0).collect::<Vec<_>>()),
        crate::support::dates("order_ts", &late.iter().map(|row| row.2).collect::<Vec<_>>()),
        Column::new("amount".into(), late.iter().map(|row| row.3).collect::<Vec<_>>()),
    ]);
    let planted = rows.vstack(&late).unwrap();
    let asked = ["--as-of", "2023-12-09", "--set", "evaluate.horizon_days=30", "--set", "compare.with=month"];
    let run = |rows: DataFrame| Sandbox::with(rows).run(&asked);
    let (plain, planted) = (run(shop()), run(planted));
    let of = |run: &Published, column: &str| texts(&run.table("evaluation"), column);
    for column in ["scoring", "group_by", "group", "customers"] {
        assert_eq!(of(&plain, column), of(&planted, column), "{column}");
    }
    assert_ne!(of(&plain, "buyers"), of(&planted, "buyers"), "what came after is an outcome");
    let before = |run: &Published| sums(&run.table("migration"), "published", "segment", "from_segment");
    assert_eq!(before(&plain), before(&planted));
    assert!(rows.height() < 20_000);
}

#[test]
fn a_run_compares_as_two_published_dates_do() {
    for args in [&[][..], &["--window-days", "60"], &["--map", "lifecycle"]] {
        let sandbox = Sandbox::with(shop());
        let dates = two_dates(&sandbox, args);
        let moves = moves(&sandbox, &dates, &["--by", "segment", "--by", "octant"]);
        let by = r#"compare.by=["segment","octant"]"#;
        let asked = [
            "--as-of",
            "2023-12-10",
            "--set",
            "compare.with=2023-09-30",
            "--set",
            by,
            "--set",
            "compare.customers=true",
        ];
        let run = sandbox.run(&[&asked[..], args].concat());
        for table in ["migration", "migration_flows", "migration_customers"] {
            assert_eq!(
                run.bytes()[&format!("{table}.parquet")],
                moves.bytes()[&format!("{table}.parquet")],
                "{args:?} {table}"
            );
        }
        let customers = run.table("customers");
        let expected = rows_of(&dates[0].table("customers"), "segment");
        for (id, previous) in rows_of(&customers, "previous_segment") {
            assert_eq!(&previous, expected.get(&id).map_or("-", String::as_str), "{id}");
        }
    }
}

#[test]
fn stages_look_at_all_days_whatever_the_window() {
    let stages = |args: &[&str]| {
        let sandbox = Sandbox::with(shop());
        let by = r#"compare.by=["stage"]"#;
        let asked = ["--as-of", "2023-12-10", "--set", "compare.with=2023-09-30", "--set", by];
        let migration = sandbox.run(&[&asked[..], args].concat()).table("migration");
        ["from_segment", "to_segment"].map(|side| sums(&migration, "published", "stage", side))
    };
    let plain = stages(&[]);
    assert!(plain[0].len() > 2, "{plain:?}");
    assert_eq!(stages(&["--window-days", "60"]), plain);
    // Of published dates, too: then both have the orders of all days.
    let sandbox = Sandbox::with(shop());
    let dates = two_dates(&sandbox, &["--window-days", "60", "--set", r#"compare.by=["stage"]"#]);
    let migration = moves(&sandbox, &dates, &["--by", "stage"]).table("migration");
    assert_eq!(["from_segment", "to_segment"].map(|side| sums(&migration, "published", "stage", side)), plain);
    let windowed = two_dates(&sandbox, &["--window-days", "60"]);
    let refused = compare(&sandbox, &windowed, &["--by", "stage"]);
    assert!(refused.code == 2 && refused.stderr.contains("orders_ever"), "{}", refused.stderr);
}

#[test]
fn a_date_before_the_data_leaves_nulls_and_a_warning() {
    let sandbox = Sandbox::with(shop());
    let run = sandbox.run(&[
        "--as-of",
        "2023-12-10",
        "--set",
        "compare.with=2020-01-01",
        "--set",
        "evaluate.horizon_days=3000",
    ]);
    let codes = run.warning_codes();
    assert_eq!(codes.iter().filter(|code| *code == "nothing_to_compare").count(), 2, "{codes:?}");
    assert!(texts(&run.table("customers"), "previous_segment").iter().all(|segment| segment == "-"));
    for table in ["migration", "migration_flows", "evaluation", "evaluation_rankings", "evaluation_summary"] {
        assert_eq!(run.table(table).height(), 0, "{table}");
    }
    let previous = Sandbox::with(shop());
    let first = previous.run(&["--as-of", "2023-09-30", "--set", "compare.with=previous"]);
    assert!(first.warning_codes().contains(&"nothing_to_compare".to_owned()));
    let second = previous.run(&["--as-of", "2023-12-10", "--set", "compare.with=previous"]);
    assert_eq!(texts(&second.table("migration"), "compared_with")[0], "2023-09-30");
}

#[test]
fn alerts_without_a_comparison_list_states_and_say_so() {
    let sandbox = Sandbox::with(shop());
    let reasons = r#"alerts.reasons=["own_rhythm"]"#;
    let states = sandbox.run(&["--as-of", "2023-12-10", "--set", reasons, "--set", "alerts.columns=true"]);
    assert!(states.warning_codes().contains(&"alerts_without_comparison".to_owned()));
    let alerts = states.table("alerts");
    let (limits, customers) = (rows_of(&alerts, "own_limit_days"), states.table("customers"));
    let overdue = crate::support::floats(&customers, "overdue_percent");
    let late = texts(&customers, "customer_id").into_iter().zip(overdue).filter(|(_, percent)| *percent > 100.0);
    let late: BTreeMap<String, f64> = late.collect();
    assert!(!limits.is_empty() && limits.keys().all(|id| late.contains_key(id)), "whoever is listed is late");
    let compared = sandbox.run(&["--as-of", "2023-12-10", "--set", reasons, "--set", "compare.with=month"]);
    let (since, before) = (compared.table("alerts").height(), alerts.height());
    assert!(since < before, "{since} passed their limit since, {before} are beyond it");
    let refused = sandbox.try_run(&["--set", r#"alerts.reasons=["score_fell","p_alive"]"#]);
    assert!(refused.code == 2 && refused.stderr.contains("compare.with") && refused.stderr.contains("predict.model"));
}

#[test]
fn the_summary_says_what_changed() {
    let sandbox = Sandbox::with(shop());
    let (input, reasons) = (sandbox.input().display().to_string(), r#"alerts.reasons=["own_rhythm"]"#);
    let asked = ["run", "--input", &input, "--output", "out", "--as-of", "2023-12-10", "--set", "compare.with=month"];
    let ran = sandbox.command(&[&asked[..], &["--set", reasons, "--set", "health.every=month"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for part in
        ["since 2023-11-10: ", " moved up, ", "alerts: ", " slipping away, who brought ", "health on 2023-11-30: "]
    {
        assert!(ran.stdout.contains(part), "{part} is missing in\n{}", ran.stdout);
    }
}

#[test]
fn a_series_compares_each_date_as_its_own_run_does() {
    let asked = ["--set", "compare.with=month", "--set", "evaluate.horizon_days=60"];
    let series = Sandbox::with(shop());
    let (input, output) = (series.input().display().to_string(), series.output().display().to_string());
    let flags = ["run", "--quiet", "--input", &input, "--output", &output, "--as-of", "2023-10-31,2023-11-30"];
    let ran = series.command(&[&flags[..], &asked].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for date in ["2023-10-31", "2023-11-30"] {
        let alone = Sandbox::with(shop());
        let run = alone.run(&[&["--as-of", date][..], &asked].concat());
        let of_series = series.at(&series.output().join(format!("as_of={date}")));
        assert_eq!(of_series.bytes(), run.bytes(), "{date}");
    }
}

#[test]
fn other_tables_stay_as_they_are() {
    let sandbox = Sandbox::with(shop());
    let plain = sandbox.run(&["--as-of", "2023-12-10"]).bytes();
    let mut asked = sandbox.run(&[&["--as-of", "2023-12-10"][..], &MONTHLY].concat()).bytes();
    for name in OVER_TIME {
        assert!(asked.remove(&format!("{name}.parquet")).is_some(), "{name}");
    }
    assert_eq!(asked, plain);
}

#[test]
fn ladder_cohorts_and_health_agree_with_each_other() {
    let sandbox = Sandbox::with(shop());
    let run = sandbox.run(&[&["--as-of", "2023-11-30"][..], &MONTHLY].concat());
    let customers = run.table("customers").height() as i64;
    let (ladder, cohorts, health) = (run.table("loyalty_ladder"), run.table("cohorts"), run.table("health"));
    let (with_k, with_next) = (integers(&ladder, "customers_with_k"), integers(&ladder, "customers_with_next"));
    assert_eq!(with_k[0], customers, "everyone has a first purchase");
    for step in 0..9 {
        assert_eq!(with_k[step + 1], with_next[step], "whoever went on stands on the next step");
    }
    let (ages, sizes, active) =
        (integers(&cohorts, "age"), integers(&cohorts, "customers"), integers(&cohorts, "active"));
    let first = |of: &[i64]| ages.iter().zip(of).filter(|(age, _)| **age == 0).map(|(_, own)| *own).sum::<i64>();
    assert_eq!((first(&sizes), first(&active)), (customers, customers), "everyone is active in their first month");
    assert!(active.iter().zip(&sizes).all(|(active, size)| active <= size));
    let column = |name: &str| integers(&health, name);
    for (row, buyers) in column("buyers").into_iter().enumerate() {
        let parts = ["first_time", "returning", "reactivated"].map(|name| column(name)[row]);
        assert_eq!(parts.iter().sum::<i64>(), buyers);
    }
    // The months of the data are all among the last 24: money and orders of all months are those of the run.
    let totals = &run.manifest()["totals"];
    assert_eq!(column("orders").iter().sum::<i64>(), totals["orders"].as_i64().unwrap());
    assert_eq!(integers(&cohorts, "orders").iter().sum::<i64>(), totals["orders"].as_i64().unwrap());
    let money = |table: &DataFrame| crate::support::minor(table, "revenue").into_iter().sum::<i128>();
    let revenue = i128::from(totals["revenue_minor_units"].as_i64().unwrap());
    assert_eq!((money(&health), money(&cohorts)), (revenue, revenue));
}

#[test]
fn orders_taken_back_and_credit_notes_are_as_the_returns_policy_says() {
    // Order 1 of customer 1 is taken back in March: their first purchase is order 2. Customer 3 only gives something back.
    let rows = [
        (1, 1, "2024-01-10", 50.0),
        (1, 1, "2024-03-05", -50.0),
        (1, 2, "2024-02-10", 20.0),
        (1, 3, "2024-02-20", -5.0),
        (2, 4, "2024-01-15", 30.0),
        (2, 5, "2024-01-15", 0.0),
        (3, 6, "2024-01-20", -9.0),
    ];
    let run = |returns: &str| {
        let sandbox = Sandbox::with(orders(&rows));
        let set = format!("clean.returns={returns}");
        sandbox.run(&[&["--as-of", "2024-03-31", "--set", &set][..], &MONTHLY].concat())
    };
    let net = run("net");
    // January: customer 2 with two purchases, one of them free; February: customer 1, 20 less the credit note.
    let cohorts = net.table("cohorts");
    assert_eq!(texts(&cohorts, "cohort")[..4], ["2024-01-01", "2024-01-01", "2024-01-01", "2024-02-01"]);
    assert_eq!(integers(&cohorts, "orders"), [2, 0, 0, 1, 0]);
    assert_eq!(crate::support::minor(&cohorts, "revenue"), [3000, 0, 0, 1500, 0]);
    assert_eq!(integers(&net.table("loyalty_ladder"), "customers_with_k")[..3], [2, 1, 0]);
    let purchases = run("purchases").table("cohorts");
    assert_eq!(integers(&purchases, "orders"), [1, 0, 0, 1, 0], "a free order is none");
    assert_eq!(crate::support::minor(&purchases, "revenue"), [3000, 0, 0, 2000, 0]);
}

#[test]
fn a_month_that_is_not_over_says_nothing() {
    let sandbox = Sandbox::with(orders(&[(1, 1, "2024-01-10", 50.0), (1, 2, "2024-02-10", 20.0)]));
    let run = sandbox.run(&[&["--as-of", "2024-02-20"][..], &MONTHLY].concat());
    let cohorts = run.table("cohorts");
    assert_eq!(texts(&cohorts, "active"), ["1", "-"]);
    assert_eq!(texts(&cohorts, "customers"), ["1", "1"]);
    assert_eq!(texts(&run.table("health"), "date"), ["2024-01-31"]);
}

#[test]
fn single_orders_are_needed() {
    let sandbox = Sandbox::new();
    let customers = frame(vec![
        Column::new("customer_id".into(), [1_i64, 2]),
        Column::new("orders".into(), [1_i64, 2]),
        Column::new("last_order_date".into(), [19_700, 19_701]).cast(&DataType::Date).unwrap(),
        Column::new("revenue".into(), [1.0, 2.0]),
    ]);
    sandbox.file("a.parquet", customers);
    let ran = sandbox.try_run(&[&["--set", "input.grain=customers", "--as-of", "2024-01-01"][..], &MONTHLY].concat());
    assert_eq!(ran.code, 2);
    for key in ["health.every", "cohorts.by", "cohorts.loyalty_ladder"] {
        assert!(ran.stderr.contains(key), "{key}: {}", ran.stderr);
    }
    assert!(!fs::exists(sandbox.output()).unwrap());
}
