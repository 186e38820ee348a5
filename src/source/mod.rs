//! The input: which files it is made of, what their footers say, and whether they fit the run.
//!
//! Lives here: finding files, reading and checking footers, the contract between the files and the columns that the run
//! needs, and the only use of the crate `parquet` for reading. Does not live here: what the values mean, and which rows
//! are kept (see `clean`).
//!
//! In the order in which a run uses them: [`listing::find`], [`footers::read_footers`],
//! [`contract::needed`] and [`contract::agree`], `contract::date_range`; with `--verify`
//! [`footers::pages::verify_pages`]; and where the engine fails, [`footers::pages::decode_columns`] to name the culprit.
#![allow(clippy::disallowed_methods, reason = "the scan lives here, and asks about directories and repeats")]

mod complaints;
pub mod contract;
#[cfg(test)]
mod fixtures;
pub mod footers;
pub mod kinds;
pub mod listing;
pub mod lookup;
pub mod options;
pub mod rates;
pub mod scan;

use std::path::Path;

use crate::error::Error;

/// The path in backticks, as messages show it.
pub(crate) fn quoted(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// A URL without what may be a key: the user before the host, and what follows the path.
pub(crate) fn without_secrets(url: &str) -> String {
    let public = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = public.split_once("://").unwrap_or(("", public));
    let (_, place) = rest.rsplit_once('@').unwrap_or(("", rest));
    format!("{scheme}://{place}")
}

/// One error for all `problems`; a single problem becomes the headline itself.
pub(crate) fn source_error(headline: &str, mut problems: Vec<String>) -> Error {
    if problems.len() == 1 {
        return Error::source(problems.remove(0));
    }
    Error::source(headline).causes(problems)
}

/// The text of a foreign error, without the name of its kind in front.
pub(crate) fn foreign(error: impl std::fmt::Display) -> String {
    let text = error.to_string();
    ["Parquet error: ", "External: ", "EOF: "].iter().find_map(|kind| text.strip_prefix(kind)).unwrap_or(&text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_in_a_url_are_not_shown() {
        for (url, shown) in [
            ("s3://bucket/x.parquet", "s3://bucket/x.parquet"),
            ("s3://id:k/e@y@bucket/x.parquet", "s3://bucket/x.parquet"),
            ("https://host:9/x.parquet?sig=key#key", "https://host:9/x.parquet"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }

    #[test]
    fn a_single_problem_is_the_headline() {
        assert_eq!(source_error("many", vec!["one".into()]).to_string(), "one");
        assert_eq!(source_error("many", vec!["a".into(), "b".into()]).to_string(), "many\ncause: a\ncause: b");
    }
}
