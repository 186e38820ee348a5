//! The holdout through the binary: what BTYD 2.4.3 found on CDNOW, and that the models never see it.
//!
//! CDNOW is outside this repository (`../shared/golden`, or `$RFMETRICS_SHARED/golden`); without it that test says so
//! and passes.

use polars::prelude::*;
use rfmetrics::reports::Chapter;

use crate::predict::{AUTO, MILLIONTHS, assert_near, cdnow, predict};
use crate::support::{Sandbox, columns_of, day, floats, integers, names, read_parquet, shared, shop, tables_of, texts};

/// CDNOW up to 30 September 1997 predicts the 39 weeks after: BTYD's predictions and what it saw, averaged by frequency.
#[test]
fn cdnow_holdout_as_in_btyd_2_4() {
    let Some(sandbox) = cdnow() else { return };
    let peer = shared().unwrap().join("expected/r_clv/cdnow_sample_weeks_19970930__customers.parquet");
    let peer = read_parquet(&peer);
    let settings = [MILLIONTHS, "predict.model=bg_nbd", "predict.time_unit=week", "predict.holdout_days=273"];
    let published = predict(&sandbox, "1998-06-30", &settings);
    let table = published.table("calibration");
    let groupings = texts(&table, "grouping");
    let rows: Vec<usize> = (0..table.height()).filter(|row| groupings[*row] == "frequency").collect();
    let (x, actual) = (integers(&peer, "x"), integers(&peer, "x_star"));
    let predicted = floats(&peer, "bg_expected_purchases");
    for (group, row) in rows.into_iter().enumerate() {
        let of: Vec<usize> = (0..x.len()).filter(|customer| x[*customer].min(7) == group as i64).collect();
        let mean = |value: &dyn Fn(usize) -> f64| of.iter().map(|c| value(*c)).sum::<f64>() / of.len() as f64;
        assert_eq!(integers(&table, "customers")[row], of.len() as i64);
        assert_near(&[floats(&table, "mean_actual_orders")[row]], &[mean(&|c| actual[c] as f64)], 1e-12, 0.0);
        assert_near(&[floats(&table, "mean_predicted_orders")[row]], &[mean(&|c| predicted[c])], 1e-3, 0.0);
    }
    let summary = published.table("calibration_summary");
    let measures = texts(&summary, "measure");
    let figure = |name: &str| {
        let at = measures.iter().position(|measure| measure == name).unwrap_or_else(|| panic!("no {name}"));
        floats(&summary, "value")[at]
    };
    let error: f64 = predicted.iter().zip(&actual).map(|(p, a)| (p - *a as f64).abs()).sum();
    assert_near(&[figure("orders_mean_absolute_error")], &[error / x.len() as f64], 1e-3, 0.0);
    // Of the 2,357 customers, those who bought again in the holdout, and the best tenth by the peer's own order.
    let buyers = actual.iter().filter(|orders| **orders > 0).count() as f64;
    assert!((figure("buyers_in_top_20_percent_by_clv") * buyers).round() > 0.2 * buyers, "better than chance");
    for rival in ["clv", "rfm_sum", "recency", "frequency", "revenue"] {
        for what in ["buyers", "revenue"] {
            let [ten, twenty] = [10, 20].map(|percent| figure(&format!("{what}_in_top_{percent}_percent_by_{rival}")));
            assert!(0.0 < ten && ten < twenty && twenty < 1.0, "{what} {rival}: {ten} {twenty}");
        }
    }
}

/// What came after the cut changes what happened, but nothing that was predicted.
#[test]
fn the_models_of_a_holdout_never_see_it() {
    let rows = shop();
    let settings = ["--as-of", "2023-12-10", "--set", AUTO, "--set", "predict.holdout_days=120"];
    let whole = Sandbox::with(rows.clone()).run(&settings);
    let cut = day("2023-12-10") - 120;
    let days = integers(&rows, "order_ts");
    let before: BooleanChunked = days.iter().map(|day| *day <= i64::from(cut)).collect();
    let without = Sandbox::with(rows.filter(&before).unwrap()).run(&settings);
    let (seen, unseen) = (whole.table("calibration"), without.table("calibration"));
    for column in ["customers", "mean_predicted_orders", "mean_predicted_revenue"] {
        assert_eq!(texts(&seen, column), texts(&unseen, column), "{column}");
    }
    assert_ne!(texts(&seen, "mean_actual_orders"), texts(&unseen, "mean_actual_orders"));
    // And the other tables are those of a run without a holdout.
    let plain = Sandbox::with(rows.clone()).run(&settings[..4]);
    for (name, bytes) in plain.bytes() {
        assert!(bytes == whole.bytes()[&name], "{name}");
    }
    // Other threads and files, the same bytes.
    let turned = Sandbox::with(rows.reverse()).run(&[&settings[..], &["--threads", "1"]].concat());
    for name in ["calibration.parquet", "calibration_summary.parquet"] {
        assert!(turned.bytes()[name] == whole.bytes()[name], "{name}");
    }
    for entry in tables_of(&[Chapter::Holdout]) {
        assert_eq!(names(&whole.table(entry.name)), columns_of(entry));
    }
}
