//! One customer per id and value of a column (`customers.per`): who a customer is, and what names, excludes and explains them.

use polars::prelude::*;

use crate::groups::{AS_OF, again, published, rows_of, write};
use crate::support::{Published, Sandbox, floats, integers, names, shop, texts};

/// Customers 1, 2 and 10 in two countries, one of them without a country at times.
fn in_two_countries(ids: &str) -> DataFrame {
    let rows = [
        (10, 1, "2023-01-01", Some("FR"), 10.0),
        (10, 2, "2023-05-01", Some("DE"), 20.0),
        (10, 3, "2023-06-01", Some("DE"), 30.0),
        (2, 4, "2023-02-01", Some("DE"), 40.0),
        (2, 5, "2023-07-01", None, 50.0),
        (1, 6, "2023-03-01", Some("FR"), 60.0),
        // One order id in two countries is an order of each.
        (1, 7, "2023-04-01", Some("DE"), 70.0),
        (1, 7, "2023-04-01", Some("FR"), 80.0),
        (3, 8, "2023-04-01", Some("DE"), 90.0),
    ];
    let id: Column = match ids {
        "text" => Column::new("customer_id".into(), rows.map(|row| format!("C-{}", row.0))),
        _ => Column::new("customer_id".into(), rows.map(|row| row.0)),
    };
    crate::support::frame(vec![
        id,
        Column::new("order_id".into(), rows.map(|row| row.1)),
        crate::support::dates("order_ts", &rows.map(|row| row.2)),
        Column::new("country".into(), rows.map(|row| row.3)),
        Column::new("amount".into(), rows.map(|row| row.4)),
    ])
}

/// Customer, country, orders and revenue of each row.
fn pairs(published: &Published) -> Vec<(String, String, i64, f64)> {
    let customers = published.table("customers");
    let (ids, countries) = (texts(&customers, "customer_id"), texts(&customers, "country"));
    let (orders, revenue) = (integers(&customers, "orders"), floats(&customers, "revenue"));
    let rows = 0..customers.height();
    rows.map(|row| (ids[row].clone(), countries[row].clone(), orders[row], revenue[row])).collect()
}

const PER: &str = "customers.per = 'country'\n";

#[test]
fn whoever_buys_in_two_countries_is_two_customers() {
    let (_sandbox, numbers) = published(in_two_countries("integer"), PER, &[]);
    let row = |id: &str, country: &str, orders, revenue| (id.to_owned(), country.to_owned(), orders, revenue);
    let expected = [
        row("1", "DE", 1, 70.0),
        row("1", "FR", 2, 140.0),
        row("2", "-", 1, 50.0),
        row("2", "DE", 1, 40.0),
        row("3", "DE", 1, 90.0),
        row("10", "DE", 2, 50.0),
        row("10", "FR", 1, 10.0),
    ];
    assert_eq!(pairs(&numbers), expected, "integer ids by value, then countries, null first");
    assert_eq!(*numbers.table("customers").column("customer_id").unwrap().dtype(), DataType::Int64);
    assert_eq!(numbers.manifest()["totals"]["customers"], 7);
    let (_sandbox, named) = published(in_two_countries("text"), PER, &[]);
    let expected_of_texts = [0, 1, 5, 6, 2, 3, 4].map(|row: usize| {
        let (id, country, orders, revenue) = expected[row].clone();
        (format!("C-{id}"), country, orders, revenue)
    });
    assert_eq!(pairs(&named), expected_of_texts);
    let (_sandbox, plain) = published(in_two_countries("integer"), "columns.attributes = ['country']\n", &[]);
    assert_eq!(pairs(&plain).len(), 4);
}

#[test]
fn customers_of_one_country_are_those_of_a_run_over_its_rows() {
    let mut frame = shop();
    let days = frame.column("order_ts").unwrap().to_physical_repr().strict_cast(&DataType::Int64).unwrap();
    let of = |day: Option<i64>| [Some("DE"), Some("FR"), None][(day.unwrap() % 3) as usize];
    let countries: Vec<Option<&str>> = days.i64().unwrap().iter().map(of).collect();
    frame.with_column(Column::new("country".into(), countries)).unwrap();
    let settings = "customers.per = 'country'\nscore.by = ['country']\nclean.returns = 'net'\n";
    let (_pairs, per) = published(frame.clone(), settings, &[]);
    for (shown, filter) in [("DE", "country = 'DE'"), ("FR", "country = 'FR'"), ("-", "country IS NULL")] {
        let (_alone, alone) = published(frame.clone(), &crate::groups::settings("", ""), &["--filter", filter]);
        let own = rows_of(&per, |country| country == shown);
        assert!(own.len() > 200, "{shown}: {}", own.len());
        assert_eq!(own, rows_of(&alone, |_| true), "{shown}");
    }
}

#[test]
fn tables_without_attributes_have_a_column_for_what_makes_pairs() {
    let scorings = "[[scoring]]\nname = 'b'\nscore.recency.method = 'uniform'\n[predict]\nby_year = true\n";
    let (_sandbox, published) = published(in_two_countries("text"), &format!("{PER}{scorings}"), &[]);
    let customers = pairs(&published);
    let table = published.table("scorings");
    assert_eq!(names(&table).last(), Some(&"customer_per"));
    let (ids, pers) = (texts(&table, "customer_id"), texts(&table, "customer_per"));
    for row in 0..table.height() {
        let (id, country, ..) = &customers[row % customers.len()];
        assert_eq!((&ids[row], &pers[row]), (id, country));
    }
    let years = published.table("customer_years");
    let found: Vec<(String, String)> =
        texts(&years, "customer_id").into_iter().zip(texts(&years, "customer_per")).collect();
    let expected: Vec<(String, String)> = customers.iter().map(|row| (row.0.clone(), row.1.clone())).collect();
    assert_eq!(found, expected, "one year each");
}

#[test]
fn excluding_an_id_excludes_all_of_its_pairs_and_pseudonyms_are_of_the_id() {
    let sandbox = Sandbox::with(in_two_countries("integer"));
    std::fs::write(sandbox.root().join("gone.txt"), "10\n").unwrap();
    let left = again(&sandbox, &format!("{PER}privacy.exclude_ids = 'gone.txt'\n"), &[]);
    assert_eq!(pairs(&left).iter().filter(|row| row.0 == "10").count(), 0);
    assert_eq!(left.outcomes()["excluded_customer"], 3);
    write(&sandbox, &format!("{PER}privacy.hash_ids = true\n"));
    let output = sandbox.output();
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_rfmetrics"))
        .current_dir(sandbox.root())
        .env("RFMETRICS_HASH_KEY", "a key that is long enough for a test of pseudonyms")
        .args(["run", "--quiet", "--input", "in", "--as-of", "2023-12-10", "--output", output.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let hashed = pairs(&sandbox.at(&output.join("as_of=2023-12-10")));
    let ids: std::collections::BTreeSet<&str> = hashed.iter().map(|row| row.0.as_str()).collect();
    assert_eq!((hashed.len(), ids.len()), (7, 4), "seven pairs of four people");
    assert!(ids.iter().all(|id| id.len() == 64), "{ids:?}");
    assert!(hashed.is_sorted_by(|one, other| (&one.0, &one.1) < (&other.0, &other.1)));
}

#[test]
fn explain_is_of_a_pair_and_names_those_of_an_id() {
    let sandbox = Sandbox::with(in_two_countries("integer"));
    write(&sandbox, PER);
    let explain = |customer: &str| sandbox.command(&["explain", customer, "--input", "in", "--as-of", "2023-12-10"]);
    let found = explain("10/DE");
    assert_eq!(found.code, 0, "{}", found.stderr);
    assert!(found.stdout.contains("customer 10/DE") && found.stdout.contains("50.00"), "{}", found.stdout);
    assert_eq!(explain("2/(none)").code, 0);
    let alone = explain("3");
    assert!(alone.stdout.contains("customer 3/DE"), "the only one of this id: {}", alone.stdout);
    let several = explain("10");
    assert_eq!(several.code, 2);
    assert!(several.stderr.contains("`10/DE`, `10/FR`"), "{}", several.stderr);
    assert_eq!(explain("4").code, 2);
}

#[test]
fn side_tables_of_customers_are_refused_where_customers_are_pairs() {
    let sandbox = Sandbox::with(in_two_countries("integer"));
    for (table, key) in [
        ("social.path = 's.parquet'\n", "social.path"),
        ("predict.profits.path = 'p.parquet'\n", "predict.profits.path"),
    ] {
        write(&sandbox, &format!("{PER}{table}"));
        let ran = sandbox.try_run(&AS_OF);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(key) && ran.stderr.contains("names no customer"), "{}", ran.stderr);
    }
    write(&sandbox, "customers.per = 'land'\n");
    let ran = sandbox.try_run(&AS_OF);
    assert!(ran.stderr.contains("`land`") && ran.stderr.contains("customers.per"), "{}", ran.stderr);
}
