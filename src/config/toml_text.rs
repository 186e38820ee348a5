//! The text of a configuration file as a list of settings with their lines.
//!
//! Lives here: syntax errors, reported by line and column and without quoting the file, since a line may hold a secret;
//! the limit on nesting. Does not live here: which keys exist.

use toml::Value;
use toml::de::{DeInteger, DeTable, DeValue};

/// One key of the file and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The dotted name as written, `score.recency.bins`.
    pub(super) name: String,
    /// Its value; nothing for a number that 64 bits do not hold.
    pub(super) value: Option<Value>,
    /// The line of the key, counted from 1.
    pub(super) line: usize,
}

/// Deeper nesting is refused before it is parsed: no setting needs more than two levels, and a parser
/// or a destructor that recurses could run out of stack.
const DEEPEST_NESTING: usize = 64;

/// Which tables hold settings: a table alone, and each of a list of tables (`[[input]]`).
pub(super) struct Sections<S, L> {
    /// Whether the table of this dotted name does.
    pub(super) is_section: S,
    /// Whether each table of the list of this name does. The keys of the first are called `input[0].paths`, and a table itself
    /// is the entry `input[0]`.
    pub(super) is_list: L,
}

/// The settings in `text`, in the order of lines. A table counts as one entry and is not descended into, unless
/// `sections` says that it holds settings.
///
/// # Errors
/// Line, column and cause of the first text that is not TOML.
pub(super) fn entries(
    text: &str,
    sections: &Sections<impl Fn(&str) -> bool, impl Fn(&str) -> bool>,
) -> Result<Vec<Entry>, String> {
    if let Some(offset) = too_deep(text) {
        return Err(format!("{}: nested more than {DEEPEST_NESTING} levels deep", position(text, offset)));
    }
    let table = DeTable::parse(text).map_err(|error| syntax_error(text, &error))?;
    let mut entries = Vec::new();
    walk(table.get_ref(), "", &Lines::of(text), sections, &mut entries);
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

/// Adds the keys of `table`, which is the one called `name`.
fn walk(
    table: &DeTable<'_>,
    name: &str,
    lines: &Lines,
    sections: &Sections<impl Fn(&str) -> bool, impl Fn(&str) -> bool>,
    entries: &mut Vec<Entry>,
) {
    for (key, value) in table {
        let part = key.get_ref().as_ref();
        let full = if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
        match value.get_ref() {
            DeValue::Table(inner) if (sections.is_section)(&full) => walk(inner, &full, lines, sections, entries),
            DeValue::Array(items) if (sections.is_list)(&full) && !items.is_empty() => {
                for (place, item) in items.iter().enumerate() {
                    let (own, line) = (format!("{full}[{place}]"), lines.line_of(item.span().start));
                    match item.get_ref() {
                        DeValue::Table(inner) => {
                            entries.push(Entry {
                                name: own.clone(),
                                value: Some(Value::Table(toml::Table::new())),
                                line,
                            });
                            walk(inner, &own, lines, sections, entries);
                        }
                        other => entries.push(Entry { name: own, value: value_of(other), line }),
                    }
                }
            }
            other => {
                entries.push(Entry { name: full, value: value_of(other), line: lines.line_of(key.span().start) });
            }
        }
    }
}

/// A parsed value in the owned form, or nothing where a number does not fit 64 bits.
fn value_of(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(integer) => Value::Integer(integer_of(integer)?),
        DeValue::Float(float) => Value::Float(float.as_str().parse().ok()?),
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::Datetime(date) => Value::Datetime(*date),
        DeValue::Array(items) => {
            Value::Array(items.iter().map(|item| value_of(item.get_ref())).collect::<Option<_>>()?)
        }
        DeValue::Table(table) => {
            let fields = table.iter().map(|(key, value)| Some((key.get_ref().to_string(), value_of(value.get_ref())?)));
            Value::Table(fields.collect::<Option<_>>()?)
        }
    })
}

/// The number, where 64 bits hold it.
fn integer_of(integer: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// Line, column and message of the parser. Its `Display` would draw the line, which may hold a secret.
fn syntax_error(text: &str, error: &toml::de::Error) -> String {
    let message = error.message();
    let Some(span) = error.span() else { return format!("not TOML: {message}") };
    format!("{}: not TOML: {message}", position(text, span.start))
}

/// `line 3, column 7`, both counted from 1, the column in characters.
fn position(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = 1 + before.matches('\n').count();
    let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
    format!("line {line}, column {column}")
}

/// The starts of all lines, so that 20,000 keys are located in one pass.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(offset, _)| offset + 1)).collect())
    }

    fn line_of(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

/// Where the text nests too deep: by brackets, or by the dots of one key. Brackets inside texts and comments do not
/// count, as far as that can be seen from one line; a text of several lines may be refused, but no setting needs one.
fn too_deep(text: &str) -> Option<usize> {
    let (mut brackets, mut dots) = (0_usize, 0_usize);
    let mut quote: Option<char> = None;
    let mut characters = text.char_indices();
    while let Some((offset, character)) = characters.next() {
        match (quote, character) {
            (_, '\n') => (quote, dots) = (None, 0),
            (Some('"'), '\\') => drop(characters.next()),
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '#') => quote = Some('\n'),
            (None, '[' | '{') => (brackets, dots) = (brackets + 1, 0),
            (None, ']' | '}') => brackets = brackets.saturating_sub(1),
            (None, ',' | '=') => dots = 0,
            (None, '.') => dots += 1,
            (Some(_) | None, _) => {}
        }
        if brackets > DEEPEST_NESTING || dots > DEEPEST_NESTING {
            return Some(offset);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Entry>, String> {
        let is_section = |name: &str| ["score", "score.recency", "list[1].score"].contains(&name);
        entries(text, &Sections { is_section, is_list: |name: &str| name == "list" })
    }

    fn names(text: &str) -> Vec<(String, usize)> {
        read(text).unwrap().into_iter().map(|entry| (entry.name, entry.line)).collect()
    }

    #[test]
    fn keys_have_their_line_however_the_table_is_written() {
        let expected = |line| vec![("score.recency.bins".to_owned(), line)];
        assert_eq!(names("[score.recency]\nbins = 4"), expected(2));
        assert_eq!(names("\n[score]\nrecency.bins = 4"), expected(3));
        assert_eq!(names("score = { recency = { bins = 4 } }"), expected(1));
        assert_eq!(names("[other]\na.b = 4"), vec![("other".to_owned(), 1)], "an unknown table is one entry");
    }

    #[test]
    fn tables_of_a_list_have_their_place_and_their_keys_their_lines() {
        let found = names("[[list]]\na = 1\n[[list]]\n[list.score]\nx = 3\n[list.b]\nz = 1");
        let expected = [("list[0]", 1), ("list[0].a", 2), ("list[1]", 3), ("list[1].score.x", 5), ("list[1].b", 6)];
        assert_eq!(found, expected.map(|(name, line)| (name.to_owned(), line)));
        let inline = names("list = [{ a = 1 }, 3]");
        assert_eq!(
            inline.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["list[0]", "list[0].a", "list[1]"]
        );
    }

    #[test]
    fn syntax_errors_have_a_position_and_quote_nothing() {
        let secret = "hunter2";
        for text in [
            format!("a = 1\npassword = {secret}"),
            format!("password = \"{secret}"),
            format!("password = \"{secret}\\q\""),
            format!("password: {secret}"),
            format!("{secret} {secret} = 1"),
            format!("[{secret}\n"),
            format!("a = 1{secret}"),
            format!("a = {{ {secret} }}"),
            format!("{secret} = 1\n{secret} = 2"),
            format!("{secret}.a = 1\n[{secret}]"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains("line ") && !error.contains(secret), "{text:?} gives {error}");
        }
        assert!(read("a = 1\nb = = 2").unwrap_err().starts_with("line 2, column 5"));
    }

    #[test]
    fn nesting_is_bounded_in_every_way_to_write_it() {
        for text in [
            format!("a = {}", "[".repeat(50_000)),
            format!("a = {}1{}", "{ a = ".repeat(50_000), "}".repeat(50_000)),
            format!("{}a = 1", "a.".repeat(50_000)),
            format!("[{}a]", "a.".repeat(50_000)),
        ] {
            assert!(read(&text).unwrap_err().contains("64 levels"), "{}", &text[..20]);
        }
        let many_flat = format!("a = [{}]", "0.1, ".repeat(10_000));
        assert!(read(&many_flat).is_ok());
        assert!(read("a = \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\" # [[[[[").is_ok());
    }

    #[test]
    fn a_number_beyond_64_bits_has_no_value() {
        assert_eq!(read("a = 9223372036854775808").unwrap()[0].value, None, "i64::MAX + 1");
        assert_eq!(read("a = 9223372036854775807").unwrap()[0].value, Some(Value::Integer(i64::MAX)));
        assert_eq!(read("a = -0x8000000000000000").ok().map(|entries| entries[0].value.clone()), None);
        assert_eq!(read("a = 1_000").unwrap()[0].value, Some(Value::Integer(1_000)));
    }
}
