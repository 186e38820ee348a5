//! Columns of members as groups and in rules: what they give is what the same column of the input gives.

use std::fs;

use polars::prelude::*;
use serde_json::Value;

use crate::groups::AS_OF;
use crate::support::{Published, Sandbox, frame, integers, shop, texts};

/// The customers of [`shop`], with a country and an age of their own.
fn known(ids: &[i64]) -> Vec<Column> {
    let country = |id: &i64| [Some("DE"), Some("DE"), Some("FR"), Some("IT"), None][(id % 5) as usize];
    vec![
        Column::new("country".into(), ids.iter().map(country).collect::<Vec<_>>()),
        Column::new("age".into(), ids.iter().map(|id| 18 + id % 50).collect::<Vec<i64>>()),
    ]
}

/// Both columns in the rows, or in a table of members, who are more than the customers and in another order.
fn both() -> (Sandbox, Sandbox) {
    let rows = shop();
    let ids = integers(&rows, "customer_id");
    let mut with_columns = rows.clone();
    for column in known(&ids) {
        with_columns.with_column(column).unwrap();
    }
    let mut members: Vec<i64> = ids;
    members.sort_unstable_by_key(|id| (id % 7, *id));
    members.dedup();
    members.extend([-5, 1_000_000]);
    let of_members = Sandbox::with(rows);
    let columns = [vec![Column::new("customer_id".into(), &members)], known(&members)].concat();
    of_members.file("../members.parquet", frame(columns));
    (Sandbox::with(with_columns), of_members)
}

const OF_INPUT: &str = "[columns]\nattributes = ['country', 'age']\n";
const OF_MEMBERS: &str = "[customers]\npath = 'members.parquet'\nattributes = ['country', 'age']\n";

fn run(sandbox: &Sandbox, settings: &str) -> Published {
    fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    sandbox.run(&AS_OF)
}

/// Every table but those of who is there: `customers`, in which members stand, and `dim_segment`.
fn assert_same_tables(settings: &str) {
    let (of_input, of_members) = both();
    let [one, other] = [(of_input, OF_INPUT), (of_members, OF_MEMBERS)].map(|(sandbox, own)| {
        let published = run(&sandbox, &format!("{settings}{own}"));
        (published.bytes(), published.table("customers"))
    });
    assert_eq!(one.0.keys().collect::<Vec<_>>(), other.0.keys().collect::<Vec<_>>());
    for (name, bytes) in &one.0 {
        let is_other = ["customers.parquet", "dim_segment.parquet"].contains(&name.as_str());
        assert!(is_other || other.0[name] == *bytes, "{name} differs");
    }
    let is_buyer = |frame: &DataFrame| {
        let orders = integers(frame, "orders");
        let of = |name: &str| {
            texts(frame, name).into_iter().zip(&orders).filter(|own| *own.1 > 0).map(|own| own.0).collect()
        };
        ["customer_id", "cell", "segment", "country", "age"].map(of).to_vec()
    };
    let [ours, theirs]: [Vec<Vec<String>>; 2] = [is_buyer(&one.1), is_buyer(&other.1)];
    assert_eq!(ours, theirs);
}

#[test]
fn customers_are_scored_and_reported_by_a_column_of_members_as_by_one_of_the_input() {
    assert_same_tables("score.by = ['country']\nscore.by_min_customers = 2\nreports.by = ['country', 'age']\n");
}

#[test]
fn rules_look_at_columns_of_members_as_at_those_of_the_input() {
    let map = "name = 'ours'\nbins = {}\notherwise = 'rest'\n[[segments]]\nkey = 'near'\nname_en = 'Near'\n[[segments]]\n\
               key = 'rest'\nname_en = 'Rest'\n[[rules]]\nsegment = 'near'\nattributes.country = ['FR', 'IT']\n\
               attributes.age = { min = 21, below = 40 }\n";
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ours.toml");
    fs::write(&path, map).unwrap();
    assert_same_tables(&format!("segment.map = '{}'\n", path.display()));
}

#[test]
fn a_check_and_explain_know_columns_of_members_too() {
    let (_, sandbox) = both();
    let published = run(&sandbox, &format!("score.by = ['country']\nscore.by_min_customers = 2\n{OF_MEMBERS}"));
    let customers = published.table("customers");
    let ids = integers(&customers, "customer_id");
    let row = ids.iter().position(|id| id % 5 == 2 && *id > 0).unwrap();
    let (id, input) = (ids[row].to_string(), sandbox.input());
    let args = ["explain", &id, "--format", "json", "--as-of", AS_OF[1], "--input", input.to_str().unwrap()];
    let ran = sandbox.command(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let story: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(story["standing"]["group"]["customer_group"], "FR");
    assert_eq!(story["standing"]["cell"].as_str().unwrap(), texts(&customers, "cell")[row]);
    let ran = sandbox.command(&["check", "--input", input.to_str().unwrap(), "--as-of", AS_OF[1]]);
    assert!(ran.code == 0 && ran.stdout.contains("among those of equal `country`"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn what_no_table_has_is_refused_with_where_it_may_stand() {
    let (_, sandbox) = both();
    let map = "name = 'ours'\nbins = {}\notherwise = 'rest'\n[[segments]]\nkey = 'rest'\nname_en = 'Rest'\n[[rules]]\n\
               segment = 'rest'\nRULE\n";
    for (rule, said) in [
        ("attributes.cuntry = 'DE'", "did you mean `country`?"),
        ("attributes.tier = 'gold'", "or `customers.attributes` where it is a column of members"),
        ("attributes.age = 'old'", "compares the attribute `age` with texts, but the column (int64) has numbers"),
    ] {
        fs::write(sandbox.root().join("ours.toml"), map.replace("RULE", rule)).unwrap();
        fs::write(sandbox.root().join("rfmetrics.toml"), format!("segment.map = 'ours.toml'\n{OF_MEMBERS}")).unwrap();
        let ran = sandbox.try_run(&AS_OF);
        assert!(ran.code == 2 && ran.stderr.contains(said), "{said} in {}", ran.stderr);
    }
    // A column that no table has: the message is that of the input, where it would be carried along.
    fs::write(sandbox.root().join("rfmetrics.toml"), format!("score.by = ['tier']\n{OF_MEMBERS}")).unwrap();
    let ran = sandbox.try_run(&AS_OF);
    assert!(ran.code == 3 && ran.stderr.contains("`tier`"), "{}", ran.stderr);
}
