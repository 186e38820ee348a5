//! Exports through the binary: CSV, workbooks and Parquet, by segment, with what people must not get.

use std::fs;

use polars::prelude::*;

use crate::support::{Sandbox, dates, frame, integers, read_parquet, texts};

/// Four customers; the id of one is a formula, another has a comma and quotes.
fn shop() -> Sandbox {
    let ids = ["=HYPERLINK(\"http://x\")", "a,\"b\"", "-17", "客户"];
    let sandbox = Sandbox::with(frame(vec![
        Column::new("customer_id".into(), ids),
        dates("order_ts", &["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-31"]),
        Column::new("amount".into(), [10.0, 20.5, 30.0, 40.0]),
    ]));
    sandbox.run(&["--as-of", "2026-01-31"]);
    sandbox
}

const RUN: &str = "out/as_of=2026-01-31";

fn export(sandbox: &Sandbox, args: &[&str]) {
    let ran = sandbox.command(&[&["--quiet", "export", RUN], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn csv_is_as_rfc_4180_says_without_formulas() {
    let sandbox = shop();
    export(&sandbox, &["-o", "all.csv", "--columns", "customer_id,revenue,last_order_date,average_order_value"]);
    let text = fs::read_to_string(sandbox.root().join("all.csv")).unwrap();
    let expected = "customer_id,revenue,last_order_date,average_order_value\r\n\
                    -17,30.00,2026-01-03,30\r\n\
                    \"'=HYPERLINK(\"\"http://x\"\")\",10.00,2026-01-01,10\r\n\
                    \"a,\"\"b\"\"\",20.50,2026-01-02,20.5\r\n\
                    客户,40.00,2026-01-31,40\r\n";
    assert_eq!(text, expected);
    export(
        &sandbox,
        &[
            "-o",
            "some.csv",
            "--where",
            "revenue >= 30 AND customer_id <> '客户'",
            "--columns",
            "customer_id",
            "--byte-order-mark",
        ],
    );
    assert_eq!(fs::read(sandbox.root().join("some.csv")).unwrap(), b"\xef\xbb\xbfcustomer_id\r\n-17\r\n");
    export(&sandbox, &["-o", "none.csv", "--where", "revenue > 1000", "--columns", "customer_id", "--overwrite"]);
    assert_eq!(fs::read_to_string(sandbox.root().join("none.csv")).unwrap(), "customer_id\r\n");
}

#[test]
fn parquet_keeps_types_and_values() {
    let sandbox = shop();
    export(&sandbox, &["-o", "all.parquet"]);
    let (found, published) =
        (read_parquet(&sandbox.root().join("all.parquet")), sandbox.at(RUN.as_ref()).table("customers"));
    assert!(found.equals_missing(&published));
    export(&sandbox, &["--table", "segments", "-o", "s.parquet", "--columns", "customers,segment"]);
    let segments = read_parquet(&sandbox.root().join("s.parquet"));
    assert_eq!(integers(&segments, "customers").iter().sum::<i64>(), 4);
    assert_eq!(segments.get_column_names(), ["customers", "segment"]);
}

#[test]
fn each_segment_has_its_file_and_together_they_have_all_rows() {
    let sandbox = shop();
    export(&sandbox, &["--by", "segment", "-o", "lists", "--columns", "customer_id"]);
    let customers = sandbox.at(RUN.as_ref()).table("customers");
    let mut segments = texts(&customers, "segment");
    segments.sort();
    segments.dedup();
    let mut files: Vec<String> = fs::read_dir(sandbox.root().join("lists"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, segments.iter().map(|segment| format!("{segment}.csv")).collect::<Vec<_>>());
    let rows: usize = files
        .iter()
        .map(|file| fs::read_to_string(sandbox.root().join("lists").join(file)).unwrap().lines().count() - 1)
        .sum();
    assert_eq!(rows, 4);
}

/// The parts of the archive are deflated: the peers open workbooks with other programs. Here, that they are there, and the same twice.
#[test]
fn a_workbook_is_an_archive_that_is_the_same_twice() {
    let sandbox = shop();
    export(&sandbox, &["-o", "a.xlsx"]);
    export(&sandbox, &["-o", "b.xlsx"]);
    let (one, two) =
        (fs::read(sandbox.root().join("a.xlsx")).unwrap(), fs::read(sandbox.root().join("b.xlsx")).unwrap());
    assert_eq!(one, two);
    let has = |name: &[u8]| one.windows(name.len()).any(|window| window == name);
    assert!(one.starts_with(b"PK") && has(b"xl/worksheets/sheet1.xml") && has(b"[Content_Types].xml"));
}

#[test]
fn a_failed_export_leaves_nothing() {
    let sandbox = shop();
    let before = fs::read_dir(sandbox.root()).unwrap().count();
    let ran = sandbox.command(&["export", RUN, "-o", "x.csv", "--where", "1 / (revenue - 30) > 0"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(fs::read_dir(sandbox.root()).unwrap().count(), before);
}
