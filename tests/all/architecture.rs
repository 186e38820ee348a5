//! The walls of the house: which module may use which, who may scan and write, and what the tables look like.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::DataType;
use rfmetrics::schema::{
    AS_OF, CUSTOMER_COLUMNS_ON_REQUEST, ColumnEntry, ColumnType, SCORING_TABLES, TABLES, TableEntry,
};

use crate::support::{Published, Sandbox, names};
use crate::worked::example;

/// A source file: its path below `src` and its code, without comments and without the unit tests.
struct Source {
    path: String,
    code: String,
}

impl Source {
    /// The stage: the directory, or the name of the file.
    fn stage(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// The modules of this crate that it names, as `clean::options`.
    fn uses(&self) -> BTreeSet<String> {
        let mut uses = BTreeSet::new();
        for (start, _) in self.code.match_indices("crate::") {
            let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let path: String = self.code[start + 7..].chars().take_while(|c| is_word(*c)).collect();
            if let Some(group) = self.code[start + 7 + path.len()..].strip_prefix('{') {
                let inner = group.split('}').next().unwrap();
                uses.extend(inner.split(',').map(|name| format!("{path}{}", name.trim())));
            } else {
                uses.insert(path);
            }
        }
        uses
    }

    fn stages_used(&self) -> BTreeSet<String> {
        self.uses().into_iter().map(|path| path.split("::").next().unwrap().to_owned()).collect()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    walk(&root, &mut |path| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let is_test = name.ends_with("tests.rs") || name.contains("tests/") || name.contains("fixtures");
        if name.ends_with(".rs") && !is_test && name != "score/laws.rs" {
            sources.push(Source { path: name, code: code_of(&fs::read_to_string(path).unwrap()) });
        }
    });
    assert!(sources.len() > 80, "the sources were found: {}", sources.len());
    sources
}

fn walk(directory: &Path, work: &mut impl FnMut(&PathBuf)) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, work) } else { work(&path) }
    }
}

/// The text up to the unit tests, without comment lines.
fn code_of(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    before_tests.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// What each stage may use of this crate. Errors are for all; the conductor and the commands may use everything.
const MAY_USE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("aftermath", &["error"]),
    ("schema", &[]),
    ("models", &["error"]),
    ("social", &["social", "score", "error"]),
    ("predict", &["predict", "customers", "models", "error"]),
    ("clean", &["clean", "customers::key", "customers::scatter", "error"]),
    ("customers", &["customers", "clean::options", "error"]),
    ("score", &["score", "error"]),
    ("segment", &["segment", "score", "error"]),
    ("source", &["source", "clean::judge::role", "clean::options", "error"]),
    ("write", &["write", "error"]),
    ("privacy", &["privacy", "error"]),
    ("quality", &["clean", "customers", "error"]),
    (
        "reports",
        &[
            "reports",
            "clean",
            "customers",
            "models",
            "predict",
            "score",
            "segment",
            "social",
            "schema",
            "write::options",
            "write::values",
            "error",
        ],
    ),
    ("simulate", &["simulate", "error"]),
    ("cli", &["cli", "config", "error"]),
];

#[test]
fn no_module_uses_what_stands_above_it() {
    let mut broken = Vec::new();
    let mut met = BTreeSet::new();
    for source in sources() {
        let Some((stage, allowed)) = MAY_USE.iter().find(|(stage, _)| *stage == source.stage()) else { continue };
        met.insert(*stage);
        for used in source.uses() {
            let is_allowed = allowed.iter().any(|path| used == *path || used.starts_with(&format!("{path}::")));
            if !is_allowed {
                broken.push(format!("{} uses {used}", source.path));
            }
        }
    }
    assert!(met.len() >= 11, "the stages were found: {met:?}");
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn nothing_but_the_top_uses_the_conductor_and_the_commands() {
    for source in sources() {
        let top = ["run", "commands", "main", "engine", "lib"];
        if !top.contains(&source.stage()) {
            let used = source.stages_used();
            assert!(!used.contains("run") && !used.contains("commands"), "{} uses {used:?}", source.path);
        }
    }
}

#[test]
fn what_computes_on_plain_numbers_knows_no_data_frames() {
    for source in
        sources().iter().filter(|source| ["customers", "score", "segment", "models"].contains(&source.stage()))
    {
        assert!(!source.code.contains("polars"), "{} knows Polars", source.path);
        assert!(!source.code.contains("parquet"), "{} knows Parquet", source.path);
    }
}

/// Files whose code contains one of the texts.
fn files_with(texts: &[&str]) -> Vec<String> {
    let with = sources().into_iter().filter(|source| texts.iter().any(|text| source.code.contains(text)));
    let mut files: Vec<String> = with.map(|source| source.path).collect();
    files.sort();
    files
}

#[test]
fn there_is_one_scan() {
    assert_eq!(files_with(&["scan_parquet"]), ["source/scan.rs"]);
}

#[test]
fn plans_are_executed_by_the_conductor_and_the_reports_only() {
    for file in files_with(&[".collect_with_engine(", ".collect()?", ".sink_"]) {
        let stage = file.split('/').next().unwrap().to_owned();
        assert!(["run", "reports"].contains(&stage.as_str()) || !uses_polars(&file), "{file} executes a plan");
    }
}

fn uses_polars(file: &str) -> bool {
    sources().iter().any(|source| source.path == file && source.code.contains("LazyFrame"))
}

#[test]
fn one_file_may_be_unsafe() {
    assert_eq!(files_with(&["unsafe_code", "unsafe {", "unsafe fn", "unsafe impl"]), ["aftermath.rs"]);
}

#[test]
fn only_the_edges_write_files() {
    let writers = files_with(&["fs::write", "File::create", "create_dir", "OpenOptions", "DirBuilder", "remove_file"]);
    for file in writers {
        let is_edge = file.starts_with("write/") || file.starts_with("simulate/") || file.starts_with("cli/");
        assert!(is_edge || file == "run/init.rs", "{file}");
    }
}

#[test]
fn nothing_is_printed_past_the_handed_in_streams() {
    // `eprintln!(` holds the text `println!(` too.
    assert_eq!(files_with(&["println!(", "print!(", "dbg!("]), Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is_and_stays_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    walk(&root, &mut |path| {
        let text = fs::read_to_string(path).unwrap();
        if path.extension().is_some_and(|extension| extension == "rs") {
            assert!(text.starts_with("//!"), "{} has no head", path.display());
            assert!(text.lines().count() <= 400, "{} has {} lines", path.display(), text.lines().count());
        }
    });
}

/// The columns of a published table are those of the dictionary, in their order and types.
fn check_columns(published: &Published, table: &TableEntry, further: &[ColumnEntry], is_double: bool) {
    let frame = published.table(table.name);
    let columns = || std::iter::once(&AS_OF).chain(table.columns).chain(further);
    assert_eq!(names(&frame), columns().map(|column| column.name).collect::<Vec<_>>(), "{}", table.name);
    for column in columns() {
        let found = frame.column(column.name).unwrap().dtype();
        let expected = match column.kind {
            ColumnType::Text => DataType::String,
            ColumnType::Int32 => DataType::Int32,
            ColumnType::Int64 | ColumnType::Id => DataType::Int64,
            ColumnType::Double => DataType::Float64,
            ColumnType::Date => DataType::Date,
            ColumnType::Money if is_double => DataType::Float64,
            ColumnType::Money => DataType::Decimal(18, 3),
        };
        assert_eq!(*found, expected, "{}.{}", table.name, column.name);
    }
    let keys = frame.column(table.columns[0].name).unwrap().null_count();
    assert_eq!(keys, 0, "{}: no nulls in keys", table.name);
}

#[test]
fn every_published_table_is_as_the_dictionary_says() {
    let sandbox = Sandbox::with(example());
    for (money, is_double) in [("decimal", false), ("double", true)] {
        let setting = format!("output.money={money}");
        let published = sandbox.run(&["--as-of", "2025-03-31", "--set", &setting, "--money-scale", "3"]);
        for table in TABLES {
            check_columns(&published, table, &[], is_double);
        }
        assert_eq!(published.bytes().len(), TABLES.len(), "and no other table");
    }
}

#[test]
fn every_table_and_column_on_request_is_as_the_dictionary_says() {
    let mut rows = example();
    let profit = rows.column("amount").unwrap().clone().with_name("profit".into());
    rows.with_column(profit).unwrap();
    let sandbox = Sandbox::with(rows);
    let settings = "[input]\ninteractions = \"amount > 0\"\n[columns]\nmargin = \"profit\"\n[kmeans]\nclusters = 2\n[[scoring]]\nname = \"other\"\n\
        [score.composites]\ncolumns = [\"weighted_value\", \"score_mean\", \"weighted_score\"]\n";
    fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    let first = sandbox.run(&["--as-of", "2025-03-31", "--money-scale", "3"]);
    let kept = sandbox.root().join("kept.json");
    fs::copy(first.path.join("manifest.json"), &kept).unwrap();
    let frozen = format!("score.breaks_from={}", kept.display());
    for (money, is_double) in [("decimal", false), ("double", true)] {
        let setting = format!("output.money={money}");
        let args = ["--as-of", "2025-03-31", "--money-scale", "3", "--set", &setting, "--set", &frozen];
        let published = sandbox.run(&args);
        for table in TABLES.iter().chain(SCORING_TABLES) {
            let further = if table.name == "customers" { CUSTOMER_COLUMNS_ON_REQUEST } else { &[] };
            check_columns(&published, table, further, is_double);
        }
        assert_eq!(published.bytes().len(), TABLES.len() + SCORING_TABLES.len(), "and no other table");
    }
}

/// The columns that readers of the reports rely on, in their order; others may follow.
#[test]
fn the_names_that_readers_rely_on_are_there() {
    let promised: &[(&str, &str)] = &[
        (
            "customers",
            "customer_id, first_order_date, last_order_date, recency_days, tenure_days, orders, purchase_days, \
             transactions, revenue, average_order_value, largest_order, r_score, f_score, m_score, cell, score_sum, \
             segment, octant, grid_cell, abc_class, revenue_rank, cumulative_revenue_share",
        ),
        (
            "segments",
            "segment, segment_order, customers, customer_share, revenue, revenue_share, cumulative_customer_share, \
             cumulative_revenue_share, orders, average_order_value, mean_recency_days, mean_orders, mean_revenue, \
             median_recency_days, median_orders, median_revenue",
        ),
        (
            "pareto",
            "revenue_group, customers, customer_share, revenue, revenue_share, cumulative_customer_share, \
             cumulative_revenue_share, lowest_revenue, highest_revenue",
        ),
        ("pareto_summary", "measure, value"),
        ("abc", "abc_class, customers, customer_share, revenue, revenue_share"),
        (
            "cells",
            "r_score, f_score, m_score, cell, segment, customers, customer_share, revenue, revenue_share, \
             average_order_value",
        ),
        (
            "grid",
            "grid_cell, recency_band, orders_band, customers, customer_share, revenue, revenue_share, \
             average_order_value, revenue_per_customer",
        ),
        ("octants", "octant, segment, name_en, name_zh, customers, customer_share, revenue, revenue_share"),
        ("score_bounds", "axis, score, lowest_value, highest_value, customers, upper_threshold"),
        ("dim_segment", "map, segment, segment_order, name_en, name_zh, colour, action_en, action_zh"),
        ("quality", "outcome, rows, row_share, amount"),
        ("quarantine", "reason, file, row, customer_id, order_id, order_ts, amount, quantity, unit_price"),
    ];
    assert_eq!(
        TABLES.iter().map(|table| table.name).collect::<Vec<_>>(),
        promised.iter().map(|p| p.0).collect::<Vec<_>>()
    );
    for (table, (_, columns)) in TABLES.iter().zip(promised) {
        let found: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let promised: Vec<&str> = columns.split(", ").collect();
        assert_eq!(found[..promised.len()], promised, "{}", table.name);
    }
}
