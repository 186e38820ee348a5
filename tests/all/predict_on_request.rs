//! What settings of `[predict]` ask for one by one, through the binary: all of the future, what the models see, a holdout's outcome
//! per customer, prices of one's own, the first purchase in the value model, and BG/BB.
//!
//! Peers' figures are outside this repository (`../shared/golden`, or `$RFMETRICS_SHARED/golden`); without them those tests say so
//! and pass. BTYD 2.4.3, `CLVTools` 0.12.1, lifetimes 0.11.3; Fader, Hardie, Shang (2010).

use std::fs;

use polars::prelude::*;
use serde_json::Value;

use crate::predict::{AUTO, MILLIONTHS, assert_near, cdnow, fitted, predict};
use crate::support::{Published, Sandbox, floats, integers, names, orders, read_parquet, shared, shop, texts};

/// Runs with the purchase model of `published`, but for these parameters.
fn with_parameters(
    sandbox: &Sandbox,
    published: &Published,
    parameters: &[(&str, f64)],
    settings: &[&str],
) -> Published {
    let mut manifest: Value = published.manifest();
    for (name, value) in parameters {
        manifest["predictions"]["purchases"]["parameters"][*name] = Value::from(value.to_string());
    }
    let path = sandbox.root().join("given.json");
    fs::write(&path, manifest.to_string()).unwrap();
    let from = format!("predict.params_from={}", path.display());
    predict(sandbox, "1997-09-30", &[settings, &[&from]].concat())
}

/// The rate per year that is `rate` per week, continuously.
fn yearly(rate: f64) -> String {
    format!("predict.discount_rate={}", (rate * 365.25 / 7.0).exp_m1())
}

const PARETO: [&str; 4] =
    [MILLIONTHS, "predict.model=pareto_nbd", "predict.time_unit=week", "predict.infinite_horizon=true"];

/// BTYD: pnbd.DERT at 0.0027 per week, and that times the expected value of an order; `CLVTools`: predict() at log(1.1)/52.
#[test]
fn discounted_residual_purchases_as_in_btyd_and_clvtools() {
    let Some(sandbox) = cdnow() else { return };
    let golden = shared().unwrap().join("expected/r_clv");
    let fitted_run = predict(&sandbox, "1997-09-30", &[&PARETO[..], &["predict.discount_rate=0.1"]].concat());
    let btyd = read_parquet(&golden.join("cdnow_sample_weeks_19970930__customers.parquet"));
    let parameters = [
        ("r", 0.553_371_025_230_2),
        ("alpha", 10.579_519_634_436),
        ("s", 0.605_907_381_772_7),
        ("beta", 11.658_116_182_064),
    ];
    let rate = yearly(0.0027);
    let published = with_parameters(&sandbox, &fitted_run, &parameters, &[&PARETO[..], &[&rate]].concat());
    let ours = published.table("customers");
    assert_near(&floats(&ours, "expected_orders_infinite"), &floats(&btyd, "pnbd_dert"), 1e-6, 0.0);
    assert_near(&floats(&ours, "clv_infinite"), &floats(&btyd, "pnbd_gg_clv_infinite"), 2e-4, 0.0);
    // With parameters of our own fit only the flat ridge is between.
    let own = predict(&sandbox, "1997-09-30", &[&PARETO[..], &[&rate]].concat());
    assert_near(&floats(&own.table("customers"), "expected_orders_infinite"), &floats(&btyd, "pnbd_dert"), 5e-3, 0.0);

    let clvtools = read_parquet(&golden.join("clvtools_cdnow_19970930__clvtools_pnbd.parquet"));
    let clvtools = clvtools.sort(["customer_id"], SortMultipleOptions::default()).unwrap();
    let parameters = [
        ("r", 0.553_270_010_355_3),
        ("alpha", 10.577_800_684_023),
        ("s", 0.606_019_997_753_2),
        ("beta", 11.663_914_533_565),
    ];
    let rate = yearly(1.1_f64.ln() / 52.0);
    let published = with_parameters(&sandbox, &fitted_run, &parameters, &[&PARETO[..], &[&rate]].concat());
    let ours = published.table("customers");
    assert_eq!(integers(&ours, "customer_id"), integers(&clvtools, "customer_id"));
    assert_near(&floats(&ours, "expected_orders_infinite"), &floats(&clvtools, "DERT"), 1e-5, 0.0);
    assert_near(&floats(&ours, "clv_infinite"), &floats(&clvtools, "predicted_CLV"), 2e-4, 0.0);
}

/// Every model that can be chosen: what is discounted for ever is the end of longer and longer horizons, from below, and contacts
/// cost their perpetuity.
#[test]
fn all_of_the_future_is_where_long_horizons_lead() {
    let sandbox = Sandbox::with(shop());
    for model in ["bg_nbd", "mbg_nbd", "pareto_nbd", "nbd"] {
        let model_setting = format!("predict.model={model}");
        let settings = [
            &model_setting,
            "predict.time_unit=month",
            "predict.horizons=12,600",
            "predict.discount_rate=0.5",
            "predict.infinite_horizon=true",
            "predict.contact_cost=0.5",
        ];
        let published = predict(&sandbox, "2023-12-10", &settings);
        let chosen = published.manifest()["predictions"]["purchases"]["model"].as_str().unwrap_or("none").to_owned();
        let customers = published.table("customers");
        let (clv, forever) = (floats(&customers, "clv_600_months"), floats(&customers, "clv_infinite"));
        // Purchases count at the ends of months there and when they are made here: half a month's interest, 1.7%.
        let (orders, value) = (floats(&customers, "expected_orders_infinite"), floats(&customers, "expected_value"));
        let rate = 1.5_f64.powf(1.0 / 12.0) - 1.0;
        for row in 0..clv.len() {
            // Where returns left no revenue the value is 0.
            let product = if value[row] > 0.0 { value[row] * orders[row] - 0.5 / rate } else { 0.0 };
            assert!(
                (forever[row] - product).abs() < 1e-9 * forever[row].abs().max(1.0),
                "{model} {chosen}, row {row}: {} and {product}",
                forever[row]
            );
            if value[row] <= 0.0 {
                continue;
            }
            let (long, endless) = (clv[row] + 0.5 / rate, forever[row] + 0.5 / rate);
            assert!(
                endless >= long * (1.0 - 1e-9) - 1e-6 && endless <= long * 1.04 + 1e-6,
                "{model} {chosen}: {long} {endless}"
            );
        }
        let new = fitted(&published, &chosen, "new_customer_orders_infinite");
        assert!(new > 0.0 && new.is_finite(), "{chosen}: {new}");
    }
}

#[test]
fn what_the_models_see_is_what_peers_see() {
    let Some(sandbox) = cdnow() else { return };
    let peer = shared().unwrap().join("expected/r_clv/cdnow_sample_weeks_19970930__customers.parquet");
    let peer = read_parquet(&peer);
    let settings = [MILLIONTHS, "predict.model=bg_nbd", "predict.time_unit=week", "predict.model_inputs=true"];
    let published = predict(&sandbox, "1997-09-30", &settings);
    let ours = published.table("customers");
    assert_eq!(integers(&ours, "x"), floats(&peer, "x").iter().map(|x| *x as i64).collect::<Vec<_>>());
    for (own, theirs, error) in [("t_x", "t_x", 1e-12), ("T", "T_cal", 1e-12), ("mean_repeat_value", "m_x", 1e-5)] {
        assert_near(&floats(&ours, own), &floats(&peer, theirs), error, 1e-6);
    }
    // They stand behind all others, before the last one; and nothing else changes.
    let columns = names(&ours);
    assert_eq!(columns[columns.len() - 5..], ["x", "t_x", "T", "mean_repeat_value", "map"]);
    let plain = predict(&sandbox, "1997-09-30", &settings[..3]);
    for (name, bytes) in plain.bytes() {
        assert!(name == "customers.parquet" || bytes == published.bytes()[&name], "{name}");
    }
}

#[test]
fn the_outcome_of_a_holdout_is_told_of_each_customer() {
    let Some(sandbox) = cdnow() else { return };
    let golden = shared().unwrap().join("expected/r_clv");
    let peer = read_parquet(&golden.join("cdnow_sample_weeks_19970930__customers.parquet"));
    let settings = [
        MILLIONTHS,
        "predict.model=bg_nbd",
        "predict.time_unit=week",
        "predict.holdout_days=273",
        "predict.holdout_customers=true",
    ];
    let published = predict(&sandbox, "1998-06-30", &settings);
    let ours = published.table("customers");
    assert_eq!(integers(&ours, "holdout_actual_orders"), integers(&peer, "x_star"));
    assert_near(&floats(&ours, "holdout_predicted_orders"), &floats(&peer, "bg_expected_purchases"), 1e-3, 1e-4);
    let clvtools = read_parquet(&golden.join("clvtools_cdnow_19970930__clvtools_bgnbd.parquet"));
    let clvtools = clvtools.sort(["customer_id"], SortMultipleOptions::default()).unwrap();
    assert_near(&floats(&ours, "holdout_actual_revenue"), &floats(&clvtools, "actual_period_spending"), 0.0, 1e-4);
    assert_near(
        &floats(&ours, "holdout_predicted_revenue"),
        &floats(&clvtools, "predicted_period_spending"),
        2e-3,
        1e-3,
    );
    // Sums of customers are the totals of the summary.
    let summary = published.table("calibration_summary");
    let at = texts(&summary, "measure").iter().position(|measure| measure == "orders_predicted").unwrap();
    let total: f64 = floats(&ours, "holdout_predicted_orders").iter().sum();
    assert_near(&[total], &[floats(&summary, "value")[at]], 1e-12, 0.0);
}

#[test]
fn who_came_after_the_cut_has_no_outcome_and_threads_change_nothing() {
    let rows = shop();
    let settings = ["--as-of", "2023-12-10", "--set", AUTO, "--set", "predict.holdout_days=300"];
    let more = ["--set", "predict.holdout_customers=true", "--set", "predict.model_inputs=true"];
    let forever = ["--set", "predict.infinite_horizon=true", "--set", "predict.first_purchase_in_value=true"];
    let args = [&settings[..], &more, &forever].concat();
    let one = Sandbox::with(rows.clone()).run(&[&args[..], &["--threads", "1"]].concat());
    let other = Sandbox::with(rows.reverse()).run(&[&args[..], &["--threads", "2"]].concat());
    assert!(one.bytes()["customers.parquet"] == other.bytes()["customers.parquet"]);
    assert!(one.bytes()["model_fit.parquet"] == other.bytes()["model_fit.parquet"]);
    let customers = one.table("customers");
    let (first, outcome) =
        (customers.column("first_order_date").unwrap(), customers.column("holdout_actual_orders").unwrap());
    let cut = crate::support::day("2023-12-10") - 300;
    let (mut before, mut after) = (0, 0);
    for row in 0..customers.height() {
        let AnyValue::Date(day) = first.get(row).unwrap() else { panic!("a date") };
        let is_known = !outcome.get(row).unwrap().is_null();
        assert_eq!(is_known, day <= cut, "row {row}");
        if is_known { before += 1 } else { after += 1 }
    }
    assert!(before > 0 && after > 0, "{before} {after}");
}

/// Plans of 5, 10 and 20: the value of an order is the customer's own, to the last digit, and there is a CLV.
#[test]
fn customers_with_prices_of_their_own_keep_them() {
    let mut rows = shop();
    let prices: Vec<f64> =
        integers(&rows, "customer_id").iter().map(|id| [5.0, 10.0, 20.0][(id % 3) as usize]).collect();
    rows.with_column(Column::new("amount".into(), prices)).unwrap();
    // each order has one line on its day
    let rows =
        rows.unique_stable(Some(&["customer_id".into(), "order_ts".into()]), UniqueKeepStrategy::First, None).unwrap();
    let sandbox = Sandbox::with(rows);
    let published = sandbox.run(&["--as-of", "2023-12-10", "--set", AUTO, "--set", "predict.model_inputs=true"]);
    let manifest = published.manifest();
    assert_eq!(manifest["predictions"]["spending"]["model"], "own_price", "{}", manifest["warnings"]);
    assert!(manifest["warning_details"].to_string().contains("own_order_value"));
    let customers = published.table("customers");
    let (ids, values, x) =
        (integers(&customers, "customer_id"), floats(&customers, "expected_value"), integers(&customers, "x"));
    let own = |row: usize| [5.0, 10.0, 20.0][(ids[row] % 3) as usize];
    let mean = fitted(&published, "own_price", "mean");
    for row in 0..ids.len() {
        let expected = if x[row] > 0 { own(row) } else { mean };
        assert!((values[row] - expected).abs() < 1e-12, "{}: {} for {expected}", ids[row], values[row]);
    }
    assert_eq!(customers.column("clv_12_months").unwrap().null_count(), 0);
    let table = published.table("model_fit");
    let notes = texts(&table, "note");
    assert!(notes.iter().any(|note| note.contains("the mean of what the customer paid")), "{notes:?}");
    assert!(notes.iter().any(|note| note.contains("every time, and another price than others")), "{notes:?}");
    // One-time buyers are known by what they paid, where the first purchase tells it.
    let first = "predict.first_purchase_in_value=true";
    let published = sandbox.run(&["--as-of", "2023-12-10", "--set", AUTO, "--set", first]);
    let values = floats(&published.table("customers"), "expected_value");
    assert!((0..ids.len()).all(|row| (values[row] - own(row)).abs() < 1e-12));
    // A later run applies the same prices.
    let from = format!("predict.params_from={}", published.path.join("manifest.json").display());
    let applied = sandbox.run(&["--as-of", "2023-12-10", "--set", &from, "--set", first]);
    assert_eq!(floats(&applied.table("customers"), "expected_value"), values);
}

/// `summary_data_from_transaction_data` of lifetimes with `include_first_transaction`.
#[test]
fn the_first_purchase_takes_part_in_the_value_model_as_in_lifetimes() {
    let Some(sandbox) = cdnow() else { return };
    let golden = shared().unwrap().join("expected/lifetimes");
    let peer = read_parquet(&golden.join("cdnow_sample_days_19980630_include_first__summary.parquet"));
    let settings =
        [MILLIONTHS, "predict.model=bg_nbd", "predict.model_inputs=true", "predict.first_purchase_in_value=true"];
    let published = predict(&sandbox, "1998-06-30", &settings);
    let ours = published.table("customers");
    assert_near(&floats(&ours, "mean_repeat_value"), &floats(&peer, "monetary_value"), 1e-5, 1e-5);
    // Everybody has a purchase to learn from, not the repeat customers alone.
    assert_near(&[fitted(&published, "gamma_gamma", "customers")], &[ours.height() as f64], 0.0, 0.0);
}

/// The donors of Fader, Hardie, Shang (2010), table 1, as gifts with dates: 1995, and years after it.
fn gifts() -> DataFrame {
    let table = read_parquet(&shared().unwrap().join("data/lifetimes_donations.parquet"));
    let column = |name: &str| floats(&table, name).into_iter().map(|n| n as i64).collect::<Vec<i64>>();
    let (x, t_x, donors) = (column("frequency"), column("recency"), column("weights"));
    let mut rows: Vec<(i64, i64, String, f64)> = Vec::new();
    let mut donor = 0;
    for group in 0..x.len() {
        for _ in 0..donors[group] {
            donor += 1;
            let repeats = (1..x[group]).chain((x[group] > 0).then_some(t_x[group]));
            for year in std::iter::once(0).chain(repeats) {
                let date = format!("{}-{:02}-{:02}", 1995 + year, 1 + (donor + 5 * year) % 12, 1 + donor % 28);
                rows.push((donor, donor * 10 + year, date, 25.0));
                if donor % 50 == 0 {
                    // a second gift of the year is no second opportunity
                    rows.push((donor, donor * 10 + 100_000_000 + year, format!("{}-12-31", 1995 + year), 25.0));
                }
            }
        }
    }
    let rows: Vec<(i64, i64, &str, f64)> = rows.iter().map(|row| (row.0, row.1, row.2.as_str(), row.3)).collect();
    orders(&rows)
}

#[test]
fn donors_as_in_fader_hardie_shang_2010_and_btyd() {
    let Some(golden) = shared() else { return };
    let sandbox = Sandbox::with(gifts());
    let settings = [
        "predict.model=bg_bb",
        "predict.time_unit=year",
        "predict.horizons=5",
        "predict.infinite_horizon=true",
        "predict.model_inputs=true",
    ];
    let published = predict(&sandbox, "2001-12-31", &settings);
    for (name, expected) in [("alpha", 1.204), ("beta", 0.750), ("gamma", 0.657), ("delta", 2.783)] {
        assert_near(&[fitted(&published, "bg_bb", name)], &[expected], 1e-3, 0.0);
    }
    assert_near(&[fitted(&published, "bg_bb", "log_likelihood")], &[-33_225.581_275_475], 0.0, 1e-3);
    let groups = fs::read_to_string(golden.join("expected/r_clv/donations_bgbb__groups.csv")).unwrap();
    let rows: Vec<Vec<f64>> =
        groups.lines().skip(1).map(|line| line.split(',').map(|n| n.parse().unwrap()).collect()).collect();
    let customers = published.table("customers");
    let (x, t_x) = (integers(&customers, "x"), floats(&customers, "t_x"));
    assert!(floats(&customers, "T").iter().all(|years| (years - 6.0).abs() < 1e-12));
    for row in &rows {
        let of: Vec<usize> =
            (0..x.len()).filter(|c| x[*c] == row[0] as i64 && (t_x[*c] - row[1]).abs() < 1e-9).collect();
        assert_eq!(of.len(), row[3] as usize, "donors with {} gifts, the last in year {}", row[0], row[1]);
        let found = |column: &str| floats(&customers, column)[of[0]];
        assert_near(&[found("p_alive")], &[row[4]], 0.0, 2e-4);
        assert_near(&[found("expected_orders_5_years")], &[row[5]], 1e-3, 0.0);
        assert_near(&[found("expected_orders_infinite")], &[row[6]], 2e-3, 0.0);
    }
    let total: f64 = floats(&customers, "expected_orders_5_years").iter().sum();
    assert!((total - 12_884.2).abs() < 12.0, "{total}");
    let tracking = published.table("model_tracking");
    assert_eq!((tracking.height(), integers(&tracking, "actual_repeats")[0]), (7, 0));
    let gifts: i64 = x.iter().sum();
    assert_eq!(integers(&tracking, "actual_repeats")[6], gifts);
    // In June the year has not ended: its gifts are no repeats yet, and a warning says so.
    let early = predict(&sandbox, "2001-06-30", &settings);
    assert!(early.manifest()["warning_details"].to_string().contains("unfinished_period"));
    assert!(floats(&early.table("customers"), "T").iter().all(|years| (years - 5.0).abs() < 1e-12));
    // What was fitted is applied again, to the last bit, and to nobody who asks for another model.
    let from = format!("predict.params_from={}", published.path.join("manifest.json").display());
    let applied = predict(&sandbox, "2001-12-31", &[&settings[..], &[&from]].concat());
    assert!(applied.bytes()["customers.parquet"] == published.bytes()["customers.parquet"]);
    let ran = sandbox.try_run(&["--set", &from, "--set", "predict.time_unit=year"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("its model is `bg_bb`"), "{}", ran.stderr);
}

/// UCI Online Retail, where nobody is seen to leave: predictions all the same. scipy, on days with an order above zero that
/// DuckDB counts from the raw rows: r .82745058, alpha 69.07825671 days (by sums of days instead of orders: .8267, 69.82).
#[test]
fn online_retail_gets_predictions() {
    let Some(golden) = shared() else { return };
    let path = golden.join("data/online_retail.parquet");
    let rows = read_parquet(&path).select(["customer_id", "order_id", "order_ts", "amount"]).unwrap();
    let sandbox = Sandbox::with(rows);
    let args = ["--set", AUTO, "--set", "predict.time_unit=day", "--set", "predict.horizons=90", "--set"];
    let args = [&args[..], &["predict.infinite_horizon=true", "--set", "clean.money_scale=3"]].concat();
    let published = sandbox.run(&args);
    let customers = published.table("customers");
    for column in ["p_alive", "expected_orders_90_days", "clv_90_days", "clv_infinite"] {
        assert_eq!(customers.column(column).unwrap().null_count(), 0, "{column}");
    }
    let chosen = published.manifest()["predictions"]["purchases"]["model"].clone();
    assert_near(&[fitted(&published, "nbd", "r")], &[0.827_450_58], 1e-5, 0.0);
    assert_near(&[fitted(&published, "nbd", "alpha")], &[69.078_256_71], 1e-5, 0.0);
    let fit = published.table("model_fit");
    let (models, measures, notes) = (texts(&fit, "model"), texts(&fit, "measure"), texts(&fit, "note"));
    for row in (0..models.len()).filter(|row| measures[*row] == "not_fitted") {
        assert!(notes[row].len() > 20, "{} says why: {}", models[row], notes[row]);
        let told = (0..models.len()).any(|at| models[at] == models[row] && measures[at] == "log_likelihood");
        assert!(told || models[row] == "gamma_gamma", "{} has a log-likelihood ({chosen})", models[row]);
    }
}
