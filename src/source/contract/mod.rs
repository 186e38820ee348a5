//! Whether all files have the columns that the run needs, in types that can be read as one.
//!
//! Lives here: the comparison of all files with the needs and with each other. Does not live here: what each role takes
//! (see `needs`), the wording of the one message that lists everything that is wrong (see `complaints`), and the values
//! themselves (see `clean`). Names are compared byte for byte.

pub(crate) mod date_range;
pub mod needs;

use crate::error::{Error, Result};
use crate::expressions::Expression;
use crate::source::footers::{Column, FileFooter};
use crate::source::kinds::ColumnKind;

use super::complaints::{self, Complaints};
use super::contract::needs::refusal;
pub use super::contract::needs::{Need, Role, needed};

/// A column as all files have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// What it is read for.
    pub role: Role,
    /// Its name in the input.
    pub name: String,
    /// The kind that holds the values of all files.
    pub kind: ColumnKind,
    /// Whether any file may hold nulls in it.
    pub nullable: bool,
    /// Whether it comes from the names of directories and not from the files.
    pub from_partition: bool,
    /// What it is computed by, where it is no column of the files; its name is the text of that.
    pub expression: Option<Expression>,
}

/// What the files and the run have agreed on.
#[derive(Debug, Clone)]
pub struct Contract {
    /// The columns that are read, in the order of the needs, and those that are computed of them.
    pub columns: Vec<Agreed>,
    /// The rows of all files, as the footers say.
    pub rows: u64,
    /// The files.
    pub files: Vec<FileFooter>,
}

impl Contract {
    /// The column of a role, if the run reads one (the first, where a role has several).
    #[must_use]
    pub fn column(&self, role: Role) -> Option<&Agreed> {
        self.columns.iter().find(|column| column.role == role)
    }

    /// The attributes, in the order of the settings.
    pub fn attributes(&self) -> impl Iterator<Item = &Agreed> {
        self.columns.iter().filter(|column| column.role == Role::Attribute)
    }

    /// Whether order dates are points in time (true) or readings of a clock (false); none if they are not timestamps.
    /// INT96 counts as the reading of a clock, because the engine reads it so.
    #[must_use]
    pub fn dates_are_utc(&self) -> Option<bool> {
        match self.column(Role::OrderTs)?.kind {
            ColumnKind::Timestamp { utc, .. } => Some(utc),
            ColumnKind::Int96 => Some(false),
            _ => None,
        }
    }
}

/// Compares all files with the needs, and with each other.
///
/// With `hive_partitions`, the keys of `key=value` directories are text columns. With or without, such a key may not
/// have the name of a needed column that the file itself has: it would be unclear which of the two is meant.
///
/// # Errors
/// Everything that does not fit, by column and file.
pub fn agree(footers: Vec<FileFooter>, needs: &[Need], hive_partitions: bool) -> Result<Contract> {
    let mut complaints = Complaints::new(&footers);
    complain_of_duplicates(&footers, &mut complaints);
    let mut columns = Vec::new();
    for need in needs {
        columns.extend(agree_on(need, &footers, hive_partitions, &mut complaints));
    }
    complaints.into_result()?;
    let rows = footers.iter().try_fold(0_u64, |sum, footer| sum.checked_add(footer.rows));
    let rows = rows.ok_or_else(|| Error::source("the footers claim more rows than can be counted"))?;
    Ok(Contract { columns, rows, files: footers })
}

/// Names that occur twice in one file: the engine cannot read such a file, whatever the name.
fn complain_of_duplicates(footers: &[FileFooter], complaints: &mut Complaints) {
    for (index, footer) in footers.iter().enumerate() {
        let mut names: Vec<&str> = footer.columns.iter().map(|column| column.name.as_str()).collect();
        names.sort_unstable();
        let mut doubles: Vec<&str> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        doubles.dedup();
        for name in doubles {
            complaints.add(name, "more than one column has this name (duplicate)", index);
            complaints.hint("rename one of the two columns at their source");
        }
    }
}

/// How one file has a needed column.
enum Found<'a> {
    Column(&'a Column),
    Partition { nullable: bool },
    Clash,
    Missing,
}

fn find<'a>(footer: &'a FileFooter, name: &str, hive_partitions: bool) -> Found<'a> {
    let column = footer.columns.iter().find(|column| column.name == name);
    let partition = footer.partitions.iter().find(|partition| partition.key == name);
    match (column, partition) {
        (Some(_), Some(_)) => Found::Clash,
        (Some(column), None) => Found::Column(column),
        (None, Some(partition)) if hive_partitions => Found::Partition { nullable: partition.value.is_none() },
        _ => Found::Missing,
    }
}

/// Agrees on one column; none where it is not read or something is wrong.
fn agree_on(need: &Need, footers: &[FileFooter], hive_partitions: bool, complaints: &mut Complaints) -> Option<Agreed> {
    let mut families = Families::default();
    let (mut nullable, mut in_files, mut in_names) = (false, false, false);
    let mut missing = Vec::new();
    for (index, footer) in footers.iter().enumerate() {
        let kind = match find(footer, &need.name, hive_partitions) {
            Found::Column(column) => {
                in_files = true;
                nullable |= column.nullable;
                &column.kind
            }
            Found::Partition { nullable: with_null } => {
                in_names = true;
                nullable |= with_null;
                &ColumnKind::Text
            }
            Found::Clash => {
                complaints.add(&need.name, "hive partition key conflicts with the column in the file", index);
                complaints.hint("rename the directories, or take the column out of the files");
                continue;
            }
            Found::Missing => {
                missing.push(index);
                continue;
            }
        };
        match refusal(need, kind) {
            Some((what, hint)) => {
                complaints.add(&need.name, &what, index);
                complaints.hint(hint);
            }
            None => families.add(kind, index),
        }
    }
    if need.optional && missing.len() == footers.len() {
        return None;
    }
    for index in missing {
        complaints.missing(need, index);
    }
    if in_files && in_names {
        complaints.add(&need.name, "a partition key for some files and a column in others", 0);
    }
    let kind = families.agreed(need, footers, complaints)?;
    Some(Agreed {
        role: need.role,
        name: need.name.clone(),
        kind,
        nullable,
        from_partition: in_names,
        expression: None,
    })
}

/// Kinds that widen into each other, and the files that have them.
#[derive(Default)]
struct Families {
    /// In the order in which they were met.
    families: Vec<(ColumnKind, Vec<usize>)>,
}

impl Families {
    fn add(&mut self, kind: &ColumnKind, file: usize) {
        match self.families.iter_mut().find(|(known, _)| known.widens_with(kind)) {
            Some((known, files)) => {
                *known = known.widened(kind);
                files.push(file);
            }
            None => self.families.push((kind.clone(), vec![file])),
        }
    }

    /// The kind of most files (the first one met where several kinds have equally many); complains about the others.
    fn agreed(mut self, need: &Need, footers: &[FileFooter], complaints: &mut Complaints) -> Option<ColumnKind> {
        if self.families.iter().any(|(kind, _)| *kind != ColumnKind::Null) {
            // Files without any value fit every kind.
            self.families.retain(|(kind, _)| *kind != ColumnKind::Null);
        }
        let most = self.families.iter().map(|(_, files)| files.len()).max()?;
        let chosen = self.families.iter().position(|(_, files)| files.len() == most)?;
        let (kind, files) = self.families.swap_remove(chosen);
        for (other, others) in self.families {
            let first = footers.get(*files.first()?)?;
            let remark = format!(", but {kind} in {}", complaints::some_files(files.len(), &first.path));
            for file in others {
                complaints.differs(&need.name, &other, file, &remark);
            }
            complaints.hint(drift_hint(&kind, &other));
        }
        // An attribute that is null everywhere is a column of missing texts.
        Some(if kind == ColumnKind::Null && need.role == Role::Attribute { ColumnKind::Text } else { kind })
    }
}

fn drift_hint(a: &ColumnKind, b: &ColumnKind) -> &'static str {
    match (a, b) {
        (ColumnKind::Timestamp { .. }, ColumnKind::Timestamp { .. }) => {
            "timestamps with and without a time zone cannot be mixed: write all files in UTC, or all without a zone"
        }
        _ => "write this column with one type in all files",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::fixtures::{Files, TRANSACTIONS};
    use crate::source::kinds::TimeUnit;
    use crate::source::options::{ColumnOptions, DateOptions};

    /// The canonical columns, with one of them declared differently (or left out).
    fn with(column: &str, declared: &str) -> String {
        let fields = TRANSACTIONS.split_inclusive(';').map(str::trim);
        let others = fields.filter(|field| !field.contains(&format!(" {column}")));
        format!("{} {declared}", others.collect::<Vec<_>>().join(" "))
    }

    fn judged(files: &Files) -> Result<Contract> {
        agree(files.footers(), &needed(&ColumnOptions::default(), &DateOptions::default(), &[], true), false)
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
            lines[2].contains("`amount`: missing in")
                && lines[2].contains("a.parquet`; the columns there: `customer_id`,")
        );
    }

    #[test]
    fn thousands_of_equal_complaints_are_one_cause() {
        let good = Files::new().with("a.parquet", &with("amount", "")).footers();
        let path = good[0].path.display().to_string();
        let footers: Vec<_> = std::iter::repeat_n(good[0].clone(), 5_000).collect();
        let needs = needed(&ColumnOptions::default(), &DateOptions::default(), &[], true);
        let text = agree(footers, &needs, false).unwrap_err().to_string();
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
        assert!(agree(Files::new().with("a.parquet", &without).footers(), &needs, false).is_err());
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_even_where_it_is_not_needed() {
        let twice = format!("{TRANSACTIONS} optional double amount; optional int32 x; optional int32 x;");
        let text = refusal_of(&Files::new().with("a.parquet", &twice));
        assert!(text.contains("`amount`: more than one column") && text.contains("`x`: more than one"), "{text}");
    }

    #[test]
    fn an_attribute_may_be_empty_in_some_files_or_in_all() {
        let columns = ColumnOptions { attributes: vec!["city".into()], ..ColumnOptions::default() };
        let needs = needed(&columns, &DateOptions::default(), &[], true);
        let null = format!("{TRANSACTIONS} optional int32 city (UNKNOWN);");
        let text = format!("{TRANSACTIONS} optional binary city (UTF8);");
        let number = format!("{TRANSACTIONS} optional int64 city;");
        let kind = |files: Files| agree(files.footers(), &needs, false).map(|agreed| agreed.columns[4].kind.clone());
        assert_eq!(
            kind(Files::new().with("a", &null).with("b", &number)),
            Ok(ColumnKind::Int { bits: 64, signed: true })
        );
        assert_eq!(kind(Files::new().with("a", &null)), Ok(ColumnKind::Text));
        assert!(kind(Files::new().with("a", &text).with("b", &number)).is_err());
    }

    #[test]
    fn a_partition_key_may_not_shadow_a_needed_column() {
        let file = Files::new().with("a.parquet", TRANSACTIONS);
        let text = refusal_of(&file.below("amount", "9"));
        assert!(text.contains("`amount`: hive partition key conflicts with the column in the file in `"), "{text}");
        // A column that no one needs may.
        let other = Files::new().with("a.parquet", &format!("{TRANSACTIONS} optional int32 region;"));
        assert!(judged(&other.below("region", "EU")).is_ok());
    }

    #[test]
    fn a_partition_key_is_a_text_column_where_it_is_asked_for() {
        let columns = ColumnOptions { attributes: vec!["region".into()], ..ColumnOptions::default() };
        let needs = needed(&columns, &DateOptions::default(), &[], true);
        let footers = || Files::new().with("a.parquet", TRANSACTIONS).below("region", "EU").footers();
        let agreed = agree(footers(), &needs, true).unwrap().columns[4].clone();
        assert_eq!((agreed.kind, agreed.from_partition, agreed.nullable), (ColumnKind::Text, true, false));
        assert!(agree(footers(), &needs, false).unwrap_err().to_string().contains("hive_partitions"));
    }

    #[test]
    fn rows_that_cannot_be_counted_are_refused() {
        let mut footers = Files::new().with("a", TRANSACTIONS).with("b", TRANSACTIONS).footers();
        for footer in &mut footers {
            footer.rows = u64::MAX;
        }
        assert!(agree(footers, &[], false).is_err());
    }
}
