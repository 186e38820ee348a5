//! Laws of whole runs: what must not change anything, and what must add up whatever the data.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use polars::prelude::*;
use proptest::prelude::*;
use rfmetrics::clean::options::{OrdersBy, Returns, ZeroAmounts};
use rfmetrics::config::Config;
use rfmetrics::reports::Chapter;
use rfmetrics::score::options::Method;

use crate::support::{
    Published, Sandbox, day, floats, frame, integers, last_columns, minor, names, render, tables_of, texts,
};

#[derive(Debug, Clone)]
struct Row {
    customer: Option<u8>,
    order: Option<u8>,
    day: Option<i16>,
    amount: Option<f64>,
}

fn row() -> impl Strategy<Value = Row> {
    let amount = prop_oneof![
        12 => (-200..3_000_i32).prop_map(|cents| Some(f64::from(cents) / 100.0)),
        1 => Just(Some(0.0)),
        1 => Just(Some(1.005)),
        1 => Just(Some(f64::NAN)),
        1 => Just(None),
    ];
    let customer = prop::option::weighted(0.97, 0..25_u8);
    let order = prop::option::weighted(0.9, 0..40_u8);
    let day = prop::option::weighted(0.97, prop_oneof![9 => 0..500_i16, 1 => 0..20_i16]);
    (customer, order, day, amount).prop_map(|(customer, order, day, amount)| Row { customer, order, day, amount })
}

/// Rows as a frame; customers as numbers or as texts, one of which is blank.
fn table(rows: &[Row], is_text: bool) -> DataFrame {
    let first = day("2024-01-01");
    let text = |id: u8| if id == 24 { " \u{feff}".to_owned() } else { format!("客-{id:03}") };
    let customers = if is_text {
        Column::new("customer_id".into(), rows.iter().map(|row| row.customer.map(text)).collect::<Vec<_>>())
    } else {
        Column::new("customer_id".into(), rows.iter().map(|row| row.customer.map(i64::from)).collect::<Vec<_>>())
    };
    let days: Vec<Option<i32>> = rows.iter().map(|row| row.day.map(|day| first + i32::from(day))).collect();
    frame(vec![
        customers,
        Column::new("order_id".into(), rows.iter().map(|row| row.order.map(u32::from)).collect::<Vec<_>>()),
        Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap(),
        Column::new("amount".into(), rows.iter().map(|row| row.amount).collect::<Vec<_>>()),
    ])
}

/// The settings of a whole run.
#[derive(Debug, Clone)]
struct Ask {
    as_of: Option<&'static str>,
    window_days: Option<u32>,
    returns: Returns,
    zero_amounts: ZeroAmounts,
    orders_by: Option<OrdersBy>,
    method: Method,
}

fn ask() -> impl Strategy<Value = Ask> {
    (
        prop::option::of(Just("2025-02-01")),
        prop::option::of(100..400_u32),
        prop_oneof![Just(Returns::Net), Just(Returns::Purchases), Just(Returns::Drop)],
        prop_oneof![Just(ZeroAmounts::Keep), Just(ZeroAmounts::Drop)],
        prop_oneof![Just(None), Just(Some(OrdersBy::Row)), Just(Some(OrdersBy::Day))],
        prop_oneof![Just(Method::Quantile), Just(Method::Ntile), Just(Method::RRfm)],
    )
        .prop_map(|(as_of, window_days, returns, zero_amounts, orders_by, method)| Ask {
            as_of,
            window_days,
            returns,
            zero_amounts,
            orders_by,
            method,
        })
}

/// Runs through the library, in this process.
fn run(sandbox: &Sandbox, ask: &Ask, output: &Path) -> Published {
    let mut config = Config::default();
    config.input.paths = vec![sandbox.input().to_str().unwrap().to_owned()];
    config.output.path = output.to_str().unwrap().to_owned();
    config.dates.as_of = ask.as_of.map(str::to_owned);
    config.dates.window_days = ask.window_days;
    config.clean.returns = ask.returns;
    config.clean.zero_amounts = ask.zero_amounts;
    config.clean.orders_by = ask.orders_by;
    config.clean.max_quarantined_share = 1.0;
    config.clean.allow_empty = true;
    // Few of the bad rows are kept in the sample, so that it matters which ones.
    config.clean.quarantine_rows = 3;
    config.score.recency.method = ask.method;
    config.score.frequency.method = ask.method;
    config.score.monetary.method = ask.method;
    let published = rfmetrics::Job::new(config).unwrap().run().unwrap();
    sandbox.at(&published.path)
}

/// Every table equal to the byte; in the quarantine, the location of a row may differ.
fn assert_same(one: &Published, other: &Published) {
    let (left, right) = (one.bytes(), other.bytes());
    for table in tables_of(&[Chapter::EveryRun]) {
        let file = format!("{}.parquet", table.name);
        if table.name == "quarantine" {
            let shown = |published: &Published| render(&published.table(table.name), &["file", "row"]);
            assert_eq!(shown(one), shown(other));
        } else {
            assert!(left[&file] == right[&file], "{} differs", table.name);
        }
    }
}

fn assert_sums_to_one(frame: &DataFrame, column: &str, what: &str) {
    let shares = floats(frame, column);
    let sum: f64 = shares.iter().sum();
    let is_null = shares.iter().all(|share| share.is_nan());
    assert!(shares.is_empty() || is_null || (sum - 1.0).abs() <= 1e-12, "{what}.{column} sums to {sum}");
}

/// What must hold for every published run.
fn check_laws(published: &Published, rows: usize) {
    let customers = published.table("customers");
    let count = customers.height() as i64;
    let revenue: i128 = minor(&customers, "revenue").iter().sum();

    let quality = published.table("quality");
    let outcomes: BTreeMap<String, i64> =
        texts(&quality, "outcome").into_iter().zip(integers(&quality, "rows")).collect();
    assert_eq!(outcomes.values().sum::<i64>(), rows as i64, "every row has one outcome: {outcomes:?}");
    let notes = published.manifest()["notes"].clone();
    let money = |name: &str| i128::from(notes[name].as_i64().unwrap());
    let (nobodys, before) = (money("revenue_without_order_minor_units"), money("revenue_before_window_minor_units"));
    assert!(integers(&customers, "transactions").iter().sum::<i64>() <= outcomes["kept"]);
    assert_eq!(minor(&quality, "amount")[0], revenue + nobodys + before, "every cent of the kept rows is somewhere");
    if rows > 0 {
        assert_sums_to_one(&quality, "row_share", "quality");
    }

    for table in ["segments", "pareto", "abc", "cells", "grid", "octants"] {
        let frame = published.table(table);
        assert_eq!(integers(&frame, "customers").iter().sum::<i64>(), count, "{table}");
        assert_eq!(minor(&frame, "revenue").iter().sum::<i128>(), revenue, "{table}");
        for share in ["customer_share", "revenue_share"] {
            if count > 0 {
                assert_sums_to_one(&frame, share, table);
            }
            let is_null = frame.column(share).unwrap().null_count() > 0;
            assert!(!is_null || share == "revenue_share" && revenue <= 0 || count == 0, "{table}.{share}");
        }
        if revenue <= 0 {
            let shares = frame.column("revenue_share").unwrap();
            assert_eq!(shares.null_count(), frame.height(), "{table}: no share of nothing");
        }
        for name in names(&frame).iter().filter(|name| name.starts_with("cumulative_")) {
            let column = floats(&frame, name);
            let last = column.last().copied().unwrap_or(1.0);
            assert!(last.is_nan() || (last - 1.0).abs() <= 1e-12, "{table}.{name} ends at {last}");
        }
    }

    let bounds = published.table("score_bounds");
    for axis in ["recency_days", "revenue"] {
        let of_axis = texts(&bounds, "axis").into_iter().zip(integers(&bounds, "customers"));
        let sum: i64 = of_axis.filter(|(name, _)| name == axis).map(|(_, customers)| customers).sum();
        assert_eq!(sum, count, "{axis}");
    }

    // One segment, octant, cell and class each, and all of them known.
    let dimension = published.table("dim_segment");
    let known: BTreeSet<String> = texts(&dimension, "segment").into_iter().collect();
    for column in ["segment", "octant", "abc_class", "cell", "customer_id"] {
        assert_eq!(customers.column(column).unwrap().null_count(), 0, "{column}");
    }
    assert!(texts(&customers, "segment").iter().all(|segment| known.contains(segment)));
    for axis in ["r_score", "f_score", "m_score"] {
        assert!(integers(&customers, axis).iter().all(|score| (1..=5).contains(score)), "{axis}");
    }
    for name in ["recency_days", "tenure_days"] {
        assert!(integers(&customers, name).iter().all(|value| *value >= 0), "{name}");
    }
    // A customer without an order in the window has no day and no row of one either.
    let counts = ["orders", "purchase_days", "transactions"].map(|name| integers(&customers, name));
    let are_consistent = |row: usize| counts.iter().all(|count| (count[row] > 0) == (counts[0][row] > 0));
    assert!((0..customers.height()).all(are_consistent) && counts[0].iter().all(|orders| *orders >= 0));
    let mut ranks = integers(&customers, "revenue_rank");
    ranks.sort_unstable();
    assert!(ranks.iter().copied().eq(1..=count), "ranks are a permutation");
    let ids = customers.column("customer_id").unwrap();
    if ids.dtype() == &DataType::Int64 {
        assert!(integers(&customers, "customer_id").windows(2).all(|pair| pair[0] < pair[1]));
    } else {
        assert!(texts(&customers, "customer_id").windows(2).all(|pair| pair[0] < pair[1]));
    }
    check_scores_follow_values(&customers);
}

/// Better values never score worse, on every axis, whatever the method.
fn check_scores_follow_values(customers: &DataFrame) {
    let axes = [("recency_days", "r_score", -1), ("revenue", "m_score", 1)];
    for (measure, score, sign) in axes {
        let values: Vec<i128> = if measure == "revenue" {
            minor(customers, measure)
        } else {
            integers(customers, measure).into_iter().map(i128::from).collect()
        };
        let mut pairs: Vec<(i128, i64)> =
            values.into_iter().map(|v| v * sign).zip(integers(customers, score)).collect();
        pairs.sort_unstable();
        assert!(pairs.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{score} falls while {measure} gets better");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_and_the_split_into_files_change_nothing(
        rows in prop::collection::vec(row(), 1..220)
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        borders in prop::collection::vec(0..220_usize, 0..4),
        group_rows in 1..40_usize,
        is_text in any::<bool>(),
        mut ask in ask(),
    ) {
        // Without a kept row the data gives no analysis date.
        if rows.0.len() < 30 {
            ask.as_of = Some("2025-02-01");
        }
        let (in_order, shuffled) = rows;
        let whole = Sandbox::with(table(&in_order, is_text));
        let parts = Sandbox::new();
        let mut borders: Vec<usize> = borders.into_iter().map(|border| border.min(shuffled.len())).collect();
        borders.extend([0, shuffled.len()]);
        borders.sort_unstable();
        for (number, pair) in borders.windows(2).enumerate() {
            let name = format!("{}/{number}.parquet", number % 2);
            parts.file_of_groups(&name, table(&shuffled[pair[0]..pair[1]], is_text), group_rows);
        }
        let one = run(&whole, &ask, &whole.output());
        check_laws(&one, in_order.len());
        let other = run(&parts, &ask, &parts.output());
        assert_same(&one, &other);
    }
}

/// Every table of one sandbox, with these numbers of threads.
#[test]
fn the_number_of_threads_changes_nothing() {
    for seed in ["1", "2"] {
        let sandbox = Sandbox::new();
        let simulated = sandbox.input().join("made");
        let ran = sandbox.command(&[
            "simulate",
            "--quiet",
            "--output",
            simulated.to_str().unwrap(),
            "--lines",
            "60000",
            "--files",
            "5",
            "--seed",
            seed,
            "--share-returns",
            "0.05",
            "--share-null-ids",
            "0.02",
            "--share-duplicates",
            "0.02",
            "--ids",
            if seed == "1" { "integer" } else { "uuid" },
        ]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let first = sandbox.run(&["--threads", "1"]);
        let kept = first.clone();
        let before = kept.bytes();
        let rows = kept.manifest()["totals"]["rows_in"].as_u64().unwrap() as usize;
        check_laws(&kept, rows);
        for threads in ["2", "8"] {
            let bytes = sandbox.run(&["--threads", threads]).bytes();
            for (name, table) in &before {
                assert!(*table == bytes[name], "{name} with {threads} threads, seed {seed}");
            }
        }
    }
}

#[test]
fn empty_tables_keep_their_schema() {
    let sandbox = Sandbox::with(table(&[], false));
    let ran = sandbox.try_run(&["--allow-empty"]);
    assert_eq!(ran.code, 4, "no date is known: {}", ran.stderr);
    let published = sandbox.run(&["--allow-empty", "--as-of", "2025-01-01"]);
    for entry in tables_of(&[Chapter::EveryRun]) {
        let frame = published.table(entry.name);
        let last = last_columns(entry.name).len();
        assert_eq!(names(&frame).len(), entry.columns.len() + 1 + last, "{}", entry.name);
    }
    assert_eq!(published.table("customers").height(), 0);
    assert_eq!(published.table("segments").height(), 0);
    assert_eq!(published.table("grid").height(), 25);
    assert_eq!(published.table("octants").height(), 8);
    check_laws(&published, 0);
}

/// A single customer, and customers who are all equal: degenerate, but no reason to stop.
#[test]
fn degenerate_customers_are_scored() {
    let alike: Vec<Row> =
        (0..20).map(|id| Row { customer: Some(id), order: Some(id), day: Some(3), amount: Some(9.99) }).collect();
    for rows in [&alike[..1], &alike[..]] {
        for method in ["quantile", "ntile", "r-rfm"] {
            let sandbox = Sandbox::with(table(rows, true));
            let published = sandbox.run(&["--method", method]);
            check_laws(&published, rows.len());
            let scores = integers(&published.table("customers"), "m_score");
            if method == "quantile" {
                // No threshold is strictly below the only value.
                assert!(scores.iter().all(|score| *score == 1));
            }
        }
    }
}

/// Revenue that is not above zero in total: no shares, but still every customer in every table.
#[test]
fn without_revenue_there_are_no_shares() {
    let row =
        |customer, amount| Row { customer: Some(customer), order: Some(customer), day: Some(1), amount: Some(amount) };
    let published =
        Sandbox::with(table(&[row(1, 5.0), row(2, -8.0), row(3, 0.0)], false)).run(&["--returns", "literal"]);
    check_laws(&published, 3);
    assert_eq!(minor(&published.table("customers"), "revenue"), [500, -800, 0]);
    assert_eq!(published.table("abc").column("revenue_share").unwrap().null_count(), 1);
    let summary = published.table("pareto_summary");
    assert_eq!(summary.column("value").unwrap().null_count(), summary.height());
}
