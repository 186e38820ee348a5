//! Reading the configuration file as text, safely. Does not live here: what the text says (`toml_text`).

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};

/// Far more than a file with every setting and its explanation needs (about 20 kB), so that a data file named by
/// mistake is not read whole.
const MOST_BYTES: u64 = 1 << 20;

/// The text of the file at `path`.
///
/// # Errors
/// A `Config` error where it cannot be read, is larger than 1 MiB, or is not UTF-8 text.
pub(super) fn read(path: &Path) -> Result<String> {
    let shown = path.display();
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(|error| {
        Error::config(format!("`{shown}`: the configuration file cannot be read"))
            .cause(error)
            .hint("relative paths start at the working directory; `rfmetrics init` writes a file to start from")
    })?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(refused(path, "it is larger than 1 MiB, so it is no configuration file"));
    }
    text_of(bytes).map_err(|reason| refused(path, &reason))
}

/// The bytes as text, or why they are not text. The bytes themselves are never shown.
fn text_of(bytes: Vec<u8>) -> std::result::Result<String, String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("its encoding is UTF-16, expected UTF-8: save it as UTF-8".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = String::from_utf8_lossy(valid).matches('\n').count() + 1;
        format!("its encoding is not UTF-8: a wrong byte on line {line}")
    })?;
    if text.contains('\0') {
        return Err("it holds zero bytes, so it is binary or its encoding is not UTF-8".to_owned());
    }
    let without_mark = text.strip_prefix('\u{feff}').map(str::to_owned);
    Ok(without_mark.unwrap_or(text))
}

/// The error for a file that is not a configuration file.
fn refused(path: &Path, reason: &str) -> Error {
    Error::config(format!("`{}`: not a configuration file", path.display()))
        .cause(reason)
        .hint("`rfmetrics init` writes a file to start from")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_of_utf_8_is_no_part_of_the_text() {
        assert_eq!(text_of(b"\xef\xbb\xbfa = 1".to_vec()), Ok("a = 1".to_owned()));
    }

    #[test]
    fn other_encodings_are_named() {
        assert!(text_of(b"\xff\xfea\0".to_vec()).unwrap_err().contains("UTF-16"));
        assert!(text_of(b"a\0b\0".to_vec()).unwrap_err().contains("binary"));
        assert!(text_of(b"a = 1\nb = \"caf\xe9\"".to_vec()).unwrap_err().contains("line 2"));
    }

    #[test]
    fn a_missing_file_and_an_endless_one_are_errors_that_name_it() {
        let directory = tempfile::tempdir().unwrap();
        let missing = read(&directory.path().join("no.toml")).unwrap_err().to_string();
        assert!(missing.contains("no.toml"), "{missing}");
        let large = directory.path().join("large.toml");
        std::fs::write(&large, vec![b'#'; 1 + (1 << 20)]).unwrap();
        assert!(read(&large).unwrap_err().to_string().contains("1 MiB"));
        assert!(read(directory.path()).is_err(), "a directory is no file");
    }
}
