//! Which day an order has: stamps with and without a zone, old annotations, dates written as numbers.

use std::fs::File;
use std::sync::Arc;

use parquet::column::writer::ColumnWriter;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use polars::prelude::*;

use crate::cleaning::{account, customers};
use crate::damage::put;
use crate::raw::{Make, Raw, amounts, file, ids, int96, longs, plain, stamps};
use crate::support::{Published, Sandbox, day, frame, texts};

/// Customers 1, 2, .. with one order each, of 1.00.
fn dated(times: Column) -> DataFrame {
    let rows = times.len();
    frame(vec![
        Column::new("customer_id".into(), (1..=rows as i64).collect::<Vec<i64>>()),
        times.with_name("order_ts".into()),
        Column::new("amount".into(), vec![1.0; rows]),
    ])
}

/// Microseconds of a date and a time of it.
fn micros(date: &str, hour: i64, minute: i64) -> i64 {
    (i64::from(day(date)) * 86_400 + hour * 3_600 + minute * 60) * 1_000_000
}

fn naive(unit: TimeUnit, micros: &[i64]) -> Column {
    let ticks: Vec<i64> = micros
        .iter()
        .map(|ticks| match unit {
            TimeUnit::Milliseconds => ticks / 1_000,
            TimeUnit::Microseconds => *ticks,
            TimeUnit::Nanoseconds => ticks * 1_000,
        })
        .collect();
    Column::new("order_ts".into(), ticks).cast(&DataType::Datetime(unit, None)).unwrap()
}

fn days(published: &Published) -> Vec<String> {
    texts(&published.table("customers"), "last_order_date")
}

fn codes(published: &Published) -> Vec<String> {
    published.warning_codes().into_iter().filter(|code| code.contains("zone")).collect()
}

/// 22:30 UTC on 1 June is 00:30 of the 2nd in Berlin (+2 in summer); 20:30 in New York (-4) is 00:30 UTC of the 2nd.
#[test]
fn stamps_without_a_zone_are_of_the_source_zone() {
    for unit in [TimeUnit::Milliseconds, TimeUnit::Microseconds, TimeUnit::Nanoseconds] {
        let times = [micros("2024-06-01", 22, 30), micros("2024-06-01", 10, 0), micros("2024-06-01", 20, 30)];
        let sandbox = Sandbox::with(dated(naive(unit, &times)));
        let shown = |args: &[&str]| days(&sandbox.run(&[&["--as-of", "2024-06-30"], args].concat()));
        let (first, second) = ("2024-06-01".to_owned(), "2024-06-02".to_owned());
        let berlin = ["--time-zone", "Europe/Berlin"];
        assert_eq!(shown(&berlin), [&*first, &*first, &*first], "as they stand");
        let utc = ["--set", "dates.source_time_zone=UTC"];
        assert_eq!(shown(&[berlin, utc].concat()), [&*second, &*first, &*first], "20:30 UTC is 22:30 there");
        let new_york = ["--set", "dates.source_time_zone=America/New_York"];
        assert_eq!(shown(&new_york), [&*second, &*first, &*second], "days of UTC without a business zone");
        let own = ["--set", "dates.source_time_zone=Europe/Berlin"];
        assert_eq!(shown(&[berlin, own].concat()), [&*first, &*first, &*first]);
    }
}

#[test]
fn texts_with_a_time_and_without_an_offset_are_of_the_source_zone() {
    let shown = |values: [&str; 3], format: &str, args: &[&str]| {
        let sandbox = Sandbox::with(dated(Column::new("t".into(), values)));
        days(&sandbox.run(&[&["--as-of", "2024-07-31", "--date-format", format], args].concat()))
    };
    let source = ["--set", "dates.source_time_zone=America/New_York"];
    // 22:00 on 9 March is winter time (-5), 20:30 on 1 July summer time (-4).
    let times = ["2024-03-09 22:00", "2024-07-01 20:30", "2024-07-01 19:59"];
    assert_eq!(shown(times, "%Y-%m-%d %H:%M", &source), ["2024-03-10", "2024-07-02", "2024-07-01"]);
    assert_eq!(shown(times, "%Y-%m-%d %H:%M", &[]), ["2024-03-09", "2024-07-01", "2024-07-01"]);
    let offsets = ["2024-03-09 22:00 -0500", "2024-07-01 20:30 Z", "2024-07-01 19:59 -04:00"];
    assert_eq!(shown(offsets, "%Y-%m-%d %H:%M %z", &source), ["2024-03-10", "2024-07-01", "2024-07-01"]);
    let plain = ["2024-03-09", "2024-07-01", "2024-07-01"];
    assert_eq!(shown(plain, "%Y-%m-%d", &source), plain, "a day has no time that a zone could move");
}

#[test]
fn a_zone_without_an_effect_is_a_warning() {
    let warned = |frame: DataFrame, args: &[&str]| codes(&Sandbox::with(frame).run(args));
    let stamps = |zone: Option<TimeZone>| {
        let ticks = Column::new("t".into(), [micros("2024-06-01", 12, 0)]);
        dated(ticks.cast(&DataType::Datetime(TimeUnit::Microseconds, zone)).unwrap())
    };
    let text = |value: &str| dated(Column::new("t".into(), [value]));
    let (berlin, source) = (["--time-zone", "Europe/Berlin"], ["--set", "dates.source_time_zone=UTC"]);
    let (both, none) = ([berlin, source].concat(), Vec::<String>::new());
    assert_eq!(warned(stamps(None), &berlin), ["time_zone_without_effect"]);
    assert_eq!(warned(stamps(None), &both), none);
    assert_eq!(warned(stamps(None), &[]), none);
    assert_eq!(warned(stamps(Some(TimeZone::UTC)), &berlin), none);
    assert_eq!(warned(stamps(Some(TimeZone::UTC)), &both), ["source_time_zone_without_effect"]);
    let with_time = ["--date-format", "%Y-%m-%d %H:%M"];
    assert_eq!(warned(text("2024-06-01 12:00"), &[with_time, berlin].concat()), ["time_zone_without_effect"]);
    assert_eq!(warned(text("2024-06-01"), &["--date-format", "%Y-%m-%d", "--time-zone", "Europe/Berlin"]), none);
    // A check says the same.
    let sandbox = Sandbox::with(stamps(None));
    let ran = sandbox.command(&["check", "--input", "in", "--time-zone", "Europe/Berlin", "--format", "json"]);
    assert!(ran.code == 0 && ran.stdout.contains("dates.source_time_zone"), "{ran:?}");
    let ran = sandbox.command(&["check", "--input", "in", "--set", "dates.source_time_zone=Mars/Base"]);
    assert!(ran.code == 2 && ran.stderr.contains("dates.source_time_zone"), "{ran:?}");
}

/// A timestamp in microseconds with a logical type, in UTC or not.
fn annotated(values: &[i64], utc: bool) -> Raw {
    let flag = if utc { 0x11 } else { 0x12 };
    Raw { meaning: vec![0x25, 20, 0x4c, 0x8c, flag, 0x1c, 0x2c, 0, 0, 0, 0], ..stamps(values) }
}

fn raw(customer: &str, time: Raw) -> Vec<u8> {
    plain(&[ids(&[customer]), time, amounts(&[1.0])])
}

/// 16:00 UTC on 31 January is 01:00 of 1 February in Tokyo (+9).
#[test]
fn old_annotations_int96_and_utc_stand_side_by_side() {
    let sandbox = Sandbox::new();
    let at = micros("2024-01-31", 16, 0);
    put(&sandbox, "a.parquet", &raw("old", stamps(&[at])));
    put(&sandbox, "b.parquet", &raw("new", annotated(&[at], true)));
    // Millis without a logical type: converted type 9, a zigzag of 18.
    put(&sandbox, "c.parquet", &raw("millis", Raw { meaning: vec![0x25, 18], ..longs("order_ts", &[at / 1_000]) }));
    // Midnight UTC is 09:00 in Tokyo.
    put(&sandbox, "d.parquet", &raw("int96", int96(&[day("2024-01-31")])));
    let args = ["--as-of", "2024-02-10", "--time-zone", "Asia/Tokyo"];
    let published = sandbox.run(&args);
    let table = published.table("customers");
    assert_eq!(texts(&table, "customer_id"), ["int96", "millis", "new", "old"]);
    assert_eq!(days(&published), ["2024-01-31", "2024-02-01", "2024-02-01", "2024-02-01"]);
    assert!(codes(&published).is_empty());
    let ran =
        sandbox.command(&["explain", "old", "--input", "in", "--as-of", "2024-02-10", "--time-zone", "Asia/Tokyo"]);
    assert!(ran.stdout.contains("2024-01-31 16:00:00 UTC") && ran.stdout.contains("2024-02-01"), "{ran:?}");
    // One with a clock of its own does not fit them.
    put(&sandbox, "e.parquet", &raw("local", annotated(&[at], false)));
    let ran = sandbox.try_run(&args);
    assert!(ran.code == 3 && ran.stderr.contains("without time zone"), "{}", ran.stderr);
}

#[test]
fn an_int96_stamp_out_of_range_is_one_bad_row() {
    let days = [day("2025-01-01"), day("9999-12-31"), day("1600-01-01"), day("2025-01-02")];
    let columns = [ids(&["A", "B", "C", "D"]), int96(&days), amounts(&[1.0, 2.0, 4.0, 8.0])];
    let sandbox = Sandbox::new();
    put(&sandbox, "a.parquet", &file(&columns, Make::default()));
    let published = sandbox.run(&[]);
    assert_eq!(account(&published), "kept 2, unparsable_date 2");
    assert_eq!(customers(&published), "A 1 1.00, D 1 8.00");
    // Beside files of another type, too.
    put(&sandbox, "b.parquet", &raw("E", annotated(&[micros("2025-01-01", 0, 0)], true)));
    assert_eq!(account(&sandbox.run(&[])), "kept 3, unparsable_date 2");
}

#[test]
fn dates_written_as_numbers_need_their_format() {
    let numbers = Column::new("t".into(), [20_251_231_i64, 20_240_229, 20_250_229]);
    let args = ["--max-quarantined-share", "1", "--date-format", "%Y%m%d"];
    for kind in [DataType::Int64, DataType::Int32, DataType::UInt32, DataType::UInt64, DataType::Float64] {
        let sandbox = Sandbox::with(dated(numbers.cast(&kind).unwrap()));
        let published = sandbox.run(&args);
        assert_eq!(days(&published), ["2025-12-31", "2024-02-29"], "{kind:?}");
        assert_eq!(account(&published), "kept 2, unparsable_date 1");
    }
    let sandbox = Sandbox::with(dated(numbers));
    let ran = sandbox.try_run(&[]);
    assert!(ran.code == 3 && ran.stderr.contains("dates.format") && ran.stderr.contains("%Y%m%d"), "{}", ran.stderr);
    let ran = sandbox.try_run(&["--date-format", "%d/%m/%Y"]);
    assert!(ran.code == 3 && ran.stderr.contains("found int64"), "{}", ran.stderr);
    // The unit decides where both are given: these are seconds of August 1970.
    let both = sandbox.run(&["--date-format", "%Y%m%d", "--epoch-unit", "s"]);
    assert_eq!(days(&both), ["1970-08-23"; 3]);
    // What a check says of the dates, from the statistics.
    let sandbox = Sandbox::with(dated(Column::new("t".into(), [20_251_231_i64, 20_240_229])));
    let ran = sandbox.command(&["check", "--input", "in", "--date-format", "%Y%m%d", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let dates = &report["input"]["dates"];
    assert_eq!((&dates["first"], &dates["last"]), (&"2024-02-29".into(), &"2025-12-31".into()), "{dates}");
}

#[test]
fn init_understands_dates_written_as_numbers() {
    let sandbox = Sandbox::with(dated(Column::new("t".into(), [20_251_231_i64, 20_240_229])));
    let ran = sandbox.command(&["init", "--input", "in", "--output-file", "my.toml"]);
    assert!(ran.code == 0 && ran.stdout.contains("%Y%m%d"), "{ran:?}");
    let ran = sandbox.command(&["run", "--quiet", "--config", "my.toml", "--output", "out"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(days(&sandbox.published(&ran)), ["2025-12-31", "2024-02-29"]);
}

#[test]
fn float_epochs_are_read_and_those_that_are_no_numbers_are_bad_rows() {
    let second = |date: &str| (i64::from(day(date)) * 86_400) as f64;
    let seconds = [second("2025-01-01") + 86_399.75, second("2025-01-02"), f64::NAN, f64::INFINITY];
    let args = ["--max-quarantined-share", "1", "--epoch-unit"];
    for (unit, factor) in [("s", 1.0), ("ms", 1e3), ("us", 1e6)] {
        let times: Vec<f64> = seconds.iter().map(|second| second * factor).collect();
        let published = Sandbox::with(dated(Column::new("t".into(), times))).run(&[&args[..], &[unit]].concat());
        assert_eq!(days(&published), ["2025-01-01", "2025-01-02"], "{unit}");
        assert_eq!(account(&published), "kept 2, unparsable_date 2");
    }
    let whole_days = [f64::from(day("2025-01-01")), f64::from(day("2025-01-02")) + 0.5];
    let published = Sandbox::with(dated(Column::new("t".into(), whole_days))).run(&["--epoch-unit", "d"]);
    assert_eq!(days(&published), ["2025-01-01", "2025-01-02"]);
}

/// 3 November 2025 is 03112025, and as a number 3112025, which is smaller than that of a day in January.
#[test]
fn the_latest_attribute_is_that_of_the_latest_day_and_not_of_the_largest_number() {
    let table = frame(vec![
        Column::new("customer_id".into(), [1_i64, 1]),
        Column::new("order_ts".into(), [3_112_025_i64, 31_012_025]),
        Column::new("amount".into(), [1.0, 1.0]),
        Column::new("city".into(), ["new", "old"]),
    ]);
    let args = ["--date-format", "%d%m%Y", "--set", "columns.attributes=city"];
    let published = Sandbox::with(table).run(&args);
    assert_eq!(days(&published), ["2025-11-03"]);
    assert_eq!(texts(&published.table("customers"), "city"), ["new"]);
}

/// Statistics may skip files outside the window, but not those that a zone moves into it.
#[test]
fn trusted_statistics_follow_the_source_zone() {
    let sandbox = Sandbox::new();
    for (number, (date, hour)) in
        [("2024-06-08", 20), ("2024-06-09", 19), ("2024-06-09", 21), ("2024-06-10", 3), ("2024-06-10", 21)]
            .iter()
            .enumerate()
    {
        let mut table = dated(naive(TimeUnit::Microseconds, &[micros(date, *hour, 0)]));
        table.with_column(Column::new("customer_id".into(), [number as i64])).unwrap();
        sandbox.file(&format!("{number}.parquet"), table);
    }
    // In UTC (+4) these are 9 June 00:00, 9 June 23:00, 10 June 01:00, 10 June 07:00 and 11 June 01:00.
    let args = ["--as-of", "2024-06-10", "--window-days", "1", "--set", "dates.source_time_zone=America/New_York"];
    let plain = sandbox.run(&args);
    let trusting = sandbox.run(&[&args[..], &["--set", "input.trust_statistics=true"]].concat());
    assert_eq!(account(&plain), account(&trusting));
    assert_eq!(days(&plain), days(&trusting));
    assert!(plain.outcomes()["after_as_of"] == 1 && plain.outcomes()["kept"] >= 2, "{:?}", plain.outcomes());
}

/// A file of microseconds whose stored Arrow schema says nanoseconds, as older writers make it of nanoseconds.
fn stated_in_nanoseconds(sandbox: &Sandbox, name: &str, customer: i64, micros: i64) {
    let stamp = |name: &str| {
        let ticks = Column::new(name.into(), [micros * 1_000]);
        ticks.cast(&DataType::Datetime(TimeUnit::Nanoseconds, Some(TimeZone::UTC))).unwrap()
    };
    let ids = Column::new("customer_id".into(), [customer]);
    let stated = frame(vec![ids, stamp("order_ts"), Column::new("amount".into(), [1.0]), stamp("seen")]);
    let path = sandbox.file(name, stated);
    let footer = SerializedFileReader::new(File::open(&path).unwrap()).unwrap().metadata().file_metadata().clone();
    let stored = footer.key_value_metadata().cloned().unwrap();
    assert!(stored.iter().any(|entry| entry.key == "ARROW:schema"));
    let fields = "required int64 customer_id; required int64 order_ts (TIMESTAMP(MICROS,true)); required double amount; \
                  required int64 seen (TIMESTAMP(MICROS,true));";
    let schema = Arc::new(parse_message_type(&format!("message m {{ {fields} }}")).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_key_value_metadata(Some(stored)).build());
    let mut writer = SerializedFileWriter::new(File::create(&path).unwrap(), schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for number in [customer, micros, 0, micros] {
        let mut column = group.next_column().unwrap().unwrap();
        match column.untyped() {
            ColumnWriter::Int64ColumnWriter(writer) => writer.write_batch(&[number], None, None).unwrap(),
            ColumnWriter::DoubleColumnWriter(writer) => writer.write_batch(&[1.0], None, None).unwrap(),
            _ => unreachable!("two types"),
        };
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

/// The unit of the file counts, for days and for attributes, and such files stand beside those that state nothing else.
#[test]
fn a_unit_that_is_stated_beside_the_file_s_own_changes_nothing() {
    let sandbox = Sandbox::new();
    let at = micros("2024-01-31", 16, 0);
    stated_in_nanoseconds(&sandbox, "a.parquet", 1, at);
    let mut plain = dated(naive(TimeUnit::Microseconds, &[at]));
    let stamp = plain.column("order_ts").unwrap().cast(&DataType::Int64).unwrap();
    let stamp = stamp.cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))).unwrap();
    plain.with_column(stamp.clone()).unwrap();
    plain.with_column(stamp.with_name("seen".into())).unwrap();
    plain.with_column(Column::new("customer_id".into(), [2_i64])).unwrap();
    sandbox.file("b.parquet", plain);
    let published =
        sandbox.run(&["--as-of", "2024-02-10", "--time-zone", "Asia/Tokyo", "--set", "columns.attributes=seen"]);
    assert_eq!(days(&published), ["2024-02-01"; 2]);
    assert_eq!(texts(&published.table("customers"), "seen"), ["2024-01-31 16:00:00 UTC"; 2]);
}
