//! What can go wrong, classified by who must act, and the exit code of each.
//!
//! Lives here: the one error type of the crate, its exit codes and how it is printed. Does not live here: the wording
//! of any single failure; that is where the failure is found.

use std::fmt;

use serde_json::{Value, json};

/// Who must act on an error. Each kind has an exit code that schedulers can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A setting, flag or environment variable is wrong: for the person who configured the run.
    Config,
    /// The input is missing, unreadable or has the wrong columns: for the supplier of the input.
    Source,
    /// Too much of the data is bad, or nothing is left: for the owner of the data.
    Quality,
    /// The computation cannot give a right answer (an overflow, not enough memory).
    Compute,
    /// The output cannot be written: disk, rights, file system.
    Write,
    /// Another run holds this output: try again later.
    Busy,
    /// A promise of this program was broken: for its authors.
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
/// Texts are shortened and stripped of control characters when the error is printed, so that hostile data cannot take
/// over a terminal or flood a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Report>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Report {
    kind: Kind,
    headline: String,
    causes: Vec<Cause>,
    hint: Option<String>,
    /// The errors it consists of, where it reports several at once.
    problems: Vec<Error>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cause {
    text: String,
    /// Where it was found; empty where the text says that.
    places: Vec<String>,
}

/// Causes, and places of a cause, beyond this number are counted, not printed.
pub const SHOWN: usize = 20;
/// Longer texts are cut in the middle. A path of the usual maximum of file systems' names fits.
const TEXT_SHOWN: usize = 400;

impl Error {
    /// An error of `kind` with its one-line headline (lower case, path first, literals in backticks).
    #[must_use]
    pub fn new(kind: Kind, headline: impl Into<String>) -> Self {
        let headline = headline.into();
        Self(Box::new(Report { kind, headline, causes: Vec::new(), hint: None, problems: Vec::new() }))
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
    pub fn cause(self, cause: impl fmt::Display) -> Self {
        self.cause_at(cause, Vec::new())
    }

    /// Adds every cause of `causes`, in order.
    #[must_use]
    pub fn causes<C: fmt::Display>(self, causes: impl IntoIterator<Item = C>) -> Self {
        causes.into_iter().fold(self, Self::cause)
    }

    /// Adds a cause that was found at many places, each of which is a line below it.
    #[must_use]
    pub fn cause_at(mut self, cause: impl fmt::Display, places: Vec<String>) -> Self {
        self.0.causes.push(Cause { text: cause.to_string(), places });
        self
    }

    /// Says which of several inputs it is about.
    #[must_use]
    pub fn of_input(mut self, name: &str) -> Self {
        self.0.headline = format!("input `{name}`: {}", self.0.headline);
        self.0.problems = std::mem::take(&mut self.0.problems).into_iter().map(|own| own.of_input(name)).collect();
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

    /// The causes, as printable text without their places, at most twenty and then a line that counts the rest.
    #[must_use]
    pub fn shown_causes(&self) -> Vec<String> {
        first_few(&self.0.causes, SHOWN, |cause| printable(&cause.text))
    }

    /// The hint, as printable text.
    #[must_use]
    pub fn shown_hint(&self) -> Option<String> {
        self.0.hint.as_deref().map(printable)
    }

    /// For programs: as it is shown, with at most `most` causes, and places of each.
    #[must_use]
    pub fn to_json(&self, most: usize) -> Value {
        let Report { causes, problems, .. } = self.0.as_ref();
        let places = causes.iter().filter(|cause| !cause.places.is_empty()).map(|Cause { text, places }| {
            json!({"cause": printable(text), "places": first_few(places, most, |place| printable(place))})
        });
        let further: [(&str, Vec<Value>); 2] = [
            ("places", places.take(most).collect()),
            ("problems", problems.iter().map(|problem| problem.to_json(most)).collect()),
        ];
        let mut json_form = json!({"kind": self.kind().name(), "exit_code": self.kind().exit_code(),
            "error": self.headline(), "causes": first_few(causes, most, |cause| printable(&cause.text)),
            "hint": self.shown_hint()});
        for (key, list) in further.into_iter().filter(|(_, list)| !list.is_empty()) {
            json_form[key] = list.into();
        }
        json_form
    }

    /// Headline, causes and hint; `gap` is printed before the hint.
    fn write_to(&self, f: &mut fmt::Formatter<'_>, gap: &str) -> fmt::Result {
        // A line break in a text, as in the name of a column, must not start a line at the margin.
        let indented = |text: String| text.replace('\n', "\n  ");
        write!(f, "{}", indented(self.headline()))?;
        let causes = first_few(&self.0.causes, SHOWN, |cause| {
            let places = first_few(&cause.places, SHOWN, |place| printable(place)).into_iter();
            std::iter::once(printable(&cause.text)).chain(places).collect::<Vec<String>>().join("\n")
        });
        for cause in causes {
            write!(f, "\ncause: {}", indented(cause))?;
        }
        if let Some(hint) = self.shown_hint() {
            write!(f, "{gap}hint: {}", indented(hint))?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f, "\n\n")?;
        (1..).zip(&self.0.problems).try_for_each(|(number, problem)| {
            write!(f, "\n\n{number}. ")?;
            problem.write_to(f, "\n")
        })
    }
}

impl std::error::Error for Error {}

/// The first of `items` as text, at most `most`, and how many more there are.
fn first_few<T>(items: &[T], most: usize, text: impl Fn(&T) -> String) -> Vec<String> {
    let more = items.len().checked_sub(most).filter(|more| *more > 0);
    items.iter().take(most).map(text).chain(more.map(|more| format!("and {more} more"))).collect()
}

/// Gathered problems, so that all of them are reported at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<Error>);

impl Problems {
    /// The result of `work`, if it notes no problem.
    ///
    /// # Errors
    /// All the problems that it notes.
    pub fn refuse_any<T>(work: impl FnOnce(&mut Self) -> T) -> Result<T> {
        let mut problems = Self::default();
        let done = work(&mut problems);
        problems.into_error(|count| format!("{count} problems")).map_or(Ok(done), Err)
    }

    /// The value, if there is one; a failure is noted, and gives nothing.
    pub fn note<T>(&mut self, outcome: Result<T>) -> Option<T> {
        outcome.map_err(|error| self.extend([error])).ok()
    }

    /// Notes what was found elsewhere; an error that holds several is noted as several.
    pub fn extend(&mut self, found: impl IntoIterator<Item = Error>) {
        for mut error in found {
            match std::mem::take(&mut error.0.problems) {
                several if several.is_empty() => self.0.push(error),
                several => self.0.extend(several),
            }
        }
    }

    /// Those noted so far, in their order.
    #[must_use]
    pub fn list(&self) -> &[Error] {
        &self.0
    }

    /// All of them as one error of the kind of the first, under a headline that `what` makes of their number; a single
    /// one is returned as it is. None if there are none.
    #[must_use]
    pub fn into_error(mut self, what: impl FnOnce(usize) -> String) -> Option<Error> {
        if self.0.len() < 2 {
            return self.0.pop();
        }
        let mut error = Error::new(self.0.first()?.kind(), what(self.0.len()));
        error.0.problems = self.0;
        Some(error)
    }
}

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
    fn places_are_lines_below_their_cause_and_programs_get_as_many_as_they_ask_for() {
        let places: Vec<String> = (0..22).map(|i| format!("{i}.parquet")).collect();
        let error = Error::source("a").cause_at("b in 22 files", places).cause("c").hint("d");
        let text = error.to_string();
        assert!(text.starts_with("a\ncause: b in 22 files\n  0.parquet\n  1.parquet\n"), "{text}");
        assert!(text.ends_with("\n  19.parquet\n  and 2 more\ncause: c\n\nhint: d"), "{text}");
        assert_eq!(error.shown_causes(), ["b in 22 files", "c"]);
        let places = |most| error.to_json(most)["places"][0]["places"].as_array().unwrap().len();
        assert_eq!((places(usize::MAX), places(20), error.to_json(20).get("problems")), (22, 21, None));
    }

    #[test]
    fn several_problems_are_one_error_of_the_first_kind() {
        let all = |problems: Vec<Error>| Problems(problems).into_error(|count| format!("{count} problems"));
        assert_eq!(all(Vec::new()), None);
        let (first, second) = (Error::source("a is missing").hint("bring it"), Error::config("b is wrong").cause("b"));
        assert_eq!(all(vec![first.clone()]), Some(first.clone()));
        let both = all(vec![first, second]).unwrap();
        assert_eq!(both.kind(), Kind::Source);
        assert_eq!(both.to_string(), "2 problems\n\n1. a is missing\nhint: bring it\n\n2. b is wrong\ncause: b");
        assert_eq!(both.to_json(SHOWN)["problems"][1]["exit_code"], 2);
        let mut more = Problems::default();
        more.note::<()>(Err(both));
        more.extend([Error::bug("c")]);
        let kinds: Vec<Kind> = more.list().iter().map(Error::kind).collect();
        assert_eq!(kinds, [Kind::Source, Kind::Config, Kind::Bug], "each on its own");
    }

    #[test]
    fn twenty_thousand_causes_are_one_short_message() {
        let error = Error::config("unknown keys").causes((0..20_000).map(|i| format!("key {i}")));
        let text = error.to_string();
        assert!(text.len() < 1_000, "{} bytes", text.len());
        assert!(text.ends_with("and 19980 more"));
    }
}
