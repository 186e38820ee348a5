//! Customers without an order in the window: their scores, segments, cells and nulls, worked by hand.

use serde_json::{Value, json};

use crate::support::{Published, Sandbox, floats, integers, minor, orders, texts};

/// The window begins on 2 January 2024. Customer 1 bought before it, and 5, who has a credit note of 12.00 in it. 2 has two
/// orders of 10.00 in it, 3 one of 40.00, 4 four of 5.00.
fn five() -> Sandbox {
    Sandbox::with(orders(&[
        (1, 11, "2023-06-01", 100.0),
        (2, 21, "2024-03-01", 10.0),
        (2, 22, "2024-12-01", 10.0),
        (3, 31, "2024-06-01", 40.0),
        (4, 41, "2024-10-01", 5.0),
        (4, 42, "2024-10-02", 5.0),
        (4, 43, "2024-10-03", 5.0),
        (4, 44, "2024-10-04", 5.0),
        (5, 51, "2023-01-01", 30.0),
        (5, 52, "2024-05-01", -12.0),
    ]))
}

const YEAR: [&str; 4] = ["--as-of", "2024-12-31", "--window-days", "365"];

fn run(sandbox: &Sandbox, args: &[&str]) -> Published {
    sandbox.run(&[&YEAR[..], args].concat())
}

#[test]
fn scores_are_learned_from_buyers_and_recency_from_all() {
    let customers = run(&five(), &[]).table("customers");
    assert_eq!(integers(&customers, "recency_days"), [579, 30, 213, 88, 730]);
    assert_eq!(integers(&customers, "orders"), [0, 2, 1, 4, 0]);
    assert_eq!(minor(&customers, "revenue"), [0, 2_000, 4_000, 2_000, -1_200]);
    // numpy.quantile of 30 88 213 579 730: 76.4 163 359.4 609.2; of 1 2 4 orders: 1.4 1.8 2.4 3.2; of 20 20 40: 20 20 24 32
    assert_eq!(texts(&customers, "cell"), ["211", "531", "315", "451", "111"]);
    // of 0 0 1 2 4: 0 .6 1.4 2.4
    let all = run(&five(), &["--set", "score.learn_from=all"]).table("customers");
    assert_eq!(integers(&all, "f_score"), [1, 4, 3, 5, 1]);
    let equal = ["--set", "score.frequency.method=ntile", "--set", "score.frequency.bins=3", "--map", "abc"];
    assert_eq!(integers(&run(&five(), &equal).table("customers"), "f_score"), [1, 2, 1, 3, 1]);
}

#[test]
fn who_has_no_order_has_no_average_and_no_largest_one() {
    let published = run(&five(), &[]);
    let customers = published.table("customers");
    assert_eq!(texts(&customers, "average_order_value")[0], "-");
    let average = floats(&customers, "average_order_value");
    assert!(average[0].is_nan() && average[4].is_nan(), "{average:?}");
    assert_eq!(average[1..4], [10.0, 40.0, 5.0]);
    assert_eq!(customers.column("largest_order").unwrap().null_count(), 2);
    let segments = published.table("segments");
    let place = texts(&segments, "segment").iter().position(|segment| segment == "hibernating").unwrap();
    assert_eq!(integers(&segments, "customers")[place], 2);
    assert!(floats(&segments, "average_order_value")[place].is_nan());
    assert!(floats(&segments, "median_orders")[place].abs() < 1e-12);
    // Scores of an average are of those who have one, and its bounds, too.
    let args = ["--set", "score.monetary.measure=average_order_value"];
    let by_average = run(&five(), &args);
    assert_eq!(integers(&by_average.table("customers"), "m_score"), [1, 3, 5, 1, 1]);
    let bounds = by_average.table("score_bounds");
    let axes = texts(&bounds, "axis");
    let lowest = axes.iter().position(|axis| axis == "average_order_value").unwrap();
    assert_eq!((integers(&bounds, "customers")[lowest], floats(&bounds, "lowest_value")[lowest]), (3, 5.0));
}

#[test]
fn they_are_the_last_five_cells_of_the_grid() {
    let published = run(&five(), &[]);
    assert_eq!(integers(&published.table("customers"), "grid_cell"), [30, 16, 24, 7, 30]);
    let grid = published.table("grid");
    assert_eq!(grid.height(), 30);
    assert_eq!(texts(&grid, "orders_band")[25..], ["0"; 5].map(str::to_owned));
    assert_eq!((integers(&grid, "customers")[29], minor(&grid, "revenue")[29]), (2, -1_200));
    assert!(floats(&grid, "average_order_value")[29].is_nan());
    let as_map = run(&five(), &["--map", "grid25"]);
    assert_eq!(texts(&as_map.table("customers"), "segment")[0], "cell_30");
    assert!(texts(&as_map.table("dim_segment"), "segment").contains(&"cell_26".to_owned()));
    // Where everybody has an order, or nobody can lack one, there are the 25.
    for args in
        [&["--as-of", "2024-12-31"][..], &[&YEAR[..], &["--set", "dates.window_applies_to=everything"]].concat()]
    {
        let plain = five().run(&[args, &["--map", "grid25"]].concat());
        assert_eq!(plain.table("grid").height(), 25);
        assert!(!texts(&plain.table("dim_segment"), "segment").contains(&"cell_26".to_owned()));
    }
}

#[test]
fn they_are_low_in_the_octants_of_buyers() {
    let published = run(&five(), &["--map", "octants"]);
    let octants = published.table("octants");
    // 328 days of all; 7/3 orders and 80/3 of money of the three buyers
    assert!((floats(&octants, "recency_threshold")[0] - 328.0).abs() < 1e-12);
    assert!((floats(&octants, "frequency_threshold")[0] - 7.0 / 3.0).abs() < 1e-12);
    assert!((floats(&octants, "monetary_threshold")[0] - 80.0 / 3.0).abs() < 1e-12);
    let customers = published.table("customers");
    assert_eq!(texts(&customers, "octant"), ["000", "100", "101", "110", "000"]);
    assert_eq!(texts(&customers, "cell"), ["111", "211", "212", "221", "111"], "the map takes the same thresholds");
}

#[test]
fn the_weighted_value_is_on_the_scale_of_buyers() {
    let value = ["--set", "score.composites.columns=weighted_value", "--set", "score.value.measures=orders"];
    let close = |published: &Published, expected: [f64; 5]| {
        let found = floats(&published.table("customers"), "weighted_value");
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
    };
    close(&run(&five(), &value), [0.0, 1.0 / 3.0, 0.0, 1.0, 0.0]);
    // of three buyers: none, one and two are worse; the others come last
    let ranks = [&value[..], &["--set", "score.value.standardise=rank"]].concat();
    close(&run(&five(), &ranks), [0.0, 0.5, 0.0, 1.0, 0.0]);
    // who has no largest order stands at the smallest one
    let largest = ["--set", "score.composites.columns=weighted_value", "--set", "score.value.measures=largest_order"];
    let largest = [&largest[..], &["--set", "score.value.standardise=min-max", "--set", "kmeans.clusters=2"]].concat();
    let published = run(&five(), &largest);
    close(&published, [0.0, 1.0 / 7.0, 1.0, 0.0, 0.0]);
    assert_eq!(integers(&published.table("customers"), "cluster"), [2, 2, 1, 2, 2]);
    // the mean of the largest orders is of those who have one: (10 + 5) / 2
    assert_eq!(floats(&published.table("clusters"), "mean_largest_order"), [40.0, 7.5]);
}

#[test]
fn the_life_cycle_looks_at_all_days() {
    // Since 2022, 1080 days in four gaps, the last time 15 days ago: one order in the last 30 days, and no new customer.
    let days = ["2022-01-01", "2023-06-01", "2024-09-27", "2024-11-06", "2024-12-16"];
    let mut rows: Vec<(i64, i64, &str, f64)> = (1..).zip(days).map(|(number, day)| (1, number, day, 30.0)).collect();
    rows.extend([(2, 21, "2024-12-10", 5.0), (3, 31, "2024-10-01", 5.0), (3, 32, "2024-11-15", 5.0)]);
    let sandbox = Sandbox::with(orders(&rows));
    let args = ["--as-of", "2024-12-31", "--window-days", "30", "--map", "lifecycle"];
    let published = sandbox.run(&args);
    let customers = published.table("customers");
    assert_eq!(integers(&customers, "orders"), [1, 1, 0]);
    assert_eq!(integers(&customers, "orders_ever"), [5, 1, 2]);
    assert_eq!(integers(&customers, "purchase_days_ever"), [5, 1, 2]);
    // 3: silent for 46 days after a gap of 45: 102.2 percent
    assert_eq!(texts(&customers, "segment"), ["active", "new", "growing"]);
    let marketing = sandbox.run(&[&args[..4], &["--map", "marketing8"]].concat()).table("customers");
    assert_ne!(texts(&marketing, "segment")[0], "new", "a customer since 2022");
    assert_eq!(texts(&marketing, "segment")[1], "new");
    let published = sandbox.run(&args);
    let census =
        sandbox.command(&["lint-map", "lifecycle", "--data", published.path.to_str().unwrap(), "--format", "json"]);
    let census: Value = serde_json::from_str(&census.stdout).unwrap_or_else(|_| panic!("{}", census.stderr));
    let counts: Vec<(&str, u64)> = census["data"]["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| (found["segment"].as_str().unwrap(), found["customers"].as_u64().unwrap()))
        .filter(|(_, customers)| *customers > 0)
        .collect();
    assert_eq!(counts, [("new", 1), ("growing", 1), ("active", 1)]);
}

#[test]
fn nested_groups_put_them_apart() {
    let axes: String = ["recency", "frequency", "monetary"]
        .map(|axis| format!("[score.{axis}]\nmethod = \"ntile\"\nbins = 2\n"))
        .concat();
    let sandbox = five();
    let settings = format!("[score]\ncombination = \"nested\"\n[segment]\nmap = \"abc\"\n{axes}");
    std::fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    // By days 730 579 213 | 88 30: of the first three only customer 3 has an order; of the last two, 2 orders and 4.
    let customers = run(&sandbox, &[]).table("customers");
    assert_eq!(integers(&customers, "r_score"), [1, 2, 1, 2, 1]);
    assert_eq!(integers(&customers, "f_score"), [1, 1, 1, 2, 1]);
    assert_eq!(integers(&customers, "m_score"), [1; 5]);
}

#[test]
fn explain_tells_of_them_what_there_is() {
    let sandbox = five();
    let plain = [&["explain", "1", "--input", "in"][..], &YEAR].concat();
    let ran = sandbox.command(&[&plain[..], &["--format", "json"]].concat());
    let story: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let measures = &story["standing"]["measures"];
    assert_eq!((&measures["orders"], &measures["average_order_value"]), (&json!(0), &Value::Null));
    assert_eq!(story["standing"]["grid_cell"], 30);
    assert_eq!(story["standing"]["grid_bands"], "361+ days, 0 orders");
    // One order like those of all: 80.00 less 12.00 of 7 orders are 9.71.
    let more = &story["standing"]["next"]["one_more_order"];
    assert_eq!((&more["value"], &more["f_score"]), (&json!(9.71), &json!(1)));
    let text = sandbox.command(&plain);
    assert!(text.stdout.contains("0.00; no order in the window"), "{}{}", text.stdout, text.stderr);
}

/// The window holds no order at all: everybody is low in F and M.
#[test]
fn a_window_without_any_order_is_no_fault() {
    let sandbox = Sandbox::with(orders(&[(1, 1, "2024-01-01", 10.0), (2, 2, "2024-03-01", 5.0)]));
    let customers = sandbox.run(&["--as-of", "2024-12-31", "--window-days", "30"]).table("customers");
    assert_eq!(texts(&customers, "cell"), ["111", "511"]);
    // Of 365 and 305 days the mean is 335.
    assert_eq!(texts(&customers, "octant"), ["000", "100"]);
}
