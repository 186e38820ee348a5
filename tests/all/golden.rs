//! Results of other programs on real data, reproduced through the binary.
//!
//! The data are outside this repository (`../shared/golden`, or `$RFMETRICS_SHARED/golden`); without them these tests
//! say so and pass. `sql`: DuckDB 2.0.0, re-computed with pandas. `rfm_r`: R package rfm 0.3.0. `pyrsm`: pyrsm 1.4.0.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use polars::prelude::{DataFrame, SortMultipleOptions};

use crate::support::{Published, Sandbox, floats, integers, minor, read_parquet, shared, texts};

/// A data set with reference results: how it is read.
struct Case {
    name: &'static str,
    data: &'static str,
    as_of: &'static str,
    /// Decimals of money.
    scale: u32,
    args: &'static [&'static str],
}

const RFM_DATA_ORDERS: Case =
    Case { name: "rfm_data_orders", data: "rfm_data_orders", as_of: "2006-12-31", scale: 0, args: &[] };
const CDNOW_SAMPLE: Case =
    Case { name: "cdnow_sample", data: "cdnow_sample", as_of: "1998-07-01", scale: 2, args: &[] };
const ONLINE_RETAIL_SALES: Case = Case {
    name: "online_retail_sales",
    data: "online_retail",
    as_of: "2011-12-10",
    scale: 3,
    args: &[
        "--column",
        "quantity=quantity",
        "--column",
        "unit_price=unit_price",
        "--filter",
        "customer_id IS NOT NULL AND quantity > 0 AND unit_price > 0 AND order_id NOT LIKE 'C%'",
    ],
};

impl Case {
    fn run(&self, sandbox: &Sandbox, shared: &Path, args: &[&str]) -> Published {
        let input = shared.join(format!("data/{}.parquet", self.data));
        let (output, scale) = (sandbox.output(), self.scale.to_string());
        let mut all = vec!["run", "--quiet", "--input", input.to_str().unwrap(), "--output", output.to_str().unwrap()];
        all.extend(["--as-of", self.as_of, "--money-scale", &scale]);
        all.extend(self.args);
        all.extend(args);
        let ran = sandbox.command(&all);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        sandbox.published(&ran)
    }

    fn units(&self, values: &[f64]) -> Vec<i128> {
        values.iter().map(|value| (value * 10_f64.powi(self.scale as i32)).round() as i128).collect()
    }
}

/// Rows of a CSV file without quoted fields, by name of the column.
fn csv(path: &Path) -> Vec<HashMap<String, String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| names.iter().map(ToString::to_string).zip(line.split(',').map(ToOwned::to_owned)).collect())
        .collect()
}

fn numbers(rows: &[HashMap<String, String>], name: &str) -> Vec<f64> {
    rows.iter().map(|row| row[name].parse().unwrap()).collect()
}

fn counts(rows: &[HashMap<String, String>], name: &str) -> Vec<i64> {
    rows.iter().map(|row| row[name].parse().unwrap()).collect()
}

#[track_caller]
fn assert_close(actual: &[f64], expected: &[f64], relative: f64, what: &str) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    for (row, (a, b)) in actual.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= relative * b.abs().max(1e-300), "{what}, row {row}: {a}, expected {b}");
    }
}

fn thresholds(published: &Published, axis: usize) -> Vec<f64> {
    let manifest = published.manifest();
    let list = manifest["breaks"][axis]["thresholds"].as_array().unwrap();
    list.iter().map(|threshold| threshold.as_f64().unwrap()).collect()
}

/// Per-customer measures, which do not depend on the scores.
fn check_measures(case: &Case, ours: &DataFrame, expected: &DataFrame) {
    assert_eq!(texts(ours, "customer_id"), texts(expected, "customer_id"));
    for (our, their) in [
        ("first_order_date", "first_date"),
        ("last_order_date", "last_date"),
        ("recency_days", "recency_days"),
        ("orders", "frequency_orders"),
        ("purchase_days", "frequency_days"),
        ("grid_cell", "cell25"),
    ] {
        assert_eq!(integers(ours, our), integers(expected, their), "{our}");
    }
    assert_eq!(minor(ours, "revenue"), case.units(&floats(expected, "monetary_total")));
    assert_eq!(minor(ours, "largest_order"), case.units(&floats(expected, "monetary_max_order")));
    assert_close(&floats(ours, "average_order_value"), &floats(expected, "monetary_avg_order"), 1e-9, "average");
    assert_close(&floats(ours, "cumulative_revenue_share"), &floats(expected, "cum_share"), 1e-9, "cumulative share");
    assert_eq!(texts(ours, "abc_class"), texts(expected, "abc"));
    let octants: Vec<String> = integers(expected, "octant").iter().map(|octant| format!("{octant:03b}")).collect();
    assert_eq!(texts(ours, "octant"), octants);
}

fn check_scores(ours: &DataFrame, expected: &DataFrame, kind: &str) {
    for axis in ["r", "f", "m"] {
        let (our, their) = (format!("{axis}_score"), format!("{axis}_{kind}"));
        assert_eq!(integers(ours, &our), integers(expected, &their), "{our} by {kind}");
    }
    let cells: Vec<String> = integers(expected, &format!("rfm_{kind}")).iter().map(ToString::to_string).collect();
    assert_eq!(texts(ours, "cell"), cells);
}

fn check_tables(case: &Case, published: &Published, folder: &Path) {
    let file = |table: &str| csv(&folder.join(format!("{}__{table}.csv", case.name)));
    let (pareto, ours) = (file("pareto"), published.table("pareto"));
    assert_eq!(integers(&ours, "revenue_group"), counts(&pareto, "pareto_decile"));
    assert_eq!(integers(&ours, "customers"), counts(&pareto, "customers"));
    assert_eq!(minor(&ours, "revenue"), case.units(&numbers(&pareto, "revenue")));
    assert_eq!(minor(&ours, "lowest_revenue"), case.units(&numbers(&pareto, "min_monetary")));
    assert_eq!(minor(&ours, "highest_revenue"), case.units(&numbers(&pareto, "max_monetary")));
    assert_close(&floats(&ours, "revenue_share"), &numbers(&pareto, "revenue_share"), 1e-9, "revenue share");
    assert_close(&floats(&ours, "cumulative_revenue_share"), &numbers(&pareto, "cum_revenue_share"), 1e-9, "pareto");

    let (abc, ours) = (file("abc_tab"), published.table("abc"));
    assert_eq!(integers(&ours, "customers"), counts(&abc, "customers"));
    assert_eq!(minor(&ours, "revenue"), case.units(&numbers(&abc, "revenue")));
    assert_close(&floats(&ours, "revenue_share"), &numbers(&abc, "revenue_share"), 1e-9, "abc share");

    for (table, key, their) in [("grid", "grid_cell", "cells25"), ("octants", "octant", "octants")] {
        let ours = published.table(table);
        let keys = texts(&ours, key);
        let theirs = file(their);
        let (customers, revenue) = (integers(&ours, "customers"), minor(&ours, "revenue"));
        let mut found = 0;
        for (row, key) in keys.iter().enumerate() {
            let number = if table == "octants" { i64::from_str_radix(key, 2).unwrap() } else { key.parse().unwrap() };
            let column = if table == "octants" { "octant" } else { "cell25" };
            let theirs = theirs.iter().find(|row| row[column] == number.to_string());
            let expected = theirs.map_or((0, 0), |row| {
                (row["customers"].parse().unwrap(), case.units(&[row["revenue"].parse().unwrap()])[0])
            });
            found += usize::from(theirs.is_some());
            assert_eq!((customers[row], revenue[row]), expected, "{table} {key}");
        }
        assert_eq!(found, theirs.len(), "{table}");
    }

    let cells = published.table("cells");
    let (r, f, customers, revenue) = (
        integers(&cells, "r_score"),
        integers(&cells, "f_score"),
        integers(&cells, "customers"),
        minor(&cells, "revenue"),
    );
    for row in file("rf_grid") {
        let of: Vec<usize> = (0..cells.height())
            .filter(|cell| (r[*cell].to_string(), f[*cell].to_string()) == (row["r_cut"].clone(), row["f_cut"].clone()))
            .collect();
        let sum: i64 = of.iter().map(|cell| customers[*cell]).sum();
        assert_eq!(sum.to_string(), row["customers"], "{row:?}");
        let sum: i128 = of.iter().map(|cell| revenue[*cell]).sum();
        assert_eq!(sum, case.units(&[row["revenue"].parse().unwrap()])[0], "{row:?}");
    }
}

fn check_meta(case: &Case, published: &Published, folder: &Path) {
    let text = fs::read_to_string(folder.join(format!("{}__meta.json", case.name))).unwrap();
    let meta: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (axis, name) in ["recency_days", "frequency_orders", "monetary_total"].into_iter().enumerate() {
        let expected: Vec<f64> =
            meta["quantile_thresholds"][name].as_array().unwrap().iter().map(|t| t.as_f64().unwrap()).collect();
        assert_close(&thresholds(published, axis), &expected, 1e-12, name);
    }
    let totals = published.manifest()["totals"].clone();
    assert_eq!(totals["customers"], meta["customers"]);
    assert_eq!(totals["orders"], meta["order_rows"]);
    let revenue = case.units(&[meta["revenue"].as_f64().unwrap()])[0];
    assert_eq!(i128::from(totals["revenue_minor_units"].as_i64().unwrap()), revenue);
    assert_eq!(totals["last_date"], meta["last_order"]);
    // The reference's top fifth are its first two deciles: as many customers as ours only if both round in the same
    // way.
    let customers = totals["customers"].as_u64().unwrap();
    if 2 * customers.div_ceil(10) == customers.div_ceil(5) {
        let summary = published.table("pareto_summary");
        let at = texts(&summary, "measure").iter().position(|m| m == "revenue_share_of_top_20_percent").unwrap();
        let expected = meta["top20pct_revenue_share"].as_f64().unwrap();
        assert_close(&[floats(&summary, "value")[at]], &[expected], 1e-9, "top 20%");
    }
}

/// One rule: a segment, and the lowest and highest score of R, F and M.
type Rule = (&'static str, [[u32; 2]; 3]);

/// The rules of the vignette of the R package rfm; the first match wins.
const VIGNETTE_10: [Rule; 10] = [
    ("champions", [[5, 5], [5, 5], [5, 5]]),
    ("potential_loyalist", [[3, 5], [3, 5], [2, 5]]),
    ("loyal", [[2, 4], [2, 4], [2, 4]]),
    ("promising", [[3, 4], [1, 3], [3, 5]]),
    ("new", [[4, 5], [1, 3], [1, 5]]),
    ("cannot_lose", [[1, 2], [3, 4], [4, 5]]),
    ("at_risk", [[1, 2], [2, 5], [4, 5]]),
    ("needs_attention", [[1, 3], [3, 5], [3, 5]]),
    ("about_to_sleep", [[2, 3], [1, 3], [1, 4]]),
    ("lost", [[1, 1], [1, 5], [1, 5]]),
];

/// The rules of its tests, except `new`, `promising` and `cannot_lose`: other rules always win over these.
const TEST_10: [Rule; 7] = [
    ("champions", [[4, 5], [4, 5], [4, 5]]),
    ("loyal", [[2, 5], [3, 5], [3, 5]]),
    ("potential_loyalist", [[3, 5], [1, 3], [1, 3]]),
    ("needs_attention", [[2, 3], [2, 3], [2, 3]]),
    ("about_to_sleep", [[2, 3], [1, 2], [1, 2]]),
    ("at_risk", [[1, 2], [2, 5], [2, 5]]),
    ("lost", [[1, 2], [1, 2], [1, 2]]),
];

/// A map of the rules as the user's own file.
fn map_file(sandbox: &Sandbox, rules: &[Rule]) -> String {
    let mut text = "name = \"r_rules\"\nbins = { r = 5, f = 5, m = 5 }\notherwise = \"others\"\n".to_owned();
    for key in rules.iter().map(|rule| rule.0).chain(["others"]) {
        text += &format!("[[segments]]\nkey = \"{key}\"\nname_en = \"{key}\"\n");
    }
    for (key, [r, f, m]) in rules {
        let range = |[low, high]: &[u32; 2]| format!("\"{low}-{high}\"");
        text += &format!("[[rules]]\nsegment = \"{key}\"\nr = {}\nf = {}\nm = {}\n", range(r), range(f), range(m));
    }
    let path = sandbox.root().join("map.toml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The names of the R package's segments as keys.
fn keys_of(names: Vec<String>) -> Vec<String> {
    let key = |name: String| {
        let key = match name.as_str() {
            "Champions" => "champions",
            "Potential Loyalist" => "potential_loyalist",
            "Loyal Customers" => "loyal",
            "Promising" => "promising",
            "New Customers" => "new",
            "Can't Lose Them" => "cannot_lose",
            "At Risk" => "at_risk",
            "Need Attention" => "needs_attention",
            "About To Sleep" => "about_to_sleep",
            "Lost" => "lost",
            "Others" => "others",
            other => panic!("unknown segment {other}"),
        };
        key.to_owned()
    };
    names.into_iter().map(key).collect()
}

const TEN_GROUPS: [&str; 2] = ["--set", "reports.pareto_groups=10"];

fn check_against_sql(case: &Case) {
    let Some(shared) = shared() else { return };
    let folder = shared.join("expected/sql");
    let expected = read_parquet(&folder.join(format!("{}__customers.parquet", case.name)));
    let segments = read_parquet(&folder.join(format!("{}__segments.parquet", case.name)));
    let sandbox = Sandbox::new();
    let vignette = map_file(&sandbox, &VIGNETTE_10);

    let cut = case.run(&sandbox, &shared, &[&TEN_GROUPS[..], &["--map", &vignette]].concat());
    let customers = cut.table("customers");
    check_measures(case, &customers, &expected);
    check_scores(&customers, &expected, "cut");
    check_tables(case, &cut, &folder);
    check_meta(case, &cut, &folder);
    assert_eq!(texts(&segments, "customer_id"), texts(&customers, "customer_id"));
    assert_eq!(texts(&customers, "segment"), keys_of(texts(&segments, "segment_vignette10")));

    let ntile = case.run(&sandbox, &shared, &["--method", "ntile"]);
    let customers = ntile.table("customers");
    check_measures(case, &customers, &expected);
    check_scores(&customers, &expected, "ntile");

    let tests = case.run(&sandbox, &shared, &["--map", &map_file(&sandbox, &TEST_10)]);
    let customers = tests.table("customers");
    assert_eq!(texts(&customers, "segment"), keys_of(texts(&segments, "segment_test10")));
    let summary: Vec<_> = csv(&folder.join(format!("{}__segment_summary.csv", case.name)))
        .into_iter()
        .filter(|row| row["grid"] == "test10")
        .collect();
    let ours = tests.table("segments");
    assert_eq!(texts(&ours, "segment"), keys_of(summary.iter().map(|row| row["segment"].clone()).collect()));
    assert_eq!(integers(&ours, "customers"), counts(&summary, "customers"));
    assert_eq!(integers(&ours, "orders"), counts(&summary, "orders"));
    assert_eq!(minor(&ours, "revenue"), case.units(&numbers(&summary, "revenue")));
    for (our, their) in [
        ("customer_share", "customer_share"),
        ("revenue_share", "revenue_share"),
        ("mean_recency_days", "avg_recency"),
        ("mean_orders", "avg_frequency"),
        ("mean_revenue", "avg_monetary"),
    ] {
        assert_close(&floats(&ours, our), &numbers(&summary, their), 1e-9, our);
    }
}

fn check_against_r(case: &Case, name: &str, args: &[&str]) {
    let Some(shared) = shared() else { return };
    let folder = shared.join("expected/rfm_r");
    // R sorts texts by the rules of a language.
    let expected = read_parquet(&folder.join(format!("{name}__rfm.parquet")));
    let expected = expected.sort(["customer_id"], SortMultipleOptions::default()).unwrap();
    let sandbox = Sandbox::new();
    let map = map_file(&sandbox, &VIGNETTE_10);
    let published = case.run(&sandbox, &shared, &[args, &["--map", &map]].concat());
    let ours = published.table("customers");
    assert_eq!(texts(&ours, "customer_id"), texts(&expected, "customer_id"));
    assert_eq!(integers(&ours, "recency_days"), integers(&expected, "recency_days"));
    assert_eq!(minor(&ours, "revenue"), case.units(&floats(&expected, "amount")));
    for (our, their) in [("r_score", "recency_score"), ("f_score", "frequency_score"), ("m_score", "monetary_score")] {
        assert_eq!(integers(&ours, our), integers(&expected, their), "{our}");
    }
    let cells: Vec<String> = integers(&expected, "rfm_score").iter().map(ToString::to_string).collect();
    assert_eq!(texts(&ours, "cell"), cells);
    assert_eq!(texts(&ours, "segment"), keys_of(texts(&expected, "segment_vignette10")));
    if name.ends_with("_default") {
        let rows = csv(&folder.join(format!("{name}__threshold.csv")));
        for (axis, column) in ["recency_upper", "frequency_upper", "monetary_upper"].into_iter().enumerate() {
            assert_close(&thresholds(&published, axis), &numbers(&rows[..4], column), 1e-9, column);
        }
    }
}

#[test]
fn rfm_data_orders_as_in_duckdb_2_0_0() {
    check_against_sql(&RFM_DATA_ORDERS);
}

#[test]
fn cdnow_sample_as_in_duckdb_2_0_0() {
    check_against_sql(&CDNOW_SAMPLE);
}

#[test]
fn online_retail_sales_as_in_duckdb_2_0_0() {
    check_against_sql(&ONLINE_RETAIL_SALES);
}

#[test]
fn rfm_data_orders_scores_as_in_r_rfm_0_3_0() {
    check_against_r(&RFM_DATA_ORDERS, "rfm_data_orders_default", &["--method", "r-rfm"]);
}

#[test]
fn cdnow_sample_scores_as_in_r_rfm_0_3_0() {
    check_against_r(&CDNOW_SAMPLE, "cdnow_sample_default", &["--method", "r-rfm"]);
}

/// There R got one row per order: its rows are our orders.
#[test]
fn online_retail_sales_scores_as_in_r_rfm_0_3_0() {
    let args = ["--method", "r-rfm", "--set", "score.frequency.measure=orders"];
    check_against_r(&ONLINE_RETAIL_SALES, "online_retail_sales_default", &args);
}

/// R's intervals are closed on the left: of whole numbers, `t` and more is more than `t - 1`.
#[test]
fn rfm_data_orders_with_own_cuts_as_in_r_rfm_0_3_0() {
    let settings = [
        "score.recency.method=fixed",
        "score.recency.cuts=[114, 180, 296, 481]",
        "score.frequency.method=fixed",
        "score.frequency.cuts=[3, 4, 5, 7]",
        "score.monetary.method=fixed",
        "score.monetary.cuts=[255, 381, 505, 665]",
    ];
    let args: Vec<&str> = settings.into_iter().flat_map(|setting| ["--set", setting]).collect();
    check_against_r(&RFM_DATA_ORDERS, "rfm_data_orders_custom", &args);
}

/// Half of the real file's customers, lines and returns, by the row account of the reference's description.
#[test]
fn online_retail_account_as_its_description_says() {
    let Some(shared) = shared() else { return };
    let sandbox = Sandbox::new();
    let case = Case { args: &[], ..ONLINE_RETAIL_SALES };
    let published = case.run(&sandbox, &shared, &[]);
    let outcomes = published.outcomes();
    assert_eq!(outcomes["null_customer"], 135_080);
    assert_eq!(outcomes["kept"], 541_909 - 135_080);
    let figures = |published: &Published| {
        let totals = published.manifest()["totals"].clone();
        ["customers", "orders"].map(|name| totals[name].as_u64().unwrap())
    };
    // By DuckDB: orders whose lines sum above zero, or to zero without a line below.
    assert_eq!(figures(&published), [4_339, 18_536]);
    let notes = published.manifest()["notes"].clone();
    assert_eq!(notes["customers_without_order"], 33);
    assert_eq!(notes["revenue_without_order_minor_units"], -10_411_240, "-10,411.240");
    // All invoices with a customer: 22,190 orders of 4,372 customers (sums of returns included).
    let literal = Case { args: &["--returns", "literal"], ..ONLINE_RETAIL_SALES }.run(&sandbox, &shared, &[]);
    assert_eq!(figures(&literal), [4_372, 22_190]);
}
