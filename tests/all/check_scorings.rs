//! `check` and the summary of `run`, with further scorings, clusters and predictions.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Ran, Sandbox, orders};

/// One order per customer, 1, 2, ..: all on one day, with these amounts.
fn paying(amounts: &[f64]) -> Sandbox {
    let rows: Vec<(i64, i64, &str, f64)> =
        (1..).zip(amounts).map(|(id, amount)| (id, id, "2025-01-01", *amount)).collect();
    Sandbox::with(orders(&rows))
}

fn settings(sandbox: &Sandbox, text: &str) {
    fs::write(sandbox.root().join("rfmetrics.toml"), text).unwrap();
}

fn ran_with(sandbox: &Sandbox, command: &str, more: &[&str]) -> Ran {
    let words = [command, "--input", "in", "--output", "out", "--as-of", "2025-01-31"];
    sandbox.command(&[&words[..], more].concat())
}

const SCORINGS: &str = "
[kmeans]
clusters = 2
[[scoring]]
name = \"mean\"
segment.map = \"abc\"
score.monetary = { method = \"mean\", bins = 2 }
kmeans.clusters = \"\"
[[scoring]]
name = \"tiers\"
segment.map = \"three_tier\"
score.value.preset = \"rfmt\"
kmeans.choose_up_to = 4
";

#[test]
fn check_shows_what_each_further_scoring_has_of_its_own_and_what_is_predicted() {
    let sandbox = paying(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    settings(&sandbox, &format!("[predict]\nmodel = \"auto\"\nhorizons = [6]\nholdout_days = 9\n{SCORINGS}"));
    let ran = ran_with(&sandbox, "check", &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let from = lines.iter().position(|line| line.starts_with("scoring")).unwrap();
    let expected = [
        "scoring   `mean`, as `main` but for",
        "  score   monetary: `revenue` by mean in 2, thresholds learned from the data",
        "  map     map `abc`, 3 segments, no gap: ABC classes by share of revenue",
        "  kmeans  none",
        "scoring   `tiers`, as `main` but for",
        "  map     map `three_tier`, 3 segments, no gap: Three tiers by the weighted value",
        "  kmeans  2 to 4, the number by silhouette, by k-means over `recency_days`, `orders`, `average_order_value`, \
         `largest_order`, centres learned from the data",
        "predict   `auto` fitted on all purchases up to the analysis date, 6 months ahead; checked on the last 9 days",
    ];
    assert_eq!(lines[from..from + expected.len()], expected, "{}", ran.stdout);
    assert!(!ran.stdout.contains("is read"), "everything rides on one read: {}", ran.stdout);
    assert!(ran.stdout.contains("clusters  2 by k-means over `recency_days`, `orders`, `revenue`"), "{}", ran.stdout);

    settings(&sandbox, "[[scoring]]\nname = \"same\"\n");
    let same = ran_with(&sandbox, "check", &[]).stdout;
    assert!(same.contains("scoring   `same`, as `main`\n"), "{same}");
    settings(&sandbox, &format!("[predict]\nmodel = \"auto\"\nhorizons = [6]\nholdout_days = 9\n{SCORINGS}"));
    let report: Value =
        serde_json::from_str(&ran_with(&sandbox, "run", &["--dry-run", "--format", "json"]).stdout).unwrap();
    let names: Vec<&Value> = report["scorings"].as_array().unwrap().iter().map(|scoring| &scoring["name"]).collect();
    assert_eq!(names, ["mean", "tiers"]);
    let value = &report["scorings"][1]["scores"][3];
    assert_eq!((&value["axis"], &value["bins"]), (&json!("value"), &json!(5)));
    assert_eq!(report["scorings"][0]["scores"][2]["method"], "mean");
    assert_eq!(report["predictions"]["horizons"], json!(["6_months"]));
    assert_eq!(report["reads"], json!(["customers"]));
}

#[test]
fn without_any_of_it_nothing_is_shown_of_it() {
    let sandbox = paying(&[1.0, 2.0]);
    let text = ran_with(&sandbox, "check", &[]).stdout;
    assert!(!text.contains("scoring") && !text.contains("predict") && !text.contains("is read"), "{text}");
    let summary = ran_with(&sandbox, "run", &[]).stdout;
    assert!(!summary.contains("scoring") && !summary.contains("clusters"), "{summary}");
}

#[test]
fn check_lists_everything_wrong_with_all_scorings_at_once_and_the_run_ends_so_before_it_reads() {
    let sandbox = paying(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    settings(&sandbox, "[[scoring]]\nname = \"tiers\"\nsegment.map = \"three_tier\"\n");
    assert_eq!(ran_with(&sandbox, "run", &[]).code, 0);
    fs::copy(sandbox.output().join("as_of=2025-01-31/manifest.json"), sandbox.root().join("kept.json")).unwrap();
    // The earlier run had neither clusters nor a value of these measures, and no scoring `other`.
    let frozen = "[score]\nbreaks_from = \"kept.json\"\n[kmeans]\nclusters = 2\n[[scoring]]\nname = \"tiers\"\n\
        segment.map = \"three_tier\"\nscore.value.measures = [\"orders\"]\nkmeans.clusters = \"\"\n\
        [[scoring]]\nname = \"other\"\nscore.recency.bins = 4\nkmeans.clusters = \"\"\n";
    settings(&sandbox, frozen);
    let ran = ran_with(&sandbox, "check", &[]);
    assert_eq!(ran.code, 2);
    for problem in [
        "has no breaks of the value score",
        "has no clusters",
        "the loaded scale of the weighted value does not fit this run",
        "the measures differ",
        "in the scoring `tiers`",
        "`kept.json` holds no breaks of the scoring `other`",
        "it is made for 5 bins of r, this run has 4",
        "in the scoring `other`",
    ] {
        assert!(ran.stderr.contains(problem), "`{problem}` is not in\n{}", ran.stderr);
    }
    // A file that no reader can decode behind its footer: a run that refuses the settings has not read it.
    settings(&sandbox, "[score]\nbreaks_from = \"kept.json\"\n[kmeans]\nclusters = 2\n");
    let ran = ran_with(&sandbox, "run", &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("has no breaks of the value score"), "{}", ran.stderr);
    let models = "[predict]\nparams_from = \"kept.json\"\n";
    settings(&sandbox, models);
    let ran = ran_with(&sandbox, "check", &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("`predict.params_from`: `kept.json` holds no models"), "{}", ran.stderr);
}

/// Mean 20: one customer of five is above it. The measures of `main` are recency, orders and revenue, of which only revenue
/// differs: two clusters are the one of 90 and the rest.
#[test]
fn the_summary_has_a_line_for_each_further_scoring_and_for_clusters() {
    let sandbox = paying(&[1.0, 2.0, 3.0, 4.0, 90.0]);
    let rich = "name = \"rich\"\nbins = { m = 2 }\n\
        [[segments]]\nkey = \"rich\"\nname_en = \"Rich\"\n[[segments]]\nkey = \"rest\"\nname_en = \"Rest\"\n\
        [[rules]]\nsegment = \"rich\"\nm = 2\n[[rules]]\nsegment = \"rest\"\nm = 1\n";
    fs::write(sandbox.root().join("rich.toml"), rich).unwrap();
    settings(&sandbox, &SCORINGS.replace("\"abc\"", "\"rich.toml\"").replace("kmeans.choose_up_to = 4", ""));
    let summary = ran_with(&sandbox, "run", &[]).stdout;
    for line in ["clusters: no. 2 4 (80.0%), no. 1 1 (20.0%)", "scoring mean, map rich: rest 4 (80.0%), rich 1 (20.0%)"]
    {
        assert!(summary.lines().any(|found| found == line), "`{line}` is not in\n{summary}");
    }
    assert!(summary.lines().any(|line| line.starts_with("scoring tiers, map three_tier: ")), "{summary}");
}
