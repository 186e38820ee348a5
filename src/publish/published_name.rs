//! What a published directory is called: by the date of its run, or by the name of its campaign.
//!
//! ```text
//! <output>/as_of=2026-01-01/         a run
//! <output>/campaigns/<name>/         a campaign: `campaigns` is an output of its own, with a lock of its own
//! ```
//!
//! Does not live here: which names a campaign may have (`campaigns::name`).

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::layout;
use super::options::Layout;

/// How a campaign is marked among hidden names: no date begins so.
const MARK: &str = "campaign=";

/// Whose directory it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublishedName {
    /// That of the run of a date.
    Run(NaiveDate),
    /// That of a campaign.
    Campaign(String),
}

impl PublishedName {
    /// Where it is published, or will be.
    pub(crate) fn path(&self, output: &Path, layout: Layout) -> PathBuf {
        match self {
            Self::Run(as_of) => layout::published(output, layout, *as_of),
            Self::Campaign(name) => output.join(name),
        }
    }

    /// The date of a run.
    pub(crate) fn date(&self) -> Option<NaiveDate> {
        match self {
            Self::Run(as_of) => Some(*as_of),
            Self::Campaign(_) => None,
        }
    }

    /// As hidden names have it.
    pub(crate) fn token(&self) -> String {
        match self {
            Self::Run(as_of) => as_of.to_string(),
            Self::Campaign(name) => format!("{MARK}{name}"),
        }
    }

    /// Whose hidden name it is.
    pub(crate) fn of_token(token: &str) -> Option<Self> {
        match token.strip_prefix(MARK) {
            Some(name) => Some(Self::Campaign(name.to_owned())).filter(|_| !name.is_empty()),
            None => token.parse().ok().map(Self::Run),
        }
    }
}

impl From<NaiveDate> for PublishedName {
    fn from(as_of: NaiveDate) -> Self {
        Self::Run(as_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_nothing_else_is_one() {
        let date = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        for name in [PublishedName::Run(date), PublishedName::Campaign("spring-2026".into())] {
            assert_eq!(PublishedName::of_token(&name.token()), Some(name));
        }
        for token in ["2026-13-01", "spring", "campaign=", ""] {
            assert_eq!(PublishedName::of_token(token), None, "{token}");
        }
    }
}
