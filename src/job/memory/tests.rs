//! What a run is estimated to need, held against arithmetic.

use super::*;
use crate::error::Kind;

fn facts(rows: u64, customers: u64, row_bytes: u64) -> Facts {
    Facts {
        rows,
        largest_row_group_rows: 1_000_000,
        threads: 2,
        row_bytes,
        text_bytes: None,
        customers: (customers, customers),
        has_order_ids: true,
        orders: rows / 4,
        keeps_orders: false,
        holds_out: false,
        beside_bytes: 0,
        lookup_bytes: 0,
        sorts_rows: false,
        carried_bytes: 0,
        print_bytes: 0,
    }
}

/// Peaks in MB, measured with `rfmetrics simulate` and `peak_memory_bytes` of the manifest on two cores.
#[test]
fn the_estimate_is_near_what_was_measured() {
    let short = Facts { text_bytes: Some(10), ..facts(7_999_446, 1_000_000, 56) };
    let uuids = Facts { text_bytes: Some(36), ..facts(10_013_856, 833_333, 108) };
    let rows_are_orders = Facts { has_order_ids: false, orders: 3_002_092, ..facts(3_002_092, 600_000, 28) };
    let measured = [
        (facts(1_978_345, 100_000, 36), 248.0),
        (facts(19_993_218, 4_000_000, 36), 943.0),
        (facts(19_768_049, 200_000, 36), 575.0),
        (facts(19_850_901, 1_000_000, 36), 708.0),
        (short, 743.0),
        // 1,039 before more rows waited; side by side, both take 80 MB more since then (690 and 770 on a busy machine).
        (uuids, 1_039.0 + 80.0),
        // 450 before rows were packed; side by side, they take 33 MB less since then (305 and 272).
        (rows_are_orders, 450.0 - 33.0),
    ];
    for (facts, peak) in measured {
        #[allow(clippy::cast_precision_loss)]
        let estimated = facts.estimate().typical_bytes as f64 / 1e6;
        assert!((0.8..1.3).contains(&(estimated / peak)), "{estimated} for {peak}: {facts:?}");
    }
}

#[test]
fn stages_that_do_not_stand_side_by_side_are_not_added_up() {
    let plain = facts(9_000_000, 3_000_000, 28);
    let alone = plain.estimate().typical_bytes;
    let with = |beside_bytes| Facts { beside_bytes, ..plain.clone() }.estimate().typical_bytes;
    assert_eq!(with(14), alone, "90 MB and 3 million times 128 + 14 bytes are less than reading takes");
    assert_eq!(with(280), 90_000_000 + 3_000_000 * (128 + 280));
    // 60 of the columns, 136 of the predictions; a quarter of the rows are orders of 18 bytes.
    let days = Facts { keeps_orders: true, rows: 60_000_000, orders: 15_000_000, ..plain };
    assert_eq!(days.predicting_bytes(15_000_000, 3_000_000), 90_000_000 + 270_000_000 + 3_000_000 * (60 + 136));
}

/// A gigabyte of fingerprints and 64 MiB of open blocks, with row numbers half as much again; of a billion rows each of two
/// threads searches a part twice held; and a bit for each row.
#[test]
fn finding_repeats_takes_bounded_memory() {
    let bytes = |rows, print_bytes| Facts { print_bytes, ..facts(rows, 1_000, 36) }.prints_bytes();
    assert_eq!(bytes(1_000, 16), 2 * 16 * 1_000 + 125);
    assert_eq!(bytes(1_024_000_000, 16), (64 << 24) + (64 << 20) + 2 * 2 * 16 * 1_000_000 + 128_000_000);
    // 2^30 / 24 is 44,739,242 entries.
    assert_eq!(bytes(1_024_000_000, 24), 44_739_242 * 24 + (96 << 20) + 2 * 2 * 24 * 1_000_000 + 128_000_000);
}

#[test]
fn more_customers_never_need_less_and_the_bound_holds_the_typical() {
    let mut last = 0;
    for customers in [0, 1, 1_000, 1_000_000, 10_000_000] {
        let estimate = facts(10_000_000, customers, 36).estimate();
        assert!(estimate.typical_bytes >= last && estimate.at_most_bytes >= estimate.typical_bytes);
        last = estimate.typical_bytes;
    }
    let unknown = Facts { customers: (0, 10_000_000), ..facts(10_000_000, 0, 36) }.estimate();
    assert_eq!((unknown.typical_customers, unknown.most_customers), (500_000, 10_000_000));
    // Nothing to read: the program alone.
    assert_eq!(facts(0, 0, 36).estimate().at_most_bytes, PROGRAM_BYTES + PROGRAM_BYTES / LINGERING);
}

#[test]
fn customers_are_bounded_by_rows_by_the_range_of_ids_and_by_distinct_counts() {
    let hint = |integers, distinct| ColumnHint { integers, distinct, ..ColumnHint::default() };
    assert_eq!(customers(&hint(None, None), 50), (0, 50));
    assert_eq!(customers(&hint(Some((11, 30)), None), 50), (0, 20));
    assert_eq!(customers(&hint(Some((i64::MIN, i64::MAX)), None), 50), (0, 50));
    assert_eq!(customers(&hint(Some((1, 30)), Some((7, 14))), 50), (7, 14));
}

/// 20 million lines of a million customers, as integers, of row groups of a million rows: 90 MB of the program, 2 threads * 2
/// groups * 36 bytes * 2 copies of a million rows, 2^22 waiting rows of 24 bytes, edges of 152 slices, and 102 bytes for each
/// customer. While they are scored 128 bytes each.
#[test]
fn what_must_be_held_is_what_cannot_go_to_disk() {
    let limit = Limit { bytes: 600_000_000, from: "`run.memory_limit`".to_owned() };
    let facts = facts(20_000_000, 1_000_000, 36);
    let bounds = facts.bounds(&limit, std::path::Path::new("/tmp"));
    let fixed = 90_000_000 + 288_000_000 + 100_663_296 + 152 * 200 * 130;
    assert_eq!((bounds.reading.fixed_bytes, bounds.reading.customer_bytes), (fixed, 102));
    assert_eq!(bounds.scoring, crate::spill::Stage { fixed_bytes: 45_000_000, customer_bytes: 128 });
    // At least half of the program's, one copy of the row groups, the waiting rows, and 88 bytes for each customer.
    assert_eq!(bounds.least_bytes(1_000_000), 45_000_000 + 144_000_000 + 100_663_296 + 88_000_000);
    assert_eq!(bounds.least_bytes(20_000_000), 45_000_000 + 20_000_000 * 128);
    assert!(bounds.refusal(1_000_000).is_none());
    let error = bounds.refusal(5_000_000).unwrap();
    assert_eq!(error.kind(), Kind::Compute);
    assert!(error.to_string().contains("`run.memory_limit` allows 600.0 MB"), "{error}");
}

/// Of 20 million lines a quarter are taken for orders, with 11 bytes each in the log; at most all are, and are read again.
#[test]
fn disk_is_needed_where_memory_is_short() {
    let facts = facts(20_000_000, 1_000_000, 36);
    let estimate = facts.estimate();
    let disk = |bytes| facts.disk(&Limit { bytes, from: String::new() }, &estimate);
    let roomy = disk(estimate.at_most_bytes);
    assert_eq!((roomy.typical_bytes, roomy.at_most_bytes), (0, 0));
    let short = disk(estimate.typical_bytes - 1);
    assert_eq!((short.typical_bytes, short.at_most_bytes), (5_000_000 * 11, 20_000_000 * (11 + 48)));
    let kept = Facts { keeps_orders: true, ..facts.clone() };
    let limit = Limit { bytes: 1_000_000, from: String::new() };
    assert_eq!(kept.disk(&limit, &estimate).typical_bytes, 5_000_000 * (11 + 18));
    // 24 bytes for each row, of which a quarter of the limit is held.
    let keyed = Facts { sorts_rows: true, print_bytes: 24, ..facts.clone() };
    assert_eq!(keyed.disk(&limit, &estimate).typical_bytes, 20_000_000 * 24 - 250_000 + 5_000_000 * 11);
}
