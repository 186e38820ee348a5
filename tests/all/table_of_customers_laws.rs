//! Tables of customers whose figures are known from elsewhere: those of a run, read back, and those of the R package rfm.

use std::fs;

use polars::prelude::*;

use crate::support::{Published, Sandbox, floats, integers, read_parquet, shared, shop, texts};
use crate::table_of_customers::GRAIN;

/// The tables of a run over transactions, made again from its customers.
fn read_back(settings: &str) -> (Published, Published) {
    let sandbox = Sandbox::with(shop());
    fs::write(sandbox.root().join("a.toml"), settings).unwrap();
    let config = ["--config", "a.toml"];
    let first = sandbox.run(&[&config[..], &["--as-of", "2023-12-31", "--orders-by", "day"]].concat());
    let again = Sandbox::with(first.table("customers"));
    fs::write(again.root().join("a.toml"), settings).unwrap();
    let second = again.run(&[&config[..], &GRAIN, &["--as-of", "2023-12-31"]].concat());
    (first, second)
}

/// A law: what a run says of its customers is what it says of their table.
#[test]
fn the_customers_of_a_run_read_back_give_the_same_tables() {
    for settings in [
        "",
        "[score.recency]\nmethod = 'ntile'\n[score.frequency]\nmeasure = 'purchase_days'\n[score.monetary]\nmeasure = 'largest_order'",
        "[segment]\nmap = 'lifecycle'\n[score.composites]\ncolumns = ['score_mean', 'weighted_score', 'weighted_value']",
        "[segment]\nmap = 'octants'\n[octants]\nthreshold = 'median'\n[[scoring]]\nname = 'four'\nsegment.map = 'grid25'\nscore.frequency.method = 'uniform'\nscore.frequency.bins = 4",
        "[segment]\nmap = 'three_tier'\n[kmeans]\nclusters = 3\n[[scoring]]\nname = 'other'\nscore.monetary.measure = 'average_order_value'",
        "[score.frequency]\nmeasure = 'transactions'\nmethod = 'r-rfm'\n[clean]\nmoney_scale = 3",
    ] {
        let (first, second) = read_back(settings);
        let (first, second) = (first.bytes(), second.bytes());
        assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>(), "{settings}");
        let of_rows = ["quality.parquet", "quarantine.parquet"];
        for (name, bytes) in first.iter().filter(|(name, _)| !of_rows.contains(&name.as_str())) {
            assert!(second[name] == *bytes, "{name} with {settings}");
        }
    }
}

/// What the package rfm of R made of three data sets, read as a table of customers: its scores are those of the same figures.
#[test]
fn customers_of_r_have_the_scores_of_r_rfm_0_3_0() {
    let Some(shared) = shared() else { return };
    for (case, as_of) in [
        ("rfm_data_orders_default", "2006-12-31"),
        ("cdnow_sample_default", "1998-07-01"),
        ("online_retail_sales_default", "2011-12-10"),
    ] {
        let given = read_parquet(&shared.join(format!("expected/rfm_r/{case}__rfm.parquet")));
        let given = given.sort(["customer_id"], SortMultipleOptions::default()).unwrap();
        let columns = ["recency_days=recency_days", "orders=transaction_count", "revenue=amount"];
        let columns: Vec<&str> = columns.iter().flat_map(|column| ["--column", column]).collect();
        let more = ["--as-of", as_of, "--method", "r-rfm", "--money-scale", "3"];
        let customers = Sandbox::with(given.clone()).run(&[&GRAIN[..], &columns, &more].concat()).table("customers");
        assert_eq!(texts(&customers, "customer_id"), texts(&given, "customer_id"));
        for (ours, theirs) in
            [("r_score", "recency_score"), ("f_score", "frequency_score"), ("m_score", "monetary_score")]
        {
            assert_eq!(integers(&customers, ours), integers(&given, theirs), "{case} {ours}");
        }
    }
}

/// The package's own table of customers, whose days are counted to 2007-01-01: by the days and by the dates. The thresholds of
/// R are type 7 quantiles plus 1, and a value on one is above it.
#[test]
fn the_table_of_customers_of_r_is_scored_as_the_package_defines() {
    let Some(shared) = shared() else { return };
    let path = shared.join("data/rfm_data_customer.parquet");
    let given = read_parquet(&path).sort(["customer_id"], SortMultipleOptions::default()).unwrap();
    let sandbox = Sandbox::with(given.clone());
    let run = |last: &str| {
        let more = ["--column", last, "--column", "orders=order_count", "--column", "revenue=amount"];
        sandbox.run(&[&GRAIN[..], &more, &["--as-of", "2007-01-01", "--method", "r-rfm"]].concat())
    };
    let (by_days, by_dates) = (run("recency_days=recency_days"), run("last_order_date=last_order_ts"));
    assert!(by_days.bytes()["customers.parquet"] == by_dates.bytes()["customers.parquet"]);
    let customers = by_days.table("customers");
    for (column, score, fewer_is_better) in
        [("recency_days", "r_score", true), ("order_count", "f_score", false), ("amount", "m_score", false)]
    {
        let values = floats(&given, column);
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let threshold = |share: f64| {
            let position = share * (sorted.len() - 1) as f64;
            let (low, part) = (position.floor() as usize, position.fract());
            let high = sorted[(low + 1).min(sorted.len() - 1)];
            sorted[low] + part * (high - sorted[low]) + 1.0
        };
        let thresholds = [0.2, 0.4, 0.6, 0.8].map(threshold);
        let expected = values.iter().map(|value| {
            let above = thresholds.iter().filter(|threshold| **threshold <= *value).count() as i64;
            if fewer_is_better { 5 - above } else { 1 + above }
        });
        assert_eq!(integers(&customers, score), expected.collect::<Vec<_>>(), "{column}");
    }
}
