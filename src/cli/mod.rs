//! What can be typed: sub-commands, flags, their help.
//!
//! Lives here: the shape of the command line and the settings it stands for. Does not live here: default
//! values, reading of files, and anything that a command does.
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

mod completions;
mod help;
mod settings;
mod simulate;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};

pub use completions::{write_completions, write_man_page, write_man_pages};
pub use settings::{RunArgs, SettingsArgs};
pub use simulate::{AmountKind, IdKind, SimulateArgs};

use crate::error::Error;

/// RFM customer analytics: transactions in Parquet to scores, segments and Pareto tables
#[derive(Debug, Clone, Parser)]
#[command(name = "rfmetrics", version, about, after_help = help::TOP, after_long_help = help::TOP_LONG)]
#[command(propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Configuration file [else RFMETRICS_CONFIG, else rfmetrics.toml in the working directory]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Form of the log lines on standard error
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    pub log_format: Option<Format>,
    /// Log nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log more; twice for everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Colours on standard error; progress bars are for terminals only
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub color: Option<Color>,
}

/// Whether log lines are wanted as JSON by a command line that cannot be parsed.
pub fn wants_json_logs(typed: impl IntoIterator<Item = OsString>) -> bool {
    let words: Vec<OsString> = typed.into_iter().collect();
    words.contains(&"--log-format=json".into()) || words.windows(2).any(|pair| pair == ["--log-format", "json"])
}

/// What was typed wrong, as an error of our own: the first line, and the others as its hint.
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

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Compute every table and publish it
    #[command(after_long_help = help::RUN)]
    Run(RunArgs),
    /// Check input and configuration without publishing anything
    #[command(after_long_help = help::CHECK)]
    Check(CheckArgs),
    /// Print the configuration in force and where each value comes from
    #[command(after_long_help = help::CONFIG)]
    Config(ConfigArgs),
    /// Tell how one customer's scores and segment come about
    #[command(after_long_help = help::EXPLAIN)]
    Explain(ExplainArgs),
    /// Write a commented configuration file to start from
    #[command(after_long_help = help::INIT)]
    Init(InitArgs),
    /// Print the JSON Schema of the configuration, or the dictionary of the tables
    #[command(after_long_help = help::SCHEMA)]
    Schema(SchemaArgs),
    /// Write made-up transactions to try things with
    #[command(after_long_help = help::SIMULATE)]
    Simulate(Box<SimulateArgs>),
    /// Check that a published output is complete and unchanged
    #[command(after_long_help = help::VERIFY)]
    Verify(VerifyArgs),
    /// List the shipped segment maps, or print one
    #[command(after_long_help = help::MAPS)]
    Maps(MapsArgs),
    /// Check a segment map for gaps, overlaps, rules that never win, and segments that are empty in published data
    #[command(after_long_help = help::LINT_MAP)]
    LintMap(LintMapArgs),
    /// Print the completions for a shell
    #[command(after_long_help = help::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print the manual page, or write all of them to a directory
    #[command(after_long_help = help::MAN)]
    Man(ManArgs),
}

/// `rfmetrics check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArgs {
    /// Form of the answer on standard output
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// `rfmetrics config`.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// Form of the answer: TOML with comments, or JSON
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// `rfmetrics explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// The customer id, as in the input (after `--` where it begins with a dash)
    #[arg(value_name = "CUSTOMER", allow_negative_numbers = true)]
    pub customer: String,
    /// Form of the answer on standard output
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The settings.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// `rfmetrics init`.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// Parquet files to guess the columns from
    #[arg(long, num_args = 1.., value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub input: Vec<String>,
    /// File to write [else rfmetrics.toml in the working directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output_file: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    pub force: bool,
}

/// `rfmetrics schema`.
#[derive(Debug, Clone, Args)]
pub struct SchemaArgs {
    /// The columns of every table instead of the configuration
    #[arg(long)]
    pub tables: bool,
    /// Form of the dictionary
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<SchemaFormat>,
}

/// How a schema is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaFormat {
    /// JSON for programs
    Json,
    /// Markdown for people
    Markdown,
}

/// `rfmetrics verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// A published directory (`reports/as_of=2026-01-01`), or the one that holds many
    #[arg(value_name = "OUTPUT", value_hint = ValueHint::DirPath)]
    pub output: PathBuf,
}

/// `rfmetrics maps`.
#[derive(Debug, Clone, Args)]
pub struct MapsArgs {
    /// The map to print; without it, all are listed
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Print the map as TOML, to copy and change
    #[arg(long, requires = "name")]
    pub toml: bool,
}

/// `rfmetrics lint-map`.
#[derive(Debug, Clone, Args)]
pub struct LintMapArgs {
    /// The TOML file of a map, or the name of a shipped one
    #[arg(value_name = "FILE|NAME", value_hint = ValueHint::FilePath)]
    pub map: String,
    /// A published directory (`reports/as_of=2026-01-01`): tells how its customers spread over the segments
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data: Option<PathBuf>,
    /// Form of the answer on standard output
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
}

/// `rfmetrics completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `rfmetrics man`.
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// Directory for one page per command; without it, the top page is printed
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: Option<PathBuf>,
}

impl Command {
    /// The flags that are settings, for [`crate::config::Config::load`]; nothing for commands without any.
    #[must_use]
    pub fn layers(&self) -> Vec<crate::config::FlagSetting> {
        match self {
            Self::Run(args) => args.layers(),
            Self::Check(args) => args.settings.layers(),
            Self::Config(args) => args.settings.layers(),
            Self::Explain(args) => args.settings.layers(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
