//! What can go wrong, told by who must act, and the exit code of each.
//!
//! Lives here: the one error type of the crate, its exit codes and how it is printed.
//! Does not live here: the wording of any single failure; that stands where it is found.

use std::fmt;

/// Who must act on an error. Each kind has an exit code that schedulers can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A setting, flag or environment variable is wrong: whoever configured the run.
    Config,
    /// The input is missing, unreadable or has the wrong columns: whoever delivers it.
    Source,
    /// Too much of the data is bad, or nothing is left: whoever owns the data.
    Quality,
    /// The computation cannot give a right answer (an overflow, not enough memory).
    Compute,
    /// The output cannot be written: disk, rights, file system.
    Write,
    /// Another run holds this output: try again later.
    Busy,
    /// A promise of this program was broken: its authors.
    Bug,
}

impl Kind {
    /// The exit code of the process. 99 is never used, since Airflow takes it for "skipped".
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Config => 2,
            Self::Source => 3,
            Self::Quality => 4,
            Self::Compute => 5,
            Self::Write => 6,
            Self::Busy => 7,
            Self::Bug => 70,
        }
    }

    /// The lower-case name used in JSON logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Source => "source",
            Self::Quality => "quality",
            Self::Compute => "compute",
            Self::Write => "write",
            Self::Busy => "busy",
            Self::Bug => "bug",
        }
    }
}

/// Result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// One failure: a headline, every cause that was found, and what to do about it.
///
/// Texts are shortened and freed of control characters when the error is printed, so that hostile
/// data cannot take over a terminal or flood a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Report>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Report {
    kind: Kind,
    headline: String,
    causes: Vec<String>,
    hint: Option<String>,
}

/// Causes beyond this number are counted, not printed.
const CAUSES_SHOWN: usize = 20;
/// Longer texts are cut in the middle. A path of the usual maximum of file systems' names fits.
const TEXT_SHOWN: usize = 400;

impl Error {
    /// An error of `kind` with its one-line headline (lower case, path first, literals in backticks).
    #[must_use]
    pub fn new(kind: Kind, headline: impl Into<String>) -> Self {
        Self(Box::new(Report { kind, headline: headline.into(), causes: Vec::new(), hint: None }))
    }

    /// A wrong setting.
    #[must_use]
    pub fn config(headline: impl Into<String>) -> Self {
        Self::new(Kind::Config, headline)
    }

    /// A missing, unreadable or unfit input.
    #[must_use]
    pub fn source(headline: impl Into<String>) -> Self {
        Self::new(Kind::Source, headline)
    }

    /// Data too bad to publish.
    #[must_use]
    pub fn quality(headline: impl Into<String>) -> Self {
        Self::new(Kind::Quality, headline)
    }

    /// A computation that cannot give a right answer.
    #[must_use]
    pub fn compute(headline: impl Into<String>) -> Self {
        Self::new(Kind::Compute, headline)
    }

    /// An output that cannot be written.
    #[must_use]
    pub fn write(headline: impl Into<String>) -> Self {
        Self::new(Kind::Write, headline)
    }

    /// A broken promise of this program.
    #[must_use]
    pub fn bug(headline: impl Into<String>) -> Self {
        Self::new(Kind::Bug, headline)
            .hint("this is a fault of rfmetrics, not of your data: please report it with this message")
    }

    /// Adds one cause: what was found where, and what was expected.
    #[must_use]
    pub fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.0.causes.push(cause.to_string());
        self
    }

    /// Adds every cause of `causes`, in order.
    #[must_use]
    pub fn causes<C: fmt::Display>(mut self, causes: impl IntoIterator<Item = C>) -> Self {
        self.0.causes.extend(causes.into_iter().map(|cause| cause.to_string()));
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Who must act.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The headline, as printable text.
    #[must_use]
    pub fn headline(&self) -> String {
        printable(&self.0.headline)
    }

    /// The causes, as printable text, at most twenty and then a line that counts the rest.
    #[must_use]
    pub fn shown_causes(&self) -> Vec<String> {
        let causes = &self.0.causes;
        let mut shown: Vec<String> = causes.iter().take(CAUSES_SHOWN).map(|cause| printable(cause)).collect();
        if causes.len() > CAUSES_SHOWN {
            shown.push(format!("and {} more", causes.len() - CAUSES_SHOWN));
        }
        shown
    }

    /// The hint, as printable text.
    #[must_use]
    pub fn shown_hint(&self) -> Option<String> {
        self.0.hint.as_deref().map(printable)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A line break in a text, as in the name of a column, must not begin a line of its own.
        let indented = |text: String| text.replace('\n', "\n  ");
        write!(f, "{}", indented(self.headline()))?;
        for cause in self.shown_causes() {
            write!(f, "\ncause: {}", indented(cause))?;
        }
        if let Some(hint) = self.shown_hint() {
            write!(f, "\n\nhint: {}", indented(hint))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// `text` without control, invisible and direction-changing characters, and of bounded length.
#[must_use]
pub fn printable(text: &str) -> String {
    let clean: String = text.chars().map(|c| if is_unsafe_to_print(c) { '\u{fffd}' } else { c }).collect();
    let length = clean.chars().count();
    if length <= TEXT_SHOWN {
        return clean;
    }
    let half = TEXT_SHOWN / 2;
    let head: String = clean.chars().take(half).collect();
    let tail: String = clean.chars().skip(length - half).collect();
    format!("{head} [.. {} characters ..] {tail}", length - 2 * half)
}

/// As [`printable`], on one line.
#[must_use]
pub fn printable_line(text: &str) -> String {
    printable(text).replace('\n', "\u{fffd}")
}

/// Control characters (line breaks excepted: foreign parsers draw carets with them), and the
/// characters that hide text or turn its direction.
fn is_unsafe_to_print(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_prints_headline_causes_and_hint() {
        let error = Error::source("`a.parquet` cannot be used").cause("column `amount` is missing").hint("map it");
        assert_eq!(error.to_string(), "`a.parquet` cannot be used\ncause: column `amount` is missing\n\nhint: map it");
        assert_eq!(error.kind().exit_code(), 3);
    }

    #[test]
    fn control_characters_and_endless_texts_do_not_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}"), "a\u{fffd}[31mb\u{fffd}");
        assert!(printable(&"x".repeat(1_000_000)).chars().count() < 450);
    }

    #[test]
    fn twenty_thousand_causes_are_one_short_message() {
        let error = Error::config("unknown keys").causes((0..20_000).map(|i| format!("key {i}")));
        let text = error.to_string();
        assert!(text.len() < 1_000, "{} bytes", text.len());
        assert!(text.ends_with("and 19980 more"));
    }
}
