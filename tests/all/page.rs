//! The page of pictures: well-formed, complete, escaped, small, the same bytes, and its figures those of the tables.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use polars::prelude::{Column, NamedFrom, Series};
use rfmetrics::PublishedRun;

use crate::page_support::{Page, page, page_of};
use crate::support::{Sandbox, floats, frame, integers, minor, orders, shop, texts};

const AS_OF: [&str; 2] = ["--as-of", "2023-12-10"];
/// What the page may weigh.
const MOST_BYTES: usize = 600_000;

/// `1234567` as `1,234,567`.
fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("\u{2212}{text}") } else { text }
}

fn money(minor: i128) -> String {
    let sign = if minor < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}.{:02}", grouped((minor.unsigned_abs() / 100) as i128), minor.unsigned_abs() % 100)
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

#[test]
fn figures_of_the_page_are_those_of_the_tables() {
    let sandbox = Sandbox::with(shop());
    let published = sandbox.run(&AS_OF);
    let page = page(&sandbox, &published, &[]);
    let segments = published.table("segments");
    let names = texts(&published.table("dim_segment"), "name_en");
    let keys = texts(&published.table("dim_segment"), "segment");
    let name_of: BTreeMap<String, String> = keys.into_iter().zip(names).collect();
    let rows = page.table_rows("segments");
    assert_eq!(rows.len() % segments.height(), 0, "the table of each picture has every segment");
    for (row, key) in texts(&segments, "segment").iter().enumerate() {
        let expected = [
            name_of[key].clone(),
            grouped(integers(&segments, "customers")[row].into()),
            percent(floats(&segments, "customer_share")[row]),
            money(minor(&segments, "revenue")[row]),
            percent(floats(&segments, "revenue_share")[row]),
        ];
        assert_eq!(rows[row][..5], expected, "{key}");
    }
    let summary = published.table("pareto_summary");
    let measures = texts(&summary, "measure");
    let value = |name: &str| floats(&summary, "value")[measures.iter().position(|measure| measure == name).unwrap()];
    let sentence = format!(
        "The top 20% of customers hold {} of revenue; 80% of revenue is held by {} of customers",
        percent(value("revenue_share_of_top_20_percent")),
        percent(value("customer_share_for_80_percent_of_revenue"))
    );
    assert!(page.text.contains(&sentence), "{sentence}");
    let run = PublishedRun::open(&published.path).unwrap().totals().unwrap();
    for figure in
        [grouped(run.customers.into()), grouped(run.orders.into()), money(run.revenue_minor_units.unwrap().into())]
    {
        assert!(page.tiles().contains(&figure), "{figure} in {:?}", page.tiles());
    }
}

#[test]
fn every_customer_is_counted_once_in_scores_grid_and_distributions() {
    let sandbox = Sandbox::with(shop());
    let published = sandbox.run(&AS_OF);
    let page = page(&sandbox, &published, &[]);
    let customers = published.table("customers").height();
    let count = |text: &str| text.replace(',', "").parse::<usize>().unwrap();
    let sum = |rows: &[Vec<String>], column: usize| rows.iter().map(|row| count(&row[column])).sum::<usize>();
    // Two pictures of the scores, three distributions.
    assert_eq!(sum(&page.table_rows("scores"), 2), 2 * customers);
    assert_eq!(sum(&page.table_rows("grid"), 3), customers);
    assert_eq!(sum(&page.table_rows("distributions"), 1), 3 * customers);
    assert_eq!(sum(&page.table_rows("octants"), 2), customers);
    let days = integers(&published.table("customers"), "recency_days");
    let active = days.iter().filter(|days| **days < 90).count() as f64 / customers as f64;
    let once = integers(&published.table("customers"), "orders").iter().filter(|orders| **orders == 1).count();
    assert!(page.tiles().contains(&percent(active)) && page.tiles().contains(&percent(once as f64 / customers as f64)));
}

#[test]
fn the_page_is_well_formed_small_and_asks_for_nothing_in_both_languages() {
    let sandbox = Sandbox::with(shop());
    let published = sandbox.run(&AS_OF);
    for language in ["en", "zh"] {
        let page = page(&sandbox, &published, &["--language", language]);
        page.assert_sound();
        assert!(page.html.len() < MOST_BYTES, "{}", page.html.len());
        assert_eq!(page.html, self::page(&sandbox, &published, &["--language", language]).html, "the same bytes");
        assert!(page.html.contains(if language == "en" { "<html lang=\"en\">" } else { "<html lang=\"zh-CN\">" }));
        // Every picture says in a sentence what it shows, and has the table behind it.
        let pictures = page.html.matches("<figure ").count();
        assert!(pictures >= 11, "{pictures}");
        assert_eq!(page.html.matches("<details>").count(), pictures);
        assert!(!page.html.contains("aria-label=\"\""));
    }
}

/// Texts that would be markup, in every place where the user gives one.
const HOSTILE: &str = "<script>alert(1)</script>\"'&";

#[test]
fn names_of_segments_groups_inputs_and_scorings_are_never_markup() {
    let sandbox = Sandbox::new();
    let mut data = shop();
    // Half of the customers are of a country whose name is longer than a page may be.
    let long = "x".repeat(2 * MOST_BYTES);
    let country: Vec<&str> =
        integers(&data, "customer_id").iter().map(|id| if id % 2 == 0 { HOSTILE } else { &long }).collect();
    data.with_column(Column::from(Series::new("country".into(), country))).unwrap();
    sandbox.file("a.parquet", data);
    let map = include_str!("../../src/segment/maps/rf25.toml")
        .replace("name_en = \"Champions\"", &format!("name_en = '''{HOSTILE}'''"))
        .replace("action_en = \"Reward", "action_en = \"</p><img src=x onerror=alert(1)>Reward");
    fs::write(sandbox.root().join("ours.toml"), map).unwrap();
    let settings =
        "[segment]\nmap = \"ours.toml\"\n[columns]\nattributes = [\"country\"]\n[reports]\nby = [\"country\"]\n";
    fs::write(sandbox.root().join("run.toml"), settings).unwrap();
    let published = sandbox.run(&[&AS_OF[..], &["--config", "run.toml"]].concat());
    let page = page(&sandbox, &published, &[]);
    page.assert_sound();
    assert!(!page.html.contains("<script") && !page.html.contains("<img"), "markup of others");
    assert!(page.html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "and the name is there");
    assert!(page.text.contains(HOSTILE));
    assert!(page.html.len() < MOST_BYTES, "{}", page.html.len());
}

#[test]
fn without_amounts_what_is_money_is_left_out_and_named() {
    let sandbox = Sandbox::with(shop().drop("amount").unwrap());
    let published = sandbox.run(&[&AS_OF[..], &["--column", "amount=none"]].concat());
    for language in ["en", "zh"] {
        let page = page(&sandbox, &published, &["--language", language]);
        page.assert_sound();
        assert!(page.has_section("segments") && page.has_section("grid"));
        assert!(!page.has_section("pareto") && !page.has_section("octants"));
        let said = if language == "en" {
            "The input has no amounts. Tables not published:"
        } else {
            "输入数据没有金额。未发布的表："
        };
        assert!(page.text.contains(said), "{said}");
    }
}

#[test]
fn a_table_of_customers_windows_many_scores_and_nobody_have_pages() {
    let customers = frame(vec![
        Column::new("customer_id".into(), ["a", "b", "c"]),
        crate::support::dates("last_order_date", &["2025-12-01", "2025-06-01", "2025-12-30"]),
        Column::new("orders".into(), [3_i64, 1, 9]),
        Column::new("revenue".into(), [30.0, 5.0, 900.5]),
    ]);
    let sandbox = Sandbox::with(customers);
    let published = sandbox.run(&["--as-of", "2025-12-31", "--set", "input.grain=customers"]);
    let small = page(&sandbox, &published, &[]);
    small.assert_sound();
    assert!(small.text.contains("The table of customers has no date of the first order."));
    let sandbox = Sandbox::with(shop());
    let many = ["--window-days", "90", "--method", "ntile", "--bins", "60", "--map", "three_tier"];
    let published = sandbox.run(&[&AS_OF[..], &many].concat());
    let page = page(&sandbox, &published, &[]);
    page.assert_sound();
    assert!(page.html.len() < MOST_BYTES);
    let nobody = Sandbox::with(orders(&[(1, 1, "2025-01-01", 5.0)]));
    let published = nobody.run(&["--as-of", "2020-01-01", "--allow-empty"]);
    page_of(&nobody, &published.path, &[]).assert_sound();
}

#[test]
fn earlier_dates_next_to_it_show_what_has_changed_and_later_ones_do_not() {
    let sandbox = Sandbox::with(shop());
    let first = sandbox.run(&["--as-of", "2023-06-30"]);
    let alone = page(&sandbox, &first, &[]).html;
    sandbox.run(&["--as-of", "2023-09-30"]);
    let last = sandbox.run(&AS_OF);
    assert_eq!(page(&sandbox, &first, &[]).html, alone, "later dates change nothing");
    let page = page(&sandbox, &last, &[]);
    page.assert_sound();
    assert!(page.text.contains("Changes are against 2023-09-30, the newest date published before this one."));
    let customers = |path: &Path| PublishedRun::open(path).unwrap().totals().unwrap().customers as f64;
    let change = customers(&last.path) / customers(&last.path.with_file_name("as_of=2023-09-30")) - 1.0;
    assert!(page.text.contains(&format!("▲ +{}", percent(change))), "{change}");
    let title = format!("{} customers on 2023-06-30", customers(&first.path));
    assert!(page.text.contains(&title), "{title}");
    let other = sandbox.run(&["--as-of", "2023-12-10", "--window-days", "90"]);
    assert!(self::page(&sandbox, &other, &[]).text.contains("2023-09-30, whose settings differ"));
}

#[test]
fn a_run_publishes_its_page_whole_and_verify_knows_it() {
    let sandbox = Sandbox::with(shop());
    let plain = sandbox.run(&AS_OF);
    let tables = plain.bytes();
    assert!(!plain.path.join("report.html").exists());
    let wanted = ["--set", "output.report=true", "--set", "output.report_language=zh"];
    let published = sandbox.run(&[&AS_OF[..], &wanted].concat());
    assert_eq!(published.bytes(), tables, "tables are as without the page");
    let html = fs::read_to_string(published.path.join("report.html")).unwrap();
    Page::of(html.clone()).assert_sound();
    let made = page(&sandbox, &published, &[]);
    assert_eq!(made.html, html, "the command makes the same page, in the language of the run");
    let output = sandbox.output();
    let verify = || sandbox.command(&["verify", output.to_str().unwrap()]);
    assert_eq!(verify().code, 0, "{}", verify().stderr);
    // The next run replaces it, and one that asks for none has none.
    let again = sandbox.run(&AS_OF);
    assert!(!again.path.join("report.html").exists());
    sandbox.run(&[&AS_OF[..], &wanted].concat());
    fs::write(published.path.join("report.html"), html + " ").unwrap();
    assert_eq!(verify().code, 6);
    assert!(verify().stderr.contains("report.html"));
}

#[test]
fn the_page_is_not_written_among_published_files_nor_of_what_is_no_date() {
    let sandbox = Sandbox::with(shop());
    let published = sandbox.run(&AS_OF);
    let path = published.path.to_str().unwrap();
    for inside in [published.path.join("x.html"), sandbox.output().join("x.html")] {
        let ran = sandbox.command(&["report", path, "-o", inside.to_str().unwrap()]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains("would lie among published files") && !inside.exists());
    }
    let ran = sandbox.command(&["report", sandbox.output().to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("holds no published run"), "{}", ran.stderr);
    let ran = sandbox.command(&["report", path, "-o", "none/x.html"]);
    assert_eq!(ran.code, 6, "{}", ran.stderr);
    let ran = sandbox.command(&["report", path, "-o", "-"]);
    assert!(ran.stdout.starts_with("<!DOCTYPE html>"));
    let ran = sandbox.command(&["report", path]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "report.html\n"));
    fs::remove_file(published.path.join("segments.parquet")).unwrap();
    let ran = sandbox.command(&["report", path]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("has no segments table"), "{}", ran.stderr);
}

#[test]
fn predictions_further_scorings_clusters_and_inputs_have_their_sections() {
    let sandbox = Sandbox::with(shop());
    let settings = "[kmeans]\nclusters = 3\n[predict]\nmodel = \"bg_nbd\"\nholdout_days = 120\n[[scoring]]\nname = \"tiers\"\nsegment.map = \
                    \"three_tier\"\n[[scoring]]\nname = \"eight\"\nsegment.map = \"marketing8\"\n";
    fs::write(sandbox.root().join("run.toml"), settings).unwrap();
    let published = sandbox.run(&[&AS_OF[..], &["--config", "run.toml"]].concat());
    for language in ["en", "zh"] {
        let page = page(&sandbox, &published, &["--language", language]);
        page.assert_sound();
        for section in ["lifetime_value", "models", "further"] {
            assert!(page.has_section(section), "{section}");
        }
        assert!(page.html.len() < MOST_BYTES, "{}", page.html.len());
    }
    let shown = page(&sandbox, &published, &[]);
    let segments = published.table("segments");
    let clv: f64 = floats(&segments, "clv_12_months").into_iter().fold(0.0, f64::max);
    let rows = shown.table_rows("lifetime_value");
    assert_eq!(rows[0][3].replace(',', ""), format!("{clv:.2}"), "the segment of highest value comes first");
    assert!(
        shown.text.contains("Scoring tiers:")
            && shown.text.contains("Scoring eight:")
            && shown.text.contains("3 clusters;")
    );
}
