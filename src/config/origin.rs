//! Where a value came from. Does not live here: how values are merged (`layers`).

use std::fmt;
use std::path::PathBuf;

use crate::error::printable;

/// The layer that gave a setting its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The program's own default.
    Default,
    /// The configuration file, and the line in it, counted from 1.
    File {
        /// The path as it was given.
        path: PathBuf,
        /// The line of the key.
        line: usize,
    },
    /// An environment variable, by its name.
    Environment(String),
    /// A flag, as the user knows it (`--as-of`).
    Flag(String),
    /// The segment map, by its name: the bins and methods that it is made for.
    Map(String),
    /// Other settings, from which it follows: the attributes that group customers.
    Settings(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => write!(f, "default"),
            Self::File { path, line } => write!(f, "{}:{line}", on_one_line(&path.display().to_string())),
            Self::Environment(name) => write!(f, "env {}", on_one_line(name)),
            Self::Flag(flag) => write!(f, "flag {}", on_one_line(flag)),
            Self::Map(name) => write!(f, "map {}", on_one_line(name)),
            Self::Settings(names) => write!(f, "follows from {names}"),
        }
    }
}

/// `text` fit for a comment at the end of a line: no line break ends the comment early.
fn on_one_line(text: &str) -> String {
    printable(text).replace('\n', " ")
}
