//! Predictions through the binary: the results of other tools on real data, what must not change anything, and data
//! that no model fits.
//!
//! CDNOW is outside this repository (`../shared/golden`, or `$RFMETRICS_SHARED/golden`); without it those tests say so
//! and pass. lifetimes 0.11.3, BTYD 2.4.3.

use std::collections::BTreeMap;
use std::fs;

use polars::prelude::*;
use rfmetrics::reports::Chapter;
use serde_json::Value;

use crate::support::{
    Published, Sandbox, assert_prints, columns_of, dates, floats, frame, integers, last_columns, names, orders,
    read_parquet, report, shared, shop, tables_of, texts,
};

/// CDNOW as the peers see it. They take the eight days on which nothing was paid into the mean value of purchases, and we do
/// not: a millionth is paid on those days, which changes no average by more than that.
pub fn cdnow() -> Option<Sandbox> {
    let path = shared()?.join("data/cdnow_sample.parquet");
    let mut rows = read_parquet(&path).select(["customer_id", "order_ts", "amount"]).unwrap();
    let amounts: Vec<f64> = floats(&rows, "amount").into_iter().map(|amount| amount.max(1e-6)).collect();
    rows.with_column(Column::new("amount".into(), amounts)).unwrap();
    Some(Sandbox::with(rows))
}

pub fn predict(sandbox: &Sandbox, as_of: &str, settings: &[&str]) -> Published {
    let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    sandbox.run(&[&["--as-of", as_of][..], &set].concat())
}

pub const MILLIONTHS: &str = "clean.money_scale=6";
/// The yearly rate of 1% per month.
const ONE_PERCENT: &str = "predict.discount_rate=0.12682503013196977";

/// A figure of `model_fit`.
pub fn fitted(published: &Published, model: &str, measure: &str) -> f64 {
    let table = published.table("model_fit");
    let (models, measures) = (texts(&table, "model"), texts(&table, "measure"));
    let at = (0..models.len()).find(|row| models[*row] == model && measures[*row] == measure);
    floats(&table, "value")[at.unwrap_or_else(|| panic!("{model} has no {measure}"))]
}

#[track_caller]
pub fn assert_near(found: &[f64], expected: &[f64], relative: f64, absolute: f64) {
    assert_eq!(found.len(), expected.len());
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            found.is_nan() && expected.is_nan() || error <= absolute.max(relative * expected.abs()),
            "row {row}: {found} for {expected}"
        );
    }
}

/// Per customer, a peer's columns against ours.
fn check_customers(published: &Published, peer: &DataFrame, prefix: &str, horizon: &str) {
    let ours = published.table("customers");
    assert_eq!(integers(&ours, "customer_id"), integers(peer, "customer_id"));
    assert_near(&floats(&ours, "p_alive"), &floats(peer, &format!("{prefix}_p_alive")), 0.0, 2e-4);
    let expected = floats(peer, &format!("{prefix}_expected_purchases"));
    assert_near(&floats(&ours, &format!("expected_orders_{horizon}")), &expected, 1e-3, 1e-4);
    let expected = floats(peer, "gg_expected_average_profit");
    assert_near(&floats(&ours, "expected_value"), &expected, 2e-4, 0.0);
}

/// Fader, Hardie, Lee (2005), table 2, and (2013), to every printed digit; MBG/NBD as `BTYDplus` prints it.
#[test]
fn cdnow_through_the_binary_as_in_fader_hardie_lee_2005() {
    let Some(sandbox) = cdnow() else { return };
    let golden = shared().unwrap().join("expected/lifetimes");
    let peer = read_parquet(&golden.join("cdnow_sample_weeks7_19970930__customers.parquet"));
    let weeks = [MILLIONTHS, "predict.time_unit=week", "predict.horizons=39", ONE_PERCENT];
    let published = predict(&sandbox, "1997-09-30", &[&weeks[..], &["predict.model=auto"]].concat());
    let table: [(&str, [(&str, &str); 4], f64); 3] = [
        ("bg_nbd", [("r", "0.243"), ("alpha", "4.414"), ("a", "0.793"), ("b", "2.426")], -9_582.429),
        ("mbg_nbd", [("r", "0.525"), ("alpha", "6.183"), ("a", "0.891"), ("b", "1.614")], -9_582.136),
        ("pareto_nbd", [("r", "0.553"), ("alpha", "10.578"), ("s", "0.606"), ("beta", "11.669")], -9_594.976),
    ];
    for (model, parameters, log_likelihood) in table {
        for (name, printed) in parameters {
            assert_prints(&format!("{model} {name}"), fitted(&published, model, name), printed);
        }
        let found = fitted(&published, model, "log_likelihood");
        assert!((found - log_likelihood).abs() < 1e-3, "{model}: {found}");
    }
    for (name, printed) in [("p", "6.25"), ("q", "3.74"), ("gamma", "15.44")] {
        assert_prints(name, fitted(&published, "gamma_gamma", name), printed);
    }
    // MBG/NBD has the highest likelihood, and all in which customers leave have four parameters. NBD is shown, too.
    assert!(fitted(&published, "nbd", "log_likelihood") < fitted(&published, "bg_nbd", "log_likelihood"));
    assert_near(&[fitted(&published, "nbd", "is_chosen")], &[0.0], 0.0, 0.0);
    assert_eq!(published.manifest()["predictions"]["purchases"]["model"], "mbg_nbd");
    check_customers(&published, &peer, "mbg", "39_weeks");
    let bg = predict(&sandbox, "1997-09-30", &[&weeks[..], &["predict.model=bg_nbd"]].concat());
    check_customers(&bg, &peer, "bg", "39_weeks");
    // E[X(39)] of a new customer, as the peer prints it
    let json: Value =
        serde_json::from_slice(&fs::read(golden.join("cdnow_sample_weeks7_19970930__params.json")).unwrap()).unwrap();
    let expected = json["bg"]["expected_purchases_new_customer"]["39"].as_f64().unwrap();
    assert_near(&[fitted(&bg, "bg_nbd", "new_customer_orders_39_weeks")], &[expected], 1e-3, 0.0);
    let pareto = predict(&sandbox, "1997-09-30", &[&weeks[..], &["predict.model=pareto_nbd"]].concat());
    check_customers(&pareto, &peer, "pnbd", "39_weeks");
}

/// The data as they are: a day on which nothing was paid is an occasion, as it is for the peers (BTYD 2.4.3 has r at 0.242597, and
/// the paper prints the others). Without those days r would be 0.2439.
#[test]
fn cdnow_with_its_free_days_as_in_btyd_2_4() {
    let Some(golden) = shared() else { return };
    let rows = read_parquet(&golden.join("data/cdnow_sample.parquet"));
    let free = floats(&rows, "amount").into_iter().filter(|amount| *amount <= 0.0).count();
    assert_eq!(free, 8);
    let sandbox = Sandbox::with(rows.select(["customer_id", "order_ts", "amount"]).unwrap());
    let published = predict(&sandbox, "1997-09-30", &["predict.model=bg_nbd", "predict.time_unit=week"]);
    for (name, printed) in [("r", "0.2426"), ("alpha", "4.414"), ("a", "0.793"), ("b", "2.426")] {
        assert_prints(name, fitted(&published, "bg_nbd", name), printed);
    }
    let found = fitted(&published, "bg_nbd", "log_likelihood");
    assert!((found + 9_582.429_207).abs() < 1e-3, "{found}");
}

/// CLV over twelve months at 1% as `customer_lifetime_value` of lifetimes has it. Its month is 4.345 weeks and ours
/// 4.348: their values are a 1400th lower at most.
#[test]
fn cdnow_lifetime_values_as_in_lifetimes_0_11() {
    let Some(sandbox) = cdnow() else { return };
    let golden = shared().unwrap().join("expected/lifetimes");
    let peer = read_parquet(&golden.join("cdnow_sample_weeks7_19970930__customers.parquet"));
    for (model, prefix) in [("bg_nbd", "bg"), ("mbg_nbd", "mbg"), ("pareto_nbd", "pnbd")] {
        let model = format!("predict.model={model}");
        let published = predict(&sandbox, "1997-09-30", &[MILLIONTHS, &model, "predict.horizons=12", ONE_PERCENT]);
        let ours = published.table("customers");
        let clv = floats(&ours, "clv_12_months");
        assert_near(&clv, &floats(&peer, &format!("{prefix}_clv_12m_d01")), 2e-3, 1e-3);
        let ranks = integers(&ours, "clv_rank");
        let mut order: Vec<usize> = (0..clv.len()).collect();
        order.sort_by(|a, b| clv[*b].total_cmp(&clv[*a]).then(a.cmp(b)));
        for (rank, row) in order.into_iter().enumerate() {
            assert_eq!(ranks[row], rank as i64 + 1);
        }
    }
}

/// `expected_cumulative_transactions` of lifetimes over 78 weeks.
#[test]
fn cdnow_tracking_through_the_binary_as_in_lifetimes_0_11() {
    let Some(sandbox) = cdnow() else { return };
    let golden = shared().unwrap().join("expected/lifetimes");
    let text = fs::read_to_string(golden.join("cdnow_sample_cumulative_tracking_weeks.csv")).unwrap();
    let weeks: Vec<Vec<f64>> =
        text.lines().skip(1).map(|line| line.split(',').map(|n| n.parse().unwrap()).collect()).collect();
    let published = predict(&sandbox, "1998-06-30", &[MILLIONTHS, "predict.model=bg_nbd"]);
    let table = published.table("model_tracking");
    let actual: Vec<i64> = weeks.iter().map(|week| week[1] as i64).collect();
    assert_eq!(integers(&table, "actual_repeats")[..weeks.len()], actual);
    // The peer's parameters are those of the first 39 weeks, ours those of all weeks: the test of the models compares
    // the two. Here the last figure is that of the data, within the error of a fit.
    let (expected, actual) = (floats(&table, "expected_repeats"), integers(&table, "actual_repeats"));
    let last = actual.len() - 1;
    assert!((expected[last] / actual[last] as f64 - 1.0).abs() < 0.05, "{} for {}", expected[last], actual[last]);
    let repeats = published.table("model_repeats");
    assert_eq!(integers(&repeats, "repeats"), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(integers(&repeats, "actual_customers").iter().sum::<i64>(), 2_357);
    assert!((floats(&repeats, "expected_customers").iter().sum::<f64>() - 2_357.0).abs() < 1e-6);
}

/// Days, weeks and months measure the same thing.
#[test]
fn the_unit_of_time_changes_nothing() {
    let Some(sandbox) = cdnow() else { return };
    let run = |unit: &str, horizon: &str| {
        let (unit, horizon) = (format!("predict.time_unit={unit}"), format!("predict.horizons={horizon}"));
        predict(&sandbox, "1997-09-30", &["predict.model=auto", &unit, &horizon, "predict.discount_rate=0"])
    };
    let (days, weeks) = (run("day", "91").table("customers"), run("week", "13").table("customers"));
    for (of_days, of_weeks) in [
        ("p_alive", "p_alive"),
        ("expected_orders_91_days", "expected_orders_13_weeks"),
        ("clv_91_days", "clv_13_weeks"),
    ] {
        assert_near(&floats(&days, of_days), &floats(&weeks, of_weeks), 1e-7, 0.0);
    }
    assert_eq!(texts(&days, "clv_rank"), texts(&weeks, "clv_rank"));
}

pub const AUTO: &str = "predict.model=auto";

#[test]
fn threads_row_order_and_files_change_no_byte() {
    let rows = shop();
    let sandbox = Sandbox::with(rows.clone());
    let settings = ["--as-of", "2023-12-10", "--set", AUTO];
    let first = sandbox.run(&[&settings[..], &["--threads", "1"]].concat());
    let before = first.bytes();
    assert_eq!(before.len(), 12 + tables_of(&[Chapter::Predictions]).len());
    let two = sandbox.run(&[&settings[..], &["--threads", "2"]].concat());
    assert!(two.bytes() == before, "another number of threads");
    let turned = Sandbox::new();
    let reversed = rows.reverse();
    for part in 0..7 {
        let (start, length) = (part * rows.height() / 7, (part + 1) * rows.height() / 7 - part * rows.height() / 7);
        turned.file(&format!("{part}.parquet"), reversed.slice(start as i64, length));
    }
    let other = turned.run(&settings);
    for (name, bytes) in other.bytes() {
        assert!(name == "quarantine.parquet" || bytes == before[&name], "{name} of other files");
    }
    // The same for customers with text ids, except for the ids.
    let mut texts = rows;
    let names = texts.column("customer_id").unwrap().cast(&DataType::String).unwrap();
    texts.with_column(names).unwrap();
    let texts = Sandbox::with(texts).run(&settings);
    assert_eq!(texts.bytes()["model_fit.parquet"], before["model_fit.parquet"]);
}

#[test]
fn without_the_setting_nothing_is_added() {
    let sandbox = Sandbox::with(shop());
    let plain = sandbox.run(&["--as-of", "2023-12-10"]);
    assert_eq!(plain.bytes().len(), 12);
    assert!(plain.manifest().get("predictions").is_none());
    let before = plain.bytes();
    let predicted = sandbox.run(&["--as-of", "2023-12-10", "--set", AUTO]);
    for (name, bytes) in &before {
        let grows = ["customers.parquet", "segments.parquet", "octants.parquet"].contains(&name.as_str());
        assert!(grows || predicted.bytes()[name] == *bytes, "{name} is another one");
    }
}

#[test]
fn tables_are_as_the_dictionary_says_and_sums_add_up() {
    let sandbox = Sandbox::with(shop());
    let published = sandbox.run(&["--as-of", "2023-12-10", "--set", AUTO, "--set", "predict.horizons=1,6"]);
    let horizons = ["1_month".to_owned(), "6_months".to_owned()];
    for name in ["customers", "segments", "octants"] {
        let table = published.table(name);
        let added = report(name).added.iter().filter(|added| added.chapter == Chapter::Predictions);
        let columns = added.flat_map(|added| added.columns.columns).flat_map(|column| column.published(&horizons));
        let added: Vec<String> = columns.map(|column| column.name).collect();
        assert!(added.len() > 4, "{name}: {added:?}");
        let found = names(&table);
        let end = found.len() - last_columns(name).len();
        assert_eq!(found[end - added.len()..end], added, "{name}");
    }
    for entry in tables_of(&[Chapter::Predictions]) {
        assert_eq!(names(&published.table(entry.name)), columns_of(entry));
    }
    let customers = published.table("customers");
    assert!(floats(&customers, "p_alive").iter().all(|p| p.is_nan() || (0.0..=1.0).contains(p)));
    let total = |table: &DataFrame, column: &str| -> f64 {
        floats(table, column).into_iter().filter(|value| !value.is_nan()).sum()
    };
    for table in ["segments", "octants"] {
        let groups = published.table(table);
        for (sum, of, share) in [
            ("expected_customers_alive", "p_alive", "expected_customers_alive_share"),
            ("expected_orders_1_month", "expected_orders_1_month", "expected_orders_share_1_month"),
            ("clv_6_months", "clv_6_months", "clv_share_6_months"),
        ] {
            let (found, expected) = (total(&groups, sum), total(&customers, of));
            assert!((found / expected - 1.0).abs() < 1e-12, "{table}.{sum}: {found} for {expected}");
            assert!((total(&groups, share) - 1.0).abs() < 1e-12, "{table}.{share}");
        }
    }
    let pareto = published.table("clv_pareto");
    let of_six: Vec<usize> = (0..pareto.height()).filter(|row| texts(&pareto, "horizon")[*row] == "6_months").collect();
    let clv: f64 = of_six.iter().map(|row| floats(&pareto, "clv")[*row]).sum();
    assert!((clv / total(&customers, "clv_6_months") - 1.0).abs() < 1e-12);
    assert!((floats(&pareto, "cumulative_clv_share")[*of_six.last().unwrap()] - 1.0).abs() < 1e-12);
}

/// Rows given as often as a customer buys: models see days, and no line of a day twice.
#[test]
fn occasions_are_days_with_a_purchase_whatever_the_orders() {
    let base = [(1, 1, "2025-01-01", 5.0), (1, 2, "2025-02-01", 7.0), (2, 3, "2025-01-05", 4.0)];
    // A second order of the same day, an order that is taken back in full, and a credit note.
    let more = [(1, 4, "2025-02-01", 2.0), (2, 5, "2025-03-01", 9.0), (2, 5, "2025-03-01", -9.0)];
    let credit = [(2, 6, "2025-04-01", -1.0)];
    let told = |rows: &[(i64, i64, &str, f64)]| {
        let published = Sandbox::with(orders(rows)).run(&["--as-of", "2025-06-30", "--set", AUTO]);
        assert_eq!(published.table("model_repeats").height(), 0, "two customers are too few for a model");
        published.manifest()["warnings"].to_string()
    };
    let rows = [&base[..], &more, &credit].concat();
    assert!(told(&rows).contains("1 customers bought on a second day"), "{}", told(&rows));
    // A free order is a purchase.
    let with_a_free_one = [&rows[..], &[(2, 7, "2025-05-01", 0.0)]].concat();
    assert!(told(&with_a_free_one).contains("2 customers bought on a second day"), "{}", told(&with_a_free_one));
}

/// No customer came back; all came on one day; none paid twice: warnings, nulls, and the other tables as usual.
#[test]
fn data_that_no_model_fits_give_warnings_and_the_other_tables() {
    let once: Vec<(i64, i64, &str, f64)> =
        (0..40).map(|i| (i, i, ["2025-01-01", "2025-03-01"][(i % 2) as usize], 5.0 + i as f64)).collect();
    let one_day: Vec<(i64, i64, &str, f64)> = (0..40).map(|i| (i, i, "2025-06-30", 5.0)).collect();
    let cases = [(once, "0 customers bought on a second day"), (one_day, "the purchases span 0 days")];
    for (rows, message) in cases {
        let sandbox = Sandbox::with(orders(&rows));
        let plain = sandbox.run(&["--as-of", "2025-06-30"]).bytes();
        let published = sandbox.run(&["--as-of", "2025-06-30", "--set", AUTO]);
        let warnings = published.manifest()["warnings"].to_string();
        assert!(warnings.contains(message), "{warnings}");
        let customers = published.table("customers");
        for column in ["p_alive", "expected_orders_12_months", "clv_12_months", "clv_rank"] {
            assert_eq!(customers.column(column).unwrap().null_count(), 40, "{column}");
        }
        assert_eq!(published.table("clv_pareto").height(), 0);
        assert!(published.manifest()["predictions"]["purchases"].is_null());
        for (name, bytes) in &plain {
            let grows = ["customers.parquet", "segments.parquet", "octants.parquet"].contains(&name.as_str());
            assert!(grows || published.bytes()[name] == *bytes, "{name}");
        }
    }
}

/// Models need the first purchase of each, which may lie before the window.
#[test]
fn the_window_is_not_that_of_the_models() {
    let sandbox = Sandbox::with(shop());
    let by_id = |published: &Published| -> BTreeMap<i64, f64> {
        let table = published.table("customers");
        integers(&table, "customer_id").into_iter().zip(floats(&table, "p_alive")).collect()
    };
    let published = sandbox.run(&["--as-of", "2023-12-10", "--set", AUTO]);
    let (all, fit) = (by_id(&published), published.bytes()["model_fit.parquet"].clone());
    let window = ["--window-days", "200", "--set", "input.trust_statistics=true"];
    let run = |more: &[&str]| sandbox.run(&[&["--as-of", "2023-12-10", "--set", AUTO][..], &window, more].concat());
    let published = run(&[]);
    assert!(fit == published.bytes()["model_fit.parquet"], "the models are the same");
    assert_eq!(by_id(&published), all);
    let published = run(&["--set", "dates.window_applies_to=everything"]);
    let within = by_id(&published);
    assert!(fit == published.bytes()["model_fit.parquet"], "the models see what the window cuts away");
    assert!(within.len() < all.len(), "{} of {}", within.len(), all.len());
    assert!(within.iter().all(|(id, p_alive)| p_alive.to_bits() == all[id].to_bits()));
}

#[test]
fn pseudonyms_keep_the_predictions_of_their_customers() {
    let sandbox = Sandbox::with(shop());
    let key = sandbox.root().join("key");
    fs::write(&key, "0123456789abcdef0123456789abcdef").unwrap();
    let plain = sandbox.run(&["--as-of", "2023-12-10", "--set", AUTO]).table("customers");
    let args = ["--as-of", "2023-12-10", "--set", AUTO, "--hash-ids", "--hash-key-file", key.to_str().unwrap()];
    let hashed = sandbox.run(&args).table("customers");
    // The revenue and days of a customer determine the prediction; only the order differs.
    let facts = |table: &DataFrame| {
        let columns = ["first_order_date", "last_order_date", "revenue", "p_alive", "clv_12_months"];
        let mut rows: Vec<Vec<String>> = (0..table.height()).map(|_| Vec::new()).collect();
        for column in columns {
            rows.iter_mut().zip(texts(table, column)).for_each(|(row, text)| row.push(text));
        }
        rows.sort();
        rows
    };
    assert_eq!(facts(&plain), facts(&hashed));
    assert_ne!(texts(&plain, "customer_id"), texts(&hashed, "customer_id"));
}

/// Without fitting, the same bytes; on another date, the same parameters.
#[test]
fn models_of_an_earlier_run_are_applied_to_the_last_bit() {
    let sandbox = Sandbox::with(shop());
    let fitted = sandbox.run(&["--as-of", "2023-12-10", "--set", AUTO]);
    let before = fitted.bytes();
    let kept = sandbox.root().join("kept.json");
    fs::copy(fitted.path.join("manifest.json"), &kept).unwrap();
    let from = format!("predict.params_from={}", kept.display());
    let applied = sandbox.run(&["--as-of", "2023-12-10", "--set", &from]);
    for (name, bytes) in applied.bytes() {
        assert!(name == "model_fit.parquet" || bytes == before[&name], "{name} of loaded models");
    }
    assert!(texts(&applied.table("model_fit"), "measure").iter().all(|measure| measure != "log_likelihood"));
    let earlier = sandbox.run(&["--as-of", "2023-06-10", "--set", &from]);
    let parameters = |published: &Published| published.manifest()["predictions"]["purchases"].clone();
    assert_eq!(parameters(&earlier), parameters(&fitted));
    for command in ["run", "check"] {
        let ran = sandbox.command(&[command, "--input", "in", "--set", &from, "--set", "predict.time_unit=day"]);
        assert_eq!(ran.code, 2, "{command}: {}", ran.stderr);
        assert!(ran.stderr.contains("its time unit is `month`"), "{command}: {}", ran.stderr);
    }
}

#[test]
fn settings_without_a_meaning_are_refused() {
    let sandbox = Sandbox::with(frame(vec![
        Column::new("customer_id".into(), [1_i64]),
        dates("order_ts", &["2025-01-01"]),
        Column::new("amount".into(), [5.0]),
    ]));
    for (setting, message) in [
        ("predict.model=bgnbd", "one of `auto`"),
        ("predict.horizons=12,3", "each above the one before"),
        ("predict.margin=0", "a share above 0"),
    ] {
        let ran = sandbox.try_run(&["--set", setting]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
    }
}
