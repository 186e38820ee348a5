//! `columns.margin` through the binary: a margin per customer next to revenue, on numbers that can be checked by hand.

use std::fs;

use polars::prelude::*;
use serde_json::{Value, json};

use crate::support::{Published, Sandbox, dates, floats, frame, integers, minor, names, orders, texts};

const AS_OF: [&str; 4] = ["--as-of", "2025-01-31", "--column", "margin=profit"];

/// Customer, order, day of January 2025, amount, margin.
type Line = (i64, i64, u32, f64, Option<f64>);

/// 1: margins 3.10 + 0.20 and -1.05 of a return; 2: 9.00 and none; 3: 0.015, which is 0.02 as amounts are rounded.
const LINES: [Line; 6] = [
    (1, 10, 1, 10.0, Some(3.1)),
    (1, 10, 1, 1.0, Some(0.2)),
    (1, 11, 5, -4.0, Some(-1.05)),
    (2, 20, 2, 20.0, Some(9.0)),
    (2, 21, 3, 30.0, None),
    (3, 30, 9, 90.0, Some(0.015)),
];

fn table(lines: &[Line]) -> DataFrame {
    let days: Vec<String> = lines.iter().map(|line| format!("2025-01-{:02}", line.2)).collect();
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    frame(vec![
        Column::new("customer_id".into(), lines.iter().map(|line| line.0).collect::<Vec<_>>()),
        Column::new("order_id".into(), lines.iter().map(|line| line.1).collect::<Vec<_>>()),
        dates("order_ts", &days),
        Column::new("amount".into(), lines.iter().map(|line| line.3).collect::<Vec<_>>()),
        Column::new("profit".into(), lines.iter().map(|line| line.4).collect::<Vec<_>>()),
    ])
}

fn run(sandbox: &Sandbox, more: &[&str]) -> Published {
    sandbox.run(&[&AS_OF[..], more].concat())
}

fn margins(sandbox: &Sandbox, more: &[&str]) -> Vec<i128> {
    minor(&run(sandbox, more).table("customers"), "margin")
}

#[test]
fn margin_is_summed_like_revenue_over_the_rows_that_are_used() {
    let sandbox = Sandbox::with(table(&LINES));
    let published = run(&sandbox, &[]);
    let customers = published.table("customers");
    assert_eq!(minor(&customers, "revenue"), [700, 5_000, 9_000]);
    assert_eq!(minor(&customers, "margin"), [225, 900, 2]);
    let found = names(&customers);
    assert_eq!(found[found.len() - 2..], ["margin", "map"], "behind the columns of the table");
    let manifest = published.manifest();
    assert_eq!(manifest["totals"]["margin_minor_units"], 1_127);
    let warnings = manifest["warnings"].to_string();
    assert!(warnings.contains("1 used rows have a margin that is null or no amount"), "{warnings}");
    // Without the setting there is no margin, and every other column is the same.
    let plain = sandbox.run(&AS_OF[..2]);
    assert!(!names(&plain.table("customers")).contains(&"margin"));
    for (name, bytes) in plain.bytes().iter().filter(|(name, _)| *name != "customers.parquet") {
        assert_eq!(published.bytes()[name], *bytes, "{name}");
    }
    assert_eq!(customers.drop("margin").unwrap(), plain.table("customers"));
    // Orders outside the window do not count, nor do rows of a window that cuts everything.
    assert_eq!(margins(&sandbox, &["--window-days", "28"]), [-105, 0, 2], "from the 4th on");
    let cuts = ["--window-days", "28", "--set", "dates.window_applies_to=everything", "--returns", "literal"];
    assert_eq!(margins(&sandbox, &cuts), [-105, 2], "from the 4th on");
    let early = ["--as-of", "2025-01-02", "--column", "margin=profit"];
    assert_eq!(minor(&sandbox.run(&early).table("customers"), "margin"), [330, 900]);
}

#[test]
fn returns_count_in_the_margin_as_the_policy_counts_them_in_revenue() {
    // Order 11 is a single return; order 12 sums to nothing over two files, order 13 stays above it; the rows of
    // customer 4 are not orders of others.
    let more: [Line; 6] = [
        (1, 12, 6, 8.0, Some(4.0)),
        (1, 12, 7, -8.0, Some(-2.5)),
        (1, 13, 8, 9.0, Some(5.0)),
        (1, 13, 8, -1.0, None),
        (2, 12, 8, 5.0, Some(0.5)),
        (4, 40, 8, -5.0, Some(-3.0)),
    ];
    let sandbox = Sandbox::with(table(&LINES));
    sandbox.file("b.parquet", table(&more[..1]));
    sandbox.file("c.parquet", table(&more[1..]));
    let of = |policy: &str| {
        let published = run(&sandbox, &["--returns", policy]);
        let customers = published.table("customers");
        let (ids, revenue) = (integers(&customers, "customer_id"), minor(&customers, "revenue"));
        let unusable = published.manifest()["warnings"].to_string().contains("2 used rows have a margin");
        assert_eq!(unusable, policy != "drop", "{policy}: the return without a margin is used, but for `drop`");
        ids.into_iter().zip(revenue.into_iter().zip(minor(&customers, "margin"))).collect::<Vec<_>>()
    };
    // 2.25 + 4.00 - 2.50 + 5.00; 4 bought nothing.
    assert_eq!(of("net"), [(1, (1_500, 875)), (2, (5_500, 950)), (3, (9_000, 2))]);
    // The same, and all rows of 4.
    assert_eq!(of("literal"), [(1, (1_500, 875)), (2, (5_500, 950)), (3, (9_000, 2)), (4, (-500, -300))]);
    // Orders 10 and 13: 3.30 + 5.00.
    assert_eq!(of("purchases"), [(1, (1_900, 830)), (2, (5_500, 950)), (3, (9_000, 2))]);
    // Without rows below zero: 3.30 + 4.00 + 5.00.
    assert_eq!(of("drop"), [(1, (2_800, 1_230)), (2, (5_500, 950)), (3, (9_000, 2))]);
    // By row, and by day, the orders are others: 1 keeps what is above zero; on the 8th 8.00 with 5.00.
    let by = |rule: &str| margins(&sandbox, &["--returns", "purchases", "--orders-by", rule]);
    assert_eq!(by("row"), [1_230, 950, 2]);
    assert_eq!(by("day"), [1_230, 950, 2]);
}

#[test]
fn any_type_of_an_amount_can_be_a_margin_and_files_may_differ() {
    let sandbox = Sandbox::new();
    let part = |lines: &[Line], kind: DataType| {
        let mut part = table(lines);
        let profit = part.column("profit").unwrap().cast(&kind).unwrap();
        part.with_column(profit).unwrap();
        part
    };
    sandbox.file("a.parquet", part(&[(1, 1, 1, 1.0, Some(2.0))], DataType::Int32));
    sandbox.file("b.parquet", part(&[(1, 2, 1, 1.0, Some(3.0))], DataType::Int64));
    assert_eq!(margins(&sandbox, &[]), [500]);
    for (kind, expected) in [(DataType::Float32, 110), (DataType::Decimal(9, 3), 110), (DataType::Float64, 110)] {
        let sandbox = Sandbox::with(part(&[(1, 1, 1, 1.0, Some(1.1))], kind.clone()));
        assert_eq!(margins(&sandbox, &[]), [expected], "{kind}");
    }
    let odd = [
        (1, 1, 1, 1.0, Some(f64::NAN)),
        (1, 2, 1, 1.0, Some(f64::INFINITY)),
        (1, 3, 1, 1.0, Some(1e30)),
        (1, 4, 1, 1.0, Some(7.0)),
    ];
    let published = run(&Sandbox::with(table(&odd)), &[]);
    assert_eq!(minor(&published.table("customers"), "margin"), [700]);
    assert!(published.manifest()["warnings"].to_string().contains("3 used rows have a margin"));
}

/// Enough rows for several batches, with text ids and returns.
#[test]
fn neither_threads_nor_files_nor_the_order_of_rows_change_a_margin() {
    let lines: Vec<Line> = (0..60_000)
        .map(|n: i64| {
            let cents = (n * 7919) % 10_007 - 2_000;
            let margin = (n % 11 != 0).then_some((cents / 3) as f64 / 100.0);
            (n % 701, n / 3, u32::try_from(n % 28).unwrap() + 1, cents as f64 / 100.0, margin)
        })
        .collect();
    let text_ids = |lines: &[Line]| {
        let mut table = table(lines);
        let ids = table.column("customer_id").unwrap().cast(&DataType::String).unwrap();
        table.with_column(ids).unwrap();
        table
    };
    let base = Sandbox::with(text_ids(&lines));
    let turned: Vec<Line> = lines.iter().rev().copied().collect();
    let (half, rest) = turned.split_at(20_011);
    let split = Sandbox::new();
    split.file_of_groups("x/a.parquet", text_ids(half), 1_000);
    split.file_of_groups("b.parquet", text_ids(rest), 777);
    let mut expected = std::collections::BTreeMap::new();
    for (customer, _, _, amount, margin) in &lines {
        let minor = |value: f64| (value * 100.0).round() as i128;
        let sums: &mut (i128, i128) = expected.entry(customer.to_string()).or_default();
        *sums = (sums.0 + minor(*amount), sums.1 + margin.map_or(0, minor));
    }
    for policy in ["net", "purchases"] {
        let one = run(&base, &["--returns", policy, "--threads", "1"]);
        let two = run(&split, &["--returns", policy, "--threads", "3"]);
        assert!(one.bytes() == two.bytes(), "{policy}");
        if policy == "net" {
            let customers = one.table("customers");
            let found = texts(&customers, "customer_id")
                .into_iter()
                .zip(minor(&customers, "revenue").into_iter().zip(minor(&customers, "margin")));
            assert_eq!(found.collect::<std::collections::BTreeMap<_, _>>(), expected);
        }
    }
    let hashed = ["--hash-ids", "--hash-key-file", "key", "--returns", "net"];
    fs::write(base.root().join("key"), "0123456789abcdef0123456789abcdef").unwrap();
    let customers = run(&base, &hashed).table("customers");
    let mut found: Vec<(i128, i128)> =
        minor(&customers, "revenue").into_iter().zip(minor(&customers, "margin")).collect();
    found.sort_unstable();
    let mut sums: Vec<(i128, i128)> = expected.into_values().collect();
    sums.sort_unstable();
    assert_eq!(found, sums, "margins stay with their customers");
}

/// Revenue 10, 20, 30, 40 and margin 4, 3, 2, 1.
fn opposed() -> Sandbox {
    let lines: Vec<Line> = (1..=4).map(|n| (n, n, 1, 10.0 * n as f64, Some((5 - n) as f64))).collect();
    Sandbox::with(table(&lines))
}

#[test]
fn margin_is_a_measure_wherever_measures_are_named() {
    let sandbox = opposed();
    let settings = "[columns]\nmargin = \"profit\"\n[segment]\nmap = \"abc\"\n\
        [score.monetary]\nmeasure = \"margin\"\nmethod = \"ntile\"\nbins = 4\n\
        [score.recency]\nmethod = \"pareto\"\nbins = 2\nweight = \"margin\"\nshare = 0.8\n\
        [score.value]\nmeasures = [\"margin\"]\nstandardise = \"min-max\"\n[score.composites]\ncolumns = [\"weighted_value\"]\n\
        [[scoring]]\nname = \"by_revenue\"\nscore.monetary = { measure = \"revenue\", method = \"ntile\", bins = 4 }\n\
        score.value.measures = [\"revenue\", \"margin\"]\n\
        [[scoring]]\nname = \"mean\"\nscore.monetary = { measure = \"margin\", method = \"mean\", bins = 2, weight = \"margin\" }\n";
    fs::write(sandbox.root().join("rfmetrics.toml"), settings).unwrap();
    let published = sandbox.run(&["--as-of", "2025-01-31"]);
    let customers = published.table("customers");
    assert_eq!(integers(&customers, "m_score"), [4, 3, 2, 1]);
    // Min-max of 4 to 1.
    let thirds = floats(&customers, "weighted_value");
    assert!(thirds.iter().zip([1.0, 2.0 / 3.0, 1.0 / 3.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-9), "{thirds:?}");
    let scorings = published.table("scorings");
    assert_eq!(texts(&scorings, "scoring")[..4], ["by_revenue"; 4].map(str::to_owned));
    assert_eq!(integers(&scorings, "m_score")[..4], [1, 2, 3, 4]);
    // (1 + 0) / 2 each: what one gains, the other loses.
    assert!(floats(&scorings, "weighted_value")[..4].iter().all(|value| (value - 0.5).abs() < 1e-9));
    // The mean of the margins by margin is (16 + 9 + 4 + 1) / 10 = 3: only 4 is above it.
    assert_eq!(integers(&scorings, "m_score")[8..], [2, 1, 1, 1]);
    let bounds = published.table("score_bounds");
    let of_margin: Vec<usize> = (0..bounds.height()).filter(|row| texts(&bounds, "axis")[*row] == "margin").collect();
    assert_eq!(of_margin.len(), 4);
    assert_eq!(
        of_margin.iter().map(|row| floats(&bounds, "lowest_value")[*row]).collect::<Vec<_>>(),
        [1.0, 2.0, 3.0, 4.0]
    );

    // `explain` has the same figures, and breaks of margin can be frozen.
    let answer = sandbox.command(&["explain", "2", "--input", "in", "--as-of", "2025-01-31", "--format", "json"]);
    let standing = serde_json::from_str::<Value>(&answer.stdout).unwrap()["standing"].clone();
    assert_eq!((&standing["measures"]["margin"], &standing["measures"]["revenue"]), (&json!(3.0), &json!(20.0)));
    let axis = &standing["axes"][2];
    assert_eq!((&axis["measure"], &axis["axis"], &axis["value"]), (&json!("margin"), &json!("monetary"), &json!(3.0)));
    let text = sandbox.command(&["explain", "2", "--input", "in", "--as-of", "2025-01-31"]).stdout;
    assert!(text.lines().any(|line| line.split_whitespace().eq(["margin", "3.00"])), "{text}");
    let alone = settings.split("[[scoring]]").next().unwrap().replace("\"ntile\"\nbins = 4", "\"median\"\nbins = 2");
    fs::write(sandbox.root().join("rfmetrics.toml"), alone).unwrap();
    let first = sandbox.run(&["--as-of", "2025-01-31"]);
    fs::copy(first.path.join("manifest.json"), sandbox.root().join("kept.json")).unwrap();
    let frozen = sandbox.run(&["--as-of", "2025-01-31", "--set", "score.breaks_from=kept.json"]);
    assert_eq!(integers(&frozen.table("customers"), "m_score"), [2, 2, 1, 1]);
    let answer = sandbox.command(&["explain", "3", "--input", "in", "--as-of", "2025-01-31"]).stdout;
    assert!(answer.contains("margin 0.51 more -> m_score 2"), "2.00 and the median 2.50: {answer}");
}

#[test]
fn a_margin_that_cannot_be_used_is_reported() {
    let sandbox = opposed();
    for (settings, code, answer) in [
        (&["score.monetary.measure=margin"][..], 2, "`columns.margin` names no column"),
        (&["score.value.measures=orders,margin"], 2, "found `margin`, expected another measure"),
        (&["score.value.measures=interaction_days"], 2, "`input.interactions` does not say which rows"),
        (
            &["score.frequency.method=mean", "score.frequency.bins=2", "score.frequency.weight=margin"],
            2,
            "`score.frequency.weight` (flag --set): found `margin`",
        ),
        (&["columns.margin=amount"], 2, "a column of its own"),
        (&["columns.margin=profits"], 3, "profits"),
        (
            &["columns.margin=profit", "columns.attributes=Margin"],
            2,
            "as the customers table calls a column of its own",
        ),
    ] {
        let set: Vec<&str> = settings.iter().flat_map(|setting| ["--set", *setting]).collect();
        let ran = sandbox.try_run(&set);
        assert_eq!(ran.code, code, "{settings:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(answer), "{settings:?}: {}", ran.stderr);
    }
    let mut text = table(&LINES);
    let profit = text.column("profit").unwrap().cast(&DataType::String).unwrap();
    text.with_column(profit).unwrap();
    let ran = Sandbox::with(text).try_run(&AS_OF);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("expected a float, integer or decimal"), "{}", ran.stderr);
    // Two of nine times 10^17 cents are more than 18 digits.
    let large = table(&[(1, 1, 1, 1.0, Some(9e15)), (2, 2, 1, 1.0, Some(-9e15))]);
    let ran = Sandbox::with(large).try_run(&AS_OF);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert!(ran.stderr.contains("the margins are too large"), "{}", ran.stderr);
}

#[test]
fn check_names_the_column_and_init_proposes_it_in_a_comment() {
    let sandbox = opposed();
    let report = sandbox.command(&["check", "--input", "in", "--column", "margin=profit", "--format", "json"]).stdout;
    let report: Value = serde_json::from_str(&report).unwrap();
    let roles: Vec<&Value> = report["input"]["columns"].as_array().unwrap().iter().map(|c| &c["role"]).collect();
    assert_eq!(roles, ["customer_id", "order_id", "order_ts", "amount", "margin"]);
    assert_eq!(report["reads"], json!(["customers"]), "margins ride on the read of the customers");
    let answer = sandbox.command(&["init", "--input", "in"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(
        answer.stdout.contains("margin: `profit`, by its name and type (float64); it stands in a comment"),
        "{}",
        answer.stdout
    );
    let file = fs::read_to_string(sandbox.root().join("rfmetrics.toml")).unwrap();
    assert!(file.contains("\n# margin = \"profit\" # guessed by its name and type (float64)\n"), "{file}");
    assert!(!names(&sandbox.run(&[]).table("customers")).contains(&"margin"), "a comment is no setting");
    fs::write(sandbox.root().join("rfmetrics.toml"), file.replace("# margin =", "margin =")).unwrap();
    assert!(names(&sandbox.run(&[]).table("customers")).contains(&"margin"));
    // An amount that is called profit is the amount.
    let only = orders(&[(1, 1, "2025-01-01", 5.0)]).rename("amount", "profit".into()).cloned().unwrap();
    let sandbox = Sandbox::with(only);
    let answer = sandbox.command(&["init", "--input", "in"]).stdout;
    assert!(answer.contains("amount: `profit`") && !answer.contains("margin:"), "{answer}");
}
