//! Values given as text (environment, `--set`) and the check of a value against the kind its key wants.
//!
//! Does not live here: which values make sense (`validate`).

use serde::Deserialize;
use toml::Value;

use super::Config;
use super::keys::{Key, Kind};
use super::problem::Problem;

/// The value in `--set KEY=VALUE`: a TOML array or quoted text if it is one, else the text itself, which is then read
/// according to the kind of its key.
#[must_use]
pub fn value_of_text(text: &str) -> Value {
    let looks_like_toml = text.starts_with(['[', '"', '\'']);
    let parsed = if looks_like_toml { text.trim_end().parse().ok() } else { None };
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// `value` as the kind that `key` wants. Text that did not come from a file (`from_text`) is read as a number, a list
/// and so on if the key wants one; in a file, `"5"` is a text and not a number.
pub(super) fn fitted(key: &Key, value: Value, from_text: bool) -> Result<Value, Problem> {
    let value = match value {
        Value::String(text) if from_text => read(&key.kind, &text),
        other => other,
    };
    let value = with_dates_as_text(&key.kind, value);
    if !fits(&key.kind, &value) {
        return Err(Problem::new(&key.name, shown(&value), &key.kind));
    }
    match refusal(key, &value) {
        Some(expected) => Err(Problem::new(&key.name, shown(&value), expected)),
        None => Ok(value),
    }
}

/// `text` read as `kind`, or left as text if it is not of that kind, for the check that follows.
fn read(kind: &Kind, text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    match kind {
        Kind::Text | Kind::Choice(_) | Kind::Table => as_text(),
        Kind::Integer | Kind::Number | Kind::Boolean => text.trim().parse().unwrap_or_else(|_| as_text()),
        Kind::List(item) => read_list(item, text),
        Kind::Names => read_names(text),
        Kind::Either(kinds) => {
            let readings = kinds.iter().map(|kind| (kind, read(kind, text)));
            readings.into_iter().find(|(kind, value)| fits(kind, value)).map_or_else(as_text, |(_, value)| value)
        }
    }
}

/// A TOML array, or one name or several with commas between: those within brackets or quotes belong to a name.
fn read_names(text: &str) -> Value {
    let trimmed = text.trim();
    if trimmed.starts_with('[') && trimmed.ends_with(']') {
        return trimmed.parse().unwrap_or_else(|_| Value::String(text.to_owned()));
    }
    let (mut depth, mut quote) = (0_i32, None);
    let parts: Vec<&str> = text
        .split(|c: char| {
            match (quote, c) {
                (Some(open), _) if open == c => quote = None,
                (None, '\'' | '"' | '`') => quote = Some(c),
                (None, '(') => depth += 1,
                (None, ')') => depth -= 1,
                _ => {}
            }
            c == ',' && depth == 0 && quote.is_none()
        })
        .collect();
    match parts.as_slice() {
        // One name is taken byte for byte.
        [_] => Value::String(text.to_owned()),
        parts => Value::Array(parts.iter().map(|part| Value::from(part.trim())).collect()),
    }
}

/// A TOML array, or values separated by commas. A text that only starts with a bracket is not an array: file patterns
/// may start so.
fn read_list(item: &Kind, text: &str) -> Value {
    let trimmed = text.trim();
    if trimmed.starts_with('[') && trimmed.ends_with(']') {
        return trimmed.parse().unwrap_or_else(|_| Value::String(text.to_owned()));
    }
    Value::Array(trimmed.split(',').map(|part| read(item, part.trim())).collect())
}

/// A TOML date where text is wanted is its text: `as_of = 2026-01-01` needs no quotes.
fn with_dates_as_text(kind: &Kind, value: Value) -> Value {
    match (kind, value) {
        (Kind::Text, Value::Datetime(date)) => Value::String(date.to_string()),
        (Kind::List(item), Value::Array(items)) => {
            Value::Array(items.into_iter().map(|value| with_dates_as_text(item, value)).collect())
        }
        (_, other) => other,
    }
}

/// Whether the type of `value` is the one of `kind`, and its word one of the choices.
fn fits(kind: &Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Text | Kind::Names, Value::String(_))
        | (Kind::Integer | Kind::Number, Value::Integer(_))
        | (Kind::Number, Value::Float(_))
        | (Kind::Boolean, Value::Boolean(_))
        | (Kind::Table, Value::Table(_)) => true,
        (Kind::Choice(choices), Value::String(word)) => choices.iter().any(|choice| choice.name == *word),
        (Kind::List(item), Value::Array(items)) => items.iter().all(|value| fits(item, value)),
        (Kind::Names, Value::Array(items)) => items.iter().all(Value::is_str),
        (Kind::Either(kinds), value) => kinds.iter().any(|kind| fits(kind, value)),
        _ => false,
    }
}

/// What the options struct expects when it refuses a value of the right kind: a number out of range, a list of the
/// wrong length.
fn refusal(key: &Key, value: &Value) -> Option<String> {
    let error = Config::deserialize(nested(&key.name, value.clone())).err()?;
    let message = error.message();
    let expected = message.rsplit_once("expected ").map_or(message, |(_, expected)| expected).trim();
    Some(match &key.kind {
        Kind::List(item) if **item == Kind::Table => format!("tables of another form: {message}"),
        Kind::Integer if matches!(value, Value::Integer(number) if *number < 0) => {
            "a whole number of 0 or more".to_owned()
        }
        Kind::Integer => "a smaller whole number".to_owned(),
        _ => expected.to_owned(),
    })
}

/// The table that holds `value` under the dotted `name` and nothing else.
fn nested(name: &str, value: Value) -> Value {
    name.rsplit('.').fold(value, |inner, part| Value::Table([(part.to_owned(), inner)].into_iter().collect()))
}

/// A value as it is shown in messages.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("text `{text}`"),
        Value::Integer(number) => format!("`{number}`"),
        Value::Float(number) => format!("`{number}`"),
        Value::Boolean(truth) => format!("`{truth}`"),
        Value::Datetime(date) => format!("date `{date}`"),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Table(_) => "a table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys;

    fn fit(name: &str, text: &str) -> Option<Value> {
        fitted(keys::find(name).unwrap(), value_of_text(text), true).ok()
    }

    fn texts(items: &[&str]) -> Value {
        Value::Array(items.iter().map(|item| Value::from(*item)).collect())
    }

    #[test]
    fn text_is_read_by_the_kind_of_its_key() {
        assert_eq!(fit("score.recency.bins", " 4 "), Some(Value::Integer(4)));
        assert_eq!(fit("score.recency.bins", "four"), None);
        assert_eq!(fit("columns.amount", "4"), Some(Value::from("4")), "a column may be called 4");
        assert_eq!(fit("dates.as_of", "2026-01-01"), Some(Value::from("2026-01-01")));
        assert_eq!(fit("clean.strict", "true"), Some(Value::Boolean(true)));
        assert_eq!(fit("clean.strict", "yes"), None);
        assert_eq!(fit("clean.returns", "net"), Some(Value::from("net")));
        assert_eq!(fit("clean.returns", "nett"), None);
    }

    #[test]
    fn lists_are_comma_separated_or_toml() {
        assert_eq!(fit("input.paths", "a, b c"), Some(texts(&["a", "b c"])));
        assert_eq!(fit("input.paths", "[\"a,b\", 'c']"), Some(texts(&["a,b", "c"])));
        assert_eq!(fit("input.paths", "[ab]*.parquet"), Some(texts(&["[ab]*.parquet"])), "a pattern is no array");
        assert_eq!(fit("clean.nobody_ids", "[]"), Some(texts(&[])));
        assert_eq!(
            fit("score.recency.cuts", "7,30.5"),
            Some(Value::Array(vec![Value::Integer(7), Value::Float(30.5)]))
        );
        assert_eq!(fit("score.recency.cuts", "7;30"), None);
    }

    #[test]
    fn an_order_key_is_one_name_or_several() {
        let key = |text: &str| fit("columns.order_id", text).unwrap();
        assert_eq!(key("receipt"), Value::from("receipt"));
        assert_eq!(key(" Commande №"), Value::from(" Commande №"), "byte for byte");
        assert_eq!(key("store, receipt"), texts(&["store", "receipt"]));
        assert_eq!(key("[\"store, town\", \"receipt\"]"), texts(&["store, town", "receipt"]));
        assert_eq!(key("COALESCE(a, b)"), Value::from("COALESCE(a, b)"));
        assert_eq!(key("COALESCE(a, ','),b"), texts(&["COALESCE(a, ',')", "b"]));
        assert_eq!(key("[\"a,b\"]"), texts(&["a,b"]), "a list of one is a name with a comma");
        let kind = &keys::find("columns.order_id").unwrap().kind;
        assert_eq!(*kind, Kind::Names);
        assert!(!fits(kind, &Value::Array(vec![Value::Integer(1)])));
    }

    #[test]
    fn a_value_of_one_of_several_kinds_is_the_first_that_fits() {
        assert_eq!(fit("run.deny_warnings", "true"), Some(Value::Boolean(true)));
        assert_eq!(fit("run.deny_warnings", "stale_data, few_values"), Some(texts(&["stale_data", "few_values"])));
        assert_eq!(fit("run.deny_warnings", "['stale_data']"), Some(texts(&["stale_data"])));
        assert_eq!(fitted(keys::find("run.deny_warnings").unwrap(), Value::Integer(1), false).ok(), None);
    }

    #[test]
    fn what_the_struct_cannot_hold_is_refused_here() {
        assert_eq!(fit("score.recency.bins", "-1"), None);
        assert_eq!(fit("score.recency.bins", "4294967296"), None, "one more than u32 holds");
        assert_eq!(fit("clean.money_scale", "256"), None, "one more than u8 holds");
        assert_eq!(fit("reports.abc_limits", "0.8"), None, "two are needed");
    }

    #[test]
    fn a_quoted_text_of_a_flag_loses_its_quotes_and_deep_nesting_is_text() {
        assert_eq!(value_of_text("\"a b\""), Value::from("a b"));
        let deep = "[".repeat(50_000);
        assert_eq!(value_of_text(&deep), Value::String(deep.clone()));
    }
}
