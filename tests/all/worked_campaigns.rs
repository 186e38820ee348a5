//! The worked example of campaigns: the ten customers of `worked`, tested, selected and evaluated.
//!
//! `tests/golden/campaigns.py` computes the expected tables by plain Python from the definitions, with the walk down the ranks written
//! out as a walk.

use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::*;
use rfmetrics::reports::campaigns;
use rfmetrics::schema::ColumnType;
use serde_json::json;

use crate::support::{Published, Ran, Sandbox, assert_golden_near, columns_of, dates, frame, names};
use crate::worked::example;

/// The worked examples.
pub const TABLES: [&str; 5] = ["targets", "campaign_summary", "campaign_test", "campaign_results", "campaign_gains"];

/// A sandbox with the published date, the blocked customers, the key and the answers.
fn prepared() -> (Sandbox, Published) {
    let sandbox = Sandbox::with(example());
    let published = sandbox.run(&["--as-of", "2025-03-31"]);
    fs::write(sandbox.root().join("blocked.txt"), "4\n99\n").unwrap();
    fs::write(sandbox.root().join("key"), "worked example 42\n").unwrap();
    let answers = frame(vec![
        Column::new("customer_id".into(), [77_i64, 1, 2, 8, 6, 5]),
        dates("date", &["2025-04-02", "2025-04-01", "2025-04-30", "2025-04-10", "2025-04-15", "2025-05-01"]),
        Column::new("amount".into(), [5.0, 20.0, 15.0, 9.9, 7.0, 7.0]),
    ]);
    sandbox.file("../answers.parquet", answers);
    (sandbox, published)
}

fn campaign(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let ran = sandbox.command(&[&["--quiet", "campaign"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

fn published_to(sandbox: &Sandbox, ran: &Ran) -> Published {
    sandbox.at(Path::new(ran.stdout.lines().last().unwrap()))
}

/// The columns are those of the dictionary, in their order and types.
fn check_types(published: &Published, name: &str) {
    let table = published.table(name);
    let entry = campaigns::TABLES.iter().find(|table| table.name == name).unwrap();
    assert_eq!(names(&table), columns_of(entry), "{name}");
    for column in entry.columns {
        let expected = match column.kind {
            ColumnType::Text => DataType::String,
            ColumnType::Int32 => DataType::Int32,
            ColumnType::Int64 | ColumnType::Id => DataType::Int64,
            ColumnType::Double => DataType::Float64,
            ColumnType::Date => DataType::Date,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Money => DataType::Decimal(18, 2),
        };
        assert_eq!(*table.column(column.name).unwrap().dtype(), expected, "{name}.{}", column.name);
    }
}

const SELECT: [&str; 26] = [
    "--where",
    "revenue >= 10",
    "--blocked",
    "blocked.txt",
    "--response-rate",
    "0.2",
    "--profit",
    "10",
    "--incremental-share",
    "0.5",
    "--cost",
    "0.7",
    "--cost-by",
    "segment",
    "--cost-of",
    "champions=0.4",
    "--cost-of",
    "hibernating=1.2",
    "--max-cost",
    "2",
    "--control-share",
    "0.3",
    "--control-key-file",
    "key",
    "--name",
    "spring",
];

#[test]
fn a_test_a_selection_and_their_results_are_as_worked_out_by_hand() {
    let (sandbox, published) = prepared();
    let run = published.path.to_str().unwrap();
    let test = [
        "test",
        run,
        "--name",
        "trial",
        "--size",
        "5",
        "--cost",
        "0.7",
        "--expected-rate",
        "0.5",
        "--error",
        "0.2",
        "--profit",
        "10",
    ];
    let trial = published_to(&sandbox, &campaign(&sandbox, &test));
    assert_golden_near("campaign_test", &trial.table("campaign_test"));
    assert_eq!(trial.manifest()["warning_details"][0]["code"], "small_cells");

    let spring = published_to(&sandbox, &campaign(&sandbox, &[&["select", run][..], &SELECT].concat()));
    for table in ["targets", "campaign_summary"] {
        assert_golden_near(table, &spring.table(table));
    }
    let excluded = json!([{"setting": "campaign.blocked", "path": "blocked.txt", "ids": 2, "matched": 1, "unmatched": 1, "left_out": 1}]);
    let account = json!({"customers": 10, "other_segment": 0, "other_cell": 0, "filtered": 1, "excluded": excluded, "candidates": 8});
    assert_eq!(spring.manifest()["account"], account);
    let csv = fs::read_to_string(spring.path.join("targets.csv")).unwrap();
    let expected = "campaign,customer_id,segment,cell,rank,expected_response,expected_profit,cost\r\n\
                    spring,1,champions,555,1,0.2,0.6,0.4\r\n";
    assert!(csv.starts_with(expected), "{csv}");
    let ids: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!(ids, ["1", "2", "5"], "the control is not on the list");

    let both: Vec<PathBuf> = vec![spring.path.clone(), trial.path.clone()];
    let both: Vec<&str> = both.iter().map(|path| path.to_str().unwrap()).collect();
    let evaluate = ["--responses", "answers.parquet", "--name", "both", "--profit", "10"];
    let both = published_to(&sandbox, &campaign(&sandbox, &[&["evaluate"], &both[..], &evaluate].concat()));
    for table in ["campaign_results", "campaign_gains"] {
        assert_golden_near(table, &both.table(table));
    }
    for (published, names) in [(&spring, &TABLES[..2]), (&trial, &TABLES[2..3]), (&both, &TABLES[3..])] {
        names.iter().for_each(|name| check_types(published, name));
    }
    let verified = sandbox.command(&["verify", sandbox.output().to_str().unwrap()]);
    assert_eq!(verified.code, 0, "{}", verified.stderr);
    assert!(verified.stdout.starts_with("ok: 4 published runs"), "{}", verified.stdout);
}
