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

    /// The columns that tell orders apart, in the order of the settings; none where the run reads none.
    pub fn order_key(&self) -> impl Iterator<Item = &Agreed> {
        self.columns.iter().filter(|column| column.role == Role::OrderId)
    }

    /// The attributes, in the order of the settings.
    pub fn attributes(&self) -> impl Iterator<Item = &Agreed> {
        self.columns.iter().filter(|column| column.role == Role::Attribute)
    }

    /// Whether order dates are points in time (true) or readings of a clock (false); none if they are not timestamps.
    #[must_use]
    pub fn dates_are_utc(&self) -> Option<bool> {
        match self.column(Role::OrderTs)?.kind {
            ColumnKind::Timestamp { utc, .. } => Some(utc),
            ColumnKind::Int96 => Some(true),
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
        (ColumnKind::Int96, ColumnKind::Timestamp { .. }) | (ColumnKind::Timestamp { .. }, ColumnKind::Int96) => {
            "INT96 timestamps are in UTC and cannot be mixed with those without a time zone: write all files in UTC"
        }
        _ => "write this column with one type in all files",
    }
}

#[cfg(test)]
mod tests;
