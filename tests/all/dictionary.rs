//! The form of the tables: as the dictionary says, and as their readers expect.

use std::fs;
use std::path::Path;

use polars::prelude::DataType;
use rfmetrics::reports::tables::customers::columns::ON_REQUEST;
use rfmetrics::reports::{Chapter, Report, campaigns, dictionary};
use rfmetrics::schema::{AS_OF, ColumnEntry, ColumnType, TableEntry};

use crate::support::{Published, Sandbox, last_columns, names, report, tables_of};
use crate::worked::example;

/// The columns of a published table are those of the dictionary, in their order and types.
fn check_columns(published: &Published, table: &TableEntry, further: &[ColumnEntry], is_double: bool) {
    let frame = published.table(table.name);
    let last = last_columns(table.name);
    let columns = || std::iter::once(&AS_OF).chain(table.columns).chain(further).chain(&last);
    assert_eq!(names(&frame), columns().map(|column| column.name).collect::<Vec<_>>(), "{}", table.name);
    for column in columns() {
        let found = frame.column(column.name).unwrap().dtype();
        let expected = match column.kind {
            ColumnType::Text => DataType::String,
            ColumnType::Int32 => DataType::Int32,
            ColumnType::Int64 | ColumnType::Id => DataType::Int64,
            ColumnType::Double => DataType::Float64,
            ColumnType::Date => DataType::Date,
            ColumnType::Boolean => DataType::Boolean,
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
    let tables = tables_of(&[Chapter::EveryRun]);
    for (money, is_double) in [("decimal", false), ("double", true)] {
        let setting = format!("output.money={money}");
        let published = sandbox.run(&["--as-of", "2025-03-31", "--set", &setting, "--money-scale", "3"]);
        for table in &tables {
            check_columns(&published, table, &[], is_double);
        }
        assert_eq!(published.bytes().len(), tables.len(), "and no other table");
    }
}

#[test]
fn every_table_and_column_on_request_is_as_the_dictionary_says() {
    let mut rows = example();
    let profit = rows.column("amount").unwrap().clone().with_name("profit".into());
    rows.with_column(profit).unwrap();
    let sandbox = Sandbox::with(rows);
    let settings = "[dates]\nwindow_days = 3650\n[segment]\nmap = \"lifecycle\"\n[input]\ninteractions = \"amount > 0\"\n[columns]\nmargin = \"profit\"\ncurrency = \"'EUR'\"\n[currency]\nbase = \"EUR\"\n[kmeans]\nclusters = 2\n[score]\nlabels = \"best_is_one\"\nfrequency.measure = \"interactions\"\n[[scoring]]\nname = \"other\"\n\
        [score.composites]\ncolumns = [\"weighted_value\", \"score_mean\", \"weighted_score\"]\n";
    fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    let first = sandbox.run(&["--as-of", "2025-03-31", "--money-scale", "3"]);
    let kept = sandbox.root().join("kept.json");
    fs::copy(first.path.join("manifest.json"), &kept).unwrap();
    let tables = tables_of(&[Chapter::EveryRun, Chapter::Scoring]);
    let frozen = format!("score.breaks_from={}", kept.display());
    for (money, is_double) in [("decimal", false), ("double", true)] {
        let setting = format!("output.money={money}");
        let args = ["--as-of", "2025-03-31", "--money-scale", "3", "--set", &setting, "--set", &frozen];
        let published = sandbox.run(&args);
        for table in &tables {
            let added = report(table.name).added.iter().filter(|added| added.chapter == Chapter::Scoring);
            let further: Vec<ColumnEntry> = added.flat_map(|added| added.columns.columns).copied().collect();
            assert!(table.name != "customers" || further.len() == ON_REQUEST.len());
            check_columns(&published, table, &further, is_double);
        }
        assert_eq!(published.bytes().len(), tables.len(), "and no other table");
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
    let tables = tables_of(&[Chapter::EveryRun]);
    assert_eq!(
        tables.iter().map(|table| table.name).collect::<Vec<_>>(),
        promised.iter().map(|p| p.0).collect::<Vec<_>>()
    );
    for (table, (_, columns)) in tables.iter().zip(promised) {
        let found: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let promised: Vec<&str> = columns.split(", ").collect();
        assert_eq!(found[..promised.len()], promised, "{}", table.name);
    }
}

#[test]
fn customers_and_segments_end_with_their_map() {
    for table in ["customers", "segments"] {
        assert_eq!(last_columns(table).iter().map(|column| column.name).collect::<Vec<_>>(), ["map"], "{table}");
    }
}

/// The text of a file of the project.
fn text_of(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_dictionary_in_the_project_is_that_of_the_reports() {
    assert_eq!(text_of("DATA_DICTIONARY.md"), dictionary::markdown(), "`make dictionary` writes it");
}

/// The lines of a Markdown table with this header, without header and rule.
fn table_under<'a>(text: &'a str, header: &str) -> Vec<&'a str> {
    let after = text.lines().skip_while(|line| *line != header).skip(2);
    after.take_while(|line| line.starts_with('|')).collect()
}

#[test]
fn the_readme_lists_every_table() {
    const HEADER: &str = "| table | one row per | when |";
    let row = |table: &TableEntry| format!("| `{}` | {} | {} |", table.name, table.one_row_per, table.published_with);
    let of_campaigns = campaigns::TABLES.iter().map(|table| row(table));
    let expected: Vec<String> = Report::ALL.iter().map(|report| row(&report.table)).chain(of_campaigns).collect();
    let readme = text_of("README.md");
    let found = table_under(&readme, HEADER);
    assert!(found == expected, "README.md needs this table:\n\n{HEADER}\n|---|---|---|\n{}\n", expected.join("\n"));
}

#[test]
fn a_report_is_one_file_with_the_name_of_its_table() {
    let names: Vec<&str> = Report::ALL.iter().map(|report| report.table.name).collect();
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reports/tables");
    let mut files: Vec<String> = fs::read_dir(tables)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "mod")
        .collect();
    files.sort();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(files, sorted);
    for name in names {
        let inner = ["", "/mod"].map(|end| Path::new("src/reports/tables").join(format!("{name}{end}.rs")));
        let file = inner.iter().find(|path| Path::new(env!("CARGO_MANIFEST_DIR")).join(path).is_file()).unwrap();
        let text = text_of(file.to_str().unwrap());
        assert!(text.contains(&format!("name: \"{name}\"")), "{} holds another table", file.display());
    }
}

#[test]
fn a_report_that_promises_to_count_customers_has_the_column() {
    for report in Report::ALL.iter().filter(|report| report.times_counted.is_some()) {
        let name = report.table.name;
        assert!(report.table.columns.iter().any(|column| column.name == "customers"), "{name}");
    }
    let promising = Report::ALL.iter().filter(|report| report.times_counted.is_some()).count();
    assert_eq!(promising, 16, "seven tables of every run, five of scorings, four of groups");
}
