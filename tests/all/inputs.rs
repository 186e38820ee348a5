//! Several inputs, `[[input]]`: one stream of transactions, each row by the rules of its own input.
//!
//! Does not live here: the settings as such (`inputs_settings`).

use std::fs;

use polars::prelude::*;

use crate::support::{Published, Ran, Sandbox, floats, frame, integers, names, orders, texts};

/// What the entries of shop and till have beside their names and paths.
pub fn entries(shop: &str, till: &str) -> String {
    format!(
        "output.path = 'out'\n[[input]]\nname = 'shop'\npaths = ['in/shop']\n{shop}\n[[input]]\nname = 'till'\npaths = ['in/till']\n{till}\n"
    )
}

pub fn run_with(sandbox: &Sandbox, settings: &str, args: &[&str]) -> Ran {
    fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    sandbox.command(&[&["run", "--quiet", "--as-of", "2026-01-31"], args].concat())
}

pub fn published(sandbox: &Sandbox, settings: &str, args: &[&str]) -> Published {
    let ran = run_with(sandbox, settings, args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    sandbox.published(&ran)
}

/// Receipt 17 of customer 1 in both, on one day; customer 2 in the shop and customer 3 at the till alone.
pub fn shop_and_till() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file(
        "shop/a.parquet",
        orders(&[(1, 17, "2026-01-02", 10.0), (1, 17, "2026-01-02", 5.0), (2, 18, "2026-01-03", 20.0)]),
    );
    sandbox.file(
        "till/a.parquet",
        orders(&[(1, 17, "2026-01-02", 2.5), (3, 18, "2026-01-04", 30.0), (3, 19, "2026-01-04", 1.0)]),
    );
    sandbox
}

fn orders_of(published: &Published) -> Vec<i64> {
    integers(&published.table("customers"), "orders")
}

#[test]
fn receipt_17_of_shop_and_of_till_are_two_orders_unless_their_ids_are_shared() {
    let sandbox = shop_and_till();
    assert_eq!(orders_of(&published(&sandbox, &entries("", ""), &[])), [2, 1, 2]);
    let joined = published(&sandbox, &entries("", ""), &["--set", "input.shared_order_ids=true"]);
    assert_eq!(orders_of(&joined), [1, 1, 2]);
    let by_entries = entries("shared_order_ids = true", "shared_order_ids = true");
    let joined = published(&sandbox, &by_entries, &[]);
    assert_eq!(orders_of(&joined), [1, 1, 2]);
    assert_eq!(floats(&joined.table("customers"), "largest_order"), [17.5, 20.0, 30.0], "10 + 5 + 2.50 is one order");
    let alone = published(&sandbox, &entries("shared_order_ids = true", ""), &[]);
    assert_eq!(orders_of(&alone), [2, 1, 2]);
    let warnings = alone.manifest()["warning_details"].to_string();
    assert!(
        warnings.contains("setting_without_effect") && warnings.contains("no input but `shop` has it"),
        "{warnings}"
    );
}

#[test]
fn rows_of_a_day_are_one_order_whichever_input_they_are_in() {
    let sandbox = shop_and_till();
    let by_day = published(&sandbox, &entries("", ""), &["--orders-by", "day"]);
    assert_eq!(orders_of(&by_day), [1, 1, 1]);
    // Of the till each row is an order: two of customer 3, and one of customer 1 beside that of the shop.
    let mixed = published(&sandbox, &entries("", "clean.orders_by = 'row'"), &[]);
    assert_eq!(orders_of(&mixed), [2, 1, 2]);
    assert_eq!(
        orders_of(&published(&sandbox, &entries("clean.orders_by = 'row'", "clean.orders_by = 'day'"), &[])),
        [3, 1, 1]
    );
}

/// A shop whose stamps are of UTC and a till whose dates are written, both in names and types of their own. In Berlin the
/// first is of the next day.
#[test]
fn each_input_has_its_own_columns_filter_and_zone() {
    let sandbox = Sandbox::new();
    let stamps = Column::new("at".into(), [1_767_310_200_000_i64, 1_767_394_800_000, 1_767_394_800_000]);
    sandbox.file(
        "shop/a.parquet",
        frame(vec![
            Column::new("user".into(), [1_i64, 2, 2]),
            stamps.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).unwrap(),
            Column::new("total".into(), [10.0, 20.0, 99.0]),
            Column::new("state".into(), ["paid", "paid", "void"]),
            Column::new("country".into(), ["DE", "FR", "IT"]),
            Column::new("profit".into(), [4.0, 5.0, 6.0]),
        ]),
    );
    sandbox.file(
        "till/a.parquet",
        frame(vec![
            Column::new("card".into(), [1_i32, 1, 4]),
            Column::new("receipt".into(), ["A", "A", "B"]),
            Column::new("day".into(), ["03/01/2026", "03/01/2026", "soon"]),
            Column::new("cents".into(), [1_000_i64, 250, 777]),
            Column::new("tier".into(), ["gold", "silver", "none"]),
        ]),
    );
    let shop = "filter = \"state = 'paid'\"\n[input.columns]\ncustomer_id = 'user'\norder_ts = 'at'\namount = 'total'\nmargin = 'profit'\n\
                attributes = ['country']\n[input.dates]\nsource_time_zone = 'UTC'";
    let till = "[input.columns]\ncustomer_id = 'card'\norder_id = 'receipt'\norder_ts = 'day'\namount = 'cents / 100'\n\
                attributes = ['tier']\n[input.dates]\nformat = '%d/%m/%Y'";
    let settings = format!("{}\n[dates]\ntime_zone = 'Europe/Berlin'\n", entries(shop, till));
    let run = published(&sandbox, &settings, &[]);
    let customers = run.table("customers");
    assert_eq!(integers(&customers, "customer_id"), [1, 2]);
    // 23:30 in UTC is the second of January in Berlin.
    assert_eq!(texts(&customers, "first_order_date"), ["2026-01-02", "2026-01-03"]);
    assert_eq!(texts(&customers, "last_order_date"), ["2026-01-03", "2026-01-03"]);
    assert_eq!(floats(&customers, "revenue"), [22.5, 20.0]);
    assert_eq!(orders_of(&run), [2, 1], "without order ids each row of the shop is an order");
    assert_eq!(floats(&customers, "margin"), [4.0, 5.0], "the till has none");
    assert_eq!(texts(&customers, "country"), ["DE", "FR"]);
    assert_eq!(texts(&customers, "tier"), ["silver", "-"], "of two of one date the greatest");
    let manifest = run.manifest();
    let unusable =
        &manifest["warning_details"].as_array().unwrap().iter().find(|w| w["code"] == "unusable_margins").unwrap();
    assert_eq!(unusable["facts"]["rows"], 2, "the used rows of the till");

    let quarantine = run.table("quarantine");
    assert_eq!(
        (texts(&quarantine, "reason"), texts(&quarantine, "input")),
        (vec!["unparsable_date".into()], vec!["till".into()])
    );
    assert_eq!(names(&quarantine).last(), Some(&"input"));
    let account = run.table("input_quality");
    assert_eq!(texts(&account, "input"), ["shop", "till", "till"]);
    assert_eq!(texts(&account, "outcome"), ["kept", "kept", "unparsable_date"]);
    assert_eq!((integers(&account, "rows"), floats(&account, "amount")), (vec![2, 2, 1], vec![30.0, 12.5, 7.77]));
    let of_inputs = &manifest["account_by_input"];
    assert_eq!(
        (&of_inputs[0]["name"], &of_inputs[0]["rows_in"], &of_inputs[0]["rows_filtered"]),
        (&"shop".into(), &2.into(), &1.into())
    );
    assert_eq!(of_inputs[1]["account"][1], serde_json::json!({"outcome": "unparsable_date", "rows": 1}));
    assert_eq!((&manifest["inputs"][1]["input"], &manifest["totals"]["rows_in"]), (&"till".into(), &5.into()));
}

#[test]
fn summary_check_and_explain_name_the_inputs() {
    let sandbox = shop_and_till();
    fs::write(sandbox.root().join("rfmetrics.toml"), entries("filter = 'amount > 5'", "")).unwrap();
    let ran = sandbox.command(&["run", "--as-of", "2026-01-31"]);
    assert!(
        ran.stdout.contains("  shop: 2 read = 2 kept; rows that the filter left out: 1\n  till: 3 read = 3 kept\n"),
        "{}",
        ran.stdout
    );
    let checked = sandbox.command(&["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
    assert!(report["input"].is_null());
    let named: Vec<_> =
        report["inputs"].as_array().unwrap().iter().map(|own| (own["name"].as_str(), own["rows"].as_u64())).collect();
    assert_eq!(named, [(Some("shop"), Some(3)), (Some("till"), Some(3))]);
    assert_eq!(report["inputs"][0]["filter"], "amount > 5");
    let text = sandbox.command(&["check"]).stdout;
    assert!(text.contains("input     `shop`: 1 file") && text.contains("input     `till`: 1 file"), "{text}");
    let explained = sandbox.command(&["explain", "1", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&explained.stdout).unwrap();
    let inputs: Vec<_> =
        rows["rows"]["newest"].as_array().unwrap().iter().map(|row| row["input"].as_str().unwrap()).collect();
    assert_eq!(inputs, ["shop", "till"], "{}", explained.stderr);
    assert!(sandbox.command(&["explain", "1"]).stdout.contains(" input   outcome "));
    let planned = sandbox.command(&["run", "--dry-run"]);
    assert!(planned.stdout.contains("optimised plan of scan 2 of 2"), "{}", planned.stdout);
}

/// The same rows in one file, with orders told apart by their input: what two inputs give but for their names.
#[test]
fn tables_are_those_of_the_joined_rows_whatever_the_order_of_the_entries() {
    let sandbox = shop_and_till();
    let settings = entries("", "");
    let both = published(&sandbox, &settings, &[]).bytes();
    let (shop, till) = settings.split_once("[[input]]\nname = 'till'").unwrap();
    let turned = format!(
        "output.path = 'out'\n[[input]]\nname = 'till'{till}{}",
        shop.strip_prefix("output.path = 'out'\n").unwrap()
    );
    assert_eq!(published(&sandbox, &turned, &["--threads", "1"]).bytes(), both);
    let joined = Sandbox::with(orders(&[
        (1, 17, "2026-01-02", 10.0),
        (1, 17, "2026-01-02", 5.0),
        (2, 18, "2026-01-03", 20.0),
        (1, 1_017, "2026-01-02", 2.5),
        (3, 1_018, "2026-01-04", 30.0),
        (3, 1_019, "2026-01-04", 1.0),
    ]));
    let alone = joined.run(&["--as-of", "2026-01-31"]).bytes();
    assert!(!alone.contains_key("input_quality.parquet") && both.contains_key("input_quality.parquet"));
    for (name, bytes) in alone.iter().filter(|(name, _)| *name != "quarantine.parquet") {
        assert!(both[name] == *bytes, "{name} differs");
    }
}

#[test]
fn a_named_input_alone_is_as_one_without_a_name() {
    let sandbox = shop_and_till();
    let alone = "output.path = 'out'\n[[input]]\nname = 'shop'\npaths = ['in/shop']\n";
    let named = published(&sandbox, alone, &[]);
    assert_eq!(texts(&named.table("input_quality"), "input"), ["shop"]);
    let plain = published(&sandbox, "output.path = 'out'\ninput.paths = ['in/shop']\n", &[]);
    assert_eq!(named.bytes()["customers.parquet"], plain.bytes()["customers.parquet"]);
    assert_eq!(plain.manifest().get("account_by_input"), None);
    assert_eq!(names(&plain.table("quarantine")).last(), Some(&"unit_price"), "no further column");
}

#[test]
fn rows_repeat_those_of_their_own_input_alone() {
    let sandbox = Sandbox::new();
    let row = (1, 17, "2026-01-02", 10.0);
    sandbox.file("shop/a.parquet", orders(&[row, row]));
    sandbox.file("till/a.parquet", orders(&[row, row, (1, 18, "2026-01-02", 1.0)]));
    let rows = |shop: &str, till: &str, args: &[&str]| {
        let run = published(&sandbox, &entries(shop, till), args);
        let account = run.table("input_quality");
        let duplicates =
            texts(&account, "input").into_iter().zip(texts(&account, "outcome")).zip(integers(&account, "rows"));
        let duplicates =
            duplicates.filter(|((_, outcome), _)| outcome == "duplicate").map(|((input, _), rows)| (input, rows));
        (duplicates.collect::<Vec<_>>(), floats(&run.table("customers"), "revenue")[0])
    };
    assert_eq!(rows("", "", &[]), (Vec::new(), 41.0));
    assert_eq!(rows("", "", &["--dedupe"]), (vec![("shop".into(), 1), ("till".into(), 1)], 21.0));
    assert_eq!(rows("clean.dedupe = true", "", &[]), (vec![("shop".into(), 1)], 31.0));
    assert_eq!(rows("", "clean.dedupe_keys = ['customer_id']", &[]), (vec![("till".into(), 2)], 30.0));
    let counted = published(&sandbox, &entries("clean.count_repeats = true", ""), &[]).manifest();
    assert_eq!(
        (&counted["notes"]["rows_repeated"], &counted["account_by_input"][0]["rows_repeated"]),
        (&1.into(), &1.into())
    );
    assert_eq!(counted["account_by_input"][1]["rows_repeated"], serde_json::Value::Null);
}

#[test]
fn interactions_may_be_in_one_input() {
    let sandbox = Sandbox::new();
    let mut visits = orders(&[(1, 17, "2026-01-02", 10.0), (1, 0, "2026-01-20", 0.0), (2, 18, "2026-01-03", 7.0)]);
    visits.with_column(Column::new("event".into(), ["buy", "visit", "buy"])).unwrap();
    sandbox.file("shop/a.parquet", visits);
    sandbox.file("till/a.parquet", orders(&[(2, 17, "2026-01-10", 2.5)]));
    let settings = entries("filter = \"event = 'buy'\"\ninteractions = \"event = 'visit'\"", "");
    let run = published(&sandbox, &settings, &["--set", "score.recency.measure=interaction_days"]);
    // 31 - 20, and 31 - 10: an order of the till is an interaction, too.
    assert_eq!(integers(&run.table("customers"), "interaction_days"), [11, 21]);
}

#[test]
fn guests_of_one_input_may_be_customers_of_another() {
    let sandbox = shop_and_till();
    let run = published(&sandbox, &entries("", "clean.nobody_ids = ['1']"), &[]);
    assert_eq!(floats(&run.table("customers"), "revenue"), [15.0, 20.0, 31.0]);
    let account = run.table("input_quality");
    assert_eq!(texts(&account, "outcome"), ["kept", "kept", "blank_customer"]);
}

#[test]
fn far_fewer_rows_of_one_input_are_noticed_though_the_other_has_more() {
    let sandbox = Sandbox::new();
    let many = |rows: i64| orders(&(0..rows).map(|row| (row, row, "2026-01-02", 1.0)).collect::<Vec<_>>());
    sandbox.file("shop/a.parquet", many(100));
    sandbox.file("till/a.parquet", many(10));
    published(&sandbox, &entries("", ""), &["--set", "dates.as_of=2026-01-30"]);
    sandbox.file("shop/a.parquet", many(200));
    sandbox.file("till/a.parquet", many(5));
    let run = published(&sandbox, &entries("", ""), &[]).manifest();
    let fewer: Vec<_> =
        run["warning_details"].as_array().unwrap().iter().filter(|w| w["code"] == "fewer_rows").collect();
    assert_eq!(fewer.len(), 1);
    assert_eq!((&fewer[0]["facts"]["input"], &fewer[0]["facts"]["rows"]), (&"till".into(), &5.into()));
    assert!(fewer[0]["text"].as_str().unwrap().starts_with("5 rows of input `till` were read, 50.0% of the 10"));
    let stopped = run_with(&sandbox, &entries("", ""), &["--set", "quality.min_share_of_previous_rows=0.9"]);
    assert!(stopped.code == 4 && stopped.stderr.contains("input `till`: 5 rows were read"), "{}", stopped.stderr);
}

#[test]
fn a_file_in_two_inputs_is_a_warning_where_nothing_tells_its_rows_apart() {
    let sandbox = shop_and_till();
    let same = "output.path = 'out'\n[[input]]\nname = 'a'\npaths = ['in/shop']\nFILTER\n[[input]]\nname = 'b'\npaths = ['in/shop']\n";
    let codes = |settings: &str| published(&sandbox, settings, &[]).manifest()["warning_details"].to_string();
    assert!(codes(&same.replace("FILTER", "")).contains("delivered_twice"));
    assert!(!codes(&same.replace("FILTER", "filter = 'amount > 5'")).contains("delivered_twice"));
}

#[test]
fn a_damaged_file_is_that_of_its_input() {
    let sandbox = shop_and_till();
    fs::write(sandbox.input().join("till/b.parquet"), b"no parquet").unwrap();
    let ran = run_with(&sandbox, &entries("columns.amount = 'total'", ""), &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    for part in ["2 problems", "1. input `shop`: ", "`total`: missing", "2. input `till`: ", "b.parquet`: is too short"]
    {
        assert!(ran.stderr.contains(part), "{part} is missing in\n{}", ran.stderr);
    }
}

/// Customer 3 sends both receipts back: their rows are left out, and the customer with them.
#[test]
fn policies_windows_predictions_and_pseudonyms_are_those_of_the_run() {
    let sandbox = shop_and_till();
    sandbox.file("till/b.parquet", orders(&[(3, 18, "2026-01-05", -30.0), (3, 19, "2026-01-05", -1.0)]));
    let left_out = published(&sandbox, &entries("", ""), &["--returns", "purchases"]);
    assert_eq!(integers(&left_out.table("customers"), "customer_id"), [1, 2]);
    assert_eq!(left_out.outcomes()["not_a_purchase"], 4);
    let account = left_out.table("input_quality");
    assert_eq!(integers(&account, "rows"), [3, 5], "kept by the judge of each");

    let cut = ["--window-days", "29", "--set", "dates.window_applies_to=everything", "--set", "predict.by_year=true"];
    let window = published(&sandbox, &entries("", ""), &cut);
    // The window begins on the third of January: customer 1 is cut, and still counts for what each brought by year.
    assert_eq!(integers(&window.table("customers"), "customer_id"), [2]);
    assert_eq!(window.outcomes()["before_window"], 3);
    let ended =
        published(&sandbox, &entries("", ""), &["--set", "dates.window_days=3", "--set", "dates.as_of=2026-01-05"]);
    assert_eq!(integers(&ended.table("customers"), "orders"), [0, 1], "of the third to the fifth");

    fs::write(sandbox.root().join("key"), "0123456789abcdef0123456789abcdef").unwrap();
    fs::write(sandbox.root().join("erased"), "1\n").unwrap();
    let hashed =
        published(&sandbox, &entries("", ""), &["--hash-ids", "--hash-key-file", "key", "--exclude-ids", "erased"]);
    assert_eq!(hashed.table("customers").height(), 1);
    assert_eq!(hashed.outcomes()["excluded_customer"], 3, "of both inputs");
}

/// Lines of one order that lie in both inputs, among so many others that the fold closes it in between.
#[test]
fn an_order_in_two_inputs_is_one_however_far_apart_its_lines_are_read() {
    let sandbox = Sandbox::new();
    let rows =
        |amount: f64| orders(&(0..4_000).map(|row| (row % 50, row / 2, "2026-01-02", amount)).collect::<Vec<_>>());
    sandbox.file("shop/a.parquet", rows(1.0));
    sandbox.file("till/a.parquet", rows(2.0));
    let sums = |settings: &str| {
        let customers = published(&sandbox, settings, &[]).table("customers");
        let sum = |column: &str| integers(&customers, column).iter().sum::<i64>();
        (sum("orders"), sum("transactions"), floats(&customers, "largest_order"))
    };
    // Customers row % 50 and orders row / 2: each pair occurs once in each input.
    let shared = sums(&entries("shared_order_ids = true", "shared_order_ids = true"));
    assert_eq!(shared, (4_000, 8_000, vec![3.0; 50]));
    assert_eq!(sums(&entries("", "")), (8_000, 8_000, vec![2.0; 50]));
}

/// The till of one currency, named in its entry; one unit of it is 1.25 of the base.
#[test]
fn inputs_may_be_in_currencies_of_their_own() {
    let sandbox = shop_and_till();
    let rates = frame(vec![Column::new("currency".into(), ["CHF"]), Column::new("rate".into(), ["1.25"])]);
    sandbox.file("rates.parquet", rates);
    let run = "[currency]\nbase = 'EUR'\nrates = 'in/rates.parquet'\n";
    let settings = format!("{}{run}", entries("columns.currency = \"'EUR'\"", "columns.currency = \"'CHF'\""));
    let converted = published(&sandbox, &settings, &[]);
    assert_eq!(floats(&converted.table("customers"), "revenue"), [18.13, 20.0, 38.75], "15 + 1.25 x 2.50 is 18.125");
    let lacking = run_with(&sandbox, &format!("{}{run}", entries("columns.currency = \"'EUR'\"", "")), &[]);
    assert_eq!(lacking.code, 2, "{}", lacking.stderr);
    for part in ["some inputs say what their amounts are in", "input `till`: no `columns.currency`", "\"'EUR'\""] {
        assert!(lacking.stderr.contains(part), "{part} is missing in\n{}", lacking.stderr);
    }
}

/// A rule of a segment map on an attribute that one input alone has.
#[test]
fn maps_look_at_attributes_of_one_input() {
    let sandbox = shop_and_till();
    let mut till = orders(&[(1, 17, "2026-01-02", 2.5), (3, 18, "2026-01-04", 30.0)]);
    till.with_column(Column::new("tier".into(), ["gold", "tin"])).unwrap();
    sandbox.file("till/a.parquet", till);
    let map = "name = \"tiers\"\nbins = {}\notherwise = \"rest\"\n[[segments]]\nkey = \"gold\"\nname_en = \"Gold\"\n\
               [[segments]]\nkey = \"rest\"\nname_en = \"Rest\"\n[[rules]]\nsegment = \"gold\"\nattributes.tier = \"gold\"\n";
    fs::write(sandbox.root().join("tiers.toml"), map).unwrap();
    let run = published(&sandbox, &entries("", "columns.attributes = ['tier']"), &["--map", "tiers.toml"]);
    assert_eq!(texts(&run.table("customers"), "segment"), ["gold", "rest", "rest"]);
}
