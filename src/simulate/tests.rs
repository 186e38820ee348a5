//! Whole simulations, read back with the reader of the crate `parquet`.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::path::Path;

use parquet::basic::{Compression, LogicalType, TimeUnit};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::statistics::Statistics;
use parquet::record::{Field, Row};

use super::*;
use crate::error::Kind;

/// Sixty thousand lines in three files, with every kind of bad data.
fn small(output: &Path) -> SimulateOptions {
    SimulateOptions {
        output: output.to_path_buf(),
        lines: 60_000,
        files: 3,
        threads: 2,
        share_returns: 0.05,
        share_null_ids: 0.1,
        share_duplicates: 0.04,
        share_bad_dates: 0.03,
        extra_columns: true,
        ..SimulateOptions::default()
    }
}

fn in_new_directory(change: impl FnOnce(SimulateOptions) -> SimulateOptions) -> (tempfile::TempDir, Simulated) {
    let output = tempfile::tempdir().expect("a temporary directory");
    let simulated = simulate(&change(small(output.path()))).expect("the simulation runs");
    (output, simulated)
}

fn reader(path: &Path) -> SerializedFileReader<File> {
    SerializedFileReader::new(File::open(path).expect("the file")).expect("a Parquet file")
}

fn rows(simulated: &Simulated) -> Vec<Row> {
    let read = |path: &PathBuf| reader(path).into_iter().map(|row| row.expect("a row")).collect::<Vec<_>>();
    simulated.files.iter().flat_map(read).collect()
}

fn field<'r>(row: &'r Row, name: &str) -> &'r Field {
    row.get_column_iter().find(|(column, _)| *column == name).map(|(_, value)| value).expect("the column is there")
}

fn order_of(row: &Row) -> i64 {
    match field(row, "order_id") {
        Field::Long(order) => *order,
        other => panic!("an order id that is {other:?}"),
    }
}

fn micros_of_row(row: &Row) -> Option<i64> {
    match field(row, "order_ts") {
        Field::TimestampMicros(micros) => Some(*micros),
        Field::Null => None,
        other => panic!("a moment that is {other:?}"),
    }
}

fn amount_of(row: &Row) -> f64 {
    match field(row, "amount") {
        Field::Double(amount) => *amount,
        other => panic!("an amount that is {other:?}"),
    }
}

fn assert_share(name: &str, count: usize, n: usize, share: f64) {
    let (count, n) = (count as f64, n as f64);
    let deviation = (n * share * (1.0 - share)).sqrt();
    assert!((count - n * share).abs() <= 4.5 * deviation, "{name}: {count} of {n} for {share}");
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    for hive_by_month in [false, true] {
        let with = |threads| {
            in_new_directory(|options| SimulateOptions {
                threads,
                hive_by_month,
                lines: 400_000,
                id_kind: IdKind::Uuid,
                ..options
            })
        };
        let (one_directory, one) = with(1);
        let (two_directory, two) = with(2);
        assert_eq!(one.files.len(), if hive_by_month { 24 } else { 3 });
        for (a, b) in one.files.iter().zip(&two.files) {
            let inner = |path: &Path, directory: &tempfile::TempDir| {
                path.strip_prefix(directory.path()).expect("below it").to_path_buf()
            };
            assert_eq!(inner(a, &one_directory), inner(b, &two_directory));
            assert!(fs::read(a).expect("a file") == fs::read(b).expect("a file"), "{} differs", a.display());
        }
        assert_eq!((one.lines, one.orders, one.bytes), (two.lines, two.orders, two.bytes));
    }
}

#[test]
fn another_seed_gives_other_data() {
    let (_one, a) = in_new_directory(|options| options);
    let (_two, b) = in_new_directory(|options| SimulateOptions { seed: 2, ..options });
    assert_ne!(fs::read(&a.files[0]).expect("a file"), fs::read(&b.files[0]).expect("a file"));
}

#[test]
fn the_summary_agrees_with_the_files() {
    let (_output, simulated) = in_new_directory(|options| SimulateOptions { share_null_ids: 0.0, ..options });
    let rows = rows(&simulated);
    assert_eq!(rows.len() as u64, simulated.lines);
    let orders: HashSet<i64> = rows.iter().map(order_of).collect();
    assert_eq!(orders.len() as u64, simulated.orders);
    let customers: HashSet<String> = rows.iter().map(|row| field(row, "customer_id").to_string()).collect();
    assert_eq!(customers.len() as u64, simulated.customers);
    let bytes: u64 = simulated.files.iter().map(|path| fs::metadata(path).expect("the file").len()).sum();
    assert_eq!(bytes, simulated.bytes);
    let good = |micros: &i64| *micros != lines::FAR_PAST && *micros != lines::FAR_FUTURE;
    let days: Vec<NaiveDate> = rows.iter().filter_map(micros_of_row).filter(good).map(day_of).collect();
    assert_eq!(days.iter().min(), Some(&simulated.first_day));
    assert_eq!(days.iter().max(), Some(&simulated.last_day));
}

#[test]
fn the_target_is_met_within_one_percent() {
    // One percent is about three standard deviations at this size.
    for (lines_per_order, customers, b) in [(4.0, None, 2.426), (1.0, None, 20.0), (2.5, Some(150_000), 20.0)] {
        let (_output, simulated) =
            in_new_directory(|options| SimulateOptions { lines: 3_000_000, lines_per_order, customers, b, ..options });
        let share = simulated.lines as f64 / 3e6;
        assert!((share - 1.0).abs() < 0.01, "{share} of the target with {lines_per_order} lines per order");
        // Without a set number: 3 million / 12, or with 4 lines per order a third of 0.96 * 3 million / 4 orders.
        let expected = customers.unwrap_or(if lines_per_order > 1.0 { 240_000 } else { 250_000 });
        assert_eq!(simulated.customers, expected);
    }
}

#[test]
fn shares_are_honoured_in_the_files() {
    let (_output, simulated) = in_new_directory(|options| SimulateOptions { lines_per_order: 1.0, ..options });
    let rows = rows(&simulated);
    let originals: Vec<&Row> = rows.chunk_by(|a, b| a == b).map(|same| &same[0]).collect();
    let repeats = rows.len() - originals.len();
    assert_share("repeats", repeats, originals.len(), 0.04 / 0.96);
    let share = |name, is: &dyn Fn(&Row) -> bool, share| {
        assert_share(name, originals.iter().filter(|row| is(row)).count(), originals.len(), share);
    };
    share("returns", &|row| amount_of(row) < 0.0, 0.05);
    share("null ids", &|row| *field(row, "customer_id") == Field::Null, 0.1);
    share("null dates", &|row| micros_of_row(row).is_none(), 0.01);
    share("1900", &|row| micros_of_row(row) == Some(lines::FAR_PAST), 0.01);
    share("9999", &|row| micros_of_row(row) == Some(lines::FAR_FUTURE), 0.01);
}

#[test]
fn files_ascend_in_time_and_orders_lie_together() {
    let (_output, simulated) = in_new_directory(|options| SimulateOptions { share_bad_dates: 0.0, ..options });
    let rows = rows(&simulated);
    // Distinct orders in the order of their first line: 1, 2, 3 ... means ascending, gapless and together.
    let numbers = rows.chunk_by(|a, b| order_of(a) == order_of(b)).map(|lines| order_of(&lines[0]));
    assert!(numbers.eq(1..=simulated.orders.cast_signed()));
    let firsts: Vec<_> =
        rows.chunk_by(|a, b| order_of(a) == order_of(b)).map(|lines| micros_of_row(&lines[0])).collect();
    assert!(firsts.is_sorted());
    // Customers are scattered: most of those with three orders or more are in more than one file.
    let mut files_of: HashMap<String, HashSet<usize>> = HashMap::new();
    for (number, path) in simulated.files.iter().enumerate() {
        for row in reader(path) {
            let row = row.expect("a row");
            files_of.entry(field(&row, "customer_id").to_string()).or_default().insert(number);
        }
    }
    let scattered = files_of.values().filter(|files| files.len() > 1).count();
    assert!(scattered * 5 > files_of.len(), "{scattered} of {}", files_of.len());
}

#[test]
fn months_hold_the_orders_of_their_days() {
    let (_output, simulated) =
        in_new_directory(|options| SimulateOptions { hive_by_month: true, share_bad_dates: 0.0, ..options });
    for path in &simulated.files {
        let directory = path.parent().and_then(Path::file_name).expect("a month").to_string_lossy().into_owned();
        for row in reader(path) {
            let day = day_of(micros_of_row(&row.expect("a row")).expect("no bad dates"));
            assert_eq!(format!("month={}", day.format("%Y-%m")), directory);
        }
    }
}

#[test]
fn columns_and_types_are_those_that_were_requested() {
    let names = |simulated: &Simulated| -> Vec<String> {
        let reader = reader(&simulated.files[0]);
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        schema.columns().iter().map(|column| column.name().to_string()).collect()
    };
    let (_output, all) = in_new_directory(|options| options);
    assert_eq!(names(&all), ["customer_id", "order_id", "order_ts", "amount", "country", "quantity"]);
    let (_output, few) = in_new_directory(|options| SimulateOptions {
        order_ids: false,
        extra_columns: false,
        id_kind: IdKind::Short,
        amount_type: AmountType::Decimal,
        ..options
    });
    assert_eq!(names(&few), ["customer_id", "order_ts", "amount"]);
    let reader = reader(&few.files[0]);
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let types: Vec<_> = schema.columns().iter().map(|column| column.logical_type_ref().cloned()).collect();
    let expected = [LogicalType::String, LogicalType::timestamp(true, TimeUnit::MICROS), LogicalType::decimal(2, 18)];
    assert_eq!(types, expected.map(Some));
}

#[test]
fn both_amount_types_and_all_id_kinds_hold_the_same_orders() {
    let amounts = |amount_type, id_kind| -> Vec<(String, String)> {
        let (_output, simulated) = in_new_directory(|options| SimulateOptions {
            amount_type,
            id_kind,
            share_bad_dates: 0.0,
            lines: 12_000,
            ..options
        });
        let text = |row: &Row| match field(row, "amount") {
            Field::Double(amount) => format!("{amount:.2}"),
            other => other.to_string(),
        };
        rows(&simulated).iter().map(|row| (field(row, "order_ts").to_string(), text(row))).collect()
    };
    let base = amounts(AmountType::Double, IdKind::Integer);
    assert_eq!(base, amounts(AmountType::Decimal, IdKind::Short));
    assert_eq!(base, amounts(AmountType::Double, IdKind::Uuid));
}

#[test]
fn ids_of_each_kind_are_read_back() {
    let first_ids = |id_kind| {
        let (_output, simulated) =
            in_new_directory(|options| SimulateOptions { id_kind, share_null_ids: 0.0, ..options });
        let rows = rows(&simulated);
        (field(&rows[0], "customer_id").clone(), field(&rows[0], "order_id").clone())
    };
    let (Field::Long(customer), Field::Long(1)) = first_ids(IdKind::Integer) else { panic!("integers") };
    let short = (Field::Str(format!("C{customer:09}")), Field::Str("O000000000001".into()));
    assert_eq!(first_ids(IdKind::Short), short);
    let (Field::Str(customer), Field::Str(order)) = first_ids(IdKind::Uuid) else { panic!("texts") };
    assert_eq!((customer.len(), order.len()), (36, 36));
}

#[test]
fn files_have_statistics_and_compression() {
    let (_output, simulated) = in_new_directory(|options| options);
    let file = reader(&simulated.files[0]);
    let group = file.metadata().row_group(0);
    for column in group.columns() {
        assert!(column.statistics().is_some_and(|statistics| statistics.min_bytes_opt().is_some()));
        assert!(matches!(column.compression(), Compression::SNAPPY));
    }
    let is_null = |row: &Row| *field(row, "customer_id") == Field::Null;
    let rows = reader(&simulated.files[0]).into_iter();
    let nulls = rows.filter(|row| row.as_ref().is_ok_and(is_null)).count() as u64;
    assert_eq!(group.column(0).statistics().and_then(Statistics::null_count_opt), Some(nulls));
}

#[test]
fn row_groups_are_cut_and_every_line_is_in_one() {
    let (_output, simulated) = in_new_directory(|options| SimulateOptions { lines: 2_400_000, files: 1, ..options });
    let reader = reader(&simulated.files[0]);
    let sizes: Vec<i64> = reader.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    // An order is never cut, so a row group has a few lines more than a million.
    assert_eq!(sizes.len(), 3);
    assert!(sizes[..2].iter().all(|size| (1_000_000..1_000_200).contains(size)), "{sizes:?}");
    assert_eq!(sizes.iter().sum::<i64>(), simulated.lines.cast_signed());
}

#[test]
fn one_line_in_many_files_is_fine() {
    let (_output, simulated) = in_new_directory(|options| SimulateOptions { lines: 1, files: 20, ..options });
    assert_eq!((simulated.files.len(), simulated.customers, simulated.orders), (20, 1, 1));
    assert_eq!(rows(&simulated).len() as u64, simulated.lines);
    assert_eq!(simulated.first_day, simulated.last_day);
}

#[test]
fn a_single_day_is_a_period() {
    let day = NaiveDate::from_ymd_opt(2026, 2, 28).expect("a day of the calendar");
    let (_output, simulated) = in_new_directory(|options| SimulateOptions { start: day, end: day, ..options });
    assert_eq!((simulated.first_day, simulated.last_day), (day, day));
}

#[test]
fn a_second_run_is_refused_and_with_overwrite_replaces_the_first() {
    let (output, first) = in_new_directory(|options| SimulateOptions { files: 5, ..options });
    let again = simulate(&small(output.path())).expect_err("five files lie there");
    assert_eq!(again.kind(), Kind::Config);
    assert!(first.files.iter().all(|path| path.exists()));
    let options = SimulateOptions { overwrite: true, ..small(output.path()) };
    let second = simulate(&options).expect("it is asked for");
    let names = fs::read_dir(output.path()).expect("the directory").count();
    assert_eq!((second.files.len(), names), (3, 3), "nothing of the first run is left");
}

#[test]
fn a_failed_run_leaves_no_file() {
    let output = tempfile::tempdir().expect("a temporary directory");
    // There is a directory where the second file is to be written.
    let blocked = output.path().join("part-1.parquet.tmp");
    fs::create_dir(&blocked).expect("a directory");
    let error = simulate(&small(output.path())).expect_err("the file cannot be made");
    assert_eq!(error.kind(), Kind::Write);
    assert!(error.to_string().contains("part-1.parquet.tmp"), "{error}");
    fs::remove_dir(&blocked).expect("still there");
    assert_eq!(fs::read_dir(output.path()).expect("the directory").count(), 0);
}
