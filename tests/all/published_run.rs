//! Runs that are read back: by the library, by later runs, by `verify`, and by programs that read their JSON.

use std::fs;
use std::path::Path;

use polars::prelude::Column;
use rfmetrics::PublishedRun;
use rfmetrics::manifest::FORMAT_VERSION;
use serde_json::{Value, json};

use crate::support::{Published, Sandbox, dates, frame, integers, minor, shop};

const AS_OF: [&str; 2] = ["--as-of", "2023-12-10"];

/// Something under every key of the manifest that needs no further table.
const SETTINGS: &str = "\
[score]
frequency.method = \"ntile\"
composites.columns = [\"weighted_value\"]
value.preset = \"rfmt\"
[kmeans]
choose_up_to = 3
[predict]
model = \"bg_nbd\"
holdout_days = 120
[[scoring]]
name = \"three\"
score.recency.bins = 3
segment.map = \"abc\"
kmeans.choose_up_to = \"\"
";

fn published(sandbox: &Sandbox) -> Published {
    let settings = sandbox.root().join("settings.toml");
    fs::write(&settings, SETTINGS).unwrap();
    sandbox.run(&[&AS_OF[..], &["--config", settings.to_str().unwrap()]].concat())
}

fn detail_texts(details: &Value) -> Vec<&str> {
    details.as_array().unwrap().iter().map(|detail| detail["text"].as_str().unwrap()).collect()
}

#[test]
fn a_published_run_is_read_back_whole_and_part_by_part() {
    let sandbox = Sandbox::with(shop());
    let published = published(&sandbox);
    let run = PublishedRun::open(&published.path).unwrap();
    let manifest = run.manifest().unwrap();
    assert_eq!(manifest.to_json().unwrap(), published.manifest(), "what is read is what was written");
    assert_eq!(manifest.format_version, FORMAT_VERSION);
    assert_eq!((run.as_of().unwrap(), run.totals().unwrap()), (manifest.as_of, manifest.totals.clone()));
    assert_eq!((run.settings().unwrap(), run.tables().unwrap()), (manifest.config.clone(), manifest.tables.clone()));
    assert_eq!(run.learned("main").unwrap().unwrap(), manifest.learned);
    assert_eq!(run.learned("three").unwrap().unwrap(), manifest.scorings[0].learned);
    assert_eq!(run.models().unwrap(), manifest.predictions.map(|predictions| predictions.models));
    assert_eq!(run.settings().unwrap().kmeans.choose_up_to, Some(3));
}

#[test]
fn a_table_is_read_a_few_columns_at_a_time() {
    let sandbox = Sandbox::with(shop());
    let published = sandbox.run(&AS_OF);
    let run = PublishedRun::open(&published.path).unwrap();
    let table = run.table("customers").unwrap();
    let (mut ids, mut revenue) = (Vec::new(), Vec::new());
    let mut names = 0;
    table
        .for_each_slice(&["customer_id", "revenue"], |slice| {
            ids.extend(integers(slice, "customer_id"));
            revenue.extend(minor(slice, "revenue"));
            names = slice.width();
            Ok(())
        })
        .unwrap();
    let all = published.table("customers");
    assert_eq!((names, table.rows(), ids), (2, all.height(), integers(&all, "customer_id")));
    assert_eq!(revenue.iter().sum::<i128>(), i128::from(run.totals().unwrap().revenue_minor_units.unwrap()));
}

#[test]
fn warnings_have_their_codes_in_the_manifest_the_answer_and_the_log() {
    let sandbox = Sandbox::with(shop());
    let published = published(&sandbox);
    let manifest = published.manifest();
    let details = &manifest["warning_details"];
    assert_eq!(json!(detail_texts(details)), manifest["warnings"]);
    // 300 customers, few of whom share no number of orders: ntile splits ties in both scorings; a twentieth is returned.
    let codes: Vec<(&str, &Value)> = details
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| (detail["code"].as_str().unwrap(), &detail["facts"]["scoring"]))
        .collect();
    let expected = [("split_ties", Value::Null), ("split_ties", json!("three")), ("returns_deducted", Value::Null)];
    for (code, scoring) in &expected {
        assert!(codes.contains(&(*code, scoring)), "{code} in {codes:?}");
    }
    let returns = details.as_array().unwrap().iter().find(|detail| detail["code"] == "returns_deducted").unwrap();
    assert_eq!(returns["facts"]["orders"], manifest["notes"]["returns"]);
    let run = PublishedRun::open(&published.path).unwrap();
    for detail in run.warnings().unwrap() {
        assert_eq!(detail.warning().unwrap().to_string(), detail.text, "the facts make the sentence");
    }

    let settings = sandbox.root().join("settings.toml");
    let json_streams = ["--format", "json", "--log-format", "json", "--config", settings.to_str().unwrap()];
    let ran = sandbox.try_run(&[&AS_OF[..], &json_streams].concat());
    let answer: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&answer["warning_details"], &answer["warnings"]), (details, &manifest["warnings"]));
    // Without `--quiet` as well: log collectors read no summary.
    let input = sandbox.input();
    let loud = ["run", "--input", input.to_str().unwrap(), "--output", "out", "--log-format", "json"];
    let ran = sandbox.command(&[&loud[..], &AS_OF, &["--config", settings.to_str().unwrap()]].concat());
    let lines: Vec<Value> = ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let logged: Vec<(&Value, &Value)> =
        lines.iter().filter(|line| !line["code"].is_null()).map(|line| (&line["code"], &line["message"])).collect();
    let expected: Vec<(&Value, &Value)> =
        details.as_array().unwrap().iter().map(|detail| (&detail["code"], &detail["text"])).collect();
    assert_eq!(logged, expected);
}

/// Three of four ids are null, which is too much; a filter may leave out just these rows.
#[test]
fn a_check_gives_the_code_of_what_only_rows_can_tell() {
    let ids = Column::new("customer_id".into(), [None, None, Some(1_i64), None]);
    let days = dates("order_ts", &["2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04"]);
    let sandbox = Sandbox::with(frame(vec![ids, days, Column::new("amount".into(), [1.0, 2.0, 3.0, 4.0])]));
    let input = sandbox.input();
    let check = ["check", "--input", input.to_str().unwrap(), "--filter", "amount > 2", "--format", "json"];
    let ran = sandbox.command(&check);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let details = report["warning_details"].as_array().unwrap();
    assert_eq!((details.len(), &details[0]["code"]), (1, &json!("run_may_stop")), "{}", ran.stdout);
    assert_eq!(json!(detail_texts(&report["warning_details"])), report["warnings"]);
}

/// A manifest from before versions, in the places where settings take one.
#[test]
fn a_run_from_before_versions_can_be_taken_over() {
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests/format_0.json");
    let (breaks, models) =
        (format!("score.breaks_from={}", old.display()), format!("predict.params_from={}", old.display()));
    let sandbox = Sandbox::with(shop());
    let published = sandbox.run(&[&AS_OF[..], &["--set", &breaks, "--set", &models]].concat());
    let old: Value = serde_json::from_slice(&fs::read(&old).unwrap()).unwrap();
    let manifest = published.manifest();
    // The old run also cut the weighted value, which this one does not make.
    assert_eq!(manifest["breaks"].as_array().unwrap(), &old["breaks"].as_array().unwrap()[..3]);
    for model in ["purchases", "spending"] {
        assert_eq!(manifest["predictions"][model], old["predictions"][model]);
    }
}

#[test]
fn a_manifest_of_a_later_format_is_refused_by_whoever_reads_it() {
    let sandbox = Sandbox::with(shop());
    let published = sandbox.run(&AS_OF);
    let path = published.path.join("manifest.json");
    let mut manifest = published.manifest();
    manifest["format_version"] = json!(FORMAT_VERSION + 1);
    fs::write(&path, manifest.to_string()).unwrap();
    let newer = "its format version is 2, and this rfmetrics reads versions up to 1";
    let directory = published.path.to_str().unwrap();
    for setting in ["score.breaks_from", "predict.params_from"] {
        let ran = sandbox.try_run(&["--as-of", "2023-12-09", "--set", &format!("{setting}={directory}")]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.starts_with(&format!("error: `{setting}`: `{directory}` was written by a newer rfmetrics")));
        assert!(ran.stderr.contains(newer), "{}", ran.stderr);
    }
    let lint = sandbox.command(&["lint-map", "rf25", "--data", directory]);
    assert_eq!(lint.code, 2);
    assert!(lint.stderr.contains("was written by a newer rfmetrics") && lint.stderr.contains(newer), "{}", lint.stderr);
    let verify = sandbox.command(&["verify", directory]);
    assert_eq!(verify.code, 6);
    assert!(verify.stderr.contains(newer), "{}", verify.stderr);
    let again = sandbox.try_run(&AS_OF);
    assert_eq!(again.code, 6, "what a newer program published is not replaced");
    assert!(again.stderr.contains("cannot be replaced") && again.stderr.contains(newer), "{}", again.stderr);
}
