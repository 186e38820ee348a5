//! CSV as RFC 4180 has it: UTF-8, commas, lines that end with CR LF, quotes where they are needed.
//!
//! A spreadsheet takes a text that begins with `=`, `+`, `-` or `@` for a formula, which can send data away. Such a text is written with
//! an apostrophe before it, as OWASP recommends (CSV Injection), unless it is a plain number such as -17. Does not live here: the values.

/// What a formula begins with, for one spreadsheet or another; the last four are their full-width forms.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A mark by which some spreadsheets know UTF-8.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Appends a text as a field.
pub fn push_text(out: &mut Vec<u8>, text: &str) {
    if text.starts_with(FORMULA) && !is_number(text) {
        push_quoted(out, &format!("'{text}"));
    } else {
        push_quoted(out, text);
    }
}

/// Appends a row of texts.
pub fn push_row<'a>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'a str>) {
    for (index, text) in texts.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_text(out, text);
    }
    out.extend_from_slice(b"\r\n");
}

fn push_quoted(out: &mut Vec<u8>, text: &str) {
    if !text.contains(['"', ',', '\r', '\n']) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// A sign, digits, and digits behind a point: no spreadsheet computes it.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, decimals].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> String {
        let mut out = Vec::new();
        push_text(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    /// RFC 4180, 2.5 to 2.7.
    #[test]
    fn fields_are_quoted_where_they_must_be() {
        for (text, written) in [
            ("plain", "plain"),
            ("客户", "客户"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("", ""),
        ] {
            assert_eq!(field(text), written);
        }
        let mut row = Vec::new();
        push_row(&mut row, ["a", "b,c"].into_iter());
        assert_eq!(row, b"a,\"b,c\"\r\n");
    }

    #[test]
    fn no_text_is_a_formula_and_numbers_stay_numbers() {
        for text in ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "＝1", "-2+3", "=cmd|' /C calc'!A0", "--1", "+"] {
            assert!(field(text).trim_matches('"').starts_with('\''), "{text}: {}", field(text));
        }
        for text in ["-17", "+49123", "-1.5", "C-1042", "1=1"] {
            assert_eq!(field(text), text);
        }
    }
}
