//! `rfmetrics schema`: the JSON Schema of the settings, and the dictionary of the tables.
#![allow(clippy::doc_markdown, reason = "the doc comments of flags are their help texts, read on a terminal")]

use clap::{Args, ValueEnum};

use super::Answer;
use crate::config::json_schema;
use crate::reports::dictionary;

const EXAMPLES: &str = "\
EXAMPLES
  rfmetrics schema
  rfmetrics schema --tables --format markdown";

/// Print the JSON Schema of the configuration, or the dictionary of the tables
#[derive(Debug, Clone, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct SchemaArgs {
    /// The columns of every table instead of the configuration
    #[arg(long)]
    pub tables: bool,
    /// Form of the dictionary [default: markdown]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<SchemaFormat>,
}

/// How a schema is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaFormat {
    /// JSON for programs
    Json,
    /// Markdown for people
    Markdown,
}

impl SchemaArgs {
    pub(crate) fn answer(&self) -> Answer {
        match (self.tables, self.format) {
            (true, Some(SchemaFormat::Json)) => Answer::json(&dictionary::json()),
            (true, _) => Answer::text(dictionary::markdown()),
            (false, _) => Answer::json(&json_schema()),
        }
    }
}
