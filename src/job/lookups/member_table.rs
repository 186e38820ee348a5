//! The table of members: which columns it must have, and their values as they are published.
//!
//! Does not live here: whose rows they are (`members`).

use polars::prelude::*;

use crate::clean::dates::{self, DateRules};
use crate::clean::quarantine::raw_text;
use crate::clean::zone::VALID_DAYS;
use crate::config::Config;
use crate::error::{Error, Problems, Result, SHOWN};
use crate::input::dates::rules_of_lookup;
use crate::input::lookup_ids::{self, IdColumnOf};
use crate::members::MemberColumns;
use crate::source::kinds::ColumnKind;
use crate::source::lookup::{LookupFooters, LookupRows};

/// The key of its path.
pub(super) const SETTING: &str = "customers.path";

/// The table, as its footers and the settings describe it.
#[derive(Debug)]
pub(crate) struct MemberTable {
    pub(super) footers: LookupFooters,
    /// Its column of ids.
    pub(super) id: String,
}

impl MemberTable {
    pub(super) fn ids(&self) -> IdColumnOf<'_> {
        IdColumnOf { setting: SETTING, column: &self.id }
    }

    /// The kind of one of its columns; none where it has none of this name.
    pub(crate) fn kind(&self, name: &str) -> Option<ColumnKind> {
        self.footers.kind(name).ok()
    }

    /// Its rows.
    pub(crate) fn rows(&self) -> u64 {
        self.footers.rows()
    }
}

/// Looks at the footers of the table; none where none is named. `has_text_ids` says what ids the input has, where that is known.
///
/// # Errors
/// Source errors with everything that is wrong: no such table, columns that are missing or of another type.
pub(crate) fn look(config: &Config, has_text_ids: Option<bool>) -> Result<Option<MemberTable>> {
    let options = &config.customers;
    let Some(path) = &options.path else { return Ok(None) };
    let footers = LookupFooters::read(path)?;
    let found = Problems::refuse_any(|problems| {
        let id = problems.note(footers.first_of(&options.member_ids(&config.columns.customer_id)));
        let of = id.as_deref().zip(has_text_ids);
        if let Some((column, texts)) = of {
            let of = IdColumnOf { setting: SETTING, column };
            problems.note(lookup_ids::refuse_other_type(of, &footers, texts));
        }
        for name in &options.attributes {
            problems.note(footers.kind(name).and_then(|kind| refuse_attribute(name, &kind)));
        }
        if let Some(name) = &options.consent {
            problems.note(footers.kind(name).and_then(|kind| refuse_consent(name, &kind)));
        }
        if let Some(name) = &options.sign_up_date {
            let has_format = config.dates.format.is_some();
            problems.note(footers.kind(name).and_then(|kind| refuse_date(name, &kind, has_format)));
        }
        id
    })?;
    let id = found.ok_or_else(|| Error::bug("a table of members without a problem has no ids"))?;
    Ok(Some(MemberTable { footers, id }))
}

fn refused(setting: &str, name: &str, kind: &ColumnKind, expected: &str, hint: &str) -> Error {
    Error::source(format!("`{name}` of `{SETTING}` ({setting}) is {kind}, expected {expected}")).hint(hint)
}

fn refuse_attribute(name: &str, kind: &ColumnKind) -> Result<()> {
    use ColumnKind as Kind;
    match kind {
        Kind::Binary | Kind::Time | Kind::Int96 | Kind::Nested(_) | Kind::Other(_) => {
            let (expected, hint) = ("a text, number, date or timestamp", "cast it to a text at its source");
            Err(refused("customers.attributes", name, kind, expected, hint))
        }
        _ => Ok(()),
    }
}

fn refuse_consent(name: &str, kind: &ColumnKind) -> Result<()> {
    match kind {
        ColumnKind::Bool | ColumnKind::Null => Ok(()),
        _ => {
            let hint = format!("cast it to a boolean at its source, such as `{name} = 'yes'`");
            Err(refused("customers.consent", name, kind, "true or false (boolean)", &hint))
        }
    }
}

fn refuse_date(name: &str, kind: &ColumnKind, has_format: bool) -> Result<()> {
    match kind {
        ColumnKind::Date | ColumnKind::Timestamp { .. } | ColumnKind::Null => Ok(()),
        ColumnKind::Text if has_format => Ok(()),
        _ => {
            let hint = format!("cast it to a date at its source: `CAST({name} AS DATE)`");
            Err(refused("customers.sign_up_date", name, kind, "a date or timestamp", &hint))
        }
    }
}

/// The columns that are published, typed as they are published.
///
/// # Errors
/// A source error where a date is none, with its row and value.
pub(super) fn columns(rows: &LookupRows, config: &Config, footers: &LookupFooters) -> Result<MemberColumns> {
    let options = &config.customers;
    let unfit = |error: PolarsError| Error::source(format!("`{SETTING}` cannot be read")).cause(error);
    let attribute = |name: &String| published(rows.column(name)?).map_err(unfit);
    let consent = |name: &String| {
        let column = rows.column(name)?.cast(&DataType::Boolean).map_err(unfit)?;
        Ok(column.bool().map_err(unfit)?.iter().collect())
    };
    let sign_up_days = |name: &String| {
        let rules = rules_of_lookup(&config.dates, &footers.kind(name)?);
        days(rows, name, &rules)
    };
    Ok(MemberColumns {
        sign_up_name: options.sign_up_date.clone().unwrap_or_default(),
        consent_name: options.consent.clone().unwrap_or_default(),
        sign_up_days: options.sign_up_date.as_ref().map(sign_up_days).transpose()?,
        consent: options.consent.as_ref().map(consent).transpose()?,
        attributes: options.attributes.iter().map(attribute).collect::<Result<_>>()?,
    })
}

/// The day of each row; none where it is null.
fn days(rows: &LookupRows, name: &str, rules: &DateRules) -> Result<Vec<Option<i32>>> {
    let column = rows.column(name)?;
    if column.null_count() == column.len() {
        return Ok(vec![None; column.len()]);
    }
    let days = dates::days(column, rules)
        .map_err(|error| Error::source(format!("`{SETTING}` cannot be read")).cause(error))?;
    let nulls = column.is_null();
    let is_null = |row: usize| nulls.get(row) == Some(true);
    let odd = days.iter().enumerate().filter(|(row, day)| !VALID_DAYS.contains(day) && !is_null(*row));
    let odd = odd.map(|(row, _)| format!("{}: `{name}` is {}", rows.place(row), value_text(column, row)));
    let odd: Vec<String> = odd.take(SHOWN + 1).collect();
    if !odd.is_empty() {
        return Err(Error::source(format!(
            "`{name}` of `{SETTING}` (customers.sign_up_date) has values that are no dates"
        ))
        .causes(odd)
        .hint("texts must be written as `dates.format` says; leave out what is not known"));
    }
    Ok(days.into_iter().map(|day| VALID_DAYS.contains(&day).then_some(day)).collect())
}

/// A value of a column in backticks, as messages show it.
pub(super) fn value_text(column: &Column, row: usize) -> String {
    let text = column.get(row).ok().and_then(|value| raw_text(&value));
    text.map_or_else(|| "null".to_owned(), |text| format!("`{text}`"))
}

/// An attribute in its published type, as those of the input are: numbers without a type of their own are texts.
fn published(column: &Column) -> PolarsResult<Column> {
    Ok(match column.dtype() {
        DataType::Datetime(..) => {
            let texts =
                (0..column.len()).map(|row| Ok(raw_text(&column.get(row)?))).collect::<PolarsResult<Vec<_>>>()?;
            StringChunked::from_iter_options(column.name().clone(), texts.into_iter()).into_column()
        }
        DataType::UInt64 | DataType::Decimal(..) | DataType::Null => column.cast(&DataType::String)?,
        _ => column.clone(),
    })
}
