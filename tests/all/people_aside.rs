//! Members: those who never bought among the customers, apart from scores and shares; what is published of members, and tables
//! of members that cannot be used. Figures follow from the rows shown.

use std::fs;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::support::{
    Published, Ran, Sandbox, dates, floats, frame, integers, minor, names, orders, read_parquet, texts,
};

/// 2 and 4 bought, 6 only sent something back, and 9 bought after the analysis date.
fn shop() -> DataFrame {
    orders(&[
        (2, 11, "2025-01-01", 5.0),
        (4, 12, "2025-01-05", 15.0),
        (4, 13, "2025-01-07", 10.0),
        (6, 14, "2025-01-08", -4.0),
        (9, 15, "2025-02-01", 8.0),
    ])
}

/// Members 1, 2, 6 and 9, and 7 who signed up after the analysis date.
fn members() -> DataFrame {
    frame(vec![
        Column::new("customer_id".into(), [9_i64, 2, 7, 1, 6]),
        Column::new("tier".into(), [Some("gold"), Some("silver"), Some("gold"), None, Some("bronze")]),
        dates("joined", &["2024-01-01", "2024-06-01", "2025-01-20", "2023-01-01", "2024-12-31"]),
        Column::new("mail_ok".into(), [Some(true), Some(false), Some(true), None, Some(true)]),
    ])
}

const SETTINGS: &str = "[customers]\npath = \"members.parquet\"\nattributes = [\"tier\"]\nsign_up_date = \"joined\"\n\
                        consent = \"mail_ok\"\n";

fn sandbox(members: DataFrame) -> Sandbox {
    let sandbox = Sandbox::with(shop());
    sandbox.file("../members.parquet", members);
    fs::write(sandbox.root().join("rfmetrics.toml"), SETTINGS).unwrap();
    sandbox
}

fn try_run(sandbox: &Sandbox, extra: &[&str]) -> Ran {
    sandbox.try_run(&[&["--as-of", "2025-01-10"], extra].concat())
}

fn run(sandbox: &Sandbox, extra: &[&str]) -> Published {
    sandbox.run(&[&["--as-of", "2025-01-10"], extra].concat())
}

#[test]
fn who_never_bought_is_a_row_without_scores_and_in_no_other_table() {
    let plain = Sandbox::with(shop());
    let without = run(&plain, &[]);
    let sandbox = sandbox(members());
    let published = run(&sandbox, &[]);
    let customers = published.table("customers");
    assert_eq!(integers(&customers, "customer_id"), [1, 2, 4, 6, 9]);
    assert_eq!(texts(&customers, "segment")[0], "prospects");
    let buyers = run(&plain, &[]).table("customers");
    for name in names(&buyers) {
        // The rows of 2 and 4 say what they say without members.
        let own = texts(&customers, name);
        assert_eq!([&own[1], &own[2]], [&texts(&buyers, name)[0], &texts(&buyers, name)[1]], "{name}");
    }
    for name in [
        "first_order_date",
        "last_order_date",
        "recency_days",
        "tenure_days",
        "average_order_value",
        "largest_order",
        "r_score",
        "f_score",
        "m_score",
        "cell",
        "score_sum",
        "octant",
        "grid_cell",
        "abc_class",
        "revenue_rank",
        "cumulative_revenue_share",
    ] {
        let own = texts(&customers, name);
        assert_eq!([&own[0], &own[3], &own[4]], ["-"; 3], "{name}");
    }
    for name in ["orders", "purchase_days", "transactions"] {
        assert_eq!(integers(&customers, name)[0], 0, "{name}");
    }
    assert_eq!(minor(&customers, "revenue"), [0, 500, 2_500, 0, 0]);
    assert_eq!(texts(&customers, "map"), ["rf25"; 5]);
    let columns = names(&customers);
    assert_eq!(columns[columns.len() - 4..], ["sign_up_date", "consent", "tier", "map"]);
    assert_eq!(texts(&customers, "tier"), ["-", "silver", "-", "bronze", "gold"]);
    assert_eq!(texts(&customers, "consent"), ["-", "false", "-", "true", "true"]);
    assert_eq!(customers.column("consent").unwrap().dtype(), &DataType::Boolean);
    assert_eq!(texts(&customers, "sign_up_date"), ["2023-01-01", "2024-06-01", "-", "2024-12-31", "2024-01-01"]);
    for (name, bytes) in without.bytes() {
        let same = published.bytes()[&name] == bytes;
        assert!(same || ["customers.parquet", "dim_segment.parquet"].contains(&name.as_str()), "{name} differs");
    }
}

#[test]
fn every_map_has_the_segment_and_other_rows_of_it_stay() {
    let sandbox = sandbox(members());
    let plain = Sandbox::with(shop()).run(&["--as-of", "2025-01-10"]).table("dim_segment");
    let table = run(&sandbox, &[]).table("dim_segment");
    assert_eq!(table.height(), plain.height() + 1);
    let (maps, segments) = (texts(&table, "map"), texts(&table, "segment"));
    let row = segments.iter().position(|segment| segment == "prospects").unwrap();
    assert_eq!((maps[row].as_str(), texts(&table, "name_en")[row].as_str()), ("rf25", "Prospects"));
    // `map` and `segment` of every customer are in it once: rf25 has ten segments of its own.
    assert_eq!(integers(&table, "segment_order")[row], 11);
    let map = "name = \"mine\"\nbins = { r = 5 }\n[[segments]]\nkey = \"prospects\"\nname_en = \"P\"\n[[rules]]\n\
               segment = \"prospects\"\nr = \"1-5\"\n";
    fs::write(sandbox.root().join("mine.toml"), map).unwrap();
    let ran = try_run(&sandbox, &["--set", "segment.map=mine.toml"]);
    assert!(ran.code == 2 && ran.stderr.contains("has a segment `prospects`"), "{}", ran.stderr);
}

#[test]
fn members_are_accounted_for_and_so_is_the_money_of_those_who_only_sent_back() {
    let sandbox = sandbox(members());
    let manifest = run(&sandbox, &[]).manifest();
    let expected = json!({"rows": 5, "customers": 1, "prospects": 3, "excluded": 0, "after_as_of": 1, "merged": 0,
        "repeated": 0, "customers_without_row": 1});
    assert_eq!(manifest["members"], expected);
    // 5 + 15 + 10 - 4 were kept: 30 of buyers, and -4 of 6, who is a prospect without money.
    assert_eq!(manifest["totals"]["revenue_minor_units"], 3_000);
    assert_eq!(manifest["totals"]["customers"], 2);
    assert_eq!(manifest["notes"]["revenue_without_order_minor_units"], -400);
    assert_eq!(manifest["notes"]["customers_without_order"], 1);
    let codes: Vec<&str> = manifest["warning_details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"customers_not_members") && !codes.contains(&"prospects_by_window"), "{codes:?}");
    let everything = ["--set", "dates.window_days=5", "--set", "dates.window_applies_to=everything"];
    let manifest = run(&sandbox, &everything).manifest();
    // 2 bought before the window alone.
    assert_eq!(manifest["members"]["prospects"], 4);
    assert!(manifest["warnings"].to_string().contains("4 members have no order in the window"));
    // As of February 9 is a customer, and 7 a prospect.
    let later = sandbox.run(&["--as-of", "2025-02-10"]);
    assert_eq!(integers(&later.table("customers"), "customer_id"), [1, 2, 4, 6, 7, 9]);
    assert_eq!(later.manifest()["members"]["after_as_of"], 0);
}

#[test]
fn a_grid_has_cells_without_orders_only_where_prospects_count() {
    let sandbox = sandbox(members());
    assert_eq!(run(&sandbox, &[]).table("grid").height(), 25);
    let counted = run(&sandbox, &["--set", "customers.prospects=counted"]);
    let grid = counted.table("grid");
    assert_eq!(grid.height(), 30);
    // Signed up 740, 10 and 375 days before: 6 is in cell 26, 1 and 9 in cell 30.
    assert_eq!(integers(&grid, "customers")[25..], [1, 0, 0, 0, 2]);
    let shares = floats(&grid, "customer_share");
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let segments = counted.table("segments");
    assert_eq!(texts(&segments, "segment").last().map(String::as_str), Some("prospects"));
    assert_eq!(floats(&segments, "customer_share").last(), Some(&0.6));
    let bounds = counted.table("score_bounds");
    assert_eq!(integers(&bounds, "customers").iter().sum::<i64>(), 15, "five customers on three axes");
    // Nothing is learned from them.
    let apart = run(&sandbox, &[]).manifest()["breaks"].clone();
    assert_eq!(counted.manifest()["breaks"], apart);
    let plain = counted.manifest()["notes"]["segments_without_customers"].to_string();
    assert!(!plain.contains("prospects"), "{plain}");
    let labelled = run(&sandbox, &["--set", "customers.prospects=counted", "--set", "score.labels=best_is_one"]);
    let customers = labelled.table("customers");
    assert_eq!((texts(&customers, "cell")[0].as_str(), texts(&customers, "cell_label")[0].as_str()), ("111", "555"));
    assert_eq!(integers(&customers, "f_label")[3], 5);
}

#[test]
fn further_scorings_values_clusters_and_models_are_of_buyers() {
    let sandbox = sandbox(members());
    let further = format!(
        "{SETTINGS}prospects = \"counted\"\n[score.composites]\ncolumns = [\"score_mean\", \"weighted_value\"]\n[kmeans]\n\
         clusters = 2\n[[scoring]]\nname = \"other\"\nsegment.map = \"three_tier\"\n[predict]\nmodel = \"nbd\"\n"
    );
    fs::write(sandbox.root().join("rfmetrics.toml"), further).unwrap();
    let published = run(&sandbox, &[]);
    let customers = published.table("customers");
    for name in ["weighted_value", "v_score", "cluster", "p_alive"] {
        let own = texts(&customers, name);
        assert_eq!([&own[0], &own[3], &own[4]], ["-"; 3], "{name}");
    }
    assert_eq!(floats(&customers, "score_mean")[..1], [1.0]);
    assert_eq!(published.table("scorings").height(), 4, "two customers in two scorings");
    assert_eq!(integers(&published.table("clusters"), "customers").iter().sum::<i64>(), 4);
    let shares: f64 = floats(&published.table("scoring_segments"), "customer_share").iter().sum();
    assert!((shares - 2.0).abs() < 1e-12, "one per scoring: {shares}");
    let dimension = published.table("dim_segment");
    let prospects = texts(&dimension, "segment").into_iter().filter(|segment| segment == "prospects").count();
    assert_eq!(prospects, 2, "one in each map");
}

#[test]
fn the_list_of_those_who_are_left_out_and_ids_of_nobody_hold_for_members() {
    let sandbox = sandbox(members());
    let list = sandbox.root().join("erased.txt");
    fs::write(&list, "1\n2\n").unwrap();
    let published = run(&sandbox, &["--exclude-ids", list.to_str().unwrap(), "--set", "clean.nobody_ids=6"]);
    assert_eq!(integers(&published.table("customers"), "customer_id"), [4, 9]);
    let members = &published.manifest()["members"];
    assert_eq!((&members["excluded"], &members["prospects"]), (&json!(3), &json!(1)));
}

#[test]
fn pseudonyms_hide_prospects_too() {
    let sandbox = sandbox(members());
    fs::write(sandbox.root().join("key"), "0123456789abcdef0123456789abcdef").unwrap();
    let published = run(&sandbox, &["--hash-ids", "--hash-key-file", "key"]);
    let customers = published.table("customers");
    let ids = texts(&customers, "customer_id");
    assert!(ids.is_sorted() && ids.iter().all(|id| id.len() == 64));
    // As `printf 1 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef` (OpenSSL 3.0) prints it.
    let one =
        ids.iter().position(|id| id == "c2a56899f8e6dad8951a30d34b5be54bd457ff077c38b92b6eab206138e6dbbf").unwrap();
    assert_eq!(
        (texts(&customers, "segment")[one].as_str(), texts(&customers, "sign_up_date")[one].as_str()),
        ("prospects", "2023-01-01")
    );
    let two =
        ids.iter().position(|id| id == "a7d8e44fa072189ded0e9476fadfb89c2f0028cb06f3e603e08a9031e13ab9cf").unwrap();
    assert_eq!((texts(&customers, "tier")[two].as_str(), minor(&customers, "revenue")[two]), ("silver", 500));
}

#[test]
fn explain_shows_a_member_who_never_bought() {
    let sandbox = sandbox(members());
    let explain = |id: &str, format: &str| {
        sandbox.command(&["explain", id, "--format", format, "--input", "in", "--as-of", "2025-01-10"])
    };
    let ran = explain("1", "text");
    assert!(
        ran.code == 0 && ran.stdout.contains("prospects: a member without a purchase"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    assert!(ran.stdout.contains("2023-01-01"), "{}", ran.stdout);
    let story: Value = serde_json::from_str(&explain("6", "json").stdout).unwrap();
    assert_eq!(story["prospect"]["attributes"]["tier"], "bronze");
    assert_eq!((&story["prospect"]["consent"], &story["rows"]["rows"]), (&json!(true), &json!(1)));
    assert_eq!(explain("99", "text").code, 2);
    let story: Value = serde_json::from_str(&explain("2", "json").stdout).unwrap();
    assert!(story.get("prospect").is_none() && story["standing"]["measures"]["orders"] == 1);
}

#[test]
fn unfit_tables_of_members_are_refused_with_row_and_value() {
    let sandbox = sandbox(members());
    let refused = |frame: DataFrame| {
        sandbox.file("../members.parquet", frame);
        let ran = try_run(&sandbox, &[]);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        ran.stderr
    };
    let with = |column: Column| {
        let mut frame = members();
        frame.with_column(column).unwrap();
        frame
    };
    let error = refused(with(Column::new("customer_id".into(), [Some(9_i64), None, Some(7), Some(1), Some(6)])));
    assert!(error.contains("row 1 of") && error.contains("`customer_id` is null"), "{error}");
    let error = refused(with(Column::new("customer_id".into(), [9_i64, 2, 7, 9, 6])));
    assert!(error.contains("`9`: `tier` is `gold` in row 0 of") && error.contains("and null in row 3 of"), "{error}");
    let error = refused(with(Column::new("customer_id".into(), ["9", "2", "7", "1", "6"])));
    assert!(error.contains("row 0 is `9`") && error.contains("CAST(customer_id AS BIGINT)"), "{error}");
    let error = refused(with(Column::new("mail_ok".into(), ["yes", "no", "yes", "no", "yes"])));
    assert!(error.contains("true or false (boolean)") && error.contains("`mail_ok = 'yes'`"), "{error}");
    let error = refused(with(Column::new("joined".into(), [1_i64, 2, 3, 4, 5])));
    assert!(error.contains("expected a date or timestamp"), "{error}");
    // All of it at once, and before a row is read.
    let two = members().drop_many(["tier", "mail_ok"]);
    let error = refused(two);
    assert!(error.contains("no column `tier`") && error.contains("no column `mail_ok`"), "{error}");
    let checked = sandbox.command(&["check", "--input", "in"]);
    assert!(checked.code == 3 && checked.stderr.contains("`tier`"), "{}", checked.stderr);
    // A date that is none.
    fs::write(sandbox.root().join("rfmetrics.toml"), format!("{SETTINGS}[dates]\nformat = \"%Y-%m-%d\"\n")).unwrap();
    let mut texts_of_dates = shop();
    texts_of_dates.with_column(Column::new("order_ts".into(), ["2025-01-01"; 5])).unwrap();
    sandbox.file("a.parquet", texts_of_dates);
    let error =
        refused(with(Column::new("joined".into(), ["2024-01-01", "soon", "2024-01-01", "2024-01-01", "2024-01-01"])));
    assert!(error.contains("row 1 of") && error.contains("`joined` is `soon`"), "{error}");
}

#[test]
fn repeats_and_accounts_of_one_member_are_joined() {
    let sandbox = sandbox(members());
    let aliases =
        vec![Column::new("old_id".into(), [6_i64, 30, 40]), Column::new("customer_id".into(), [1_i64, 20, 20])];
    sandbox.file("../aliases.parquet", frame(aliases));
    // 1 has the accounts 1 (twice, alike) and 6; 20 has 30 and 40 alone, which differ.
    let members = frame(vec![
        Column::new("customer_id".into(), [6_i64, 1, 30, 1, 40]),
        Column::new("tier".into(), ["old", "new", "first", "new", "second"]),
        dates("joined", &["2020-01-01", "2024-01-01", "2024-01-01", "2024-01-01", "2023-01-01"]),
        Column::new("mail_ok".into(), [Some(false), Some(true), None, Some(true), Some(true)]),
    ]);
    sandbox.file("../members.parquet", members);
    let published = run(&sandbox, &["--set", "customers.aliases=aliases.parquet"]);
    let customers = published.table("customers");
    assert_eq!(integers(&customers, "customer_id"), [1, 2, 4, 20]);
    assert_eq!(texts(&customers, "tier"), ["new", "-", "-", "first"]);
    assert_eq!(texts(&customers, "sign_up_date"), ["2020-01-01", "-", "-", "2023-01-01"]);
    assert_eq!(texts(&customers, "consent"), ["false", "-", "-", "true"]);
    let manifest = published.manifest();
    let expected = json!({"rows": 5, "customers": 0, "prospects": 2, "excluded": 0, "after_as_of": 0, "merged": 2,
        "repeated": 1, "customers_without_row": 2});
    assert_eq!(manifest["members"], expected);
    assert!(manifest["warnings"].to_string().contains("1 customers have several old ids"), "{}", manifest["warnings"]);
}

#[test]
fn columns_of_every_type_are_carried_and_dates_stack() {
    let stamps = Column::new("seen".into(), [1_700_000_000_000_000_i64; 5]);
    let stamps = stamps.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap();
    let mut members = members();
    for column in [
        Column::new("age".into(), [1_i32, 2, 3, 4, 5]),
        Column::new("score".into(), [0.5_f32; 5]),
        Column::new("big".into(), [u64::MAX; 5]),
        stamps,
        Column::new("rate".into(), ["1.50"; 5]).cast(&DataType::Decimal(9, 2)).unwrap(),
    ] {
        members.with_column(column).unwrap();
    }
    let sandbox = sandbox(members);
    let wanted = ["--set", "customers.attributes=age,score,big,seen,rate,mail_ok,joined"];
    let customers = run(&sandbox, &wanted).table("customers");
    let kinds: Vec<DataType> = ["age", "score", "big", "seen", "rate", "mail_ok", "joined"]
        .iter()
        .map(|name| customers.column(name).unwrap().dtype().clone())
        .collect();
    let text = DataType::String;
    let expected =
        [DataType::Int64, DataType::Float64, text.clone(), text.clone(), text, DataType::Boolean, DataType::Date];
    assert_eq!(kinds, expected);
    assert_eq!(texts(&customers, "big")[1], "18446744073709551615");
    assert_eq!(
        (texts(&customers, "rate")[1].as_str(), texts(&customers, "seen")[1].as_str()),
        ("1.50", "2023-11-14 22:13:20")
    );
    // Without a single prospect, and with them: the same columns.
    let first = sandbox.run(&[&["--as-of", "2025-01-06"][..], &wanted].concat());
    let both = [first.path.join("customers.parquet"), run(&sandbox, &wanted).path.join("customers.parquet")];
    let schemas = both.map(|path| read_parquet(&path).schema().clone());
    assert_eq!(schemas[0], schemas[1]);
}
