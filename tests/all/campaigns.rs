//! Campaigns through the binary: rates of former campaigns and of models, orders as responses, lists, pseudonyms, threads.

use std::fs;
use std::path::Path;

use polars::prelude::*;

use crate::support::{Published, Ran, Sandbox, dates, floats, frame, integers, orders, shop, texts};

/// A campaign command, which must succeed.
pub fn campaign(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let ran = sandbox.command(&[&["--quiet", "campaign"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

/// The same, and what it published.
pub fn published(sandbox: &Sandbox, args: &[&str]) -> Published {
    let ran = campaign(sandbox, args);
    sandbox.at(Path::new(ran.stdout.lines().last().unwrap()))
}

/// Six customers with one order each on the same day, of 60.00 down to 10.00.
pub fn six() -> Sandbox {
    let rows: Vec<(i64, i64, &str, f64)> =
        (1..=6).map(|id| (id, id, "2026-01-01", f64::from(70 - 10 * id as i32))).collect();
    let sandbox = Sandbox::with(orders(&rows));
    sandbox.run(&["--as-of", "2026-01-31"]);
    sandbox
}

const RUN: &str = "out/as_of=2026-01-31";

fn targets(published: &Published) -> Vec<i64> {
    let table = published.table("targets");
    let groups = texts(&table, "group");
    integers(&table, "customer_id")
        .into_iter()
        .zip(groups)
        .filter(|(_, group)| group == "target")
        .map(|(id, _)| id)
        .collect()
}

/// A table of ids with dates and amounts.
fn rows(sandbox: &Sandbox, name: &str, ids: &[i64], days: &[&str], amounts: &[f64]) {
    let columns =
        vec![Column::new("customer_id".into(), ids), dates("date", days), Column::new("amount".into(), amounts)];
    sandbox.file(&format!("../{name}"), frame(columns));
}

const FIXED: [&str; 6] = ["--response-rate", "0.5", "--cost", "1", "--profit", "10"];

#[test]
fn nobody_is_contacted_twice_within_the_days_and_the_control_was_not_contacted() {
    let sandbox = six();
    rows(&sandbox, "contacts.parquet", &[1, 2, 3], &["2026-01-31", "2026-01-21", "2026-01-20"], &[0.0; 3]);
    let select =
        |name: &str, more: &[&str]| published(&sandbox, &[&["select", RUN, "--name", name][..], &FIXED, more].concat());
    // On 2026-01-31, ten days back is 2026-01-21: customer 3 was contacted eleven days ago.
    let late = select("late", &["--contacted", "contacts.parquet", "--contacted-within-days", "10"]);
    assert_eq!(targets(&late), [3, 4, 5, 6]);
    let later =
        select("later", &["--contacted", "contacts.parquet", "--contacted-within-days", "10", "--on", "2026-02-05"]);
    assert_eq!(targets(&later), [2, 3, 4, 5, 6]);
    // A campaign as a list of contacts: its control may be contacted.
    let first = select("first", &["--control-share", "0.5"]);
    let contacted = targets(&first);
    assert!(!contacted.is_empty() && contacted.len() < 6, "{contacted:?}");
    let next = select("next", &["--contacted", first.path.to_str().unwrap(), "--on", "2026-02-28"]);
    let others: Vec<i64> = (1..=6).filter(|id| !contacted.contains(id)).collect();
    assert_eq!(targets(&next), others);
    let after = select("after", &["--contacted", first.path.to_str().unwrap(), "--on", "2026-03-31"]);
    assert_eq!(targets(&after).len(), 6, "59 days later");
}

#[test]
fn lists_say_who_may_be_contacted_and_who_may_not() {
    let sandbox = six();
    rows(&sandbox, "consent.parquet", &[1, 2, 3, 99], &["2026-01-01"; 4], &[0.0; 4]);
    fs::write(sandbox.root().join("no.txt"), "2\r\n\n").unwrap();
    let args = ["select", RUN, "--name", "a", "--consent", "consent.parquet", "--blocked", "no.txt"];
    let chosen = published(&sandbox, &[&args[..], &FIXED].concat());
    assert_eq!(targets(&chosen), [1, 3]);
    let excluded = chosen.manifest()["account"]["excluded"].clone();
    let counts =
        |index: usize| ["ids", "matched", "unmatched", "left_out"].map(|key| excluded[index][key].as_u64().unwrap());
    assert_eq!((counts(0), counts(1)), ([4, 3, 1, 3], [1, 1, 0, 1]));
    let segment = &texts(&chosen.table("targets"), "segment")[0];
    let none = sandbox.command(&[
        "campaign",
        "select",
        RUN,
        "--name",
        "b",
        "--segment",
        segment,
        "--where",
        "revenue > 1000",
        "--response-rate",
        "0.5",
        "--cost",
        "1",
        "--profit",
        "10",
    ]);
    assert_eq!(none.code, 4, "{}", none.stderr);
    assert!(none.stderr.contains("nobody is left who could be contacted"), "{}", none.stderr);
}

/// Of 6 contacts at 1.00, 3 respond on one day or another: the orders of 2026-02-01 and 2026-03-02 (30 days) are responses, those of the
/// day of contact and of 2026-03-03 are not; two orders of customer 2 are one responder with 12.00.
#[test]
fn orders_after_the_day_of_contact_are_responses() {
    let sandbox = six();
    published(&sandbox, &[&["select", RUN, "--name", "spring"][..], &FIXED].concat());
    let later = [
        (1, 101, "2026-02-01", 20.0),
        (2, 102, "2026-02-10", 7.0),
        (2, 103, "2026-02-11", 5.0),
        (3, 104, "2026-03-02", 3.0),
        (4, 105, "2026-03-03", 9.0),
        (5, 106, "2026-01-31", 9.0),
        (77, 107, "2026-02-02", 9.0),
    ];
    sandbox.file("later.parquet", orders(&later));
    let result = published(&sandbox, &["evaluate", "out/campaigns/spring", "--input", "in"]);
    assert!(result.path.ends_with("out/campaigns/spring-results"));
    let table = result.table("campaign_results");
    assert_eq!((integers(&table, "contacts")[0], integers(&table, "responders")[0]), (6, 3));
    assert_eq!(texts(&table, "revenue")[0], "35.00");
    // 3 * 10.00 - 6 * 1.00, by the profit that the selection was made with.
    assert!((floats(&table, "profit")[0] - 24.0).abs() < 1e-12);
    let account = result.manifest()["account"]["campaigns"][0].clone();
    assert_eq!((account["matched"].as_u64(), account["of_nobody_in_the_campaign"].as_u64()), (Some(3), Some(1)));
    let early = published(
        &sandbox,
        &["evaluate", "out/campaigns/spring", "--input", "in", "--response-days", "90", "--name", "early"],
    );
    assert_eq!(early.manifest()["warning_details"][0]["code"], "window_not_over");
    assert_eq!(integers(&early.table("campaign_results"), "responders")[0], 4);
}

/// Two cells of the former campaign, 20 of 100 and 2 of 100 responders: rates (alpha + k) / (alpha + beta + n), as scipy's maximum of the
/// beta-binomial likelihood gives them. Its control of 50 had 2 responders: of 11% of the targets 4% would have come anyway.
#[test]
fn former_campaigns_tell_rates_and_what_the_contact_causes() {
    let sandbox = six();
    let run = sandbox.at(Path::new(RUN));
    let cells = texts(&run.table("customers"), "cell");
    let mut distinct = cells.clone();
    distinct.dedup();
    assert!(distinct.len() >= 2, "{cells:?}");
    let trial = published(&sandbox, &[&["select", RUN, "--name", "trial"][..], &FIXED].concat());
    let _former = published(&sandbox, &["evaluate", trial.path.to_str().unwrap(), "--input", "in", "--name", "former"]);
    // The figures are replaced by larger ones.
    let by = ["campaign", "cell", "cell"];
    let group = ["trial", &distinct[0], &distinct[1]];
    let table =
        df!("group_by" => by, "group" => group, "contacts" => [200_i64, 100, 100], "responders" => [22_i64, 20, 2],
        "control_customers" => [50_i64, 0, 0], "control_responders" => [2_i64, 0, 0])
        .unwrap();
    sandbox.file("../out/campaigns/former/campaign_results.parquet", table);
    let chosen = published(
        &sandbox,
        &["select", RUN, "--name", "next", "--former", "former", "--cost", "0.1", "--profit", "10"],
    );
    let rates = chosen.manifest()["rates"].clone();
    let (alpha, beta) = (rates["alpha"].as_f64().unwrap(), rates["beta"].as_f64().unwrap());
    // scipy.optimize.minimize (1.17.1, Nelder-Mead).
    assert!((alpha / ALPHA - 1.0).abs() < 1e-4 && (beta / BETA - 1.0).abs() < 1e-4, "{alpha} {beta}");
    let share = chosen.manifest()["totals"]["incremental_share"].as_f64().unwrap();
    assert!((share - (0.11 - 0.04) / 0.11).abs() < 1e-12);
    let table = chosen.table("targets");
    let expected: Vec<f64> = texts(&table, "cell")
        .iter()
        .map(|cell| {
            let (k, n) = if *cell == distinct[0] {
                (20.0, 100.0)
            } else if *cell == distinct[1] {
                (2.0, 100.0)
            } else {
                (0.0, 0.0)
            };
            (alpha + k) / (alpha + beta + n)
        })
        .collect();
    for (found, expected) in floats(&table, "expected_response").into_iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12);
    }
}

const ALPHA: f64 = 1.062_947_35;
const BETA: f64 = 8.736_627_98;

/// The key hashes ids of lists as those of the input; without it, plain ids are refused.
#[test]
fn lists_go_through_the_same_hash_as_the_published_ids() {
    let sandbox = six();
    fs::write(sandbox.root().join("key"), "0123456789abcdef").unwrap();
    let key = sandbox.root().join("key");
    sandbox.run(&["--as-of", "2026-01-31", "--hash-ids", "--hash-key-file", key.to_str().unwrap()]);
    fs::write(sandbox.root().join("no.txt"), "1\n2\n").unwrap();
    let args = [&["select", RUN, "--name", "a", "--blocked", "no.txt"][..], &FIXED].concat();
    let refused = sandbox.command(&[&["campaign"], &args[..]].concat());
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("pseudonyms") && refused.stderr.contains("--hash-key-file"), "{}", refused.stderr);
    let chosen = published(&sandbox, &[&args[..], &["--hash-key-file", "key"]].concat());
    let ids = texts(&chosen.table("targets"), "customer_id");
    assert!(ids.len() == 4 && ids.iter().all(|id| id.len() == 64), "{ids:?}");
    assert_eq!(chosen.manifest()["account"]["excluded"][0]["matched"], 2);
    // Pseudonyms need no key.
    fs::write(sandbox.root().join("hashed.txt"), &ids[0]).unwrap();
    let fewer = published(&sandbox, &[&["select", RUN, "--name", "b", "--blocked", "hashed.txt"][..], &FIXED].concat());
    assert_eq!(texts(&fewer.table("targets"), "customer_id").len(), 5);
    rows(&sandbox, "answers.parquet", &[3], &["2026-02-01"], &[1.0]);
    let result = published(
        &sandbox,
        &["evaluate", chosen.path.to_str().unwrap(), "--responses", "answers.parquet", "--hash-key-file", "key"],
    );
    assert_eq!(integers(&result.table("campaign_results"), "responders")[0], 1);
    let result = published(
        &sandbox,
        &["evaluate", chosen.path.to_str().unwrap(), "--input", "in", "--hash-key-file", "key", "--name", "orders"],
    );
    assert_eq!(integers(&result.table("campaign_results"), "contacts")[0], 4);
}

#[test]
fn another_key_holds_back_others_and_is_a_warning() {
    let sandbox = six();
    fs::write(sandbox.root().join("key"), "other").unwrap();
    let select = |name: &str, more: &[&str]| {
        let args = [&["select", RUN, "--name", name, "--control-share", "0.4"][..], &FIXED, more].concat();
        published(&sandbox, &args)
    };
    let codes = |published: &Published| published.warning_codes();
    assert!(codes(&select("a", &[])).is_empty());
    assert!(codes(&select("b", &[])).is_empty(), "the same key");
    assert!(codes(&select("c", &["--control-key-file", "key"])).contains(&"control_key_differs".to_owned()));
}

/// A shop with models: the probability of a purchase in 30 days is between 0 and 1, and larger for whoever is expected to buy more.
#[test]
fn a_model_tells_the_probability_of_a_purchase() {
    let sandbox = Sandbox::with(shop());
    let run = sandbox.run(&["--as-of", "2023-12-10", "--predict", "auto", "--set", "predict.model_inputs=true"]);
    let path = run.path.to_str().unwrap();
    let args = ["select", path, "--name", "m", "--rate-source", "model", "--cost", "0.01", "--profit", "10"];
    let refused = sandbox.command(&[&["campaign"], &args[..]].concat());
    assert!(refused.code == 2 && refused.stderr.contains("campaign.incremental_share"), "{}", refused.stderr);
    let chosen = published(&sandbox, &[&args[..], &["--incremental-share", "0.5"]].concat());
    let responses = floats(&chosen.table("targets"), "expected_response");
    assert!(responses.len() > 100 && responses.iter().all(|share| (0.0..1.0).contains(share)));
    assert!(responses.windows(2).all(|pair| pair[0] >= pair[1]), "by rank");
    assert_eq!(chosen.warning_codes(), ["rates_without_campaign"]);
}

#[test]
fn the_same_bytes_whatever_the_threads() {
    let sandbox = Sandbox::with(shop());
    let run = sandbox.run(&["--as-of", "2023-11-10"]);
    let path = run.path.to_str().unwrap();
    let all = |threads: &str| {
        let common = ["--replace", "--threads", threads];
        let select = [
            "select",
            path,
            "--name",
            "s",
            "--response-rate",
            "0.2",
            "--cost",
            "0.3",
            "--cost-by",
            "segment",
            "--cost-of",
            "champions=0.5",
            "--profit",
            "10",
            "--max-cost",
            "20",
            "--max-contacts",
            "70",
            "--control-share",
            "0.2",
            "--where",
            "revenue > 5",
        ];
        let chosen = published(&sandbox, &[&select[..], &common].concat());
        let evaluate = ["evaluate", chosen.path.to_str().unwrap(), "--input", "in", "--name", "r"];
        let result = published(&sandbox, &[&evaluate[..], &common].concat());
        let csv = fs::read(chosen.path.join("targets.csv")).unwrap();
        (chosen.bytes(), csv, result.bytes())
    };
    let one = all("1");
    for threads in ["2", "7"] {
        assert!(all(threads) == one, "{threads} threads");
    }
}
