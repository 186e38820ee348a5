//! The customer ids of lookup tables, as the run compares them: of the type of the input, trimmed and lowercased as its ids.
//!
//! Does not live here: which customer an id belongs to (`clean::aliases`, `job::lookups`), and reading a table (`source`).

use polars_arrow::array::{StaticArray, Utf8ViewArray};

use super::part::InputPart;
use super::same_id;
use crate::clean::judged::is_blank;
use crate::config::Config;
use crate::error::{Error, Result, SHOWN};
use crate::source::kinds::ColumnKind;
use crate::source::lookup::{LookupFooters, LookupIds, LookupRows};

/// The column of ids of a lookup table, and the setting that names the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdColumnOf<'a> {
    pub(crate) setting: &'a str,
    pub(crate) column: &'a str,
}

/// Refuses ids of another type than those of the input.
///
/// # Errors
/// A source error that says what to write instead.
pub(crate) fn refuse_other_type(of: IdColumnOf<'_>, footers: &LookupFooters, has_text_ids: bool) -> Result<()> {
    let IdColumnOf { setting, column } = of;
    let kind = footers.kind(column)?;
    let (fits, expected, cast) = if has_text_ids {
        (kind == ColumnKind::Text || kind == ColumnKind::Null, "texts", "VARCHAR")
    } else {
        let is_whole = match kind {
            ColumnKind::Decimal { scale, .. } => scale == 0,
            _ => kind.is_number() || kind == ColumnKind::Null,
        };
        (is_whole, "whole numbers", "BIGINT")
    };
    if fits {
        return Ok(());
    }
    let example = footers.example(column).map(|id| format!(", row 0 is `{id}`")).unwrap_or_default();
    Err(Error::source(format!("the ids in `{column}` of `{setting}` are {kind}"))
        .cause(format!("expected {expected}, as the customer ids of the input are{example}"))
        .hint(format!("write that column with the type of the input: `CAST({column} AS {cast})`")))
}

/// The ids of a column, none of which may be missing.
///
/// # Errors
/// A source error that names the rows without an id.
pub(crate) fn complete(of: IdColumnOf<'_>, rows: &LookupRows, config: &Config) -> Result<LookupIds> {
    let ids = same(rows.ids(of.column)?, config);
    let missing = |row: &usize| match &ids {
        LookupIds::Integer(ids) => ids.get(*row).is_none().then_some("null"),
        LookupIds::Text(ids) => match ids.get(*row) {
            None => Some("null"),
            Some(id) => is_blank(id.as_bytes()).then_some("blank"),
        },
    };
    let found: Vec<(usize, &str)> = (0..ids.len()).filter_map(|row| Some((row, missing(&row)?))).collect();
    if found.is_empty() {
        return Ok(ids);
    }
    let shown =
        found.iter().take(SHOWN + 1).map(|(row, what)| format!("{}: `{}` is {what}", rows.place(*row), of.column));
    let headline = format!("`{}` has {} rows without an id in `{}`", of.setting, found.len(), of.column);
    Err(Error::source(headline).causes(shown).hint("leave these rows out, or give them their id, at the source"))
}

/// The ids that stand for no customer in any of the inputs: what is nobody in one of them may be somebody in another.
pub(crate) fn nobody(parts: &[InputPart]) -> Vec<String> {
    let [first, others @ ..] = parts else { return Vec::new() };
    let is_nobody = |id: &&String| others.iter().all(|part| part.rules.nobody.contains(id));
    first.rules.nobody.iter().filter(is_nobody).cloned().collect()
}

/// The ids, trimmed and lowercased where the settings ask for that.
pub(crate) fn same(ids: LookupIds, config: &Config) -> LookupIds {
    match ids {
        LookupIds::Text(texts) if config.clean.trim_ids || config.clean.lowercase_ids => {
            let same: Vec<Option<String>> = texts.iter().map(|id| id.map(|id| same_id(id, config))).collect();
            LookupIds::Text(Utf8ViewArray::from_slice(same))
        }
        ids => ids,
    }
}
