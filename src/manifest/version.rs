//! The version of the format of `manifest.json`.
//!
//! A key may be added at any time; the version grows where a key is taken away or changes its meaning.

use std::fmt;

use serde_json::Value;

/// The format that is written, and the newest one that is read. Manifests from before there was a version have none, and
/// count as version 0: they lack `format_version` and `warning_details`, and are the same otherwise.
pub const FORMAT_VERSION: u32 = 1;

/// Why a manifest is not read. `Display` gives one line without a final stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is not what it should be, and why.
    Damaged(String),
    /// A later version of this program wrote it.
    Newer(u64),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(cause) => f.write_str(cause),
            Self::Newer(found) => {
                write!(f, "its format version is {found}, and this rfmetrics reads versions up to {FORMAT_VERSION}")
            }
        }
    }
}

/// Refuses a version that this program does not know; `found` is the value of `format_version`.
pub(super) fn check(found: Option<&Value>) -> Result<(), Unreadable> {
    let Some(found) = found else { return Ok(()) };
    match found.as_u64() {
        None => Err(Unreadable::Damaged(format!("`format_version` is {found}, expected a whole number"))),
        Some(version) if version > u64::from(FORMAT_VERSION) => Err(Unreadable::Newer(version)),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn known_versions_and_none_are_read_and_others_are_refused() {
        assert_eq!(check(None), Ok(()));
        assert_eq!((check(Some(&json!(0))), check(Some(&json!(FORMAT_VERSION)))), (Ok(()), Ok(())));
        assert_eq!(check(Some(&json!(2))), Err(Unreadable::Newer(2)));
        let text = check(Some(&json!("1.0"))).unwrap_err().to_string();
        assert_eq!(text, "`format_version` is \"1.0\", expected a whole number");
    }
}
