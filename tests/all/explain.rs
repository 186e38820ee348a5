//! `explain` through the binary: what it says about a customer, and that it agrees with the published table.

use std::collections::BTreeMap;
use std::fs::{self, File};

use polars::prelude::*;
use serde_json::Value;

use crate::commands::{AS_OF, dates, json, lab, refused, stdout, with, write};
use crate::support::{Sandbox, day, floats, frame, integers, shop, texts};

/// The thresholds are those of the table above: orders 1 1 1 2 3 have the type 7 quantiles 1, 1, 1.4, 2.2; recency
/// 1 5 10 20 30 has 4.2, 8, 14, 22; revenue 5 10 20 30 60 has 9, 16, 24, 36.
/// A window that cuts rows.
const CUTS: &str = "dates.window_applies_to=everything";

#[test]
fn explain_shows_values_thresholds_and_the_nearest_change() {
    let lab = lab();
    let base = with(&["explain", "C-3", "--input", "sales.parquet"], &AS_OF);
    let story = json(lab.path(), &with(&base, &["--format", "json"]));
    let standing = &story["standing"];
    assert_eq!(story["customers"], 5);
    // Recency 10 lies between 8 and 14: r 3. Orders 2 between 1.4 and 2.2: f 4. Revenue 30 between 24 and 36: m 4.
    assert_eq!(standing["cell"], "344");
    assert_eq!(standing["segment"]["key"], "loyal");
    let axes = standing["axes"].as_array().unwrap();
    let of = |axis: usize, field: &str| axes[axis][field].clone();
    assert_eq!((of(0, "lower_threshold"), of(0, "upper_threshold")), (8.0.into(), 14.0.into()));
    assert_eq!((of(0, "lowest_value"), of(0, "highest_value")), (9.0.into(), 14.0.into()));
    assert_eq!((of(1, "lower_threshold"), of(1, "upper_threshold")), (1.4.into(), 2.2.into()));
    assert_eq!((of(2, "lowest_value"), of(2, "highest_value")), (24.01.into(), 36.0.into()));
    assert_eq!(of(0, "next")["text"], "an order within 8 days of 2026-01-10, on 2026-01-02 or later -> r_score 4");
    assert_eq!(of(1, "next")["text"], "1 more order -> f_score 5");
    assert_eq!(of(2, "next")["text"], "revenue 6.01 more -> m_score 5");
    // Loyal is second; champions need r 5 (4.2 days, so 4) and f 4 or 5.
    assert_eq!(standing["next"]["better_segment"], "champions");
    assert!(standing["next"]["text"].as_str().unwrap().starts_with("an order within 4 days of 2026-01-10"));
    assert_eq!(standing["next"]["one_more_order"]["segment"], "champions");
    assert_eq!((&standing["revenue_rank"], &standing["abc_class"]), (&Value::from(2), &Value::from("A")));
    assert_eq!((&standing["grid_cell"], &standing["octant"]), (&Value::from(16), &Value::from("111")));

    let text = stdout(lab.path(), &base);
    for fact in ["loyal (Loyal customers, 忠诚客户)", "2 of 5", "1 more order -> f_score 5", "2 = 2 kept"] {
        assert!(text.contains(fact), "`{fact}` is not in\n{text}");
    }
    assert!(!text.contains("C-1042"), "of nobody else");
}

#[test]
fn explain_agrees_with_the_published_table_for_every_customer_and_method() {
    let lab = lab();
    for method in ["quantile", "ntile", "r-rfm"] {
        let base = with(&["--input", "sales.parquet", "--method", method], &AS_OF);
        stdout(lab.path(), &with(&["run", "--output", "reports"], &base));
        let file = File::open(lab.path().join("reports/as_of=2026-01-10/customers.parquet")).unwrap();
        let table = ParquetReader::new(file).finish().unwrap();
        for row in 0..table.height() {
            let text = |name: &str| table.column(name).unwrap().get(row).unwrap().to_string().replace('"', "");
            let id = text("customer_id");
            let story = json(lab.path(), &with(&["explain", &id, "--format", "json"], &base));
            let standing = &story["standing"];
            assert_eq!(standing["cell"], text("cell"), "{method} {id}");
            assert_eq!(standing["segment"]["key"], text("segment"), "{method} {id}");
            assert_eq!(standing["grid_cell"].to_string(), text("grid_cell"));
            assert_eq!(standing["revenue_rank"].to_string(), text("revenue_rank"));
            assert_eq!(story["rows"]["used"].to_string(), text("transactions"));
            if method == "ntile" {
                assert_eq!(standing["axes"][0]["has_thresholds"], false);
                assert_eq!(standing["next"]["one_more_order"], Value::Null);
            }
        }
    }
}

#[test]
fn explain_shows_rows_that_are_left_out_and_why() {
    let lab = lab();
    let story = json(lab.path(), &with(&["explain", "C-1042", "--input", "sales.parquet", "--format", "json"], &AS_OF));
    assert_eq!((&story["rows"]["rows"], &story["rows"]["used"]), (&Value::from(2), &Value::from(1)));
    let newest = story["rows"]["newest"].as_array().unwrap();
    assert_eq!((&newest[0]["outcome"], &newest[0]["date"]), (&Value::from("after_as_of"), &Value::from("2026-02-01")));
    assert_eq!((&newest[1]["outcome"], &newest[1]["row"]), (&Value::from("kept"), &Value::from(7)));
    // A window without any row of the customer: they have no scores, and the reason is given.
    let window = with(&["explain", "C-4", "--input", "sales.parquet", "--window-days", "15", "--set", CUTS], &AS_OF);
    let text = stdout(lab.path(), &window);
    assert!(text.contains("not one of his rows is used") && text.contains("1 before_window"), "{text}");
}

#[test]
fn orders_that_are_no_purchases_are_shown_as_such() {
    let lab = tempfile::tempdir().unwrap();
    let frame = df!(
        "customer_id" => [1_i64, 1, 1, 2],
        "order_id" => [1_i64, 1, 2, 3],
        "order_ts" => dates(&["2026-01-01", "2026-01-01", "2026-01-02", "2026-01-03"]).as_materialized_series().clone(),
        "amount" => [5.0, -5.0, 7.0, 1.0],
    );
    write(&lab.path().join("sales.parquet"), frame.unwrap());
    let base = ["explain", "1", "--input", "sales.parquet", "--returns", "purchases", "--format", "json"];
    let story = json(lab.path(), &base);
    let outcomes: Vec<&Value> = story["rows"]["newest"].as_array().unwrap().iter().map(|row| &row["outcome"]).collect();
    assert_eq!(outcomes, ["kept", "not_a_purchase", "not_a_purchase"]);
    assert_eq!(story["standing"]["measures"]["orders"], 1);
}

#[test]
fn an_unknown_customer_is_a_config_error_that_says_what_to_check() {
    let lab = lab();
    let (code, out, err) = refused(lab.path(), &["explain", "c-3", "--input", "sales.parquet"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("customer `c-3` is not in the data") && err.contains("leading zeros"), "{err}");
    stdout(
        lab.path(),
        &[
            "explain",
            " c-1 ",
            "--input",
            "sales.parquet",
            "--set",
            "clean.trim_ids=true",
            "--set",
            "clean.lowercase_ids=true",
        ],
    );
    let integers = df!("customer_id" => [7_i64], "order_ts" => dates(&["2026-01-01"]).as_materialized_series().clone(),
        "amount" => [1.0]);
    write(&lab.path().join("integers.parquet"), integers.unwrap());
    let (code, _, err) = refused(lab.path(), &["explain", "C-7", "--input", "integers.parquet"]);
    assert_eq!(code, 2);
    assert!(err.contains("the customer ids are integers"), "{err}");
    stdout(lab.path(), &["explain", "007", "--input", "integers.parquet"]);
}

#[test]
fn explain_counts_repeats_that_are_left_out() {
    let lab = tempfile::tempdir().unwrap();
    let mut rows = df!("customer_id" => ["A", "A", "B", "A"], "amount" => [1.0, 1.0, 1.0, 2.0]).unwrap();
    rows.with_column(dates(&["2026-01-01"; 4])).unwrap();
    write(&lab.path().join("in.parquet"), rows);
    let story = json(lab.path(), &["explain", "A", "--input", "in.parquet", "--dedupe", "--format", "json"]);
    let rows = &story["rows"];
    assert_eq!((&rows["rows"], &rows["used"]), (&Value::from(3), &Value::from(2)));
    let expected = serde_json::json!([{"outcome": "kept", "rows": 2}, {"outcome": "duplicate", "rows": 1}]);
    assert_eq!(rows["outcomes"], expected);
    let newest = rows["newest"].as_array().unwrap();
    let repeat = newest.iter().find(|row| row["outcome"] == "duplicate").unwrap();
    assert_eq!((&repeat["row"], &repeat["amount"]), (&Value::from(1), &Value::from("1.0")));
}

#[test]
fn explain_shows_at_most_fifty_rows_and_counts_all() {
    let lab = tempfile::tempdir().unwrap();
    stdout(
        lab.path(),
        &[
            "simulate",
            "--output",
            "demo",
            "--lines",
            "30000",
            "--customers",
            "20",
            "--files",
            "3",
            "--bgnbd",
            "40,4,0.1,9",
            "-q",
        ],
    );
    let story = json(lab.path(), &["explain", "1", "--input", "demo", "--format", "json"]);
    let rows = story["rows"]["rows"].as_u64().unwrap();
    let newest = story["rows"]["newest"].as_array().unwrap();
    assert!(rows > 50 && newest.len() == 50, "{rows} rows, {} shown", newest.len());
    // Fifty of each outcome, so that newer rows do not hide why others are left out.
    let cut = ["explain", "1", "--input", "demo", "--as-of", "2024-06-30", "--format", "json"];
    let story = json(lab.path(), &cut);
    let of = |name: &str| {
        let all = story["rows"]["outcomes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|explained| explained["outcome"] == name)
            .unwrap();
        let shown = story["rows"]["newest"].as_array().unwrap().iter().filter(|row| row["outcome"] == name).count();
        (all["rows"].as_u64().unwrap().min(50), shown as u64)
    };
    for outcome in ["kept", "after_as_of"] {
        let (expected, shown) = of(outcome);
        assert!(expected > 0 && shown == expected, "{outcome}: {shown} of {expected}");
    }
    let story = json(lab.path(), &["explain", "1", "--input", "demo", "--format", "json"]);
    let newest = story["rows"]["newest"].as_array().unwrap();
    let days: Vec<&str> = newest.iter().map(|row| row["date"].as_str().unwrap()).collect();
    assert!(days.windows(2).all(|pair| pair[0] >= pair[1]), "{days:?}");
    assert_eq!(story["rows"]["used"], story["standing"]["measures"]["transactions"]);
}

/// A number as in the answer, written so that it is read back as the same bits; NaN is null.
fn number(value: f64) -> String {
    if value.is_nan() { "null".to_owned() } else { Value::from(value).to_string() }
}

/// Numbers are compared as texts: a reader of JSON numbers may err in the last bit.
#[test]
fn explain_shows_the_published_predictions_of_every_customer_to_the_last_bit() {
    let rows = shop();
    let few: BooleanChunked = integers(&rows, "customer_id").iter().map(|id| *id < 90).collect();
    // One more customer returned everything that they bought.
    let returned = frame(vec![
        Column::new("customer_id".into(), [500_i64]),
        dates(&["2023-05-05"]),
        Column::new("amount".into(), [-5.0]),
    ]);
    let rows = rows.filter(&few).unwrap().vstack(&returned).unwrap();
    let sandbox = Sandbox::with(rows.clone());
    let fit = ["--as-of", "2023-12-10", "--set", "predict.model=bg_nbd", "--returns", "literal"];
    let published = sandbox.run(&fit);
    let manifest = sandbox.root().join("former.json");
    fs::copy(published.path.join("manifest.json"), &manifest).unwrap();
    let from = format!("predict.params_from={}", manifest.display());
    let table = published.table("customers");
    let column = |name: &str| floats(&table, name);
    let (p_alive, value, ranks) = (column("p_alive"), column("expected_value"), texts(&table, "clv_rank"));
    let horizons = ["3_months", "12_months"].map(|horizon| {
        let [orders, clv] = ["expected_orders", "clv"].map(|figure| column(&format!("{figure}_{horizon}")));
        move |row: usize| {
            let [clv, orders] = [number(clv[row]), number(orders[row])];
            format!("{{\"clv\":{clv},\"expected_orders\":{orders},\"horizon\":\"{horizon}\"}}")
        }
    });
    assert!(p_alive.iter().any(|p| p.is_nan()) && p_alive.iter().filter(|p| !p.is_nan()).count() > 60);
    for (row, id) in integers(&table, "customer_id").into_iter().enumerate() {
        let explained = |settings: &[&str]| {
            let id = id.to_string();
            let base = ["explain", &id, "--input", "in", "--format", "json"];
            let text = stdout(sandbox.root(), &[&base[..], settings].concat());
            text.split_whitespace().collect::<String>()
        };
        let fitted = explained(&fit);
        let facts = [
            format!("\"p_alive\":{}", number(p_alive[row])),
            format!("\"expected_value\":{}", number(value[row])),
            format!("\"horizons\":[{},{}]", horizons[0](row), horizons[1](row)),
            format!("\"history\":{}", history(&rows, id)),
        ];
        let rank = format!("\"clv_rank\":{}", ranks[row].replace('-', "null"));
        assert!(fitted.contains(&rank), "{rank} is not in {fitted}");
        let models = published.manifest()["predictions"]["purchases"].to_string();
        assert!(fitted.contains(&format!("\"purchases\":{models}")), "{fitted}");
        let loaded = explained(&["--as-of", "2023-12-10", "--set", &from, "--returns", "literal"]);
        for fact in facts {
            assert!(fitted.contains(&fact), "{fact} is not in {fitted}");
            assert!(loaded.contains(&fact), "{fact} is not in {loaded} of loaded models");
        }
    }
}

/// x, `t_x` and T of a customer by 2023-12-10, in months of 30.4375 days, and the mean value of their repeat purchases.
fn history(rows: &DataFrame, id: i64) -> String {
    let mut days: BTreeMap<i64, f64> = BTreeMap::new();
    let (ids, dates, amounts) = (integers(rows, "customer_id"), integers(rows, "order_ts"), floats(rows, "amount"));
    for row in (0..ids.len()).filter(|row| ids[*row] == id) {
        *days.entry(dates[row]).or_default() += (amounts[row] * 100.0).round();
    }
    days.retain(|_, amount| *amount > 0.0);
    let Some((first, first_amount)) = days.first_key_value() else { return "null".to_owned() };
    let (last, repeats) = (*days.keys().last().unwrap(), days.len() - 1);
    let months = |end: i64| number((end - first) as f64 / 30.4375);
    let mean = (days.values().sum::<f64>() - first_amount) / (repeats.max(1) as f64 * 100.0);
    let end = months(i64::from(day("2023-12-10")));
    format!("{{\"T\":{end},\"mean_repeat_value\":{},\"t_x\":{},\"x\":{repeats}}}", number(mean), months(last))
}

#[test]
fn explain_shows_predictions_to_people_and_only_where_they_are_requested() {
    let sandbox = Sandbox::with(shop());
    let base = ["explain", "7", "--input", "in", "--as-of", "2023-12-10"];
    let plain = stdout(sandbox.root(), &base);
    assert!(!plain.contains("P(alive)"), "{plain}");
    let predicted = stdout(sandbox.root(), &[&base[..], &["--set", "predict.model=auto"]].concat());
    for fact in ["P(alive)", "in 12 months", "clv rank", "alpha ", "gamma_gamma (", "fitted"] {
        assert!(predicted.contains(fact), "`{fact}` is not in\n{predicted}");
    }
    // Without a model: why, and nothing that looks like a figure.
    let short = ["--set", "predict.model=auto", "--set", "predict.min_history_days=3000"];
    let none = stdout(sandbox.root(), &[&base[..], &short].concat());
    assert!(none.contains("no model") && none.contains("`predict.min_history_days` asks for 3000"), "{none}");
    assert!(none.contains("unknown orders, CLV unknown"), "{none}");
    let wrong = ["--set", "predict.params_from=nowhere.json"];
    assert_eq!(refused(sandbox.root(), &[&base[..], &wrong].concat()).0, 2);
}
