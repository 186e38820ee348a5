//! Clusters through the binary that begin with given centres, and clusters of logarithms.

use std::fs;

use polars::prelude::*;
use serde_json::json;

use crate::rules::{AS_OF, write};
use crate::support::{Sandbox, dates, frame, integers};

/// Six customers of these revenues, one order each.
fn six() -> Sandbox {
    let amounts = [1.0, 2.0, 3.0, 100.0, 110.0, 1_000.0];
    let rows = frame(vec![
        Column::new("customer_id".into(), [1_i64, 2, 3, 4, 5, 6]),
        Column::new("order_id".into(), [1_i64, 2, 3, 4, 5, 6]),
        dates("order_ts", &["2024-06-01"; 6]),
        Column::new("amount".into(), amounts),
    ]);
    Sandbox::with(rows)
}

const BY_REVENUE: &str = "segment.map = 'abc'\nscore.value = { measures = ['revenue'], standardise = 'min-max' }\n";

#[test]
fn clusters_begin_with_the_given_centres_and_can_be_of_logarithms() {
    let sandbox = six();
    let clusters = |kmeans: &str| {
        write(&sandbox, "rfmetrics.toml", &format!("{BY_REVENUE}{kmeans}\n"));
        integers(&sandbox.run(&AS_OF).table("customers"), "cluster")
    };
    // nearer to 0 than to 1000 are all but the last; the means 43.2 and 1000 keep them
    assert_eq!(clusters("kmeans.centres = [[0], [1000]]"), [2, 2, 2, 2, 2, 1]);
    // ln(1 + v): 0.69 1.10 1.39 | 4.62 4.71 6.91, from 0 and 6.91: the means 1.06 and 5.41 keep them
    let logarithms = "kmeans.logarithms = true\nkmeans.centres = [[0], [1000]]";
    assert_eq!(clusters(logarithms), [2, 2, 2, 1, 1, 1]);
    // the same where centres are looked for
    assert_eq!(clusters("kmeans.logarithms = true\nkmeans.clusters = 2"), [2, 2, 2, 1, 1, 1]);
    write(&sandbox, "rfmetrics.toml", &format!("{BY_REVENUE}{logarithms}\n"));
    let manifest = sandbox.run(&AS_OF).manifest();
    let centres: Vec<f64> = manifest["kmeans"]["centroids"]["centers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own[0].as_f64().unwrap())
        .collect();
    let of = |value: f64| (value.ln_1p() - 2_f64.ln()) / (1001_f64.ln() - 2_f64.ln());
    let means = [(of(100.0) + of(110.0) + of(1_000.0)) / 3.0, (of(1.0) + of(2.0) + of(3.0)) / 3.0];
    for (found, expected) in centres.iter().zip(means) {
        assert!((found - expected).abs() < 1e-8, "{centres:?} {means:?}");
    }
    // frozen, with their scale: 60 is nearer to the upper centre, as ln 61 = 4.11 is to 5.41 than to 1.06
    fs::copy(sandbox.run(&AS_OF).path.join("manifest.json"), sandbox.root().join("kept.json")).unwrap();
    sandbox.file(
        "b.parquet",
        frame(vec![
            Column::new("customer_id".into(), [7_i64]),
            Column::new("order_id".into(), [7_i64]),
            dates("order_ts", &["2024-06-01"]),
            Column::new("amount".into(), [60.0]),
        ]),
    );
    let frozen = "score.breaks_from = 'kept.json'\nkmeans.clusters = 2\n";
    assert_eq!(clusters(&format!("{frozen}kmeans.logarithms = true")), [2, 2, 2, 1, 1, 1, 1]);
    write(&sandbox, "rfmetrics.toml", &format!("{BY_REVENUE}{frozen}"));
    let refused = sandbox.try_run(&AS_OF);
    assert!(refused.code == 2 && refused.stderr.contains("set `kmeans.logarithms = true`"), "{}", refused.stderr);
}

#[test]
fn wrong_centres_are_refused_by_check_and_run_and_values_below_zero_are_warned_of() {
    let sandbox = six();
    write(&sandbox, "rfmetrics.toml", &format!("{BY_REVENUE}kmeans.centres = [[1, 2], [3]]\nkmeans.clusters = 3\n"));
    for command in [&["check", "--input", "in"][..], &["run", "--input", "in", "--output", "out"]] {
        let done = sandbox.command(command);
        assert_eq!(done.code, 2, "{}", done.stderr);
        assert!(done.stderr.contains("2 numbers in its centre 1, expected 1: revenue"), "{}", done.stderr);
        assert!(done.stderr.contains("leave out `kmeans.clusters`"), "{}", done.stderr);
    }
    sandbox.file(
        "b.parquet",
        frame(vec![
            Column::new("customer_id".into(), [7_i64]),
            Column::new("order_id".into(), [7_i64]),
            dates("order_ts", &["2024-06-01"]),
            Column::new("amount".into(), [-60.0]),
        ]),
    );
    let settings =
        format!("clean.returns = 'literal'\n{BY_REVENUE}kmeans.logarithms = true\nkmeans.centres = [[0], [50]]\n");
    write(&sandbox, "rfmetrics.toml", &settings);
    let published = sandbox.run(&AS_OF);
    let details = published.manifest()["warning_details"].clone();
    let found =
        details.as_array().unwrap().iter().find(|detail| detail["code"] == "logarithms_below_zero").unwrap().clone();
    assert_eq!(found["facts"], json!({"measure": "revenue", "customers": 1}));
    // -60 counts as 0 and is with the small ones
    assert_eq!(integers(&published.table("customers"), "cluster"), [2, 2, 2, 1, 1, 1, 2]);
}
