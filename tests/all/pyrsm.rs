//! Sequential and independent quintiles as pyrsm 1.4.0 gives them, from the shared folder: without it, this says so and passes.

use std::path::Path;

use polars::prelude::{Column, DataFrame, DataType};

use crate::campaigns::published;
use crate::support::{Sandbox, day, floats, frame, integers, read_parquet, shared, texts};

/// pyrsm's teaching case, made into orders: `purch` orders of 1 on the day `last` days before the analysis date.
#[test]
fn sequential_and_independent_quintiles_are_those_of_pyrsm() {
    let Some(shared) = shared() else { return };
    let given = read_parquet(&shared.join("data/pyrsm_dvd.parquet"));
    let as_of = day("2024-12-31");
    let (mut ids, mut days) = (Vec::new(), Vec::new());
    let counts = integers(&given, "purch").into_iter().zip(integers(&given, "last"));
    for (id, (purchases, last)) in integers(&given, "customer_id").into_iter().zip(counts) {
        ids.extend(std::iter::repeat_n(id, purchases as usize));
        days.extend(std::iter::repeat_n(as_of - last as i32, purchases as usize));
    }
    let days = Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap();
    let amounts = Column::new("amount".into(), vec![1.0; ids.len()]);
    let sandbox = Sandbox::with(frame(vec![Column::new("customer_id".into(), ids), days, amounts]));
    let args = ["--as-of", "2024-12-31", "--map", "abc"];
    let expected = read_parquet(&shared.join("expected/pyrsm/dvd__customers.parquet"));
    for (combination, frequency) in [("independent", "f_iq"), ("nested", "f_sq")] {
        let set = format!("score.combination={combination}");
        let customers = sandbox.run(&[&args[..], &["--set", &set]].concat()).table("customers");
        assert_eq!(integers(&customers, "customer_id"), integers(&expected, "customer_id"));
        assert_eq!(integers(&customers, "r_score"), integers(&expected, "r_iq"), "{combination}");
        assert_eq!(integers(&customers, "f_score"), integers(&expected, frequency), "{combination}");
    }
}

/// The teaching case as a campaign to everybody: pyrsm's response rates per cell, and its tables of gains, lift and profit at a cost of 0.50
/// and a margin of 2.00. It mails the cells above break-even, 0.25.
#[test]
fn a_campaign_to_everybody_has_pyrsm_s_responses_gains_lift_and_profit() {
    let Some(shared) = shared() else { return };
    let given = read_parquet(&shared.join("data/pyrsm_dvd.parquet"));
    let as_of = day("2024-12-31");
    let (mut ids, mut days) = (Vec::new(), Vec::new());
    let counts = integers(&given, "purch").into_iter().zip(integers(&given, "last"));
    for (id, (purchases, last)) in integers(&given, "customer_id").into_iter().zip(counts) {
        ids.extend(std::iter::repeat_n(id, purchases as usize));
        days.extend(std::iter::repeat_n(as_of - last as i32, purchases as usize));
    }
    let days = Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap();
    let sandbox = Sandbox::with(frame(vec![Column::new("customer_id".into(), ids), days]));
    let bought = texts(&given, "buy").into_iter().zip(integers(&given, "customer_id")).filter(|(buy, _)| buy == "yes");
    let buyers: Vec<i64> = bought.map(|(_, id)| id).collect();
    let dates = Column::new("date".into(), vec![as_of + 1; buyers.len()]).cast(&DataType::Date).unwrap();
    sandbox.file("../buyers.parquet", frame(vec![Column::new("customer_id".into(), buyers), dates]));
    for (combination, table) in [("independent", "iq"), ("nested", "sq")] {
        let set = format!("score.combination={combination}");
        let args = [
            "--as-of",
            "2024-12-31",
            "--column",
            "amount=none",
            "--orders-by",
            "row",
            "--map",
            "grid25",
            "--set",
            &set,
        ];
        let run = sandbox.run(&args);
        let path = run.path.to_str().unwrap();
        let select = [
            "select",
            path,
            "--name",
            table,
            "--goal",
            "people",
            "--response-rate",
            "1",
            "--cost",
            "0.5",
            "--profit",
            "2",
            "--replace",
        ];
        let chosen = published(&sandbox, &select);
        let evaluate = ["evaluate", chosen.path.to_str().unwrap(), "--responses", "buyers.parquet", "--replace"];
        let result = published(&sandbox, &evaluate);
        compare_cells(&result.table("campaign_results"), &shared, table);
        compare_gains(&result.table("campaign_gains"), &shared, table);
    }
}

/// A CSV of the shared folder: its rows as texts.
fn csv(shared: &Path, name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(shared.join("expected/pyrsm").join(name)).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn compare_cells(results: &DataFrame, shared: &Path, table: &str) {
    let expected = csv(shared, &format!("dvd__cells_rfm_{table}.csv"));
    let (by, group) = (texts(results, "group_by"), texts(results, "group"));
    let (contacts, responders) = (integers(results, "contacts"), integers(results, "responders"));
    let (rates, even) = (floats(results, "response_rate"), floats(results, "break_even_rate"));
    let cells: Vec<usize> = (0..by.len()).filter(|row| by[*row] == "cell").collect();
    assert_eq!(cells.len(), expected.len());
    let (mut mailed, mut hits) = (0, 0);
    for (row, expected) in cells.into_iter().zip(&expected) {
        let found = [group[row].clone(), contacts[row].to_string(), responders[row].to_string()];
        assert_eq!(found[..], expected[..3]);
        assert!((rates[row] / expected[3].parse::<f64>().unwrap() - 1.0).abs() < 1e-9);
        let mails = rates[row] > even[row];
        assert_eq!(if mails { "True" } else { "False" }, expected[4], "{}", group[row]);
        mailed += if mails { contacts[row] } else { 0 };
        hits += if mails { responders[row] } else { 0 };
    }
    // The confusion matrix of the shared manifest: 3,676 hits of 10,235 mailed, a profit of 2,234.5.
    assert_eq!((hits, mailed), (3_676, 3_676 + 6_559));
    assert!((hits as f64 * 2.0 - mailed as f64 * 0.5 - 2_234.5).abs() < 1e-9);
}

fn compare_gains(gains: &DataFrame, shared: &Path, table: &str) {
    for (kind, column) in [("gains", "cumulative_gains"), ("lift", "cumulative_lift"), ("profit", "cumulative_profit")]
    {
        let mut expected = csv(shared, &format!("dvd__{kind}_tab_rfm_{table}.csv"));
        expected.retain(|row| row[0] != "0.0");
        let found: Vec<(f64, f64)> =
            floats(gains, "cumulative_contact_share").into_iter().zip(floats(gains, column)).collect();
        assert_eq!(found.len(), expected.len(), "{kind} {table}");
        for ((share, value), expected) in found.into_iter().zip(expected) {
            let near = |found: f64, expected: &str| {
                (found - expected.parse::<f64>().unwrap()).abs() <= 1e-9 * found.abs().max(1.0)
            };
            assert!(
                near(share, &expected[0]) && near(value, &expected[1]),
                "{kind} {table}: {share} {value}, expected {expected:?}"
            );
        }
    }
}
