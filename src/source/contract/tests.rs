//! The contract between files of many shapes.

use super::*;
use crate::source::fixtures::{Files, TRANSACTIONS};
use crate::source::kinds::TimeUnit;
use crate::source::options::{BinaryText, ColumnOptions, DateOptions};

/// The canonical columns, with one of them declared differently (or left out).
fn with(column: &str, declared: &str) -> String {
    let fields = TRANSACTIONS.split_inclusive(';').map(str::trim);
    let others = fields.filter(|field| !field.contains(&format!(" {column}")));
    format!("{} {declared}", others.collect::<Vec<_>>().join(" "))
}

fn judged(files: &Files) -> Result<Contract> {
    let needs = needed(&ColumnOptions::default(), &DateOptions::default(), &[], true);
    agree(files.footers(), &needs, &InputOptions::default())
}

fn refusal_of(files: &Files) -> String {
    judged(files).unwrap_err().to_string()
}

fn kind_of(files: &Files, role: Role) -> ColumnKind {
    judged(files).unwrap().column(role).unwrap().kind.clone()
}

#[test]
fn canonical_files_agree_and_their_rows_are_added() {
    let files = Files::new().with("a.parquet", TRANSACTIONS).with("b.parquet", TRANSACTIONS);
    let contract = judged(&files).unwrap();
    assert_eq!(contract.rows, 20);
    let roles: Vec<Role> = contract.columns.iter().map(|column| column.role).collect();
    assert_eq!(roles, [Role::CustomerId, Role::OrderId, Role::OrderTs, Role::Amount]);
    assert_eq!(contract.dates_are_utc(), Some(true));
}

#[test]
fn everything_wrong_is_said_at_once_by_column_and_file() {
    let files = Files::new()
        .with("a.parquet", &with("amount", ""))
        .with("b.parquet", &with("customer_id", "optional binary Customer_ID (UTF8);"))
        .with("c.parquet", &with("order_ts", "optional boolean order_ts;"));
    let text = refusal_of(&files);
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("cause: ")).collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(
        lines[0].contains("`customer_id`: missing in `")
            && lines[0].contains("b.parquet`; did you mean `Customer_ID`?")
    );
    assert!(
        lines[1].contains("`order_ts`: found boolean, expected a date or timestamp in")
            && lines[1].contains("c.parquet")
    );
    assert!(
        lines[2].contains("`amount`: missing in") && lines[2].contains("a.parquet`; the columns there: `customer_id`,")
    );
}

#[test]
fn thousands_of_equal_complaints_are_one_cause() {
    let good = Files::new().with("a.parquet", &with("amount", "")).footers();
    let path = good[0].path.display().to_string();
    let footers: Vec<_> = std::iter::repeat_n(good[0].clone(), 5_000).collect();
    let needs = needed(&ColumnOptions::default(), &DateOptions::default(), &[], true);
    let text = agree(footers, &needs, &InputOptions::default()).unwrap_err().to_string();
    assert!(
        text.starts_with("the columns of the input do not fit\ncause: `amount`: missing in 5000 files; "),
        "{text}"
    );
    assert!(text.contains(&format!("\n  `{path}`\n")) && text.contains("\n  and 4980 more\n"), "{text}");
    assert!(text.ends_with("`rfmetrics check --format json` names every file"), "{text}");
    // Twenty lines of names, and otherwise no more than is allowed with one.
    let line = path.len() + "\n  ``".len();
    assert!(text.len() < 800 + 19 * line, "{text}");
}

#[test]
fn files_widen_into_each_other_where_no_value_changes() {
    let kinds = |declared: [&str; 2], column, role| {
        let files = Files::new().with("a.parquet", &with(column, declared[0]));
        kind_of(&files.with("b.parquet", &with(column, declared[1])), role)
    };
    let ids = ["optional int32 customer_id;", "optional int64 customer_id;"];
    assert_eq!(kinds(ids, "customer_id", Role::CustomerId), ColumnKind::Int { bits: 64, signed: true });
    let amounts = ["optional float amount;", "optional double amount;"];
    assert_eq!(kinds(amounts, "amount", Role::Amount), ColumnKind::Float64);
    let dates =
        ["optional int64 order_ts (TIMESTAMP(NANOS,true));", "optional int64 order_ts (TIMESTAMP(MILLIS,true));"];
    let finest = ColumnKind::Timestamp { unit: TimeUnit::Ns, utc: true };
    assert_eq!(kinds(dates, "order_ts", Role::OrderTs), finest);
}

#[test]
fn old_annotations_and_int96_are_in_utc_and_stand_beside_what_says_so() {
    let dated = |declared: &str| with("order_ts", declared);
    let utc = |unit| ColumnKind::Timestamp { unit, utc: true };
    let old = dated("optional int64 order_ts (TIMESTAMP_MILLIS);");
    let int96 = dated("optional int96 order_ts;");
    let alone = Files::new().with("a.parquet", &int96);
    assert_eq!(kind_of(&alone, Role::OrderTs), ColumnKind::Int96);
    assert_eq!(judged(&alone).unwrap().dates_are_utc(), Some(true));
    let beside = Files::new().with("a.parquet", &old).with("b.parquet", TRANSACTIONS);
    assert_eq!(kind_of(&beside, Role::OrderTs), utc(TimeUnit::Us));
    for files in [
        Files::new().with("a.parquet", &int96).with("b.parquet", TRANSACTIONS),
        Files::new().with("a.parquet", TRANSACTIONS).with("b.parquet", &int96),
    ] {
        assert_eq!(kind_of(&files, Role::OrderTs), utc(TimeUnit::Ns));
    }
    let naive = dated("optional int64 order_ts (TIMESTAMP(MICROS,false));");
    let text = refusal_of(&Files::new().with("a.parquet", &int96).with("b.parquet", &naive));
    assert!(text.contains("INT96 timestamps are in UTC"), "{text}");
}

#[test]
fn files_that_differ_in_meaning_are_refused_against_the_majority() {
    let number = with("customer_id", "optional int64 customer_id;");
    let files = Files::new().with("a.parquet", &number).with("b.parquet", TRANSACTIONS);
    let text = refusal_of(&files.with("c.parquet", TRANSACTIONS));
    assert!(
        text.contains("`customer_id`: int64 in `") && text.contains("a.parquet`, but text (string) in 2 files"),
        "{text}"
    );

    let naive = with("order_ts", "optional int64 order_ts (TIMESTAMP(MICROS,false));");
    let text = refusal_of(&Files::new().with("a.parquet", &naive).with("b.parquet", TRANSACTIONS));
    assert!(text.contains("`order_ts`: timestamp[us] in UTC in `") && text.contains("without time zone"), "{text}");
}

#[test]
fn the_default_order_id_is_in_all_files_or_in_none() {
    let without = with("order_id", "");
    assert!(judged(&Files::new().with("a.parquet", &without)).unwrap().column(Role::OrderId).is_none());
    let text = refusal_of(&Files::new().with("a.parquet", TRANSACTIONS).with("b.parquet", &without));
    assert!(text.contains("`order_id`: missing in `") && text.contains("either all files"), "{text}");
    // A name that was set must exist.
    let columns = ColumnOptions { order_id: Some("order_id".into()), ..ColumnOptions::default() };
    let needs = needed(&columns, &DateOptions::default(), &[], true);
    assert!(agree(Files::new().with("a.parquet", &without).footers(), &needs, &InputOptions::default()).is_err());
}

#[test]
fn a_name_that_stands_twice_is_refused_only_where_it_is_needed() {
    let unneeded = format!("{TRANSACTIONS} optional int32 x; optional int32 x;");
    assert!(judged(&Files::new().with("a.parquet", &unneeded)).is_ok());
    let twice = format!("{unneeded} optional double amount;");
    let text = refusal_of(&Files::new().with("a.parquet", &twice));
    assert!(text.contains("`amount`: more than one column") && !text.contains("`x`"), "{text}");
}

#[test]
fn numbers_of_several_types_are_one_column_in_every_role() {
    let numbers = ["int64", "double", "fixed_len_byte_array(9)"];
    let of = |column: &str, place: usize| {
        let annotation = if place == 2 { " (DECIMAL(20,0))" } else { "" };
        with(column, &format!("optional {} {column}{annotation};", numbers[place]))
    };
    for (column, role) in [("customer_id", Role::CustomerId), ("order_id", Role::OrderId), ("amount", Role::Amount)] {
        for (a, b) in [(0, 1), (1, 0)] {
            let files = Files::new().with("a.parquet", &of(column, a)).with("b.parquet", &of(column, b));
            assert_eq!(kind_of(&files, role), ColumnKind::Float64, "{column}");
        }
    }
    let dates = DateOptions { format: Some("%Y%m%d".into()), ..DateOptions::default() };
    let needs = needed(&ColumnOptions::default(), &dates, &[], true);
    let files = Files::new().with("a.parquet", &of("order_ts", 0)).with("b.parquet", &of("order_ts", 1));
    assert!(agree(files.footers(), &needs, &InputOptions::default()).is_ok());
    assert!(refusal_of(&files).contains("expected a date or timestamp"));
}

#[test]
fn days_stand_beside_readings_of_a_clock_and_not_beside_instants() {
    let day = with("order_ts", "optional int32 order_ts (DATE);");
    let naive = with("order_ts", "optional int64 order_ts (TIMESTAMP(MILLIS,false));");
    let files = Files::new().with("a.parquet", &day).with("b.parquet", &naive);
    assert_eq!(kind_of(&files, Role::OrderTs), ColumnKind::Timestamp { unit: TimeUnit::Ms, utc: false });
    let text = refusal_of(&Files::new().with("a.parquet", &day).with("b.parquet", TRANSACTIONS));
    assert!(text.contains("unknown which zone the dates are of"), "{text}");
}

#[test]
fn a_file_without_rows_has_no_say_unless_no_file_has_rows() {
    let odd = format!("{} optional boolean amount;", with("customer_id", "optional int32 customer_id (UNKNOWN);"));
    let empty = Files::new().with("a.parquet", TRANSACTIONS).with_groups("b.parquet", &odd, &[], 0);
    assert_eq!(kind_of(&empty, Role::CustomerId), ColumnKind::Text);
    assert!(judged(&Files::new().with_groups("b.parquet", &odd, &[], 0)).is_err());
}

#[test]
fn a_column_without_a_value_fits_every_type_and_is_refused_alone_where_it_is_the_customer() {
    let null = |column: &str| with(column, &format!("optional int32 {column} (UNKNOWN);"));
    for (column, role) in [("customer_id", Role::CustomerId), ("order_id", Role::OrderId)] {
        let beside = Files::new().with("a.parquet", &null(column)).with("b.parquet", TRANSACTIONS);
        assert_eq!(kind_of(&beside, role), ColumnKind::Text);
    }
    assert!(refusal_of(&Files::new().with("a.parquet", &null("customer_id"))).contains("found the null type"));
    assert_eq!(kind_of(&Files::new().with("a.parquet", &null("order_id")), Role::OrderId), ColumnKind::Null);
}

#[test]
fn files_may_lack_a_column_where_that_is_said_and_a_null_means_something() {
    let options = InputOptions { missing_columns: MissingColumns::Null, ..InputOptions::default() };
    let needs = needed(&ColumnOptions::default(), &DateOptions::default(), &["city".to_owned()], true);
    let with_city = format!("{TRANSACTIONS} optional binary city (UTF8);");
    let lacking = |column: &str| with_city.clone() + &with(column, "").replace(TRANSACTIONS, "");
    let files = Files::new().with("a.parquet", &with_city).with("b.parquet", &with("order_id", ""));
    let agreed = agree(files.footers(), &needs, &options).unwrap();
    let city = agreed.columns.iter().find(|column| column.name == "city").unwrap();
    assert!(city.nullable && agreed.column(Role::OrderId).is_some());
    let text = agree(files.footers(), &needs, &InputOptions::default()).unwrap_err().to_string();
    assert!(text.contains("`city`: missing") && text.contains("`input.missing_columns = \"null\"`"), "{text}");
    // Nowhere is not in some files; and a row without an amount would be bad.
    assert!(agree(Files::new().with("a", TRANSACTIONS).footers(), &needs, &options).is_err());
    let without_amount =
        Files::new().with("a", &lacking("x")).with("b", &with("amount", "optional binary city (UTF8);"));
    assert!(agree(without_amount.footers(), &needs, &options).unwrap_err().to_string().contains("`amount`: missing"));
}

#[test]
fn bytes_are_texts_where_that_is_said() {
    let bytes = Files::new().with("a.parquet", &with("customer_id", "optional binary customer_id;"));
    let needs = needed(&ColumnOptions::default(), &DateOptions::default(), &[], true);
    let options = InputOptions { binary_as_text: Some(BinaryText::Hex), ..InputOptions::default() };
    let agreed = agree(bytes.footers(), &needs, &options).unwrap();
    assert_eq!(agreed.column(Role::CustomerId).unwrap().kind, ColumnKind::Text);
    assert!(refusal_of(&bytes).contains("`input.binary_as_text`"));
}

#[test]
fn a_name_is_found_where_it_differs_in_what_is_not_seen() {
    let marked = with("customer_id", "optional binary \u{feff}customer_id (UTF8);");
    let files = Files::new().with("a.parquet", TRANSACTIONS).with("b.parquet", &marked);
    assert_eq!(kind_of(&files, Role::CustomerId), ColumnKind::Text);
    let twice = format!("{marked} optional binary customer\u{200b}_id (UTF8);");
    let text = refusal_of(&Files::new().with("a.parquet", &twice));
    assert!(text.contains("several columns look like it, such as `\\u{feff}customer_id`"), "{text}");
}

#[test]
fn an_attribute_may_be_empty_in_some_files_or_in_all() {
    let columns = ColumnOptions { attributes: vec!["city".into()], ..ColumnOptions::default() };
    let needs = needed(&columns, &DateOptions::default(), &[], true);
    let null = format!("{TRANSACTIONS} optional int32 city (UNKNOWN);");
    let text = format!("{TRANSACTIONS} optional binary city (UTF8);");
    let number = format!("{TRANSACTIONS} optional int64 city;");
    let kind = |files: Files| {
        agree(files.footers(), &needs, &InputOptions::default()).map(|agreed| agreed.columns[4].kind.clone())
    };
    assert_eq!(kind(Files::new().with("a", &null).with("b", &number)), Ok(ColumnKind::Int { bits: 64, signed: true }));
    assert_eq!(kind(Files::new().with("a", &null)), Ok(ColumnKind::Text));
    assert!(kind(Files::new().with("a", &text).with("b", &number)).is_err());
}

#[test]
fn a_partition_key_may_not_shadow_a_needed_column() {
    let file = Files::new().with("a.parquet", TRANSACTIONS);
    let text = refusal_of(&file.below("amount", "9"));
    assert!(text.contains("`amount`: hive partition key conflicts with the column in the file in `"), "{text}");
    // 1.5 in all rows.
    let same = Files::new().with("a.parquet", TRANSACTIONS);
    assert!(judged(&same.below("amount", "1.5")).is_ok());
    // A column that no one needs may.
    let other = Files::new().with("a.parquet", &format!("{TRANSACTIONS} optional int32 region;"));
    assert!(judged(&other.below("region", "EU")).is_ok());
}

#[test]
fn a_partition_key_is_a_text_column_where_it_is_asked_for() {
    let columns = ColumnOptions { attributes: vec!["region".into()], ..ColumnOptions::default() };
    let needs = needed(&columns, &DateOptions::default(), &[], true);
    let footers = || Files::new().with("a.parquet", TRANSACTIONS).below("region", "EU").footers();
    let keys = InputOptions { hive_partitions: true, ..InputOptions::default() };
    let agreed = agree(footers(), &needs, &keys).unwrap().columns[4].clone();
    assert_eq!((agreed.kind, agreed.from_partition, agreed.nullable), (ColumnKind::Text, true, false));
    assert!(agree(footers(), &needs, &InputOptions::default()).unwrap_err().to_string().contains("hive_partitions"));
}

#[test]
fn rows_that_cannot_be_counted_are_refused() {
    let mut footers = Files::new().with("a", TRANSACTIONS).with("b", TRANSACTIONS).footers();
    for footer in &mut footers {
        footer.rows = u64::MAX;
    }
    assert!(agree(footers, &[], &InputOptions::default()).is_err());
}
