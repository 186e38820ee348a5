//! The worked examples of the tables on request: the ten customers of `worked`, scored in several ways, a month later, and
//! with what they bought before.
//!
//! The expected tables are in `tests/golden/*.txt`; `tests/golden/scorings.py` and `tests/golden/lifetimes.py` compute
//! them by plain Python: clusters by trying all ways to part ten customers, predictions by integrating over the unknown
//! rates and probabilities instead of the formulas of the papers. `<table>.lifetimes.txt` holds the columns that
//! predictions, profits and social measures add to a table.

use std::fs;

use polars::prelude::*;
use serde_json::json;

use crate::support::{Published, Sandbox, assert_golden_near, day, frame};
use crate::worked::{Row, example, frame_of};

/// The worked examples, by test.
pub const TABLES: [&[&str]; 11] = [
    &["scorings", "scoring_segments", "scoring_bounds", "stability", "stability_summary", "clusters"],
    &["drift"],
    &[
        "customers.lifetimes",
        "customers.models",
        "segments.lifetimes",
        "octants.lifetimes",
        "clv_pareto",
        "model_fit",
        "model_repeats",
        "model_tracking",
        "calibration",
        "calibration_summary",
        "customer_years",
        "planned_ltv",
        "value_map",
    ],
    &["score_groups", "bounds_by_group", "segments_by_group", "pareto_by_group"],
    &["drift_by_group"],
    &["input_quality"],
    &["customers.people", "segments.people", "pareto.people", "grid.people", "octants.people", "abc.people"],
    &["migration", "migration_flows", "migration_customers"],
    &["health", "grid_over_time", "loyalty_ladder", "cohorts"],
    &["alerts", "customers.compared"],
    &["evaluation", "evaluation_rankings", "evaluation_summary"],
];

/// The earlier date is gathered by the run itself; `migration` and the others are as from two published dates.
#[test]
fn a_run_that_compares_is_as_worked_out_with_its_alerts() {
    let sandbox = Sandbox::with(example());
    let settings = "[compare]\nwith = \"2025-02-28\"\nby = [\"segment\", \"octant\"]\ncustomers = true\n\
                    [alerts]\nreasons = [\"score_fell\", \"own_rhythm\"]\n";
    write_settings(&sandbox, settings);
    let published = sandbox.run(&["--as-of", "2025-03-31"]);
    check(&published, TABLES[7]);
    check(&published, TABLES[9]);
}

#[test]
fn what_scores_would_have_told_is_as_worked_out() {
    let sandbox = Sandbox::with(example());
    check(&sandbox.run(&["--as-of", "2025-03-31", "--set", "evaluate.horizon_days=90"]), TABLES[10]);
}

/// Both dates are published by themselves; what moved between them follows from their tables alone.
#[test]
fn who_moved_in_a_month_is_as_worked_out() {
    let sandbox = Sandbox::with(example());
    let then = sandbox.run(&["--as-of", "2025-02-28"]);
    let now = sandbox.run(&["--as-of", "2025-03-31"]);
    fs::remove_dir_all(sandbox.input()).unwrap();
    let (then, now) = (then.path.display().to_string(), now.path.display().to_string());
    let by = ["--by", "segment", "--by", "octant"];
    let ran = sandbox.command(&[&["compare", &then, &now, "--output", "moves", "--customers"][..], &by].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    check(&sandbox.published(&ran), TABLES[7]);
}

#[test]
fn health_the_ladder_and_cohorts_are_as_worked_out() {
    let sandbox = Sandbox::with(example());
    write_settings(
        &sandbox,
        "[health]\nevery = \"month\"\ngrid = true\n[cohorts]\nby = \"quarter\"\nloyalty_ladder = true\n",
    );
    check(&sandbox.run(&["--as-of", "2025-03-31"]), TABLES[8]);
}

/// The first rows of the example in one input, and the rest in another.
#[test]
fn the_account_of_each_input_is_as_worked_out_by_hand() {
    let sandbox = Sandbox::new();
    let rows = example();
    sandbox.file("shop/a.parquet", rows.slice(0, 17));
    sandbox.file("till/a.parquet", rows.slice(17, 12));
    write_settings(
        &sandbox,
        "output.path = \"out\"\n[[input]]\nname = \"till\"\npaths = [\"in/till\"]\n[[input]]\nname = \"shop\"\npaths = [\"in/shop\"]\n",
    );
    let ran = sandbox.command(&["run", "--quiet", "--as-of", "2025-03-31"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    check(&sandbox.published(&ran), TABLES[5]);
}

#[track_caller]
fn check(published: &Published, examples: &[&str]) {
    for example in examples {
        let table = example.split('.').next().unwrap();
        assert_golden_near(example, &published.table(table));
    }
}

fn write_settings(sandbox: &Sandbox, settings: &str) {
    fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
}

/// Weights 3, 2, 1 of the scores; the value of `main` is the mean of its measures by min-max, that of `worth` a weighted
/// mean of ranks.
const SCORINGS: &str = r#"
[score.value]
standardise = "min-max"
[score.composites]
weights = [3, 2, 1]
[kmeans]
clusters = 2
[[scoring]]
name = "mixed"
score = { recency.method = "uniform", frequency.method = "ntile", monetary.method = "ntile" }
kmeans.clusters = ""
[[scoring]]
name = "worth"
segment.map = "three_tier"
score.value = { standardise = "rank", weights = [0.2, 0.3, 0.5] }
kmeans.clusters = 3
"#;

/// Customer 6 has become 5, and 8 has become 11, who has become 9; members 12 to 14 and -3 never bought, and 16 signed up later.
#[test]
fn old_ids_and_members_are_as_worked_out() {
    let sandbox = Sandbox::with(example());
    let (old, new) = ([11_i64, 6, 8], [9_i64, 5, 11]);
    let aliases = frame(vec![Column::new("old_id".into(), old), Column::new("customer_id".into(), new)]);
    sandbox.file("../aliases.parquet", aliases);
    sandbox.file("../members.parquet", members());
    write_settings(&sandbox, PEOPLE);
    let published = sandbox.run(&["--as-of", "2025-03-31", "--set", "reports.pareto_groups=4"]);
    check(&published, TABLES[6]);
    let manifest = published.manifest();
    // Rows of 6 and 8: one and two. Of ten members 1, 2, 5 and 9 (by their old id 8) are customers; 6 is 5.
    let expected = json!({"old_ids": 3, "longest_chain": 2, "old_ids_found": 2, "old_ids_unmatched": 1, "rows_moved": 3,
        "customers_merged": 2});
    assert_eq!(manifest["aliases"], expected);
    let expected = json!({"rows": 10, "customers": 4, "prospects": 4, "excluded": 0, "after_as_of": 1, "merged": 1,
        "repeated": 0, "customers_without_row": 4});
    assert_eq!(manifest["members"], expected);
}

/// The members of `tests/golden/people.py`, in another order.
fn members() -> DataFrame {
    let rows: [(i64, Option<&str>, Option<&str>, Option<bool>); 10] = [
        (16, Some("gold"), Some("2025-04-01"), Some(true)),
        (6, Some("bronze"), Some("2023-05-01"), Some(false)),
        (5, Some("silver"), Some("2024-08-01"), Some(true)),
        (2, Some("gold"), None, None),
        (1, Some("gold"), Some("2024-01-01"), Some(true)),
        (14, Some("gold"), None, Some(true)),
        (13, None, Some("2024-12-01"), Some(false)),
        (-3, Some("bronze"), Some("2024-01-01"), None),
        (12, Some("bronze"), Some("2025-03-02"), Some(true)),
        (8, Some("silver"), Some("2024-02-02"), Some(true)),
    ];
    let days: Vec<Option<i32>> = rows.iter().map(|row| row.2.map(day)).collect();
    frame(vec![
        Column::new("customer_id".into(), rows.iter().map(|row| row.0).collect::<Vec<_>>()),
        Column::new("tier".into(), rows.iter().map(|row| row.1).collect::<Vec<_>>()),
        Column::new("joined".into(), days).cast(&DataType::Date).unwrap(),
        Column::new("mail_ok".into(), rows.iter().map(|row| row.3).collect::<Vec<_>>()),
    ])
}

const PEOPLE: &str = r#"
[customers]
path = "members.parquet"
attributes = ["tier"]
sign_up_date = "joined"
consent = "mail_ok"
prospects = "counted"
aliases = "aliases.parquet"
"#;

#[test]
fn three_scorings_are_as_worked_out() {
    let sandbox = Sandbox::with(example());
    write_settings(&sandbox, SCORINGS);
    check(&sandbox.run(&["--as-of", "2025-03-31"]), TABLES[0]);
}

#[test]
fn the_drift_of_a_month_is_as_worked_out() {
    let sandbox = Sandbox::with(example());
    let wide = "[[scoring]]\nname = \"wide\"\nscore.monetary.method = \"uniform\"\n";
    write_settings(&sandbox, wide);
    let march = sandbox.run(&["--as-of", "2025-03-31"]);
    fs::copy(march.path.join("manifest.json"), sandbox.root().join("march.json")).unwrap();
    write_settings(&sandbox, &format!("[score]\nbreaks_from = \"march.json\"\n{wide}"));
    check(&sandbox.run(&["--as-of", "2025-04-30"]), TABLES[1]);
}

/// The rows of the ten customers with their country: Germany and France in turn, and none of customer 10.
fn with_countries() -> DataFrame {
    let mut frame = example();
    let ids = frame.column("customer_id").unwrap().i64().unwrap().clone();
    let country = |id: Option<i64>| id.filter(|id| *id != 10).map(|id| if id % 2 == 1 { "DE" } else { "FR" });
    frame.with_column(Column::new("country".into(), ids.iter().map(country).collect::<Vec<_>>())).unwrap();
    frame
}

#[test]
fn scores_and_tables_by_group_are_as_worked_out_and_so_is_their_drift() {
    let sandbox = Sandbox::with(with_countries());
    let by = "[score]\nby = [\"country\"]\nby_min_customers = 4\n";
    write_settings(&sandbox, &format!("{by}[reports]\nby = [\"country\"]\npareto_groups = 3\n"));
    let march = sandbox.run(&["--as-of", "2025-03-31"]);
    check(&march, TABLES[3]);
    fs::copy(march.path.join("manifest.json"), sandbox.root().join("march.json")).unwrap();
    write_settings(&sandbox, &format!("{by}breaks_from = \"march.json\"\n"));
    check(&sandbox.run(&["--as-of", "2025-04-30"]), TABLES[4]);
}

/// What the customers bought before, and four more customers; the last but one has only taken something back.
const PAST: [Row; 19] = [
    (Some(1), 91, Some("2023-02-10"), Some(45.0)),
    (Some(1), 92, Some("2023-09-01"), Some(30.0)),
    (Some(1), 93, Some("2024-02-14"), Some(80.0)),
    (Some(3), 391, Some("2022-12-05"), Some(25.0)),
    (Some(5), 591, Some("2023-05-20"), Some(12.0)),
    (Some(5), 592, Some("2024-05-20"), Some(18.0)),
    (Some(6), 691, Some("2024-06-30"), Some(35.0)),
    (Some(6), 692, Some("2024-07-05"), Some(-10.0)),
    (Some(8), 891, Some("2022-04-01"), Some(60.0)),
    (Some(8), 892, Some("2023-04-01"), Some(40.0)),
    (Some(8), 893, Some("2024-04-01"), Some(20.0)),
    (Some(8), 894, Some("2025-02-14"), Some(30.0)),
    (Some(11), 1101, Some("2024-11-11"), Some(75.0)),
    (Some(11), 1102, Some("2025-03-15"), Some(20.0)),
    (Some(12), 1201, Some("2025-02-02"), Some(15.0)),
    (Some(13), 1301, Some("2025-03-03"), Some(-5.0)),
    (Some(14), 1401, Some("2024-12-12"), Some(25.0)),
    (Some(14), 1402, Some("2025-01-28"), Some(5.0)),
    (Some(14), 1403, Some("2025-02-20"), Some(35.0)),
];

/// Customer, followers, interactions, comments, shares, referrals.
const SOCIAL: [[i64; 6]; 9] = [
    [1, 120, 10, 4, 1, 2],
    [2, 40, 3, 0, 0, 0],
    [3, 300, 25, 9, 4, 5],
    [5, 10, 1, 1, 0, 0],
    [7, 75, 12, 0, 2, 1],
    [9, 0, 0, 0, 0, 0],
    [11, 220, 7, 3, 3, 4],
    [13, 60, 5, 5, 5, 1],
    [14, 180, 30, 2, 1, 3],
];

const LIFETIMES: &str = r#"
[reports]
pareto_groups = 4
[predict]
params_from = "papers.json"
time_unit = "week"
horizons = [4, 26]
discount_rate = 0.1
margin = 0.3
contact_cost = 0.02
acquisition_cost = 5
holdout_days = 60
by_year = true
yearly_profits = [40, 30, 20]
retention = 0.8
profits.path = "profits.parquet"
[social]
path = "social.parquet"
weights = [0.5, 0.25, 0.25]
map_classes = 2
"#;

/// A table of numbers per customer, in the sandbox.
fn write_measures(sandbox: &Sandbox, file: &str, columns: Vec<Column>) {
    let file = fs::File::create(sandbox.root().join(file)).unwrap();
    ParquetWriter::new(file).finish(&mut frame(columns)).unwrap();
}

/// A manifest whose models have the parameters that the papers print for CDNOW, times in weeks.
fn write_models_of_the_papers(sandbox: &Sandbox) {
    let fitted =
        sandbox.run(&["--as-of", "2025-03-31", "--set", "predict.model=bg_nbd", "--set", "predict.time_unit=week"]);
    let mut manifest = fitted.manifest();
    let bg_nbd = json!({"r": "0.243", "alpha": "4.414", "a": "0.793", "b": "2.426"});
    let gamma_gamma = json!({"p": "6.25", "q": "3.74", "gamma": "15.44"});
    manifest["predictions"]["purchases"] = json!({"model": "bg_nbd", "parameters": bg_nbd});
    manifest["predictions"]["spending"] = json!({"model": "gamma_gamma", "parameters": gamma_gamma});
    fs::write(sandbox.root().join("papers.json"), manifest.to_string()).unwrap();
}

#[test]
fn predictions_and_lifetime_values_are_as_worked_out() {
    let sandbox = Sandbox::with(example());
    sandbox.file("b.parquet", frame_of(&PAST));
    write_models_of_the_papers(&sandbox);
    write_measures(
        &sandbox,
        "profits.parquet",
        vec![
            Column::new("customer_id".into(), [1_i64, 3, 13]),
            Column::new("year_1".into(), [30.0, 5.0, 0.0]),
            Column::new("year_2".into(), [Some(20.0), None, Some(0.0)]),
            Column::new("year_3".into(), [10.0, 5.0, 0.0]),
        ],
    );
    let names = ["customer_id", "followers", "interactions", "comments", "shares", "referrals"];
    let columns = names.iter().enumerate();
    let columns = columns.map(|(index, name)| Column::new((*name).into(), SOCIAL.map(|row| row[index])));
    write_measures(&sandbox, "social.parquet", columns.collect());
    write_settings(&sandbox, LIFETIMES);
    let (of_models, others): (Vec<&str>, Vec<&str>) = TABLES[2].iter().partition(|name| **name == "customers.models");
    check(&sandbox.run(&["--as-of", "2025-03-31"]), &others);
    let asked = ["predict.infinite_horizon=true", "predict.model_inputs=true", "predict.holdout_customers=true"];
    let asked = asked.iter().flat_map(|setting| ["--set", setting]).collect::<Vec<_>>();
    check(&sandbox.run(&[&["--as-of", "2025-03-31"][..], &asked].concat()), &of_models);
}
