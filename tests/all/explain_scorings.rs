//! `explain` through the binary, for the weighted value and further scorings: it agrees with the published tables.

use std::fs;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::support::{Published, Sandbox, floats, integers, orders, shop, texts};

/// The first 25 customers of the shop.
fn few() -> DataFrame {
    let rows = shop();
    let first: BooleanChunked = integers(&rows, "customer_id").iter().map(|id| *id < 25).collect();
    rows.filter(&first).unwrap()
}

fn story(sandbox: &Sandbox, as_of: &str, customer: i64) -> Value {
    let customer = customer.to_string();
    let ran = sandbox.command(&["explain", &customer, "--input", "in", "--as-of", as_of, "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str::<Value>(&ran.stdout).unwrap()["standing"].clone()
}

fn with_settings(sandbox: &Sandbox, as_of: &str, settings: &str) -> Published {
    fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    sandbox.run(&["--as-of", as_of])
}

/// The thresholds of an axis as the manifest has them; none where it has no breaks for it.
fn thresholds(learned: &Value, axis: &str) -> Option<Vec<f64>> {
    let breaks = learned["breaks"].as_array().unwrap().iter().find(|breaks| breaks["axis"] == axis)?;
    Some(serde_json::from_value(breaks["thresholds"].clone()).unwrap())
}

/// The thresholds shown are neighbours in the manifest, with the value between them.
fn check_thresholds(axis: &Value, learned: &Value) {
    let Some(all) = thresholds(learned, axis["axis"].as_str().unwrap()) else {
        assert_eq!(axis["has_thresholds"], false, "{axis}");
        return;
    };
    let value = axis["value"].as_f64().unwrap();
    // A customer exactly on the threshold of `pareto` belongs to the group.
    let is_pareto = learned["name"] == "core" && axis["axis"] == "value";
    let is_below = |threshold: &f64| if is_pareto { *threshold <= value } else { *threshold < value };
    let below = all.iter().filter(|threshold| is_below(threshold)).count();
    assert_eq!(axis["lower_threshold"].as_f64(), below.checked_sub(1).map(|lower| all[lower]), "{axis}");
    assert_eq!(axis["upper_threshold"].as_f64(), all.get(below).copied(), "{axis}");
    let (lowest, highest) = (axis["lowest_value"].as_f64(), axis["highest_value"].as_f64());
    assert!(lowest.is_none_or(|lowest| lowest <= value) && highest.is_none_or(|highest| value <= highest), "{axis}");
}

const VALUE_MAPS: &str = "
[segment]
map = \"three_tier\"
[score.value]
standardise = \"min-max\"
[score.composites]
columns = [\"weighted_value\"]
[kmeans]
clusters = 3
[[scoring]]
name = \"core\"
segment.map = \"core\"
score.value = { method = \"pareto\", bins = 2 }
[[scoring]]
name = \"nested\"
segment.map = \"abc\"
score.combination = \"nested\"
score.recency = { method = \"ntile\", bins = 3 }
score.frequency = { method = \"ntile\", bins = 3 }
score.monetary = { method = \"ntile\", bins = 3 }
kmeans.clusters = \"\"
[[scoring]]
name = \"average\"
segment.map = \"lifecycle\"
score.monetary = { measure = \"average_order_value\", method = \"median\", bins = 2 }
";

#[test]
fn explain_agrees_with_the_published_tables_for_every_customer_and_scoring() {
    let sandbox = Sandbox::with(few());
    let published = with_settings(&sandbox, "2023-12-10", VALUE_MAPS);
    let (customers, scorings, manifest) =
        (published.table("customers"), published.table("scorings"), published.manifest());
    let ids = integers(&customers, "customer_id");
    let names = texts(&scorings, "scoring");
    assert_eq!(names.len(), 4 * ids.len());
    let column = |name: &str| texts(&scorings, name);
    let (cells, segments, clusters) = (column("cell"), column("segment"), column("cluster"));
    let (values, v_scores) = (floats(&scorings, "weighted_value"), column("v_score"));
    let mut tiers = std::collections::BTreeSet::new();
    for (index, id) in ids.iter().enumerate() {
        let standing = story(&sandbox, "2023-12-10", *id);
        let row = |scoring: &str| names.iter().position(|name| name == scoring).unwrap() + index;
        let check = |explained: &Value, scoring: &str, learned: &Value| {
            let row = row(scoring);
            assert_eq!(explained["cell"], cells[row], "{scoring} {id}");
            assert_eq!(explained["segment"]["key"], segments[row], "{scoring} {id}");
            assert_eq!(explained["cluster"].as_i64().map_or("-".into(), |own| own.to_string()), clusters[row]);
            let scores: Vec<String> = (0..3).map(|axis| explained["axes"][axis]["score"].to_string()).collect();
            assert_eq!(scores.concat(), cells[row]);
            (0..3).for_each(|axis| check_thresholds(&explained["axes"][axis], learned));
            match explained["value"].as_object() {
                None => assert_eq!(v_scores[row], "-", "{scoring} {id}"),
                Some(value) => {
                    assert_eq!(value["score"].to_string(), v_scores[row], "{scoring} {id}");
                    assert_eq!(value["value"].as_f64(), Some(values[row]));
                    check_thresholds(&explained["value"], learned);
                }
            }
        };
        check(&standing, "main", &manifest);
        assert_eq!(texts(&customers, "segment")[index], standing["segment"]["key"].as_str().unwrap());
        let further = standing["further_scorings"].as_array().unwrap();
        let explained: Vec<&str> = further.iter().map(|explained| explained["scoring"].as_str().unwrap()).collect();
        assert_eq!(explained, ["core", "nested", "average"], "in the order of the settings");
        for (explained, learned) in further.iter().zip(manifest["scorings"].as_array().unwrap()) {
            check(explained, explained["scoring"].as_str().unwrap(), learned);
        }
        tiers.insert(segments[row("main")].clone() + &segments[row("core")]);
    }
    assert!(tiers.len() >= 3, "several tiers are met: {tiers:?}");
}

/// One order per customer, 1, 2, ..: all on one day, with these amounts.
fn paying(amounts: &[f64]) -> Sandbox {
    let rows: Vec<(i64, i64, &str, f64)> =
        (1..).zip(amounts).map(|(id, amount)| (id, id, "2025-01-01", *amount)).collect();
    Sandbox::with(orders(&rows))
}

/// Revenue 1 to 5 by min-max is 0, 1/4, 1/2, 3/4, 1; the type 7 quantiles of five such values are 0.2, 0.4, 0.6, 0.8. The
/// mean is 3, which is not above itself.
#[test]
fn the_weighted_value_and_a_further_scoring_are_shown_with_their_thresholds() {
    let sandbox = paying(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    let settings = "[segment]\nmap = \"three_tier\"\n[score.value]\nmeasures = [\"revenue\"]\nstandardise = \"min-max\"\n[[scoring]]\nname = \"mean\"\n\
        segment.map = \"abc\"\nscore.monetary = { method = \"mean\", bins = 2 }\n";
    fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    let standing = story(&sandbox, "2025-01-31", 3);
    let value = &standing["value"];
    assert_eq!((&value["axis"], &value["measure"]), (&json!("value"), &json!("weighted_value")));
    assert_eq!((&value["value"], &value["score"], &value["bins"]), (&json!(0.5), &json!(3), &json!(5)));
    let near = |found: &Value, expected: f64| (found.as_f64().unwrap() - expected).abs() < 1e-9;
    assert!(near(&value["lower_threshold"], 0.4) && near(&value["upper_threshold"], 0.6), "{value}");
    assert_eq!(standing["segment"]["key"], "regular");
    // One more order of 3.00 makes 6.00 of this customer: (6 - 1) / 4 on the scale that is held still, first of 18.00.
    assert_eq!(standing["next"]["better_segment"], Value::Null);
    let more = &standing["next"]["one_more_order"];
    assert_eq!((&more["weighted_value"], &more["v_score"], &more["segment"]), (&json!(1.25), &json!(5), &json!("vip")));
    assert_eq!((&more["revenue_rank"], &more["abc_class"], &more["value"]), (&json!(1), &json!("A"), &json!(3.0)));
    let held = json!(["the thresholds", "the orders of all other customers", "the scale of the weighted value"]);
    assert_eq!(more["held_still"], held);
    assert!(standing["next"]["text"].as_str().unwrap().starts_with("the map looks at the weighted value"));
    let mean = &standing["further_scorings"][0];
    let monetary = &mean["axes"][2];
    assert_eq!((&mean["scoring"], &mean["map"], &mean["value"]), (&json!("mean"), &json!("abc"), &Value::Null));
    assert_eq!((&monetary["score"], &monetary["bins"]), (&json!(1), &json!(2)));
    assert_eq!((&monetary["lower_threshold"], &monetary["upper_threshold"]), (&Value::Null, &json!(3.0)));
    assert_eq!((&monetary["highest_value"], &monetary["value"]), (&json!(3.0), &json!(3.0)));
    assert_eq!(mean["segment"]["key"], "a", "5 + 4 of 15 stand before him, which is less than 80%");

    let text = sandbox.command(&["explain", "3", "--input", "in", "--as-of", "2025-01-31"]).stdout;
    for fact in ["weighted_value", "3 of 5", "scoring        mean, by the map abc", "1 of 2", ".. and 3"] {
        assert!(text.contains(fact), "`{fact}` is not in\n{text}");
    }
}
