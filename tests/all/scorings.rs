//! Nested scores, several scorings in one run, frozen breaks and their drift: through the binary, by hand.

use crate::support::{Published, Sandbox, floats, integers, orders, texts};

/// One order per customer, 1, 2, ..: all on one day, with these amounts.
fn paying(amounts: &[f64]) -> Sandbox {
    let rows: Vec<(i64, i64, &str, f64)> =
        (1..).zip(amounts).map(|(id, amount)| (id, id, "2025-01-01", *amount)).collect();
    Sandbox::with(orders(&rows))
}

fn with_settings(sandbox: &Sandbox, settings: &str) -> Published {
    write_settings(sandbox, settings);
    sandbox.run(&["--as-of", "2025-01-31"])
}

fn write_settings(sandbox: &Sandbox, settings: &str) {
    std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
}

fn close(found: &[f64], expected: &[f64]) {
    let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12 || (a.is_nan() && b.is_nan()));
    assert!(near && found.len() == expected.len(), "{found:?}, expected {expected:?}");
}

/// Nine and eight days of silence with two orders and one, two days and one day with four and five.
fn four() -> Sandbox {
    let orders_of = [(1, 2, "2025-01-22"), (2, 1, "2025-01-23"), (3, 4, "2025-01-29"), (4, 5, "2025-01-30")];
    let rows = orders_of.iter().flat_map(|&(id, count, date)| (0..count).map(move |n| (id, id * 10 + n, date, 1.0)));
    Sandbox::with(orders(&rows.collect::<Vec<_>>()))
}

const NTILE_2: [&str; 3] = ["recency", "frequency", "monetary"];

fn nested_settings() -> String {
    let axis = |name: &str| format!("[score.{name}]\nmethod = \"ntile\"\nbins = 2\n");
    format!("[score]\ncombination = \"nested\"\n{}", NTILE_2.map(axis).concat())
}

#[test]
fn frequency_is_scored_inside_each_recency_group_where_scores_are_nested() {
    let sandbox = four();
    let published = with_settings(&sandbox, &format!("[segment]\nmap = \"abc\"\n{}", nested_settings()));
    let customers = published.table("customers");
    assert_eq!(integers(&customers, "r_score"), [1, 1, 2, 2]);
    // Two orders are many among the lapsed, four are few among the recent.
    assert_eq!(integers(&customers, "f_score"), [2, 1, 1, 2]);
    // Each of the four cells so far has one customer, who is in the first part of it.
    assert_eq!(texts(&customers, "cell"), ["121", "111", "211", "221"]);
    assert!(published.manifest()["breaks"].as_array().unwrap().is_empty(), "nested scores have no breaks");
    let thresholds = floats(&published.table("score_bounds"), "upper_threshold");
    assert!(thresholds.iter().all(|threshold| threshold.is_nan()));
    let message = sandbox.command(&["explain", "--input", "in", "--as-of", "2025-01-31", "2"]);
    assert!(message.stdout.contains("nested scores have no thresholds"), "{}{}", message.stdout, message.stderr);
}

#[test]
fn a_map_for_independent_scores_is_refused_with_nested_ones_and_one_for_nested_is_accepted() {
    let sandbox = four();
    write_settings(&sandbox, &nested_settings().replace("bins = 2", "bins = 5"));
    let ran = sandbox.try_run(&["--as-of", "2025-01-31"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("it is made for independent scores, this run has nested ones"), "{}", ran.stderr);
    assert!(ran.stderr.contains("`abc`, `lifecycle` or `grid25`"), "{}", ran.stderr);
    let own = "name = \"mine\"\ncombination = \"nested\"\nbins = { r = 2, f = 2 }\notherwise = \"rest\"\n\
               [[segments]]\nkey = \"best\"\nname_en = \"Best\"\n[[segments]]\nkey = \"rest\"\nname_en = \"Rest\"\n\
               [[rules]]\nsegment = \"best\"\nr = 2\nf = 2\n";
    std::fs::write(sandbox.root().join("mine.toml"), own).unwrap();
    let published = with_settings(&sandbox, &format!("[segment]\nmap = \"mine.toml\"\n{}", nested_settings()));
    assert_eq!(texts(&published.table("customers"), "segment"), ["rest", "rest", "rest", "best"]);
    assert_eq!(published.manifest()["notes"]["segments_without_customers"], serde_json::json!([]));
}

#[test]
fn nested_scores_are_of_equal_groups_and_cannot_be_frozen() {
    let sandbox = four();
    for (settings, message) in [
        (
            "[score]\ncombination = \"nested\"\nrecency.method = \"r-rfm\"\n",
            "expected `ntile` or `quantile`, because `score.combination` is `nested`",
        ),
        ("[score]\ncombination = \"nested\"\nbreaks_from = \"m.json\"\n", "`nested`, which has no breaks"),
    ] {
        write_settings(&sandbox, settings);
        let ran = sandbox.try_run(&[]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
    }
}

/// Two groups by the monetary score of two bins.
const RICH: &str = "name = \"rich\"\nbins = { m = 2 }\n\
    [[segments]]\nkey = \"rich\"\nname_en = \"Rich\"\n[[segments]]\nkey = \"rest\"\nname_en = \"Rest\"\n\
    [[rules]]\nsegment = \"rich\"\nm = 2\n[[rules]]\nsegment = \"rest\"\nm = 1\n";

const THREE_SCORINGS: &str = "
[[scoring]]
name = \"mean\"
segment.map = \"rich.toml\"
score.monetary = { method = \"mean\", bins = 2 }
[[scoring]]
name = \"median\"
segment.map = \"rich.toml\"
score.monetary = { method = \"median\", bins = 2 }
";

fn three_scorings() -> Sandbox {
    let sandbox = paying(&[1.0, 2.0, 3.0, 4.0, 90.0]);
    std::fs::write(sandbox.root().join("rich.toml"), RICH).unwrap();
    sandbox
}

#[test]
fn several_scorings_are_side_by_side_in_one_run() {
    let sandbox = three_scorings();
    let published = with_settings(&sandbox, THREE_SCORINGS);
    let scorings = published.table("scorings");
    let names = texts(&scorings, "scoring");
    assert_eq!(names.len(), 15);
    assert!(names.is_sorted() && names[0] == "main" && names[5] == "mean" && names[10] == "median");
    assert_eq!(integers(&scorings, "customer_id"), [1, 2, 3, 4, 5].repeat(3));
    // Mean 20, median 3; the run's own scoring is by quintiles.
    let scores = integers(&scorings, "m_score");
    assert_eq!(scores, [1, 2, 3, 4, 5, 1, 1, 1, 1, 2, 1, 1, 1, 2, 2]);
    let segments = texts(&scorings, "segment");
    assert_eq!(segments[5..], ["rest", "rest", "rest", "rest", "rich", "rest", "rest", "rest", "rich", "rich"]);
    assert_eq!(segments[..5], texts(&published.table("customers"), "segment")[..]);
    assert_eq!(scores[..5], integers(&published.table("customers"), "m_score")[..]);

    let by_segment = published.table("scoring_segments");
    assert_eq!(texts(&by_segment, "scoring")[1..], ["mean", "mean", "median", "median"]);
    assert_eq!(texts(&by_segment, "segment")[1..], ["rest", "rich", "rest", "rich"]);
    let empty = published.manifest()["notes"]["segments_without_customers"].as_array().unwrap().len();
    assert_eq!(
        empty, 9,
        "all are equally recent and frequent, so that one of the ten segments of `main` has customers"
    );
    assert_eq!(integers(&by_segment, "customers"), [5, 4, 1, 3, 2]);
    close(&floats(&by_segment, "revenue_share")[1..], &[0.1, 0.9, 0.06, 0.94]);

    let bounds = published.table("scoring_bounds");
    assert_eq!(bounds.height(), 15 + 12 + 12, "three axes of five bins, and twice two of five and one of two");
    let maps = texts(&published.table("dim_segment"), "map");
    assert!(
        maps.contains(&"rich".to_owned()) && maps.contains(&"rf25".to_owned()) && maps.contains(&"octants".to_owned())
    );
    let learned = &published.manifest()["scorings"];
    assert_eq!((&learned[0]["name"], &learned[1]["name"]), (&"mean".into(), &"median".into()));
    assert_eq!(learned[0]["breaks"][2]["thresholds"], serde_json::json!([20.0]));
}

#[test]
fn stability_shows_who_changes_between_two_scorings() {
    let published = with_settings(&three_scorings(), THREE_SCORINGS);
    let summary = published.table("stability_summary");
    assert_eq!(texts(&summary, "scoring_a"), ["main", "main", "mean"]);
    assert_eq!(texts(&summary, "scoring_b"), ["mean", "median", "median"]);
    // Only the customer of 4 is in another group; the maps of `main` and of the others differ.
    assert_eq!(texts(&summary, "changed_customers"), ["-", "-", "1"]);
    close(&floats(&summary, "changed_share"), &[f64::NAN, f64::NAN, 0.2]);
    // Pairs together in both 3, in the first 6, in the second 3 + 1 = 4, of 10: (3 - 2.4) / (5 - 2.4).
    close(&floats(&summary, "adjusted_rand_index")[2..], &[0.6 / 2.6]);
    let stability = published.table("stability");
    let last: Vec<String> = (texts(&stability, "scoring_a").iter().zip(texts(&stability, "segment_a")))
        .zip(texts(&stability, "segment_b").iter().zip(integers(&stability, "customers")))
        .filter(|((a, _), _)| *a == "mean")
        .map(|((_, a), (b, customers))| format!("{a} {b} {customers}"))
        .collect();
    assert_eq!(last, ["rest rest 3", "rest rich 1", "rich rich 1"]);
    let of_a = floats(&stability, "share_of_segment_a");
    close(&of_a[of_a.len() - 3..], &[0.75, 0.25, 1.0]);
}

#[test]
fn further_scorings_leave_the_other_tables_as_they_are_and_do_not_depend_on_threads_or_files() {
    let sandbox = three_scorings();
    let alone = sandbox.run(&["--as-of", "2025-01-31"]).bytes();
    let beside = with_settings(&sandbox, THREE_SCORINGS).bytes();
    for (name, bytes) in alone.iter().filter(|(name, _)| *name != "dim_segment.parquet") {
        assert_eq!(beside[name], *bytes, "{name}");
    }
    assert_eq!(beside.len(), alone.len() + 5);
    let split = three_scorings();
    std::fs::remove_file(split.input().join("a.parquet")).unwrap();
    split.file("b.parquet", orders(&[(5, 5, "2025-01-01", 90.0), (3, 3, "2025-01-01", 3.0)]));
    split.file("c.parquet", orders(&[(4, 4, "2025-01-01", 4.0), (2, 2, "2025-01-01", 2.0), (1, 1, "2025-01-01", 1.0)]));
    write_settings(&split, THREE_SCORINGS);
    assert!(split.run(&["--as-of", "2025-01-31", "--threads", "1"]).bytes() == beside);
}

#[test]
fn wrong_scorings_are_reported_with_their_name_and_line() {
    let sandbox = three_scorings();
    for (settings, message) in [
        (
            "[[scoring]]\nname = \"x\"\nscore.recency.bins = 1\n",
            "scoring `x`: `score.recency.bins`: found `1`, expected 2 to 100",
        ),
        ("[[scoring]]\nname = \"x\"\nscore.recency.bin = 4\n", "did you mean `score.recency.bins`?"),
        ("[[scoring]]\nname = \"main\"\n", "this is that of the run's own scoring"),
        ("[[scoring]]\nscore.recency.bins = 4\n", "missing field `name`"),
        ("[[scoring]]\nname = \"x\"\ninput.paths = [\"y\"]\n", "unknown field `input`"),
        ("[[scoring]]\nname = \"x\"\nscore.recency.bins = 4\n", "it is made for 5 bins of r, this run has 4"),
        (
            "[[scoring]]\nname = \"x\"\nscore.combination = \"nested\"\nscore.recency.method = \"r-rfm\"\n",
            "expected `ntile` or `quantile`, because `score.combination`",
        ),
    ] {
        write_settings(&sandbox, settings);
        let ran = sandbox.try_run(&["--as-of", "2025-01-31"]);
        assert_eq!(ran.code, 2, "{settings}: {}", ran.stderr);
        assert!(ran.stderr.contains(message), "{settings}: {}", ran.stderr);
    }
}

#[test]
fn two_maps_of_one_name_must_be_one() {
    let sandbox = three_scorings();
    std::fs::write(sandbox.root().join("poor.toml"), RICH.replace("Rest", "Poor")).unwrap();
    write_settings(&sandbox, &THREE_SCORINGS.replacen("rich.toml", "poor.toml", 1));
    let ran = sandbox.try_run(&["--as-of", "2025-01-31"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("two segment maps of the scorings are called `rich`"), "{}", ran.stderr);
}

/// `a.parquet` replaced by one order per customer of these amounts.
fn pay_again(sandbox: &Sandbox, amounts: std::ops::RangeInclusive<i64>) {
    let rows: Vec<(i64, i64, &str, f64)> =
        (1..).zip(amounts).map(|(id, amount)| (id, id, "2025-01-01", amount as f64)).collect();
    sandbox.file("a.parquet", orders(&rows));
}

const BY_MEDIAN: &str = "[score.monetary]\nmethod = \"median\"\nbins = 2\n";

#[test]
fn drift_shows_how_far_an_axis_has_moved_and_who_would_score_differently_with_fresh_breaks() {
    let sandbox = Sandbox::new();
    let further = "[[scoring]]\nname = \"wide\"\nscore.monetary = { method = \"uniform\", bins = 2 }\n";
    pay_again(&sandbox, 1..=10);
    let settings = format!("{BY_MEDIAN}{further}");
    let first = with_settings(&sandbox, &settings);
    assert!(!first.bytes().contains_key("drift.parquet"), "without frozen breaks there is no drift");
    let kept = sandbox.root().join("kept.json");
    std::fs::copy(first.path.join("manifest.json"), &kept).unwrap();
    pay_again(&sandbox, 3..=12);
    let settings = format!("[score]\nbreaks_from = \"kept.json\"\n{settings}");
    let second = with_settings(&sandbox, &settings);
    let drift = second.table("drift");
    assert_eq!(texts(&drift, "scoring"), ["main", "main", "main", "wide", "wide", "wide"]);
    assert_eq!(texts(&drift, "axis"), ["orders", "recency_days", "revenue"].repeat(2));
    // Cut at 5.5 five and five were, three and seven are: (.3 - .5) ln(.3 / .5) + (.7 - .5) ln(.7 / .5). The equal width
    // of 1 to 10 is cut at 5.5, too. Fresh cuts are at 7.5: the customers of 6 and 7 would change.
    let index = -0.2 * 0.6_f64.ln() + 0.2 * 1.4_f64.ln();
    close(&floats(&drift, "population_stability_index"), &[0.0, 0.0, index, 0.0, 0.0, index]);
    assert_eq!(integers(&drift, "changed_customers"), [0, 0, 2, 0, 0, 2]);
    close(&floats(&drift, "changed_share")[2..3], &[0.2]);
    assert_eq!(integers(&drift, "customers_then"), [10; 6]);
    assert_eq!(integers(&second.table("customers"), "m_score").iter().filter(|score| **score == 2).count(), 7);
}

#[test]
fn an_axis_or_a_scoring_that_the_earlier_run_lacked_is_refused_and_not_silently_learned_again() {
    let sandbox = paying(&[1.0, 2.0, 3.0]);
    let first = with_settings(&sandbox, "[score.frequency]\nmethod = \"ntile\"\n");
    std::fs::copy(first.path.join("manifest.json"), sandbox.root().join("kept.json")).unwrap();
    let frozen = "[score]\nbreaks_from = \"kept.json\"\n";
    let further = "[score.frequency]\nmethod = \"ntile\"\n[[scoring]]\nname = \"new\"\nscore = { frequency.method = \"quantile\", breaks_from = \"kept.json\" }\n";
    for (settings, message) in
        [(frozen, "has no breaks of the frequency score"), (further, "holds no breaks of the scoring `new`")]
    {
        write_settings(&sandbox, settings);
        let ran = sandbox.try_run(&["--as-of", "2025-01-31"]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
    }
}
