//! Columns of types that warehouses and lakes leave: those that nobody needs stop no run, and those that are needed are read for
//! what they mean, or named.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use polars::prelude::*;

use crate::columns::{cast, plain, revenue};
use crate::support::{Published, Sandbox, dates, frame, integers, texts};

/// The rows of [`plain`], and two more columns of any type.
const NEEDED: &str =
    "required int64 customer_id; required int64 order_id; required int32 order_ts (DATE); required double amount;";

/// Writes the three rows of [`plain`] with the crate `parquet`; what is not needed holds the number of the row.
fn write(path: &Path, fields: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let schema = Arc::new(parse_message_type(&format!("message t {{ {fields} }}")).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let levels = Some(&[1_i16; 3][..]);
    let (mut longs, mut place) = ([[1_i64, 1, 2], [11, 12, 13]].into_iter(), 0);
    while let Some(mut column) = group.next_column().unwrap() {
        match column.untyped() {
            ColumnWriter::Int64ColumnWriter(writer) => {
                writer
                    .write_batch(&longs.next().unwrap_or([7, 8, 9]), levels, levels.map(|_| &[0_i16; 3][..]))
                    .unwrap();
            }
            // 2025-01-01 is day 20089.
            ColumnWriter::Int32ColumnWriter(writer) => {
                writer.write_batch(&[20_089, 20_090, 20_090], levels, Some(&[0; 3])).unwrap();
            }
            ColumnWriter::DoubleColumnWriter(writer) => {
                writer.write_batch(&[1.0, 2.0, 4.0], levels, Some(&[0; 3])).unwrap();
            }
            ColumnWriter::FloatColumnWriter(writer) => {
                writer.write_batch(&[1.0, 2.0, 4.0], levels, Some(&[0; 3])).unwrap();
            }
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                let texts = ["one", "one", "two"].map(ByteArray::from);
                writer.write_batch(&texts, levels, Some(&[0; 3])).unwrap();
            }
            ColumnWriter::FixedLenByteArrayColumnWriter(writer) => {
                let length = if fields.contains("(2)") {
                    2
                } else if fields.contains("(12)") {
                    12
                } else {
                    16
                };
                let bytes = [1_u8, 1, 2].map(|value| FixedLenByteArray::from(vec![value; length]));
                writer.write_batch(&bytes, levels, Some(&[0; 3])).unwrap();
            }
            _ => unreachable!("no field of these tests"),
        }
        column.close().unwrap();
        place += 1;
    }
    assert!(place > 0);
    group.close().unwrap();
    writer.close().unwrap();
}

fn of(fields: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    write(&sandbox.input().join("a.parquet"), fields);
    sandbox
}

#[track_caller]
fn same_as_plain(published: &Published) {
    assert_eq!(revenue(published), [300, 400]);
    assert_eq!(integers(&published.table("customers"), "orders"), [2, 1]);
}

#[test]
fn a_column_that_nobody_needs_stops_no_run() {
    for unneeded in [
        "optional fixed_len_byte_array(16) x (UUID);",
        "optional fixed_len_byte_array(2) x (FLOAT16);",
        "optional fixed_len_byte_array(12) x (INTERVAL);",
        "optional binary x (JSON);",
        "optional binary x (BSON);",
        "optional fixed_len_byte_array(16) x (DECIMAL(38,2));",
        "optional int64 x (TIME(NANOS,true));",
        "optional int32 x (UNKNOWN);",
        "optional group x { optional fixed_len_byte_array(2) y (FLOAT16); }",
        "optional group x (LIST) { repeated group list { optional fixed_len_byte_array(12) element (INTERVAL); } }",
        "optional binary x (UTF8); optional double x;",
    ] {
        let sandbox = of(&format!("{NEEDED} {unneeded}"));
        same_as_plain(&sandbox.run(&[]));
        let checked = sandbox.command(&["check", "--input", "in", "--output", "out"]);
        assert_eq!(checked.code, 0, "{unneeded}: {}", checked.stderr);
        // With files that have other columns, and with a filter; the file is read once for all.
        sandbox.file("b.parquet", plain());
        let published = sandbox.run(&["--filter", "amount >= 2"]);
        assert_eq!(revenue(&published), [400, 800], "{unneeded}");
    }
}

#[test]
fn many_files_that_cannot_be_opened_as_they_are_keep_their_rows_and_numbers() {
    let sandbox = Sandbox::new();
    let odd = format!("{NEEDED} optional fixed_len_byte_array(2) x (FLOAT16);");
    for number in 0..5 {
        write(&sandbox.input().join(format!("{number}.parquet")), &odd);
    }
    // The only bad row is in a file of its own, and known by its place in it.
    let bad = frame(vec![
        Column::new("customer_id".into(), [Some(9_i64), None]),
        Column::new("order_id".into(), [1_i64, 2]),
        dates("order_ts", &["2025-01-01", "2025-01-01"]),
        Column::new("amount".into(), [0.5, 1.0]),
    ]);
    sandbox.file("z.parquet", bad);
    let published = sandbox.run(&["--max-quarantined-share", "1"]);
    assert_eq!(revenue(&published), [1_500, 2_000, 50]);
    let quarantine = published.table("quarantine");
    assert_eq!((integers(&quarantine, "row"), quarantine.height()), (vec![1], 1));
    assert!(texts(&quarantine, "file")[0].ends_with("z.parquet"));
}

#[test]
fn whole_rows_name_the_columns_that_cannot_be_compared() {
    let sandbox = of(&format!("{NEEDED} optional fixed_len_byte_array(2) half (FLOAT16);"));
    let ran = sandbox.try_run(&["--dedupe"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("`half`: found float16 in `"), "{}", ran.stderr);
    assert!(sandbox.try_run(&["--set", "clean.dedupe_keys=[\"order_id\"]"]).code == 0);
    let twice = of(&format!("{NEEDED} optional binary note (UTF8); optional double note;"));
    let ran = twice.try_run(&["--set", "clean.count_repeats=true"]);
    assert!(ran.code == 2 && ran.stderr.contains("`note`: more than one column has this name"), "{}", ran.stderr);
    // Rows with one key are those of all files, however each of them is read.
    let several = of(&format!("{NEEDED} optional fixed_len_byte_array(2) half (FLOAT16);"));
    several.file("b.parquet", cast("order_id", &DataType::Int32));
    several.file("c.parquet", cast("order_id", &DataType::Decimal(20, 0)));
    let keys = ["--set", "clean.dedupe_keys=[\"order_id\"]", "--max-quarantined-share", "1"];
    let published = several.run(&keys);
    assert_eq!((revenue(&published), published.outcomes()["duplicate"]), (vec![300, 400], 6));
    let latest = [&keys[..], &["--set", "clean.dedupe_latest_by=amount"]].concat();
    several.file(
        "d.parquet",
        frame(vec![
            Column::new("customer_id".into(), [2_i64]),
            Column::new("order_id".into(), [13_u8]),
            dates("order_ts", &["2025-01-02"]),
            Column::new("amount".into(), [5.0]),
        ]),
    );
    assert_eq!(revenue(&several.run(&latest)), [300, 500]);
    // What is only opened otherwise can be compared: the three rows are different ones.
    let uuids = of(&format!("{NEEDED} optional fixed_len_byte_array(16) x (UUID);"));
    same_as_plain(&uuids.run(&["--dedupe"]));
}

#[test]
fn uuids_are_texts_with_hyphens_in_every_role() {
    let uuid = |name: &str| format!("required fixed_len_byte_array(16) {name} (UUID);");
    let fields = format!("{} {}", NEEDED.replace("required int64 customer_id;", &uuid("customer_id")), "");
    let published = of(&fields).run(&[]);
    let ids = ["01010101-0101-0101-0101-010101010101", "02020202-0202-0202-0202-020202020202"];
    assert_eq!(texts(&published.table("customers"), "customer_id"), ids);
    let sandbox = of(&NEEDED.replace("required int64 order_id;", &uuid("order_id")));
    assert_eq!(integers(&sandbox.run(&[]).table("customers"), "orders"), [1, 1], "two rows have one order id");
    let filtered = sandbox.run(&["--filter", "order_id = '02020202-0202-0202-0202-020202020202'"]);
    assert_eq!(revenue(&filtered), [400]);
    let sandbox = of(&format!("{NEEDED} {}", uuid("device")));
    let published = sandbox.run(&["--set", "columns.attributes=[\"device\"]"]);
    assert_eq!(texts(&published.table("customers"), "device"), ids);
}

#[test]
fn bytes_are_texts_on_request() {
    let sandbox = of(&NEEDED.replace("int64 customer_id;", "binary customer_id;"));
    let ran = sandbox.try_run(&[]);
    assert!(ran.code == 3 && ran.stderr.contains("`input.binary_as_text`"), "{}", ran.stderr);
    let ids = |form: &str| {
        let published = sandbox.run(&["--set", &format!("input.binary_as_text={form}")]);
        texts(&published.table("customers"), "customer_id")
    };
    assert_eq!(ids("utf8"), ["one", "two"]);
    assert_eq!(ids("hex"), ["6f6e65", "74776f"]);
    let ran = sandbox.try_run(&["--set", "input.binary_as_text=uuid"]);
    assert!(ran.code == 3 && ran.stderr.contains("3 bytes where a UUID has 16"), "{}", ran.stderr);
    let fixed = of(&NEEDED.replace("int64 customer_id;", "fixed_len_byte_array(16) customer_id;"));
    assert_eq!(fixed.try_run(&[]).code, 3);
    let published = fixed.run(&["--set", "input.binary_as_text=uuid"]);
    assert_eq!(texts(&published.table("customers"), "customer_id")[0], "01010101-0101-0101-0101-010101010101");
    // ENUM and JSON are texts by their annotation.
    let named = of(&NEEDED.replace("int64 customer_id;", "binary customer_id (ENUM);"));
    assert_eq!(texts(&named.run(&[]).table("customers"), "customer_id"), ["one", "two"]);
}

fn decimals(name: &str, units: &[Option<i128>], scale: usize) -> Column {
    let units = Int128Chunked::from_iter_options(name.into(), units.iter().copied());
    units.into_decimal_unchecked(38, scale).into_series().into_column()
}

fn with(column: Column) -> DataFrame {
    let mut frame = plain();
    frame.with_column(column).unwrap();
    frame
}

#[test]
fn whole_decimals_are_ids_of_up_to_38_digits() {
    let small = with(decimals("customer_id", &[Some(9_007_199_254_740_993), Some(9_007_199_254_740_993), Some(17)], 0));
    let customers = Sandbox::with(small.clone()).run(&[]).table("customers");
    assert_eq!(customers.column("customer_id").unwrap().dtype(), &DataType::Int64);
    assert_eq!(integers(&customers, "customer_id"), [17, 9_007_199_254_740_993]);
    let large = 99_999_999_999_999_999_999_999_999_999_999_999_999_i128;
    let sandbox = Sandbox::with(with(decimals("customer_id", &[Some(large), Some(large), Some(17)], 0)));
    let customers = sandbox.run(&[]).table("customers");
    assert_eq!(texts(&customers, "customer_id"), ["17", "99999999999999999999999999999999999999"]);
    // Beside integers, which then are texts as well; and one customer is found by the digits.
    sandbox.file("b.parquet", with(Column::new("customer_id".into(), [17_i64, 17, 5])));
    let customers = sandbox.run(&[]).table("customers");
    assert_eq!(texts(&customers, "customer_id"), ["17", "5", "99999999999999999999999999999999999999"]);
    assert_eq!(integers(&customers, "orders"), [3, 1, 2]);
    let explained = sandbox.command(&["explain", "17", "--input", "in"]);
    assert_eq!(explained.code, 0, "{}", explained.stderr);
    let mistaken = Sandbox::with(with(decimals("customer_id", &[Some(17), Some(171), None], 1)));
    let ran = mistaken.try_run(&[]);
    assert!(ran.code == 3 && ran.stderr.contains("some customer ids are not whole numbers"), "{}", ran.stderr);
}

#[test]
fn floats_are_ids_with_a_warning_and_nan_is_a_missing_one() {
    let ids = Column::new("customer_id".into(), [1.0, f64::NAN, 2.0]);
    let sandbox = Sandbox::with(with(ids));
    let published = sandbox.run(&["--max-quarantined-share", "1"]);
    assert_eq!(revenue(&published), [100, 400]);
    assert_eq!(published.outcomes()["null_customer"], 1);
    let codes: Vec<String> = published.manifest()["warning_details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning["code"].as_str().unwrap().to_owned())
        .collect();
    assert!(codes.contains(&"ids_stored_as_floats".to_owned()), "{codes:?}");
    let checked = sandbox.command(&["check", "--input", "in"]);
    assert!(checked.stdout.contains("floats (float64)"), "{}", checked.stdout);
    let half = Sandbox::with(with(Column::new("order_id".into(), [1.5, 2.0, 3.0])));
    let ran = half.try_run(&[]);
    assert!(ran.code == 3 && ran.stderr.contains("some order ids are not whole numbers"), "{}", ran.stderr);
    // A missing order is an order of its own.
    let orders = Sandbox::with(with(Column::new("order_id".into(), [f64::NAN, f64::NAN, 3.0]))).run(&[]);
    assert_eq!(integers(&orders.table("customers"), "orders"), [2, 1]);
}

#[test]
fn columns_without_a_type_and_frames_without_rows() {
    let untyped = |name: &str| with(Series::new_null(name.into(), 3).into_column());
    let sandbox = Sandbox::with(untyped("order_id"));
    assert_eq!(integers(&sandbox.run(&[]).table("customers"), "orders"), [2, 1], "every row is an order");
    sandbox.file("b.parquet", plain());
    assert_eq!(integers(&sandbox.run(&[]).table("customers"), "orders"), [4, 2]);
    let amounts = Sandbox::with(plain());
    amounts.file("b.parquet", untyped("amount"));
    let published = amounts.run(&["--max-quarantined-share", "1"]);
    assert_eq!((revenue(&published), published.outcomes()["null_amount"]), (vec![300, 400], 3));
    let ran = Sandbox::with(untyped("amount")).try_run(&[]);
    assert!(ran.code == 3 && ran.stderr.contains("`amount`: found the null type"), "{}", ran.stderr);
    let empty = Sandbox::with(plain());
    empty.file("b.parquet", frame(vec![Column::new("customer_id".into(), Vec::<bool>::new())]));
    same_as_plain(&empty.run(&[]));
}

#[test]
fn days_beside_readings_of_a_clock() {
    let stamps = DataType::Datetime(TimeUnit::Microseconds, None);
    let sandbox = Sandbox::with(cast("order_ts", &DataType::Date));
    sandbox.file("b.parquet", cast("order_ts", &stamps));
    assert_eq!(revenue(&sandbox.run(&[])), [600, 800]);
    let filtered = sandbox.run(&["--filter", "order_ts < TIMESTAMP '2025-01-02 00:00:00'"]);
    assert_eq!(revenue(&filtered), [200]);
    // 00:00 in Tokyo is the day before in UTC; a day without a time is moved by nothing. An order is of the day of its first line,
    // and each has one in both files.
    let zoned = sandbox.run(&["--set", "dates.source_time_zone=Asia/Tokyo"]);
    assert_eq!(texts(&zoned.table("customers"), "first_order_date"), ["2024-12-31", "2025-01-01"]);
    assert_eq!(texts(&zoned.table("customers"), "last_order_date"), ["2025-01-01", "2025-01-01"]);
    // The latest attribute over both types: 12:00 is later than the day itself, which is its midnight.
    let noon = Column::new("order_ts".into(), [20_090_i64 * 86_400 + 43_200; 3]).cast(&DataType::Int64).unwrap();
    let noon = (noon.i64().unwrap().clone() * 1_000_000).into_column().cast(&stamps).unwrap();
    let of = |mut frame: DataFrame, city: &str| {
        frame.with_column(Column::new("city".into(), [city; 3])).unwrap();
        frame
    };
    let sandbox = Sandbox::with(of(cast("order_ts", &DataType::Date), "of the day"));
    sandbox.file("b.parquet", of(with(noon), "at noon"));
    let published = sandbox.run(&["--set", "columns.attributes=[\"city\"]"]);
    assert_eq!(texts(&published.table("customers"), "city"), ["at noon", "at noon"]);
}

#[test]
fn a_column_that_older_files_lack_is_null_where_that_is_said() {
    let sandbox = Sandbox::new();
    sandbox.file("2023.parquet", plain());
    sandbox.file("2024.parquet", with(Column::new("city".into(), ["Bonn", "Ulm", "Kiel"])));
    let attribute = ["--set", "columns.attributes=[\"city\"]"];
    let ran = sandbox.try_run(&attribute);
    assert!(ran.code == 3 && ran.stderr.contains("`input.missing_columns = \"null\"`"), "{}", ran.stderr);
    let null = [&attribute[..], &["--set", "input.missing_columns=null"]].concat();
    let published = sandbox.run(&null);
    assert_eq!(texts(&published.table("customers"), "city"), ["Ulm", "Kiel"]);
    let warnings = published.manifest()["warning_details"].to_string();
    assert!(warnings.contains("column_missing_in_files") && warnings.contains("2023.parquet"), "{warnings}");
    let filtered = |filter: &str| revenue(&sandbox.run(&["--set", "input.missing_columns=null", "--filter", filter]));
    assert_eq!(filtered("city IS NULL"), [300, 400]);
    assert_eq!(filtered("city = 'Bonn' OR coalesce(city, 'none') = 'none'"), [400, 400]);
    // Without a customer, a date or an amount there is nothing to count.
    sandbox.file("2022.parquet", plain().drop("amount").unwrap());
    let ran = sandbox.try_run(&null);
    assert!(ran.code == 3 && ran.stderr.contains("`amount`: missing in"), "{}", ran.stderr);
}

#[test]
fn names_that_differ_in_what_is_not_seen_are_taken_with_a_warning() {
    let renamed = |from: &str, to: &str| {
        let mut frame = with(Column::new("Gr\u{f6}\u{df}e".into(), ["S", "M", "L"]));
        frame.rename(from, to.into()).unwrap();
        frame
    };
    let sandbox = Sandbox::with(renamed("customer_id", "\u{feff}customer_id"));
    sandbox.file("b.parquet", renamed("Gr\u{f6}\u{df}e", "Gro\u{308}\u{df}e"));
    let args = ["--set", "columns.attributes=[\"Gr\u{f6}\u{df}e\"]", "--filter", "\"Gro\u{308}\u{df}e\" <> 'S'"];
    let published = sandbox.run(&args);
    assert_eq!(revenue(&published), [400, 800]);
    assert_eq!(texts(&published.table("customers"), "Gr\u{f6}\u{df}e"), ["M", "L"]);
    let warnings = published.manifest()["warning_details"].to_string();
    assert_eq!(warnings.matches("\"column_written_otherwise\"").count(), 3, "{warnings}");
    assert!(warnings.contains("u{feff}customer_id") && warnings.contains("u{308}"), "{warnings}");
    // Another case of letters is another name, and shown.
    sandbox.file("c.parquet", renamed("amount", "Amount"));
    let ran = sandbox.try_run(&[]);
    assert!(ran.code == 3 && ran.stderr.contains("did you mean `Amount`?"), "{}", ran.stderr);
}

#[test]
fn a_key_of_directories_may_be_a_column_where_both_agree() {
    let of = |region: [&str; 3], month: i32| {
        let mut frame = with(Column::new("region".into(), region));
        frame.with_column(Column::new("month".into(), [month; 3])).unwrap();
        frame
    };
    let attributes = ["--set", "columns.attributes=[\"region\",\"month\"]"];
    let sandbox = Sandbox::new();
    sandbox.file("region=EU/month=01/a.parquet", of(["EU"; 3], 1));
    sandbox.file("region=US/month=02/a.parquet", of(["US"; 3], 2));
    for hive in ["false", "true"] {
        let setting = format!("input.hive_partitions={hive}");
        let args = [&attributes[..], &["--set", &setting, "--filter", "region = 'US' AND month = 2"]].concat();
        let published = sandbox.run(&args);
        assert_eq!(revenue(&published), [300, 400]);
        assert_eq!(texts(&published.table("customers"), "region"), ["US", "US"]);
    }
    // In the middle of the file, so that the least and the greatest say nothing of it.
    sandbox.file("region=US/month=02/b.parquet", of(["US", "EU", "US"], 2));
    let ran = sandbox.try_run(&attributes);
    let clash = "`region`: hive partition key conflicts with the column in the file in `";
    assert!(ran.code == 3 && ran.stderr.contains(clash) && ran.stderr.contains("b.parquet"), "{}", ran.stderr);
    assert!(sandbox.visible().is_empty() || sandbox.visible().len() == 1, "nothing more is published");
}

#[test]
fn files_are_data_by_their_ending_or_their_content() {
    let sandbox = Sandbox::new();
    for name in ["000000_0", "a.parq", "b.pq", "C.PARQUET", "d.parquet"] {
        sandbox.file(name, plain());
    }
    fs::write(sandbox.input().join("load.csv"), "customer_id\n").unwrap();
    fs::write(sandbox.input().join("notes"), "of the load").unwrap();
    fs::hard_link(sandbox.input().join("a.parq"), sandbox.input().join("e.parquet")).unwrap();
    let published = sandbox.run(&[]);
    assert_eq!(revenue(&published), [1_500, 2_000]);
    let warnings = published.manifest()["warnings"].to_string();
    assert!(warnings.contains("2 files are passed over") && warnings.contains("load.csv"), "{warnings}");
    assert!(warnings.contains("1 path leads to the same file as another"), "{warnings}");
    fs::copy(sandbox.input().join("d.parquet"), sandbox.input().join("f.parquet.gz")).unwrap();
    let ran = sandbox.try_run(&[]);
    assert!(ran.code == 3 && ran.stderr.contains("f.parquet.gz`: was compressed as a whole"), "{}", ran.stderr);
}
