//! Features that are rarely used together: several inputs with old ids, members, currencies and repeats; groups and pairs with
//! tables of customers, and without amounts. Figures follow from the rows shown.

use std::fs;

use polars::prelude::*;
use serde_json::Value;

use crate::groups::AS_OF;
use crate::support::{Published, Ran, Sandbox, dates, floats, frame, integers, orders, shop, texts};

/// Runs with these settings, in which `in` and `out` stand for the directories.
fn try_run(sandbox: &Sandbox, settings: &str, args: &[&str]) -> Ran {
    fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    sandbox.command(&[&["run", "--quiet", "--output", "out"], args].concat())
}

fn run(sandbox: &Sandbox, settings: &str, args: &[&str]) -> Published {
    let ran = try_run(sandbox, settings, args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    sandbox.published(&ran)
}

/// What `explain` says of a customer with the settings of the last run.
fn explained(sandbox: &Sandbox, customer: &str, args: &[&str]) -> Value {
    let ran = sandbox.command(&[&["explain", customer, "--format", "json"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn checked(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.command(&[&["check", "--output", "out"], args].concat())
}

/// A shop in two currencies and a till in francs, which writes a row twice. 3 has become 1. Members are 1, 2, 3 and 9.
fn shop_and_till() -> Sandbox {
    let sandbox = Sandbox::new();
    let mut shop = orders(&[(1, 17, "2026-01-02", 10.0), (3, 17, "2026-01-03", 4.0), (2, 18, "2026-01-05", 1.0)]);
    shop.with_column(Column::new("cur".into(), ["EUR", "USD", "EUR"])).unwrap();
    sandbox.file("shop/a.parquet", shop);
    let till = [(1, 17, "2026-01-10", 6.0), (1, 17, "2026-01-10", 6.0), (3, 5, "2026-01-11", 8.0)];
    sandbox.file("till/a.parquet", orders(&till));
    let id = |name: &str, ids: &[i64]| Column::new(name.into(), ids);
    sandbox.file("../aliases.parquet", frame(vec![id("old_id", &[3]), id("customer_id", &[1])]));
    let tier = Column::new("tier".into(), ["gold", "tin", "old", "new"]);
    sandbox.file("../members.parquet", frame(vec![id("customer_id", &[1, 2, 3, 9]), tier]));
    let rates = vec![Column::new("currency".into(), ["USD", "CHF"]), Column::new("rate".into(), ["2", "0.5"])];
    sandbox.file("../rates.parquet", frame(rates));
    sandbox
}

const BOTH: &str = "customers.aliases = 'aliases.parquet'\ncustomers.path = 'members.parquet'\n\
    customers.attributes = ['tier']\ncurrency.base = 'EUR'\ncurrency.rates = 'rates.parquet'\n\
    [[input]]\nname = 'shop'\npaths = ['in/shop']\ncolumns.currency = 'cur'\n\
    [[input]]\nname = 'till'\npaths = ['in/till']\ncolumns.currency = \"'CHF'\"\nclean.dedupe = true\n";
const JANUARY: [&str; 2] = ["--as-of", "2026-01-31"];

#[test]
fn inputs_of_several_currencies_are_joined_with_old_ids_members_and_without_repeats() {
    let sandbox = shop_and_till();
    let published = run(&sandbox, BOTH, &JANUARY);
    let customers = published.table("customers");
    assert_eq!(integers(&customers, "customer_id"), [1, 2, 9]);
    // 1: receipt 17 of the shop under both ids is 10 + 4 * 2 = 18, of 2 January; receipt 17 of the till is 6 * 0.5 = 3, once;
    // receipt 5 is 8 * 0.5 = 4. The last order is of 11 January, 20 days before.
    assert_eq!(integers(&customers, "orders"), [3, 1, 0]);
    assert_eq!(floats(&customers, "revenue"), [25.0, 1.0, 0.0]);
    assert_eq!(texts(&customers, "recency_days"), ["20", "26", "-"]);
    assert_eq!(texts(&customers, "tier"), ["gold", "tin", "new"], "that of the id of today");
    assert_eq!(texts(&customers, "segment")[2], "prospects");
    assert_eq!(published.outcomes()["duplicate"], 1);
    assert_eq!(published.manifest()["aliases"]["rows_moved"], 2);
    let story = explained(&sandbox, "3", &JANUARY);
    assert_eq!((&story["customer_id"], &story["old_id"]), (&"1".into(), &"3".into()));
    assert_eq!(story["standing"]["measures"]["revenue"], 25.0);
    assert_eq!(story["standing"]["cell"].as_str().unwrap(), texts(&customers, "cell")[0]);
    let ran = checked(&sandbox, &JANUARY);
    assert!(
        ran.code == 0 && ran.stdout.contains("1 old id") && ran.stdout.contains("4 rows, with tier"),
        "{}",
        ran.stdout
    );
}

#[test]
fn groups_of_customers_are_scored_without_amounts_and_with_prospects() {
    let without = |by: &str| {
        let mut rows = shop().drop("amount").unwrap();
        rows.with_column(Column::new("country".into(), vec!["DE"; rows.height()])).unwrap();
        let sandbox = Sandbox::with(rows);
        let members: Vec<i64> = (-3..20).collect();
        sandbox.file("../members.parquet", frame(vec![Column::new("customer_id".into(), members)]));
        let own = format!(
            "customers.path = 'members.parquet'\ncustomers.prospects = 'counted'\ncolumns.amount = 'none'\n{by}"
        );
        let published = run(&sandbox, &own, &[&AS_OF[..], &["--input", "in"]].concat());
        (sandbox, published)
    };
    let ((_one, plain), (sandbox, grouped)) =
        (without(""), without("score.by = ['country']\nscore.by_min_customers = 2\n"));
    let (ours, theirs) = (plain.table("customers"), grouped.table("customers"));
    for name in ["customer_id", "r_score", "f_score", "m_score", "cell", "segment", "orders"] {
        assert_eq!(texts(&ours, name), texts(&theirs, name), "one group is all of them: {name}");
    }
    assert!(texts(&theirs, "m_score").iter().all(|score| score == "-"));
    // Three members of 23 are below 0, and are no customers; they count, with the lowest scores.
    assert_eq!((texts(&theirs, "cell")[0].as_str(), texts(&theirs, "country")[0].as_str()), ("11", "-"));
    let (group, buyers) = (grouped.table("score_groups"), integers(&theirs, "orders"));
    let buyers = buyers.iter().filter(|orders| **orders > 0).count() as i64;
    let own = texts(&group, "customer_group").iter().position(|name| name == "DE").unwrap();
    assert_eq!(integers(&group, "customers")[own], buyers, "prospects are in no group");
    let ids = integers(&theirs, "customer_id");
    // Groups that are too small take the scores of all, without amounts, too.
    let small = "score.by = ['country']\nscore.by_min_customers = 1000\ncolumns.amount = 'none'\n";
    let all = run(&sandbox, small, &[&AS_OF[..], &["--input", "in"]].concat()).table("customers");
    assert_eq!(texts(&all, "cell"), texts(&ours, "cell").split_off(3), "but for the prospects");
    let reported = "customers.path = 'members.parquet'\ncustomers.prospects = 'counted'\nreports.by = ['country']\n";
    let published = run(
        &sandbox,
        &format!("score.by = ['country']\ncolumns.amount = 'none'\n{reported}"),
        &[&AS_OF[..], &["--input", "in"]].concat(),
    );
    assert!(published.bytes().contains_key("segments_by_group.parquet"));
    assert!(!published.bytes().contains_key("pareto_by_group.parquet"), "it is about money alone");
    run(&sandbox, "score.by = ['country']\ncolumns.amount = 'none'\n", &[&AS_OF[..], &["--input", "in"]].concat());
    let row = texts(&theirs, "country").iter().position(|country| country == "DE").unwrap();
    let story = explained(&sandbox, &ids[row].to_string(), &[&AS_OF[..], &["--input", "in"]].concat());
    assert_eq!(story["standing"]["cell"].as_str().unwrap(), texts(&theirs, "cell")[row]);
    assert_eq!(checked(&sandbox, &[&AS_OF[..], &["--input", "in"]].concat()).code, 0);
}

/// A customer below zero stands behind those who never bought.
#[test]
fn groups_are_reported_where_those_who_never_bought_have_ranks_between_them() {
    let mut rows = orders(&[(1, 1, "2026-01-04", 3.0), (2, 2, "2026-01-20", 9.0), (2, 3, "2026-01-21", -19.0)]);
    rows.with_column(Column::new("country".into(), ["DE", "DE", "DE"])).unwrap();
    let sandbox = Sandbox::with(rows);
    sandbox.file("../members.parquet", frame(vec![Column::new("customer_id".into(), [1_i64, 5, 6, 7])]));
    let settings = "customers.path = 'members.parquet'\ncustomers.prospects = 'counted'\nreports.by = ['country']\n\
        reports.pareto_groups = 2\n";
    let published = run(&sandbox, settings, &[&JANUARY[..], &["--input", "in"]].concat());
    // 3.00, three times nothing, -10.00: ranks 1 and 5.
    let customers = published.table("customers");
    assert_eq!(integers(&customers, "revenue_rank"), [1, 5, 2, 3, 4]);
    assert_eq!(floats(&published.table("pareto_by_group"), "revenue"), [3.0, -10.0]);
}

/// Two countries of customer 1, and one of 2 and 3.
fn table_of_pairs(countries: [&str; 4]) -> Sandbox {
    Sandbox::with(frame(vec![
        Column::new("customer_id".into(), [1_i64, 1, 2, 3]),
        dates("last_order_date", &["2026-01-01", "2026-01-11", "2026-01-21", "2025-01-31"]),
        Column::new("orders".into(), [2_i64, 1, 5, 1]),
        Column::new("revenue".into(), [10.0, 5.0, 100.0, 1.0]),
        Column::new("country".into(), countries),
    ]))
}

const OF_CUSTOMERS: &str = "input.paths = ['in']\ninput.grain = 'customers'\n";

#[test]
fn rows_of_a_table_of_customers_may_be_pairs_of_customers_and_countries() {
    let settings = format!("{OF_CUSTOMERS}customers.per = 'country'\n");
    let sandbox = table_of_pairs(["DE", "AT", "DE", "DE"]);
    let customers = run(&sandbox, &settings, &JANUARY).table("customers");
    assert_eq!(integers(&customers, "customer_id"), [1, 1, 2, 3]);
    assert_eq!(texts(&customers, "country"), ["AT", "DE", "DE", "DE"]);
    assert_eq!(integers(&customers, "recency_days"), [20, 30, 10, 365]);
    assert_eq!(floats(&customers, "revenue"), [5.0, 10.0, 100.0, 1.0]);
    let story = explained(&sandbox, "1/AT", &JANUARY);
    assert_eq!(story["standing"]["measures"]["revenue"], 5.0);
    assert_eq!(checked(&sandbox, &JANUARY).code, 0);
    let ran = try_run(&table_of_pairs(["DE", "DE", "DE", "DE"]), &settings, &JANUARY);
    assert!(ran.code == 3 && ran.stderr.contains("customer `1/DE`: 2 rows"), "{}", ran.stderr);
}

#[test]
fn old_ids_and_members_are_known_of_a_table_of_customers() {
    let sandbox = table_of_pairs(["DE", "AT", "DE", "DE"]);
    let id = |name: &str, ids: &[i64]| Column::new(name.into(), ids);
    sandbox.file("../aliases.parquet", frame(vec![id("old_id", &[3]), id("customer_id", &[7])]));
    sandbox.file("../members.parquet", frame(vec![id("customer_id", &[3, 2, 9])]));
    let settings = format!(
        "{OF_CUSTOMERS}input.filter = \"country = 'DE'\"\ncustomers.aliases = 'aliases.parquet'\ncustomers.path = 'members.parquet'\n"
    );
    let published = run(&sandbox, &settings, &JANUARY);
    let customers = published.table("customers");
    assert_eq!(integers(&customers, "customer_id"), [1, 2, 7, 9]);
    assert_eq!(floats(&customers, "revenue"), [10.0, 100.0, 1.0, 0.0]);
    assert_eq!(texts(&customers, "segment")[3], "prospects");
    assert_eq!(published.manifest()["members"]["customers"], 2);
    assert_eq!(explained(&sandbox, "3", &JANUARY)["standing"]["measures"]["revenue"], 1.0);
    assert_eq!(explained(&sandbox, "9", &JANUARY)["prospect"]["segment"], "prospects");
    // Both ids of a customer have a row: two rows of one customer.
    sandbox.file("../aliases.parquet", frame(vec![id("old_id", &[3]), id("customer_id", &[2])]));
    let ran = try_run(&sandbox, &settings, &JANUARY);
    assert!(ran.code == 3 && ran.stderr.contains("customer `2`: 2 rows"), "{}", ran.stderr);
    assert!(ran.stderr.contains("a row of an old id"), "{}", ran.stderr);
}

#[test]
fn interactions_of_old_ids_and_of_several_inputs_are_those_of_the_customer() {
    let sandbox = shop_and_till();
    let mut web = orders(&[(1, 1, "2026-01-04", 3.0), (3, 0, "2026-01-20", 0.0), (3, 0, "2026-01-25", 0.0)]);
    web.with_column(Column::new("event".into(), ["buy", "visit", "visit"])).unwrap();
    sandbox.file("web/a.parquet", web);
    let settings = "customers.aliases = 'aliases.parquet'\nscore.frequency.measure = 'interactions'\n\
        score.recency.measure = 'interaction_days'\n\
        [[input]]\nname = 'web'\npaths = ['in/web']\nfilter = \"event = 'buy'\"\ninteractions = \"event = 'visit'\"\n\
        [[input]]\nname = 'till'\npaths = ['in/till']\n";
    let customers = run(&sandbox, settings, &JANUARY).table("customers");
    assert_eq!(integers(&customers, "customer_id"), [1]);
    // Two visits under the old id, the last one 6 days before.
    assert_eq!(integers(&customers, "interactions"), [2]);
    assert_eq!(integers(&customers, "interaction_days"), [6]);
    let story = explained(&sandbox, "1", &JANUARY);
    assert_eq!(story["standing"]["measures"]["interactions"], 2);
}

#[test]
fn maps_that_look_at_money_in_any_way_are_refused_without_amounts_with_those_that_fit() {
    let sandbox = Sandbox::with(orders(&[(1, 1, "2026-01-04", 3.0), (2, 2, "2026-01-20", 0.0)]));
    let map = "name = 'ours'\nbins = BINS\notherwise = 'rest'\n[[segments]]\nkey = 'rest'\nname_en = 'Rest'\n[[rules]]\n\
               segment = 'rest'\nRULE\n";
    for (bins, rule, more) in [
        ("{}", "min_score_sum = 9", ""),
        ("{}", "min_weighted_score = 2.5", ""),
        ("{}", "min_value = 0.5", ""),
        ("{ v = 5 }", "v = '5'", ""),
        ("{}", "octant = '111'", ""),
        ("{}", "abc = 'A'", ""),
        ("{}", "min_revenue = 10", ""),
        ("{}", "min_clv = 10", "predict.model = 'auto'\n"),
        ("{ m = 5 }", "m = '5'", ""),
    ] {
        fs::write(sandbox.root().join("ours.toml"), map.replace("BINS", bins).replace("RULE", rule)).unwrap();
        let settings = format!("columns.amount = 'none'\nsegment.map = 'ours.toml'\n{more}");
        let ran = try_run(&sandbox, &settings, &[&JANUARY[..], &["--input", "in"]].concat());
        assert_eq!(ran.code, 2, "{rule}: {}", ran.stderr);
        assert!(ran.stderr.contains("`rf25`, `lifecycle`"), "{rule}: {}", ran.stderr);
        assert_eq!(checked(&sandbox, &[&JANUARY[..], &["--input", "in"]].concat()).code, 2, "{rule}");
    }
    // What can be made without amounts stays allowed: P(alive), attributes, a value of other measures.
    let value =
        "columns.amount = 'none'\nsegment.map = 'ours.toml'\nscore.value.measures = ['recency_days', 'orders']\n";
    fs::write(sandbox.root().join("ours.toml"), map.replace("BINS", "{}").replace("RULE", "min_value = 0.5")).unwrap();
    run(&sandbox, value, &[&JANUARY[..], &["--input", "in"]].concat());
}

#[test]
fn breaks_in_another_currency_are_a_warning_of_run_and_check() {
    let sandbox = shop_and_till();
    let of_base = |base: &str, rates: [&str; 2]| {
        let currencies: Vec<&str> = ["EUR", "USD", "CHF"].into_iter().filter(|own| *own != base).collect();
        let rates = vec![Column::new("currency".into(), currencies), Column::new("rate".into(), rates)];
        sandbox.file("../rates.parquet", frame(rates));
        BOTH.replace("'EUR'", &format!("'{base}'"))
    };
    let first = run(&sandbox, &of_base("EUR", ["2", "0.5"]), &JANUARY);
    let frozen = format!("score.breaks_from = '{}'\n", first.path.join("manifest.json").display());
    let other = format!("{frozen}{}", of_base("USD", ["0.5", "0.25"]));
    let later = ["--as-of", "2026-02-01"];
    assert!(run(&sandbox, &other, &later).warning_codes().contains(&"other_currency".to_owned()));
    let ran = checked(&sandbox, &later);
    assert!(
        ran.code == 0 && ran.stdout.contains("USD") && ran.stdout.contains("warning"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    assert!(ran.stdout.contains("`score.breaks_from`"), "{}", ran.stdout);
    let same = format!("{frozen}{}", of_base("EUR", ["2", "0.5"]));
    assert!(!run(&sandbox, &same, &later).warning_codes().contains(&"other_currency".to_owned()));
}

#[test]
fn a_map_is_tried_on_the_customers_of_a_run_with_members() {
    let sandbox = shop_and_till();
    for prospects in ["apart", "counted"] {
        let published = run(&sandbox, &format!("customers.prospects = '{prospects}'\n{BOTH}"), &JANUARY);
        let ran = sandbox.command(&["lint-map", "rf25", "--data", published.path.to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stdout.contains("2 customers as of 2026-01-31"), "{}", ran.stdout);
    }
}
