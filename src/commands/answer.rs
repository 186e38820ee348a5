//! What a command answers on standard output, for people or for programs.

use std::io::{ErrorKind, Write};

use serde_json::Value;

use crate::cli::Format;
use crate::error::{Error, Result};

/// The text to print, and the error with which the command fails once it is printed.
#[derive(Debug)]
pub(crate) struct Answer {
    text: String,
    problem: Option<Error>,
}

impl Answer {
    /// A text, whatever the format.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), problem: None }
    }

    /// JSON, indented.
    pub(crate) fn json(value: &Value) -> Self {
        Self::text(format!("{value:#}\n"))
    }

    /// One of the two.
    pub(crate) fn of(format: Option<Format>, text: impl FnOnce() -> String, json: impl FnOnce() -> Value) -> Self {
        if format == Some(Format::Json) { Self::json(&json()) } else { Self::text(text()) }
    }

    /// The command fails with `problem` once the answer is printed.
    #[must_use]
    pub(crate) fn failing_with(self, problem: Option<Error>) -> Self {
        Self { problem, ..self }
    }

    /// Prints the text. A reader that has gone away (`| head`) is not a failure.
    ///
    /// # Errors
    /// The problem of the answer; a write error where `out` refuses the text.
    pub(crate) fn print(self, out: &mut dyn Write) -> Result<()> {
        match out.write_all(self.text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                return Err(Error::write("standard output cannot be written").cause(error));
            }
            _ => {}
        }
        self.problem.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_gone_away_is_no_failure_but_a_full_disk_is() {
        let print = |kind| Answer::text("x").print(&mut Failing(kind));
        assert!(print(ErrorKind::BrokenPipe).is_ok());
        assert!(print(ErrorKind::StorageFull).unwrap_err().headline().contains("standard output"));
        let problem = Some(Error::config("wrong"));
        assert_eq!(Answer::text("x").failing_with(problem).print(&mut Vec::new()).unwrap_err().headline(), "wrong");
    }
}
