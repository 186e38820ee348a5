//! Expressions on small frames: logic, arithmetic, dates and what is refused. Expected values are those of the SQL standard, written down
//! by hand.
#![allow(clippy::disallowed_methods, reason = "frames of a few rows")]

use polars::prelude::*;

use super::*;
use crate::clean::zone::Zone;

/// Five rows with a null in each column.
fn frame() -> DataFrame {
    let rows = df!(
        "i" => [Some(-7_i32), Some(0), Some(2), Some(2_147_483_647), None],
        "big" => [Some(i64::MAX), Some(1 << 31), Some(3), Some(-1), None],
        "small" => [Some(12_i32), Some(120), Some(-128), Some(0), None],
        "u" => [Some(u64::MAX), Some(1), Some(2), Some(0), None],
        "f" => [Some(0.1), Some(f64::NAN), Some(-0.0), Some(2.5), None],
        "units" => [Some(1_050_i64), Some(-5), Some(0), Some(99_999), None],
        "t" => [Some("paid"), Some("Paid"), Some(""), Some("日本"), None],
        "b" => [Some(true), Some(false), None, Some(true), None],
        "day" => [Some(19_723_i32), Some(19_754), Some(0), Some(-1), None],
        "at" => [Some(1_704_139_200_000_000_i64), Some(1_704_067_200_000_000), Some(0), Some(-1), None],
        "month" => [Some("6"), Some("12"), Some("01"), Some("10"), None],
    )
    .unwrap();
    let cast = |name: &str, to: DataType| col(name).cast(to);
    rows.lazy()
        .with_columns([
            cast("small", DataType::Int16),
            (col("units").cast(DataType::Float64) / lit(100)).cast(DataType::Decimal(12, 2)).alias("d"),
            cast("day", DataType::Date),
            cast("at", DataType::Datetime(TimeUnit::Microseconds, Some(polars::prelude::TimeZone::UTC))),
        ])
        .collect()
        .unwrap()
}

fn column(name: &str) -> Option<InputColumn> {
    let kind = match name {
        "i" | "big" | "small" | "units" | "month" => Type::Int,
        "u" => Type::Decimal { scale: 0 },
        "f" => Type::Float { short: false },
        "d" => Type::Decimal { scale: 2 },
        "t" => Type::Text,
        "b" => Type::Bool,
        "day" => Type::Date,
        "at" => Type::Moment { instant: true, digits: 6 },
        _ => return None,
    };
    Some(InputColumn { name: name.into(), kind, is_key: name == "month" })
}

fn zones(source: Option<&str>) -> Zones {
    let named = |name| Zone::named(name).unwrap();
    Zones { business: named("Asia/Shanghai"), source: source.map(|name| std::sync::Arc::new(named(name))) }
}

fn bound(text: &str) -> Result<Expression, String> {
    Expression::bind(&Parsed::new(text)?, "input.filter", &column, &zones(None))
}

/// The values of an expression as texts; `null` where they are.
fn values(text: &str) -> Vec<String> {
    let expression = bound(text).unwrap_or_else(|what| panic!("{text}: {what}"));
    let found = frame()
        .lazy()
        .select([expression.values().alias("found")])
        .collect()
        .unwrap_or_else(|what| panic!("{text}: {what}"));
    let found = found.column("found").unwrap();
    let rows = if found.len() == 1 { 1 } else { 5 };
    (0..rows).map(|row| found.get(row).unwrap().to_string().replace('"', "")).collect()
}

/// The rows that a condition keeps, as the engine's filter and as computed here: both must agree.
fn kept(text: &str) -> Vec<usize> {
    let expression = bound(text).unwrap_or_else(|what| panic!("{text}: {what}"));
    let frame = frame();
    let numbered = frame.clone().lazy().with_row_index("row", None);
    let condition = expression.condition(frame.schema());
    let kept = numbered.filter(condition).collect().unwrap_or_else(|what| panic!("{text}: {what}"));
    let kept: Vec<usize> =
        kept.column("row").unwrap().u32().unwrap().iter().flatten().map(|row| row as usize).collect();
    let computed: Vec<usize> =
        values(text).iter().enumerate().filter(|(_, value)| *value == "true").map(|(row, _)| row).collect();
    assert_eq!(kept, computed, "{text}: the engine and our own agree");
    kept
}

fn refused(text: &str) -> String {
    bound(text).err().unwrap_or_else(|| panic!("{text} is bound"))
}

#[test]
fn logic_has_three_values() {
    assert_eq!(kept("b"), [0, 3]);
    assert_eq!(kept("NOT b"), [1]);
    assert_eq!(kept("b IS NOT TRUE"), [1, 2, 4]);
    assert_eq!(kept("b IS NOT FALSE"), [0, 2, 3, 4]);
    assert_eq!(kept("b IS UNKNOWN"), [2, 4]);
    assert_eq!(kept("b IS NOT UNKNOWN"), [0, 1, 3]);
    assert_eq!(kept("(i > 0) IS NULL"), [4]);
    assert_eq!(kept("b OR i = 2"), [0, 2, 3]);
    assert_eq!(kept("(b AND i = 2) IS NULL"), [2, 4]);
    assert_eq!(kept("i = NULL"), [] as [usize; 0]);
    assert_eq!(kept("i IS DISTINCT FROM 2"), [0, 1, 3, 4]);
    assert_eq!(kept("b = TRUE"), [0, 3]);
}

#[test]
fn lists_with_nulls_keep_no_row_for_not_in() {
    assert_eq!(kept("i NOT IN (0, 2)"), [0, 3]);
    assert_eq!(kept("i NOT IN (0, NULL)"), [] as [usize; 0]);
    // Of numbers that the column cannot hold: it is not known whether a null is one of them.
    assert_eq!(kept("small NOT IN (100000, -100000)"), [0, 1, 2, 3]);
    assert_eq!(kept("small IN (100000)"), [] as [usize; 0]);
    assert_eq!(kept("i IN (0, NULL)"), [1]);
    assert_eq!(kept("t IN ('paid', '日本')"), [0, 3]);
    assert_eq!(kept("d IN (10.5, -0.05, 7.777)"), [0, 1]);
    assert_eq!(kept("i IN (2, 99999999999)"), [2], "beyond the column");
    assert_eq!(kept("i IN (2, big)"), [2]);
    assert_eq!(kept("i BETWEEN -7 AND 0"), [0, 1]);
    assert_eq!(kept("i NOT BETWEEN -7 AND 0"), [2, 3]);
}

#[test]
fn whole_numbers_have_64_bits_and_never_wrap() {
    assert_eq!(values("small * 1000"), ["12000", "120000", "-128000", "0", "null"]);
    assert_eq!(values("i % 3"), ["-1", "0", "2", "1", "null"]);
    assert_eq!(values("i // 2"), ["-3", "0", "1", "1073741823", "null"]);
    assert_eq!(values("i + 1")[3], "2147483648");
    assert_eq!(kept("u > 9223372036854775807"), [0]);
    assert_eq!(kept("i > 2147483646.5"), [3]);
    assert_eq!(kept("small < 100000"), [0, 1, 2, 3], "beyond the column's own type");
    let fails = |text: &str| {
        let expression = bound(text).unwrap();
        let error = frame().lazy().select([expression.values()]).collect().unwrap_err().to_string();
        failure(&error).unwrap_or_else(|| panic!("{text}: {error}"))
    };
    let (headline, cause) = fails("big * 4294967296 > 0");
    assert_eq!(headline, "`input.filter` fails on some of the rows: `big * 4294967296 > 0`");
    assert_eq!(cause, "`big * 4294967296`: overflow: the result is out of range of 64-bit integers");
    assert!(fails("-(big - 1 - 9223372036854775807 - 1)").1.contains("overflow"));
    assert!(fails("i / (i - 2)").1.contains("division by zero"));
    assert!(fails("CAST(i AS SMALLINT)").1.contains("out of range"));
    assert!(fails("CAST(t AS INT)").1.contains("cannot be read"));
}

#[test]
fn what_is_not_asked_for_does_not_fail() {
    assert_eq!(kept("i <> 0 AND 100 / i > 1"), [2]);
    assert_eq!(kept("100 / i > 1 AND i <> 0"), [2], "the order does not matter");
    assert_eq!(values("CASE WHEN i = 0 THEN NULL ELSE 14 // i END"), ["-2", "null", "7", "0", "null"]);
    assert_eq!(values("coalesce(1, i // 0)"), ["1", "1", "1", "1", "1"]);
    assert_eq!(values("TRY_CAST(t AS INT)"), ["null"; 5]);
    assert_eq!(values("100 // nullif(i, 0)"), ["-14", "null", "50", "0", "null"]);
}

#[test]
fn decimals_are_exact() {
    assert_eq!(values("d + 0.001"), ["10.501", "-0.049", "0.001", "999.991", "null"]);
    assert_eq!(values("d * 0.1"), ["1.050", "-0.005", "0.000", "99.999", "null"]);
    assert_eq!(values("units / 100"), ["10.50", "-0.05", "0.00", "999.99", "null"]);
    assert_eq!(values("d / 1000")[0], "0.01050");
    assert_eq!(values("d / 10.0")[0], "1.050");
    assert_eq!(values("-d"), ["-10.50", "0.05", "0.00", "-999.99", "null"]);
    assert_eq!(values("round(d, 1)"), ["10.5", "-0.1", "0.0", "1000.0", "null"]);
    assert_eq!(values("CASE WHEN t = 'paid' THEN -d ELSE d END"), ["-10.50", "-0.05", "0.00", "999.99", "null"]);
    assert_eq!(kept("d = 10.5"), [0]);
    assert_eq!(kept("d > '10'"), [0, 3]);
    assert_eq!(kept("d = 10.505"), [] as [usize; 0]);
    assert_eq!(kept("d % 7 = 3.5"), [0]);
    // 10.50 > 0.1; -0.05 is below what is no number; 0.00 is equal to -0.0; 999.99 > 2.5.
    assert_eq!(kept("d > f"), [0, 3]);
}

#[test]
fn floats_are_ordered_as_sql_orders_them() {
    assert_eq!(kept("f = 0.1"), [0]);
    assert_eq!(kept("f = 0"), [2], "both zeros");
    assert_eq!(kept("f > 2"), [1, 3], "what is no number is above all others");
    assert_eq!(values("i / 4")[0], "-1.75");
}

#[test]
fn days_are_those_of_the_business_zone() {
    // 20:00 in UTC on 1 January 2024 is 4:00 on the 2nd in Shanghai.
    assert_eq!(values("CAST(at AS DATE)"), ["2024-01-02", "2024-01-01", "1970-01-01", "1970-01-01", "null"]);
    assert_eq!(values("EXTRACT(HOUR FROM at)"), ["4", "8", "8", "7", "null"]);
    assert_eq!(kept("at >= TIMESTAMP '2024-01-02 04:00:00'"), [0]);
    assert_eq!(kept("at >= TIMESTAMP '2024-01-01 20:00:00Z'"), [0]);
    assert_eq!(kept("at >= DATE '2024-01-02'"), [0]);
    assert_eq!(kept("at < '2024-01-02'"), [1, 2, 3]);
    assert_eq!(kept("day = '2024-01-01'"), [0]);
    assert_eq!(kept("day >= DATE '2024-01-01' + INTERVAL '1' MONTH"), [1]);
    assert_eq!(values("day - DATE '2024-01-01'"), ["0", "31", "-19723", "-19724", "null"]);
    assert_eq!(values("date_diff('month', day, DATE '2024-03-01')")[..2], ["2", "1"]);
    assert_eq!(values("EXTRACT(MONTH FROM day) * 100 + EXTRACT(DAY FROM day)")[..2], ["101", "201"]);
}

#[test]
fn epochs_become_instants_and_readings_of_another_clock_too() {
    // The first of units is 1,050 seconds after 1970.
    assert_eq!(values("CAST(to_timestamp(units) AS VARCHAR)")[0], "1970-01-01 08:17:30");
    assert_eq!(values("EXTRACT(EPOCH FROM epoch_ms(units))")[0], "1.050000000");
    let naive = |_: &str| {
        Some(InputColumn { name: "at".into(), kind: Type::Moment { instant: false, digits: 6 }, is_key: false })
    };
    let parsed = Parsed::new("CAST(at AS VARCHAR)").unwrap();
    let expression = Expression::bind(&parsed, "input.filter", &naive, &zones(Some("Europe/Berlin"))).unwrap();
    let read = frame().lazy().select([expression.values().alias("found")]).collect().unwrap();
    // 20:00 in Berlin is 3:00 of the next day in Shanghai.
    assert_eq!(read.column("found").unwrap().str().unwrap().get(0), Some("2024-01-02 03:00:00"));
}

#[test]
fn keys_of_directories_are_numbers_and_texts() {
    assert_eq!(kept("month >= 6"), [0, 1, 3]);
    assert_eq!(kept("month >= '6'"), [0, 1, 3]);
    assert_eq!(kept("month = '1'"), [2]);
    assert_eq!(kept("month LIKE '0%'"), [2], "as it is written");
    assert_eq!(kept("month = t"), [] as [usize; 0]);
}

#[test]
fn texts_are_compared_by_code_points() {
    assert_eq!(kept("t < 'a'"), [1, 2], "capitals come first");
    assert_eq!(kept("lower(t) = 'paid'"), [0, 1]);
    assert_eq!(kept("t ILIKE 'p%'"), [0, 1]);
    assert_eq!(values("length(t)"), ["4", "4", "0", "2", "null"]);
    assert_eq!(values("t || i")[0], "paid-7");
    assert_eq!(values("concat(t, NULL, b)"), ["paidtrue", "Paidfalse", "", "日本true", ""]);
}

#[test]
fn what_cannot_be_compared_or_is_not_known_is_refused() {
    for (text, told) in [
        ("d > t", "`d` is a decimal with 2 decimals and `t` is a text: they cannot be compared"),
        ("d > 'x'", "'x' cannot be read as a decimal"),
        ("d > TRUE", "cannot be compared"),
        ("d > DATE '2024-01-01'", "cannot be compared"),
        ("i > 'x'", "'x' cannot be read as a whole number"),
        ("t = 5", "cannot be compared"),
        ("day = 'soon'", "cannot be read"),
        ("NOT i", "`i` is a whole number, and no condition"),
        ("frobnicate(i)", "the function `frobnicate` is not known; known are abs, ceil,"),
        ("now() > at", "depend on when it runs"),
        ("lower(i) = 'x'", "`lower` takes texts"),
        ("lower(t, t)", "takes 1 arguments"),
        ("t ~ 'x'", "the operator `~` is not known: there are no regular expressions; `LIKE`"),
        ("regexp_matches(t, 'x')", "the function `regexp_matches` is not known: there are no regular expressions"),
        ("strptime(t, '%d.%m.%Y') > day", "by `dates.format`"),
        ("at - at > 5", "date_diff"),
        ("CAST(f AS VARCHAR)", "many spellings"),
        ("CAST(t AS INET)", "is not known"),
        ("i IS DISTINCT FROM 2 AND b", "parentheses"),
        ("DATE '2024-02-30' < day", "cannot be read"),
        ("EXTRACT(CENTURY FROM day) = 20", "is not known"),
        ("CASE WHEN b THEN 1 ELSE t END", "one type is needed"),
        ("i[1] = 2", "is not known"),
    ] {
        let found = refused(text);
        assert!(found.contains(told), "{text}: {found}");
    }
}

#[test]
fn plain_conditions_are_asked_of_the_engine_in_its_own_terms() {
    let schema = frame().schema().clone();
    for text in [
        "i >= 5",
        "t = 'paid'",
        "d BETWEEN 1 AND 2.5",
        "b",
        "NOT b AND i IN (1, 2)",
        "at < TIMESTAMP '2024-01-01 00:00:00'",
        "i IS NULL",
    ] {
        let condition = bound(text).unwrap().condition(&schema);
        assert!(!format!("{condition:?}").contains("sql"), "{text}: {condition:?}");
    }
}

#[test]
fn many_alternatives_are_no_deep_nest() {
    let text = (0..400).map(|number| format!("i = {number}")).collect::<Vec<_>>().join(" OR ");
    assert_eq!(kept(&text), [1, 2]);
    let listed = (0..5_000).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    assert_eq!(kept(&format!("i IN ({listed})")), [1, 2]);
    let longer = (0..5_000).map(|number| format!("i = {number}")).collect::<Vec<_>>().join(" OR ");
    assert!(refused(&longer).contains("IN (..)"), "a list is no longer than its items");
}
