//! Scoring methods and shipped maps through the binary, on numbers that can be checked by hand.

use rfmetrics::segment;

use crate::support::{Published, Sandbox, integers, orders, texts};

/// One order per customer, 1, 2, ..: all on one day, with these amounts.
fn paying(amounts: &[f64]) -> Sandbox {
    let rows: Vec<(i64, i64, &str, f64)> =
        (1..).zip(amounts).map(|(id, amount)| (id, id, "2025-01-01", *amount)).collect();
    Sandbox::with(orders(&rows))
}

fn monetary(sandbox: &Sandbox, method: &str, bins: &str, more: &[&str]) -> Published {
    let (method, bins) = (format!("score.monetary.method={method}"), format!("score.monetary.bins={bins}"));
    sandbox.run(&[&["--as-of", "2025-01-31", "--set", &method, "--set", &bins][..], more].concat())
}

fn scores(published: &Published) -> Vec<i64> {
    integers(&published.table("customers"), "m_score")
}

#[test]
fn one_large_customer_moves_the_mean_and_not_the_median() {
    // Mean (1 + 2 + 3 + 4 + 90) / 5 = 20, median 3.
    let sandbox = paying(&[1.0, 2.0, 3.0, 4.0, 90.0]);
    assert_eq!(scores(&monetary(&sandbox, "mean", "2", &[])), [1, 1, 1, 1, 2]);
    assert_eq!(scores(&monetary(&sandbox, "median", "2", &[])), [1, 1, 1, 2, 2]);
    // Four bins of (90 - 1) / 4 = 22.25: all but the last are in the first.
    assert_eq!(scores(&monetary(&sandbox, "uniform", "4", &[])), [1, 1, 1, 1, 4]);
}

#[test]
fn the_best_who_hold_a_share_of_revenue_are_one_bin() {
    // Of 100 the best two hold 50 + 30 = 80%; for 85% a third with 10 is needed.
    let sandbox = paying(&[5.0, 50.0, 10.0, 30.0, 5.0]);
    assert_eq!(scores(&monetary(&sandbox, "pareto", "2", &[])), [1, 2, 1, 2, 1]);
    let more = ["--set", "score.monetary.share=0.85"];
    assert_eq!(scores(&monetary(&sandbox, "pareto", "2", &more)), [1, 2, 2, 2, 1]);
}

#[test]
fn breaks_of_the_methods_can_be_loaded_again() {
    let sandbox = paying(&[5.0, 50.0, 10.0, 30.0, 5.0]);
    let methods = [
        ("quantile", "5"),
        ("r-rfm", "5"),
        ("fixed", "3"),
        ("mean", "2"),
        ("median", "2"),
        ("pareto", "2"),
        ("uniform", "3"),
    ];
    for (method, bins) in methods {
        let cuts: &[&str] = if method == "fixed" { &["--set", "score.monetary.cuts=5,20"] } else { &[] };
        let learned = monetary(&sandbox, method, bins, cuts);
        let before = scores(&learned);
        let kept = sandbox.root().join("kept.json");
        std::fs::copy(learned.path.join("manifest.json"), &kept).unwrap();
        let from = format!("score.breaks_from={}", kept.display());
        let again = [cuts, &["--set", &from]].concat();
        assert_eq!(scores(&monetary(&sandbox, method, bins, &again)), before, "{method}");
    }
}

#[test]
fn settings_that_do_not_belong_to_the_method_are_refused_before_anything_is_read() {
    let sandbox = paying(&[1.0, 2.0]);
    let cases = [
        (["score.monetary.method=mean", "score.monetary.bins=5"], "set `bins = 2`"),
        (["score.monetary.method=pareto", "score.monetary.share=80"], "expected a share between 0 and 1"),
        (["score.monetary.method=median", "score.monetary.weight=orders"], "only `mean` and `pareto` use it"),
        (["octants.threshold=given", "octants.recency=30"], "`octants.frequency` is missing"),
        (["score.value.weights=0.5,0.5", "score.value.bins=5"], "has 2 numbers, expected 3"),
    ];
    for ([one, other], message) in cases {
        for command in ["run", "check"] {
            let ran = sandbox.command(&[command, "--input", "in", "--set", one, "--set", other]);
            assert_eq!(ran.code, 2, "{command} {one}: {}", ran.stderr);
            assert!(ran.stderr.contains(message), "{command} {one}: {}", ran.stderr);
        }
    }
}

#[test]
fn octants_have_other_thresholds() {
    // Days 30, 20, 10; orders 1, 2, 3; revenue 10, 20, 90: means 20, 2, 40; medians 20, 2, 20.
    let sandbox = Sandbox::with(orders(&[
        (1, 1, "2025-01-01", 10.0),
        (2, 2, "2025-01-11", 10.0),
        (2, 3, "2025-01-11", 10.0),
        (3, 4, "2025-01-21", 30.0),
        (3, 5, "2025-01-21", 30.0),
        (3, 6, "2025-01-21", 30.0),
    ]));
    let codes = |settings: &[&str]| {
        let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
        texts(&sandbox.run(&[&["--as-of", "2025-01-31"][..], &set].concat()).table("customers"), "octant")
    };
    assert_eq!(codes(&[]), ["000", "000", "111"]);
    assert_eq!(codes(&["octants.threshold=median"]), ["000", "000", "111"]);
    let given = ["octants.threshold=given", "octants.recency=30", "octants.frequency=1", "octants.monetary=20"];
    // Fewer than 30 days, more than one order, more than 20.00.
    assert_eq!(codes(&given), ["000", "110", "111"]);
    // 90 of 120 is 75%: two are needed for 80% of revenue, and of orders 3 + 2 = 5 of 6; by recency, too.
    assert_eq!(codes(&["octants.threshold=pareto"]), ["000", "111", "111"]);
    // Scores by quintiles are 1, 3, 5 on each axis; above their mean of 3 is the last one.
    assert_eq!(codes(&["octants.of=scores"]), ["000", "000", "111"]);
}

#[test]
fn every_shipped_map_names_every_customer() {
    let mut rows = Vec::new();
    for customer in 0..40_i64 {
        for order in 0..=customer % 7 {
            let date = ["2024-03-05", "2024-09-20", "2025-01-02", "2025-05-30", "2025-06-20"]
                [((customer + order) % 5) as usize];
            rows.push((customer, customer * 10 + order, date, (customer * customer % 97 + 1) as f64));
        }
    }
    let sandbox = Sandbox::with(orders(&rows));
    assert!(segment::shipped().len() >= 15);
    for name in segment::shipped() {
        let map = segment::load(name, |_| unreachable!()).unwrap();
        let axes = ["recency", "frequency", "monetary", "value"];
        let settings: Vec<String> = axes
            .iter()
            .zip(map.bins)
            .flat_map(|(axis, bins)| {
                let method = if bins == Some(2) { "mean" } else { "quantile" };
                let bins = bins.unwrap_or(5);
                [format!("score.{axis}.bins={bins}"), format!("score.{axis}.method={method}")]
            })
            .collect();
        let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
        let published = sandbox.run(&[&["--as-of", "2025-06-30", "--map", name][..], &set].concat());
        let keys: Vec<&str> = map.segments.iter().map(|segment| segment.key.as_str()).collect();
        let found = texts(&published.table("customers"), "segment");
        assert!(found.len() == 40 && found.iter().all(|key| keys.contains(&key.as_str())), "{name}: {found:?}");
        assert_eq!(integers(&published.table("segments"), "customers").iter().sum::<i64>(), 40, "{name}");
        let octants = if name == "octants" { 0 } else { 8 };
        let own = map.segments_of_run(false).count();
        assert_eq!(published.table("dim_segment").height(), own + octants, "{name}: the map and the octants");
    }
}

/// One order 31 to 90 days ago is cell 22 of the grid.
#[test]
fn the_grid_as_a_map_has_its_numbers() {
    let sandbox = Sandbox::with(orders(&[(1, 1, "2025-05-01", 5.0), (2, 2, "2025-06-30", 5.0)]));
    let published = sandbox.run(&["--as-of", "2025-06-30", "--map", "grid25"]);
    let customers = published.table("customers");
    assert_eq!(integers(&customers, "grid_cell"), [22, 21]);
    let segments = texts(&customers, "segment");
    assert!(segments[0].contains("22") && segments[1].contains("21"), "{segments:?}");
}
