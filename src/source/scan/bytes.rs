//! Columns of bytes as texts.
//!
//! Does not live here: which columns these are (`readings`).

use std::fmt::Write;

use polars::prelude::*;

use crate::error::Error;
use crate::source::options::BinaryText;

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Utf8,
    Hex,
    Uuid,
}

impl From<BinaryText> for Form {
    fn from(form: BinaryText) -> Self {
        match form {
            BinaryText::Utf8 => Self::Utf8,
            BinaryText::Hex => Self::Hex,
            BinaryText::Uuid => Self::Uuid,
        }
    }
}

/// How the message of bytes begins that are no such text.
const NO_TEXT: &str = "bytes are no text: ";

/// The bytes of a UUID, and before which of them a hyphen stands.
const UUID_BYTES: usize = 16;
const HYPHENS: [usize; 4] = [4, 6, 8, 10];

/// The column of this name as texts; one that the engine reads as texts stays.
pub(super) fn as_text(name: &str, form: Form) -> Expr {
    let field = Field::new(name.into(), DataType::String);
    Expr::Column(name.into()).map(move |column| texts(&column, form), move |_, _| Ok(field.clone()))
}

fn texts(column: &Column, form: Form) -> PolarsResult<Column> {
    let DataType::Binary = column.dtype() else { return column.strict_cast(&DataType::String) };
    let name = column.name();
    let mut builder = StringChunkedBuilder::new(name.clone(), column.len());
    let mut text = String::new();
    for value in column.binary()?.iter() {
        let Some(bytes) = value else {
            builder.append_null();
            continue;
        };
        match form {
            Form::Utf8 => {
                let utf8 = std::str::from_utf8(bytes);
                let wrong = |_| polars_err!(ComputeError: "{NO_TEXT}`{name}` holds bytes that are not UTF-8");
                builder.append_value(utf8.map_err(wrong)?);
                continue;
            }
            Form::Uuid if bytes.len() != UUID_BYTES => {
                polars_bail!(ComputeError: "{NO_TEXT}`{name}` holds {} bytes where a UUID has {UUID_BYTES}", bytes.len());
            }
            Form::Uuid | Form::Hex => {}
        }
        text.clear();
        for (place, byte) in bytes.iter().enumerate() {
            if form == Form::Uuid && HYPHENS.contains(&place) {
                text.push('-');
            }
            let _ = write!(text, "{byte:02x}");
        }
        builder.append_value(&text);
    }
    Ok(builder.finish().into_column())
}

/// The error where a scan failed of such bytes.
pub(super) fn failure(cause: &str) -> Option<Error> {
    let what = cause.split_once(NO_TEXT)?.1;
    let error = Error::source(what.split('\n').next().unwrap_or(what));
    Some(
        error.hint("`input.binary_as_text = \"hex\"` takes all bytes; a text is best written with the UTF8 annotation"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], form: Form) -> PolarsResult<String> {
        let column = texts(&Column::new("id".into(), [Some(bytes), None]), form)?;
        assert_eq!(column.null_count(), 1);
        Ok(column.str()?.get(0).unwrap_or_default().to_owned())
    }

    #[test]
    fn bytes_become_the_text_that_they_stand_for() {
        // The example of RFC 4122, section 3.
        let uuid = [0xf8, 0x1d, 0x4f, 0xae, 0x7d, 0xec, 0x11, 0xd0, 0xa7, 0x65, 0x00, 0xa0, 0xc9, 0x1e, 0x6b, 0xf6];
        assert_eq!(text(&uuid, Form::Uuid).unwrap(), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
        assert_eq!(text(&uuid[..3], Form::Hex).unwrap(), "f81d4f");
        assert_eq!(text("Zoë".as_bytes(), Form::Utf8).unwrap(), "Zoë");
        assert!(text(&uuid[..3], Form::Uuid).unwrap_err().to_string().contains("3 bytes where a UUID has 16"));
        assert!(text(&[0xff], Form::Utf8).unwrap_err().to_string().contains("not UTF-8"));
    }

    #[test]
    fn what_is_a_text_already_stays() {
        let column = Column::new("id".into(), ["a"]);
        assert_eq!(texts(&column, Form::Utf8).unwrap(), column);
    }
}
