//! Which rows are sales, and which columns say more about their money: event kinds, currencies, refunds.
//!
//! Lives here: what is proposed because of the values of such columns in the first rows. Does not live here: the columns of
//! the roles (`guess`), and known names (`names`).

use super::names;
use crate::source::footers::values::first_texts;
use crate::source::footers::{Column, FileFooter};
use crate::source::kinds::ColumnKind;

/// A filter, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilterGuess {
    pub(crate) condition: String,
    pub(crate) why: String,
}

/// Values that are named in a note.
const SHOWN: usize = 6;

/// The filter that leaves the purchases of an event stream.
pub(crate) fn purchases(columns: &[Column], files: &[FileFooter]) -> Option<FilterGuess> {
    let column = texts_named(columns, names::EVENT).next()?;
    let values = first_texts(files, &column.name)?;
    let rank = |value: &&String| names::rank(value, names::PURCHASES);
    let purchase = values.iter().filter(|value| rank(value).is_some()).min_by_key(rank)?;
    let others: Vec<&String> = values.iter().filter(|value| *value != purchase).collect();
    if others.is_empty() {
        return None;
    }
    let why = format!("`{}` is also {} in the first rows, which are no purchases", column.name, listed(&others));
    Some(FilterGuess { condition: format!("{} = {}", identifier(&column.name), literal(purchase)), why })
}

/// Notes about columns that change what an amount means. `taken`: the columns that have a role.
pub(crate) fn notes_on_money(columns: &[Column], files: &[FileFooter], taken: &[&str]) -> Vec<String> {
    let currency = currency(columns).map(|column| note_on_currency(column, files));
    let statuses = texts_named(columns, names::STATUS).filter_map(|column| note_on_status(column, files));
    let named = columns.iter().filter(|column| names::is_taken_back(&column.name) && !taken.contains(&&*column.name));
    let refunds = named.filter_map(|column| note_on_refund(column, taken));
    currency.into_iter().chain(statuses).chain(refunds).collect()
}

/// The column that says what amounts are in.
pub(crate) fn currency(columns: &[Column]) -> Option<&Column> {
    texts_named(columns, names::CURRENCY).next()
}

fn note_on_currency(column: &Column, files: &[FileFooter]) -> String {
    let name = &column.name;
    let values = first_texts(files, name).unwrap_or_default();
    let all: Vec<&String> = values.iter().filter(|value| !value.trim().is_empty()).collect();
    let checked = format!("with `columns.currency = \"{name}\"` a run stops where there are several and no rates");
    match all.as_slice() {
        [only] => format!(
            "currency: `{name}` is {} in the first rows; amounts of several currencies would be summed as they stand: {checked}",
            listed(&[*only])
        ),
        [] => format!(
            "currency: `{name}` seems to name one; amounts of several currencies would be summed as they stand: {checked}"
        ),
        [first, ..] => format!(
            "currency: `{name}` is {} in the first rows, and amounts are summed as they stand: to have them converted, set \
             `columns.currency` to `{name}`, `currency.base` to the currency of your reports, and `currency.rates` to a table of \
             rates; or keep one currency with `input.filter`, such as {} = {}",
            listed(&all),
            identifier(name),
            literal(first)
        ),
    }
}

fn note_on_status(column: &Column, files: &[FileFooter]) -> Option<String> {
    let name = &column.name;
    let values = first_texts(files, name)?;
    let back: Vec<&String> = values.iter().filter(|value| names::is_taken_back(value)).collect();
    if back.is_empty() || back.len() == values.len() {
        return None;
    }
    let literals: Vec<String> = back.iter().map(|value| literal(value)).collect();
    Some(format!(
        "refunds: `{name}` is also {} in the first rows; such rows count with their amounts as they stand: if these are not \
         below zero, leave the rows out with `input.filter`, such as {} NOT IN ({})",
        listed(&back),
        identifier(name),
        literals.join(", ")
    ))
}

fn note_on_refund(column: &Column, taken: &[&str]) -> Option<String> {
    let name = &column.name;
    let word = identifier(name);
    let filter = |condition: String| {
        format!(
            "refunds: `{name}` seems to say which rows were taken back; they count with their amounts as they stand: if these \
             are not below zero, leave the rows out with `input.filter`, such as {condition}"
        )
    };
    match column.kind {
        ColumnKind::Int { .. } | ColumnKind::Float32 | ColumnKind::Float64 | ColumnKind::Decimal { .. } => {
            let amount = taken.last().map_or_else(|| "amount".to_owned(), |amount| identifier(amount));
            Some(format!(
                "refunds: `{name}` may hold what was paid back; it is not taken off the amounts: if it is money of the same \
                 row, set `columns.amount` to {amount} - {word}"
            ))
        }
        ColumnKind::Bool => Some(filter(format!("{word} IS NOT TRUE"))),
        ColumnKind::Date | ColumnKind::Timestamp { .. } | ColumnKind::Int96 | ColumnKind::Text => {
            Some(filter(format!("{word} IS NULL")))
        }
        _ => None,
    }
}

/// The text columns with one of these names, the most specific name first.
fn texts_named<'a>(columns: &'a [Column], known: &'a [&str]) -> impl Iterator<Item = &'a Column> {
    let texts = columns.iter().filter(|column| column.kind == ColumnKind::Text);
    let mut ranked: Vec<(usize, &Column)> =
        texts.filter_map(|column| Some((names::rank(&column.name, known)?, column))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, column)| column)
}

fn listed(values: &[&String]) -> String {
    let shown: Vec<String> = values.iter().take(SHOWN).map(|value| format!("`{value}`")).collect();
    let more = values.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// A name as SQL has it: in quotes where it is more than letters, digits and underscores.
fn identifier(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_plain && !name.is_empty() { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_written_as_sql_reads_them() {
        assert_eq!(identifier("event_type"), "event_type");
        assert_eq!(identifier("Event Type"), "\"Event Type\"");
        assert_eq!(identifier("7\"days"), "\"7\"\"days\"");
        assert_eq!(literal("don't"), "'don''t'");
    }

    #[test]
    fn purchases_are_known_by_many_words() {
        for (value, expected) in [("Purchase", true), ("ORDER_COMPLETED", true), ("buy", true), ("view", false)] {
            assert_eq!(names::rank(value, names::PURCHASES).is_some(), expected, "{value}");
        }
    }

    #[test]
    fn a_column_of_refunds_is_pointed_at_by_its_type() {
        let note = |name: &str, kind: ColumnKind| {
            let column = Column::sample(name, kind);
            note_on_refund(&column, &["customer_id", "total_price"])
        };
        let money = note("total_refund", ColumnKind::Decimal { precision: 18, scale: 2 }).unwrap();
        assert!(money.ends_with("set `columns.amount` to total_price - total_refund"), "{money}");
        assert!(note("is_returned", ColumnKind::Bool).unwrap().ends_with("is_returned IS NOT TRUE"));
        assert!(note("cancelled_at", ColumnKind::Date).unwrap().ends_with("cancelled_at IS NULL"));
        assert_eq!(note("refunds", ColumnKind::Nested("list")), None);
    }
}
