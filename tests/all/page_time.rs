//! Sections of the page whose tables are made over time and of campaigns, drawn from small tables made by hand.

use std::fs::{self, File};
use std::path::Path;

use polars::prelude::{Column, DataFrame, ParquetWriter};
use serde_json::{Value, json};

use crate::page_support::{Page, page};
use crate::support::{Published, Sandbox, dates, frame, shop};

const AS_OF: [&str; 2] = ["--as-of", "2023-12-10"];

/// Writes a table into a published directory, and its entry into the manifest there.
fn add_table(directory: &Path, name: &str, mut table: DataFrame) {
    let file = format!("{name}.parquet");
    ParquetWriter::new(File::create(directory.join(&file)).unwrap()).finish(&mut table).unwrap();
    let path = directory.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let entry = json!({"name": name, "file": file, "rows": table.height(), "columns": table.width(), "bytes": 0, "sha256": "00"});
    manifest["tables"].as_array_mut().unwrap().push(entry);
    fs::write(&path, manifest.to_string()).unwrap();
}

fn text(name: &str, values: &[&str]) -> Column {
    Column::new(name.into(), values)
}

fn whole(name: &str, values: &[i64]) -> Column {
    Column::new(name.into(), values)
}

fn number(name: &str, values: &[f64]) -> Column {
    Column::new(name.into(), values)
}

fn published(sandbox: &Sandbox) -> Published {
    sandbox.run(&AS_OF)
}

fn pages(sandbox: &Sandbox, published: &Published) -> [Page; 2] {
    ["en", "zh"].map(|language| {
        let page = page(sandbox, published, &["--language", language]);
        page.assert_sound();
        page
    })
}

/// Of 100 champions 60 stay, 30 are loyal now and 10 are gone; of 50 loyal ones 45 stay and 5 rise; 20 are new.
fn migration() -> DataFrame {
    frame(vec![
        dates("compared_with", &["2023-09-30"; 6]),
        text("basis", &["frozen"; 6]),
        text("by", &["segment"; 6]),
        text("from_segment", &["champions", "champions", "champions", "loyal", "loyal", "absent"]),
        text("to_segment", &["champions", "loyal", "absent", "loyal", "champions", "new"]),
        whole("customers", &[60, 30, 10, 45, 5, 20]),
        number("share_of_from", &[0.6, 0.3, 0.1, 0.9, 0.1, 1.0]),
    ])
}

#[test]
fn moves_are_a_matrix_and_flows_and_their_sentences_are_sums() {
    let sandbox = Sandbox::with(shop());
    let published = published(&sandbox);
    add_table(&published.path, "migration", migration());
    let [english, _] = pages(&sandbox, &published);
    // 35 of the 140 who were there on both dates are elsewhere: 30 and 5.
    assert!(
        english.text.contains("25.0% of those who were there on both dates are in another segment than on 2023-09-30")
    );
    // Champions: 100 before, 65 now. Loyal: 50 before, 75 now.
    assert!(english.text.contains("Champions lost most: 35 fewer customers than before"));
    let rows = english.table_rows("migration");
    assert!(rows.contains(&["Champions", "Loyal customers", "30", "30.0%"].map(str::to_owned).to_vec()), "{rows:?}");
    assert!(
        rows.contains(&["Champions", "100", "65", "5", "40", "\u{2212}35"].map(str::to_owned).to_vec()),
        "{rows:?}"
    );
    assert!(rows.contains(&["Loyal customers", "50", "75", "30", "5", "25"].map(str::to_owned).to_vec()), "{rows:?}");
}

#[test]
fn a_comparison_without_breaks_shows_what_was_published() {
    let sandbox = Sandbox::with(shop());
    let published = published(&sandbox);
    let mut table = migration();
    table.with_column(text("basis", &["published"; 6])).unwrap();
    add_table(&published.path, "migration", table);
    let [english, _] = pages(&sandbox, &published);
    assert!(english.text.contains("each date is scored with its own breaks"));
}

fn alerts() -> DataFrame {
    frame(vec![
        text("customer_id", &["C-17", "C-3", "<b>C-4</b>"]),
        text("segment", &["at_risk", "at_risk", "cannot_lose"]),
        text("reasons", &["score_fell+own_rhythm", "own_rhythm", "p_alive"]),
        whole("days_since_last_order", &[200, 90, 120]),
        number("revenue_last_365_days", &[500.5, 100.0, 399.5]),
    ])
}

#[test]
fn alerts_name_nobody_unless_asked() {
    let sandbox = Sandbox::with(shop());
    let published = published(&sandbox);
    add_table(&published.path, "alerts", alerts());
    let [english, chinese] = pages(&sandbox, &published);
    // 500.50 + 100 + 399.50.
    assert!(english.text.contains("3 valued customers fell silent, who brought 1,000.00 in the last 365 days"));
    assert!(english.text.contains("2 silent for longer than their own rhythm"));
    assert!(["C-17", "C-3"].iter().all(|id| !english.html.contains(id) && !chinese.html.contains(id)), "no id");
    let named = page(&sandbox, &published, &["--with-ids"]);
    named.assert_sound();
    let rows = named.table_rows("alerts");
    let first = [
        "C-17",
        "At risk",
        "fell by two recency scores or more, silent for longer than their own rhythm",
        "200",
        "500.50",
    ];
    assert!(rows.contains(&first.map(str::to_owned).to_vec()), "{rows:?}");
    assert!(named.text.contains("<b>C-4</b>") && !named.html.contains("<b>"));
}

fn health() -> DataFrame {
    frame(vec![
        dates("date", &["2023-10-31", "2023-11-30"]),
        whole("active_30", &[100, 110]),
        whole("active_60", &[150, 160]),
        whole("active_90", &[180, 190]),
        whole("known_customers", &[290, 300]),
        whole("buyers", &[100, 120]),
        whole("first_time", &[40, 30]),
        whole("returning", &[50, 72]),
        whole("reactivated", &[10, 18]),
        whole("orders", &[130, 150]),
        number("revenue", &[1_000.0, 1_200.0]),
        Column::new("change_on_previous".into(), [None, Some(0.1)]),
        Column::new("change_on_year".into(), [None::<f64>, None]),
        Column::new("sign".into(), [None, Some("growing")]),
    ])
}

#[test]
fn health_says_its_sign_and_where_buyers_come_from() {
    let sandbox = Sandbox::with(shop());
    let published = published(&sandbox);
    add_table(&published.path, "health", health());
    let [english, chinese] = pages(&sandbox, &published);
    assert!(english.text.contains("Growing: 110 customers bought in the last 30 days (+10.0% on the date before)"));
    assert!(english.text.contains("Of the latest buyers 25.0% are new, and 15.0% came back after a long pause"));
    assert!(chinese.text.contains("增长：近 30 天有 110 位客户购买"));
    assert_eq!(english.table_rows("health")[0][..3], ["2023-11-30", "110", "160"], "the newest date first");
}

#[test]
fn the_ladder_and_cohorts_are_drawn() {
    let sandbox = Sandbox::with(shop());
    let published = published(&sandbox);
    let ladder = frame(vec![
        Column::new("step".into(), [1_i32, 2]),
        whole("customers_with_k", &[300, 150]),
        whole("customers_with_next", &[150, 100]),
        number("share", &[0.5, 2.0 / 3.0]),
        Column::new("median_days".into(), [Some(31.0), None]),
    ]);
    add_table(&published.path, "loyalty_ladder", ladder);
    let cohorts = frame(vec![
        dates("cohort", &["2023-10-01", "2023-10-01", "2023-10-01", "2023-11-01", "2023-11-01"]),
        Column::new("age".into(), [0_i32, 1, 2, 0, 1]),
        whole("customers", &[40, 40, 40, 60, 60]),
        Column::new("active".into(), [Some(40_i64), Some(10), None, Some(60), Some(15)]),
        Column::new("retention".into(), [Some(1.0), Some(0.25), None, Some(1.0), Some(0.25)]),
        Column::new("cumulative_revenue_per_customer".into(), [Some(10.0), Some(12.5), None, Some(9.0), Some(11.0)]),
    ]);
    add_table(&published.path, "cohorts", cohorts);
    let [english, _] = pages(&sandbox, &published);
    assert!(english.text.contains("50.0% of customers with a first purchase made a second one"));
    assert!(english.text.contains("Half of those who bought again did so within 31 days"));
    assert_eq!(english.table_rows("ladder")[1][..4], ["2→3", "150", "100", "66.7%"]);
    // 25 of 100.
    assert!(english.text.contains("25.0% of new customers buy again in the period after their first"));
    assert_eq!(english.table_rows("cohorts")[1], ["2023-10-01", "40", "1", "25.0%", "12.50"]);
}

#[test]
fn the_evaluation_shows_rates_and_gains_of_the_own_scoring() {
    let sandbox = Sandbox::with(shop());
    let published = published(&sandbox);
    let evaluation = frame(vec![
        text("scoring", &["main", "main", "tiers"]),
        text("group_by", &["segment", "segment", "segment"]),
        text("group", &["hibernating", "champions", "vip"]),
        whole("customers", &[100, 100, 200]),
        whole("buyers", &[5, 80, 85]),
        number("repurchase_rate", &[0.05, 0.8, 0.425]),
        number("rate_low", &[0.02, 0.71, 0.36]),
        number("rate_high", &[0.11, 0.87, 0.49]),
        number("revenue", &[50.0, 900.0, 950.0]),
    ]);
    add_table(&published.path, "evaluation", evaluation);
    let tenths: Vec<i32> = (1..=10).chain(1..=10).collect();
    let rankings = frame(vec![
        text("scoring", &["main"; 20]),
        text("ranking", &[["recency_days"; 10], ["revenue"; 10]].concat()),
        Column::new("tenth".into(), tenths),
        whole("customers", &[10; 20]),
        number("buyers", &[[9.0, 7.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0], [2.0; 10]].concat()),
    ]);
    add_table(&published.path, "evaluation_rankings", rankings);
    let [english, _] = pages(&sandbox, &published);
    assert!(english.text.contains("Champions bought again most often (80.0%), Hibernating least often (5.0%)"));
    // 16 of 20.
    assert!(english.text.contains("The best 20% by recency hold 80.0% of those who bought again"));
    assert!(!english.text.contains("vip"), "another scoring");
}

/// A campaign next to the dates.
fn campaign(sandbox: &Sandbox, name: &str, table: (&str, DataFrame)) {
    let directory = sandbox.output().join("campaigns").join(name);
    fs::create_dir_all(&directory).unwrap();
    let manifest = json!({"format_version": 1, "as_of": "2023-12-10", "money_scale": 2, "tables": []});
    fs::write(directory.join("manifest.json"), manifest.to_string()).unwrap();
    add_table(&directory, table.0, table.1);
}

#[test]
fn campaigns_show_their_rates_against_what_pays_and_what_is_expected() {
    let sandbox = Sandbox::with(shop());
    let published = published(&sandbox);
    let results = frame(vec![
        text("campaign", &["spring"; 3]),
        text("group_by", &["campaign", "segment", "segment"]),
        text("group", &["spring", "champions", "hibernating"]),
        whole("contacts", &[2_000, 1_000, 1_000]),
        whole("responders", &[55, 50, 5]),
        number("response_rate", &[0.0275, 0.05, 0.005]),
        number("rate_low", &[0.021, 0.038, 0.002]),
        number("rate_high", &[0.036, 0.065, 0.012]),
        number("cost", &[1_240.0, 620.0, 620.0]),
        number("profit", &[685.0, 1_130.0, -445.0]),
        number("break_even_rate", &[0.0177, 0.0177, 0.0177]),
        text("verdict", &["keep", "keep", "drop"]),
    ]);
    campaign(&sandbox, "spring", ("campaign_results", results));
    let summary = frame(vec![
        text("campaign", &["autumn", "autumn"]),
        text("group_by", &["campaign", "segment"]),
        text("group", &["autumn", "champions"]),
        whole("targets", &[900, 900]),
        whole("control", &[100, 100]),
        whole("cut_off", &[7, 7]),
        number("cost", &[558.0, 558.0]),
        number("expected_response_rate", &[0.05, 0.05]),
        number("expected_profit", &[1_017.0, 1_017.0]),
    ]);
    campaign(&sandbox, "autumn", ("campaign_summary", summary));
    let [english, _] = pages(&sandbox, &published);
    assert!(english.text.contains("spring: 2.75% of 2,000 contacts responded; 1 of 2 segments surely pays"), "result");
    assert!(english.text.contains("break-even 1.77%"));
    assert!(english.text.contains("autumn: 900 contacts for 558.00, expected profit 1,017.00"));
    let rows = english.table_rows("campaigns");
    assert_eq!(rows[2][..5], ["Hibernating", "1,000", "5", "0.50%", "0.20%–1.20%"]);
    assert_eq!(rows[2][6], "\u{2212}445.00");
}
