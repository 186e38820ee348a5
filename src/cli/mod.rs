//! What several commands take on the command line: global flags, settings, values of flags, help texts.
//!
//! Does not live here: the commands, each with its own flags (`commands`), and default values (`config`).
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

pub(crate) mod help;
pub(crate) mod settings;
pub(crate) mod values;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum, ValueHint};

pub use settings::SettingsArgs;

use crate::error::Error;

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Configuration file [else RFMETRICS_CONFIG, else rfmetrics.toml in the working directory]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Form of the log lines on standard error [default: text]
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub log_format: Option<Format>,
    /// Print no summary and no progress, but warnings and errors; twice for errors alone
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "verbose")]
    pub quiet: u8,
    /// Log more; twice for everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Colours on standard error; progress bars are for terminals only [default: auto]
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub color: Option<Color>,
}

/// Whether a command line that cannot be parsed asks for log lines as JSON.
pub fn wants_json_logs(typed: impl IntoIterator<Item = OsString>) -> bool {
    let words: Vec<OsString> = typed.into_iter().collect();
    words.contains(&"--log-format=json".into()) || words.windows(2).any(|pair| pair == ["--log-format", "json"])
}

/// A wrong command line as an error of our own: the first line is the headline, the others are its hint.
#[must_use]
pub fn usage_error(typed: &clap::Error) -> Error {
    let text = typed.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let headline = lines.next().unwrap_or_default();
    let error = Error::config(headline.strip_prefix("error: ").unwrap_or(headline));
    error.hint(lines.collect::<Vec<_>>().join("; "))
}

/// Text for people or JSON for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Lines for people
    Text,
    /// JSON for programs
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal only
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
