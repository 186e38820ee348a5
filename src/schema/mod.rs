//! The vocabulary of the tables: what a column is, what a table is, and how both are described.
//!
//! Does not live here: any table. A report holds its own columns (`reports::tables`), and the data dictionary is made
//! of all of them (`reports::dictionary`).

use serde::Serialize;

/// The type of a published column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// UTF-8 string.
    Text,
    /// 32-bit signed integer.
    Int32,
    /// 64-bit signed integer.
    Int64,
    /// 64-bit float.
    Double,
    /// Calendar date.
    Date,
    /// True or false.
    Boolean,
    /// `decimal(18, clean.money_scale)`, or a double with `output.money = "double"`.
    Money,
    /// `int64` or string, as the customer ids of the input.
    Id,
}

impl ColumnType {
    /// The name in the data dictionary.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Double => "double",
            Self::Date => "date",
            Self::Boolean => "boolean",
            Self::Money => "money",
            Self::Id => "int64 or string",
        }
    }
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ColumnEntry {
    /// Its name. `_H` at its end stands for a horizon with its unit: each horizon has such a column.
    pub name: &'static str,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Its unit; empty where there is none.
    pub unit: &'static str,
    /// What it says, and when it is null.
    pub meaning: &'static str,
}

/// One table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TableEntry {
    /// Its name; its file is `<name>.parquet`.
    pub name: &'static str,
    /// What one row represents, in a few words for an overview.
    #[serde(skip)]
    pub one_row_per: &'static str,
    /// Which runs publish it, in a few words: `always`, or the settings that ask for it.
    #[serde(skip)]
    pub published_with: &'static str,
    /// What its rows are and how they are sorted.
    pub meaning: &'static str,
    /// Its columns, after `as_of`.
    pub columns: &'static [ColumnEntry],
}

/// Columns that settings add behind those of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AddedColumns {
    /// Their heading in the dictionary: the table.
    pub name: &'static str,
    /// Which settings add them, and where they stand.
    pub meaning: &'static str,
    /// The columns.
    pub columns: &'static [ColumnEntry],
}

/// A column under the name that it is published with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedColumn {
    /// The name, with the horizon where it has one: `clv_12_months`.
    pub name: String,
    /// What it is.
    pub entry: &'static ColumnEntry,
    /// The index of the horizon, where it has one.
    pub horizon: Option<usize>,
}

impl ColumnEntry {
    /// The columns as published with these horizons: one, or one per horizon.
    #[must_use]
    pub fn published(&'static self, horizons: &[String]) -> Vec<PublishedColumn> {
        let Some(stem) = self.name.strip_suffix("_H") else {
            return vec![PublishedColumn { name: self.name.to_owned(), entry: self, horizon: None }];
        };
        let of = |(index, horizon): (usize, &String)| PublishedColumn {
            name: format!("{stem}_{horizon}"),
            entry: self,
            horizon: Some(index),
        };
        horizons.iter().enumerate().map(of).collect()
    }
}

/// The first column of every table.
pub const AS_OF: ColumnEntry = column("as_of", ColumnType::Date, "", "the analysis date of the run");

pub(crate) const fn column(
    name: &'static str,
    kind: ColumnType,
    unit: &'static str,
    meaning: &'static str,
) -> ColumnEntry {
    ColumnEntry { name, kind, unit, meaning }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_horizon_has_its_column() {
        static CLV: ColumnEntry = column("clv_H", ColumnType::Double, "money", "");
        static RANK: ColumnEntry = column("clv_rank", ColumnType::Int64, "rank", "");
        let horizons = ["3_months".to_owned(), "12_months".to_owned()];
        let columns = [CLV.published(&horizons), RANK.published(&horizons)].concat();
        let found: Vec<_> = columns.iter().map(|column| (column.name.as_str(), column.horizon)).collect();
        assert_eq!(found, [("clv_3_months", Some(0)), ("clv_12_months", Some(1)), ("clv_rank", None)]);
        assert!(CLV.published(&[]).is_empty());
    }
}
