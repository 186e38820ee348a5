//! Facts that are more than a number or a text.
//!
//! Does not live here: the list of warnings (`facts`).

use std::fmt::{self, Display, Formatter};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// An analysis date of a series that no order speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedDate {
    /// The date.
    pub as_of: NaiveDate,
    /// The day of the last order, which is before the date; none where the first is after it.
    pub last_order: Option<NaiveDate>,
}

impl Display for SkippedDate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { as_of, last_order } = self;
        match last_order {
            Some(last) => write!(f, "{as_of} is skipped: the last order is of {last}"),
            None => write!(f, "{as_of} is skipped: there is no order of this day or earlier"),
        }
    }
}

/// The value that most customers have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommonValue {
    /// As text, in the unit of the column.
    pub value: String,
    /// The share of all customers that have it, 0 to 1.
    pub share: f64,
}

/// Rows that were read, and those of the previous run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FewerRows {
    /// Rows that were read.
    pub rows: u64,
    /// Rows that the previous run read.
    pub previous_rows: u64,
    /// The analysis date of the previous run.
    pub previous_as_of: NaiveDate,
    /// The first as a share of the second, 0 to 1.
    pub share: f64,
    /// The input that they are of, where several have names; none where they are of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
}

/// How many rows are in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencyRows {
    /// The currency.
    pub currency: String,
    /// Its rows.
    pub rows: u64,
}

/// A segment whose name says what its customers are not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MisnamedSegment {
    /// The key of the segment.
    pub segment: String,
    /// What the name says: `new`, `recent`, `away` or `frequent`.
    pub says: String,
    /// Customers of the segment.
    pub customers: u64,
    /// Of these, for `new`, those whose first order is more than a year ago; else all.
    pub concerned: u64,
    /// The column that says otherwise.
    pub measure: String,
    /// Its mean over the segment.
    pub mean: f64,
}

/// Groups of customers, the largest by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedGroups {
    /// The attributes that group customers (`score.by`).
    pub by: Vec<String>,
    /// How many groups these are.
    pub groups: u64,
    /// The largest of them.
    pub names: Vec<String>,
    /// Their customers.
    pub customers: u64,
}

impl NamedGroups {
    /// What these groups have, as the beginning of a sentence: `2 groups by `country` have no breaks`.
    pub(super) fn have(&self, what: &str) -> String {
        let (noun, verb) = if self.groups == 1 { ("group", "has") } else { ("groups", "have") };
        format!("{} {noun} by `{}` {verb} {what}", self.groups, self.by.join("`, `"))
    }

    /// Their names, and that they take the breaks of all.
    pub(super) fn take_those_of_all(&self) -> String {
        let more = self.groups.saturating_sub(self.names.len() as u64);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let noun = if self.customers == 1 { "customer takes" } else { "customers take" };
        format!("{}{more}; their {} {noun} the breaks of all", self.names.join(", "), self.customers)
    }
}

/// How far a lookup table and the customers of the run cover each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupMatches {
    /// The setting that names the table.
    pub setting: String,
    /// What its columns are.
    pub what: String,
    /// Customers of the run with a row in the table.
    pub matched: u64,
    /// Customers of the run.
    pub customers: u64,
    /// Rows of the table that belong to no customer of the run.
    pub unmatched_rows: u64,
}

/// A table of old ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldIds {
    /// How many it has.
    pub old_ids: u64,
}

/// Customers who are no members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotMembers {
    /// These customers.
    pub customers: u64,
    /// All customers of the run.
    pub of: u64,
}

/// Members without an order in the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotBuyers {
    /// How many.
    pub prospects: u64,
}

/// Customers of several accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedMembers {
    /// How many.
    pub customers: u64,
}

/// A needed column that is called otherwise in some files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenOtherwise {
    /// The name in the settings.
    pub column: String,
    /// The name in the files, what nobody sees as `\u{feff}`.
    pub found: String,
    /// How many files.
    pub files: u64,
    /// The path of the first.
    pub first: String,
}

impl Display for WrittenOtherwise {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { column, found, files, first } = self;
        write!(f, "`{column}` is taken for the column `{found}` of {}: ", in_files(*files, first))?;
        f.write_str("the two names differ only in what is not seen")
    }
}

/// A column of ids that are stored as floats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FloatColumn {
    /// The column.
    pub column: String,
    /// Its type.
    pub kind: String,
    /// How many files have it so.
    pub files: u64,
    /// The path of the first.
    pub first: String,
}

impl Display for FloatColumn {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { column, kind, files, first } = self;
        write!(f, "the ids in `{column}` are floats ({kind}) in {}: whole ones are ", in_files(*files, first))?;
        f.write_str(
            "read as integers, NaN as missing; above 9007199254740992 different ids may be stored as one number",
        )
    }
}

/// One file, or so many files of which this is the first.
pub(super) fn in_files(files: u64, first: &str) -> String {
    match files {
        1 => format!("`{first}`"),
        files => format!("{files} files, such as `{first}`"),
    }
}
