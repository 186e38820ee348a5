//! How the files of one input may differ and lie: types, columns, directories, patterns.

use polars::prelude::*;

use crate::columns::{INTEGERS, UNITS, cast, plain, revenue};
use crate::support::{Sandbox, frame, integers, texts};

/// The files of one input may differ in everything that does not change what a value means.
#[test]
fn files_of_one_input_in_many_forms() {
    let one = |column: &str, kinds: &[DataType]| {
        let sandbox = Sandbox::new();
        for (number, kind) in kinds.iter().enumerate() {
            sandbox.file(&format!("{number}.parquet"), cast(column, kind));
        }
        let times = kinds.len() as i128;
        let published = sandbox.run(&[]);
        assert_eq!(revenue(&published), [300 * times, 400 * times], "{column} {kinds:?}");
        // The orders of one customer are the same in all files.
        assert_eq!(integers(&published.table("customers"), "orders"), [2, 1], "{column} {kinds:?}");
    };
    for column in ["customer_id", "order_id", "amount"] {
        one(column, &INTEGERS[..4]);
    }
    one("amount", &[DataType::Float32, DataType::Float64, DataType::Float32]);
    let datetime = |unit| DataType::Datetime(unit, None);
    one("order_ts", &UNITS.map(datetime));
    let instant = |unit| DataType::Datetime(unit, Some(TimeZone::UTC));
    one("order_ts", &UNITS.map(instant));
}

/// Numbers of several types are one column: each file is read as it is, so that no digit is lost.
#[test]
fn numbers_of_several_types_over_the_files_of_one_input() {
    let kinds =
        [DataType::Decimal(18, 2), DataType::Decimal(38, 10), DataType::Float64, DataType::Int64, DataType::UInt64];
    for first in &kinds {
        for second in &kinds {
            for column in ["amount", "customer_id", "order_id"] {
                let sandbox = Sandbox::new();
                sandbox.file("a.parquet", cast(column, first));
                sandbox.file("b.parquet", cast(column, second));
                let published = sandbox.run(&[]);
                assert_eq!(revenue(&published), [600, 800], "{column} as {first} and {second}");
                let customers = published.table("customers");
                assert_eq!(integers(&customers, "orders"), [2, 1], "{column} as {first} and {second}");
                assert_eq!(texts(&customers, "customer_id"), ["1", "2"], "{column} as {first} and {second}");
                let filtered = sandbox.run(&["--filter", &format!("{column} >= 2 AND {column} < 100")]);
                let expected: &[i128] = if column == "customer_id" { &[800] } else { &[600, 800] };
                let expected = if column == "amount" { &[400, 800] } else { expected };
                assert_eq!(revenue(&filtered), expected, "a filter on {column} as {first} and {second}");
            }
        }
    }
}

#[test]
fn files_with_other_columns_in_another_order() {
    let sandbox = Sandbox::new();
    sandbox.file("a.parquet", plain());
    let reversed: Vec<Column> = plain().columns().iter().rev().cloned().collect();
    sandbox.file("b.parquet", frame(reversed));
    let mut wider = plain();
    wider.with_column(Column::new("country".into(), ["DE"; 3])).unwrap();
    sandbox.file("c.parquet", wider);
    let mut front = vec![Column::new("zzz".into(), [1.5_f32; 3])];
    front.extend(plain().columns().iter().cloned());
    sandbox.file("d.parquet", frame(front));
    assert_eq!(revenue(&sandbox.run(&[])), [1_200, 1_600]);
    // The other way round: the first file has more than the others.
    let sandbox = Sandbox::new();
    let mut wider = plain();
    wider.with_column(Column::new("country".into(), ["DE"; 3])).unwrap();
    sandbox.file("a.parquet", wider);
    sandbox.file("b.parquet", plain());
    assert_eq!(revenue(&sandbox.run(&[])), [600, 800]);
}

#[test]
fn partitions_in_the_names_of_directories() {
    let sandbox = Sandbox::new();
    sandbox.file("country=DE/year=2025/a.parquet", plain());
    sandbox.file("country=FR/year=2025/a.parquet", plain());
    sandbox.file("country=FR/year=2024/a.parquet", plain());
    let hive = ["--set", "input.hive_partitions=true"];
    assert_eq!(revenue(&sandbox.run(&hive)), [900, 1_200], "without a filter all are read");
    assert_eq!(revenue(&sandbox.run(&[])), [900, 1_200]);
    let filtered = |filter: &str| revenue(&sandbox.run(&[&hive[..], &["--filter", filter]].concat()));
    assert_eq!(filtered("country = 'FR'"), [600, 800]);
    assert_eq!(filtered("country = 'FR' AND amount >= 2"), [400, 800]);
    assert_eq!(filtered("country IN ('DE', 'FR') AND amount < 2"), [300]);
    // Without the setting directory names mean nothing.
    let ran = sandbox.try_run(&["--filter", "country = 'FR'"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("hive_partitions"), "{}", ran.stderr);
}

/// Partition values that look like numbers: documented as texts, so that a filter compares texts.
#[test]
fn partitions_that_look_like_numbers() {
    let sandbox = Sandbox::new();
    sandbox.file("year=2024/a.parquet", plain());
    sandbox.file("year=2025/a.parquet", plain());
    let hive = ["--set", "input.hive_partitions=true"];
    for filter in ["year = '2025'", "year = 2025"] {
        let ran = sandbox.try_run(&[&hive[..], &["--filter", filter]].concat());
        if ran.code == 0 {
            let published = sandbox.published(&ran);
            assert_eq!(revenue(&published), [300, 400], "{filter}");
        } else {
            assert_eq!(ran.code, 2, "{filter}: {}", ran.stderr);
        }
    }
}

#[test]
fn files_directories_and_patterns() {
    let sandbox = Sandbox::new();
    sandbox.file("x/a.parquet", plain());
    sandbox.file("x/b.parquet", plain());
    sandbox.file("y/[1].parquet", plain());
    sandbox.file("y/_hidden.parquet", plain());
    sandbox.file("y/.hidden.parquet", plain());
    let run = |inputs: &[&str]| {
        let inputs: Vec<String> =
            inputs.iter().map(|input| sandbox.input().join(input).display().to_string()).collect();
        let mut args = vec!["run", "--quiet", "--output", "out"];
        args.extend(inputs.iter().flat_map(|input| ["--input", input]));
        let ran = sandbox.command(&args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        revenue(&sandbox.published(&ran))
    };
    assert_eq!(run(&["."]), [900, 1_200]);
    assert_eq!(run(&["x/*.parquet"]), [600, 800]);
    assert_eq!(run(&["y/[1].parquet"]), [300, 400], "a name that exists is no pattern");
    assert_eq!(run(&["x", "x/a.parquet"]), [600, 800], "a file that is named twice is read once");
}
