//! Runs after runs: the same run again, another date next to it, frozen breaks, and what `verify` notices.

use std::fs;

use rfmetrics::reports::Chapter;

use crate::support::{Sandbox, floats, integers, minor, tables_of, texts};
use crate::worked::example;

#[test]
fn the_same_run_again_gives_the_same_bytes() {
    let sandbox = Sandbox::with(example());
    let first = sandbox.run(&["--as-of", "2025-03-31"]).bytes();
    assert_eq!(first.len(), tables_of(&[Chapter::EveryRun]).len());
    let again = sandbox.run(&["--as-of", "2025-03-31"]).bytes();
    assert_eq!(first.keys().collect::<Vec<_>>(), again.keys().collect::<Vec<_>>());
    for (name, bytes) in &first {
        assert!(*bytes == again[name], "{name} differs");
    }
    assert_eq!(sandbox.visible(), ["as_of=2025-03-31"]);
}

#[test]
fn two_dates_exist_side_by_side() {
    let sandbox = Sandbox::with(example());
    let march = sandbox.run(&["--as-of", "2025-03-31"]);
    let before = march.bytes();
    let february = sandbox.run(&["--as-of", "2025-02-28"]);
    assert_eq!(sandbox.visible(), ["as_of=2025-02-28", "as_of=2025-03-31"]);
    assert!(before == march.bytes(), "the other date is untouched");
    for (published, day) in [(&march, "2025-03-31"), (&february, "2025-02-28")] {
        for table in tables_of(&[Chapter::EveryRun]) {
            assert!(texts(&published.table(table.name), "as_of").iter().all(|date| date == day), "{}", table.name);
        }
    }
    // Orders 101, 102, 201 and 301 lie after February: 1 line more than orders, and the row of April.
    assert_eq!(february.outcomes()["after_as_of"], 6);
}

#[test]
fn what_was_published_is_verified_and_a_changed_byte_is_noticed() {
    let sandbox = Sandbox::with(example());
    let published = sandbox.run(&["--as-of", "2025-03-31"]);
    sandbox.run(&["--as-of", "2025-02-28"]);
    let output = sandbox.output();
    for directory in [&output, &published.path] {
        assert_eq!(sandbox.command(&["verify", directory.to_str().unwrap()]).code, 0);
    }
    for table in tables_of(&[Chapter::EveryRun]) {
        let path = published.path.join(format!("{}.parquet", table.name));
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        fs::write(&path, bad).unwrap();
        let ran = sandbox.command(&["verify", output.to_str().unwrap()]);
        assert_eq!(ran.code, 6, "{}", table.name);
        assert!(ran.stderr.contains(&format!("{}.parquet", table.name)), "{}", ran.stderr);
        fs::write(&path, good).unwrap();
    }
    fs::write(published.path.join("extra.txt"), "x").unwrap();
    assert_eq!(sandbox.command(&["verify", output.to_str().unwrap()]).code, 6);
    fs::remove_file(published.path.join("extra.txt")).unwrap();
    fs::remove_file(published.path.join("abc.parquet")).unwrap();
    assert_eq!(sandbox.command(&["verify", output.to_str().unwrap()]).code, 6);
}

#[test]
fn the_totals_of_the_manifest_are_those_of_the_tables() {
    let sandbox = Sandbox::with(example());
    let published = sandbox.run(&["--as-of", "2025-03-31"]);
    let (manifest, customers, quality) =
        (published.manifest(), published.table("customers"), published.table("quality"));
    let total = |key: &str| manifest["totals"][key].as_i64().unwrap();
    assert_eq!(total("customers"), customers.height() as i64);
    assert_eq!(total("orders"), integers(&customers, "orders").iter().sum::<i64>());
    // One row is a return.
    assert_eq!(total("rows_used"), integers(&customers, "transactions").iter().sum::<i64>() + 1);
    assert_eq!(i128::from(total("revenue_minor_units")), minor(&customers, "revenue").iter().sum::<i128>());
    assert_eq!(total("rows_in"), integers(&quality, "rows").iter().sum::<i64>());
    assert_eq!(total("rows_in"), total("rows_used") + total("rows_rejected"));
    assert_eq!(manifest["as_of"], "2025-03-31");
    for entry in manifest["tables"].as_array().unwrap() {
        let table = published.table(entry["name"].as_str().unwrap());
        assert_eq!(entry["rows"], table.height() as u64);
        assert_eq!(entry["columns"], table.width() as u64);
        assert_eq!(entry["bytes"], fs::metadata(published.path.join(entry["file"].as_str().unwrap())).unwrap().len());
    }
    let stages = manifest["stages"].as_array().unwrap();
    assert!(stages.iter().all(|stage| stage["seconds"].as_f64().unwrap() >= 0.0) && !stages.is_empty());
}

#[test]
fn breaks_of_an_earlier_run_give_the_same_scores_again() {
    for method in ["quantile", "r-rfm"] {
        let sandbox = Sandbox::with(example());
        let first = sandbox.run(&["--as-of", "2025-03-31", "--method", method]);
        let saved = sandbox.root().join("former.json");
        fs::copy(first.path.join("manifest.json"), &saved).unwrap();
        let before = first.bytes();
        let frozen = format!("score.breaks_from={}", saved.display());
        let mut again = sandbox.run(&["--as-of", "2025-03-31", "--method", method, "--set", &frozen]).bytes();
        assert!(again.remove("drift.parquet").is_some(), "the one table that frozen breaks add");
        assert!(before == again, "{method}: the same customers with the same breaks");
    }
}

#[test]
fn frozen_breaks_do_not_move_with_the_customers() {
    let sandbox = Sandbox::with(example());
    let first = sandbox.run(&["--as-of", "2025-03-31"]);
    let saved = sandbox.root().join("former.json");
    fs::copy(first.path.join("manifest.json"), &saved).unwrap();
    let frozen = format!("score.breaks_from={}", saved.display());
    // A year later every customer's last order is 365 days older: more than the last cut, 216.8.
    let later = sandbox.run(&["--as-of", "2026-03-31", "--set", &frozen]);
    let scores = integers(&later.table("customers"), "r_score");
    // Customer 2 bought on 2025-04-01, 364 days before; all are beyond every cut.
    assert_eq!(scores, [1; 10]);
    let bounds = later.table("score_bounds");
    let thresholds: Vec<f64> = floats(&bounds, "upper_threshold")
        .into_iter()
        .zip(texts(&bounds, "axis"))
        .filter(|t| t.1 == "recency_days")
        .map(|t| t.0)
        .collect();
    assert!(thresholds[0].is_nan());
    assert_eq!(thresholds[1..], [216.8, 126.6, 66.4, 26.0]);
}

#[test]
fn ntile_has_no_breaks_to_freeze() {
    let sandbox = Sandbox::with(example());
    let first = sandbox.run(&["--as-of", "2025-03-31"]);
    let frozen = format!("score.breaks_from={}", first.path.join("manifest.json").display());
    let ran = sandbox.try_run(&["--as-of", "2025-03-31", "--method", "ntile", "--set", &frozen]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("ntile"), "{}", ran.stderr);
}
