//! Lifetime values by the plain formula, and social value, through the binary, on numbers that can be checked by hand.

use polars::prelude::*;
use rfmetrics::reports::tables::customers::columns::{PLANNED, SOCIAL};

use crate::support::{
    Published, Sandbox, columns_of, floats, frame, integers, minor, names, orders, report, shop, texts,
};

#[track_caller]
fn assert_near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6 || (found.is_nan() && expected.is_nan()), "{found} for {expected}");
    }
}

#[test]
fn profits_of_the_settings_are_worth_what_the_formula_says() {
    let sandbox = Sandbox::with(orders(&[(1, 1, "2025-01-01", 5.0)]));
    let set = |settings: &[&'static str]| -> Published {
        let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", *setting]).collect();
        sandbox.run(&set)
    };
    let published = set(&[
        "predict.yearly_profits=100,100,100",
        "predict.discount_rate=0.1",
        "predict.retention=0.5",
        "predict.acquisition_cost=30",
    ]);
    let table = published.table("planned_ltv");
    assert_eq!(names(&table), columns_of(&report("planned_ltv").table));
    assert_near(&floats(&table, "staying_share"), &[1.0, 0.5, 0.25]);
    // 100/1.1, 50/1.21, 25/1.331
    assert_near(&floats(&table, "discounted_profit"), &[90.909_091, 41.322_314, 18.782_870]);
    assert_near(&floats(&table, "ltv"), &[60.909_091, 102.231_405, 121.014_275]);
    assert_eq!(published.bytes().len(), 13, "nothing else is added");
}

#[test]
fn own_years_of_customers_worked_by_hand() {
    // Customer 1: 60.00 in their first year, 20.00 in the second (25.00 less a credit note), nothing in the third, 40.00 in
    // the fourth. Customer 3 has no purchase.
    let sandbox = Sandbox::with(orders(&[
        (1, 1, "2020-03-01", 50.0),
        (1, 2, "2021-02-28", 10.0),
        (1, 3, "2021-06-01", 25.0),
        (1, 4, "2021-06-01", -5.0),
        (1, 5, "2023-06-01", 40.0),
        (2, 6, "2023-01-01", 8.0),
        (3, 7, "2023-01-01", -8.0),
    ]));
    let settings =
        ["predict.by_year=true", "predict.discount_rate=0.1", "predict.margin=0.5", "predict.acquisition_cost=5"];
    let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", *setting]).collect();
    let args = [&["--as-of", "2023-12-31", "--window-days", "365"][..], &set].concat();
    let published = sandbox.run(&args);
    let table = published.table("customer_years");
    assert_eq!(names(&table), columns_of(&report("customer_years").table));
    assert_eq!(integers(&table, "customer_id"), [1, 1, 1, 2]);
    assert_eq!(integers(&table, "year"), [1, 2, 4, 1]);
    assert_eq!(integers(&table, "orders"), [2, 1, 1, 1]);
    assert_eq!(minor(&table, "revenue"), [6_000, 2_000, 4_000, 800]);
    assert_near(&floats(&table, "profit"), &[30.0, 10.0, 20.0, 4.0]);
    // 30/1.1 - 5; + 10/1.21; + 20/1.4641; and 4/1.1 - 5
    assert_near(&floats(&table, "historical_ltv"), &[22.272_727, 30.537_190, 44.197_459, -1.363_636]);
    assert_eq!(published.bytes().len(), 13);
    assert!(names(&published.table("customers")).iter().all(|name| *name != "p_alive"), "no model is asked for");
}

/// An anniversary of 29 February is 1 March in common years. Whatever the window, years sum to revenue without one.
#[test]
fn own_years_begin_on_anniversaries_and_sum_to_revenue() {
    let sandbox = Sandbox::with(orders(&[
        (1, 1, "2020-02-29", 100.0),
        (1, 2, "2021-02-28", 10.0),
        (1, 3, "2021-03-01", 20.0),
        (1, 4, "2021-06-01", -5.0),
        (1, 5, "2024-02-28", 40.0),
        (1, 6, "2024-02-29", 0.0),
        (2, 7, "2021-01-01", 7.0),
        (2, 8, "2022-01-01", 7.0),
        (2, 9, "2023-06-01", -3.0),
        (2, 10, "2020-12-01", -1.0),
    ]));
    let published = sandbox.run(&["--as-of", "2024-12-31", "--set", "predict.by_year=true"]);
    let table = published.table("customer_years");
    assert_eq!(integers(&table, "customer_id"), [1, 1, 1, 1, 2, 2, 2]);
    assert_eq!(integers(&table, "year"), [1, 2, 4, 5, 1, 2, 3]);
    assert_eq!(integers(&table, "orders"), [2, 1, 1, 1, 1, 1, 0]);
    assert_eq!(minor(&table, "revenue"), [11_000, 1_500, 4_000, 0, 600, 700, -300]);
    let customers = published.table("customers");
    assert_eq!(minor(&customers, "revenue"), [16_500, 1_000], "110 + 15 + 40, and 6 + 7 - 3");
    let window = ["--as-of", "2024-12-31", "--window-days", "400", "--set", "predict.by_year=true"];
    let within = sandbox.run(&window).table("customer_years");
    assert_eq!(minor(&within.head(Some(4)), "revenue"), [11_000, 1_500, 4_000, 0], "the window is that of F and M");
}

#[test]
fn own_years_follow_pseudonyms() {
    let sandbox =
        Sandbox::with(orders(&[(1, 1, "2020-03-01", 50.0), (2, 2, "2020-03-01", 8.0), (3, 3, "2020-03-01", 9.0)]));
    let key = sandbox.root().join("key");
    std::fs::write(&key, "0123456789abcdef0123456789abcdef").unwrap();
    let args = ["--set", "predict.by_year=true", "--hash-ids", "--hash-key-file", key.to_str().unwrap()];
    let published = sandbox.run(&args);
    let (years, customers) = (published.table("customer_years"), published.table("customers"));
    assert_eq!(texts(&years, "customer_id"), texts(&customers, "customer_id"));
    assert_eq!(minor(&years, "revenue"), minor(&customers, "revenue"));
}

/// Writes a table of yearly profits next to the input.
fn profits(sandbox: &Sandbox, columns: Vec<Column>) -> String {
    let path = sandbox.root().join("profits.parquet");
    ParquetWriter::new(std::fs::File::create(&path).unwrap()).finish(&mut frame(columns)).unwrap();
    format!("predict.profits.path={}", path.display())
}

/// Customers 1, 2, 3 and, in the table of profits, 3, 1 and an unknown one, in this order.
fn with_profits() -> (Sandbox, String) {
    let sandbox =
        Sandbox::with(orders(&[(1, 1, "2025-01-01", 5.0), (2, 2, "2025-01-01", 6.0), (3, 3, "2025-01-01", 7.0)]));
    let path = profits(
        &sandbox,
        vec![
            Column::new("who".into(), [3_i64, 1, 99]),
            Column::new("next".into(), [Some(100.0), Some(10.0), None]),
            Column::new("then".into(), [Some(-20_i64), None, Some(7)]),
        ],
    );
    (sandbox, path)
}

const PROFIT_COLUMNS: [&str; 4] =
    ["--set", "predict.profits.customer_id=who", "--set", "predict.profits.years=next,then"];

#[test]
fn profits_of_each_customer_are_worth_what_the_formula_says() {
    let (sandbox, path) = with_profits();
    let rates = ["predict.discount_rate=0.1", "predict.retention=0.5", "predict.acquisition_cost=30"];
    let set: Vec<&str> = rates.iter().flat_map(|setting| ["--set", *setting]).collect();
    let args = [&["--set", path.as_str()][..], &PROFIT_COLUMNS, &set].concat();
    let published = sandbox.run(&args);
    let customers = published.table("customers");
    let found = names(&customers);
    assert_eq!(found[found.len() - 2..], [PLANNED[0].name, "map"]);
    assert_eq!(integers(&customers, "customer_id"), [1, 2, 3]);
    // 10/1.1 + 0 - 30; none; 100/1.1 - 20 x 0.5/1.21 - 30
    assert_near(&floats(&customers, "planned_ltv"), &[-20.909_091, f64::NAN, 52.644_628]);
    let warnings = published.manifest()["warnings"].to_string();
    let message = "2 of 3 customers have yearly profits; 1 rows of `predict.profits.path` match no customer";
    assert!(warnings.contains(message), "{warnings}");
    assert_eq!(published.bytes().len(), 12, "no table is added");
    let key = sandbox.root().join("key");
    std::fs::write(&key, "0123456789abcdef0123456789abcdef").unwrap();
    let hashed = sandbox.run(&[&args[..], &["--hash-ids", "--hash-key-file", key.to_str().unwrap()]].concat());
    let by_revenue = |table: &DataFrame| {
        let mut pairs: Vec<(i128, String)> =
            minor(table, "revenue").into_iter().zip(texts(table, "planned_ltv")).collect();
        pairs.sort();
        pairs
    };
    assert_eq!(by_revenue(&hashed.table("customers")), by_revenue(&customers), "values follow their customers");
}

#[test]
fn tables_of_profits_that_cannot_be_used_are_refused() {
    let (sandbox, path) = with_profits();
    let refused = |settings: &[&str], code: i32, message: &str| {
        let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", *setting]).collect();
        let ran = sandbox.try_run(&[&PROFIT_COLUMNS[..], &set].concat());
        assert_eq!(ran.code, code, "{settings:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{settings:?}: {}", ran.stderr);
    };
    refused(&["predict.profits.path=nowhere.parquet"], 3, "nowhere.parquet");
    refused(&[&path, "predict.profits.years=next,later"], 3, "it has no column `later`");
    refused(&[&path, "predict.profits.years=next,next"], 2, "`next` twice");
    refused(&[&path, "columns.attributes=planned_ltv"], 2, "calls a column of its own");
    let numbers = |name: &str| Column::new(name.into(), [1.0, 2.0]);
    let who = |ids: Column| vec![ids, numbers("next"), numbers("then")];
    let path = profits(&sandbox, who(Column::new("who".into(), [1_i64, 1])));
    refused(&[&path], 3, "has 1 customers more than once");
    let path = profits(&sandbox, who(Column::new("who".into(), ["1", "2"])));
    refused(&[&path], 3, "the ids in `who` of `predict.profits.path` are text");
    let texts = vec![Column::new("who".into(), [1_i64, 2]), Column::new("next".into(), ["a", "b"]), numbers("then")];
    let path = profits(&sandbox, texts);
    refused(&[&path], 3, "has columns that are no numbers");
    assert!(sandbox.visible().is_empty(), "nothing is published");
}

/// The first 60 customers of the shop.
fn buyers() -> DataFrame {
    let rows = shop();
    let first: BooleanChunked = integers(&rows, "customer_id").iter().map(|id| *id < 60).collect();
    rows.filter(&first).unwrap()
}

/// Followers 0, 10, .., 490 of customers 0 to 49, and of an unknown one.
fn social(sandbox: &Sandbox) -> String {
    let ids: Vec<i64> = (0..50).chain([999]).rev().collect();
    let of = |value: &dyn Fn(i64) -> i64| ids.iter().map(|id| value(*id)).collect::<Vec<i64>>();
    let table = frame(vec![
        Column::new("customer_id".into(), ids.clone()),
        Column::new("followers".into(), of(&|id| if id == 999 { 1_000_000 } else { 10 * id })),
        Column::new("interactions".into(), of(&|id| id % 2)),
        Column::new("comments".into(), of(&|_| 7)),
        Column::new("shares".into(), ids.iter().map(|id| (id % 4 != 0).then_some(3.0)).collect::<Vec<Option<f64>>>()),
        Column::new("referrals".into(), of(&|id| id % 5)),
    ]);
    let path = sandbox.root().join("social.parquet");
    ParquetWriter::new(std::fs::File::create(&path).unwrap()).finish(&mut table.clone()).unwrap();
    format!("social.path={}", path.display())
}

const MODEL: &str = "predict.model=bg_nbd";

#[test]
fn social_measures_are_joined_standardised_and_weighted() {
    let sandbox = Sandbox::with(buyers());
    let path = social(&sandbox);
    let weights = "social.weights=0.5,0.3,0.2";
    let published = sandbox.run(&["--as-of", "2023-12-10", "--set", &path, "--set", weights]);
    let customers = published.table("customers");
    let found = names(&customers);
    assert_eq!(found[found.len() - 5..found.len() - 1], SOCIAL.iter().map(|c| c.name).collect::<Vec<_>>());
    // Customer 0..49: followers 10 id of 490; interactions id % 2 of 1, comments all equal, shares 3 of 3 or none;
    // referrals id % 5 of 4. Customers outside the table of measures have none.
    let expected = |id: usize| -> [f64; 4] {
        if id >= 50 {
            return [f64::NAN; 4];
        }
        let influence = id as f64 / 49.0;
        let activity = ((id % 2) as f64 + 0.0 + f64::from(u8::from(!id.is_multiple_of(4)))) / 3.0;
        let value = (id % 5) as f64 / 4.0;
        [influence, activity, value, 0.5 * influence + 0.3 * activity + 0.2 * value]
    };
    for (index, column) in SOCIAL.iter().enumerate() {
        let expected: Vec<f64> = (0..60).map(|id| expected(id)[index]).collect();
        assert_near(&floats(&customers, column.name), &expected);
    }
    let manifest = published.manifest();
    assert!(manifest["warnings"].to_string().contains("50 of 60 customers have social measures; 1 rows"));
    assert_eq!(manifest["social"]["weights"], serde_json::json!([0.5, 0.3, 0.2]));
    assert!(!published.bytes().contains_key("value_map.parquet"), "there is no lifetime value to lay beside it");
}

/// Judgements 1 : 2 : 2 have the weights 1/2, 1/4, 1/4, and lambda 3.
#[test]
fn judgements_give_the_weights_of_the_indices() {
    let sandbox = Sandbox::with(buyers());
    let path = social(&sandbox);
    let judgements = "social.judgements=[[1.0,2.0,2.0],[0.5,1.0,1.0],[0.5,1.0,1.0]]";
    let published = sandbox.run(&["--as-of", "2023-12-10", "--set", &path, "--set", judgements]);
    let weights: Vec<f64> = serde_json::from_value(published.manifest()["social"]["weights"].clone()).unwrap();
    assert_near(&weights, &[0.5, 0.25, 0.25]);
    let wild = "social.judgements=[[1.0,9.0,0.2],[0.1111,1.0,9.0],[5.0,0.1111,1.0]]";
    let ran = sandbox.try_run(&["--set", &path, "--set", wild]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
}

#[test]
fn the_value_map_counts_every_customer_with_both_values_once() {
    let sandbox = Sandbox::with(buyers());
    let path = social(&sandbox);
    let args = ["--as-of", "2023-12-10", "--set", &path, "--set", MODEL, "--set", "social.map_classes=2"];
    sandbox.file("a.parquet", shop());
    let published = sandbox.run(&args);
    let (map, customers) = (published.table("value_map"), published.table("customers"));
    assert_eq!(names(&map), columns_of(&report("value_map").table));
    assert_eq!(integers(&map, "clv_class"), [2, 2, 1, 1]);
    assert_eq!(integers(&map, "scv_class"), [2, 1, 2, 1]);
    let (clv, scv) = (floats(&customers, "clv_12_months"), floats(&customers, "scv"));
    let both: Vec<usize> = (0..clv.len()).filter(|row| !clv[*row].is_nan() && !scv[*row].is_nan()).collect();
    assert!(both.len() > 40, "{}", both.len());
    let median = |values: &[f64]| {
        let mut sorted: Vec<f64> = both.iter().map(|row| values[*row]).collect();
        sorted.sort_by(f64::total_cmp);
        f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
    };
    let (middle_clv, middle_scv) = (median(&clv), median(&scv));
    for (index, (high_clv, high_scv)) in [(true, true), (true, false), (false, true), (false, false)].iter().enumerate()
    {
        let of: Vec<usize> = both
            .iter()
            .copied()
            .filter(|row| (clv[*row] > middle_clv) == *high_clv && (scv[*row] > middle_scv) == *high_scv)
            .collect();
        assert_eq!(integers(&map, "customers")[index], of.len() as i64);
        assert_near(&[floats(&map, "clv")[index]], &[of.iter().map(|row| clv[*row]).sum()]);
    }
    assert!((floats(&map, "clv_share").iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let again = sandbox.run(&[&args[..], &["--threads", "1"]].concat());
    assert!(again.bytes() == published.bytes());
}

#[test]
fn tables_of_social_measures_that_cannot_be_used_are_refused() {
    let sandbox = Sandbox::with(buyers());
    let path = social(&sandbox);
    let column = "social.influence=fans";
    let cases: [(&[&str], i32, &str); 4] = [
        (&[&path, column], 3, "it has no column `fans`"),
        (&["social.path=nowhere.parquet"], 3, "nowhere.parquet"),
        (&[&path, "social.customer_id=shares"], 3, "more than once"),
        (&[&path, "social.weights=1,1,1"], 2, "sum to 3"),
    ];
    for (settings, code, message) in cases {
        let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", *setting]).collect();
        let ran = sandbox.try_run(&set);
        assert_eq!(ran.code, code, "{settings:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{settings:?}: {}", ran.stderr);
    }
    let twice = frame(vec![
        Column::new("customer_id".into(), [1_i64, 1]),
        Column::new("followers".into(), [1_i64, 2]),
        Column::new("interactions".into(), [1_i64, 2]),
        Column::new("comments".into(), [1_i64, 2]),
        Column::new("shares".into(), [1_i64, 2]),
        Column::new("referrals".into(), [1_i64, 2]),
    ]);
    ParquetWriter::new(std::fs::File::create(sandbox.root().join("social.parquet")).unwrap())
        .finish(&mut twice.clone())
        .unwrap();
    let ran = sandbox.try_run(&["--set", &path]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("has 1 customers more than once"), "{}", ran.stderr);
}
