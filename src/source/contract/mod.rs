//! Whether all files have the columns that the run needs, in types that can be read as one.
//!
//! Lives here: the comparison of all files with the needs and with each other. Does not live here: what each role takes
//! (see `needs`), the wording of the one message that lists everything that is wrong (see `complaints`), and the values
//! themselves (see `clean`). Names are compared byte for byte, and then by what people see of them.

pub(crate) mod date_range;
mod families;
mod ids;
mod keys;
pub mod needs;

use crate::error::{Error, Result};
use crate::expressions::Expression;
use crate::source::footers::{Column, FileFooter};
use crate::source::kinds::ColumnKind;
use crate::source::options::{InputOptions, MissingColumns};

use super::complaints::Complaints;
use super::contract::families::Families;
use super::contract::needs::refusal;
pub use super::contract::needs::{Need, Role, named_roles, need_of_per, needed, needed_of};

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

/// Compares all files with the needs, and with each other. Files without rows are compared only where no file has rows: an
/// empty frame has lost its types.
///
/// With `input.hive_partitions`, the keys of `key=value` directories are text columns. With or without, the files of such a
/// directory may have a needed column of that name: its values must be that of the directory.
///
/// # Errors
/// Everything that does not fit, by column and file.
pub fn agree(footers: Vec<FileFooter>, needs: &[Need], options: &InputOptions) -> Result<Contract> {
    let mut complaints = Complaints::new(&footers);
    let has_rows = footers.iter().any(|footer| footer.rows > 0);
    let compared = (0..).zip(&footers).filter(|(_, footer)| footer.rows > 0 || !has_rows).collect();
    let comparison = Comparison { files: compared, options };
    let mut columns = Vec::new();
    for need in needs {
        columns.extend(comparison.agree_on(need, &mut complaints));
    }
    complaints.into_result()?;
    let rows = footers.iter().try_fold(0_u64, |sum, footer| sum.checked_add(footer.rows));
    let rows = rows.ok_or_else(|| Error::source("the footers claim more rows than can be counted"))?;
    Ok(Contract { columns, rows, files: footers })
}

/// The kind of a column of a file once it is read: bytes are texts where the settings say so.
#[must_use]
pub(crate) fn kind_as_read(kind: &ColumnKind, options: &InputOptions) -> ColumnKind {
    match kind {
        ColumnKind::Binary | ColumnKind::FixedBinary(_) if options.binary_as_text.is_some() => ColumnKind::Text,
        kind => kind.clone(),
    }
}

/// How one file has a needed column.
enum Found<'a> {
    Column(&'a Column),
    Key { nullable: bool },
    Missing,
}

/// The files that are compared, with their places.
struct Comparison<'a> {
    files: Vec<(usize, &'a FileFooter)>,
    options: &'a InputOptions,
}

/// What is known of a column while the files are compared.
#[derive(Default)]
struct Known {
    families: Families,
    nullable: bool,
    in_files: bool,
    in_names: bool,
    /// Files in which no value was ever seen.
    only_nulls: Vec<usize>,
    missing: Vec<usize>,
}

impl<'a> Comparison<'a> {
    fn find(&self, footer: &'a FileFooter, name: &str) -> Found<'a> {
        let key = footer.partitions.iter().find(|partition| partition.key == name);
        match (footer.column(name), key) {
            (Some(column), _) => Found::Column(column),
            (None, Some(key)) if self.options.hive_partitions => Found::Key { nullable: key.value.is_none() },
            _ => Found::Missing,
        }
    }

    /// Agrees on one column; none where it is not read or something is wrong.
    fn agree_on(&self, need: &Need, complaints: &mut Complaints) -> Option<Agreed> {
        let mut known = Known::default();
        for (index, footer) in &self.files {
            match self.find(footer, &need.name) {
                Found::Column(column) => self.add(need, (*index, footer, column), &mut known, complaints),
                Found::Key { nullable } => {
                    known.in_names = true;
                    known.nullable |= nullable;
                    add_kind(need, &ColumnKind::Text, *index, &mut known, complaints);
                }
                Found::Missing => known.missing.push(*index),
            }
        }
        if need.optional && known.missing.len() == self.files.len() {
            return None;
        }
        self.judge_missing(need, &mut known, complaints);
        if known.in_files && known.in_names {
            complaints.add(&need.name, "a partition key for some files and a column in others", 0);
        }
        let Known { families, nullable, in_names, only_nulls, .. } = known;
        let kind = self.kind(need, families, &only_nulls, complaints)?;
        Some(Agreed {
            role: need.role,
            name: need.name.clone(),
            kind,
            nullable,
            from_partition: in_names,
            expression: None,
        })
    }

    /// Adds the column of one file, where it can be read.
    fn add(
        &self,
        need: &Need,
        (index, footer, column): (usize, &FileFooter, &Column),
        known: &mut Known,
        complaints: &mut Complaints,
    ) {
        known.in_files = true;
        known.nullable |= column.nullable;
        if footer.columns.iter().filter(|other| other.name == column.name).count() > 1 {
            complaints.add(&need.name, "more than one column has this name (duplicate)", index);
            complaints.hint("rename one of the two columns at their source");
        } else if let Some(why) = column.withheld {
            complaints.add(&need.name, &format!("is {why}, which cannot be read"), index);
            complaints.hint("deliver the column in a form that can be read, or take it out of the settings");
        } else if keys::contradict(footer, column) {
            complaints.add(&need.name, "hive partition key conflicts with the column in the file", index);
            complaints.hint("rename the directories, or take the column out of the files");
        } else if column.kind == ColumnKind::Null {
            known.nullable = true;
            known.only_nulls.push(index);
        } else {
            add_kind(need, &kind_as_read(&column.kind, self.options), index, known, complaints);
        }
    }

    /// Complains of files that lack the column, or has nulls there.
    fn judge_missing(&self, need: &Need, known: &mut Known, complaints: &mut Complaints) {
        let is_somewhere = known.missing.len() < self.files.len();
        let is_null = self.options.missing_columns == MissingColumns::Null && is_somewhere && need.role.may_be_null();
        for index in std::mem::take(&mut known.missing) {
            if is_null {
                known.nullable = true;
            } else {
                complaints.missing(need, index, is_somewhere);
            }
        }
    }

    /// The kind that holds the values of all files.
    fn kind(
        &self,
        need: &Need,
        families: Families,
        only_nulls: &[usize],
        complaints: &mut Complaints,
    ) -> Option<ColumnKind> {
        match families.agreed(need, complaints) {
            Some(kind) if need.role == Role::CustomerId => {
                Some(ids::kind(kind, &need.name, self.files.iter().map(|(_, file)| *file)))
            }
            Some(kind) => Some(kind),
            None if only_nulls.is_empty() => None,
            None => {
                let refused = refusal(need, &ColumnKind::Null);
                if let Some((what, hint)) = &refused {
                    for index in only_nulls {
                        complaints.add(&need.name, what, *index);
                    }
                    complaints.hint(hint);
                }
                // An attribute that is null everywhere is a column of missing texts.
                let kind =
                    if matches!(need.role, Role::Attribute | Role::Per) { ColumnKind::Text } else { ColumnKind::Null };
                refused.is_none().then_some(kind)
            }
        }
    }
}

fn add_kind(need: &Need, kind: &ColumnKind, index: usize, known: &mut Known, complaints: &mut Complaints) {
    match refusal(need, kind) {
        Some((what, hint)) => {
            complaints.add(&need.name, &what, index);
            complaints.hint(hint);
        }
        None => known.families.add(kind, index),
    }
}

#[cfg(test)]
mod tests;
