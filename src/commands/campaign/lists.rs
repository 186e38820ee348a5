//! Lists of customer ids, in tables or in texts: who has consented, who is blocked, who was contacted lately, who responded.
//!
//! Ids are written as in the input; where the published ids are pseudonyms, they go through the same hash first, unless they are
//! pseudonyms already. Does not live here: what a list is for.

use std::path::Path;

use polars::prelude::*;
use rayon::prelude::*;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::input::same_id;
use crate::privacy::Pseudonyms;
use crate::source::kinds::ColumnKind;
use crate::source::lookup::{LookupFooters, LookupIds, LookupRows};

/// Hexadecimal digits of a pseudonym.
const PSEUDONYM_DIGITS: usize = 64;

/// A customer's id as the published tables have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Id {
    Integer(i64),
    Text(String),
}

/// How ids of lists become those of the published tables.
pub(super) struct IdRules<'a> {
    are_integers: bool,
    /// The settings of the run: trimmed, lower-case.
    settings: &'a Config,
    are_hashed: bool,
    key: Result<Option<Pseudonyms>>,
}

impl<'a> IdRules<'a> {
    /// `ids` is the kind of the published ids; `key` gives the pseudonyms, which are needed only if a list holds plain ids.
    pub(super) fn new(ids: Option<&ColumnKind>, settings: &'a Config, key: Result<Option<Pseudonyms>>) -> Self {
        let are_integers = matches!(ids, Some(ColumnKind::Int { .. }));
        Self { are_integers, settings, are_hashed: settings.privacy.hash_ids, key }
    }

    /// The id as it is published; none where it cannot be one of these.
    ///
    /// # Errors
    /// A config error where it must be hashed and there is no key.
    pub(super) fn published(&self, id: &str) -> Result<Option<Id>> {
        let id = same_id(id, self.settings);
        if self.are_hashed && !is_pseudonym(&id) {
            let pseudonyms = self.key.as_ref().map_err(|error| {
                let headline = "a list holds plain ids, and the published ids are pseudonyms";
                Error::config(headline)
                    .causes(error.shown_causes())
                    .hint("give the key of the run with --hash-key-file or RFMETRICS_HASH_KEY, or lists of pseudonyms")
            })?;
            return Ok(pseudonyms.as_ref().map(|pseudonyms| Id::Text(pseudonyms.text_of(id.as_bytes()))));
        }
        Ok(if self.are_integers { id.trim().parse().ok().map(Id::Integer) } else { Some(Id::Text(id)) })
    }

    /// Names that the column of ids may have.
    pub(super) fn columns(&self) -> [&str; 2] {
        ["customer_id", self.settings.columns.customer_id.as_str()]
    }
}

fn is_pseudonym(id: &str) -> bool {
    id.len() == PSEUDONYM_DIGITS && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Distinct ids, ascending.
#[derive(Debug, Default)]
pub(super) struct SortedIds(Vec<Id>);

impl SortedIds {
    pub(super) fn new(mut ids: Vec<Id>) -> Self {
        ids.par_sort_unstable();
        ids.dedup();
        Self(ids)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Which of these published ids are among them, row by row.
    ///
    /// # Errors
    /// A Polars error where the column is neither of numbers nor of texts.
    pub(super) fn among(&self, ids: &Column) -> PolarsResult<Vec<bool>> {
        if self.0.is_empty() {
            return Ok(vec![false; ids.len()]);
        }
        if let Ok(integers) = ids.i64() {
            let integers: Vec<i64> = integers.iter().map(Option::unwrap_or_default).collect();
            let has = |id: &i64| self.0.binary_search_by(|known| compare_integer(known, *id)).is_ok();
            return Ok(integers.par_iter().map(has).collect());
        }
        let texts: Vec<&str> = ids.str()?.iter().map(Option::unwrap_or_default).collect();
        let has = |id: &&str| self.0.binary_search_by(|known| compare_text(known, id)).is_ok();
        Ok(texts.par_iter().map(has).collect())
    }
}

fn compare_integer(known: &Id, id: i64) -> std::cmp::Ordering {
    match known {
        Id::Integer(known) => known.cmp(&id),
        Id::Text(_) => std::cmp::Ordering::Greater,
    }
}

fn compare_text(known: &Id, id: &str) -> std::cmp::Ordering {
    match known {
        Id::Integer(_) => std::cmp::Ordering::Less,
        Id::Text(known) => known.as_str().cmp(id),
    }
}

/// The rows of a table of ids with some of its other columns.
pub(super) struct IdTable {
    pub(super) rows: LookupRows,
    pub(super) ids: LookupIds,
}

impl IdTable {
    /// Reads the table at `path` for a setting, with the columns of `others` that it has.
    ///
    /// # Errors
    /// A source error where there is none, it has no column of ids, or cannot be read.
    pub(super) fn read(path: &str, rules: &IdRules<'_>, others: &[&str]) -> Result<Self> {
        let footers = LookupFooters::read(path)?;
        let id = footers.first_of(&rules.columns())?;
        let others = others.iter().filter(|name| footers.first_of(&[**name]).is_ok());
        let columns: Vec<String> = others.map(|name| (*name).to_owned()).chain([id.clone()]).collect();
        let rows = LookupRows::of(&footers, &columns)?;
        let ids = rows.ids(&id)?;
        Ok(Self { rows, ids })
    }

    /// The days of the first of these columns that there is, since 1970-01-01; none without any.
    ///
    /// # Errors
    /// A source error where it holds something other than dates.
    pub(super) fn days(&self, path: &str, names: &[&str]) -> Result<Option<Vec<Option<i32>>>> {
        let Some(column) = names.iter().find_map(|name| self.rows.column(name).ok()) else { return Ok(None) };
        let wrong = |cause: String| {
            Error::source(format!("`{path}`: column `{}` holds no dates", column.name()))
                .cause(cause)
                .hint("cast it to DATE at its source")
        };
        if !matches!(column.dtype(), DataType::Date | DataType::Datetime(..) | DataType::Null) {
            return Err(wrong(format!("it is {}, expected dates or timestamps", column.dtype())));
        }
        let days = column.cast(&DataType::Date).map_err(|error| wrong(error.to_string()))?;
        let days = days.date().map_err(|error| wrong(error.to_string()))?;
        Ok(Some(days.physical().iter().collect()))
    }

    /// The texts of a column; none where there is no such column.
    pub(super) fn texts(&self, name: &str) -> Option<Column> {
        self.rows.column(name).ok()?.cast(&DataType::String).ok()
    }
}

/// The distinct ids of the rows of a table, or of the lines of a text, that `keeps`; a null id is nobody.
///
/// # Errors
/// A source error where it cannot be read; a config error where a line is no id, or the key of pseudonyms is missing.
pub(super) fn read_ids(setting: &str, path: &str, rules: &IdRules<'_>) -> Result<SortedIds> {
    if Path::new(path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("txt")) {
        return read_lines(setting, path, rules);
    }
    let table = IdTable::read(path, rules, &[])?;
    ids_where(&table, rules, |_| true)
}

/// The distinct ids of the rows that `keeps`.
///
/// # Errors
/// As [`IdRules::published`].
pub(super) fn ids_where(
    table: &IdTable,
    rules: &IdRules<'_>,
    keeps: impl Fn(usize) -> bool + Sync,
) -> Result<SortedIds> {
    let id = |row: usize| table.ids.shown(row).map_or(Ok(None), |id| rules.published(&id));
    let ids: Result<Vec<Option<Id>>> = (0..table.ids.len()).into_par_iter().filter(|row| keeps(*row)).map(id).collect();
    Ok(SortedIds::new(ids?.into_iter().flatten().collect()))
}

fn read_lines(setting: &str, path: &str, rules: &IdRules<'_>) -> Result<SortedIds> {
    let wrong = |what: String| Error::config(format!("`{setting}`: `{path}` {what}"));
    let bytes = std::fs::read(path).map_err(|error| wrong("cannot be read".to_owned()).cause(error))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong("is no UTF-8 text".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut ids = Vec::new();
    for (line, id) in (1..).zip(text.lines()).filter(|(_, id)| !id.trim().is_empty()) {
        let id = rules.published(id)?.ok_or_else(|| {
            wrong(format!("has no whole number in line {line}, but customer ids are whole numbers"))
                .hint("write one customer id per line, and nothing else")
        })?;
        ids.push(id);
    }
    Ok(SortedIds::new(ids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_among_numbers_and_texts() {
        let ids = SortedIds::new(vec![Id::Integer(5), Id::Integer(-1), Id::Integer(5)]);
        assert_eq!(ids.len(), 2);
        let column = Column::new("customer_id".into(), [-1_i64, 0, 5]);
        assert_eq!(ids.among(&column).unwrap(), [true, false, true]);
        let texts = SortedIds::new(vec![Id::Text("b".into()), Id::Text("a".into())]);
        assert_eq!(texts.among(&Column::new("customer_id".into(), ["a", "aa"])).unwrap(), [true, false]);
        assert_eq!(texts.among(&column).unwrap(), [false; 3]);
    }

    #[test]
    fn plain_ids_are_hashed_as_the_published_ones_and_need_the_key() {
        let mut settings = Config::default();
        settings.privacy.hash_ids = true;
        let pseudonyms = Pseudonyms::new(&[0x0b; 20], "test").unwrap();
        let hashed = pseudonyms.text_of(b"17");
        let rules = IdRules::new(Some(&ColumnKind::Text), &settings, Ok(Some(pseudonyms)));
        assert_eq!(rules.published("17").unwrap(), Some(Id::Text(hashed.clone())));
        assert_eq!(rules.published(&hashed).unwrap(), Some(Id::Text(hashed.clone())));
        let without = IdRules::new(Some(&ColumnKind::Text), &settings, Err(Error::config("no key")));
        assert_eq!(without.published(&hashed).unwrap(), Some(Id::Text(hashed)));
        assert!(without.published("17").unwrap_err().to_string().contains("pseudonyms"));
    }
}
