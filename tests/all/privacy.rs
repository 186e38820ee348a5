//! Customers who are left out, and ids that are not shown.

use std::fs;

use polars::prelude::*;

use crate::support::{Sandbox, floats, integers, minor, orders, texts};

const KEY: &str = "0123456789abcdef0123456789abcdef";
/// HMAC-SHA256 of `1`, `2` and `3` under the key, with the revenue of each, as
/// `printf 1 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef` (OpenSSL 3.0) prints them.
const PSEUDONYMS: [(&str, i128); 3] = [
    ("c2a56899f8e6dad8951a30d34b5be54bd457ff077c38b92b6eab206138e6dbbf", 500),
    ("a7d8e44fa072189ded0e9476fadfb89c2f0028cb06f3e603e08a9031e13ab9cf", 1_800),
    ("fa8936e8333e39206e13ec7840740579dd8e27c1221e1a6028b2b02443a67ddd", 1_300),
];

fn three() -> DataFrame {
    orders(&[
        (1, 11, "2025-01-01", 5.0),
        (2, 12, "2025-01-02", 7.0),
        (2, 13, "2025-01-03", 11.0),
        (3, 14, "2025-01-04", 13.0),
    ])
}

#[test]
fn excluded_customers_are_left_out_before_anything_is_summed_and_counted() {
    let sandbox = Sandbox::with(three());
    let list = sandbox.root().join("erased.txt");
    fs::write(&list, "\u{feff}2\r\n\r\n99\r\n").unwrap();
    let published = sandbox.run(&["--exclude-ids", list.to_str().unwrap()]);
    assert_eq!(integers(&published.table("customers"), "customer_id"), [1, 3]);
    assert_eq!(minor(&published.table("customers"), "revenue"), [500, 1_300]);
    assert_eq!(published.outcomes()["excluded_customer"], 2);
    let totals = &published.manifest()["totals"];
    assert_eq!((totals["rows_in"].as_i64(), totals["rows_used"].as_i64()), (Some(4), Some(2)));

    fs::write(&list, "2\nabc\n").unwrap();
    let ran = sandbox.try_run(&["--exclude-ids", list.to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("line 2") && !ran.stderr.contains("abc"), "{}", ran.stderr);
    assert_eq!(sandbox.try_run(&["--exclude-ids", "missing.txt"]).code, 2);
}

#[test]
fn a_bad_row_of_an_excluded_customer_is_not_shown() {
    let mut frame = three();
    frame.with_column(Column::new("customer_id".into(), ["Ann", " bob ", "Bob", "Cy"])).unwrap();
    frame.with_column(Column::new("amount".into(), [5.0, 7.0, f64::NAN, f64::NAN])).unwrap();
    let sandbox = Sandbox::with(frame);
    let list = sandbox.root().join("erased.txt");
    fs::write(&list, "BOB\n").unwrap();
    let settings = ["--set", "clean.trim_ids=true", "--set", "clean.lowercase_ids=true"];
    let published = sandbox.run(&[&settings[..], &["--exclude-ids", list.to_str().unwrap()]].concat());
    assert_eq!(texts(&published.table("customers"), "customer_id"), ["ann"]);
    assert_eq!(texts(&published.table("quarantine"), "customer_id"), ["Cy"]);
}

#[test]
fn pseudonyms_are_those_of_openssl_and_nothing_else_changes() {
    let mut frame = three();
    frame.with_column(Column::new("amount".into(), [5.0, 7.0, 11.0, f64::INFINITY])).unwrap();
    frame.vstack_mut(&three().tail(Some(1))).unwrap();
    let sandbox = Sandbox::with(frame);
    let key = sandbox.root().join("key");
    fs::write(&key, format!("{KEY}\n")).unwrap();
    let plain = sandbox.run(&[]);
    let (scores, manifest) = (plain.table("score_bounds"), plain.manifest());
    let published = sandbox.run(&["--hash-ids", "--hash-key-file", key.to_str().unwrap()]);
    let customers = published.table("customers");
    let mut expected = PSEUDONYMS;
    expected.sort_unstable();
    assert_eq!(texts(&customers, "customer_id"), expected.map(|(id, _)| id));
    assert_eq!(minor(&customers, "revenue"), expected.map(|(_, revenue)| revenue));
    assert_eq!(texts(&published.table("quarantine"), "customer_id"), [PSEUDONYMS[2].0]);
    assert!(published.table("score_bounds").equals_missing(&scores));
    assert_eq!(published.manifest()["totals"], manifest["totals"]);
    assert!(!fs::read_to_string(published.path.join("manifest.json")).unwrap().contains(KEY));
    assert!(floats(&customers, "cumulative_revenue_share").iter().all(|share| (0.0..=1.0).contains(share)));
}

#[test]
fn without_a_good_key_no_id_is_hashed() {
    let sandbox = Sandbox::with(three());
    let ran = sandbox.try_run(&["--hash-ids"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("RFMETRICS_HASH_KEY"), "{}", ran.stderr);
    let key = sandbox.root().join("key");
    fs::write(&key, "short").unwrap();
    let ran = sandbox.try_run(&["--hash-ids", "--hash-key-file", key.to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("has 5 bytes") && !ran.stderr.contains("short\n"), "{}", ran.stderr);
    assert!(sandbox.visible().is_empty());
}

/// Order 11 of customer 4711 comes back after order 12: the customer is folded again, and only `--log-ids` shows the
/// id.
#[test]
fn ids_are_in_the_log_only_where_that_is_requested() {
    // Away from each other and from where a batch may end.
    let mut rows: Vec<_> = (0..16_000).map(|order| (1, 1_000 + order, "2025-01-01", 1.0)).collect();
    rows[2_700] = (4_711, 11, "2025-01-01", 5.0);
    rows[2_800] = (4_711, 12, "2025-01-02", 7.0);
    rows[2_900] = (4_711, 11, "2025-01-01", 5.0);
    let sandbox = Sandbox::with(orders(&rows));
    let (input, output) = (sandbox.input(), sandbox.output());
    let run = |flags: &[&str]| {
        let settings = ["run", "-v", "--input", input.to_str().unwrap(), "--output", output.to_str().unwrap()];
        let ran = sandbox.command(&[&settings[..], flags].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains("their rows are read again"), "{}", ran.stderr);
        ran.stderr
    };
    assert!(!run(&[]).contains("4711"));
    assert!(run(&["--log-ids"]).contains("4711"));
}
