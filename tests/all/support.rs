//! What the tests share: a directory of their own, small Parquet files, the binary, its tables as frames and as text.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use polars::prelude::*;
use rfmetrics::reports::{Chapter, Report};
use rfmetrics::schema::{ColumnEntry, TableEntry};
use tempfile::TempDir;

/// The directory of one test: input in `in`, output in `out`. It is removed with the sandbox, and everything published
/// in it.
pub struct Sandbox {
    root: Arc<TempDir>,
}

/// What a run of the binary left behind on its streams.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    pub fn new() -> Self {
        let root = Arc::new(tempfile::tempdir().unwrap());
        fs::create_dir(root.path().join("in")).unwrap();
        Self { root }
    }

    /// A sandbox whose input is one file.
    pub fn with(frame: DataFrame) -> Self {
        let sandbox = Self::new();
        sandbox.file("a.parquet", frame);
        sandbox
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn input(&self) -> PathBuf {
        self.root().join("in")
    }

    pub fn output(&self) -> PathBuf {
        self.root().join("out")
    }

    /// Writes an input file; `name` may lie in directories.
    pub fn file(&self, name: &str, frame: DataFrame) -> PathBuf {
        self.file_of_groups(name, frame, 1 << 20)
    }

    /// Writes an input file in row groups of this many rows.
    pub fn file_of_groups(&self, name: &str, mut frame: DataFrame, rows: usize) -> PathBuf {
        let path = self.input().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let writer = ParquetWriter::new(File::create(&path).unwrap()).with_row_group_size(Some(rows));
        writer.finish(&mut frame).unwrap();
        path
    }

    /// Runs the binary with exactly these arguments, without the settings of the environment.
    pub fn command(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rfmetrics"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("RFMETRICS_") {
                command.env_remove(name);
            }
        }
        let done = command.current_dir(self.root()).args(args).output().unwrap();
        Ran {
            code: done.status.code().unwrap_or(-1),
            stdout: String::from_utf8(done.stdout).unwrap(),
            stderr: String::from_utf8(done.stderr).unwrap(),
        }
    }

    /// `rfmetrics run` from `in` to `out`.
    pub fn try_run(&self, args: &[&str]) -> Ran {
        let (input, output) = (self.input(), self.output());
        let mut all = vec!["run", "--quiet", "--input", input.to_str().unwrap(), "--output", output.to_str().unwrap()];
        all.extend_from_slice(args);
        self.command(&all)
    }

    /// As [`Sandbox::try_run`], and it must succeed; returns what was published.
    pub fn run(&self, args: &[&str]) -> Published {
        let ran = self.try_run(args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        self.published(&ran)
    }

    /// What a successful run published: the last line of stdout.
    pub fn published(&self, ran: &Ran) -> Published {
        self.at(ran.stdout.lines().last().unwrap().as_ref())
    }

    /// What is published in this directory.
    pub fn at(&self, path: &Path) -> Published {
        Published { path: self.root().join(path), _root: Arc::clone(&self.root) }
    }

    /// The visible names in the output.
    pub fn visible(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.output()) else { return Vec::new() };
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
        names.sort();
        names
    }

    /// `text` with this sandbox's directory replaced by `ROOT`.
    pub fn plain(&self, text: &str) -> String {
        let real = self.root().canonicalize().unwrap();
        text.replace(real.to_str().unwrap(), "ROOT").replace(self.root().to_str().unwrap(), "ROOT")
    }
}

/// One published run.
#[derive(Debug, Clone)]
pub struct Published {
    pub path: PathBuf,
    _root: Arc<TempDir>,
}

impl Published {
    pub fn table(&self, name: &str) -> DataFrame {
        read_parquet(&self.path.join(format!("{name}.parquet")))
    }

    pub fn manifest(&self) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.path.join("manifest.json")).unwrap()).unwrap()
    }

    /// The codes of the warnings, in their order.
    pub fn warning_codes(&self) -> Vec<String> {
        let details = self.manifest()["warning_details"].clone();
        details.as_array().unwrap().iter().map(|detail| detail["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Rows per outcome, those that occur.
    pub fn outcomes(&self) -> BTreeMap<String, i64> {
        let quality = self.table("quality");
        let names = texts(&quality, "outcome");
        let rows = integers(&quality, "rows");
        names.into_iter().zip(rows).filter(|(_, rows)| *rows > 0).collect()
    }

    /// Every file except the manifest, by name.
    pub fn bytes(&self) -> BTreeMap<String, Vec<u8>> {
        let files = fs::read_dir(&self.path).unwrap().map(|entry| entry.unwrap().path());
        let tables = files.filter(|path| path.extension().is_some_and(|extension| extension == "parquet"));
        tables
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
            .collect()
    }
}

pub fn read_parquet(path: &Path) -> DataFrame {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    ParquetReader::new(file).finish().unwrap()
}

/// Days since 1970-01-01 of a date.
pub fn day(date: &str) -> i32 {
    let date: chrono::NaiveDate = date.parse().unwrap();
    date.signed_duration_since(chrono::NaiveDate::default()).num_days() as i32
}

/// A column of dates.
pub fn dates(name: &str, dates: &[&str]) -> Column {
    let days: Vec<i32> = dates.iter().map(|date| day(date)).collect();
    Column::new(name.into(), days).cast(&DataType::Date).unwrap()
}

/// A frame of the columns; all of one length.
pub fn frame(columns: Vec<Column>) -> DataFrame {
    DataFrame::new(columns[0].len(), columns).unwrap()
}

/// Rows of customer, order, date and amount.
pub fn orders(rows: &[(i64, i64, &str, f64)]) -> DataFrame {
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let orders: Vec<i64> = rows.iter().map(|row| row.1).collect();
    let days: Vec<&str> = rows.iter().map(|row| row.2).collect();
    let amounts: Vec<f64> = rows.iter().map(|row| row.3).collect();
    frame(vec![
        Column::new("customer_id".into(), ids),
        Column::new("order_id".into(), orders),
        dates("order_ts", &days),
        Column::new("amount".into(), amounts),
    ])
}

/// 300 customers over two years, each at their own rate until they leave; a twentieth of the purchases are returned. In
/// rows without order ids; the last day before 2023-12-10.
pub fn shop() -> DataFrame {
    let mut state = 11_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as f64 + 0.5) / f64::from(1_u32 << 31)
    };
    let (first, end) = (day("2022-01-01"), day("2023-12-10"));
    let (mut ids, mut days, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
    for customer in 0..300_i64 {
        let mut at = first + (next() * 300.0) as i32;
        // Mean gaps and chances to leave that differ widely between customers.
        let (gap, leaves, price) = (5.0 / (0.02 + next().powi(2)), 0.4 * next().powi(2), -20.0 * next().ln());
        while at < end {
            ids.push(customer);
            days.push(at);
            let amount = ((5.0 + price * (0.5 + next())) * 100.0).round() / 100.0;
            amounts.push(if next() < 0.05 { -amount } else { amount });
            if next() < leaves {
                break;
            }
            at += 1 + (-gap * next().ln()) as i32;
        }
    }
    let days = Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap();
    frame(vec![Column::new("customer_id".into(), ids), days, Column::new("amount".into(), amounts)])
}

/// The tables of some chapters of the dictionary, in its order.
pub fn tables_of(chapters: &[Chapter]) -> Vec<&'static TableEntry> {
    Report::ALL.iter().filter(|report| chapters.contains(&report.chapter)).map(|report| &report.table).collect()
}

/// The report that makes a table.
pub fn report(table: &str) -> &'static Report {
    Report::ALL.iter().find(|report| report.table.name == table).unwrap_or_else(|| panic!("no report makes {table}"))
}

/// The names of all columns of a published table, by its entry.
pub fn columns_of(entry: &TableEntry) -> Vec<&'static str> {
    std::iter::once("as_of").chain(entry.columns.iter().map(|column| column.name)).collect()
}

/// The columns that stand last in a table of this name, whatever settings add before them.
pub fn last_columns(table: &str) -> Vec<ColumnEntry> {
    let report = Report::ALL.iter().find(|report| report.table.name == table).unwrap();
    let last = report.added.iter().filter(|added| added.chapter == Chapter::LastColumn);
    last.flat_map(|added| added.columns.columns).copied().collect()
}

/// The names of the columns, in order.
pub fn names(frame: &DataFrame) -> Vec<&str> {
    frame.get_column_names().into_iter().map(PlSmallStr::as_str).collect()
}

/// The values of a column as texts, null as `-`.
pub fn texts(frame: &DataFrame, name: &str) -> Vec<String> {
    let column = frame.column(name).unwrap();
    (0..frame.height()).map(|row| shown(&column.get(row).unwrap())).collect()
}

/// The values of an integer or date column.
pub fn integers(frame: &DataFrame, name: &str) -> Vec<i64> {
    let column = frame.column(name).unwrap().to_physical_repr().strict_cast(&DataType::Int64).unwrap();
    column.i64().unwrap().iter().map(|value| value.unwrap_or_else(|| panic!("{name} is null"))).collect()
}

/// The values of a float column; null as NaN.
pub fn floats(frame: &DataFrame, name: &str) -> Vec<f64> {
    let column = frame.column(name).unwrap().cast(&DataType::Float64).unwrap();
    column.f64().unwrap().iter().map(|value| value.unwrap_or(f64::NAN)).collect()
}

/// The values of a decimal column as whole minor units.
pub fn minor(frame: &DataFrame, name: &str) -> Vec<i128> {
    let column = frame.column(name).unwrap();
    assert!(matches!(column.dtype(), DataType::Decimal(..)), "{name} is {:?}", column.dtype());
    let physical = column.to_physical_repr();
    physical.i128().unwrap().iter().map(|value| value.unwrap_or_else(|| panic!("{name} is null"))).collect()
}

/// That a figure rounds to what a paper prints: it lies within half a unit of the last printed digit.
#[track_caller]
pub fn assert_prints(what: &str, found: f64, printed: &str) {
    let decimals = printed.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let half_a_unit = 0.5 * 0.1_f64.powi(i32::try_from(decimals).unwrap());
    let expected: f64 = printed.parse().unwrap();
    assert!((found - expected).abs() <= half_a_unit, "{what}: {found} is not printed as {printed}");
}

fn shown(value: &AnyValue<'_>) -> String {
    match value {
        AnyValue::Null => "-".to_owned(),
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        AnyValue::Float64(number) => format!("{number:?}"),
        other => other.to_string(),
    }
}

/// A table as text: a line of names, a line per row, `|` between. Null is `-`.
pub fn render(frame: &DataFrame, without: &[&str]) -> String {
    let kept: Vec<&str> = names(frame).into_iter().filter(|name| !without.contains(name)).collect();
    let columns: Vec<Vec<String>> = kept.iter().map(|name| texts(frame, name)).collect();
    let mut text = kept.join(" | ") + "\n";
    for row in 0..frame.height() {
        let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
        text += &(cells.join(" | ") + "\n");
    }
    text
}

/// The lines of `tests/golden/<name>.txt` but those that begin with `#`, which say where the figures come from.
fn golden(name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.txt"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().filter(|line| !line.starts_with('#')).map(ToOwned::to_owned).collect()
}

/// Compares with `tests/golden/<name>.txt`, text by text.
#[track_caller]
pub fn assert_golden(name: &str, actual: &str) {
    compare(name, &golden(name), actual, |expected, actual| expected == actual);
}

/// Compares the columns that `tests/golden/<name>.txt` names with it: numbers with a decimal point to ten digits, anything
/// else text by text. Where the name is that of a whole table, these are all columns but `as_of`.
#[track_caller]
pub fn assert_golden_near(name: &str, table: &DataFrame) {
    let expected = golden(name);
    let columns: Vec<&str> = expected[0].split(" | ").collect();
    let others: Vec<&str> = names(table).into_iter().filter(|name| !columns.contains(name)).collect();
    assert!(name.contains('.') || others == ["as_of"], "{name}: {others:?} are not in the example");
    compare(name, &expected, &render(table, &others), |expected, actual| {
        let (expected, actual): (Vec<_>, Vec<_>) = (expected.split(" | ").collect(), actual.split(" | ").collect());
        expected.len() == actual.len()
            && expected.iter().zip(actual).all(|(expected, actual)| is_near(expected, actual))
    });
}

fn is_near(expected: &str, actual: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok().filter(|_| text.contains('.'));
    let (Some(expected), Some(actual)) = (number(expected), number(actual)) else { return expected == actual };
    (expected - actual).abs() <= 1e-10 * expected.abs().max(1e-3)
}

#[track_caller]
fn compare(name: &str, expected: &[String], actual: &str, is_same: impl Fn(&str, &str) -> bool) {
    let actual: Vec<&str> = actual.lines().collect();
    let mut difference = String::new();
    for line in 0..expected.len().max(actual.len()) {
        let (left, right) = (expected.get(line).map_or("(nothing)", String::as_str), actual.get(line));
        let right = right.copied().unwrap_or("(nothing)");
        if !is_same(left, right) {
            difference += &format!("line {line}\n  expected {left}\n  actual   {right}\n");
        }
    }
    assert!(difference.is_empty(), "tests/golden/{name}.txt differs:\n{difference}");
}

/// Reference data and results next to this repository, if they exist.
pub fn shared() -> Option<PathBuf> {
    let sibling = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/golden");
    let named = std::env::var_os("RFMETRICS_SHARED").map(|path| PathBuf::from(path).join("golden"));
    let found = [Some(sibling), named].into_iter().flatten().find(|path| path.join("manifest.json").is_file());
    if found.is_none() {
        println!("skipped: neither ../shared/golden nor $RFMETRICS_SHARED/golden is there");
    }
    found
}
