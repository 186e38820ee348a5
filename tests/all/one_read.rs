//! Attributes, margins and interactions ride on the read that makes customers: together they are what each is alone, and what
//! a plain second computation says.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::support::{Published, Sandbox, dates, frame, integers, minor, names};

/// A row of the made-up shop; days count from 2025-01-01.
#[derive(Debug, Clone)]
struct Row {
    customer: i64,
    order: i64,
    day: i32,
    amount: f64,
    margin: Option<f64>,
    town: Option<String>,
    weight: Option<f64>,
    event: &'static str,
}

/// Rows of some hundred customers whose orders come back now and then, with returns and gaps.
fn rows(count: u64) -> Vec<Row> {
    let mut state = 11_u64;
    let mut below = move |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let mut rows = Vec::new();
    while (rows.len() as u64) < count {
        let (customer, order, day) = (below(300) as i64, below(12) as i64, below(200) as i32);
        for _ in 0..=below(3) {
            let town = match below(5) {
                0 => None,
                1 => Some(format!("a town with a long name, number {}", below(40))),
                2 => Some(format!("a note that no other row has: {}", rows.len())),
                _ => Some(format!("Town {}", below(9))),
            };
            rows.push(Row {
                customer,
                order,
                day: day + below(2) as i32,
                // Never zero.
                amount: below(200) as f64 - 60.5,
                margin: (below(7) > 0).then(|| below(100) as f64 - 20.0),
                town,
                weight: (below(4) > 0).then(|| below(50) as f64 / 4.0),
                event: ["buy", "view", "click"][below(3) as usize],
            });
        }
    }
    rows
}

fn table(rows: &[Row], text_ids: bool) -> DataFrame {
    let start = crate::support::day("2025-01-01");
    let days: Vec<i32> = rows.iter().map(|row| start + row.day).collect();
    let ids: Vec<i64> = rows.iter().map(|row| row.customer).collect();
    let names: Vec<String> = ids.iter().map(|id| format!("customer {id:05}")).collect();
    frame(vec![
        if text_ids { Column::new("customer_id".into(), names) } else { Column::new("customer_id".into(), ids) },
        Column::new("order_id".into(), rows.iter().map(|row| row.order).collect::<Vec<_>>()),
        Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap(),
        Column::new("amount".into(), rows.iter().map(|row| row.amount).collect::<Vec<_>>()),
        Column::new("profit".into(), rows.iter().map(|row| row.margin).collect::<Vec<_>>()),
        Column::new("town".into(), rows.iter().map(|row| row.town.clone()).collect::<Vec<_>>()),
        Column::new("weight".into(), rows.iter().map(|row| row.weight).collect::<Vec<_>>()),
        Column::new("event".into(), rows.iter().map(|row| row.event).collect::<Vec<_>>()),
    ])
}

/// What a customer's rows come to.
#[derive(Debug, Default, Clone, PartialEq)]
struct Expected {
    margin: i128,
    town: Option<String>,
    weight: Option<f64>,
    interaction: i32,
}

/// By the words of the documentation, row by row. Interactions are rows with `event = 'view'`.
fn expected(rows: &[Row], returns: &str) -> BTreeMap<i64, Expected> {
    let mut totals: BTreeMap<(i64, i64), (f64, i32)> = BTreeMap::new();
    for row in rows {
        let (total, first) = totals.entry((row.customer, row.order)).or_insert((0.0, row.day));
        (*total, *first) = (*total + row.amount, row.day.min(*first));
    }
    totals.retain(|_, (total, _)| returns != "purchases" || *total > 0.0);
    let mut found: BTreeMap<i64, Expected> = BTreeMap::new();
    // No amount is zero: an order that is not above zero has a line below it.
    for ((customer, _), (_, day)) in totals.iter().filter(|(_, (total, _))| returns == "literal" || *total > 0.0) {
        let of = found.entry(*customer).or_insert_with(|| Expected { interaction: i32::MIN, ..Expected::default() });
        of.interaction = of.interaction.max(*day);
    }
    for (customer, of) in &mut found {
        let own = || rows.iter().filter(|row| row.customer == *customer);
        let counted = own().filter(|row| totals.contains_key(&(row.customer, row.order)));
        of.margin = counted.filter_map(|row| row.margin).map(|margin| (margin * 100.0) as i128).sum();
        let views = own().filter(|row| row.event == "view").map(|row| row.day);
        of.interaction = of.interaction.max(views.max().unwrap_or(i32::MIN));
        let towns = own().filter_map(|row| Some((row.day, row.town.clone()?)));
        of.town = towns.max().map(|(_, town)| town);
        let weights = own().filter_map(|row| Some((row.day, row.weight?)));
        of.weight = weights.max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).map(|(_, weight)| weight);
    }
    found
}

const AS_OF: [&str; 2] = ["--as-of", "2025-12-31"];
const MARGIN: [&str; 2] = ["--column", "margin=profit"];
const ATTRIBUTES: [&str; 2] = ["--set", "columns.attributes=[\"town\",\"weight\"]"];

fn with_interactions(sandbox: &Sandbox, more: &str) {
    let settings = format!("[input]\ninteractions = \"event = 'view'\"\n{more}");
    std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
}

/// The measures of every customer in the published table.
fn found(published: &Published, customers: &[i64]) -> BTreeMap<i64, Expected> {
    let table = published.table("customers");
    let as_of = i64::from(crate::support::day("2025-12-31") - crate::support::day("2025-01-01"));
    let (margins, days) = (minor(&table, "margin"), integers(&table, "interaction_days"));
    let towns: Vec<Option<String>> =
        table.column("town").unwrap().str().unwrap().iter().map(|town| town.map(str::to_owned)).collect();
    let weights: Vec<Option<f64>> = table.column("weight").unwrap().f64().unwrap().iter().collect();
    let of = |row: usize| Expected {
        margin: margins[row],
        town: towns[row].clone(),
        weight: weights[row],
        interaction: i32::try_from(as_of - days[row]).unwrap(),
    };
    assert_eq!(customers.len(), table.height());
    customers.iter().enumerate().map(|(row, id)| (*id, of(row))).collect()
}

#[test]
fn all_that_rides_along_is_what_a_plain_second_computation_says() {
    let rows = rows(12_000);
    for returns in ["net", "literal", "purchases"] {
        let expected = expected(&rows, returns);
        let customers: Vec<i64> = expected.keys().copied().collect();
        let mut first: Option<Published> = None;
        for (text_ids, files, groups, threads) in [(false, 1, 1 << 20, "2"), (false, 3, 97, "3"), (true, 2, 500, "1")] {
            let sandbox = Sandbox::new();
            with_interactions(&sandbox, &format!("[clean]\nreturns = \"{returns}\"\n"));
            for (number, part) in rows.chunks(rows.len().div_ceil(files)).enumerate() {
                sandbox.file_of_groups(&format!("{number}.parquet"), table(part, text_ids), groups);
            }
            let published = sandbox.run(&[&AS_OF[..], &MARGIN, &ATTRIBUTES, &["--threads", threads]].concat());
            assert_eq!(found(&published, &customers), expected, "{returns}, {files} files");
            if !text_ids && let Some(first) = first.replace(published.clone()) {
                assert!(first.bytes() == published.bytes(), "neither threads nor files change a byte");
            }
        }
    }
}

#[test]
fn together_they_are_what_each_is_alone() {
    let sandbox = Sandbox::new();
    sandbox.file_of_groups("a.parquet", table(&rows(3_000), false), 250);
    let run = |args: &[&[&str]], interactions: bool| -> DataFrame {
        let settings = if interactions { "[input]\ninteractions = \"event = 'view'\"\n" } else { "" };
        std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
        let all: Vec<&str> = [&AS_OF[..], &["--returns", "purchases"]]
            .iter()
            .chain(args)
            .flat_map(|part| part.iter().copied())
            .collect();
        sandbox.run(&all).table("customers")
    };
    let all = run(&[&MARGIN, &ATTRIBUTES], true);
    let alone = [
        (run(&[&MARGIN], false), vec!["margin"]),
        (run(&[&ATTRIBUTES], false), vec!["town", "weight"]),
        (run(&[], true), vec!["interaction_days"]),
    ];
    for (alone, columns) in alone {
        for column in columns {
            assert_eq!(all.column(column).unwrap(), alone.column(column).unwrap(), "{column}");
        }
    }
    let plain = run(&[], false);
    assert_eq!(all.select(names(&plain)).unwrap(), plain);
}

/// Buyers and visitors in directories of their own, and the same in one file with a column.
#[test]
fn interactions_are_read_of_directories_that_the_filter_rules_out() {
    let (one, apart) = (Sandbox::new(), Sandbox::new());
    let rows = rows(2_000);
    one.file("a.parquet", table(&rows, false));
    for event in ["buy", "view", "click"] {
        let of: Vec<Row> = rows.iter().filter(|row| row.event == event).cloned().collect();
        apart.file(&format!("event={event}/a.parquet"), table(&of, false).drop("event").unwrap());
    }
    let days = |sandbox: &Sandbox, filter: &str, hive: bool| {
        let filter = if filter.is_empty() { String::new() } else { format!("filter = \"{filter}\"\n") };
        let settings = format!("[input]\nhive_partitions = {hive}\n{filter}interactions = \"event = 'view'\"\n");
        std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
        let published = sandbox.run(&[&AS_OF[..], &["--returns", "literal"]].concat());
        let table = published.table("customers");
        (integers(&table, "customer_id"), integers(&table, "interaction_days"), published.outcomes())
    };
    // Of other directories; of some of the same; of all.
    for filter in ["event = 'buy'", "event <> 'click'", "amount > 0", ""] {
        assert_eq!(days(&apart, filter, true), days(&one, filter, false), "{filter}");
    }
    // A view that is no order, by someone without one, says nothing.
    let buyers: Vec<i64> = {
        let mut ids: Vec<i64> = rows.iter().filter(|row| row.event == "buy").map(|row| row.customer).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let (ids, found, _) = days(&one, "event = 'buy'", false);
    assert_eq!(ids, buyers);
    let last = |id: &i64| {
        let own = rows.iter().filter(|row| row.customer == *id);
        let mut orders: BTreeMap<i64, i32> = BTreeMap::new();
        for row in own.clone().filter(|row| row.event == "buy") {
            let day = orders.entry(row.order).or_insert(row.day);
            *day = row.day.min(*day);
        }
        let views = own.filter(|row| row.event == "view").map(|row| row.day);
        364 - i64::from(orders.into_values().chain(views).max().unwrap())
    };
    assert_eq!(found, buyers.iter().map(last).collect::<Vec<_>>());
}

/// The analysis date is that of the last order, and the visits after it are in the same read.
#[test]
fn an_interaction_after_the_last_order_does_not_hide_those_before_it() {
    let sandbox = Sandbox::with(frame(vec![
        Column::new("customer_id".into(), [1_i64, 1, 1, 2, 2]),
        dates("order_ts", &["2025-01-01", "2025-01-10", "2025-03-01", "2025-01-20", "2025-02-01"]),
        Column::new("amount".into(), [Some(10.0), None, None, Some(10.0), None]),
        Column::new("event".into(), ["buy", "view", "view", "buy", "view"]),
    ]));
    for filter in ["", "filter = \"event = 'buy'\"\n"] {
        let settings = format!("[input]\n{filter}interactions = \"event = 'view'\"\n");
        std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
        let customers = sandbox.run(&["--set", "clean.max_quarantined_share=1"]).table("customers");
        assert_eq!(integers(&customers, "recency_days"), [19, 0]);
        assert_eq!(integers(&customers, "interaction_days"), [10, 0]);
    }
}

#[test]
fn repeats_that_are_left_out_are_interactions_all_the_same() {
    let sandbox = Sandbox::with(frame(vec![
        Column::new("customer_id".into(), [1_i64, 1, 2]),
        Column::new("order_id".into(), [1_i64, 1, 2]),
        dates("order_ts", &["2025-01-01", "2025-01-15", "2025-01-20"]),
        Column::new("amount".into(), [10.0, 10.0, 10.0]),
    ]));
    let settings = "[input]\ninteractions = \"amount > 0\"\n[clean]\ndedupe_keys = [\"order_id\"]\n";
    std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    let customers = sandbox.run(&["--as-of", "2025-01-31"]).table("customers");
    assert_eq!(integers(&customers, "recency_days"), [30, 11]);
    assert_eq!(integers(&customers, "interaction_days"), [16, 11]);
}

#[test]
fn of_two_conditions_the_one_that_fails_is_to_blame() {
    let sandbox = Sandbox::with(table(&rows(100), false));
    let fails = "CAST(event AS INT) > 1";
    for (filter, interactions, blamed) in [
        ("amount > 0", fails, "input.interactions"),
        (fails, "amount > 0", "input.filter"),
        (fails, fails, "input.filter"),
    ] {
        let settings = format!("[input]\nfilter = \"{filter}\"\ninteractions = \"{interactions}\"\n");
        std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
        let ran = sandbox.try_run(&AS_OF);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        let told = format!("error: `{blamed}` fails on some of the rows: `{fails}`");
        assert!(ran.stderr.starts_with(&told), "{}", ran.stderr);
    }
}
