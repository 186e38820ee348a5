//! Predictions at the borders of the models, through the binary: nobody is seen to leave, everybody pays the same, returns.

use std::fs;

use polars::prelude::*;

use crate::predict::{AUTO, assert_near, fitted, predict};
use crate::support::{Sandbox, day, floats, frame, integers, orders, shop, texts};

/// 300 customers who buy in steady rhythms of 5 to 90 days to the end, and two who bought first and came back as often, last on
/// day 640 and on day 690 of 699.
fn steady() -> Sandbox {
    let first = day("2022-01-01");
    let mut rows: Vec<(i64, i32)> = Vec::new();
    for customer in 1..=300 {
        let rhythm = 5 + customer * 13 % 86;
        rows.extend((customer * 7 % 83..700).step_by(rhythm as usize).map(|day| (i64::from(customer), day)));
    }
    rows.extend([50, 170, 290, 410, 530, 640].map(|day| (901, day)));
    rows.extend([50, 150, 250, 350, 450, 690].map(|day| (902, day)));
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let days: Vec<i32> = rows.iter().map(|row| first + row.1).collect();
    let amounts: Vec<f64> = (0..rows.len()).map(|row| 10.0 + (row * 7_919 % 4_000) as f64 / 100.0).collect();
    let days = Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap();
    Sandbox::with(frame(vec![Column::new("customer_id".into(), ids), days, Column::new("amount".into(), amounts)]))
}

/// r, alpha and the log-likelihood by scipy 1.17.1: the negative binomial likelihood of (x, T), by Nelder and Mead.
#[test]
fn where_nobody_is_seen_to_leave_nbd_predicts() {
    let sandbox = steady();
    let settings = ["predict.time_unit=day", "predict.horizons=90,365"];
    let published = predict(&sandbox, "2023-12-01", &[&settings[..], &[AUTO]].concat());
    assert_near(
        &["r", "alpha", "log_likelihood"].map(|measure| fitted(&published, "nbd", measure)),
        &[1.805_170_91, 53.450_719_92, -27_573.369_812_733],
        1e-6,
        0.0,
    );
    let customers = published.table("customers");
    assert!(floats(&customers, "p_alive").iter().all(|p| p.to_bits() == 1.0_f64.to_bits()));
    let expected = floats(&customers, "expected_orders_365_days");
    let ids = integers(&customers, "customer_id");
    let [one, other] = [901, 902].map(|id| expected[ids.iter().position(|known| *known == id).unwrap()]);
    // (r + 5) / (alpha + 649) x 365: when they bought last does not count
    assert!((one - 6.805_170_91 / 702.450_719_92 * 365.0).abs() < 1e-5, "{one}");
    assert_eq!(one.to_bits(), other.to_bits());
    let manifest = published.manifest();
    assert_eq!(manifest["predictions"]["purchases"]["model"], "nbd");
    assert!(manifest["warning_details"].to_string().contains("nobody_leaves"), "{}", manifest["warning_details"]);
    let fit = published.table("model_fit");
    let notes: Vec<String> = texts(&fit, "note");
    let (models, measures) = (texts(&fit, "model"), texts(&fit, "measure"));
    for model in ["bg_nbd", "mbg_nbd", "pareto_nbd"] {
        let at = (0..fit.height()).find(|row| models[*row] == model && measures[*row] == "not_fitted").unwrap();
        assert!(notes[at].contains("/NBD: "), "{}", notes[at]);
        assert!(fitted(&published, model, "log_likelihood").is_finite(), "{model}");
    }
    let chosen = (0..fit.height()).find(|row| models[*row] == "nbd" && measures[*row] == "is_chosen").unwrap();
    assert!(notes[chosen].contains("no customer is seen to leave"), "{}", notes[chosen]);
    // A model that is named falls back as `auto` does, NBD can be named, and what was fitted is applied again.
    let expected = texts(&customers, "expected_orders_365_days");
    let from = sandbox.root().join("kept.json");
    fs::copy(published.path.join("manifest.json"), &from).unwrap();
    let from = format!("predict.params_from={}", from.display());
    for choice in ["predict.model=bg_nbd", "predict.model=pareto_nbd", "predict.model=nbd", &from] {
        let other = predict(&sandbox, "2023-12-01", &[&settings[..], &[choice]].concat());
        assert_eq!(texts(&other.table("customers"), "expected_orders_365_days"), expected, "{choice}");
        assert_eq!(other.manifest()["predictions"]["purchases"]["model"], "nbd", "{choice}");
    }
}

#[test]
fn where_everybody_pays_the_same_that_is_the_value_of_an_order() {
    let mut rows = shop();
    let prices = vec![9.99; rows.height()];
    rows.with_column(Column::new("amount".into(), prices)).unwrap();
    let sandbox = Sandbox::with(rows);
    let published = sandbox.run(&["--as-of", "2023-12-10", "--set", AUTO]);
    let customers = published.table("customers");
    assert!(floats(&customers, "expected_value").iter().all(|value| value.to_bits() == 9.99_f64.to_bits()));
    assert_eq!(customers.column("clv_12_months").unwrap().null_count(), 0);
    let manifest = published.manifest();
    assert_eq!(manifest["predictions"]["spending"]["model"], "mean_value");
    assert_near(&[fitted(&published, "mean_value", "mean")], &[9.99], 0.0, 0.0);
    assert!(manifest["warning_details"].to_string().contains("mean_order_value"));
}

/// Credit notes have ids and days of their own.
#[test]
fn returns_lower_what_purchases_are_worth() {
    let mut rows: Vec<(i64, i64, String, f64)> = Vec::new();
    for customer in 1..=200_i64 {
        for n in 0..=customer % 6 {
            let date = format!("2024-{:02}-{:02}", 1 + (customer % 4) + n, 1 + (customer * 7 + n * 5) % 28);
            rows.push((customer, customer * 10 + n, date, 20.0 + (customer * 37 % 50 + n * 11 % 20) as f64));
        }
    }
    // 100, 40, 60 less 50: three quarters are left. 30 less 50, 30 less 30: nothing is.
    let more =
        [(901, "2024-01-10", 100.0), (901, "2024-03-10", 40.0), (901, "2024-05-10", 60.0), (901, "2024-06-10", -50.0)];
    let more = [&more[..], &[(902, "2024-02-01", 30.0), (902, "2024-02-20", -50.0)]].concat();
    let more =
        [&more[..], &[(903, "2024-02-01", 10.0), (903, "2024-03-01", 20.0), (903, "2024-04-02", -30.0)]].concat();
    rows.extend(
        more.iter().enumerate().map(|(i, (id, day, amount))| (*id, 9_000 + i as i64, (*day).to_owned(), *amount)),
    );
    let rows: Vec<(i64, i64, &str, f64)> = rows.iter().map(|row| (row.0, row.1, row.2.as_str(), row.3)).collect();
    let sandbox = Sandbox::with(orders(&rows));
    let args = ["--as-of", "2024-12-31", "--set", "predict.model=nbd", "--set", "predict.contact_cost=1"];
    let published = sandbox.run(&args);
    let customers = published.table("customers");
    let ids = integers(&customers, "customer_id");
    let of = |id: i64, column: &str| floats(&customers, column)[ids.iter().position(|known| *known == id).unwrap()];
    let [p, q, gamma] = ["p", "q", "gamma"].map(|name| fitted(&published, "gamma_gamma", name));
    // x = 2, z = (40 + 60) / 2 x 0.75
    assert_near(&[of(901, "expected_value")], &[p * (gamma + 2.0 * 37.5) / (p * 2.0 + q - 1.0)], 1e-12, 0.0);
    for id in [902, 903] {
        assert_near(&[of(id, "expected_value"), of(id, "clv_12_months")], &[0.0, 0.0], 0.0, 0.0);
        assert!(of(id, "expected_orders_12_months") > 0.0, "they are customers all the same");
    }
    let manifest = published.manifest();
    assert_eq!(manifest["predictions"]["customers_without_revenue"], 2);
    assert!(
        manifest["warnings"].to_string().contains("2 customers got back all they paid"),
        "{}",
        manifest["warnings"]
    );
    // They have no part in the fit of order values: without them it is the same to the last digits of the search.
    let others: Vec<(i64, i64, &str, f64)> = rows.iter().filter(|row| ![902, 903].contains(&row.0)).copied().collect();
    let without = Sandbox::with(orders(&others)).run(&args);
    for name in ["p", "q", "gamma", "log_likelihood"] {
        assert_near(&[fitted(&published, "gamma_gamma", name)], &[fitted(&without, "gamma_gamma", name)], 1e-9, 0.0);
    }
}
