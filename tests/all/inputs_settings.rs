//! The settings of several inputs: what an entry may have, and how it is changed and shown.

use std::fs;

use crate::inputs::{entries, published, run_with, shop_and_till};
use crate::support::{Sandbox, dates, floats, frame, integers, orders};
use polars::prelude::*;

#[track_caller]
fn refused(sandbox: &Sandbox, settings: &str, args: &[&str], code: i32, parts: &[&str]) {
    let ran = run_with(sandbox, settings, args);
    assert_eq!(ran.code, code, "{}", ran.stderr);
    for part in parts {
        assert!(ran.stderr.contains(part), "{part} is missing in\n{}", ran.stderr);
    }
    let checked = sandbox.command(&[&["check", "--as-of", "2026-01-31"], args].concat());
    assert_eq!(checked.code, code, "a check ends as the run\n{}", checked.stderr);
}

#[test]
fn what_is_wrong_with_entries_is_told_with_its_line_all_at_once() {
    let wrong = "[[input]]\nname = 'a'\npaths = 3\ncolumns.amuont = 'x'\n[[input]]\nname = 'b'\npaths = ['x']\ndates.as_of = '2026-01-01'\n\
                 dates.format = '%Y'\n";
    refused(
        &Sandbox::new(),
        wrong,
        &[],
        2,
        &[
            "`input.paths` (rfmetrics.toml:3): found `3`, expected a list",
            "unknown key `columns.amuont` (rfmetrics.toml:4); did you mean `columns.amount`?",
            "`dates.as_of` is one for all inputs: write `as_of` under `[dates]` (rfmetrics.toml:8)",
        ],
    );
    let names = "[[input]]\nname = 'a b'\npaths = ['x']\n[[input]]\nname = 'c'\npaths = ['x']\ndates.format = '%Y'\n[[input]]\nname = 'c'\n";
    refused(
        &Sandbox::new(),
        names,
        &[],
        2,
        &[
            "`input.name`: found `a b`, expected 1 to 64 letters",
            "input `c`: `dates.format`: found `%Y`, expected a format with year, month and day",
            "`input.name`: found `c` twice",
            "input `c`: `input.paths`: found nothing, expected its files",
        ],
    );
    refused(
        &Sandbox::new(),
        "[[input]]\npaths = ['x']\n",
        &[],
        2,
        &["`input.name`: found ``, expected 1 to 64 letters"],
    );
}

#[test]
fn paths_beside_entries_are_refused_and_those_of_one_can_be_changed() {
    let sandbox = shop_and_till();
    sandbox.file("other/a.parquet", orders(&[(9, 1, "2026-01-05", 3.0)]));
    refused(
        &sandbox,
        &entries("", ""),
        &["--input", "in/other"],
        2,
        &[
            "`input.paths` (flag --input): found `in/other`, expected none beside `[[input]]`",
            "--set input.shop.paths=PATH",
        ],
    );
    let ids = |args: &[&str]| integers(&published(&sandbox, &entries("", ""), args).table("customers"), "customer_id");
    assert_eq!(ids(&["--set", "input.shop.paths=in/other"]), [1, 3, 9]);
    assert_eq!(ids(&["--set", "input.till.filter=amount > 20"]), [1, 2, 3]);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rfmetrics"));
    command.env("RFMETRICS_INPUT_TILL_PATHS", "in/other").env("RFMETRICS_INPUT_TILL_COLUMNS_AMOUNT", "amount * 2");
    let done = command.current_dir(sandbox.root()).args(["config", "--format", "json"]).output().unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let origin = "env RFMETRICS_INPUT_TILL_PATHS";
    assert_eq!(shown["input.till.paths"], serde_json::json!({"value": ["in/other"], "origin": origin}));
    assert_eq!(shown["input.till.columns.amount"]["value"], "amount * 2");
    assert_eq!(shown["input.shop.paths"]["origin"], "rfmetrics.toml:4");
}

#[test]
fn what_holds_for_all_holds_for_entries_that_do_not_say_otherwise() {
    let sandbox = shop_and_till();
    let revenue = |settings: &str, args: &[&str]| {
        let run = published(&sandbox, settings, args);
        (floats(&run.table("customers"), "revenue"), run.manifest()["warning_details"].to_string())
    };
    let (found, _) = revenue(&entries("filter = 'amount > 1000 OR amount = 5'", ""), &["--filter", "amount < 4"]);
    assert_eq!(found, [7.5, 1.0], "5 of the shop, 2.50 and 1 of the till");
    let own = entries("filter = 'amount = 5'", "filter = 'amount = 30'");
    let (found, warnings) = revenue(&own, &["--filter", "amount < 4"]);
    assert_eq!(found, [5.0, 30.0]);
    assert!(warnings.contains("`input.filter` changes nothing: each `[[input]]` has its own"), "{warnings}");
    let (found, _) = revenue(&entries("columns.amount = 'amount * 2'", ""), &["--column", "amount=amount * 10"]);
    assert_eq!(found, [55.0, 40.0, 310.0], "the flag is over the run's settings, and below those of an entry");
}

#[test]
fn an_amount_of_its_own_takes_the_place_of_quantity_and_price() {
    let sandbox = shop_and_till();
    let mut lines = orders(&[(1, 17, "2026-01-02", 10.0), (2, 18, "2026-01-03", 20.0)]);
    lines.with_column(Column::new("n".into(), [2_i64, 3])).unwrap();
    sandbox.file("shop/a.parquet", lines);
    let settings =
        format!("{}[columns]\nquantity = 'n'\nunit_price = 'amount'\n", entries("", "columns.amount = 'amount'"));
    let run = published(&sandbox, &settings, &[]);
    assert_eq!(floats(&run.table("customers"), "revenue"), [22.5, 60.0, 31.0]);
}

#[test]
fn the_shown_settings_can_be_read_back() {
    let sandbox = shop_and_till();
    let settings =
        entries("columns.amount = 'amount'\nclean.dedupe = true", "dates.format = '%d.%m.%Y'\nfilter = \"a = 'b'\"");
    fs::write(sandbox.root().join("rfmetrics.toml"), &settings).unwrap();
    let shown = sandbox.command(&["config", "--set", "input.verify=true"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(
        shown.stdout.contains("verify = true # flag --set")
            && shown.stdout.contains("clean.dedupe = true # rfmetrics.toml:6")
    );
    fs::write(sandbox.root().join("again.toml"), &shown.stdout).unwrap();
    let values = |args: &[&str]| {
        let shown: serde_json::Value = serde_json::from_str(&sandbox.command(args).stdout).unwrap();
        let fields = shown
            .as_object()
            .unwrap()
            .iter()
            .filter(|(key, _)| !key.starts_with("input.") || key.matches('.').count() > 1);
        fields
            .map(|(key, field)| (key.clone(), field["value"].clone()))
            .filter(|(_, value)| !value.is_null())
            .collect::<Vec<_>>()
    };
    let (first, again) =
        (values(&["config", "--format", "json"]), values(&["config", "--config", "again.toml", "--format", "json"]));
    assert!(first.iter().all(|field| again.contains(field)), "{first:?}\n{again:?}");
}

#[test]
fn the_schema_and_the_starter_file_tell_of_entries() {
    let sandbox = Sandbox::new();
    let schema: serde_json::Value = serde_json::from_str(&sandbox.command(&["schema"]).stdout).unwrap();
    let several = &schema["properties"]["input"]["anyOf"][1]["items"];
    let entry = several["$ref"].as_str().map_or(several, |at| schema.pointer(&at[1..]).unwrap());
    for key in ["name", "paths", "shared_order_ids", "columns"] {
        assert!(entry["properties"][key].is_object(), "{key}: {entry}");
    }
    let dates: Vec<&String> = entry["properties"]["dates"]["properties"].as_object().unwrap().keys().collect();
    assert_eq!(dates, ["epoch_unit", "format", "source_time_zone"]);
    assert_eq!(schema["properties"].get("inputs"), None);
    sandbox.command(&["init"]);
    let starter = fs::read_to_string(sandbox.root().join("rfmetrics.toml")).unwrap();
    assert!(starter.contains("#:   [[input]]\n#:   name = \"shop\""), "{starter}");
}

#[test]
fn ids_and_attributes_that_cannot_be_compared_are_refused_with_the_way_out() {
    let sandbox = shop_and_till();
    let till = |ids: Column, tier: Column| {
        frame(vec![
            ids,
            Column::new("order_id".into(), ["17"]),
            dates("order_ts", &["2026-01-02"]),
            Column::new("amount".into(), [1.0]),
            tier,
        ])
    };
    let tier = || Column::new("tier".into(), ["gold"]);
    sandbox.file("till/a.parquet", till(Column::new("customer_id".into(), ["1"]), tier()));
    refused(
        &sandbox,
        &entries("", ""),
        &[],
        2,
        &[
            "the customer ids of the inputs cannot be compared",
            "input `shop`: `customer_id` is int64",
            "input `till`: `customer_id` is text",
            "CAST(id AS VARCHAR)",
        ],
    );
    let cast = entries("columns.customer_id = 'CAST(customer_id AS VARCHAR)'", "");
    let run = published(&sandbox, &cast, &[]);
    assert_eq!(floats(&run.table("customers"), "revenue"), [16.0, 20.0], "customer 1 of both");
    sandbox.file("till/a.parquet", till(Column::new("customer_id".into(), [1_i64]), tier()));
    let shared = entries("shared_order_ids = true", "shared_order_ids = true");
    refused(&sandbox, &shared, &[], 2, &["the shared order ids of the inputs cannot be compared", "columns.order_id"]);
    let rules = entries("shared_order_ids = true", "shared_order_ids = true\nclean.orders_by = 'order_id_and_day'");
    refused(&sandbox, &rules, &[], 2, &["inputs that share their order ids differ in what an order is"]);
    let mut shop = orders(&[(1, 17, "2026-01-02", 10.0)]);
    shop.with_column(Column::new("tier".into(), [3_i64])).unwrap();
    sandbox.file("shop/a.parquet", shop);
    let attributes = format!("{}[columns]\nattributes = ['tier']\n", entries("", ""));
    refused(
        &sandbox,
        &attributes,
        &[],
        3,
        &["the attribute `tier` has values of different types", "input `shop`: int64"],
    );
    refused(
        &sandbox,
        &entries("columns.attributes = ['tier']", "columns.attributes = ['rank']"),
        &[],
        3,
        &["input `till`: `rank`: missing"],
    );
}
