//! Every type that a column may have, alone and mixed over the files of one input.

use polars::prelude::*;

use crate::support::{Published, Sandbox, dates, day, frame, integers, minor, orders, texts};

/// Three rows of two customers, on two days, of 1.00, 2.00 and 4.00.
pub fn plain() -> DataFrame {
    orders(&[(1, 11, "2025-01-01", 1.0), (1, 12, "2025-01-02", 2.0), (2, 13, "2025-01-02", 4.0)])
}

fn with(column: Column) -> DataFrame {
    let mut frame = plain();
    frame.with_column(column).unwrap();
    frame
}

pub fn cast(name: &str, to: &DataType) -> DataFrame {
    with(plain().column(name).unwrap().strict_cast(to).unwrap())
}

pub fn revenue(published: &Published) -> Vec<i128> {
    minor(&published.table("customers"), "revenue")
}

/// The run of this input is the same as that of [`plain`], except for the type of the ids.
#[track_caller]
fn same_as_plain(frame: DataFrame, args: &[&str]) -> Published {
    let published = Sandbox::with(frame).run(args);
    let customers = published.table("customers");
    assert_eq!(texts(&customers, "customer_id"), ["1", "2"]);
    assert_eq!(texts(&customers, "first_order_date"), ["2025-01-01", "2025-01-02"]);
    assert_eq!(texts(&customers, "last_order_date"), ["2025-01-02", "2025-01-02"]);
    assert_eq!(integers(&customers, "orders"), [2, 1]);
    assert_eq!(minor(&customers, "revenue"), [300, 400]);
    published
}

pub const INTEGERS: [DataType; 8] = [
    DataType::Int8,
    DataType::Int16,
    DataType::Int32,
    DataType::Int64,
    DataType::UInt8,
    DataType::UInt16,
    DataType::UInt32,
    DataType::UInt64,
];

#[test]
fn ids_and_amounts_of_every_integer_width() {
    for kind in &INTEGERS {
        for column in ["customer_id", "order_id", "amount"] {
            let published = same_as_plain(cast(column, kind), &[]);
            assert_eq!(published.table("customers").column("customer_id").unwrap().dtype(), &DataType::Int64);
        }
    }
}

#[test]
fn integer_ids_are_sorted_by_value() {
    let ids = [100_i64, -5, 9, 20, i64::MAX, i64::MIN];
    let rows: Vec<(i64, i64, &str, f64)> = ids.iter().map(|id| (*id, *id, "2025-01-01", 1.0)).collect();
    let customers = Sandbox::with(orders(&rows)).run(&[]).table("customers");
    assert_eq!(integers(&customers, "customer_id"), [i64::MIN, -5, 9, 20, 100, i64::MAX]);
}

#[test]
fn order_ids_may_use_all_of_64_bits() {
    // Hashes often do.
    let large = [u64::MAX, u64::MAX - 1, u64::MAX];
    let customers = Sandbox::with(with(Column::new("order_id".into(), large))).run(&[]).table("customers");
    assert_eq!(integers(&customers, "orders"), [2, 1]);
}

/// Customer ids are published as int64: what does not fit is an error, and not another customer.
#[test]
fn customer_ids_beyond_63_bits_are_refused() {
    let sandbox = Sandbox::with(with(Column::new("customer_id".into(), [1_u64, 1, u64::MAX])));
    let ran = sandbox.try_run(&[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("customer ids above 9223372036854775807 do not fit"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("18446744073709551615"), "an id is not told: {}", ran.stderr);
}

#[test]
fn text_ids_keep_their_zeros_and_are_sorted_by_code_point() {
    let ids = ["007", "7", "07", "10", "é", "z", "客户", "A", "a", "\u{1f600}"];
    let rows: Vec<(i64, i64, &str, f64)> = (0..10).map(|i| (i, i, "2025-01-01", 1.0)).collect();
    let mut frame = orders(&rows);
    frame.with_column(Column::new("customer_id".into(), ids)).unwrap();
    let customers = Sandbox::with(frame).run(&[]).table("customers");
    let mut expected = ids.to_vec();
    expected.sort_unstable();
    assert_eq!(texts(&customers, "customer_id"), expected);
    assert_eq!(customers.column("customer_id").unwrap().dtype(), &DataType::String);
}

#[test]
fn ids_as_categories_are_texts() {
    let categories = DataType::from_categories(Categories::global());
    let as_text = plain().column("customer_id").unwrap().strict_cast(&DataType::String).unwrap();
    let frame = with(as_text.cast(&categories).unwrap());
    assert!(matches!(frame.column("customer_id").unwrap().dtype(), DataType::Categorical(..)));
    same_as_plain(frame.clone(), &[]);
    // One file of each: a dictionary is a way to store texts, not a type of its own.
    let sandbox = Sandbox::new();
    sandbox.file("a.parquet", with(as_text));
    sandbox.file("b.parquet", frame);
    assert_eq!(revenue(&sandbox.run(&[])), [600, 800]);
}

/// Midnight of the two days, in this unit.
fn stamps(per_second: i64, shift_seconds: i64) -> Vec<i64> {
    let at = |date| (i64::from(day(date)) * 86_400 + shift_seconds) * per_second;
    vec![at("2025-01-01"), at("2025-01-02"), at("2025-01-02")]
}

fn timestamps(unit: TimeUnit, zone: Option<TimeZone>, shift_seconds: i64) -> DataFrame {
    let per_second = match unit {
        TimeUnit::Milliseconds => 1_000,
        TimeUnit::Microseconds => 1_000_000,
        TimeUnit::Nanoseconds => 1_000_000_000,
    };
    let column = Column::new("order_ts".into(), stamps(per_second, shift_seconds));
    with(column.cast(&DataType::Datetime(unit, zone)).unwrap())
}

pub const UNITS: [TimeUnit; 3] = [TimeUnit::Milliseconds, TimeUnit::Microseconds, TimeUnit::Nanoseconds];

#[test]
fn timestamps_of_every_unit() {
    for unit in UNITS {
        for zone in [None, Some(TimeZone::UTC)] {
            // The first and the last second of a day belong to it.
            for second in [0, 86_399] {
                same_as_plain(timestamps(unit, zone.clone(), second), &[]);
            }
        }
    }
}

#[test]
fn the_day_is_that_of_the_business_zone() {
    // 16:00 UTC is midnight in Shanghai (+8): one second before belongs to the day, 16:00 to the next.
    let shanghai = ["--time-zone", "Asia/Shanghai"];
    for unit in UNITS {
        same_as_plain(timestamps(unit, Some(TimeZone::UTC), 16 * 3_600 - 1), &shanghai);
        let published = Sandbox::with(timestamps(unit, Some(TimeZone::UTC), 16 * 3_600)).run(&shanghai);
        let customers = published.table("customers");
        assert_eq!(texts(&customers, "first_order_date"), ["2025-01-02", "2025-01-03"]);
        // Without a zone a timestamp is already the business's own clock.
        same_as_plain(timestamps(unit, None, 16 * 3_600), &shanghai);
    }
}

/// New York: clocks went forward on 2025-03-09 at 07:00 UTC (from -5 to -4) and back on 2025-11-02 at 06:00 UTC.
#[test]
fn the_day_follows_the_changes_of_the_clock() {
    let second = |date: &str, hour: i64, second: i64| i64::from(day(date)) * 86_400 + hour * 3_600 + second;
    let cases = [
        // Midnight in New York is 05:00 UTC in winter and 04:00 UTC in summer.
        (second("2025-03-09", 4, 3_599), "2025-03-08"),
        (second("2025-03-09", 5, 0), "2025-03-09"),
        (second("2025-03-10", 3, 3_599), "2025-03-09"),
        (second("2025-03-10", 4, 0), "2025-03-10"),
        (second("2025-11-02", 3, 3_599), "2025-11-01"),
        (second("2025-11-02", 4, 0), "2025-11-02"),
        (second("2025-11-03", 4, 3_599), "2025-11-02"),
        (second("2025-11-03", 5, 0), "2025-11-03"),
    ];
    let count = cases.len() as i64;
    let stamps: Vec<i64> = cases.iter().map(|case| case.0 * 1_000_000).collect();
    let frame = frame(vec![
        Column::new("customer_id".into(), (0..count).collect::<Vec<i64>>()),
        Column::new("order_ts".into(), stamps)
            .cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)))
            .unwrap(),
        Column::new("amount".into(), vec![1.0; cases.len()]),
    ]);
    let customers = Sandbox::with(frame).run(&["--time-zone", "America/New_York"]).table("customers");
    assert_eq!(texts(&customers, "last_order_date"), cases.map(|case| case.1));
}

/// A zone in the file's own schema is a way to display the instant, not another instant.
#[test]
fn the_zone_of_the_file_does_not_move_the_instant() {
    let zoned = |name: &str| {
        let utc = timestamps(TimeUnit::Microseconds, Some(TimeZone::UTC), 16 * 3_600);
        let zone = TimeZone::opt_try_new(Some(name)).unwrap();
        let column = utc.column("order_ts").unwrap().to_physical_repr();
        with(column.cast(&DataType::Datetime(TimeUnit::Microseconds, zone)).unwrap().with_name("order_ts".into()))
    };
    // The business zone is UTC by default: 16:00 UTC is the same day.
    same_as_plain(zoned("Asia/Shanghai"), &[]);
    let sandbox = Sandbox::new();
    sandbox.file("a.parquet", zoned("Asia/Shanghai"));
    sandbox.file("b.parquet", zoned("America/New_York"));
    sandbox.file("c.parquet", timestamps(TimeUnit::Microseconds, Some(TimeZone::UTC), 0));
    assert_eq!(revenue(&sandbox.run(&[])), [900, 1_200]);
}

#[test]
fn instants_before_1970_and_long_ago() {
    let stamp = |date: &str| i64::from(day(date)) * 86_400_000 + 86_399_999;
    let stamps = [stamp("1969-12-31"), stamp("1900-02-28"), stamp("0001-01-01")];
    let column = Column::new("order_ts".into(), stamps);
    let frame = with(column.cast(&DataType::Datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC))).unwrap());
    let customers = Sandbox::with(frame).run(&[]).table("customers");
    assert_eq!(texts(&customers, "first_order_date"), ["1900-02-28", "0001-01-01"]);
    assert_eq!(texts(&customers, "last_order_date"), ["1969-12-31", "0001-01-01"]);
}

#[test]
fn dates_as_texts_of_a_given_form() {
    for (texts, format) in [
        (["01/01/2025", "02/01/2025", "02/01/2025"], "%d/%m/%Y"),
        (["2025-01-01 23:59:59", "2025-01-02 00:00:00", "2025-01-02 12:00:00"], "%Y-%m-%d %H:%M:%S"),
        (["20250101", "20250102", "20250102"], "%Y%m%d"),
        (["2025-01-01T00:00:00+0000", "2025-01-02T01:30:00+0100", "2025-01-01T20:00:00-0500"], "%Y-%m-%dT%H:%M:%S%z"),
    ] {
        same_as_plain(with(Column::new("order_ts".into(), texts)), &["--date-format", format]);
    }
    let zoned = ["2025-01-01T15:59:59Z", "2025-01-01T16:00:00Z", "2025-01-02T15:59:59Z"];
    let args = ["--date-format", "%Y-%m-%dT%H:%M:%S%#z", "--time-zone", "Asia/Shanghai"];
    same_as_plain(with(Column::new("order_ts".into(), zoned)), &args);
}

#[test]
fn dates_as_integers_of_a_given_unit() {
    let second = |factor: i64| Column::new("order_ts".into(), stamps(factor, 86_399));
    for (unit, column) in
        [("s", second(1)), ("ms", second(1_000)), ("us", second(1_000_000)), ("ns", second(1_000_000_000))]
    {
        same_as_plain(with(column), &["--epoch-unit", unit]);
    }
    let days: Vec<i64> = ["2025-01-01", "2025-01-02", "2025-01-02"].iter().map(|date| i64::from(day(date))).collect();
    for kind in [DataType::Int64, DataType::Int32, DataType::UInt16] {
        let column = Column::new("order_ts".into(), days.clone()).strict_cast(&kind).unwrap();
        // A day has no hour that a zone could move.
        same_as_plain(with(column), &["--epoch-unit", "d", "--time-zone", "America/New_York"]);
    }
    let seconds = Column::new("order_ts".into(), stamps(1, 16 * 3_600 - 1)).strict_cast(&DataType::Int32).unwrap();
    same_as_plain(with(seconds), &["--epoch-unit", "s", "--time-zone", "Asia/Shanghai"]);
}

#[test]
fn amounts_as_floats_and_decimals() {
    same_as_plain(cast("amount", &DataType::Float32), &[]);
    for scale in [0, 2, 4, 10] {
        same_as_plain(cast("amount", &DataType::Decimal(20, scale)), &[]);
    }
    same_as_plain(cast("amount", &DataType::Decimal(9, 2)), &[]);
    same_as_plain(cast("amount", &DataType::Decimal(38, 6)), &[]);
    // Decimals are rescaled exactly: a thousandth more or less than half a cent.
    let thousandths = Column::new("amount".into(), [1_005_i128, 1_004, -1_005]);
    let decimals = thousandths.i128().unwrap().clone().into_decimal_unchecked(18, 3).into_column();
    let published = Sandbox::with(with(decimals)).run(&["--returns", "literal"]);
    assert_eq!(revenue(&published), [101 + 100, -101]);
    // 32-bit floats stand for the decimal that was written: 0.1 and not 0.100000001490116.
    let short = Column::new("amount".into(), [0.1_f32, 19.99, 1234.56]);
    assert_eq!(revenue(&Sandbox::with(with(short)).run(&["--money-scale", "4"])), [1_000 + 199_900, 12_345_600]);
}

#[test]
fn amounts_as_quantity_times_unit_price() {
    let columns = ["--column", "quantity=pieces", "--column", "unit_price=price"];
    let priced = |quantity: Column, price: Column| {
        let mut frame = plain().drop("amount").unwrap();
        frame.with_column(quantity.with_name("pieces".into())).unwrap();
        frame.with_column(price.with_name("price".into())).unwrap();
        frame
    };
    let number = |values: [f64; 3], kind: &DataType| Column::new("x".into(), values).strict_cast(kind).unwrap();
    for quantity in [DataType::Int64, DataType::Int16, DataType::UInt64, DataType::Float64, DataType::Decimal(10, 2)] {
        for price in [DataType::Float64, DataType::Float32, DataType::Decimal(12, 3)] {
            let frame = priced(number([2.0, 4.0, 1.0], &quantity), number([0.5, 0.5, 4.0], &price));
            same_as_plain(frame, &columns);
        }
    }
    // 3 * 0.335 = 1.005: exact in decimals, and the decimal that floats mean.
    for price in [DataType::Float64, DataType::Decimal(12, 3)] {
        let frame = priced(number([3.0, 1.0, 2.0], &DataType::Int64), number([0.335, 1.0, 1.0], &price));
        assert_eq!(revenue(&Sandbox::with(frame).run(&columns)), [201, 200], "{price:?}");
    }
    // A missing factor is a missing amount.
    let frame = priced(
        Column::new("x".into(), [Some(1_i64), None, Some(1)]),
        Column::new("x".into(), [Some(1.0), Some(1.0), None]),
    );
    assert_eq!(
        Sandbox::with(frame).run(&[&columns[..], &["--max-quarantined-share", "1"]].concat()).outcomes()["null_amount"],
        2
    );
}

#[test]
fn a_column_of_another_name() {
    let mut frame = plain();
    for (old, new) in
        [("customer_id", "客户 编号"), ("order_id", "a=b"), ("order_ts", "when?"), ("amount", "betrag (€)")]
    {
        frame.rename(old, new.into()).unwrap();
    }
    let args = ["customer_id=客户 编号", "order_id=a=b", "order_ts=when?", "amount=betrag (€)"];
    let args: Vec<&str> = args.into_iter().flat_map(|column| ["--column", column]).collect();
    same_as_plain(frame, &args);
}

#[test]
fn columns_in_a_date_and_dates_in_a_window_of_a_whole_year() {
    let frame = frame(vec![
        Column::new("customer_id".into(), [1_i64, 2]),
        dates("order_ts", &["2024-02-29", "2025-02-28"]),
        Column::new("amount".into(), [1.0, 2.0]),
    ]);
    // From 2024-02-29 to 2025-02-28 there are 365 days: the first is outside of a window of 365.
    let customers = Sandbox::with(frame).run(&["--as-of", "2025-02-28", "--window-days", "365"]).table("customers");
    assert_eq!(integers(&customers, "orders"), [0, 1]);
}
