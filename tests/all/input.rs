//! Whole runs through the binary on inputs that are odd in one way: repeats, attributes, directories, far dates and ids.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use polars::prelude::*;

/// Writes a frame, and the directories above it.
fn write(path: &Path, mut frame: DataFrame) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    ParquetWriter::new(File::create(path).unwrap()).finish(&mut frame).unwrap();
}

/// Runs the program below `root`: input `in`, output `out`.
fn run_with(root: &Path, input: &Path, arguments: &[&str]) -> Output {
    let _ = fs::remove_dir_all(root.join("out"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_rfmetrics"));
    command.env_remove("RFMETRICS_SHARED");
    command.current_dir(root).args(["run", "--quiet", "--output", "out", "--input"]).arg(input).args(arguments);
    command.output().unwrap()
}

fn run(root: &Path, arguments: &[&str]) -> Output {
    run_with(root, &root.join("in"), arguments)
}

fn published(output: &Output, root: &Path) -> PathBuf {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    root.join(String::from_utf8_lossy(&output.stdout).lines().last().unwrap())
}

fn table(directory: &Path, name: &str) -> DataFrame {
    ParquetReader::new(File::open(directory.join(format!("{name}.parquet"))).unwrap()).finish().unwrap()
}

fn refusal(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

/// Rows and amount of one outcome.
fn outcome(directory: &Path, name: &str) -> (i64, bool) {
    let quality = table(directory, "quality");
    let outcomes = quality.column("outcome").unwrap().str().unwrap();
    let row = outcomes.iter().position(|outcome| outcome == Some(name)).unwrap();
    let is_known = !quality.column("amount").unwrap().get(row).unwrap().is_null();
    (quality.column("rows").unwrap().i64().unwrap().get(row).unwrap(), is_known)
}

fn texts(frame: &DataFrame, column: &str) -> Vec<Option<String>> {
    let texts = frame.column(column).unwrap().cast(&DataType::String).unwrap();
    texts.str().unwrap().iter().map(|text| text.map(Into::into)).collect()
}

fn shown(texts: &[Option<&str>]) -> Vec<Option<String>> {
    texts.iter().map(|text| text.map(Into::into)).collect()
}

/// One row per customer, order and day; the amount is 1.
fn sales(customers: &[&str], orders: &[&str], days: &[i32]) -> DataFrame {
    df!("customer_id" => customers, "order_id" => orders, "order_ts" => days, "amount" => vec![1.0; days.len()])
        .unwrap()
        .lazy()
        .with_column(col("order_ts").cast(DataType::Date))
        .collect()
        .unwrap()
}

#[test]
fn whole_repeats_are_left_out_across_files_and_counted() {
    let root = tempfile::tempdir().unwrap();
    write(&root.path().join("in/a.parquet"), sales(&["A", "A", "B"], &["1", "1", "2"], &[10, 10, 11]));
    write(&root.path().join("in/b.parquet"), sales(&["B", "C"], &["2", "3"], &[11, 12]));
    let kept = published(&run(root.path(), &[]), root.path());
    assert_eq!((outcome(&kept, "kept").0, outcome(&kept, "duplicate")), (5, (0, true)));
    // Two of five rows repeat another: the second of A, and the B of the other file.
    let kept = published(&run(root.path(), &["--dedupe"]), root.path());
    assert_eq!((outcome(&kept, "kept").0, outcome(&kept, "duplicate")), (3, (2, true)));
    let quarantine = table(&kept, "quarantine");
    let mut shown_rows = ["reason", "file", "row", "customer_id", "amount"].map(|column| texts(&quarantine, column));
    for file in shown_rows[1].iter_mut().flatten() {
        *file = Path::new(file).strip_prefix(root.path()).unwrap().display().to_string();
    }
    let expected = [
        shown(&[Some("duplicate"); 2]),
        shown(&[Some("in/a.parquet"), Some("in/b.parquet")]),
        shown(&[Some("1"), Some("0")]),
        shown(&[Some("A"), Some("B")]),
        shown(&[Some("1.0"); 2]),
    ];
    let by_file = |columns: [Vec<Option<String>>; 5]| {
        let mut rows: Vec<Vec<Option<String>>> =
            (0..2).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect();
        rows.sort();
        rows
    };
    assert_eq!(by_file(shown_rows), by_file(expected));
    // Only rows that meet the filter are part of the account: three of A and C, one of them a repeat.
    let kept = published(&run(root.path(), &["--dedupe", "--filter", "customer_id <> 'B'"]), root.path());
    assert_eq!((outcome(&kept, "kept").0, outcome(&kept, "duplicate").0), (2, 1));
}

#[test]
fn repeats_are_counted_and_kept_where_requested() {
    let root = tempfile::tempdir().unwrap();
    write(&root.path().join("in/a.parquet"), sales(&["A", "A", "B"], &["1", "1", "2"], &[10, 10, 11]));
    write(&root.path().join("in/b.parquet"), sales(&["B", "A"], &["2", "1"], &[11, 10]));
    let repeated = |words: &[&str]| {
        let kept = published(&run(root.path(), words), root.path());
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs::read(kept.join("manifest.json")).unwrap()).unwrap();
        (outcome(&kept, "kept").0, manifest["notes"]["rows_repeated"].as_u64())
    };
    // Two of the three rows of A, one of the two of B.
    assert_eq!(repeated(&["--count-repeats"]), (5, Some(3)));
    assert_eq!(repeated(&["--count-repeats", "--filter", "customer_id = 'B'"]), (2, Some(1)));
    assert_eq!(repeated(&[]), (5, None));
    let ran = run_with(root.path(), &root.path().join("in"), &["--count-repeats", "--dedupe"]);
    assert_eq!(ran.status.code(), Some(2), "one or the other");
}

#[test]
fn repeats_outside_the_time_or_of_excluded_customers_are_never_called_bad() {
    let root = tempfile::tempdir().unwrap();
    let rows = sales(&["A", "A", "A", "A", "B", "B"], &["1", "1", "2", "2", "3", "3"], &[10, 10, 20, 20, 10, 10]);
    write(&root.path().join("in/a.parquet"), rows);
    fs::write(root.path().join("left.txt"), "B\n").unwrap();
    let list = ["--set", "privacy.exclude_ids=left.txt"];
    let words = [&["--dedupe", "--as-of", "1970-01-12"], list.as_slice()].concat();
    let kept = published(&run(root.path(), &words), root.path());
    let rows = |name: &str| outcome(&kept, name).0;
    assert_eq!(["kept", "duplicate", "after_as_of", "excluded_customer"].map(rows), [1, 1, 2, 2]);
    assert_eq!(texts(&table(&kept, "quarantine"), "customer_id"), shown(&[Some("A")]));
    // A missing id is not that of customer 0, whatever is stored for it in memory.
    let rows = df!("customer_id" => [None, None, Some(0_i64), Some(1)], "amount" => [1.0; 4]).unwrap();
    let days = Column::new("order_ts".into(), [10_i32; 4]).cast(&DataType::Date).unwrap();
    write(&root.path().join("in/a.parquet"), rows.hstack(&[days]).unwrap());
    fs::write(root.path().join("left.txt"), "0\n").unwrap();
    let kept = published(&run(root.path(), &[&["--dedupe"], list.as_slice()].concat()), root.path());
    let rows = |name: &str| outcome(&kept, name).0;
    assert_eq!(["kept", "null_customer", "duplicate", "excluded_customer"].map(rows), [1; 4]);
}

#[test]
fn the_corpus_file_of_repeated_lines_loses_twenty() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/badinputs/values/dup_lines.parquet");
    if !file.exists() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let kept = published(&run_with(root.path(), &file, &["--dedupe"]), root.path());
    assert_eq!(outcome(&kept, "duplicate").0, 20);
}

#[test]
fn of_rows_with_one_key_the_first_is_kept_whatever_their_order() {
    let root = tempfile::tempdir().unwrap();
    let rows = sales(&["B", "A", "A", "C"], &["1", "1", "2", "3"], &[10, 11, 12, 13]);
    for reversed in [false, true] {
        let rows = if reversed { rows.reverse() } else { rows.clone() };
        write(&root.path().join("in/a.parquet"), rows);
        let kept = published(&run(root.path(), &["--set", "clean.dedupe_keys=[\"order_id\"]"]), root.path());
        // Order 1 has rows of A and B: A comes first.
        assert_eq!(texts(&table(&kept, "customers"), "customer_id"), shown(&[Some("A"), Some("C")]));
        assert_eq!(outcome(&kept, "duplicate").0, 1);
    }
}

/// Three rows of A, one of them after the analysis date, and one of B.
fn with_attributes(root: &Path, order: &[u32], files: usize) -> DataFrame {
    let rows = df!(
        "customer_id" => [" A", "A ", "A", "A", "B"],
        "order_ts" => [10, 12, 12, 99, 11],
        "amount" => [1.0; 5],
        "city" => [Some("Rome"), Some("Oslo"), Some("Bonn"), Some("Zug"), None],
        "age" => [Some(30_i16), None, None, Some(99), Some(40)],
        "vip" => [true, false, true, false, false],
        "weight" => [1.5_f32, 2.5, 0.5, 9.0, 3.0],
        "since" => [1, 2, 3, 4, 5],
        "seen" => [0_i64, 1_500, 1_000, 9_000, 0],
    )
    .unwrap()
    .lazy()
    .with_columns([
        col("order_ts").cast(DataType::Date),
        col("since").cast(DataType::Date),
        col("seen").cast(DataType::Datetime(TimeUnit::Milliseconds, None)),
    ])
    .collect()
    .unwrap();
    let rows = rows.take(&IdxCa::from_slice("".into(), order)).unwrap();
    let _ = fs::remove_dir_all(root.join("in"));
    let per_file = order.len().div_ceil(files);
    for file in 0..files {
        let part = rows.slice(i64::try_from(file * per_file).unwrap(), per_file);
        write(&root.join(format!("in/{file}.parquet")), part);
    }
    let list = "columns.attributes=[\"city\",\"age\",\"vip\",\"weight\",\"since\",\"seen\"]";
    let output = run(root, &["--as-of", "1970-01-21", "--set", list, "--set", "clean.trim_ids=true"]);
    table(&published(&output, root), "customers")
}

#[test]
fn the_last_value_of_attributes_is_carried_whatever_the_order_of_rows_and_files() {
    let root = tempfile::tempdir().unwrap();
    let customers = with_attributes(root.path(), &[0, 1, 2, 3, 4], 1);
    // A's latest kept rows are of day 12: the greater of each pair; the age was last said on day 10.
    assert_eq!(texts(&customers, "customer_id"), shown(&[Some("A"), Some("B")]));
    assert_eq!(texts(&customers, "city"), shown(&[Some("Oslo"), None]));
    assert_eq!(texts(&customers, "age"), shown(&[Some("30"), Some("40")]));
    assert_eq!(texts(&customers, "vip"), shown(&[Some("true"), Some("false")]));
    assert_eq!(texts(&customers, "weight"), shown(&[Some("2.5"), Some("3.0")]));
    assert_eq!(texts(&customers, "since"), shown(&[Some("1970-01-04"), Some("1970-01-06")]));
    let seen = shown(&[Some("1970-01-01 00:00:01.500"), Some("1970-01-01 00:00:00")]);
    assert_eq!(texts(&customers, "seen"), seen);
    let types: Vec<DataType> = ["city", "age", "vip", "weight", "since", "seen"]
        .map(|name| customers.column(name).unwrap().dtype().clone())
        .into();
    let [text, long, double] = [DataType::String, DataType::Int64, DataType::Float64];
    assert_eq!(types, [text.clone(), long, DataType::Boolean, double, DataType::Date, text]);
    for (order, files) in [([4, 3, 2, 1, 0], 1), ([2, 0, 4, 1, 3], 5), ([1, 2, 3, 4, 0], 2)] {
        assert!(with_attributes(root.path(), &order, files).equals_missing(&customers), "{order:?}");
    }
}

#[test]
fn an_attribute_may_not_have_the_name_of_a_column_of_the_table() {
    let root = tempfile::tempdir().unwrap();
    write(&root.path().join("in/a.parquet"), sales(&["A"], &["1"], &[10]));
    let text = refusal(&run(root.path(), &["--set", "columns.attributes=[\"Segment\"]"]), 2);
    assert!(text.contains("columns.attributes") && text.contains("`Segment`"), "{text}");
}

#[test]
fn hive_keys_below_the_given_path_are_texts() {
    let root = tempfile::tempdir().unwrap();
    // The given path lies below a directory that looks like a partition too.
    let given = root.path().join("region=9/data");
    let file = |directory: &str, customer: &str| {
        write(&given.join(directory).join("part.parquet"), sales(&[customer], &["1"], &[10]));
    };
    file("year=2024/region=1", "A");
    file("year=2024/region=01", "B");
    file("year=2025/region=__HIVE_DEFAULT_PARTITION__", "C");
    file("year=2025/region=a=b%20c", "D");
    let customers = |filter: &str| {
        let output = run_with(root.path(), &given, &["--set", "input.hive_partitions=true", "--filter", filter]);
        texts(&table(&published(&output, root.path()), "customers"), "customer_id").into_iter().flatten().collect()
    };
    let found: [Vec<String>; 6] = [
        "region = '1'",
        "year = '2024'",
        "region IS NULL",
        "region = 'a=b c'",
        "region <> '1' AND customer_id <> 'B'",
        "region = '1' OR customer_id = 'C'",
    ]
    .map(customers);
    assert_eq!(found.map(|ids| ids.concat()), ["A", "AB", "C", "D", "D", "AC"]);
    let output = run_with(root.path(), &given, &["--set", "input.hive_partitions=true", "--filter", "region = '9'"]);
    refusal(&output, 4);
    // A key as a column with a role; without partitions in the settings, the names mean nothing.
    let output =
        run_with(root.path(), &given, &["--set", "input.hive_partitions=true", "--column", "customer_id=year"]);
    let customers = table(&published(&output, root.path()), "customers");
    assert_eq!(texts(&customers, "customer_id"), shown(&[Some("2024"), Some("2025")]));
    refusal(&run_with(root.path(), &given, &["--filter", "year = '2024'"]), 3);
}

#[test]
fn a_timestamp_far_out_is_quarantined_as_its_number() {
    let root = tempfile::tempdir().unwrap();
    let rows = df!("customer_id" => ["A", "B"], "order_ts" => [0, i64::MAX], "amount" => [1.0, 1.0]).unwrap().lazy();
    let stamp = col("order_ts").cast(DataType::Datetime(TimeUnit::Milliseconds, None));
    write(&root.path().join("in/a.parquet"), rows.with_column(stamp).collect().unwrap());
    let kept = published(&run(root.path(), &[]), root.path());
    assert_eq!(outcome(&kept, "unparsable_date").0, 1);
    assert_eq!(texts(&table(&kept, "quarantine"), "order_ts"), shown(&[Some("9223372036854775807 ms")]));
}

#[test]
fn unsigned_ids_that_do_not_fit_are_refused_without_showing_them() {
    let root = tempfile::tempdir().unwrap();
    let rows = df!("customer_id" => [1_u64, u64::MAX], "order_ts" => [1, 2], "amount" => [1.0, 1.0]).unwrap().lazy();
    let rows = rows.with_column(col("order_ts").cast(DataType::Date)).collect().unwrap();
    write(&root.path().join("in/a.parquet"), rows);
    let text = refusal(&run(root.path(), &[]), 3);
    assert!(text.contains("above 9223372036854775807 do not fit\ncause: in `"), "{text}");
    assert!(text.contains("hint: cast the column to a text"), "{text}");
    assert!(!text.contains("18446744073709551615"), "{text}");
}

#[test]
fn a_made_up_last_date_is_not_the_analysis_date_unless_it_is_given() {
    let root = tempfile::tempdir().unwrap();
    // 9999-12-31 is day 2_932_896.
    write(&root.path().join("in/a.parquet"), sales(&["A", "B"], &["1", "2"], &[10, 2_932_896]));
    let text = refusal(&run(root.path(), &[]), 4);
    assert!(text.contains("9999-12-31") && text.contains("--as-of"), "{text}");
    published(&run(root.path(), &["--as-of", "9999-12-31"]), root.path());
}

#[test]
fn lint_map_ends_its_line_and_a_closed_pipe_is_not_a_failure() {
    let program = env!("CARGO_BIN_EXE_rfmetrics");
    let linted = Command::new(program).args(["lint-map", "rf25"]).output().unwrap();
    assert!(linted.status.success() && linted.stdout.ends_with(b"\n"));
    for arguments in [&["man"][..], &["completions", "bash"], &["schema"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = Command::new(program).args(arguments).stdout(Stdio::from(writer)).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
}
